//! `bulkhead checkpoint list` and `show`

use anchor_lang::prelude::Pubkey;
use bulkhead_client::payload::{duration, hex};
use bulkhead_core::{
    checkpoints::checkpoint::{self, is_published},
    domain::council::{member_bit, members},
};
use bulkhead_interface::{
    constants::{checkpoint_state, log_flag},
    layout::{Checkpoint, CheckpointLog, Council},
};
use clap::Parser;
use serde::Serialize;

use super::{LogAt, entry_of};
use crate::{
    context::Context,
    verbs::{find::Site, words},
};

/// List the checkpoints of a ledger
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint list --domain DOMAIN")]
pub struct List {
    #[command(flatten)]
    at: LogAt,
}

/// Show one checkpoint
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead checkpoint show 400000123 --domain DOMAIN")]
pub struct Show {
    /// Slot of the checkpoint [default: the newest]
    #[arg(value_name = "SLOT")]
    slot: Option<u64>,
    #[command(flatten)]
    at: LogAt,
}

/// A log as it stands.
#[derive(Serialize)]
struct ShownLog {
    log: String,
    ledger: String,
    ledger_index: u8,
    threshold: u8,
    tolerance_bps: u16,
    min_interval_slots: u64,
    keep_seconds: i64,
    is_published_only: bool,
    posted: u64,
    restored_slot: u64,
    checkpoints: Vec<Shown>,
}

/// A checkpoint as it stands.
#[derive(Serialize)]
struct Shown {
    slot: u64,
    state: &'static str,
    hash: String,
    previous: String,
    slot_hash: String,
    root: String,
    shards_hash: String,
    total: String,
    host_total: String,
    leaves: u32,
    posted_slot: u64,
    posted_ts: i64,
    /// Empty for attesters of an earlier council.
    attesters: Vec<String>,
    attested_by: u32,
    threshold: u8,
    disputes: u16,
    agreed: String,
    differed: String,
    published_shards: u32,
    is_published: bool,
    #[serde(skip)]
    now: i64,
}

impl List {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (key, log) = self.at.read(context).await?;
        let site = Site::of(context).await?;
        let shown = ShownLog::new(key, &log, &site);
        context.print(&shown, || shown.text(site.at.now))
    }
}

impl Show {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (_, log) = self.at.read(context).await?;
        let newest = || checkpoint::latest(&log).map_or(0, |entry| entry.slot);
        let entry = entry_of(&log, self.slot.unwrap_or_else(newest))?;
        let site = Site::of(context).await?;
        let shown = Shown::new(entry, &site.council, site.at.now);
        context.print(&shown, || shown.text())
    }
}

impl ShownLog {
    fn new(key: Pubkey, log: &CheckpointLog, site: &Site) -> Self {
        let mut entries: Vec<_> = checkpoint::entries(log).collect();
        entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.posted_slot));
        Self {
            log: key.to_string(),
            ledger: log.ledger.to_string(),
            ledger_index: log.ledger_index,
            threshold: log.threshold,
            tolerance_bps: log.tolerance_bps,
            min_interval_slots: log.min_interval_slots,
            keep_seconds: log.keep_seconds,
            is_published_only: log.flags & log_flag::PUBLISHED_ONLY != 0,
            posted: log.posted,
            restored_slot: log.restored_slot,
            checkpoints: entries
                .into_iter()
                .map(|entry| Shown::new(entry, &site.council, site.at.now))
                .collect(),
        }
    }

    fn text(&self, now: i64) -> String {
        let last = match self.checkpoints.first() {
            Some(entry) => words::time(entry.posted_ts, now),
            None => "never".to_owned(),
        };
        let mut pairs = vec![
            ("log", self.log.clone()),
            ("posted", format!("{}, the last {last}", self.posted)),
            ("attesters", format!("{} of each checkpoint", self.threshold)),
            (
                "tolerance",
                format!("{} bps of the host's own total", self.tolerance_bps),
            ),
            (
                "interval",
                format!("at least {} slots for one attester", self.min_interval_slots),
            ),
            ("kept", format!("at least {}", duration(self.keep_seconds))),
        ];
        if self.is_published_only {
            pairs.push(("published", "only published checkpoints can be restored".to_owned()));
        }
        if self.restored_slot > 0 {
            pairs.push(("restored", format!("in slot {}", self.restored_slot)));
        }
        let row = |entry: &Shown| {
            vec![
                entry.slot.to_string(),
                entry.state.to_owned(),
                words::time(entry.posted_ts, now),
                entry.total.clone(),
                entry.leaves.to_string(),
                format!("{}/{}", entry.attested_by, entry.threshold),
                entry.disputes.to_string(),
            ]
        };
        let rows: Vec<_> = self.checkpoints.iter().map(row).collect();
        let head = ["slot", "state", "posted", "total", "leaves", "attesters", "disputes"];
        format!("{}\n{}", words::lines(&pairs), words::table(&head, &rows))
    }
}

impl Shown {
    fn new(entry: &Checkpoint, council: &Council, now: i64) -> Self {
        let is_of_council = u64::from(entry.config_epoch) == council.config_epoch;
        let all = members(council).iter().enumerate();
        let attests = all.filter(|(place, _)| entry.attesters & member_bit(*place) != 0);
        Self {
            slot: entry.slot,
            state: state_name(entry.state),
            hash: hex(&entry.hash),
            previous: hex(&entry.previous),
            slot_hash: hex(&entry.slot_hash),
            root: hex(&entry.root),
            shards_hash: hex(&entry.shards_hash),
            total: entry.total.to_string(),
            host_total: entry.host_total.to_string(),
            leaves: entry.count,
            posted_slot: entry.posted_slot,
            posted_ts: entry.posted_ts,
            attesters: attests
                .filter(|_| is_of_council)
                .map(|(_, member)| member.key.to_string())
                .collect(),
            attested_by: entry.attesters.count_ones(),
            threshold: entry.threshold,
            disputes: entry.disputes,
            agreed: entry.agreed.to_string(),
            differed: entry.differed.to_string(),
            published_shards: entry.published.count_ones(),
            is_published: is_published(entry),
            now,
        }
    }

    fn text(&self) -> String {
        let posted = words::time(self.posted_ts, self.now);
        let attesters = if self.attesters.is_empty() {
            "members of an earlier council".to_owned()
        } else {
            self.attesters.join(", ")
        };
        let published = if self.is_published {
            "all leaves".to_owned()
        } else {
            format!("{} of 16 shards", self.published_shards)
        };
        words::lines(&[
            ("slot", self.slot.to_string()),
            ("state", self.state.to_owned()),
            ("posted", format!("in slot {}, {posted}", self.posted_slot)),
            (
                "attested",
                format!("by {} of {}: {attesters}", self.attested_by, self.threshold),
            ),
            ("total", self.total.clone()),
            ("host's total", self.host_total.clone()),
            ("leaves", self.leaves.to_string()),
            ("root", self.root.clone()),
            ("shards hash", self.shards_hash.clone()),
            ("slot hash", self.slot_hash.clone()),
            ("hash", self.hash.clone()),
            ("previous", self.previous.clone()),
            ("published", published),
            ("samples", format!("{} agrees, {} differs", self.agreed, self.differed)),
            ("disputes", self.disputes.to_string()),
        ])
    }
}

/// The state of a checkpoint.
const fn state_name(state: u8) -> &'static str {
    match state {
        checkpoint_state::POSTED => "posted",
        checkpoint_state::ATTESTED => "attested",
        checkpoint_state::CONTESTED => "contested",
        _ => "unknown",
    }
}
