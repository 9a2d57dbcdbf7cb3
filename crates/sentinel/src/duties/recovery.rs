//! Cranks of many transactions: snapshots, claims, checkpoints. Each is a flow, which goes on where the accounts say
//! that it stopped.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_core::{
    checkpoints::checkpoint::{attesters, latest},
    clock::SLOT_MS,
    domain::council::{member_bit, member_index},
};
use bulkhead_interface::{
    constants::{CHECKPOINTS, checkpoint_state, phase, role, snapshot_state},
    layout::{CheckpointLog, Council, Domain, Ledger, Restoration, Snapshot},
};

use super::{Duty, Scene, schedule::Period};

/// Time between two attempts of a crank that is still due.
const AGAIN_SECONDS: i64 = 60;

/// A crank that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crank {
    /// Kind of the duty.
    pub duty: Duty,
    /// The duty's name.
    pub name: String,
    /// The domain.
    pub domain: Pubkey,
    /// Which one it is: of which period, or over which state.
    pub number: i64,
    /// What is cranked.
    pub kind: CrankKind,
}

/// What is cranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrankKind {
    /// A ledger is read while the domain is frozen.
    Snapshot {
        /// Number of the ledger.
        ledger: u8,
    },
    /// Claims of a restoration are paid.
    Claim {
        /// The incident.
        incident: Pubkey,
        /// Number of the ledger.
        ledger: u8,
    },
    /// A checkpoint is posted.
    Checkpoint {
        /// Number of the ledger.
        ledger: u8,
    },
    /// Somebody else's checkpoint is attested, if it is what is read here.
    Attest {
        /// Number of the ledger.
        ledger: u8,
        /// Slot of the checkpoint.
        slot: u64,
    },
}

/// Time between two checkpoints of one attester: as often as all of them together can fill the log while its entries are
/// kept, and no more often than its rules allow.
pub(super) fn checkpoint_seconds(scene: &Scene, log: &CheckpointLog) -> i64 {
    let council: Option<Council> = scene.accounts.find(&pda::council(&scene.domain()));
    let attesters = council.map_or(1, |council| attesters(&council)).max(1);
    let entries = i64::try_from(CHECKPOINTS).unwrap_or(i64::MAX);
    let own = log
        .keep_seconds
        .saturating_mul(i64::try_from(attesters).unwrap_or(1))
        .div_euclid(entries);
    let least = i64::try_from(log.min_interval_slots.saturating_mul(SLOT_MS).div_ceil(1_000)).unwrap_or(i64::MAX);
    let every = scene.schedule.checkpoint.map_or(own, crate::config::Span::seconds);
    every.max(least).max(1)
}

/// Every crank that is due.
#[must_use]
pub fn cranks(scene: &Scene) -> Vec<Crank> {
    let Some(domain) = scene.accounts.find::<Domain>(&scene.domain()) else {
        return vec![];
    };
    let mut all = Vec::new();
    if domain.state == phase::FROZEN && scene.duties.snapshot {
        all.extend(snapshots(scene, &domain));
    }
    if domain.state == phase::RECOVERING && scene.duties.claim {
        all.extend(claims(scene, &domain));
    }
    if matches!(domain.state, phase::OPERATING | phase::ALERT)
        && let Some(attester) = scene.attester
    {
        all.extend(checkpoints(scene, &attester));
    }
    all
}

fn crank(scene: &Scene, duty: Duty, account: &Pubkey, number: i64, kind: CrankKind) -> Crank {
    Crank {
        duty,
        name: format!("{}/{account}", duty.name()),
        domain: scene.domain(),
        number,
        kind,
    }
}

/// Ledgers that are not sealed yet. One that was sealed may be sealed again; that is for people to decide.
fn snapshots(scene: &Scene, domain: &Domain) -> Vec<Crank> {
    let incident = domain.open_incident;
    let unsealed = |index: u8| {
        let snapshot: Option<Snapshot> = scene.accounts.find(&pda::snapshot(&incident, index));
        snapshot.is_none_or(|snapshot| snapshot.state == snapshot_state::OPEN)
    };
    let ledgers = scene
        .accounts
        .all::<Ledger>()
        .into_iter()
        .filter(|(_, ledger)| unsealed(ledger.index));
    ledgers
        .map(|(_, ledger)| {
            let kind = CrankKind::Snapshot { ledger: ledger.index };
            let number = scene.at.now.div_euclid(AGAIN_SECONDS);
            crank(
                scene,
                Duty::Snapshot,
                &pda::snapshot(&incident, ledger.index),
                number,
                kind,
            )
        })
        .collect()
}

/// Restorations of the open incident that have more to pay.
fn claims(scene: &Scene, domain: &Domain) -> Vec<Crank> {
    let incident = domain.open_incident;
    let restorations = scene.accounts.all::<Restoration>().into_iter();
    let due = restorations.filter(|(_, state)| state.incident == incident && state.paid < state.total);
    due.map(|(key, state)| {
        let ledger = state.ledger_index;
        let number = scene.at.now.div_euclid(AGAIN_SECONDS);
        crank(scene, Duty::Claim, &key, number, CrankKind::Claim { incident, ledger })
    })
    .collect()
}

fn checkpoints(scene: &Scene, attester: &Pubkey) -> Vec<Crank> {
    let council: Option<Council> = scene.accounts.find(&pda::council(&scene.domain()));
    let Some(council) = council else { return vec![] };
    let Ok(index) = member_index(&council, attester, role::ATTESTER) else {
        return vec![];
    };
    let mut all = Vec::new();
    for (key, log) in scene.accounts.all::<CheckpointLog>() {
        let ledger = log.ledger_index;
        let waiting = latest(&log).filter(|entry| {
            entry.state == checkpoint_state::POSTED
                && u64::from(entry.config_epoch) == council.config_epoch
                && entry.attesters & member_bit(index) == 0
        });
        if let Some(entry) = waiting.filter(|_| scene.duties.attest) {
            let (slot, number) = (entry.slot, i64::try_from(entry.slot).unwrap_or(i64::MAX));
            all.push(crank(
                scene,
                Duty::Attest,
                &key,
                number,
                CrankKind::Attest { ledger, slot },
            ));
        }
        let due = Period::of(&key, checkpoint_seconds(scene, &log)).due(scene.at.now);
        if let Some(number) = due.filter(|_| scene.duties.checkpoint) {
            all.push(crank(
                scene,
                Duty::Checkpoint,
                &key,
                number,
                CrankKind::Checkpoint { ledger },
            ));
        }
    }
    all
}
