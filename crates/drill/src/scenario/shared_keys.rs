//! Every key of a bridge was meant to be somebody else's, and all of them were in one place. Whoever has it is the
//! host's admin, and has enough of the council's keys to approve what they like.
//!
//! With Bulkhead, what the council can loosen becomes public an hour before it is in force, and one vetoer whose key is
//! elsewhere stops it. The thief proposes to lift the limits the day before, and to end the pause after it. What
//! remains is the host's key, and that is bounded. Had every key of the council been in that place as well, nothing on
//! chain would have stopped the thief.

use anchor_lang::solana_program::instruction::Instruction;
use bulkhead::{
    decision::EncodedDecision,
    instructions::{ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{AttackOutcome, stolen_admin, takeover};
use crate::{
    error::DrillError, flow::Flow, incident::SharedKeys, phases::Recorder, recovery::ANSWER_SECONDS, stage::Stage,
};

/// Members whose keys the thief has. Both are approvers, as many as a proposal needs.
const CAPTURED: [usize; 2] = [4, 2];
/// The member who vetoes.
const VETOER: usize = 3;
/// When the thief proposes, in seconds from the theft.
const PROPOSED: i64 = -3 * 3_600;
/// When the delay has passed for certain.
const MATURED: i64 = PROPOSED + bulkhead_testbed::DELAY_SECONDS + 60;

pub(super) fn attack(
    stage: &mut Stage,
    facts: &SharedKeys,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let mut attack_outcome = AttackOutcome::default();
    lift_the_limits(stage, &mut attack_outcome)?;
    flow.hour_before(stage);
    stage.at(0);
    attack_outcome.custody_before = stage.custody();
    attack_outcome.sample(stage);
    let worthless = stolen_admin::hand_over(stage)?;
    stolen_admin::drain(stage, &facts.drain, &worthless, flow, recorder, &mut attack_outcome)?;
    end_the_pause(stage, &mut attack_outcome)?;
    takeover::try_everything(stage, &mut attack_outcome);
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// The day before: two of the council's keys approve an unlimited outflow.
fn lift_the_limits(stage: &mut Stage, attack_outcome: &mut AttackOutcome) -> Result<(), DrillError> {
    let Some(breaker) = stage.protocol().map(|protocol| protocol.vault.breaker) else {
        return Ok(());
    };
    let unlimited = SetLimitArgs {
        breaker,
        limit: u64::MAX,
        slot_limit: u64::MAX,
        ..SetLimitArgs::default()
    };
    stage.at(PROPOSED);
    let authority = approved(stage, CAPTURED, &unlimited)?;
    let raise = ix::set_limit(authority, unlimited);
    let what = "lift the limits with two of the council's keys";
    attempt(stage, attack_outcome, &format!("{what}, at once"), &raise);
    stage.at(PROPOSED + ANSWER_SECONDS);
    veto(stage, authority)?;
    stage.at(MATURED);
    attempt(
        stage,
        attack_outcome,
        &format!("{what}, after the delay and a veto"),
        &raise,
    );
    Ok(())
}

/// After the drain: the same keys, in the other order because a veto holds off its proposer, approve the end of the
/// pause.
fn end_the_pause(stage: &mut Stage, attack_outcome: &mut AttackOutcome) -> Result<(), DrillError> {
    let Some(incident) = stage.protocol().map(|protocol| pda::incident(&protocol.domain, 0)) else {
        return Ok(());
    };
    let resume = ResumeArgs { incident };
    let [first, second] = CAPTURED;
    let authority = approved(stage, [second, first], &resume)?;
    let unpause = ix::resume(authority, resume);
    let what = "end the pause with two of the council's keys";
    attempt(stage, attack_outcome, &format!("{what}, at once"), &unpause);
    veto(stage, authority)?;
    attempt(stage, attack_outcome, &format!("{what}, after a veto"), &unpause);
    Ok(())
}

/// A proposal of the first member, which both approve.
fn approved(
    stage: &mut Stage,
    members: [usize; 2],
    decision: impl Into<EncodedDecision>,
) -> Result<ix::Authority, DrillError> {
    let protocol = stage.exchange.protocol.take().ok_or(DrillError::NoBreach)?;
    let domain = protocol.domain;
    let keys: Vec<Keypair> = members.map(|number| protocol.members[number].insecure_clone()).into();
    let proposer = keys[0].pubkey();
    stage.machine.next_slot();
    let index = stage.machine.free_proposal(&domain, &proposer);
    let propose = ix::propose(domain, proposer, stage.machine.payer.pubkey(), index, decision);
    let proposal = pda::proposal(&domain, &proposer, index);
    let mut result = stage.land("propose with a stolen key", &[propose], &[&keys[0]]);
    for (number, key) in members.iter().zip(&keys) {
        if result.is_ok() {
            stage.machine.next_slot();
            let approve = protocol.approve(&stage.machine, &proposal, *number);
            result = stage.land("approve with a stolen key", &[approve], &[key]);
        }
    }
    stage.exchange.protocol = Some(protocol);
    result?;
    Ok(ix::Authority {
        signer: stage.attacker.pubkey(),
        domain,
        proposal: Some(proposal),
    })
}

/// The vetoer stops a proposal.
fn veto(stage: &mut Stage, authority: ix::Authority) -> Result<(), DrillError> {
    let (Some(protocol), Some(proposal)) = (stage.protocol(), authority.proposal) else {
        return Ok(());
    };
    let vetoer = protocol.members[VETOER].insecure_clone();
    let veto = ix::veto(protocol.domain, vetoer.pubkey(), proposal);
    stage.land("veto", &[veto], &[&vetoer]).map(|_| ())
}

/// Something that has to be refused.
fn attempt(stage: &mut Stage, attack_outcome: &mut AttackOutcome, what: &str, instruction: &Instruction) {
    let attacker = stage.attacker.insecure_clone();
    let result = stage.machine.send(std::slice::from_ref(instruction), &[&attacker]);
    attack_outcome.attempts.note(what, stage.slot(), result);
}
