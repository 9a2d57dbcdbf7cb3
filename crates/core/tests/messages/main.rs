//! Messages of domains on other chains: their bytes, in any order, by every transport, and what somebody would try who
//! carries them, sends them, or stole the keys that attest them.

mod attesters;
mod bytes;
mod deliveries;
mod orders;
mod posted;
mod registering;
#[cfg(feature = "machine")]
mod scope;
mod sequences;
mod vectors;

use bulkhead_core::{
    CoreError,
    acts::{self, Accepted, At, Delivery, KEEP_RECEIVED, PeerEnds, PeerTerms},
    messages::{
        attesters::{attestation_digest, set_of},
        message::{Body, CheckpointRoot, Message},
    },
    pause::board,
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, role, transport},
    layout::{AttesterSet, Council, Member, PauseBoard, Peer},
};
use bytemuck::Zeroable;
use k256::ecdsa::SigningKey;

const NOW: i64 = 1_780_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const PAUSE: i64 = 24 * HOUR;
const MAX_AGE: i64 = 2 * HOUR;
const RIGHTS: u8 = 6;
const FINAL: u8 = 1;
const INSTANT: u8 = 200;
/// Ethereum, in Wormhole's numbers.
const CHAIN: u16 = 2;
const EMITTER: [u8; 32] = [0xee; 32];
const SENDER: [u8; 32] = [0x55; 32];
const COMPARTMENTS: u64 = 0b1010;
const REMOTE_SCOPE: u8 = 7;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

const fn at(now: i64) -> At {
    At { slot: 1_000, now }
}

fn council() -> Council {
    let mut council = Council {
        version: VERSION,
        member_count: 1,
        default_mask: action::DEFAULT_EMERGENCY,
        guardian_pause_seconds: PAUSE,
        guardian_pauses_per_day: 2,
        guardian_pauses_in_a_row: 3,
        ..Council::zeroed()
    };
    council.members[0] = Member {
        key: key(40),
        roles: role::GUARDIAN,
        ..Member::zeroed()
    };
    council
}

fn open_board() -> PauseBoard {
    let mut board = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut board);
    board
}

/// Keys of attesters in ascending order of their addresses.
fn signers(count: u8) -> Vec<(SigningKey, [u8; 20])> {
    let mut signers: Vec<_> = (1..=count).map(signer).collect();
    signers.sort_by_key(|(_, address)| *address);
    signers
}

fn signer(number: u8) -> (SigningKey, [u8; 20]) {
    let key = SigningKey::from_slice(&[number; 32]).expect("a key");
    let public = key.verifying_key().to_sec1_point(false);
    let hash = bulkhead_core::hash::keccak256(&[&public.as_bytes()[1..]]);
    (key, hash[12..].try_into().expect("20 bytes"))
}

fn addresses(signers: &[(SigningKey, [u8; 20])]) -> Vec<[u8; 20]> {
    signers.iter().map(|(_, address)| *address).collect()
}

/// Signatures of `indices` in the form that transports carry.
fn sign(signers: &[(SigningKey, [u8; 20])], indices: &[u8], digest: &[u8; 32]) -> Vec<u8> {
    let one = |index: &u8| {
        let (key, _) = &signers[usize::from(*index)];
        let (signature, id) = key.sign_prehash_recoverable(digest);
        [&[*index][..], &signature.to_bytes()[..], &[id.to_byte()]].concat()
    };
    indices.iter().flat_map(one).collect()
}

fn terms(attesters: &[[u8; 20]]) -> PeerTerms<'_> {
    PeerTerms {
        chain: CHAIN,
        emitter: EMITTER,
        sender: SENDER,
        transports: transport::ALL,
        bridge: key(9),
        finality: FINAL,
        pause_finality: INSTANT,
        remote_scope: REMOTE_SCOPE,
        remote_mask: action::WITHDRAW | action::TRADE,
        compartments: COMPARTMENTS,
        mask: 0,
        pause_rights: RIGHTS,
        max_age_seconds: MAX_AGE,
        rotation_seconds: DAY,
        after_sequence: 0,
        threshold: 2,
        attesters,
    }
}

fn ends() -> PeerEnds {
    PeerEnds {
        bump: 250,
        domain: key(1),
        board: key(2),
    }
}

/// A domain that hears one peer.
#[derive(Clone)]
struct Side {
    peer: Peer,
    council: Council,
    board: PauseBoard,
}

impl Side {
    fn new() -> Self {
        let mut peer = Peer::zeroed();
        let keys = addresses(&signers(3));
        acts::register_peer(&mut peer, &ends(), &terms(&keys), Some(5)).expect("registered");
        Self {
            peer,
            council: council(),
            board: open_board(),
        }
    }

    /// As the runtime has it: what fails changes nothing.
    fn deliver(&mut self, delivery: &Delivery, at: At) -> Result<Accepted, CoreError> {
        let mut next = self.clone();
        let (_, accepted) = acts::accept(&mut next.peer, &next.council, &mut next.board, delivery, at)?;
        *self = next;
        Ok(accepted)
    }

    fn hear(&mut self, message: &Message, now: i64) -> Result<Accepted, CoreError> {
        let encoded = message.encode().expect("a message");
        self.deliver(&delivery(encoded.as_bytes()), at(now))
    }

    /// What a compartment's own row closes because of others.
    fn linked(&self, compartment: usize, now: i64) -> u32 {
        let row = &self.board.rows[compartment];
        if now < row.linked_until { row.linked } else { 0 }
    }
}

fn delivery(payload: &[u8]) -> Delivery<'_> {
    Delivery {
        transport: transport::WORMHOLE,
        chain: CHAIN,
        emitter: EMITTER,
        finality: Some(FINAL),
        payload,
    }
}

fn message(epoch: u64, sequence: u64, body: Body) -> Message {
    Message {
        chain: CHAIN,
        sender: SENDER,
        epoch,
        sequence,
        sent_ts: NOW,
        body,
    }
}

fn pause_of(scope: u8, mask: u32, until: i64) -> Body {
    Body::Pause { scope, mask, until }
}

/// A pause of the sender's whole domain that no time ends.
fn pause(epoch: u64, sequence: u64) -> Message {
    message(epoch, sequence, pause_of(SCOPE_DOMAIN, action::ALL, 0))
}

fn request(epoch: u64, sequence: u64, council_epoch: u64) -> Message {
    message(epoch, sequence, Body::ResumeRequest { council_epoch })
}

fn council_epoch(epoch: u64, sequence: u64, council_epoch: u64) -> Message {
    let body = Body::CouncilEpoch {
        council_epoch,
        council_hash: [u8::try_from(council_epoch).expect("small"); 32],
    };
    message(epoch, sequence, body)
}

fn checkpoint(sequence: u64, ledger: u8, slot: u64) -> Message {
    let root = CheckpointRoot {
        ledger,
        slot,
        slot_hash: [3; 32],
        root: [4; 32],
        total: 1 << 70,
        count: 12,
    };
    message(1, sequence, Body::Checkpoint(root))
}
