//! Attack: the one account with a price is gone for good. Every latch over that loss is news to every proposal, so
//! whoever looks again closes what was resumed, for fees; and a loss that was accepted trips again after an hour in which
//! nobody looked. Each test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::ResumeArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::effective_mask;
use bulkhead_interface::constants::{kind, phase};
use bulkhead_sim::{DELAY_SECONDS, Machine, Protocol, Setup};
use bulkhead_tests::{
    detectors::{COMPARTMENT, configure, host_args, host_price, in_set_up, price_breaker, propagate, write_host_price},
    world_with,
};
use solana_instruction::Instruction;
use solana_signer::Signer;

struct Lost {
    machine: Machine,
    protocol: Protocol,
    breaker: Pubkey,
}

impl Lost {
    fn new(latch_seconds: i64) -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ..Setup::default()
        });
        let now = machine.clock().unix_timestamp;
        write_host_price(&mut machine, &protocol, 5_000_000, now);
        let args = bulkhead::instructions::OpenPriceBreakerArgs {
            latch_seconds,
            ..host_args(&protocol)
        };
        let breaker = price_breaker(&protocol, &args);
        let open = ix::open_price_breaker(in_set_up(&protocol), machine.payer.pubkey(), args);
        for each in [open, ix::activate_domain(protocol.namespace.pubkey())] {
            configure(&mut machine, &protocol, each).expect("set up");
        }
        let mut lost = Self {
            machine,
            protocol,
            breaker,
        };
        lost.look();
        let mut cut = lost.machine.account(&host_price(&lost.protocol)).expect("it exists");
        cut.data.truncate(4);
        lost.machine.write_account(&host_price(&lost.protocol), cut);
        lost
    }

    fn look(&mut self) {
        let observe = ix::observe_price(self.protocol.domain, self.breaker, host_price(&self.protocol));
        self.protocol.must(&mut self.machine, &[observe], &[]);
    }

    /// Two looks a minute apart, then carried by whoever likes to.
    fn trips(&mut self) -> bool {
        self.look();
        self.machine.warp_seconds(61);
        self.look();
        let crank = propagate(&self.machine, &self.protocol, self.breaker);
        self.machine.send(&[crank], &[]).is_ok()
    }

    fn resume(&mut self) -> Instruction {
        let args = ResumeArgs {
            incident: self.protocol.state(&self.machine).open_incident,
        };
        self.machine.next_slot();
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

    fn is_closed(&self) -> bool {
        let board = self
            .machine
            .account(&pda::board(&self.protocol.domain))
            .expect("it exists");
        let now = self.machine.clock().unix_timestamp;
        effective_mask(&board.data, COMPARTMENT, now).expect("a board") != 0
    }
}

#[test]
fn a_loss_that_latches_again_keeps_what_every_resume_lifts_closed() {
    let mut lost = Lost::new(3_600);
    assert!(lost.trips());
    for _ in 0..5 {
        let resume = lost.resume();
        // The latch has run out before the delay has.
        lost.machine.warp_seconds(DELAY_SECONDS - 61);
        assert!(lost.trips(), "the same loss is news");
        lost.machine.next_slot();
        lost.protocol.must(&mut lost.machine, &[resume], &[]);
        assert!(lost.is_closed());
        assert_eq!(lost.protocol.state(&lost.machine).state, phase::ALERT);
    }
}

#[test]
fn a_loss_that_was_accepted_trips_again_after_an_hour_of_silence() {
    let mut lost = Lost::new(24 * 3_600);
    assert!(lost.trips());
    for _ in 0..3 {
        let resume = lost.resume();
        for _ in 0..4 {
            lost.machine.warp_seconds(DELAY_SECONDS / 4);
            lost.look();
        }
        lost.protocol.must(&mut lost.machine, &[resume], &[]);
        assert!(!lost.is_closed());
        assert!(!lost.trips(), "accepted");
        assert!(!lost.is_closed());
        // Nobody looks for an hour and a second.
        lost.machine.warp_seconds(3_601);
        assert!(lost.trips(), "the very loss that was accepted");
        assert!(lost.is_closed());
    }
}
