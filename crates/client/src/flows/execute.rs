//! Executes a matured proposal of any kind.

use anchor_lang::prelude::Pubkey;
use bulkhead::decision::Decision;
use bulkhead_core::{
    acts::{self, At, NewIncident},
    pause::incident::{is_next_due, number_for_alarm},
    proposals::proposal::{self, Progress, Status},
    token,
};
use bulkhead_interface::layout::{Council, Incident, Ledger, MintLedgers, Restoration, Snapshot};
use bytemuck::Zeroable;
use solana_instruction::Instruction;

use super::{
    Done, FlowError, Session,
    override_seal::override_seal,
    proposals::{ReadProposal, progress, read_proposal},
    reading::{Scene, token_program_of},
    refusal::list,
    restart,
    restore::with_queue_of,
    upgrade::find_buffer,
};
use crate::{
    instructions as ix,
    payload::{Payload, hex},
    pda,
    status::{detector, missing, words},
};

/// Anyone executes a matured proposal. Does nothing if it was executed.
///
/// # Errors
/// [`FlowError::NotYet`] says when it can be executed, and whose approval is missing.
pub async fn execute(session: &Session<'_>, proposal: Pubkey, executor: Pubkey) -> Result<Done, FlowError> {
    let read = read_proposal(session, proposal).await?;
    let scene = Scene::read(session, &read.proposal.domain).await?;
    let propagation = first_propagate(session, &read, &scene).await?;
    let found = if propagation.is_some() {
        // The latch that stands in the way is propagated in the same transaction.
        proposal::progress(&read.proposal, &scene.council, scene.at)
    } else {
        progress(session, &read, &scene.council, scene.at).await?
    };
    if found.status == Status::Executed {
        session.report.note("executed already");
        return Ok(Done {
            skipped: 1,
            ..Done::default()
        });
    }
    require_ready(&read, &found, &scene.council, scene.at)?;
    let mut instructions: Vec<_> = propagation.into_iter().collect();
    instructions.push(instruction(session, &read, &scene, executor).await?);
    Ok(Done {
        receipts: vec![session.chain.send(&instructions).await?],
        skipped: 0,
    })
}

/// The instructions that execute a proposal, in one transaction, whether or not it can be executed now: for a dry run, or
/// for a message that somebody else signs.
///
/// # Errors
/// [`FlowError`]
pub async fn execution(
    session: &Session<'_>,
    proposal: Pubkey,
    executor: Pubkey,
) -> Result<Vec<Instruction>, FlowError> {
    let read = read_proposal(session, proposal).await?;
    let scene = Scene::read(session, &read.proposal.domain).await?;
    let propagation = first_propagate(session, &read, &scene).await?;
    let mut instructions: Vec<_> = propagation.into_iter().collect();
    instructions.push(instruction(session, &read, &scene, executor).await?);
    Ok(instructions)
}

/// Refuses what is not ready, and says what it waits for.
fn require_ready(read: &ReadProposal, found: &Progress, council: &Council, at: At) -> Result<(), FlowError> {
    let over = |why: &str| {
        Err(FlowError::NotPossible {
            why: format!("the proposal {} {why}", read.key),
            next: "propose it again if it is still wanted".into(),
        })
    };
    match found.status {
        Status::Ready | Status::Executed => Ok(()),
        Status::Vetoed => over("was vetoed"),
        Status::Stale => over("was made before the council changed"),
        Status::Expired => over("has expired"),
        Status::Refused => over(
            "would be refused: its matter was decided since, or something was closed since that it did not know of",
        ),
        Status::FallbackNotDue => over("was approved by the fallback, and enough approvers are active again"),
        Status::Collecting => {
            let missing = missing::approvals(&read.proposal, council, found, at.now);
            let (have, need) = (found.eligible.count_ones(), found.needed);
            let from = list(
                &missing.from,
                "no eligible member; silent members send a heartbeat first",
            );
            Err(FlowError::NotYet {
                why: format!("the proposal {} has {have} of {need} approvals", read.key),
                next: if found.lacks_a_clock() {
                    format!("its clock has stopped: one of these approves again: {from}")
                } else {
                    format!("{} more of these approve: {from}", missing.count)
                },
            })
        }
        Status::Waiting => Err(FlowError::NotYet {
            why: format!("the delay of the proposal {} has not passed", read.key),
            next: format!("execute it {}", words::due(found, at)),
        }),
    }
}

