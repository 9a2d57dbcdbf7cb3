//! 6900: what the domain has its host do.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    error::BulkheadError as E,
    instructions::{
        RegisterDirectVaultArgs, RegisterEmergencyActionArgs, RegisterEmergencyBuildArgs, RegisterEmergencyStepsArgs,
        UpgradeHostArgs,
    },
};
use bulkhead_client::{
    emergency::pieces,
    instructions::{self as ix, RunKeys},
};
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{detectors::write_program_data, upgrades, world};
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
    (E::ProgramLocked, || {
        let mut table = Table::new();
        let program_data = keypair("program data").pubkey();
        write_program_data(&mut table.machine, &program_data, 1, Some(&table.protocol.domain));
        let mut stored = table.look(0);
        stored.accounts.push(StoredAccount {
            pubkey: program_data,
            is_signer: false,
            is_writable: true,
        });
        let args = RegisterEmergencyActionArgs {
            index: 0,
            instruction: stored.clone(),
        };
        let payer = table.machine.payer.pubkey();
        let authority = table.protocol.mature(&mut table.machine, &args);
        table.send(ix::register_emergency_action(authority, payer, args))?;
        let run = ix::run_emergency_action(table.protocol.domain, table.guardian(), 0, &stored);
        table.send(run)
    }),
    (E::WrongSource, || {
        let mut host = Host::new();
        host.stored.accounts[0].is_writable = false;
        host.register()
    }),
    (E::UndeclaredAccount, || {
        let mut host = Host::new();
        let pubkey = host.table.protocol.mint;
        host.stored.accounts.push(StoredAccount {
            pubkey,
            is_signer: false,
            is_writable: true,
        });
        host.register()?;
        host.evacuate()
    }),
    (E::TooLittleArrived, || {
        let mut host = Host::new();
        host.stored = host.transfer(499);
        host.register()?;
        host.evacuate()
    }),
    (E::RouteChanged, || {
        // The token program, as the host, makes somebody else the holder of the route.
        let mut host = Host::new();
        let thief = keypair("thief").pubkey();
        let route = host.table.protocol.recovery_account;
        let domain = host.table.protocol.domain;
        let kind = spl::AuthorityType::AccountOwner;
        let grab = spl::set_authority(&TOKEN_PROGRAM, &route, Some(&thief), kind, &domain, &[]);
        let source = host.stored.accounts[0].clone();
        host.stored = ix::stored(&grab.expect("it is well formed"));
        host.stored.accounts.push(source);
        host.register()?;
        host.evacuate()
    }),
    (E::ForeignBuffer, || {
        let mut program = Program::new();
        let thief = keypair("thief").pubkey();
        upgrades::buffer(
            &mut program.table.machine,
            &program.buffer,
            Some(&thief),
            &program.build,
        );
        program.upgrade()
    }),
    (E::BuildMismatch, || {
        let mut program = Program::new();
        let domain = program.table.protocol.domain;
        upgrades::buffer(
            &mut program.table.machine,
            &program.buffer,
            Some(&domain),
            b"other code",
        );
        program.upgrade()
    }),
    (E::NotUpgradable, || {
        let mut program = Program::new();
        program.deploy(None, program.build.len(), 5);
        program.upgrade()
    }),
    (E::ProgramTooShort, || {
        let mut program = Program::new();
        let domain = program.table.protocol.domain;
        let longer = [program.build.clone(), vec![0; 100]].concat();
        upgrades::buffer(&mut program.table.machine, &program.buffer, Some(&domain), &longer);
        program.upgrade()
    }),
    (E::DeployedThisSlot, || {
        let mut program = Program::new();
        let upgrade = program.matured();
        let domain = program.table.protocol.domain;
        let slot = program.table.machine.clock().slot;
        program.deploy(Some(domain), program.build.len(), slot);
        program.table.send(upgrade)
    }),
    (E::BuildNotConfirmed, || {
        let mut program = Program::new();
        program.register_build()?;
        let deploy = ix::deploy_emergency_build(ix::UpgradeKeys {
            domain: program.table.protocol.domain,
            program: program.key,
            buffer: program.buffer,
            spill: program.key,
        });
        program.table.send(deploy)
    }),
];

/// A host that keeps its tokens itself and lets the domain spend them: its instruction is the token program's.
struct Host {
    table: Table,
    stored: StoredInstruction,
}

