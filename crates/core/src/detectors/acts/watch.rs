//! Opening and observing an authority watch.

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_AUTHORITIES, VERSION, reading, watch_flag},
    layout::{Authorities, AuthorityWatch},
};

use crate::{
    CoreError,
    acts::{At, decide},
    detectors::{
        latch::{self},
        watch,
    },
};

use super::{NewDetector, Shown};

/// Configuration that an authority watch is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewWatch {
    /// Kind of the account.
    pub kind: u8,
    /// Its owner program.
    pub program: Pubkey,
    /// Offset of the host's field.
    pub offset: u32,
    /// Whether an upgrade trips too.
    pub watches_upgrades: bool,
    /// Holders of the authorities.
    pub expected: [Pubkey; MAX_AUTHORITIES],
}

/// Opens an authority watch in an empty account. The expected authorities must be the current ones.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_authority_watch(
    watch: &mut AuthorityWatch,
    new: &NewDetector,
    with: &NewWatch,
    account: Shown,
) -> Result<(), CoreError> {
    watch.version = VERSION;
    watch.bump = new.bump;
    watch.compartment = new.compartment;
    watch.domain = new.domain;
    watch.board = new.board;
    watch.latch = latch::armed(new.compartment, new.trip_scope, new.latch_seconds)?;
    decide(&mut watch.decided_slot, new.proposed_slot)?;
    watch.flags = if with.watches_upgrades { watch_flag::UPGRADES } else { 0 };
    watch.kind = with.kind;
    watch.account = *account.key;
    watch.offset = with.offset;
    watch.expected.program = with.program;
    watch.expected.keys = with.expected;
    watch::check(watch)?;
    let found = watch::read(watch, account.owner, account.data);
    if found.reading != reading::READ || found.keys != with.expected {
        return Err(CoreError::WatchMismatch);
    }
    watch.expected = found;
    Ok(())
}

/// Anyone compares an account's authorities with the registered ones.
pub fn observe_authority(
    watch: &mut AuthorityWatch,
    account: Shown,
    unpaused_slot: u64,
    at: At,
) -> (Authorities, watch::Observation) {
    let found = watch::read(watch, account.owner, account.data);
    let observation = watch::observe(watch, &found, unpaused_slot, at);
    (found, observation)
}
