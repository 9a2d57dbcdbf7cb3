//! Whatever is found is noted, whether a latch is in force or not: it is newer than the unpause that was proposed before, is
//! carried, and stays. And where the breach of an incident is, when what it tells of was found long before.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{OpenAuthorityWatchArgs, OpenPriceBreakerArgs, ResumeArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{acts, checkpoints::checkpoint, detectors::latch};
use bulkhead_guard::effective_mask;
use bulkhead_interface::{
    constants::{MIN_KEEP_SECONDS, domain_flag, phase, route_fault, step, watch_kind},
    layout::{CheckpointLog, Detector, Incident, Vault},
};
use bulkhead_testbed::{DELAY_SECONDS, Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules},
    detectors::{
        COMPARTMENT, PACE, Update, configure, in_set_up, observe_solvency, post, price_breaker, program_args,
        pyth_args, solvency_args, watch, write, write_liabilities,
    },
    recovery::{LEDGER, positions},
    world_with,
};
use solana_instruction::Instruction;
use solana_signer::Signer;

/// A latch that outlasts a delay, as any has to that is to be seen.
const LATCH: i64 = 24 * 3_600;
const LEVEL: i64 = 10_000_000_000;

struct Site {
    machine: Machine,
    protocol: Protocol,
    watch: Pubkey,
    admin: Pubkey,
    price: Pubkey,
    solvency: Pubkey,
}

impl Site {
    fn new() -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ..Setup::default()
        });
        let payer = machine.payer.pubkey();
        let admin = keypair("host config").pubkey();
        write_admin(&mut machine, &protocol, &admin, "admin");
        write_liabilities(&mut machine, &protocol, 0);
        let watched = OpenAuthorityWatchArgs {
            kind: watch_kind::HOST_FIELD,
            account: admin,
            program: protocol.host_program,
            offset: 12,
            latch_seconds: LATCH,
            ..program_args(&keypair("admin").pubkey())
        };
        let mut books = solvency_args(&protocol);
        books.latch_seconds = LATCH;
        let feed = OpenPriceBreakerArgs {
            latch_seconds: LATCH,
            ..pyth_args()
        };
        let site = (
            watch(&protocol, &watched),
            price_breaker(&protocol, &feed),
            pda::solvency_breaker(&protocol.domain, books.compartment, &books.liabilities),
        );
        let authority = in_set_up(&protocol);
        for open in [
            ix::open_authority_watch(authority, payer, watched),
            ix::open_price_breaker(authority, payer, feed),
            ix::open_solvency_breaker(authority, payer, books),
            ix::activate_domain(protocol.setup_authority.pubkey()),
        ] {
            configure(&mut machine, &protocol, open).expect("it was set up");
        }
        let (watch, price, solvency) = site;
        let mut site = Self {
            machine,
            protocol,
            watch,
            admin,
            price,
            solvency,
        };
        for number in 0..60 {
            site.tick(LEVEL + number % 2 * 5_000_000);
        }
        site
    }

    fn must(&mut self, instruction: Instruction) {
        self.protocol.must(&mut self.machine, &[instruction], &[]);
    }

    fn now(&self) -> i64 {
        self.machine.clock().unix_timestamp
    }

    /// A true price, ten seconds after the last.
    fn tick(&mut self, price: i64) {
        self.machine.warp_seconds(PACE);
        let update = Update::new(price, self.now());
        let account = post(&mut self.machine, "update", &update);
        let observe = ix::observe_price(self.protocol.domain, self.price, account);
        self.must(observe);
    }

    fn set_admin(&mut self, name: &str) {
        write_admin(&mut self.machine, &self.protocol, &self.admin, name);
    }

    fn look(&mut self) -> bool {
        let observe = ix::observe_authority(self.protocol.domain, self.watch, self.admin);
        self.must(observe);
        self.is_latched(self.watch)
    }

    fn is_latched(&self, detector: Pubkey) -> bool {
        let unpaused = self.protocol.board(&self.machine).unpaused_slot;
        latch::is_in_force(&common(&self.machine, &detector).latch, unpaused, self.now())
    }

    fn carry(&mut self, detector: Pubkey) {
        let domain = self.protocol.state(&self.machine);
        let number = bulkhead_core::pause::incident::number_for_alarm(&domain);
        let crank = ix::propagate_trip(self.protocol.domain, self.machine.payer.pubkey(), detector, number);
        self.must(crank);
    }

    /// A resume from before what was found since unpauses none of it, and accepts none.
    fn resumes_in_vain(&mut self, resume: Instruction, detector: Pubkey) {
        let found = self.machine.clock().slot;
        assert_eq!(common(&self.machine, &detector).latch.slot, found, "it is news");
        self.carry(detector);
        self.machine.next_slot();
        self.must(resume);
        let state = self.protocol.state(&self.machine);
        assert_eq!((state.state, state.flags), (phase::ALERT, domain_flag::DECIDED));
        assert!(self.is_latched(detector) && !self.is_open());
        // It gets an incident of its own, with its own breach.
        self.carry(detector);
        let incident: Incident = self.protocol.incident(&self.machine);
        assert_eq!((incident.source, incident.steps[step::BREACH].slot), (detector, found));
    }

    /// Confirmed, and a resume approved a slot later; not waited for.
    fn frozen_with_a_resume(&mut self) -> Instruction {
        let incident = self.protocol.state(&self.machine).open_incident;
        self.protocol.confirm(&mut self.machine, incident);
        self.machine.next_slot();
        let args = ResumeArgs { incident };
        let proposal = self.protocol.propose(&mut self.machine, &args);
        for member in 0..2 {
            let approve = self.protocol.approve(&self.machine, &proposal, member);
            self.protocol
                .must(&mut self.machine, &[approve], &[&self.protocol.members[member]]);
        }
        let authority = ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(proposal),
        };
        ix::resume(authority, args)
    }

    fn is_open(&self) -> bool {
        let board = self
            .machine
            .account(&pda::board(&self.protocol.domain))
            .expect("it exists");
        let mask = effective_mask(&board.data, COMPARTMENT, self.now()).expect("a board");
        self.protocol.state(&self.machine).state == phase::OPERATING && mask == 0
    }
}

