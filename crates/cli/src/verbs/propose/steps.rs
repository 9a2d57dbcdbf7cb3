//! `bulkhead resume`, `bulkhead restore` and `bulkhead reopen`: each key that runs the line takes the next step that it can take.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::decision::{Decision, EncodedDecision},
    flows::{self, Stepped, parse_proposal},
    watch::Kind,
};
use bulkhead_core::proposals::proposal::check_live;
use bulkhead_interface::constants::phase;

use super::{
    super::{
        facts,
        find::{Site, raw},
    },
    Reopen, Resume,
    kinds::Kind as Word,
    preview, run_kind,
    shorthand::decided,
};
use crate::context::Context;

/// Runs `bulkhead resume`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn resume(command: &Resume, context: &Context) -> anyhow::Result<()> {
    let kind = Word::Resume(command.clone());
    if command.is_explicit() {
        return run_kind(&kind, context).await;
    }
    let (domain, signer) = (context.domain()?, context.signer()?);
    if Site::read(context.chain()?, domain).await?.domain.state != phase::OPERATING {
        agree(&decided(&kind, context).await?, domain, context).await?;
    }
    let stepped = flows::resume_of(&context.session()?, domain, signer, command.proposer).await?;
    report_step("resume", &stepped, context)
}

/// Runs `bulkhead reopen`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn reopen(command: &Reopen, context: &Context) -> anyhow::Result<()> {
    let kind = Word::Reopen(command.clone());
    if command.is_explicit() {
        return run_kind(&kind, context).await;
    }
    let (domain, signer) = (context.domain()?, context.signer()?);
    agree(&decided(&kind, context).await?, domain, context).await?;
    let (session, terms) = (context.session()?, command.terms());
    let stepped = flows::reopen_of(&session, domain, signer, terms, command.proposer).await?;
    report_step("reopen", &stepped, context)
}

/// Shows what is decided, and asks.
pub(crate) async fn agree(decision: &Decision, domain: Pubkey, context: &Context) -> anyhow::Result<()> {
    let slot = proposed_slot(decision, domain, context).await?;
    preview(decision, domain, slot, context).await?;
    context.confirm("Take the next step towards exactly this?")
}

/// When the oldest proposal of this decision was made that can still run, if there is one: what it unpauses depends on
/// that.
async fn proposed_slot(decision: &Decision, domain: Pubkey, context: &Context) -> anyhow::Result<Option<u64>> {
    let hash = EncodedDecision::from(decision).hash();
    let site = Site::read(context.chain()?, domain).await?;
    let found = raw(context.chain()?, Kind::Proposal, &domain).await?;
    let same = found
        .iter()
        .filter_map(|(key, account)| parse_proposal(*key, &account.data).ok());
    let live = same.filter(|read| {
        read.proposal.payload_hash == hash && check_live(&read.proposal, &site.council, site.at.now).is_ok()
    });
    Ok(live.map(|read| read.proposal.created_slot).min())
}

pub(crate) fn report_step(act: &str, stepped: &Stepped, context: &Context) -> anyhow::Result<()> {
    let mut facts = vec![
        ("step", stepped.step.clone().into()),
        ("next", stepped.next.clone().into()),
    ];
    facts.extend(stepped.proposal.map(|key| ("proposal", key.into())));
    facts::finish(context, act, &facts, &stepped.done)
}
