//! `bulkhead breaker`: what outflow breakers let through, and what may be done with them at once.

mod show;

use anchor_lang::prelude::Pubkey;
use anyhow::bail;
use bulkhead_client::{
    bulkhead::instructions::{LowerLimitArgs, OutflowView},
    instructions as ix,
    view::{Fetched, outflow},
};
use bulkhead_core::{
    CoreError, acts,
    breakers::{
        verdict::Verdict,
        window::{Limits, Moment, put_back},
    },
    pause::board,
};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::{
    constants::BPS,
    layout::{OutflowBreaker, Vault},
};
use clap::{Args, Subcommand};
use serde_json::json;

use self::show::{list, show};
use super::{
    facts::{self, Fact},
    find::{self, BreakerAt, Site, refused},
    returned::ask,
    words,
};
use crate::context::Context;

/// Outflow breakers: what they have left, and what may be done with them at once.
///
/// Amounts are in base units of the breaker's mint: 1000000 is one token of a mint with 6 decimals.
#[derive(Args, Clone, Debug)]
pub struct BreakerCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the outflow breakers of the domain, with what may leave now
    #[command(after_help = "Example:\n  bulkhead breaker list --domain DOMAIN")]
    List,
    /// Show one breaker: its limits, its window, its latch
    #[command(after_help = "Example:\n  bulkhead breaker show --compartment 3 --mint MINT")]
    Show(BreakerAt),
    /// Lower a breaker's limits at once, to no less than half; signed by one guardian, burns a pause right
    #[command(after_help = "Examples:
  bulkhead breaker lower --compartment 3 --mint MINT --half -k guardian.json
  bulkhead breaker lower BREAKER --limit 500000000 --slot-limit 50000000 -k guardian.json")]
    Lower(Lower),
    /// Ask the program how much may leave now and why (`view_outflow`); nothing is sent
    #[command(after_help = "Example:\n  bulkhead breaker view BREAKER")]
    View(BreakerAt),
    /// Meter an outflow, as a host does by CPI; signed by the breaker's authority
    #[command(after_help = "Example:\n  bulkhead breaker meter BREAKER --amount 1000000 -k host-authority.json")]
    Meter(Metered),
    /// Record an inflow; signed by the breaker's authority, or by the operator of the vault that it meters
    #[command(after_help = "Example:\n  bulkhead breaker inflow BREAKER --amount 1000000 -k operator.json")]
    Inflow(Metered),
    /// Sample the balance that a breaker's shares refer to; anyone may
    #[command(after_help = "Example:\n  bulkhead breaker reference BREAKER -k any.json")]
    Reference(BreakerAt),
}

#[derive(Args, Clone, Debug)]
struct Lower {
    #[command(flatten)]
    at: BreakerAt,
    /// Halve everything, the most that one guardian may lower at a time
    #[arg(long, conflicts_with_all = ["limit", "slot_limit", "limit_bps", "slot_bps", "inflow_credit"])]
    half: bool,
    /// The most that may leave in any window, all shards together, in base units; unchanged if left out
    #[arg(long, value_name = "AMOUNT")]
    limit: Option<u64>,
    /// The most that may leave in one slot, all shards together, in base units; unchanged if left out
    #[arg(long, value_name = "AMOUNT")]
    slot_limit: Option<u64>,
    /// The most that may leave in any window, in basis points of the reference; unchanged if left out
    #[arg(long, value_name = "BPS")]
    limit_bps: Option<u16>,
    /// The most that may leave in one slot, in basis points of the reference; unchanged if left out
    #[arg(long, value_name = "BPS")]
    slot_bps: Option<u16>,
    /// The most that inflow adds to a window, in base units; as much of it as the lower limits leave if left out
    #[arg(long, value_name = "AMOUNT")]
    inflow_credit: Option<u64>,
}

#[derive(Args, Clone, Debug)]
struct Metered {
    #[command(flatten)]
    at: BreakerAt,
    /// Amount in base units of the breaker's mint
    #[arg(long, value_name = "AMOUNT")]
    amount: u64,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &BreakerCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::List => list(context).await,
        What::Show(at) => show(at, context).await,
        What::Lower(lower) => run_lower(lower, context).await,
        What::View(at) => view(at, context).await,
        What::Meter(metered) => meter(metered, context).await,
        What::Inflow(metered) => inflow(metered, context).await,
        What::Reference(at) => reference(at, context).await,
    }
}

