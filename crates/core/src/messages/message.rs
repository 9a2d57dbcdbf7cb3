//! The canonical bytes of a message. Numbers are big endian, as bridges and contracts have them.

use bulkhead_interface::constants::message_kind;

use crate::{CoreError, pause::board::is_scope};

/// First four bytes.
pub const MAGIC: [u8; 4] = *b"bhMs";
/// The version that this code reads and writes.
pub const VERSION: u8 = 1;
/// Bytes before the body.
pub const HEADER: usize = 64;
/// Bytes of the longest message.
pub const MAX_MESSAGE: usize = HEADER + CHECKPOINT;

const PAUSE: usize = 1 + 4 + 8;
const RESUME_REQUEST: usize = 8;
const CHECKPOINT: usize = 1 + 8 + 32 + 32 + 16 + 8;
const COUNCIL_EPOCH: usize = 8 + 32;

/// What a domain tells other domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The sender's chain, in Wormhole's numbers.
    pub chain: u16,
    /// The domain that the message is about.
    pub sender: [u8; 32],
    /// Grows with every pause and every resumption of the sender.
    pub epoch: u64,
    /// Number of the message. Each of a sender's messages has its own.
    pub sequence: u64,
    /// When it was sent. Unix seconds.
    pub sent_ts: i64,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// The sender has closed actions by its own decision.
    Pause {
        /// Compartment, or 255 for the whole domain.
        scope: u8,
        /// Actions.
        mask: u32,
        /// When it lapses, or 0 if only a decision ends it. Unix seconds.
        until: i64,
    },
    /// What the sender had closed before this epoch is open again; it asks the receiver to follow.
    ResumeRequest {
        /// Epoch of the council that decided it.
        council_epoch: u64,
    },
    /// A checkpoint of a ledger.
    Checkpoint(CheckpointRoot),
    /// The sender has another council.
    CouncilEpoch {
        /// Its epoch.
        council_epoch: u64,
        /// A commitment to it, in the sender's own form.
        council_hash: [u8; 32],
    },
}

/// Root of a ledger at the end of a slot or block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointRoot {
    /// Number of the ledger.
    pub ledger: u8,
    /// Slot or block.
    pub slot: u64,
    /// Its hash.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// Sum of all leaves.
    pub total: u128,
    /// Number of leaves.
    pub count: u64,
}

/// A message as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded {
    bytes: [u8; MAX_MESSAGE],
    len: usize,
}

impl Encoded {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn put(&mut self, part: &[u8]) {
        let end = self.len.saturating_add(part.len());
        if let Some(place) = self.bytes.get_mut(self.len..end) {
            place.copy_from_slice(part);
            self.len = end;
        }
    }
}

impl Body {
    /// One of `constants::message_kind`.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Pause { .. } => message_kind::PAUSE,
            Self::ResumeRequest { .. } => message_kind::RESUME_REQUEST,
            Self::Checkpoint(_) => message_kind::CHECKPOINT,
            Self::CouncilEpoch { .. } => message_kind::COUNCIL_EPOCH,
        }
    }
}

impl Message {
    /// The canonical bytes. Only of a message that [`Message::decode`] accepts, so that nobody sends what nobody reads.
    ///
    /// # Errors
    /// [`CoreError::MessageMalformed`].
    pub fn encode(&self) -> Result<Encoded, CoreError> {
        self.check()?;
        let mut encoded = Encoded {
            bytes: [0; MAX_MESSAGE],
            len: 0,
        };
        encoded.put(&MAGIC);
        encoded.put(&[VERSION, self.body.kind()]);
        encoded.put(&self.chain.to_be_bytes());
        encoded.put(&self.sender);
        encoded.put(&self.epoch.to_be_bytes());
        encoded.put(&self.sequence.to_be_bytes());
        encoded.put(&self.sent_ts.to_be_bytes());
        match &self.body {
            Body::Pause { scope, mask, until } => {
                encoded.put(&[*scope]);
                encoded.put(&mask.to_be_bytes());
                encoded.put(&until.to_be_bytes());
            }
            Body::ResumeRequest { council_epoch } => encoded.put(&council_epoch.to_be_bytes()),
            Body::Checkpoint(at) => {
                encoded.put(&[at.ledger]);
                encoded.put(&at.slot.to_be_bytes());
                encoded.put(&at.slot_hash);
                encoded.put(&at.root);
                encoded.put(&at.total.to_be_bytes());
                encoded.put(&at.count.to_be_bytes());
            }
            Body::CouncilEpoch {
                council_epoch,
                council_hash,
            } => {
                encoded.put(&council_epoch.to_be_bytes());
                encoded.put(council_hash);
            }
        }
        Ok(encoded)
    }

