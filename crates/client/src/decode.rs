//! Decodes accounts.

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead_interface::{ID, constants::VERSION};

/// The account's layout, if `data` has its discriminator and the known version, and is long enough. The caller checks
/// the owner of the account, or uses [`owned`].
#[must_use]
pub fn account<T: ZeroCopy + Discriminator>(data: &[u8]) -> Option<T> {
    let body = data.strip_prefix(T::DISCRIMINATOR)?;
    if body.first() != Some(&VERSION) {
        return None;
    }
    body.get(..size_of::<T>()).map(bytemuck::pod_read_unaligned)
}

/// Like the function above, but only for accounts that Bulkhead owns. An account of another program may contain any
/// bytes.
#[must_use]
pub fn owned<T: ZeroCopy + Discriminator>(owner: &Pubkey, data: &[u8]) -> Option<T> {
    if *owner == ID { account(data) } else { None }
}
