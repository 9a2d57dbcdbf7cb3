//! `bulkhead evacuate`: the guardians confirm that custody is moved to its routes, and anyone moves it.

use bulkhead_client::flows;
use clap::{Args, Subcommand};

use super::{facts, pause::confirmations, words};
use crate::context::Context;

/// Move custody to its evacuation routes.
#[derive(Args, Clone, Debug)]
pub struct EvacuateCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Confirm that the vaults are to be evacuated; signed by one guardian, in a frozen domain
    #[command(after_help = "Example:\n  bulkhead evacuate confirm -k guardian.json")]
    Confirm,
    /// Move every vault to its route, once enough guardians have confirmed; anyone may
    #[command(after_help = "Example:\n  bulkhead evacuate run --domain DOMAIN -k any.json")]
    Run,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &EvacuateCommand, context: &Context) -> anyhow::Result<()> {
    match command.what {
        What::Confirm => confirm(context).await,
        What::Run => run_all(context).await,
    }
}

async fn confirm(context: &Context) -> anyhow::Result<()> {
    let (domain, guardian) = (context.domain()?, context.signer()?);
    context.confirm(
        "Confirm that every vault is moved to its evacuation route? `bulkhead route show` shows the routes; afterwards the \
         vaults pay nothing until an unpause",
    )?;
    let confirmed = flows::confirm_evacuation(&context.session()?, domain, guardian).await?;
    let facts = confirmations(&confirmed, "anyone runs `bulkhead evacuate run` now");
    facts::finish(context, "confirm", &facts, &confirmed.done)
}

async fn run_all(context: &Context) -> anyhow::Result<()> {
    let evacuated = flows::evacuate(&context.session()?, context.domain()?).await?;
    let rows = evacuated.vaults.iter().map(|row| {
        vec![
            row.vault.to_string(),
            row.before.to_string(),
            row.moved.to_string(),
            row.fee.to_string(),
            row.after.to_string(),
            row.fault.clone().unwrap_or_default(),
        ]
    });
    let head = ["vault", "before", "moved", "fee", "left", "why not"];
    let table = words::table(&head, &rows.collect::<Vec<_>>());
    let outcome = context.outcome("evacuate", &evacuated.done);
    let mut json = outcome.json;
    json["evacuated"] = serde_json::to_value(&evacuated)?;
    context.print(&json, || format!("{}\n{table}", outcome.text))
}
