//! What reopening asks for, and the way out when nobody can prove it.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, proof_flag},
    layout::{Domain, Incident, ProofCheck, ProofRules, ProofRun, Restoration},
};

use crate::{
    CoreError,
    acts::{At, decide},
    ledger_set,
};

/// Is this incident's reopening under way: the domain recovers from it, or it reopened after it and may still raise the
/// ramp?
pub(super) fn require_reopening(domain: &Domain, rules: &ProofRules, incident: &Pubkey) -> Result<(), CoreError> {
    let under_way = match domain.state {
        phase::RECOVERING => domain.open_incident,
        phase::OPERATING => rules.reopened,
        _ => return Err(CoreError::WrongPhase),
    };
    if under_way == *incident && under_way != Pubkey::default() {
        Ok(())
    } else {
        Err(CoreError::IncidentNotOpen)
    }
}

/// May anyone close accounts of an incident's proofs, and return their rent? Once the incident is over, and the domain
/// reopened after another since: until then a ramp may wait for a proof under a new key, and what was proved of it would
/// be lost to whoever closes its statement again and again.
///
/// # Errors
/// [`CoreError::ForeignAccount`], [`CoreError::WrongPhase`].
pub fn require_proofs_over(
    (domain_key, domain, rules): (&Pubkey, &Domain, &ProofRules),
    of: &Pubkey,
    incident: &Pubkey,
) -> Result<(), CoreError> {
    if of != domain_key || rules.domain != *domain_key {
        return Err(CoreError::ForeignAccount);
    }
    if [domain.open_incident, rules.reopened].contains(incident) {
        return Err(CoreError::WrongPhase);
    }
    Ok(())
}

/// Whoever opened a run closes it and takes its rent back, whenever.
///
/// # Errors
/// [`CoreError::NotTheProver`]
pub fn close_run(run: &ProofRun, prover: &Pubkey) -> Result<(), CoreError> {
    if run.prover == *prover {
        Ok(())
    } else {
        Err(CoreError::NotTheProver)
    }
}

/// A matured proposal accepts a restored ledger without a proof: the key is wrong, nobody can prove, or the successor
/// differs and that is what was decided. It has to be made after the state was chosen, and it is the only way out.
///
/// # Errors
/// A named [`CoreError`].
pub fn override_proof(
    check: &mut ProofCheck,
    (domain_key, domain, rules): (&Pubkey, &Domain, &ProofRules),
    (plan_key, plan): (&Pubkey, &Restoration),
    proposed_slot: u64,
    bump: u8,
    at: At,
) -> Result<(), CoreError> {
    if plan.domain != *domain_key || rules.domain != *domain_key {
        return Err(CoreError::ForeignAccount);
    }
    require_reopening(domain, rules, &plan.incident)?;
    if proposed_slot <= plan.chosen_slot {
        return Err(CoreError::TightenedSince);
    }
    decide(&mut check.decided_slot, Some(proposed_slot))?;
    *check = ProofCheck {
        version: VERSION,
        bump,
        flags: proof_flag::OVERRIDDEN,
        ledger_index: plan.ledger_index,
        domain: plan.domain,
        incident: plan.incident,
        restoration: *plan_key,
        slot: at.slot,
        decided_slot: check.decided_slot,
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(())
}

/// A check, and the plan that it is of. A ramp needs no plan: it may be closed by then.
pub type ShownProof<'a> = (&'a ProofCheck, Option<(&'a Pubkey, &'a Restoration)>);

/// May the domain reopen, or raise the ramp of a reopening? Each ledger that was restored in the incident, and that the
/// rules name, has a proof under the key in force, or a proposal accepted it without. To reopen, the proof is of all that
/// was shared out up to the last notable amount: whoever shares out dust spoils none.
///
/// `rules` is `None` in a domain that never had any, which the caller sees at their address. Call it before
/// [`reopen`](crate::acts::reopen), whose phase it reads.
///
/// # Errors
/// [`CoreError::IncidentNotOpen`], [`CoreError::ProofMissing`].
pub fn require_state_proofs(
    domain: &Domain,
    rules: Option<&mut ProofRules>,
    named: Option<(&Pubkey, &Incident)>,
    shown: &[ShownProof<'_>],
) -> Result<(), CoreError> {
    let Some(rules) = rules else { return Ok(()) };
    let is_ramp = domain.state == phase::OPERATING;
    if !is_ramp {
        let (key, incident) = named.ok_or(CoreError::IncidentNotOpen)?;
        if domain.open_incident != *key {
            return Err(CoreError::IncidentNotOpen);
        }
        (rules.reopened, rules.reopened_ledgers) = (*key, both(&incident.restored, &rules.ledgers));
    }
    let counts = |(check, plan): &ShownProof<'_>| {
        let is_of_plan = plan.is_some_and(|(key, plan)| *key == check.restoration && plan.counted_shared <= check.pool);
        let is_proved = check.key == rules.key && (is_ramp || is_of_plan);
        check.incident == rules.reopened && (is_proved || check.flags & proof_flag::OVERRIDDEN != 0)
    };
    let required = both(&rules.reopened_ledgers, &rules.ledgers);
    let has_proof = |index: u8| shown.iter().any(|one| one.0.ledger_index == index && counts(one));
    if ledger_set::numbers(&required).all(has_proof) {
        Ok(())
    } else {
        Err(CoreError::ProofMissing)
    }
}

fn both(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let mut both = *a;
    for (byte, other) in both.iter_mut().zip(b) {
        *byte &= other;
    }
    both
}
