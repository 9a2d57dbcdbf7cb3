//! The only way to loosen anything.

use bulkhead_interface::{
    ProposalKind, Pubkey,
    constants::{MIN_SUB_WINDOWS, VERSION, phase, proposal_flag, proposal_state, role},
    layout::{Council, Domain, Incident, OutflowBreaker, PauseBoard, Proposal},
};

use crate::{
    CoreError,
    acts::{
        At, Closing, HowToVote, RecoveryRules, Reopening, check_ballot_rules, check_closing, check_named,
        check_new_limits, check_recovery_rules, check_reopen, check_resume, grantable,
    },
    breakers::window::{Limits, TripLimits, check_limits},
    domain::council::{
        check_plan, is_counted, is_unreachable, member_index, members, record_activity, removed_vetoers,
    },
    proposals::{
        execution,
        proposal::{self as rules, Progress, Status},
        veto,
    },
};

/// Is this call by the setup authority, so that it needs no proposal? After set-up every call needs one.
///
/// # Errors
/// A named [`CoreError`].
pub fn is_set_up_by(domain: &Domain, signer: &Pubkey, kind: ProposalKind) -> Result<bool, CoreError> {
    match (domain.state, kind.needs_proposal()) {
        (phase::SETUP, true) => Err(CoreError::WrongPhase),
        (phase::SETUP, false) if *signer != domain.setup_authority => Err(CoreError::NotSetupAuthority),
        (phase::SETUP, false) => Ok(true),
        _ => Ok(false),
    }
}

/// The account of a proposal to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewProposal {
    /// The domain's address.
    pub domain: Pubkey,
    /// Its number among the proposer's proposals.
    pub index: u64,
    /// Bump of its PDA.
    pub bump: u8,
    /// Payer of its rent.
    pub payer: Pubkey,
}

