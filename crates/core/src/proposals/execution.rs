//! Does the execution of a proposal fit a transaction? A payload that was approved but fits no transaction is worthless
//! on the day it is needed, so it is refused when it is proposed.
//!
//! The size is that of a transaction anyone can send: without lookup tables, cranked by one key and paid for by
//! another.
//!
//! `register_ledger` also names every ledger that pays the same token, and their number is not known when it is
//! proposed. Room is reserved for [`OTHER_LEDGERS`]. That is as many as fit in a transaction anyone can send, and as
//! many as a transaction can lock at all in one with a lookup table, which takes no more room than that.

pub use bulkhead_interface::constants::MAX_TRANSACTION;
use bulkhead_interface::{ProposalKind, constants::MAX_PAYLOAD};

/// Bytes of an address.
const KEY: usize = 32;
/// Two signatures and their number, header, number of addresses, blockhash, number of instructions.
const FRAME: usize = 1 + 2 * 64 + 3 + 1 + 32 + 1;
/// Program, number of accounts, length of data in two bytes, the instruction's discriminator.
const INSTRUCTION: usize = 1 + 1 + 2 + 8;
/// Accounts of `run_instruction` in front of those of the stored one.
const RUN_ACCOUNTS: usize = accounts_of(ProposalKind::RunInstruction);

/// Ledgers of the same token that `register_ledger` has room to name as they are.
pub const OTHER_LEDGERS: usize = 5;

/// Accounts of the instruction that executes a kind, at most; the program is one of them.
#[must_use]
pub const fn accounts_of(kind: ProposalKind) -> usize {
    match kind {
        ProposalKind::ChangeCouncil | ProposalKind::GrantRights => 7,
        ProposalKind::RunInstruction => 8,
        ProposalKind::RegisterEmergencyAction | ProposalKind::RegisterEmergencySteps | ProposalKind::RegisterPeer => 10,
        ProposalKind::RegisterLedger => 13,
        ProposalKind::RegisterDirectVault => 13,
        ProposalKind::ChooseRestoration => 21,
        _ => 17,
    }
}

/// Maximum payload of a proposal of `kind`, in bytes. Executing passes the payload again, except for a stored
/// instruction, which is read from the proposal: [`stored_fits`] decides about that.
#[must_use]
pub const fn room(kind: ProposalKind) -> usize {
    let others = match kind {
        ProposalKind::RunInstruction => return MAX_PAYLOAD,
        ProposalKind::RegisterLedger => OTHER_LEDGERS,
        _ => 0,
    };
    let accounts = accounts_of(kind).saturating_add(others);
    let named = accounts.saturating_mul(KEY + 1);
    let left = MAX_TRANSACTION
        .saturating_sub(FRAME + INSTRUCTION)
        .saturating_sub(named);
    if left < MAX_PAYLOAD { left } else { MAX_PAYLOAD }
}

/// Does a stored instruction fit a transaction that runs it? `accounts` it names, `distinct` of them differ.
#[must_use]
pub const fn stored_fits(accounts: usize, distinct: usize) -> bool {
    let run = FRAME + INSTRUCTION + (KEY + 1) * RUN_ACCOUNTS;
    let keys = distinct.saturating_mul(KEY);
    run.saturating_add(keys).saturating_add(accounts) <= MAX_TRANSACTION
}
