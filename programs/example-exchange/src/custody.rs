//! The only way out: every token that leaves the exchange passes [`Payout::pay_out`].
//!
//! A breach is a verdict and not an error. An error would revert the transaction, and the breaker's
//! latch with it; so the handler goes on, does what the verdict says, and ends `Ok`.

use anchor_lang::{prelude::*, solana_program::program::get_return_data};
use anchor_spl::token_interface::{self, TransferChecked};
use bulkhead::{
    cpi::{self, accounts as bulkhead_accounts},
    interface::constants::verdict,
    program::Bulkhead,
};

use crate::{
    constants::custody_mode,
    error::ExchangeError,
    events::OutflowDecided,
    state::{Exchange, Pool},
};

/// What became of an outflow.
#[must_use = "an outflow that did not happen must not be debited"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// The tokens have moved: debit.
    Paid = verdict::ALLOWED,
    /// Bulkhead owes them: the release record is the user's claim now. Debit.
    Queued = verdict::QUEUED,
    /// Nothing moved and nobody owes more than before: leave the ledger as it is.
    Refused = verdict::DENIED,
}

impl Verdict {
    /// Does the user's balance go down?
    #[must_use]
    pub const fn is_debited(self) -> bool {
        matches!(self, Self::Paid | Self::Queued)
    }
}

/// The accounts of a payment out of one of the pools.
#[derive(Accounts)]
pub struct Payout<'info> {
    /// CHECK: the pool's token account; compared with what the exchange wrote down.
    #[account(mut)]
    pub tokens: UncheckedAccount<'info>,
    /// CHECK: where to; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: compared with what the exchange wrote down.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: compared with what the exchange wrote down.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    /// CHECK: the pool's breaker; none when unprotected.
    #[account(mut)]
    pub breaker: Option<UncheckedAccount<'info>>,
    /// CHECK: the pool's vault; only with custody.
    pub vault: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of a release that has to wait; only with custody. Bulkhead derives it.
    #[account(mut)]
    pub release: Option<UncheckedAccount<'info>>,
    /// None when unprotected.
    pub bulkhead: Option<Program<'info, Bulkhead>>,
    pub system_program: Program<'info, System>,
}

impl<'info> Payout<'info> {
    /// Pays `amount` out of `pool`, or has it queued, or learns that nothing may leave.
    ///
    /// `payer` pays the rent of a record, `release_index` numbers it: a random number will do.
    pub fn pay_out(
        &self,
        exchange: &AccountLoader<'info, Exchange>,
        pool: &Pool,
        payer: &Signer<'info>,
        amount: u64,
        release_index: u64,
    ) -> Result<Verdict> {
        require!(amount > 0, ExchangeError::ZeroAmount);
        let (mode, decimals, signature) = {
            let state = exchange.load()?;
            require!(amount <= state.withdraw_limit, ExchangeError::OverWithdrawLimit);
            require_keys_eq!(self.tokens.key(), pool.tokens, ExchangeError::ForeignAccount);
            require_keys_eq!(self.mint.key(), state.quote_mint, ExchangeError::ForeignAccount);
            require_keys_eq!(
                self.token_program.key(),
                state.token_program,
                ExchangeError::ForeignAccount
            );
            (state.custody_mode, state.decimals, state.signature())
        };
        let operator = exchange.to_account_info();
        let seeds: &[&[u8]] = &signature.seeds();
        let verdict = match mode {
            custody_mode::BULKHEAD => self.release(operator, pool, payer, amount, release_index, seeds)?,
            custody_mode::METERED => {
                let verdict = self.meter(&operator, pool, amount, seeds)?;
                if verdict == Verdict::Paid {
                    self.transfer(operator, amount, decimals, seeds)?;
                }
                verdict
            }
            _ => {
                self.transfer(operator, amount, decimals, seeds)?;
                Verdict::Paid
            }
        };
        emit!(OutflowDecided {
            exchange: exchange.key(),
            destination: self.destination.key(),
            amount,
            verdict: verdict as u8,
        });
        Ok(verdict)
    }

