//! Interim claims: `interim` opens the share-out of a ledger and funds it, `claim_interim` pays positions.

mod claims;
mod settle;

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, VaultTokens, breach_slot},
    checkpoints::checkpoint::newest_usable,
    token,
};
use bulkhead_interface::{
    constants::step,
    discriminator,
    layout::{CheckpointLog, Domain, Incident, Interim, Ledger, Snapshot, Vault},
};
use solana_instruction::Instruction;

pub use {
    claims::{InterimClaimed, InterimLeaves, claim_interim},
    settle::settle_claim,
};

use crate::{
    chain::{ChainError, Filter},
    decode,
    flows::{Done, FlowError, Session, refusal::refused, snapshot::send::ensure},
    instructions::{self as ix, InterimKeys},
    pda,
};

/// What stands after [`interim`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedOut {
    /// The transactions.
    pub done: Done,
    /// The share-out.
    pub interim: Pubkey,
    /// The checkpoint that it is computed from.
    pub checkpoint_slot: u64,
    /// Total shared out so far. Native units.
    pub shared: u64,
    /// Total paid so far. Native units.
    pub paid: u64,
}

/// Opens the interim share-out of a ledger, moves the agreed share of every vault that backs it into the pool, and
/// shares it out. The snapshot has to be sealed, and the newest usable checkpoint to have its snapshot account.
///
/// # Errors
/// [`FlowError::NotYet`] while one of the two states is missing. Otherwise [`FlowError`].
pub async fn interim(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
) -> Result<SharedOut, FlowError> {
    let mut done = Done::default();
    let key = pda::interim(&incident, ledger_index);
    if session.find::<Interim>(&key).await?.is_none() {
        let keys = keys_to_open(session, domain, incident, ledger_index).await?;
        let open = ix::open_interim(keys, session.chain.payer());
        ensure(session, &key, &[open], &mut done).await?;
    } else {
        done.skipped += 1;
    }
    fund(session, domain, &key, &mut done).await?;
    let state = read(session, &key).await?;
    let checkpoint: Snapshot = session
        .load("snapshot", &state.checkpoint, "is the cluster right?")
        .await?;
    Ok(SharedOut {
        done,
        interim: key,
        checkpoint_slot: checkpoint.checkpoint_slot,
        shared: state.shared,
        paid: state.paid,
    })
}

/// Reads an interim share-out.
pub(super) async fn read(session: &Session<'_>, key: &Pubkey) -> Result<Interim, FlowError> {
    let next = "open it first: `interim open`";
    session.load("interim share-out", key, next).await
}

/// The accounts of an interim share-out.
#[must_use]
pub const fn keys_of(interim: &Interim) -> InterimKeys {
    InterimKeys {
        domain: interim.domain,
        incident: interim.incident,
        ledger_index: interim.ledger_index,
        snapshot: interim.snapshot,
        checkpoint: interim.checkpoint,
        mint: interim.mint,
        token_program: interim.token_program,
    }
}

/// Finds the two states.
async fn keys_to_open(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
) -> Result<InterimKeys, FlowError> {
    let next = "is its number right?";
    let ledger: Ledger = session
        .load("ledger", &pda::ledger(&domain, ledger_index), next)
        .await?;
    if ledger.interim_bps == 0 {
        return Err(refused(CoreError::InterimNotAgreed, "Nothing was opened."));
    }
    let log_key = pda::checkpoint_log(&domain, ledger_index);
    let log: CheckpointLog = session.load("checkpoint log", &log_key, next).await?;
    let state: Incident = session.load("incident", &incident, "is the address right?").await?;
    let breach = state.steps.get(step::BREACH).map_or(0, |breach| breach.ts);
    let latest = breach.saturating_sub(ledger.interim_age_seconds);
    let Some(slot) = newest_usable(&log, breach_slot(&state), latest) else {
        return Err(FlowError::NotPossible {
            why: "the ledger has no usable checkpoint from before the breach".into(),
            next: "the vote decides: `bulkhead ballot`".into(),
        });
    };
    let checkpoint = pda::checkpoint_snapshot(&incident, ledger_index, slot);
    if session.find::<Snapshot>(&checkpoint).await?.is_none() {
        return Err(FlowError::NotYet {
            why: format!("the checkpoint of slot {slot} has no snapshot account in this incident"),
            next: format!("open it: `bulkhead checkpoint open {slot}`"),
        });
    }
    let mint = session.chain.account(&ledger.mint).await?.unwrap_or_default();
    Ok(InterimKeys {
        domain,
        incident,
        ledger_index,
        snapshot: pda::snapshot(&incident, ledger_index),
        checkpoint,
        mint: ledger.mint,
        token_program: mint.owner,
    })
}

