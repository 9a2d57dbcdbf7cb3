use anchor_lang::solana_program::{instruction::Instruction, system_instruction};
use anchor_spl::token::spl_token::{self, instruction::AuthorityType};

use super::*;
use crate::instructions::stored;

const A: Pubkey = Pubkey::new_from_array([1; 32]);
const B: Pubkey = Pubkey::new_from_array([2; 32]);
const C: Pubkey = Pubkey::new_from_array([3; 32]);

fn line(instruction: &Instruction) -> String {
    told(&stored(instruction)).join("\n")
}

#[test]
fn tokens_and_authorities_are_told_in_words() {
    let token = spl_token::ID;
    let owner = spl_token::instruction::set_authority(&token, &A, Some(&B), AuthorityType::AccountOwner, &C, &[]);
    assert_eq!(
        line(&owner.unwrap()),
        format!("token program: MAKES {B} THE HOLDER of the ownership of {A}")
    );
    let mint = spl_token::instruction::set_authority(&token, &A, None, AuthorityType::MintTokens, &C, &[]);
    assert_eq!(
        line(&mint.unwrap()),
        format!("token program: GIVES UP the right to mint of {A} for ever")
    );
    let approve = spl_token::instruction::approve(&token, &A, &B, &C, &[], u64::MAX).unwrap();
    assert_eq!(
        line(&approve),
        format!("token program: LETS {B} SPEND 18446744073709551615 native units of {A}")
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
            .map(|key| bulkhead::call::StoredAccount {
                pubkey: *key,
                is_signer: false,
                is_writable: true,
            })
            .collect(),
        data: data.to_vec(),
    };
    assert_eq!(
        told(&upgrade(&[3, 0, 0, 0], &[A, B, C, A])),
        [format!(
            "upgradeable loader: UPGRADES the program {B} to the code in the buffer {C}; what is left goes to {A}"
        )]
    );
    assert_eq!(
        told(&upgrade(&[4, 0, 0, 0], &[A, B])),
        [format!(
            "upgradeable loader: GIVES UP the upgrade authority of {A} for ever"
        )]
    );
}

#[test]
fn what_is_not_known_or_has_bytes_behind_is_said_to_be_unread() {
    let mut transfer = stored(&system_instruction::transfer(&A, &B, 5));
    transfer.data.push(0);
    assert!(told(&transfer)[0].contains("cannot read"));
    transfer.program_id = C;
    assert!(told(&transfer)[0].contains("cannot read"));
    transfer.program_id = TOKEN;
    transfer.data = vec![];
    assert!(told(&transfer)[0].contains("cannot read"));
}
