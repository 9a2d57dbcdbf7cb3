//! Peers: domains on other chains that are heard.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{Pubkey, constants::transport, layout::Peer};
use bytemuck::Zeroable;

use super::{Keys, State, decision::join};
use crate::{
    CoreError,
    acts::{self, Delivery, PeerEnds, PeerTerms},
};

/// Something about a peer, which is named by its number.
#[derive(Clone, Debug)]
pub enum PeerAction {
    /// `accept_attested`: the message's bytes and the signatures.
    Attested(usize, Vec<u8>, Vec<u8>),
    /// `accept_posted` of an account that the bridge posted for the peer: the consistency level and the message's bytes.
    Posted(usize, u8, Vec<u8>),
    /// `announce_rotation`: threshold, keys and signatures.
    Rotate(usize, u8, Vec<[u8; 20]>, Vec<u8>),
    /// `stop_rotation`.
    StopRotation(usize),
}

/// Terms of a peer, as a proposal keeps them.
#[derive(Clone, Debug)]
pub struct PeerPlan {
    /// All terms but the attesters' keys.
    pub with: PeerTerms<'static>,
    /// The attesters' keys.
    pub attesters: Vec<[u8; 20]>,
}

impl PeerPlan {
    /// All terms.
    #[must_use]
    pub fn terms(&self) -> PeerTerms<'_> {
        PeerTerms {
            attesters: &self.attesters,
            ..self.with
        }
    }

    pub(super) fn payload(&self) -> Vec<u8> {
        let terms = self.terms();
        let count = u32::try_from(terms.attesters.len()).unwrap_or(u32::MAX);
        join(&[
            &terms.chain.to_le_bytes(),
            &terms.emitter,
            &terms.sender,
            &[terms.transports],
            terms.bridge.as_ref(),
            &[terms.finality, terms.pause_finality, terms.remote_scope],
            &terms.remote_mask.to_le_bytes(),
            &terms.compartments.to_le_bytes(),
            &terms.mask.to_le_bytes(),
            &[terms.pause_rights],
            &terms.max_age_seconds.to_le_bytes(),
            &terms.rotation_seconds.to_le_bytes(),
            &terms.after_sequence.to_le_bytes(),
            &[terms.threshold],
            &count.to_le_bytes(),
            terms.attesters.as_flattened(),
        ])
    }
}

impl State {
    /// `register_peer`: of a peer that is there, or of the next one that [`Keys::peers`] has a place for.
    pub(super) fn register_peer(
        &mut self,
        keys: &Keys,
        number: usize,
        terms: &PeerTerms,
        proposed_slot: u64,
    ) -> Result<(), CoreError> {
        let (key, bump) = *keys.peers.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let ends = PeerEnds {
            bump,
            domain: keys.domain,
            board: self.domain.board,
        };
        let peers = Rc::make_mut(&mut self.peers);
        if peers.len() == number {
            peers.push((key, Peer::zeroed()));
        }
        let (_, peer) = peers.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::register_peer(peer, &ends, terms, Some(proposed_slot))
    }

    pub(super) fn about_a_peer(&mut self, signer: &Pubkey, action: &PeerAction) -> Result<(), CoreError> {
        let at = self.at;
        let (PeerAction::Attested(number, ..)
        | PeerAction::Posted(number, ..)
        | PeerAction::Rotate(number, ..)
        | PeerAction::StopRotation(number)) = action;
        let peers = Rc::make_mut(&mut self.peers);
        let (_, peer) = peers.get_mut(*number).ok_or(CoreError::ArgumentOutOfRange)?;
        let (council, board) = (&*self.council, &mut self.board);
        match action {
            PeerAction::Attested(_, message, signatures) => {
                acts::accept_attested(peer, council, Rc::make_mut(board), message, signatures, at).map(|_| ())
            }
            PeerAction::Posted(_, finality, message) => {
                let delivery = Delivery {
                    transport: transport::WORMHOLE,
                    chain: peer.chain,
                    emitter: peer.emitter,
                    finality: Some(*finality),
                    payload: message,
                };
                acts::accept(peer, council, Rc::make_mut(board), &delivery, at).map(|_| ())
            }
            PeerAction::Rotate(_, threshold, next, signatures) => {
                acts::announce_rotation(peer, *threshold, next, signatures, at.now).map(|_| ())
            }
            PeerAction::StopRotation(_) => acts::stop_rotation(peer, council, signer, at.now),
        }
    }
}
