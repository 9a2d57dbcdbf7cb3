//! `bulkhead proof`: proofs of state on chain, from the verifying key to the rent of what is left.

mod files;
mod show;

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::instructions::{ProvePageArgs, RegisterVerifyingKeyArgs, VerifyingKey},
    instructions::{self as ix, Authority, RestoredLedger},
    pda,
    watch::Kind,
};
use bulkhead_core::{
    acts::{Statement, statement_id},
    proofs::points::KeyPoints,
};
use bulkhead_interface::{
    constants::{SET_UP_INSECURE, proof_role, shard_flag, snapshot_state},
    layout::{ProofRules, ProofRun, Restoration, SealedLedger, Snapshot, SnapshotShard, StateProof},
};
use clap::{Args, Subcommand, ValueEnum};

use self::files::{KeyFile, PageFile, bytes, read};
use super::{
    find::{self, Site, all, quiet},
    ledger_at::{LedgerAt, Place, not_possible},
};
use crate::context::Context;

/// Proofs of state: that a repaired host owes what the plan pays, to the same owners.
#[derive(Args)]
pub struct ProofCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Show the key in force, the ledgers that need a proof, and how far each statement is
    #[command(after_help = "Example:\n  bulkhead proof show --domain DOMAIN")]
    Show,
    /// Execute a proposal that registers a verifying key; its points come from a file
    #[command(after_help = "Example:\n  bulkhead proof register-key PROPOSAL --key keys/page-256.verifying-key.json")]
    RegisterKey(RegisterKey),
    /// Open a snapshot of what the repaired host starts with; `snapshot open-shard` and `snapshot ingest` read into it
    #[command(after_help = "Example:\n  bulkhead proof open-successor 0 --domain DOMAIN")]
    OpenSuccessor(Numbered),
    /// Seal a successor with the shards that were read into it
    #[command(after_help = "Example:\n  bulkhead proof seal-successor 0 --domain DOMAIN")]
    SealSuccessor(Numbered),
    /// Fix what a proof of the chosen state, or of a successor, is about
    #[command(after_help = "Example:\n  bulkhead proof fix --successor 0 --domain DOMAIN")]
    Fix(Fix),
    /// Open the statement that a successor owes what the plan pays
    #[command(after_help = "Example:\n  bulkhead proof open 0 --domain DOMAIN")]
    Open(Numbered),
    /// Open a run of your own over one shard of one ledger
    #[command(after_help = "Example:\n  bulkhead proof run PROOF --role chosen --shard 3 -k prover.json")]
    Run(Run),
    /// Move a run of your own on by a page that `bulkhead-prover` proved
    #[command(
        after_help = "Example:\n  bulkhead proof page ADDRESS proofs/chosen/shard-03/page-000000.json -k prover.json"
    )]
    Page(Page),
    /// Note that a run has come to its shard's end
    #[command(after_help = "Example:\n  bulkhead proof finish ADDRESS")]
    Finish(One),
    /// Record a statement that is proved, for the reopening
    #[command(after_help = "Example:\n  bulkhead proof record PROOF")]
    Record(One),
    /// Close a run of your own, or after the incident a statement or a fixed ledger, and return its rent
    #[command(after_help = "Example:\n  bulkhead proof close ACCOUNT")]
    Close(One),
}

#[derive(Args)]
struct RegisterKey {
    /// The proposal
    #[arg(value_name = "PROPOSAL")]
    proposal: Pubkey,
    /// The verifying key, as `bulkhead-prover setup` writes it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

#[derive(Args)]
struct Numbered {
    /// Number of the successor; whoever opens one chooses it
    #[arg(value_name = "NUMBER")]
    number: u16,
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Args)]
struct Fix {
    /// Number of a successor, instead of the chosen state
    #[arg(long, value_name = "NUMBER")]
    successor: Option<u16>,
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// The state that was chosen
    Chosen,
    /// What the repaired host starts with
    Successor,
}

#[derive(Args)]
struct Run {
    /// Address of the statement
    #[arg(value_name = "PROOF")]
    proof: Pubkey,
    /// Which of the two ledgers
    #[arg(long)]
    role: Role,
    /// Number of the shard
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..16))]
    shard: u8,
    /// A run of the same shard to begin at, whoever moved it there
    #[arg(long, value_name = "RUN")]
    from: Option<Pubkey>,
}