fn common(machine: &Machine, detector: &Pubkey) -> Detector {
    let data = machine.account(detector).expect("it exists").data;
    bytemuck::pod_read_unaligned(&data[8..8 + size_of::<Detector>()])
}

fn write_admin(machine: &mut Machine, protocol: &Protocol, account: &Pubkey, name: &str) {
    let data = [&[7; 12][..], keypair(name).pubkey().as_ref(), &[7; 5]].concat();
    write(machine, account, &protocol.host_program, data);
}

/// Attack: give the authority back, have everybody see it, and take it again once a resume is proposed.
#[test]
fn an_authority_that_was_given_back_and_is_stolen_again_is_news_to_every_resume() {
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.carry(site.watch);
    site.machine.warp_seconds(60);
    site.set_admin("admin");
    site.look();
    let resume = site.frozen_with_a_resume();
    site.machine.warp_seconds(DELAY_SECONDS);
    site.look();
    site.machine.warp_seconds(60);
    site.set_admin("thief");
    assert!(site.look());
    site.resumes_in_vain(resume, site.watch);
    site.machine.warp_seconds(2 * LATCH);
    assert!(site.look(), "nobody has accepted it");
}

/// Attack: hand the authority to another thief while the first one's latch is in force.
#[test]
fn another_thief_is_not_let_in_by_a_resume_that_knew_of_the_first() {
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.carry(site.watch);
    let resume = site.frozen_with_a_resume();
    site.machine.warp_seconds(DELAY_SECONDS);
    site.set_admin("another thief");
    assert!(site.look());
    site.resumes_in_vain(resume, site.watch);
}

