//! `bulkhead claim`: pays the leaves of the restored state their shares.

mod pages;
mod wishes;

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::flows::{
    Session,
    claim::{Claimed, Leaves, Who, claim, claim_all, claim_cost},
    snapshot::{Leaf, Pace},
};
use bulkhead_snapshot::Snapshot;
use clap::{ArgGroup, Args, Parser, Subcommand};
use serde::Serialize;

use super::{
    ledger_at::{LedgerAt, Place},
    reported::report,
    words,
};
use bulkhead_terminal::Bar;

use crate::context::Context;

/// Unpaid claims that the text names.
const NAMED: usize = 20;

/// Pay claims to their owners
///
/// Anyone may. Tokens go to the associated token accounts of the owners, which are created if they do not exist. What was
/// paid is skipped, so run it again after an interruption, and whenever more was shared out. The leaves are read from the
/// node while the domain is frozen, or from the folder of the restored snapshot.
#[derive(Parser)]
#[command(after_help = "Examples:
  bulkhead claim OWNER --folder DIR --domain DOMAIN
  bulkhead claim --all --folder DIR --domain DOMAIN")]
#[command(args_conflicts_with_subcommands = true)]
pub struct ClaimCommand {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    claim: Claim,
}

#[derive(Subcommand)]
enum What {
    OpenPage(pages::OpenPage),
    ClosePage(pages::ClosePage),
    Wish(wishes::Wish),
    Consume(wishes::Consume),
}

#[derive(Args)]
#[command(group = ArgGroup::new("who"))]
struct Claim {
    /// Pay all claims of this owner [default: the signer]
    #[arg(value_name = "OWNER", group = "who")]
    owner: Option<Pubkey>,
    /// Pay the claim of this position
    #[arg(long, value_name = "ADDRESS", group = "who")]
    position: Option<Pubkey>,
    /// Pay all claims of the restoration
    #[arg(long, group = "who")]
    all: bool,
    /// Folder of the restored snapshot or checkpoint
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Pay this token account instead; the owner signs
    #[arg(long, value_name = "TOKEN_ACCOUNT", conflicts_with = "all")]
    to: Option<Pubkey>,
    /// Transactions in flight at once. Each takes about two slots, so more of them pay sooner, if the node lets you
    #[arg(long, value_name = "N", default_value_t = 32, requires = "all")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=512))]
    parallel: u16,
    #[command(flatten)]
    at: LedgerAt,
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &ClaimCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        None => command.claim.run(context).await,
        Some(What::OpenPage(open)) => open.run(context).await,
        Some(What::ClosePage(close)) => close.run(context).await,
        Some(What::Wish(wish)) => wish.run(context).await,
        Some(What::Consume(consume)) => consume.run(context).await,
    }
}

impl Claim {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        if self.all && context.is_dry_run() {
            return estimate(context, &place, self.parallel.into()).await;
        }
        let leaves = match &self.folder {
            None => Leaves::Live,
            Some(folder) => leaves_in(folder)?,
        };
        let session = context.session()?;
        let (domain, incident, ledger_index) = (place.domain(), place.incident, place.ledger_index);
        let claimed = if self.all {
            let session = Session {
                parallel: self.parallel.into(),
                ..session
            };
            claim_all(&session, domain, incident, ledger_index, leaves).await?
        } else {
            let who = match (self.position, self.owner) {
                (Some(key), _) => Who::Position(key),
                (None, Some(owner)) => Who::Owner(owner),
                (None, None) => Who::Owner(context.signer()?),
            };
            claim(&session, domain, incident, ledger_index, who, leaves, self.to).await?
        };
        let shown = Shown::new(&claimed);
        report(context, "claim", &claimed.done, &shown, || shown.text())
    }
}

/// The leaves of a snapshot's folder. Whether they are the restored state is checked against its root.
fn leaves_in(folder: &Path) -> anyhow::Result<Leaves> {
    let bar = Bar::visible();
    let snapshot = Snapshot::open(folder, &bar)?;
    bar.clear();
    let leaves = snapshot.tree.leaves();
    Ok(Leaves::given(
        leaves.map(|(_, leaf)| Leaf::from((leaf.key, leaf.owner, leaf.amount))),
    ))
}

