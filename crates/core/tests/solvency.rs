//! The solvency breaker: what counts as a reserve, when a hole latches, and what an unpause accepts.

use bulkhead_core::{
    acts::At,
    detectors::solvency::{self, Observation, check, has_duplicates, held, mint_of, observe, shortfall},
};
use bulkhead_interface::{
    Pubkey,
    ids::{TOKEN, TOKEN_2022},
    layout::{Reserve, SolvencyBreaker},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const NOW: i64 = 1_775_000_000;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn breaker() -> SolvencyBreaker {
    let mut breaker = SolvencyBreaker {
        width: 8,
        reserve_count: 2,
        tolerance_bps: 100,
        tolerance: 10,
        min_age_seconds: 30,
        liabilities: key(1),
        ..Zeroable::zeroed()
    };
    breaker.latch.seconds = 3_600;
    for (number, reserve) in (2..).zip(&mut breaker.reserves[..2]) {
        (reserve.account, reserve.mint) = (key(number), key(9));
    }
    breaker
}

fn look(breaker: &mut SolvencyBreaker, liabilities: u128, reserves: u128, now: i64, unpaused_slot: u64) -> Observation {
    see(breaker, Some(liabilities), reserves, now, unpaused_slot)
}

/// Three slots a second; `unpaused_slot` is given in seconds, too.
fn see(breaker: &mut SolvencyBreaker, owed: Option<u128>, reserves: u128, now: i64, unpaused_slot: u64) -> Observation {
    let slot = 3 * u64::try_from(now - NOW).unwrap();
    observe(breaker, owed, reserves, 3 * unpaused_slot, At { slot, now })
}

#[test]
fn liabilities_that_cannot_be_read_any_more_are_a_breach_that_has_to_last() {
    let mut breaker = breaker();
    assert_eq!(see(&mut breaker, None, 1_000, NOW, 0), Observation::Short);
    // Longer than other shortfalls of this breaker: a minute.
    assert_eq!(see(&mut breaker, None, 1_000, NOW + 59, 0), Observation::Short);
    assert_eq!(see(&mut breaker, None, 1_000, NOW + 60, 0), Observation::Latched);
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (u64::MAX, 0));
    // Back for a moment: a fluke is forgotten.
    let mut breaker = self::breaker();
    assert_eq!(see(&mut breaker, None, 1_000, NOW, 0), Observation::Short);
    assert_eq!(see(&mut breaker, Some(1_000), 1_000, NOW + 30, 0), Observation::Solvent);
    assert_eq!(see(&mut breaker, None, 1_000, NOW + 60, 0), Observation::Short);
}

#[test]
fn an_unpause_that_accepts_lost_liabilities_accepts_no_hole() {
    let mut breaker = breaker();
    let _ = see(&mut breaker, None, 1_000, NOW, 0);
    assert_eq!(see(&mut breaker, None, 1_000, NOW + 60, 0), Observation::Latched);
    // Unpaused at 100: the loss is accepted, however long it lasts.
    assert_eq!(see(&mut breaker, None, 1_000, NOW + 200, 100), Observation::Solvent);
    assert_eq!(see(&mut breaker, None, 1_000, NOW + 9_000, 100), Observation::Solvent);
    // The account comes back with a hole in it.
    assert_eq!(
        see(&mut breaker, Some(5_000), 1_000, NOW + 9_100, 100),
        Observation::Short
    );
    assert_eq!(
        see(&mut breaker, Some(5_000), 1_000, NOW + 9_130, 100),
        Observation::Latched
    );
}

#[test]
fn hours_in_which_the_cluster_stood_still_do_not_make_a_shortfall_last() {
    let mut breaker = breaker();
    let look = |breaker: &mut SolvencyBreaker, slot, now| observe(breaker, Some(1_000), 900, 0, At { slot, now });
    // Between two transactions of the host, and then the cluster halts for half an hour.
    assert_eq!(look(&mut breaker, 1_000, NOW), Observation::Short);
    assert_eq!(look(&mut breaker, 1_008, NOW + 1_800), Observation::Short);
    assert_eq!(look(&mut breaker, 1_074, NOW + 1_830), Observation::Short);
    assert_eq!(look(&mut breaker, 1_075, NOW + 1_830), Observation::Latched);
}

