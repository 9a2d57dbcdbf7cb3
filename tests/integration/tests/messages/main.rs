//! Messages of a domain on another chain, on the built program: what they close here, and what somebody tries who carries
//! them, posts accounts that look like the bridge's, or stole keys of attesters.

mod attested;
mod peers;
mod posted;
mod rotations;

use bulkhead::error::BulkheadError as E;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::messages::message::{Body, Message};
use bulkhead_guard::action::{self, DEFAULT_EMERGENCY};
use bulkhead_interface::constants::{phase, transport};
use bulkhead_testbed::{Setup, keypair};
use bulkhead_tests::{
    peers::{
        Attester, CHAIN, EMITTER, Heard, INSTANT, MAX_AGE, Posting, RIGHTS, ROTATION, addresses, attesters, bytes_of,
        peer_args, sign,
    },
    refused,
};
use solana_signer::Signer;

const HOUR: i64 = 3_600;
/// The council's `guardian_pause_seconds`.
const GUARDIAN_PAUSE: i64 = 6 * HOUR;

/// A request to resume.
const fn request(council_epoch: u64) -> Body {
    Body::ResumeRequest { council_epoch }
}

/// Everything that this domain keeps of the peer and closes, to see that nothing changed.
fn state(heard: &Heard) -> (Vec<u8>, Vec<u8>) {
    let board = heard.protocol.board(&heard.machine);
    (
        bytemuck::bytes_of(&heard.peer()).to_vec(),
        bytemuck::bytes_of(&board).to_vec(),
    )
}
