//! What the guard costs a host, in the VM.

use std::{env, fs, path::PathBuf};

use bulkhead_guard::{BULKHEAD_ID, action, board};
use bulkhead_guard_probe::{encode, op};
use litesvm::LiteSVM;
use solana_account::Account;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

/// The limit of the design.
const MAX_GUARD_CU: u64 = 100;
const NOW: i64 = 1_000;

struct Vm {
    svm: LiteSVM,
    payer: Keypair,
    program: Pubkey,
    board: Pubkey,
}

impl Vm {
    fn new(board: Account) -> Self {
        let folder = env::var_os("BULKHEAD_DEPLOY_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy")),
            PathBuf::from,
        );
        let file = folder.join("bulkhead_guard_probe.so");
        let bytes = fs::read(&file).unwrap_or_else(|_| panic!("{} is missing: run `make build` first", file.display()));
        let (payer, program, key) = (Keypair::new(), Pubkey::new_unique(), Pubkey::new_unique());
        let mut svm = LiteSVM::new().with_transaction_history(0).with_sigverify(false);
        svm.airdrop(&payer.pubkey(), 1_000_000_000).expect("airdrop");
        svm.add_program(program, &bytes).expect("the VM refuses the program");
        svm.set_account(key, board).expect("board");
        Self {
            svm,
            payer,
            program,
            board: key,
        }
    }

    /// Compute units, or the custom error.
    fn call(&mut self, op: u8, compartment: u8, action: u32, now: i64) -> Result<u64, String> {
        let instruction = Instruction::new_with_bytes(
            self.program,
            &encode(op, compartment, action, now, self.board.as_array()),
            vec![AccountMeta::new_readonly(self.board, false)],
        );
        let message = Message::new(&[instruction], Some(&self.payer.pubkey()));
        let transaction = Transaction::new(&[&self.payer], message, self.svm.latest_blockhash());
        match self.svm.send_transaction(transaction) {
            Ok(meta) => Ok(meta.compute_units_consumed),
            Err(failed) => Err(failed.err.to_string()),
        }
    }
}

/// A board with every timed mask running and nothing closed but `TRADE`: the longest way to "open".
fn busy_board() -> Account {
    let mut data = vec![0; board::MIN_LEN + 128];
    data[..8].copy_from_slice(&board::DISCRIMINATOR);
    data[board::VERSION_OFFSET] = board::VERSION;
    data[board::GRACE_UNTIL_OFFSET..][..8].copy_from_slice(&(NOW + 1).to_le_bytes());
    for row in 0..=board::MAX_COMPARTMENTS {
        let row = board::DOMAIN_ROW_OFFSET + row * board::ROW_SIZE;
        for mask in [
            board::FREEZE_OFFSET,
            board::GUARDIAN_PAUSE_OFFSET,
            board::TRIP_OFFSET,
            board::LINKED_OFFSET,
        ] {
            data[row + mask..][..4].copy_from_slice(&action::TRADE.to_le_bytes());
        }
        for until in [
            board::GUARDIAN_PAUSE_UNTIL_OFFSET,
            board::TRIP_UNTIL_OFFSET,
            board::LINKED_UNTIL_OFFSET,
        ] {
            data[row + until..][..8].copy_from_slice(&(NOW + 1).to_le_bytes());
        }
    }
    Account {
        lamports: 1_000_000_000,
        data,
        owner: Pubkey::new_from_array(BULKHEAD_ID),
        ..Account::default()
    }
}

#[test]
fn the_check_costs_no_more_than_its_limit() {
    let mut vm = Vm::new(busy_board());
    let mut worst = [0; 2];
    for compartment in 0..64 {
        for now in [0, NOW, NOW + 1] {
            let nothing = vm.call(op::NOTHING, compartment, action::WITHDRAW, now).expect("open");
            for (worst, op) in worst.iter_mut().zip([op::CHECK, op::CHECK_ACCOUNT]) {
                let checked = vm.call(op, compartment, action::WITHDRAW, now).expect("open");
                *worst = (checked - nothing).max(*worst);
            }
        }
    }
    println!("worst compute units of check and check_account: {worst:?}");
    assert!(
        worst.iter().all(|cu| *cu <= MAX_GUARD_CU),
        "{worst:?} exceeds {MAX_GUARD_CU}"
    );
}

#[test]
fn the_built_check_says_what_the_board_says() {
    let mut vm = Vm::new(busy_board());
    for op in [op::CHECK, op::CHECK_ACCOUNT] {
        for (compartment, action, error) in [
            (0, action::TRADE, 6100),
            (63, action::WITHDRAW | action::TRADE, 6100),
            (63, action::LIQUIDATE, 6100),
            (64, action::WITHDRAW, 6104),
        ] {
            let answer = vm.call(op, compartment, action, NOW).expect_err("closed");
            assert!(
                answer.contains(&format!("{error:#x}")) || answer.contains(&error.to_string()),
                "{answer}"
            );
        }
    }
}
