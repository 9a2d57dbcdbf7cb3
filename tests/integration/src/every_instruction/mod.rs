//! Every instruction once, in states where it works. The table of compute units and the negative
//! battery both visit them here, so that a new instruction gets both or fails both.

mod authority;
mod ballot_rules;
/// Positions that fill one ingesting transaction: with a lookup table, 64 accounts are the limit.
const BATCH: u32 = 58;
pub mod checkpoints;
mod contagion;
mod custody;
mod detectors;
mod escape;
mod host;
mod insurance;
mod interim;
mod ledgers;
mod messages;
pub mod outflow;
mod proofs;
mod proposals;
mod queue;
mod restoration;
mod setting_up;
mod snapshots;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::*;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{custody::release_list, snapshots::merkle};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    constants::{NOMINATION_SECONDS, VETO_SECONDS, claim_wish},
    layout::{Node, Release, SnapshotShard},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, Protocol, Setup, VOTE_SECONDS, associated_token, council_config, keypair};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    receiver,
    recovery::{LEDGER, Recovery, forge, freeze, of_a_program, positions, positions_of_one_shard},
    world, world_with,
};

/// What is done with every instruction.
pub trait Visitor {
    /// `instruction` would work now. Whatever is tried here must leave the machine as it was.
    fn ready(&mut self, _machine: &mut Machine, _row: &str, _instruction: &Instruction, _signers: &[&Keypair]) {}
    /// It worked, just now.
    fn worked(&mut self, _machine: &mut Machine, _row: &str) {}
    /// What it cost.
    fn done(&mut self, _row: &str, _compute_units: u64) {}
}

/// Visits every instruction. A row is an instruction's name, or that and a second path of it.
pub fn visit(visitor: &mut dyn Visitor) {
    setting_up::visit(visitor);
    proposals::visit(visitor);
    custody::visit(visitor);
    queue::visit(visitor);
    outflow::visit(visitor);
    contagion::visit(visitor);
    messages::visit(visitor);
    detectors::visit(visitor);
    checkpoints::visit(visitor);
    snapshots::visit(visitor);
    restoration::visit(visitor);
    restoration::claim_of_a_million(visitor);
    authority::visit(visitor);
    ledgers::visit(visitor);
    host::visit(visitor);
    interim::visit(visitor);
    escape::visit(visitor);
    proofs::visit(visitor);
    insurance::visit(visitor);
    ballot_rules::visit(visitor);
}

struct Bench<'a> {
    visitor: &'a mut dyn Visitor,
    machine: Machine,
    protocol: Protocol,
}

impl<'a> Bench<'a> {
    fn new(visitor: &'a mut dyn Visitor, setup: &Setup) -> Self {
        let (machine, protocol) = world_with(setup);
        Self {
            visitor,
            machine,
            protocol,
        }
    }

    /// Shows it to the visitor, sends it, and says what it cost.
    fn row(&mut self, row: &str, instruction: Instruction, signers: &[&Keypair]) -> u64 {
        self.visitor.ready(&mut self.machine, row, &instruction, signers);
        let cost = self.send(instruction, signers);
        self.visitor.done(row, cost);
        self.visitor.worked(&mut self.machine, row);
        cost
    }

    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> u64 {
        self.protocol
            .must(&mut self.machine, &[instruction], signers)
            .compute_units
    }

    fn payer(&self) -> Pubkey {
        self.machine.payer.pubkey()
    }

    fn member(&self, index: usize) -> Keypair {
        self.protocol.members[index].insecure_clone()
    }
}
