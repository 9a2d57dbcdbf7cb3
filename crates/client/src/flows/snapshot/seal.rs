//! Sealing what was read: the program's own rule decides beforehand whether it will be taken, and whose signature it
//! needs.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, At, Gathered},
    snapshots::{frontier::host_sum, layout, root},
};
use bulkhead_interface::{
    constants::{SHARDS, snapshot_state},
    layout::{Domain, Incident, Snapshot, SnapshotShard},
};

use super::{
    Reading,
    crank::may_use,
    is_restored,
    parts::{Part, root_of, shards},
};
use crate::flows::refusal::refused;
use crate::{
    flows::{Done, FlowError},
    instructions as ix,
    payload::hex,
};

/// What came of sealing.
pub(super) enum Sealing {
    /// The snapshot is sealed.
    Sealed(Box<Snapshot>),
    /// Crankers of open shards would have to sign.
    NeedsSignature,
}

/// Seals the parts with the shards that there are. `takes_others`: those of other crankers count.
pub(super) async fn seal(
    reading: &Reading<'_>,
    parts: &[Part<'_>],
    takes_others: bool,
    done: &mut Done,
) -> Result<Sealing, FlowError> {
    let chosen = choose(reading, parts, takes_others).await?;
    let scene = Scene::read(reading).await?;
    let states: Vec<_> = chosen.iter().map(|(_, shard)| shard).collect();
    let (foreseen, signs) = match scene.judge(reading, &states, Signed::Nobody) {
        Err(CoreError::NotShardCranker) => (scene.judge(reading, &states, Signed::Cranker), true),
        other => (other, false),
    };
    let foreseen = match foreseen {
        Ok(foreseen) => foreseen,
        Err(CoreError::NotShardCranker) if takes_others => return Ok(Sealing::NeedsSignature),
        Err(CoreError::SnapshotSealed) if scene.snapshot.state == snapshot_state::SEALED => {
            done.skipped += 1;
            return Ok(Sealing::Sealed(Box::new(scene.snapshot)));
        }
        Err(error) => return Err(scene.explain(reading, &states, error)),
    };
    let keys: Vec<_> = chosen.iter().map(|(key, _)| *key).collect();
    let crankers: &[Pubkey] = if signs { &[reading.cranker] } else { &[] };
    let (ledger, total_account) = (reading.ledger.index, reading.ledger.total_account);
    let seal = ix::seal_snapshot(reading.domain, reading.incident, ledger, total_account, &keys, crankers);
    let sent = reading.session.chain.send(&[seal]).await;
    let sealed: Option<Snapshot> = match &sent {
        Ok(_) => reading.session.find(&reading.snapshot).await?,
        // Somebody else may have sealed the same, or it landed although no answer arrived.
        Err(_) => reading.session.find(&reading.snapshot).await.ok().flatten(),
    };
    let sealed = sealed.filter(|sealed| sealed.state == snapshot_state::SEALED && sealed.root == foreseen.root);
    match (sent, sealed) {
        (Ok(receipt), sealed) => {
            done.receipts.push(receipt);
            Ok(Sealing::Sealed(Box::new(sealed.unwrap_or(foreseen))))
        }
        (Err(_), Some(sealed)) => {
            done.skipped += 1;
            Ok(Sealing::Sealed(Box::new(sealed)))
        }
        (Err(error), None) => Err(error.into()),
    }
}

/// Would a seal of all these positions replace the seal that there is?
pub(super) async fn is_nearer(reading: &Reading<'_>, parts: &[Part<'_>]) -> Result<bool, FlowError> {
    let states: Option<Vec<_>> = parts.iter().map(|part| part.expected.as_deref()).collect();
    let Some(states) = states else {
        let note = "the snapshot is sealed, and its positions cannot be read without the program: it stays as it is";
        reading.session.report.note(note);
        return Ok(false);
    };
    let scene = Scene::read(reading).await?;
    Ok(scene.judge(reading, &states, Signed::Cranker).is_ok())
}

