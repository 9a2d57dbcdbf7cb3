//! What one member cannot do to the others: count forever, stop forever, take what is everybody's.

mod activity;
mod judged;
mod numbers;
mod vetoes;

use anchor_lang::prelude::Pubkey;
use bulkhead::{decision::EncodedDecision, instructions::CouncilConfig};
use bulkhead_client::instructions as ix;
use bulkhead_interface::layout::{Council, Proposal};
use bulkhead_testbed::{DELAY_SECONDS, Failure, Machine, Outcome, Protocol, council_config, fallback};
use bulkhead_tests::world;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// A protocol, and everybody's keys.
struct Table {
    machine: Machine,
    protocol: Protocol,
    others: Vec<Keypair>,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self {
            machine,
            protocol,
            others: vec![fallback()],
        }
    }

    /// Under another council, put in place by a matured proposal.
    fn with(change: impl Fn(&mut CouncilConfig)) -> Self {
        let mut table = Self::new();
        let mut council = table.config();
        change(&mut council);
        let authority = table.protocol.mature(&mut table.machine, &council);
        table
            .send(ix::change_council(authority, council))
            .expect("it has matured");
        table
    }

    fn config(&self) -> CouncilConfig {
        council_config(&self.protocol.members)
    }

    /// Sent with every signature a test could need; what is not asked for is not signed.
    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let signers: Vec<_> = self.protocol.members.iter().chain(&self.others).collect();
        self.machine.send(&[instruction], &signers)
    }

    fn member(&self, index: usize) -> Pubkey {
        self.protocol.members[index].pubkey()
    }

    fn council(&self) -> Council {
        self.protocol.council(&self.machine)
    }

    fn proposal(&self, key: &Pubkey) -> Proposal {
        self.machine.load(key)
    }

    fn propose(&mut self, decision: impl Into<EncodedDecision>) -> Pubkey {
        self.protocol.propose(&mut self.machine, decision)
    }

    /// The instruction by which this member proposes, and where the proposal will be.
    fn proposing_as(&self, member: usize, decision: impl Into<EncodedDecision>) -> (Instruction, Pubkey) {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let index = self.machine.free_proposal(&domain, &self.member(member));
        let propose = ix::propose(domain, self.member(member), payer, index, decision);
        (
            propose,
            bulkhead_client::pda::proposal(&domain, &self.member(member), index),
        )
    }

    fn propose_as(&mut self, member: usize, decision: impl Into<EncodedDecision>) -> Pubkey {
        let (propose, proposal) = self.proposing_as(member, decision);
        self.send(propose).expect("an approver");
        proposal
    }

    fn vetoes_left(&self, member: usize) -> u8 {
        bulkhead_core::proposals::veto::left(&self.council(), member, self.machine.clock().unix_timestamp)
    }

    fn approve(&mut self, proposal: &Pubkey, members: &[usize]) {
        for member in members {
            let approve = self.protocol.approve(&self.machine, proposal, *member);
            self.send(approve).expect("an approver");
        }
    }

    fn veto(&mut self, proposal: Pubkey, member: usize) -> Result<Outcome, Failure> {
        self.send(ix::veto(self.protocol.domain, self.member(member), proposal))
    }

    fn heartbeat(&mut self, member: usize) -> Result<Outcome, Failure> {
        let last = self.council().members[member].last_active_ts;
        self.send(ix::heartbeat(self.protocol.domain, self.member(member), last))
    }

    fn authority(&self, proposal: Pubkey) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(proposal),
        }
    }

    fn change_council(&mut self, proposal: Pubkey, council: CouncilConfig) -> Result<Outcome, Failure> {
        self.machine.warp_seconds(DELAY_SECONDS);
        self.send(ix::change_council(self.authority(proposal), council))
    }
}
