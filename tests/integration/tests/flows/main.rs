//! The flows of the Rust client on an embedded machine: each is run twice, and the second run sends nothing. The status
//! is read before and after.

mod custody;
mod decisions;
mod hostile_proposer;
mod incident;
mod status;
mod unpause;
mod voting;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    chain::Chain,
    flows::{self, Done, FlowError, Quiet, Session},
    status::{DomainStatus, text},
};
use bulkhead_core::CoreError;
use bulkhead_testbed::{Machine, OnMachine, Protocol, Setup};
use bulkhead_tests::world_with;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Columns of the screen that a status is written for.
const COLUMNS: usize = 100;

/// A protocol on a machine that flows use as a cluster. It holds the keys of all members.
struct World {
    chain: OnMachine,
    protocol: Protocol,
}

impl World {
    fn new() -> Self {
        Self::with(&Setup::default())
    }

    fn with(setup: &Setup) -> Self {
        let (machine, protocol) = world_with(setup);
        Self::of(machine, protocol, &[])
    }

    /// With further keys.
    fn of(machine: Machine, protocol: Protocol, keys: &[&Keypair]) -> Self {
        let members = protocol.members.iter().chain(keys.iter().copied());
        let keys = members.map(Keypair::insecure_clone).collect();
        Self {
            chain: OnMachine::new(machine, keys),
            protocol,
        }
    }

    fn session(&self) -> Session<'_> {
        Session {
            chain: &self.chain,
            report: &Quiet,
            parallel: 4,
        }
    }

    fn domain(&self) -> Pubkey {
        self.protocol.domain
    }

    fn member(&self, index: usize) -> Pubkey {
        self.protocol.members[index].pubkey()
    }

    fn payer(&self) -> Pubkey {
        self.chain.payer()
    }

    fn now(&self) -> i64 {
        self.chain.machine().clock().unix_timestamp
    }

    fn warp(&self, seconds: i64) {
        self.chain.machine().warp_seconds(seconds);
    }

    /// The status. It fits its screen in every state.
    async fn status(&self) -> DomainStatus {
        let status = bulkhead_client::status::read(&self.session(), self.domain()).await;
        let status = status.unwrap_or_else(|error| panic!("{error}"));
        let text = text(&status);
        for line in text.lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
        status
    }

    /// Members 0 and 1 confirm an incident: the domain is frozen.
    async fn freeze(&self) -> Pubkey {
        let session = self.session();
        let mut incident = Pubkey::default();
        for member in 0..2 {
            let confirmed = must(flows::confirm(&session, self.domain(), self.member(member)).await);
            incident = confirmed.incident;
        }
        incident
    }
}

fn must<T>(result: Result<T, FlowError>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// The flow sent so many transactions.
fn sent(done: &Done, number: usize) {
    assert_eq!(done.receipts.len(), number, "{done:?}");
}

/// The flow had nothing to send, and says so.
fn nothing_sent(done: &Done) {
    sent(done, 0);
    assert!(done.skipped > 0, "{done:?}");
}

/// The flow foresaw this refusal. What it says ends with what to do.
fn foreseen<T: std::fmt::Debug>(result: Result<T, FlowError>, expected: CoreError) {
    match result {
        Err(FlowError::Rule(error, text)) => {
            assert_eq!(error, expected, "{text}");
            assert!(text.contains("; "), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

/// The flow waits for somebody or for some time, and says for what.
fn not_yet<T: std::fmt::Debug>(result: Result<T, FlowError>) -> String {
    match result {
        Err(FlowError::NotYet { next, .. }) => next,
        other => panic!("{other:?}"),
    }
}

/// A daemon runs flows as tasks of their own, on any thread.
#[test]
fn flows_can_run_on_any_thread() {
    fn is_send(_: impl Send) {}
    let world = World::new();
    let (session, domain, key) = (world.session(), world.domain(), world.member(0));
    let decision = || bulkhead::instructions::ResumeArgs { incident: key }.into();
    is_send(flows::pause(&session, domain, key, 255, 0));
    is_send(flows::lapse(&session, domain));
    is_send(flows::confirm(&session, domain, key));
    is_send(flows::confirm_evacuation(&session, domain, key));
    is_send(flows::evacuate(&session, domain));
    is_send(flows::propose(&session, domain, key, decision()));
    is_send(flows::approve(&session, key, key, [0; 32]));
    is_send(flows::withdraw(&session, key, key));
    is_send(flows::veto(&session, key, key));
    is_send(flows::execute(&session, key, key));
    is_send(flows::execution(&session, key, key));
    is_send(flows::advance(&session, domain, key, decision()));
    is_send(flows::resume(&session, domain, key));
    is_send(flows::reopen(&session, domain, key, 10_000, 0));
    is_send(flows::open_ballot_with(&session, domain, key, 0, &[key]));
    is_send(flows::vote(&session, domain, key, key, 0, 1));
    is_send(flows::heartbeat(&session, domain, key));
    is_send(flows::propagate(&session, domain));
    is_send(flows::settle_releases(&session, domain));
    is_send(flows::close_leftovers(&session, domain, key));
    is_send(bulkhead_client::status::read(&session, domain));
}
