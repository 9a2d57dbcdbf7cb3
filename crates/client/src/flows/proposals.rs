//! Proposals: made, approved, withdrawn, vetoed.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    authority::PROPOSAL_HEADER,
    decision::{self, Decision, EncodedDecision},
};
use bulkhead_core::{
    CoreError,
    acts::{self, NewProposal},
    clock::SLOT_MS,
    domain::council::{member_bit, member_index},
    pause::board::trip_slot,
    proposals::proposal::{Progress, Status, payload_hash},
};
use bulkhead_interface::{
    ID,
    constants::{proposal_state, role},
    discriminator,
    layout::{Council, Incident, Proposal},
};
use bytemuck::Zeroable;
use core::{mem::offset_of, time::Duration};

use super::{
    Done, FlowError, Session,
    reading::{Scene, reading},
    refusal::{not_valid, refused},
};
use crate::{
    chain::Filter,
    decode, instructions as ix,
    payload::{self, Payload},
    pda,
    status::words,
};

/// Waits for a new slot at most so often. A cluster that makes none for so long is down.
const MAX_WAITS: u32 = 8;

/// A proposal as it was read, with its payload. The payload has the hash that approvals sign.
#[derive(Clone)]
pub struct ReadProposal {
    /// Its address.
    pub key: Pubkey,
    /// Its header.
    pub proposal: Proposal,
    /// Its decision.
    pub payload: Payload,
}

/// A proposal that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its address.
    pub proposal: Pubkey,
    /// What was sent.
    pub done: Done,
}

/// Reads a proposal. What it returns is what an approval of [`Proposal::payload_hash`] approves, whatever the node says.
///
/// # Errors
/// [`FlowError`]
pub async fn read_proposal(session: &Session<'_>, key: Pubkey) -> Result<ReadProposal, FlowError> {
    let account = session.chain.account(&key).await?;
    let account = account.filter(|account| account.owner == ID);
    let read = account.map(|account| parse_proposal(key, &account.data));
    read.unwrap_or_else(|| {
        Err(FlowError::NotFound {
            what: "proposal",
            key,
            next: "it may be closed, or on another cluster".into(),
        })
    })
}

/// Reads a proposal from its account's data.
///
/// # Errors
/// [`FlowError::NotPossible`]
pub fn parse_proposal(key: Pubkey, data: &[u8]) -> Result<ReadProposal, FlowError> {
    let invalid = |why: &str| FlowError::NotPossible {
        why: format!("account {key} {why}"),
        next: "do not approve it, and do not trust its source".into(),
    };
    let proposal: Proposal = decode::account(data).ok_or_else(|| invalid("is not a proposal"))?;
    let bytes = data.get(PROPOSAL_HEADER..).unwrap_or_default();
    let bytes = bytes.get(..usize::from(proposal.payload_len));
    let bytes = bytes.ok_or_else(|| invalid("is shorter than its header says"))?;
    if payload_hash(proposal.kind, bytes) != proposal.payload_hash {
        return Err(invalid("has a payload that does not match its hash"));
    }
    if pda::proposal(&proposal.domain, &proposal.proposer, proposal.index) != key {
        return Err(invalid("has the contents of another proposal"));
    }
    let payload = payload::decode(proposal.kind, bytes);
    let payload = payload.map_err(|error| invalid(&format!("cannot be decoded: {error}")))?;
    Ok(ReadProposal { key, proposal, payload })
}

/// An approver proposes a decision. Does nothing if an identical proposal of this proposer can still be executed.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn propose(
    session: &Session<'_>,
    domain: Pubkey,
    proposer: Pubkey,
    decision: Decision,
) -> Result<Proposed, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let encoded = EncodedDecision::from(&decision);
    let same = live(session, &domain, &scene, encoded.hash()).await?;
    if let Some((read, _)) = same.iter().find(|(read, _)| read.proposal.proposer == proposer) {
        session.report.note("an identical proposal is open already");
        return Ok(Proposed {
            proposal: read.key,
            done: Done {
                skipped: 1,
                ..Done::default()
            },
        });
    }
    foresee(&encoded, domain, proposer, &scene)?;
    await_newer_slot(session, &scene).await?;
    let index = free_number(session, &domain, &proposer).await?;
    let payer = session.chain.payer();
    let receipt = session
        .chain
        .send(&[ix::propose(domain, proposer, payer, index, encoded)])
        .await?;
    Ok(Proposed {
        proposal: pda::proposal(&domain, &proposer, index),
        done: Done {
            receipts: vec![receipt],
            skipped: 0,
        },
    })
}

