//! The positions of honest owners.

use std::sync::atomic::{AtomicU64, Ordering};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::chain::ChainError;
use example_exchange::{
    seeds::SEED_MARGIN,
    state::{MARGIN_DISCRIMINATOR, MarginAccount, TOTAL_DEPOSITS_OFFSET},
};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

use super::{
    cast::{Cast, deposit},
    tokens,
};
use crate::{
    error::LocalnetError,
    node::{Change, Node},
    rpc::Rpc,
};

/// Above this number, most positions are written as accounts.
pub const MOST_BY_TRANSACTION: u32 = 5_000;
/// How many are deposited by transactions then.
const FEWEST_BY_TRANSACTION: u32 = 200;
/// Owners per transaction: as many as fit into 1,232 bytes.
const AT_ONCE: usize = 3;
/// Transactions in flight.
const PARALLEL: usize = 8;
/// For the rent of a deposit note and of a queued release.
const OWNER_LAMPORTS: u64 = 20_000_000;
/// What owners keep outside the exchange for later deposits: a tenth of their first deposit.
const KEPT: u64 = 10;

/// How many of `positions` are deposited by transactions.
#[must_use]
pub const fn by_transaction(positions: u32) -> u32 {
    if positions > MOST_BY_TRANSACTION {
        FEWEST_BY_TRANSACTION
    } else {
        positions
    }
}

/// Gives the owners tokens, and deposits for them.
pub(super) async fn deposit_all(
    rpc: &Rpc,
    cast: &Cast,
    positions: u32,
    progress: &(impl Fn(u64, u64) + Sync),
) -> Result<(), ChainError> {
    let owners: Vec<_> = (0..by_transaction(positions))
        .map(|number| (cast.owner(number), deposit(number)))
        .collect();
    let done = AtomicU64::new(0);
    let (owners, done) = (&owners, &done);
    let batches = owners.chunks(AT_ONCE).map(|owners| async move {
        fund(rpc, cast, owners).await?;
        open(rpc, cast, owners).await?;
        let count = owners.len() as u64;
        let before = done.fetch_add(count, Ordering::Relaxed);
        progress(before, before + count);
        Ok::<_, ChainError>(())
    });
    stream::iter(batches)
        .buffer_unordered(PARALLEL)
        .try_collect::<Vec<_>>()
        .await?;
    Ok(())
}

async fn fund(rpc: &Rpc, cast: &Cast, owners: &[(Keypair, u64)]) -> Result<(), ChainError> {
    let (payer, issuer, mint) = (rpc.payer.pubkey(), cast.issuer(), cast.exchange.mint);
    let mut steps: Vec<Instruction> = Vec::new();
    for (owner, deposit) in owners {
        let owner = owner.pubkey();
        steps.push(transfer(&payer, &owner, OWNER_LAMPORTS));
        steps.push(tokens::create_associated(&payer, &owner, &mint));
        let amount = deposit + deposit / KEPT;
        steps.push(tokens::mint_to(
            &mint,
            &cast.tokens_of(&owner),
            &issuer.pubkey(),
            amount,
        )?);
    }
    rpc.send(&steps, &[&issuer]).await.map(|_| ())
}

async fn open(rpc: &Rpc, cast: &Cast, owners: &[(Keypair, u64)]) -> Result<(), ChainError> {
    let mut steps = Vec::new();
    for (owner, deposit) in owners {
        let owner = owner.pubkey();
        steps.push(cast.exchange.open_margin_account(owner, rpc.payer.pubkey()));
        steps.push(cast.exchange.deposit(owner, cast.tokens_of(&owner), *deposit));
    }
    let signers: Vec<_> = owners.iter().map(|(owner, _)| owner).collect();
    rpc.send(&steps, &signers).await.map(|_| ())
}

/// Writes the remaining positions as accounts, with the exchange's total, the vault's tokens and the supply that
/// belong to them: as if they had been deposited.
pub(super) async fn write_rest(
    node: &Node,
    rpc: &Rpc,
    cast: &Cast,
    positions: u32,
    progress: &impl Fn(u64, u64),
) -> Result<(), LocalnetError> {
    let rent = rpc
        .rent(MARGIN_DISCRIMINATOR.len() + size_of::<MarginAccount>())
        .await?;
    let numbers: Vec<_> = (by_transaction(positions)..positions).collect();
    for numbers in numbers.chunks(1_000) {
        let accounts: Vec<_> = numbers.iter().map(|number| position(cast, *number, rent)).collect();
        let added: u64 = numbers.iter().map(|number| deposit(*number)).sum();
        node.create_accounts(accounts)?;
        node.change_accounts(vec![
            (cast.exchange.key, add(TOTAL_DEPOSITS_OFFSET, added)),
            (cast.exchange.tokens, add(AMOUNT_OFFSET, added)),
            (cast.exchange.mint, add(SUPPLY_OFFSET, added)),
        ])?;
        let done = u64::from(numbers.last().map_or(0, |last| last + 1));
        progress(done - numbers.len() as u64, done);
    }
    Ok(())
}

/// A position as `open_margin_account` and `deposit` leave it.
fn position(cast: &Cast, number: u32, rent: u64) -> (Pubkey, Account) {
    let owner = cast.owner(number).pubkey();
    let seeds: [&[u8]; 3] = [SEED_MARGIN, cast.exchange.key.as_ref(), owner.as_ref()];
    let (key, bump) = Pubkey::find_program_address(&seeds, &example_exchange::ID);
    (
        key,
        margin_account(cast.exchange.key, owner, bump, deposit(number), rent),
    )
}

/// A margin account with a deposit and nothing else.
pub(super) fn margin_account(exchange: Pubkey, owner: Pubkey, bump: u8, deposit: u64, rent: u64) -> Account {
    let margin = MarginAccount {
        version: example_exchange::constants::VERSION,
        bump,
        padding: [0; 6],
        exchange,
        owner,
        deposit,
        debt: 0,
        collateral: 0,
        collateral_mint: Pubkey::default(),
        allowed: 0,
        loan_slot: 0,
        reserved: [0; 16],
    };
    let mut data = MARGIN_DISCRIMINATOR.to_vec();
    data.extend_from_slice(bytemuck::bytes_of(&margin));
    Account {
        lamports: rent,
        data,
        owner: example_exchange::ID,
        executable: false,
        rent_epoch: u64::MAX,
    }
}

/// Sets an exchange's sum of all deposits.
pub(super) fn set_total(total: u64) -> Change {
    Box::new(move |data| {
        if let Some(word) = data
            .get_mut(TOTAL_DEPOSITS_OFFSET..)
            .and_then(|rest| rest.first_chunk_mut::<8>())
        {
            *word = total.to_le_bytes();
        }
    })
}

/// Offset of a mint's supply.
const SUPPLY_OFFSET: usize = 36;
/// Offset of a token account's amount.
const AMOUNT_OFFSET: usize = 64;

/// Adds to the `u64` at an offset.
fn add(offset: usize, amount: u64) -> Change {
    Box::new(move |data| {
        if let Some(word) = data.get_mut(offset..).and_then(|rest| rest.first_chunk_mut::<8>()) {
            *word = u64::from_le_bytes(*word).saturating_add(amount).to_le_bytes();
        }
    })
}
