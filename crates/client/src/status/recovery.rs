//! The way back: checkpoints from before, and restorations.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    acts::{self, InCustody, RecoveryAccount},
    checkpoints::checkpoint::{entries, latest},
    restoration::share,
};
use bulkhead_interface::{
    constants::{CHECKPOINTS, checkpoint_state},
    layout::{Checkpoint, CheckpointLog, Ledger, Restoration, Vault},
};
use serde::Serialize;

use super::{ClaimsEnd, json, seen::Seen};
use crate::pda;

/// A restoration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestorationStatus {
    /// The restoration.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Its incident.
    #[serde(serialize_with = "json::key")]
    pub incident: Pubkey,
    /// Number of the ledger.
    pub ledger: u8,
    /// Token that claims are paid in.
    #[serde(serialize_with = "json::key")]
    pub mint: Pubkey,
    /// Decimals of the token.
    pub decimals: u8,
    /// Number of claims.
    pub claims: u64,
    /// Sum of all claims.
    #[serde(serialize_with = "json::amount")]
    pub total: u64,
    /// Shared out so far: the part of `total` that claims can be paid of.
    #[serde(serialize_with = "json::amount")]
    pub shared: u64,
    /// Paid so far.
    #[serde(serialize_with = "json::amount")]
    pub paid: u64,
    /// Balance of the pool.
    #[serde(serialize_with = "json::amount")]
    pub pool: u64,
    /// What the pool still has to receive until every claim can be paid in full.
    #[serde(serialize_with = "json::amount")]
    pub lacking: u64,
    /// What recovery accounts of its incident still hold for it.
    #[serde(serialize_with = "json::amount")]
    pub recoverable: u64,
    /// Whether every claim is paid in full.
    pub is_settled: bool,
    /// When claims end. `None` if they do not.
    pub claims_end: Option<ClaimsEnd>,
}

pub(super) fn restorations(seen: &Seen) -> Vec<RestorationStatus> {
    let mut all = seen.accounts.all::<Restoration>();
    all.sort_by_key(|(key, restoration)| (std::cmp::Reverse(restoration.chosen_slot), *key));
    let of = |(key, restoration): (Pubkey, Restoration)| {
        let pool = seen.accounts.balance(&restoration.pool).unwrap_or(0);
        RestorationStatus {
            key,
            incident: restoration.incident,
            ledger: restoration.ledger_index,
            mint: restoration.mint,
            decimals: restoration.decimals,
            claims: restoration.count,
            total: restoration.total,
            shared: restoration.shared,
            paid: restoration.paid,
            pool,
            lacking: share::lacking(&restoration, pool),
            recoverable: recoverable(seen, &restoration, pool),
            is_settled: share::is_settled(&restoration),
            claims_end: ClaimsEnd::of(&restoration),
        }
    };
    all.into_iter().map(of).collect()
}

/// What recovery accounts hold for a restoration, up to what its claims lack.
pub(super) fn recoverable(seen: &Seen, restoration: &Restoration, pool: u64) -> u64 {
    let lacking = share::lacking(restoration, pool);
    let vaults = seen.accounts.all::<Vault>().into_iter();
    let due = vaults.filter_map(|(vault_key, vault)| {
        let source = vault.evacuation.destination;
        let queue = pda::queue_ledger(&vault).and_then(|key| seen.accounts.find::<Ledger>(&key));
        let account = RecoveryAccount {
            vault_key: &vault_key,
            queue: queue.as_ref(),
            vault: &vault,
            source: &source,
            held: seen.accounts.balance(&source)?,
        };
        acts::recovery_account_due(restoration, account, pool).ok()
    });
    due.fold(0, |sum: u64, due| sum.saturating_add(due)).min(lacking)
}

/// What custody holds for a restoration, up to what its claims lack, once the escape is due.
pub(super) fn in_custody(seen: &Seen, restoration: &Restoration, pool: u64) -> u64 {
    let lacking = share::lacking(restoration, pool);
    let vaults = seen.accounts.all::<Vault>().into_iter();
    let due = vaults.filter_map(|(vault_key, vault)| {
        let queue = pda::queue_ledger(&vault).and_then(|key| seen.accounts.find::<Ledger>(&key));
        let custody = InCustody {
            vault_key: &vault_key,
            vault: &vault,
            queue: queue.as_ref(),
            held: seen.accounts.balance(&vault.custody)?,
        };
        acts::custody_due(&seen.domain, restoration, custody, pool, seen.at.now).ok()
    });
    due.fold(0, |sum: u64, due| sum.saturating_add(due)).min(lacking)
}

/// A checkpoint log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckpointLogStatus {
    /// The log.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Number of the ledger.
    pub ledger: u8,
    /// Checkpoints posted so far.
    pub posted: u64,
    /// The latest checkpoint.
    pub last: Option<CheckpointStatus>,
    /// The latest checkpoint that its threshold has attested.
    pub last_attested: Option<CheckpointStatus>,
    /// A log whose latest attested checkpoint is older than this stands still. Seconds.
    pub still_after: i64,
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckpointStatus {
    /// Slot that it describes.
    pub slot: u64,
    /// When it was posted.
    pub posted_ts: i64,
    /// Its age in seconds.
    pub age: i64,
    /// Attestations it has.
    pub attested: u32,
    /// Attestations it needs.
    pub threshold: u8,
    /// Whether its own tree contradicts it.
    pub is_contested: bool,
    /// Sum of all leaves.
    #[serde(serialize_with = "json::amount")]
    pub total: u64,
    /// Leaves that were shown to differ from a live account.
    pub disputes: u16,
}

pub(super) fn checkpoint_logs(seen: &Seen) -> Vec<CheckpointLogStatus> {
    let mut all = seen.accounts.all::<CheckpointLog>();
    all.sort_by_key(|(key, log)| (log.ledger_index, *key));
    let of = |(key, log): (Pubkey, CheckpointLog)| {
        let now = seen.at.now;
        let attested = entries(&log).filter(|entry| entry.state == checkpoint_state::ATTESTED);
        CheckpointLogStatus {
            key,
            ledger: log.ledger_index,
            posted: log.posted,
            last: latest(&log).map(|entry| checkpoint(entry, now)),
            last_attested: attested
                .max_by_key(|entry| entry.slot)
                .map(|entry| checkpoint(entry, now)),
            still_after: still_after(&log),
        }
    };
    all.into_iter().map(of).collect()
}

/// A log does not say how often its attesters mean to post. A steady rhythm that fills it and never waits for an entry is
/// its keeping time divided by its entries; twice that is a missed beat.
fn still_after(log: &CheckpointLog) -> i64 {
    let entries = i64::try_from(CHECKPOINTS).unwrap_or(i64::MAX).max(1);
    log.keep_seconds / entries * 2
}

fn checkpoint(entry: &Checkpoint, now: i64) -> CheckpointStatus {
    CheckpointStatus {
        slot: entry.slot,
        posted_ts: entry.posted_ts,
        age: now.saturating_sub(entry.posted_ts),
        attested: entry.attesters.count_ones(),
        threshold: entry.threshold,
        is_contested: entry.state == checkpoint_state::CONTESTED,
        total: entry.total,
        disputes: entry.disputes,
    }
}
