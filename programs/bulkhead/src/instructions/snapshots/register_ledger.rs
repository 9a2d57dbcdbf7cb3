//! Registers where a ledger's positions are located in the host's accounts.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. A ledger never changes: the layout
//! that a snapshot is read through was agreed in peace. The mint and the host's total must be readable now, so that a
//! wrong offset shows before the emergency and not during it. The account of the total must not pass as a position,
//! because then the filters would let other accounts pass too. The mint must be one that custody accepts, because
//! claims are paid in it. Remaining accounts are the accounts of the factors, in their order, and then the ledgers that
//! pay the same token, by ascending number: none of them may count what this one counts.
//!
//! The queue of a vault is registered like this too, in the one layout of [`RegisterLedgerArgs::of_queue`].

use std::cell::RefMut;

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::{
    acts::{self, TotalAccount},
    custody::queue_ledger,
    snapshots::layout::linked,
};
use bulkhead_interface::{
    constants::{MAX_FACTORS, VERSION, ledger_flag, ledger_mode},
    discriminator,
    layout::{AmountField, ByteFilter, Export, Ledger, MintLedgers, Scale, SlotTable, Vault, space},
    seeds::{SEED_LEDGER, SEED_MINT_LEDGERS},
};
use bytemuck::Zeroable;

use super::seen;
use crate::{
    authority::*, current::Current, error::BulkheadError, events::LedgerRegistered, pda, token::require_safe_mint,
};

/// Bytes that must be found at an offset.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ByteFilterConfig {
    /// Offset.
    pub offset: u32,
    /// The bytes: 1 to 32.
    pub bytes: Vec<u8>,
}

/// A number that counts towards a position's amount. Little endian.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct AmountConfig {
    /// Offset, in the account or in each slot.
    pub offset: u32,
    /// 1, 2, 4, 8 or 16 bytes.
    pub width: u8,
    /// Bits of `amount_flag`: 1 signed, 2 subtracted, 4 in every slot.
    pub flags: u8,
}

/// Conversion from the host's units to native units: times `multiplier`, by `divisor`, by `2^shift`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ScaleConfig {
    /// At least 1.
    pub multiplier: u64,
    /// At least 1.
    pub divisor: u64,
    /// At most 127.
    pub shift: u8,
}

/// An array in a position. Only slots that pass a filter count.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct SlotTableConfig {
    /// Offset of the first slot.
    pub offset: u32,
    /// Size of a slot in bytes.
    pub stride: u32,
    /// Maximum number of slots.
    pub count: u16,
    /// Offset of the number of slots in use; 0 when the host does not store it.
    pub used_offset: u32,
    /// Width of that number in bytes: 1, 2, 4 or 8; 0 when the host does not store it.
    pub used_width: u8,
    /// Filter at an offset within a slot that counts; without it every slot counts.
    pub filter: Option<ByteFilterConfig>,
}

/// Where the host stores the sum of all amounts.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct TotalConfig {
    /// Account.
    pub account: Pubkey,
    /// Its owner program.
    pub program: Pubkey,
    /// Offset in its data.
    pub offset: u32,
    /// 8 or 16 bytes, unsigned, little endian.
    pub width: u8,
    /// One of `total_unit`: 0 the same unit as the host's positions, 1 native units.
    pub unit: u8,
    /// The most that the sum of the positions may fall short of the total, in bps, at most 100. 0 unless others can
    /// make the total larger, as anyone can with a balance.
    pub shortfall_bps: u16,
    /// The most that the sum of the positions may exceed the total, in bps, at most 100. 0 unless others can make the
    /// total smaller, as holders can with a supply.
    pub excess_bps: u16,
}

/// An instruction that returns the owner and amount of a position.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ExportConfig {
    /// The called program: the host, or an adapter to it.
    pub program: Pubkey,
    /// The instruction's data: 1 to 16 bytes.
    pub data: Vec<u8>,
    /// Accounts that follow the position, at most 4. Read-only, like the position.
    pub accounts: Vec<Pubkey>,
    /// How many accounts of its own follow them for each position, at most 8. The cranker chooses which: the called
    /// program has to check them.
    pub position_accounts: u8,
}

