//! Attack: void a matured resume by carrying a known latch again. The test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{OpenAuthorityWatchArgs, OpenPriceBreakerArgs, ResumeArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::latch;
use bulkhead_guard::effective_mask;
use bulkhead_interface::{
    constants::{kind, phase, route_fault, watch_kind},
    layout::{Detector, Vault},
};
use bulkhead_sim::{DELAY_SECONDS, Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    detectors::{
        COMPARTMENT, PACE, Update, configure, in_set_up, observe_solvency, post, price_breaker, program_args,
        propagate, pyth_args, solvency_args, watch, write, write_liabilities,
    },
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
            ix::activate_domain(protocol.namespace.pubkey()),
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
        let lifted = self.protocol.board(&self.machine).lifted_slot;
        latch::is_in_force(&common(&self.machine, &detector).latch, lifted, self.now())
    }

    fn carry(&mut self, detector: Pubkey) {
        let crank = propagate(&self.machine, &self.protocol, detector);
        self.must(crank);
    }

    /// Carrying the newer finding is not possible: the latch is on the board already.
    fn carries_nothing(&mut self, detector: Pubkey) {
        let crank = propagate(&self.machine, &self.protocol, detector);
        assert!(self.machine.send(&[crank], &[]).is_err());
    }

    /// Confirmed, and a resume approved a slot later; not waited for.
    fn held_with_a_resume(&mut self) -> Instruction {
        let incident = self.protocol.state(&self.machine).open_incident;
        self.protocol.confirm(&mut self.machine, incident);
        self.machine.next_slot();
        let args = ResumeArgs { incident };
        let proposal = self.protocol.propose(&mut self.machine, kind::RESUME, &args);
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

/// After a lift in part a further resume names the decided incident. A stranger carries the newer latch once more, whenever
/// he likes: it gets an incident of its own, and the resume that has matured, and knew of that latch, is void.
#[test]
fn a_stranger_voids_a_matured_resume_by_carrying_a_known_latch_again() {
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.carry(site.watch);
    let first = site.held_with_a_resume();
    site.machine.warp_seconds(DELAY_SECONDS);
    site.tick(LEVEL * 2);
    site.carry(site.price);
    site.must(first);
    assert_eq!(site.protocol.state(&site.machine).state, phase::ALERT);
    site.machine.next_slot();
    let args = ResumeArgs {
        incident: site.protocol.state(&site.machine).open_incident,
    };
    let by = site.protocol.mature(&mut site.machine, kind::RESUME, &args);
    // All that is in force was known to it, and nothing has been seen since.
    let domain = site.protocol.state(&site.machine);
    let number = bulkhead_core::incident::number_for_alarm(&domain);
    let again = ix::propagate_trip(site.protocol.domain, site.machine.payer.pubkey(), site.price, number);
    site.must(again);
    bulkhead_tests::refused(
        site.machine.send(&[ix::resume(by, args)], &[]),
        bulkhead::error::BulkheadError::IncidentNotOpen,
    );
}
