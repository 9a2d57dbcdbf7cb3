//! The life of a proposal in the VM: what an approval consents to, when it runs, what ends it.

mod approvals;
mod durable_nonces;
mod endings;
mod payloads;

use anchor_lang::{prelude::Pubkey, solana_program::system_instruction};
use bulkhead::{
    decision::EncodedDecision,
    error::BulkheadError,
    instructions::{CouncilConfig, RegisterEvacuationRouteArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::proposals::proposal::payload_hash;
use bulkhead_interface::{
    ProposalKind,
    constants::{MIN_RUN_SECONDS, proposal_state},
    layout::{OutflowBreaker, Proposal},
};
use bulkhead_testbed::{DELAY_SECONDS, Failure, Machine, Outcome, Protocol, council_config, keypair};
use bulkhead_tests::{refused, world};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

/// A protocol with a proposal to raise its limit.
struct Table {
    machine: Machine,
    protocol: Protocol,
    proposal: Pubkey,
    args: SetLimitArgs,
}

impl Table {
    fn new() -> Self {
        let (mut machine, protocol) = world();
        let args = SetLimitArgs {
            breaker: protocol.vault.breaker,
            limit: 500_000,
            slot_limit: 400_000,
            ..SetLimitArgs::default()
        };
        Self {
            proposal: protocol.propose(&mut machine, &args),
            machine,
            protocol,
            args,
        }
    }

    /// One that both approvers have approved.
    fn approved() -> Self {
        let mut table = Self::new();
        for member in 0..2 {
            table.approve(member).expect("an approver approves");
        }
        table
    }

    /// One that may be executed.
    fn matured() -> Self {
        let mut table = Self::approved();
        table.machine.warp_seconds(DELAY_SECONDS);
        table
    }

    fn state(&self) -> Proposal {
        self.machine.load(&self.proposal)
    }

    fn limit(&self) -> u64 {
        self.machine.load::<OutflowBreaker>(&self.args.breaker).limit
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let members: Vec<_> = self.protocol.members.iter().collect();
        self.machine.send(&[instruction], &members)
    }

    fn approve(&mut self, member: usize) -> Result<Outcome, Failure> {
        self.send(self.protocol.approve(&self.machine, &self.proposal, member))
    }

    fn withdraw(&mut self, member: usize) -> Result<Outcome, Failure> {
        let member = self.protocol.members[member].pubkey();
        self.send(ix::withdraw_approval(self.protocol.domain, member, self.proposal))
    }

    fn veto(&mut self, member: usize) -> Result<Outcome, Failure> {
        let member = self.protocol.members[member].pubkey();
        self.send(ix::veto(self.protocol.domain, member, self.proposal))
    }

    fn authority(&self) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal),
        }
    }

    fn execution(&self) -> Instruction {
        ix::set_limit(self.authority(), self.args.clone())
    }

    fn execute(&mut self) -> Result<Outcome, Failure> {
        self.send(self.execution())
    }

    fn close(&mut self) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        self.send(ix::close_proposal(self.protocol.domain, self.proposal, payer))
    }
}
