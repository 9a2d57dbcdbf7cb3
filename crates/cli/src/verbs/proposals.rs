//! What is done with proposals: approve, withdraw, veto, execute, list, edit, close.

use anchor_lang::prelude::Pubkey;
use anyhow::bail;
use bulkhead_client::{
    bulkhead::decision::{self, EncodedDecision},
    flows::{self, ReadProposal, parse_proposal, read_proposal, reading},
    instructions as ix,
    payload::{Payload, duration, progress},
    status,
    watch::Kind,
};
use bulkhead_core::{
    CoreError, acts,
    proposals::proposal::{Progress, Status, check_closable, is_fallbacks},
};
use bulkhead_interface::{ProposalKind, layout::Proposal};
use clap::Args;
use serde_json::{Value, json};

use super::{
    facts,
    find::{Site, quiet, raw, refused},
    idl_json,
    propose::{Given, preview},
    words,
};
use crate::{context::Context, proposal::CLASSES};

/// Withdraw an approval; signed by the approver. They may be silent.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead withdraw-approval PROPOSAL -k approver.json")]
pub struct Withdraw {
    #[command(flatten)]
    at: At,
}

/// Stop a proposal; signed by one vetoer.
///
/// The veto stands for a week against everything its proposer makes, and uses up one of a few rights for as long.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead veto PROPOSAL -k vetoer.json")]
pub struct Veto {
    #[command(flatten)]
    at: At,
}

/// Execute a proposal that has its approvals and has waited out its delay; anyone may.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead execute PROPOSAL -k any.json")]
pub struct Execute {
    #[command(flatten)]
    at: At,
}

/// List the proposals of the domain: what they decide, their approvals and clocks.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead proposal list --domain DOMAIN")]
pub struct List {
    /// Also those that can never run again
    #[arg(long)]
    all: bool,
}

/// Replace what a proposal decides by another decision of the same kind; signed by its proposer. Approvals start again.
///
/// --example prints the present arguments.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:
  bulkhead proposal edit PROPOSAL --example > limits.json
  bulkhead proposal edit PROPOSAL --args limits.json -k proposer.json")]
pub struct Edit {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    given: Given,
}

/// Close a proposal that can never run again; anyone may, and the rent goes to who paid it.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead proposal close PROPOSAL")]
pub struct Close {
    #[command(flatten)]
    at: At,
}

/// A proposal.
#[derive(Args, Clone, Debug)]
struct At {
    /// Address of the proposal
    #[arg(value_name = "PROPOSAL")]
    proposal: Pubkey,
}

/// Runs `bulkhead withdraw-approval`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn withdraw(command: &Withdraw, context: &Context) -> anyhow::Result<()> {
    let key = command.at.proposal;
    let done = flows::withdraw(&context.session()?, key, context.signer()?).await?;
    facts::finish(context, "withdraw", &[("proposal", key.into())], &done)
}

/// Runs `bulkhead veto`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn veto(command: &Veto, context: &Context) -> anyhow::Result<()> {
    let key = command.at.proposal;
    let done = flows::veto(&context.session()?, key, context.signer()?).await?;
    facts::finish(context, "veto", &[("proposal", key.into())], &done)
}

/// Runs `bulkhead execute`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn execute(command: &Execute, context: &Context) -> anyhow::Result<()> {
    let key = command.at.proposal;
    let read = read_proposal(&quiet(context)?, key).await?;
    let Payload::Known(decision) = &read.payload else {
        return Err(unknown(&read));
    };
    preview(
        decision,
        read.proposal.domain,
        Some(read.proposal.created_slot),
        context,
    )
    .await?;
    let done = flows::execute(&context.session()?, key, context.signer()?).await?;
    let facts = [("proposal", key.into()), ("executed", read.payload.name().into())];
    facts::finish(context, "execute", &facts, &done)
}

/// Runs `bulkhead proposal edit`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn edit(command: &Edit, context: &Context) -> anyhow::Result<()> {
    let (key, proposer) = (command.at.proposal, context.signer()?);
    let session = quiet(context)?;
    let read = read_proposal(&session, key).await?;
    let Some(kind) = ProposalKind::of(read.proposal.kind) else {
        return Err(unknown(&read));
    };
    if command.given.example {
        let Payload::Known(decision) = &read.payload else {
            return Err(unknown(&read));
        };
        let present = idl_json::arguments(decision)?;
        return context.print(&present, || format!("{present:#}\n"));
    }
    let Some(decision) = command.given.decision(kind)? else {
        bail!(
            "NoArguments: give the other decision with --args FILE; `bulkhead proposal edit {key} --example` prints the present one"
        );
    };
    let site = Site::read(session.chain, read.proposal.domain).await?;
    let encoded = EncodedDecision::from(&decision);
    check_edit(&read.proposal, &encoded, &proposer, &site)?;
    preview(&decision, site.key, None, context).await?;
    context.confirm("Replace the proposal by exactly this? Its approvals start again")?;
    let edit = ix::edit_proposal(site.key, proposer, session.chain.payer(), key, encoded);
    facts::send(context, "edit", &[("proposal", key.into())], edit).await
}

