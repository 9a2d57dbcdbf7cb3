//! Messages of domains on other chains: whom this domain hears, and the entry of each transport.

mod accept_attested;
mod accept_posted;
mod announce_rotation;
mod register_peer;
mod stop_rotation;

pub use {accept_attested::*, accept_posted::*, announce_rotation::*, register_peer::*, stop_rotation::*};

use anchor_lang::prelude::*;
use bulkhead_core::{
    CoreError,
    acts::{Accepted, At},
    messages::message::Message,
};
use bulkhead_interface::layout::{Council, PauseBoard, Peer};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::MessageAccepted,
};

/// The accounts that a message of a peer touches, whichever transport brings it.
#[derive(Accounts)]
pub struct Hearing<'info> {
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    #[account(constraint = council.current()?.domain == peer.current()?.domain @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, address = peer.current()?.board @ BulkheadError::WrongBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
}

/// The act of a transport: it says where the message comes from, and has core's one `accept` do the rest.
type Accepting<'a> =
    &'a dyn Fn(&mut Peer, &Council, &mut PauseBoard, At) -> core::result::Result<(Message, Accepted), CoreError>;

impl Hearing<'_> {
    /// Accepts a message by a transport's act.
    #[inline(never)]
    fn accept(&self, transport: u8, act: Accepting) -> Result<MessageAccepted> {
        let mut peer = self.peer.current_mut()?;
        let mut board = self.board.current_mut()?;
        let (message, accepted) =
            act(&mut peer, &*self.council.current()?, &mut board, clock()?).map_err(core_error)?;
        let (mask, until) = match accepted {
            Accepted::Paused { mask, until, .. } => (mask, until),
            Accepted::ResumeRequested | Accepted::CheckpointRecorded | Accepted::CouncilRecorded => (0, 0),
        };
        Ok(MessageAccepted {
            domain: peer.domain,
            peer: self.peer.key(),
            transport,
            kind: message.body.kind(),
            epoch: message.epoch,
            sequence: message.sequence,
            sent_ts: message.sent_ts,
            mask,
            until,
            rights_left: peer.rights.pause_rights,
        })
    }
}
