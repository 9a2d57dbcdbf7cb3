//! From the proposal to the unpause: each key that runs the flow takes the next step that it can take.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::{Decision, EncodedDecision},
    instructions::{ReopenArgs, ResumeArgs},
};
use bulkhead_core::{
    domain::council::{counted, member_bit, member_index},
    pause::board::is_timed_pause_in_force,
    proposals::proposal::{Progress, Status, adds},
};
use bulkhead_interface::constants::{phase, role};

use super::{
    Done, FlowError, Session,
    execute::execute,
    proposals::{self, ReadProposal, live, progress, read_proposal},
    reading::Scene,
    refusal::list,
};
use crate::{
    chain::Receipt,
    pda,
    status::{missing, words},
};

/// The step that a key took towards a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stepped {
    /// The proposal.
    pub proposal: Option<Pubkey>,
    /// Whether the decision is in force now.
    pub is_executed: bool,
    /// What was done, in words.
    pub step: String,
    /// What comes next, when, and who has to do it, in words.
    pub next: String,
    /// What was sent.
    pub done: Done,
}

/// Unpauses an incident that needs no restoration, one step at a time: proposes it unless such a proposal is open,
/// approves it if `signer` is an approver, and executes it once it can be. Does nothing once the domain operates.
///
/// # Errors
/// [`FlowError`]
pub async fn resume(session: &Session<'_>, domain: Pubkey, signer: Pubkey) -> Result<Stepped, FlowError> {
    resume_of(session, domain, signer, None).await
}

/// As [`resume`], by a proposal of `proposer`: see [`advance_of`].
///
/// # Errors
/// [`FlowError`]
pub async fn resume_of(
    session: &Session<'_>,
    domain: Pubkey,
    signer: Pubkey,
    proposer: Option<Pubkey>,
) -> Result<Stepped, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    match scene.domain.state {
        phase::OPERATING => Ok(finished("no incident is open: the domain operates")),
        phase::RECOVERING => Err(FlowError::NotPossible {
            why: "a restoration was chosen in this incident".into(),
            next: "use reopen, which ends an incident with a restoration".into(),
        }),
        _ => {
            let incident = scene.domain.open_incident;
            advance_of(session, domain, signer, ResumeArgs { incident }.into(), proposer).await
        }
    }
}

/// Reopens after a restoration, in the same steps as [`resume`]. While the domain operates, it raises the ramp of an
/// earlier reopening, or ends a guardian's pause without an incident.
///
/// # Errors
/// [`FlowError`]
pub async fn reopen(
    session: &Session<'_>,
    domain: Pubkey,
    signer: Pubkey,
    ramp_bps: u16,
    grace_seconds: i64,
) -> Result<Stepped, FlowError> {
    reopen_of(session, domain, signer, (ramp_bps, grace_seconds), None).await
}

/// As [`reopen`], by a proposal of `proposer`: see [`advance_of`].
///
/// # Errors
/// [`FlowError`]
pub async fn reopen_of(
    session: &Session<'_>,
    domain: Pubkey,
    signer: Pubkey,
    (ramp_bps, grace_seconds): (u16, i64),
    proposer: Option<Pubkey>,
) -> Result<Stepped, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let incident = match scene.domain.state {
        phase::RECOVERING => scene.domain.open_incident,
        phase::OPERATING => {
            let is_closed = is_timed_pause_in_force(&scene.board, scene.at.now);
            if !is_closed && scene.board.domain_row.ramp_bps == ramp_bps {
                return Ok(finished("the domain operates, with these limits"));
            }
            let last = scene.domain.incident_count.checked_sub(1);
            last.map_or(Pubkey::default(), |number| pda::incident(&domain, number))
        }
        _ => {
            return Err(FlowError::NotPossible {
                why: "no restoration was chosen in this incident".into(),
                next: "use resume if nothing has to be restored; else choose a restoration first".into(),
            });
        }
    };
    let args = ReopenArgs {
        incident,
        ramp_bps,
        grace_seconds,
    };
    advance_of(session, domain, signer, args.into(), proposer).await
}

/// Takes the next step towards a decision that `signer` can take: proposes it unless such a proposal is open, approves
/// it, and executes it once it can be. Another approver's identical proposal is taken as it stands: see [`advance_of`].
///
/// # Errors
/// [`FlowError`]
pub async fn advance(
    session: &Session<'_>,
    domain: Pubkey,
    signer: Pubkey,
    decision: Decision,
) -> Result<Stepped, FlowError> {
    advance_of(session, domain, signer, decision, None).await
}

