//! Reading accounts back.

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead_interface::{ID, constants::VERSION};

/// The account's layout, if `data` carries its discriminator and the version that is known, and is long enough. Who owns
/// the account is for the caller to check, or for [`owned`].
#[must_use]
pub fn account<T: ZeroCopy + Discriminator>(data: &[u8]) -> Option<T> {
    let body = data.strip_prefix(T::DISCRIMINATOR)?;
    if body.first() != Some(&VERSION) {
        return None;
    }
    body.get(..size_of::<T>()).map(bytemuck::pod_read_unaligned)
}

/// The same of an account that belongs to Bulkhead: what another program owns may hold any bytes.
#[must_use]
pub fn owned<T: ZeroCopy + Discriminator>(owner: &Pubkey, data: &[u8]) -> Option<T> {
    if *owner == ID { account(data) } else { None }
}
