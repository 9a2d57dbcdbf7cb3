//! Registers where a ledger's positions lie in the host's accounts.
//!
//! The setup authority during set-up, a matured proposal afterwards. A ledger never changes: what a
//! snapshot is read through was agreed in peace. The mint and the host's total have to be readable
//! now, so that a wrong offset shows before the emergency and not in it, and the total's own account
//! must not pass as a position, which would mean that the filters let other accounts pass. The mint has to be one that
//! custody takes as well: claims are paid in it. The ledgers that pay the same token follow as remaining accounts, by
//! ascending number: none may count what this one counts.

use std::cell::RefMut;

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::acts::{self, TotalAccount};
use bulkhead_interface::{
    constants::{VERSION, ledger_mode},
    layout::{AmountField, ByteFilter, Export, Ledger, MintLedgers, Scale, SlotTable, space},
    seeds::{SEED_LEDGER, SEED_MINT_LEDGERS},
};
use bytemuck::Zeroable;

use crate::{
    authority::*, current::Current, error::BulkheadError, events::LedgerRegistered, pda, token::require_safe_mint,
};

/// Bytes that must stand at an offset.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ByteFilterConfig {
    /// Where.
    pub offset: u32,
    /// What: 1 to 32 bytes.
    pub bytes: Vec<u8>,
}

/// A number that counts towards a position's amount. Little endian.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct AmountConfig {
    /// Where, in the account or in each slot.
    pub offset: u32,
    /// 1, 2, 4, 8 or 16 bytes.
    pub width: u8,
    /// Bits of `amount_flag`: 1 signed, 2 subtracted, 4 in every slot.
    pub flags: u8,
}

/// From the host's units to native units: times `multiplier`, by `divisor`, by `2^shift`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ScaleConfig {
    /// At least 1.
    pub multiplier: u64,
    /// At least 1.
    pub divisor: u64,
    /// At most 127.
    pub shift: u8,
}

/// An array in a position, of which only the slots that pass a filter count.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct SlotTableConfig {
    /// Where the first slot begins.
    pub offset: u32,
    /// Bytes of a slot.
    pub stride: u32,
    /// Slots, at most.
    pub count: u16,
    /// Where the number of slots in use lies, and 0 when the host keeps none.
    pub used_offset: u32,
    /// Bytes of that number: 1, 2, 4 or 8; 0 when the host keeps none.
    pub used_width: u8,
    /// What a slot that counts has at an offset of its own; every slot counts without.
    pub filter: Option<ByteFilterConfig>,
}

/// Where the host keeps the sum of all amounts.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct TotalConfig {
    /// Account.
    pub account: Pubkey,
    /// Its owner program.
    pub program: Pubkey,
    /// Where in its data.
    pub offset: u32,
    /// 8 or 16 bytes, unsigned, little endian.
    pub width: u8,
    /// One of `total_unit`: 0 as the host keeps its positions, 1 native units.
    pub unit: u8,
    /// What the sum of the positions may fall short of it, in bps, at most 100: 0 unless others can make it larger, as
    /// anyone can a balance.
    pub shortfall_bps: u16,
    /// What the sum of the positions may be above it, in bps, at most 100: 0 unless others can make it smaller, as
    /// holders can a supply.
    pub excess_bps: u16,
}

/// An instruction that says who has how much.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ExportConfig {
    /// Program that is called: the host, or an adapter to it.
    pub program: Pubkey,
    /// The instruction's data: 1 to 16 bytes.
    pub data: Vec<u8>,
    /// Accounts behind the position, at most 4. Read-only, as the position is.
    pub accounts: Vec<Pubkey>,
}

/// Arguments of `register_ledger`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterLedgerArgs {
    /// Number within the domain.
    pub index: u8,
    /// Owner program of position accounts.
    pub program: Pubkey,
    /// Token the amounts are in and claims are paid in.
    pub mint: Pubkey,
    /// The host's sum.
    pub total: TotalConfig,
    /// One of `length_rule`: 0 exactly `data_len`, 1 at least, 2 as a token account (`data_len` 165).
    pub length_rule: u8,
    /// Bytes of a position.
    pub data_len: u32,
    /// What tells a position from other accounts of the program. At most 4; at least one, or an exact length.
    pub filters: Vec<ByteFilterConfig>,
    /// Where the owner's 32 bytes lie in a position; 0 with an export.
    pub owner_offset: u32,
    /// What is added up, at most 8; none with an export.
    pub amounts: Vec<AmountConfig>,
    /// What brings the sum to native units.
    pub scale: ScaleConfig,
    /// The array some of it lies in.
    pub slots: Option<SlotTableConfig>,
    /// Who is asked instead.
    pub export: Option<ExportConfig>,
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
    /// CHECK: only read, through the layout; its owner has to be the one registered.
    #[account(constraint = total_account.key() == args.total.account @ BulkheadError::InvalidLedger)]
    pub total_account: UncheckedAccount<'info>,
    /// The list of the ledgers that pay this token; made with the first one.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<MintLedgers>(),
        seeds = [SEED_MINT_LEDGERS, config.domain.key().as_ref(), args.mint.as_ref()],
        bump
    )]
    pub mint_ledgers: AccountLoader<'info, MintLedgers>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_ledger<'info>(
    ctx: Context<'info, RegisterLedger<'info>>,
    args: RegisterLedgerArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    let config = &accounts.config;
    config.authorize(&args)?;
    require_safe_mint(accounts.mint.to_account_info().as_ref())?;
    accounts.register(&args, &ctx.bumps, ctx.remaining_accounts)?;
    emit_cpi!(LedgerRegistered {
        domain: config.domain.key(),
        ledger: ctx.accounts.ledger.key(),
        index: args.index,
        program: args.program,
        mint: args.mint,
    });
    Ok(())
}

