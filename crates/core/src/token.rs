//! Token accounts of either token program, by the bytes they share.

/// Bytes of a token account without extensions.
pub const BASE_LEN: u32 = 165;
/// A multisig of a token program, the one account that is longer and has no kind.
const MULTISIG_LEN: usize = 355;
/// Token-2022 writes behind the base what kind of account it is.
const KIND_ACCOUNT: u8 = 2;
/// Extensions lie behind the kind.
const EXTENSIONS: usize = BASE_LEN as usize + 1;
/// `AccountState::Frozen`.
const FROZEN: u8 = 2;
const TRANSFER_FEE_AMOUNT: u16 = 2;
const IMMUTABLE_OWNER: u16 = 7;
const MEMO_TRANSFER: u16 = 8;
const CPI_GUARD: u16 = 11;

/// Where its token stands.
pub(crate) const MINT: u32 = 0;
/// Where its holder stands.
pub(crate) const HOLDER: u32 = 32;
/// Where its amount stands.
pub(crate) const AMOUNT: u32 = 64;
/// Where a mint's supply stands.
pub(crate) const SUPPLY: u32 = 36;
/// Bytes of a mint without extensions.
pub const MINT_LEN: usize = 82;
/// Where a mint says that it is in use.
const MINT_INITIALIZED: usize = 45;
/// Token-2022's mark of a mint, behind the base.
const KIND_MINT: u8 = 1;
const DELEGATE: usize = 72;
const STATE: usize = 108;
const CLOSE_AUTHORITY: usize = 129;

/// Is this a token account, by its length and kind?
#[must_use]
pub fn is_account(data: &[u8]) -> bool {
    data.len() == BASE_LEN as usize || is_extended(data)
}

/// Is this a token account with extensions?
#[must_use]
pub fn is_extended(data: &[u8]) -> bool {
    kind(data) == Some(KIND_ACCOUNT)
}

/// Is this a mint in use, by its length and kind?
#[must_use]
pub fn is_mint(data: &[u8]) -> bool {
    let is_extended = data.len() != MULTISIG_LEN && data.get(BASE_LEN as usize) == Some(&KIND_MINT);
    (data.len() == MINT_LEN || is_extended) && data.get(MINT_INITIALIZED) == Some(&1)
}

/// How much there is of a mint's token.
#[must_use]
pub fn supply(data: &[u8]) -> Option<u64> {
    field(data, SUPPLY as usize).map(u64::from_le_bytes)
}

/// Its token.
#[must_use]
pub fn mint(data: &[u8]) -> Option<[u8; 32]> {
    field(data, MINT as usize)
}

/// Who holds it.
#[must_use]
pub fn holder(data: &[u8]) -> Option<[u8; 32]> {
    field(data, HOLDER as usize)
}

/// How much it holds. What Token-2022 withholds as a fee is not in it.
#[must_use]
pub fn amount(data: &[u8]) -> Option<u64> {
    field(data, AMOUNT as usize).map(u64::from_le_bytes)
}

/// Is it in use, frozen or not?
#[must_use]
pub fn is_initialized(data: &[u8]) -> bool {
    is_account(data) && data.get(STATE).is_some_and(|state| *state != 0)
}

/// Who may spend from it besides its holder, or zero.
#[must_use]
pub fn delegate(data: &[u8]) -> Option<[u8; 32]> {
    optional(data, DELEGATE)
}

/// Who may close it besides its holder, or zero.
#[must_use]
pub fn close_authority(data: &[u8]) -> Option<[u8; 32]> {
    optional(data, CLOSE_AUTHORITY)
}

/// Is it frozen?
#[must_use]
pub fn is_frozen(data: &[u8]) -> bool {
    data.get(STATE) == Some(&FROZEN)
}

/// Does it take transfers with a memo only?
#[must_use]
pub fn wants_memo(data: &[u8]) -> bool {
    is_extended(data) && Extensions::of(data).any(|(kind, contents)| kind == MEMO_TRANSFER && contents != [0])
}

/// The bytes of a token account that say who has power over it, and of which mint it is: all of the base but the amount.
#[must_use]
pub fn powers(data: &[u8]) -> Option<([u8; AMOUNT as usize], [u8; BASE_LEN as usize - DELEGATE])> {
    Some((field(data, 0)?, field(data, DELEGATE)?))
}

/// Why somebody else than its holder has a say over a token account, or why it takes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is no token account in use.
    NotInUse,
    /// It is frozen.
    Frozen,
    /// Somebody else may spend from it.
    Delegated,
    /// Somebody else may close it, and make it anew as their own.
    Closable,
    /// It takes transfers with a memo only.
    WantsMemo,
    /// Its extensions may refuse a transfer, or nobody knows what they do.
    Extension,
}

