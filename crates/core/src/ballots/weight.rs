//! Weights of a voter-weight plug-in, in the records that SPL Governance's plug-ins write.
//!
//! The plug-in is registered in peace, with its realm and its record of all weight. Bulkhead reads its accounts and calls
//! nothing. A record says who has which weight and until which slot that is true; the plug-in updates it in the same
//! transaction, so only a weight of this very slot is taken.
//!
//! A weight counts if it was noted before the vote started and is still there when it is cast: the smaller of the two.
//! So what was borrowed for one transaction, or came after the start, decides nothing. **Whether one token could stand
//! behind two voters is decided by the plug-in**: Bulkhead cannot lock what it does not hold. A plug-in that counts each
//! token once for a target names the target, and rules with `TARGETED` take nothing else.

use bulkhead_interface::{Pubkey, constants::ballot_flag, layout::Ballot};

use crate::CoreError;

/// First bytes of a `VoterWeightRecord`: as text, which is what the interface has always said, or as Anchor writes it.
const VOTER: [[u8; 8]; 2] = [*b"2ef99b4b", [0x2e, 0xf9, 0x9b, 0x4b, 0x99, 0xf8, 0x74, 0x09]];
/// First bytes of a `MaxVoterWeightRecord`.
const MAX: [[u8; 8]; 2] = [*b"9d5ff297", [0x9d, 0x5f, 0xf2, 0x97, 0x10, 0x62, 0x1a, 0x76]];
/// `VoterWeightAction::CastVote`.
const CAST_VOTE: u8 = 0;
/// Number of actions.
const ACTIONS: u8 = 5;

/// An account of the plug-in, as it is now.
#[derive(Clone, Copy, Debug)]
pub struct WeightAccount<'a> {
    /// Its address.
    pub key: &'a Pubkey,
    /// The program that owns it.
    pub owner: &'a Pubkey,
    /// Its contents.
    pub data: &'a [u8],
}

/// What a plug-in says of a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoterWeight {
    /// The weight.
    pub weight: u64,
    /// What it is for. `None` for everything.
    pub action: Option<u8>,
    /// What the action is on. `None` for everything.
    pub target: Option<Pubkey>,
}

/// The target that a plug-in names for one round of a ballot: the ballot's address, with the round's number over its
/// last two bytes. So what was used in one round is another target's in the next, and the first round's is the ballot.
#[must_use]
pub fn target(ballot: &Pubkey, round: u16) -> Pubkey {
    let mut bytes = ballot.to_bytes();
    if let Some(last) = bytes.last_chunk_mut::<2>() {
        let [low, high] = round.to_le_bytes();
        let [a, b] = *last;
        *last = [a ^ low, b ^ high];
    }
    Pubkey::new_from_array(bytes)
}

/// Reads the voter's record, which the plug-in must have written for this slot.
///
/// # Errors
/// [`CoreError::ForeignWeight`], [`CoreError::WeightNotFresh`]
pub fn read(ballot: &Ballot, account: &WeightAccount, voter: &Pubkey, slot: u64) -> Result<VoterWeight, CoreError> {
    let (found, expiry) = parse_voter(ballot, account, voter).ok_or(CoreError::ForeignWeight)?;
    // A later expiry would let an older weight through, and none at all any weight.
    if expiry == Some(slot) {
        Ok(found)
    } else {
        Err(CoreError::WeightNotFresh)
    }
}

/// Can this weight be cast in the ballot's present round?
///
/// # Errors
/// [`CoreError::WeightOfAnotherVote`]
pub fn check_cast((key, ballot): (&Pubkey, &Ballot), found: &VoterWeight) -> Result<(), CoreError> {
    let is_targeted = ballot.flags & ballot_flag::TARGETED != 0;
    let target = target(key, ballot.round);
    let is_action = found.action.map_or(!is_targeted, |action| action == CAST_VOTE);
    let is_target = found.target.map_or(!is_targeted, |found| found == target);
    if is_action && is_target {
        Ok(())
    } else {
        Err(CoreError::WeightOfAnotherVote)
    }
}

/// All weight there is, by the record that the rules name. A record without an expiry is true until it changes.
///
/// # Errors
/// [`CoreError::ForeignWeight`], [`CoreError::WeightNotFresh`]
pub fn read_max(ballot: &Ballot, account: &WeightAccount, slot: u64) -> Result<u64, CoreError> {
    // A record that states no weight would leave neither a quorum nor a bound for what is counted.
    let found = parse_max(ballot, account).filter(|(max, _)| *max > 0);
    let (max, expiry) = found.ok_or(CoreError::ForeignWeight)?;
    if expiry.is_none_or(|expiry| expiry >= slot) {
        Ok(max)
    } else {
        Err(CoreError::WeightNotFresh)
    }
}

fn parse_voter(ballot: &Ballot, account: &WeightAccount, voter: &Pubkey) -> Option<(VoterWeight, Option<u64>)> {
    let mut rest = begin(ballot, account, &VOTER)?;
    let owner = rest.key()?;
    let weight = rest.number()?;
    let expiry = rest.maybe(Rest::number)?;
    let action = rest.maybe(|rest| rest.byte().filter(|action| *action < ACTIONS))?;
    let target = rest.maybe(Rest::key)?;
    let found = VoterWeight { weight, action, target };
    (owner == *voter).then_some((found, expiry))
}

fn parse_max(ballot: &Ballot, account: &WeightAccount) -> Option<(u64, Option<u64>)> {
    let mut rest = begin(ballot, account, &MAX)?;
    let max = rest.number()?;
    let expiry = rest.maybe(Rest::number)?;
    (*account.key == ballot.max_weight_record).then_some((max, expiry))
}

/// What both kinds of record begin with: it is the registered plug-in's, of the realm and the governance token.
fn begin<'a>(ballot: &Ballot, account: &WeightAccount<'a>, discriminators: &[[u8; 8]]) -> Option<Rest<'a>> {
    let mut rest = Rest(account.data);
    let is_its = *account.owner == ballot.weight_program && *account.owner != Pubkey::default();
    let is_kind = discriminators.contains(&rest.take()?);
    let (realm, mint) = (rest.key()?, rest.key()?);
    (is_its && is_kind && realm == ballot.weight_realm && mint == ballot.weight_mint).then_some(rest)
}

/// What is left to read, in Borsh.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]: [u8; 1]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn key(&mut self) -> Option<Pubkey> {
        self.take().map(Pubkey::new_from_array)
    }

    fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
