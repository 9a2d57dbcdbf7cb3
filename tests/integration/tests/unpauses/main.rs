//! An unpause takes away what was known when it was proposed: detectors that latch again and again void none, and none opens
//! what has come since.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::EncodedDecision,
    error::BulkheadError,
    instructions::{CloseDetectorArgs, OpenAuthorityWatchArgs, OpenBreakerArgs, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{
    instructions as ix,
    payload::{self, Payload},
    pda,
};
use bulkhead_core::{acts::At, latch, proposal::Status};
use bulkhead_guard::{action, effective_mask};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, cause, domain_flag, incident_state, phase, step, watch_kind},
    layout::{AuthorityWatch, Detector, Incident, OutflowBreaker, Proposal},
};
use bulkhead_testbed::{DELAY_SECONDS, Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{
    detectors::{
        COMPARTMENT, configure, in_set_up, observe_solvency, program_args, solvency_args, watch, write,
        write_liabilities,
    },
    refused, world_with,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Compartment that the host's own breaker guards.
const METERED: u8 = 3;
/// How long the host's breaker latches: not even as long as a delay.
const LATCH: i64 = 900;

fn metered(protocol: &Protocol, host: &Pubkey) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: METERED,
        mint: protocol.mint,
        authority: *host,
        sub_windows: 6,
        trip_scope: METERED,
        window_seconds: 600,
        limit: 100,
        slot_limit: 60,
        latch_seconds: LATCH,
        shards: 1,
        ..OpenBreakerArgs::default()
    }
}

fn write_admin(machine: &mut Machine, protocol: &Protocol, account: &Pubkey, name: &str) {
    let data = [&[7; 12][..], keypair(name).pubkey().as_ref(), &[7; 5]].concat();
    write(machine, account, &protocol.host_program, data);
}

/// A domain with a watch on its host's admin, a breaker that the host meters, and a solvency breaker.
struct Site {
    machine: Machine,
    protocol: Protocol,
    watch: Pubkey,
    admin: Pubkey,
    breaker: Pubkey,
    solvency: Pubkey,
    host: Keypair,
}

