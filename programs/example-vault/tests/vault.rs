//! The native host in the VM, against boards written byte by byte.

use bulkhead_guard::{BULKHEAD_ID, action, board};
use bulkhead_testbed::{Machine, deploy_dir, keypair};
use example_vault::{
    error::VaultError,
    instruction::{VaultInstruction, deposit, initialize, receipt_address, vault_address, withdraw},
    state::{Receipt, Vault},
};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_program::{instruction::Instruction, pubkey::Pubkey};
use solana_signer::Signer;

const COMPARTMENT: u8 = 7;
const FUNDS: u64 = 10_000_000_000;

struct World {
    machine: Machine,
    authority: Keypair,
    vault: Pubkey,
    board: Pubkey,
}

impl World {
    fn new() -> Self {
        let mut world = Self::bare();
        let (authority, board) = (world.authority.pubkey(), world.board);
        world.must(initialize(&authority, &board, COMPARTMENT), "authority");
        world
    }

    /// Everything but the vault itself.
    fn bare() -> Self {
        let programs = [(example_vault::ID, "example_vault")];
        let machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
        let authority = keypair("authority");
        let mut world = Self {
            machine,
            vault: vault_address(&authority.pubkey()),
            board: keypair("board").pubkey(),
            authority,
        };
        for name in ["authority", "alice", "mallory"] {
            world.machine.fund(&keypair(name).pubkey(), FUNDS);
        }
        world.write_board(0);
        world
    }

    /// A board that holds `mask` closed in the vault's compartment.
    fn write_board(&mut self, mask: u32) {
        let mut data = vec![0; board::MIN_LEN];
        data[..8].copy_from_slice(&board::DISCRIMINATOR);
        data[board::VERSION_OFFSET] = board::VERSION;
        let row = board::ROWS_OFFSET + usize::from(COMPARTMENT) * board::ROW_SIZE;
        data[row + board::FREEZE_OFFSET..][..4].copy_from_slice(&mask.to_le_bytes());
        self.write_board_account(data, Pubkey::new_from_array(BULKHEAD_ID));
    }

    fn write_board_account(&mut self, data: Vec<u8>, owner: Pubkey) {
        let account = Account {
            lamports: 1_000_000_000,
            data,
            owner,
            ..Account::default()
        };
        self.machine.write_account(&self.board, account);
    }

    fn deposit(&self, name: &str, lamports: u64) -> Instruction {
        deposit(&keypair(name).pubkey(), &self.vault, &self.board, lamports)
    }

    fn withdraw(&self, name: &str, lamports: u64) -> Instruction {
        withdraw(&keypair(name).pubkey(), &self.vault, &self.board, lamports)
    }

    fn send(&mut self, instruction: Instruction, signer: &str) -> Result<u64, Option<u32>> {
        let result = self.machine.send(&[instruction], &[&keypair(signer)]);
        result
            .map(|outcome| outcome.compute_units)
            .map_err(|failure| failure.code())
    }

    fn must(&mut self, instruction: Instruction, signer: &str) -> u64 {
        self.send(instruction, signer).expect("passes")
    }

    fn refused(&mut self, instruction: Instruction, signer: &str, error: VaultError) {
        assert_eq!(self.send(instruction, signer), Err(Some(error as u32)));
    }

    fn lamports(&self, key: &Pubkey) -> u64 {
        self.machine.account(key).map_or(0, |account| account.lamports)
    }

    fn state<T: borsh::BorshDeserialize>(&self, key: &Pubkey) -> T {
        T::try_from_slice(&self.machine.account(key).expect("account").data).expect("state")
    }

    fn receipt(&self, name: &str) -> Receipt {
        self.state(&receipt_address(&self.vault, &keypair(name).pubkey()))
    }
}

#[test]
fn what_goes_in_comes_out() {
    let mut world = World::new();
    let rent = world.lamports(&world.vault);
    let first = world.deposit("alice", 5_000_000_000);
    eprintln!("CU first deposit {}", world.must(first, "alice"));
    let second = world.deposit("alice", 1_000_000_000);
    eprintln!("CU deposit {}", world.must(second, "alice"));
    let other = world.deposit("mallory", 1);
    world.must(other, "mallory");
    assert_eq!(world.state::<Vault>(&world.vault).total_lamports, 6_000_000_001);
    assert_eq!(world.lamports(&world.vault), rent + 6_000_000_001);
    let out = world.withdraw("alice", 6_000_000_000);
    eprintln!("CU withdraw {}", world.must(out, "alice"));
    assert_eq!(world.receipt("alice").lamports, 0);
    assert_eq!(world.state::<Vault>(&world.vault).total_lamports, 1);
    assert_eq!(world.lamports(&world.vault), rent + 1);
    let alice = world.lamports(&keypair("alice").pubkey());
    let receipt = receipt_address(&world.vault, &keypair("alice").pubkey());
    assert_eq!(
        alice,
        FUNDS - world.lamports(&receipt),
        "all but the rent of the receipt is back"
    );
}

