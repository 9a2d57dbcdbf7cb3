//! Ledgers: one for each asset of a position, as the domain file writes them and as the program checks them.

use bulkhead_core::snapshots::layout::check;
use bulkhead_interface::{
    Pubkey,
    constants::{MAX_AMOUNTS, MAX_FILTERS, NO_LEDGER, VERSION, amount_flag, ledger_mode, length_rule},
    layout as program,
};
use bytemuck::Zeroable;
use serde::Serialize;

use crate::{
    Adoption,
    find::{Amount, Confidence, Position, Total},
    layout::Records,
    names::{address, placeholder, snake},
    need::Need,
    places::is_zero_copy,
};

/// Slots that are looked at in a list whose length differs.
const LISTED: u16 = 64;
/// Bytes that a filter can compare.
const FILTER_BYTES: usize = 32;

/// How a ledger reads its positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// By bytes at fixed offsets.
    Bytes,
    /// By the adapter.
    Adapter,
    /// Not at all, until the host changes.
    None,
}

/// Records side by side, as the program reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slots {
    /// Offset of the first.
    pub offset: u32,
    /// Bytes of each.
    pub stride: u32,
    /// How many, at most.
    pub count: u16,
    /// Offset of the number in use.
    pub used_offset: u32,
    /// Bytes of that number; 0 if there is none.
    pub used_width: u8,
    /// Offset within a record, and the bytes that stand for a placeholder or a number.
    pub filter: Option<(u32, Vec<u8>)>,
}

/// A drafted ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Its number.
    pub index: u8,
    /// The account type of its positions.
    pub position: String,
    /// Which of the position's assets; empty if there is one.
    pub asset: String,
    /// How it reads them.
    pub mode: Mode,
    /// Does it stand in the domain file, or in a comment of it?
    pub is_live: bool,
    /// The lower of what is guessed: position and total.
    pub confidence: Confidence,
    /// Offset of the owner.
    pub owner_offset: u32,
    /// Offset, width and flags of each amount.
    pub amounts: Vec<(u32, u8, u8)>,
    /// Binary digits behind the point.
    pub shift: u8,
    /// Size of a position, 0 for any.
    pub data_len: u32,
    /// Offset and bytes of each filter.
    pub filters: Vec<(u32, Vec<u8>)>,
    /// What stands in the filters in place of an address.
    pub filled: Vec<String>,
    /// Records.
    pub slots: Option<Slots>,
    /// The token.
    pub mint: String,
    /// The account with the total.
    pub total_account: String,
    /// Where the total is.
    pub total: Option<Total>,
    /// Number of the position in the adapter.
    pub answer: Option<u8>,
    /// Does the adapter need the account with the total, for a rate or to find records?
    pub asks_account: bool,
    /// Number of the asset among those of its position.
    pub asset_number: u8,
    /// What a person has to know.
    pub notes: Vec<String>,
}

/// The ledgers of all positions.
pub fn ledgers(adoption: &Adoption) -> Vec<Ledger> {
    let mut all: Vec<Ledger> = Vec::new();
    let mut answers = 0;
    for position in &adoption.positions {
        let mode = mode(position);
        let answer = (mode == Mode::Adapter).then_some(answers);
        answers += u8::from(answer.is_some());
        let mut assets: Vec<&str> = Vec::new();
        for amount in &position.amounts {
            if !assets.contains(&amount.asset.as_str()) {
                assets.push(&amount.asset);
            }
        }
        for (number, asset) in assets.into_iter().enumerate() {
            let index = u8::try_from(all.len()).unwrap_or(NO_LEDGER);
            if index < NO_LEDGER && answers < u8::MAX {
                let asset_number = u8::try_from(number).unwrap_or(u8::MAX);
                all.push(Ledger {
                    asset_number,
                    ..ledger(position, asset, index, mode, answer)
                });
            }
        }
    }
    all
}

/// How positions of this type can be read.
pub fn mode(position: &Position) -> Mode {
    if position.needs.is_empty() {
        Mode::Bytes
    } else if position.needs.iter().all(Need::is_adaptable) {
        Mode::Adapter
    } else {
        Mode::None
    }
}

