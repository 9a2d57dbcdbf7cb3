use super::*;
use alloc::vec::Vec;
use bytemuck::Zeroable;

const SLOT: u64 = 77;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn ballot() -> Ballot {
    Ballot {
        weight_program: key(1),
        weight_realm: key(2),
        weight_mint: key(3),
        max_weight_record: key(4),
        ..Ballot::zeroed()
    }
}

/// A record as a plug-in writes it: discriminator, realm, token, voter, weight, expiry, action, target, reserved bytes.
fn record(kind: [u8; 8], weight: u64, expiry: Option<u64>, action: Option<u8>, target: Option<Pubkey>) -> Vec<u8> {
    let mut data = Vec::from(kind);
    for of in [key(2), key(3), key(5)] {
        data.extend(of.to_bytes());
    }
    data.extend(weight.to_le_bytes());
    data.push(u8::from(expiry.is_some()));
    data.extend(expiry.into_iter().flat_map(u64::to_le_bytes));
    data.push(u8::from(action.is_some()));
    data.extend(action);
    data.push(u8::from(target.is_some()));
    data.extend(target.into_iter().flat_map(|key| key.to_bytes()));
    data.extend([0; 8]);
    data
}

fn read_as(data: &[u8], owner: Pubkey, voter: Pubkey) -> Result<VoterWeight, CoreError> {
    let account = WeightAccount {
        key: &key(6),
        owner: &owner,
        data,
    };
    read(&ballot(), &account, &voter, SLOT)
}

#[test]
fn a_fresh_record_of_the_registered_plug_in_is_read_in_both_spellings() {
    for kind in VOTER {
        let data = record(kind, 9, Some(SLOT), Some(CAST_VOTE), Some(key(7)));
        let found = read_as(&data, key(1), key(5)).expect("its own");
        assert_eq!(
            (found.weight, found.action, found.target),
            (9, Some(CAST_VOTE), Some(key(7)))
        );
        let data = record(kind, 9, Some(SLOT), None, None);
        let found = read_as(&data, key(1), key(5)).expect("its own");
        assert_eq!((found.action, found.target), (None, None));
    }
}

#[test]
fn only_a_weight_of_this_slot_is_taken() {
    for expiry in [None, Some(0), Some(SLOT - 1), Some(SLOT + 1), Some(u64::MAX)] {
        let data = record(VOTER[0], 9, expiry, None, None);
        assert_eq!(
            read_as(&data, key(1), key(5)),
            Err(CoreError::WeightNotFresh),
            "{expiry:?}"
        );
    }
}

#[test]
fn every_byte_that_says_whose_it_is_is_compared() {
    let data = record(VOTER[0], 9, Some(SLOT), Some(CAST_VOTE), Some(key(7)));
    let foreign = Err(CoreError::ForeignWeight);
    assert_eq!(read_as(&data, key(8), key(5)), foreign, "another program's");
    assert_eq!(read_as(&data, key(1), key(8)), foreign, "another voter's");
    for place in 0..8 + 3 * 32 {
        let mut other = data.clone();
        other[place] ^= 1;
        assert_eq!(read_as(&other, key(1), key(5)), foreign, "byte {place}");
    }
    for length in 0..data.len() - 8 {
        assert_eq!(read_as(&data[..length], key(1), key(5)), foreign, "{length} bytes");
    }
    // Neither an option nor an action is any number.
    for (place, byte) in [(112, 2), (121, 2), (122, ACTIONS), (123, 2)] {
        let mut other = data.clone();
        other[place] = byte;
        assert_eq!(read_as(&other, key(1), key(5)), foreign, "byte {place}");
    }
    // Without a plug-in, an account of the System program is nobody's record.
    let account = WeightAccount {
        key: &key(6),
        owner: &Pubkey::default(),
        data: &[0; 200],
    };
    assert_eq!(read(&Ballot::zeroed(), &account, &Pubkey::default(), 0), foreign);
}

#[test]
fn what_was_computed_for_something_else_is_not_cast() {
    let (address, mut ballot) = (key(9), ballot());
    ballot.round = 2;
    let round = target(&address, 2);
    let check = |flags, action, target| {
        let mut ruled = ballot;
        ruled.flags = flags;
        let found = VoterWeight {
            weight: 1,
            action,
            target,
        };
        check_cast((&address, &ruled), &found).is_ok()
    };
    assert!(check(0, None, None) && check(0, Some(CAST_VOTE), Some(round)));
    assert!(!check(0, Some(1), None) && !check(0, None, Some(address)));
    let targeted = ballot_flag::TARGETED;
    assert!(check(targeted, Some(CAST_VOTE), Some(round)));
    assert!(!check(targeted, None, Some(round)) && !check(targeted, Some(CAST_VOTE), None));
    assert!(!check(targeted, Some(1), Some(round)));
}

#[test]
fn every_round_is_another_target() {
    assert_eq!(target(&key(9), 0), key(9));
    let mut seen: Vec<_> = (0..1_000).map(|round| target(&key(9), round)).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 1_000);
}

#[test]
fn all_weight_is_read_from_the_record_that_the_rules_name() {
    let of_weight = |kind: [u8; 8], weight: u64, expiry: Option<u64>| {
        let mut data = Vec::from(kind);
        data.extend([key(2), key(3)].iter().flat_map(|key| key.to_bytes()));
        data.extend(weight.to_le_bytes());
        data.push(u8::from(expiry.is_some()));
        data.extend(expiry.into_iter().flat_map(u64::to_le_bytes));
        data.extend([0; 8]);
        data
    };
    let of = |kind, expiry| of_weight(kind, 500, expiry);
    let read = |data: &[u8], address: Pubkey, owner: Pubkey| {
        let account = WeightAccount {
            key: &address,
            owner: &owner,
            data,
        };
        read_max(&ballot(), &account, SLOT)
    };
    for kind in MAX {
        assert_eq!(read(&of(kind, None), key(4), key(1)), Ok(500));
        assert_eq!(read(&of(kind, Some(SLOT)), key(4), key(1)), Ok(500));
    }
    let stale = of(MAX[0], Some(SLOT - 1));
    assert_eq!(read(&stale, key(4), key(1)), Err(CoreError::WeightNotFresh));
    let good = of(MAX[0], None);
    for (data, address, owner) in [
        (&good[..], key(7), key(1)),
        (&good[..], key(4), key(7)),
        (&good[..40], key(4), key(1)),
        (&of(VOTER[0], None)[..], key(4), key(1)),
        // No weight at all: neither a quorum nor a bound for what is counted would be left.
        (&of_weight(MAX[0], 0, None)[..], key(4), key(1)),
    ] {
        assert_eq!(read(data, address, owner), Err(CoreError::ForeignWeight));
    }
}
