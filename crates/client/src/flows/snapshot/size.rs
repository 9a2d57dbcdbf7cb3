//! How large a transaction will be, and how much fits one.

use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

pub use bulkhead_core::proposals::execution::MAX_TRANSACTION;

/// Maximum number of accounts that a transaction may lock.
pub const MAX_LOCKS: usize = 64;

/// Bytes that [`Chain::send`](crate::chain::Chain::send) may add: the address of the Compute Budget program; its limits
/// of units and of loaded bytes, and the price of a unit; the version byte and an empty list of lookup tables.
const ADDED: usize = 32 + 8 + 8 + 12 + 2;
/// Accounts that it may add.
const ADDED_LOCKS: usize = 1;

/// Bytes of an account that only one instruction uses: its address in the message, its number in the instruction.
const ACCOUNT: usize = 32 + 1;

/// Size in bytes of a legacy transaction with these instructions, signatures included.
#[must_use]
pub fn transaction_len(payer: &Pubkey, instructions: &[Instruction]) -> usize {
    let metas = || instructions.iter().flat_map(|each| &each.accounts);
    let signers = unique(metas().filter(|meta| meta.is_signer).map(|meta| meta.pubkey), payer);
    let keys = accounts(payer, instructions);
    let instruction = |each: &Instruction| {
        let (accounts, data) = (each.accounts.len(), each.data.len());
        1 + short(accounts) + accounts + short(data) + data
    };
    let instructions_len: usize = instructions.iter().map(instruction).sum();
    let message = 3 + short(keys) + 32 * keys + 32 + short(instructions.len()) + instructions_len;
    short(signers) + 64 * signers + message
}

/// Groups items into transactions, in their order, as many in each as fit. An item that fits none is alone in one.
pub fn pack<T>(payer: &Pubkey, items: Vec<T>, instructions: impl Fn(&[T]) -> Vec<Instruction>) -> Vec<Vec<T>> {
    let mut groups = Vec::new();
    let mut group = Vec::new();
    for item in items {
        group.push(item);
        if group.len() > 1 && !fits(payer, &instructions(&group)) {
            let last = group.split_off(group.len() - 1);
            groups.push(std::mem::replace(&mut group, last));
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups
}

/// Whether the instructions fit one transaction, with all that sending it adds.
#[must_use]
pub fn fits(payer: &Pubkey, instructions: &[Instruction]) -> bool {
    transaction_len(payer, instructions) + ADDED <= MAX_TRANSACTION
        && accounts(payer, instructions) + ADDED_LOCKS <= MAX_LOCKS
}

/// How many accounts of its own the last instruction can still take.
#[must_use]
pub fn room(payer: &Pubkey, instructions: &[Instruction]) -> usize {
    let bytes = MAX_TRANSACTION.saturating_sub(transaction_len(payer, instructions) + ADDED);
    let locks = MAX_LOCKS.saturating_sub(accounts(payer, instructions) + ADDED_LOCKS);
    (bytes / ACCOUNT).min(locks)
}

/// Number of accounts that the message names.
fn accounts(payer: &Pubkey, instructions: &[Instruction]) -> usize {
    let programs = instructions.iter().map(|each| each.program_id);
    let metas = instructions.iter().flat_map(|each| &each.accounts);
    unique(metas.map(|meta| meta.pubkey).chain(programs), payer)
}

/// Number of different keys, `first` among them.
fn unique(keys: impl Iterator<Item = Pubkey>, first: &Pubkey) -> usize {
    let mut keys: Vec<_> = keys.chain([*first]).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// Bytes in which a message writes a length.
const fn short(len: usize) -> usize {
    match len {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        _ => 3,
    }
}
