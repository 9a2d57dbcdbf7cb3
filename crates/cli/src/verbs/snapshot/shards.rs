//! The single acts of a snapshot: open, read, seal, close.

use std::{collections::BTreeSet, path::PathBuf};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, ensure};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::{layout::linked, merkle};
use bulkhead_interface::{
    constants::{SHARDS, ledger_mode, snapshot_state},
    layout::{Snapshot, SnapshotShard},
};
use clap::Parser;

use crate::{
    context::Context,
    files,
    verbs::{
        find::{self, quiet},
        ledger_at::{LedgerAt, not_possible},
    },
};

/// Open the snapshot of a ledger of the frozen domain
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead snapshot open --domain DOMAIN --ledger-index 0")]
pub struct Open {
    #[command(flatten)]
    at: LedgerAt,
}

impl Open {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let ledger = place.ledger(context).await?;
        let payer = context.chain()?.payer();
        let open = ix::open_snapshot_of(place.domain(), payer, place.incident, &ledger);
        context.submit("open_snapshot", &[open]).await
    }
}

/// Open a shard, to read positions into it
///
/// Each cranker has shards of their own: nobody can spoil another's work. `snapshot crank` does this for every shard.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead snapshot open-shard 7 --domain DOMAIN")]
pub struct OpenShard {
    /// Number of the shard: the first hexadecimal digit of the positions' keys
    #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..16))]
    number: u8,
    /// Number of a successor to read into, instead of the incident's own snapshot
    #[arg(long, value_name = "NUMBER")]
    successor: Option<u16>,
    #[command(flatten)]
    at: LedgerAt,
}

impl OpenShard {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (cranker, payer) = (context.signer()?, context.chain()?.payer());
        let open = ix::open_shard(
            place.domain(),
            cranker,
            payer,
            place.read_into(self.successor),
            self.number,
        );
        context.submit("open_shard", &[open]).await
    }
}

/// Read positions into a shard
///
/// One transaction. The positions are of one shard, and greater than all that were read into it before.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead snapshot ingest POSITION POSITION --domain DOMAIN")]
pub struct Ingest {
    /// Addresses of the positions, in any order. Where other accounts go with a position (the mint and the holder's token
    /// account; what an export is given for each), in the program's order: each position, then its accounts
    #[arg(value_name = "POSITION", required_unless_present = "file")]
    positions: Vec<Pubkey>,
    /// A file with one address per line
    #[arg(long, value_name = "FILE", conflicts_with = "positions")]
    file: Option<PathBuf>,
    /// Number of a successor to read into, instead of the incident's own snapshot
    #[arg(long, value_name = "NUMBER")]
    successor: Option<u16>,
    #[command(flatten)]
    at: LedgerAt,
}

impl Ingest {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let ledger = place.ledger(context).await?;
        let each = linked::accounts_each(&ledger);
        let mut positions = self.given()?;
        // An account of many positions is given once for every sixteen.
        if each == 1 && !linked::has_records(&ledger) {
            sort(&mut positions)?;
        }
        let heads: Vec<_> = positions.iter().step_by(each).copied().collect();
        let number = one_shard(&heads)?;
        let (domain, cranker, snapshot) = (place.domain(), context.signer()?, place.read_into(self.successor));
        if ledger.mode == ledger_mode::EXPORT {
            let ingest = ix::ingest_export(domain, cranker, snapshot, &ledger, number, &positions);
            return context.submit("ingest_export", &[ingest]).await;
        }
        if linked::factor_count(&ledger) != 0 {
            positions.insert(0, snapshot);
        }
        let ingest = ix::ingest_positions(domain, cranker, snapshot, place.ledger_index, number, &positions);
        context.submit("ingest_positions", &[ingest]).await
    }

    fn given(&self) -> anyhow::Result<Vec<Pubkey>> {
        let positions = match &self.file {
            None => self.positions.clone(),
            Some(file) => {
                let name = file.display();
                let text = files::read_text(file, files::LONG).with_context(|| format!("{name} cannot be read"))?;
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let key = |line: &str| {
                    line.parse()
                        .with_context(|| format!("BadAddress: {name}: {line:?} is not an address"))
                };
                lines.map(key).collect::<anyhow::Result<_>>()?
            }
        };
        Ok(positions)
    }
}

/// The order in which the program reads positions.
fn sort(positions: &mut [Pubkey]) -> anyhow::Result<()> {
    positions.sort_unstable();
    let distinct: BTreeSet<_> = positions.iter().collect();
    ensure!(
        distinct.len() == positions.len(),
        "DuplicatePosition: an address is given twice; give each once"
    );
    Ok(())
}