/// As [`advance`], with a proposal of `proposer` and of nobody else; if that is `signer`, it proposes it.
///
/// Only its proposer can edit a proposal, and an edit voids its approvals, also one that changes nothing. So a hostile
/// approver who proposes the same first can make the others approve in vain as often as they take that proposal. Without
/// a `proposer` the oldest identical proposal is taken, which an edit never is, and a proposer with several identical ones
/// is passed over; so the approvers meet at the first that nobody edits. With one they meet at once.
///
/// # Errors
/// [`FlowError`]
pub async fn advance_of(
    session: &Session<'_>,
    domain: Pubkey,
    signer: Pubkey,
    decision: Decision,
    proposer: Option<Pubkey>,
) -> Result<Stepped, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let hash = EncodedDecision::from(&decision).hash();
    let (mut receipts, mut steps) = (Vec::new(), Vec::new());
    let mut found = live(session, &domain, &scene, hash).await?;
    found.retain(|(read, _)| proposer.is_none_or(|key| read.proposal.proposer == key));
    let key = match chosen(&found, &signer) {
        Some(key) => key,
        None => {
            if let Some(other) = proposer.filter(|key| *key != signer) {
                return Err(FlowError::NotYet {
                    why: format!("{other} has no such proposal that can still run"),
                    next: format!("{other} proposes it first, by the same flow"),
                });
            }
            let proposed = proposals::propose(session, domain, signer, decision).await?;
            receipts.extend(proposed.done.receipts);
            steps.push("proposed it");
            proposed.proposal
        }
    };
    let mut read = read_proposal(session, key).await?;
    let mut state = progress(session, &read, &scene.council, scene.at).await?;
    if state.status == Status::Collecting && can_approve(&read, &scene, &signer) {
        let approved = proposals::approve(session, key, signer, hash).await;
        receipts.extend(approved.map_err(|error| edited(error, &read, &signer))?.receipts);
        steps.push("approved it");
        (read, state) = again(session, key, &domain).await?;
    }
    let mut is_executed = false;
    if state.status == Status::Ready {
        let executed: Vec<Receipt> = execute(session, key, signer).await?.receipts;
        is_executed = true;
        receipts.extend(executed);
        steps.push("executed it");
    }
    let scene = Scene::read(session, &domain).await?;
    Ok(Stepped {
        proposal: Some(key),
        is_executed,
        next: if is_executed {
            "it is in force".to_owned()
        } else {
            next(&read, &state, &scene) + &warning(&read, &scene, &signer)
        },
        done: Done {
            skipped: u64::from(receipts.is_empty()),
            receipts,
        },
        step: if steps.is_empty() {
            "nothing: this key has taken its step".to_owned()
        } else {
            steps.join(", ")
        },
    })
}

/// The proposal to take: one that waits for nothing but time, or else the oldest. Of another proposer with several that
/// collect approvals none is taken: nobody needs more than one, unless to edit one after the other.
fn chosen(found: &[(ReadProposal, Progress)], signer: &Pubkey) -> Option<Pubkey> {
    let collects = |(_, progress): &&(ReadProposal, Progress)| progress.status == Status::Collecting;
    let is_alone = |read: &ReadProposal| {
        let same = |(other, _): &&(ReadProposal, Progress)| other.proposal.proposer == read.proposal.proposer;
        found.iter().filter(collects).filter(same).count() <= 1
    };
    let is_taken =
        |row: &&(ReadProposal, Progress)| !collects(row) || row.0.proposal.proposer == *signer || is_alone(&row.0);
    found.iter().find(is_taken).map(|(read, _)| read.key)
}

/// Its proposer changed it in the moment in which it was approved.
fn edited(error: FlowError, read: &ReadProposal, signer: &Pubkey) -> FlowError {
    let mismatch = bulkhead_core::CoreError::ApprovalMismatch as u32;
    let is_edited = matches!(&error, FlowError::NotPossible { .. })
        || matches!(&error, FlowError::Chain(error) if error.code() == Some(mismatch));
    if !is_edited {
        return error;
    }
    FlowError::NotPossible {
        why: format!(
            "{} edited the proposal {} while it was approved, and nothing was approved",
            read.proposal.proposer, read.key
        ),
        next: format!("count no proposal but your own: name {signer} as the proposer, and have the others name it too"),
    }
}

/// Who can void the approvals of a proposal that is another's, and what to do then.
fn warning(read: &ReadProposal, scene: &Scene, signer: &Pubkey) -> String {
    let proposer = read.proposal.proposer;
    if proposer == *signer || member_index(&scene.council, signer, role::APPROVER).is_err() {
        return String::new();
    }
    format!(
        " ({proposer} proposed it and can edit it, which voids every approval; if that happens, name {signer} as the proposer)"
    )
}

async fn again(session: &Session<'_>, key: Pubkey, domain: &Pubkey) -> Result<(ReadProposal, Progress), FlowError> {
    let read = read_proposal(session, key).await?;
    let scene = Scene::read(session, domain).await?;
    let state = progress(session, &read, &scene.council, scene.at).await?;
    Ok((read, state))
}

/// Would this key's approval have an effect?
fn can_approve(read: &ReadProposal, scene: &Scene, signer: &Pubkey) -> bool {
    let (council, now) = (&scene.council, scene.at.now);
    let is_eligible = |index: &usize| counted(council, role::APPROVER, now) & member_bit(*index) != 0;
    let index = member_index(council, signer, role::APPROVER).ok();
    index
        .filter(is_eligible)
        .is_some_and(|index| adds(&read.proposal, council, index, now))
}

/// What a proposal waits for.
fn next(read: &ReadProposal, state: &Progress, scene: &Scene) -> String {
    match state.status {
        Status::Collecting => {
            let missing = missing::approvals(&read.proposal, &scene.council, state, scene.at.now);
            let from = list(
                &missing.from,
                "no eligible member; silent members send a heartbeat first",
            );
            format!("{} more of these approve: {from}", missing.count)
        }
        Status::Waiting => format!("anyone executes it {}", words::due(state, scene.at)),
        Status::Ready => "anyone executes it".to_owned(),
        _ => "the program would refuse it now: read the domain's status".to_owned(),
    }
}

fn finished(step: &str) -> Stepped {
    Stepped {
        is_executed: true,
        step: step.to_owned(),
        next: "nothing".to_owned(),
        done: Done {
            skipped: 1,
            ..Done::default()
        },
        ..Stepped::default()
    }
}