#[test]
fn a_shortfall_latches_when_it_lasts() {
    let mut breaker = breaker();
    // One per cent and ten may be missing.
    assert_eq!(look(&mut breaker, 1_000, 980, NOW, 0), Observation::Solvent);
    assert_eq!(look(&mut breaker, 1_000, 979, NOW, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 979, NOW + 29, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 900, NOW + 30, 0), Observation::Latched);
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (1_000, 920));
    let latch = breaker.latch;
    assert_eq!(
        look(&mut breaker, 1_000, 1, NOW + 60, 0),
        Observation::Short,
        "not renewed"
    );
    assert_eq!(breaker.latch.until, latch.until);
    // Nobody has accepted it: it is still there when the latch has run out.
    assert_eq!(
        look(&mut breaker, 1_000, 900, NOW + 30 + 3_600, 0),
        Observation::Latched
    );
}

#[test]
fn a_whole_observation_clears_the_suspicion() {
    let mut breaker = breaker();
    assert_eq!(look(&mut breaker, 1_000, 0, NOW, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 1_000, NOW + 29, 0), Observation::Solvent);
    assert_eq!(look(&mut breaker, 1_000, 0, NOW + 30, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 0, NOW + 59, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 0, NOW + 60, 0), Observation::Latched);
}

/// Attack: collect two moments in which the host was between two of its transactions.
#[test]
fn a_suspicion_that_nobody_confirms_is_forgotten() {
    let mut breaker = breaker();
    let ripe = 30 + solvency::SUSPICION_SECONDS;
    assert_eq!(look(&mut breaker, 1_000, 0, NOW, 0), Observation::Short);
    assert_eq!(
        look(&mut breaker, 1_000, 0, NOW + ripe + 1, 0),
        Observation::Short,
        "it begins anew"
    );
    assert_eq!(breaker.suspect_ts, NOW + ripe + 1);
    assert_eq!(
        look(&mut breaker, 1_000, 0, NOW + 2 * ripe + 1, 0),
        Observation::Latched
    );
}

#[test]
fn an_unpause_accepts_what_latched_and_nothing_more() {
    let mut breaker = breaker();
    breaker.min_age_seconds = 0;
    assert_eq!(look(&mut breaker, 1_000, 880, NOW + 1, 0), Observation::Latched);
    let unpaused = 50;
    for now in [60, 4_000, 100_000] {
        assert_eq!(
            look(&mut breaker, 1_000, 880, NOW + now, unpaused),
            Observation::Solvent,
            "accepted"
        );
    }
    assert_eq!(
        look(&mut breaker, 1_000, 860, NOW + 100_000, unpaused),
        Observation::Solvent,
        "twenty more are tolerated, as by interest"
    );
    assert_eq!(
        look(&mut breaker, 1_000, 859, NOW + 100_001, unpaused),
        Observation::Latched,
        "one more"
    );
    // Unpaused again, filled up, and opened again: the old hole is news now.
    let unpaused = 200_000;
    assert_eq!(
        look(&mut breaker, 1_000, 859, NOW + 200_001, unpaused),
        Observation::Solvent
    );
    assert_eq!(
        look(&mut breaker, 1_000, 1_000, NOW + 200_002, unpaused),
        Observation::Solvent
    );
    assert_eq!(
        look(&mut breaker, 1_000, 970, NOW + 200_003, unpaused),
        Observation::Latched
    );
}

/// An unpause of another incident accepts no shortfall that has never latched.
#[test]
fn an_unpause_of_something_else_accepts_nothing() {
    let mut breaker = breaker();
    breaker.min_age_seconds = 0;
    assert_eq!(look(&mut breaker, 1_000, 0, NOW + 10, 5), Observation::Latched);
}

#[test]
fn wide_liabilities_are_compared_in_full() {
    let mut breaker = breaker();
    breaker.min_age_seconds = 0;
    let liabilities = u128::MAX / 2;
    assert_eq!(look(&mut breaker, liabilities, 0, NOW + 1, 0), Observation::Latched);
    assert_eq!(breaker.latch.seen, u64::MAX);
    assert_eq!(
        u128::from(breaker.latched_high) << 64 | u128::from(breaker.latched_low),
        liabilities
    );
    assert_eq!(look(&mut breaker, liabilities, 0, NOW + 60, 50), Observation::Solvent);
    let margin = liabilities / 10_000 * 100 + liabilities % 10_000 * 100 / 10_000 + 10;
    assert_eq!(
        look(&mut breaker, liabilities + margin, 0, NOW + 61, 50),
        Observation::Solvent
    );
    assert_eq!(
        look(&mut breaker, liabilities + margin + 1, 0, NOW + 62, 50),
        Observation::Latched
    );
}