/// What it costs to pay all claims, each to an owner without a token account.
async fn estimate(context: &Context, place: &Place, parallel: u64) -> anyhow::Result<()> {
    let (_, restoration) = place.restored(context).await?;
    let pace = Pace {
        parallel,
        unit_price: context.given_unit_price().unwrap_or(0),
        ..Pace::default()
    };
    let cost = claim_cost(restoration.count, restoration.count, &pace);
    let shown = ShownCost {
        claims: restoration.count,
        transactions: cost.transactions,
        slots: cost.slots,
        rent_lamports: cost.rent,
        fee_lamports: cost.fees,
        lamports: cost.rent.saturating_add(cost.fees),
    };
    context.print(&shown, || {
        words::lines(&[
            ("claims", shown.claims.to_string()),
            ("transactions", format!("at most {}", shown.transactions)),
            ("slots", format!("about {}", shown.slots)),
            (
                "rent",
                format!(
                    "at most {} lamports, if no owner has a token account yet",
                    shown.rent_lamports
                ),
            ),
            ("fees", format!("at most {} lamports", shown.fee_lamports)),
            ("total", format!("at most {} lamports", shown.lamports)),
        ])
    })
}

#[derive(Serialize)]
struct ShownCost {
    claims: u64,
    transactions: u64,
    slots: u64,
    rent_lamports: u64,
    fee_lamports: u64,
    lamports: u64,
}

/// What was paid.
#[derive(Serialize)]
struct Shown {
    claims: u64,
    paid_claims: u64,
    paid: String,
    unpaid: Vec<ShownUnpaid>,
    restoration: Option<ShownBooks>,
}

#[derive(Serialize)]
struct ShownUnpaid {
    position: String,
    owner: String,
    due: String,
    why: String,
}

#[derive(Serialize)]
struct ShownBooks {
    total: String,
    shared: String,
    paid: String,
    left: String,
    dust: String,
    pool: String,
}

impl Shown {
    fn new(claimed: &Claimed) -> Self {
        let unpaid = claimed.unpaid.iter().map(|unpaid| ShownUnpaid {
            position: unpaid.leaf.key.to_string(),
            owner: unpaid.leaf.owner.to_string(),
            due: unpaid.due.to_string(),
            why: unpaid.why.clone(),
        });
        Self {
            claims: claimed.claims,
            paid_claims: claimed.paid_claims,
            paid: claimed.paid.to_string(),
            unpaid: unpaid.collect(),
            restoration: claimed.books.map(|books| ShownBooks {
                total: books.total.to_string(),
                shared: books.shared.to_string(),
                paid: books.paid.to_string(),
                left: books.left.to_string(),
                dust: books.dust.to_string(),
                pool: books.pool.to_string(),
            }),
        }
    }

    fn text(&self) -> String {
        let mut pairs = vec![
            (
                "claims",
                format!("{}, of which {} were paid now", self.claims, self.paid_claims),
            ),
            ("paid", self.paid.clone()),
        ];
        if let Some(books) = &self.restoration {
            pairs.extend([
                (
                    "restoration",
                    format!(
                        "{} of claims, {} shared out, {} paid",
                        books.total, books.shared, books.paid
                    ),
                ),
                (
                    "left",
                    format!("{}, and {} that the shares round down", books.left, books.dust),
                ),
                ("pool", books.pool.clone()),
            ]);
        }
        let mut text = words::lines(&pairs);
        for unpaid in self.unpaid.iter().take(NAMED) {
            let ShownUnpaid {
                position,
                owner,
                due,
                why,
            } = unpaid;
            text.push_str(&format!("unpaid: position {position} of {owner}, {due} due: {why}\n"));
        }
        if self.unpaid.len() > NAMED {
            text.push_str(&format!(
                "and {} more; --output json lists all\n",
                self.unpaid.len() - NAMED
            ));
        }
        text
    }
}
