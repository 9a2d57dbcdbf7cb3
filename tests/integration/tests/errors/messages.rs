//! 7040 to 7056: messages of other chains.

use bulkhead::{error::BulkheadError as E, instructions::RegisterPeerArgs};
use bulkhead_client::instructions as ix;
use bulkhead_core::messages::{attesters::attestation_digest, message::Message};
use bulkhead_interface::constants::transport;
use bulkhead_tests::{
    peers::{CHAIN, EMITTER, Heard, MAX_AGE, attesters, bytes_of, peer_args, sign},
    world,
};
use solana_signer::Signer;

use crate::{Case, Refusal};

pub const CASES: &[Case] = &[
    (E::MessageMalformed, || of_bytes(|bytes| bytes.push(0))),
    (E::MessageVersionUnknown, || of_bytes(|bytes| bytes[4] = 2)),
    (E::ForeignSender, || {
        let mut heard = Heard::new();
        let foreign = Message {
            chain: CHAIN + 1,
            ..heard.pause(1)
        };
        heard.hear(&foreign)
    }),
    (E::MessageSeen, || {
        let mut heard = Heard::new();
        let pause = heard.pause(1);
        heard.hear(&pause)?;
        heard.machine.next_slot();
        heard.hear(&pause)
    }),
    (E::MessageExpired, || {
        let mut heard = Heard::new();
        let pause = heard.pause(1);
        heard.machine.warp_seconds(MAX_AGE + 1);
        heard.hear(&pause)
    }),
    (E::MessageOvertaken, || {
        let mut heard = Heard::new();
        let pause = heard.pause(2);
        heard.hear(&pause)?;
        let body = bulkhead_core::messages::message::Body::ResumeRequest { council_epoch: 1 };
        let request = heard.message(1, 1, body);
        heard.hear(&request)
    }),
    (E::TransportNotRegistered, || {
        let mut heard = Heard::with(RegisterPeerArgs {
            transports: transport::WORMHOLE,
            rotation_seconds: 0,
            threshold: 0,
            attesters: vec![],
            ..peer_args()
        });
        let pause = heard.pause(1);
        heard.hear(&pause)
    }),
    (E::InvalidPeer, || {
        propose(RegisterPeerArgs {
            remote_mask: 0,
            ..peer_args()
        })
    }),
    (E::InvalidAttesterSet, || {
        propose(RegisterPeerArgs {
            threshold: 1,
            ..peer_args()
        })
    }),
    (E::AttestationsTooFew, || by(&[0])),
    (E::InvalidAttestation, || by(&[1, 0])),
    (E::RotationPending, || {
        let mut heard = Heard::new();
        rotate(&mut heard, 4)?;
        rotate(&mut heard, 5)
    }),
    (E::NoRotationPending, || {
        let mut heard = Heard::new();
        stop(&mut heard)
    }),
    (E::RotationStopped, || {
        let mut heard = Heard::new();
        rotate(&mut heard, 4)?;
        stop(&mut heard)?;
        rotate(&mut heard, 5)
    }),
    (E::RotationTooWide, || {
        let mut heard = Heard::new();
        let announce = heard.rotation(2, &attesters(&[1, 4, 5]), &[0, 1]);
        heard.machine.send(&[announce], &[])
    }),
    (E::NotPostedByBridge, || {
        let mut heard = Heard::new();
        let board = bulkhead_client::pda::board(&heard.protocol.domain);
        heard.hear_posted(board)
    }),
    (E::WrongFinality, || {
        let mut heard = Heard::new();
        let pause = heard.pause(1);
        let posted = heard.post(&pause, 201);
        heard.hear_posted(posted)
    }),
];

/// A pause whose bytes were changed before they were signed.
fn of_bytes(change: fn(&mut Vec<u8>)) -> Refusal {
    let mut heard = Heard::new();
    let mut bytes = bytes_of(&heard.pause(1));
    change(&mut bytes);
    let digest = attestation_digest(heard.peer().attesters.epoch, CHAIN, &EMITTER, &bytes);
    let signatures = sign(&heard.set, &[0, 1], &digest);
    heard
        .machine
        .send(&[ix::accept_attested(heard.of(), bytes, signatures)], &[])
}

/// A pause that these attesters signed.
fn by(indices: &[u8]) -> Refusal {
    let mut heard = Heard::new();
    let accept = heard.attested(&heard.pause(1), indices);
    heard.machine.send(&[accept], &[])
}

fn propose(args: RegisterPeerArgs) -> Refusal {
    let (mut machine, protocol) = world();
    let (propose, _) = protocol.proposing(&machine, &args);
    machine.send(&[propose], &[&protocol.members[0]])
}

/// A key joins the attesters.
fn rotate(heard: &mut Heard, key: u8) -> Refusal {
    let announce = heard.rotation(3, &attesters(&[1, 2, 3, key]), &[0, 1]);
    heard.machine.send(&[announce], &[])
}

fn stop(heard: &mut Heard) -> Refusal {
    let guardian = heard.protocol.members[0].insecure_clone();
    let stop = ix::stop_rotation(heard.of(), guardian.pubkey());
    heard.machine.send(&[stop], &[&guardian])
}
