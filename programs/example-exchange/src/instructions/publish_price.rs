//! The publisher reports the last price of its market. Nothing checks whether the price is sound.

use anchor_lang::prelude::*;

use crate::{constants::VERSION, error::ExchangeError, state::Oracle};

#[derive(Accounts)]
pub struct PublishPrice<'info> {
    pub publisher: Signer<'info>,
    #[account(mut, has_one = publisher @ ExchangeError::NotThePublisher)]
    pub oracle: AccountLoader<'info, Oracle>,
}

pub fn handle_publish_price(ctx: Context<PublishPrice>, price: u64) -> Result<()> {
    let mut oracle = ctx.accounts.oracle.load_mut()?;
    require!(oracle.version == VERSION, ExchangeError::UnknownVersion);
    require!(price > 0, ExchangeError::PriceNotUsable);
    oracle.price = price;
    oracle.published_ts = Clock::get()?.unix_timestamp;
    Ok(())
}
