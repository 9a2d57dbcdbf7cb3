//! Reads positions as `layout` describes them. Nothing here is of one host.

/// Why there is no answer. Numbers begin at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// No account type, or no asset of it, has this number.
    NoSuchNumber = 1,
    /// The account does not begin like one of this type.
    NotAPosition = 2,
    /// The account ends before something that is read.
    TooShort = 3,
    /// A number on the way, or the answer, is too large.
    TooLarge = 4,
    /// A part of the description is still to be filled in.
    FillIn = 5,
    /// An account that the description needs was not registered with the ledger.
    MissingAccount = 6,
    /// A rate is below zero.
    BadRate = 7,
}

/// An account that was registered with the ledger.
pub struct Source<'a> {
    /// Its address.
    pub key: [u8; 32],
    /// Its data.
    pub data: &'a [u8],
}

/// What lies in front of something and has no fixed size.
pub enum Step {
    /// So many bytes.
    Skip(usize),
    /// A number in so many bytes, and as many elements of so many bytes.
    List { prefix: usize, item: usize },
    /// A mark in so many bytes, and so many more if it is not zero.
    Option { mark: usize, item: usize },
}

/// Where something begins.
pub struct Place {
    /// What lies in front; empty at a fixed offset.
    pub before: &'static [Step],
    /// Offset behind that.
    pub offset: usize,
}

/// A number, little endian.
pub struct Number {
    /// Its width in bytes, at most 16.
    pub width: usize,
    /// Is it signed?
    pub signed: bool,
    /// Binary digits behind the point.
    pub fraction: u32,
}

/// Where the amounts of an asset are.
pub enum Records {
    /// In the account itself.
    One,
    /// In so many records side by side.
    Fixed { at: Place, stride: usize, count: usize },
    /// In a list: its number in so many bytes, then the records.
    Listed { at: Place, prefix: usize, stride: usize },
}

/// Which records are of the asset.
pub enum Which {
    /// All.
    All,
    /// Those that have the address of a registered account at this offset.
    Key { offset: usize, account: usize },
    /// Those that have this number at this offset.
    Value { offset: usize, width: usize, value: u64 },
}

/// A byte that says whether a record is a debt.
pub struct Side {
    /// Its offset in the record.
    pub offset: usize,
    /// Its value in debts.
    pub debt: u8,
}

/// What one unit is worth: a number in a registered account, over a divisor.
pub struct Rate {
    /// Which of the registered accounts.
    pub account: usize,
    /// Its offset there.
    pub offset: usize,
    /// The number.
    pub number: Number,
    /// What it is divided by: 1 if its binary digits say everything; 0 says that nobody filled it in.
    pub divisor: u128,
}

/// One of the numbers that are added up.
pub struct Part {
    /// Where it is: in the account, or in a record (then nothing lies in front).
    pub at: Place,
    /// The number.
    pub number: Number,
    /// Is it subtracted?
    pub subtract: bool,
    /// What says that it is a debt.
    pub side: Option<Side>,
    /// What it is worth, if it is no amount of tokens.
    pub rate: Option<Rate>,
}

/// One asset of a position.
pub struct Asset {
    /// Its name.
    pub name: &'static str,
    /// Where its amounts are.
    pub records: Records,
    /// Which records are its.
    pub which: Which,
    /// What is added up.
    pub parts: &'static [Part],
}

/// An account type.
pub struct Position {
    /// Its name.
    pub name: &'static str,
    /// Offset and bytes by which it is known.
    pub known_by: &'static [(usize, &'static [u8])],
    /// Where its owner is.
    pub owner: Place,
    /// Its assets.
    pub assets: &'static [Asset],
}

