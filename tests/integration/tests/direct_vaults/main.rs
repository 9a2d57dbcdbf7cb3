//! Tokens that the host keeps itself: evacuated by the host's own instruction, judged by its effect. The host here does
//! whatever its instruction says.

mod exchange;
mod hostile;
mod registering;
mod token_2022;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    error::BulkheadError as E,
    instructions::{RegisterDirectVaultArgs, ResumeArgs},
};
use bulkhead_client::{
    flows::{self, Quiet, Session},
    instructions as ix, pda,
};
use bulkhead_hostile_host::{AS_IT_IS, Call, pda as holder_of, script};
use bulkhead_interface::layout::{DirectVault, Incident};
use bulkhead_testbed::{Failure, Machine, OnMachine, Outcome, Protocol, deploy_dir, keypair};
use bulkhead_tests::{
    recovery::{Recovery, positions},
    refused, world,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What the host holds.
const HELD: u64 = 500_000;
/// `Transfer` of a token program.
const TRANSFER: u8 = 3;

/// Numbers of the accounts of the host's instruction.
mod place {
    pub const PROGRAM: u8 = 0;
    pub const SOURCE: u8 = 1;
    pub const ROUTE: u8 = 2;
    pub const HOLDER: u8 = 3;
    pub const DOMAIN: u8 = 4;
    /// Whatever a test adds.
    pub const MORE: u8 = 5;
}

/// A domain whose host keeps its tokens itself.
struct Table {
    machine: Machine,
    protocol: Protocol,
    /// The host's program.
    host: Pubkey,
    source: Pubkey,
    token_program: Pubkey,
    mint: Pubkey,
    route: Pubkey,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self::of(machine, protocol)
    }

    fn of(mut machine: Machine, protocol: Protocol) -> Self {
        let host = keypair("hostile host").pubkey();
        let path = deploy_dir().join("bulkhead_hostile_host.so");
        let added = machine.svm.add_program_from_file(host, path);
        added.expect("run `make build` first");
        let source = keypair("the host's tokens").pubkey();
        machine.create_token_account(&source, &protocol.mint, &holder_of(&host), HELD);
        Self {
            host,
            source,
            token_program: TOKEN_PROGRAM,
            mint: protocol.mint,
            route: protocol.recovery_account,
            machine,
            protocol,
        }
    }

    /// Calls that move everything.
    fn everything(&self) -> Call {
        Call {
            program: place::PROGRAM,
            accounts: vec![
                (place::SOURCE, false, true),
                (place::ROUTE, false, true),
                (place::HOLDER, true, false),
            ],
            data: [vec![TRANSFER], vec![0; 8]].concat(),
            amount_of: place::SOURCE,
        }
    }

    /// A call that moves `amount` from one account to another, as the host's PDA or as the domain.
    fn transfer(from: u8, to: u8, amount: u64, by: u8) -> Call {
        Call {
            program: place::PROGRAM,
            accounts: vec![(from, false, true), (to, false, true), (by, true, false)],
            data: [vec![TRANSFER], amount.to_le_bytes().to_vec()].concat(),
            amount_of: AS_IT_IS,
        }
    }

    /// The host's instruction: these calls, with further accounts.
    fn calling(&self, calls: &[Call], more: &[(Pubkey, bool)]) -> StoredInstruction {
        let account = |pubkey: Pubkey, is_signer, is_writable| StoredAccount {
            pubkey,
            is_signer,
            is_writable,
        };
        let own = [
            account(self.token_program, false, false),
            account(self.source, false, true),
            account(self.route, false, true),
            account(holder_of(&self.host), false, false),
            account(self.protocol.domain, true, false),
        ];
        let more = more.iter().map(|(key, is_writable)| account(*key, false, *is_writable));
        StoredInstruction {
            program_id: self.host,
            accounts: own.into_iter().chain(more).collect(),
            data: script(calls),
        }
    }

    fn honest(&self) -> StoredInstruction {
        self.calling(&[self.everything()], &[])
    }

    fn args(&self, instruction: StoredInstruction) -> RegisterDirectVaultArgs {
        RegisterDirectVaultArgs {
            source: self.source,
            route: self.route,
            ledger: 0,
            least_bps: 10_000,
            instruction,
        }
    }

    fn register(&mut self, args: RegisterDirectVaultArgs) -> Result<Outcome, Failure> {
        self.machine.next_slot();
        let payer = self.machine.payer.pubkey();
        let authority = self.protocol.try_mature(&mut self.machine, &args)?;
        let register = ix::register_direct_vault(authority, payer, self.mint, args);
        self.send(&[register])
    }

    /// A direct vault with this instruction, in a frozen domain whose evacuation is confirmed.
    fn confirmed(instruction: impl Fn(&Self) -> StoredInstruction) -> (Self, StoredInstruction, Pubkey) {
        let mut table = Self::new();
        let stored = instruction(&table);
        let args = table.args(stored.clone());
        table.register(args).expect("it has matured");
        let incident = table.freeze();
        (table, stored, incident)
    }

    fn freeze(&mut self) -> Pubkey {
        let incident = self.protocol.freeze(&mut self.machine);
        self.confirm(incident, 2);
        incident
    }

    fn confirm(&mut self, incident: Pubkey, guardians: usize) {
        let payer = self.machine.payer.pubkey();
        for member in &self.protocol.members[..guardians] {
            let confirm = ix::confirm_evacuation(self.protocol.domain, member.pubkey(), payer, incident);
            self.protocol.must(&mut self.machine, &[confirm], &[member]);
        }
    }

    fn evacuating(&self, incident: Pubkey, stored: &StoredInstruction) -> Instruction {
        ix::evacuate_direct(self.protocol.domain, incident, (self.source, self.mint), stored)
    }

    fn evacuate(&mut self, incident: Pubkey, stored: &StoredInstruction) -> Result<Outcome, Failure> {
        let evacuate = self.evacuating(incident, stored);
        self.send(&[evacuate])
    }

    fn send(&mut self, instructions: &[Instruction]) -> Result<Outcome, Failure> {
        self.machine.send(instructions, &[])
    }

    fn vault(&self) -> DirectVault {
        let key = pda::direct_vault(&self.protocol.domain, &self.source);
        let data = self.machine.account(&key).expect("it is registered").data;
        bytemuck::pod_read_unaligned(&data[8..8 + size_of::<DirectVault>()])
    }

    fn balances(&self) -> (u64, u64) {
        (self.machine.balance(&self.source), self.machine.balance(&self.route))
    }
}