#[derive(Args)]
struct Page {
    /// Address of the run
    #[arg(value_name = "RUN")]
    run: Pubkey,
    /// The page
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Args)]
struct One {
    /// Its address; `bulkhead proof show` lists statements and runs
    #[arg(value_name = "ADDRESS")]
    key: Pubkey,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &ProofCommand, context: &Context) -> anyhow::Result<()> {
    // Boxed: together they would fill a thread's stack.
    match &command.what {
        What::Show => Box::pin(show::show(context)).await,
        What::RegisterKey(register) => Box::pin(register.run(context)).await,
        What::OpenSuccessor(numbered) => Box::pin(open_successor(numbered, context)).await,
        What::SealSuccessor(numbered) => Box::pin(seal_successor(numbered, context)).await,
        What::Fix(fix) => Box::pin(fix.run(context)).await,
        What::Open(numbered) => Box::pin(open(numbered, context)).await,
        What::Run(run) => Box::pin(run.run(context)).await,
        What::Page(page) => Box::pin(page.run(context)).await,
        What::Finish(one) => Box::pin(finish(&one.key, context)).await,
        What::Record(one) => Box::pin(record(&one.key, context)).await,
        What::Close(one) => Box::pin(close(&one.key, context)).await,
    }
}

impl RegisterKey {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let site = Site::of(context).await?;
        let file: KeyFile = read(&self.key)?;
        let mut points = vec![];
        let parts = [&file.alpha_g1, &file.beta_g2, &file.gamma_g2, &file.delta_g2];
        for part in parts.into_iter().chain(&file.ic_g1) {
            points.extend(bytes(part, "a point")?);
        }
        let is_insecure = file.set_up == "insecure";
        let key = VerifyingKey {
            page_size: file.page_size,
            set_up: if is_insecure { SET_UP_INSECURE } else { 0 },
            points,
        };
        let id = key
            .points
            .as_slice()
            .try_into()
            .ok()
            .and_then(|points| KeyPoints::read(points).ok())
            .map(|points| points.id(key.page_size, key.set_up));
        let Some(id) = id else {
            return Err(not_possible(
                format!("{} has no points of a verifying key", self.key.display()),
                "write it again with `bulkhead-prover setup`",
            ));
        };
        let authority = Authority {
            signer: context.signer()?,
            domain: site.key,
            proposal: Some(self.proposal),
        };
        let args = RegisterVerifyingKeyArgs {
            id,
            accepts_insecure: is_insecure,
        };
        let register = ix::register_verifying_key(authority, context.chain()?.payer(), args, key);
        context.submit("register_verifying_key", &[register]).await
    }
}

impl Place {
    const fn restored_ledger(&self) -> RestoredLedger {
        RestoredLedger {
            domain: self.domain(),
            incident: self.incident,
            ledger_index: self.ledger_index,
        }
    }
}

async fn open_successor(numbered: &Numbered, context: &Context) -> anyhow::Result<()> {
    let place = numbered.at.find(context).await?;
    let ledger = place.ledger(context).await?;
    let open = ix::open_successor(
        context.chain()?.payer(),
        place.restored_ledger(),
        numbered.number,
        &ledger,
    );
    context.submit("open_successor", &[open]).await
}

/// The shards of a snapshot that the signer read, or whichever its last seal used, in ascending order.
async fn shards_of(context: &Context, site: &Site, snapshot: &Pubkey) -> anyhow::Result<Vec<(Pubkey, SnapshotShard)>> {
    let sealed: Snapshot = find::one(context, "snapshot", snapshot, "open it first").await?;
    let signer = context.signer().ok();
    let mut found: Vec<(Pubkey, SnapshotShard)> = all(context.chain()?, Kind::SnapshotShard, &site.key).await?;
    let is_used = |shard: &SnapshotShard| {
        if sealed.state == snapshot_state::SEALED {
            shard.state == snapshot_state::SEALED && shard.seal == sealed.seals
        } else {
            Some(shard.cranker) == signer && shard.seen > 0
        }
    };
    found.retain(|(_, shard)| shard.snapshot == *snapshot && is_used(shard));
    found.sort_by_key(|(_, shard)| shard.shard);
    Ok(found)
}

async fn seal_successor(numbered: &Numbered, context: &Context) -> anyhow::Result<()> {
    let place = numbered.at.find(context).await?;
    let ledger = place.ledger(context).await?;
    let snapshot = place.restored_ledger().successor(numbered.number);
    let shards = shards_of(context, &place.site, &snapshot).await?;
    let keys: Vec<_> = shards.iter().map(|(key, _)| *key).collect();
    let signer = context.signer()?;
    let crankers = if keys.is_empty() { vec![] } else { vec![signer] };
    let (of, total) = (place.restored_ledger(), ledger.total_account);
    let seal = ix::seal_successor(of, numbered.number, total, &keys, &crankers);
    context.submit("seal_successor", &[seal]).await
}

