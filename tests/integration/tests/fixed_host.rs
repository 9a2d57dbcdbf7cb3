//! A host that cannot be upgraded at all and never asks the guard: what a domain still does for it. The domain is its
//! admin; guardians close it with its own instructions, its tokens are evacuated by its own instruction, and watches see
//! whoever takes the admin key elsewhere.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    call::StoredInstruction,
    error::BulkheadError as E,
    instructions::{OpenAuthorityWatchArgs, RegisterDirectVaultArgs, RegisterEmergencyActionArgs, UpgradeHostArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_fixed_host::{ADMIN, LEN, LIMIT, bank, holder, op};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, watch_kind},
    layout::{AuthorityWatch, DirectVault},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, keypair};
use bulkhead_tests::{detectors, refused, upgrades, world};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What the bank holds.
const HELD: u64 = 500_000;
/// What it pays at most at once.
const AT_ONCE: u64 = 20_000;
/// Number of the emergency action that closes the bank.
const CLOSE: u8 = 4;

struct Bank {
    machine: Machine,
    protocol: Protocol,
    program: Pubkey,
    account: Pubkey,
    tokens: Pubkey,
    thief: Keypair,
    loot: Pubkey,
}

impl Bank {
    /// A program without upgrade authority, whose admin is the domain. Nobody asked it.
    fn new() -> Self {
        let (mut machine, protocol) = world();
        let (program, account) = (keypair("fixed host").pubkey(), keypair("bank").pubkey());
        let code = upgrades::build("bulkhead_fixed_host");
        upgrades::program(&mut machine, &program, None, &code, code.len(), 1);
        machine.svm.add_program(program, &code).expect("run `make build`");
        let (tokens, thief) = (keypair("the bank's tokens").pubkey(), keypair("thief"));
        machine.create_token_account(&tokens, &protocol.mint, &holder(&program), HELD);
        let loot = keypair("loot").pubkey();
        machine.create_token_account(&loot, &protocol.mint, &thief.pubkey(), 0);
        let data = bank(&protocol.domain, &tokens, AT_ONCE);
        assert_eq!(data.len(), LEN);
        detectors::write(&mut machine, &account, &program, data);
        Self {
            machine,
            protocol,
            program,
            account,
            tokens,
            thief,
            loot,
        }
    }

    /// With everything that a domain can have for it: the action that closes it, the direct vault, the watch.
    fn protected() -> Self {
        let mut bank = Self::new();
        let payer = bank.machine.payer.pubkey();
        let args = RegisterEmergencyActionArgs {
            index: CLOSE,
            instruction: bank.set_limit(0),
        };
        let by = bank.protocol.mature(&mut bank.machine, &args);
        bank.must(ix::register_emergency_action(by, payer, args));
        let args = RegisterDirectVaultArgs {
            source: bank.tokens,
            route: bank.protocol.recovery_account,
            ledger: 0,
            least_bps: 10_000,
            instruction: bank.sweep(),
        };
        let by = bank.protocol.mature(&mut bank.machine, &args);
        let mint = bank.protocol.mint;
        bank.must(ix::register_direct_vault(by, payer, mint, args));
        let args = bank.watch_args();
        let by = bank.protocol.mature(&mut bank.machine, &args);
        bank.must(ix::open_authority_watch(by, payer, args));
        bank
    }

    fn watch_args(&self) -> OpenAuthorityWatchArgs {
        OpenAuthorityWatchArgs {
            compartment: 3,
            trip_scope: SCOPE_DOMAIN,
            latch_seconds: 3_600,
            kind: watch_kind::HOST_FIELD,
            account: self.account,
            program: self.program,
            offset: ADMIN as u32,
            watches_upgrades: false,
            expected: [self.protocol.domain, Pubkey::default(), Pubkey::default()],
        }
    }

