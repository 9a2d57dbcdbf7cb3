//! Creates a watch over the authorities of one account.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. The arguments name the holders of the
//! authorities and must match the account now: the watch observes exactly what was approved.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewWatch};
use bulkhead_interface::{
    constants::MAX_AUTHORITIES,
    layout::{AuthorityWatch, space},
    seeds::SEED_WATCH,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::AuthorityWatchOpened};

/// Payload of an `OpenAuthorityWatch` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenAuthorityWatchArgs {
    /// Compartment that it guards.
    pub compartment: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// How long a latch lasts before it ends automatically.
    pub latch_seconds: i64,
    /// Kind of the account, one of `constants::watch_kind`.
    pub kind: u8,
    /// The account; for a program, its program data account.
    pub account: Pubkey,
    /// Its owner program.
    pub program: Pubkey,
    /// Offset of the host's field; 0 for programs and token accounts.
    pub offset: u32,
    /// Whether an upgrade also trips while the upgrade authority stays the same. Extending the program changes the slot
    /// as well; on clusters where extending needs no authority, anyone can trip such a watch.
    pub watches_upgrades: bool,
    /// Holders of the authorities, in the account's order; zero for nobody.
    pub expected: [Pubkey; MAX_AUTHORITIES],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenAuthorityWatchArgs)]
pub struct OpenAuthorityWatch<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init,
        payer = payer,
        space = space::<AuthorityWatch>(),
        seeds = [
            SEED_WATCH,
            config.domain.key().as_ref(),
            args.account.as_ref(),
            &args.offset.to_le_bytes(),
        ],
        bump
    )]
    pub watch: AccountLoader<'info, AuthorityWatch>,
    /// CHECK: read only; its owner and contents are compared with the arguments.
    #[account(address = args.account @ BulkheadError::WatchMismatch)]
    pub account: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_authority_watch(ctx: Context<OpenAuthorityWatch>, args: OpenAuthorityWatchArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let new = config.new_detector(ctx.bumps.watch, args.compartment, args.trip_scope, args.latch_seconds)?;
    let with = NewWatch {
        kind: args.kind,
        program: args.program,
        offset: args.offset,
        watches_upgrades: args.watches_upgrades,
        expected: args.expected,
    };
    {
        let data = ctx.accounts.account.try_borrow_data()?;
        let account = shown(&ctx.accounts.account, &data);
        let mut watch = ctx.accounts.watch.load_init()?;
        acts::open_authority_watch(&mut watch, &new, &with, account).map_err(core_error)?;
    }
    acts::count_watch(&mut *config.domain.current_mut()?);
    emit_cpi!(AuthorityWatchOpened {
        domain: new.domain,
        watch: ctx.accounts.watch.key(),
        account: args.account,
        expected: args.expected,
    });
    Ok(())
}