impl Site {
    fn new() -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ..Setup::default()
        });
        let host = keypair("metering host");
        let admin = keypair("host config").pubkey();
        let payer = machine.payer.pubkey();
        write_liabilities(&mut machine, &protocol, 0);
        write_admin(&mut machine, &protocol, &admin, "admin");
        let args = OpenAuthorityWatchArgs {
            kind: watch_kind::HOST_FIELD,
            account: admin,
            program: protocol.host_program,
            offset: 12,
            ..program_args(&keypair("admin").pubkey())
        };
        let watch = watch(&protocol, &args);
        let books = solvency_args(&protocol);
        let solvency = pda::solvency_breaker(&protocol.domain, books.compartment, &books.liabilities);
        let breaker = pda::outflow_breaker(&protocol.domain, METERED, &protocol.mint, 0);
        let authority = in_set_up(&protocol);
        for open in [
            ix::open_authority_watch(authority, payer, args),
            ix::open_breaker(authority, payer, metered(&protocol, &host.pubkey())),
            ix::open_solvency_breaker(authority, payer, books),
            ix::activate_domain(protocol.setup_authority.pubkey()),
        ] {
            configure(&mut machine, &protocol, open).expect("it was set up");
        }
        Self {
            machine,
            protocol,
            watch,
            admin,
            breaker,
            solvency,
            host,
        }
    }

    fn must(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Outcome {
        self.protocol.must(&mut self.machine, &[instruction], signers)
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        self.machine.send(&[instruction], &[])
    }

    fn set_admin(&mut self, name: &str) {
        write_admin(&mut self.machine, &self.protocol, &self.admin, name);
    }

    fn now(&self) -> i64 {
        self.machine.clock().unix_timestamp
    }

    fn is_latched(&self, detector: Pubkey) -> bool {
        let data = self.machine.account(&detector).expect("it exists").data;
        let common: Detector = bytemuck::pod_read_unaligned(&data[8..8 + size_of::<Detector>()]);
        let unpaused = self.protocol.board(&self.machine).unpaused_slot;
        latch::is_in_force(&common.latch, unpaused, self.now())
    }

    /// Looks at the host's admin.
    fn look(&mut self) -> bool {
        let observe = ix::observe_authority(self.protocol.domain, self.watch, self.admin);
        self.must(observe, &[]);
        self.is_latched(self.watch)
    }

    /// The host asks for more than its breaker allows, whatever it is worth.
    fn breach(&mut self) -> bool {
        let host = self.host.insecure_clone();
        let meter = ix::meter_outflow(self.protocol.domain, self.breaker, host.pubkey(), u64::MAX);
        let _ = self.machine.send(&[meter], &[&host]);
        self.is_latched(self.breaker)
    }

    fn propagation(&self, detector: Pubkey) -> Instruction {
        let domain = self.protocol.state(&self.machine);
        let number = bulkhead_core::incident::number_for_alarm(&domain);
        ix::propagate_trip(self.protocol.domain, self.machine.payer.pubkey(), detector, number)
    }

    fn propagate(&mut self, detector: Pubkey) {
        let crank = self.propagation(detector);
        self.must(crank, &[]);
    }

    /// The host's admin is stolen, seen, and the domain held.
    fn robbed_and_frozen(&mut self) -> Pubkey {
        self.set_admin("thief");
        assert!(self.look());
        self.propagate(self.watch);
        let incident = self.protocol.state(&self.machine).open_incident;
        self.protocol.confirm(&mut self.machine, incident);
        incident
    }

    /// Proposed and approved a slot later; not waited for.
    fn approved(&mut self, decision: impl Into<EncodedDecision>) -> ix::Authority {
        self.machine.next_slot();
        let proposal = self.protocol.propose(&mut self.machine, decision);
        for member in 0..2 {
            let approve = self.protocol.approve(&self.machine, &proposal, member);
            let approver = self.protocol.members[member].insecure_clone();
            self.must(approve, &[&approver]);
        }
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(proposal),
        }
    }

    fn approved_resume(&mut self, incident: Pubkey) -> Instruction {
        let args = ResumeArgs { incident };
        let authority = self.approved(&args);
        ix::resume(authority, args)
    }

    fn mask(&self, compartment: u8) -> u32 {
        let board = self
            .machine
            .account(&pda::board(&self.protocol.domain))
            .expect("it exists");
        effective_mask(&board.data, compartment, self.now()).expect("a board")
    }

    fn phase(&self) -> u8 {
        self.protocol.state(&self.machine).state
    }

    fn default_mask(&self) -> u32 {
        self.protocol.council(&self.machine).default_mask
    }
}

/// Attack (V): look again whenever the latch has run out, carry it over, and so void every resume, for fees.
#[test]
fn the_same_finding_latched_again_voids_no_resume_and_is_accepted_by_it() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    for _ in 0..3 {
        site.machine.warp_seconds(DELAY_SECONDS);
        assert!(site.look(), "nobody has accepted it yet");
        site.propagate(site.watch);
    }
    site.must(resume, &[]);
    assert_eq!(site.phase(), phase::OPERATING);
    assert_eq!(
        site.mask(COMPARTMENT),
        0,
        "what was known is unpaused, however often it latched"
    );
    for _ in 0..3 {
        assert!(!site.look(), "accepted");
        site.machine.warp_seconds(DELAY_SECONDS);
    }
    site.set_admin("another thief");
    assert!(site.look(), "another is news");
}

/// The same with a hole: what stays the same or shrinks is known, what grows is news.
#[test]
fn the_same_hole_latched_again_is_accepted_and_a_larger_one_is_not() {
    let mut site = Site::new();
    let reserves = u128::from(site.machine.balance(&site.protocol.custody()));
    let look = |site: &mut Site, missing: u128| {
        // Tolerated are 1 % and 50.
        write_liabilities(&mut site.machine, &site.protocol, reserves * 2 + missing);
        for _ in 0..2 {
            let observe = observe_solvency(&site.protocol);
            site.must(observe, &[]);
            site.machine.warp_seconds(60);
        }
        site.is_latched(site.solvency)
    };
    assert!(look(&mut site, 500));
    site.propagate(site.solvency);
    let incident = site.protocol.state(&site.machine).open_incident;
    site.protocol.confirm(&mut site.machine, incident);
    let resume = site.approved_resume(incident);
    for missing in [500, 100, 500] {
        site.machine.warp_seconds(DELAY_SECONDS);
        assert!(look(&mut site, missing));
        site.propagate(site.solvency);
    }
    site.must(resume, &[]);
    assert_eq!((site.phase(), site.mask(COMPARTMENT)), (phase::OPERATING, 0));
    site.machine.warp_seconds(DELAY_SECONDS);
    assert!(!look(&mut site, 500), "accepted");
    assert!(look(&mut site, 50_000), "a larger one");
}

