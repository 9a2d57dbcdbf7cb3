//! Who holds the token that owns a position.
//!
//! A position that is an NFT names a mint. The cranker passes the mint and a token account: the program checks that
//! there is exactly one of the token and that this account holds it. Where nobody holds it, because it was burned or its
//! mint is gone, the position is still read, for its amount is in the host's total: its leaf names the token itself, so
//! nobody can claim it. Otherwise whoever burns a token could keep a ledger from being sealed.

use bulkhead_interface::{
    Pubkey,
    ids::{TOKEN, TOKEN_2022},
};

use super::super::LayoutError;
use super::Seen;
use crate::{mint, token};

/// Owns every account that does not exist.
const SYSTEM_PROGRAM: Pubkey = Pubkey::new_from_array([0; 32]);

/// The owner of a position that names `token`: its holder, or the token itself if nobody holds it. `account` is the
/// holder's token account; where nobody holds it, any account.
///
/// # Errors
/// [`LayoutError::LinkMissing`] if `mint` is another account, [`LayoutError::NotASingleToken`] if there may be more than
/// one, [`LayoutError::NotTheHolder`] if `account` does not hold it.
pub fn holder(token: &[u8; 32], mint: Seen, account: Seen) -> Result<[u8; 32], LayoutError> {
    if mint.key.as_array() != token {
        return Err(LayoutError::LinkMissing);
    }
    if *mint.program == SYSTEM_PROGRAM && mint.data.is_empty() {
        return Ok(*token);
    }
    let is_mint = (*mint.program == TOKEN || *mint.program == TOKEN_2022) && token::is_mint(mint.data);
    if !is_mint || mint::decimals(mint.data) != Some(0) {
        return Err(LayoutError::NotASingleToken);
    }
    match token::supply(mint.data) {
        Some(0) => Ok(*token),
        Some(1) => holds(token, mint.program, account).ok_or(LayoutError::NotTheHolder),
        _ => Err(LayoutError::NotASingleToken),
    }
}

/// The holder of the only token, if this account has it. A frozen or delegated account has it, too.
fn holds(token: &[u8; 32], program: &Pubkey, account: Seen) -> Option<[u8; 32]> {
    let has_it = account.program == program
        && token::is_initialized(account.data)
        && token::mint(account.data).as_ref() == Some(token)
        && token::amount(account.data) == Some(1);
    token::holder(account.data).filter(|_| has_it)
}
