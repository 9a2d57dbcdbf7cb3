//! Stored instructions in words.

use anchor_lang::solana_program::{instruction::Instruction, system_instruction};
use anchor_spl::token::spl_token::{self, instruction::AuthorityType};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::call::{StoredAccount, StoredInstruction},
    instructions::stored,
    payload::call_in_words as printed,
};

const LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
const LOADER_V4: Pubkey = Pubkey::from_str_const("LoaderV411111111111111111111111111111111111");
const TOKEN: Pubkey = anchor_spl::token::ID;
const TOKEN_2022: Pubkey = anchor_spl::token_2022::ID;
const SYSTEM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");
const ASSOCIATED: Pubkey = anchor_spl::associated_token::ID;

const A: Pubkey = Pubkey::new_from_array([1; 32]);
const B: Pubkey = Pubkey::new_from_array([2; 32]);
const C: Pubkey = Pubkey::new_from_array([3; 32]);

fn line(instruction: &Instruction) -> String {
    printed(&stored(instruction)).join("\n")
}

#[test]
fn tokens_and_authorities_are_told_in_words() {
    let token = spl_token::ID;
    let owner = spl_token::instruction::set_authority(&token, &A, Some(&B), AuthorityType::AccountOwner, &C, &[]);
    assert_eq!(
        line(&owner.unwrap()),
        format!("token program: SETS the account ownership of {A} TO {B}")
    );
    let mint = spl_token::instruction::set_authority(&token, &A, None, AuthorityType::MintTokens, &C, &[]);
    assert_eq!(
        line(&mint.unwrap()),
        format!("token program: REMOVES the mint authority of {A} forever")
    );
    let approve = spl_token::instruction::approve(&token, &A, &B, &C, &[], u64::MAX).unwrap();
    assert_eq!(
        line(&approve),
        format!("token program: APPROVES {B} AS DELEGATE for 18446744073709551615 native units of {A}")
    );
    let transfer = spl_token::instruction::transfer_checked(&token, &A, &B, &C, &A, &[], 7, 6).unwrap();
    assert_eq!(
        line(&transfer),
        format!("token program: transfers 7 native units of the mint {B} from {A} to {C}, 6 decimals")
    );
}

#[test]
fn lamports_and_upgrades_are_told_in_words() {
    assert_eq!(
        line(&system_instruction::transfer(&A, &B, 5)),
        format!("system program: transfers 5 lamports from {A} to {B}")
    );
    let upgrade = |data: &[u8], accounts: &[Pubkey]| StoredInstruction {
        program_id: LOADER,
        accounts: accounts
            .iter()
            .map(|key| StoredAccount {
                pubkey: *key,
                is_signer: false,
                is_writable: true,
            })
            .collect(),
        data: data.to_vec(),
    };
    assert_eq!(
        printed(&upgrade(&[3, 0, 0, 0], &[A, B, C, A])),
        [format!(
            "upgradeable loader: UPGRADES the program {B} to the code in the buffer {C}; the remaining lamports go to {A}"
        )]
    );
    assert_eq!(
        printed(&upgrade(&[4, 0, 0, 0], &[A, B])),
        [format!(
            "upgradeable loader: REMOVES the upgrade authority of {A} forever"
        )]
    );
}

#[test]
fn what_is_not_known_or_has_bytes_behind_is_said_to_be_unread() {
    let mut transfer = stored(&system_instruction::transfer(&A, &B, 5));
    transfer.data.push(0);
    assert!(printed(&transfer)[0].contains("cannot read"));
    transfer.program_id = C;
    assert!(printed(&transfer)[0].contains("cannot read"));
    transfer.program_id = TOKEN;
    transfer.data = vec![];
    assert!(printed(&transfer)[0].contains("cannot read"));
}

fn call(program_id: Pubkey, data: &[u8]) -> StoredInstruction {
    let accounts = [A, B, C, A].map(|pubkey| StoredAccount {
        pubkey,
        is_signer: false,
        is_writable: true,
    });
    StoredInstruction {
        program_id,
        accounts: accounts.to_vec(),
        data: data.to_vec(),
    }
}

