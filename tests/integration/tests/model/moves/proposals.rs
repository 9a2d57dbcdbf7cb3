//! Proposals, from the first word to the execution.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{phase, role},
    layout::Proposal,
};
use solana_signer::Signer;

use super::{Move, Table};
use crate::{acts::Act, args::Args};

impl Table<'_> {
    /// Without a proposal, as the setup authority does during set-up.
    pub(super) fn configure(&mut self) -> Option<Move> {
        if self.now.domain.state != phase::SETUP && !self.rng.percent(8) {
            return None;
        }
        let args = self.args()?;
        let signer = self.one_of(&[self.site.protocol.setup_authority.pubkey()]);
        Some(self.executing(args, signer, None))
    }

    pub(super) fn executing(&mut self, args: Args, signer: Pubkey, proposal: Option<Pubkey>) -> Move {
        let renter = self.renter();
        let authority = ix::Authority {
            signer,
            domain: self.domain(),
            proposal,
        };
        Move {
            name: args.name(),
            instruction: args.instruction(authority, renter, self.site.protocol.mint),
            signer,
            act: Act::Execute(args),
        }
    }

    pub(super) fn propose(&mut self) -> Option<Move> {
        let args = self.args()?;
        let (signer, renter) = (self.member(role::APPROVER), self.renter());
        // A number that is taken, now and then.
        let free = self.machine.free_proposal(&self.domain(), &signer);
        let index = free.saturating_sub(u64::from(self.rng.percent(3)));
        let instruction = ix::propose(self.domain(), signer, renter, index, args.encoded());
        Some(Move {
            name: "propose",
            instruction,
            signer,
            act: Act::Propose(pda::proposal(&self.domain(), &signer, index), args),
        })
    }

    /// A proposal that could still be executed, or, now and then, any.
    pub(super) fn proposal(&mut self) -> Option<Pubkey> {
        let (model, now) = (&self.site.model, self.clock());
        let any = self.rng.percent(10);
        let keys: Vec<_> = model
            .proposals
            .iter()
            .filter(|(_, proposal)| any || model.is_live(proposal, now))
            .map(|(key, _)| *key)
            .collect();
        (!keys.is_empty()).then(|| self.rng.pick(&keys))
    }

    pub(super) fn approve(&mut self) -> Option<Move> {
        let (model, now) = (&self.site.model, self.clock());
        // Mostly what was proposed last and lacks approvals, by those who count.
        let open = model
            .proposals
            .iter()
            .filter(|(_, own)| own.reached.is_none() && model.is_live(own, now));
        let latest = open.max_by_key(|(_, own)| own.slot).map(|(key, _)| *key);
        let key = match latest {
            Some(key) if self.rng.percent(70) => key,
            _ => self.proposal()?,
        };
        let proposal = &model.proposals[&key];
        let mut missing = model.members(role::APPROVER);
        // Where enough approve and no clock runs, one of them starts it.
        let is_open = |member: &Pubkey| !proposal.approvals.contains(member) || model.lacks_a_clock(proposal, now);
        missing.retain(|member| is_open(member) && model.counts(member, now));
        let hash = proposal.args.encoded().hash();
        let slot = proposal.slot + u64::from(self.rng.percent(3));
        let signer = self.one_of(&missing);
        Some(Move {
            name: "approve",
            instruction: ix::approve(self.domain(), signer, key, hash, slot),
            signer,
            act: Act::Approve(key),
        })
    }

    pub(super) fn withdraw_approval(&mut self) -> Option<Move> {
        let key = self.proposal()?;
        let approvals: Vec<_> = self.site.model.proposals[&key].approvals.iter().copied().collect();
        let signer = self.one_of(&approvals);
        Some(Move {
            name: "withdraw_approval",
            instruction: ix::withdraw_approval(self.domain(), signer, key),
            signer,
            act: Act::WithdrawApproval(key),
        })
    }

    pub(super) fn edit_proposal(&mut self) -> Option<Move> {
        let key = self.proposal()?;
        let old = self.site.model.proposals[&key].args.clone();
        // Of another kind it is refused, unless its bytes read as this one: then it is this one.
        let args = self.args().filter(|args| args.kind() == old.kind()).unwrap_or(old);
        let proposer = self.site.model.proposals[&key].proposer;
        let signer = self.one_of(&[proposer]);
        let payer = self.payer();
        Some(Move {
            name: "edit_proposal",
            instruction: ix::edit_proposal(self.domain(), signer, payer, key, args.encoded()),
            signer,
            act: Act::Edit(key, args),
        })
    }

    pub(super) fn veto(&mut self) -> Option<Move> {
        let (key, signer) = (self.proposal()?, self.member(role::VETOER));
        Some(Move {
            name: "veto",
            instruction: ix::veto(self.domain(), signer, key),
            signer,
            act: Act::Veto(key),
        })
    }

    pub(super) fn close_proposal(&mut self) -> Option<Move> {
        let keys: Vec<_> = self.site.model.proposals.keys().copied().collect();
        let key = (!keys.is_empty()).then(|| self.rng.pick(&keys))?;
        let receiver = self.machine.try_load::<Proposal>(&key)?.payer;
        Some(Move {
            name: "close_proposal",
            instruction: ix::close_proposal(self.domain(), key, receiver),
            signer: self.payer(),
            act: Act::CloseProposal,
        })
    }

    pub(super) fn execute(&mut self) -> Option<Move> {
        let (model, now) = (&self.site.model, self.clock());
        let matured: Vec<_> = model
            .proposals
            .iter()
            .filter(|(_, proposal)| model.is_matured(proposal, now))
            .map(|(key, _)| *key)
            .collect();
        let approved: Vec<_> = model
            .proposals
            .iter()
            .filter(|(_, proposal)| model.is_live(proposal, now) && proposal.reached.is_some())
            .map(|(key, _)| *key)
            .collect();
        let key = match self.rng.below(10) {
            0 => self.proposal()?,
            1..3 if !approved.is_empty() => self.rng.pick(&approved),
            _ if !matured.is_empty() => self.rng.pick(&matured),
            _ => return None,
        };
        let args = if self.rng.percent(4) {
            self.args()?
        } else {
            self.site.model.proposals[&key].args.clone()
        };
        let payer = self.payer();
        Some(self.executing(args, payer, Some(key)))
    }
}