    /// Reads exactly the bytes that [`Message::encode`] writes.
    ///
    /// # Errors
    /// [`CoreError::MessageVersionUnknown`] of another version, [`CoreError::MessageMalformed`] of anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, CoreError> {
        let mut rest = Reader(bytes);
        if rest.array()? != MAGIC {
            return Err(CoreError::MessageMalformed);
        }
        let [version, kind] = rest.array()?;
        if version != VERSION {
            return Err(CoreError::MessageVersionUnknown);
        }
        let message = Self {
            chain: u16::from_be_bytes(rest.array()?),
            sender: rest.array()?,
            epoch: rest.number()?,
            sequence: rest.number()?,
            sent_ts: i64::from_be_bytes(rest.array()?),
            body: rest.body(kind)?,
        };
        if !rest.0.is_empty() {
            return Err(CoreError::MessageMalformed);
        }
        message.check()?;
        Ok(message)
    }

    /// Every field says something.
    fn check(&self) -> Result<(), CoreError> {
        let is_header_sound =
            self.chain != 0 && self.sender != [0; 32] && self.epoch != 0 && self.sequence != 0 && self.sent_ts > 0;
        let is_body_sound = match &self.body {
            Body::Pause { scope, mask, until } => is_scope(*scope) && *mask != 0 && *until >= 0,
            Body::ResumeRequest { .. } => true,
            Body::Checkpoint(at) => at.slot != 0,
            Body::CouncilEpoch { council_epoch, .. } => *council_epoch != 0,
        };
        if is_header_sound && is_body_sound {
            Ok(())
        } else {
            Err(CoreError::MessageMalformed)
        }
    }
}

/// What is left to read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], CoreError> {
        let (part, rest) = self.0.split_first_chunk::<N>().ok_or(CoreError::MessageMalformed)?;
        self.0 = rest;
        Ok(*part)
    }

    fn number(&mut self) -> Result<u64, CoreError> {
        self.array().map(u64::from_be_bytes)
    }

    fn body(&mut self, kind: u8) -> Result<Body, CoreError> {
        Ok(match kind {
            message_kind::PAUSE => {
                let [scope] = self.array()?;
                Body::Pause {
                    scope,
                    mask: u32::from_be_bytes(self.array()?),
                    until: i64::from_be_bytes(self.array()?),
                }
            }
            message_kind::RESUME_REQUEST => Body::ResumeRequest {
                council_epoch: self.number()?,
            },
            message_kind::CHECKPOINT => {
                let [ledger] = self.array()?;
                Body::Checkpoint(CheckpointRoot {
                    ledger,
                    slot: self.number()?,
                    slot_hash: self.array()?,
                    root: self.array()?,
                    total: u128::from_be_bytes(self.array()?),
                    count: self.number()?,
                })
            }
            message_kind::COUNCIL_EPOCH => Body::CouncilEpoch {
                council_epoch: self.number()?,
                council_hash: self.array()?,
            },
            _ => return Err(CoreError::MessageMalformed),
        })
    }
}

const _: () =
    assert!(PAUSE <= CHECKPOINT && RESUME_REQUEST <= CHECKPOINT && COUNCIL_EPOCH <= CHECKPOINT && MAX_MESSAGE == 161);
