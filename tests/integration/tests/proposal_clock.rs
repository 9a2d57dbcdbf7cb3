//! The clock of a proposal that enough approvers have approved, when one of them was away or another takes its approval
//! back. Every order of such deeds is in `crates/core/tests/proposal_clock.rs`.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError, instructions::SetLimitArgs};
use bulkhead_client::instructions as ix;
use bulkhead_core::{
    acts::At,
    proposals::proposal::{Progress, Status, progress},
};
use bulkhead_interface::layout::{OutflowBreaker, Proposal};
use bulkhead_testbed::{Machine, Protocol, council_config};
use bulkhead_tests::{refused, world};
use solana_instruction::Instruction;
use solana_signer::Signer;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const NEEDED: u8 = 2;

/// A protocol with a proposal that nobody has approved.
struct Table {
    machine: Machine,
    protocol: Protocol,
    proposal: Pubkey,
    args: SetLimitArgs,
}

impl Table {
    /// Under a council whose members are silent after `heartbeat`. `before` is what was before the proposal.
    fn new(heartbeat: i64, delay: i64, before: impl Fn(&mut Machine, &Protocol)) -> Self {
        let (mut machine, protocol) = world();
        let mut config = council_config(&protocol.members);
        config.heartbeat_seconds = heartbeat;
        for policy in &mut config.policies {
            (policy.delay_seconds, policy.expiry_seconds) = (delay, 60 * DAY);
        }
        let authority = protocol.mature(&mut machine, &config);
        protocol.must(&mut machine, &[ix::change_council(authority, config)], &[]);
        before(&mut machine, &protocol);
        let args = SetLimitArgs {
            breaker: protocol.vault.breaker,
            limit: 50_000,
            slot_limit: 50_000,
            ..SetLimitArgs::default()
        };
        Self {
            proposal: protocol.propose(&mut machine, &args),
            machine,
            protocol,
            args,
        }
    }

    fn beat(&mut self, members: &[usize]) {
        beat(&mut self.machine, &self.protocol, members);
    }

    fn approve(&mut self, member: usize) {
        let approve = self.protocol.approve(&self.machine, &self.proposal, member);
        self.protocol
            .must(&mut self.machine, &[approve], &[&self.protocol.members[member]]);
        self.machine.next_slot();
    }

    fn has_approved(&mut self, member: usize) {
        let approve = self.protocol.approve(&self.machine, &self.proposal, member);
        let sent = self.machine.send(&[approve], &[&self.protocol.members[member]]);
        refused(sent, BulkheadError::AlreadyApproved);
        self.machine.next_slot();
    }

    fn withdraw(&mut self, member: usize) {
        let member = &self.protocol.members[member];
        let withdraw = ix::withdraw_approval(self.protocol.domain, member.pubkey(), self.proposal);
        self.protocol.must(&mut self.machine, &[withdraw], &[member]);
        self.machine.next_slot();
    }

    fn state(&self) -> Proposal {
        self.machine.load(&self.proposal)
    }

    fn progress(&self) -> Progress {
        let at = At {
            slot: self.machine.clock().slot,
            now: self.machine.clock().unix_timestamp,
        };
        progress(&self.state(), &self.protocol.council(&self.machine), at)
    }

    fn execution(&self) -> Instruction {
        let authority = ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal),
        };
        ix::set_limit(authority, self.args.clone())
    }

    /// Enough approve and count, no clock runs, and that is what is shown.
    fn lacks_a_clock(&mut self, eligible: u32) {
        let shown = self.progress();
        assert_eq!(
            (shown.status, shown.eta, shown.needed),
            (Status::Collecting, None, NEEDED)
        );
        assert!(shown.eligible.count_ones() == eligible && shown.lacks_a_clock());
        let run = self.execution();
        refused(self.machine.send(&[run], &[]), BulkheadError::NotApproved);
        self.machine.next_slot();
    }

    /// Its delay runs from `since` on, and then it is executed.
    fn runs_since(&mut self, since: i64, delay: i64, there: &[usize]) {
        assert_eq!(self.state().approved_ts, since);
        let left = |table: &Self| since + delay - 1 - table.machine.clock().unix_timestamp;
        while left(self) > 12 * HOUR {
            self.machine.warp_seconds(12 * HOUR);
            self.beat(there);
        }
        self.machine.warp_seconds(left(self));
        assert_eq!(self.progress().status, Status::Waiting);
        let run = self.execution();
        refused(self.machine.send(&[run], &[]), BulkheadError::DelayNotPassed);
        self.machine.warp_seconds(1);
        let run = self.execution();
        self.protocol.must(&mut self.machine, &[run], &[]);
        assert_eq!(self.machine.load::<OutflowBreaker>(&self.args.breaker).limit, 50_000);
    }
}

fn beat(machine: &mut Machine, protocol: &Protocol, members: &[usize]) {
    for member in members {
        let last = protocol.council(machine).members[*member].last_active_ts;
        let key = &protocol.members[*member];
        let beat = ix::heartbeat(protocol.domain, key.pubkey(), last);
        protocol.must(machine, &[beat], &[key]);
    }
    machine.next_slot();
}

/// Nobody is hostile: one approver was not active for a day when the other approved, and is back.
#[test]
fn an_approver_that_was_away_starts_the_clock_by_approving_again() {
    // The one that was away, the one that was not, and a third.
    for starter in [0, 1, 2] {
        let mut table = Table::new(DAY, HOUR, |_, _| {});
        table.approve(0);
        table.machine.warp_seconds(12 * HOUR);
        table.beat(&[1, 2]);
        table.machine.warp_seconds(13 * HOUR);
        table.approve(1);
        table.has_approved(1);
        for members in [&[0, 1, 2][..]; 3] {
            table.beat(members);
            table.machine.warp_seconds(12 * HOUR + 1);
        }
        table.beat(&[0, 1, 2]);
        table.lacks_a_clock(2);
        let since = table.machine.clock().unix_timestamp;
        table.approve(starter);
        // It runs, and nobody starts it anew.
        table.machine.warp_seconds(60);
        for member in [0, 1] {
            table.has_approved(member);
        }
        table.runs_since(since, HOUR, &[0, 1, 2]);
    }
}

/// One hostile approver takes its approval back, after another who was away has approved: the clock starts once more, and
/// the hostile one has no part in it any more.
#[test]
fn who_takes_an_approval_back_stops_the_clock_once() {
    let delay = 3 * DAY;
    let mut table = Table::new(10 * DAY, delay, |machine, protocol| {
        machine.warp_seconds(9 * DAY);
        beat(machine, protocol, &[0, 1, 2]);
        machine.warp_seconds(2 * DAY);
    });
    table.approve(0);
    table.approve(2);
    table.beat(&[4]);
    table.machine.warp_seconds(DAY + 1);
    table.approve(4);
    table.withdraw(2);
    table.lacks_a_clock(2);
    let since = table.machine.clock().unix_timestamp;
    table.approve(4);
    for _ in 0..3 {
        table.machine.warp_seconds(HOUR);
        table.approve(2);
        table.machine.warp_seconds(HOUR);
        table.withdraw(2);
    }
    table.runs_since(since, delay, &[0, 1, 2, 4]);
}
