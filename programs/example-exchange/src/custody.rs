//! The only way out: every token that leaves the exchange passes through [`Payout::pay_out`].
//!
//! A breach is a verdict and not an error. An error would revert the transaction and the breaker's latch with it. So
//! the handler continues, does what the verdict says, and returns `Ok`. The types of `bulkhead_cpi` enforce this: the
//! amount to pay or to debit can only come from an answer.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, TransferChecked};
use bulkhead_cpi::{MeterOutflow, Metered, Release, Released};
use bulkhead_interface::{constants::verdict, seeds::SEED_DEPOSIT};

use crate::{
    bulkhead::Bulkhead,
    constants::custody_mode,
    error::ExchangeError,
    events::OutflowDecided,
    state::{Exchange, Pool},
};

bulkhead_cpi::calls!(anchor_lang::solana_program);

/// Effect of an outflow on the ledger.
#[must_use = "an outflow that left has to be debited, and one that did not must not be"]
#[derive(Debug, PartialEq, Eq)]
pub enum Outflow {
    /// Debit: the tokens have moved, or Bulkhead owes them and the release record is now the user's claim.
    Debit(u64),
    /// No debit: nothing moved and nobody owes more than before.
    Refused,
}

/// The token that leaves.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The token.
    pub mint: Pubkey,
    /// Its program.
    pub token_program: Pubkey,
    /// Its decimals.
    pub decimals: u8,
}

/// The accounts of a payment out of one of the pools.
#[derive(Accounts)]
pub struct Payout<'info> {
    /// CHECK: the pool's token account; compared with the one the exchange stores.
    #[account(mut)]
    pub tokens: UncheckedAccount<'info>,
    /// CHECK: the destination; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: compared with the one the exchange stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: compared with the one the exchange stores.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    /// CHECK: the pool's breaker; none when unprotected.
    #[account(mut)]
    pub breaker: Option<UncheckedAccount<'info>>,
    /// CHECK: the pool's vault; only with custody.
    #[account(mut)]
    pub vault: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of a release that has to wait; only with custody. Bulkhead derives its address.
    #[account(mut)]
    pub release: Option<UncheckedAccount<'info>>,
    /// CHECK: the note of the owner's recent deposits; only with custody. Compared with its only possible address, so
    /// that nobody can omit it to fill the window by cycling the same tokens.
    #[account(mut)]
    pub note: Option<UncheckedAccount<'info>>,
    /// None when unprotected.
    pub bulkhead: Option<Program<'info, Bulkhead>>,
    pub system_program: Program<'info, System>,
}

/// The parties to a payment, usually one and the same.
#[derive(Clone, Copy)]
pub struct Payer<'a, 'info> {
    /// Pays the rent of a record.
    pub rent: &'a Signer<'info>,
    /// Owner of the tokens: their recent deposits count, whoever cranks.
    pub owner: &'a Pubkey,
}

impl<'info> Payout<'info> {
    /// Pays `amount` of the quote token from `pool`, queues it, or reports that nothing may leave.
    ///
    /// `payer` pays the rent of a record. `release_index` numbers the record; a random number works.
    pub fn pay_out(
        &self,
        exchange: &AccountLoader<'info, Exchange>,
        pool: &Pool,
        payer: &Signer<'info>,
        amount: u64,
        release_index: u64,
    ) -> Result<Outflow> {
        let quote = {
            let state = exchange.load()?;
            require!(amount <= state.withdraw_limit, ExchangeError::OverWithdrawLimit);
            state.quote()
        };
        self.pay_out_of(exchange, &quote, pool, payer, amount, release_index)
    }

    /// The same for any token the exchange holds.
    pub fn pay_out_of(
        &self,
        exchange: &AccountLoader<'info, Exchange>,
        asset: &Asset,
        pool: &Pool,
        payer: &Signer<'info>,
        amount: u64,
        release_index: u64,
    ) -> Result<Outflow> {
        let payer = Payer {
            rent: payer,
            owner: payer.key,
        };
        self.pay_out_for(exchange, asset, pool, payer, amount, release_index)
    }

