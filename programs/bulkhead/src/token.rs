//! Token transfers that are checked by their effect, and mints that custody can hold.
//!
//! Balances are read from raw bytes: SPL Token and Token-2022 share the first 165 of an account,
//! and the token program itself checks everything else when it moves the tokens.

use anchor_lang::{prelude::*, solana_program::program::invoke_signed};
use anchor_spl::{
    token::spl_token,
    token_2022::spl_token_2022::{
        self,
        extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions},
    },
};
use bulkhead_core::{
    migration::{Balances, Moved, conserve},
    token,
};

use crate::error::BulkheadError;

/// A transfer's accounts. `authority` signed the transaction, or is a PDA that seeds sign for.
pub struct Transfer<'a, 'info> {
    pub program: &'a AccountInfo<'info>,
    pub from: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub to: &'a AccountInfo<'info>,
    pub authority: &'a AccountInfo<'info>,
    pub decimals: u8,
}

/// Transfers `amount` and reads both balances again afterwards: exactly `amount` has left the
/// source, and what did not arrive is the token's own fee.
pub fn transfer(accounts: &Transfer, amount: u64, seeds: &[&[&[u8]]]) -> Result<Moved> {
    let Transfer {
        program,
        from,
        mint,
        to,
        authority,
        decimals,
    } = *accounts;
    let source_before = balance(from)?;
    let destination_before = balance(to)?;
    require!(amount <= source_before, BulkheadError::BalanceTooSmall);
    let instruction = spl_token_2022::instruction::transfer_checked(
        program.key,
        from.key,
        mint.key,
        to.key,
        authority.key,
        &[],
        amount,
        decimals,
    )?;
    invoke_signed(
        &instruction,
        &[from.clone(), mint.clone(), to.clone(), authority.clone()],
        seeds,
    )?;
    let balances = Balances {
        source_before,
        source_after: balance(from)?,
        destination_before,
        destination_after: balance(to)?,
    };
    conserve(amount, &balances).map_err(|_| BulkheadError::ConservationBroken.into())
}

/// Balance of a token account of either token program.
pub fn balance(account: &AccountInfo) -> Result<u64> {
    let data = account.try_borrow_data()?;
    require!(token::is_account(&data), BulkheadError::WrongDestination);
    token::amount(&data).ok_or_else(|| BulkheadError::WrongDestination.into())
}

/// Balance of a token account of `mint`, of either token program and checked to be one.
pub fn holding(account: &AccountInfo, mint: &Pubkey) -> Result<u64> {
    let is_owned = [spl_token::ID, spl_token_2022::ID].contains(account.owner);
    require!(is_owned, BulkheadError::ForeignAccount);
    let data = account.try_borrow_data()?;
    let is_of_mint = token::is_account(&data) && token::mint(&data) == Some(mint.to_bytes());
    require!(is_of_mint, BulkheadError::ForeignAccount);
    token::amount(&data).ok_or_else(|| BulkheadError::WrongDestination.into())
}

/// Mint of a token account of either token program.
pub fn mint(account: &AccountInfo) -> Result<Pubkey> {
    let data = account.try_borrow_data()?;
    require!(token::is_account(&data), BulkheadError::WrongDestination);
    let mint = token::mint(&data).ok_or(BulkheadError::WrongDestination)?;
    Ok(Pubkey::new_from_array(mint))
}

/// Who holds a token account of either token program.
pub fn holder(account: &AccountInfo) -> Result<Pubkey> {
    let data = account.try_borrow_data()?;
    require!(token::is_account(&data), BulkheadError::WrongDestination);
    let holder = token::holder(&data).ok_or(BulkheadError::WrongDestination)?;
    Ok(Pubkey::new_from_array(holder))
}

/// Refuses a destination that could not receive `mint` from `token_program`.
pub fn require_receiver(account: &AccountInfo, mint: &Pubkey, token_program: &Pubkey) -> Result<()> {
    require_keys_eq!(*account.owner, *token_program, BulkheadError::WrongDestination);
    let data = account.try_borrow_data()?;
    let is_of_mint = token::is_account(&data) && token::mint(&data) == Some(mint.to_bytes());
    require!(is_of_mint, BulkheadError::WrongDestination);
    Ok(())
}

/// Refuses mints whose extensions let somebody else move, lock, burn or hide what custody holds.
/// A list of what is allowed, so that extensions of the future are refused.
///
/// A transfer fee is allowed and accounted for.
pub fn require_safe_mint(mint: &AccountInfo) -> Result<()> {
    use ExtensionType as E;
    let data = mint.try_borrow_data()?;
    let state = StateWithExtensions::<spl_token_2022::state::Mint>::unpack(&data)?;
    let is_safe = |extension: &E| {
        matches!(
            extension,
            E::TransferFeeConfig
                | E::InterestBearingConfig
                | E::ScaledUiAmount
                | E::MetadataPointer
                | E::TokenMetadata
                | E::GroupPointer
                | E::TokenGroup
                | E::GroupMemberPointer
                | E::TokenGroupMember
        )
    };
    require!(
        state.get_extension_types()?.iter().all(is_safe),
        BulkheadError::UnsafeMintExtension
    );
    Ok(())
}
