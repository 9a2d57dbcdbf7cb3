//! What the domain's signature can do, and what it never can.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    error::BulkheadError,
    instructions::{RegisterEmergencyActionArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard_probe::{encode, op};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, deploy_dir, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_account::Account;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

/// A domain with tokens of its own, outside custody: a treasury.
struct Table {
    machine: Machine,
    protocol: Protocol,
    treasury: Pubkey,
    user: Pubkey,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self::of(machine, protocol)
    }

    fn of(mut machine: Machine, protocol: Protocol) -> Self {
        let treasury = keypair("treasury").pubkey();
        machine.create_token_account(&treasury, &protocol.mint, &protocol.domain, 1_000);
        let user = receiver(&mut machine, &protocol, "user");
        Self {
            machine,
            protocol,
            treasury,
            user,
        }
    }

    /// A transfer that the domain signs.
    fn transfer_from(&self, source: Pubkey, amount: u64) -> Instruction {
        let domain = self.protocol.domain;
        spl::transfer(&TOKEN_PROGRAM, &source, &self.user, &domain, &[], amount).expect("it is well formed")
    }

    fn transfer(&self) -> StoredInstruction {
        ix::stored(&self.transfer_from(self.treasury, 600))
    }

    fn mature(&mut self, stored: &StoredInstruction) -> ix::Authority {
        self.protocol.mature(&mut self.machine, stored)
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let members: Vec<_> = self.protocol.members.iter().collect();
        self.machine.send(&[instruction], &members)
    }

    fn run(&mut self, stored: &StoredInstruction) -> Result<Outcome, Failure> {
        // What could never run is refused when it is proposed.
        let authority = self.protocol.try_mature(&mut self.machine, stored)?;
        self.send(ix::run_instruction(authority, stored))
    }

    fn balance(&self) -> u64 {
        self.machine.balance(&self.treasury)
    }

    /// Registers an emergency action during set-up.
    fn register(&mut self, index: u8, stored: &StoredInstruction) -> Result<Outcome, Failure> {
        let authority = ix::Authority {
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let args = RegisterEmergencyActionArgs {
            index,
            instruction: stored.clone(),
        };
        let register = ix::register_emergency_action(authority, self.machine.payer.pubkey(), args);
        self.machine.send(&[register], &[&self.protocol.setup_authority])
    }

    fn play(&mut self, index: u8, stored: &StoredInstruction, member: usize) -> Result<Outcome, Failure> {
        let guardian = self.protocol.members[member].pubkey();
        self.send(ix::run_emergency_action(self.protocol.domain, guardian, index, stored))
    }
}

// The host's keys in the domain.

#[test]
fn a_matured_proposal_moves_tokens_of_the_domain_once() {
    let mut table = Table::new();
    let stored = table.transfer();
    let authority = table.mature(&stored);
    let run = ix::run_instruction(authority, &stored);
    table.send(run.clone()).expect("it has matured");
    assert_eq!((table.balance(), table.machine.balance(&table.user)), (400, 600));
    refused(table.send(run), BulkheadError::ProposalNotOpen);
    assert_eq!(table.balance(), 400);
}

#[test]
fn nothing_runs_without_approvals_and_the_delay() {
    let mut table = Table::new();
    let stored = table.transfer();
    let proposal = table.protocol.propose(&mut table.machine, &stored);
    let authority = ix::Authority {
        signer: table.machine.payer.pubkey(),
        domain: table.protocol.domain,
        proposal: Some(proposal),
    };
    let run = ix::run_instruction(authority, &stored);
    refused(table.send(run.clone()), BulkheadError::NotApproved);
    for member in 0..2 {
        let approve = table.protocol.approve(&table.machine, &proposal, member);
        table.send(approve).expect("an approver");
    }
    refused(table.send(run), BulkheadError::DelayNotPassed);
    let none = ix::Authority {
        proposal: None,
        ..authority
    };
    refused(
        table.send(ix::run_instruction(none, &stored)),
        BulkheadError::ProposalRequired,
    );
    assert_eq!(table.balance(), 1_000);
}

/// The account with a program's upgrade authority, as the upgradeable loader keeps it.
fn program_data(authority: &Pubkey) -> Vec<u8> {
    let mut data = 3u32.to_le_bytes().to_vec();
    data.extend(0u64.to_le_bytes());
    data.push(1);
    data.extend_from_slice(authority.as_ref());
    data
}

#[test]
fn the_upgrade_authority_of_a_program_lives_in_the_domain() {
    let loader: Pubkey = "BPFLoaderUpgradeab1e11111111111111111111111"
        .parse()
        .expect("an address");
    let mut table = Table::new();
    let (domain, account, successor) = (
        table.protocol.domain,
        keypair("program data").pubkey(),
        keypair("successor").pubkey(),
    );
    let data = program_data(&domain);
    table.machine.write_account(
        &account,
        Account {
            lamports: table.machine.svm.minimum_balance_for_rent_exemption(data.len()),
            data,
            owner: loader,
            executable: false,
            rent_epoch: u64::MAX,
        },
    );
    // `SetAuthority` of the real loader.
    let hand_over = Instruction {
        program_id: loader,
        accounts: vec![
            AccountMeta::new(account, false),
            AccountMeta::new_readonly(domain, true),
            AccountMeta::new_readonly(successor, false),
        ],
        data: 4u32.to_le_bytes().to_vec(),
    };
    table.run(&ix::stored(&hand_over)).expect("the domain signs");
    let after = table.machine.account(&account).expect("it exists").data;
    assert_eq!(after, program_data(&successor));
}

// Attacks.

#[test]
fn the_crankers_signature_is_not_borrowed() {
    let mut table = Table::new();
    let payer = table.machine.payer.pubkey();
    // A proposal that would empty whoever cranks it.
    let drain = solana_system_transfer(&payer, &keypair("thief").pubkey(), 1_000_000_000);
    refused(table.run(&ix::stored(&drain)), BulkheadError::ForeignSigner);
    let mut stored = table.transfer();
    stored.accounts.push(StoredAccount {
        pubkey: table.protocol.members[0].pubkey(),
        is_signer: true,
        is_writable: false,
    });
    refused(table.run(&stored), BulkheadError::ForeignSigner);
}

/// The system program's `Transfer`.
fn solana_system_transfer(from: &Pubkey, to: &Pubkey, lamports: u64) -> Instruction {
    anchor_lang::solana_program::system_instruction::transfer(from, to, lamports)
}

#[test]
fn other_accounts_more_accounts_and_fewer_are_refused() {
    let mut table = Table::new();
    let stored = table.transfer();
    let authority = table.mature(&stored);
    let honest = ix::run_instruction(authority, &stored);
    let first = honest.accounts.len() - stored.accounts.len();
    let thief = receiver(&mut table.machine, &table.protocol, "thief");
    let spoils: [&dyn Fn(&mut Instruction); 7] = [
        &|run| run.accounts[first + 1].pubkey = thief,
        &|run| run.accounts.swap(first, first + 1),
        &|run| run.accounts.push(AccountMeta::new(thief, false)),
        &|run| {
            run.accounts.pop();
        },
        &|run| run.accounts[first + 1].is_writable = false,
        // Another program that would take the same accounts.
        &|run| run.accounts[first - 3].pubkey = anchor_spl::token_2022::ID,
        &|run| run.accounts[first - 3].pubkey = bulkhead::ID,
    ];
    for spoil in spoils {
        let mut run = honest.clone();
        spoil(&mut run);
        refused(table.send(run), BulkheadError::AccountsMismatch);
    }
    assert_eq!(table.balance(), 1_000);
    table.send(honest).expect("the one that was approved");
}

#[test]
fn what_was_edited_into_the_account_is_not_what_was_approved() {
    let mut table = Table::new();
    let stored = table.transfer();
    let authority = table.mature(&stored);
    let proposal = authority.proposal.expect("it was made");
    let mut account = table.machine.account(&proposal).expect("it exists");
    let last = account.data.len() - 1;
    account.data[last] ^= 1;
    table.machine.write_account(&proposal, account);
    refused(
        table.send(ix::run_instruction(authority, &stored)),
        BulkheadError::PayloadMismatch,
    );
}

#[test]
fn bulkhead_is_not_called_by_the_domain() {
    let mut table = Table::new();
    let domain = table.protocol.domain;
    // The domain would be the crank of anything.
    let lapse = ix::close_lapsed_incident(domain, pda::incident(&domain, 0));
    refused(table.run(&ix::stored(&lapse)), BulkheadError::SelfCall);
}

#[test]
fn bulkhead_is_not_called_back_by_the_host_either() {
    let mut table = Table::new();
    let probe = keypair("probe").pubkey();
    let path = deploy_dir().join("bulkhead_guard_probe.so");
    table
        .machine
        .svm
        .add_program_from_file(probe, path)
        .expect("run `make build` first");
    // A host that passes the domain's signature on: the domain meters, as a breaker's authority would.
    let board = pda::board(&table.protocol.domain);
    let mut data = encode(op::METER, 0, 0, 0, board.as_array()).to_vec();
    data.extend(anchor_lang::InstructionData::data(
        &bulkhead::instruction::MeterOutflow { amount: 10 },
    ));
    let call_back = Instruction {
        program_id: probe,
        accounts: vec![
            AccountMeta::new_readonly(board, false),
            AccountMeta::new(table.protocol.vault.breaker, false),
            AccountMeta::new_readonly(table.protocol.domain, true),
            AccountMeta::new_readonly(bulkhead::ID, false),
        ],
        data,
    };
    // The runtime lets nobody back in, so it is not even proposed: a host that calls Bulkhead names it.
    refused(table.run(&ix::stored(&call_back)), BulkheadError::SelfCall);
    let mut unnamed = ix::stored(&call_back);
    unnamed.accounts.pop();
    table.run(&unnamed).expect_err("without naming it, it cannot be called");
}

#[test]
fn custody_and_votes_are_out_of_reach() {
    let mut table = Table::new();
    let custody = table.protocol.custody();
    // Custody is the vault's: the domain's signature is worth nothing there.
    let stored = ix::stored(&table.transfer_from(custody, 1));
    assert!(table.run(&stored).is_err());
    // Votes are the domain's, and still are not a proposal's to move.
    let votes = pda::votes(&table.protocol.domain);
    let stored = ix::stored(&table.transfer_from(votes, 1));
    refused(table.run(&stored), BulkheadError::TokensLocked);
    let thief = keypair("thief").pubkey();
    let hand_over = spl::set_authority(
        &TOKEN_PROGRAM,
        &votes,
        Some(&thief),
        spl::AuthorityType::AccountOwner,
        &table.protocol.domain,
        &[],
    )
    .expect("it is well formed");
    refused(table.run(&ix::stored(&hand_over)), BulkheadError::TokensLocked);
}

#[test]
fn recovery_accounts_are_out_of_reach_while_an_incident_is_open() {
    let mut table = Table::new();
    table.protocol.freeze(&mut table.machine);
    let domain = table.protocol.domain;
    let (payer, incident) = (table.machine.payer.pubkey(), pda::incident(&domain, 0));
    for member in 0..2 {
        let guardian = table.protocol.members[member].pubkey();
        table
            .send(ix::confirm_evacuation(domain, guardian, payer, incident))
            .expect("a guardian");
    }
    let evacuate = ix::evacuate(table.protocol.vault, incident, table.protocol.recovery_account);
    table.send(evacuate).expect("it is confirmed");
    // What is proposed in the slot of a confirmation does not know of it.
    table.machine.next_slot();
    let stored = ix::stored(&table.transfer_from(table.protocol.recovery_account, 1));
    refused(table.run(&stored), BulkheadError::TokensLocked);
    // What holds no tokens still runs: a fix has to be deployed now.
    let harmless = Instruction {
        program_id: TOKEN_PROGRAM,
        accounts: vec![AccountMeta::new_readonly(table.protocol.mint, false)],
        // `GetAccountDataSize`
        data: vec![21],
    };
    table.run(&ix::stored(&harmless)).expect("it has matured");
}

// Emergency actions.

#[test]
fn one_guardian_runs_an_emergency_action_and_burns_a_right() {
    let (machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let mut table = Table::of(machine, protocol);
    // A host whose admin is the domain: here, a mint that it may stop being minted for good.
    let mint = keypair("host mint").pubkey();
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    table.machine.create_mint(&mint, &domain, 6);
    let close = spl::set_authority(
        &TOKEN_PROGRAM,
        &mint,
        None,
        spl::AuthorityType::MintTokens,
        &domain,
        &[],
    )
    .expect("it is well formed");
    let stored = ix::stored(&close);
    table.register(7, &stored).expect("the set-up key");
    refused(table.play(7, &stored, 0), BulkheadError::WrongPhase);
    let activate = ix::activate_domain(table.protocol.setup_authority.pubkey());
    let setup_authority = table.protocol.setup_authority.insecure_clone();
    table
        .machine
        .send(&[activate], &[&setup_authority])
        .expect("set-up ends");

    refused(table.play(7, &stored, 3), BulkheadError::RoleMissing);
    table.play(7, &stored, 0).expect("one guardian, at once");
    assert_eq!(table.protocol.council(&table.machine).members[0].pause_rights, 2);
    let authority = &table.machine.account(&mint).expect("it exists").data[..4];
    assert_eq!(authority, [0; 4], "nobody mints any more");

    // After set-up only a proposal registers, and it replaces what was there.
    refused(table.register(7, &stored), BulkheadError::ProposalRequired);
    let other = Instruction {
        program_id: TOKEN_PROGRAM,
        accounts: vec![AccountMeta::new_readonly(table.protocol.mint, false)],
        data: vec![21],
    };
    let args = RegisterEmergencyActionArgs {
        index: 7,
        instruction: ix::stored(&other),
    };
    let authority = table.protocol.mature(&mut table.machine, &args);
    table
        .send(ix::register_emergency_action(authority, payer, args.clone()))
        .expect("it has matured");
    refused(table.play(7, &stored, 0), BulkheadError::AccountsMismatch);
    table.play(7, &args.instruction, 0).expect("what it holds now");
    table.play(7, &args.instruction, 0).expect("the last right");
    refused(table.play(7, &args.instruction, 0), BulkheadError::NoPauseRights);
}

#[test]
fn an_emergency_action_moves_no_tokens_and_calls_no_bulkhead() {
    let (machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let mut table = Table::of(machine, protocol);
    let domain = table.protocol.domain;
    let transfer = table.transfer();
    table.register(0, &transfer).expect("it is well formed");
    let lapse = ix::stored(&ix::close_lapsed_incident(domain, pda::incident(&domain, 0)));
    refused(table.register(1, &lapse), BulkheadError::SelfCall);
    let drain = solana_system_transfer(&table.protocol.members[0].pubkey(), &keypair("thief").pubkey(), 1);
    refused(table.register(1, &ix::stored(&drain)), BulkheadError::ForeignSigner);
    let activate = ix::activate_domain(table.protocol.setup_authority.pubkey());
    let setup_authority = table.protocol.setup_authority.insecure_clone();
    table
        .machine
        .send(&[activate], &[&setup_authority])
        .expect("set-up ends");
    // Governance vouched for the wrong thing: still no guardian moves tokens at once.
    refused(table.play(0, &transfer, 0), BulkheadError::TokensLocked);
    assert_eq!(table.balance(), 1_000);
}

/// Attack: have a transfer out of the recovery account approved while there is nothing in it, and run it when an evacuation has filled
/// it and the incident is over; the resume goes before it in the same transaction.
#[test]
fn an_instruction_of_peace_does_not_take_what_was_evacuated_since() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    let transfer = spl::transfer(
        &TOKEN_PROGRAM,
        &protocol.recovery_account,
        &thief,
        &protocol.domain,
        &[],
        1_000_000,
    );
    let stored = ix::stored(&transfer.expect("it is well formed"));
    let kept = protocol.mature(&mut machine, &stored);
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(&mut machine, &[evacuate], &[]);
    let args = ResumeArgs { incident };
    let resume = protocol.mature(&mut machine, &args);
    let run = ix::run_instruction(kept, &stored);
    refused(
        machine.send(&[ix::resume(resume, args.clone()), run.clone()], &[]),
        BulkheadError::TightenedSince,
    );
    protocol.must(&mut machine, &[ix::resume(resume, args)], &[]);
    refused(machine.send(&[run], &[]), BulkheadError::TightenedSince);
    assert_eq!(machine.balance(&protocol.recovery_account), 1_000_000);
}
