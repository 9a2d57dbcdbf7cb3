//! `bulkhead restore`

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{bulkhead::decision::Decision, flows, pda};
use bulkhead_interface::layout::Restoration;
use clap::Parser;
use serde::Serialize;

use super::{
    ledger_at::LedgerAt,
    propose::{agree, report_step},
    reported::report,
    words,
};
use crate::context::Context;

/// Restore a ledger to the state that its ballot chose
///
/// Each key that runs it takes the next step: an approver proposes the ballot's winner, another approves it, and after
/// the delay anyone executes it, moves what evacuations recovered into the pool, and shares it out. Run it again whenever
/// the pool has received tokens. Claims are paid afterwards: `bulkhead claim`.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead restore --domain DOMAIN")]
pub struct Restore {
    /// Address of the matured proposal [default: the one that restores the winner]
    #[arg(long, value_name = "ADDRESS")]
    proposal: Option<Pubkey>,
    /// Count only proposals of this approver; with your own address you make your own, which nobody else can edit
    #[arg(long, value_name = "ADDRESS", conflicts_with = "proposal")]
    proposer: Option<Pubkey>,
    #[command(flatten)]
    at: LedgerAt,
}

/// What stands afterwards.
#[derive(Serialize)]
struct Shown {
    restoration: String,
    snapshot: String,
    total: String,
    shared: String,
    paid: String,
    funded_now: String,
    lacking: String,
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &Restore, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let session = context.session()?;
    let (domain, incident) = (place.domain(), place.incident);
    let key = pda::restoration(&incident, place.ledger_index);
    if command.proposal.is_none() && session.find::<Restoration>(&key).await?.is_none() {
        let args = flows::restore::chosen_state(&session, incident, place.ledger_index).await?;
        let decision = Decision::from(args);
        agree(&decision, domain, context).await?;
        let stepped = flows::advance_of(&session, domain, context.signer()?, decision, command.proposer).await?;
        if !stepped.is_executed {
            return report_step("restore", &stepped, context);
        }
    }
    let made = flows::restore::restore(&session, domain, incident, place.ledger_index, command.proposal).await?;
    let shown = Shown {
        restoration: made.restoration.to_string(),
        snapshot: made.snapshot.to_string(),
        total: made.total.to_string(),
        shared: made.shared.to_string(),
        paid: made.paid.to_string(),
        funded_now: made.funded.to_string(),
        lacking: made.lacking.to_string(),
    };
    report(context, "restore", &made.done, &shown, || shown.text())
}

impl Shown {
    fn text(&self) -> String {
        words::lines(&[
            ("restoration", self.restoration.clone()),
            ("snapshot", self.snapshot.clone()),
            (
                "claims",
                format!(
                    "{}, of which {} are shared out and {} paid",
                    self.total, self.shared, self.paid
                ),
            ),
            ("funded now", format!("{} from recovery accounts", self.funded_now)),
            ("lacking", self.lacking.clone()),
            ("next", "bulkhead claim --all --folder DIR".to_owned()),
        ])
    }
}
