//! An unpause takes away what was known when it was proposed: detectors that latch again and again void none, and none opens
//! what has come since.

mod decided_incidents;
mod latched_again;
mod later_decisions;

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
use bulkhead_core::{acts::At, detectors::latch, proposals::proposal::Status};
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
        let number = bulkhead_core::pause::incident::number_for_alarm(&domain);
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
