//! Closes accounts that are no longer needed, so that whoever paid their rent gets it back.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    acts::{self, At},
    breakers::window,
    proposals::proposal,
};
use bulkhead_interface::layout::{
    Council, DepositNote, Domain, Ledger, OutflowBreaker, Proposal, Release, Snapshot, SnapshotShard, Vault,
};
use serde::Serialize;
use solana_instruction::Instruction;

use super::{Done, FlowError, Session, evacuate::keys_of, send::send_all};
use crate::{
    instructions as ix, pda,
    status::{Accounts, gather_kinds, json},
    watch::Kind,
};

/// Accounts closed by one transaction. Each names up to four accounts of its own.
const PER_TRANSACTION: usize = 6;

/// What was closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Leftovers {
    /// Proposals that can never run again.
    pub proposals: u64,
    /// Releases that were paid or cancelled.
    pub releases: u64,
    /// Deposit notes that cover nothing.
    pub notes: u64,
    /// Shards that no seal depends on, of the given cranker.
    pub shards: u64,
    /// Rent that was returned to whoever paid it. Lamports.
    #[serde(serialize_with = "json::amount")]
    pub lamports: u64,
    /// What was sent.
    #[serde(skip)]
    pub done: Done,
}

/// Closes proposals, releases and deposit notes whose rent may be reclaimed, whoever paid it, and the shards of
/// `cranker` in past incidents or replaced seals. A shard needs its cranker's signature.
///
/// # Errors
/// [`FlowError`]
pub async fn close_leftovers(session: &Session<'_>, domain: Pubkey, cranker: Pubkey) -> Result<Leftovers, FlowError> {
    const KINDS: [Kind; 8] = [
        Kind::Proposal,
        Kind::Ledger,
        Kind::Vault,
        Kind::OutflowBreaker,
        Kind::Release,
        Kind::DepositNote,
        Kind::Snapshot,
        Kind::SnapshotShard,
    ];
    let accounts = gather_kinds(session, domain, &KINDS).await?;
    let at = session.chain.now().await?;
    let mut found = Found::default();
    found.proposals(&accounts, at);
    found.custody(&accounts, at);
    found.shards(&accounts, &cranker);
    let transactions = found.instructions.chunks(PER_TRANSACTION).map(<[_]>::to_vec).collect();
    let receipts = send_all(session, "closed accounts", transactions).await?;
    Ok(Leftovers {
        done: Done {
            skipped: u64::from(receipts.is_empty()),
            receipts,
        },
        ..found.counts
    })
}

#[derive(Default)]
struct Found {
    instructions: Vec<Instruction>,
    counts: Leftovers,
}

impl Found {
    fn push(&mut self, accounts: &Accounts, key: &Pubkey, close: Instruction) {
        self.counts.lamports += accounts.raw(key).map_or(0, |account| account.lamports);
        self.instructions.push(close);
    }

    fn proposals(&mut self, accounts: &Accounts, at: At) {
        let Some(council) = accounts.find::<Council>(&pda::council(&accounts.domain())) else {
            return;
        };
        for (key, state) in accounts.all::<Proposal>() {
            if proposal::check_closable(&state, &council, at.now).is_ok() {
                self.counts.proposals += 1;
                self.push(accounts, &key, ix::close_proposal(state.domain, key, state.payer));
            }
        }
    }

    fn custody(&mut self, accounts: &Accounts, at: At) {
        for (key, release) in accounts.all::<Release>() {
            let vault = accounts.find::<Vault>(&release.vault);
            let queue = vault.and_then(|vault| pda::queue_ledger(&vault));
            let ledger = queue.and_then(|key| accounts.find::<Ledger>(&key));
            if acts::close_release(&release, ledger.as_ref()).is_ok() {
                self.counts.releases += 1;
                let close = ix::close_release(key, release.payer);
                self.push(accounts, &key, ix::with_queue(close, queue));
            }
        }
        for (key, note) in accounts.all::<DepositNote>() {
            let Some(vault) = accounts.find::<Vault>(&note.vault) else {
                continue;
            };
            let breaker = accounts.find::<OutflowBreaker>(&vault.breaker);
            if breaker.is_some_and(|breaker| window::is_over(&note, &breaker, vault.evacuations, at.now)) {
                self.counts.notes += 1;
                let keys = keys_of(note.vault, &vault);
                self.push(accounts, &key, ix::close_deposit_note(keys, &note.owner, note.payer));
            }
        }
    }

    fn shards(&mut self, accounts: &Accounts, cranker: &Pubkey) {
        let domain = accounts.find::<Domain>(&accounts.domain());
        let open = domain.map_or(Pubkey::default(), |domain| domain.open_incident);
        for (key, shard) in accounts.all::<SnapshotShard>() {
            let Some(snapshot) = accounts.find::<Snapshot>(&shard.snapshot) else {
                continue;
            };
            // In the open incident an open shard is work in progress.
            let is_past = shard.incident != open || shard.seal != 0;
            if is_past && acts::close_shard(Some((&shard.snapshot, &snapshot)), &shard, cranker).is_ok() {
                self.counts.shards += 1;
                self.push(accounts, &key, ix::close_shard(*cranker, shard.snapshot, key, *cranker));
            }
        }
    }
}
