//! Emergency actions of several steps: registered in pieces, run step by step.

use bulkhead_interface::{
    Pubkey,
    constants::{EMERGENCY_RUN_SECONDS, MAX_EMERGENCY_BYTES, MAX_EMERGENCY_STEPS, emergency_run_state, role},
    layout::{Council, Domain, EmergencyAction, EmergencyRun},
};

use crate::{
    CoreError,
    acts::{At, decide, run_emergency_action},
    domain::council,
    hash::sha256,
};

/// Consecutive steps of an emergency action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Steps that the whole action has.
    pub steps: u8,
    /// Number of the first step of this piece, from 0.
    pub first: u8,
    /// Steps in this piece.
    pub count: usize,
    /// SHA-256 of the bytes of all steps of the action.
    pub whole_hash: [u8; 32],
    /// The bytes of this piece.
    pub bytes: &'a [u8],
}

/// Could this piece be registered at all?
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`], [`CoreError::PayloadTooLong`].
pub fn check_piece(piece: &Piece) -> Result<(), CoreError> {
    let end = usize::from(piece.first).checked_add(piece.count);
    let is_within = end.is_some_and(|end| end <= usize::from(piece.steps));
    if piece.count == 0 || piece.steps > MAX_EMERGENCY_STEPS || !is_within {
        return Err(CoreError::ArgumentOutOfRange);
    }
    if piece.bytes.len() > MAX_EMERGENCY_BYTES {
        return Err(CoreError::PayloadTooLong);
    }
    Ok(())
}

/// Registers a piece of an action, of which `kept` are the bytes so far.
///
/// A piece with the first step replaces whatever is registered under this number. Every other piece continues the
/// action that it names by its whole hash, and only where that stands. So pieces of two decisions cannot be mixed, and
/// whoever approves one piece has approved a part of exactly one action. The last piece has to complete just those
/// bytes.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_emergency_steps(
    action: &mut EmergencyAction,
    kept: &[u8],
    piece: &Piece,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    check_piece(piece)?;
    let kept: &[u8] = if piece.first == 0 {
        decide(&mut action.decided_slot, proposed_slot)?;
        (action.steps, action.registered_steps) = (piece.steps, 0);
        action.instruction_hash = piece.whole_hash;
        &[]
    } else {
        let is_next = action.registered_steps == piece.first && action.steps == piece.steps;
        if !is_next || action.instruction_hash != piece.whole_hash {
            return Err(CoreError::StepsMismatch);
        }
        kept
    };
    let len = kept.len().checked_add(piece.bytes.len()).ok_or(CoreError::Overflow)?;
    if len > MAX_EMERGENCY_BYTES {
        return Err(CoreError::PayloadTooLong);
    }
    action.instruction_len = u16::try_from(len).map_err(|_| CoreError::PayloadTooLong)?;
    let count = u8::try_from(piece.count).map_err(|_| CoreError::ArgumentOutOfRange)?;
    action.registered_steps = piece.first.checked_add(count).ok_or(CoreError::Overflow)?;
    if action.registered_steps == action.steps && sha256(&[kept, piece.bytes]) != action.instruction_hash {
        return Err(CoreError::StepsMismatch);
    }
    Ok(())
}

/// Refuses an action that cannot be run in one instruction.
///
/// # Errors
/// [`CoreError::ActionHasSteps`], [`CoreError::ActionIncomplete`].
pub fn require_one_step(action: &EmergencyAction) -> Result<(), CoreError> {
    require_complete(action)?;
    if action.steps > 1 {
        return Err(CoreError::ActionHasSteps);
    }
    Ok(())
}

/// One guardian starts a run of an action, which takes a pause right, once for all steps. `hash` is that of the action
/// the guardian has read. A guardian's new run takes the place of the same guardian's last run; those of others go on.
///
/// Returns the pause rights left.
///
/// # Errors
/// A named [`CoreError`].
pub fn start_emergency_run(
    domain: &Domain,
    council: &mut Council,
    action: &EmergencyAction,
    run: &mut EmergencyRun,
    guardian: &Pubkey,
    hash: &[u8; 32],
    at: At,
) -> Result<u8, CoreError> {
    if action.instruction_hash != *hash {
        return Err(CoreError::StepsMismatch);
    }
    require_complete(action)?;
    let rights_left = run_emergency_action(domain, council, guardian)?;
    *run = EmergencyRun {
        state: emergency_run_state::RUNNING,
        next_step: 0,
        next_offset: 0,
        guardian: *guardian,
        incident: domain.open_incident,
        instruction_hash: action.instruction_hash,
        started_ts: at.now,
        started_slot: at.slot,
        last_slot: 0,
        number: run.number.saturating_add(1),
        ..*run
    };
    Ok(rights_left)
}

/// Any guardian runs the next step of a run, whoever started it; takes no pause right. The caller runs the step itself,
/// and a step that fails leaves the run where it is. `end` is where the step ends in the action's bytes.
///
/// Returns whether it was the last step.
///
/// # Errors
/// A named [`CoreError`].
pub fn run_emergency_step(
    domain: &Domain,
    council: &Council,
    action: &EmergencyAction,
    run: &mut EmergencyRun,
    guardian: &Pubkey,
    (step, end): (u8, usize),
    at: At,
) -> Result<bool, CoreError> {
    council::member_index(council, guardian, role::GUARDIAN)?;
    require_complete(action)?;
    if !is_continuable(domain, action, run, at.now) {
        return Err(CoreError::RunOver);
    }
    if step != run.next_step {
        return Err(CoreError::StepNotNext);
    }
    run.next_step = step.checked_add(1).ok_or(CoreError::Overflow)?;
    run.next_offset = u16::try_from(end).map_err(|_| CoreError::PayloadMismatch)?;
    run.last_slot = at.slot;
    let is_last = run.next_step >= action.steps.max(1);
    if is_last {
        run.state = emergency_run_state::FINISHED;
    }
    Ok(is_last)
}

/// Can a run be continued: has it steps left, is it of the last day, is its action what it was, and has the incident it
/// was started in not ended? A run that was started before any incident goes on in one.
#[must_use]
pub fn is_continuable(domain: &Domain, action: &EmergencyAction, run: &EmergencyRun, now: i64) -> bool {
    let end = run.started_ts.saturating_add(EMERGENCY_RUN_SECONDS);
    let is_of_now = run.incident == Pubkey::default() || run.incident == domain.open_incident;
    let is_same = run.instruction_hash == action.instruction_hash;
    run.state == emergency_run_state::RUNNING && is_same && is_of_now && now < end
}

fn require_complete(action: &EmergencyAction) -> Result<(), CoreError> {
    if action.registered_steps != action.steps {
        return Err(CoreError::ActionIncomplete);
    }
    Ok(())
}
