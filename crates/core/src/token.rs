//! Token accounts of either token program, by the bytes they share.

/// Bytes of a token account without extensions.
pub const BASE_LEN: u32 = 165;
/// A multisig of a token program, the one account that is longer and has no kind.
const MULTISIG_LEN: usize = 355;
/// Token-2022 writes behind the base what kind of account it is.
const KIND_ACCOUNT: u8 = 2;

/// Where its token stands.
pub(crate) const MINT: u32 = 0;
/// Where its holder stands.
pub(crate) const HOLDER: u32 = 32;
/// Where its amount stands.
pub(crate) const AMOUNT: u32 = 64;
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
    data.len() != MULTISIG_LEN && data.get(BASE_LEN as usize) == Some(&KIND_ACCOUNT)
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

/// A `COption<Pubkey>`: a four-byte tag and the key.
fn optional(data: &[u8], offset: usize) -> Option<[u8; 32]> {
    let tag: [u8; 4] = field(data, offset)?;
    let key = field(data, offset.checked_add(4)?)?;
    Some(if tag == [0; 4] { [0; 32] } else { key })
}

/// `N` bytes at an offset.
#[must_use]
pub fn field<const N: usize>(data: &[u8], offset: usize) -> Option<[u8; N]> {
    data.get(offset..)?.first_chunk::<N>().copied()
}
