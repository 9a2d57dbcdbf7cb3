//! `bulkhead interim`: pays, before the vote, a share of what the last good checkpoint and the snapshot agree on.

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    flows::{
        claim::Who,
        interim::{InterimClaimed, InterimLeaves, claim_interim, interim, keys_of, settle_claim},
        snapshot::Leaf,
    },
    instructions as ix, pda,
};
use bulkhead_interface::{
    constants::proved,
    layout::{Interim, InterimProof},
};
use bulkhead_snapshot::Snapshot;
use bulkhead_terminal::Bar;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use super::{
    find,
    ledger_at::{LedgerAt, Place, associated, create_associated},
    reported::report,
    words,
};
use crate::context::Context;

/// Positions that the text names as not paid.
const NAMED: usize = 20;

/// Pay a share of what the checkpoint and the snapshot agree on, before the vote
///
/// The share is agreed in peace (`bulkhead propose set-interim-rule`). Anyone opens it once the domain is frozen and the
/// ledger's snapshot is sealed.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead interim open --domain DOMAIN")]
pub struct InterimCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Open(Open),
    Claim(Claim),
    Stop(Stop),
    Settle(Settle),
    OpenPage(OpenPage),
    CloseProof(CloseProof),
    Return(Return),
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &InterimCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Open(open) => open.run(context).await,
        What::Claim(claim) => claim.run(context).await,
        What::Stop(stop) => stop.run(context).await,
        What::Settle(settle) => settle.run(context).await,
        What::OpenPage(open) => open.run(context).await,
        What::CloseProof(close) => close.run(context).await,
        What::Return(back) => back.run(context).await,
    }
}

async fn open_one(context: &Context, place: &Place) -> anyhow::Result<(Pubkey, Interim)> {
    let key = pda::interim(&place.incident, place.ledger_index);
    let next = "open it first: `bulkhead interim open`";
    Ok((key, find::one(context, "interim share-out", &key, next).await?))
}

/// Open the interim share-out of a ledger, and move the agreed share of its vaults into the pool
///
/// Anyone may. Run it again when tokens have reached a vault, a recovery account or the pool.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead interim open --domain DOMAIN")]
struct Open {
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Serialize)]
struct ShownOpen {
    interim: String,
    checkpoint_slot: u64,
    shared: String,
    paid: String,
}

impl Open {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let session = context.session()?;
        let made = interim(&session, place.domain(), place.incident, place.ledger_index).await?;
        let shown = ShownOpen {
            interim: made.interim.to_string(),
            checkpoint_slot: made.checkpoint_slot,
            shared: made.shared.to_string(),
            paid: made.paid.to_string(),
        };
        report(context, "interim open", &made.done, &shown, || {
            words::lines(&[
                ("interim", shown.interim.clone()),
                ("checkpoint", format!("of slot {}", shown.checkpoint_slot)),
                (
                    "shared out",
                    format!("{}, of which {} are paid", shown.shared, shown.paid),
                ),
                (
                    "next",
                    "bulkhead interim claim --all --folder DIR --checkpoint-folder DIR".to_owned(),
                ),
            ])
        })
    }
}

/// Pay interim claims to their owners
///
/// Anyone may. Tokens go to the associated token accounts of the owners. What was paid is skipped, so run it again after
/// an interruption. It takes the leaves of both states, in folders of `bulkhead snapshot build`.
#[derive(Parser)]
#[command(group = ArgGroup::new("who"))]
#[command(after_help = "Example:
  bulkhead interim claim OWNER --folder DIR --checkpoint-folder DIR --domain DOMAIN")]
struct Claim {
    /// Pay all claims of this owner [default: the signer]
    #[arg(value_name = "OWNER", group = "who")]
    owner: Option<Pubkey>,
    /// Pay the claim of this position
    #[arg(long, value_name = "ADDRESS", group = "who")]
    position: Option<Pubkey>,
    /// Pay all claims
    #[arg(long, group = "who")]
    all: bool,
    /// Folder of the incident's snapshot
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Folder of the checkpoint
    #[arg(long, value_name = "DIR")]
    checkpoint_folder: PathBuf,
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Serialize)]
struct ShownClaim {
    paid_claims: u64,
    paid: String,
    unpaid: Vec<ShownUnpaid>,
}

#[derive(Serialize)]
struct ShownUnpaid {
    position: String,
    why: String,
}

impl Claim {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let who = match (self.all, self.position, self.owner) {
            (true, ..) => None,
            (_, Some(key), _) => Some(Who::Position(key)),
            (_, None, Some(owner)) => Some(Who::Owner(owner)),
            (_, None, None) => Some(Who::Owner(context.signer()?)),
        };
        let leaves = InterimLeaves {
            snapshot: leaves_in(&self.folder)?,
            checkpoint: leaves_in(&self.checkpoint_folder)?,
        };
        let session = context.session()?;
        let claimed = claim_interim(&session, place.incident, place.ledger_index, who, leaves).await?;
        let shown = ShownClaim::new(&claimed);
        report(context, "interim claim", &claimed.done, &shown, || shown.text())
    }
}

