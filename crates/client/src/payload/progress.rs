//! The state of a proposal by the program's rule, including what its execution will encounter.

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead::decision::Decision;
use bulkhead_core::{
    acts::{self, Asked, At, Closing, Reopening, Scene},
    breakers::window::{Limits, TripLimits},
    proposals::proposal::{self, Progress},
};
use bulkhead_interface::layout::{
    AuthorityWatch, BallotRules, CheckpointLog, ClaimTerms, Council, Detector, DirectVault, Domain, EmergencyAction,
    HostProgram, Incident, InsurancePool, Ledger, Link, OutflowBreaker, PauseBoard, Peer, PriceBreaker, ProofCheck,
    ProofRules, Proposal, Restoration, SolvencyBreaker, Vault,
};

use super::{Payload, ReadAccount};
use crate::{decode, pda};

/// The state of `proposal`. If its domain or board cannot be read, the state by its council only.
#[must_use]
pub fn progress(proposal: &Proposal, payload: &Payload, council: &Council, read: ReadAccount, at: At) -> Progress {
    let found = load::<Domain>(read, &proposal.domain);
    let found = found.and_then(|domain| Some((domain, load::<PauseBoard>(read, &domain.board)?)));
    let (Some((domain, board)), Payload::Known(decision)) = (found, payload) else {
        return proposal::progress(proposal, council, at);
    };
    let incident = match decision {
        // The proposal may end another incident than the one it names.
        Decision::Resume(_) => Some(domain.open_incident),
        Decision::Reopen(args) => Some(args.incident),
        _ => None,
    };
    let incident = incident.and_then(|key| load::<Incident>(read, &key));
    let breaker = match decision {
        Decision::SetLimit(args) => load::<OutflowBreaker>(read, &args.breaker),
        _ => None,
    };
    // The addresses in a payload may belong to anyone.
    let incident = incident.filter(|incident| incident.domain == proposal.domain);
    let breaker = breaker.filter(|breaker| breaker.domain == proposal.domain);
    let closing = match decision {
        Decision::CloseDetector(args) => Closes::read(read, &args.detector),
        _ => None,
    };
    let closing = closing.filter(|closing| closing.detector.domain == proposal.domain);
    let scene = Scene {
        domain: &domain,
        board: &board,
        incident: incident.as_ref(),
        breaker: breaker.as_ref(),
        closing: closing.as_ref().map(Closes::judged),
        decided_slot: decided_slot(decision, &proposal.domain, read).unwrap_or_default(),
    };
    let mut found = None;
    ask(decision, &mut |asked| {
        found = Some(acts::progress(proposal, council, asked, &scene, at));
    });
    found.unwrap_or_else(|| proposal::progress(proposal, council, at))
}

/// The conditions of a decision beyond those of the council.
fn ask(decision: &Decision, then: &mut dyn FnMut(&Asked)) {
    match decision {
        Decision::Resume(args) => then(&Asked::Resume(&args.incident)),
        Decision::ChooseRestoration(args) => then(&Asked::ChooseRestoration(&args.incident)),
        Decision::Reopen(args) => then(&Asked::Reopen(&Reopening {
            incident: args.incident,
            ramp_bps: args.ramp_bps,
            grace_seconds: args.grace_seconds,
        })),
        Decision::SetLimit(args) => {
            let limits = Limits {
                limit: args.limit,
                slot_limit: args.slot_limit,
                limit_bps: args.limit_bps,
                slot_bps: args.slot_bps,
                inflow_credit: args.inflow_credit,
            };
            let trip = TripLimits {
                limit: args.trip_limit,
                bps: args.trip_bps,
            };
            then(&Asked::SetLimit(&limits, &trip));
        }
        Decision::GrantRights(args) => then(&Asked::Grant(&args.member, args.pause_rights)),
        _ => then(&Asked::Other(decision.kind())),
    }
}

/// A detector that a decision closes.
struct Closes {
    detector: Detector,
    lowered_slot: u64,
    decided_slot: u64,
}

impl Closes {
    fn read(read: ReadAccount, key: &Pubkey) -> Option<Self> {
        fn begins<T: bytemuck::NoUninit>(account: &T) -> Option<Detector> {
            let bytes = bytemuck::bytes_of(account).get(..size_of::<Detector>())?;
            Some(bytemuck::pod_read_unaligned(bytes))
        }
        let (detector, lowered_slot, decided_slot) = if let Some(breaker) = load::<OutflowBreaker>(read, key) {
            (begins(&breaker)?, breaker.lowered_slot, breaker.decided_slot)
        } else if let Some(breaker) = load::<PriceBreaker>(read, key) {
            (begins(&breaker)?, 0, breaker.decided_slot)
        } else if let Some(breaker) = load::<SolvencyBreaker>(read, key) {
            (begins(&breaker)?, 0, breaker.decided_slot)
        } else {
            let watch = load::<AuthorityWatch>(read, key)?;
            (begins(&watch)?, 0, watch.decided_slot)
        };
        Some(Self {
            detector,
            lowered_slot,
            decided_slot,
        })
    }