impl<'info> RegisterLedger<'info> {
    /// The token's list of ledgers: an empty one, unless it is there.
    #[inline(never)]
    fn list(&self, bump: u8) -> Result<RefMut<'_, MintLedgers>> {
        if !pda::is_new(self.mint_ledgers.as_ref())? {
            return self.mint_ledgers.current_mut();
        }
        let mut list = self.mint_ledgers.load_init()?;
        *list = acts::no_ledgers(&self.config.domain.key(), &self.mint.key(), bump);
        Ok(list)
    }

    #[inline(never)]
    fn register(
        &self,
        args: &RegisterLedgerArgs,
        bumps: &RegisterLedgerBumps,
        others: &'info [AccountInfo<'info>],
    ) -> Result<()> {
        let mut ledger = self.ledger.load_init()?;
        args.write(&mut ledger).ok_or(BulkheadError::InvalidLedger)?;
        ledger.version = VERSION;
        ledger.bump = bumps.ledger;
        ledger.domain = self.config.domain.key();
        let load = |account: &'info AccountInfo<'info>| AccountLoader::<Ledger>::try_from(account);
        let others: Vec<_> = others.iter().map(load).collect::<Result<_>>()?;
        let others: Vec<_> = others.iter().map(Current::current).collect::<Result<_>>()?;
        let total = self.total_account.as_ref();
        let total = TotalAccount {
            owner: total.owner,
            data: &total.try_borrow_data()?,
        };
        let mut list = self.list(bumps.mint_ledgers)?;
        let domain = self.config.domain.current()?;
        acts::register_ledger(&domain, &ledger, total, &mut list, others.iter().map(|other| &**other))
            .map_err(core_error)
    }
}

impl RegisterLedgerArgs {
    /// The layout these arguments describe, written into `ledger`. `None` when there is no room for
    /// them; whether it can be read is [`bulkhead_core::snapshots::layout::check`]'s to say.
    pub fn write(&self, ledger: &mut Ledger) -> Option<()> {
        ledger.index = self.index;
        ledger.mode = if self.export.is_some() {
            ledger_mode::EXPORT
        } else {
            ledger_mode::BYTES
        };
        ledger.length_rule = self.length_rule;
        ledger.amount_count = u8::try_from(self.amounts.len()).ok()?;
        ledger.owner_offset = self.owner_offset;
        ledger.data_len = self.data_len;
        ledger.total_offset = self.total.offset;
        ledger.total_width = self.total.width;
        ledger.total_unit = self.total.unit;
        ledger.shortfall_bps = self.total.shortfall_bps;
        ledger.excess_bps = self.total.excess_bps;
        ledger.program = self.program;
        ledger.mint = self.mint;
        ledger.total_account = self.total.account;
        ledger.total_program = self.total.program;
        fill(&mut ledger.filters, &self.filters, ByteFilterConfig::layout)?;
        fill(&mut ledger.amounts, &self.amounts, |amount| {
            Some(AmountField {
                offset: amount.offset,
                width: amount.width,
                flags: amount.flags,
                ..AmountField::zeroed()
            })
        })?;
        ledger.scale = Scale {
            multiplier: self.scale.multiplier,
            divisor: self.scale.divisor,
            shift: self.scale.shift,
            ..Scale::zeroed()
        };
        if let Some(slots) = &self.slots {
            ledger.slots = SlotTable {
                offset: slots.offset,
                stride: slots.stride,
                used_offset: slots.used_offset,
                // A table without a slot is none.
                count: (slots.count != 0).then_some(slots.count)?,
                used_width: slots.used_width,
                filter: match &slots.filter {
                    Some(filter) => filter.layout()?,
                    None => ByteFilter::zeroed(),
                },
                ..SlotTable::zeroed()
            };
        }
        if let Some(export) = &self.export {
            let mut own = Export {
                program: export.program,
                data_len: u8::try_from(export.data.len()).ok()?,
                account_count: u8::try_from(export.accounts.len()).ok()?,
                ..Export::zeroed()
            };
            fill(&mut own.accounts, &export.accounts, |key| Some(*key))?;
            fill(&mut own.data, &export.data, |byte| Some(*byte))?;
            ledger.export = own;
        }
        Some(())
    }
}

impl ByteFilterConfig {
    fn layout(&self) -> Option<ByteFilter> {
        let mut bytes = [0; 32];
        fill(&mut bytes, &self.bytes, |byte| Some(*byte))?;
        Some(ByteFilter {
            offset: self.offset,
            // A filter without bytes is none.
            len: u32::try_from(self.bytes.len()).ok().filter(|len| *len != 0)?,
            bytes,
        })
    }
}

/// Writes `from` to the beginning of `into`, if there is room.
fn fill<A, B>(into: &mut [A], from: &[B], with: impl Fn(&B) -> Option<A>) -> Option<()> {
    let room = into.get_mut(..from.len())?;
    for (slot, value) in room.iter_mut().zip(from) {
        *slot = with(value)?;
    }
    Some(())
}
