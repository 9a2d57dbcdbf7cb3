//! The ballot's winner, and the matured proposal that names it.

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead::{decision::EncodedDecision, instructions::ChooseRestorationArgs};
use bulkhead_core::{
    CoreError,
    acts::{self, Asked, At},
    ballots::ballot,
    proposals::proposal::{self as rules, Progress, Status},
};
use bulkhead_interface::{
    ProposalKind,
    constants::snapshot_flag,
    discriminator,
    layout::{Ballot, Council, Domain, Incident, Ledger, PauseBoard, Proposal, Restoration, Snapshot},
};
use solana_instruction::Instruction;

use crate::{
    chain::Filter,
    decode,
    flows::{Done, FlowError, Session},
    instructions::{self as ix, Authority},
    payload::duration,
    pda,
};

/// Executes the proposal for the winner.
pub(super) async fn choose(
    session: &Session<'_>,
    (domain, incident, ledger_index): (Pubkey, Pubkey, u8),
    proposal: Option<Pubkey>,
    key: &Pubkey,
    done: &mut Done,
) -> Result<(), FlowError> {
    let state: Domain = session.load("domain", &domain, "is the address right?").await?;
    let at = session.chain.now().await?;
    let (snapshot, args) = winner(session, incident, ledger_index, at.now).await?;
    let proposal = match proposal {
        Some(proposal) => proposal,
        None => matured(session, &domain, &state, &args, at).await?,
    };
    require_ready(session, &domain, &state, &proposal, &args, at).await?;
    let mint = session
        .chain
        .account(&snapshot.mint)
        .await?
        .ok_or_else(|| FlowError::NotFound {
            what: "mint",
            key: snapshot.mint,
            next: "is this the right cluster?".into(),
        })?;
    let payer = session.chain.payer();
    let authority = Authority {
        signer: payer,
        domain,
        proposal: Some(proposal),
    };
    let choose = ix::choose_restoration(authority, payer, snapshot.mint, mint.owner, args);
    let choose = with_queue_of(session, &snapshot, choose).await?;
    match session.chain.send(&[choose]).await {
        Ok(receipt) => done.receipts.push(receipt),
        // Anyone may execute it, and it may have landed although no answer arrived.
        Err(error) => match session.find::<Restoration>(key).await {
            Ok(Some(_)) => done.skipped += 1,
            _ => return Err(error.into()),
        },
    }
    Ok(())
}

/// Names the vault and the ledger of a queue whose state is chosen.
pub(in crate::flows) async fn with_queue_of(
    session: &Session<'_>,
    snapshot: &Snapshot,
    choose: Instruction,
) -> Result<Instruction, FlowError> {
    if snapshot.flags & snapshot_flag::QUEUE == 0 {
        return Ok(choose);
    }
    let ledger: Ledger = session.load("ledger", &snapshot.ledger, "run this again").await?;
    Ok(ix::with_queue_of(choose, ledger.total_account, snapshot.ledger))
}

/// What a proposal has to say to restore the state that a ballot chose.
///
/// # Errors
/// [`FlowError::NotYet`] if the ballot has no winner.
pub async fn chosen_state(
    session: &Session<'_>,
    incident: Pubkey,
    ledger_index: u8,
) -> Result<ChooseRestorationArgs, FlowError> {
    let at = session.chain.now().await?;
    Ok(winner(session, incident, ledger_index, at.now).await?.1)
}

/// The snapshot that won, and what a proposal has to say to restore it.
async fn winner(
    session: &Session<'_>,
    incident: Pubkey,
    ledger_index: u8,
    now: i64,
) -> Result<(Snapshot, ChooseRestorationArgs), FlowError> {
    let key = pda::ballot(&incident, ledger_index);
    let next = "an approver opens it with `open_ballot` and nominates sealed snapshots";
    let state: Ballot = session.load("ballot", &key, next).await?;
    let chosen = ballot::chosen(&state, now).map_err(|error| {
        let next = match error {
            CoreError::BallotStillVoting if state.ends_ts > now => {
                format!("the vote ends in {}", duration(state.ends_ts - now))
            }
            CoreError::ResultDisputable => format!(
                "the result stands in {}, unless a vetoer vetoes it",
                duration(ballot::stands_at(&state) - now)
            ),
            CoreError::BallotStillVoting => "an approver starts the vote with `start_voting`".into(),
            _ => "run the ballot again with `renew_ballot`".into(),
        };
        FlowError::NotYet {
            why: format!("the ballot has no winner ({error:?})"),
            next,
        }
    })?;
    let next = "the ballot's winner is gone: run the ballot again with `renew_ballot`";
    let snapshot: Snapshot = session.load("snapshot", &chosen.snapshot, next).await?;
    ballot::check_winner(&state, &chosen.snapshot, &snapshot, now).map_err(|_| FlowError::NotYet {
        why: format!("the snapshot {} is not what was voted on any more", chosen.snapshot),
        next: "run the ballot again with `renew_ballot`".into(),
    })?;
    let args = ChooseRestorationArgs {
        incident,
        snapshot: chosen.snapshot,
        ledger_index,
        root: snapshot.root,
    };
    Ok((snapshot, args))
}

