//! Which domains on other chains are heard, and what their messages do.

use bulkhead_interface::{
    Pubkey,
    constants::{
        MAX_DELAY_SECONDS, MAX_MESSAGE_AGE_SECONDS, MIN_MESSAGE_AGE_SECONDS, MIN_ROTATION_SECONDS, SCOPE_DOMAIN,
        SOLANA_CHAIN, VERSION, peer_flag, transport,
    },
    layout::{AttesterSet, Council, Member, PauseBoard, Peer, PeerCheckpoint},
};

use crate::{
    CoreError,
    acts::{At, decide},
    domain::council::PauseLimits,
    messages::{
        attesters,
        message::{Body, CheckpointRoot, Message},
        posted::{self, Posted},
        rotation::settle,
        sequence,
    },
    pause::board::{self, is_scope},
};

/// [`PeerTerms::after_sequence`] that keeps what was received.
pub const KEEP_RECEIVED: u64 = u64::MAX;

/// Where a peer's account belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerEnds {
    /// Bump of its PDA.
    pub bump: u8,
    /// The domain that hears it.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
}

/// The terms of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerTerms<'a> {
    /// Its chain, in Wormhole's numbers.
    pub chain: u16,
    /// Who emits its messages there.
    pub emitter: [u8; 32],
    /// The domain that its messages are about.
    pub sender: [u8; 32],
    /// Bits of `constants::transport`; 0 hears nothing more.
    pub transports: u8,
    /// Wormhole's core bridge on this chain; zero without Wormhole.
    pub bridge: Pubkey,
    /// Consistency level of every message.
    pub finality: u8,
    /// Another level that suffices for a pause.
    pub pause_finality: u8,
    /// What of the sender counts besides its whole domain: a compartment, or 255 for nothing else.
    pub remote_scope: u8,
    /// Actions whose closing by the sender counts.
    pub remote_mask: u32,
    /// Compartments that a pause closes here, one bit per number.
    pub compartments: u64,
    /// Actions that it closes here, or 0 for the council's default.
    pub mask: u32,
    /// Pauses that the peer may cause until its terms are set again.
    pub pause_rights: u8,
    /// How long a message is accepted.
    pub max_age_seconds: i64,
    /// How long a rotation of the attesters by themselves waits; 0 without attesters.
    pub rotation_seconds: i64,
    /// Numbers up to this one are refused, and what was received before is forgotten. [`KEEP_RECEIVED`] keeps both.
    pub after_sequence: u64,
    /// Signatures that a message needs; 0 without attesters.
    pub threshold: u8,
    /// The attesters' keys, ascending.
    pub attesters: &'a [[u8; 20]],
}

impl PeerTerms<'_> {
    /// Could any domain have this peer?
    ///
    /// # Errors
    /// [`CoreError::InvalidPeer`], [`CoreError::InvalidAttesterSet`], [`CoreError::CompartmentOutOfRange`].
    pub fn check(&self) -> Result<AttesterSet, CoreError> {
        if !is_scope(self.remote_scope) {
            return Err(CoreError::CompartmentOutOfRange);
        }
        let hears = |bit: u8| self.transports & bit != 0;
        // A domain of this chain is linked, not heard: its board is read itself.
        let is_sender_sound =
            self.chain != 0 && self.chain != SOLANA_CHAIN && self.emitter != [0; 32] && self.sender != [0; 32];
        let is_transport_sound = self.transports & !transport::ALL == 0
            && hears(transport::WORMHOLE) == (self.bridge != Pubkey::default())
            && hears(transport::ATTESTERS) == (self.threshold != 0)
            && hears(transport::ATTESTERS) != self.attesters.is_empty();
        let is_wait_sound = if hears(transport::ATTESTERS) {
            (MIN_ROTATION_SECONDS..=MAX_DELAY_SECONDS).contains(&self.rotation_seconds)
        } else {
            self.rotation_seconds == 0
        };
        let is_age_sound = (MIN_MESSAGE_AGE_SECONDS..=MAX_MESSAGE_AGE_SECONDS).contains(&self.max_age_seconds);
        if !(is_sender_sound && is_transport_sound && is_wait_sound && is_age_sound && self.remote_mask != 0) {
            return Err(CoreError::InvalidPeer);
        }
        if hears(transport::ATTESTERS) {
            attesters::set_of(self.threshold, self.attesters)
        } else {
            Ok(bytemuck::Zeroable::zeroed())
        }
    }
}

