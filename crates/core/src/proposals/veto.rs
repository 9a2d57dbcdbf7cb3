//! Vetoes that stand.
//!
//! Proposals cost their proposer nothing, so a veto is not against a proposal alone: for [`VETO_SECONDS`] it stands
//! against all that the same proposer has made and makes. Each vetoer can stand against `veto_rights` proposers at a
//! time, and a right comes back when its veto stands no more. So whoever proposes often wears nobody out, and one right
//! holds one proposer forever.
//!
//! What a vetoer cannot stop alone, its own removal, its standing veto does not stop either: then another has to, so one
//! vetoer holds nobody and two or more with `r` rights each hold `r` captured proposers forever. More vetoers do not hold
//! more: who proposes chooses whom to remove, and with that who has to veto.
//!
//! What was void once stays so: whether a veto is against a proposal depends on when both were made and not on the time.
//! Two of the vetoes of those that counted are kept, and one of those that were silent. That loses nothing: any two stop
//! everything, and what does not change the council any one stops; whatever an older veto was against, the newer ones
//! that took its place are against.

use bulkhead_interface::{
    ProposalKind,
    constants::{MAX_MEMBERS, STANDING_VETOES, VETO_SECONDS},
    layout::{Council, Proposal, StandingVetoes},
};

use crate::{CoreError, domain::council::member_bit};

/// Where the fallback's proposals are: behind the members'.
pub const FALLBACK: usize = MAX_MEMBERS;
/// When the veto of an empty entry was given.
const NEVER: i64 = i64::MIN;
/// The vetoes of those that counted come first.
const COUNTED: usize = STANDING_VETOES - 1;

/// Who is against a proposal, one bit each: its own vetoes, and those that stand against its proposer.
#[must_use]
pub fn against(proposal: &Proposal, council: &Council) -> u16 {
    let kept = council.vetoes.get(usize::from(proposal.place));
    let considered = if proposal.kind == ProposalKind::ChangeCouncil.number() {
        COUNTED
    } else {
        STANDING_VETOES
    };
    let standing = kept.into_iter().flat_map(entries).take(considered);
    let standing = standing.filter(|(_, ts)| proposal.created_ts < ts.saturating_add(VETO_SECONDS));
    standing.fold(proposal.vetoes, |all, (index, _)| all | member_bit(index))
}

/// Do they stop it? A vetoer whom it would remove stops it together with another only.
#[must_use]
pub fn is_stopped(proposal: &Proposal, council: &Council) -> bool {
    let against = against(proposal, council);
    against & !proposal.removes != 0 || against.count_ones() > 1
}

/// The vetoes that member `index` can give now.
#[must_use]
pub fn left(council: &Council, index: usize, now: i64) -> u8 {
    let used = council.vetoes.iter().filter(|kept| stands(kept, index, now)).count();
    council
        .veto_rights
        .saturating_sub(u8::try_from(used).unwrap_or(u8::MAX))
}

/// A veto of member `index` stands from now on against the proposer in this place.
///
/// Returns the vetoes it has left.
///
/// # Errors
/// [`CoreError::NoVetoRights`].
pub fn stand(council: &mut Council, place: usize, index: usize, is_counted: bool, now: i64) -> Result<u8, CoreError> {
    let is_stopped = council.vetoes.get(place).is_some_and(|kept| stands(kept, index, now));
    if !is_stopped && left(council, index, now) == 0 {
        return Err(CoreError::NoVetoRights);
    }
    let by = u8::try_from(index)
        .ok()
        .and_then(|index| index.checked_add(1))
        .ok_or(CoreError::NoVetoRights)?;
    let kept = council.vetoes.get_mut(place).ok_or(CoreError::NoVetoRights)?;
    let entry = if is_counted { own_or_oldest(kept, by) } else { COUNTED };
    if let (Some(ts), Some(old)) = (kept.ts.get_mut(entry), kept.by.get_mut(entry)) {
        (*ts, *old) = (now, by);
    }
    Ok(left(council, index, now))
}

/// Is `after` against everything that `before` is against?
#[must_use]
pub fn holds(before: &Council, after: &Council) -> bool {
    let covers = |old: &StandingVetoes, new: &StandingVetoes| {
        entries(old).enumerate().all(|(entry, (index, ts))| {
            let is_later = |at: usize| new.by.get(at) != Some(&0) && new.ts.get(at).is_some_and(|new| *new >= ts);
            if ts == NEVER {
                return true;
            }
            if entry >= COUNTED {
                return (0..STANDING_VETOES).any(is_later);
            }
            let is_own = |at: usize| {
                new.by
                    .get(at)
                    .is_some_and(|by| usize::from(*by) == index.saturating_add(1))
            };
            (0..COUNTED).any(|at| is_later(at) && is_own(at)) || (0..COUNTED).all(is_later)
        })
    };
    before
        .vetoes
        .iter()
        .zip(&after.vetoes)
        .all(|(old, new)| covers(old, new))
}

/// The members that vetoed, and when. Empty entries come as a member that there is not.
fn entries(kept: &StandingVetoes) -> impl Iterator<Item = (usize, i64)> + '_ {
    let member = |by: &u8| usize::from(*by).checked_sub(1).unwrap_or(usize::MAX);
    let of_nobody = |ts: &i64, by: &u8| if *by == 0 { NEVER } else { *ts };
    kept.by
        .iter()
        .zip(&kept.ts)
        .map(move |(by, ts)| (member(by), of_nobody(ts, by)))
}

/// Does a veto of member `index` stand against this proposer now?
fn stands(kept: &StandingVetoes, index: usize, now: i64) -> bool {
    entries(kept).any(|(by, ts)| by == index && now < ts.saturating_add(VETO_SECONDS))
}

/// Where the veto of a vetoer that counts goes: over its own, or over the oldest.
fn own_or_oldest(kept: &StandingVetoes, by: u8) -> usize {
    let counted = || kept.by.iter().zip(&kept.ts).take(COUNTED).enumerate();
    let own = counted().find(|(_, (old, _))| **old == by);
    let oldest = || counted().min_by_key(|(_, (old, ts))| if **old == 0 { NEVER } else { **ts });
    own.or_else(oldest).map_or(0, |(entry, _)| entry)
}
