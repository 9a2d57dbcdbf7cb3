//! The built program, in the VM, against the same functions run natively.

use std::{env, fs, path::PathBuf};

use bulkhead_sbf_abi::{encode, op, run};
use litesvm::LiteSVM;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

/// The most a 128-bit division may cost, over an instruction that does nothing.
const MAX_DIVISION_CU: u64 = 320;
const RANDOM_ROUNDS: usize = 2_500;

struct Vm {
    svm: LiteSVM,
    payer: Keypair,
    program: Pubkey,
}

/// What one instruction answered, or that it aborted, and its compute units.
struct Outcome {
    answer: Option<u128>,
    compute_units: u64,
    logs: Vec<String>,
}

impl Vm {
    fn new() -> Self {
        let folder = env::var_os("BULKHEAD_DEPLOY_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/deploy")),
            PathBuf::from,
        );
        let file = folder.join("bulkhead_sbf_abi.so");
        let bytes = fs::read(&file).unwrap_or_else(|_| panic!("{} is missing: run `make build` first", file.display()));
        let (payer, program) = (Keypair::new(), Pubkey::new_unique());
        // The same request may come twice: no history of signatures, no fees.
        let mut svm = LiteSVM::new().with_transaction_history(0).with_sigverify(false);
        svm.airdrop(&payer.pubkey(), 1_000_000_000_000).expect("airdrop");
        svm.add_program(program, &bytes).expect("the VM refuses the program");
        Self { svm, payer, program }
    }

    fn call(&mut self, op: u8, a: u128, b: u128) -> Outcome {
        let instruction = Instruction::new_with_bytes(self.program, &encode(op, a, b), vec![]);
        let message = Message::new(&[instruction], Some(&self.payer.pubkey()));
        let transaction = Transaction::new(&[&self.payer], message, self.svm.latest_blockhash());
        let (ok, meta) = match self.svm.send_transaction(transaction) {
            Ok(meta) => (true, meta),
            Err(failed) => (false, failed.meta),
        };
        let mut bytes = [0; 16];
        // The runtime cuts trailing zeros off return data.
        bytes[..meta.return_data.data.len()].copy_from_slice(&meta.return_data.data);
        Outcome {
            answer: ok.then(|| u128::from_le_bytes(bytes)),
            compute_units: meta.compute_units_consumed,
            logs: meta.logs,
        }
    }
}

/// SplitMix64: the same operands on every run.
struct Operands(u64);

impl Operands {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Every length is equally likely, so that each branch of a division is taken; one in four is all ones or one bit.
    fn next(&mut self) -> u128 {
        let wide = u128::from(self.word()) << 64 | u128::from(self.word());
        let shape = self.word();
        let length = shape as u32 & 127;
        let value = match shape >> 62 {
            0 => u128::MAX >> length,
            1 => 1 << length,
            _ => wide >> length,
        };
        if shape >> 61 & 1 == 1 {
            value.wrapping_neg()
        } else {
            value
        }
    }

    fn pair(&mut self) -> (u128, u128) {
        (self.next(), self.next().max(1))
    }
}

/// Around every boundary the implementation branches at.
fn edges() -> Vec<u128> {
    let mut edges = vec![3, 10_000, 1_000_000_007, u128::from(u64::MAX) << 32, u128::MAX / 3];
    for bit in [0, 1, 31, 32, 33, 63, 64, 65, 95, 96, 97, 126, 127] {
        edges.extend([(1 << bit) - 1, 1 << bit, (1 << bit) + 1]);
    }
    edges.extend([
        u128::MAX - 1,
        u128::MAX,
        u128::MAX << 64,
        (u128::MAX << 64) - 1,
        u128::MAX << 32,
    ]);
    edges.sort_unstable();
    edges.dedup();
    edges
}

#[test]
fn random_arithmetic_is_bit_exact() {
    let mut vm = Vm::new();
    let mut operands = Operands(1);
    for round in 0..RANDOM_ROUNDS {
        for op in op::ARITHMETIC {
            let (a, b) = operands.pair();
            let native = run(op, a, b).expect("native");
            assert_eq!(
                vm.call(op, a, b).answer,
                Some(native),
                "round {round}: operation {op} of {a:#x} and {b:#x}"
            );
        }
    }
}

