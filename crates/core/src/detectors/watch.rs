//! Is an authority still whom it was registered to be?
//!
//! Whoever takes over a program, a treasury or a stake account changes one key in an account first, and the damage comes
//! with the next transaction. Any difference latches at once, and any other difference than the one that is noted latches
//! anew, whether a latch is in force or not. An unpause by a matured proposal accepts exactly what had latched before the
//! proposal was made, until it was seen as registered once. See [`crate::detectors::latch`].

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_AUTHORITIES, reading, watch_flag, watch_kind},
    ids::{TOKEN, TOKEN_2022, UPGRADEABLE_LOADER},
    layout::{Authorities, AuthorityWatch},
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    acts::At,
    detectors::latch::{self, Effect, Evidence, Found},
    host::loader,
    snapshots::layout::MAX_DATA_LEN,
    token::{self, field},
};

/// Can this be watched?
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn check(watch: &AuthorityWatch) -> Result<(), CoreError> {
    let program = &watch.expected.program;
    let is_plain = watch.offset == 0;
    let none = |keys: &[Pubkey]| keys.iter().all(|key| *key == Pubkey::default());
    let behind = |count: usize| watch.expected.keys.get(count..).is_some_and(none);
    let is_sound = match watch.kind {
        watch_kind::PROGRAM => {
            *program == UPGRADEABLE_LOADER && is_plain && behind(1) && watch.flags & !watch_flag::UPGRADES == 0
        }
        watch_kind::TOKEN_ACCOUNT => (*program == TOKEN || *program == TOKEN_2022) && is_plain && watch.flags == 0,
        watch_kind::HOST_FIELD => {
            let end = watch.offset.checked_add(32);
            end.is_some_and(|end| end <= MAX_DATA_LEN) && behind(1) && watch.flags == 0
        }
        _ => false,
    };
    if is_sound {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Reads the watched account, which `owner` owns.
#[must_use]
pub fn read(watch: &AuthorityWatch, owner: &Pubkey, data: &[u8]) -> Authorities {
    let is_the_programs = *owner == watch.expected.program;
    let found = is_the_programs.then(|| values(watch, data)).flatten();
    let (reading, slot, keys) = match found {
        Some((slot, keys)) => (reading::READ, slot, keys),
        None => (reading::LOST, 0, [[0; 32]; MAX_AUTHORITIES]),
    };
    Authorities {
        reading,
        padding: [0; 7],
        slot,
        program: *owner,
        keys: keys.map(Pubkey::new_from_array),
    }
}

/// The slot, where it is watched, and the keys.
fn values(watch: &AuthorityWatch, data: &[u8]) -> Option<(u64, [[u8; 32]; MAX_AUTHORITIES])> {
    let none = [0; 32];
    match watch.kind {
        watch_kind::PROGRAM => {
            let (slot, authority) = loader::program_data(data)?;
            let watched = if watch.flags & watch_flag::UPGRADES == 0 {
                0
            } else {
                slot
            };
            Some((watched, [authority.unwrap_or(none), none, none]))
        }
        watch_kind::TOKEN_ACCOUNT => {
            if !token::is_initialized(data) {
                return None;
            }
            let keys = [
                token::holder(data)?,
                token::delegate(data)?,
                token::close_authority(data)?,
            ];
            Some((0, keys))
        }
        _ => Some((0, [field(data, usize::try_from(watch.offset).ok()?)?, none, none])),
    }
}

/// What came of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// As registered, or as accepted.
    Sound,
    /// Changed, and a latch over just that is in force.
    Changed,
    /// Changed: it has latched.
    Latched,
}

/// Compares what was read, and latches if it has to. `unpaused_slot` is when the newest executed unpause was proposed.
pub fn observe(watch: &mut AuthorityWatch, read: &Authorities, unpaused_slot: u64, at: At) -> Observation {
    let found = if *read == watch.expected {
        Found::InOrder
    } else if *read == watch.latched {
        Found::Same
    } else {
        Found::News
    };
    let evidence = Evidence {
        seen: changes(&watch.expected, read),
        allowed: 0,
    };
    match latch::look(&mut watch.latch, found, evidence, unpaused_slot, at) {
        Effect::Forget => {
            watch.latched = Authorities::zeroed();
            Observation::Sound
        }
        Effect::Accept => Observation::Sound,
        Effect::Stand => Observation::Changed,
        Effect::Latch | Effect::Again => {
            watch.latched = *read;
            Observation::Latched
        }
    }
}

/// What differs: bits 0 to 2 for the keys, 3 for the slot, 4 for the account itself.
#[must_use]
pub fn changes(expected: &Authorities, found: &Authorities) -> u64 {
    let mut bits = 0;
    for ((bit, old), new) in [1, 2, 4].into_iter().zip(&expected.keys).zip(&found.keys) {
        if old != new {
            bits |= bit;
        }
    }
    if expected.slot != found.slot {
        bits |= 8;
    }
    if (expected.reading, &expected.program) != (found.reading, &found.program) {
        bits |= 16;
    }
    bits
}
