//! Registers where a ledger's positions lie in the host's accounts.
//!
//! The namespace key during set-up, a matured proposal afterwards. A ledger never changes: what a
//! snapshot is read through was agreed in peace. The mint and the host's total have to be readable
//! now, so that a wrong offset shows before the emergency and not in it.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::layout;
use bulkhead_interface::{
    constants::{VERSION, kind},
    layout::{ByteFilter, Ledger, space},
    seeds::SEED_LEDGER,
};

use super::host_total;
use crate::{authority::*, error::BulkheadError, events::LedgerRegistered};

/// Bytes that must stand at an offset of a position.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ByteFilterConfig {
    /// Where.
    pub offset: u32,
    /// How many of `bytes` count, at most 32; 0 for no filter, all zero then.
    pub len: u32,
    /// What; zero behind `len`.
    pub bytes: [u8; 32],
}

/// Arguments of `register_ledger`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RegisterLedgerArgs {
    /// Number within the domain.
    pub index: u8,
    /// Owner program of position accounts.
    pub program: Pubkey,
    /// Token the amounts are in and claims are paid in.
    pub mint: Pubkey,
    /// Host account with the sum of all amounts.
    pub total_account: Pubkey,
    /// Where the sum lies: u64, little endian.
    pub total_offset: u32,
    /// Where the owner's 32 bytes lie in a position.
    pub owner_offset: u32,
    /// Where the amount lies in a position.
    pub amount_offset: u32,
    /// 8 or 16 bytes, unsigned, little endian.
    pub amount_width: u8,
    /// Exact length of a position account, or 0 for any.
    pub data_len: u32,
    /// What tells a position from other accounts of the program. At least one, or `data_len`.
    pub filters: [ByteFilterConfig; 2],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterLedgerArgs)]
pub struct RegisterLedger<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init,
        payer = payer,
        space = space::<Ledger>(),
        seeds = [SEED_LEDGER, config.domain.key().as_ref(), &[args.index]],
        bump
    )]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(constraint = mint.key() == args.mint @ BulkheadError::InvalidLedger)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: only read, through the layout; its owner has to be the ledger's program.
    #[account(constraint = total_account.key() == args.total_account @ BulkheadError::InvalidLedger)]
    pub total_account: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_ledger(ctx: Context<RegisterLedger>, args: RegisterLedgerArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(kind::REGISTER_LEDGER, &args)?;
    {
        let mut ledger = ctx.accounts.ledger.load_init()?;
        ledger.version = VERSION;
        ledger.bump = ctx.bumps.ledger;
        ledger.index = args.index;
        ledger.amount_width = args.amount_width;
        ledger.owner_offset = args.owner_offset;
        ledger.amount_offset = args.amount_offset;
        ledger.data_len = args.data_len;
        ledger.total_offset = args.total_offset;
        ledger.domain = config.domain.key();
        ledger.program = args.program;
        ledger.mint = args.mint;
        ledger.total_account = args.total_account;
        ledger.filters = args.filters.map(|filter| ByteFilter {
            offset: filter.offset,
            len: filter.len,
            bytes: filter.bytes,
        });
        layout::check(&ledger).map_err(|_| BulkheadError::InvalidLedger)?;
        host_total(&ledger, &ctx.accounts.total_account)?;
    }
    emit_cpi!(LedgerRegistered {
        domain: config.domain.key(),
        ledger: ctx.accounts.ledger.key(),
        index: args.index,
        program: args.program,
        mint: args.mint,
    });
    Ok(())
}
