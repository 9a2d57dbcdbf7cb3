//! The accounts of a token, of either token program, as a ledger: for a host whose positions are
//! tokens, LP shares for instance.
//!
//! The total is the mint's supply. Frozen accounts count; an account that was never initialized has
//! no mint in it and does not pass. What a transfer fee of Token-2022 has withheld is nobody's
//! `amount`, and no position, but is in the supply: while fees are withheld the sum falls short by
//! them, until the fee authority takes them out or an override states the difference. The same goes
//! for confidential balances. Whoever holds some can burn it after it was read, so the sum may be a bp above the supply.
//!
//! Not for wrapped SOL: its mint's supply is 0 always, and such a ledger is not registered.

use bulkhead_interface::{
    Pubkey,
    constants::length_rule,
    layout::{AmountField, ByteFilter, Ledger},
};
use bytemuck::Zeroable;

use super::identity;
use crate::token::{AMOUNT, BASE_LEN, HOLDER, MINT, SUPPLY};

/// What those who burn may make the supply smaller by between the reading and the seal.
const BURN_BPS: u16 = 1;

/// The layout of all token accounts of `mint` under `token_program`. Number and domain are left zero.
#[must_use]
pub fn token_accounts(mint: &Pubkey, token_program: &Pubkey) -> Ledger {
    let mut ledger = Ledger {
        length_rule: length_rule::TOKEN_ACCOUNT,
        amount_count: 1,
        owner_offset: HOLDER,
        data_len: BASE_LEN,
        total_offset: SUPPLY,
        total_width: 8,
        program: *token_program,
        mint: *mint,
        total_account: *mint,
        total_program: *token_program,
        excess_bps: BURN_BPS,
        scale: identity(),
        ..Ledger::zeroed()
    };
    if let Some(filter) = ledger.filters.first_mut() {
        *filter = ByteFilter {
            offset: MINT,
            len: 32,
            bytes: mint.to_bytes(),
        };
    }
    if let Some(amount) = ledger.amounts.first_mut() {
        *amount = AmountField {
            offset: AMOUNT,
            width: 8,
            ..AmountField::zeroed()
        };
    }
    ledger
}
