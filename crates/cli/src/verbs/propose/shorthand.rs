//! Flags for the proposals of a bad night, and what they stand for.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::{
        decision::Decision,
        instructions::{CancelReleasesArgs, RegisterLedgerArgs, ReopenArgs, ResumeArgs, SetLimitArgs},
    },
    pda,
};
use bulkhead_core::breakers::window::Limits;
use bulkhead_interface::{
    constants::{BPS, phase},
    layout::Vault,
};
use clap::Args;

use super::{
    super::{
        find::{self, BreakerAt, Site},
        release::read_list,
    },
    Given,
    kinds::Kind,
    no_arguments,
};
use crate::{context::Context, init::config};

/// Unpause an incident that needs no restoration.
///
/// `bulkhead resume` takes the next step that the key can take: it proposes, approves, or executes. Every approver runs
/// the same line, and anyone runs it after the delay. `bulkhead propose resume` only proposes. It unpauses what was known
/// when it was proposed; what was paused since stays paused.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead resume -k approver.json")]
pub struct Resume {
    #[command(flatten)]
    pub(super) given: Given,
    /// The incident to end; the open one if left out
    #[arg(long, value_name = "ADDRESS", conflicts_with = "args")]
    incident: Option<Pubkey>,
    /// Count only proposals of this approver; with your own address you make your own, which nobody else can edit
    #[arg(long, value_name = "ADDRESS")]
    pub(super) proposer: Option<Pubkey>,
}

/// Reopen after a restoration, raise the ramp of a reopening, or end a guardian's pause in peace.
///
/// `bulkhead reopen` takes the next step that the key can take: it proposes, approves, or executes. Every approver runs
/// the same line, and anyone runs it after the delay. `bulkhead propose reopen` only proposes. Limits return at the ramp. Liquidations stay closed for the grace period, so that users can save their positions
/// first.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead reopen --ramp-bps 2500 --grace-seconds 21600 -k approver.json")]
pub struct Reopen {
    #[command(flatten)]
    pub(super) given: Given,
    /// Share of the limits in force afterwards, 1 to 10000
    #[arg(long, value_name = "BPS", default_value_t = BPS, conflicts_with = "args")]
    ramp_bps: u16,
    /// How long liquidations stay closed
    #[arg(long, value_name = "SECONDS", default_value_t = 0, conflicts_with = "args")]
    grace_seconds: i64,
    /// The incident that was restored; the open or the last one if left out
    #[arg(long, value_name = "ADDRESS", conflicts_with = "args")]
    incident: Option<Pubkey>,
    /// Count only proposals of this approver; with your own address you make your own, which nobody else can edit
    #[arg(long, value_name = "ADDRESS")]
    pub(super) proposer: Option<Pubkey>,
}

/// Propose other limits for a breaker.
///
/// Amounts are in base units of the breaker's mint: 1000000 is one token of a mint with 6 decimals.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:
  bulkhead propose set-limit --compartment 0 --mint MINT --limit 5000000000 --slot-limit 500000000 -k approver.json")]
pub struct SetLimit {
    #[command(flatten)]
    pub(super) given: Given,
    #[command(flatten)]
    at: BreakerAt,
    /// The most that may leave in any window, all shards together; unchanged if left out
    #[arg(long, value_name = "AMOUNT", conflicts_with = "args")]
    limit: Option<u64>,
    /// The most that may leave in one slot, all shards together; unchanged if left out
    #[arg(long, value_name = "AMOUNT", conflicts_with = "args")]
    slot_limit: Option<u64>,
    /// The most that may leave in any window, in basis points of the reference; unchanged if left out
    #[arg(long, value_name = "BPS", conflicts_with = "args")]
    limit_bps: Option<u16>,
    /// The most that may leave in one slot, in basis points of the reference; unchanged if left out
    #[arg(long, value_name = "BPS", conflicts_with = "args")]
    slot_bps: Option<u16>,
    /// The most that inflow adds to a window; unchanged if left out
    #[arg(long, value_name = "AMOUNT", conflicts_with = "args")]
    inflow_credit: Option<u64>,
    /// Amount that has to wait in a window and latches; if left out, unchanged, or twice the limit if that is above it
    #[arg(long, value_name = "AMOUNT", conflicts_with = "args")]
    trip_limit: Option<u64>,
    /// The same in basis points of the reference
    #[arg(long, value_name = "BPS", conflicts_with = "args")]
    trip_bps: Option<u16>,
}

/// Propose another council: members, thresholds, delays.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead propose change-council --config domain.toml -k approver.json")]
pub struct ChangeCouncil {
    #[command(flatten)]
    pub(super) given: Given,
    /// The file that opens a domain, as `bulkhead init` reads it; only its council counts here
    #[arg(long, value_name = "FILE", conflicts_with = "args")]
    config: Vec<PathBuf>,
}

/// Propose to cancel queued releases that no guardian may cancel.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:
  bulkhead release draw-up RELEASE RELEASE --list stolen.txt
  bulkhead propose cancel-releases --vault VAULT --list stolen.txt -k approver.json")]
pub struct CancelReleases {
    #[command(flatten)]
    pub(super) given: Given,
    /// The vault whose releases are cancelled
    #[arg(long, value_name = "VAULT", requires = "list", conflicts_with = "args")]
    vault: Option<Pubkey>,
    /// The list, as `bulkhead release draw-up` wrote it
    #[arg(long, value_name = "FILE", requires = "vault", conflicts_with = "args")]
    list: Option<PathBuf>,
}