/// The answer for an asset of a position: owner and amount.
///
/// # Errors
/// [`Error`]
pub fn answer(
    positions: &[Position],
    position: u8,
    asset: u8,
    data: &[u8],
    sources: &[Source],
) -> Result<[u8; 40], Error> {
    let position = positions.get(usize::from(position)).ok_or(Error::NoSuchNumber)?;
    let asset = position.assets.get(usize::from(asset)).ok_or(Error::NoSuchNumber)?;
    let is_known = |(offset, bytes): &(usize, &[u8])| data.get(*offset..).is_some_and(|data| data.starts_with(bytes));
    if position.known_by.is_empty() || !position.known_by.iter().all(is_known) {
        return Err(Error::NotAPosition);
    }
    let owner = bytes(data, find(data, &position.owner)?, 32)?;
    let mut sum: i128 = 0;
    for part in asset.parts {
        let (plus, minus) = units(asset, part, data, sources)?;
        // What is owed to the owner is rounded down, what the owner owes is rounded up.
        let gain = i128::try_from(worth(plus, part, sources, false)?).map_err(|_| Error::TooLarge)?;
        let loss = i128::try_from(worth(minus, part, sources, true)?).map_err(|_| Error::TooLarge)?;
        sum = sum
            .checked_add(gain)
            .and_then(|sum| sum.checked_sub(loss))
            .ok_or(Error::TooLarge)?;
    }
    // Nobody is owed less than nothing.
    let amount = u64::try_from(sum.max(0)).map_err(|_| Error::TooLarge)?;
    let mut answer = [0; 40];
    let (owner_part, amount_part) = answer.split_at_mut(32);
    owner_part.copy_from_slice(owner);
    amount_part.copy_from_slice(&amount.to_le_bytes());
    Ok(answer)
}

/// What counts for the owner and what counts against, in the host's units.
fn units(asset: &Asset, part: &Part, data: &[u8], sources: &[Source]) -> Result<(u128, u128), Error> {
    let mut sums = (0, 0);
    let (start, stride, count) = match &asset.records {
        Records::One => {
            let at = find(data, &part.at)?;
            count_one(&mut sums, part, data, at)?;
            return Ok(sums);
        }
        Records::Fixed { at, stride, count } => (find(data, at)?, *stride, *count),
        Records::Listed { at, prefix, stride } => {
            let at = find(data, at)?;
            (after(at, *prefix)?, *stride, length(data, at, *prefix)?)
        }
    };
    for number in 0..count {
        let offset = number.checked_mul(stride).ok_or(Error::TooLarge)?;
        let record = bytes(data, after(start, offset)?, stride)?;
        let is_its = match &asset.which {
            Which::All => true,
            Which::Key { offset, account } => {
                let key = sources.get(*account).ok_or(Error::MissingAccount)?.key;
                bytes(record, *offset, 32)? == key
            }
            Which::Value { offset, width, value } => unsigned(bytes(record, *offset, *width)?)? == u128::from(*value),
        };
        if is_its {
            count_one(&mut sums, part, record, part.at.offset)?;
        }
    }
    Ok(sums)
}

fn count_one(sums: &mut (u128, u128), part: &Part, data: &[u8], at: usize) -> Result<(), Error> {
    let (magnitude, is_negative) = read(data, at, &part.number)?;
    let is_debt = match &part.side {
        Some(side) => bytes(data, side.offset, 1)? == [side.debt],
        None => false,
    };
    let sum = if is_negative ^ part.subtract ^ is_debt {
        &mut sums.1
    } else {
        &mut sums.0
    };
    *sum = sum.checked_add(magnitude).ok_or(Error::TooLarge)?;
    Ok(())
}

/// Units in tokens.
fn worth(units: u128, part: &Part, sources: &[Source], up: bool) -> Result<u128, Error> {
    let (rate, fraction, divisor) = match &part.rate {
        None => (1, part.number.fraction, 1),
        Some(rate) => {
            if rate.divisor == 0 {
                return Err(Error::FillIn);
            }
            let data = sources.get(rate.account).ok_or(Error::MissingAccount)?.data;
            let (value, is_negative) = read(data, rate.offset, &rate.number)?;
            if is_negative {
                return Err(Error::BadRate);
            }
            (value, part.number.fraction + rate.number.fraction, rate.divisor)
        }
    };
    scaled(units, rate, fraction, divisor, up).ok_or(Error::TooLarge)
}