/// Waits until a proposal can know of everything that is closed: it does not know of what happened in its own slot.
async fn await_newer_slot(session: &Session<'_>, scene: &Scene) -> Result<(), FlowError> {
    let Scene { domain, board, .. } = scene;
    let incident: Option<Incident> = session.find(&domain.open_incident).await?;
    let of_incident = incident.iter().flat_map(|incident| {
        let steps = incident.steps.iter().map(|step| step.slot);
        steps.chain([incident.alarm_slot, incident.interim_slot])
    });
    let trips = board.rows.iter().chain([&board.domain_row]).map(trip_slot);
    let members = [
        domain.confirmed_slot,
        board.frozen_slot,
        board.guardian_pause_slot,
        board.linked_slot,
    ];
    let newest = trips.chain(members).chain(of_incident).max().unwrap_or_default();
    for _ in 0..MAX_WAITS {
        if session.chain.now().await?.slot > newest {
            break;
        }
        session.chain.wait(Duration::from_millis(SLOT_MS)).await;
    }
    Ok(())
}

/// What the program would check when it is proposed.
fn foresee(encoded: &EncodedDecision, domain: Pubkey, proposer: Pubkey, scene: &Scene) -> Result<(), FlowError> {
    let new = NewProposal {
        domain,
        index: 0,
        bump: 0,
        payer: proposer,
    };
    let payload = encoded.payload();
    let mut judged = Ok(());
    let context = decision::Scene {
        domain,
        council: &scene.council,
    };
    encoded
        .judge(&context, &mut |asked| {
            let mut proposal = Proposal::zeroed();
            judged = acts::propose(
                &scene.domain,
                &scene.council,
                &mut proposal,
                &new,
                &proposer,
                asked,
                payload,
                scene.at,
            );
            Ok(())
        })
        .map_err(|error| not_valid(&error))?;
    judged.map_err(|error| refused(error, next_of(error, &scene.council)))
}

/// The proposals of this decision that can still be executed: those that are ready first, then the oldest.
pub(super) async fn live(
    session: &Session<'_>,
    domain: &Pubkey,
    scene: &Scene,
    hash: [u8; 32],
) -> Result<Vec<(ReadProposal, Progress)>, FlowError> {
    let filters = [
        bytes(0, &discriminator::PROPOSAL),
        bytes(8 + offset_of!(Proposal, domain), domain.as_ref()),
        bytes(8 + offset_of!(Proposal, payload_hash), &hash),
    ];
    let mut found = Vec::new();
    for (key, account) in session.chain.owned(&ID, &filters).await? {
        let Ok(read) = parse_proposal(key, &account.data) else {
            continue;
        };
        let progress = progress(session, &read, &scene.council, scene.at).await?;
        let is_live = matches!(
            progress.status,
            Status::Collecting | Status::Waiting | Status::Ready | Status::FallbackNotDue
        );
        if is_live {
            found.push((read, progress));
        }
    }
    // The oldest first: whoever edits a proposal makes it the newest.
    let rank = |progress: &Progress| match progress.status {
        Status::Ready => 0,
        Status::Waiting => 1,
        Status::Collecting => 2,
        _ => 3,
    };
    found.sort_by_key(|(read, progress)| (rank(progress), read.proposal.created_slot, read.key));
    Ok(found)
}

/// The state of a proposal, by the program's rule.
pub(super) async fn progress(
    session: &Session<'_>,
    read: &ReadProposal,
    council: &Council,
    at: acts::At,
) -> Result<Progress, FlowError> {
    let progress = reading(session, |account| {
        payload::progress(&read.proposal, &read.payload, council, account, at)
    });
    Ok(progress.await?)
}

fn bytes(offset: usize, bytes: &[u8]) -> Filter {
    Filter::Bytes {
        offset,
        bytes: bytes.to_vec(),
    }
}

/// The lowest number that the proposer has no proposal with.
async fn free_number(session: &Session<'_>, domain: &Pubkey, proposer: &Pubkey) -> Result<u64, FlowError> {
    let filters = [
        bytes(0, &discriminator::PROPOSAL),
        bytes(8 + offset_of!(Proposal, domain), domain.as_ref()),
        bytes(8 + offset_of!(Proposal, proposer), proposer.as_ref()),
    ];
    let found = session.chain.owned(&ID, &filters).await?;
    let taken = found.iter().filter_map(|(_, account)| decode::account(&account.data));
    let taken: Vec<_> = taken.map(|proposal: Proposal| proposal.index).collect();
    Ok((0..u64::MAX).find(|index| !taken.contains(index)).unwrap_or(u64::MAX))
}

