//! The ballot, its votes, and the weights of a voter-weight plug-in.

use alloc::vec::Vec;

use bulkhead_interface::{
    Pubkey,
    layout::{Ballot, VoteRecord},
};
use bytemuck::Zeroable;

use super::Recovery;
use crate::{
    CoreError,
    acts::{self, Electorate, NewBallot, Renewal, WeightSource},
    ballots::{ballot::check_record_done, escrow, weight::WeightAccount},
};

impl Recovery {
    pub(super) fn open_ballot(&mut self) -> Result<(), CoreError> {
        if self.ballot.is_some() {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let new = NewBallot {
            domain: self.keys.domain,
            incident: self.incident.0,
            bump: self.keys.ballot.1,
            ledger_index: self.ledger_index,
        };
        let mut ballot = Ballot::zeroed();
        let found = (self.ledger.as_ref(), self.rules.as_ref());
        acts::open_ballot(&self.domain, found, &mut ballot, &new, self.at.now)?;
        self.ballot = Some(ballot);
        Ok(())
    }

    pub(super) fn nominate(&mut self, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let ballot = self.ballot.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let (key, snapshot) = self.snapshots.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::add_candidate(
            &self.domain,
            &self.council,
            ballot,
            (*key, snapshot),
            signer,
            self.at.now,
        )
        .map(|_| ())
    }

    pub(super) fn start(&mut self, signer: &Pubkey) -> Result<(), CoreError> {
        let ballot = self.ballot.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let all = self.voters.iter().map(|voter| voter.plugged).sum();
        let (key, owner) = (ballot.max_weight_record, ballot.weight_program);
        let data = max_record(ballot, all);
        let electorate = Electorate {
            supply: self.supply,
            max_weight: Some(WeightAccount {
                key: &key,
                owner: &owner,
                data: &data,
            }),
        };
        let incident = &mut self.incident.1;
        acts::start_voting(
            &self.domain,
            &self.council,
            incident,
            ballot,
            signer,
            electorate,
            self.at,
        )
    }

    pub(super) fn deposit(&mut self, number: usize, amount: u64) -> Result<(), CoreError> {
        let voter = self.voters.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        voter.purse = voter.purse.checked_sub(amount).ok_or(CoreError::ArgumentOutOfRange)?;
        escrow::deposit(&mut voter.escrow, amount, self.domain.vote_seconds, self.at.now)
    }

    pub(super) fn withdraw(&mut self, number: usize, amount: u64) -> Result<(), CoreError> {
        let voter = self.voters.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        escrow::withdraw(&mut voter.escrow, amount, self.at.now)?;
        voter.purse = voter.purse.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// The voter brings what the ballot counts: a record of the plug-in, fresh in this slot, or else the escrow.
    pub(super) fn vote(&mut self, number: usize, choice: u8) -> Result<(), CoreError> {
        let ballot = self.ballot.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let voter = self.voters.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let mut record = voter.record.unwrap_or_else(VoteRecord::zeroed);
        let (key, owner) = (voter.key, ballot.weight_program);
        let data = weight_record(ballot, &key, voter.plugged, self.at.slot);
        let source = if owner == Pubkey::default() {
            WeightSource::Escrow(&mut voter.escrow)
        } else {
            WeightSource::PlugIn(WeightAccount {
                key: &key,
                owner: &owner,
                data: &data,
            })
        };
        acts::cast_vote(
            (&self.keys.ballot.0, ballot),
            source,
            &mut record,
            &key,
            choice,
            self.at,
        )?;
        voter.record = Some(record);
        Ok(())
    }

    pub(super) fn move_weight(&mut self, from: usize, to: usize, amount: u64) -> Result<(), CoreError> {
        let giver = self.voters.get_mut(from).ok_or(CoreError::ArgumentOutOfRange)?;
        giver.plugged = giver.plugged.checked_sub(amount).ok_or(CoreError::ArgumentOutOfRange)?;
        let taker = self.voters.get_mut(to).ok_or(CoreError::ArgumentOutOfRange)?;
        taker.plugged = taker.plugged.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub(super) fn close_record(&mut self, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let ballot = self.ballot.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let voter = self.voters.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let record = voter.record.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        check_record_done(ballot, record, *signer == record.voter, self.at.now)?;
        voter.record = None;
        Ok(())
    }

    pub(super) fn renew(&mut self, signer: &Pubkey, stale: Option<usize>) -> Result<(), CoreError> {
        let ballot = self.ballot.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let stale = stale.and_then(|number| self.snapshots.get(number));
        let how = Renewal::Again(stale.map(|(key, snapshot)| (key, snapshot)));
        acts::renew_ballot(&self.domain, &self.council, ballot, signer, how, self.at.now)
    }

    pub(super) fn veto(&mut self, signer: &Pubkey) -> Result<(), CoreError> {
        let ballot = self.ballot.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        acts::renew_ballot(&self.domain, &self.council, ballot, signer, Renewal::Veto, self.at.now)
    }
}

/// A voter's record as a plug-in writes it for one slot, for every action and every target.
#[must_use]
pub fn weight_record(ballot: &Ballot, voter: &Pubkey, weight: u64, slot: u64) -> Vec<u8> {
    let mut data = Vec::from(*b"2ef99b4b");
    for key in [&ballot.weight_realm, &ballot.weight_mint, voter] {
        data.extend_from_slice(key.as_ref());
    }
    data.extend(weight.to_le_bytes());
    data.push(1);
    data.extend(slot.to_le_bytes());
    // No action, no target, eight bytes in reserve.
    data.extend([0; 2 + 8]);
    data
}

/// The record of all weight as a plug-in writes it, for as long as it is true.
#[must_use]
pub fn max_record(ballot: &Ballot, weight: u64) -> Vec<u8> {
    let mut data = Vec::from(*b"9d5ff297");
    for key in [&ballot.weight_realm, &ballot.weight_mint] {
        data.extend_from_slice(key.as_ref());
    }
    data.extend(weight.to_le_bytes());
    // No expiry, eight bytes in reserve.
    data.extend([0; 1 + 8]);
    data
}
