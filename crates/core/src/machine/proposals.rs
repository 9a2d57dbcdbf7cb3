//! The only path to anything looser: proposals, and what they run.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{Pubkey, layout::Proposal};

use super::{Decision, Keys, State};
use crate::{
    CoreError,
    acts::{self, NewProposal},
};

impl State {
    pub(super) fn propose(&mut self, keys: &Keys, signer: &Pubkey, decision: &Decision) -> Result<(), CoreError> {
        let number = self.proposals.len();
        let own = keys.proposals.iter().find(|(proposer, _)| proposer == signer);
        let numbers = own.map(|(_, numbers)| numbers.as_slice()).unwrap_or_default();
        let place = numbers.get(number).copied();
        let (_, bump) = if own.is_some() {
            place.ok_or(CoreError::ArgumentOutOfRange)?
        } else {
            Default::default()
        };
        let new = NewProposal {
            domain: keys.domain,
            index: u64::try_from(number).map_err(|_| CoreError::Overflow)?,
            bump,
            payer: keys.payer,
        };
        let mut proposal = bytemuck::Zeroable::zeroed();
        decision.check(keys, &self.domain.board)?;
        let (asked, payload) = (decision.asked(), decision.payload(keys));
        acts::propose(
            &self.domain,
            &self.council,
            &mut proposal,
            &new,
            signer,
            &asked,
            &payload,
            self.at,
        )?;
        Rc::make_mut(&mut self.proposals).push((proposal, decision.clone()));
        Ok(())
    }

    pub(super) fn edit(
        &mut self,
        keys: &Keys,
        signer: &Pubkey,
        number: usize,
        decision: &Decision,
    ) -> Result<(), CoreError> {
        let (domain, council) = (&*self.domain, &*self.council);
        let (record, old) = proposal(&mut self.proposals, number)?;
        decision.check(keys, &domain.board)?;
        let (asked, payload) = (decision.asked(), decision.payload(keys));
        acts::edit_proposal(domain, council, record, signer, &asked, &payload, self.at)?;
        *old = decision.clone();
        Ok(())
    }

    pub(super) fn approve(&mut self, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let (record, _) = proposal(&mut self.proposals, number)?;
        let (hash, slot) = (record.payload_hash, record.created_slot);
        let council = Rc::make_mut(&mut self.council);
        acts::approve(council, record, signer, &hash, slot, self.at)
    }

    pub(super) fn withdraw(&mut self, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let (record, _) = proposal(&mut self.proposals, number)?;
        acts::withdraw_approval(&self.council, record, signer, self.at.now)
    }

    pub(super) fn veto(&mut self, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let (record, _) = proposal(&mut self.proposals, number)?;
        acts::veto(Rc::make_mut(&mut self.council), record, signer, self.at.now).map(|_| ())
    }

    pub(super) fn execute(&mut self, keys: &Keys, number: usize) -> Result<(), CoreError> {
        let at = self.at;
        let (record, decision) = proposal(&mut self.proposals, number)?;
        let (asked, payload) = (decision.asked(), decision.payload(keys));
        acts::consume(&self.domain, &self.council, record, &asked, &payload, at)?;
        let (created_slot, decision) = (record.created_slot, decision.clone());
        match decision {
            Decision::Resume { incident } => self.resume(keys, &incident, created_slot),
            Decision::Reopen(how) => self.reopen(keys, &how, created_slot),
            Decision::RegisterEvacuationRoute(vault, token, _) => {
                self.register_evacuation_route(vault, token, created_slot)
            }
            Decision::CancelRelease(release, _, root) => self.cancel_releases(release, root, created_slot),
            Decision::SetLimit(number, limits) => self.set_limit(number, &limits, created_slot),
            Decision::ChangeCouncil(plan) => acts::change_council(Rc::make_mut(&mut self.council), &plan, at.now),
            Decision::OpenBreaker(number, plan) => self.open_breaker(keys, number, &plan, created_slot),
            Decision::SetLink(terms) => self.set_link(keys, &terms, created_slot),
            Decision::RegisterPeer(number, plan) => self.register_peer(keys, number, &plan.terms(), created_slot),
            Decision::Close(which) => self.close_detector(keys, which, created_slot),
            Decision::Grant(member, pauses) => {
                acts::grant_rights(Rc::make_mut(&mut self.council), &member, pauses).map(|_| ())
            }
        }
    }
}

fn proposal(
    proposals: &mut Rc<Vec<(Proposal, Decision)>>,
    number: usize,
) -> Result<&mut (Proposal, Decision), CoreError> {
    if number >= proposals.len() {
        return Err(CoreError::ArgumentOutOfRange);
    }
    Rc::make_mut(proposals)
        .get_mut(number)
        .ok_or(CoreError::ArgumentOutOfRange)
}