/// A proposal with what decides about it.
async fn load(session: &Session<'_>, key: Pubkey) -> Result<(ReadProposal, Council, acts::At), FlowError> {
    let read = read_proposal(session, key).await?;
    let council = pda::council(&read.proposal.domain);
    let council = session.load("council", &council, "is the cluster right?").await?;
    Ok((read, council, session.chain.now().await?))
}

/// An approver approves exactly the payload with `expected_hash`, which the approver has seen. Does nothing if they have
/// approved it.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn approve(
    session: &Session<'_>,
    proposal: Pubkey,
    approver: Pubkey,
    expected_hash: [u8; 32],
) -> Result<Done, FlowError> {
    let (read, council, at) = load(session, proposal).await?;
    let mut changed = read.proposal;
    if changed.payload_hash != expected_hash {
        return Err(FlowError::NotPossible {
            why: format!("the proposal {proposal} is not the one that was read: its payload is another"),
            next: "read it again, then approve what you read".into(),
        });
    }
    let slot = changed.created_slot;
    match acts::approve(&mut { council }, &mut changed, &approver, &expected_hash, slot, at) {
        Ok(()) => {}
        Err(CoreError::AlreadyApproved) => return skip(session, "approved already"),
        Err(CoreError::ProposalNotOpen) if has_executed(&read.proposal, &council, &approver) => {
            return skip(session, "approved and executed already");
        }
        Err(error) => return Err(refused(error, next_of(error, &council))),
    }
    let domain = read.proposal.domain;
    send(session, ix::approve(domain, approver, proposal, expected_hash, slot)).await
}

/// Did it run with this approval?
fn has_executed(proposal: &Proposal, council: &Council, approver: &Pubkey) -> bool {
    let bit = member_index(council, approver, role::APPROVER).map_or(0, member_bit);
    proposal.state == proposal_state::EXECUTED && proposal.approvals & bit != 0
}

/// An approver withdraws an approval. Does nothing if there is none.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn withdraw(session: &Session<'_>, proposal: Pubkey, approver: Pubkey) -> Result<Done, FlowError> {
    let (read, council, at) = load(session, proposal).await?;
    match acts::withdraw_approval(&council, &mut { read.proposal }, &approver, at.now) {
        Ok(()) => {
            let withdraw = ix::withdraw_approval(read.proposal.domain, approver, proposal);
            send(session, withdraw).await
        }
        Err(CoreError::ApprovalMissing) => skip(session, "this member does not approve it"),
        Err(error) => Err(refused(error, next_of(error, &council))),
    }
}

/// A vetoer stops a proposal. Does nothing if they have vetoed it, or if it is stopped.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn veto(session: &Session<'_>, proposal: Pubkey, vetoer: Pubkey) -> Result<Done, FlowError> {
    let (read, council, at) = load(session, proposal).await?;
    if read.proposal.state == proposal_state::VETOED {
        return skip(session, "stopped by a veto already");
    }
    match acts::veto(&mut { council }, &mut { read.proposal }, &vetoer, at.now) {
        Ok(vetoed) => {
            if !vetoed.is_stopped {
                let text = "the proposal would remove this vetoer, so a second vetoer has to veto it too";
                session.report.note(text);
            }
            send(session, ix::veto(read.proposal.domain, vetoer, proposal)).await
        }
        Err(CoreError::AlreadyVetoed) => skip(session, "vetoed already"),
        Err(error) => Err(refused(error, next_of(error, &council))),
    }
}

async fn send(session: &Session<'_>, instruction: solana_instruction::Instruction) -> Result<Done, FlowError> {
    Ok(Done {
        receipts: vec![session.chain.send(&[instruction]).await?],
        skipped: 0,
    })
}

fn skip(session: &Session<'_>, why: &str) -> Result<Done, FlowError> {
    session.report.note(why);
    Ok(Done {
        skipped: 1,
        ..Done::default()
    })
}

/// What to do about a refusal.
fn next_of(error: CoreError, council: &Council) -> String {
    let with = |wanted: u8| words::members_with(council, wanted);
    match error {
        CoreError::NotAMember | CoreError::RoleMissing => {
            format!("approvers: {}; vetoers: {}", with(role::APPROVER), with(role::VETOER))
        }
        CoreError::MemberSilent => "then approve".to_owned(),
        CoreError::VetoStands => "another approver may propose it".to_owned(),
        CoreError::ProposalNotOpen | CoreError::ProposalExpired | CoreError::StaleConfigEpoch => {
            "read the proposal, and propose again if it is still wanted".to_owned()
        }
        CoreError::IncidentNotOpen => "read the domain's status for its open incident".to_owned(),
        CoreError::NoVetoRights => "rights return a week after each veto".to_owned(),
        _ => "read the domain's status".to_owned(),
    }
}
