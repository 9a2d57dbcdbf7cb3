//! 6900: what the domain has its host do.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{call::StoredInstruction, error::BulkheadError as E};
use bulkhead_client::{
    emergency::pieces,
    instructions::{self as ix, RunKeys},
};
use bulkhead_testbed::{Machine, Protocol};
use bulkhead_tests::world;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use crate::{Case, Refusal};

pub const CASES: &[Case] = &[
    (E::ActionHasSteps, || {
        let mut table = Table::new();
        table.register(2);
        let run = ix::run_emergency_action(table.protocol.domain, table.guardian(), 0, &table.look(0));
        table.send(run)
    }),
    (E::ActionIncomplete, || {
        let mut table = Table::new();
        table.register(1);
        table.start()
    }),
    (E::StepsMismatch, || {
        let mut table = Table::new();
        table.register(2);
        table.register_from(1)
    }),
    (E::StepNotNext, || {
        let mut table = Table::new();
        table.register(2);
        table.start()?;
        table.step(1)
    }),
    (E::RunOver, || {
        let mut table = Table::new();
        table.register(2);
        table.start()?;
        table.step(0)?;
        table.step(1)?;
        table.step(0)
    }),
];

/// A domain that can have an action of two steps, each of which changes nothing.
struct Table {
    machine: Machine,
    protocol: Protocol,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self { machine, protocol }
    }

    fn guardian(&self) -> Pubkey {
        self.protocol.members[0].pubkey()
    }

    fn look(&self, byte: u8) -> StoredInstruction {
        ix::stored(&Instruction {
            program_id: TOKEN_PROGRAM,
            accounts: vec![AccountMeta::new_readonly(self.protocol.mint, false)],
            // `GetAccountDataSize`
            data: vec![21, byte, 0],
        })
    }

    /// Registers the first steps.
    fn register(&mut self, count: usize) {
        let mut piece = self.whole();
        piece.instructions.truncate(count);
        self.execute(piece).expect("it has matured");
    }

    fn register_from(&mut self, first: u8) -> Refusal {
        let mut piece = self.whole();
        piece.instructions.drain(..usize::from(first));
        piece.first = first;
        self.execute(piece)
    }

    fn whole(&self) -> bulkhead::instructions::RegisterEmergencyStepsArgs {
        pieces(0, &[self.look(0), self.look(1)], 1_000)
            .expect("it fits")
            .remove(0)
    }

    fn execute(&mut self, piece: bulkhead::instructions::RegisterEmergencyStepsArgs) -> Refusal {
        let payer = self.machine.payer.pubkey();
        let authority = self.protocol.mature(&mut self.machine, &piece);
        self.send(ix::register_emergency_steps(authority, payer, piece))
    }

    fn start(&mut self) -> Refusal {
        let (payer, hash) = (self.machine.payer.pubkey(), self.whole().whole_hash);
        self.send(ix::start_emergency_run(
            self.protocol.domain,
            self.guardian(),
            payer,
            0,
            hash,
        ))
    }

    fn step(&mut self, step: u8) -> Refusal {
        let keys = RunKeys {
            domain: self.protocol.domain,
            index: 0,
            guardian: self.guardian(),
            starter: self.guardian(),
        };
        self.send(ix::run_emergency_step(keys, step, &self.look(step)))
    }

    fn send(&mut self, instruction: Instruction) -> Refusal {
        self.machine.send(&[instruction], &[&self.protocol.members[0]])
    }
}
