//! Reading accounts back.

use anchor_lang::{Discriminator, ZeroCopy};

/// The account's layout, if `data` carries its discriminator and is long enough.
#[must_use]
pub fn account<T: ZeroCopy + Discriminator>(data: &[u8]) -> Option<T> {
    let body = data.strip_prefix(T::DISCRIMINATOR)?;
    body.get(..size_of::<T>()).map(bytemuck::pod_read_unaligned)
}
