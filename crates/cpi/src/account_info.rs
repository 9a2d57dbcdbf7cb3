//! Calls with `AccountInfo`, for Anchor and native programs.
//!
//! None of the accounts passed to the call may be borrowed while it runs.

extern crate std;

use std::vec::Vec;

use bulkhead_guard::BULKHEAD_ID;
use solana_account_info::AccountInfo;
use solana_cpi::{get_return_data, invoke_signed};
use solana_instruction::{AccountMeta, Instruction};
use solana_program_error::ProgramError;
use solana_pubkey::Pubkey;

use crate::{
    CONSUME_CLAIM, ConsumeClaim, Consumed, Leaf, MeterOutflow, Metered, ReceiveDeposit, RecordInflow, Release,
    Released,
    call::Call,
    consume::consumed,
    verdict::{metered, released},
};

/// Asks Bulkhead whether `amount` may leave. `seeds` are the seeds of the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made, and never because of the breaker's verdict.
pub fn meter_outflow(
    accounts: &MeterOutflow<AccountInfo>,
    amount: u64,
    seeds: &[&[&[u8]]],
) -> Result<Metered, ProgramError> {
    let answer = ask(&accounts.call(amount), seeds)?;
    Ok(metered(as_bytes(&answer), amount))
}

/// Makes Bulkhead pay `amount` out of custody, or queue it under the number `index`. `seeds` are the seeds of the PDAs
/// that sign.
///
/// # Errors
/// Returns an error when the call cannot be made or returns no verdict, and never because of the breaker's verdict.
pub fn release(
    accounts: &Release<AccountInfo>,
    amount: u64,
    index: u64,
    seeds: &[&[&[u8]]],
) -> Result<Released, ProgramError> {
    let answer = match accounts.note {
        None => ask(&accounts.call(amount, index), seeds)?,
        Some(note) => ask(&accounts.call_noted(note, amount, index), seeds)?,
    };
    released(as_bytes(&answer), amount)
}

/// Makes Bulkhead take `amount` of the owner's tokens into custody. To know what arrived, read custody's balance before
/// and after the call. `seeds` are the seeds of the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made.
pub fn receive_deposit(
    accounts: &ReceiveDeposit<AccountInfo>,
    amount: u64,
    seeds: &[&[&[u8]]],
) -> Result<(), ProgramError> {
    ask(&accounts.call(amount), seeds).map(|_| ())
}

/// Reports to Bulkhead that `amount` came in. `seeds` are the seeds of the PDAs that sign.
///
/// # Errors
/// Returns an error when the call cannot be made.
pub fn record_inflow(
    accounts: &RecordInflow<AccountInfo>,
    amount: u64,
    seeds: &[&[&[u8]]],
) -> Result<(), ProgramError> {
    ask(&accounts.call(amount), seeds).map(|_| ())
}

/// Takes over the claim of a leaf. `seeds` are the seeds of the PDA that consumes it.
///
/// # Errors
/// Returns an error when the call cannot be made or is refused.
pub fn consume_claim(
    accounts: &ConsumeClaim<AccountInfo>,
    leaf: Leaf<'_>,
    seeds: &[&[&[u8]]],
) -> Result<Consumed, ProgramError> {
    let proof_len = u32::try_from(leaf.proof.len()).map_err(|_| ProgramError::InvalidInstructionData)?;
    let mut data = CONSUME_CLAIM.to_vec();
    data.extend(leaf.index.to_le_bytes());
    data.extend(leaf.key);
    data.extend(leaf.amount.to_le_bytes());
    // The bump of an associated token account, which is of no use here.
    data.push(0);
    data.extend(proof_len.to_le_bytes());
    data.extend(leaf.proof);
    let writable = |account: &AccountInfo| AccountMeta::new(*account.key, false);
    let readonly = |account: &AccountInfo| AccountMeta::new_readonly(*account.key, false);
    let instruction = Instruction {
        program_id: Pubkey::new_from_array(BULKHEAD_ID),
        accounts: [
            writable(accounts.restoration),
            readonly(accounts.snapshot),
            readonly(accounts.shard),
            writable(accounts.claims),
            writable(accounts.pool),
            writable(accounts.destination),
            AccountMeta::new_readonly(*accounts.owner.key, accounts.owner.is_signer),
            readonly(accounts.mint),
            readonly(accounts.token_program),
            AccountMeta::new_readonly(*accounts.consumer.key, true),
            readonly(accounts.wish),
            readonly(accounts.terms),
        ]
        .to_vec(),
        data,
    };
    let infos = [
        accounts.restoration,
        accounts.snapshot,
        accounts.shard,
        accounts.claims,
        accounts.pool,
        accounts.destination,
        accounts.owner,
        accounts.mint,
        accounts.token_program,
        accounts.consumer,
        accounts.wish,
        accounts.terms,
    ]
    .map(Clone::clone);
    invoke_signed(&instruction, &infos, seeds)?;
    consumed(as_bytes(&get_return_data())).ok_or(ProgramError::InvalidAccountData)
}

type Answer = Option<(Pubkey, Vec<u8>)>;

fn ask<'info, const N: usize, const W: usize>(
    call: &Call<AccountInfo<'info>, N, W>,
    seeds: &[&[&[u8]]],
) -> Result<Answer, ProgramError> {
    let meta = |(account, way): &(&AccountInfo<'info>, crate::call::Use)| AccountMeta {
        pubkey: *account.key,
        is_signer: way.is_signer(),
        is_writable: way.is_writable(),
    };
    let instruction = Instruction {
        program_id: Pubkey::new_from_array(BULKHEAD_ID),
        accounts: call.accounts.iter().map(meta).collect(),
        data: call.words.as_flattened().to_vec(),
    };
    let infos = call.accounts.each_ref().map(|(account, _)| (*account).clone());
    invoke_signed(&instruction, &infos, seeds)?;
    Ok(get_return_data())
}

fn as_bytes(answer: &Answer) -> Option<(&[u8; 32], &[u8])> {
    answer
        .as_ref()
        .map(|(program, data)| (program.as_array(), data.as_slice()))
}