/// Sets which domain on another chain is heard and what its pauses close, during set-up or by a matured proposal. The
/// peer's rights are those of the terms again. Attesters that are the same keep their epoch, unless a rotation of theirs was
/// announced since: its signatures end with the epoch.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_peer(
    peer: &mut Peer,
    ends: &PeerEnds,
    terms: &PeerTerms,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    decide(&mut peer.decided_slot, proposed_slot)?;
    let set = terms.check()?;
    (peer.version, peer.bump) = (VERSION, ends.bump);
    (peer.domain, peer.board) = (ends.domain, ends.board);
    (peer.chain, peer.emitter, peer.sender) = (terms.chain, terms.emitter, terms.sender);
    (peer.transports, peer.bridge) = (terms.transports, terms.bridge);
    (peer.finality, peer.pause_finality) = (terms.finality, terms.pause_finality);
    (peer.remote_scope, peer.remote_mask) = (terms.remote_scope, terms.remote_mask);
    (peer.compartments, peer.mask) = (terms.compartments, terms.mask);
    (peer.max_age_seconds, peer.rotation_seconds) = (terms.max_age_seconds, terms.rotation_seconds);
    peer.rights = Member {
        key: Pubkey::new_from_array(terms.emitter),
        pause_rights: terms.pause_rights,
        ..peer.rights
    };
    if terms.after_sequence != KEEP_RECEIVED {
        forget(peer, terms.after_sequence);
    }
    let (old, next) = (&peer.attesters, &peer.next_attesters);
    let is_same = old.threshold == set.threshold && attesters::keys(old) == attesters::keys(&set);
    // Signatures under a rotation that waited or was stopped must not count again.
    let has_rotated = next.count != 0 || peer.flags & peer_flag::ROTATION_STOPPED != 0;
    if !is_same || has_rotated {
        let epoch = old.epoch.max(next.epoch).checked_add(1).ok_or(CoreError::Overflow)?;
        peer.attesters = AttesterSet { epoch, ..set };
    }
    // A rotation that was under way is not what was decided.
    peer.next_attesters = bytemuck::Zeroable::zeroed();
    peer.next_from_ts = 0;
    peer.flags &= !peer_flag::ROTATION_STOPPED;
    Ok(())
}

/// Forgets what a peer said, and refuses numbers up to `sequence`.
fn forget(peer: &mut Peer, sequence: u64) {
    (peer.sequence, peer.window) = (sequence, u64::MAX);
    (peer.epoch, peer.pause_epoch) = (0, 0);
    (peer.council_epoch, peer.council_hash) = (0, [0; 32]);
    peer.checkpoints = bytemuck::Zeroable::zeroed();
    withdraw_request(peer);
}

fn withdraw_request(peer: &mut Peer) {
    (peer.request_epoch, peer.request_council_epoch) = (0, 0);
    (peer.request_ts, peer.request_slot) = (0, 0);
}

/// How a message came, and from whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// Bit of `constants::transport`.
    pub transport: u8,
    /// Chain of the emitter, as the transport vouches for it.
    pub chain: u16,
    /// The emitter, as the transport vouches for it.
    pub emitter: [u8; 32],
    /// Wormhole's consistency level, if the transport has one.
    pub finality: Option<u8>,
    /// What was sent.
    pub payload: &'a [u8],
}

/// What a message did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It closed compartments.
    Paused {
        /// Actions closed.
        mask: u32,
        /// When it lapses. Unix seconds.
        until: i64,
        /// Pause rights that the peer has left.
        rights_left: u8,
    },
    /// It is on record as a request to resume.
    ResumeRequested,
    /// It is on record as the newest checkpoint of a ledger.
    CheckpointRecorded,
    /// It is on record as the sender's council.
    CouncilRecorded,
}

