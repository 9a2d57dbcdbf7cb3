//! Anyone passes a message that Wormhole's core bridge has posted, as the account that the bridge wrote.
//!
//! It counts only if the bridge of the peer's terms owns the account, at the address that the bridge derives from the
//! message's body, and if the chain, the emitter and the finality are those of the terms. What it does then is what
//! `accept_attested` does. No instruction of the bridge is looked at: the account is the proof.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, PostedAccount},
    messages::posted,
};
use bulkhead_interface::constants::transport;

use super::*;

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptPosted<'info> {
    pub hearing: Hearing<'info>,
    /// CHECK: read only; owner, address and contents are compared with the peer's terms.
    pub posted: UncheckedAccount<'info>,
}

pub fn handle_accept_posted(ctx: Context<AcceptPosted>) -> Result<()> {
    let event = ctx.accounts.accept()?;
    emit_cpi!(event);
    Ok(())
}

impl AcceptPosted<'_> {
    fn accept(&self) -> Result<MessageAccepted> {
        let data = self.posted.try_borrow_data()?;
        let bridge = self.hearing.peer.current()?.bridge;
        let body_hash = posted::read(&data).map_err(core_error)?.body_hash;
        let (derived, _) = Pubkey::find_program_address(&[posted::SEED_POSTED, &body_hash], &bridge);
        let account = PostedAccount {
            key: self.posted.key(),
            owner: *self.posted.owner,
            derived,
            data: &data,
        };
        self.hearing.accept(transport::WORMHOLE, &|peer, council, board, at| {
            acts::accept_posted(peer, council, board, &account, at)
        })
    }
}
