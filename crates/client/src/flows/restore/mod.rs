//! `restore`: from the ballot's winner to shares that can be claimed.
//!
//! Nothing here is anyone's choice: the vote chose the state, a matured proposal names it, and what an evacuation
//! recovered is due to its claims. So anyone may crank all of it.

mod choose;

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, RecoveryAccount},
    custody::queue_ledger,
    restoration::share,
    token,
};
use bulkhead_interface::{
    discriminator,
    layout::{DirectVault, Incident, Ledger, Restoration, Vault},
};
use solana_account::Account;
use solana_instruction::Instruction;

use self::choose::choose;
pub use self::choose::chosen_state;
pub(super) use self::choose::with_queue_of;
use super::refusal::refused;
use crate::{
    chain::{ChainError, Filter},
    decode,
    flows::{Done, FlowError, Session},
    instructions::{self as ix, RestorationKeys},
    pda,
};

/// What [`restore`] leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// What it did.
    pub done: Done,
    /// The restoration.
    pub restoration: Pubkey,
    /// Its snapshot.
    pub snapshot: Pubkey,
    /// Sum of all claims. Native units.
    pub total: u64,
    /// Shared out so far. Native units.
    pub shared: u64,
    /// Paid so far. Native units.
    pub paid: u64,
    /// Moved into the pool from recovery accounts by this run. Native units.
    pub funded: u64,
    /// What the pool still lacks until every claim can be paid in full. Native units.
    pub lacking: u64,
}

/// Restores a ledger to the state that its ballot chose: executes the matured proposal, moves what evacuations recovered
/// into the pool, and shares it out. `proposal` names the proposal; otherwise it is searched for.
///
/// # Errors
/// [`FlowError::NotYet`] says what is missing: a winner, a proposal, approvals, time, or money. Otherwise [`FlowError`].
pub async fn restore(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    proposal: Option<Pubkey>,
) -> Result<Restored, FlowError> {
    let mut done = Done::default();
    let key = pda::restoration(&incident, ledger_index);
    if session.find::<Restoration>(&key).await?.is_some() {
        done.skipped += 1;
    } else {
        choose(session, (domain, incident, ledger_index), proposal, &key, &mut done).await?;
    }
    let next = "it was chosen, but this node does not have it yet: run this again";
    let mut restoration: Restoration = session.load("restoration", &key, next).await?;
    let funded = fund(session, domain, &key, &mut restoration, &mut done).await?;
    let balance = share_out(session, &key, &mut restoration, &mut done).await?;
    let lacking = share::lacking(&restoration, balance);
    if restoration.shared == 0 {
        return Err(FlowError::NotYet {
            why: format!("the state is chosen, and the pool {} is empty", restoration.pool),
            next: "evacuate the vaults that back the ledger, or pay in with `fund_restoration`; then run this again"
                .into(),
        });
    }
    if lacking > 0 {
        session.report.note(&format!(
            "the claims lack {lacking} of {}: what is paid into the pool later is shared out by running this again",
            restoration.total
        ));
    }
    Ok(Restored {
        done,
        restoration: key,
        snapshot: restoration.snapshot,
        total: restoration.total,
        shared: restoration.shared,
        paid: restoration.paid,
        funded,
        lacking,
    })
}

