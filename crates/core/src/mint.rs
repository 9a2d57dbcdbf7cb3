//! Which tokens Bulkhead holds, said once: for custody, for the pools of ledgers, for votes.
//!
//! A mint is taken when nobody but the holder can move, lock, burn, hide or tax what is held, now or later. That is a list
//! of what is allowed, so that extensions of the future are refused. A freeze authority is allowed here, for the largest
//! stable coins have one; who cannot live with it asks [`freeze_authority`].

use crate::token::{self, BASE_LEN, Extensions, MINT_LEN};

const DECIMALS: usize = 44;
const IS_INITIALIZED: usize = 45;
const FREEZE_AUTHORITY: usize = 46;
/// Token-2022 writes behind the base what kind of account it is.
const KIND_MINT: u8 = 1;

/// `TransferFeeConfig`: two authorities, what is withheld, the older and the newer fee.
const TRANSFER_FEE: u16 = 1;
const FEE_AUTHORITY: usize = 0;
const FEES: [usize; 2] = [72, 90];
/// Behind the epoch and the greatest fee.
const FEE_BPS: usize = 16;
/// A fee of all there is.
const WHOLE_BPS: u16 = 10_000;

/// Interest bearing, metadata pointer, metadata, group pointer, group, group member pointer, group member, scaled amount:
/// they change what a wallet shows and nothing else.
const HARMLESS: [u16; 8] = [10, 18, 19, 20, 21, 22, 23, 25];

/// Why a mint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsafeMint {
    /// Its bytes are no mint's.
    NotAMint,
    /// Somebody else could move, lock, burn, hide or close by this extension, or nobody knows what it does.
    Extension(u16),
    /// Somebody can raise the transfer fee, or it is all there is already.
    Fee,
}

/// What transfers of a mint that is safe to hold cost at most, in bps, forever.
///
/// # Errors
/// A named [`UnsafeMint`].
pub fn check(data: &[u8]) -> Result<u16, UnsafeMint> {
    let mut fee_bps = 0;
    for (kind, contents) in extensions(data)? {
        if kind == TRANSFER_FEE {
            fee_bps = fixed_fee(contents)?;
        } else if !HARMLESS.contains(&kind) {
            return Err(UnsafeMint::Extension(kind));
        }
    }
    Ok(fee_bps)
}

/// What a transfer of this mint costs at most, in bps. Every transfer asks it again: a fee that somebody can raise is an
/// error even where the mint was taken once.
///
/// # Errors
/// [`UnsafeMint`] by name; other extensions than the fee are not looked at.
pub fn fee_bps(data: &[u8]) -> Result<u16, UnsafeMint> {
    match extensions(data)?.find(|(kind, _)| *kind == TRANSFER_FEE) {
        Some((_, contents)) => fixed_fee(contents),
        None => Ok(0),
    }
}

/// Who can freeze accounts of the mint, or zero.
#[must_use]
pub fn freeze_authority(data: &[u8]) -> Option<[u8; 32]> {
    token::optional(data, FREEZE_AUTHORITY)
}

/// Its decimals.
#[must_use]
pub fn decimals(data: &[u8]) -> Option<u8> {
    data.get(DECIMALS).copied()
}

/// The most that a fee of `fee_bps` withholds of `amount`, rounded up as the token program does.
#[must_use]
pub fn most_withheld(amount: u64, fee_bps: u16) -> u64 {
    let (whole, bps) = (u64::from(WHOLE_BPS), u64::from(fee_bps));
    // Neither product overflows: the quotient is at most u64::MAX / 10,000, the rest below 10,000.
    let of = |part: u64| part.saturating_mul(bps);
    of(amount.div_euclid(whole)).saturating_add(of(amount.rem_euclid(whole)).div_ceil(whole))
}

fn extensions(data: &[u8]) -> Result<Extensions<'_>, UnsafeMint> {
    let is_plain = data.len() == MINT_LEN;
    let is_extended = token::kind(data) == Some(KIND_MINT);
    if !(is_plain || is_extended) || data.get(IS_INITIALIZED) != Some(&1) {
        return Err(UnsafeMint::NotAMint);
    }
    Ok(Extensions::of(data))
}

/// The greater of both fees: the newer takes over by itself at an epoch.
fn fixed_fee(contents: &[u8]) -> Result<u16, UnsafeMint> {
    let authority: [u8; 32] = token::field(contents, FEE_AUTHORITY).ok_or(UnsafeMint::Fee)?;
    let mut most = 0;
    for fee in FEES {
        let at = fee.checked_add(FEE_BPS).ok_or(UnsafeMint::Fee)?;
        let bps = token::field(contents, at).map(u16::from_le_bytes);
        most = bps.ok_or(UnsafeMint::Fee)?.max(most);
    }
    if authority != [0; 32] || most >= WHOLE_BPS {
        return Err(UnsafeMint::Fee);
    }
    Ok(most)
}