#[test]
fn a_paused_action_stops_and_the_other_goes_on() {
    let mut world = World::new();
    let put = world.deposit("alice", 1_000);
    world.must(put, "alice");
    world.write_board(action::WITHDRAW);
    let (put, take) = (world.deposit("alice", 10), world.withdraw("alice", 10));
    assert_eq!(world.send(take.clone(), "alice"), Err(Some(6100)));
    world.must(put.clone(), "alice");
    world.write_board(action::DEPOSIT);
    assert_eq!(world.send(put, "alice"), Err(Some(6100)));
    world.must(take, "alice");
}

#[test]
fn anything_but_the_stored_board_stops_everything() {
    let mut world = World::new();
    let put = world.deposit("alice", 1_000);
    world.must(put.clone(), "alice");
    let mut other = put.clone();
    other.accounts[3].pubkey = keypair("other").pubkey();
    assert_eq!(world.send(other, "alice"), Err(Some(6101)));
    let open = world.machine.account(&world.board).expect("board").data;
    let mut of_another_version = open.clone();
    of_another_version[board::VERSION_OFFSET] = 2;
    for (data, owner, error) in [
        (open, example_vault::ID, 6102),
        (vec![], Pubkey::new_from_array(BULKHEAD_ID), 6102),
        (of_another_version, Pubkey::new_from_array(BULKHEAD_ID), 6103),
    ] {
        world.write_board_account(data, owner);
        assert_eq!(world.send(put.clone(), "alice"), Err(Some(error)));
    }
}

#[test]
fn nobody_takes_what_is_not_theirs() {
    let mut world = World::new();
    let put = world.deposit("alice", 1_000);
    world.must(put, "alice");
    let little = world.deposit("mallory", 10);
    world.must(little, "mallory");
    let too_much = world.withdraw("mallory", 11);
    world.refused(too_much, "mallory", VaultError::DepositTooSmall);
    let mut stolen = world.withdraw("mallory", 10);
    stolen.accounts[2].pubkey = receipt_address(&world.vault, &keypair("alice").pubkey());
    world.refused(stolen, "mallory", VaultError::WrongAddress);
    for mut unsigned in [world.withdraw("alice", 10), world.deposit("alice", 10)] {
        unsigned.accounts[0].is_signer = false;
        world.refused(unsigned, "mallory", VaultError::SignatureMissing);
    }
    let mut forged = world.withdraw("mallory", 10);
    forged.accounts[2].pubkey = world.board;
    world.refused(forged, "mallory", VaultError::ForeignAccount);
    let mut swapped = world.withdraw("mallory", 10);
    swapped.accounts[2].pubkey = world.vault;
    world.refused(swapped, "mallory", VaultError::ForeignAccount);
    for nothing in [world.withdraw("alice", 0), world.deposit("alice", 0)] {
        world.refused(nothing, "alice", VaultError::ZeroAmount);
    }
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    let mut world = World::new();
    let put = world.deposit("alice", 1_000);
    world.must(put.clone(), "alice");
    let mut vault = world.machine.account(&world.vault).expect("vault");
    let end = vault.data.len();
    vault.data[end - 8..].copy_from_slice(&u64::MAX.to_le_bytes());
    let key = world.vault;
    world.machine.write_account(&key, vault);
    world.refused(put, "alice", VaultError::Overflow);
}

#[test]
fn a_vault_is_created_once_by_its_authority_even_when_funded_before() {
    let mut world = World::bare();
    let (authority, board, vault) = (world.authority.pubkey(), world.board, world.vault);
    let create = initialize(&authority, &board, COMPARTMENT);
    let mut unsigned = create.clone();
    unsigned.accounts[0].is_signer = false;
    world.refused(unsigned, "mallory", VaultError::SignatureMissing);
    let mut elsewhere = create.clone();
    elsewhere.accounts[1].pubkey = vault_address(&keypair("mallory").pubkey());
    world.refused(elsewhere, "authority", VaultError::WrongAddress);
    world.machine.fund(&vault, 12_345);
    world.must(create.clone(), "authority");
    world.refused(create, "authority", VaultError::AlreadyInitialized);
    let state: Vault = world.state(&vault);
    assert_eq!((state.authority, state.board), (authority.to_bytes(), board.to_bytes()));
    let receipt = receipt_address(&vault, &keypair("alice").pubkey());
    world.machine.fund(&receipt, 99_999_999);
    let put = world.deposit("alice", 5);
    world.must(put, "alice");
    assert_eq!(world.receipt("alice").lamports, 5);
}

#[test]
fn data_that_does_not_decode_is_refused() {
    let mut world = World::new();
    let good = borsh::to_vec(&VaultInstruction::Deposit { lamports: 1 }).expect("encodes");
    let long = [good.as_slice(), &[0]].concat();
    for data in [vec![], vec![9], good[..8].to_vec(), long] {
        let mut broken = world.deposit("alice", 1);
        broken.data = data;
        world.refused(broken, "alice", VaultError::InvalidInstruction);
    }
    let mut few = world.deposit("alice", 1);
    few.accounts.truncate(4);
    assert_eq!(world.send(few, "alice"), Err(None));
}
