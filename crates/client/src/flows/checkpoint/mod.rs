//! `checkpoint`: what a ledger was at the end of a slot, posted and attested in peace.
//!
//! An attester states what it has read itself. So an attestation is sent only after the tree was built from the
//! attester's own positions, and only if it is the checkpoint's.

mod desk;
mod slots;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::PostCheckpointArgs;
use bulkhead_core::{
    acts,
    checkpoints::checkpoint::{self as rules, Claim},
};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{Checkpoint, ShardRoot},
};

use self::{
    desk::{Desk, report},
    slots::{positions_now, read_slot, readable, slot_hash},
};
use super::{
    refusal::refused,
    snapshot::{Leaf, Tree},
};
use crate::{
    flows::{Done, FlowError, Session},
    instructions as ix,
    payload::hex,
    pda,
};

/// What a checkpoint is built from.
#[derive(Clone, Debug)]
pub enum Positions {
    /// The positions as the chain has them now, with the slot that the node states for its answer. They may move
    /// meanwhile.
    Now,
    /// Positions that the caller has read at the end of a slot, for example with `bulkhead snapshot`.
    OfSlot {
        /// The slot.
        slot: u64,
        /// The positions, in any order.
        leaves: Vec<Leaf>,
    },
}

/// A checkpoint that was built and not posted yet.
#[derive(Clone)]
pub struct Built {
    /// What an attester states about the slot.
    pub claim: Claim,
    /// The shards under the root, which `open_checkpoint_snapshot` takes in an incident.
    pub shards: [ShardRoot; SHARDS],
}

/// A checkpoint of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpointed {
    /// What the flow did.
    pub done: Done,
    /// Slot of the checkpoint.
    pub slot: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Its root.
    pub root: [u8; 32],
    /// Sum of its leaves. Native units.
    pub total: u64,
    /// Number of its leaves.
    pub count: u64,
    /// Number of its attesters.
    pub attesters: u32,
    /// Number of attesters it needs.
    pub threshold: u8,
    /// Whether the threshold is reached.
    pub is_attested: bool,
}

/// Attests the newest checkpoint if it still waits for this attester, and otherwise builds one and posts it. Run by each
/// attester on schedule. `attester` signs.
///
/// # Errors
/// [`FlowError::NotYet`] when this attester posted too recently. [`FlowError::NotPossible`] when the checkpoint to be
/// attested is not what this attester reads. Otherwise [`FlowError`].
pub async fn checkpoint(
    session: &Session<'_>,
    domain: Pubkey,
    attester: Pubkey,
    ledger_index: u8,
    positions: Positions,
) -> Result<Checkpointed, FlowError> {
    let desk = Desk::open(session, domain, attester, ledger_index).await?;
    let is_read = |entry: &Checkpoint| match &positions {
        Positions::Now => true,
        Positions::OfSlot { slot, .. } => *slot == entry.slot,
    };
    if let Some(entry) = rules::latest(&desk.log).filter(|entry| desk.is_waiting(entry) && is_read(entry)) {
        return attest_checkpoint(session, domain, attester, ledger_index, entry.slot, positions).await;
    }
    // Known before anything is read.
    desk.require_due(session.chain.now().await?)?;
    let built = build_checkpoint(session, domain, ledger_index, positions).await?;
    post_checkpoint(session, domain, attester, ledger_index, &built).await
}

/// Reads a ledger's positions and builds the checkpoint of their slot, with the slot's hash. Sends nothing.
///
/// # Errors
/// [`FlowError::NotPossible`] when the positions never add up to the host's total of their slot, or when the slot is not
/// in the cluster's history of recent slots. Otherwise [`FlowError`].
pub async fn build_checkpoint(
    session: &Session<'_>,
    domain: Pubkey,
    ledger_index: u8,
    positions: Positions,
) -> Result<Built, FlowError> {
    let ledger = session
        .load("ledger", &pda::ledger(&domain, ledger_index), "is its number right?")
        .await?;
    let (slot, leaves) = match positions {
        Positions::Now => read_slot(session, &ledger).await?,
        Positions::OfSlot { slot, leaves } => (slot, leaves),
    };
    let tree = Tree::build(tag(&domain, ledger_index, slot), leaves)?;
    let slot_hash = slot_hash(session, slot).await?;
    let root = tree.root();
    Ok(Built {
        claim: Claim {
            slot,
            slot_hash,
            root: root.hash,
            total: root.sum,
            count: tree.count(),
            shards_hash: rules::shards_hash(tree.roots()),
        },
        shards: *tree.roots(),
    })
}

