//! Reading the positions of each shard, in ascending order, as many in a transaction as fit.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{CoreError, acts, snapshots::layout::linked};
use bulkhead_interface::{
    constants::{RECORDS_AT_ONCE, SHARDS, snapshot_state},
    layout::{Snapshot, SnapshotShard},
};
use solana_instruction::Instruction;

use super::{
    Position, Reading,
    parts::{Part, shards},
    send::{Job, all, is_too_large},
    size::room,
};
use crate::flows::refusal::refused;
use crate::{
    flows::{Done, FlowError},
    instructions as ix, pda,
};

/// Most positions of accounts with many that one transaction reads: that is a multiple of sixteen, and well within what
/// one may compute.
const MOST_RECORDS: usize = 512;

/// Reads every part that nobody has read completely. `takes_others`: open shards of other crankers count.
pub(super) async fn crank(
    reading: &Reading<'_>,
    parts: &[Part<'_>],
    takes_others: bool,
    done: &mut Done,
) -> Result<(), FlowError> {
    let crew = Crew {
        reading,
        takes_others,
        read: AtomicU64::new(0),
        total: parts.iter().map(|part| part.positions.len() as u64).sum(),
        most: AtomicUsize::new(usize::MAX),
    };
    let mut jobs: Vec<Job<'_, Done>> = Vec::with_capacity(parts.len());
    for number in order(&reading.cranker) {
        let part = parts.iter().find(|part| usize::from(part.number) == number);
        if let Some(part) = part {
            jobs.push(Box::pin(crew.crank(part)));
        }
    }
    for part in all(jobs, reading.session.parallel).await? {
        done.add(part);
    }
    Ok(())
}

/// The order in which a cranker reads the shards. Every cranker has another one, so that two of them at the same time
/// come upon shards that the other has finished.
fn order(cranker: &Pubkey) -> impl Iterator<Item = usize> + use<> {
    let [first, step, ..] = cranker.to_bytes();
    // An odd step visits all sixteen.
    let (first, step) = (usize::from(first), usize::from(step | 1));
    (0..SHARDS).map(move |number| (first + number * step) % SHARDS)
}

/// The crank of all shards.
struct Crew<'a> {
    reading: &'a Reading<'a>,
    takes_others: bool,
    read: AtomicU64,
    total: u64,
    /// Most positions that one transaction can compute; only an export can make them fewer than fit in size.
    most: AtomicUsize,
}

impl Crew<'_> {
    async fn crank(&self, part: &Part<'_>) -> Result<Done, FlowError> {
        let reading = self.reading;
        let mut done = Done::default();
        let found = shards(reading.session, &reading.snapshot, Some(part.number)).await?;
        let counts = |(_, shard): &(Pubkey, SnapshotShard)| {
            may_use(reading, shard, self.takes_others) && part.is_complete(shard)
        };
        if found.iter().any(counts) {
            self.count(part.positions.len());
            done.skipped += part.positions.len() as u64;
            return Ok(done);
        }
        let own = pda::shard(&reading.snapshot, part.number, &reading.cranker);
        let found = found.into_iter().find(|(key, _)| *key == own).map(|(_, shard)| shard);
        let mut state = match found {
            Some(shard) if part.is_begun_by(reading, &shard) => Some(shard.seen as usize),
            Some(shard) => {
                self.close(&own, &shard, &mut done).await?;
                None
            }
            None => None,
        };
        self.count(state.unwrap_or(0));
        done.skipped += state.unwrap_or(0) as u64;
        while let Some(rest) = part.positions.get(state.unwrap_or(0)..).filter(|rest| !rest.is_empty()) {
            let (instructions, taken) = self.batch(part.number, state.is_none(), rest)?;
            let before = state.unwrap_or(0);
            match reading.session.chain.send(&instructions).await {
                Ok(receipt) => {
                    done.receipts.push(receipt);
                    state = Some(before + taken);
                }
                Err(error) if is_too_large(&error) && taken > 1 => {
                    self.most.fetch_min(taken / 2, Relaxed);
                }
                // It may have landed although no answer arrived, or this cranker runs twice.
                Err(error) => match self.reload(part, &own, state).await {
                    Some(seen) => state = Some(seen),
                    None => return Err(error.into()),
                },
            }
            self.count(state.unwrap_or(0).saturating_sub(before));
        }
        Ok(done)
    }

    /// The next transaction of a shard, and how many positions it reads. Opening the shard goes with its first.
    fn batch(&self, number: u8, opens: bool, rest: &[Position]) -> Result<(Vec<Instruction>, usize), FlowError> {
        let reading = self.reading;
        let payer = reading.session.chain.payer();
        let mut instructions = Vec::with_capacity(2);
        if opens {
            let (domain, cranker) = (reading.domain, reading.cranker);
            instructions.push(ix::open_shard(domain, cranker, payer, reading.snapshot, number));
        }
        instructions.push(reading.ingest(number, &[]));
        let most = self.most.load(Relaxed).min(rest.len());
        let fitting = reading.fitting(room(&payer, &instructions), rest.get(..most).unwrap_or_default());
        if fitting == 0 {
            return Err(FlowError::NotPossible {
                why: "no position fits a transaction".into(),
                next: "let the cranker pay the fees itself, which takes less room".into(),
            });
        }
        let accounts = reading.accounts(rest.get(..fitting).unwrap_or_default());
        instructions.pop();
        instructions.push(reading.ingest(number, &accounts));
        Ok((instructions, fitting))
    }

    /// Where the shard is after a transaction of which nothing is known, if it is further than it was.
    async fn reload(&self, part: &Part<'_>, own: &Pubkey, before: Option<usize>) -> Option<usize> {
        let found = self.reading.session.find::<SnapshotShard>(own).await;
        let shard = found.ok().flatten()?;
        let seen = shard.seen as usize;
        let is_further = before.is_none_or(|before| seen > before);
        (is_further && part.is_begun_by(self.reading, &shard)).then_some(seen)
    }

    /// Closes this cranker's own shard: it left a position out, or a position has changed since.
    async fn close(&self, key: &Pubkey, shard: &SnapshotShard, done: &mut Done) -> Result<(), FlowError> {
        let Reading { session, cranker, .. } = self.reading;
        let snapshot = self.reading.snapshot;
        let is_sealed = shard.state != snapshot_state::OPEN;
        let state: Snapshot = session.load("snapshot", &snapshot, "run this again").await?;
        acts::close_shard(is_sealed.then_some((&snapshot, &state)), shard, cranker).map_err(|error| match error {
            CoreError::SnapshotSealed => refused(
                error,
                "This cranker's shard belongs to the last seal, and positions have changed since: run this with another \
                 cranker's key.",
            ),
            other => refused(other, "Run this with another cranker's key."),
        })?;
        session.report.note(&format!(
            "shard {} does not contain what the ledger contains now, and is read again",
            shard.shard
        ));
        let close = ix::close_shard(*cranker, is_sealed.then_some(snapshot), *key, session.chain.payer());
        done.receipts.push(session.chain.send(&[close]).await?);
        Ok(())
    }

    fn count(&self, positions: usize) {
        let read = self.read.fetch_add(positions as u64, Relaxed) + positions as u64;
        self.reading.session.report.progress("positions", read, self.total);
    }
}

