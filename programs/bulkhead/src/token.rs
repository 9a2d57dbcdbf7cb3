//! Token transfers that are verified by their effect, and mints that custody can hold.
//!
//! Balances are read from raw bytes: SPL Token and Token-2022 share the first 165 bytes of an account, and the token
//! program itself checks everything else when it moves the tokens.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::Instruction,
        program::{invoke, invoke_signed},
    },
};
use anchor_spl::{token::spl_token, token_2022::spl_token_2022};
use bulkhead_core::{
    custody::{
        Receiver,
        migration::{Balances, Moved, conserve},
    },
    mint::{UnsafeMint, check, fee_bps, freeze_authority},
    token,
};

use crate::error::BulkheadError;

/// The accounts of a transfer. `authority` signed the transaction, or is a PDA signed for with seeds.
pub struct Transfer<'a, 'info> {
    pub program: &'a AccountInfo<'info>,
    pub from: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub to: &'a AccountInfo<'info>,
    pub authority: &'a AccountInfo<'info>,
    pub decimals: u8,
}

/// The memo program.
pub const MEMO_PROGRAM: Pubkey = pubkey!("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
/// The memo of a transfer to an account that requires one.
const MEMO: &[u8] = b"Bulkhead";

/// [`transfer_with_memo`] without a memo.
pub fn transfer(accounts: &Transfer, amount: u64, seeds: &[&[&[u8]]]) -> Result<Moved> {
    transfer_with_memo(accounts, amount, seeds, None)
}

/// Transfers `amount` and reads both balances again afterwards. Exactly `amount` must have left the source, and the
/// destination may have received less only by the mint's fee, which nobody can raise.
pub fn transfer_with_memo<'info>(
    accounts: &Transfer<'_, 'info>,
    amount: u64,
    seeds: &[&[&[u8]]],
    memo: Option<&AccountInfo<'info>>,
) -> Result<Moved> {
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
    let fee_bps = fee_bps(&mint.try_borrow_data()?).map_err(mint_error)?;
    if let Some(memo) = memo
        && token::wants_memo(&to.try_borrow_data()?)
    {
        // Token-2022 checks the instruction immediately before its own, from the same caller.
        let note = Instruction::new_with_bytes(MEMO_PROGRAM, MEMO, vec![]);
        invoke(&note, std::slice::from_ref(memo))?;
    }
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
    conserve(amount, fee_bps, &balances).map_err(|_| BulkheadError::ConservationBroken.into())
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

/// Holder of a token account of either token program.
pub fn holder(account: &AccountInfo) -> Result<Pubkey> {
    let data = account.try_borrow_data()?;
    require!(token::is_account(&data), BulkheadError::WrongDestination);
    let holder = token::holder(&data).ok_or(BulkheadError::WrongDestination)?;
    Ok(Pubkey::new_from_array(holder))
}

/// The memo program, if it follows the instruction's own accounts.
pub fn memo_program<'a, 'info>(rest: &'a [AccountInfo<'info>]) -> Option<&'a AccountInfo<'info>> {
    rest.first().filter(|account| *account.key == MEMO_PROGRAM)
}

/// The current contents of a token account to be paid. [`require_receiver`] checks whether it is a token account, and
/// of which mint.
pub fn receiver(account: &AccountInfo, memo: Option<&AccountInfo>) -> Result<Receiver> {
    let data = account.try_borrow_data()?;
    let holder = token::holder(&data).ok_or(BulkheadError::WrongDestination)?;
    Ok(Receiver {
        key: *account.key,
        holder: Pubkey::new_from_array(holder),
        takes: !token::is_frozen(&data) && (memo.is_some() || !token::wants_memo(&data)),
    })
}

/// Refuses a destination that could not receive `mint` from `token_program`.
pub fn require_receiver(account: &AccountInfo, mint: &Pubkey, token_program: &Pubkey) -> Result<()> {
    require_keys_eq!(*account.owner, *token_program, BulkheadError::WrongDestination);
    let data = account.try_borrow_data()?;
    let is_of_mint = token::is_account(&data) && token::mint(&data) == Some(mint.to_bytes());
    require!(is_of_mint, BulkheadError::WrongDestination);
    Ok(())
}

/// Refuses mints that someone else could move, lock, burn, hide or tax. The rule is [`check`].
pub fn require_safe_mint(account: &AccountInfo) -> Result<()> {
    check(&account.try_borrow_data()?).map(|_| ()).map_err(mint_error)
}

/// Refuses mints that let anyone stop or take escrowed votes. Custody has to accept a freeze authority, because the
/// largest stable coins have one. Votes do not: whoever can freeze the one account that holds all votes decides every
/// vote.
pub fn require_votable_mint(account: &AccountInfo) -> Result<()> {
    require_safe_mint(account)?;
    let authority = freeze_authority(&account.try_borrow_data()?);
    require!(authority == Some([0; 32]), BulkheadError::FreezableVotes);
    Ok(())
}

/// Maps a refused mint to the program's error.
fn mint_error(error: UnsafeMint) -> Error {
    match error {
        UnsafeMint::NotAMint => BulkheadError::ForeignAccount,
        UnsafeMint::Extension(_) => BulkheadError::UnsafeMintExtension,
        UnsafeMint::Fee => BulkheadError::UnsafeTransferFee,
    }
    .into()
}
