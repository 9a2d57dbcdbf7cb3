//! The guard over the `AccountInfo` of Anchor and native programs.

use bulkhead_guard::{action, board::*, check_account, GuardError, BULKHEAD_ID};
use solana_account_info::AccountInfo;

const KEY: [u8; 32] = [7; 32];

fn ask(expected: &[u8; 32], board: &AccountInfo, compartment: u8, action: u32) -> Result<(), GuardError> {
    let data = board.try_borrow_data();
    check_account(expected, board.key, board.owner, data, compartment, action, 0)
}

fn open_board() -> Vec<u8> {
    let mut data = vec![0; MIN_LEN];
    data[..8].copy_from_slice(&DISCRIMINATOR);
    data[VERSION_OFFSET] = VERSION;
    data
}

#[test]
fn the_account_is_read_like_its_bytes() {
    let (key, owner, other) = (KEY.into(), BULKHEAD_ID.into(), [8; 32].into());
    let mut data = open_board();
    data[ROWS_OFFSET..ROWS_OFFSET + 4].copy_from_slice(&action::TRADE.to_le_bytes());
    let (mut lamports, mut unowned_lamports) = (1, 1);
    let mut unowned_data = data.clone();
    let board = AccountInfo::new(&key, false, false, &mut lamports, &mut data, &owner, false);
    let unowned = AccountInfo::new(
        &key,
        false,
        false,
        &mut unowned_lamports,
        &mut unowned_data,
        &other,
        false,
    );
    assert_eq!(ask(&KEY, &board, 0, action::WITHDRAW), Ok(()));
    assert_eq!(ask(&KEY, &board, 0, action::TRADE), Err(GuardError::ActionPaused));
    assert_eq!(ask(&KEY, &unowned, 0, action::WITHDRAW), Err(GuardError::ForeignBoard));
    assert_eq!(ask(&[9; 32], &board, 0, action::WITHDRAW), Err(GuardError::WrongBoard));
}

#[test]
fn a_borrowed_board_is_refused() {
    let (key, owner) = (KEY.into(), BULKHEAD_ID.into());
    let (mut lamports, mut data) = (1, open_board());
    let board = AccountInfo::new(&key, false, true, &mut lamports, &mut data, &owner, false);
    let borrowed = board.try_borrow_mut_data().expect("not borrowed yet");
    assert_eq!(ask(&KEY, &board, 0, action::WITHDRAW), Err(GuardError::ForeignBoard));
    drop(borrowed);
    assert_eq!(ask(&KEY, &board, 0, action::WITHDRAW), Ok(()));
}

#[test]
fn whatever_is_no_board_of_bulkhead_is_refused() {
    let (key, owner) = (KEY.into(), BULKHEAD_ID.into());
    let ask_of = |mut data: Vec<u8>, compartment| {
        let mut lamports = 1;
        let board = AccountInfo::new(&key, false, false, &mut lamports, &mut data, &owner, false);
        ask(&KEY, &board, compartment, action::WITHDRAW)
    };
    for len in [0, 7, 8, 9, MIN_LEN - 1] {
        assert_eq!(ask_of(open_board()[..len].to_vec(), 0), Err(GuardError::ForeignBoard));
    }
    for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
        let mut other = open_board();
        other[VERSION_OFFSET] = version;
        assert_eq!(ask_of(other, 0), Err(GuardError::UnknownBoardVersion));
    }
    for compartment in [64, SCOPE_DOMAIN] {
        assert_eq!(
            ask_of(open_board(), compartment),
            Err(GuardError::CompartmentOutOfRange)
        );
    }
}

/// Keys have 32 bytes in every framework. Whatever has not is no key.
#[test]
fn what_is_no_key_opens_nothing() {
    let board = open_board();
    let ask = |expected: &[u8], key: &[u8], owner: &[u8]| {
        check_account(
            expected,
            key,
            owner,
            Ok::<_, ()>(board.as_slice()),
            0,
            action::WITHDRAW,
            0,
        )
    };
    assert_eq!(ask(&KEY, &KEY, &BULKHEAD_ID), Ok(()));
    for len in [0, 31] {
        assert_eq!(ask(&KEY[..len], &KEY[..len], &BULKHEAD_ID), Err(GuardError::WrongBoard));
        assert_eq!(ask(&KEY, &KEY[..len], &BULKHEAD_ID), Err(GuardError::WrongBoard));
        assert_eq!(ask(&KEY, &KEY, &BULKHEAD_ID[..len]), Err(GuardError::ForeignBoard));
    }
}