async fn run_lower(command: &Lower, context: &Context) -> anyhow::Result<()> {
    let guardian = context.signer()?;
    let (key, mut breaker) = command.at.find(context).await?;
    let site = Site::read(context.chain()?, breaker.domain).await?;
    put_back(&mut breaker, site.at.now);
    let limits = command.limits(&breaker);
    let (mut council, mut lowered) = (site.council, breaker);
    let lowering = acts::lower_limit(&mut council, &mut lowered, &guardian, &limits, site.at);
    let (_, rights_left) = lowering.map_err(|error| {
        let next = match error {
            CoreError::ArgumentOutOfRange => {
                "every limit may fall to no less than half, and none may rise; --half lowers all of them as far as it goes"
            }
            CoreError::NotAMember | CoreError::RoleMissing => "sign with a guardian's key",
            _ => "",
        };
        refused(error, next)
    })?;
    let facts = [
        ("breaker", key.into()),
        ("limit", limits.limit.into()),
        ("slot_limit", limits.slot_limit.into()),
        ("until", Fact::Time(lowered.lowered_until)),
        ("pause_rights_left", u64::from(rights_left).into()),
    ];
    let args = LowerLimitArgs {
        limit: limits.limit,
        slot_limit: limits.slot_limit,
        limit_bps: limits.limit_bps,
        slot_bps: limits.slot_bps,
        inflow_credit: limits.inflow_credit,
    };
    let lower = ix::lower_limit(breaker.domain, guardian, key, args);
    facts::send(context, "lower", &facts, lower).await
}

impl Lower {
    /// What the limits would be. What is left out stays, and the credit shrinks with the limits that bound it.
    fn limits(&self, breaker: &OutflowBreaker) -> Limits {
        let old = Limits::of(breaker);
        let limits = if self.half {
            Limits {
                limit: old.limit.div_ceil(2),
                slot_limit: old.slot_limit.div_ceil(2),
                limit_bps: old.limit_bps.div_ceil(2),
                slot_bps: old.slot_bps.div_ceil(2),
                inflow_credit: old.inflow_credit.div_ceil(2),
            }
        } else {
            Limits {
                limit: self.limit.unwrap_or(old.limit),
                slot_limit: self.slot_limit.unwrap_or(old.slot_limit),
                limit_bps: self.limit_bps.unwrap_or(old.limit_bps),
                slot_bps: self.slot_bps.unwrap_or(old.slot_bps),
                inflow_credit: self.inflow_credit.unwrap_or(old.inflow_credit),
            }
        };
        // What was left out goes as far as the limits that bound it.
        let most_bps = if limits.limit_bps == 0 { BPS } else { limits.limit_bps };
        let most_credit = limits.limit / u64::from(breaker.sub_windows.max(1));
        Limits {
            slot_limit: self.slot_limit.unwrap_or(limits.slot_limit.min(limits.limit)),
            slot_bps: self.slot_bps.unwrap_or(limits.slot_bps.min(most_bps)),
            inflow_credit: self.inflow_credit.unwrap_or(limits.inflow_credit.min(most_credit)),
            ..limits
        }
    }
}