/// What a proposal asks for, as far as domain, council and payload alone can validate it.
#[derive(Clone, Copy)]
pub enum Asked<'a> {
    /// `resume`: the incident.
    Resume(&'a Pubkey),
    /// `reopen`.
    Reopen(&'a Reopening),
    /// `choose_restoration`: the incident.
    ChooseRestoration(&'a Pubkey),
    /// `change_council`.
    ChangeCouncil(&'a Council),
    /// `grant_rights`: number of pauses, and the guardian.
    Grant(&'a Pubkey, u8),
    /// `set_limit`: the limits, and the trip limits; a trip limit of zero means twice the limit.
    SetLimit(&'a Limits, &'a TripLimits),
    /// `set_recovery_rules`.
    SetRecoveryRules(&'a RecoveryRules),
    /// `set_ballot_rules`.
    SetBallotRules(&'a HowToVote),
    /// `override_restart_check`: the incident.
    OverrideRestartCheck(&'a Pubkey),
    /// Another kind. The caller has applied that kind's own rules.
    Other(ProposalKind),
}

impl Asked<'_> {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ProposalKind {
        match self {
            Self::Resume(_) => ProposalKind::Resume,
            Self::Reopen(_) => ProposalKind::Reopen,
            Self::ChooseRestoration(_) => ProposalKind::ChooseRestoration,
            Self::ChangeCouncil(_) => ProposalKind::ChangeCouncil,
            Self::Grant(..) => ProposalKind::GrantRights,
            Self::SetLimit(..) => ProposalKind::SetLimit,
            Self::SetRecoveryRules(_) => ProposalKind::SetRecoveryRules,
            Self::SetBallotRules(_) => ProposalKind::SetBallotRules,
            Self::OverrideRestartCheck(_) => ProposalKind::OverrideRestartCheck,
            Self::Other(kind) => *kind,
        }
    }
}

/// Could it ever run? Checked when it is proposed, when it is edited, and again when it runs. So a decision that can
/// never succeed is not approved, does not mature and does not fail on the day it is needed.
///
/// Returns the vetoers that it would remove.
///
/// # Errors
/// A named [`CoreError`].
pub fn judge(asked: &Asked, domain: &Domain, council: &Council) -> Result<u16, CoreError> {
    match asked {
        Asked::Resume(incident) | Asked::ChooseRestoration(incident) | Asked::OverrideRestartCheck(incident) => {
            require_open(domain, incident)?;
        }
        Asked::Reopen(how) => {
            how.check()?;
            check_named(domain, &how.incident)?;
        }
        Asked::ChangeCouncil(plan) => {
            check_plan(plan, &council.domain)?;
            return Ok(removed_vetoers(council, plan));
        }
        Asked::Grant(member, pauses) => {
            grantable(council, member, *pauses)?;
        }
        Asked::SetLimit(limits, _) => check_any_limits(limits)?,
        Asked::SetRecoveryRules(rules) => check_recovery_rules(domain, rules)?,
        Asked::SetBallotRules(rules) => check_ballot_rules(domain, rules)?,
        Asked::Other(_) => {}
    }
    Ok(0)
}

fn require_open(domain: &Domain, incident: &Pubkey) -> Result<(), CoreError> {
    if domain.open_incident == *incident && *incident != Pubkey::default() {
        Ok(())
    } else {
        Err(CoreError::IncidentNotOpen)
    }
}

/// Could any breaker have these limits? Shards, sub-windows and reference depend on the breaker.
#[inline(never)]
fn check_any_limits(limits: &Limits) -> Result<(), CoreError> {
    let mut widest: OutflowBreaker = bytemuck::Zeroable::zeroed();
    (widest.shards, widest.sub_windows) = (1, MIN_SUB_WINDOWS);
    widest.reference = Pubkey::new_from_array([1; 32]);
    check_limits(&widest, limits)
}

/// An approver proposes; they may be silent, because proposing approves nothing and records no activity. After there
/// have been too few approvers for long enough, the fallback may propose a council, and nothing else. Each proposer has
/// their own numbers, so nobody can take another's.
///
/// # Errors
/// A named [`CoreError`].
#[allow(clippy::too_many_arguments)]
pub fn propose(
    domain: &Domain,
    council: &Council,
    proposal: &mut Proposal,
    new: &NewProposal,
    proposer: &Pubkey,
    asked: &Asked,
    payload: &[u8],
    at: At,
) -> Result<(), CoreError> {
    if domain.state == phase::SETUP {
        return Err(CoreError::WrongPhase);
    }
    proposal.version = VERSION;
    proposal.bump = new.bump;
    proposal.state = proposal_state::OPEN;
    (proposal.place, proposal.flags) = place_of(council, proposer, asked.kind(), at.now)?;
    proposal.kind = asked.kind().number();
    proposal.class = asked.kind().class();
    proposal.index = new.index;
    proposal.config_epoch = council.config_epoch;
    proposal.domain = new.domain;
    proposal.proposer = *proposer;
    proposal.payer = new.payer;
    proposal.removes = judge(asked, domain, council)?;
    write(council, proposal, asked.kind(), payload, at)
}

/// The proposer replaces the payload with another one of the same kind. The edited proposal is treated as new:
/// approvals, vetoes and the clock are reset, and earlier approvals name another hash or slot. Vetoes in force against
/// the proposer also apply to the edited proposal.
///
/// # Errors
/// A named [`CoreError`].
pub fn edit_proposal(
    domain: &Domain,
    council: &Council,
    proposal: &mut Proposal,
    proposer: &Pubkey,
    asked: &Asked,
    payload: &[u8],
    at: At,
) -> Result<(), CoreError> {
    if proposal.proposer != *proposer {
        return Err(CoreError::NotProposer);
    }
    if proposal.kind != asked.kind().number() {
        return Err(CoreError::WrongProposalKind);
    }
    rules::check_live(proposal, council, at.now)?;
    (proposal.place, proposal.flags) = place_of(council, proposer, asked.kind(), at.now)?;
    proposal.removes = judge(asked, domain, council)?;
    proposal.vetoes = 0;
    proposal.approvals = 0;
    rules::stop_clock(proposal);
    write(council, proposal, asked.kind(), payload, at)
}

/// May `proposer` create a proposal of this kind, and in what capacity? Returns their index and flags.
fn place_of(council: &Council, proposer: &Pubkey, kind: ProposalKind, now: i64) -> Result<(u8, u8), CoreError> {
    let place = |index: usize| u8::try_from(index).map_err(|_| CoreError::Overflow);
    match member_index(council, proposer, role::APPROVER) {
        Ok(index) => Ok((place(index)?, 0)),
        Err(CoreError::NotAMember) if *proposer == council.fallback => {
            if kind != ProposalKind::ChangeCouncil {
                return Err(CoreError::WrongProposalKind);
            }
            if !is_unreachable(council, now) {
                return Err(CoreError::FallbackNotDue);
            }
            Ok((place(veto::FALLBACK)?, proposal_flag::FALLBACK))
        }
        Err(error) => Err(error),
    }
}

fn write(
    council: &Council,
    proposal: &mut Proposal,
    kind: ProposalKind,
    payload: &[u8],
    at: At,
) -> Result<(), CoreError> {
    let policy = council
        .policies
        .get(usize::from(proposal.class))
        .ok_or(CoreError::WrongProposalKind)?;
    if payload.len() > execution::room(kind) {
        return Err(CoreError::PayloadTooLong);
    }
    proposal.created_slot = at.slot;
    proposal.created_ts = at.now;
    proposal.expires_ts = rules::expires(policy, rules::is_fallbacks(proposal), at.now)?;
    proposal.payload_hash = rules::payload_hash(proposal.kind, payload);
    proposal.payload_len = u16::try_from(payload.len()).map_err(|_| CoreError::Overflow)?;
    if veto::is_stopped(proposal, council) {
        return Err(CoreError::VetoStands);
    }
    Ok(())
}

/// An eligible approver approves one payload created in one slot. The fallback may approve only its own proposal.
///
/// # Errors
/// A named [`CoreError`].
pub fn approve(
    council: &mut Council,
    proposal: &mut Proposal,
    approver: &Pubkey,
    payload_hash: &[u8; 32],
    created_slot: u64,
    at: At,
) -> Result<(), CoreError> {
    if rules::is_fallbacks(proposal) {
        if *approver != council.fallback {
            return Err(CoreError::RoleMissing);
        }
        return rules::approve_alone(proposal, council, payload_hash, created_slot, at);
    }
    let index = member_index(council, approver, role::APPROVER)?;
    let counts = members(council)
        .get(index)
        .is_some_and(|member| is_counted(council, member, at.now));
    if !counts {
        return Err(CoreError::MemberSilent);
    }
    record_activity(council, index, at.now);
    rules::approve(proposal, council, index, payload_hash, created_slot, at)
}

/// An approver withdraws an approval. They may be silent.
///
/// # Errors
/// A named [`CoreError`].
pub fn withdraw_approval(
    council: &Council,
    proposal: &mut Proposal,
    approver: &Pubkey,
    now: i64,
) -> Result<(), CoreError> {
    let index = member_index(council, approver, role::APPROVER)?;
    rules::withdraw_approval(proposal, council, index, now)
}

/// The result of a veto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vetoed {
    /// Whether the proposal is stopped permanently.
    pub is_stopped: bool,
    /// Veto rights that the vetoer has left.
    pub rights_left: u8,
}

/// A vetoer stops a proposal; they may be silent. But a silent vetoer cannot stop a replacement of the council, and
/// nobody can stop their own removal alone. So a single key can always be removed, whatever roles it has. The veto
/// stays in force against the proposer for a while and uses up a right for the same time: see [`crate::proposals::veto`].
///
/// # Errors
/// A named [`CoreError`].
pub fn veto(council: &mut Council, proposal: &mut Proposal, vetoer: &Pubkey, now: i64) -> Result<Vetoed, CoreError> {
    let index = member_index(council, vetoer, role::VETOER)?;
    let counts = members(council)
        .get(index)
        .is_some_and(|member| is_counted(council, member, now));
    if proposal.kind == ProposalKind::ChangeCouncil.number() && !counts {
        return Err(CoreError::MemberSilent);
    }
    let is_stopped = rules::veto(proposal, council, index, now)?;
    Ok(Vetoed {
        is_stopped,
        rights_left: veto::stand(council, proposal.place.into(), index, counts, now)?,
    })
}

/// The accounts a proposal depends on when it runs, besides its council.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Its domain.
    pub domain: &'a Domain,
    /// The domain's board.
    pub board: &'a PauseBoard,
    /// The incident it concerns: for `resume` the open one, whichever the proposal names; otherwise the one it names;
    /// none if it names none.
    pub incident: Option<&'a Incident>,
    /// The breaker whose limits it sets; none if it sets none.
    pub breaker: Option<&'a OutflowBreaker>,
    /// The detector it closes; none if it closes none.
    pub closing: Option<Closing<'a>>,
    /// Creation slot of the proposal that last decided the same matter; 0 if there was none.
    pub decided_slot: u64,
}

/// The state of a proposal, and whether the program would currently refuse it although it is approved, because its
/// matter was already decided or something was tightened that it did not know of. See [`rules::progress`].
#[must_use]
pub fn progress(proposal: &Proposal, council: &Council, asked: &Asked, scene: &Scene, at: At) -> Progress {
    let mut progress = rules::progress(proposal, council, at);
    let refused = check_scene(proposal, asked, council, scene, at.now);
    let is_refused = match progress.status {
        // The phase it needs may still come.
        Status::Collecting | Status::Waiting => !matches!(refused, Ok(()) | Err(CoreError::WrongPhase)),
        Status::Ready => refused.is_err(),
        _ => false,
    };
    if is_refused {
        progress.status = Status::Refused;
    }
    progress
}

fn check_scene(
    proposal: &Proposal,
    asked: &Asked,
    council: &Council,
    scene: &Scene,
    now: i64,
) -> Result<(), CoreError> {
    let proposed_slot = proposal.created_slot;
    judge_again(proposal, asked, scene.domain, council)?;
    decide(&mut { scene.decided_slot }, Some(proposed_slot))?;
    let unpause = match asked {
        Asked::Resume(named) => {
            let incident = scene.incident.ok_or(CoreError::IncidentNotOpen)?;
            check_resume(scene.domain, scene.board, incident, named, proposed_slot)
        }
        Asked::Reopen(how) => check_reopen(scene.domain, scene.board, scene.incident, &how.incident, proposed_slot),
        Asked::SetLimit(limits, trip) => {
            let check = |breaker| check_new_limits(breaker, limits, &trip.or_twice(limits), Some(proposed_slot));
            return scene.breaker.map_or(Ok(()), check);
        }
        Asked::Other(ProposalKind::CloseDetector) => {
            let check = |closing| check_closing(&closing, council, scene.board, Some(proposed_slot), now);
            return scene.closing.map_or(Ok(()), check);
        }
        _ => return Ok(()),
    };
    unpause.map(|_| ())
}

/// Marks a matured proposal executed, if its payload is exactly this and the guardians have confirmed nothing since
/// that it did not know of. Every kind passes this check, and no other code performs it.
///
/// # Errors
/// A named [`CoreError`].
pub fn consume(
    domain: &Domain,
    council: &Council,
    proposal: &mut Proposal,
    asked: &Asked,
    payload: &[u8],
    at: At,
) -> Result<(), CoreError> {
    if proposal.kind != asked.kind().number() {
        return Err(CoreError::WrongProposalKind);
    }
    rules::check_executable(proposal, council, at)?;
    if rules::payload_hash(proposal.kind, payload) != proposal.payload_hash {
        return Err(CoreError::PayloadMismatch);
    }
    judge_again(proposal, asked, domain, council)?;
    proposal.state = proposal_state::EXECUTED;
    Ok(())
}

/// A proposal created in `proposed_slot` decides a setting; `None` during set-up. Anyone may execute a matured proposal
/// at any time. Of two proposals about one setting the later one wins, whichever is executed first.
///
/// # Errors
/// [`CoreError::DecidedSince`].
pub fn decide(decided_slot: &mut u64, proposed_slot: Option<u64>) -> Result<(), CoreError> {
    let Some(slot) = proposed_slot else { return Ok(()) };
    if slot <= *decided_slot {
        return Err(CoreError::DecidedSince);
    }
    *decided_slot = slot;
    Ok(())
}

/// Could it still run after what happened since it was created?
fn judge_again(proposal: &Proposal, asked: &Asked, domain: &Domain, council: &Council) -> Result<(), CoreError> {
    match asked {
        // The incident it ends may have another number by now: `resume` checks what the proposal knew of.
        Asked::Resume(_) => {}
        _ => judge(asked, domain, council).map(|_| ())?,
    }
    if rules::is_outdated(proposal, domain.confirmed_slot) {
        return Err(CoreError::TightenedSince);
    }
    let opens_detector = matches!(
        asked.kind(),
        ProposalKind::OpenBreaker
            | ProposalKind::OpenPriceBreaker
            | ProposalKind::OpenSolvencyBreaker
            | ProposalKind::OpenAuthorityWatch
    );
    if opens_detector && proposal.created_slot <= domain.closed_slot {
        return Err(CoreError::DecidedSince);
    }
    Ok(())
}
