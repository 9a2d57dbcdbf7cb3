//! Incoming tokens, counted by the amount that arrives. With custody they come in through Bulkhead, which notes the
//! depositor: within the window they may leave again to that owner without filling it.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, TransferChecked};
use bulkhead_cpi::ReceiveDeposit;

use crate::{
    bulkhead::Bulkhead,
    custody::{given, receive_deposit},
    error::ExchangeError,
    state::Pool,
};

/// Offset of `amount: u64` in a token account of either token program.
const AMOUNT: usize = 64;

/// The accounts of a payment by a signing user.
#[derive(Accounts)]
pub struct Payin<'info> {
    /// CHECK: the user's token account; the token program checks it.
    #[account(mut)]
    pub source: UncheckedAccount<'info>,
    /// CHECK: the token account that the exchange stores; compared by the handler.
    #[account(mut)]
    pub tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks it against both token accounts.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the token program that the exchange stores; compared by the handler.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: the pool's vault; only with custody.
    pub vault: Option<UncheckedAccount<'info>>,
    /// CHECK: the pool's breaker; only with custody.
    pub breaker: Option<UncheckedAccount<'info>>,
    /// CHECK: the note of the owner's recent deposits; only with custody. Bulkhead derives its address.
    #[account(mut)]
    pub note: Option<UncheckedAccount<'info>>,
    /// Only with custody.
    pub bulkhead: Option<Program<'info, Bulkhead>>,
    pub system_program: Program<'info, System>,
}

impl<'info> Payin<'info> {
    /// Moves `amount` from the signer into `pool`, and returns the amount that arrived: Token-2022 may withhold a fee.
    /// The signer also pays for the note.
    pub fn take(
        &self,
        signer: &Signer<'info>,
        board: &UncheckedAccount<'info>,
        pool: &Pool,
        token_program: &Pubkey,
        amount: u64,
        decimals: u8,
    ) -> Result<u64> {
        require_keys_eq!(self.tokens.key(), pool.tokens, ExchangeError::ForeignAccount);
        require_keys_eq!(self.token_program.key(), *token_program, ExchangeError::ForeignAccount);
        if pool.vault != Pubkey::default() {
            return self.take_into_custody(signer, board, pool, amount);
        }
        let accounts = TransferChecked {
            from: self.source.to_account_info(),
            mint: self.mint.to_account_info(),
            to: self.tokens.to_account_info(),
            authority: signer.to_account_info(),
        };
        receive(accounts, token_program, amount, decimals)
    }
}

impl<'info> Payin<'info> {
    /// With custody: Bulkhead receives the tokens.
    fn take_into_custody(
        &self,
        signer: &Signer<'info>,
        board: &UncheckedAccount<'info>,
        pool: &Pool,
        amount: u64,
    ) -> Result<u64> {
        require!(amount > 0, ExchangeError::ZeroAmount);
        let accounts = ReceiveDeposit {
            owner: signer.as_ref(),
            vault: given(&self.vault, &pool.vault)?,
            breaker: given(&self.breaker, &pool.breaker)?,
            board,
            source: &self.source,
            custody: &self.tokens,
            mint: &self.mint,
            token_program: &self.token_program,
            note: self.note.as_ref().ok_or(ExchangeError::CustodyAccountMissing)?,
            payer: signer.as_ref(),
            system_program: &self.system_program,
        };
        let before = balance(&self.tokens)?;
        receive_deposit(&accounts, amount, &[])?;
        let arrived = balance(&self.tokens)?.checked_sub(before);
        arrived.ok_or_else(|| ExchangeError::Overflow.into())
    }
}

/// Makes a transfer to the exchange that the user signed for, and returns the amount that arrived.
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