/// Attack: rob again what was filled of an accepted hole.
#[test]
fn a_hole_that_was_filled_in_part_and_is_robbed_again_is_another_one() {
    let mut breaker = breaker();
    assert_eq!(look(&mut breaker, 1_000, 100, NOW, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 100, NOW + 30, 0), Observation::Latched);
    let unpaused = 60;
    assert_eq!(look(&mut breaker, 1_000, 100, NOW + 90, unpaused), Observation::Solvent);
    assert_eq!(
        look(&mut breaker, 1_000, 970, NOW + 120, unpaused),
        Observation::Solvent,
        "a rest"
    );
    assert_eq!(
        look(&mut breaker, 1_000, 950, NOW + 150, unpaused),
        Observation::Solvent,
        "within the tolerance of it"
    );
    assert_eq!(look(&mut breaker, 1_000, 100, NOW + 180, unpaused), Observation::Short);
    assert_eq!(
        look(&mut breaker, 1_000, 950, NOW + 195, unpaused),
        Observation::Solvent,
        "for a moment"
    );
    assert_eq!(look(&mut breaker, 1_000, 100, NOW + 210, unpaused), Observation::Short);
    assert_eq!(
        look(&mut breaker, 1_000, 100, NOW + 240, unpaused),
        Observation::Latched
    );
    assert_eq!(breaker.latch.slot, 720, "news to every proposal before");
}

/// Attack: let it be as large as it was in between, so that it never lasts; or grow while a latch is in force.
#[test]
fn a_hole_that_grows_and_shrinks_is_at_least_as_old_as_its_smallest() {
    let mut breaker = breaker();
    assert_eq!(look(&mut breaker, 1_000, 900, NOW, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 1_000, 900, NOW + 30, 0), Observation::Latched);
    for turn in 0..400 {
        let (now, reserves) = (NOW + 50 + turn * 20, if turn % 2 == 0 { 500 } else { 900 });
        let _ = look(&mut breaker, 1_000, reserves, now, 0);
        assert!(now < breaker.latch.until, "it latches again when it has run out");
        assert_eq!(breaker.latch.slot, 90, "and is no news by that");
    }
    let now = NOW + 50 + 400 * 20;
    assert_eq!(look(&mut breaker, 1_000, 500, now, 0), Observation::Short);
    assert_eq!(
        look(&mut breaker, 1_000, 500, now + 30, 0),
        Observation::Latched,
        "what lasts is"
    );
    assert_eq!(breaker.latch.ts, now + 30);
}

/// Attack: capital of one's own, deposited for one look, makes a tolerance in bps larger: it hides the hole, and what is
/// suspected, or accepted and noted, is forgotten.
#[test]
fn a_deposit_for_one_look_hides_no_hole_and_clears_nothing() {
    let mut breaker = breaker();
    // One hundred more than tolerated; twenty thousand of one's own make two hundred more of it.
    assert_eq!(look(&mut breaker, 10_000, 9_790, NOW, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 30_000, 29_790, NOW + 15, 0), Observation::Solvent);
    assert_eq!(look(&mut breaker, 10_000, 9_790, NOW + 30, 0), Observation::Latched);
    let slot = breaker.latch.slot;
    assert_eq!(look(&mut breaker, 30_000, 29_790, NOW + 40, 0), Observation::Solvent);
    assert_eq!(look(&mut breaker, 10_000, 9_790, NOW + 50, 0), Observation::Short);
    assert_eq!(look(&mut breaker, 10_000, 9_790, NOW + 3_630, 0), Observation::Latched);
    assert_eq!(breaker.latch.slot, slot, "a stranger makes no news of it");
    // Whole is whole, and the tolerance is that of what is owed then.
    assert_eq!(look(&mut breaker, 10_000, 9_890, NOW + 3_640, 0), Observation::Solvent);
    assert_eq!((breaker.latched_low, breaker.least_low), (0, 0));
    assert_eq!(look(&mut breaker, 30_000, 29_690, NOW + 3_650, 0), Observation::Solvent);
    assert_eq!(breaker.suspect_ts, 0);
}