#[test]
fn edge_arithmetic_is_bit_exact() {
    let mut vm = Vm::new();
    let edges = edges();
    for a in &edges {
        for b in edges.iter().filter(|b| **b != 0) {
            for op in [
                op::MUL,
                op::DIV,
                op::REM,
                op::SIGNED_MUL,
                op::SIGNED_DIV,
                op::SIGNED_REM,
            ] {
                let native = run(op, *a, *b).expect("native");
                assert_eq!(
                    vm.call(op, *a, *b).answer,
                    Some(native),
                    "operation {op} of {a:#x} and {b:#x}"
                );
            }
        }
    }
}

#[test]
fn division_by_zero_aborts() {
    let mut vm = Vm::new();
    for op in [op::DIV, op::REM, op::SIGNED_DIV, op::SIGNED_REM] {
        for a in [0, 1, u128::from(u64::MAX), u128::MAX] {
            assert_aborts(&vm.call(op, a, 0));
        }
    }
}

#[test]
fn a_panic_aborts() {
    assert_aborts(&Vm::new().call(op::PANIC, 0, 0));
}

#[test]
fn an_arithmetic_overflow_aborts() {
    let mut vm = Vm::new();
    assert_eq!(
        vm.call(op::OVERFLOW, u128::from(u64::MAX), 0).answer,
        Some(u128::from(u64::MAX))
    );
    assert_aborts(&vm.call(op::OVERFLOW, u128::from(u64::MAX), 1));
}

#[test]
fn every_argument_on_the_stack_arrives() {
    let mut vm = Vm::new();
    let (a, b) = (
        0x0123_4567_89ab_cdef_1032_5476_98ba_dcfe,
        0x0f1e_2d3c_4b5a_6978_8796_a5b4_c3d2_e1f0,
    );
    let mut answers = vec![];
    for changed in 0..128 {
        let answer = vm.call(op::STACK_ARGUMENTS, a, b ^ 1 << changed).answer;
        assert_eq!(answer, run(op::STACK_ARGUMENTS, a, b ^ 1 << changed).ok());
        answers.push(answer);
    }
    answers.sort_unstable();
    answers.dedup();
    assert_eq!(answers.len(), 128, "a bit of the operands that no argument carries");
}

#[test]
fn a_division_costs_no_more_than_its_bound() {
    let mut vm = Vm::new();
    let floor = vm.call(op::NOTHING, 1, 1).compute_units;
    let mut operands = Operands(2);
    let mut pairs: Vec<_> = (0..2_000).map(|_| operands.pair()).collect();
    pairs.extend([
        (u128::MAX, 10_000),
        (u128::MAX, u128::from(u64::MAX)),
        (u128::MAX, (1 << 64) + 1),
        (u128::MAX - 1, u128::MAX),
    ]);
    let mut worst = [0; 4];
    for (a, b) in pairs {
        for (slot, op) in [op::DIV, op::REM, op::SIGNED_DIV, op::SIGNED_REM]
            .into_iter()
            .enumerate()
        {
            worst[slot] = vm.call(op, a, b).compute_units.saturating_sub(floor).max(worst[slot]);
        }
    }
    println!("worst compute units of div, rem, signed div, signed rem: {worst:?}");
    assert!(
        worst.iter().all(|cu| *cu <= MAX_DIVISION_CU),
        "{worst:?} exceeds {MAX_DIVISION_CU}"
    );
}

/// An abort of the VM, which undoes the transaction, and not an error code a caller could mistake for an answer.
fn assert_aborts(outcome: &Outcome) {
    assert_eq!(outcome.answer, None);
    assert!(
        outcome
            .logs
            .iter()
            .any(|line| line.contains("SBF program panicked") || line.contains("Program failed to complete")),
        "{:?}",
        outcome.logs
    );
}