    /// Custody: Bulkhead holds the tokens and pays, or queues, by itself.
    fn release(
        &self,
        operator: AccountInfo<'info>,
        pool: &Pool,
        payer: &Signer<'info>,
        amount: u64,
        release_index: u64,
        seeds: &[&[u8]],
    ) -> Result<Verdict> {
        let accounts = bulkhead_accounts::Release {
            operator,
            vault: given(&self.vault, &pool.vault)?,
            breaker: given(&self.breaker, &pool.breaker)?,
            board: self.board.to_account_info(),
            custody: self.tokens.to_account_info(),
            destination: self.destination.to_account_info(),
            mint: self.mint.to_account_info(),
            token_program: self.token_program.to_account_info(),
            release: self
                .release
                .as_ref()
                .ok_or(ExchangeError::CustodyAccountMissing)?
                .to_account_info(),
            payer: payer.to_account_info(),
            system_program: self.system_program.to_account_info(),
        };
        cpi::release(
            CpiContext::new_with_signer(bulkhead::ID, accounts, &[seeds]),
            amount,
            release_index,
        )?;
        match read_verdict()? {
            // Custody pays, queues or fails; it never answers that nothing was done.
            Verdict::Refused => err!(ExchangeError::NoVerdict),
            verdict => Ok(verdict),
        }
    }

    /// No custody: Bulkhead counts, the exchange pays. What is over the limit stays where it is.
    fn meter(&self, operator: &AccountInfo<'info>, pool: &Pool, amount: u64, seeds: &[&[u8]]) -> Result<Verdict> {
        let accounts = bulkhead_accounts::MeterOutflow {
            breaker: given(&self.breaker, &pool.breaker)?,
            board: self.board.to_account_info(),
            authority: operator.clone(),
        };
        cpi::meter_outflow(CpiContext::new_with_signer(bulkhead::ID, accounts, &[seeds]), amount)?;
        match read_verdict()? {
            Verdict::Paid => Ok(Verdict::Paid),
            Verdict::Queued | Verdict::Refused => Ok(Verdict::Refused),
        }
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

/// The verdict that Bulkhead left as return data.
fn read_verdict() -> Result<Verdict> {
    verdict_of(get_return_data()).ok_or_else(|| ExchangeError::NoVerdict.into())
}

/// Nobody else's return data counts.
fn verdict_of(returned: Option<(Pubkey, Vec<u8>)>) -> Option<Verdict> {
    let (program, data) = returned?;
    match data.as_slice() {
        _ if program != bulkhead::ID => None,
        [verdict::ALLOWED] => Some(Verdict::Paid),
        [verdict::QUEUED] => Some(Verdict::Queued),
        [verdict::DENIED] => Some(Verdict::Refused),
        _ => None,
    }
}

/// An account that this custody mode needs, and which one it must be.
fn given<'info>(account: &Option<UncheckedAccount<'info>>, expected: &Pubkey) -> Result<AccountInfo<'info>> {
    let account = account.as_ref().ok_or(ExchangeError::CustodyAccountMissing)?;
    require_keys_eq!(account.key(), *expected, ExchangeError::ForeignAccount);
    Ok(account.to_account_info())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_verdict_of_bulkhead_is_one() {
        let from_bulkhead = |data: &[u8]| verdict_of(Some((bulkhead::ID, data.to_vec())));
        assert_eq!(from_bulkhead(&[verdict::ALLOWED]), Some(Verdict::Paid));
        assert_eq!(from_bulkhead(&[verdict::QUEUED]), Some(Verdict::Queued));
        assert_eq!(from_bulkhead(&[verdict::DENIED]), Some(Verdict::Refused));
        assert_eq!(from_bulkhead(&[3]), None);
        assert_eq!(from_bulkhead(&[]), None);
        assert_eq!(from_bulkhead(&[verdict::ALLOWED, 0]), None);
        assert_eq!(verdict_of(Some((crate::ID, vec![verdict::ALLOWED]))), None);
        assert_eq!(verdict_of(None), None);
    }
}