/// Can a seal take this shard? One that is sealed, one of this cranker, and one of another where the sum is exactly the
/// host's total.
pub(super) fn may_use(reading: &Reading<'_>, shard: &SnapshotShard, takes_others: bool) -> bool {
    takes_others || shard.state != snapshot_state::OPEN || shard.cranker == reading.cranker
}

impl Reading<'_> {
    /// The instruction that reads positions into this cranker's shard, from these accounts.
    fn ingest(&self, number: u8, accounts: &[Pubkey]) -> Instruction {
        let (domain, cranker, snapshot) = (self.domain, self.cranker, self.snapshot);
        if self.is_exported() {
            return ix::ingest_export(domain, cranker, snapshot, &self.ledger, number, accounts);
        }
        let has_factors = linked::factor_count(&self.ledger) != 0;
        let accounts: Vec<_> = has_factors
            .then_some(snapshot)
            .into_iter()
            .chain(accounts.iter().copied())
            .collect();
        ix::ingest_positions(domain, cranker, snapshot, self.ledger.index, number, &accounts)
    }

    /// How many of these positions one instruction can read that has room for so many more accounts.
    fn fitting(&self, room: usize, positions: &[Position]) -> usize {
        if linked::owner_is_token(&self.ledger) {
            return (room / linked::accounts_each(&self.ledger)).min(positions.len());
        }
        if !linked::has_records(&self.ledger) {
            return room.min(positions.len());
        }
        let mut left = room;
        let mut fitting = 0;
        for own in positions.chunk_by(|one, next| one.account == next.account) {
            let times = own.len().div_ceil(RECORDS_AT_ONCE as usize).min(left);
            // What is left of an account goes with the next transaction.
            fitting += own.len().min(times * RECORDS_AT_ONCE as usize);
            left -= times;
        }
        fitting.min(MOST_RECORDS)
    }

    /// The accounts to pass for these positions. An account of many is passed once for every sixteen; the program goes
    /// on in it where it stopped.
    fn accounts(&self, positions: &[Position]) -> Vec<Pubkey> {
        if !linked::has_records(&self.ledger) {
            let of =
                |position: &Position| std::iter::once(position.account).chain(position.token.into_iter().flatten());
            return positions.iter().flat_map(of).collect();
        }
        let accounts = positions.chunk_by(|one, next| one.account == next.account);
        let times = |own: &[Position]| own.len().div_ceil(RECORDS_AT_ONCE as usize);
        accounts
            .flat_map(|own| own.iter().map(|position| position.account).take(times(own)))
            .collect()
    }
}
