//! The attacker takes the host's admin role with a transaction signed days before. They disable the host's own limit,
//! list a worthless token as collateral, and borrow everything against it: in equal parts, with the largest part last.
//!
//! The attacker also holds approvals that council members signed days before. They are for two proposals to be created
//! in slots agreed in advance: unlimited outflow, and an unpause.

use std::slice;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use bulkhead::{
    decision::EncodedDecision,
    instructions::{ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::keypair;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::{AttackOutcome, has_latched, takeover};
use crate::{
    error::{DrillError, refused},
    flow::Flow,
    incident::{Drain, StolenAdmin},
    phases::Recorder,
    presigned::presign,
    stage::{DOLLAR, Stage},
};

/// Number of members whose approvals were signed in advance: as many as a proposal needs.
const APPROVERS: [usize; 2] = [0, 1];
/// The member who also signed the proposals.
const PROPOSER: usize = 4;
/// Amount of worthless tokens that the attacker deposits.
const COLLATERAL: u64 = 1_000_000_000;

/// A proposal that can land at any time, with approvals that name a slot.
struct StagedAttack {
    what: &'static str,
    propose: Transaction,
    approvals: Vec<Transaction>,
    execute: Instruction,
}

/// Everything that was signed days before.
struct Prepared {
    update_admin: Transaction,
    staged_attacks: Option<[StagedAttack; 2]>,
}

pub(super) fn attack(
    stage: &mut Stage,
    facts: &StolenAdmin,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    stage.machine.set_clock(facts.staged_slot, facts.staged_ts);
    let after_drain = facts.drain_seconds + facts.every_seconds;
    let prepared = prepare(stage, after_drain)?;
    flow.hour_before(stage);

    let mut attack_outcome = AttackOutcome {
        custody_before: stage.custody(),
        ..AttackOutcome::default()
    };
    stage.at(0);
    attack_outcome.sample(stage);
    let (raise, resume) = match prepared.staged_attacks {
        Some([raise, resume]) => (Some(raise), Some(resume)),
        None => (None, None),
    };
    if let Some(raise) = raise {
        execute(stage, &raise, &mut attack_outcome)?;
    }
    stage.machine.warp_slots(facts.takeover_slots);
    stage
        .machine
        .send_signed(prepared.update_admin)
        .map_err(|failure| refused("take the admin over", &failure))?;
    let worthless = abuse(stage)?;
    drain(stage, &facts.drain(), &worthless, flow, recorder, &mut attack_outcome)?;

    stage.at(after_drain);
    if let Some(resume) = resume {
        execute(stage, &resume, &mut attack_outcome)?;
        let attacker = stage.attacker.insecure_clone();
        let limit = stage.exchange.set_withdraw_limit(attacker.pubkey(), 1);
        let result = stage.machine.send(&[limit], &[&attacker]);
        attack_outcome.attempts.note(
            "use the host's admin key while the host is paused",
            stage.slot(),
            result,
        );
        takeover::try_everything(stage, &mut attack_outcome);
    }
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// Days before: collects all signatures that will be needed.
fn prepare(stage: &mut Stage, resume_at: i64) -> Result<Prepared, DrillError> {
    let attacker = stage.attacker.insecure_clone();
    let admin = stage.exchange.admin.insecure_clone();
    let take = stage.exchange.update_admin(admin.pubkey(), attacker.pubkey());
    let update_admin = presign(&mut stage.machine, "update_admin", &attacker, take, &[&admin])?;
    let Some(protocol) = stage.protocol() else {
        return Ok(Prepared {
            update_admin,
            staged_attacks: None,
        });
    };
    let domain = protocol.domain;
    let unlimited = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: u64::MAX,
        slot_limit: u64::MAX,
        ..SetLimitArgs::default()
    };
    // The first incident has number 0.
    let resume = ResumeArgs {
        incident: pda::incident(&domain, 0),
    };
    let (first_slot, resume_slot) = (stage.slot_at(0), stage.slot_at(resume_at));
    let proposer = protocol.members[PROPOSER].pubkey();
    let authority = |index| ix::Authority {
        signer: attacker.pubkey(),
        domain,
        proposal: Some(pda::proposal(&domain, &proposer, index)),
    };
    let (raise, unpause) = (
        ix::set_limit(authority(0), unlimited.clone()),
        ix::resume(authority(1), resume.clone()),
    );
    let raise = staged_attack(stage, "unlimited outflow", (0, first_slot), &unlimited, raise)?;
    let unpause = staged_attack(stage, "end of the pause", (1, resume_slot), &resume, unpause)?;
    Ok(Prepared {
        update_admin,
        staged_attacks: Some([raise, unpause]),
    })
}

/// Signs a proposal and its approvals. They name the slot in which the proposal will be created.
fn staged_attack(
    stage: &mut Stage,
    what: &'static str,
    (index, slot): (u64, u64),
    decision: impl Into<EncodedDecision>,
    execute: Instruction,
) -> Result<StagedAttack, DrillError> {
    let attacker = stage.attacker.insecure_clone();
    let (domain, keys): (_, Vec<Keypair>) = match stage.protocol() {
        Some(protocol) => (
            protocol.domain,
            protocol.members.iter().map(Keypair::insecure_clone).collect(),
        ),
        None => return Err(DrillError::NoBreach),
    };
    let decision = decision.into();
    let hash = decision.hash();
    let propose = ix::propose(domain, keys[PROPOSER].pubkey(), attacker.pubkey(), index, decision);
    let proposal = pda::proposal(&domain, &keys[PROPOSER].pubkey(), index);
    let propose = presign(
        &mut stage.machine,
        &format!("proposal {index}"),
        &attacker,
        propose,
        &[&keys[PROPOSER]],
    )?;
    let mut approvals = Vec::new();
    for member in APPROVERS {
        let approve = ix::approve(domain, keys[member].pubkey(), proposal, hash, slot);
        let name = format!("approval {index} by {member}");
        approvals.push(presign(
            &mut stage.machine,
            &name,
            &attacker,
            approve,
            &[&keys[member]],
        )?);
    }
    Ok(StagedAttack {
        what,
        propose,
        approvals,
        execute,
    })
}

/// Lands a staged attack. Creating the proposal loosens nothing and succeeds; the approvals must be refused.
fn execute(
    stage: &mut Stage,
    staged_attack: &StagedAttack,
    attack_outcome: &mut AttackOutcome,
) -> Result<(), DrillError> {
    stage
        .machine
        .send_signed(staged_attack.propose.clone())
        .map_err(|failure| refused("land a proposal signed in advance", &failure))?;
    for (number, approval) in staged_attack.approvals.iter().enumerate() {
        let result = stage.machine.send_signed(approval.clone());
        let attempt = format!(
            "{}: approval that member {} signed in advance",
            staged_attack.what, APPROVERS[number]
        );
        attack_outcome.attempts.note(&attempt, stage.slot(), result);
    }
    let attacker = stage.attacker.insecure_clone();
    let result = stage
        .machine
        .send(slice::from_ref(&staged_attack.execute), &[&attacker]);
    let attempt = format!("{}: execute it anyway", staged_attack.what);
    attack_outcome.attempts.note(&attempt, stage.slot(), result);
    Ok(())
}

/// The key itself is stolen: it hands the admin role to the attacker, who switches the guards off. Returns the mint of
/// the worthless token.
pub(super) fn hand_over(stage: &mut Stage) -> Result<Pubkey, DrillError> {
    let admin = stage.exchange.admin.insecure_clone();
    let hand_over = stage.exchange.update_admin(admin.pubkey(), stage.attacker.pubkey());
    stage.land("hand the admin role over", &[hand_over], &[&admin])?;
    abuse(stage)
}

/// With the admin key: removes the limit, and lists a worthless token as collateral for everything. Returns its mint.
fn abuse(stage: &mut Stage) -> Result<Pubkey, DrillError> {
    let attacker = stage.attacker.insecure_clone();
    let worthless = keypair("worthless mint").pubkey();
    stage.machine.create_mint(&worthless, &attacker.pubkey(), 6);
    let source = stage.give(&worthless, &attacker, COLLATERAL);
    let exchange = &stage.exchange;
    let (key, payer) = (attacker.pubkey(), stage.machine.payer.pubkey());
    // So that 80 % of its value exceeds the deposits.
    let price = stage.incident.tvl_usd * DOLLAR / COLLATERAL * 2 * example_exchange::constants::PRICE_SCALE;
    let steps = [
        exchange.set_withdraw_limit(key, u64::MAX),
        exchange.list_collateral(key, payer, worthless, price),
        exchange.deposit_collateral(key, worthless, source, COLLATERAL),
    ];
    stage.land("switch the host's guards off", &steps, &[&attacker])?;
    Ok(worthless)
}

/// Borrows part after part until all parts are requested.
pub(super) fn drain(
    stage: &mut Stage,
    facts: &Drain,
    worthless: &Pubkey,
    flow: &mut Flow,
    recorder: &mut Recorder,
    attack_outcome: &mut AttackOutcome,
) -> Result<(), DrillError> {
    let attacker = stage.attacker.insecure_clone();
    let mut paused = None;
    let mut refused_parts = 0_u32;
    for (number, part) in (1..).zip(parts(stage.incident.loss_usd * DOLLAR, facts)) {
        let now = facts.begins + number * facts.every_seconds;
        stage.at(now - facts.every_seconds / 2);
        flow.step(stage);
        stage.at(now);
        let index = stage.next_release();
        let borrow = stage
            .exchange
            .borrow(attacker.pubkey(), worthless, stage.attacker_tokens, part, index);
        let before = stage.attacker_tokens();
        recorder.begin(&stage.machine);
        let result = stage.machine.send(&[borrow], &[&attacker]);
        attack_outcome.asked += part;
        attack_outcome.taken += stage.attacker_tokens() - before;
        attack_outcome.sample(stage);
        match result {
            Ok(_) if attack_outcome.queued.is_none() && has_latched(stage) => {
                recorder.breach(&stage.machine);
                attack_outcome.queued = stage.record(attacker.pubkey(), index);
                stage.propagate_trip()?;
                recorder.end("pause", &stage.machine);
            }
            // Above the limit the loan is queued. All queued loans together are still below the trip limit.
            Ok(_) if stage.protocol().is_some() && stage.attacker_tokens() == before => {
                attack_outcome.waiting.extend(stage.record(attacker.pubkey(), index));
                attack_outcome.waiting_amount += part;
            }
            Ok(_) => {}
            Err(failure) => {
                refused_parts += 1;
                paused.get_or_insert((failure, stage.slot()));
            }
        }
    }
    if let Some((failure, slot)) = paused {
        let attempt = format!("continue to borrow, {refused_parts} times");
        attack_outcome.attempts.note(&attempt, slot, Err(failure));
    }
    Ok(())
}

/// Equal parts with the largest part last: the worst order for a limit.
fn parts(total: u64, facts: &Drain) -> Vec<u64> {
    let largest = facts.largest_usd * DOLLAR;
    let count = u64::try_from(facts.seconds / facts.every_seconds).unwrap_or(1).max(2);
    let part = (total - largest) / (count - 1);
    let mut parts = vec![part; usize::try_from(count - 1).unwrap_or(0)];
    parts.push(total - part * (count - 1));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{Attack, INCIDENTS, Policy};

    #[test]
    fn parts_add_up_to_the_real_loss_and_stay_below_the_slot_limit() {
        let incident = &INCIDENTS[0];
        let Attack::StolenAdmin(facts) = incident.attack else {
            panic!("another attack");
        };
        let parts = parts(incident.loss_usd * DOLLAR, &facts.drain());
        assert_eq!(parts.len(), 36);
        assert_eq!(parts.iter().sum::<u64>(), incident.loss_usd * DOLLAR);
        let Policy { slot_limit_bps, .. } = incident.policy;
        assert!(parts[0] <= incident.tvl_usd * DOLLAR / 10_000 * slot_limit_bps);
        assert!(parts[35] >= facts.largest_usd * DOLLAR);
    }
}