/// Attack: make a small jump latch, and push the price for real once a resume is proposed, so that the push enters the statistics.
#[test]
fn a_price_that_is_pushed_while_a_latch_is_in_force_is_noted() {
    let mut site = Site::new();
    site.tick(LEVEL * 6 / 5);
    assert!(site.is_latched(site.price));
    site.carry(site.price);
    let resume = site.frozen_with_a_resume();
    site.machine.warp_seconds(DELAY_SECONDS);
    site.tick(LEVEL * 6 / 5);
    site.tick(LEVEL * 20);
    site.resumes_in_vain(resume, site.price);
}

/// Attack: make the hole larger once a resume is proposed.
#[test]
fn a_hole_that_grew_since_is_not_unpaused_by_an_older_resume() {
    let mut site = Site::new();
    let held = u128::from(site.machine.balance(&site.protocol.custody()));
    let short = |site: &mut Site, missing: u128| {
        write_liabilities(&mut site.machine, &site.protocol, held + missing);
        for seconds in [60, 0] {
            let observe = observe_solvency(&site.protocol);
            site.must(observe);
            site.machine.warp_seconds(seconds);
        }
    };
    short(&mut site, 50_000);
    assert!(site.is_latched(site.solvency));
    site.carry(site.solvency);
    let resume = site.frozen_with_a_resume();
    site.machine.warp_seconds(DELAY_SECONDS);
    short(&mut site, 900_000);
    site.resumes_in_vain(resume, site.solvency);
}

fn delegate(site: &mut Site, is_given: bool) {
    let route = site.protocol.recovery_account;
    let mut account = site.machine.account(&route).expect("it exists");
    account.data[72..108].fill(0);
    if is_given {
        account.data[72] = 1;
        account.data[76..108].copy_from_slice(keypair("thief").pubkey().as_ref());
    }
    site.machine.write_account(&route, account);
}

/// Attack: take the delegate of a route back, have that seen, and give it again once a resume is proposed.
#[test]
fn a_route_that_was_seen_sound_and_is_spoilt_again_is_news_to_every_resume() {
    let mut site = Site::new();
    let (vault, route) = (site.protocol.vault.vault, site.protocol.recovery_account);
    let look = ix::observe_evacuation_route(site.protocol.domain, vault, route);
    delegate(&mut site, true);
    site.must(look.clone());
    assert!(site.is_latched(vault));
    site.carry(vault);
    delegate(&mut site, false);
    site.machine.warp_seconds(60);
    site.must(look.clone());
    assert_eq!(site.machine.load::<Vault>(&vault).latched_fault, route_fault::NONE);
    let resume = site.frozen_with_a_resume();
    site.machine.warp_seconds(DELAY_SECONDS);
    delegate(&mut site, true);
    site.must(look);
    site.resumes_in_vain(resume, vault);
}

/// Attack: a cheap false alarm of each detector. Its trip ends with the council's `trip_seconds`, its latch long after, and
/// in between everything happens.
#[test]
fn a_false_alarm_blinds_no_detector_once_its_trip_has_lapsed() {
    let mut site = Site::new();
    let mut council = bulkhead_testbed::council_config(&site.protocol.members);
    council.trip_seconds = 3_600;
    let by = site.protocol.mature(&mut site.machine, &council);
    site.must(ix::change_council(by, council));
    for number in 0..60 {
        site.tick(LEVEL + number % 2 * 5_000_000);
    }
    let held = u128::from(site.machine.balance(&site.protocol.custody()));
    let hole = |site: &mut Site, missing: u128| {
        write_liabilities(&mut site.machine, &site.protocol, held + missing);
        for _ in 0..3 {
            let observe = observe_solvency(&site.protocol);
            site.must(observe);
            site.machine.warp_seconds(60);
        }
    };
    site.tick(LEVEL * 6 / 5);
    site.set_admin("intern");
    assert!(site.look());
    hole(&mut site, 50_000);
    let detectors = [site.price, site.watch, site.solvency];
    for detector in detectors {
        assert!(site.is_latched(detector));
        site.carry(detector);
    }
    site.set_admin("admin");
    site.look();
    hole(&mut site, 0);
    site.machine.warp_seconds(3_600);
    let incident = site.protocol.state(&site.machine).open_incident;
    site.must(ix::close_lapsed_incident(site.protocol.domain, incident));
    site.tick(LEVEL);
    site.carry(site.price);
    site.machine.warp_seconds(3_600);
    let incident = site.protocol.state(&site.machine).open_incident;
    site.must(ix::close_lapsed_incident(site.protocol.domain, incident));
    assert!(site.is_open());
    // Every latch of the false alarms is in force still.
    site.tick(LEVEL * 20);
    site.set_admin("intern");
    site.look();
    hole(&mut site, 50_000);
    for detector in detectors {
        site.carry(detector);
        assert!(!site.is_open());
    }
}