/// The shard that all of the positions belong to.
fn one_shard(positions: &[Pubkey]) -> anyhow::Result<u8> {
    let numbers: BTreeSet<_> = positions.iter().map(|key| merkle::shard_of(key.as_array())).collect();
    let mut numbers = numbers.into_iter();
    match (numbers.next(), numbers.next()) {
        (Some(number), None) => Ok(number),
        (None, _) => Err(not_possible("there is no position", "name at least one")),
        (Some(first), Some(second)) => Err(not_possible(
            format!("the positions belong to more than one shard, {first} and {second} among them"),
            "read the positions of each shard by themselves, or use `bulkhead snapshot crank`",
        )),
    }
}

/// Seal the snapshot
///
/// Takes the shards that the signer has read, or those that are named. Their sum has to be the host's own total. If the
/// ledger tolerates a difference and there is one, whoever cranked the open shards has to sign, too.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead snapshot seal --domain DOMAIN")]
pub struct Seal {
    /// Address of a shard of another cranker, instead of the signer's own
    #[arg(long = "shard", value_name = "ADDRESS")]
    shards: Vec<Pubkey>,
    /// Another cranker that signs
    #[arg(long = "cranker", value_name = "ADDRESS")]
    crankers: Vec<Pubkey>,
    #[command(flatten)]
    at: LedgerAt,
}

impl Seal {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (ledger, snapshot) = (place.ledger(context).await?, place.snapshot());
        let signer = context.signer()?;
        let mut keys: Vec<_> = (0..16).map(|number| pda::shard(&snapshot, number, &signer)).collect();
        keys.extend(&self.shards);
        let found = read_shards(context, &keys).await?;
        let named = |key: &Pubkey| self.shards.contains(key);
        let mut chosen = [None; SHARDS];
        for (key, shard) in &found {
            let slot = chosen
                .get_mut(usize::from(shard.shard))
                .filter(|_| shard.snapshot == snapshot);
            let Some(slot) = slot else {
                return Err(not_possible(
                    format!("{key} is not a shard of {snapshot}"),
                    "name shards of this snapshot",
                ));
            };
            // A shard that is named takes the place of the signer's own.
            if shard.seen > 0 && (slot.is_none() || named(key)) {
                *slot = Some((*key, *shard));
            }
        }
        let is_unknown = |key: &&Pubkey| !found.iter().any(|(found, _)| found == *key);
        if let Some(key) = self.shards.iter().find(is_unknown) {
            return Err(not_possible(
                format!("{key} is not a shard of a snapshot"),
                "`bulkhead snapshot show` lists the shards",
            ));
        }
        let chosen: Vec<_> = chosen.into_iter().flatten().collect();
        if chosen.is_empty() {
            return Err(not_possible(
                format!("{signer} has read no shard of {snapshot}"),
                "read the positions with `bulkhead snapshot crank`, or name shards with --shard",
            ));
        }
        let is_own =
            |(_, shard): &(Pubkey, SnapshotShard)| shard.cranker == signer && shard.state == snapshot_state::OPEN;
        let mut crankers = self.crankers.clone();
        if chosen.iter().any(is_own) && !crankers.contains(&signer) {
            crankers.push(signer);
        }
        let keys: Vec<_> = chosen.iter().map(|(key, _)| *key).collect();
        let seal = ix::seal_snapshot(
            place.domain(),
            place.incident,
            place.ledger_index,
            ledger.total_account,
            &keys,
            &crankers,
        );
        context.submit("seal_snapshot", &[seal]).await
    }
}

/// Those of the accounts that are shards.
async fn read_shards(context: &Context, keys: &[Pubkey]) -> anyhow::Result<Vec<(Pubkey, SnapshotShard)>> {
    let accounts = context.chain()?.accounts(keys).await?;
    let decoded = keys.iter().zip(accounts).filter_map(|(key, account)| {
        let account = account?;
        Some((*key, bulkhead_client::decode::owned(&account.owner, &account.data)?))
    });
    Ok(decoded.collect())
}

/// Close a shard that no seal depends on, and take its rent back
///
/// Only its cranker may. Also for a shard of a publication that was given up.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead snapshot close-shard SHARD -k cranker.json")]
pub struct CloseShard {
    /// Address of the shard
    #[arg(value_name = "SHARD")]
    shard: Pubkey,
    /// Who gets the rent [default: the fee payer]
    #[arg(long, value_name = "ADDRESS")]
    receiver: Option<Pubkey>,
}

impl CloseShard {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let next = "`bulkhead snapshot show` lists the shards of a snapshot";
        let shard: SnapshotShard = find::one(context, "shard", &self.shard, next).await?;
        // A shard that is being published names its log here, which is no snapshot.
        let snapshot = quiet(context)?.find::<Snapshot>(&shard.snapshot).await?;
        let receiver = self.receiver.unwrap_or(context.chain()?.payer());
        let snapshot = snapshot.map(|_| shard.snapshot);
        let close = ix::close_shard(shard.cranker, snapshot, self.shard, receiver);
        context.submit("close_shard", &[close]).await
    }
}