async fn view(at: &BreakerAt, context: &Context) -> anyhow::Result<()> {
    let (key, breaker) = at.find(context).await?;
    let chain = context.chain()?;
    let now = chain.now().await?;
    let answered: Option<OutflowView> = ask(chain, ix::view_outflow(breaker.domain, key)).await?;
    let view = match answered {
        Some(view) => Some(view),
        None => {
            let found = chain.accounts(&[key, breaker.board]).await?;
            match found.as_slice() {
                [Some(account), Some(board)] => outflow(
                    &Fetched {
                        key: &key,
                        owner: &account.owner,
                        data: &account.data,
                    },
                    &Fetched {
                        key: &breaker.board,
                        owner: &board.owner,
                        data: &board.data,
                    },
                    now.slot,
                    now.now,
                ),
                _ => None,
            }
        }
    };
    let Some(view) = view else {
        bail!("Unreadable: the board of {key} cannot be read, so the program lets nothing out; is the node in step?");
    };
    let found = json!({
        "breaker": key.to_string(),
        "remaining": view.remaining.to_string(),
        "in_window": view.in_window.to_string(),
        "in_slot": view.in_slot.to_string(),
        "limit": view.limit.to_string(),
        "latched_until": (view.latched_until != 0).then_some(view.latched_until),
        "is_paused": view.is_paused != 0,
    });
    context.print(&found, || {
        let why = if view.is_paused != 0 {
            "WITHDRAW is paused".to_owned()
        } else if view.latched_until != 0 {
            format!("latched until {}", words::time(view.latched_until, now.now))
        } else {
            "within limits".to_owned()
        };
        words::lines(&[
            ("breaker", key.to_string()),
            ("may leave now", view.remaining.to_string()),
            ("because", why),
            ("room in window", view.in_window.to_string()),
            ("room in slot", view.in_slot.to_string()),
            ("limit in force", view.limit.to_string()),
        ])
    })
}

async fn meter(command: &Metered, context: &Context) -> anyhow::Result<()> {
    let signer = context.signer()?;
    let (key, breaker) = command.at.find(context).await?;
    let site = Site::read(context.chain()?, breaker.domain).await?;
    let (moment, mask) = moment(&site, breaker.compartment)?;
    let mut metered = breaker;
    let verdict = acts::meter(&mut metered, &signer, command.amount, mask & WITHDRAW != 0, &moment)
        .map_err(|error| refused(error, &format!("the breaker's authority is {}", breaker.authority)))?;
    let verdict = match verdict {
        Verdict::Allowed => "allowed: the host may pay",
        Verdict::Queued => "queued: the host must not pay now",
        Verdict::Denied => "denied: withdrawals are paused",
    };
    let facts = [
        ("breaker", key.into()),
        ("amount", command.amount.into()),
        ("verdict", verdict.into()),
    ];
    let meter = ix::meter_outflow(breaker.domain, key, signer, command.amount);
    facts::send(context, "meter", &facts, meter).await
}

async fn inflow(command: &Metered, context: &Context) -> anyhow::Result<()> {
    let signer = context.signer()?;
    let (key, breaker) = command.at.find(context).await?;
    // If the authority is a vault, its operator signs.
    let vault: Option<Vault> = if signer == breaker.authority {
        None
    } else {
        find::quiet(context)?.find(&breaker.authority).await?
    };
    let mut recorded = breaker;
    let at = context.chain()?.now().await?;
    acts::record_inflow(&mut recorded, vault.as_ref(), &signer, command.amount, at).map_err(|error| {
        let who = vault.as_ref().map_or(breaker.authority, |vault| vault.operator);
        refused(error, &format!("sign with {who}"))
    })?;
    let vault: Option<Pubkey> = vault.map(|_| breaker.authority);
    let record = ix::record_inflow(key, signer, vault, command.amount);
    facts::send(
        context,
        "record",
        &[("breaker", key.into()), ("inflow", command.amount.into())],
        record,
    )
    .await
}

async fn reference(at: &BreakerAt, context: &Context) -> anyhow::Result<()> {
    let (key, breaker) = at.find(context).await?;
    if breaker.reference == Pubkey::default() {
        bail!("NoReference: {key} has no token account that its shares refer to; there is nothing to sample");
    }
    let observe = ix::observe_reference(key, breaker.reference);
    let facts = [("breaker", key.into()), ("reference", breaker.reference.into())];
    facts::send(context, "sample", &facts, observe).await
}

/// What a breaker is asked under, and what is closed in its compartment.
pub(super) fn moment(site: &Site, compartment: u8) -> anyhow::Result<(Moment, u32)> {
    let view = board::view(&site.board_data, &site.board, compartment, site.at.now);
    let view = view.map_err(|error| {
        anyhow::anyhow!(
            "Unreadable: the pause board of {} cannot be read: {error:?}; is the node in step?",
            site.key
        )
    })?;
    let moment = Moment {
        slot: site.at.slot,
        now: site.at.now,
        ramp_bps: view.ramp_bps,
        unpaused_slot: site.board.unpaused_slot,
    };
    Ok((moment, view.mask))
}
