use super::*;
use bulkhead::{accounts::Hearing, instructions::RegisterPeerArgs};

/// A domain's peer: a domain on another chain, by its emitter there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerOf {
    /// The domain that hears it.
    pub domain: Pubkey,
    /// Its address: [`pda::peer`].
    pub peer: Pubkey,
}

impl PeerOf {
    fn hearing(&self) -> Hearing {
        Hearing {
            peer: self.peer,
            council: pda::council(&self.domain),
            board: pda::board(&self.domain),
        }
    }
}

/// `register_peer`: during set-up, or with a matured proposal.
#[must_use]
pub fn register_peer(authority: Authority, payer: Pubkey, args: RegisterPeerArgs) -> Instruction {
    build(
        &bulkhead::accounts::RegisterPeer {
            config: authority.accounts(),
            payer,
            peer: pda::peer(&authority.domain, args.chain, &args.emitter),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterPeer { args },
    )
}

/// `accept_attested`: anyone may carry a message with its signatures.
#[must_use]
pub fn accept_attested(of: PeerOf, message: Vec<u8>, signatures: Vec<u8>) -> Instruction {
    build(
        &bulkhead::accounts::AcceptAttested {
            hearing: of.hearing(),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::AcceptAttested { message, signatures },
    )
}

/// `accept_posted`: anyone may show the account that Wormhole's core bridge posted.
#[must_use]
pub fn accept_posted(of: PeerOf, posted: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::AcceptPosted {
            hearing: of.hearing(),
            posted,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::AcceptPosted {},
    )
}

/// `announce_rotation`: anyone may carry what the attesters signed.
#[must_use]
pub fn announce_rotation(peer: Pubkey, threshold: u8, attesters: Vec<[u8; 20]>, signatures: Vec<u8>) -> Instruction {
    build(
        &bulkhead::accounts::AnnounceRotation {
            peer,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::AnnounceRotation {
            threshold,
            attesters,
            signatures,
        },
    )
}

/// `stop_rotation`: one guardian.
#[must_use]
pub fn stop_rotation(of: PeerOf, guardian: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::StopRotation {
            guardian,
            council: pda::council(&of.domain),
            peer: of.peer,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::StopRotation {},
    )
}
