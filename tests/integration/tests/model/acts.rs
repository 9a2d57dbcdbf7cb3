//! What a step means to the model.

use anchor_lang::prelude::Pubkey;

use crate::{
    args::Args,
    posted::{Posted, Sample},
    watching::Fact,
};

/// What an instruction means to the model, once it has succeeded.
#[derive(Clone)]
pub enum Act {
    Activate,
    OpenIncident,
    Confirm,
    /// This detector's latch.
    PropagateTrip(Pubkey),
    Lapse,
    Propose(Pubkey, Args),
    /// Another payload in this one.
    Edit(Pubkey, Args),
    Approve(Pubkey),
    WithdrawApproval(Pubkey),
    Veto(Pubkey),
    CloseProposal,
    Execute(Args),
    /// Out of this vault, within limits; with a note, that of this owner.
    Release(Pubkey, Option<Pubkey>),
    /// Into this vault, by its owner.
    Deposit {
        vault: Pubkey,
        owner: Pubkey,
        amount: u64,
    },
    /// This release is to pay another account, and was this owner's.
    Redirect(Pubkey, Pubkey),
    /// Through this breaker, from a host's own custody.
    Meter(Pubkey, u64),
    /// This vault, to its route.
    Evacuate(Pubkey),
    /// A sign of life and nothing else to the model.
    Heartbeat,
    /// An upstream's pause was carried over.
    PropagateContagion,
    /// A message of the peer was carried here.
    Hear,
    /// Something happened, and somebody looked.
    Observe(Fact),
    /// Of this voter, who signs.
    Vote(Vote),
    /// Of this restoration.
    Money(Pubkey, Money),
    /// These positions, into this shard.
    Read {
        shard: Pubkey,
        keys: Vec<Pubkey>,
    },
    /// This snapshot, by these shards.
    Seal {
        snapshot: Pubkey,
        shards: Vec<Pubkey>,
    },
    /// A checkpoint.
    Post(Posted),
    /// A position was read.
    Sample(Sample),
    /// Nothing to the model.
    Other,
}

impl Act {
    /// What the world does just before.
    pub fn fact(&self) -> Option<&Fact> {
        match self {
            Self::Observe(fact) | Self::Money(_, Money::Claim(_, Some(fact))) => Some(fact),
            _ => None,
        }
    }
}

/// What happens to votes.
#[derive(Clone)]
pub enum Vote {
    Deposit(u64),
    Withdraw(u64),
    /// On this ballot, for this candidate.
    Cast(Pubkey, u8),
    Start(Pubkey),
    Renew(Pubkey),
    /// The record of this voter's on this ballot goes.
    Forget(Pubkey, Pubkey),
}

/// What happens to a restoration.
#[derive(Clone)]
pub enum Money {
    /// At most so much.
    Fund(u64),
    /// From where this vault was moved to.
    Draw(Pubkey),
    /// By a transfer of somebody's own.
    Gift,
    Share,
    /// Of this leaf, perhaps while the owner's account is not what it was.
    Claim(u32, Option<Fact>),
    /// Of these leaves, each with its owner and the account that is paid.
    Batch(Vec<(u32, Pubkey, Pubkey)>),
    Surplus,
    /// One is opened or closed.
    Page,
}