/// Attack (W): wait with a matured resume until one's own theft has latched, and crank it then.
#[test]
fn a_resume_accepts_no_theft_that_came_after_it_was_proposed() {
    for is_carried in [false, true] {
        let mut site = Site::new();
        let incident = site.robbed_and_frozen();
        let resume = site.approved_resume(incident);
        site.machine.warp_seconds(DELAY_SECONDS);
        site.set_admin("another thief");
        assert!(site.look());
        let theft = site.machine.clock().slot;
        if is_carried {
            site.propagate(site.watch);
        }
        site.machine.next_slot();
        site.must(resume, &[]);

        assert!(site.is_latched(site.watch), "nobody knew of it");
        assert!(site.look());
        let expected = if is_carried { phase::ALERT } else { phase::OPERATING };
        assert_eq!(site.phase(), expected);
        assert_eq!(site.mask(COMPARTMENT), if is_carried { site.default_mask() } else { 0 });
        assert_eq!(site.machine.load::<Incident>(&incident).state, incident_state::CLOSED);
        // It has an incident of its own, with its own breach, and guardians confirm that.
        site.propagate(site.watch);
        let state = site.protocol.state(&site.machine);
        let next = pda::incident(&site.protocol.domain, 1);
        assert_eq!((state.state, state.open_incident, state.flags), (phase::ALERT, next, 0));
        let record: Incident = site.machine.load(&next);
        assert_eq!(
            (record.steps[step::BREACH].slot, record.cause),
            (theft, cause::AUTHORITY)
        );
        assert_eq!(site.mask(COMPARTMENT), site.default_mask());
        let again = site.propagation(site.watch);
        refused(site.send(again), BulkheadError::NotLatched);
        site.protocol.confirm(&mut site.machine, next);
        assert_eq!(site.phase(), phase::FROZEN);
    }
}

/// Attack: after an unpause in part, carry the latch that stayed once more when the next resume has been proposed, which knows
/// of it and names the incident that is over. It ends the one that has been begun so, and none that a guardian has.
#[test]
fn a_known_latch_carried_again_voids_no_resume() {
    for is_guardians in [false, true] {
        let mut site = Site::new();
        let incident = site.robbed_and_frozen();
        let first = site.approved_resume(incident);
        site.machine.warp_seconds(DELAY_SECONDS);
        site.set_admin("another thief");
        assert!(site.look());
        site.propagate(site.watch);
        site.machine.next_slot();
        site.must(first, &[]);
        assert_eq!(site.phase(), phase::ALERT);
        let args = ResumeArgs { incident };
        let authority = site.approved(&args);
        let next = pda::incident(&site.protocol.domain, 1);
        if is_guardians {
            let guardian = site.protocol.members[2].insecure_clone();
            let payer = site.machine.payer.pubkey();
            let open = ix::open_incident(site.protocol.domain, guardian.pubkey(), payer, 1);
            site.must(open, &[&guardian]);
        } else {
            site.propagate(site.watch);
        }
        assert_eq!(site.protocol.state(&site.machine).open_incident, next);
        site.machine.warp_seconds(DELAY_SECONDS);
        let named = ix::resume(authority, args.clone());
        refused(site.send(named), BulkheadError::IncidentNotOpen);
        let resume = ix::resume_later(authority, next, args);
        if is_guardians {
            refused(site.send(resume), BulkheadError::IncidentNotOpen);
            continue;
        }
        site.must(resume, &[]);
        assert_eq!((site.phase(), site.mask(COMPARTMENT)), (phase::OPERATING, 0));
        assert_eq!(site.machine.load::<Incident>(&next).state, incident_state::CLOSED);
        assert!(!site.look(), "accepted");
    }
}