/// Posts a checkpoint, unless the log has it already. `attester` signs, and thereby attests it.
///
/// # Errors
/// [`FlowError::NotYet`] when this attester posted too recently, [`FlowError::Rule`] when the program would refuse the
/// checkpoint. Otherwise [`FlowError`].
pub async fn post_checkpoint(
    session: &Session<'_>,
    domain: Pubkey,
    attester: Pubkey,
    ledger_index: u8,
    built: &Built,
) -> Result<Checkpointed, FlowError> {
    let mut desk = Desk::open(session, domain, attester, ledger_index).await?;
    let claim = &built.claim;
    let mut done = Done::default();
    if let Some(entry) = desk.find(claim) {
        done.skipped += 1;
        return Ok(report(done, entry));
    }
    let at = session.chain.now().await?;
    desk.require_due(at)?;
    let posted = desk.foresee(session, claim, at).await?;
    let args = PostCheckpointArgs {
        slot: claim.slot,
        slot_hash: claim.slot_hash,
        root: claim.root,
        total: claim.total,
        count: claim.count,
        shards_hash: claim.shards_hash,
    };
    let post = ix::post_checkpoint(domain, attester, ledger_index, desk.ledger.total_account, args);
    let post = ix::with_factors(post, &desk.ledger);
    match session.chain.send(&[post]).await {
        Ok(receipt) => {
            done.receipts.push(receipt);
            let log = session.find(&desk.key).await?.unwrap_or(desk.log);
            desk.log = log;
            Ok(report(done, desk.find(claim).unwrap_or(&posted)))
        }
        Err(error) => {
            // It may have landed although no answer arrived.
            desk.log = session.find(&desk.key).await.ok().flatten().unwrap_or(desk.log);
            let Some(entry) = desk.find(claim) else {
                return Err(error.into());
            };
            done.skipped += 1;
            Ok(report(done, entry))
        }
    }
}

/// Builds the tree of the checkpoint at `slot` from this attester's own positions, and attests the checkpoint if it is
/// exactly that. `attester` signs.
///
/// # Errors
/// [`FlowError::NotPossible`] when it is not; then nothing is sent. Otherwise [`FlowError`].
pub async fn attest_checkpoint(
    session: &Session<'_>,
    domain: Pubkey,
    attester: Pubkey,
    ledger_index: u8,
    slot: u64,
    positions: Positions,
) -> Result<Checkpointed, FlowError> {
    let mut desk = Desk::open(session, domain, attester, ledger_index).await?;
    let mut done = Done::default();
    let entry = *rules::find(&desk.log, slot)
        .map_err(|error| refused(error, "The log keeps forty checkpoints; read which ones it has."))?;
    if desk.has_attested(&entry) {
        done.skipped += 1;
        return Ok(report(done, &entry));
    }
    let next = "Only attesters of the council under which it was posted attest it.";
    let (council, log) = (&desk.council, &mut { desk.log });
    acts::attest_checkpoint(council, log, &attester, slot, &entry.hash).map_err(|error| refused(error, next))?;

    let leaves = match positions {
        Positions::OfSlot { slot: own, leaves } if own == slot => leaves,
        Positions::OfSlot { slot: own, .. } => {
            return Err(FlowError::NotPossible {
                why: format!("the positions are of slot {own}, and the checkpoint is of slot {slot}"),
                next: "pass the positions of the checkpoint's own slot".into(),
            });
        }
        Positions::Now => {
            readable(&desk.ledger)?;
            positions_now(session, &desk.ledger).await?
        }
    };
    let tree = Tree::build(tag(&domain, ledger_index, slot), leaves)?;
    require_same(&entry, &tree)?;
    let attest = ix::attest_checkpoint(domain, attester, ledger_index, slot, entry.hash);
    let sent = session.chain.send(&[attest]).await;
    if let Ok(Some(log)) = session.find(&desk.key).await {
        desk.log = log;
    }
    let now = *rules::find(&desk.log, slot).unwrap_or(&entry);
    match sent {
        Ok(receipt) => done.receipts.push(receipt),
        Err(_) if desk.has_attested(&now) => done.skipped += 1,
        Err(error) => return Err(error.into()),
    }
    Ok(report(done, &now))
}

/// Is the checkpoint exactly the tree that was built?
fn require_same(entry: &Checkpoint, tree: &Tree) -> Result<(), FlowError> {
    let (own, posted) = (tree.root(), Claim::of(entry));
    let is_same = (own.hash, own.sum) == (posted.root, posted.total)
        && tree.count() == posted.count
        && rules::shards_hash(tree.roots()) == posted.shards_hash;
    if is_same {
        return Ok(());
    }
    Err(FlowError::NotPossible {
        why: format!(
            "the checkpoint of slot {} has root {}, total {} and {} leaves, and the positions read here have root {}, \
             total {} and {} leaves: it is not attested",
            posted.slot,
            hex(&posted.root),
            posted.total,
            posted.count,
            hex(&own.hash),
            own.sum,
            tree.count(),
        ),
        next: format!(
            "if positions have changed since, read those of slot {} from an archive and attest with them; if they have \
             not, the checkpoint is wrong: attest nothing, and post your own",
            posted.slot
        ),
    })
}

fn tag(domain: &Pubkey, ledger_index: u8, slot: u64) -> [u8; 32] {
    rules::tag(
        &bulkhead::ID,
        &pda::checkpoint_log(domain, ledger_index),
        ledger_index,
        slot,
    )
}
