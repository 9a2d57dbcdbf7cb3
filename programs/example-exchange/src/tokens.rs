//! Tokens coming in, counted by what arrived.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, TransferChecked};

use crate::error::ExchangeError;

/// `amount: u64` within a token account of either token program.
const AMOUNT: usize = 64;

/// The accounts of a payment by a user who signed.
#[derive(Accounts)]
pub struct Payin<'info> {
    /// CHECK: the user's token account; the token program checks it.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    /// CHECK: the token account the exchange wrote down; compared by the handler.
    #[account(mut)]
    pub tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks it against both token accounts.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the token program the exchange wrote down; compared by the handler.
    pub token_program: UncheckedAccount<'info>,
}

impl<'info> Payin<'info> {
    /// Moves `amount` from the signer, and gives what arrived: Token-2022 may withhold a fee.
    pub fn take(
        &self,
        signer: &Signer<'info>,
        tokens: &Pubkey,
        token_program: &Pubkey,
        amount: u64,
        decimals: u8,
    ) -> Result<u64> {
        require_keys_eq!(self.tokens.key(), *tokens, ExchangeError::ForeignAccount);
        require_keys_eq!(self.token_program.key(), *token_program, ExchangeError::ForeignAccount);
        let accounts = TransferChecked {
            from: self.source.to_account_info(),
            mint: self.mint.to_account_info(),
            to: self.tokens.to_account_info(),
            authority: signer.to_account_info(),
        };
        receive(accounts, token_program, amount, decimals)
    }
}

/// Makes a transfer to the exchange that the user signed for, and gives what arrived.
pub fn receive(accounts: TransferChecked, token_program: &Pubkey, amount: u64, decimals: u8) -> Result<u64> {
    require!(amount > 0, ExchangeError::ZeroAmount);
    let tokens = accounts.to.clone();
    let before = balance(&tokens)?;
    token_interface::transfer_checked(CpiContext::new(*token_program, accounts), amount, decimals)?;
    let arrived = balance(&tokens)?.checked_sub(before);
    arrived.ok_or_else(|| ExchangeError::Overflow.into())
}

/// Balance of a token account, from its bytes.
pub fn balance(account: &AccountInfo) -> Result<u64> {
    let data = account.try_borrow_data()?;
    let bytes = data.get(AMOUNT..).and_then(|rest| rest.first_chunk());
    bytes
        .map(|bytes| u64::from_le_bytes(*bytes))
        .ok_or_else(|| ExchangeError::ForeignAccount.into())
}
