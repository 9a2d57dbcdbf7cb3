//! Upgrades of the host, whose upgrade authority is the domain: by proposal, and of an emergency build by the guardians'
//! threshold in a freeze.

mod emergency_build;

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError as E,
    instructions::{OpenAuthorityWatchArgs, UpgradeHostArgs},
};
use bulkhead_client::{
    chain::Chain,
    flows::{self, FlowError, Quiet, Session},
    instructions as ix, pda,
};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state, watch_kind},
    ids::UPGRADEABLE_LOADER,
    layout::{AuthorityWatch, HostProgram},
};
use bulkhead_testbed::{Failure, Machine, OnMachine, Outcome, Protocol, keypair};
use bulkhead_tests::{refused, upgrades, world};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Slot the program was deployed in.
const DEPLOYED: u64 = 5;

/// A domain that holds the upgrade authority of its host's program.
struct Table {
    machine: Machine,
    protocol: Protocol,
    program: Pubkey,
    buffer: Pubkey,
    spill: Pubkey,
    build: Vec<u8>,
}

impl Table {
    fn new() -> Self {
        let (mut machine, protocol) = world();
        let (program, buffer) = (keypair("host program").pubkey(), keypair("buffer").pubkey());
        let (old, build) = (
            upgrades::build("bulkhead_export_probe"),
            upgrades::build("bulkhead_hostile_host"),
        );
        let room = old.len().max(build.len());
        upgrades::program(&mut machine, &program, Some(&protocol.domain), &old, room, DEPLOYED);
        upgrades::buffer(&mut machine, &buffer, Some(&protocol.domain), &build);
        Self {
            machine,
            program,
            buffer,
            spill: keypair("spill").pubkey(),
            build,
            protocol,
        }
    }

    fn args(&self) -> UpgradeHostArgs {
        UpgradeHostArgs {
            program: self.program,
            buffer_hash: upgrades::hash(&self.build),
            spill: self.spill,
        }
    }

    fn matured(&mut self) -> Instruction {
        let args = self.args();
        let payer = self.machine.payer.pubkey();
        let authority = self.protocol.mature(&mut self.machine, &args);
        ix::upgrade_host(authority, payer, self.buffer, args)
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let members: Vec<_> = self.protocol.members.iter().collect();
        self.machine.send(&[instruction], &members)
    }

    fn upgrade(&mut self) -> Result<Outcome, Failure> {
        let upgrade = self.matured();
        self.send(upgrade)
    }

    fn record(&self) -> HostProgram {
        self.machine
            .load(&pda::host_program(&self.protocol.domain, &self.program))
    }

    fn code(&self) -> Vec<u8> {
        upgrades::code(&self.machine, &self.program)
    }

    fn program_data(&self) -> Pubkey {
        pda::program_data(&self.program)
    }

    /// Changes an account of the loader.
    fn spoil(&mut self, key: Pubkey, change: impl Fn(&mut Vec<u8>)) {
        let mut account = self.machine.account(&key).expect("it is there");
        change(&mut account.data);
        account.lamports = account.lamports.max(10_000_000_000);
        self.machine.write_account(&key, account);
    }
}

/// Compute units for a large build.
fn with_budget(machine: &mut Machine, instruction: Instruction) -> Result<Outcome, Failure> {
    let limit = Instruction {
        program_id: Pubkey::new_from_array(bulkhead_core::transaction::COMPUTE_BUDGET),
        accounts: vec![],
        data: [vec![2], 1_400_000_u32.to_le_bytes().to_vec()].concat(),
    };
    machine.send(&[limit, instruction], &[])
}

#[test]
fn a_matured_proposal_upgrades_to_the_build_it_names() {
    let mut table = Table::new();
    let lamports = table.machine.account(&table.buffer).expect("it is there").lamports;
    let outcome = table.upgrade().expect("it has matured");
    println!(
        "upgrade_host of {} bytes: {} CU",
        table.build.len(),
        outcome.compute_units
    );
    let code = table.code();
    assert!(code.starts_with(&table.build));
    assert!(code[table.build.len()..].iter().all(|byte| *byte == 0));
    let spilt = table.machine.account(&table.spill).expect("it was paid").lamports;
    assert_eq!(spilt, lamports);
    let record = table.record();
    assert_eq!(record.deployed_hash, upgrades::hash(&table.build));
    assert_eq!(record.deployed_slot, table.machine.clock().slot);
}

