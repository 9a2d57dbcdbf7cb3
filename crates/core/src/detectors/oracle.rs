//! Reading a price out of an oracle's account.
//!
//! **Pyth.** Anyone posts an update of a feed to an account of the receiver program, which has checked the guardians'
//! signatures: all that are needed (`Full`), or some. Only the former counts. Layout of `PriceUpdateV2`, packed and
//! little endian:
//!
//! | offset | size | |
//! |---:|---:|---|
//! | 0 | 8 | discriminator |
//! | 8 | 32 | write authority: may overwrite or close it |
//! | 40 | 1 | verification level, 1 for `Full`; `Partial` is 0 and has a byte more |
//! | 41 | 32 | feed id |
//! | 73 | 8 | price, signed |
//! | 81 | 8 | confidence |
//! | 89 | 4 | exponent, signed |
//! | 93 | 8 | publish time, unix seconds |
//! | 101 | 32 | previous publish time, moving averages, slot |
//!
//! **Host.** Any program's account: price, timestamp and, if it has one, confidence at registered offsets.

use bulkhead_interface::{
    Pubkey,
    constants::{price_flag, price_source},
    ids::PYTH_RECEIVER,
    layout::PriceBreaker,
};

use crate::{CoreError, detectors::price::Reading, fixed::MAX_EXPONENT, snapshots::layout::MAX_DATA_LEN, token::field};

/// First bytes of Pyth's `PriceUpdateV2`.
pub const PYTH_DISCRIMINATOR: [u8; 8] = [34, 241, 35, 99, 157, 126, 244, 205];
/// Verified by as many guardians as Wormhole needs.
pub const PYTH_FULL: u8 = 1;
/// `confidence_offset` of a host that gives none.
pub const NO_CONFIDENCE: u32 = u32::MAX;

const LEVEL: usize = 40;
const FEED: usize = 41;
const PRICE: usize = 73;
const CONFIDENCE: usize = 81;
const EXPONENT: usize = 89;
const TIME: usize = 93;

/// Is this one account that is read every time?
#[must_use]
pub fn is_pinned(breaker: &PriceBreaker) -> bool {
    breaker.account != Pubkey::default()
}

/// Can this source be registered? The rules are [`crate::detectors::price::rules`]' to check.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn check(breaker: &PriceBreaker) -> Result<(), CoreError> {
    let within = |offset: u32, len: u32| offset.checked_add(len).is_some_and(|end| end <= MAX_DATA_LEN);
    let width = u32::from(breaker.width);
    let is_sound = match breaker.kind {
        price_source::PYTH => {
            let offsets = [breaker.price_offset, breaker.time_offset, breaker.confidence_offset];
            breaker.program == PYTH_RECEIVER
                && breaker.source != Pubkey::default()
                && width == 8
                && breaker.flags == 0
                && breaker.exponent == 0
                && offsets == [0; 3]
        }
        price_source::HOST => {
            breaker.account == breaker.source
                && is_pinned(breaker)
                && breaker.program != Pubkey::default()
                && matches!(width, 8 | 16)
                && breaker.flags & !price_flag::SIGNED == 0
                && (-MAX_EXPONENT..=MAX_EXPONENT).contains(&breaker.exponent)
                && within(breaker.price_offset, width)
                && within(breaker.time_offset, 8)
                && (breaker.confidence_offset == NO_CONFIDENCE || within(breaker.confidence_offset, width))
        }
        _ => false,
    };
    // A rule about a confidence that the source does not give would never act.
    let has_confidence = breaker.kind == price_source::PYTH || breaker.confidence_offset != NO_CONFIDENCE;
    if is_sound && (has_confidence || breaker.rules.max_confidence_bps == 0) {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Reads what `breaker` watches from the account `key` of program `owner`.
///
/// # Errors
/// [`CoreError::ForeignPrice`] for any other account, [`CoreError::PriceUnreadable`] for one without a price.
pub fn read(breaker: &PriceBreaker, key: &Pubkey, owner: &Pubkey, data: &[u8]) -> Result<Reading, CoreError> {
    if *owner != breaker.program || (is_pinned(breaker) && *key != breaker.account) {
        return Err(CoreError::ForeignPrice);
    }
    let reading = match breaker.kind {
        price_source::PYTH => pyth(data, breaker.source.as_array())?,
        _ => host(breaker, data).ok_or(CoreError::PriceUnreadable)?,
    };
    if reading.price == 0 {
        return Err(CoreError::PriceUnreadable);
    }
    Ok(reading)
}

/// A fully verified update of `feed`.
///
/// # Errors
/// [`CoreError::ForeignPrice`] for anything else, [`CoreError::PriceUnreadable`] for a price that is none.
pub fn pyth(data: &[u8], feed: &[u8; 32]) -> Result<Reading, CoreError> {
    let is_the_feeds = data.starts_with(&PYTH_DISCRIMINATOR)
        && data.get(LEVEL) == Some(&PYTH_FULL)
        && field::<32>(data, FEED).as_ref() == Some(feed);
    if !is_the_feeds {
        return Err(CoreError::ForeignPrice);
    }
    let read = || {
        Some(Reading {
            price: i64::from_le_bytes(field(data, PRICE)?).try_into().ok()?,
            confidence: u64::from_le_bytes(field(data, CONFIDENCE)?).into(),
            exponent: i32::from_le_bytes(field(data, EXPONENT)?).into(),
            ts: i64::from_le_bytes(field(data, TIME)?),
        })
    };
    read().ok_or(CoreError::PriceUnreadable)
}

fn host(breaker: &PriceBreaker, data: &[u8]) -> Option<Reading> {
    let is_signed = breaker.flags & price_flag::SIGNED != 0;
    let number = |offset: u32| number(data, offset, breaker.width, is_signed);
    Some(Reading {
        price: number(breaker.price_offset)?,
        confidence: match breaker.confidence_offset {
            NO_CONFIDENCE => 0,
            offset => number(offset)?,
        },
        exponent: breaker.exponent,
        ts: i64::from_le_bytes(field(data, usize::try_from(breaker.time_offset).ok()?)?),
    })
}

/// A number of 8 or 16 bytes at an offset, if it is not negative.
fn number(data: &[u8], offset: u32, width: u8, is_signed: bool) -> Option<u128> {
    let at = usize::try_from(offset).ok()?;
    if width == 16 {
        let number = u128::from_le_bytes(field(data, at)?);
        return (!is_signed || number >> 127 == 0).then_some(number);
    }
    let number = u64::from_le_bytes(field(data, at)?);
    (!is_signed || number >> 63 == 0).then_some(number.into())
}

/// The unsigned number of 8 or 16 bytes at an offset.
#[must_use]
pub fn unsigned(data: &[u8], offset: u32, width: u8) -> Option<u128> {
    number(data, offset, width, false)
}