const _: () = assert!(MINT_LEN < BASE_LEN as usize);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn mint(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut data = vec![0; MINT_LEN];
        data[IS_INITIALIZED] = 1;
        if !extensions.is_empty() {
            data.resize(BASE_LEN as usize, 0);
            data.push(KIND_MINT);
        }
        for (kind, contents) in extensions {
            data.extend(kind.to_le_bytes());
            data.extend(u16::try_from(contents.len()).unwrap().to_le_bytes());
            data.extend(contents);
        }
        data
    }

    fn fee(authority: u8, older: u16, newer: u16) -> (u16, Vec<u8>) {
        let mut contents = vec![authority; 32];
        contents.extend([9; 32]);
        contents.extend([0; 8]);
        for bps in [older, newer] {
            contents.extend([0; 8]);
            contents.extend(u64::MAX.to_le_bytes());
            contents.extend(bps.to_le_bytes());
        }
        (TRANSFER_FEE, contents)
    }

    #[test]
    fn a_plain_mint_and_one_that_only_looks_different_are_taken() {
        assert_eq!(check(&mint(&[])), Ok(0));
        let harmless: Vec<_> = HARMLESS.iter().map(|kind| (*kind, vec![7; 40])).collect();
        assert_eq!(check(&mint(&harmless)), Ok(0));
    }

    #[test]
    fn whatever_is_not_known_to_be_harmless_is_refused_wherever_it_stands() {
        for kind in (2..200).filter(|kind| !HARMLESS.contains(kind)) {
            let refused = Err(UnsafeMint::Extension(kind));
            assert_eq!(check(&mint(&[(kind, vec![0; 33])])), refused);
            assert_eq!(
                check(&mint(&[(19, vec![1; 100]), fee(0, 1, 1), (kind, vec![])])),
                refused
            );
        }
    }

    #[test]
    fn a_fee_that_somebody_can_raise_is_refused_and_one_that_is_fixed_is_told() {
        assert_eq!(check(&mint(&[fee(1, 0, 0)])), Err(UnsafeMint::Fee));
        assert_eq!(fee_bps(&mint(&[fee(1, 0, 0)])), Err(UnsafeMint::Fee));
        for (older, newer) in [(100, 30), (30, 100)] {
            let mint = mint(&[(19, vec![1; 3]), fee(0, older, newer)]);
            assert_eq!((check(&mint), fee_bps(&mint)), (Ok(100), Ok(100)));
        }
        assert_eq!(check(&mint(&[fee(0, 0, 10_000)])), Err(UnsafeMint::Fee));
        assert_eq!(
            check(&mint(&[(TRANSFER_FEE, vec![0; 107])])),
            Err(UnsafeMint::Fee),
            "cut off"
        );
    }

    #[test]
    fn bytes_that_are_no_mint_and_extensions_that_are_cut_off_are_refused() {
        let sound = mint(&[fee(0, 1, 1)]);
        for len in [0, 81, 83, 164, 165] {
            assert_eq!(check(&sound[..len]), Err(UnsafeMint::NotAMint));
        }
        assert!(check(&sound[..sound.len() - 1]).is_err());
        let mut account = sound.clone();
        account[165] = 2;
        assert_eq!(check(&account), Err(UnsafeMint::NotAMint));
        let mut fresh = mint(&[]);
        fresh[IS_INITIALIZED] = 0;
        assert_eq!(check(&fresh), Err(UnsafeMint::NotAMint));
    }

    #[test]
    fn the_most_withheld_is_rounded_up_and_never_too_little() {
        for (amount, bps, most) in [
            (0, 100, 0),
            (1, 1, 1),
            (10_000, 100, 100),
            (10_001, 100, 101),
            (99, 0, 0),
        ] {
            assert_eq!(most_withheld(amount, bps), most);
        }
        for bps in [1_u16, 77, 9_999] {
            let exact = (u128::from(u64::MAX) * u128::from(bps)).div_ceil(10_000);
            assert_eq!(u128::from(most_withheld(u64::MAX, bps)), exact);
        }
    }

    #[test]
    fn who_can_freeze_is_told() {
        let mut data = mint(&[]);
        assert_eq!(freeze_authority(&data), Some([0; 32]));
        data[FREEZE_AUTHORITY] = 1;
        data[50..82].fill(7);
        assert_eq!(freeze_authority(&data), Some([7; 32]));
    }
}