impl Fix {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let restoration = place.restoration();
        let (snapshot, plan) = match self.successor {
            Some(number) => (place.restored_ledger().successor(number), None),
            None => {
                let next = "a proof is of a ledger that was restored";
                let plan: Restoration = find::one(context, "restoration", &restoration, next).await?;
                (plan.snapshot, Some(restoration))
            }
        };
        let shards = shards_of(context, &place.site, &snapshot).await?;
        if let Some((key, _)) = shards
            .iter()
            .find(|(_, shard)| shard.flags & shard_flag::ACCUMULATES == 0)
        {
            return Err(not_possible(
                format!("shard {key} was read without an accumulator, so nothing can be proved of it"),
                "propose to accept the ledger without a proof: `bulkhead propose override-proof`",
            ));
        }
        let with_leaves = shards.iter().filter(|(_, shard)| shard.count != 0);
        let keys: Vec<_> = with_leaves.map(|(key, _)| *key).collect();
        let fix = ix::fix_ledger(context.chain()?.payer(), snapshot, plan, &keys);
        context.submit("fix_ledger", &[fix]).await
    }
}

async fn open(numbered: &Numbered, context: &Context) -> anyhow::Result<()> {
    let place = numbered.at.find(context).await?;
    let of = place.restored_ledger();
    let next = "a proof is of a ledger that was restored";
    let plan: Restoration = find::one(context, "restoration", &of.restoration(), next).await?;
    let successor_key = of.successor(numbered.number);
    let (chosen, successor) = (pda::sealed_ledger(&plan.snapshot), pda::sealed_ledger(&successor_key));
    let next = "fix both ledgers first: `bulkhead proof fix`, and the same with --successor";
    let chosen: SealedLedger = find::one(context, "fixed ledger", &chosen, next).await?;
    let successor: SealedLedger = find::one(context, "fixed ledger", &successor, next).await?;
    let next = "no proposal has registered a verifying key";
    let rules: ProofRules = find::one(context, "rules of proofs", &pda::proof_rules(&of.domain), next).await?;
    let id = statement_id(&Statement {
        domain: (&of.domain, &place.site.domain),
        rules: &rules,
        restoration: (&of.restoration(), &plan),
        chosen: &chosen,
        successor: &successor,
    });
    let both = [plan.snapshot, successor_key];
    let open = ix::open_proof(context.chain()?.payer(), of, both, pda::state_proof(&id));
    context.submit("open_proof", &[open]).await
}

impl Run {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let role = match self.role {
            Role::Chosen => proof_role::CHOSEN,
            Role::Successor => proof_role::SUCCESSOR,
        };
        let open = ix::open_run(context.signer()?, self.proof, role, self.shard, self.from);
        context.submit("open_run", &[open]).await
    }
}

const RUNS: &str = "`bulkhead proof show` lists runs; `bulkhead proof run` opens one";
const PROOFS: &str = "`bulkhead proof show` lists statements; `bulkhead proof open` opens one";

impl Page {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let run: ProofRun = find::one(context, "run", &self.run, RUNS).await?;
        let proof: StateProof = find::one(context, "statement", &run.proof, PROOFS).await?;
        let page: PageFile = read(&self.file)?;
        let wrong = |what: &str, length: usize| {
            not_possible(
                format!("{} has no {what} of {length} bytes", self.file.display()),
                "name a page of `bulkhead-prover prove`",
            )
        };
        let after = bytes(&page.after, "the state")?.try_into();
        let args = ProvePageArgs {
            after: after.map_err(|_| wrong("state", 132))?,
            proof: bytes(&page.proof, "the proof")?
                .try_into()
                .map_err(|_| wrong("proof", 256))?,
        };
        let key = pda::proof_key(&proof.domain, &proof.key);
        let prove = ix::prove_page(context.signer()?, run.proof, key, self.run, args);
        context.submit("prove_page", &[prove]).await
    }
}

async fn finish(key: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let run: ProofRun = find::one(context, "run", key, RUNS).await?;
    let proof: StateProof = find::one(context, "statement", &run.proof, PROOFS).await?;
    let [chosen, successor] = proof.snapshots;
    let snapshot = if run.role == proof_role::CHOSEN {
        chosen
    } else {
        successor
    };
    let finish = ix::finish_run(run.proof, *key, snapshot);
    context.submit("finish_run", &[finish]).await
}

async fn record(key: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let proof: StateProof = find::one(context, "statement", key, PROOFS).await?;
    let of = RestoredLedger {
        domain: proof.domain,
        incident: proof.incident,
        ledger_index: proof.ledger_index,
    };
    let record = ix::record_proof(context.chain()?.payer(), of, *key);
    context.submit("record_proof", &[record]).await
}

async fn close(key: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let session = quiet(context)?;
    if let Some(run) = session.find::<ProofRun>(key).await? {
        return context.submit("close_run", &[ix::close_run(run.prover, *key)]).await;
    }
    if let Some(proof) = session.find::<StateProof>(key).await? {
        let close = ix::close_proof(proof.domain, *key, proof.payer);
        return context.submit("close_proof", &[close]).await;
    }
    let next = "pass the address of a run, a statement or a fixed ledger";
    let fixed: SealedLedger = find::one(context, "run, statement or fixed ledger", key, next).await?;
    let close = ix::close_fixed_ledger(fixed.domain, fixed.snapshot, fixed.payer);
    context.submit("close_fixed_ledger", &[close]).await
}
