//! The calls over a framework that nobody has heard of: what they hand to its `invoke_signed`, and what they make of the
//! answer. The types here have the names and the fields that every solana-program has had.

use bulkhead_cpi::{
    ConsumeClaim, Leaf, MeterOutflow, Metered, ReceiveDeposit, RecordInflow, Release, Released, TakeBackRelease,
    BULKHEAD_ID, CONSUME_CLAIM,
};
use framework::{account_info::AccountInfo, program::SCRIPT, program_error::ProgramError};

bulkhead_cpi::calls!(framework);

mod framework {
    pub mod pubkey {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Pubkey([u8; 32]);

        impl Pubkey {
            pub const fn new_from_array(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl AsRef<[u8]> for Pubkey {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    }

    pub mod account_info {
        use super::pubkey::Pubkey;

        #[derive(Clone)]
        pub struct AccountInfo<'a> {
            pub key: &'a Pubkey,
            pub is_signer: bool,
        }
    }

    pub mod instruction {
        use super::pubkey::Pubkey;

        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct AccountMeta {
            pub pubkey: Pubkey,
            pub is_signer: bool,
            pub is_writable: bool,
        }

        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Instruction {
            pub program_id: Pubkey,
            pub accounts: Vec<AccountMeta>,
            pub data: Vec<u8>,
        }
    }

    pub mod program_error {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProgramError {
            IncorrectProgramId,
            InsufficientFunds,
        }
    }

    pub mod program {
        use std::cell::RefCell;

        use super::{account_info::AccountInfo, instruction::Instruction, program_error::ProgramError, pubkey::Pubkey};

        /// What the runtime is to answer, and what it was asked.
        #[derive(Default)]
        pub struct Script {
            pub fails: bool,
            pub answer: Option<(Pubkey, Vec<u8>)>,
            pub asked: Vec<(Instruction, Vec<Pubkey>, usize)>,
        }

        thread_local! {
            pub static SCRIPT: RefCell<Script> = RefCell::default();
        }

        pub fn invoke_signed(
            instruction: &Instruction,
            accounts: &[AccountInfo],
            seeds: &[&[&[u8]]],
        ) -> Result<(), ProgramError> {
            SCRIPT.with(|script| {
                let mut script = script.borrow_mut();
                let keys = accounts.iter().map(|account| *account.key).collect();
                script.asked.push((instruction.clone(), keys, seeds.len()));
                if script.fails {
                    return Err(ProgramError::InsufficientFunds);
                }
                Ok(())
            })
        }

