//! Which accounts pass as positions.

use super::*;

#[test]
fn reads_owner_and_amount() {
    let (ledger, data) = (simple(), account());
    assert_eq!(layout::check(&ledger), Ok(()));
    let position = Reader::new(&ledger).read(&data).unwrap();
    assert_eq!((position.owner, position.amount), (&[5; 32], 77));
}

#[test]
fn other_accounts_of_the_program_do_not_pass() {
    let ledger = simple();
    let mut data = account();
    data[31] ^= 1;
    assert_eq!(read(&ledger, &data), Err(LayoutError::NotAPosition));
    for len in [0, 31, 32, 71, 72, 164, 166, 10_000] {
        let mut data = account();
        data.resize(len, 0);
        assert_eq!(read(&ledger, &data), Err(LayoutError::NotAPosition));
    }
}

#[test]
fn every_filter_counts() {
    let given = [
        filter(0, &[4; 32]),
        filter(64, &[77]),
        filter(72, &[0; 9]),
        filter(160, &[0; 5]),
    ];
    let ledger = Ledger {
        filters: filters(&given),
        ..adding(&[amount(100, 8, 0)])
    };
    assert_eq!(read(&ledger, &account()), Ok((0, 0)));
    for at in [0, 31, 64, 72, 80, 160, 164] {
        let mut data = account();
        data[at] ^= 1;
        assert_eq!(read(&ledger, &data), Err(LayoutError::NotAPosition));
    }
}

#[test]
fn a_minimal_length_takes_longer_accounts() {
    let ledger = Ledger {
        length_rule: length_rule::AT_LEAST,
        ..simple()
    };
    for (len, passes) in [(164, false), (165, true), (166, true), (10_000, true)] {
        let mut data = account();
        data.resize(len, 0);
        assert_eq!(read(&ledger, &data).is_ok(), passes, "{len}");
    }
}

/// As both token programs write them: 165 bytes, or more with an account type behind.
#[test]
fn token_accounts_pass_with_and_without_extensions() {
    let ledger = Ledger {
        index: 3,
        ..token_accounts(&key(4), &key(6))
    };
    assert_eq!(read(&ledger, &account()), Ok((77, 77)));
    let with = |len: usize, kind: u8| {
        let mut data = account();
        data.resize(len, 0);
        data[165] = kind;
        read(&ledger, &data)
    };
    for len in [166, 170, 182, 354, 356, 1_000] {
        assert_eq!(with(len, 2), Ok((77, 77)));
        // A mint with extensions, and none of the two.
        for kind in [0, 1, 3, 0xff] {
            assert_eq!(with(len, kind), Err(LayoutError::NotAPosition));
        }
    }
    // A multisignature account is 355 bytes of keys that anyone may choose.
    assert_eq!(with(355, 2), Err(LayoutError::NotAPosition));
    assert_eq!(read(&ledger, &account()[..164]), Err(LayoutError::NotAPosition));
    let mut other_mint = account();
    other_mint[0] = 5;
    assert_eq!(read(&ledger, &other_mint), Err(LayoutError::NotAPosition));
    assert_eq!(read(&ledger, &[0; 165]), Err(LayoutError::NotAPosition));
    assert_eq!((ledger.total_account, ledger.total_offset), (key(4), 36));
}