#[test]
fn what_the_host_keeps_is_moved_and_accounted_for() {
    let (mut table, stored, incident) = Table::confirmed(Table::honest);
    let before = table.balances().1;
    let outcome = table.evacuate(incident, &stored).expect("it is confirmed");
    println!("evacuate_direct with a script host: {} CU", outcome.compute_units);
    assert_eq!(table.balances(), (0, before + HELD));
    let row = table.vault().evacuation;
    assert_eq!((row.incident, row.destination), (incident, table.route));
    assert_eq!((row.before, row.moved, row.fee, row.after), (HELD, HELD, 0, 0));
    assert_eq!(table.machine.load::<Incident>(&incident).evacuated, HELD);
    // What arrives later is moved again, and added to the same row.
    refused(table.evacuate(incident, &stored), E::NothingToMove);
    table.machine.mint_to(&table.mint.clone(), &table.source.clone(), 70);
    table.evacuate(incident, &stored).expect("there is something again");
    let row = table.vault().evacuation;
    assert_eq!(
        (row.before, row.moved, row.fee, row.after),
        (HELD + 70, HELD + 70, 0, 0)
    );
    assert_eq!(table.vault().evacuations, 1);
}

#[test]
fn nothing_moves_before_the_threshold_and_after_the_incident() {
    let mut table = Table::new();
    let stored = table.honest();
    table.register(table.args(stored.clone())).expect("it has matured");
    let incident = table.protocol.freeze(&mut table.machine);
    assert!(table.evacuate(incident, &stored).is_err(), "nobody has confirmed");
    table.confirm(incident, 1);
    refused(table.evacuate(incident, &stored), E::EvacuationNotConfirmed);
    assert_eq!(table.balances().0, HELD);
    let payer = table.machine.payer.pubkey();
    let second = &table.protocol.members[1];
    let confirm = ix::confirm_evacuation(table.protocol.domain, second.pubkey(), payer, incident);
    table.protocol.must(&mut table.machine, &[confirm], &[second]);
    let args = ResumeArgs { incident };
    let resume = table.protocol.mature(&mut table.machine, &args);
    table.send(&[ix::resume(resume, args)]).expect("it has matured");
    refused(table.evacuate(incident, &stored), E::IncidentNotOpen);
    assert_eq!(table.balances().0, HELD);
}

#[test]
fn an_empty_source_begins_the_record_of_a_later_incident_with_what_is_still_there() {
    let (mut table, stored, incident) = Table::confirmed(Table::honest);
    table.evacuate(incident, &stored).expect("it is confirmed");
    let args = ResumeArgs { incident };
    let resume = table.protocol.mature(&mut table.machine, &args);
    table.send(&[ix::resume(resume, args)]).expect("it has matured");
    table.machine.warp_seconds(3 * 86_400);
    let later = table.freeze();
    table.evacuate(later, &stored).expect("nothing to move, but a record");
    let row = table.vault().evacuation;
    assert_eq!((row.incident, row.before, row.moved), (later, HELD, HELD));
}