    /// The same for an owner who does not sign this transaction.
    pub fn pay_out_for(
        &self,
        exchange: &AccountLoader<'info, Exchange>,
        asset: &Asset,
        pool: &Pool,
        payer: Payer<'_, 'info>,
        amount: u64,
        release_index: u64,
    ) -> Result<Outflow> {
        require!(amount > 0, ExchangeError::ZeroAmount);
        for (given, expected) in [
            (&self.tokens, &pool.tokens),
            (&self.mint, &asset.mint),
            (&self.token_program, &asset.token_program),
        ] {
            require_keys_eq!(given.key(), *expected, ExchangeError::ForeignAccount);
        }
        let (mode, decimals, signature) = {
            let state = exchange.load()?;
            (state.custody_mode, asset.decimals, state.signature())
        };
        let operator = exchange.to_account_info();
        let seeds: &[&[u8]] = &signature.seeds();
        let (outflow, verdict) = match mode {
            custody_mode::BULKHEAD => match self.release(&operator, pool, payer, amount, release_index, seeds)? {
                Released::Paid(debit) => (Outflow::Debit(debit.into_amount()), verdict::ALLOWED),
                Released::Queued(debit) => (Outflow::Debit(debit.into_amount()), verdict::QUEUED),
                Released::Denied(refused) => {
                    refused.finish::<Error>()?;
                    (Outflow::Refused, verdict::DENIED)
                }
            },
            custody_mode::METERED => match self.meter(&operator, pool, amount, seeds)? {
                Metered::Allowed(permit) => {
                    let amount = permit.into_amount();
                    self.transfer(operator, amount, decimals, seeds)?;
                    (Outflow::Debit(amount), verdict::ALLOWED)
                }
                Metered::Refused(refused) => {
                    refused.finish::<Error>()?;
                    (Outflow::Refused, verdict::DENIED)
                }
            },
            _ => {
                self.transfer(operator, amount, decimals, seeds)?;
                (Outflow::Debit(amount), verdict::ALLOWED)
            }
        };
        emit!(OutflowDecided {
            exchange: exchange.key(),
            destination: self.destination.key(),
            amount,
            verdict,
        });
        Ok(outflow)
    }

    /// With custody: Bulkhead holds the tokens and itself pays or queues.
    fn release(
        &self,
        operator: &AccountInfo<'info>,
        pool: &Pool,
        payer: Payer<'_, 'info>,
        amount: u64,
        release_index: u64,
        seeds: &[&[u8]],
    ) -> Result<Released> {
        let accounts = Release {
            operator,
            vault: given(&self.vault, &pool.vault)?,
            breaker: given(&self.breaker, &pool.breaker)?,
            board: &self.board,
            custody: &self.tokens,
            destination: &self.destination,
            mint: &self.mint,
            token_program: &self.token_program,
            release: self.release.as_ref().ok_or(ExchangeError::CustodyAccountMissing)?,
            payer: payer.rent,
            system_program: &self.system_program,
            note: Some(given(&self.note, &note_address(&pool.vault, payer.owner))?),
        };
        release(&accounts, amount, release_index, &[seeds]).map_err(|_| ExchangeError::NoVerdict.into())
    }

    /// Without custody: Bulkhead meters, the exchange pays. An amount over the limit stays where it is.
    fn meter(&self, operator: &AccountInfo<'info>, pool: &Pool, amount: u64, seeds: &[&[u8]]) -> Result<Metered> {
        let accounts = MeterOutflow {
            breaker: given(&self.breaker, &pool.breaker)?,
            board: &self.board,
            authority: operator,
        };
        Ok(meter_outflow(&accounts, amount, &[seeds])?)
    }

    fn transfer(&self, authority: AccountInfo<'info>, amount: u64, decimals: u8, seeds: &[&[u8]]) -> Result<()> {
        let accounts = TransferChecked {
            from: self.tokens.to_account_info(),
            mint: self.mint.to_account_info(),
            to: self.destination.to_account_info(),
            authority,
        };
        let program = self.token_program.key();
        token_interface::transfer_checked(
            CpiContext::new_with_signer(program, accounts, &[seeds]),
            amount,
            decimals,
        )
    }
}

/// Address of the note of an owner's recent deposits into a vault.
pub fn note_address(vault: &Pubkey, owner: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_DEPOSIT, vault.as_ref(), owner.as_ref()], &bulkhead_interface::ID).0
}

/// Returns an account that this custody mode requires, and checks that it is the right one.
pub fn given<'a, 'info>(
    account: &'a Option<UncheckedAccount<'info>>,
    expected: &Pubkey,
) -> Result<&'a AccountInfo<'info>> {
    let account = account.as_ref().ok_or(ExchangeError::CustodyAccountMissing)?;
    require_keys_eq!(account.key(), *expected, ExchangeError::ForeignAccount);
    Ok(account)
}
