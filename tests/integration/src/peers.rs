//! A domain on another chain that is heard: its keys, its messages, and accounts as Wormhole's core bridge posts them.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_client::{
    instructions::{self as ix, PeerOf},
    pda,
};
use bulkhead_core::{
    acts::rotation_digest,
    hash::keccak256,
    messages::{
        attesters::{attestation_digest, set_of},
        message::{Body, Message},
        posted::SEED_POSTED,
    },
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{constants::transport, layout::Peer};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use k256::ecdsa::SigningKey;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::world_with;

/// Ethereum, in Wormhole's numbers.
pub const CHAIN: u16 = 2;
/// Who emits the peer's messages.
pub const EMITTER: [u8; 32] = [0xEE; 32];
/// The domain that they are about.
pub const SENDER: [u8; 32] = [0x55; 32];
/// Wormhole's level of a final block.
pub const FINAL: u8 = 1;
/// Its level of a block that may still be abandoned.
pub const INSTANT: u8 = 200;
/// Compartments that a pause of the peer closes.
pub const HEARD: u64 = 1 << 0 | 1 << 5;
/// How long a message is heard.
pub const MAX_AGE: i64 = 2 * 3_600;
/// How long a rotation waits.
pub const ROTATION: i64 = 86_400;
/// Pauses that the peer may cause.
pub const RIGHTS: u8 = 6;

/// An attester: its key, and the address that stands for it.
pub type Attester = (SigningKey, [u8; 20]);

/// Attesters with the keys `numbers`, in the order of their addresses.
///
/// # Panics
/// Of number 0, which is no key.
#[must_use]
pub fn attesters(numbers: &[u8]) -> Vec<Attester> {
    let mut all: Vec<_> = numbers.iter().map(|number| attester(*number)).collect();
    all.sort_by_key(|(_, address)| *address);
    all
}

fn attester(number: u8) -> Attester {
    let key = SigningKey::from_slice(&[number; 32]).expect("a key");
    let public = key.verifying_key().to_sec1_point(false);
    let hash = keccak256(&[&public.as_bytes()[1..]]);
    (key, *hash.last_chunk().expect("20 of 32 bytes"))
}

/// Their addresses.
#[must_use]
pub fn addresses(of: &[Attester]) -> Vec<[u8; 20]> {
    of.iter().map(|(_, address)| *address).collect()
}

/// Signatures of the attesters `indices` of `set`, as transports carry them.
#[must_use]
pub fn sign(set: &[Attester], indices: &[u8], digest: &[u8; 32]) -> Vec<u8> {
    let one = |index: &u8| {
        let (signature, id) = set[usize::from(*index)].0.sign_prehash_recoverable(digest);
        [&[*index][..], &signature.to_bytes()[..], &[id.to_byte()]].concat()
    };
    indices.iter().flat_map(one).collect()
}

/// Wormhole's core bridge in these tests.
#[must_use]
pub fn bridge() -> Pubkey {
    keypair("core bridge").pubkey()
}

/// Terms of a peer with both transports and two of three attesters.
#[must_use]
pub fn peer_args() -> RegisterPeerArgs {
    RegisterPeerArgs {
        chain: CHAIN,
        emitter: EMITTER,
        sender: SENDER,
        transports: transport::ALL,
        bridge: bridge(),
        finality: FINAL,
        pause_finality: INSTANT,
        remote_scope: SCOPE_DOMAIN,
        remote_mask: action::ALL,
        compartments: HEARD,
        mask: 0,
        pause_rights: RIGHTS,
        max_age_seconds: MAX_AGE,
        rotation_seconds: ROTATION,
        after_sequence: 0,
        threshold: 2,
        attesters: addresses(&attesters(&[1, 2, 3])),
    }
}

/// A domain that hears one peer.
pub struct Heard {
    /// The machine.
    pub machine: Machine,
    /// The domain.
    pub protocol: Protocol,
    /// The peer's attesters.
    pub set: Vec<Attester>,
}

impl Default for Heard {
    fn default() -> Self {
        Self::new()
    }
}

impl Heard {
    /// The peer is registered during set-up, and the domain is activated.
    #[must_use]
    pub fn new() -> Self {
        Self::with(peer_args())
    }

    /// The same, on these terms.
    #[must_use]
    pub fn with(args: RegisterPeerArgs) -> Self {
        let setup = Setup {
            activate: false,
            ..Setup::default()
        };
        let (mut machine, protocol) = world_with(&setup);
        let setup_authority = &protocol.setup_authority;
        let register = ix::register_peer(in_set_up(&protocol), machine.payer.pubkey(), args);
        protocol.must(&mut machine, &[register], &[setup_authority]);
        let activate = ix::activate_domain(setup_authority.pubkey());
        protocol.must(&mut machine, &[activate], &[setup_authority]);
        let set = attesters(&[1, 2, 3]);
        Self { machine, protocol, set }
    }

    /// Its addresses.
    #[must_use]
    pub fn of(&self) -> PeerOf {
        peer_of(&self.protocol)
    }

    /// The peer's account.
    #[must_use]
    pub fn peer(&self) -> Peer {
        self.machine.load(&self.of().peer)
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.machine.clock().unix_timestamp
    }

    /// A message that is sent now.
    #[must_use]
    pub fn message(&self, epoch: u64, sequence: u64, body: Body) -> Message {
        message(self.now(), epoch, sequence, body)
    }

    /// A pause of the sender's whole domain that no time ends, with this epoch and number.
    #[must_use]
    pub fn pause(&self, number: u64) -> Message {
        self.message(number, number, everything())
    }

    /// The instruction that carries a message which the attesters `indices` signed.
    #[must_use]
    pub fn attested(&self, message: &Message, indices: &[u8]) -> Instruction {
        let bytes = bytes_of(message);
        let digest = attestation_digest(self.peer().attesters.epoch, CHAIN, &EMITTER, &bytes);
        ix::accept_attested(self.of(), bytes, sign(&self.set, indices, &digest))
    }

    /// Carries a message with the signatures of two attesters.
    ///
    /// # Errors
    /// What the program refuses.
    pub fn hear(&mut self, message: &Message) -> Result<Outcome, Failure> {
        let accept = self.attested(message, &[0, 1]);
        self.machine.send(&[accept], &[])
    }

    /// The account of a message that the bridge posted, at its address.
    pub fn post(&mut self, message: &Message, finality: u8) -> Pubkey {
        let posted = Posting {
            finality,
            ..Posting::of(bytes_of(message))
        };
        posted.write(&mut self.machine)
    }

    /// Carries a message that the bridge posted.
    ///
    /// # Errors
    /// What the program refuses.
    pub fn hear_posted(&mut self, posted: Pubkey) -> Result<Outcome, Failure> {
        self.machine.send(&[ix::accept_posted(self.of(), posted)], &[])
    }

    /// The instruction that announces `next`, signed by the attesters `indices` of the set in force.
    ///
    /// # Panics
    /// If `next` is no set.
    #[must_use]
    pub fn rotation(&self, threshold: u8, next: &[Attester], indices: &[u8]) -> Instruction {
        let keys = addresses(next);
        let set = set_of(threshold, &keys).expect("a set");
        let digest = rotation_digest(&self.peer(), &set, self.now());
        ix::announce_rotation(self.of().peer, threshold, keys, sign(&self.set, indices, &digest))
    }

    /// What others' pauses close in a compartment now.
    #[must_use]
    pub fn closed(&self, compartment: usize) -> u32 {
        let row = self.protocol.board(&self.machine).rows[compartment];
        if self.now() < row.linked_until { row.linked } else { 0 }
    }
}

/// The addresses of a domain's peer.
#[must_use]
pub fn peer_of(protocol: &Protocol) -> PeerOf {
    PeerOf {
        domain: protocol.domain,
        peer: pda::peer(&protocol.domain, CHAIN, &EMITTER),
    }
}

/// The setup authority.
#[must_use]
pub fn in_set_up(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}

/// A message of the peer.
#[must_use]
pub const fn message(sent_ts: i64, epoch: u64, sequence: u64, body: Body) -> Message {
    Message {
        chain: CHAIN,
        sender: SENDER,
        epoch,
        sequence,
        sent_ts,
        body,
    }
}

/// The sender has closed everything, until it decides otherwise.
#[must_use]
pub const fn everything() -> Body {
    Body::Pause {
        scope: SCOPE_DOMAIN,
        mask: action::ALL,
        until: 0,
    }
}

/// Its canonical bytes.
///
/// # Panics
/// Of a message that nobody would accept.
#[must_use]
pub fn bytes_of(message: &Message) -> Vec<u8> {
    message.encode().expect("a message").as_bytes().to_vec()
}

/// An account of the bridge, field by field.
#[derive(Clone)]
pub struct Posting {
    /// First bytes.
    pub magic: [u8; 3],
    /// Version of the layout.
    pub version: u8,
    /// Consistency level.
    pub finality: u8,
    /// The bridge's number.
    pub sequence: u64,
    /// Chain of the emitter.
    pub chain: u16,
    /// The emitter.
    pub emitter: [u8; 32],
    /// Program that owns it.
    pub owner: Pubkey,
    /// What was sent.
    pub payload: Vec<u8>,
}

impl Posting {
    const TIME: u32 = 1_780_000_000;
    const NONCE: u32 = 77;

    /// A sound one.
    #[must_use]
    pub fn of(payload: Vec<u8>) -> Self {
        Self {
            magic: *b"vaa",
            version: 1,
            finality: FINAL,
            sequence: 12,
            chain: CHAIN,
            emitter: EMITTER,
            owner: bridge(),
            payload,
        }
    }

    /// The account's data.
    ///
    /// # Panics
    /// Of a payload that no account holds.
    #[must_use]
    pub fn data(&self) -> Vec<u8> {
        let mut data = self.magic.to_vec();
        data.extend([self.version, self.finality]);
        data.extend(Self::TIME.to_le_bytes());
        data.extend([0x51; 32]);
        data.extend((Self::TIME + 20).to_le_bytes());
        data.extend(Self::NONCE.to_le_bytes());
        data.extend(self.sequence.to_le_bytes());
        data.extend(self.chain.to_le_bytes());
        data.extend(self.emitter);
        data.extend(u32::try_from(self.payload.len()).expect("short").to_le_bytes());
        data.extend(&self.payload);
        data
    }

    /// The address that the bridge derives.
    #[must_use]
    pub fn address(&self) -> Pubkey {
        let mut body = Self::TIME.to_be_bytes().to_vec();
        body.extend(Self::NONCE.to_be_bytes());
        body.extend(self.chain.to_be_bytes());
        body.extend(self.emitter);
        body.extend(self.sequence.to_be_bytes());
        body.push(self.finality);
        body.extend(&self.payload);
        Pubkey::find_program_address(&[SEED_POSTED, &keccak256(&[&body])], &self.owner).0
    }

    /// Writes it at its address.
    pub fn write(&self, machine: &mut Machine) -> Pubkey {
        let key = self.address();
        self.write_at(machine, key);
        key
    }

    /// Writes it somewhere.
    pub fn write_at(&self, machine: &mut Machine, key: Pubkey) {
        let account = Account {
            lamports: 10_000_000,
            data: self.data(),
            owner: self.owner,
            executable: false,
            rent_epoch: u64::MAX,
        };
        machine.write_account(&key, account);
    }
}
