//! Accounts of this program, read only in the layout version that this program supports.

use std::cell::{Ref, RefMut};

use anchor_lang::{Owner, ZeroCopy, prelude::*, system_program};
use bulkhead_interface::constants::VERSION;

use crate::error::BulkheadError;

/// Loads that refuse an account written by another version of the program. Every handler and every constraint reads
/// accounts through these. Only `load_init` remains Anchor's.
pub trait Current<T> {
    /// Loads for reading.
    fn current(&self) -> Result<Ref<'_, T>>;
    /// Loads for writing.
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

/// The contents of an account that may not exist yet.
pub fn if_there<'a, T: ZeroCopy + Owner>(account: &'a AccountInfo) -> Result<Option<Ref<'a, T>>> {
    if account.owner == &system_program::ID && account.data_is_empty() {
        return Ok(None);
    }
    require_keys_eq!(*account.owner, T::owner(), BulkheadError::ForeignAccount);
    let data = account.try_borrow_data()?;
    let read = Ref::filter_map(data, |data| {
        let (discriminator, rest) = data.split_at_checked(T::DISCRIMINATOR.len())?;
        let body = rest.get(..size_of::<T>())?;
        let is_its = discriminator == T::DISCRIMINATOR;
        is_its.then_some(())?;
        bytemuck::try_from_bytes(body).ok()
    });
    let account = read.map_err(|_| BulkheadError::ForeignAccount)?;
    require_current(&*account)?;
    Ok(Some(account))
}

/// The contents of an account whose layout is known only here, for writing.
pub fn typed_mut<'a, T: ZeroCopy + Owner>(account: &'a AccountInfo) -> Result<RefMut<'a, T>> {
    require_keys_eq!(*account.owner, T::owner(), BulkheadError::ForeignAccount);
    let data = account.try_borrow_mut_data()?;
    let read = RefMut::filter_map(data, |data| {
        let (discriminator, rest) = data.split_at_mut_checked(T::DISCRIMINATOR.len())?;
        let body = rest.get_mut(..size_of::<T>())?;
        let is_its = *discriminator == *T::DISCRIMINATOR;
        is_its.then_some(())?;
        bytemuck::try_from_bytes_mut(body).ok()
    });
    let account = read.map_err(|_| BulkheadError::ForeignAccount)?;
    require_current(&*account)?;
    Ok(account)
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