/// The largest program of this workspace, two and a half megabytes, in one instruction.
#[test]
fn a_large_build_is_hashed_in_one_instruction() {
    let mut table = Table::new();
    table.build = upgrades::build("bulkhead");
    let (domain, len) = (table.protocol.domain, table.build.len());
    upgrades::buffer(
        &mut table.machine,
        &table.buffer.clone(),
        Some(&domain),
        &table.build.clone(),
    );
    let data = table.program_data();
    table.spoil(data, |data| data.resize(45 + len, 0));
    let upgrade = table.matured();
    let outcome = with_budget(&mut table.machine, upgrade).expect("it fits");
    println!("upgrade_host of {len} bytes: {} CU", outcome.compute_units);
    assert_eq!(upgrades::hash(&table.code()), table.record().deployed_hash);
}

#[test]
fn another_build_is_refused() {
    let mut table = Table::new();
    let upgrade = table.matured();
    let before = table.code();
    let spoils: [&dyn Fn(&mut Vec<u8>); 4] = [
        &|data| *data.last_mut().expect("code") ^= 1,
        &|data| data[37] ^= 1,
        &|data| data.truncate(data.len() - 1),
        &|data| {
            data.truncate(38);
        },
    ];
    let buffer = table.machine.account(&table.buffer).expect("it is there");
    for spoil in spoils {
        table.spoil(table.buffer, spoil);
        refused(table.send(upgrade.clone()), E::BuildMismatch);
        table.machine.write_account(&table.buffer.clone(), buffer.clone());
    }
    assert_eq!(table.code(), before);
    table.send(upgrade).expect("the one that was approved");
}

/// Attack: keep the buffer's authority, have the hash checked, and write other code before the upgrade. The domain has to
/// have the authority already.
#[test]
fn a_buffer_of_somebody_else_is_refused() {
    let mut table = Table::new();
    let upgrade = table.matured();
    let thief = keypair("thief").pubkey();
    let build = table.build.clone();
    let honest = table.machine.account(&table.buffer).expect("it is there");
    for authority in [Some(&thief), None] {
        upgrades::buffer(&mut table.machine, &table.buffer.clone(), authority, &build);
        refused(table.send(upgrade.clone()), E::ForeignBuffer);
    }
    // Closed, another's account, and no buffer at all.
    table.spoil(table.buffer, |data| data[0] = 0);
    refused(table.send(upgrade.clone()), E::ForeignBuffer);
    let mut account = honest.clone();
    account.owner = thief;
    table.machine.write_account(&table.buffer.clone(), account);
    refused(table.send(upgrade.clone()), E::ForeignBuffer);
    let mut itself = upgrade.clone();
    let at = itself.accounts.iter().position(|meta| meta.pubkey == table.buffer);
    itself.accounts[at.expect("it names it")].pubkey = table.protocol.mint;
    refused(table.send(itself), E::ForeignBuffer);
    table.machine.write_account(&table.buffer.clone(), honest);
    table.send(upgrade).expect("the domain's own");
}

