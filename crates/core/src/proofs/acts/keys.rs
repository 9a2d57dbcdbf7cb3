//! The verifying key, and the ledgers that need a proof.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, proof_flag},
    layout::{Domain, ProofKey, ProofRules},
};

use crate::{
    CoreError,
    acts::decide,
    proofs::{
        Curve,
        points::{KeyPoints, PROOF_KEY_LEN, SET_UP_INSECURE},
    },
};

/// What a proposal decides about a key. Its points do not fit one, so it names their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDecision {
    /// Id of the key: a hash of page size, set-up and points.
    pub id: [u8; 32],
    /// Also one that a single party made, who can prove anything with it.
    pub accepts_insecure: bool,
}

/// A verifying key, as whoever registers it passes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewProofKey<'a> {
    /// Its domain.
    pub domain: Pubkey,
    /// Bumps of the PDAs of key and rules.
    pub bumps: [u8; 2],
    /// Leaves of a page.
    pub page_size: u64,
    /// Where it comes from.
    pub set_up: u8,
    /// Its points.
    pub points: &'a [u8; PROOF_KEY_LEN],
}

/// Registers the verifying key that counts from now on, during set-up or by a matured proposal, and in peace: nobody
/// chooses a key with the ledger in view that it has to judge. What was proved with another key raises no ramp any more.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_verifying_key(
    domain: &Domain,
    rules: &mut ProofRules,
    key: &mut ProofKey,
    (new, decision): (&NewProofKey, &KeyDecision),
    curve: &impl Curve,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    require_peace(domain)?;
    decide(&mut rules.key_slot, proposed_slot)?;
    let points = KeyPoints::read(new.points)?;
    if points.id(new.page_size, new.set_up) != decision.id {
        return Err(CoreError::ProofKeyMismatch);
    }
    // An import of a ceremony's transcript does not exist yet.
    if new.set_up != SET_UP_INSECURE || new.page_size == 0 || !curve.are_points(&points) {
        return Err(CoreError::ProofKeyInvalid);
    }
    if !decision.accepts_insecure {
        return Err(CoreError::ProofKeyInsecure);
    }
    *key = ProofKey {
        version: VERSION,
        set_up: new.set_up,
        page_size: new.page_size,
        domain: new.domain,
        id: decision.id,
        points: *new.points,
        ..bytemuck::Zeroable::zeroed()
    };
    (rules.version, rules.domain, rules.key) = (VERSION, new.domain, decision.id);
    [key.bump, rules.bump] = new.bumps;
    rules.flags |= proof_flag::INSECURE;
    Ok(())
}

/// Sets which ledgers need a proof once they were restored, one bit per number, during set-up or by a matured proposal, and
/// in peace. Ledgers are required under a registered key only.
///
/// # Errors
/// [`CoreError::WrongPhase`], [`CoreError::DecidedSince`], [`CoreError::ProofKeyMismatch`].
pub fn require_proofs(
    domain: &Domain,
    rules: &mut ProofRules,
    (domain_key, bump): (&Pubkey, u8),
    ledgers: &[u8; 32],
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    require_peace(domain)?;
    decide(&mut rules.decided_slot, proposed_slot)?;
    if *ledgers != [0; 32] && rules.key == [0; 32] {
        return Err(CoreError::ProofKeyMismatch);
    }
    (rules.version, rules.domain, rules.bump) = (VERSION, *domain_key, bump);
    rules.ledgers = *ledgers;
    Ok(())
}

fn require_peace(domain: &Domain) -> Result<(), CoreError> {
    if matches!(domain.state, phase::SETUP | phase::OPERATING) {
        Ok(())
    } else {
        Err(CoreError::WrongPhase)
    }
}
