//! Statements about two ledgers: opened by anyone, and recorded once both are proved.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, proof_flag, proof_role},
    layout::{Domain, ProofCheck, ProofRules, Restoration, SealedLedger, StateProof},
};

use super::checks::require_reopening;
use crate::{
    CoreError,
    acts::At,
    hash::sha256,
    proofs::{
        challenge::{Challenge, draw, ledger_bytes},
        word::Word,
    },
};

/// What a statement is about.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    /// Address and account of the domain.
    pub domain: (&'a Pubkey, &'a Domain),
    /// The domain's rules.
    pub rules: &'a ProofRules,
    /// Address and account of the plan.
    pub restoration: (&'a Pubkey, &'a Restoration),
    /// The chosen state.
    pub chosen: &'a SealedLedger,
    /// The ledger that the repaired host starts with.
    pub successor: &'a SealedLedger,
}

/// What the address of a [`StateProof`] is derived from: everything that it states. The program is in the derivation.
#[must_use]
pub fn statement_id(statement: &Statement<'_>) -> [u8; 32] {
    let Statement {
        domain,
        rules,
        restoration,
        chosen,
        successor,
    } = statement;
    sha256(&[
        b"bulkhead-proof-statement-v1",
        domain.0.as_ref(),
        restoration.0.as_ref(),
        &rules.key,
        &commitment(chosen),
        &commitment(successor),
        &restoration.1.shared.to_le_bytes(),
        &restoration.1.total.to_le_bytes(),
        &successor.total.to_le_bytes(),
    ])
}

/// Anyone opens a statement: the successor owes what the plan pays of all that was shared out so far. The chosen state is
/// the plan's, the successor was sealed after that state was chosen, and the challenge is drawn from both.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_proof(
    proof: &mut StateProof,
    statement: &Statement<'_>,
    (payer, bump): (&Pubkey, u8),
) -> Result<(), CoreError> {
    let Statement {
        domain: (domain_key, domain),
        rules,
        restoration: (plan_key, plan),
        chosen,
        successor,
    } = statement;
    if plan.domain != **domain_key || rules.domain != **domain_key {
        return Err(CoreError::ForeignAccount);
    }
    require_reopening(domain, rules, &plan.incident)?;
    if rules.key == [0; 32] {
        return Err(CoreError::ProofKeyMismatch);
    }
    let is_of_plan = |ledger: &SealedLedger, role: u8| {
        ledger.role == role
            && ledger.domain == plan.domain
            && ledger.incident == plan.incident
            && ledger.ledger_index == plan.ledger_index
    };
    if !is_of_plan(chosen, proof_role::CHOSEN)
        || !is_of_plan(successor, proof_role::SUCCESSOR)
        || chosen.snapshot != plan.snapshot
    {
        return Err(CoreError::ForeignAccount);
    }
    if chosen.total != plan.total || chosen.total == 0 {
        return Err(CoreError::ProofSumMismatch);
    }
    if successor.sealed_slot <= plan.chosen_slot {
        return Err(CoreError::SuccessorTooEarly);
    }
    let Challenge { gamma, beta } = draw(chosen, Some(*successor), plan.shared, plan.total);
    *proof = StateProof {
        version: VERSION,
        bump,
        ledger_index: plan.ledger_index,
        domain: plan.domain,
        incident: plan.incident,
        restoration: **plan_key,
        payer: *payer,
        key: rules.key,
        snapshots: [chosen.snapshot, successor.snapshot],
        tags: [chosen.tag, successor.tag],
        commitments: [commitment(chosen), commitment(successor)],
        pools: [plan.shared, successor.total],
        totals: [plan.total, successor.total],
        products: [*Word::one().bytes(); 2],
        gamma: *gamma.bytes(),
        beta: *beta.bytes(),
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(())
}

/// Hash of what fixes a ledger's leaves.
pub(super) fn commitment(ledger: &SealedLedger) -> [u8; 32] {
    sha256(&[&ledger_bytes(ledger)])
}

/// Anyone records that a ledger's successor owes what its plan pays, to the same owners: all shards of both ledgers were
/// proved to their ends, under the key in force, and products and sums agree. Only a statement that lets the domain reopen
/// now is recorded, so nobody exchanges a check for one that does not count.
///
/// # Errors
/// A named [`CoreError`].
pub fn record_proof(
    check: &mut ProofCheck,
    (domain_key, domain, rules): (&Pubkey, &Domain, &ProofRules),
    (plan_key, plan): (&Pubkey, &Restoration),
    proof: &StateProof,
    bump: u8,
    at: At,
) -> Result<(), CoreError> {
    let is_own = [rules.domain, plan.domain, proof.domain]
        .iter()
        .all(|domain| domain == domain_key);
    if !is_own || proof.restoration != *plan_key {
        return Err(CoreError::ForeignAccount);
    }
    require_reopening(domain, rules, &proof.incident)?;
    if proof.key != rules.key {
        return Err(CoreError::ProofKeyMismatch);
    }
    if proof.ended != [u16::MAX; 2] {
        return Err(CoreError::ProofIncomplete);
    }
    if proof.sums != proof.totals {
        return Err(CoreError::ProofSumMismatch);
    }
    let [paid, owed] = [proof.paid.first(), proof.totals.last()];
    let [of_chosen, of_successor] = proof.products;
    if paid != owed || of_chosen != of_successor {
        return Err(CoreError::SuccessorDiffers);
    }
    let [pool, _] = proof.pools;
    let [_, successor] = proof.snapshots;
    if pool < plan.counted_shared {
        return Err(CoreError::ProofOutdated);
    }
    *check = ProofCheck {
        version: VERSION,
        bump,
        flags: rules.flags & proof_flag::INSECURE,
        ledger_index: proof.ledger_index,
        domain: proof.domain,
        incident: proof.incident,
        restoration: proof.restoration,
        key: proof.key,
        successor,
        pool,
        slot: at.slot,
        decided_slot: check.decided_slot,
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(())
}