/// Moves what evacuations of this incident recovered into the pool.
async fn fund(
    session: &Session<'_>,
    domain: Pubkey,
    key: &Pubkey,
    restoration: &mut Restoration,
    done: &mut Done,
) -> Result<u64, FlowError> {
    let mut vaults = owned(session, &domain, (discriminator::VAULT, offset_of!(Vault, domain))).await?;
    let direct = (discriminator::DIRECT_VAULT, offset_of!(DirectVault, domain));
    vaults.extend(owned(session, &domain, direct).await?);
    vaults.sort_unstable_by_key(|(key, _)| *key);
    let mut funded = 0u64;
    for (vault_key, account) in vaults {
        let Some(vault) = as_vault(&account) else { continue };
        let is_queue = queue_ledger::index_of(&vault) == Some(restoration.ledger_index);
        if !is_queue && vault.ledger != restoration.ledger_index || vault.evacuation.incident != restoration.incident {
            if vault.ledger == restoration.ledger_index && vault.mint == restoration.mint {
                session.report.note(&format!(
                    "vault {vault_key} backs the ledger and was not evacuated in this incident: what it holds is not \
                     shared out"
                ));
            }
            continue;
        }
        let source = vault.evacuation.destination;
        let accounts = session.chain.accounts(&[source, restoration.pool]).await?;
        let mut accounts = accounts.into_iter().map(Option::unwrap_or_default);
        let (recovery, pool) = (accounts.next().unwrap_or_default(), accounts.next().unwrap_or_default());
        if token::holder(&recovery.data) != Some(domain.to_bytes()) {
            session.report.note(&format!(
                "vault {vault_key} was evacuated to {source}, which the domain does not hold: its holder pays in with \
                 `fund_restoration`"
            ));
            continue;
        }
        let queue = pda::queue_ledger(&vault);
        let ledger = match queue {
            Some(key) => session.find::<Ledger>(&key).await?,
            None => None,
        };
        let from = RecoveryAccount {
            vault_key: &vault_key,
            queue: ledger.as_ref(),
            vault: &vault,
            source: &source,
            held: token::amount(&recovery.data).unwrap_or(0),
        };
        let balance = token::amount(&pool.data).unwrap_or(0);
        let Ok(amount) = acts::recovery_account_due(restoration, from, balance) else {
            done.skipped += 1;
            continue;
        };
        let keys = keys(key, restoration);
        let fund = ix::fund_from_recovery_account(keys, domain, vault_key, source);
        let fund = ix::with_queue(fund, queue);
        let is_moved = crank(session, fund, CoreError::NothingToMove, done).await?;
        funded = funded.saturating_add(if is_moved { amount } else { 0 });
    }
    Ok(funded)
}

/// The accounts of the domain with a discriminator, which state the domain at an offset behind it.
async fn owned(
    session: &Session<'_>,
    domain: &Pubkey,
    (discriminator, offset): ([u8; 8], usize),
) -> Result<Vec<(Pubkey, Account)>, FlowError> {
    let filters = [
        Filter::Bytes {
            offset: 0,
            bytes: discriminator.to_vec(),
        },
        Filter::Bytes {
            offset: 8 + offset,
            bytes: domain.to_bytes().to_vec(),
        },
    ];
    Ok(session.chain.owned(&bulkhead::ID, &filters).await?)
}

/// A vault, or as much of a direct vault as a restoration is about.
fn as_vault(account: &Account) -> Option<Vault> {
    let direct = decode::owned::<DirectVault>(&account.owner, &account.data).map(|direct| Vault {
        domain: direct.domain,
        mint: direct.mint,
        ledger: direct.ledger,
        evacuation: direct.evacuation,
        ..bytemuck::Zeroable::zeroed()
    });
    direct.or_else(|| decode::owned(&account.owner, &account.data))
}

/// Shares out what the pool holds and no share needs. Gives the pool's balance.
async fn share_out(
    session: &Session<'_>,
    key: &Pubkey,
    restoration: &mut Restoration,
    done: &mut Done,
) -> Result<u64, FlowError> {
    let pool = session.chain.account(&restoration.pool).await?.unwrap_or_default();
    let balance = token::amount(&pool.data).unwrap_or(0);
    let state: Incident = session
        .load("incident", &restoration.incident, "run this again")
        .await?;
    let at = session.chain.now().await?;
    match acts::share_out(&mut { *restoration }, &mut { state }, balance, at) {
        Ok(_) => {
            let share = ix::share_out(*key, restoration.incident);
            crank(session, share, CoreError::NothingToShare, done).await?;
            *restoration = session.load("restoration", key, "run this again").await?;
        }
        Err(CoreError::NothingToShare) => done.skipped += 1,
        Err(error) => return Err(refused(error, "Nothing was shared out.")),
    }
    Ok(balance)
}

/// Sends what anyone may crank. Somebody else may have done it just before, which the program says with `done_before`.
pub(super) async fn crank(
    session: &Session<'_>,
    instruction: Instruction,
    done_before: CoreError,
    done: &mut Done,
) -> Result<bool, FlowError> {
    match session.chain.send(&[instruction]).await {
        Ok(receipt) => {
            done.receipts.push(receipt);
            Ok(true)
        }
        Err(ChainError::Program { code, .. }) if code == done_before.number() => {
            done.skipped += 1;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// The accounts that follow from a restoration.
pub(super) const fn keys(key: &Pubkey, restoration: &Restoration) -> RestorationKeys {
    RestorationKeys {
        restoration: *key,
        mint: restoration.mint,
        token_program: restoration.token_program,
    }
}