#[test]
fn a_program_of_somebody_else_is_refused() {
    let mut table = Table::new();
    let upgrade = table.matured();
    let (data, thief) = (table.program_data(), keypair("thief").pubkey());
    let honest = table.machine.account(&data).expect("it is there");
    table.spoil(data, |data| data[13..45].copy_from_slice(thief.as_ref()));
    refused(table.send(upgrade.clone()), E::NotUpgradable);
    table.spoil(data, |data| data[12] = 0);
    refused(table.send(upgrade.clone()), E::NotUpgradable);
    table.machine.write_account(&data, honest);
    // The data of another program of the domain.
    let other = keypair("other program").pubkey();
    let (domain, build) = (table.protocol.domain, table.build.clone());
    upgrades::program(&mut table.machine, &other, Some(&domain), &build, build.len(), DEPLOYED);
    let at = upgrade
        .accounts
        .iter()
        .position(|meta| meta.pubkey == data)
        .expect("it names it");
    let mut swapped = upgrade.clone();
    swapped.accounts[at].pubkey = pda::program_data(&other);
    refused(table.send(swapped), E::NotUpgradable);
    // The other program altogether.
    let mut swapped = upgrade.clone();
    swapped.accounts[at].pubkey = pda::program_data(&other);
    swapped.accounts[at - 1].pubkey = other;
    refused(table.send(swapped), E::ForeignAccount);
    table.send(upgrade).expect("what was approved");
}

/// The loader's `ExtendProgram`, which anyone pays for.
fn extend(table: &Table, bytes: u32) -> Instruction {
    Instruction {
        program_id: UPGRADEABLE_LOADER,
        accounts: vec![
            AccountMeta::new(table.program_data(), false),
            AccountMeta::new(table.program, false),
            AccountMeta::new_readonly(anchor_lang::solana_program::system_program::ID, false),
            AccountMeta::new(table.machine.payer.pubkey(), true),
        ],
        data: [6_u32.to_le_bytes(), bytes.to_le_bytes()].concat(),
    }
}

#[test]
fn a_longer_build_waits_until_the_program_is_extended_and_a_slot_has_passed() {
    let mut table = Table::new();
    let builds = [
        upgrades::build("bulkhead_export_probe"),
        upgrades::build("bulkhead_hostile_host"),
    ];
    let [short, long] = match builds {
        [a, b] if a.len() < b.len() => [a, b],
        [a, b] => [b, a],
    };
    let (program, buffer, domain) = (table.program, table.buffer, table.protocol.domain);
    let missing = u32::try_from(long.len() - short.len()).expect("small").max(10_240);
    upgrades::program(
        &mut table.machine,
        &program,
        Some(&domain),
        &short,
        short.len(),
        DEPLOYED,
    );
    upgrades::buffer(&mut table.machine, &buffer, Some(&domain), &long);
    table.build = long;
    let upgrade = table.matured();
    refused(table.send(upgrade.clone()), E::ProgramTooShort);
    let extend = extend(&table, missing);
    table.machine.send(&[extend], &[]).expect("anyone extends");
    refused(table.send(upgrade.clone()), E::DeployedThisSlot);
    table.machine.next_slot();
    table.send(upgrade).expect("in another slot");
    assert!(table.code().starts_with(&table.build));
}

#[test]
fn what_was_approved_happens_once_and_nothing_else() {
    let mut table = Table::new();
    let args = table.args();
    let payer = table.machine.payer.pubkey();
    let none = ix::Authority {
        signer: payer,
        domain: table.protocol.domain,
        proposal: None,
    };
    let alone = ix::upgrade_host(none, payer, table.buffer, args.clone());
    refused(table.send(alone), E::ProposalRequired);
    let older = table.matured();
    let upgrade = table.matured();
    let mut elsewhere = upgrade.clone();
    let at = elsewhere.accounts.iter().position(|meta| meta.pubkey == table.spill);
    elsewhere.accounts[at.expect("it names it")].pubkey = keypair("thief").pubkey();
    refused(table.send(elsewhere), E::WrongDestination);
    table.send(upgrade.clone()).expect("it has matured");
    table.machine.next_slot();
    let (buffer, domain, build) = (table.buffer, table.protocol.domain, table.build.clone());
    upgrades::buffer(&mut table.machine, &buffer, Some(&domain), &build);
    refused(table.send(upgrade), E::ProposalNotOpen);
    // Of two decisions the later one stands.
    refused(table.send(older), E::DecidedSince);
}