/// Accepts a message, once. Anyone may carry it. It closes something, or is recorded; it opens nothing.
///
/// # Errors
/// A named [`CoreError`]. A message that is refused for lack of rights, or because it would change nothing, may be
/// carried again.
pub fn accept(
    peer: &mut Peer,
    council: &Council,
    board: &mut PauseBoard,
    delivery: &Delivery,
    at: At,
) -> Result<(Message, Accepted), CoreError> {
    if peer.transports & delivery.transport == 0 {
        return Err(CoreError::TransportNotRegistered);
    }
    if delivery.chain != peer.chain || delivery.emitter != peer.emitter {
        return Err(CoreError::ForeignSender);
    }
    let message = Message::decode(delivery.payload)?;
    if message.chain != peer.chain || message.sender != peer.sender {
        return Err(CoreError::ForeignSender);
    }
    let is_pause = matches!(message.body, Body::Pause { .. });
    let is_final = |level: u8| level == peer.finality || is_pause && level == peer.pause_finality;
    if !delivery.finality.is_none_or(is_final) {
        return Err(CoreError::WrongFinality);
    }
    // A sender's clock may be ahead: what it sends is young until our clock says otherwise.
    if at.now > message.sent_ts.saturating_add(peer.max_age_seconds) {
        return Err(CoreError::MessageExpired);
    }
    sequence::accept(&mut peer.sequence, &mut peer.window, message.sequence)?;
    let accepted = match &message.body {
        Body::Pause { scope, mask, until } => {
            let accepted = close(peer, council, board, (*scope, *mask, *until), at)?;
            peer.pause_epoch = peer.pause_epoch.max(message.epoch);
            if peer.request_epoch <= message.epoch {
                withdraw_request(peer);
            }
            accepted
        }
        Body::ResumeRequest { council_epoch } => request_resume(peer, &message, *council_epoch, at)?,
        Body::Checkpoint(root) => record_checkpoint(peer, root, message.sent_ts)?,
        Body::CouncilEpoch {
            council_epoch,
            council_hash,
        } => record_council(peer, *council_epoch, council_hash)?,
    };
    peer.epoch = peer.epoch.max(message.epoch);
    Ok((message, accepted))
}

/// An account that Wormhole's core bridge may have posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostedAccount<'a> {
    /// Its address.
    pub key: Pubkey,
    /// Program that owns it.
    pub owner: Pubkey,
    /// The address that the bridge derives from [`posted::SEED_POSTED`] and [`Posted::body_hash`].
    pub derived: Pubkey,
    /// Its data.
    pub data: &'a [u8],
}

/// Accepts a message that the peer's core bridge has posted. That `post_vaa` returned proves nothing: it also returns
/// when the account exists. So the account itself is read.
///
/// # Errors
/// A named [`CoreError`].
pub fn accept_posted(
    peer: &mut Peer,
    council: &Council,
    board: &mut PauseBoard,
    account: &PostedAccount,
    at: At,
) -> Result<(Message, Accepted), CoreError> {
    if peer.transports & transport::WORMHOLE == 0 {
        return Err(CoreError::TransportNotRegistered);
    }
    if account.owner != peer.bridge || account.key != account.derived {
        return Err(CoreError::NotPostedByBridge);
    }
    let Posted {
        finality,
        chain,
        emitter,
        payload,
        ..
    } = posted::read(account.data)?;
    let delivery = Delivery {
        transport: transport::WORMHOLE,
        chain,
        emitter,
        finality: Some(finality),
        payload,
    };
    accept(peer, council, board, &delivery, at)
}

