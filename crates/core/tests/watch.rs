//! The authority watch: what is read, what latches, and what an unpause accepts.

use bulkhead_core::{
    acts::At,
    detectors::watch::{Observation, changes, check, observe, read},
};
use bulkhead_interface::{
    Pubkey,
    constants::{reading, watch_flag, watch_kind},
    ids::{TOKEN, TOKEN_2022, UPGRADEABLE_LOADER},
    layout::AuthorityWatch,
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const NOW: i64 = 1_775_000_000;
const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn watch(kind: u8, program: Pubkey) -> AuthorityWatch {
    let mut watch = AuthorityWatch {
        kind,
        ..Zeroable::zeroed()
    };
    watch.latch.seconds = 600;
    watch.expected.program = program;
    watch
}

fn program_data(slot: u64, authority: Option<&Pubkey>) -> Vec<u8> {
    let mut data = vec![3, 0, 0, 0];
    data.extend(slot.to_le_bytes());
    data.push(u8::from(authority.is_some()));
    data.extend(authority.unwrap_or(&key(0xEE)).as_array());
    data
}

fn token_account(holder: &Pubkey, delegate: Option<&Pubkey>, closer: Option<&Pubkey>) -> Vec<u8> {
    let mut data = vec![0; 165];
    data[32..64].copy_from_slice(holder.as_array());
    data[108] = 1;
    for (at, key) in [(72, delegate), (129, closer)] {
        if let Some(key) = key {
            data[at] = 1;
            data[at + 4..at + 36].copy_from_slice(key.as_array());
        } else {
            // What was there before may stay there.
            data[at + 4..at + 36].fill(0xDD);
        }
    }
    data
}

#[test]
fn a_programs_upgrade_authority_is_read() {
    let mut program = watch(watch_kind::PROGRAM, UPGRADEABLE_LOADER);
    let found = read(&program, &UPGRADEABLE_LOADER, &program_data(7, Some(&key(1))));
    assert_eq!(
        (found.reading, found.slot, found.keys),
        (reading::READ, 0, [key(1), NOBODY, NOBODY])
    );
    program.flags = watch_flag::UPGRADES;
    let found = read(&program, &UPGRADEABLE_LOADER, &program_data(7, Some(&key(1))));
    assert_eq!(found.slot, 7);
    let found = read(&program, &UPGRADEABLE_LOADER, &program_data(7, None));
    assert_eq!((found.reading, found.keys), (reading::READ, [NOBODY; 3]), "given up");
    // A program account or a buffer of the loader is no program data.
    for tag in [0, 1, 2, 4] {
        let mut data = program_data(7, Some(&key(1)));
        data[0] = tag;
        assert_eq!(read(&program, &UPGRADEABLE_LOADER, &data).reading, reading::LOST);
    }
    assert_eq!(read(&program, &NOBODY, &[]).reading, reading::LOST, "closed");
}

#[test]
fn a_token_accounts_three_authorities_are_read() {
    for program in [TOKEN, TOKEN_2022] {
        let token = watch(watch_kind::TOKEN_ACCOUNT, program);
        let data = token_account(&key(1), Some(&key(2)), Some(&key(3)));
        assert_eq!(read(&token, &program, &data).keys, [key(1), key(2), key(3)]);
        let data = token_account(&key(1), None, None);
        assert_eq!(read(&token, &program, &data).keys, [key(1), NOBODY, NOBODY]);
        let mut unused = data.clone();
        unused[108] = 0;
        assert_eq!(read(&token, &program, &unused).reading, reading::LOST);
        assert_eq!(read(&token, &key(4), &data).reading, reading::LOST);
    }
}

#[test]
fn a_hosts_field_is_read() {
    let mut host = watch(watch_kind::HOST_FIELD, key(9));
    host.offset = 3;
    let mut data = vec![0; 35];
    data[3..].fill(5);
    assert_eq!(read(&host, &key(9), &data).keys, [key(5), NOBODY, NOBODY]);
    assert_eq!(read(&host, &key(9), &data[..34]).reading, reading::LOST, "cut short");
}

/// A watch over a host's field that holds `key(1)`.
fn registered() -> AuthorityWatch {
    let mut host = watch(watch_kind::HOST_FIELD, key(9));
    host.expected = read(&host, &key(9), &[1; 32]);
    host
}

fn look(watch: &mut AuthorityWatch, owner: &Pubkey, data: &[u8], now: i64, unpaused_slot: u64) -> Observation {
    let found = read(watch, owner, data);
    let slot = u64::try_from(now - NOW).unwrap();
    observe(watch, &found, unpaused_slot, At { slot, now })
}

#[test]
fn any_difference_latches_at_once() {
    for (owner, data, bits) in [
        (key(9), &[2; 32][..], 1),
        (key(9), &[0; 32], 1),
        (key(8), &[1; 32], 17),
        (key(9), &[1; 31], 17),
        (NOBODY, &[], 17),
    ] {
        let mut host = registered();
        assert_eq!(look(&mut host, &key(9), &[1; 32], NOW, 0), Observation::Sound);
        assert_eq!(look(&mut host, &owner, data, NOW + 1, 0), Observation::Latched);
        assert_eq!((host.latch.seen, host.latch.slot), (bits, 1));
        assert_eq!(
            look(&mut host, &owner, data, NOW + 2, 0),
            Observation::Changed,
            "not renewed"
        );
        assert_eq!(host.latch.ts, NOW + 1);
        // Given back or not: the latch stays in force until it runs out.
        assert_eq!(look(&mut host, &key(9), &[1; 32], NOW + 3, 0), Observation::Sound);
        assert_eq!(host.latch.until, NOW + 601);
    }
}

#[test]
fn an_unpause_accepts_the_very_same_values_and_no_others() {
    let mut host = registered();
    assert_eq!(look(&mut host, &key(9), &[2; 32], NOW + 1, 0), Observation::Latched);
    let unpaused = 50;
    assert_eq!(
        look(&mut host, &key(9), &[2; 32], NOW + 60, unpaused),
        Observation::Sound,
        "accepted"
    );
    assert_eq!(
        look(&mut host, &key(9), &[3; 32], NOW + 61, unpaused),
        Observation::Latched,
        "another"
    );
    // What was accepted once is not accepted after a second unpause, which accepts the third.
    let unpaused = 100;
    assert_eq!(
        look(&mut host, &key(9), &[3; 32], NOW + 110, unpaused),
        Observation::Sound
    );
    assert_eq!(
        look(&mut host, &key(9), &[2; 32], NOW + 111, unpaused),
        Observation::Latched
    );
}

/// Attack: wait until an accepted authority was given back, and take it again.
#[test]
fn what_was_accepted_is_over_once_it_is_as_registered() {
    let mut host = registered();
    assert_eq!(look(&mut host, &key(9), &[2; 32], NOW + 1, 0), Observation::Latched);
    assert_eq!(look(&mut host, &key(9), &[1; 32], NOW + 60, 50), Observation::Sound);
    assert_eq!(look(&mut host, &key(9), &[2; 32], NOW + 61, 50), Observation::Latched);
}

/// Attack: wait out the latch.
#[test]
fn what_nobody_accepted_latches_again() {
    let mut host = registered();
    assert_eq!(look(&mut host, &key(9), &[2; 32], NOW + 1, 0), Observation::Latched);
    assert_eq!(look(&mut host, &key(9), &[2; 32], NOW + 600, 0), Observation::Changed);
    assert_eq!(look(&mut host, &key(9), &[2; 32], NOW + 601, 0), Observation::Latched);
}

#[test]
fn changes_are_told_apart() {
    let expected = registered().expected;
    let mut found = expected;
    assert_eq!(changes(&expected, &found), 0);
    (found.keys[1], found.keys[2], found.slot) = (key(7), key(7), 1);
    assert_eq!(changes(&expected, &found), 2 | 4 | 8);
    (found.reading, found.keys[0]) = (reading::LOST, NOBODY);
    assert_eq!(changes(&expected, &found), 31);
}

proptest! {
    /// Whatever stands there: no panic, and equal to what was registered exactly when nothing of it changed.
    #[test]
    fn any_bytes_are_read(
        data in proptest::collection::vec(any::<u8>(), 0..400), kind in 0_u8..4, offset in 0_u32..500, flags in 0_u8..2,
    ) {
        let program = [UPGRADEABLE_LOADER, TOKEN, key(9), key(9)][usize::from(kind)];
        let mut watch = watch(kind, program);
        (watch.offset, watch.flags) = (offset, flags);
        let found = read(&watch, &program, &data);
        prop_assert_eq!(found, read(&watch, &program, &data));
        prop_assert_eq!(read(&watch, &key(77), &data).reading, reading::LOST);
        watch.expected = found;
        prop_assert_eq!(changes(&watch.expected, &found), 0);
    }
}

#[test]
fn watches_that_cannot_work_are_refused() {
    let program = watch(watch_kind::PROGRAM, UPGRADEABLE_LOADER);
    let token = watch(watch_kind::TOKEN_ACCOUNT, TOKEN_2022);
    let host = watch(watch_kind::HOST_FIELD, key(9));
    for sound in [program, token, host] {
        assert!(check(&sound).is_ok());
    }
    let broken = |mut watch: AuthorityWatch, change: &dyn Fn(&mut AuthorityWatch)| {
        change(&mut watch);
        assert!(check(&watch).is_err());
    };
    broken(program, &|watch| watch.expected.program = TOKEN);
    broken(token, &|watch| watch.expected.program = UPGRADEABLE_LOADER);
    broken(program, &|watch| watch.offset = 1);
    broken(token, &|watch| watch.offset = 1);
    broken(program, &|watch| watch.expected.keys[1] = key(1));
    broken(host, &|watch| watch.expected.keys[2] = key(1));
    broken(host, &|watch| watch.offset = u32::MAX);
    broken(host, &|watch| watch.flags = watch_flag::UPGRADES);
    broken(token, &|watch| watch.flags = watch_flag::UPGRADES);
    broken(host, &|watch| watch.kind = 3);
}