/// A detector with a latch that is not on the board cannot be closed: anyone propagates it first, in the same
/// transaction, so that nobody prevents the close by making it latch.
async fn first_propagate(
    session: &Session<'_>,
    read: &ReadProposal,
    scene: &Scene,
) -> Result<Option<Instruction>, FlowError> {
    let Payload::Known(Decision::CloseDetector(args)) = &read.payload else {
        return Ok(None);
    };
    let account = session.chain.account(&args.detector).await?;
    let Some((cause, mut detector)) = account.as_ref().and_then(detector::read) else {
        return Ok(None);
    };
    let domain = read.proposal.domain;
    let number = number_for_alarm(&scene.domain);
    let new = NewIncident {
        key: pda::incident(&domain, number),
        domain,
        bump: 0,
    };
    let mut incident = Incident::zeroed();
    if !is_next_due(&scene.domain) {
        incident = session.load("incident", &new.key, "run this again").await?;
    }
    let propagated = acts::propagate(
        &mut { scene.domain },
        &scene.council,
        &mut { scene.board },
        &mut detector.latch,
        (&args.detector, cause),
        &mut incident,
        &new,
        scene.at,
    );
    Ok(propagated
        .is_ok()
        .then(|| ix::propagate_trip(domain, session.chain.payer(), args.detector, number)))
}

