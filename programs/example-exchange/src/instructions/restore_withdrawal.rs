//! Anyone returns a cancelled withdrawal to the margin account that it was debited from.
//!
//! Bulkhead's guardians or governance have cancelled a withdrawal that waited in the vault's queue, and its tokens are still
//! in custody. So the exchange owes them again, to whoever asked for them: the number of the release belongs to the owner
//! who asked. Nothing is paid, and no action is opened: whoever was robbed and whoever robbed have positions again, and
//! what becomes of those is decided elsewhere. That is why no pause stops it.

use core::mem::offset_of;

use anchor_lang::prelude::*;
use bulkhead_cpi::TakeBackRelease;
use bulkhead_interface::{layout::Release, seeds::SEED_RELEASE};

use crate::{
    bulkhead::Bulkhead,
    custody::{note_address, take_back_release},
    error::ExchangeError,
    events::WithdrawalRestored,
    state::{Exchange, MarginAccount},
};

#[derive(Accounts)]
pub struct RestoreWithdrawal<'info> {
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut, has_one = exchange @ ExchangeError::ForeignAccount)]
    pub margin: AccountLoader<'info, MarginAccount>,
    /// CHECK: the vault of margin deposits; compared with the one the exchange stores.
    #[account(address = exchange.load()?.margin_pool.vault @ ExchangeError::ForeignAccount)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the record of the withdrawal, by its address. Bulkhead checks that it is cancelled, and closes it.
    #[account(mut)]
    pub release: UncheckedAccount<'info>,
    /// CHECK: who paid the record's rent and gets it back; Bulkhead checks it.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
    pub bulkhead: Program<'info, Bulkhead>,
}

pub fn handle_restore_withdrawal(ctx: Context<RestoreWithdrawal>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.exchange.load()?.require_known()?;
    let owner = accounts.margin.load()?.owner;
    accounts.require_asked_by(&owner)?;
    let signature = accounts.exchange.load()?.signature();
    let operator = accounts.exchange.to_account_info();
    let taken = TakeBackRelease {
        operator: &operator,
        vault: &accounts.vault,
        release: &accounts.release,
        payer: &accounts.payer,
    };
    let credit = take_back_release(&taken, &[&signature.seeds()])?;
    let amount = credit.into_amount();
    accounts.credit(amount)?;
    emit!(WithdrawalRestored {
        exchange: accounts.exchange.key(),
        margin: accounts.margin.key(),
        owner,
        amount,
    });
    Ok(())
}

impl RestoreWithdrawal<'_> {
    /// The exchange numbers releases by who asks: the record's address proves whom it has debited.
    fn require_asked_by(&self, owner: &Pubkey) -> Result<()> {
        // Whatever account this is: only Bulkhead's record has the address that its own number leads to.
        let (index, bump) = {
            let data = self.release.try_borrow_data()?;
            let at = |offset: usize| data.get(8_usize.saturating_add(offset)..).unwrap_or_default();
            let index: [u8; 8] = *at(offset_of!(Release, index))
                .first_chunk()
                .ok_or(ExchangeError::ForeignAccount)?;
            let bump: [u8; 1] = *at(offset_of!(Release, bump))
                .first_chunk()
                .ok_or(ExchangeError::ForeignAccount)?;
            (index, bump)
        };
        let note = note_address(self.vault.key, owner);
        let seeds = [SEED_RELEASE, self.vault.key.as_ref(), note.as_ref(), &index, &bump];
        let asked =
            Pubkey::create_program_address(&seeds, &bulkhead_interface::ID).map_err(|_| ExchangeError::NotTheOwner)?;
        require_keys_eq!(asked, self.release.key(), ExchangeError::NotTheOwner);
        Ok(())
    }

    /// Adds `amount` to the margin account and the total.
    fn credit(&self, amount: u64) -> Result<()> {
        let mut margin = self.margin.load_mut()?;
        let mut exchange = self.exchange.load_mut()?;
        let more = |to: u64| to.checked_add(amount).ok_or(ExchangeError::Overflow);
        margin.deposit = more(margin.deposit)?;
        exchange.total_deposits = more(exchange.total_deposits)?;
        Ok(())
    }
}