impl ShownClaim {
    fn new(claimed: &InterimClaimed) -> Self {
        let unpaid = claimed.unpaid.iter().map(|(position, why)| ShownUnpaid {
            position: position.to_string(),
            why: why.clone(),
        });
        Self {
            paid_claims: claimed.paid_claims,
            paid: claimed.paid.to_string(),
            unpaid: unpaid.collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = words::lines(&[
            ("claims", format!("{} paid now", self.paid_claims)),
            ("paid", self.paid.clone()),
        ]);
        for ShownUnpaid { position, why } in self.unpaid.iter().take(NAMED) {
            text.push_str(&format!("unpaid: position {position}: {why}\n"));
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

fn leaves_in(folder: &Path) -> anyhow::Result<Vec<Leaf>> {
    let bar = Bar::visible();
    let snapshot = Snapshot::open(folder, &bar)?;
    bar.clear();
    let leaves = snapshot.tree.leaves();
    Ok(leaves
        .map(|(_, leaf)| Leaf::from((leaf.key, leaf.owner, leaf.amount)))
        .collect())
}

/// Stop the interim claims of one position until the vote
///
/// A guardian may. It costs a right. The claims of a restoration cannot be stopped.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead interim stop POSITION --domain DOMAIN")]
struct Stop {
    /// Key of the position
    #[arg(value_name = "POSITION")]
    position: Pubkey,
    #[command(flatten)]
    at: LedgerAt,
}

impl Stop {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (key, _) = open_one(context, &place).await?;
        let stop = ix::stop_interim_claim(place.domain(), context.signer()?, key, self.position);
        context.submit("stop_interim_claim", &[stop]).await
    }
}

/// Pay a position of a state that interim claims were not paid from
///
/// Only where the vote chose a third state. It proves what the position was paid before the vote, and pays the rest.
#[derive(Parser)]
#[command(after_help = "Example:
  bulkhead interim settle POSITION --folder DIR --interim-folder DIR --domain DOMAIN")]
struct Settle {
    /// Key of the position
    #[arg(value_name = "POSITION")]
    position: Pubkey,
    /// Folder of the chosen state
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Folder of the snapshot that interim claims were paid from
    #[arg(long, value_name = "DIR")]
    interim_folder: PathBuf,
    #[command(flatten)]
    at: LedgerAt,
}

impl Settle {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let leaves = (leaves_in(&self.folder)?, leaves_in(&self.interim_folder)?);
        let session = context.session()?;
        let done = settle_claim(&session, place.incident, place.ledger_index, self.position, leaves).await?;
        context.finish("claim", &done)
    }
}

/// One of the two states of an interim share-out.
#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// The incident's snapshot
    #[value(alias = "1")]
    Snapshot,
    /// The checkpoint
    #[value(alias = "2")]
    Checkpoint,
}

#[derive(Args)]
struct Book {
    /// The state whose leaves the page is for
    #[arg(value_name = "STATE")]
    of: State,
    /// Number of the page
    #[arg(value_name = "PAGE")]
    page: u16,
}

/// Open a page that records what interim claims were paid
///
/// `interim claim` opens the pages that it needs.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead interim open-page snapshot 0 --domain DOMAIN")]
struct OpenPage {
    #[command(flatten)]
    book: Book,
    #[command(flatten)]
    at: LedgerAt,
}

impl OpenPage {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (_, state) = open_one(context, &place).await?;
        let of = match self.book.of {
            State::Snapshot => proved::SNAPSHOT,
            State::Checkpoint => proved::CHECKPOINT,
        };
        let open = ix::open_interim_page(keys_of(&state), context.chain()?.payer(), of, self.book.page);
        context.submit("open_interim_page", &[open]).await
    }
}

/// Close an account of proved leaves; the rent goes back to its prover, who signs
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead interim close-proof PROOF")]
struct CloseProof {
    /// Address of the account
    #[arg(value_name = "PROOF")]
    proof: Pubkey,
}

impl CloseProof {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let next = "only its prover can have created it";
        let state: InterimProof = find::one(context, "proof", &self.proof, next).await?;
        let close = ix::close_interim_proof(state.interim, state.prover);
        context.submit("close_interim_proof", &[close]).await
    }
}

/// Return what is left of an interim share-out whose incident ended without a restoration
///
/// Anyone may. It goes to the domain's associated token account, which this creates if it is not there.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead interim return --domain DOMAIN")]
struct Return {
    #[command(flatten)]
    at: LedgerAt,
}

impl Return {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (_, state) = open_one(context, &place).await?;
        let (domain, keys) = (place.domain(), keys_of(&state));
        let destination = associated(&domain, &keys.mint, &keys.token_program);
        let payer = context.chain()?.payer();
        let create = create_associated(&payer, &domain, &keys.mint, &keys.token_program);
        let back = ix::return_interim(keys, destination);
        context.submit("return_interim", &[create, back]).await
    }
}