    /// An instruction of the bank that the domain signs for as its admin.
    fn as_admin(&self, data: Vec<u8>, between: &[AccountMeta]) -> StoredInstruction {
        let mut accounts = vec![AccountMeta::new(self.account, false)];
        accounts.extend(between.iter().cloned());
        accounts.push(AccountMeta::new_readonly(self.protocol.domain, true));
        ix::stored(&Instruction {
            program_id: self.program,
            accounts,
            data,
        })
    }

    fn set_limit(&self, limit: u64) -> StoredInstruction {
        self.as_admin([&[op::SET_LIMIT][..], &limit.to_le_bytes()].concat(), &[])
    }

    fn sweep(&self) -> StoredInstruction {
        self.as_admin(vec![op::SWEEP], &self.payment(self.protocol.recovery_account))
    }

    fn payment(&self, destination: Pubkey) -> [AccountMeta; 4] {
        [
            AccountMeta::new(self.tokens, false),
            AccountMeta::new(destination, false),
            AccountMeta::new_readonly(holder(&self.program), false),
            AccountMeta::new_readonly(TOKEN_PROGRAM, false),
        ]
    }

    /// The bug: nobody is asked whether they are owed it.
    fn steal(&mut self, amount: u64) -> Result<Outcome, Failure> {
        let mut accounts = vec![AccountMeta::new_readonly(self.account, false)];
        accounts.extend(self.payment(self.loot));
        let withdraw = Instruction {
            program_id: self.program,
            accounts,
            data: [&[op::WITHDRAW][..], &amount.to_le_bytes()].concat(),
        };
        self.machine.next_slot();
        self.machine.send(&[withdraw], &[])
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let mut signers: Vec<_> = self.protocol.members.iter().collect();
        signers.push(&self.thief);
        self.machine.send(&[instruction], &signers)
    }

