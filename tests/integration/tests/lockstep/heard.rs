//! Messages of a peer in random order, and what must hold after each of them.

use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_core::{
    acts::PeerTerms,
    machine::{PeerAction, PeerPlan},
};
use bulkhead_guard::effective_mask;
use bulkhead_tests::peers::{FINAL, INSTANT, Posting, peer_of};

use super::*;
use crate::said;

/// What of the board and the peer a message may not touch in the wrong direction.
pub(super) struct Heard {
    board: Vec<u8>,
    peer: Peer,
}

impl Twins {
    pub(super) fn heard(&self) -> Heard {
        Heard {
            board: self.state.board_bytes(),
            peer: self.state.peers[0].1,
        }
    }

    /// A message opens nothing, now or later; a request to resume stands only above every pause that was heard; and what
    /// the peer has said never goes back.
    pub(super) fn has_only_tightened(&self, before: &Heard, story: &str) {
        let (board, now) = (self.state.board_bytes(), self.state.at.now);
        for compartment in 0..64 {
            for then in [now, now + HOUR, now + 6 * HOUR, now + 24 * HOUR] {
                let of = |board| effective_mask(board, compartment, then).expect("a board");
                let opened = of(&before.board) & !of(&board);
                assert_eq!(opened, 0, "{story}: opened in compartment {compartment} at {then}");
            }
        }
        let (was, is) = (before.peer, self.state.peers[0].1);
        assert!(is.request_epoch == 0 || is.request_epoch > is.pause_epoch, "{story}");
        assert!(is.epoch >= was.epoch && is.pause_epoch >= was.pause_epoch, "{story}");
        assert!(is.sequence >= was.sequence, "{story}");
        assert!(is.rights.pause_rights <= was.rights.pause_rights, "{story}");
        assert!(is.attesters.epoch >= was.attesters.epoch, "{story}");
    }

    pub(super) fn peer_action(&self, rng: &mut Rng) -> PeerAction {
        let (peer, now) = (&self.state.peers[0].1, self.state.at.now);
        match rng.below(10) {
            0 => PeerAction::StopRotation(0),
            1 => {
                let (threshold, next, signatures) = said::rotation(peer, now, rng);
                PeerAction::Rotate(0, threshold, next, signatures)
            }
            2..6 => PeerAction::Posted(0, rng.pick(&[FINAL, FINAL, INSTANT, 201]), said::said(peer, now, rng)),
            _ => {
                let (bytes, signatures) = said::attested(peer, now, rng);
                PeerAction::Attested(0, bytes, signatures)
            }
        }
    }

    /// The instruction, with the account that the bridge has posted.
    pub(super) fn peer_instruction(&mut self, signer: Pubkey, action: &PeerAction) -> Instruction {
        let of = peer_of(&self.protocol);
        match action {
            PeerAction::Attested(_, bytes, signatures) => ix::accept_attested(of, bytes.clone(), signatures.clone()),
            PeerAction::Posted(_, finality, bytes) => {
                let posting = Posting {
                    finality: *finality,
                    ..Posting::of(bytes.clone())
                };
                ix::accept_posted(of, posting.write(&mut self.machine))
            }
            PeerAction::Rotate(_, threshold, keys, signatures) => {
                ix::announce_rotation(of.peer, *threshold, keys.clone(), signatures.clone())
            }
            PeerAction::StopRotation(_) => ix::stop_rotation(of, signer),
        }
    }
}

/// The machine's form of terms.
pub(super) fn plan_of(args: RegisterPeerArgs) -> PeerPlan {
    let with = PeerTerms {
        chain: args.chain,
        emitter: args.emitter,
        sender: args.sender,
        transports: args.transports,
        bridge: args.bridge,
        finality: args.finality,
        pause_finality: args.pause_finality,
        remote_scope: args.remote_scope,
        remote_mask: args.remote_mask,
        compartments: args.compartments,
        mask: args.mask,
        pause_rights: args.pause_rights,
        max_age_seconds: args.max_age_seconds,
        rotation_seconds: args.rotation_seconds,
        after_sequence: args.after_sequence,
        threshold: args.threshold,
        attesters: &[],
    };
    PeerPlan {
        with,
        attesters: args.attesters,
    }
}