/// What the program would refuse.
fn check_edit(proposal: &Proposal, encoded: &EncodedDecision, proposer: &Pubkey, site: &Site) -> anyhow::Result<()> {
    let scene = decision::Scene {
        domain: site.key,
        council: &site.council,
    };
    let mut judged = Ok(());
    encoded
        .judge(&scene, &mut |asked| {
            let mut edited = *proposal;
            let (domain, council) = (&site.domain, &site.council);
            judged = acts::edit_proposal(
                domain,
                council,
                &mut edited,
                proposer,
                asked,
                encoded.payload(),
                site.at,
            );
            Ok(())
        })
        .map_err(|error| anyhow::anyhow!("NotPossible: {error}; correct the arguments; nothing was sent"))?;
    judged.map_err(|error| {
        let next = match error {
            CoreError::NotProposer => format!("sign with {}", proposal.proposer),
            _ => "nothing was sent".into(),
        };
        refused(error, &next)
    })
}

/// Runs `bulkhead proposal close`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn close(command: &Close, context: &Context) -> anyhow::Result<()> {
    let key = command.at.proposal;
    let read = read_proposal(&quiet(context)?, key).await?;
    let site = Site::read(context.chain()?, read.proposal.domain).await?;
    check_closable(&read.proposal, &site.council, site.at.now)
        .map_err(|error| refused(error, "a vetoer may stop it, or it expires by itself"))?;
    let close = ix::close_proposal(site.key, key, read.proposal.payer);
    facts::send(context, "close", &[("proposal", key.into())], close).await
}

/// Runs `bulkhead proposal list`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn list(command: &List, context: &Context) -> anyhow::Result<()> {
    let (session, site) = (quiet(context)?, Site::of(context).await?);
    let mut found = Vec::new();
    for (key, account) in raw(session.chain, Kind::Proposal, &site.key).await? {
        // What cannot be decoded is not a proposal that could run.
        let Ok(read) = parse_proposal(key, &account.data) else {
            continue;
        };
        let progress = reading(&session, |account| {
            progress(&read.proposal, &read.payload, &site.council, account, site.at)
        });
        let listed = Listed {
            progress: progress.await?,
            read,
        };
        if command.all || !listed.is_over() {
            found.push(listed);
        }
    }
    found.sort_by_key(|listed| (listed.read.proposal.created_slot, listed.read.key));
    let values: Vec<_> = found.iter().map(|listed| listed.json(&site)).collect();
    context.print(&values, || {
        if found.is_empty() {
            return "no proposal can run or wait; --all shows the others\n".into();
        }
        let head = ["proposal", "decides", "class", "state", "approvals", "next"];
        let rows = found.iter().map(|listed| listed.row(&site));
        words::table(&head, &rows.collect::<Vec<_>>())
    })
}

fn unknown(read: &ReadProposal) -> anyhow::Error {
    anyhow::anyhow!(
        "UnknownKind: this version cannot decode a proposal of kind {}; update bulkhead",
        read.proposal.kind
    )
}

struct Listed {
    read: ReadProposal,
    progress: Progress,
}

impl Listed {
    const fn is_over(&self) -> bool {
        matches!(
            self.progress.status,
            Status::Executed | Status::Vetoed | Status::Stale | Status::Expired
        )
    }

    const fn state(&self) -> &'static str {
        status::words::proposal(self.progress.status)
    }

    fn class(&self) -> &'static str {
        CLASSES
            .get(usize::from(self.read.proposal.class))
            .copied()
            .unwrap_or("unknown")
    }

    fn row(&self, site: &Site) -> Vec<String> {
        let (proposal, now) = (&self.read.proposal, site.at.now);
        let next = match (self.progress.status, self.progress.eta) {
            (Status::Waiting, Some(eta)) => format!("executes {}", words::time(eta, now)),
            (Status::Ready, _) => "`bulkhead execute`".to_owned(),
            (Status::Collecting, _) => format!("expires in {}", duration(proposal.expires_ts.saturating_sub(now))),
            _ => String::new(),
        };
        vec![
            self.read.key.to_string(),
            self.read.payload.name().to_owned(),
            self.class().to_owned(),
            self.state().to_owned(),
            format!("{} of {}", self.progress.eligible.count_ones(), self.progress.needed),
            next,
        ]
    }

    fn json(&self, site: &Site) -> Value {
        let proposal = &self.read.proposal;
        json!({
            "proposal": self.read.key.to_string(),
            "domain": site.key.to_string(),
            "kind": self.read.payload.name(),
            "class": self.class(),
            "state": self.state(),
            "proposer": proposal.proposer.to_string(),
            "by_fallback": is_fallbacks(proposal),
            "eligible": self.progress.eligible.count_ones(),
            "needed": self.progress.needed,
            "created_ts": proposal.created_ts,
            "created_slot": proposal.created_slot.to_string(),
            "eta": self.progress.eta,
            "expires_ts": proposal.expires_ts,
            "payload_hash": bulkhead_client::payload::hex(&proposal.payload_hash),
        })
    }
}