/// A watch that trips on upgrades.
fn watched(table: &mut Table, slot: u64) -> Pubkey {
    let data = table.program_data();
    table.spoil(data, |data| data[4..12].copy_from_slice(&slot.to_le_bytes()));
    let args = OpenAuthorityWatchArgs {
        compartment: 3,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: 3_600,
        kind: watch_kind::PROGRAM,
        account: data,
        program: UPGRADEABLE_LOADER,
        offset: 0,
        watches_upgrades: true,
        expected: [table.protocol.domain, Pubkey::default(), Pubkey::default()],
    };
    let payer = table.machine.payer.pubkey();
    let authority = table.protocol.mature(&mut table.machine, &args);
    let open = ix::open_authority_watch(authority, payer, args);
    table.send(open).expect("it has matured");
    pda::authority_watch(&table.protocol.domain, &data, 0)
}

fn observe(table: &mut Table, watch: Pubkey) -> u8 {
    let look = ix::observe_authority(table.protocol.domain, watch, table.program_data());
    table.send(look).expect("anyone looks");
    table.machine.load::<AuthorityWatch>(&watch).latch.state
}

#[test]
fn an_upgrade_that_the_domain_decided_does_not_trip_its_own_watch() {
    let mut table = Table::new();
    let watch = watched(&mut table, DEPLOYED);
    let upgrade = table.matured();
    // Nobody leaves the watch out to have it trip.
    let at = upgrade
        .accounts
        .iter()
        .position(|meta| meta.pubkey == watch)
        .expect("it names it");
    let mut without = upgrade.clone();
    without.accounts[at].pubkey = keypair("nothing there").pubkey();
    refused(table.send(without), E::ForeignAccount);
    table.send(upgrade).expect("it has matured");
    table.machine.next_slot();
    assert_eq!(observe(&mut table, watch), latch_state::ARMED);
    // One that nobody decided still does.
    let data = table.program_data();
    let slot = table.machine.clock().slot;
    table.spoil(data, |data| data[4..12].copy_from_slice(&slot.to_le_bytes()));
    assert_eq!(observe(&mut table, watch), latch_state::LATCHED);
}

/// Attack: upgrade the program with a stolen authority, and have a decided upgrade cover it up.
#[test]
fn a_decided_upgrade_does_not_cover_up_another() {
    let mut table = Table::new();
    let watch = watched(&mut table, DEPLOYED);
    let data = table.program_data();
    table.spoil(data, |data| data[4..12].copy_from_slice(&(DEPLOYED + 1).to_le_bytes()));
    table.upgrade().expect("it has matured");
    table.machine.next_slot();
    assert_eq!(observe(&mut table, watch), latch_state::LATCHED);
}

#[tokio::test]
async fn the_flow_finds_the_buffer_by_its_hash() {
    let mut table = Table::new();
    let args = table.args();
    let authority = table.protocol.mature(&mut table.machine, &args);
    let (domain, program, build) = (table.protocol.domain, table.program, table.build.clone());
    // Another buffer of the domain, and the right code under somebody else.
    let others = [keypair("other code").pubkey(), keypair("other authority").pubkey()];
    upgrades::buffer(&mut table.machine, &others[0], Some(&domain), &build[1..]);
    upgrades::buffer(&mut table.machine, &others[1], Some(&program), &build);
    let members = table.protocol.members.iter().map(Keypair::insecure_clone).collect();
    let honest = table.machine.account(&table.buffer).expect("it is there");
    upgrades::buffer(&mut table.machine, &table.buffer.clone(), None, &build);
    let chain = OnMachine::new(table.machine, members);
    let session = Session {
        chain: &chain,
        report: &Quiet,
        parallel: 1,
    };
    let proposal = authority.proposal.expect("it was made");
    let early = flows::execute(&session, proposal, chain.payer()).await;
    assert!(matches!(early, Err(FlowError::NotYet { .. })), "{early:?}");
    chain.machine().write_account(&table.buffer, honest);
    flows::execute(&session, proposal, chain.payer())
        .await
        .expect("it is there now");
    assert!(upgrades::code(&chain.machine(), &program).starts_with(&build));
}
