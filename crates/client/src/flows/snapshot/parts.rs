//! The positions of one shard, and what their shard has to look like.

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::snapshots::{
    frontier::{self, FrontierError, Intake},
    layout, merkle,
};
use bulkhead_interface::{
    constants::{SHARDS, snapshot_state},
    discriminator,
    layout::{Ledger, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use super::{Position, Reading};
use crate::flows::refusal::refused;
use crate::{
    chain::Filter,
    decode,
    flows::{FlowError, Session},
};

/// The positions of one shard.
pub(super) struct Part<'a> {
    pub(super) number: u8,
    /// In ascending order of their keys; not empty.
    pub(super) positions: &'a [Position],
    /// The open shard of this cranker after it has read all of them; `None` if an export reads them.
    pub(super) expected: Option<Box<SnapshotShard>>,
}

/// Splits positions by shard. Shards without a position are left out.
pub(super) fn split<'a>(reading: &Reading<'_>, positions: &'a [Position]) -> Result<Vec<Part<'a>>, FlowError> {
    let mut rest = positions;
    let mut parts = Vec::with_capacity(SHARDS);
    for number in 0..16 {
        let is_own = |position: &Position| merkle::shard_of(position.leaf.key.as_array()) == number;
        let (own, others) = rest.split_at(rest.partition_point(is_own));
        rest = others;
        if own.is_empty() {
            continue;
        }
        let expected = (!reading.is_exported()).then(|| read(reading, number, own)).transpose();
        let expected = expected.map_err(|error| {
            refused(
                error.into(),
                "The program cannot read this ledger: its council has to register another layout.",
            )
        })?;
        parts.push(Part {
            number,
            positions: own,
            expected,
        });
        let done = positions.len() - rest.len();
        (reading.session.report).progress("leaves", done as u64, positions.len() as u64);
    }
    Ok(parts)
}

/// The shard after it has read these positions, by the program's own rule.
fn read(reading: &Reading<'_>, number: u8, positions: &[Position]) -> Result<Box<SnapshotShard>, FrontierError> {
    let mut shard = Box::new(SnapshotShard {
        shard: number,
        domain: reading.domain,
        incident: reading.incident,
        snapshot: reading.snapshot,
        tag: reading.tag,
        cranker: reading.cranker,
        ..SnapshotShard::zeroed()
    });
    read_into(&mut shard, &reading.ledger, positions)?;
    Ok(shard)
}

fn read_into(shard: &mut SnapshotShard, ledger: &Ledger, positions: &[Position]) -> Result<(), FrontierError> {
    let in_host_units = layout::counts_host_units(ledger);
    let mut intake = Intake::new(shard)?;
    for Position { leaf, host_amount, .. } in positions {
        intake.append(leaf.key.as_array(), leaf.owner.as_array(), leaf.amount)?;
        if in_host_units {
            intake.add_host_amount(*host_amount)?;
        }
    }
    Ok(())
}

impl Part<'_> {
    /// Has the shard exactly the leaves of these positions? Of positions that an export reads, only their number and
    /// the last key are known.
    pub(super) fn is_complete(&self, shard: &SnapshotShard) -> bool {
        match &self.expected {
            Some(expected) => is_same(shard, expected),
            None => {
                let last = self.positions.last().map(|position| position.leaf.key);
                shard.seen as usize == self.positions.len() && Some(shard.last_key) == last
            }
        }
    }

    /// Has the open shard read exactly the first of these positions, so that the next one can follow? Not if a position
    /// was left out, or has changed since.
    pub(super) fn is_begun_by(&self, reading: &Reading<'_>, shard: &SnapshotShard) -> bool {
        let Some(read) = self.positions.get(..shard.seen as usize) else {
            return false;
        };
        if shard.state != snapshot_state::OPEN {
            return false;
        }
        let Some(last) = read.last() else { return true };
        if reading.is_exported() {
            return shard.last_key == last.leaf.key;
        }
        let expected = self::read(reading, self.number, read);
        expected.is_ok_and(|expected| shard.last_key == last.leaf.key && is_same(shard, &expected))
    }
}

/// Do two shards have the same leaves, and the same sum before the scale?
fn is_same(a: &SnapshotShard, b: &SnapshotShard) -> bool {
    let bytes = |root: ShardRoot| (root.root.hash, root.root.sum, root.count);
    let is_same_root = root_of(a).is_some_and(|a| root_of(b).is_some_and(|b| bytes(a) == bytes(b)));
    is_same_root && a.host_sum == b.host_sum
}

/// The root of a shard as a seal would take it.
pub(super) fn root_of(shard: &SnapshotShard) -> Option<ShardRoot> {
    match shard.state {
        snapshot_state::OPEN => frontier::finish(&mut { *shard }).ok(),
        _ => frontier::finished(shard).ok(),
    }
}

/// All accounts of a snapshot's shards, whoever opened them; of one shard, if `number` is given.
pub(in crate::flows) async fn shards(
    session: &Session<'_>,
    snapshot: &Pubkey,
    number: Option<u8>,
) -> Result<Vec<(Pubkey, SnapshotShard)>, FlowError> {
    let bytes = |offset: usize, bytes: &[u8]| Filter::Bytes {
        offset,
        bytes: bytes.to_vec(),
    };
    let mut filters = vec![
        bytes(0, &discriminator::SNAPSHOT_SHARD),
        bytes(8 + offset_of!(SnapshotShard, snapshot), snapshot.as_ref()),
    ];
    if let Some(number) = number {
        filters.push(bytes(8 + offset_of!(SnapshotShard, shard), &[number]));
    }
    let accounts = session.chain.owned(&bulkhead::ID, &filters).await?;
    let shard =
        |(key, account): (Pubkey, solana_account::Account)| Some((key, decode::owned(&account.owner, &account.data)?));
    Ok(accounts.into_iter().filter_map(shard).collect())
}
