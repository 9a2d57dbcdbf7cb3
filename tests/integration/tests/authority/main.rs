//! Who counts, for how long, and what happens when nobody does.

mod activity;
mod edits;
mod fallback_council;
mod pause_rights;

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::EncodedDecision,
    error::BulkheadError,
    instructions::{CouncilConfig, GrantRightsArgs, LowerLimitArgs, MemberConfig, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    ProposalKind,
    constants::{MAX_PAYLOAD, MIN_FALLBACK_DELAY_SECONDS, REVIVAL_SECONDS, phase, role},
    layout::{Council, Proposal},
};
use bulkhead_testbed::{
    DELAY_SECONDS, FALLBACK_SECONDS, Failure, HEARTBEAT_SECONDS, Machine, Outcome, Protocol, council_config, fallback,
    keypair,
};
use bulkhead_tests::{refused, world};
use solana_instruction::Instruction;
use solana_signer::Signer;

const DAY: i64 = 86_400;

struct Table {
    machine: Machine,
    protocol: Protocol,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self { machine, protocol }
    }

    /// Under another council, put in place by a matured proposal.
    fn with(change: impl Fn(&mut CouncilConfig)) -> Self {
        let mut table = Self::new();
        let mut council = council_config(&table.protocol.members);
        change(&mut council);
        let authority = table.protocol.mature(&mut table.machine, &council);
        table
            .send(ix::change_council(authority, council))
            .expect("it has matured");
        table
    }

    /// Sent with every signature a test could need; what is not asked for is not signed.
    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let fallback = fallback();
        let signers: Vec<_> = self.protocol.members.iter().chain([&fallback]).collect();
        self.machine.send(&[instruction], &signers)
    }

    fn member(&self, index: usize) -> Pubkey {
        self.protocol.members[index].pubkey()
    }

    fn heartbeat(&mut self, member: usize) -> Result<Outcome, Failure> {
        let last_active_ts = self.council().members[member].last_active_ts;
        self.send(ix::heartbeat(self.protocol.domain, self.member(member), last_active_ts))
    }

    fn pause(&mut self, member: usize) -> Result<Outcome, Failure> {
        self.send(ix::pause(self.protocol.domain, self.member(member), 3, 0))
    }

    fn approve(&mut self, proposal: &Pubkey, member: usize) -> Result<Outcome, Failure> {
        self.send(self.protocol.approve(&self.machine, proposal, member))
    }

    fn raise(&self) -> SetLimitArgs {
        SetLimitArgs {
            breaker: self.protocol.vault.breaker,
            limit: 500_000,
            slot_limit: 400_000,
            ..SetLimitArgs::default()
        }
    }

    fn authority(&self, proposal: Pubkey) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(proposal),
        }
    }

    fn council(&self) -> Council {
        self.protocol.council(&self.machine)
    }

    /// The fallback proposes a council.
    fn fallback_proposes(&mut self, decision: impl Into<EncodedDecision>) -> Result<Pubkey, Failure> {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let index = self.machine.free_proposal(&domain, &fallback().pubkey());
        self.send(ix::propose(domain, fallback().pubkey(), payer, index, decision))?;
        Ok(pda::proposal(&domain, &fallback().pubkey(), index))
    }

    fn fallback_approves(&mut self, proposal: Pubkey) -> Result<Outcome, Failure> {
        let state: Proposal = self.machine.load(&proposal);
        let (hash, slot) = (state.payload_hash, state.created_slot);
        self.send(ix::approve(
            self.protocol.domain,
            fallback().pubkey(),
            proposal,
            hash,
            slot,
        ))
    }

    /// A council of new keys.
    fn successors(&self) -> CouncilConfig {
        let members: Vec<_> = (0..5).map(|index| keypair(&format!("successor {index}"))).collect();
        council_config(&members)
    }

    /// Everybody has been silent for so long that the fallback may act.
    fn abandoned() -> Self {
        let mut table = Self::new();
        table.machine.warp_seconds(HEARTBEAT_SECONDS + FALLBACK_SECONDS + 1);
        table
    }
}

fn lowered(limit: u64) -> LowerLimitArgs {
    LowerLimitArgs {
        limit,
        slot_limit: 50_000,
        ..LowerLimitArgs::default()
    }
}
