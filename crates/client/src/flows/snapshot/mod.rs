//! `snapshot`: reads a ledger while nothing may move, all shards at once, and seals it.
//!
//! The flow goes on where the accounts say that reading stopped, whoever read. A shard that another cranker has read
//! completely is used as it is. A shard that another cranker has begun belongs to that cranker, so it is read again
//! into an account of this one. Where the sum is not exactly the host's total, the program takes only shards whose
//! crankers sign, so then every shard is read into accounts of this cranker.

mod cost;
mod crank;
mod linked;
mod parts;
mod positions;
mod seal;
pub(in crate::flows) mod send;
pub mod size;
mod tree;

pub(in crate::flows) use {
    cost::rent,
    linked::live_factors,
    parts::shards,
    positions::{frozen_positions, positions_at},
};
pub use {
    cost::{Cost, Pace, snapshot_cost},
    positions::{Leaf, Listed, Position, positions},
    tree::{Proved, Prover, Tree},
};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{CoreError, acts, snapshots::layout::Factors};
use bulkhead_interface::{
    constants::{ledger_mode, snapshot_state},
    layout::{Domain, Ledger, Restoration, Snapshot},
};

use self::{parts::Part, seal::Sealing, send::ensure};
use crate::flows::refusal::refused;
use crate::{
    flows::{Done, FlowError, Session},
    instructions as ix, pda,
};

/// What [`snapshot`] leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshotted {
    /// What it did.
    pub done: Done,
    /// The sealed snapshot.
    pub snapshot: Pubkey,
    /// Its root.
    pub root: [u8; 32],
    /// Sum of its leaves. Native units.
    pub total: u64,
    /// Number of its leaves.
    pub count: u64,
    /// Excess of its total over the host's. Native units.
    pub excess: u64,
    /// Shortfall of its total below the host's. Native units.
    pub shortfall: u64,
}

/// What every step of the flow needs.
pub(in crate::flows) struct Reading<'a> {
    session: &'a Session<'a>,
    domain: Pubkey,
    cranker: Pubkey,
    incident: Pubkey,
    ledger: Ledger,
    snapshot: Pubkey,
    tag: [u8; 32],
    factors: Factors,
}

/// Opens the snapshot of a ledger in the open incident, reads all positions and seals it. `cranker` signs; the chain's
/// payer pays.
///
/// # Errors
/// [`FlowError::NotYet`] before the domain is frozen. [`FlowError::Rule`] when the positions do not add up to the host's
/// total: they have been read then, for an override. Otherwise [`FlowError`].
pub async fn snapshot(
    session: &Session<'_>,
    domain: Pubkey,
    cranker: Pubkey,
    ledger_index: u8,
) -> Result<Snapshotted, FlowError> {
    let mut done = Done::default();
    let state: Domain = session.load("domain", &domain, "is the address right?").await?;
    let ledger_key = pda::ledger(&domain, ledger_index);
    let ledger: Ledger = session.load("ledger", &ledger_key, "is its number right?").await?;
    let incident = state.open_incident;
    let key = pda::snapshot(&incident, ledger_index);

    let found: Option<Snapshot> = session.find(&key).await?;
    let found = found.filter(|found| found.state == snapshot_state::SEALED);
    if let Some(sealed) = found
        && is_final(session, incident, &sealed).await?
    {
        done.skipped += 1;
        return Ok(result(done, key, &sealed));
    }
    acts::require_frozen(&state, &incident).map_err(|error| FlowError::NotYet {
        why: format!("the domain is not frozen ({error:?})"),
        next: "positions are read from the freeze to the reopening: the guardians confirm the incident first".into(),
    })?;
    if is_restored(session, incident, ledger_index).await? {
        return Err(refused(
            CoreError::LedgerRestored,
            "Its claims are being paid; nothing is left to read.",
        ));
    }
    if ledger.export.position_accounts != 0 {
        return Err(FlowError::NotPossible {
            why: "the ledger's export is given accounts of its own for each position, which only its adapter knows"
                .into(),
            next: "read the positions with `bulkhead snapshot ingest`, each followed by its accounts".into(),
        });
    }
    let open = ix::open_snapshot_of(domain, session.chain.payer(), incident, &ledger);
    ensure(session, &key, &[open], &mut done).await?;
    let opened: Snapshot = session.load("snapshot", &key, "run this again").await?;

    let reading = Reading {
        session,
        domain,
        cranker,
        incident,
        ledger,
        snapshot: key,
        tag: opened.tag,
        factors: linked::frozen_factors(session, &ledger, &key).await?,
    };
    let listed = positions::positions_by(session, &reading.ledger, &reading.factors).await?;
    if let Some(warning) = listed.warning() {
        session.report.note(&warning);
    }
    let parts = parts::split(&reading, &listed.positions)?;
    if let Some(sealed) = found
        && !seal::is_nearer(&reading, &parts).await?
    {
        done.skipped += 1;
        return Ok(result(done, key, &sealed));
    }
    let sealed = read_and_seal(&reading, &parts, &mut done).await?;
    Ok(result(done, key, &sealed))
}

/// Reads until the snapshot is sealed: first with what others have read, then alone if the program asks for that.
async fn read_and_seal(reading: &Reading<'_>, parts: &[Part<'_>], done: &mut Done) -> Result<Snapshot, FlowError> {
    for takes_others in [true, false] {
        crank::crank(reading, parts, takes_others, done).await?;
        match seal::seal(reading, parts, takes_others, done).await? {
            Sealing::Sealed(sealed) => return Ok(*sealed),
            Sealing::NeedsSignature => reading.session.report.note(
                "the positions do not add up to exactly the host's total, so the program asks for the signature of each \
                 shard's cranker: reading others' shards again",
            ),
        }
    }
    Err(refused(CoreError::NotShardCranker, "Run this again."))
}

/// Can no other seal by crank replace this one? A seal of exactly the host's total, an override, a seal of yesterday,
/// and that of a ledger which was restored.
async fn is_final(session: &Session<'_>, incident: Pubkey, sealed: &Snapshot) -> Result<bool, FlowError> {
    let now = session.chain.now().await?.now;
    let is_settled = acts::require_settled(sealed, now).is_ok();
    Ok(is_settled || is_restored(session, incident, sealed.ledger_index).await?)
}

async fn is_restored(session: &Session<'_>, incident: Pubkey, ledger_index: u8) -> Result<bool, FlowError> {
    let key = pda::restoration(&incident, ledger_index);
    Ok(session.find::<Restoration>(&key).await?.is_some())
}

const fn result(done: Done, snapshot: Pubkey, sealed: &Snapshot) -> Snapshotted {
    Snapshotted {
        done,
        snapshot,
        root: sealed.root,
        total: sealed.total,
        count: sealed.count,
        excess: sealed.excess,
        shortfall: sealed.shortfall,
    }
}

impl Reading<'_> {
    /// Does the program call an export instead of reading bytes? Then nothing is known of a position but its key.
    const fn is_exported(&self) -> bool {
        self.ledger.mode == ledger_mode::EXPORT
    }
}