        pub fn get_return_data() -> Option<(Pubkey, Vec<u8>)> {
            SCRIPT.with(|script| script.borrow().answer.clone())
        }
    }
}

use framework::{instruction::Instruction, pubkey::Pubkey};

const KEYS: [Pubkey; 12] = {
    let mut keys = [Pubkey::new_from_array([0; 32]); 12];
    let mut next = 0;
    while next < 12 {
        keys[next] = Pubkey::new_from_array([next as u8 + 1; 32]);
        next += 1;
    }
    keys
};

fn answers(answer: Option<(&[u8; 32], &[u8])>) {
    let answer = answer.map(|(program, data)| (Pubkey::new_from_array(*program), data.to_vec()));
    SCRIPT.with(|script| script.borrow_mut().answer = answer);
}

fn fails(fails: bool) {
    SCRIPT.with(|script| script.borrow_mut().fails = fails);
}

/// The instruction of the last call. Every account was given, in its order, and one signer.
fn asked() -> Instruction {
    let (instruction, keys, seeds) = SCRIPT.with(|script| script.borrow_mut().asked.pop()).expect("a call");
    assert_eq!(instruction.program_id, Pubkey::new_from_array(BULKHEAD_ID));
    let metas: Vec<_> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
    assert_eq!((keys, seeds), (metas, 1));
    instruction
}

/// Which of the accounts, by number, is writable, and which signs.
fn used(instruction: &Instruction) -> (Vec<usize>, Vec<usize>) {
    let all = || instruction.accounts.iter().enumerate();
    (
        all().filter(|(_, meta)| meta.is_writable).map(|(at, _)| at).collect(),
        all().filter(|(_, meta)| meta.is_signer).map(|(at, _)| at).collect(),
    )
}

fn infos() -> Vec<AccountInfo<'static>> {
    let info = |key| AccountInfo { key, is_signer: false };
    KEYS.iter().map(info).collect()
}

const SEEDS: &[&[&[u8]]] = &[&[b"operator"]];

#[test]
fn an_outflow_is_asked_for_and_paid_only_for_the_one_answer() {
    let infos = infos();
    let accounts = MeterOutflow {
        breaker: &infos[0],
        board: &infos[1],
        authority: &infos[2],
    };
    answers(Some((&BULKHEAD_ID, &[0])));
    match meter_outflow(&accounts, 70, SEEDS) {
        Ok(Metered::Allowed(permit)) => assert_eq!(permit.into_amount(), 70),
        other => panic!("{other:?}"),
    }
    let instruction = asked();
    assert_eq!(used(&instruction), (vec![0], vec![2]));
    assert_eq!(instruction.data[8..], 70_u64.to_le_bytes());
    for answer in [
        None,
        Some((&[9; 32], &[0][..])),
        Some((&BULKHEAD_ID, &[1])),
        Some((&BULKHEAD_ID, &[])),
    ] {
        answers(answer);
        assert!(
            matches!(meter_outflow(&accounts, 70, SEEDS), Ok(Metered::Refused(_))),
            "{answer:?}"
        );
    }
    fails(true);
    assert_eq!(
        meter_outflow(&accounts, 70, SEEDS),
        Err(ProgramError::InsufficientFunds)
    );
}

#[test]
fn a_release_takes_the_note_along_and_fails_without_a_verdict() {
    let infos = infos();
    let [operator, vault, breaker, board, custody, destination, mint, token_program, release_record, payer, system_program, note] =
        <&[AccountInfo; 12]>::try_from(&infos[..]).expect("twelve");
    let mut accounts = Release {
        operator,
        vault,
        breaker,
        board,
        custody,
        destination,
        mint,
        token_program,
        release: release_record,
        payer,
        system_program,
        note: None,
    };
    for (with, count) in [(None, 11), (Some(note), 12)] {
        accounts.note = with;
        answers(Some((&BULKHEAD_ID, &[1])));
        match release(&accounts, 70, 4, SEEDS) {
            Ok(Released::Queued(debit)) => assert_eq!(debit.into_amount(), 70),
            other => panic!("{other:?}"),
        }
        let instruction = asked();
        assert_eq!(instruction.accounts.len(), count);
        assert_eq!(instruction.data[8..16], 70_u64.to_le_bytes());
        assert_eq!(instruction.data[16..], 4_u64.to_le_bytes());
        answers(None);
        assert_eq!(release(&accounts, 70, 4, SEEDS), Err(ProgramError::IncorrectProgramId));
    }
}

#[test]
fn what_comes_in_is_reported_and_taken() {
    let infos = infos();
    let inflow = RecordInflow {
        breaker: &infos[0],
        authority: &infos[1],
        vault: &infos[2],
    };
    assert_eq!(record_inflow(&inflow, 5, SEEDS), Ok(()));
    assert_eq!(used(&asked()), (vec![0], vec![1]));
    let deposit = ReceiveDeposit {
        owner: &infos[0],
        vault: &infos[1],
        breaker: &infos[2],
        board: &infos[3],
        source: &infos[4],
        custody: &infos[5],
        mint: &infos[6],
        token_program: &infos[7],
        note: &infos[8],
        payer: &infos[9],
        system_program: &infos[10],
    };
    assert_eq!(receive_deposit(&deposit, 5, SEEDS), Ok(()));
    assert_eq!(used(&asked()), (vec![4, 5, 8, 9], vec![0, 9]));
    fails(true);
    assert_eq!(
        receive_deposit(&deposit, 5, SEEDS),
        Err(ProgramError::InsufficientFunds)
    );
    assert_eq!(record_inflow(&inflow, 5, SEEDS), Err(ProgramError::InsufficientFunds));
}

#[test]
fn a_cancelled_release_is_credited_by_the_amount_that_bulkhead_names() {
    let infos = infos();
    let accounts = TakeBackRelease {
        operator: &infos[0],
        vault: &infos[1],
        release: &infos[2],
        payer: &infos[3],
    };
    answers(Some((&BULKHEAD_ID, &77_u64.to_le_bytes())));
    let credit = take_back_release(&accounts, SEEDS).expect("an amount");
    assert_eq!(credit.into_amount(), 77);
    assert_eq!(used(&asked()), (vec![2, 3], vec![0]));
    for answer in [None, Some((&[9; 32], &[0; 8][..])), Some((&BULKHEAD_ID, &[0]))] {
        answers(answer);
        assert_eq!(
            take_back_release(&accounts, SEEDS),
            Err(ProgramError::IncorrectProgramId)
        );
    }
}

#[test]
fn a_claim_is_consumed_with_the_owners_signature_if_there_is_one() {
    let mut infos = infos();
    for signs in [false, true] {
        infos[6].is_signer = signs;
        let accounts = ConsumeClaim {
            restoration: &infos[0],
            snapshot: &infos[1],
            shard: &infos[2],
            claims: &infos[3],
            pool: &infos[4],
            destination: &infos[5],
            owner: &infos[6],
            mint: &infos[7],
            token_program: &infos[8],
            consumer: &infos[9],
            wish: &infos[10],
            terms: &infos[11],
        };
        let leaf = || Leaf {
            index: 3,
            key: &[4; 32],
            amount: 70,
            proof: &[5; 40],
        };
        let mut told = [1; 80];
        told[64..72].copy_from_slice(&70_u64.to_le_bytes());
        told[72..].copy_from_slice(&20_u64.to_le_bytes());
        answers(Some((&BULKHEAD_ID, &told)));
        let consumed = consume_claim(&accounts, leaf(), SEEDS).expect("an answer");
        assert_eq!((consumed.owner, consumed.amount, consumed.paid), ([1; 32], 70, 20));
        let instruction = asked();
        let signers = if signs { vec![6, 9] } else { vec![9] };
        assert_eq!(used(&instruction), (vec![0, 3, 4, 5], signers));
        assert_eq!(instruction.data[..8], CONSUME_CLAIM);
        assert_eq!(instruction.data[8..12], 3_u32.to_le_bytes());
        assert_eq!(instruction.data[12..44], [4; 32]);
        assert_eq!(instruction.data[44..52], 70_u64.to_le_bytes());
        assert_eq!(instruction.data[53..57], 40_u32.to_le_bytes());
        assert_eq!(instruction.data[57..], [5; 40]);
        answers(None);
        assert_eq!(
            consume_claim(&accounts, leaf(), SEEDS),
            Err(ProgramError::IncorrectProgramId)
        );
    }
}

/// Versions are written twice, because an old cargo that reads these two manifests cannot read the workspace's.
#[test]
fn the_manifests_say_what_the_workspace_says() {
    let read = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path);
    let workspace = read("../../Cargo.toml");
    for name in ["guard", "cpi"] {
        let manifest = read(&format!("../{name}/Cargo.toml"));
        assert!(!manifest.contains("workspace"), "{name} inherits nothing");
        for key in ["version", "license", "repository"] {
            let line = |text: &str| {
                let line = text.lines().find(|line| line.starts_with(&format!("{key} = ")));
                line.expect(key).to_string()
            };
            assert_eq!(line(&manifest), line(&workspace), "{name}");
        }
    }
    let version = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("version = "))
            .map(str::to_string)
    };
    let dependency = format!(
        "bulkhead-guard = {{ version = \"={}",
        version(&workspace)
            .expect("one")
            .trim_start_matches("version = \"")
            .trim_end_matches('"')
    );
    assert!(read("Cargo.toml").contains(&dependency), "{dependency}");
}