/// A number in another account that an amount is multiplied or divided by.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct FactorConfig {
    /// Account.
    pub account: Pubkey,
    /// Offset in its data.
    pub offset: u32,
    /// 1, 2, 4, 8 or 16 bytes, unsigned, little endian; at most 8 for a divisor.
    pub width: u8,
    /// Bits of `factor_flag`: 1 divides.
    pub flags: u8,
}

/// What is read besides a position's own bytes, or of one account as many positions.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct LinkConfig {
    /// Bits of `link_flag`: 1 the owner is whoever holds the token that the position names, 2 every slot is a position.
    pub flags: u8,
    /// Owner program of the factors' accounts; zero without factors.
    pub program: Pubkey,
    /// Numbers that amounts are multiplied or divided by, at most 2.
    pub factors: Vec<FactorConfig>,
}

/// Arguments of `register_ledger`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterLedgerArgs {
    /// Number within the domain.
    pub index: u8,
    /// Owner program of position accounts.
    pub program: Pubkey,
    /// Token in which the amounts are denominated and claims are paid.
    pub mint: Pubkey,
    /// The host's total.
    pub total: TotalConfig,
    /// One of `length_rule`: 0 exactly `data_len`, 1 at least `data_len`, 2 like a token account (`data_len` 165).
    pub length_rule: u8,
    /// Length of a position in bytes.
    pub data_len: u32,
    /// Filters that distinguish a position from other accounts of the program. At most 4; at least one, or an exact
    /// length.
    pub filters: Vec<ByteFilterConfig>,
    /// Offset of the owner's 32 bytes in a position; 0 with an export.
    pub owner_offset: u32,
    /// The numbers that are added up, at most 8; none with an export.
    pub amounts: Vec<AmountConfig>,
    /// Conversion of the sum to native units.
    pub scale: ScaleConfig,
    /// The array that contains some of the numbers.
    pub slots: Option<SlotTableConfig>,
    /// The export to call instead.
    pub export: Option<ExportConfig>,
    /// What the position refers to. Not with an export.
    pub link: Option<LinkConfig>,
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
    /// CHECK: read through the layout; its owner must be the registered one. Written only if it is the vault of a queue,
    /// which notes the number of its ledger.
    #[account(mut, constraint = total_account.key() == args.total.account @ BulkheadError::InvalidLedger)]
    pub total_account: UncheckedAccount<'info>,
    /// List of the ledgers that pay this token; created with the first one.
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
    /// The token's list of ledgers; an empty list if it does not exist yet.
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
        let factor_count = linked::factor_count(&ledger);
        let (factors, others) = others
            .split_at_checked(factor_count)
            .ok_or(BulkheadError::LinkedAccountMissing)?;
        let load = |account: &'info AccountInfo<'info>| AccountLoader::<Ledger>::try_from(account);
        let others: Vec<_> = others.iter().map(load).collect::<Result<_>>()?;
        let others: Vec<_> = others.iter().map(Current::current).collect::<Result<_>>()?;
        let total = self.total_account.as_ref();
        let data = total.try_borrow_data()?;
        let total = TotalAccount {
            owner: total.owner,
            data: &data,
        };
        let mut list = self.list(bumps.mint_ledgers)?;
        let domain = self.config.domain.current()?;
        let others = others.iter().map(|other| &**other);
        seen(factors, |factors| {
            acts::register_ledger(&domain, &ledger, total, factors, &mut list, others).map_err(core_error)
        })?;
        drop(data);
        if queue_ledger::is_queue(&ledger) {
            self.join(&mut ledger)?;
        }
        Ok(())
    }

    /// Tells the vault which ledger reads its queue.
    #[inline(never)]
    fn join(&self, ledger: &mut Ledger) -> Result<()> {
        let key = self.total_account.key();
        let mut data = self.total_account.try_borrow_mut_data()?;
        let (head, body) = data
            .split_at_mut_checked(discriminator::VAULT.len())
            .ok_or(BulkheadError::ForeignAccount)?;
        let vault = bytemuck::try_from_bytes_mut::<Vault>(body).map_err(|_| BulkheadError::ForeignAccount)?;
        require!(*head == discriminator::VAULT, BulkheadError::ForeignAccount);
        require!(vault.version == VERSION, BulkheadError::UnknownVersion);
        queue_ledger::join((&key, vault), ledger).map_err(core_error)
    }
}