/// Propose to register where the host's accounts store a ledger's positions.
///
/// Or the queue of a vault, whose layout is Bulkhead's own.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  bulkhead propose register-ledger --args ledger.json -k approver.json
  bulkhead propose register-ledger --queue-of VAULT --index 7 -k approver.json")]
pub struct RegisterLedger {
    #[command(flatten)]
    pub(super) given: Given,
    /// The vault whose queue is to be a ledger
    #[arg(long, value_name = "VAULT", requires = "index", conflicts_with = "args")]
    queue_of: Option<Pubkey>,
    /// The ledger's number: one that is free
    #[arg(long, value_name = "N", requires = "queue_of")]
    index: Option<u8>,
}

/// What the flags of a kind decide.
pub(super) async fn decided(kind: &Kind, context: &Context) -> anyhow::Result<Decision> {
    match kind {
        Kind::Resume(resume) => resume.decided(context).await,
        Kind::Reopen(reopen) => reopen.decided(context).await,
        Kind::SetLimit(limit) => limit.decided(context).await,
        Kind::ChangeCouncil(change) if !change.config.is_empty() => {
            Ok(config::read(&change.config)?.domain.council.into())
        }
        Kind::CancelReleases(CancelReleases {
            vault: Some(vault),
            list: Some(list),
            ..
        }) => Ok(CancelReleasesArgs {
            vault: *vault,
            root: read_list(list)?.root(),
        }
        .into()),
        Kind::RegisterLedger(RegisterLedger {
            queue_of: Some(key),
            index: Some(index),
            ..
        }) => {
            let next = "`bulkhead vault list` shows the vaults of a domain";
            let vault: Vault = find::one(context, "vault", key, next).await?;
            Ok(RegisterLedgerArgs::of_queue(*index, key, &vault.mint).into())
        }
        other => Err(no_arguments(other.number())),
    }
}

impl Resume {
    /// Whether it names what it decides, so that it is only proposed.
    pub(super) const fn is_explicit(&self) -> bool {
        self.given.example || self.given.args.is_some() || self.incident.is_some()
    }

    async fn decided(&self, context: &Context) -> anyhow::Result<Decision> {
        let incident = match self.incident {
            Some(incident) => incident,
            None => Site::of(context).await?.open_incident()?,
        };
        Ok(ResumeArgs { incident }.into())
    }
}

impl Reopen {
    /// Whether it names what it decides, so that it is only proposed.
    pub(super) const fn is_explicit(&self) -> bool {
        self.given.example || self.given.args.is_some() || self.incident.is_some()
    }

    /// Ramp and grace period.
    pub(super) const fn terms(&self) -> (u16, i64) {
        (self.ramp_bps, self.grace_seconds)
    }

    async fn decided(&self, context: &Context) -> anyhow::Result<Decision> {
        let incident = match self.incident {
            Some(incident) => incident,
            None => {
                let site = Site::of(context).await?;
                match site.domain.incident_count.checked_sub(1) {
                    _ if site.domain.state != phase::OPERATING => site.open_incident()?,
                    Some(last) => pda::incident(&site.key, last),
                    // A domain that never had an incident names none.
                    None => Pubkey::default(),
                }
            }
        };
        Ok(ReopenArgs {
            incident,
            ramp_bps: self.ramp_bps,
            grace_seconds: self.grace_seconds,
        }
        .into())
    }
}

impl SetLimit {
    /// Whether its flags name a breaker.
    pub(super) const fn names_breaker(&self) -> bool {
        let BreakerAt {
            breaker,
            compartment,
            mint,
            shard,
        } = &self.at;
        breaker.is_some() || compartment.is_some() || mint.is_some() || shard.is_some()
    }

    async fn decided(&self, context: &Context) -> anyhow::Result<Decision> {
        let is_given = self.limit.is_some()
            || self.slot_limit.is_some()
            || self.limit_bps.is_some()
            || self.slot_bps.is_some()
            || self.inflow_credit.is_some()
            || self.trip_limit.is_some()
            || self.trip_bps.is_some();
        if !is_given {
            return Err(no_arguments(bulkhead_interface::ProposalKind::SetLimit));
        }
        let (key, breaker) = self.at.find(context).await?;
        // What a proposal set last: a guardian's lowered limits end by themselves.
        let set = Limits::set_for(&breaker);
        let (limit, limit_bps) = (self.limit.unwrap_or(set.limit), self.limit_bps.unwrap_or(set.limit_bps));
        // Zero stands for twice the limit.
        let trip_limit = if breaker.trip_limit >= limit {
            breaker.trip_limit
        } else {
            0
        };
        let is_above = limit_bps != 0 && breaker.trip_bps >= limit_bps;
        let trip_bps = if is_above { breaker.trip_bps } else { 0 };
        Ok(SetLimitArgs {
            breaker: key,
            limit,
            slot_limit: self.slot_limit.unwrap_or(set.slot_limit),
            limit_bps,
            slot_bps: self.slot_bps.unwrap_or(set.slot_bps),
            inflow_credit: self.inflow_credit.unwrap_or(set.inflow_credit),
            trip_limit: self.trip_limit.unwrap_or(trip_limit),
            trip_bps: self.trip_bps.unwrap_or(trip_bps),
        }
        .into())
    }
}