/// The host uses some of its tokens between two moves: the second still adds up.
#[test]
fn what_the_host_used_in_between_is_not_held_against_a_second_move() {
    let half = HELD / 2;
    let (mut table, _, _) = Table::confirmed(Table::honest);
    // Registered again in the incident, by governance: half of it has to arrive.
    let stored = table.calling(
        &[Table::transfer(place::SOURCE, place::ROUTE, half, place::HOLDER)],
        &[],
    );
    let args = RegisterDirectVaultArgs {
        least_bps: 5_000,
        ..table.args(stored.clone())
    };
    table.register(args).expect("it has matured");
    let incident = pda::incident(&table.protocol.domain, 0);
    table.evacuate(incident, &stored).expect("half");
    let row = table.vault().evacuation;
    assert_eq!((row.before, row.moved, row.after), (HELD, half, half));
    // The host spends a tenth, and gets nothing back.
    let source = table.source;
    let mut account = table.machine.account(&source).expect("it exists");
    account.data[64..72].copy_from_slice(&(half - 50_000 + 100_000).to_le_bytes());
    table.machine.write_account(&source, account.clone());
    table.evacuate(incident, &stored).expect("more has come in");
    account.data[64..72].copy_from_slice(&10_u64.to_le_bytes());
    table.machine.write_account(&source, account);
    let honest = table.honest();
    let args = table.args(honest.clone());
    table.register(args).expect("it has matured");
    table.evacuate(incident, &honest).expect("what is left");
    let row = table.vault().evacuation;
    assert_eq!(row.before, row.moved + row.fee + row.after);
    assert_eq!((row.moved, row.after), (HELD + 10, 0));
}

#[test]
fn what_was_moved_pays_the_claims_of_its_ledger() {
    let mut table = Table::new();
    let stored = table.honest();
    let args = table.args(stored.clone());
    table.register(args).expect("it has matured");
    let Table {
        mut machine,
        protocol,
        source,
        mint,
        ..
    } = table;
    let recovery = Recovery::sealed(&mut machine, protocol, positions(20));
    recovery.restore(&mut machine);
    let (protocol, incident) = (&recovery.protocol, recovery.incident);
    let payer = machine.payer.pubkey();
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let evacuate = ix::evacuate_direct(protocol.domain, incident, (source, mint), &stored);
    protocol.must(&mut machine, &[evacuate], &[]);
    let direct = pda::direct_vault(&protocol.domain, &source);
    let pool = pda::pool(&recovery.restoration);
    let before = machine.balance(&pool);
    let fund = ix::fund_from_recovery_account(recovery.keys(), protocol.domain, direct, protocol.recovery_account);
    protocol.must(&mut machine, &[fund.clone()], &[]);
    let paid = machine.balance(&pool) - before;
    assert_eq!(paid, recovery.tree.root().sum.min(HELD));
    let data = machine.account(&direct).expect("it is registered").data;
    let record: DirectVault = bytemuck::pod_read_unaligned(&data[8..8 + size_of::<DirectVault>()]);
    assert_eq!(record.evacuation.drawn, paid);
    machine.next_slot();
    refused(machine.send(&[fund], &[]), E::NothingToMove);
}

#[test]
fn no_observation_shares_a_transaction_with_the_hosts_call() {
    let (mut table, stored, incident) = Table::confirmed(Table::honest);
    let observe = ix::observe_evacuation_route(table.protocol.domain, table.protocol.vault.vault, table.route);
    let evacuate = table.evacuating(incident, &stored);
    refused(table.send(&[evacuate, observe]), E::NotStandalone);
}

#[tokio::test]
async fn the_flow_moves_direct_vaults_too_and_only_once() {
    let (table, _, _) = Table::confirmed(Table::honest);
    let members = table.protocol.members.iter().map(Keypair::insecure_clone).collect();
    let (domain, source) = (table.protocol.domain, table.source);
    let chain = OnMachine::new(table.machine, members);
    let session = Session {
        chain: &chain,
        report: &Quiet,
        parallel: 2,
    };
    let evacuated = flows::evacuate(&session, domain).await.expect("it is confirmed");
    assert_eq!(evacuated.done.receipts.len(), 2, "the vault, and the direct vault");
    assert!(evacuated.is_conserved());
    let direct = pda::direct_vault(&domain, &source);
    let row = evacuated
        .vaults
        .iter()
        .find(|row| row.vault == direct)
        .expect("its row");
    assert_eq!((row.before, row.moved, row.after), (HELD, HELD, 0));
    let again = flows::evacuate(&session, domain).await.expect("it is confirmed");
    assert_eq!(again.done.receipts.len(), 0);
}
