//! `bulkhead ledger try`

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use bulkhead_interface::{constants::VERSION, layout::Ledger};
use bulkhead_snapshot::{Trial, layout_from_file, try_ledger};
use bytemuck::Zeroable;
use clap::Parser;
use serde::Serialize;

use crate::{context::Context, init::config::read_ledgers};

/// Read dumps of accounts through a ledger's description
///
/// Nothing is sent, and no node is asked. The description is a table of `ledgers` as in the domain file, or a dump of a
/// registered `Ledger` account. The dumps are accounts as JSON; what positions refer to (mints and token accounts of
/// holders, accounts of factors, the host's total) belongs into them, too. It fails when nothing is read, when an account
/// that looks like a position is not read, and when the sum is not the host's total.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ledger try ledger.toml accounts.json")]
pub(super) struct Try {
    /// The description: TOML or JSON with the keys of `ledgers`, or a domain file, or a dump of a `Ledger` account
    #[arg(value_name = "LEDGER")]
    ledger: PathBuf,
    /// Dumps of accounts as JSON
    #[arg(value_name = "DUMP", required = true)]
    dumps: Vec<PathBuf>,
    /// Number of the ledger, if the file has more than one
    #[arg(long, value_name = "N")]
    ledger_index: Option<u8>,
}

#[derive(Serialize)]
struct Shown {
    positions: Vec<ShownPosition>,
    refused: Vec<ShownRefusal>,
    skipped: u64,
    sum: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_total: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agrees: Option<bool>,
}

#[derive(Serialize)]
struct ShownPosition {
    key: String,
    owner: String,
    amount: String,
    host_amount: String,
}

#[derive(Serialize)]
struct ShownRefusal {
    key: String,
    why: String,
}

impl Try {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<()> {
        let ledger = self.layout()?;
        let trial = try_ledger(&ledger, &self.dumps)?;
        let shown = Shown::new(&trial);
        context.print(&shown, || shown.text())?;
        let refused = trial.refused.len();
        ensure!(
            refused == 0,
            "NotRead: {refused} accounts look like positions and are not read: the snapshot could not be sealed"
        );
        ensure!(
            trial.agrees != Some(false),
            "TotalDiffers: the positions add up to {}, and the host's total is {}: are all positions in the files?",
            trial.sum,
            trial.total.unwrap_or_default()
        );
        Ok(())
    }

    fn layout(&self) -> anyhow::Result<Ledger> {
        let name = self.ledger.display();
        // A dump of a registered ledger is an account; a description is not.
        let is_dump = self.ledger.extension().is_some_and(|extension| extension == "json")
            && crate::files::read_text(&self.ledger, crate::files::LONG)
                .with_context(|| format!("{name} cannot be read"))?
                .contains("\"pubkey\"");
        if is_dump {
            return Ok(layout_from_file(&self.ledger)?);
        }
        let all = read_ledgers(&self.ledger)?;
        let mut wanted = all
            .into_iter()
            .filter(|args| self.ledger_index.is_none_or(|index| args.index == index));
        let args = wanted
            .next()
            .with_context(|| format!("NoLedger: {name} describes no such ledger"))?;
        ensure!(
            wanted.next().is_none(),
            "SeveralLedgers: {name} describes more than one: name one with --ledger-index"
        );
        let mut ledger = Ledger::zeroed();
        args.write(&mut ledger)
            .with_context(|| format!("BadLayout: {name}: it has more filters, amounts or factors than a ledger can"))?;
        ledger.version = VERSION;
        Ok(ledger)
    }
}

impl Shown {
    fn new(trial: &Trial) -> Self {
        Self {
            positions: trial
                .positions
                .iter()
                .map(|tried| ShownPosition {
                    key: tried.position.key.to_string(),
                    owner: tried.position.owner.to_string(),
                    amount: tried.position.amount.to_string(),
                    host_amount: tried.host_amount.to_string(),
                })
                .collect(),
            refused: trial
                .refused
                .iter()
                .map(|(key, why)| ShownRefusal {
                    key: key.to_string(),
                    why: why.clone(),
                })
                .collect(),
            skipped: trial.skipped,
            sum: trial.sum.to_string(),
            host_total: trial.total.map(|total| total.to_string()),
            agrees: trial.agrees,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for position in &self.positions {
            text.push_str(&format!(
                "{}  owner {}  amount {}\n",
                position.key, position.owner, position.amount
            ));
        }
        for refusal in &self.refused {
            text.push_str(&format!("{}  not read: {}\n", refusal.key, refusal.why));
        }
        let total = self.host_total.as_deref().unwrap_or("not in the files");
        text.push_str(&format!(
            "positions  {}\nnot read   {}\nskipped    {}\nsum        {}\nhost total {total}\n",
            self.positions.len(),
            self.refused.len(),
            self.skipped,
            self.sum
        ));
        text
    }
}
