//! Hosts of older generations in the VM, under the Bulkhead that was built: Anchor 0.29 and solana-program 1.18, compiled
//! against the guard and the calls as they would be published.

mod common;

use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::hash::sha256;
use bulkhead_guard::action;
use bulkhead_interface::layout::OutflowBreaker;
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, deploy_dir, keypair, must};
use common::{COMPARTMENT, FUNDS, LIMIT, SLOT_LIMIT, breaker_args};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::{
    instruction::{create_account, transfer},
    program as system_program,
};

/// What the host's breaker names as its mint: any key will do.
const SOL: Pubkey = Pubkey::from_str_const("So11111111111111111111111111111111111111112");
/// The id that the Anchor host declares.
const ANCHOR_ID: Pubkey = Pubkey::from_str_const("HostsWithAnchor1111111111111111111111111111");
/// Bytes of the native host's account.
const NATIVE_LEN: usize = 106;

#[derive(Clone, Copy)]
enum Kind {
    /// `tests/hosts/anchor-0.29`
    Anchor,
    /// `tests/hosts/solana-program-1.18`
    Native,
}

/// A host with [`FUNDS`] of its owner's in its vault.
struct Host {
    machine: Machine,
    protocol: Protocol,
    kind: Kind,
    program: Pubkey,
    owner: Keypair,
    /// The native host's account, which signs when it is opened.
    account: Keypair,
    vault: Pubkey,
    /// The PDA that signs to Bulkhead.
    authority: Pubkey,
    bump: u8,
    breaker: Pubkey,
    board: Pubkey,
}

impl Host {
    fn new(kind: Kind) -> Self {
        let (program, name) = match kind {
            Kind::Anchor => (ANCHOR_ID, "host_anchor_0_29"),
            Kind::Native => (keypair("native host").pubkey(), "host_solana_program_1_18"),
        };
        let programs = [(bulkhead::ID, "bulkhead"), (program, name)];
        let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
        let setup = Setup {
            activate: false,
            ..Setup::default()
        };
        let protocol = Protocol::set_up(&mut machine, &setup);
        let (owner, account) = (keypair("owner"), keypair("vault of an old host"));
        machine.fund(&owner.pubkey(), 10_000_000_000);
        let found = |seeds: &[&[u8]]| Pubkey::find_program_address(seeds, &program);
        let (vault, (authority, bump)) = match kind {
            Kind::Anchor => {
                let found = found(&[b"vault", owner.pubkey().as_ref()]);
                (found.0, found)
            }
            Kind::Native => (account.pubkey(), found(&[b"operator", account.pubkey().as_ref()])),
        };
        let mut host = Self {
            breaker: pda::outflow_breaker(&protocol.domain, COMPARTMENT, &SOL, 0),
            board: pda::board(&protocol.domain),
            machine,
            protocol,
            kind,
            program,
            owner,
            account,
            vault,
            authority,
            bump,
        };
        host.protect();
        host.open();
        host
    }

