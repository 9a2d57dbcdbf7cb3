//! Attesters that follow each other.
//!
//! Attesters can only tighten, so their rotation opens nothing. Yet a rotation takes the keys of somebody who could
//! tighten away, and whoever stole a threshold of keys would use it to keep them. So attesters rotate by themselves only
//! slowly and one key at a time: the old set stays in force while the rotation waits, and one guardian stops it. After
//! that only a proposal sets the attesters, so that nobody can wear the guardians out with one rotation after another.

use bulkhead_interface::{
    Pubkey,
    constants::{SOLANA_CHAIN, peer_flag, role, transport},
    layout::{AttesterSet, Council, Peer},
};

use crate::{
    CoreError,
    domain::council::member_index,
    messages::attesters::{self, Receiver, keys},
};

/// A rotation takes effect once its time has come.
pub(super) fn settle(peer: &mut Peer, now: i64) {
    if is_pending(peer) && now >= peer.next_from_ts {
        peer.attesters = peer.next_attesters;
        end(peer);
    }
}

fn end(peer: &mut Peer) {
    peer.next_attesters = bytemuck::Zeroable::zeroed();
    peer.next_from_ts = 0;
}

const fn is_pending(peer: &Peer) -> bool {
    peer.next_attesters.count != 0
}

/// The attesters in force at `now`.
#[must_use]
pub const fn attesters_at(peer: &Peer, now: i64) -> &AttesterSet {
    if is_pending(peer) && now >= peer.next_from_ts {
        &peer.next_attesters
    } else {
        &peer.attesters
    }
}

/// What the attesters of a peer sign to be followed by `next`.
#[must_use]
pub fn rotation_digest(peer: &Peer, next: &AttesterSet, now: i64) -> [u8; 32] {
    let receiver = Receiver {
        chain: SOLANA_CHAIN,
        domain: peer.domain.to_bytes(),
        peer_chain: peer.chain,
        emitter: peer.emitter,
    };
    attesters::rotation_digest(attesters_at(peer, now).epoch, &receiver, next)
}

/// Announces the attesters that follow, signed by enough of those in force. Anyone may carry it. It takes effect after
/// the peer's time, unless a guardian stops it.
///
/// Returns when that is.
///
/// # Errors
/// A named [`CoreError`].
pub fn announce_rotation(
    peer: &mut Peer,
    threshold: u8,
    next: &[[u8; 20]],
    signatures: &[u8],
    now: i64,
) -> Result<i64, CoreError> {
    if peer.transports & transport::ATTESTERS == 0 {
        return Err(CoreError::TransportNotRegistered);
    }
    settle(peer, now);
    if peer.flags & peer_flag::ROTATION_STOPPED != 0 {
        return Err(CoreError::RotationStopped);
    }
    if is_pending(peer) {
        return Err(CoreError::RotationPending);
    }
    let mut set = attesters::set_of(threshold, next)?;
    attesters::verify(&peer.attesters, &rotation_digest(peer, &set, now), signatures)?;
    let (old, new) = (keys(&peer.attesters), keys(&set));
    let gone = old.iter().filter(|key| !new.contains(key)).count();
    let come = new.iter().filter(|key| !old.contains(key)).count();
    if threshold < peer.attesters.threshold || gone > 1 || come > 1 {
        return Err(CoreError::RotationTooWide);
    }
    set.epoch = peer.attesters.epoch.checked_add(1).ok_or(CoreError::Overflow)?;
    peer.next_attesters = set;
    peer.next_from_ts = now.checked_add(peer.rotation_seconds).ok_or(CoreError::Overflow)?;
    Ok(peer.next_from_ts)
}

/// A guardian stops a rotation that waits. It costs no right: it happens once, for then the attesters do not rotate by
/// themselves until a proposal sets the peer's terms again.
///
/// # Errors
/// A named [`CoreError`].
pub fn stop_rotation(peer: &mut Peer, council: &Council, guardian: &Pubkey, now: i64) -> Result<(), CoreError> {
    member_index(council, guardian, role::GUARDIAN)?;
    settle(peer, now);
    if !is_pending(peer) {
        return Err(CoreError::NoRotationPending);
    }
    end(peer);
    peer.flags |= peer_flag::ROTATION_STOPPED;
    Ok(())
}
