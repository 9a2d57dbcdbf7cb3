//! Accounts of this program, read only in the layout this program knows.

use std::cell::{Ref, RefMut};

use anchor_lang::{Owner, ZeroCopy, prelude::*};
use bulkhead_interface::constants::VERSION;

use crate::error::BulkheadError;

/// Loads that refuse an account written by another version of the program. Every handler and
/// every constraint reads through these; `load_init` alone stays Anchor's.
pub trait Current<T> {
    /// For reading.
    fn current(&self) -> Result<Ref<'_, T>>;
    /// For writing.
    fn current_mut(&self) -> Result<RefMut<'_, T>>;
}

impl<T: ZeroCopy + Owner> Current<T> for AccountLoader<'_, T> {
    #[inline(always)]
    fn current(&self) -> Result<Ref<'_, T>> {
        let account = self.load()?;
        require_current(&*account)?;
        Ok(account)
    }

    #[inline(always)]
    fn current_mut(&self) -> Result<RefMut<'_, T>> {
        let account = self.load_mut()?;
        require_current(&*account)?;
        Ok(account)
    }
}

/// Every layout starts with its version.
#[inline(always)]
fn require_current<T: bytemuck::Pod>(account: &T) -> Result<()> {
    require!(
        bytemuck::bytes_of(account).first() == Some(&VERSION),
        BulkheadError::UnknownVersion
    );
    Ok(())
}
