//! Runs: one prover's way through one shard.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, proof_role},
    layout::{ProofKey, ProofRun, SealedLedger, StateProof},
};

use super::statements::commitment;
use crate::{
    CoreError,
    proofs::{
        Curve,
        challenge::{Challenge, context},
        points::{KeyPoints, PROOF_LEN, PageProof},
        state::{PROOF_STATE_LEN, RunTerms, State},
        word::Word,
    },
};

/// Whose run, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRun<'a> {
    /// Bulkhead's program.
    pub program: &'a Pubkey,
    /// Who moves it on.
    pub prover: Pubkey,
    /// One of [`proof_role`].
    pub role: u8,
    /// The shard.
    pub shard: u8,
    /// Bump of its PDA.
    pub bump: u8,
}

/// Anyone opens a run of their own, or begins theirs anew: before the first leaf, or where another run of the same shard
/// is, whoever moved it there.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`], [`CoreError::ForeignAccount`], [`CoreError::ShardEnded`].
pub fn open_run(
    run: &mut ProofRun,
    (key, proof): (&Pubkey, &StateProof),
    new: &NewRun<'_>,
    from: Option<&ProofRun>,
    curve: &impl Curve,
) -> Result<(), CoreError> {
    let tag = of_role(&proof.tags, new.role)?;
    if shard_bit(new.shard)? & of_role(&proof.ended, new.role)? != 0 {
        return Err(CoreError::ShardEnded);
    }
    let state = match from {
        None => State::first(&tag, new.shard, curve)?.to_bytes(),
        Some(other) if (other.proof, other.role, other.shard) == (*key, new.role, new.shard) => other.reached,
        Some(_) => return Err(CoreError::ForeignAccount),
    };
    let context = context(
        new.program,
        &proof.domain,
        &proof.restoration,
        &tag,
        new.role,
        new.shard,
    );
    *run = ProofRun {
        version: VERSION,
        bump: new.bump,
        role: new.role,
        shard: new.shard,
        context: *context.bytes(),
        reached: state,
        proof: *key,
        prover: new.prover,
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(())
}

/// A page as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofPage<'a> {
    /// The state that it leads to.
    pub after: &'a [u8; PROOF_STATE_LEN],
    /// Its proof.
    pub proof: &'a [u8; PROOF_LEN],
}

/// Whoever opened a run moves it on by a page, which begins where the one before it ended. A page that led to where the run
/// is may be sent again: that changes nothing. Returns whether the run moved.
///
/// # Errors
/// A named [`CoreError`].
pub fn prove_page(
    run: &mut ProofRun,
    (proof_key, proof): (&Pubkey, &StateProof),
    key: &ProofKey,
    prover: &Pubkey,
    page: &ProofPage<'_>,
    curve: &impl Curve,
) -> Result<bool, CoreError> {
    if run.proof != *proof_key {
        return Err(CoreError::ForeignAccount);
    }
    // Pages of leaves that nobody has can be proved as well: they lead nowhere, and only their prover there.
    if run.prover != *prover {
        return Err(CoreError::NotTheProver);
    }
    if key.id != proof.key || key.domain != proof.domain {
        return Err(CoreError::ProofKeyMismatch);
    }
    if run.reached == *page.after {
        return Ok(false);
    }
    let (before, after) = (State::read(&run.reached)?, State::read(page.after)?);
    // Only a last key whose first half is below 2^128 makes the next page's keys ascend.
    if !after.high.is_half() {
        return Err(CoreError::ProofNotCanonical);
    }
    let leaves = after.count.saturating_sub(before.count);
    if leaves == 0 || u64::from(leaves) > key.page_size {
        return Err(CoreError::ProofRefused);
    }
    let terms = RunTerms {
        context: read(&run.context)?,
        pool: of_role(&proof.pools, run.role)?,
        total: of_role(&proof.totals, run.role)?,
        challenge: Challenge {
            gamma: read(&proof.gamma)?,
            beta: read(&proof.beta)?,
        },
    };
    let public = terms.public_input(&before, &after, curve)?;
    let points = KeyPoints::read(&key.points)?;
    if !curve.accepts(&points, &public, &PageProof::read(page.proof)?) {
        return Err(CoreError::ProofRefused);
    }
    run.reached = *page.after;
    Ok(true)
}

/// Anyone notes that a run has come to its shard's end: accumulator and count are the sealed ones, and the last key is of
/// this shard. Whose run it was does not matter, since these leaves have one sum, one payout sum and one product.
///
/// # Errors
/// A named [`CoreError`].
pub fn finish_run(
    (proof_key, proof): (&Pubkey, &mut StateProof),
    run: &ProofRun,
    ledger: &SealedLedger,
) -> Result<(), CoreError> {
    if run.proof != *proof_key || commitment(ledger) != of_role(&proof.commitments, run.role)? {
        return Err(CoreError::ForeignAccount);
    }
    let place = usize::from(run.role);
    let ended = proof.ended.get_mut(place).ok_or(CoreError::ArgumentOutOfRange)?;
    let bit = shard_bit(run.shard)?;
    if *ended & bit != 0 {
        return Err(CoreError::ShardEnded);
    }
    let state = State::read(&run.reached)?;
    let sealed = ledger.shards.get(usize::from(run.shard));
    let sealed = sealed.ok_or(CoreError::ArgumentOutOfRange)?;
    if *state.accumulator.bytes() != sealed.accumulator || state.count != sealed.count {
        return Err(CoreError::RunNotAtEnd);
    }
    // Keys ascend from the shard's first key on, so the last one says that none is of a later shard.
    let first_byte = state.high.bytes().get(16).map(|byte| byte.unbounded_shr(4));
    if state.count != 0 && first_byte != Some(run.shard) {
        return Err(CoreError::WrongShard);
    }
    *ended |= bit;
    for (sums, more) in [(&mut proof.sums, state.sum), (&mut proof.paid, state.paid)] {
        let sum = sums.get_mut(place).ok_or(CoreError::ArgumentOutOfRange)?;
        *sum = sum.checked_add(more).ok_or(CoreError::Overflow)?;
    }
    let product = proof.products.get_mut(place).ok_or(CoreError::ArgumentOutOfRange)?;
    *product = *read(product)?.times(&state.product).bytes();
    Ok(())
}

fn of_role<T: Copy>(pair: &[T; 2], which: u8) -> Result<T, CoreError> {
    let [chosen, successor] = *pair;
    match which {
        proof_role::CHOSEN => Ok(chosen),
        proof_role::SUCCESSOR => Ok(successor),
        _ => Err(CoreError::ArgumentOutOfRange),
    }
}

fn shard_bit(shard: u8) -> Result<u16, CoreError> {
    1_u16.checked_shl(shard.into()).ok_or(CoreError::ArgumentOutOfRange)
}

fn read(bytes: &[u8; 32]) -> Result<Word, CoreError> {
    Word::read(bytes).ok_or(CoreError::ProofNotCanonical)
}