    fn protect(&mut self) {
        let authority = ix::Authority {
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let payer = self.machine.payer.pubkey();
        for step in [
            ix::open_breaker(authority, payer, breaker_args(SOL, self.authority)),
            ix::activate_domain(authority.signer),
        ] {
            self.protocol
                .must(&mut self.machine, &[step], &[&self.protocol.setup_authority]);
        }
    }

    fn open(&mut self) {
        let (owner, vault) = (self.owner.pubkey(), self.vault);
        let fixed = [self.board.as_ref(), self.breaker.as_ref(), &[COMPARTMENT]].concat();
        let steps = match self.kind {
            Kind::Anchor => vec![self.call(
                &anchor("initialize"),
                &fixed,
                vec![
                    AccountMeta::new(owner, true),
                    AccountMeta::new(vault, false),
                    AccountMeta::new_readonly(system_program::ID, false),
                ],
            )],
            Kind::Native => {
                let rent = self.machine.svm.minimum_balance_for_rent_exemption(NATIVE_LEN);
                let accounts = vec![AccountMeta::new_readonly(owner, true), AccountMeta::new(vault, true)];
                vec![
                    create_account(&owner, &vault, rent, NATIVE_LEN as u64, &self.program),
                    self.call(&[0], &[&fixed[..], &[self.bump]].concat(), accounts),
                ]
            }
        };
        must(self.send(&steps));
        must(self.send(&[transfer(&owner, &vault, FUNDS)]));
    }

    fn withdraw(&self, lamports: u64) -> Instruction {
        let mut accounts = vec![
            AccountMeta::new(self.owner.pubkey(), true),
            AccountMeta::new(self.vault, false),
            AccountMeta::new_readonly(self.board, false),
            AccountMeta::new(self.breaker, false),
        ];
        let op = match self.kind {
            Kind::Anchor => anchor("withdraw").to_vec(),
            Kind::Native => {
                accounts.push(AccountMeta::new_readonly(self.authority, false));
                vec![1]
            }
        };
        accounts.push(AccountMeta::new_readonly(bulkhead::ID, false));
        self.call(&op, &lamports.to_le_bytes(), accounts)
    }

    fn call(&self, op: &[u8], arguments: &[u8], accounts: Vec<AccountMeta>) -> Instruction {
        Instruction {
            program_id: self.program,
            accounts,
            data: [op, arguments].concat(),
        }
    }

    fn send(&mut self, instructions: &[Instruction]) -> Result<Outcome, Failure> {
        let keys = [self.owner.insecure_clone(), self.account.insecure_clone()];
        self.machine.send(instructions, &keys.each_ref())
    }

    /// What is in the vault on top of its rent.
    fn held(&self) -> u64 {
        let account = self.machine.account(&self.vault).expect("a vault");
        account.lamports - self.machine.svm.minimum_balance_for_rent_exemption(account.data.len())
    }

    fn is_latched(&self) -> bool {
        self.machine.load::<OutflowBreaker>(&self.breaker).latch.until > self.machine.clock().unix_timestamp
    }
}

/// Anchor's name of an instruction.
fn anchor(name: &str) -> [u8; 8] {
    let hash = sha256(&[b"global:", name.as_bytes()]);
    *hash.first_chunk().expect("32 bytes")
}

fn pays_within_its_limits_and_keeps_the_latch_beyond_them(kind: Kind) {
    let mut host = Host::new(kind);
    assert_eq!(host.held(), FUNDS);
    let withdraw = host.withdraw(SLOT_LIMIT);
    let outcome = must(host.send(&[withdraw]));
    println!("guard, meter and payment: {} CU", outcome.compute_units);
    assert_eq!((host.held(), host.is_latched()), (FUNDS - SLOT_LIMIT, false));
    host.machine.next_slot();
    // It ends `Ok`, or the latch would be gone.
    let over = host.withdraw(LIMIT + 1);
    must(host.send(&[over]));
    assert_eq!((host.held(), host.is_latched()), (FUNDS - SLOT_LIMIT, true));
    host.machine.next_slot();
    let little = host.withdraw(1);
    must(host.send(&[little]));
    assert_eq!(host.held(), FUNDS - SLOT_LIMIT, "latched: not even one");
}

fn stops_when_it_is_paused_and_at_any_other_board(kind: Kind) {
    let mut host = Host::new(kind);
    let copy = keypair("copy of the board").pubkey();
    let real = host.machine.account(&host.board).expect("board");
    host.machine.write_account(&copy, real);
    let mut elsewhere = host.withdraw(1);
    elsewhere.accounts[2].pubkey = copy;
    assert_eq!(host.send(&[elsewhere]).expect_err("another board").code(), Some(6101));
    let guardian = keypair("protocol/member 0");
    let pause = ix::pause(host.protocol.domain, guardian.pubkey(), COMPARTMENT, action::WITHDRAW);
    host.machine.send(&[pause], &[&guardian]).expect("pauses");
    let stopped = host.withdraw(1);
    assert_eq!(host.send(&[stopped]).expect_err("paused").code(), Some(6100));
    assert_eq!(host.held(), FUNDS);
}

#[test]
fn a_host_on_anchor_0_29_is_metered() {
    pays_within_its_limits_and_keeps_the_latch_beyond_them(Kind::Anchor);
}

#[test]
fn a_host_on_anchor_0_29_is_paused() {
    stops_when_it_is_paused_and_at_any_other_board(Kind::Anchor);
}

#[test]
fn a_host_on_solana_program_1_18_is_metered() {
    pays_within_its_limits_and_keeps_the_latch_beyond_them(Kind::Native);
}

#[test]
fn a_host_on_solana_program_1_18_is_paused() {
    stops_when_it_is_paused_and_at_any_other_board(Kind::Native);
}