fn ledger(position: &Position, asset: &str, index: u8, mode: Mode, answer: Option<u8>) -> Ledger {
    let of_asset = |amount: &&Amount| amount.asset == asset;
    let amounts: Vec<_> = position.amounts.iter().filter(of_asset).take(MAX_AMOUNTS).collect();
    let named = if asset.is_empty() {
        snake(&position.account)
    } else {
        format!("{}_{asset}", snake(&position.account))
    };
    let fields: Vec<_> = amounts.iter().map(|amount| amount.field.as_str()).collect();
    let total = position
        .totals
        .iter()
        .find(|total| fields.contains(&total.of.as_str()))
        .cloned();
    let mut confidence = position.confidence;
    let mut notes = Vec::new();
    match &total {
        Some(total) => confidence = confidence.min(total.confidence),
        None => {
            confidence = Confidence::Low;
            notes.push(
                "no total was found: add a field that every deposit and withdrawal changes, and that holds the sum of all \
                 positions"
                    .into(),
            );
        }
    }
    let total_account = match &total {
        Some(total) => placeholder(&format!("{}_of_{named}", total.account)),
        None => placeholder(&format!("total_of_{named}")),
    };
    let mint = placeholder(&format!("mint_of_{named}"));
    let (filters, filled) = filters(position, total.as_ref(), &total_account, &mint);
    let is_exact = is_zero_copy(position.encoding);
    Ledger {
        index,
        position: position.account.clone(),
        asset: asset.to_owned(),
        mode,
        is_live: mode == Mode::Bytes && confidence >= Confidence::Medium,
        confidence,
        owner_offset: word(position.owner.place.fixed().unwrap_or(0)),
        amounts: amounts
            .iter()
            .map(|amount| field(amount, position.table.is_some()))
            .collect(),
        shift: amounts
            .first()
            .map_or(0, |amount| u8::try_from(amount.fraction).unwrap_or(0)),
        data_len: word(position.size.filter(|_| is_exact).unwrap_or(0)),
        filters,
        filled,
        slots: slots(position, &total_account, &mint, &mut notes),
        mint,
        total_account,
        total,
        answer,
        asset_number: 0,
        asks_account: position
            .table
            .as_ref()
            .is_some_and(|table| matches!(table.which, Some((_, _, 32))))
            || position.needs.iter().any(|need| {
                matches!(
                    need,
                    Need::SharesTimesRate { .. } | Need::LotsTimesSize { .. } | Need::ValueAtPrice { .. }
                )
            }),
        notes,
    }
}

fn field(amount: &Amount, is_in_slot: bool) -> (u32, u8, u8) {
    let mut flags = 0;
    if amount.signed {
        flags |= amount_flag::SIGNED;
    }
    if amount.subtract {
        flags |= amount_flag::SUBTRACT;
    }
    if is_in_slot {
        flags |= amount_flag::IN_SLOT;
    }
    (word(amount.offset), u8::try_from(amount.width).unwrap_or(8), flags)
}