/// Every instruction that is read is read to its last byte: more could mean something else to another version.
#[test]
fn nothing_is_read_with_bytes_behind_it() {
    let long = |tag: u32, len: usize| [&tag.to_le_bytes()[..], &vec![0; len - 4]].concat();
    let mut all = vec![];
    for (tag, len) in [
        (0, 52),
        (1, 36),
        (2, 12),
        (3, 92),
        (4, 4),
        (5, 12),
        (7, 36),
        (8, 12),
        (10, 76),
        (11, 52),
    ] {
        all.push((SYSTEM, long(tag, len)));
    }
    for (tag, len) in [(1, 16), (3, 4), (4, 4), (5, 4), (6, 8), (7, 4)] {
        all.push((LOADER, long(tag, len)));
    }
    for (tag, len) in [(0, 16), (1, 16), (2, 8), (3, 4), (4, 4), (5, 4), (6, 4)] {
        all.push((LOADER_V4, long(tag, len)));
    }
    let token = |tag: u8, len: usize| [&[tag][..], &vec![0; len - 1]].concat();
    for (tag, len) in [
        (3, 9),
        (4, 9),
        (5, 1),
        (6, 3),
        (7, 9),
        (8, 9),
        (9, 1),
        (10, 1),
        (11, 1),
        (12, 10),
        (13, 10),
        (14, 10),
        (15, 10),
        (17, 1),
    ] {
        all.push((TOKEN, token(tag, len)));
        all.push((TOKEN_2022, token(tag, len)));
    }
    for (tag, sub, len) in [
        (26, 1, 19),
        (26, 2, 2),
        (26, 3, 3),
        (26, 5, 12),
        (28, 1, 3),
        (30, 0, 2),
        (30, 1, 2),
        (33, 1, 4),
        (34, 0, 2),
        (34, 1, 2),
        (36, 1, 34),
        (44, 1, 2),
        (44, 2, 2),
    ] {
        let mut data = token(tag, len);
        data[1] = sub;
        all.push((TOKEN_2022, data));
    }
    all.extend([
        (TOKEN_2022, vec![38]),
        (ASSOCIATED, vec![0]),
        (ASSOCIATED, vec![1]),
        (ASSOCIATED, vec![2]),
    ]);
    for (program, data) in all {
        let is_read = |data: &[u8]| !printed(&call(program, data))[0].contains("cannot read");
        assert!(is_read(&data), "{program} {data:?}");
        assert!(
            !is_read(&[&data[..], &[0]].concat()),
            "{program} {data:?} with a byte behind"
        );
        // Fewer bytes, or fewer accounts, end in "cannot read" and never in a panic.
        for end in 0..data.len() {
            assert!(!printed(&call(program, &data[..end])).is_empty());
        }
        for count in 0..4 {
            let mut less = call(program, &data);
            less.accounts.truncate(count);
            assert!(!printed(&less).is_empty());
        }
    }
}

#[test]
fn extensions_and_the_newer_loader_are_told_in_words() {
    let fee = [&[26, 5][..], &10_000_u16.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
    let hook = [&[36, 1][..], B.as_ref()].concat();
    for (program, data, line) in [
        (
            TOKEN_2022,
            fee,
            format!(
                "token-2022 program: SETS THE TRANSFER FEE of the mint {A} to 10000 bps, at most {} native units",
                u64::MAX
            ),
        ),
        (
            TOKEN_2022,
            hook,
            format!("token-2022 program: SETS THE TRANSFER HOOK of the mint {A} to the program {B}"),
        ),
        (
            TOKEN_2022,
            vec![44, 1],
            format!("token-2022 program: PAUSES the mint {A}"),
        ),
        (
            LOADER_V4,
            vec![3, 0, 0, 0],
            format!("loader v4: DEPLOYS the program {A} with the code of {C}"),
        ),
        (
            LOADER_V4,
            vec![5, 0, 0, 0],
            format!("loader v4: MAKES {C} THE AUTHORITY of the program {A}"),
        ),
        (
            ASSOCIATED,
            vec![2],
            format!("associated token program: transfers all that the token account {A} holds to {C}, and closes it"),
        ),
    ] {
        assert_eq!(printed(&call(program, &data)), [line]);
    }
    // The older program has none of them.
    assert!(printed(&call(TOKEN, &[44, 1]))[0].contains("cannot read"));
}