/// Accepts a message that enough of the peer's attesters signed. What they sign names the peer's chain and emitter.
///
/// # Errors
/// A named [`CoreError`].
pub fn accept_attested(
    peer: &mut Peer,
    council: &Council,
    board: &mut PauseBoard,
    payload: &[u8],
    signatures: &[u8],
    at: At,
) -> Result<(Message, Accepted), CoreError> {
    if peer.transports & transport::ATTESTERS == 0 {
        return Err(CoreError::TransportNotRegistered);
    }
    settle(peer, at.now);
    let digest = attesters::attestation_digest(peer.attesters.epoch, peer.chain, &peer.emitter, payload);
    attesters::verify(&peer.attesters, &digest, signatures)?;
    let delivery = Delivery {
        transport: transport::ATTESTERS,
        chain: peer.chain,
        emitter: peer.emitter,
        finality: None,
        payload,
    };
    accept(peer, council, board, &delivery, at)
}

/// What a pause of the sender closes here, like a link's and for no longer than a guardian's pause.
fn close(
    peer: &mut Peer,
    council: &Council,
    board: &mut PauseBoard,
    (scope, remote_mask, remote_until): (u8, u32, i64),
    at: At,
) -> Result<Accepted, CoreError> {
    let mask = if peer.mask == 0 {
        council.default_mask
    } else {
        peer.mask
    };
    let counts = (scope == SCOPE_DOMAIN || scope == peer.remote_scope) && remote_mask & peer.remote_mask != 0;
    if !counts || peer.compartments == 0 || mask == 0 {
        return Err(CoreError::NothingToPropagate);
    }
    let longest = at
        .now
        .checked_add(council.guardian_pause_seconds)
        .ok_or(CoreError::Overflow)?;
    let until = if remote_until == 0 {
        longest
    } else {
        remote_until.min(longest)
    };
    if until <= at.now {
        return Err(CoreError::MessageExpired);
    }
    let rights_left = PauseLimits::of(council).spend(&mut peer.rights, at.now)?;
    if !board::link(board, peer.compartments, mask, until, at.slot, at.now) {
        return Err(CoreError::AlreadyPropagated);
    }
    Ok(Accepted::Paused {
        mask,
        until,
        rights_left,
    })
}

/// A request of an older epoch than a pause that arrived did not know of that pause.
fn request_resume(peer: &mut Peer, message: &Message, council_epoch: u64, at: At) -> Result<Accepted, CoreError> {
    let is_newest = message.epoch > peer.pause_epoch && message.epoch > peer.request_epoch;
    if !is_newest || council_epoch < peer.council_epoch {
        return Err(CoreError::MessageOvertaken);
    }
    (peer.request_epoch, peer.request_council_epoch) = (message.epoch, council_epoch);
    (peer.request_ts, peer.request_slot) = (message.sent_ts, at.slot);
    Ok(Accepted::ResumeRequested)
}

/// A request by a council that was replaced is withdrawn: its successors may not stand by it.
fn record_council(peer: &mut Peer, council_epoch: u64, council_hash: &[u8; 32]) -> Result<Accepted, CoreError> {
    if council_epoch <= peer.council_epoch {
        return Err(CoreError::MessageOvertaken);
    }
    (peer.council_epoch, peer.council_hash) = (council_epoch, *council_hash);
    if peer.request_council_epoch < council_epoch {
        withdraw_request(peer);
    }
    Ok(Accepted::CouncilRecorded)
}

/// The newest checkpoint of a ledger takes the place of its last one, or of the peer's oldest.
fn record_checkpoint(peer: &mut Peer, root: &CheckpointRoot, sent_ts: i64) -> Result<Accepted, CoreError> {
    let own = |entry: &PeerCheckpoint| entry.slot != 0 && entry.ledger == root.ledger;
    let entries = &mut peer.checkpoints;
    let place = match entries.iter().position(own) {
        Some(place) => entries.get_mut(place),
        None => entries.iter_mut().min_by_key(|entry| entry.sent_ts),
    };
    let entry = place.ok_or(CoreError::MessageOvertaken)?;
    if own(entry) && entry.slot >= root.slot {
        return Err(CoreError::MessageOvertaken);
    }
    *entry = PeerCheckpoint {
        slot: root.slot,
        sent_ts,
        count: root.count,
        total: root.total.to_be_bytes(),
        slot_hash: root.slot_hash,
        root: root.root,
        ledger: root.ledger,
        padding: [0; 7],
    };
    Ok(Accepted::CheckpointRecorded)
}
