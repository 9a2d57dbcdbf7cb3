//! The guard over pinocchio's `AccountView`.

use bulkhead_guard::{action, board::*, check_account, GuardError, BULKHEAD_ID};
use pinocchio::{
    account::{RuntimeAccount, NOT_BORROWED},
    AccountView,
};

const KEY: [u8; 32] = [7; 32];
const HEADER: usize = size_of::<RuntimeAccount>();

/// An account as the runtime lays it out: header, then data, aligned to eight.
struct Account(Vec<u64>);

impl Account {
    fn new(owner: [u8; 32], data: &[u8]) -> Self {
        // Rounded up without `div_ceil`, which is younger than the crate's oldest Rust.
        let mut account = Self(vec![0; (HEADER + data.len() + 7) / 8]);
        let header = RuntimeAccount {
            borrow_state: NOT_BORROWED,
            address: KEY.into(),
            owner: owner.into(),
            lamports: 1,
            data_len: data.len() as u64,
            ..RuntimeAccount::default()
        };
        let at = account.0.as_mut_ptr();
        // SAFETY: there is room for the header and the data behind it, and a `u64` is aligned well enough.
        unsafe {
            at.cast::<RuntimeAccount>().write(header);
            at.cast::<u8>()
                .add(HEADER)
                .copy_from_nonoverlapping(data.as_ptr(), data.len());
        }
        account
    }

    fn view(&mut self) -> AccountView {
        // SAFETY: `new` has written an account there, and the view goes before the account does.
        unsafe { AccountView::new_unchecked(self.0.as_mut_ptr().cast()) }
    }
}

fn open_board() -> Vec<u8> {
    let mut data = vec![0; MIN_LEN];
    data[..8].copy_from_slice(&DISCRIMINATOR);
    data[VERSION_OFFSET] = VERSION;
    data
}

fn ask_view(expected: &[u8; 32], board: &AccountView, compartment: u8, action: u32) -> Result<(), GuardError> {
    let data = board.try_borrow();
    check_account(expected, board.address(), board.owner(), data, compartment, action, 0)
}

fn ask(owner: [u8; 32], data: &[u8], compartment: u8, action: u32) -> Result<(), GuardError> {
    ask_view(&KEY, &Account::new(owner, data).view(), compartment, action)
}

#[test]
fn the_view_is_read_like_its_bytes() {
    let mut data = open_board();
    data[ROWS_OFFSET..ROWS_OFFSET + 4].copy_from_slice(&action::TRADE.to_le_bytes());
    assert_eq!(ask(BULKHEAD_ID, &data, 0, action::WITHDRAW), Ok(()));
    assert_eq!(ask(BULKHEAD_ID, &data, 0, action::TRADE), Err(GuardError::ActionPaused));
    assert_eq!(ask(BULKHEAD_ID, &data, 1, action::TRADE), Ok(()));
}

#[test]
fn whatever_is_no_board_of_bulkhead_is_refused() {
    let board = open_board();
    assert_eq!(ask([8; 32], &board, 0, action::WITHDRAW), Err(GuardError::ForeignBoard));
    let mut account = Account::new(BULKHEAD_ID, &board);
    assert_eq!(
        ask_view(&[9; 32], &account.view(), 0, action::WITHDRAW),
        Err(GuardError::WrongBoard)
    );
    for len in [0, 7, 8, 9, MIN_LEN - 1] {
        assert_eq!(
            ask(BULKHEAD_ID, &board[..len], 0, action::WITHDRAW),
            Err(GuardError::ForeignBoard)
        );
    }
    for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
        let mut other = open_board();
        other[VERSION_OFFSET] = version;
        assert_eq!(
            ask(BULKHEAD_ID, &other, 0, action::WITHDRAW),
            Err(GuardError::UnknownBoardVersion)
        );
    }
    for compartment in [64, SCOPE_DOMAIN] {
        assert_eq!(
            ask(BULKHEAD_ID, &board, compartment, action::WITHDRAW),
            Err(GuardError::CompartmentOutOfRange)
        );
    }
}

#[test]
fn a_borrowed_board_is_refused_and_the_check_gives_its_own_borrow_back() {
    let mut account = Account::new(BULKHEAD_ID, &open_board());
    let (board, mut same) = (account.view(), account.view());
    let borrowed = same.try_borrow_mut().expect("not borrowed yet");
    assert_eq!(
        ask_view(&KEY, &board, 0, action::WITHDRAW),
        Err(GuardError::ForeignBoard)
    );
    drop(borrowed);
    for _ in 0..300 {
        assert_eq!(ask_view(&KEY, &board, 0, action::WITHDRAW), Ok(()));
    }
    assert!(!board.is_borrowed());
}
