//! What a decision would do, before it is sent.

use std::slice;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::{call::StoredInstruction, decision::Decision},
    chain::ChainError,
    flows::reading,
    instructions as ix,
    payload::{Payload, When, changes, duration},
};

use super::super::{
    find::{Site, quiet},
    words,
};
use crate::{context::Context, output, proposal::CLASSES};

/// Prints a decision in words: what it changes, every field, and what it needs. On standard output as text, otherwise on
/// standard error, because JSON is one value.
///
/// `proposed_slot` is when an existing proposal was made; `None` for one that is still to be made.
pub(crate) async fn preview(
    decision: &Decision,
    domain: Pubkey,
    proposed_slot: Option<u64>,
    context: &Context,
) -> anyhow::Result<()> {
    let site = Site::read(context.chain()?, domain).await?;
    let when = When {
        proposed_slot: proposed_slot.unwrap_or(site.at.slot),
        now: site.at.now,
    };
    let payload = Payload::Known(decision.clone());
    let found = reading(&quiet(context)?, |read| changes(&payload, &domain, when, read)).await?;
    let mut pairs = vec![("domain", domain.to_string())];
    if found.is_empty() {
        pairs.push(("changes", "nothing in the current state".into()));
    }
    let titles = std::iter::once("changes").chain(std::iter::repeat(""));
    pairs.extend(titles.zip(found.iter().map(ToString::to_string)));
    for stored in stored(decision) {
        pairs.push(("trial", trial(stored, context).await?));
    }
    let fields = payload.to_string();
    let titles = std::iter::once("action").chain(std::iter::repeat(""));
    pairs.extend(titles.zip(fields.lines().map(str::to_owned)));
    let class = usize::from(decision.kind().class());
    let policy = site.council.policies.get(class).filter(|_| proposed_slot.is_none());
    if let (Some(name), Some(policy)) = (CLASSES.get(class), policy) {
        let needs = format!(
            "{} approvals of class {name}, then {}; it expires {} after it is made",
            policy.threshold,
            duration(policy.delay_seconds),
            duration(policy.expiry_seconds)
        );
        pairs.push(("needs", needs));
    }
    let text = words::lines(&pairs);
    if context.output().is_json() {
        output::note(text.trim_end());
        return Ok(());
    }
    output::text(&text)
}

/// The instructions that the domain would sign.
fn stored(decision: &Decision) -> &[StoredInstruction] {
    match decision {
        Decision::RunInstruction(stored) => slice::from_ref(stored),
        Decision::RegisterEmergencyAction(args) => slice::from_ref(&args.instruction),
        Decision::RegisterEmergencySteps(args) => &args.instructions,
        Decision::RegisterDirectVault(args) => slice::from_ref(&args.instruction),
        _ => &[],
    }
}

/// Whether the instruction would work now, as if the domain had signed it.
async fn trial(stored: &StoredInstruction, context: &Context) -> anyhow::Result<String> {
    let instruction = ix::unstored(stored);
    let first_line = |error: &ChainError| error.to_string().lines().next().unwrap_or_default().to_owned();
    match context.chain()?.simulate(&[instruction], &[]).await {
        Ok(simulated) => Ok(match &simulated.error {
            None => "works now".to_owned(),
            Some(error) => format!("FAILS now: {}", first_line(error)),
        }),
        Err(error @ (ChainError::MissingSigner(_) | ChainError::Refused { .. })) => {
            Ok(format!("not simulated: {}", first_line(&error)))
        }
        Err(error) => Err(error.into()),
    }
}