fn word(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

type Filters = Vec<(u32, Vec<u8>)>;

/// The discriminator, the market whose total it is, and the mint.
fn filters(position: &Position, total: Option<&Total>, account: &str, mint: &str) -> (Filters, Vec<String>) {
    let constant = position
        .filters
        .iter()
        .filter(|(_, bytes)| (1..=FILTER_BYTES).contains(&bytes.len()));
    let mut filters: Filters = constant.map(|(offset, bytes)| (word(*offset), bytes.clone())).collect();
    let mut filled = Vec::new();
    let of_market = total.and_then(|total| {
        let mut links = position.links.iter();
        links.find(|link| link.account == total.account && !link.field.contains("[]"))
    });
    if let (Some(link), Some(bytes)) = (of_market, address(account)) {
        filters.push((word(link.offset), bytes.to_vec()));
        filled.push(format!(
            "{} (offset {}): the {} that `total_account` is",
            link.field, link.offset, link.account
        ));
    } else if let ([(field, offset)], Some(bytes), None) = (position.mints.as_slice(), address(mint), &position.table) {
        filters.push((word(*offset), bytes.to_vec()));
        filled.push(format!("{field} (offset {offset}): `mint`"));
    }
    filters.truncate(MAX_FILTERS);
    (filters, filled)
}

fn slots(position: &Position, market: &str, mint: &str, notes: &mut Vec<String>) -> Option<Slots> {
    let table = position.table.as_ref()?;
    let place = table.place.fixed()?;
    let (offset, count, used) = match table.records {
        Records::Fixed(count) => (place, u16::try_from(count).unwrap_or(u16::MAX), None),
        Records::Listed(prefix) => {
            notes.push(format!(
                "at most {LISTED} records of `{}` are read; an account with more is refused",
                table.field
            ));
            (place.saturating_add(prefix), LISTED, Some((place, prefix)))
        }
    };
    let filter = table.which.as_ref().and_then(|(name, offset, width)| {
        let stands = if name.contains("mint") { mint } else { market };
        let bytes = if *width == 32 {
            address(stands)?.to_vec()
        } else {
            vec![0; *width]
        };
        notes.push(if *width == 32 {
            format!("the filter of the slots stands for the address in `{name}`; fill it in")
        } else {
            format!("the filter of the slots is `{name}` 0; fill in the number of the asset, little endian")
        });
        Some((word(*offset), bytes))
    });
    Some(Slots {
        offset: word(offset),
        stride: word(table.stride),
        count,
        used_offset: used.map_or(0, |(offset, _)| word(offset)),
        used_width: used.map_or(0, |(_, width)| u8::try_from(width).unwrap_or(0)),
        filter,
    })
}

impl Ledger {
    /// The ledger as the program keeps it, for reading accounts; with the placeholders that it has.
    #[must_use]
    pub fn account(&self, program: &str) -> Option<program::Ledger> {
        if self.mode != Mode::Bytes {
            return None;
        }
        let key = |text: &str| address(text).map(Pubkey::new_from_array);
        let mut ledger = program::Ledger {
            version: VERSION,
            index: self.index,
            mode: ledger_mode::BYTES,
            length_rule: if self.data_len == 0 {
                length_rule::AT_LEAST
            } else {
                length_rule::EXACT
            },
            amount_count: u8::try_from(self.amounts.len()).ok()?,
            owner_offset: self.owner_offset,
            data_len: self.data_len,
            total_offset: word(self.total.as_ref().map_or(8, |total| total.offset)),
            total_width: self
                .total
                .as_ref()
                .map_or(8, |total| u8::try_from(total.width).unwrap_or(8)),
            program: key(program)?,
            mint: key(&self.mint)?,
            total_account: key(&self.total_account)?,
            total_program: key(program)?,
            scale: program::Scale {
                multiplier: 1,
                divisor: 1,
                shift: self.shift,
                padding: [0; 7],
            },
            ..program::Ledger::zeroed()
        };
        for (into, (offset, bytes)) in ledger.filters.iter_mut().zip(&self.filters) {
            *into = filter(*offset, bytes)?;
        }
        for (into, (offset, width, flags)) in ledger.amounts.iter_mut().zip(&self.amounts) {
            *into = program::AmountField {
                offset: *offset,
                width: *width,
                flags: *flags,
                padding: [0; 2],
            };
        }
        if let Some(slots) = &self.slots {
            ledger.slots = program::SlotTable {
                offset: slots.offset,
                stride: slots.stride,
                used_offset: slots.used_offset,
                count: slots.count,
                used_width: slots.used_width,
                padding: 0,
                filter: match &slots.filter {
                    Some((offset, bytes)) => filter(*offset, bytes)?,
                    None => program::ByteFilter::zeroed(),
                },
            };
        }
        Some(ledger)
    }

    /// Would the program register it? `None` if it does not read bytes.
    #[must_use]
    pub fn is_valid(&self, program: &str) -> Option<bool> {
        self.account(program).map(|ledger| check(&ledger).is_ok())
    }
}

fn filter(offset: u32, bytes: &[u8]) -> Option<program::ByteFilter> {
    let mut filter = program::ByteFilter {
        offset,
        len: u32::try_from(bytes.len()).ok()?,
        bytes: [0; FILTER_BYTES],
    };
    filter.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(filter)
}
