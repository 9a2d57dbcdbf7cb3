//! Sets which domain on another chain is heard, how its messages arrive, and what its pauses close here.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. A peer gets a guardian's power over the
//! compartments of its terms, with pause rights of its own, so choose its sender, its bridge and its attesters as
//! carefully as a guardian. Changing or silencing a peer opens nothing: what its pauses closed lapses on its own.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, PeerEnds, PeerTerms};
use bulkhead_interface::{
    layout::{Peer, space},
    seeds::SEED_PEER,
};

use crate::{authority::*, current::Current, events::PeerRegistered, pda};

/// Payload of a `RegisterPeer` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterPeerArgs {
    /// The peer's chain, in Wormhole's numbers.
    pub chain: u16,
    /// Who emits its messages there.
    pub emitter: [u8; 32],
    /// The domain that its messages are about.
    pub sender: [u8; 32],
    /// How its messages arrive: 1 Wormhole, 2 attesters, 3 both; 0 hears nothing more.
    pub transports: u8,
    /// Wormhole's core bridge on this chain; zero without Wormhole.
    pub bridge: Pubkey,
    /// Wormhole's consistency level of every message.
    pub finality: u8,
    /// Another level that suffices for a pause.
    pub pause_finality: u8,
    /// What of the sender counts besides its whole domain: a compartment, or 255 for nothing else.
    pub remote_scope: u8,
    /// Actions whose closing by the sender counts.
    pub remote_mask: u32,
    /// Compartments that a pause closes here, one bit per number.
    pub compartments: u64,
    /// Actions that it closes here; 0 for the council's default.
    pub mask: u32,
    /// Pauses that the peer may cause until its terms are set again.
    pub pause_rights: u8,
    /// How long after it was sent a message is accepted: 10 minutes to 72 hours.
    pub max_age_seconds: i64,
    /// How long a rotation of the attesters by themselves waits, a day at least; 0 without attesters.
    pub rotation_seconds: i64,
    /// Message numbers up to this one are refused, and what was received is forgotten; 2^64 - 1 keeps both.
    pub after_sequence: u64,
    /// Signatures that a message needs, more than half of the keys; 0 without attesters.
    pub threshold: u8,
    /// The attesters' keys as Ethereum addresses, ascending, at most 12.
    pub attesters: Vec<[u8; 20]>,
}

impl RegisterPeerArgs {
    /// The same terms in the types of the act.
    #[must_use]
    pub fn terms(&self) -> PeerTerms<'_> {
        PeerTerms {
            chain: self.chain,
            emitter: self.emitter,
            sender: self.sender,
            transports: self.transports,
            bridge: self.bridge,
            finality: self.finality,
            pause_finality: self.pause_finality,
            remote_scope: self.remote_scope,
            remote_mask: self.remote_mask,
            compartments: self.compartments,
            mask: self.mask,
            pause_rights: self.pause_rights,
            max_age_seconds: self.max_age_seconds,
            rotation_seconds: self.rotation_seconds,
            after_sequence: self.after_sequence,
            threshold: self.threshold,
            attesters: &self.attesters,
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterPeerArgs)]
pub struct RegisterPeer<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<Peer>(),
        seeds = [SEED_PEER, config.domain.key().as_ref(), &args.chain.to_le_bytes(), &args.emitter],
        bump
    )]
    pub peer: AccountLoader<'info, Peer>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_peer(ctx: Context<RegisterPeer>, args: RegisterPeerArgs) -> Result<()> {
    ctx.accounts.config.authorize(&args)?;
    let event = ctx.accounts.register(&args, ctx.bumps.peer)?;
    emit_cpi!(event);
    Ok(())
}

impl RegisterPeer<'_> {
    #[inline(never)]
    fn register(&self, args: &RegisterPeerArgs, bump: u8) -> Result<PeerRegistered> {
        let domain = self.config.domain.key();
        let ends = PeerEnds {
            bump,
            domain,
            board: self.config.domain.current()?.board,
        };
        let mut peer = if pda::is_new(self.peer.as_ref())? {
            self.peer.load_init()?
        } else {
            self.peer.current_mut()?
        };
        acts::register_peer(&mut peer, &ends, &args.terms(), self.config.proposal_slot()?).map_err(core_error)?;
        Ok(PeerRegistered {
            domain,
            peer: self.peer.key(),
            chain: args.chain,
            emitter: args.emitter,
            sender: args.sender,
            transports: args.transports,
            bridge: args.bridge,
            compartments: args.compartments,
            remote_mask: args.remote_mask,
            mask: args.mask,
            pause_rights: args.pause_rights,
            set_epoch: peer.attesters.epoch,
            threshold: args.threshold,
            attesters: args.attesters.clone(),
        })
    }
}
