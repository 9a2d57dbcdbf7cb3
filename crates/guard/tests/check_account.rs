//! The guard over an `AccountInfo`.
#![cfg(feature = "account-info")]

use bulkhead_guard::{BULKHEAD_ID, GuardError, action, board::*, check_account};
use solana_account_info::AccountInfo;

const KEY: [u8; 32] = [7; 32];

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
    let ask = |board: &AccountInfo, action| check_account(&KEY, board, 0, action, 0);
    assert_eq!(ask(&board, action::WITHDRAW), Ok(()));
    assert_eq!(ask(&board, action::TRADE), Err(GuardError::ActionPaused));
    assert_eq!(ask(&unowned, action::WITHDRAW), Err(GuardError::ForeignBoard));
    assert_eq!(
        check_account(&[9; 32], &board, 0, action::WITHDRAW, 0),
        Err(GuardError::WrongBoard)
    );
}

#[test]
fn a_borrowed_board_is_refused() {
    let (key, owner) = (KEY.into(), BULKHEAD_ID.into());
    let (mut lamports, mut data) = (1, open_board());
    let board = AccountInfo::new(&key, false, true, &mut lamports, &mut data, &owner, false);
    let borrowed = board.try_borrow_mut_data().expect("not borrowed yet");
    assert_eq!(
        check_account(&KEY, &board, 0, action::WITHDRAW, 0),
        Err(GuardError::ForeignBoard)
    );
    drop(borrowed);
    assert_eq!(check_account(&KEY, &board, 0, action::WITHDRAW, 0), Ok(()));
}

#[test]
fn whatever_is_no_board_of_bulkhead_is_refused() {
    let (key, owner) = (KEY.into(), BULKHEAD_ID.into());
    let ask = |mut data: Vec<u8>, compartment| {
        let mut lamports = 1;
        let board = AccountInfo::new(&key, false, false, &mut lamports, &mut data, &owner, false);
        check_account(&KEY, &board, compartment, action::WITHDRAW, 0)
    };
    for len in [0, 7, 8, 9, MIN_LEN - 1] {
        assert_eq!(ask(open_board()[..len].to_vec(), 0), Err(GuardError::ForeignBoard));
    }
    for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
        let mut other = open_board();
        other[VERSION_OFFSET] = version;
        assert_eq!(ask(other, 0), Err(GuardError::UnknownBoardVersion));
    }
    for compartment in [64, SCOPE_DOMAIN] {
        assert_eq!(ask(open_board(), compartment), Err(GuardError::CompartmentOutOfRange));
    }
}
