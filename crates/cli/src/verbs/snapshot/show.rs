//! `bulkhead snapshot show`

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{payload::hex, watch::Kind};
use bulkhead_interface::{
    constants::{snapshot_flag, snapshot_source, snapshot_state},
    layout::{Snapshot, SnapshotShard},
};
use clap::Parser;
use serde::Serialize;

use crate::{
    context::Context,
    verbs::{find, ledger_at::LedgerAt, words},
};

/// Show a snapshot and its shards
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead snapshot show --domain DOMAIN")]
pub struct Show {
    /// Address of the snapshot [default: the one that is read in the incident]
    #[arg(value_name = "SNAPSHOT")]
    snapshot: Option<Pubkey>,
    #[command(flatten)]
    at: LedgerAt,
}

/// A snapshot as it stands.
#[derive(Serialize)]
struct Shown {
    snapshot: String,
    domain: String,
    incident: String,
    ledger_index: u8,
    state: &'static str,
    source: &'static str,
    checkpoint_slot: Option<u64>,
    root: String,
    total: String,
    leaves: u64,
    excess: String,
    shortfall: String,
    seals: u32,
    is_overridden: bool,
    opened_slot: u64,
    sealed_slot: u64,
    sealed_ts: i64,
    shards: Vec<ShownShard>,
    #[serde(skip)]
    now: i64,
}

/// One cranker's account of a shard.
#[derive(Serialize)]
struct ShownShard {
    number: u8,
    address: String,
    cranker: String,
    state: &'static str,
    is_of_the_last_seal: bool,
    positions: u32,
    leaves: u32,
    sum: String,
}

impl Show {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let key = match self.snapshot {
            Some(key) => key,
            None => self.at.find(context).await?.snapshot(),
        };
        let next = "`bulkhead snapshot crank` opens and reads it while the domain is frozen";
        let state: Snapshot = find::one(context, "snapshot", &key, next).await?;
        let chain = context.chain()?;
        let mut shards: Vec<(Pubkey, SnapshotShard)> = find::all(chain, Kind::SnapshotShard, &state.domain).await?;
        shards.retain(|(_, shard)| shard.snapshot == key);
        shards.sort_unstable_by_key(|(key, shard)| (shard.shard, *key));
        let shown = Shown::new(key, &state, &shards, chain.now().await?.now);
        context.print(&shown, || shown.text())
    }
}

impl Shown {
    fn new(key: Pubkey, state: &Snapshot, shards: &[(Pubkey, SnapshotShard)], now: i64) -> Self {
        Self {
            snapshot: key.to_string(),
            domain: state.domain.to_string(),
            incident: state.incident.to_string(),
            ledger_index: state.ledger_index,
            state: state_name(state.state),
            source: match state.source {
                snapshot_source::FROZEN => "frozen ledger",
                snapshot_source::CHECKPOINT => "checkpoint",
                _ => "unknown",
            },
            checkpoint_slot: (state.source == snapshot_source::CHECKPOINT).then_some(state.checkpoint_slot),
            root: hex(&state.root),
            total: state.total.to_string(),
            leaves: state.count,
            excess: state.excess.to_string(),
            shortfall: state.shortfall.to_string(),
            seals: state.seals,
            is_overridden: state.flags & snapshot_flag::OVERRIDDEN != 0,
            opened_slot: state.opened_slot,
            sealed_slot: state.sealed_slot,
            sealed_ts: state.sealed_ts,
            shards: shards
                .iter()
                .map(|(key, shard)| ShownShard::new(*key, shard, state))
                .collect(),
            now,
        }
    }

    fn text(&self) -> String {
        let mut pairs = vec![
            ("snapshot", self.snapshot.clone()),
            ("incident", self.incident.clone()),
            ("ledger", self.ledger_index.to_string()),
            ("state", self.state.to_owned()),
            ("opened", format!("in slot {}", self.opened_slot)),
        ];
        if let Some(slot) = self.checkpoint_slot {
            pairs.push(("source", format!("the checkpoint of slot {slot}")));
        }
        if self.state != state_name(snapshot_state::OPEN) {
            let sealed = words::time(self.sealed_ts, self.now);
            pairs.extend([
                ("sealed", format!("in slot {}, {sealed}", self.sealed_slot)),
                ("root", self.root.clone()),
                ("total", self.total.clone()),
                ("leaves", self.leaves.to_string()),
            ]);
        }
        if self.excess != "0" || self.shortfall != "0" {
            let apart = format!("{} above it, {} below it", self.excess, self.shortfall);
            pairs.push(("host's total", apart));
        }
        if self.is_overridden {
            pairs.push(("override", "sealed by a matured proposal".to_owned()));
        }
        let rows: Vec<_> = self.shards.iter().map(ShownShard::row).collect();
        let head = ["shard", "state", "positions", "leaves", "sum", "cranker", "address"];
        let mut text = words::lines(&pairs);
        if rows.is_empty() {
            text.push_str("\nno shard is open\n");
        } else {
            text.push('\n');
            text.push_str(&words::table(&head, &rows));
        }
        text
    }
}

impl ShownShard {
    fn new(key: Pubkey, shard: &SnapshotShard, snapshot: &Snapshot) -> Self {
        Self {
            number: shard.shard,
            address: key.to_string(),
            cranker: shard.cranker.to_string(),
            state: state_name(shard.state),
            is_of_the_last_seal: shard.state == snapshot_state::SEALED && shard.seal == snapshot.seals,
            // The shard of a checkpoint has read nothing.
            positions: shard.seen.max(shard.count),
            leaves: shard.count,
            sum: shard.sum.to_string(),
        }
    }

    fn row(&self) -> Vec<String> {
        let state = if self.state == "sealed" && !self.is_of_the_last_seal {
            "replaced"
        } else {
            self.state
        };
        vec![
            self.number.to_string(),
            state.to_owned(),
            self.positions.to_string(),
            self.leaves.to_string(),
            self.sum.clone(),
            self.cranker.clone(),
            self.address.clone(),
        ]
    }
}

/// The state of a snapshot or a shard.
const fn state_name(state: u8) -> &'static str {
    match state {
        snapshot_state::OPEN => "open",
        snapshot_state::SEALED => "sealed",
        snapshot_state::VOID => "void",
        _ => "unknown",
    }
}