/// `a * b / 2^shift / divisor`, rounded down or up, without losing a digit on the way.
fn scaled(a: u128, b: u128, shift: u32, divisor: u128, up: bool) -> Option<u128> {
    const HALF: u128 = u64::MAX as u128;
    let (a_high, a_low) = (a >> 64, a & HALF);
    let (b_high, b_low) = (b >> 64, b & HALF);
    let low = a_low * b_low;
    let (middle, first) = (a_high * b_low).overflowing_add(low >> 64);
    let (middle, second) = middle.overflowing_add(a_low * b_high);
    let carry = (u128::from(first) + u128::from(second)) << 64;
    let high = (a_high * b_high).checked_add(middle >> 64)?.checked_add(carry)?;
    let low = (middle << 64) | (low & HALF);
    let (shifted, lost) = match shift {
        0 if high == 0 => (low, false),
        1..=127 if high >> shift == 0 => ((high << (128 - shift)) | (low >> shift), low << (128 - shift) != 0),
        128 => (high, low != 0),
        129..=255 => {
            let more = shift - 128;
            (high >> more, low != 0 || high << (128 - more) != 0)
        }
        _ => return None,
    };
    let (result, rest) = (shifted.checked_div(divisor)?, shifted.checked_rem(divisor)?);
    result.checked_add(u128::from(up && (lost || rest != 0)))
}

/// Where a place is in this account.
fn find(data: &[u8], place: &Place) -> Result<usize, Error> {
    let mut at = 0;
    for step in place.before {
        at = match step {
            Step::Skip(bytes) => after(at, *bytes)?,
            Step::List { prefix, item } => {
                let all = length(data, at, *prefix)?.checked_mul(*item).ok_or(Error::TooShort)?;
                after(after(at, *prefix)?, all)?
            }
            Step::Option { mark, item } => {
                let is_there = unsigned(bytes(data, at, *mark)?)? != 0;
                after(after(at, *mark)?, if is_there { *item } else { 0 })?
            }
        };
    }
    after(at, place.offset)
}

fn after(at: usize, bytes: usize) -> Result<usize, Error> {
    at.checked_add(bytes).ok_or(Error::TooShort)
}

fn bytes(data: &[u8], at: usize, count: usize) -> Result<&[u8], Error> {
    data.get(at..after(at, count)?).ok_or(Error::TooShort)
}

fn length(data: &[u8], at: usize, prefix: usize) -> Result<usize, Error> {
    let length = unsigned(bytes(data, at, prefix)?)?;
    // No account has as many bytes, so this also bounds what is looped over.
    let fits = usize::try_from(length).ok().filter(|length| *length <= data.len());
    fits.ok_or(Error::TooShort)
}

fn unsigned(bytes: &[u8]) -> Result<u128, Error> {
    let mut all = [0; 16];
    let part = all.get_mut(..bytes.len()).ok_or(Error::TooLarge)?;
    part.copy_from_slice(bytes);
    Ok(u128::from_le_bytes(all))
}

/// A number as magnitude and sign.
fn read(data: &[u8], at: usize, number: &Number) -> Result<(u128, bool), Error> {
    let value = unsigned(bytes(data, at, number.width)?)?;
    let unused = 128_u32.saturating_sub(u32::try_from(number.width).unwrap_or(16).saturating_mul(8));
    if !number.signed {
        return Ok((value, false));
    }
    let signed = ((value << unused) as i128) >> unused;
    Ok((signed.unsigned_abs(), signed < 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_fixed_point_numbers_lose_no_digit() {
        let one = 1_u128 << 48;
        // 3.5 shares at 1.25 are 4.375.
        assert_eq!(scaled(one * 7 / 2, one * 5 / 4, 96, 1, false), Some(4));
        assert_eq!(scaled(one * 7 / 2, one * 5 / 4, 96, 1, true), Some(5));
        // As large as shares and rates are together, far beyond 128 bits.
        let many = u128::from(u64::MAX) << 48;
        assert_eq!(scaled(many, one, 96, 1, false), Some(u128::from(u64::MAX)));
        assert_eq!(scaled(u128::MAX, u128::MAX, 128, 1, false), Some(u128::MAX - 1));
        assert_eq!(scaled(u128::MAX, u128::MAX, 0, 1, false), None);
        assert_eq!(scaled(10, 10, 0, 0, false), None);
        assert_eq!(scaled(7, 10, 0, 20, true), Some(4));
        assert_eq!(scaled(8, 1, 3, 1, true), Some(1));
    }

    #[test]
    fn negative_numbers_have_their_sign() {
        let number = Number {
            width: 8,
            signed: true,
            fraction: 0,
        };
        assert_eq!(read(&(-5_i64).to_le_bytes(), 0, &number), Ok((5, true)));
        assert_eq!(read(&i64::MIN.to_le_bytes(), 0, &number), Ok((1 << 63, true)));
        assert_eq!(read(&[0; 7], 0, &number), Err(Error::TooShort));
    }
}