/// Is a token account its holder's alone, and would it take any transfer? What recovered funds are moved to has to be.
///
/// # Errors
/// A named [`Unfit`].
pub fn check_fit(data: &[u8]) -> Result<(), Unfit> {
    let none = Some([0; 32]);
    if !is_initialized(data) {
        return Err(Unfit::NotInUse);
    }
    if is_frozen(data) {
        return Err(Unfit::Frozen);
    }
    if delegate(data) != none {
        return Err(Unfit::Delegated);
    }
    if close_authority(data) != none {
        return Err(Unfit::Closable);
    }
    for (kind, contents) in Extensions::of(data) {
        match kind {
            TRANSFER_FEE_AMOUNT | IMMUTABLE_OWNER => {}
            MEMO_TRANSFER | CPI_GUARD if contents == [0] => {}
            MEMO_TRANSFER => return Err(Unfit::WantsMemo),
            _ => return Err(Unfit::Extension),
        }
    }
    Ok(())
}

/// The extensions of a mint or a token account: kind and contents. What is cut off is of a kind nobody knows.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    rest: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// Those behind the base and the kind; none where there are none.
    #[must_use]
    pub fn of(data: &'a [u8]) -> Self {
        Self {
            rest: data.get(EXTENSIONS..).unwrap_or_default(),
        }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = core::mem::take(&mut self.rest).split_first_chunk::<4>()?;
        let [kind0, kind1, len0, len1] = *head;
        let kind = u16::from_le_bytes([kind0, kind1]);
        if kind == 0 {
            return None;
        }
        let Some((contents, rest)) = rest.split_at_checked(u16::from_le_bytes([len0, len1]).into()) else {
            return Some((u16::MAX, &[]));
        };
        self.rest = rest;
        Some((kind, contents))
    }
}

/// Kind of a mint or a token account with extensions.
pub(crate) fn kind(data: &[u8]) -> Option<u8> {
    let is_known = data.len() != MULTISIG_LEN;
    data.get(BASE_LEN as usize).filter(|_| is_known).copied()
}

/// A `COption<Pubkey>`: a four-byte tag and the key.
pub(crate) fn optional(data: &[u8], offset: usize) -> Option<[u8; 32]> {
    let tag: [u8; 4] = field(data, offset)?;
    let key = field(data, offset.checked_add(4)?)?;
    Some(if tag == [0; 4] { [0; 32] } else { key })
}

/// `N` bytes at an offset.
#[must_use]
pub fn field<const N: usize>(data: &[u8], offset: usize) -> Option<[u8; N]> {
    data.get(offset..)?.first_chunk::<N>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn account(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let mut data = vec![0; BASE_LEN as usize];
        data[STATE] = 1;
        if !extensions.is_empty() {
            data.push(KIND_ACCOUNT);
        }
        for (kind, contents) in extensions {
            data.extend(kind.to_le_bytes());
            data.extend(u16::try_from(contents.len()).unwrap().to_le_bytes());
            data.extend_from_slice(contents);
        }
        data
    }

    #[test]
    fn an_account_is_fit_when_nobody_but_its_holder_has_a_say() {
        assert_eq!(check_fit(&account(&[])), Ok(()));
        let sound: [(u16, &[u8]); 4] = [(2, &[1; 8]), (7, &[]), (8, &[0]), (11, &[0])];
        assert_eq!(check_fit(&account(&sound)), Ok(()));
        for (place, byte, reason) in [
            (STATE, 0, Unfit::NotInUse),
            (STATE, 2, Unfit::Frozen),
            (DELEGATE, 1, Unfit::Delegated),
            (CLOSE_AUTHORITY, 1, Unfit::Closable),
        ] {
            let mut data = account(&[]);
            data[place] = byte;
            data[place + 4] |= u8::from(place != STATE) * 9;
            assert_eq!(check_fit(&data), Err(reason));
        }
        assert_eq!(check_fit(&account(&[(7, &[]), (8, &[1])])), Err(Unfit::WantsMemo));
        for kind in [5, 11, 13, 15, 27, 99] {
            assert_eq!(check_fit(&account(&[(kind, &[1])])), Err(Unfit::Extension));
        }
        let cut = account(&[(2, &[1; 8])]);
        assert_eq!(check_fit(&cut[..cut.len() - 1]), Err(Unfit::Extension));
    }

    #[test]
    fn who_wants_a_memo_says_so() {
        assert!(!wants_memo(&account(&[])) && !wants_memo(&account(&[(8, &[0])])));
        assert!(wants_memo(&account(&[(7, &[]), (8, &[1])])));
    }
}