/// What approvers have to be asked for.
fn asked_for(args: &ChooseRestorationArgs) -> String {
    format!(
        "an approver proposes `choose_restoration` of snapshot {} for ledger {}",
        args.snapshot, args.ledger_index
    )
}

fn payload_hash(args: &ChooseRestorationArgs) -> [u8; 32] {
    let encoded = EncodedDecision::from(args);
    rules::payload_hash(ProposalKind::ChooseRestoration.number(), encoded.payload())
}

/// The proposal for the winner that can run; otherwise the one that gets there next.
async fn matured(
    session: &Session<'_>,
    domain: &Pubkey,
    state: &Domain,
    args: &ChooseRestorationArgs,
    at: At,
) -> Result<Pubkey, FlowError> {
    let bytes = |offset: usize, bytes: &[u8]| Filter::Bytes {
        offset,
        bytes: bytes.to_vec(),
    };
    let filters = [
        bytes(0, &discriminator::PROPOSAL),
        bytes(8 + offset_of!(Proposal, domain), domain.as_ref()),
        bytes(8 + offset_of!(Proposal, payload_hash), &payload_hash(args)),
    ];
    let mut best = None;
    for (key, account) in session.chain.owned(&bulkhead::ID, &filters).await? {
        let Some(proposal) = decode::owned::<Proposal>(&account.owner, &account.data) else {
            continue;
        };
        let progress = progress(session, domain, state, &proposal, args, at).await?;
        let rank = match progress.status {
            Status::Ready => 0,
            Status::Waiting => 1,
            Status::Collecting => 2,
            _ => continue,
        };
        let rank = (rank, progress.eta.unwrap_or(i64::MAX), key);
        best = Some(best.map_or(rank, |best| rank.min(best)));
    }
    best.map(|(_, _, key)| key).ok_or_else(|| FlowError::NotYet {
        why: "the ballot has a winner, and no proposal that can still run restores it".into(),
        next: asked_for(args),
    })
}

async fn progress(
    session: &Session<'_>,
    domain: &Pubkey,
    state: &Domain,
    proposal: &Proposal,
    args: &ChooseRestorationArgs,
    at: At,
) -> Result<Progress, FlowError> {
    let council: Council = session
        .load("council", &pda::council(domain), "is the domain right?")
        .await?;
    let board: PauseBoard = session
        .load("board", &pda::board(domain), "is the domain right?")
        .await?;
    let incident: Incident = session
        .load("incident", &args.incident, "is the incident right?")
        .await?;
    let scene = acts::Scene {
        domain: state,
        board: &board,
        incident: Some(&incident),
        breaker: None,
        closing: None,
        decided_slot: 0,
    };
    let asked = Asked::ChooseRestoration(&args.incident);
    Ok(acts::progress(proposal, &council, &asked, &scene, at))
}

/// Is this a proposal for the winner, and may it run now?
async fn require_ready(
    session: &Session<'_>,
    domain: &Pubkey,
    state: &Domain,
    key: &Pubkey,
    args: &ChooseRestorationArgs,
    at: At,
) -> Result<(), FlowError> {
    let proposal: Proposal = session.load("proposal", key, &asked_for(args)).await?;
    if proposal.domain != *domain || proposal.payload_hash != payload_hash(args) {
        return Err(FlowError::NotPossible {
            why: format!("proposal {key} does not restore what the ballot chose"),
            next: asked_for(args),
        });
    }
    let progress = progress(session, domain, state, &proposal, args, at).await?;
    let not_yet = |why: String, next: String| Err(FlowError::NotYet { why, next });
    match progress.status {
        Status::Ready => Ok(()),
        Status::Collecting => not_yet(
            format!(
                "proposal {key} has {} of {} approvals",
                progress.eligible.count_ones(),
                progress.needed
            ),
            "approvers approve it".into(),
        ),
        Status::Waiting => {
            let seconds = progress.eta.map_or(0, |eta| eta.saturating_sub(at.now));
            let slots = progress.eta_slot.map_or(0, |slot| slot.saturating_sub(at.slot));
            not_yet(
                format!("the delay of proposal {key} has not passed"),
                format!(
                    "it can run in {} and not before {slots} more slots",
                    duration(seconds.max(0))
                ),
            )
        }
        status => not_yet(
            format!("proposal {key} cannot run any more ({status:?})"),
            asked_for(args),
        ),
    }
}
