//! Mints and token accounts, by SPL Token's own instructions.

use anchor_lang::{prelude::Pubkey, solana_program::program_pack::Pack};
use anchor_spl::{
    associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent,
    token::spl_token::{
        ID as TOKEN_PROGRAM, instruction,
        state::{Account as TokenAccount, Mint},
    },
};
use bulkhead_client::chain::ChainError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;

use super::cast::DECIMALS;
use crate::rpc::Rpc;

/// Creates a mint, signed by `mint`.
pub(crate) async fn create_mint(rpc: &Rpc, mint: &Keypair, authority: &Pubkey) -> Result<(), ChainError> {
    let (payer, rent) = (rpc.payer.pubkey(), rpc.rent(Mint::LEN).await?);
    let steps = [
        create_account(&payer, &mint.pubkey(), rent, Mint::LEN as u64, &TOKEN_PROGRAM),
        built(instruction::initialize_mint2(
            &TOKEN_PROGRAM,
            &mint.pubkey(),
            authority,
            None,
            DECIMALS,
        ))?,
    ];
    rpc.send(&steps, &[mint]).await.map(|_| ())
}

/// Creates a token account at an address of its own, signed by `account`.
pub(crate) async fn create_account_at(
    rpc: &Rpc,
    account: &Keypair,
    mint: &Pubkey,
    holder: &Pubkey,
) -> Result<(), ChainError> {
    let (payer, rent) = (rpc.payer.pubkey(), rpc.rent(TokenAccount::LEN).await?);
    let key = account.pubkey();
    let steps = [
        create_account(&payer, &key, rent, TokenAccount::LEN as u64, &TOKEN_PROGRAM),
        built(instruction::initialize_account3(&TOKEN_PROGRAM, &key, mint, holder))?,
    ];
    rpc.send(&steps, &[account]).await.map(|_| ())
}

/// Creates the associated token account of `holder`, unless it exists.
pub(crate) fn create_associated(payer: &Pubkey, holder: &Pubkey, mint: &Pubkey) -> Instruction {
    create_associated_token_account_idempotent(payer, holder, mint, &TOKEN_PROGRAM)
}

/// Mints tokens, signed by `authority`.
pub(crate) fn mint_to(
    mint: &Pubkey,
    account: &Pubkey,
    authority: &Pubkey,
    amount: u64,
) -> Result<Instruction, ChainError> {
    built(instruction::mint_to(
        &TOKEN_PROGRAM,
        mint,
        account,
        authority,
        &[],
        amount,
    ))
}

fn built<E: std::fmt::Display>(instruction: Result<Instruction, E>) -> Result<Instruction, ChainError> {
    instruction.map_err(|error| ChainError::Refused {
        reason: error.to_string(),
        logs: String::new(),
    })
}