/// The account for every part: this cranker's own if possible, then one that was sealed before.
async fn choose(
    reading: &Reading<'_>,
    parts: &[Part<'_>],
    takes_others: bool,
) -> Result<Vec<(Pubkey, SnapshotShard)>, FlowError> {
    let found = shards(reading.session, &reading.snapshot, None).await?;
    let best = |part: &Part<'_>| {
        let fits = |(_, shard): &&(Pubkey, SnapshotShard)| {
            shard.shard == part.number && may_use(reading, shard, takes_others) && part.is_complete(shard)
        };
        let rank = |(key, shard): &&(Pubkey, SnapshotShard)| {
            (
                shard.cranker != reading.cranker,
                shard.state == snapshot_state::OPEN,
                *key,
            )
        };
        let best = found.iter().filter(fits).min_by_key(rank).copied();
        best.ok_or_else(|| FlowError::NotYet {
            why: format!("shard {} does not contain what the ledger contains now", part.number),
            next: "somebody is still reading, or positions still move: run this again".into(),
        })
    };
    parts.iter().map(best).collect()
}

/// Whose signatures a seal has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signed {
    Nobody,
    Cranker,
}

/// The accounts that the program looks at besides the shards.
struct Scene {
    domain: Domain,
    incident: Incident,
    snapshot: Snapshot,
    host_total: Option<u128>,
    is_restored: bool,
    at: At,
}

impl Scene {
    async fn read(reading: &Reading<'_>) -> Result<Self, FlowError> {
        let (session, ledger) = (reading.session, &reading.ledger);
        let total = session.chain.account(&ledger.total_account).await?;
        let read = |account: solana_account::Account| layout::read_total(ledger, &account.owner, &account.data);
        Ok(Self {
            domain: session.load("domain", &reading.domain, "run this again").await?,
            incident: session.load("incident", &reading.incident, "run this again").await?,
            snapshot: session.load("snapshot", &reading.snapshot, "run this again").await?,
            host_total: total.and_then(read),
            is_restored: is_restored(session, reading.incident, ledger.index).await?,
            at: session.chain.now().await?,
        })
    }

    /// The snapshot as it would be sealed from these shards.
    fn judge(&self, reading: &Reading<'_>, shards: &[&SnapshotShard], signed: Signed) -> Result<Snapshot, CoreError> {
        let (mut snapshot, mut incident) = (self.snapshot, self.incident);
        let mut gathered = Gathered::default();
        for shard in shards {
            let is_signed = signed == Signed::Cranker && shard.cranker == reading.cranker;
            gathered.take((&reading.snapshot, &snapshot), &mut { **shard }, is_signed)?;
        }
        let sealing = acts::Sealing {
            domain: &self.domain,
            ledger: &reading.ledger,
            host_total: self.host_total,
            factors: reading.factors,
            is_restored: self.is_restored,
            at: self.at,
        };
        acts::seal_snapshot(&mut snapshot, &mut incident, gathered, &sealing)?;
        Ok(snapshot)
    }

    /// Why it is not sealed, and what to do next.
    fn explain(&self, reading: &Reading<'_>, shards: &[&SnapshotShard], error: CoreError) -> FlowError {
        let mut roots = [root::empty_shard(); SHARDS];
        for shard in shards {
            if let (Some(slot), Some(root)) = (roots.get_mut(usize::from(shard.shard)), root_of(shard)) {
                *slot = root;
            }
        }
        let Ok((node, count)) = root::seal(&mut roots) else {
            return refused(error, "Ask the council for an override.");
        };
        let stated = format!(
            "an approver can propose `override_seal` of snapshot {} with root {}, total {} and count {count}",
            reading.snapshot,
            hex(&node.hash),
            node.sum,
        );
        match error {
            CoreError::TotalMismatch => {
                let total = self.host_total.unwrap_or_default();
                let host_sums = shards.iter().map(|shard| host_sum(shard));
                let host_sum = host_sums.fold(0, u128::saturating_add);
                let sum = if layout::counts_host_units(&reading.ledger) {
                    host_sum
                } else {
                    node.sum.into()
                };
                refused(
                    error,
                    format!(
                        "every position that this node has is read: they add up to {sum}, and the host's total is \
                         {total}. If the node is complete, the host's total is wrong, and {stated}."
                    ),
                )
            }
            CoreError::TotalUnreadable => refused(error, format!("every position is read, and {stated}.")),
            CoreError::NothingRead => refused(error, "The node lists no position: is it complete?"),
            other => refused(other, "Run this again."),
        }
    }
}
