//! Anyone passes a message that enough of a peer's attesters signed.
//!
//! It does what a message may do: a pause closes the compartments of the peer's terms at once, for at most as long as a
//! guardian's pause, and costs one of the peer's pause rights; everything else is recorded. It opens nothing. Each number
//! is accepted once, by whichever transport it comes.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::constants::transport;

use super::*;

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAttested<'info> {
    pub hearing: Hearing<'info>,
}

/// `message`: its canonical bytes. `signatures`: 66 bytes each, in the order of the attesters' keys.
pub fn handle_accept_attested(ctx: Context<AcceptAttested>, message: Vec<u8>, signatures: Vec<u8>) -> Result<()> {
    let event = ctx
        .accounts
        .hearing
        .accept(transport::ATTESTERS, &|peer, council, board, at| {
            acts::accept_attested(peer, council, board, &message, &signatures, at)
        })?;
    emit_cpi!(event);
    Ok(())
}