/// A suspicion that is forgotten takes the liabilities it began with along.
#[test]
fn what_was_owed_long_ago_sets_no_tolerance() {
    let mut breaker = breaker();
    assert_eq!(look(&mut breaker, 1_000, 900, NOW, 0), Observation::Short);
    let later = NOW + 100_000;
    assert_eq!(look(&mut breaker, 100_000, 99_500, later, 0), Observation::Solvent);
    assert_eq!((breaker.suspect_ts, breaker.least_low), (0, 0));
}

proptest! {
    #[test]
    fn the_shortfall_is_what_is_missing(
        liabilities in any::<u128>(), reserves in any::<u128>(), shift in 0_u32..120,
        tolerance in any::<u64>(), tolerance_bps in 0_u32..10_000,
    ) {
        let breaker = SolvencyBreaker { tolerance, tolerance_bps, ..breaker() };
        let (liabilities, reserves) = (liabilities >> shift, reserves >> shift);
        let got = shortfall(&breaker, liabilities, reserves);
        // More reserves or fewer liabilities never make it larger.
        prop_assert!(shortfall(&breaker, liabilities, reserves.saturating_add(1)) <= got);
        prop_assert!(shortfall(&breaker, liabilities.saturating_sub(1), reserves) <= got);
        if shift > 30 {
            let share = liabilities * u128::from(tolerance_bps) / 10_000;
            prop_assert_eq!(got, liabilities.saturating_sub(reserves + share + u128::from(tolerance)));
        }
    }
}

/// A token account as both programs have it.
fn token_account(mint: &Pubkey, amount: u64) -> Vec<u8> {
    let mut data = vec![0; 165];
    data[..32].copy_from_slice(mint.as_array());
    data[64..72].copy_from_slice(&amount.to_le_bytes());
    data[108] = 1;
    data
}

#[test]
fn only_the_registered_token_in_a_token_account_counts() {
    let reserve = Reserve {
        account: key(2),
        mint: key(9),
    };
    let sound = token_account(&key(9), 77);
    assert_eq!(
        (held(&reserve, &TOKEN, &sound), held(&reserve, &TOKEN_2022, &sound)),
        (77, 77)
    );
    let mut frozen = sound.clone();
    frozen[108] = 2;
    assert_eq!(held(&reserve, &TOKEN, &frozen), 77);
    // Extensions lie behind the kind.
    let mut extended = sound.clone();
    extended.extend([2, 0, 0, 0]);
    assert_eq!(held(&reserve, &TOKEN_2022, &extended), 77);

    assert_eq!(
        held(&reserve, &TOKEN, &token_account(&key(8), u64::MAX)),
        0,
        "another token"
    );
    assert_eq!(held(&reserve, &key(3), &sound), 0, "another program's");
    assert_eq!(held(&reserve, &Pubkey::default(), &[]), 0, "closed");
    let mut unused = sound.clone();
    unused[108] = 0;
    assert_eq!(held(&reserve, &TOKEN, &unused), 0, "not in use");
    extended[165] = 1;
    assert_eq!(held(&reserve, &TOKEN_2022, &extended), 0, "a mint");
    let mut multisig = sound;
    multisig.resize(355, 2);
    assert_eq!(mint_of(&TOKEN, &multisig), None, "a multisig");
}

#[test]
fn breakers_that_cannot_work_are_refused() {
    assert!(check(&breaker()).is_ok() && !has_duplicates(&breaker()));
    for breaks in [
        |breaker: &mut SolvencyBreaker| breaker.width = 4,
        |breaker: &mut SolvencyBreaker| breaker.offset = u32::MAX,
        |breaker: &mut SolvencyBreaker| breaker.tolerance_bps = 10_000,
        |breaker: &mut SolvencyBreaker| breaker.min_age_seconds = -1,
        |breaker: &mut SolvencyBreaker| breaker.min_age_seconds = 86_401,
        |breaker: &mut SolvencyBreaker| breaker.reserve_count = 0,
        |breaker: &mut SolvencyBreaker| breaker.reserve_count = 5,
        |breaker: &mut SolvencyBreaker| breaker.liabilities = Pubkey::default(),
    ] {
        let mut broken = breaker();
        breaks(&mut broken);
        assert!(check(&broken).is_err());
    }
    let mut twice = breaker();
    twice.reserves[1] = twice.reserves[0];
    assert!(has_duplicates(&twice));
    twice.reserve_count = 1;
    assert!(!has_duplicates(&twice), "what does not count is not compared");
    assert_eq!(solvency::reserves(&twice).len(), 1);
}
