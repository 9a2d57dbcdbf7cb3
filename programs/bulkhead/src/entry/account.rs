//! The one reader of accounts where the runtime put them. Every short path reads through it.
//!
//! What makes it sound: accounts begin at multiples of eight, the input outlives the program, and an account that
//! repeats an earlier one is never read ([`Header::read`]), so no data is borrowed twice.

use std::{cell::RefCell, rc::Rc, slice};

use anchor_lang::{
    ZeroCopy,
    prelude::*,
    solana_program::entrypoint::{MAX_PERMITTED_DATA_INCREASE, NON_DUP_MARKER},
};
use bulkhead_core::{
    acts::Shown,
    words::{same_key, word},
};
use bulkhead_interface::constants::VERSION;

/// Bytes after an account's data: room to grow, and its rent epoch.
const TRAILER: usize = MAX_PERMITTED_DATA_INCREASE + 8;

/// An account as the runtime serializes it, followed by its data.
#[repr(C)]
pub struct Header {
    pub marker: u8,
    pub is_signer: u8,
    pub is_writable: u8,
    pub executable: u8,
    pub original_len: u32,
    pub key: Pubkey,
    pub owner: Pubkey,
    pub lamports: u64,
    pub len: usize,
}

const _: () = assert!(size_of::<Header>() == 88 && align_of::<Header>() == 8);

impl Header {
    /// The account at `at`, unless it repeats an earlier one.
    ///
    /// # Safety
    /// An account must begin at `at` in the runtime's input, and nothing else may borrow it.
    #[inline(always)]
    pub unsafe fn read(at: *mut u8) -> Option<&'static mut Self> {
        // SAFETY: accounts begin at multiples of eight, and the input outlives the program.
        unsafe { (*at == NON_DUP_MARKER).then(|| &mut *at.cast::<Self>()) }
    }

    /// Offset where the data begins.
    #[inline(always)]
    pub fn start(&mut self) -> *mut u8 {
        std::ptr::from_mut(self).wrapping_add(1).cast()
    }

    /// Offset where the next account begins, or the instruction's data: after the data, padded to eight bytes, and the
    /// trailer.
    #[inline(always)]
    pub fn next(&mut self) -> *mut u8 {
        let len = self.len.wrapping_add(7) & !7;
        self.start().wrapping_add(len.wrapping_add(TRAILER))
    }

    /// The data.
    ///
    /// # Safety
    /// The header must lie in the runtime's input, and nothing else may borrow the data.
    #[inline(always)]
    pub unsafe fn data(&mut self) -> &'static mut [u8] {
        // SAFETY: the runtime puts `len` bytes behind the header.
        unsafe { slice::from_raw_parts_mut(self.start(), self.len) }
    }

    /// The account as a Bulkhead account, if it clearly is one: owned by this program, of that type and version.
    ///
    /// # Safety
    /// As for [`Header::data`].
    #[inline(always)]
    pub unsafe fn load<T: ZeroCopy>(&mut self, version: impl FnOnce(&T) -> u8) -> Option<&'static mut T> {
        if !same_key(self.owner.as_array(), crate::ID.as_array()) {
            return None;
        }
        // SAFETY: as above.
        let (discriminator, rest) = unsafe { self.data() }.split_first_chunk_mut()?;
        if word(discriminator) != word(T::DISCRIMINATOR.first_chunk()?) {
            return None;
        }
        let account: &mut T = bytemuck::try_from_bytes_mut(rest.get_mut(..size_of::<T>())?).ok()?;
        (version(account) == VERSION).then_some(account)
    }

    /// The account as rules look at accounts that are not of this program.
    ///
    /// # Safety
    /// As for [`Header::data`].
    #[inline(always)]
    pub unsafe fn shown(&'static mut self) -> Shown<'static> {
        // SAFETY: as above.
        let data = unsafe { self.data() };
        Shown {
            key: &self.key,
            owner: &self.owner,
            data,
        }
    }

    /// The account in the form Anchor works with.
    ///
    /// # Safety
    /// As for [`Header::data`].
    #[inline(always)]
    pub unsafe fn info(&'static mut self) -> AccountInfo<'static> {
        // The runtime's own deserialization keeps the length here too. No account is that long.
        self.original_len = u32::try_from(self.len).unwrap_or(u32::MAX);
        // SAFETY: as above.
        let data = unsafe { self.data() };
        // Not `AccountInfo::new`, which the compiler does not inline where it is called twice: eighty units an account.
        #[allow(deprecated)]
        AccountInfo {
            key: &self.key,
            lamports: Rc::new(RefCell::new(&mut self.lamports)),
            data: Rc::new(RefCell::new(data)),
            owner: &self.owner,
            _unused: 0,
            is_signer: self.is_signer != 0,
            is_writable: self.is_writable != 0,
            executable: self.executable != 0,
        }
    }
}

/// The arguments of an instruction, if it is the one with that discriminator and they have that length.
///
/// # Safety
/// The instruction's data begins at `at`, with its length in front.
#[inline(always)]
pub unsafe fn arguments<const LEN: usize>(at: *mut u8, discriminator: &[u8]) -> Option<&'static [u8; LEN]> {
    // SAFETY: as above.
    unsafe {
        if *at.cast::<usize>() != LEN.wrapping_add(8) {
            return None;
        }
        let name = &*at.add(8).cast::<[u8; 8]>();
        (word(name) == word(discriminator.first_chunk()?)).then(|| &*at.add(16).cast::<[u8; LEN]>())
    }
}
