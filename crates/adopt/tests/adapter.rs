//! The adapter: what is generated is what is checked in, and it answers.

// One host does not use all of it.
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../tests/adopted-adapter/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[path = "../template/reading.rs"]
mod reading;

use bulkhead_adopt::{Options, adopt};
use layout::POSITIONS;
use reading::{Error, Source};

const OWNER: [u8; 32] = [9; 32];

/// Written anew by `ADAPTER_WRITE=1 cargo test -p bulkhead-adopt --test adapter`.
#[test]
fn the_adapter_that_is_compiled_is_the_one_that_is_generated() {
    let here = env!("CARGO_MANIFEST_DIR");
    let idl = std::fs::read_to_string(format!("{here}/tests/idls/ledger_zoo.json")).expect("an IDL");
    let draft = adopt(&idl, &Options::default()).expect("it is read").draft();
    let files: Vec<_> = draft
        .files
        .iter()
        .filter_map(|file| Some((file.path.strip_prefix("adapter/")?, &file.text)))
        .collect();
    assert_eq!(files.len(), 4);
    for (path, text) in files {
        let path = format!("{here}/../../tests/adopted-adapter/{path}");
        if std::env::var_os("ADAPTER_WRITE").is_some() {
            std::fs::write(&path, text).expect("written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == *text, "{path} differs from what is generated; write it anew");
    }
}

fn number(name: &str) -> u8 {
    let at = POSITIONS.iter().position(|position| position.name == name);
    u8::try_from(at.expect("it is described")).expect("few")
}

/// Owner and amount behind a text, a list and an option.
fn deposit(label: &str, marks: &[u64], note: Option<u32>, amount: u64) -> Vec<u8> {
    let mut data = vec![1; 8];
    data.extend(u32::try_from(label.len()).expect("short").to_le_bytes());
    data.extend(label.as_bytes());
    data.extend(u32::try_from(marks.len()).expect("few").to_le_bytes());
    data.extend(marks.iter().flat_map(|mark| mark.to_le_bytes()));
    data.extend(OWNER);
    match note {
        Some(note) => {
            data.push(1);
            data.extend(note.to_le_bytes());
        }
        None => data.push(0),
    }
    data.extend([7; 32]);
    data.extend(amount.to_le_bytes());
    data
}

fn told(owner: [u8; 32], amount: u64) -> [u8; 40] {
    let mut answer = [0; 40];
    answer[..32].copy_from_slice(&owner);
    answer[32..].copy_from_slice(&amount.to_le_bytes());
    answer
}

#[test]
fn what_lies_behind_lists_is_read() {
    let number = number("UserDeposit");
    for (label, marks, note) in [
        ("", &[][..], None),
        ("savings", &[1, 2, 3], Some(4)),
        ("x", &[u64::MAX], None),
    ] {
        let data = deposit(label, marks, note, 55);
        assert_eq!(
            reading::answer(POSITIONS, number, 0, &data, &[]),
            Ok(told(OWNER, 55)),
            "{label}"
        );
        // A byte too few is no answer.
        let short = &data[..data.len() - 1];
        assert_eq!(reading::answer(POSITIONS, number, 0, short, &[]), Err(Error::TooShort));
    }
    let mut other = deposit("", &[], None, 1);
    other[0] = 0;
    assert_eq!(
        reading::answer(POSITIONS, number, 0, &other, &[]),
        Err(Error::NotAPosition)
    );
    // A length that its owner made up reaches no further than the account.
    let mut long = deposit("", &[], None, 1);
    long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(reading::answer(POSITIONS, number, 0, &long, &[]), Err(Error::TooShort));
    assert_eq!(
        reading::answer(POSITIONS, 250, 0, &other, &[]),
        Err(Error::NoSuchNumber)
    );
    assert_eq!(
        reading::answer(POSITIONS, number, 9, &long, &[]),
        Err(Error::NoSuchNumber)
    );
}

fn fixed(value: i128) -> [u8; 16] {
    value.to_le_bytes()
}

/// The pool, as the account that was registered.
fn at(data: &[u8]) -> [Source<'_>; 1] {
    [Source { key: [7; 32], data }]
}

#[test]
fn shares_are_worth_their_rate() {
    let one = 1_i128 << 48;
    let mut position = vec![3; 8];
    position.extend(OWNER);
    position.extend([7; 32]);
    position.extend(fixed(one * 1_000 + one / 2));
    let mut pool = vec![4; 8];
    pool.extend([0; 32]);
    pool.extend(fixed(one * 5 / 4));
    pool.extend(fixed(0));
    let number = number("StakePosition");
    // 1000.5 at 1.25 are 1250.625.
    assert_eq!(
        reading::answer(POSITIONS, number, 0, &position, &at(&pool)),
        Ok(told(OWNER, 1_250))
    );
    assert_eq!(
        reading::answer(POSITIONS, number, 0, &position, &[]),
        Err(Error::MissingAccount)
    );
    pool[40..56].copy_from_slice(&fixed(-one));
    assert_eq!(
        reading::answer(POSITIONS, number, 0, &position, &at(&pool)),
        Err(Error::BadRate)
    );
    pool[40..56].copy_from_slice(&fixed(i128::MAX));
    assert_eq!(
        reading::answer(POSITIONS, number, 0, &position, &at(&pool)),
        Err(Error::TooLarge)
    );
}

/// The IDL does not say what a whole number is divided by: nothing is answered until somebody does.
#[test]
fn a_rate_of_unknown_unit_answers_nothing() {
    let mut position = vec![5; 8];
    position.extend(OWNER);
    for bank in [[7; 32], [8; 32], [0; 32]] {
        position.extend(bank);
        position.extend([0; 8]);
        position.extend(10_u64.to_le_bytes());
    }
    let mut bank = vec![6; 8];
    bank.extend([0; 48]);
    let sources = [Source {
        key: [7; 32],
        data: &bank,
    }];
    let number = number("MarginAccount");
    assert_eq!(
        reading::answer(POSITIONS, number, 0, &position, &sources),
        Err(Error::FillIn)
    );
}