impl Host {
    fn new() -> Self {
        let mut table = Table::new();
        let (host, source) = (keypair("host"), Self::source());
        let (mint, domain) = (table.protocol.mint, table.protocol.domain);
        table.machine.create_token_account(&source, &mint, &host.pubkey(), 500);
        let approve = spl::approve(&TOKEN_PROGRAM, &source, &domain, &host.pubkey(), &[], 500);
        table
            .machine
            .send(&[approve.expect("it is well formed")], &[&host])
            .expect("the host's own");
        let mut new = Self {
            stored: table.look(0),
            table,
        };
        new.stored = new.transfer(500);
        new
    }

    fn source() -> Pubkey {
        keypair("the host's tokens").pubkey()
    }

    fn transfer(&self, amount: u64) -> StoredInstruction {
        let (route, domain) = (self.table.protocol.recovery_account, self.table.protocol.domain);
        let transfer = spl::transfer(&TOKEN_PROGRAM, &Self::source(), &route, &domain, &[], amount);
        ix::stored(&transfer.expect("it is well formed"))
    }

    fn register(&mut self) -> Refusal {
        let args = RegisterDirectVaultArgs {
            source: Self::source(),
            route: self.table.protocol.recovery_account,
            ledger: 0,
            least_bps: 10_000,
            instruction: self.stored.clone(),
        };
        let (payer, mint) = (self.table.machine.payer.pubkey(), self.table.protocol.mint);
        self.table.machine.next_slot();
        let authority = self.table.protocol.try_mature(&mut self.table.machine, &args)?;
        self.table.send(ix::register_direct_vault(authority, payer, mint, args))
    }

    fn evacuate(&mut self) -> Refusal {
        let Table { machine, protocol } = &mut self.table;
        let incident = protocol.freeze(machine);
        let payer = machine.payer.pubkey();
        for member in &protocol.members[..2] {
            let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, incident);
            protocol.must(machine, &[confirm], &[member]);
        }
        let ends = (Self::source(), protocol.mint);
        let evacuate = ix::evacuate_direct(protocol.domain, incident, ends, &self.stored);
        self.table.send(evacuate)
    }
}

/// A program whose upgrade authority is the domain, and a buffer with a build.
struct Program {
    table: Table,
    key: Pubkey,
    buffer: Pubkey,
    build: Vec<u8>,
}

impl Program {
    fn new() -> Self {
        let mut new = Self {
            table: Table::new(),
            key: keypair("host program").pubkey(),
            buffer: keypair("buffer").pubkey(),
            build: upgrades::build("bulkhead_export_probe"),
        };
        let domain = new.table.protocol.domain;
        new.deploy(Some(domain), new.build.len(), 5);
        upgrades::buffer(&mut new.table.machine, &new.buffer, Some(&domain), &new.build);
        new
    }

    fn deploy(&mut self, authority: Option<Pubkey>, room: usize, slot: u64) {
        let machine = &mut self.table.machine;
        upgrades::program(machine, &self.key, authority.as_ref(), &self.build, room, slot);
    }

    fn matured(&mut self) -> Instruction {
        let args = UpgradeHostArgs {
            program: self.key,
            buffer_hash: upgrades::hash(&self.build),
            spill: keypair("spill").pubkey(),
        };
        let payer = self.table.machine.payer.pubkey();
        let authority = self.table.protocol.mature(&mut self.table.machine, &args);
        ix::upgrade_host(authority, payer, self.buffer, args)
    }

    fn upgrade(&mut self) -> Refusal {
        let upgrade = self.matured();
        self.table.send(upgrade)
    }

    fn register_build(&mut self) -> Refusal {
        let args = RegisterEmergencyBuildArgs {
            program: self.key,
            build_hash: upgrades::hash(&self.build),
            spill: self.key,
        };
        let payer = self.table.machine.payer.pubkey();
        let authority = self.table.protocol.mature(&mut self.table.machine, &args);
        self.table.send(ix::register_emergency_build(authority, payer, args))
    }
}

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

    fn whole(&self) -> RegisterEmergencyStepsArgs {
        pieces(0, &[self.look(0), self.look(1)], 1_000)
            .expect("it fits")
            .remove(0)
    }

    fn execute(&mut self, piece: RegisterEmergencyStepsArgs) -> Refusal {
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
