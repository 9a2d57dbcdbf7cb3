//! `bulkhead snapshot crank`

use bulkhead_client::{
    flows::{
        self,
        snapshot::{Cost, Pace, Snapshotted, positions, snapshot_cost},
    },
    payload::hex,
    pda,
};
use bulkhead_interface::{constants::ledger_mode, layout::Ledger};
use clap::Parser;
use serde::Serialize;

use crate::{
    context::Context,
    output,
    verbs::{find, reported::report},
};

/// Open the snapshot, read all shards, and seal it; run again after an interruption
///
/// Anyone may, while the domain is frozen. Shards are read in parallel, and what is read is skipped, whoever read it.
/// With --dry-run, this says how many transactions, slots and lamports it takes; with --with-compute-unit-price, at that
/// priority fee.
#[derive(Parser)]
#[command(after_help = "Examples:
  bulkhead snapshot crank --domain DOMAIN -k cranker.json
  bulkhead snapshot crank --domain DOMAIN --dry-run --positions 1000000")]
pub struct Crank {
    /// Number of the ledger
    #[arg(long, value_name = "N", default_value_t = 0)]
    ledger_index: u8,
    /// In a dry run: assume so many positions, instead of counting those of the node
    #[arg(long, value_name = "N")]
    positions: Option<u64>,
}

/// What a crank would cost.
#[derive(Serialize)]
struct ShownCost {
    positions: u64,
    transactions: u64,
    positions_per_transaction: u64,
    slots: u64,
    compute_units: u64,
    rent_lamports: u64,
    fee_lamports: u64,
    lamports: u64,
}

/// The sealed snapshot.
#[derive(Serialize)]
struct Sealed {
    snapshot: String,
    root: String,
    total: String,
    leaves: u64,
    excess: String,
    shortfall: String,
}

impl Crank {
    pub(super) async fn run(&self, context: &Context) -> anyhow::Result<()> {
        if context.is_dry_run() {
            return self.estimate(context).await;
        }
        let session = context.session()?;
        let (domain, cranker) = (context.domain()?, context.signer()?);
        let made = flows::snapshot::snapshot(&session, domain, cranker, self.ledger_index).await?;
        let sealed = Sealed::new(&made);
        report(context, "snapshot", &made.done, &sealed, || sealed.text())
    }

    async fn estimate(&self, context: &Context) -> anyhow::Result<()> {
        // A plan is wanted before there is an incident, too.
        let key = pda::ledger(&context.domain()?, self.ledger_index);
        let ledger: Ledger = find::one(context, "ledger", &key, "--ledger-index names another").await?;
        let session = context.session()?;
        let count = match self.positions {
            Some(count) => count,
            None => {
                let listed = positions(&session, &ledger).await?;
                if let Some(warning) = listed.warning() {
                    output::note(&warning);
                }
                listed.positions.len() as u64
            }
        };
        let pace = Pace {
            parallel: session.parallel as u64,
            unit_price: context.given_unit_price().unwrap_or(0),
            cranker_pays: context.signer().is_ok_and(|signer| signer == session.chain.payer()),
            export_accounts: (ledger.mode == ledger_mode::EXPORT).then_some(ledger.export.account_count),
            ..Pace::default()
        };
        let shown = ShownCost::new(count, &snapshot_cost(count, &pace));
        context.print(&shown, || shown.text())
    }
}

impl ShownCost {
    fn new(positions: u64, cost: &Cost) -> Self {
        Self {
            positions,
            transactions: cost.transactions,
            positions_per_transaction: cost.per_transaction,
            slots: cost.slots,
            compute_units: cost.units,
            rent_lamports: cost.rent,
            fee_lamports: cost.fees,
            lamports: cost.rent.saturating_add(cost.fees),
        }
    }

    fn text(&self) -> String {
        format!(
            "positions     {}\ntransactions  {}, of at most {} positions\nslots         about {}\ncompute units {}\nrent          \
             {} lamports, locked until the claims are paid\nfees          {} lamports\ntotal         {} lamports\n",
            self.positions,
            self.transactions,
            self.positions_per_transaction,
            self.slots,
            self.compute_units,
            self.rent_lamports,
            self.fee_lamports,
            self.lamports
        )
    }
}

impl Sealed {
    fn new(made: &Snapshotted) -> Self {
        Self {
            snapshot: made.snapshot.to_string(),
            root: hex(&made.root),
            total: made.total.to_string(),
            leaves: made.count,
            excess: made.excess.to_string(),
            shortfall: made.shortfall.to_string(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "snapshot     {}\nroot         {}\ntotal        {}\nleaves       {}\n",
            self.snapshot, self.root, self.total, self.leaves
        );
        if self.excess != "0" || self.shortfall != "0" {
            text.push_str(&format!(
                "host's total {} below it, {} above it: within the ledger's tolerance\n",
                self.excess, self.shortfall
            ));
        }
        text
    }
}