    fn judged(&self) -> Closing<'_> {
        Closing {
            detector: &self.detector,
            lowered_slot: self.lowered_slot,
            decided_slot: self.decided_slot,
        }
    }
}

/// Creation slot of the proposal that last decided what this proposal decides again.
fn decided_slot(decision: &Decision, domain: &Pubkey, read: ReadAccount) -> Option<u64> {
    match decision {
        Decision::RegisterEvacuationRoute(args) => {
            load::<Vault>(read, &args.vault).map(|vault| vault.route_decided_slot)
        }
        Decision::CancelReleases(args) => load::<Vault>(read, &args.vault).map(|vault| vault.cancel_decided_slot),
        Decision::SetLink(args) => load::<Link>(read, &pda::link(domain, &args.upstream)).map(|link| link.decided_slot),
        Decision::RegisterVerifyingKey(_) => {
            load::<ProofRules>(read, &pda::proof_rules(domain)).map(|rules| rules.key_slot)
        }
        Decision::RequireProofs(_) => {
            load::<ProofRules>(read, &pda::proof_rules(domain)).map(|rules| rules.decided_slot)
        }
        Decision::OverrideProof(args) => {
            let plan = load::<Restoration>(read, &args.restoration)?;
            let check = pda::proof_check(&plan.incident, plan.ledger_index);
            load::<ProofCheck>(read, &check).map(|check| check.decided_slot)
        }
        Decision::RegisterPeer(args) => {
            load::<Peer>(read, &pda::peer(domain, args.chain, &args.emitter)).map(|peer| peer.decided_slot)
        }
        Decision::OpenCheckpointLog(args) => {
            load::<CheckpointLog>(read, &pda::checkpoint_log(domain, args.ledger_index)).map(|log| log.decided_slot)
        }
        Decision::SetInterimRule(args) => {
            load::<Ledger>(read, &pda::ledger(domain, args.ledger_index)).map(|ledger| ledger.interim_decided_slot)
        }
        Decision::SetRecoveryRules(_) => load::<Domain>(read, domain).map(|domain| domain.rules_decided_slot),
        Decision::SetBallotRules(_) => {
            load::<BallotRules>(read, &pda::ballot_rules(domain)).map(|rules| rules.decided_slot)
        }
        Decision::SetClaimTerms(args) => {
            load::<ClaimTerms>(read, &pda::claim_terms(domain, args.ledger_index)).map(|terms| terms.decided_slot)
        }
        Decision::OpenInsurance(args) => {
            let key = pda::insurance_pool(domain, args.ledger_index, args.order);
            load::<InsurancePool>(read, &key).map(|pool| pool.decided_slot)
        }
        Decision::RegisterEmergencyAction(args) => {
            let (owner, data) = read(&pda::emergency_action(domain, args.index))?;
            let header = data.get(..size_of::<EmergencyAction>().checked_add(8)?)?;
            decode::owned::<EmergencyAction>(&owner, header).map(|emergency_action| emergency_action.decided_slot)
        }
        // A piece that continues an action is bound by the action's hash instead.
        Decision::RegisterEmergencySteps(args) if args.first == 0 => {
            let key = pda::emergency_action(domain, args.index);
            load::<EmergencyAction>(read, &key).map(|action| action.decided_slot)
        }
        Decision::RegisterDirectVault(args) => {
            let key = pda::direct_vault(domain, &args.source);
            load::<DirectVault>(read, &key).map(|vault| vault.decided_slot)
        }
        Decision::UpgradeHost(args) => {
            let key = pda::host_program(domain, &args.program);
            load::<HostProgram>(read, &key).map(|record| record.decided_slot)
        }
        Decision::RegisterEmergencyBuild(args) => {
            let key = pda::host_program(domain, &args.program);
            load::<HostProgram>(read, &key).map(|record| record.build_decided_slot)
        }
        _ => None,
    }
}

fn load<T: ZeroCopy + Discriminator>(read: ReadAccount, key: &Pubkey) -> Option<T> {
    let (owner, data) = read(key)?;
    decode::owned(&owner, &data)
}