impl RegisterLedgerArgs {
    /// The ledger number `index` of the queue of `vault`, which holds `mint`.
    #[must_use]
    pub fn of_queue(index: u8, vault: &Pubkey, mint: &Pubkey) -> Self {
        let ledger = queue_ledger::layout(index, vault, mint);
        let used = |filter: &&ByteFilter| filter.len != 0;
        let filter = |filter: &ByteFilter| ByteFilterConfig {
            offset: filter.offset,
            bytes: filter.bytes.iter().take(filter.len as usize).copied().collect(),
        };
        let amount = |amount: &AmountField| AmountConfig {
            offset: amount.offset,
            width: amount.width,
            flags: amount.flags,
        };
        Self {
            index,
            program: ledger.program,
            mint: ledger.mint,
            total: TotalConfig {
                account: ledger.total_account,
                program: ledger.total_program,
                offset: ledger.total_offset,
                width: ledger.total_width,
                unit: ledger.total_unit,
                shortfall_bps: ledger.shortfall_bps,
                excess_bps: ledger.excess_bps,
            },
            length_rule: ledger.length_rule,
            data_len: ledger.data_len,
            filters: ledger.filters.iter().filter(used).map(filter).collect(),
            owner_offset: ledger.owner_offset,
            amounts: ledger
                .amounts
                .iter()
                .take(ledger.amount_count.into())
                .map(amount)
                .collect(),
            scale: ScaleConfig {
                multiplier: ledger.scale.multiplier,
                divisor: ledger.scale.divisor,
                shift: ledger.scale.shift,
            },
            slots: None,
            export: None,
            link: None,
        }
    }

    /// Writes the layout that these arguments describe into `ledger`. `None` when there is no room for them;
    /// [`bulkhead_core::snapshots::layout::check`] decides whether the layout can be read.
    pub fn write(&self, ledger: &mut Ledger) -> Option<()> {
        ledger.index = self.index;
        if self.program == crate::ID {
            ledger.flags = ledger_flag::QUEUE;
        }
        ledger.mode = match (&self.export, &self.link) {
            (None, None) => ledger_mode::BYTES,
            (Some(_), None) => ledger_mode::EXPORT,
            (None, Some(_)) => ledger_mode::LINKED,
            (Some(_), Some(_)) => return None,
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
                // A table without slots means no table.
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
                position_accounts: export.position_accounts,
                ..Export::zeroed()
            };
            fill(&mut own.accounts, &export.accounts, |key| Some(*key))?;
            fill(&mut own.data, &export.data, |byte| Some(*byte))?;
            ledger.export = own;
        }
        if let Some(link) = &self.link {
            ledger.flags = link.flags;
            ledger.export = link.layout()?;
        }
        Some(())
    }
}

impl LinkConfig {
    /// The factors, in the bytes that an export would have.
    fn layout(&self) -> Option<Export> {
        let mut fields = [AmountField::zeroed(); MAX_FACTORS];
        fill(&mut fields, &self.factors, |factor| {
            Some(AmountField {
                offset: factor.offset,
                width: factor.width,
                flags: factor.flags,
                ..AmountField::zeroed()
            })
        })?;
        let count = u8::try_from(self.factors.len()).ok()?;
        let mut own = Export {
            program: self.program,
            data: bytemuck::cast(fields),
            data_len: count.checked_mul(u8::try_from(size_of::<AmountField>()).ok()?)?,
            account_count: count,
            ..Export::zeroed()
        };
        fill(&mut own.accounts, &self.factors, |factor| Some(factor.account))?;
        Some(own)
    }
}

impl ByteFilterConfig {
    fn layout(&self) -> Option<ByteFilter> {
        let mut bytes = [0; 32];
        fill(&mut bytes, &self.bytes, |byte| Some(*byte))?;
        Some(ByteFilter {
            offset: self.offset,
            // A filter without bytes means no filter.
            len: u32::try_from(self.bytes.len()).ok().filter(|len| *len != 0)?,
            bytes,
        })
    }
}

/// Copies `from` to the beginning of `into`, if there is room.
fn fill<A, B>(into: &mut [A], from: &[B], with: impl Fn(&B) -> Option<A>) -> Option<()> {
    let room = into.get_mut(..from.len())?;
    for (slot, value) in room.iter_mut().zip(from) {
        *slot = with(value)?;
    }
    Some(())
}