/// Attack: look again at something that was harmless and found long ago. Its alarm lapsed, so nobody has accepted it, and it
/// bears the slot it was first seen in; but the episode that is carried begins now, and so does its breach.
#[test]
fn a_finding_of_a_lapsed_alarm_dates_no_later_theft_back() {
    let mut site = Site::new();
    let authority = site.protocol.mature(&mut site.machine, &rules());
    let open = ix::open_checkpoint_log(authority, site.machine.payer.pubkey(), rules());
    site.must(open);
    site.set_admin("new admin");
    assert!(site.look());
    site.carry(site.watch);
    let first = site.machine.clock().slot;
    site.machine.warp_seconds(73 * 3_600);
    let lapse = ix::close_lapsed_incident(site.protocol.domain, pda::incident(&site.protocol.domain, 0));
    site.must(lapse);
    // Everything from before has been overwritten by now.
    site.machine.warp_seconds(MIN_KEEP_SECONDS);
    let (look, watch) = (
        ix::observe_authority(site.protocol.domain, site.watch, site.admin),
        site.watch,
    );
    let log = pda::checkpoint_log(&site.protocol.domain, LEDGER);
    let mut watched = Watched {
        machine: site.machine,
        protocol: site.protocol,
        log,
    };
    let (slot, tree) = watched.attested(positions(40));
    watched.machine.warp_seconds(3_600);
    let incident = watched.freeze();
    let theft = acts::breach_slot(&watched.machine.load(&incident));
    let carry = ix::propagate_trip(watched.protocol.domain, watched.machine.payer.pubkey(), watch, 1);
    for crank in [look, carry] {
        watched.protocol.must(&mut watched.machine, &[crank], &[]);
    }
    assert_eq!(
        common(&watched.machine, &watch).latch.slot,
        first,
        "no news to an unpause"
    );
    let state: Incident = watched.machine.load(&incident);
    assert_eq!(acts::breach_slot(&state), theft);
    let entries: CheckpointLog = watched.log();
    assert!(checkpoint::require_usable(&entries, slot, theft).is_ok());
    watched
        .open_snapshot(incident, slot, tree.roots())
        .expect("it is from before the breach");
}

/// Attack: the same where the old finding opens the incident, for the theft was not seen yet.
#[test]
fn an_incident_that_an_old_finding_opens_begins_with_its_episode() {
    let mut site = Site::new();
    site.set_admin("new admin");
    assert!(site.look());
    site.carry(site.watch);
    site.machine.warp_seconds(73 * 3_600);
    let lapse = ix::close_lapsed_incident(site.protocol.domain, pda::incident(&site.protocol.domain, 0));
    site.must(lapse);
    site.machine.warp_seconds(86_400);
    assert!(site.look());
    let again = site.machine.clock().slot;
    site.machine.warp_seconds(60);
    site.carry(site.watch);
    let incident = site.protocol.incident(&site.machine);
    assert_eq!(incident.steps[step::BREACH].slot, again);
}