/// The record of an incident that was decided in part is over: it is neither confirmed nor evacuated by any more.
#[test]
fn a_decided_incident_is_not_confirmed_again_and_lapses_with_what_is_newer() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    // Nothing flows out of what is held, so a breaker says nothing then.
    assert!(!site.breach());
    site.set_admin("another thief");
    assert!(site.look());
    site.propagate(site.watch);
    site.must(resume, &[]);
    let state = site.protocol.state(&site.machine);
    assert_eq!(
        (state.state, state.open_incident, state.flags),
        (phase::ALERT, incident, domain_flag::DECIDED)
    );
    assert_eq!((site.mask(COMPARTMENT), site.mask(METERED)), (site.default_mask(), 0));
    let guardian = site.protocol.members[0].insecure_clone();
    let confirm = ix::confirm_incident(site.protocol.domain, guardian.pubkey(), incident);
    refused(
        site.machine.send(&[confirm], &[&guardian]),
        BulkheadError::IncidentNotOpen,
    );
    let lapse = ix::close_lapsed_incident(site.protocol.domain, incident);
    refused(site.send(lapse.clone()), BulkheadError::PauseInForce);
    site.machine.warp_seconds(72 * 3_600);
    site.must(lapse, &[]);
    let state = site.protocol.state(&site.machine);
    assert_eq!(
        (state.state, state.open_incident, state.flags),
        (phase::OPERATING, Pubkey::default(), 0)
    );
}

/// A guardian that sees more than a detector opens the next incident itself.
#[test]
fn a_guardian_opens_the_next_incident_of_a_decided_one() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    let guardian = site.protocol.members[2].insecure_clone();
    let (domain, payer) = (site.protocol.domain, site.machine.payer.pubkey());
    site.must(ix::pause(domain, guardian.pubkey(), 7, action::TRADE), &[&guardian]);
    site.must(resume, &[]);
    assert_eq!(site.phase(), phase::ALERT);
    assert_eq!(
        (site.mask(COMPARTMENT), site.mask(7)),
        (0, action::TRADE),
        "the newer pause stays"
    );
    site.machine.warp_seconds(6 * 3_600);
    assert_eq!(site.mask(7), 0, "until it lapses");
    site.must(ix::open_incident(domain, guardian.pubkey(), payer, 1), &[&guardian]);
    let next = pda::incident(&domain, 1);
    site.protocol.confirm(&mut site.machine, next);
    assert_eq!(site.phase(), phase::FROZEN);
    let again = ix::open_incident(domain, guardian.pubkey(), payer, 2);
    refused(site.machine.send(&[again], &[&guardian]), BulkheadError::WrongPhase);
}

/// Attack (V, by the host): breach again and again, so that something newer is always in force. The proposal that closes
/// the breaker carries the latch first; the rest lapses.
#[test]
fn an_exploited_host_cannot_keep_the_domain_closed() {
    let mut site = Site::new();
    assert!(site.breach());
    site.propagate(site.breaker);
    let incident = site.protocol.state(&site.machine).open_incident;
    site.protocol.confirm(&mut site.machine, incident);
    let resume = site.approved_resume(incident);
    let args = CloseDetectorArgs {
        detector: site.breaker,
        receiver: site.machine.payer.pubkey(),
    };
    let authority = site.approved(&args);
    let close = ix::close_detector(authority, args);
    site.machine.warp_seconds(DELAY_SECONDS + 1);
    // The board is closed to it while the domain is frozen, so its next breach is of the moment the freeze is unpaused.
    site.must(resume, &[]);
    assert_eq!(site.phase(), phase::OPERATING);
    assert!(site.breach());
    refused(site.send(close.clone()), BulkheadError::LatchInForce);
    let carry = site.propagation(site.breaker);
    site.protocol.must(&mut site.machine, &[carry, close], &[]);
    assert!(site.machine.account(&site.breaker).is_none());
    assert_eq!(
        site.mask(METERED),
        site.default_mask(),
        "the trip stays until it lapses"
    );
    assert!(site.machine.account(&site.watch).is_some());
    let next = pda::incident(&site.protocol.domain, 1);
    site.machine.warp_seconds(72 * 3_600);
    site.must(ix::close_lapsed_incident(site.protocol.domain, next), &[]);
    assert_eq!((site.phase(), site.mask(METERED)), (phase::OPERATING, 0));

    // The same breaker, for a host that is sound again.
    let sound = metered(&site.protocol, &keypair("another host").pubkey());
    let authority = site.approved(&sound);
    site.machine.warp_seconds(DELAY_SECONDS);
    let payer = site.machine.payer.pubkey();
    site.must(ix::open_breaker(authority, payer, sound), &[]);
    assert!(!site.breach(), "the old host meters nothing any more");
    let opened: OutflowBreaker = site.machine.load(&site.breaker);
    assert_eq!(opened.authority, keypair("another host").pubkey());
}

