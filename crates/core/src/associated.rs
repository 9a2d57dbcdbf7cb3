//! The associated token account of an owner, checked at a tenth of the cost of deriving it.

use bulkhead_interface::Pubkey;

use crate::hash::sha256;

/// The Associated Token program, ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL.
pub const ASSOCIATED_TOKEN_PROGRAM: Pubkey = Pubkey::new_from_array([
    140, 151, 37, 143, 78, 36, 137, 241, 187, 61, 16, 41, 20, 142, 13, 131, 11, 90, 19, 153, 218, 255, 16, 132, 4, 142,
    123, 216, 219, 233, 248, 89,
]);

/// The marker that the runtime hashes after seeds and program.
const PDA_MARKER: &[u8] = b"ProgramDerivedAddress";

/// The address of `owner`'s associated token account for `mint`, given its canonical bump.
///
/// This is the hash of the runtime's `create_program_address` without the check that the address is off the curve.
/// Compare it with an existing account: nobody can find a key for a given hash, so an account at this address was
/// created by the Associated Token program, which uses only the canonical bump. With any other bump the result is an
/// address where no account can exist.
#[must_use]
pub fn token_address(owner: &Pubkey, token_program: &Pubkey, mint: &Pubkey, bump: u8) -> [u8; 32] {
    sha256(&[
        owner.as_ref(),
        token_program.as_ref(),
        mint.as_ref(),
        &[bump],
        ASSOCIATED_TOKEN_PROGRAM.as_ref(),
        PDA_MARKER,
    ])
}
