//! Reads accounts of a node as the guesses say, for a person to compare.

use serde::Serialize;

use crate::{
    find::{How, Position},
    layout::{Place, Records, Step},
    names::hex,
};

/// Records of one account that are shown.
const SHOWN: usize = 16;

/// What an account says, read as a guess has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The account type.
    pub account: String,
    /// Whose it is, in base58; or what leads to the owner.
    pub owner: String,
    /// Does the address lead to the owner, and is not the owner itself?
    pub is_indirect: bool,
    /// Fields with their numbers, as the host keeps them. In a table, those that are not zero.
    pub amounts: Vec<(String, String)>,
    /// What speaks against the guess.
    pub doubts: Vec<String>,
}

/// Reads an account.
///
/// # Errors
/// Why it is none of this type, or ends too early.
pub fn read_sample(position: &Position, data: &[u8]) -> Result<Sample, String> {
    if let Some((offset, bytes)) = missed(position, data) {
        return Err(format!("it does not have {} at {offset}", hex(bytes)));
    }
    let owner = at(data, &position.owner.place, 32).ok_or("it ends before the owner")?;
    let mut doubts = Vec::new();
    if owner == [0; 32] {
        doubts.push("the owner is zero".to_owned());
    }
    if let Some(size) = position.size.filter(|size| *size != data.len()) {
        doubts.push(format!("it has {} bytes; by the IDL it would have {size}", data.len()));
    }
    let mut amounts = Vec::new();
    match &position.table {
        None => {
            for amount in &position.amounts {
                let bytes = at(data, &amount.at.place, amount.width).ok_or("it ends before an amount")?;
                amounts.push((amount.field.clone(), shown(bytes, amount.signed, amount.fraction)));
            }
        }
        Some(table) => {
            let start = find(data, &table.place).ok_or("it ends before the records")?;
            let (start, count) = match table.records {
                Records::Fixed(count) => (start, count),
                Records::Listed(prefix) => (
                    start.saturating_add(prefix),
                    length(data, start, prefix).ok_or("it ends before the records")?,
                ),
            };
            for number in 0..count {
                let offset = number
                    .checked_mul(table.stride)
                    .and_then(|offset| offset.checked_add(start));
                let record = offset.and_then(|offset| data.get(offset..)?.get(..table.stride));
                let record = record.ok_or("it ends within the records")?;
                for amount in &position.amounts {
                    let bytes = record.get(amount.offset..).and_then(|rest| rest.get(..amount.width));
                    let bytes = bytes.ok_or("a record ends before an amount")?;
                    if amounts.len() < SHOWN && bytes.iter().any(|byte| *byte != 0) {
                        let name = format!("{}[{number}].{}", table.field, amount.field);
                        amounts.push((name, shown(bytes, amount.signed, amount.fraction)));
                    }
                }
            }
        }
    }
    Ok(Sample {
        account: position.account.clone(),
        owner: bs58::encode(owner).into_string(),
        is_indirect: position.owner.how != How::Field,
        amounts,
        doubts,
    })
}

/// Is the account of this type, by the bytes that tell types apart?
#[must_use]
pub fn is_of(position: &Position, data: &[u8]) -> bool {
    missed(position, data).is_none()
}

/// The first of those bytes that the account does not have.
fn missed<'a>(position: &'a Position, data: &[u8]) -> Option<&'a (usize, Vec<u8>)> {
    let has = |(offset, bytes): &(usize, Vec<u8>)| data.get(*offset..).is_some_and(|data| data.starts_with(bytes));
    position.filters.iter().find(|filter| !has(filter))
}

fn at<'a>(data: &'a [u8], place: &Place, width: usize) -> Option<&'a [u8]> {
    data.get(find(data, place)?..)?.get(..width)
}

/// Where a place is in this account.
fn find(data: &[u8], place: &Place) -> Option<usize> {
    let mut at = 0_usize;
    for step in &place.before {
        at = match step {
            Step::Skip(bytes) => at.checked_add(*bytes)?,
            Step::List { prefix, item } => {
                let all = length(data, at, *prefix)?.checked_mul(*item)?;
                at.checked_add(*prefix)?.checked_add(all)?
            }
            Step::Option { mark, item } => {
                let is_there = data.get(at..)?.get(..*mark)?.iter().any(|byte| *byte != 0);
                at.checked_add(*mark)?.checked_add(if is_there { *item } else { 0 })?
            }
        };
    }
    at.checked_add(place.offset)
}

fn length(data: &[u8], at: usize, prefix: usize) -> Option<usize> {
    let mut all = [0; 8];
    all.get_mut(..prefix)?.copy_from_slice(data.get(at..)?.get(..prefix)?);
    let length = usize::try_from(u64::from_le_bytes(all)).ok()?;
    (length <= data.len()).then_some(length)
}

/// A number as a person reads it.
fn shown(bytes: &[u8], signed: bool, fraction: u32) -> String {
    let mut all = [0; 16];
    if let Some(part) = all.get_mut(..bytes.len()) {
        part.copy_from_slice(bytes);
    }
    let is_negative = signed && bytes.last().is_some_and(|last| last & 0x80 != 0);
    let value = u128::from_le_bytes(all);
    let bits = u32::try_from(bytes.len() * 8).unwrap_or(128).min(128);
    let magnitude = if !is_negative {
        value
    } else if bits == 128 {
        value.wrapping_neg()
    } else {
        (1_u128 << bits) - value
    };
    let sign = if is_negative { "-" } else { "" };
    match fraction {
        0 => format!("{sign}{magnitude}"),
        _ => {
            // Four decimal places are enough to compare.
            let whole = magnitude.unbounded_shr(fraction);
            let rest = magnitude & ((1_u128 << fraction) - 1);
            let rest = ((rest >> fraction.saturating_sub(64)) * 10_000) >> fraction.min(64);
            format!("{sign}{whole}.{rest:04}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn numbers_are_shown_with_sign_and_point() {
        assert_eq!(shown(&(-5_i64).to_le_bytes(), true, 0), "-5");
        assert_eq!(shown(&u64::MAX.to_le_bytes(), false, 0), u64::MAX.to_string());
        assert_eq!(shown(&((5_i128 << 48) / 4).to_le_bytes(), true, 48), "1.2500");
        assert_eq!(shown(&((-5_i128 << 48) / 4).to_le_bytes(), true, 48), "-1.2500");
        assert_eq!(shown(&(3_u128 << 63).to_le_bytes(), false, 64), "1.5000");
    }
}