/// What the members decide on after a resume was proposed makes it void: a freeze and an evacuation. Of an alarm to come none
/// is proposed.
#[test]
fn a_resume_knows_of_no_later_alarm_hold_or_evacuation() {
    // Of an incident to come none is made in peace.
    let mut site = Site::new();
    let incident = pda::incident(&site.protocol.domain, 0);
    let (early, _) = site.protocol.proposing(&site.machine, &ResumeArgs { incident });
    let proposer = site.protocol.members[0].insecure_clone();
    refused(
        site.machine.send(&[early], &[&proposer]),
        BulkheadError::IncidentNotOpen,
    );

    // Made of an alarm that is confirmed since.
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.propagate(site.watch);
    assert_eq!(site.protocol.state(&site.machine).open_incident, incident);
    let early = site.approved_resume(incident);
    site.protocol.confirm(&mut site.machine, incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    refused(site.send(early), BulkheadError::TightenedSince);

    // Made of a freeze before the evacuation was confirmed.
    let early = site.approved_resume(incident);
    let payer = site.machine.payer.pubkey();
    for member in 0..2 {
        let guardian = site.protocol.members[member].insecure_clone();
        let confirm = ix::confirm_evacuation(site.protocol.domain, guardian.pubkey(), payer, incident);
        site.must(confirm, &[&guardian]);
    }
    site.machine.warp_seconds(DELAY_SECONDS);
    refused(site.send(early), BulkheadError::TightenedSince);

    let later = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    site.must(later, &[]);
    assert_eq!(site.phase(), phase::OPERATING);
}

/// An alarm that was never frozen stays open for what is newer, without what was confirmed of the old.
#[test]
fn an_alarm_that_is_resumed_in_part_can_be_confirmed_anew() {
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.propagate(site.watch);
    let incident = site.protocol.state(&site.machine).open_incident;
    let confirm = |site: &mut Site, member: usize| {
        let guardian = site.protocol.members[member].insecure_clone();
        let confirm = ix::confirm_incident(site.protocol.domain, guardian.pubkey(), incident);
        site.must(confirm, &[&guardian]);
    };
    confirm(&mut site, 0);
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    assert!(site.breach());
    site.propagate(site.breaker);
    site.must(resume, &[]);
    let state = site.protocol.state(&site.machine);
    assert_eq!(
        (state.state, state.open_incident, state.flags),
        (phase::ALERT, incident, 0)
    );
    assert_eq!((site.mask(COMPARTMENT), site.mask(METERED)), (0, site.default_mask()));
    confirm(&mut site, 1);
    assert_eq!(
        site.phase(),
        phase::ALERT,
        "the first confirmation was of what is decided"
    );
    confirm(&mut site, 0);
    assert_eq!(site.phase(), phase::FROZEN);
}

/// Attack: a cheap false alarm, so that the next theft is dated back to it. What an unpause has dealt with dates nothing back.
#[test]
fn an_alarm_that_is_resumed_in_part_has_its_breach_after_what_was_unpaused() {
    let mut site = Site::new();
    site.set_admin("intern");
    assert!(site.look());
    site.propagate(site.watch);
    let incident = site.protocol.state(&site.machine).open_incident;
    let alarm = site.machine.clock().slot;
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    assert!(site.breach());
    site.propagate(site.breaker);
    let breach = |site: &Site| site.machine.load::<Incident>(&incident).steps[step::BREACH].slot;
    assert_eq!(breach(&site), alarm);
    site.must(resume, &[]);
    let proposed = site.protocol.board(&site.machine).unpaused_slot;
    assert!(proposed > alarm);
    assert_eq!((site.phase(), breach(&site)), (phase::ALERT, proposed));
    assert!(!site.look(), "accepted");
}

/// Attack: let a later latch be carried first, so that a checkpoint made up after the theft looks like one from before.
#[test]
fn the_breach_is_the_earliest_latch_whoever_carries_it_when() {
    let mut site = Site::new();
    assert!(site.breach());
    let theft = site.machine.clock().slot;
    site.machine.warp_seconds(300);
    site.set_admin("thief");
    assert!(site.look());
    site.propagate(site.watch);
    let incident = site.protocol.state(&site.machine).open_incident;
    let breach = |site: &Site| site.machine.load::<Incident>(&incident).steps[step::BREACH].slot;
    assert_eq!(breach(&site), site.machine.clock().slot);
    site.propagate(site.breaker);
    assert_eq!(breach(&site), theft);
    let record: Incident = site.machine.load(&incident);
    assert_eq!(
        (record.source, record.cause, record.breach_amount),
        (site.breaker, cause::OUTFLOW, u64::MAX)
    );
}

/// A stage that was approved before what has latched since raises limits and accepts nothing.
#[test]
fn a_ramp_unpauses_nothing_that_came_after_it_and_none_runs_after_a_later_one() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    site.must(resume, &[]);
    let stage = |ramp_bps| ReopenArgs {
        incident,
        ramp_bps,
        grace_seconds: 0,
    };
    let (half, full) = (stage(5_000), stage(10_000));
    let by = site.approved(&half);
    let half = ix::reopen(by, half);
    let by = site.approved(&full);
    let full = ix::reopen(by, full);
    site.machine.warp_seconds(DELAY_SECONDS);
    site.set_admin("another thief");
    assert!(site.look());
    let guardian = site.protocol.members[2].insecure_clone();
    let pause = ix::pause(site.protocol.domain, guardian.pubkey(), SCOPE_DOMAIN, action::TRADE);
    site.must(pause, &[&guardian]);
    site.machine.next_slot();
    site.must(full, &[]);
    assert_eq!((site.phase(), site.mask(0)), (phase::OPERATING, action::TRADE));
    assert!(site.is_latched(site.watch) && site.look());
    let seen: AuthorityWatch = site.machine.load(&site.watch);
    assert_eq!(seen.latched.keys[0], keypair("another thief").pubkey());
    refused(site.send(half), BulkheadError::TightenedSince);
    site.propagate(site.watch);
    assert_eq!(site.phase(), phase::ALERT);
}