/// The instruction that executes it.
async fn instruction(
    session: &Session<'_>,
    read: &ReadProposal,
    scene: &Scene,
    executor: Pubkey,
) -> Result<Instruction, FlowError> {
    let domain = read.proposal.domain;
    let payer = session.chain.payer();
    let authority = ix::Authority {
        signer: executor,
        domain,
        proposal: Some(read.key),
    };
    let decision = match read.payload.clone() {
        Payload::Known(decision) => decision,
        Payload::Unknown { kind, .. } => {
            return Err(FlowError::NotPossible {
                why: format!("this version does not know proposals of kind {kind}"),
                next: "update Bulkhead's client".into(),
            });
        }
    };
    Ok(match decision {
        // A detector may have opened another incident since, with a latch from before the proposal.
        Decision::Resume(args) => ix::resume_later(authority, scene.domain.open_incident, args),
        Decision::ChangeCouncil(args) => ix::change_council(authority, args),
        Decision::RegisterEvacuationRoute(args) => ix::register_evacuation_route(authority, args),
        Decision::ChooseRestoration(args) => {
            let next = "open and seal the snapshot first";
            let snapshot: Snapshot = session.load("snapshot", &args.snapshot, next).await?;
            let token_program = token_program_of(session, &snapshot.mint).await?;
            let choose = ix::choose_restoration(authority, payer, snapshot.mint, token_program, args);
            with_queue_of(session, &snapshot, choose).await?
        }
        Decision::Reopen(args) => {
            let checked = restart::checked(session, (domain, &scene.domain), &args.incident).await?;
            ix::reopen_checked(authority, &checked, args)
        }
        Decision::OpenBreaker(args) => ix::open_breaker(authority, payer, args),
        Decision::OpenVault(args) => {
            let token_program = token_program_of(session, &args.mint).await?;
            ix::open_vault(authority, payer, token_program, args)
        }
        Decision::RegisterLedger(args) => {
            let others = session.find(&pda::mint_ledgers(&domain, &args.mint)).await?;
            ix::register_ledger(authority, payer, args, &numbers(others))
        }
        Decision::SetLimit(args) => ix::set_limit(authority, args),
        Decision::OpenPriceBreaker(args) => ix::open_price_breaker(authority, payer, args),
        Decision::OpenSolvencyBreaker(args) => ix::open_solvency_breaker(authority, payer, args),
        Decision::OpenAuthorityWatch(args) => ix::open_authority_watch(authority, payer, args),
        Decision::CloseDetector(args) => ix::close_detector(authority, args),
        Decision::SetLink(args) => ix::set_link(authority, payer, args),
        Decision::RegisterPeer(args) => ix::register_peer(authority, payer, args),
        // The key's points do not fit a proposal, and only a file has them.
        Decision::RegisterVerifyingKey(args) => {
            return Err(FlowError::NotPossible {
                why: format!(
                    "a proposal has no room for the points of the verifying key {}",
                    hex(&args.id)
                ),
                next: "pass them as a file: `bulkhead proof register-key PROPOSAL --key FILE`".into(),
            });
        }
        Decision::RequireProofs(args) => ix::require_proofs(authority, payer, args),
        Decision::OverrideProof(args) => {
            let plan: Restoration = session
                .load("restoration", &args.restoration, "is the cluster right?")
                .await?;
            ix::override_proof(authority, payer, (plan.incident, plan.ledger_index), args)
        }
        Decision::GrantRights(args) => ix::grant_rights(authority, args),
        Decision::RegisterEmergencyAction(args) => ix::register_emergency_action(authority, payer, args),
        Decision::RunInstruction(stored) => ix::run_instruction(authority, &stored),
        Decision::OverrideSeal(args) => override_seal(session, authority, args).await?,
        Decision::OpenCheckpointLog(args) => ix::open_checkpoint_log(authority, payer, args),
        Decision::OpenInsurance(args) => {
            let key = pda::ledger(&domain, args.ledger_index);
            let ledger: Ledger = session.load("ledger", &key, "register the ledger first").await?;
            let token_program = token_program_of(session, &ledger.mint).await?;
            ix::open_insurance(authority, payer, ledger.mint, token_program, args)
        }
        Decision::RedirectClaims(args) => ix::redirect_claims(authority, payer, args),
        Decision::CancelReleases(args) => ix::cancel_releases(authority, args),
        Decision::RegisterEmergencySteps(args) => ix::register_emergency_steps(authority, payer, args),
        Decision::RegisterDirectVault(args) => {
            let source = session.chain.account(&args.source).await?.unwrap_or_default();
            let mint = token::mint(&source.data).map_or(Pubkey::default(), Pubkey::new_from_array);
            ix::register_direct_vault(authority, payer, mint, args)
        }
        Decision::UpgradeHost(args) => {
            let buffer = find_buffer(session, &domain, &args.buffer_hash).await?;
            ix::upgrade_host(authority, payer, buffer, args)
        }
        Decision::RegisterEmergencyBuild(args) => ix::register_emergency_build(authority, payer, args),
        Decision::SetInterimRule(args) => ix::set_interim_rule(authority, args),
        Decision::SetRecoveryRules(args) => ix::set_recovery_rules(authority, args),
        Decision::SetClaimTerms(args) => {
            let ledger: Ledger = session
                .load(
                    "ledger",
                    &pda::ledger(&domain, args.ledger_index),
                    "register the ledger first",
                )
                .await?;
            let token_program = token_program_of(session, &ledger.mint).await?;
            ix::set_claim_terms(authority, payer, (ledger.mint, token_program), args)
        }
        Decision::SetBallotRules(args) => ix::set_ballot_rules(authority, payer, args),
        Decision::ExtendClaims(args) => ix::extend_claims(authority, args),
        Decision::OverrideRestartCheck(args) => {
            let read = restart::read(session, domain, args.ledger_index).await?;
            ix::override_restart_check(authority, payer, read.reading(), args)
        }
    })
}

/// The numbers of the ledgers that pay a token, in ascending order.
fn numbers(ledgers: Option<MintLedgers>) -> Vec<u8> {
    let bits = ledgers.map_or([0; 32], |ledgers| ledgers.ledgers);
    let is_set = |number: &u8| {
        let byte = bits.get(usize::from(number >> 3)).copied().unwrap_or(0);
        byte >> (number & 7) & 1 == 1
    };
    (0..=u8::MAX).filter(is_set).collect()
}
