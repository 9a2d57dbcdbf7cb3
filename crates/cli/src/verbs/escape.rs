//! `bulkhead escape`, `sweep` and `restart-check`: what anyone may do without a council.

use bulkhead_client::{flows, instructions as ix, pda};
use bulkhead_interface::constants::restoration_state;
use clap::Parser;
use serde::Serialize;

use super::{
    ledger_at::{LedgerAt, associated, create_associated},
    reported::report,
    words,
};
use crate::context::Context;

/// Restore a ledger without a vote, once its freeze has lasted for as long as was fixed in peace
///
/// Anyone may. Opens the escape by the incident's own snapshot, or where none was sealed by the newest published
/// checkpoint; moves what custody and recovery accounts hold into the pool, and shares it out. It opens no action of the
/// host. Run it again whenever more can be moved. Claims are paid afterwards: `bulkhead claim`.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead escape --domain DOMAIN")]
pub struct Escape {
    #[command(flatten)]
    at: LedgerAt,
}

/// What stands after an escape.
#[derive(Serialize)]
struct Escaped {
    restoration: String,
    snapshot: String,
    total: String,
    shared: String,
    paid: String,
    lacking: String,
}

impl Escaped {
    fn text(&self) -> String {
        words::lines(&[
            ("restoration", self.restoration.clone()),
            ("snapshot", self.snapshot.clone()),
            ("claims", self.total.clone()),
            ("shared out", self.shared.clone()),
            ("paid", self.paid.clone()),
            ("lacking", self.lacking.clone()),
        ])
    }
}

/// Runs `escape`.
///
/// # Errors
/// The command's error, by name.
pub async fn escape(command: &Escape, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let session = context.session()?;
    let made = flows::escape(&session, place.domain(), place.incident, place.ledger_index).await?;
    let shown = Escaped {
        restoration: made.restoration.to_string(),
        snapshot: made.snapshot.to_string(),
        total: made.total.to_string(),
        shared: made.shared.to_string(),
        paid: made.paid.to_string(),
        lacking: made.lacking.to_string(),
    };
    report(context, "escape", &made.done, &shown, || shown.text())
}

/// Move what was not claimed in time to the owner that was fixed before the vote
///
/// Anyone may, after the end of claims. With --close, closes the restoration and its pool once the incident is over; the
/// rent goes to the same owner.
#[derive(Parser)]
#[command(after_help = "Examples:
  bulkhead sweep --domain DOMAIN
  bulkhead sweep --close --domain DOMAIN")]
pub struct Sweep {
    /// Close the restoration and its pool, whose rest was swept
    #[arg(long)]
    close: bool,
    #[command(flatten)]
    at: LedgerAt,
}

/// Runs `sweep`.
///
/// # Errors
/// The command's error, by name.
pub async fn sweep(command: &Sweep, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let (keys, state) = place.restored(context).await?;
    let owner = state.rest_owner;
    let destination = associated(&owner, &keys.mint, &keys.token_program);
    let create = create_associated(&context.chain()?.payer(), &owner, &keys.mint, &keys.token_program);
    let mut steps = vec![];
    let pool = context.chain()?.account(&pda::pool(&keys.restoration)).await?;
    let held = pool
        .and_then(|pool| bulkhead_core::token::amount(&pool.data))
        .unwrap_or(0);
    if !command.close || state.state != restoration_state::CLOSED || held > 0 {
        steps.extend([create, ix::sweep_unclaimed(keys, destination)]);
    }
    if command.close {
        steps.push(ix::close_restoration(keys, place.domain(), place.incident, owner));
        return context.submit("close_restoration", &steps).await;
    }
    context.submit("sweep_unclaimed", &steps).await
}

/// Record that every restored ledger is covered, before the domain reopens
///
/// Anyone may. Reads the host's own total, what the vaults that back the ledger hold, and every watched authority. A
/// domain whose rules require it reopens only with recent checks.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead restart-check --domain DOMAIN")]
pub struct RestartCheck {
    #[command(flatten)]
    at: LedgerAt,
}

/// What was checked.
#[derive(Serialize)]
struct Checked {
    incident: String,
}

/// Runs `restart-check`.
///
/// # Errors
/// The command's error, by name.
pub async fn restart_check(command: &RestartCheck, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let session = context.session()?;
    let done = flows::check_restart(&session, place.domain(), place.incident).await?;
    let shown = Checked {
        incident: place.incident.to_string(),
    };
    report(context, "restart-check", &done, &shown, || {
        words::lines(&[("incident", shown.incident.clone())])
    })
}