/// Draws from every vault that backs the ledger, from its custody and from its recovery account, and shares out the
/// rest of what the pool holds.
async fn fund(session: &Session<'_>, domain: Pubkey, key: &Pubkey, done: &mut Done) -> Result<(), FlowError> {
    let filters = [
        Filter::Bytes {
            offset: 0,
            bytes: discriminator::VAULT.to_vec(),
        },
        Filter::Bytes {
            offset: 8 + offset_of!(Vault, domain),
            bytes: domain.to_bytes().to_vec(),
        },
    ];
    let mut vaults = session.chain.owned(&bulkhead::ID, &filters).await?;
    vaults.sort_unstable_by_key(|(key, _)| *key);
    let keys = keys_of(&read(session, key).await?);
    for (vault_key, account) in vaults {
        let Some(vault) = decode::owned::<Vault>(&account.owner, &account.data) else {
            continue;
        };
        for source in [vault.custody, vault.evacuation.destination] {
            let Some(_) = due(session, &domain, key, (&vault_key, &vault), &source).await? else {
                continue;
            };
            let fund = ix::fund_interim(keys, Some((vault_key, source)));
            let fund = ix::with_queue(fund, pda::queue_ledger(&vault));
            crank(session, fund, CoreError::NothingToMove, done).await?;
        }
    }
    let state = read(session, key).await?;
    let pool = session.chain.account(&state.pool).await?.unwrap_or_default();
    let balance = token::amount(&pool.data).unwrap_or(0);
    let domain_state: Domain = session.load("domain", &domain, "is the address right?").await?;
    match acts::share_out_interim(&domain_state, &mut { state }, balance) {
        Ok(_) => {
            let share = ix::fund_interim(keys, None);
            crank(session, share, CoreError::NothingToShare, done).await?;
        }
        Err(CoreError::NothingToShare | CoreError::InterimEnded) => done.skipped += 1,
        Err(error) => return Err(refused(error, "Nothing was shared out.")),
    }
    Ok(())
}

/// What a vault's token account owes, if that is something and the domain or the vault holds it.
async fn due(
    session: &Session<'_>,
    domain: &Pubkey,
    key: &Pubkey,
    vault: (&Pubkey, &Vault),
    source: &Pubkey,
) -> Result<Option<u64>, FlowError> {
    let state = read(session, key).await?;
    let accounts = session.chain.accounts(&[*source, state.pool]).await?;
    let mut accounts = accounts.into_iter().map(Option::unwrap_or_default);
    let (held, pool) = (accounts.next().unwrap_or_default(), accounts.next().unwrap_or_default());
    let is_ours = [*domain, *vault.0]
        .iter()
        .any(|holder| token::holder(&held.data) == Some(holder.to_bytes()));
    if !is_ours {
        return Ok(None);
    }
    let ledger = match pda::queue_ledger(vault.1) {
        Some(key) => session.find::<Ledger>(&key).await?,
        None => None,
    };
    let from = VaultTokens {
        vault,
        account: source,
        held: token::amount(&held.data).unwrap_or(0),
        queue: ledger.as_ref(),
    };
    let state_of_domain: Domain = session.load("domain", domain, "is the address right?").await?;
    let balance = token::amount(&pool.data).unwrap_or(0);
    Ok(acts::interim_due(&state_of_domain, &state, from, balance).ok())
}

/// Sends what anyone may crank. Somebody else may have done it just before, which the program says with `done_before`.
async fn crank(
    session: &Session<'_>,
    instruction: Instruction,
    done_before: CoreError,
    done: &mut Done,
) -> Result<(), FlowError> {
    match session.chain.send(&[instruction]).await {
        Ok(receipt) => done.receipts.push(receipt),
        Err(ChainError::Program { code, .. }) if code == done_before.number() => done.skipped += 1,
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