    fn must(&mut self, instruction: Instruction) -> Outcome {
        self.send(instruction).unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    fn guardian(&self, member: usize) -> Pubkey {
        self.protocol.members[member].pubkey()
    }

    fn limit(&self) -> u64 {
        let data = self.machine.account(&self.account).expect("the bank").data;
        u64::from_le_bytes(data[LIMIT..LEN].try_into().expect("8 bytes"))
    }
}

/// The guard is a question. A host that does not ask is not closed, whatever the board says.
#[test]
fn a_pause_alone_does_not_reach_a_host_that_never_asks() {
    let mut bank = Bank::protected();
    let pause = ix::pause(bank.protocol.domain, bank.guardian(0), SCOPE_DOMAIN, action::ALL);
    bank.must(pause);
    bank.steal(AT_ONCE).expect("it knows no board");
    assert_eq!(bank.machine.balance(&bank.loot), AT_ONCE);
}

/// One guardian, one transaction: the host's own limit, set by its admin, who is the domain.
#[test]
fn a_guardian_closes_it_with_its_own_instruction_and_nobody_opens_it_at_once() {
    let mut bank = Bank::protected();
    bank.steal(AT_ONCE).expect("the bug");
    let close = bank.set_limit(0);
    bank.must(ix::run_emergency_action(
        bank.protocol.domain,
        bank.guardian(0),
        CLOSE,
        &close,
    ));
    assert_eq!(bank.limit(), 0);
    assert!(bank.steal(1).is_err());
    assert_eq!(
        bank.machine.balance(&bank.loot),
        AT_ONCE,
        "what left before, and no more"
    );
    // What runs is what was registered, whatever a guardian sends along.
    let open = bank.set_limit(AT_ONCE);
    bank.machine.next_slot();
    bank.must(ix::run_emergency_action(
        bank.protocol.domain,
        bank.guardian(1),
        CLOSE,
        &open,
    ));
    assert_eq!(bank.limit(), 0);
    // Nobody has the admin key: neither a guardian nor the thief can be it.
    for signer in [bank.guardian(0), bank.thief.pubkey()] {
        let forged = Instruction {
            program_id: bank.program,
            accounts: vec![
                AccountMeta::new(bank.account, false),
                AccountMeta::new_readonly(signer, true),
            ],
            data: [&[op::SET_LIMIT][..], &u64::MAX.to_le_bytes()].concat(),
        };
        assert!(bank.send(forged).is_err());
    }
    // Opening takes a matured proposal.
    let by = bank.protocol.mature(&mut bank.machine, &open);
    bank.must(ix::run_instruction(by, &open));
    assert_eq!(bank.limit(), AT_ONCE);
}

/// Its tokens go where a restoration pays them out, by its own instruction, although nobody can change its code.
#[test]
fn its_tokens_are_evacuated_by_its_own_instruction() {
    let mut bank = Bank::protected();
    bank.steal(AT_ONCE).expect("the bug");
    let incident = bank.protocol.freeze(&mut bank.machine);
    let keys = (bank.tokens, bank.protocol.mint);
    let stored = bank.sweep();
    let evacuate = ix::evacuate_direct(bank.protocol.domain, incident, keys, &stored);
    assert!(bank.send(evacuate.clone()).is_err(), "nobody has confirmed");
    let payer = bank.machine.payer.pubkey();
    for member in 0..2 {
        let confirm = ix::confirm_evacuation(bank.protocol.domain, bank.guardian(member), payer, incident);
        bank.must(confirm);
    }
    let before = bank.machine.balance(&bank.protocol.recovery_account);
    bank.machine.next_slot();
    bank.must(evacuate);
    let rest = HELD - AT_ONCE;
    assert_eq!(bank.machine.balance(&bank.tokens), 0);
    assert_eq!(bank.machine.balance(&bank.protocol.recovery_account), before + rest);
    let data = bank
        .machine
        .account(&pda::direct_vault(&bank.protocol.domain, &bank.tokens));
    let vault: DirectVault =
        bytemuck::pod_read_unaligned(&data.expect("registered").data[8..8 + size_of::<DirectVault>()]);
    assert_eq!((vault.evacuation.before, vault.evacuation.moved), (rest, rest));
    assert!(bank.steal(1).is_err(), "there is nothing left to take");
}

/// The code stays as it is, also when council and delay agree.
#[test]
fn no_proposal_upgrades_it() {
    let mut bank = Bank::protected();
    let build = upgrades::build("bulkhead_hostile_host");
    let buffer = keypair("buffer").pubkey();
    upgrades::buffer(&mut bank.machine, &buffer, Some(&bank.protocol.domain), &build);
    let args = UpgradeHostArgs {
        program: bank.program,
        buffer_hash: upgrades::hash(&build),
        spill: keypair("spill").pubkey(),
    };
    let code = upgrades::code(&bank.machine, &bank.program);
    let payer = bank.machine.payer.pubkey();
    let by = bank.protocol.mature(&mut bank.machine, &args);
    refused(bank.send(ix::upgrade_host(by, payer, buffer, args)), E::NotUpgradable);
    assert_eq!(upgrades::code(&bank.machine, &bank.program), code);
}

/// What is not the domain's yet, or was given away, is seen: whoever looks closes what does ask, and opens an incident.
#[test]
fn a_watch_sees_its_admin_change() {
    let mut bank = Bank::protected();
    let args = bank.watch_args();
    let watch = detectors::watch(&bank.protocol, &args);
    let observe = ix::observe_authority(bank.protocol.domain, watch, bank.account);
    let observed = |bank: &mut Bank| {
        bank.machine.next_slot();
        bank.must(observe.clone());
        bank.machine.load::<AuthorityWatch>(&watch).latch.seen
    };
    assert_eq!(observed(&mut bank), 0);
    // By a matured proposal, the only way: here one that a captured council made.
    let thief = bank.thief.pubkey();
    let stored = bank.as_admin([&[op::SET_ADMIN][..], thief.as_ref()].concat(), &[]);
    let by = bank.protocol.mature(&mut bank.machine, &stored);
    bank.must(ix::run_instruction(by, &stored));
    assert_eq!(observed(&mut bank), 1);
    let trip = detectors::propagate(&bank.machine, &bank.protocol, watch);
    bank.machine.next_slot();
    bank.must(trip);
    assert_ne!(bank.protocol.state(&bank.machine).open_incident, Pubkey::default());
}