/// Who shows proposals says of a resume what the program says of it.
#[test]
fn a_resume_that_the_program_refuses_is_not_shown_as_ready() {
    let (mut machine, protocol) = bulkhead_tests::world();
    let payer = machine.payer.pubkey();
    let guardian = &protocol.members[0];
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[guardian]);
    let incident = pda::incident(&protocol.domain, 0);
    let args = ResumeArgs { incident };
    let shown = |machine: &Machine, resume: &ix::Authority| {
        let proposal: Proposal = machine.load(&resume.proposal.expect("one"));
        let clock = machine.clock();
        let at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        let read = |key: &Pubkey| machine.account(key).map(|account| (account.owner, account.data));
        let payload = Payload::Known(ResumeArgs { incident }.into());
        payload::progress(&proposal, &payload, &protocol.council(machine), &read, at).status
    };
    let older = protocol.mature(&mut machine, &args);
    assert_eq!(shown(&machine, &older), Status::Ready);
    protocol.confirm(&mut machine, incident);
    assert_eq!(shown(&machine, &older), Status::Refused);
    refused(
        machine.send(&[ix::resume(older, args.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let newer = protocol.mature(&mut machine, &args);
    let again = protocol.mature(&mut machine, &args);
    assert_eq!(shown(&machine, &newer), Status::Ready);
    machine
        .send(&[ix::resume(newer, args.clone())], &[])
        .expect("as it says");
    assert_eq!(shown(&machine, &again), Status::Refused);
    refused(
        machine.send(&[ix::resume(again, args)], &[]),
        BulkheadError::IncidentNotOpen,
    );
}
