//! `bulkhead propose`: makes a proposal of any kind, after showing it in words.

mod given;
mod kinds;
mod preview;
mod shorthand;
mod steps;

use anyhow::ensure;
use bulkhead_client::{
    bulkhead::decision::Decision,
    flows::{self, FlowError},
};
use bulkhead_interface::ProposalKind;
use clap::Args;
use serde_json::json;

pub(crate) use self::{
    given::{Given, text},
    preview::preview,
    steps::{agree, report_step},
};
use self::{kinds::Kind, shorthand::decided};
pub use self::{
    shorthand::{Reopen, Resume},
    steps::{reopen, resume},
};
use super::{
    facts,
    idl_json::{dashed, example},
};
use crate::context::Context;

/// Propose a decision: the only way to loosen anything.
///
/// The arguments are JSON with the names of the program's own. `--example` prints a template of a kind with every field
/// and what it means; its comment lines may stay. A proposal is checked by the program's rules and shown in words before
/// it is sent. It then needs approvals, waits out its delay, and can be vetoed until it is executed.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  bulkhead propose set-limit --compartment 0 --mint MINT --limit 5000000000 -k approver.json
  bulkhead propose grant-rights --example > rights.json
  bulkhead propose grant-rights --args rights.json -k approver.json
  bulkhead approve PROPOSAL -k other-approver.json")]
pub struct ProposeCommand {
    #[command(subcommand)]
    kind: Kind,
}

/// Runs `bulkhead propose`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &ProposeCommand, context: &Context) -> anyhow::Result<()> {
    run_kind(&command.kind, context).await
}

async fn run_kind(word: &Kind, context: &Context) -> anyhow::Result<()> {
    let (kind, given) = (word.number(), word.given());
    if given.example {
        return print_example(kind, context);
    }
    ensure!(
        given.args.is_none() || !word.names_breaker(),
        "ArgumentsTwice: --args names the breaker already; leave the breaker, --compartment, --mint and --shard out"
    );
    let decision = match given.decision(kind)? {
        Some(decision) => decision,
        None => decided(word, context).await?,
    };
    make(decision, context).await
}

/// Shows a decision, asks, and proposes it.
async fn make(decision: Decision, context: &Context) -> anyhow::Result<()> {
    let (domain, proposer) = (context.domain()?, context.signer()?);
    preview(&decision, domain, None, context).await?;
    context.confirm("Propose exactly this?")?;
    let name = decision.kind().name();
    let made = flows::propose(&context.session()?, domain, proposer, decision).await?;
    let facts = [
        ("proposal", made.proposal.into()),
        ("kind", name.into()),
        ("next", format!("bulkhead approve {}", made.proposal).into()),
    ];
    facts::finish(context, "propose", &facts, &made.done)
}

fn print_example(kind: ProposalKind, context: &Context) -> anyhow::Result<()> {
    let example = example(kind)?;
    let found = json!({
        "kind": kind.name(),
        "doc": example.doc,
        "fields": example.fields,
        "example": example.value,
    });
    context.print(&found, || example.text)
}

/// No arguments were given, by file or by flags.
fn no_arguments(kind: ProposalKind) -> anyhow::Error {
    let kind = dashed(kind);
    FlowError::NotPossible {
        why: format!("`bulkhead propose {kind}` needs arguments"),
        next: format!("give them with --args FILE; `bulkhead propose {kind} --example` prints a template"),
    }
    .into()
}
