//! What a breaker measures by besides native limits: bps of a reference, inflow credit, shards, and the
//! view that tells hosts how much may leave. Mostly attempts to get more out of it than it says.

mod inflow;
mod limits;
mod references;
mod shards;
mod standalone;
mod views;

use anchor_lang::{
    AnchorDeserialize,
    prelude::Pubkey,
    solana_program::{
        system_instruction,
        sysvar::instructions::{BorrowedAccountMeta, BorrowedInstruction, construct_instructions_data},
    },
};
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    instructions::{LowerLimitArgs, OpenBreakerArgs, OutflowView, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda, view};
use bulkhead_core::{breakers::window::UNSEEN, transaction::is_standalone};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{VERSION, verdict},
    layout::OutflowBreaker,
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world_with};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Seconds of a sub-window.
const SUB_WINDOW: i64 = 100;
/// Tokens in the reference at first.
const BALANCE: u64 = 1_000_000;

/// A breaker of ten percent of a reference, native limits out of the way, and half a window's credit.
struct Table {
    machine: Machine,
    protocol: Protocol,
    host: Keypair,
    /// Owns the reference, and funds of its own.
    whale: Keypair,
    fortune: Pubkey,
    args: OpenBreakerArgs,
    breaker: Pubkey,
}

impl Table {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl Fn(&mut OpenBreakerArgs)) -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ..Setup::default()
        });
        let (host, whale) = (keypair("metering host"), keypair("whale"));
        let reference = keypair("reference").pubkey();
        machine.create_token_account(&reference, &protocol.mint, &whale.pubkey(), BALANCE);
        let fortune = machine.create_associated(&protocol.mint, &whale.pubkey(), 1_000 * BALANCE);
        let mut args = OpenBreakerArgs {
            compartment: 3,
            shard: 0,
            mint: protocol.mint,
            authority: host.pubkey(),
            sub_windows: 4,
            trip_scope: 3,
            window_seconds: 4 * SUB_WINDOW,
            limit: 800_000,
            slot_limit: 800_000,
            latch_seconds: 60,
            shards: 1,
            limit_bps: 1_000,
            slot_bps: 500,
            reference,
            inflow_credit: 0,
            trip_limit: 800_000,
            trip_bps: 0,
        };
        change(&mut args);
        // No patience: whatever does not fit the window latches.
        args.trip_bps = args.limit_bps;
        let mut table = Self {
            breaker: pda::outflow_breaker(&protocol.domain, args.compartment, &args.mint, args.shard),
            machine,
            protocol,
            host,
            whale,
            fortune,
            args: args.clone(),
        };
        table.open(args).expect("a sound breaker opens");
        let activate = ix::activate_domain(table.protocol.setup_authority.pubkey());
        table
            .protocol
            .must(&mut table.machine, &[activate], &[&table.protocol.setup_authority]);
        table
    }

    fn open(&mut self, args: OpenBreakerArgs) -> Result<bulkhead_testbed::Outcome, bulkhead_testbed::Failure> {
        let authority = ix::Authority {
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let payer = self.machine.payer.pubkey();
        let open = ix::open_breaker(authority, payer, args);
        self.machine.send(&[open], &[&self.protocol.setup_authority])
    }

    fn state(&self) -> OutflowBreaker {
        self.machine.load(&self.breaker)
    }

    fn observe(&self) -> Instruction {
        ix::observe_reference(self.breaker, self.args.reference)
    }

    fn look(&mut self) {
        let observe = self.observe();
        self.protocol.must(&mut self.machine, &[observe], &[]);
    }

    fn meter(&mut self, amount: u64) -> u8 {
        let meter = ix::meter_outflow(self.protocol.domain, self.breaker, self.host.pubkey(), amount);
        self.protocol
            .must(&mut self.machine, &[meter], &[&self.host])
            .return_data[0]
    }

    /// A transfer of the whale's.
    fn transfer(&self, from: &Pubkey, to: &Pubkey, amount: u64) -> Instruction {
        spl_token::instruction::transfer(&spl_token::ID, from, to, &self.whale.pubkey(), &[], amount)
            .expect("a transfer")
    }

    fn deposit(&mut self, amount: u64) {
        let deposit = self.transfer(&self.fortune, &self.args.reference, amount);
        self.protocol.must(&mut self.machine, &[deposit], &[&self.whale]);
    }

    fn withdraw(&mut self, amount: u64) {
        let withdraw = self.transfer(&self.args.reference, &self.fortune, amount);
        self.protocol.must(&mut self.machine, &[withdraw], &[&self.whale]);
    }

    /// What the program answers. It has to be what the client works out from the accounts.
    fn view(&mut self) -> OutflowView {
        let board_key = pda::board(&self.protocol.domain);
        let accounts = [self.breaker, board_key].map(|key| self.machine.account(&key).expect("it exists"));
        let [breaker, board] =
            [(&self.breaker, &accounts[0]), (&board_key, &accounts[1])].map(|(key, account)| view::Fetched {
                key,
                owner: &account.owner,
                data: &account.data,
            });
        let clock = self.machine.clock();
        let expected = view::outflow(&breaker, &board, clock.slot, clock.unix_timestamp);
        let ask = ix::view_outflow(self.protocol.domain, self.breaker);
        let answer = self.protocol.must(&mut self.machine, &[ask], &[]).return_data;
        let answer = OutflowView::try_from_slice(&padded(answer)).expect("an answer");
        assert_eq!(Some(answer), expected, "program and client disagree");
        answer
    }
}

/// The runtime cuts zeroes off the end of return data, as every client has to know.
fn padded(mut data: Vec<u8>) -> Vec<u8> {
    data.resize(5 * 8 + 1, 0);
    data
}

fn compute_budget() -> Pubkey {
    "ComputeBudget111111111111111111111111111111"
        .parse()
        .expect("an address")
}
