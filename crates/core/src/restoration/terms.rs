//! How long claims run, and what happens with the rest: fixed before the vote, and copied when a state is chosen.
//!
//! There is no fee. The time is counted from the choice, and anew from every notable amount that is shared out: whoever
//! did not claim before has at least the minimum time from the day there was something to claim. It can be extended by a
//! proposal, and never shortened.

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_CLAIM_DAYS, MIN_CLAIM_DAYS, VERSION, incident_state, phase, restoration_state},
    layout::{ClaimTerms, Domain, Incident, Restoration},
};

use crate::{CoreError, acts::decide, restoration::share};

const DAY: i64 = 86_400;
/// An amount counts the time anew if it is at least one part in so many of all claims. So nobody keeps claims open for
/// ever by sending single units: each extension costs a hundredth of all claims, and there are at most a hundred.
const NOTABLE: u64 = 100;

/// The terms of a ledger's claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many days claims run, or 0 for no end.
    pub claim_days: u16,
    /// Owner of the associated token account that receives the rest; zero if claims have no end.
    pub rest_owner: Pubkey,
    /// PDA of the program that may consume claims after the owners' notice, or zero.
    pub successor: Pubkey,
}

/// Are the terms complete and in range?
///
/// # Errors
/// [`CoreError::InvalidClaimTerms`]
pub fn check_claim_terms(terms: &Terms) -> Result<(), CoreError> {
    let has_owner = terms.rest_owner != Pubkey::default();
    let is_fit = match terms.claim_days {
        0 => !has_owner,
        MIN_CLAIM_DAYS..=MAX_CLAIM_DAYS => has_owner,
        _ => false,
    };
    if is_fit {
        Ok(())
    } else {
        Err(CoreError::InvalidClaimTerms)
    }
}

/// Only a program's address can be named as a successor. No key signs for it, so what is consumed goes through that
/// program's rules.
///
/// # Errors
/// [`CoreError::InvalidClaimTerms`]
pub fn check_successor(successor: &Pubkey, is_on_curve: bool) -> Result<(), CoreError> {
    if *successor != Pubkey::default() && is_on_curve {
        return Err(CoreError::InvalidClaimTerms);
    }
    Ok(())
}

/// The account of a ledger's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewClaimTerms {
    /// Its domain.
    pub domain: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Bump of its PDA.
    pub bump: u8,
}

/// Sets the terms of a ledger's claims, in peace: before there is a theft to decide about, and before any ballot.
/// Requires the setup authority or a matured proposal.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_claim_terms(
    domain: &Domain,
    account: &mut ClaimTerms,
    new: &NewClaimTerms,
    terms: &Terms,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::SETUP | phase::OPERATING) {
        return Err(CoreError::WrongPhase);
    }
    check_claim_terms(terms)?;
    decide(&mut account.decided_slot, proposed_slot)?;
    account.version = VERSION;
    account.bump = new.bump;
    account.ledger_index = new.ledger_index;
    account.domain = new.domain;
    account.claim_days = terms.claim_days;
    account.rest_owner = terms.rest_owner;
    account.successor = terms.successor;
    Ok(())
}

/// Copies a ledger's terms, if it has any, into a restoration that was just begun.
///
/// # Errors
/// [`CoreError::ForeignAccount`]
pub fn copy_claim_terms(restoration: &mut Restoration, terms: Option<&ClaimTerms>) -> Result<(), CoreError> {
    let Some(terms) = terms else { return Ok(()) };
    if terms.domain != restoration.domain || terms.ledger_index != restoration.ledger_index {
        return Err(CoreError::ForeignAccount);
    }
    restoration.claim_days = terms.claim_days;
    restoration.rest_owner = terms.rest_owner;
    restoration.terms_slot = terms.decided_slot;
    Ok(())
}

/// When claims end. `None` if they do not.
#[must_use]
pub fn claim_deadline(restoration: &Restoration) -> Option<i64> {
    let seconds = i64::from(restoration.claim_days).saturating_mul(DAY);
    (seconds != 0).then(|| restoration.counted_ts.saturating_add(seconds))
}

/// Requires that claims still run. Nothing is paid, shared out or paid in after their end.
///
/// # Errors
/// [`CoreError::ClaimsEnded`]
pub fn require_claims_run(restoration: &Restoration, now: i64) -> Result<(), CoreError> {
    let is_over = claim_deadline(restoration).is_some_and(|deadline| now >= deadline);
    if is_over || restoration.state == restoration_state::CLOSED {
        return Err(CoreError::ClaimsEnded);
    }
    Ok(())
}

/// Counts the time anew after something was shared out, if that was notable.
pub(super) fn count_anew(restoration: &mut Restoration, now: i64) {
    let added = restoration.shared.saturating_sub(restoration.counted_shared);
    let is_notable = added.saturating_mul(NOTABLE) >= restoration.total || restoration.shared == restoration.total;
    if is_notable {
        restoration.counted_ts = now;
        restoration.counted_shared = restoration.shared;
    }
}

/// Postpones the end of a restoration's claims, or removes it. Requires a matured proposal.
///
/// # Errors
/// [`CoreError::ClaimsEnded`] once the rest was swept, [`CoreError::DeadlineNotLater`], [`CoreError::InvalidClaimTerms`]
pub fn extend_claims(restoration: &mut Restoration, claim_days: u16) -> Result<(), CoreError> {
    if restoration.state == restoration_state::CLOSED {
        return Err(CoreError::ClaimsEnded);
    }
    check_extension(claim_days)?;
    let is_later = claim_days == 0 || claim_days > restoration.claim_days;
    if restoration.claim_days == 0 || !is_later {
        return Err(CoreError::DeadlineNotLater);
    }
    restoration.claim_days = claim_days;
    Ok(())
}

/// Could claims be extended to this?
///
/// # Errors
/// [`CoreError::InvalidClaimTerms`]
pub const fn check_extension(claim_days: u16) -> Result<(), CoreError> {
    match claim_days {
        0 | MIN_CLAIM_DAYS..=MAX_CLAIM_DAYS => Ok(()),
        _ => Err(CoreError::InvalidClaimTerms),
    }
}

/// Anyone sweeps what a pool holds after the end of claims, which is then final. Later sweeps move what was sent by
/// mistake since. Returns the amount.
///
/// # Errors
/// [`CoreError::ClaimsStillRun`], [`CoreError::NothingToMove`]
pub fn sweep_unclaimed(restoration: &mut Restoration, balance: u64, now: i64) -> Result<u64, CoreError> {
    if restoration.state == restoration_state::CLOSED {
        return if balance == 0 {
            Err(CoreError::NothingToMove)
        } else {
            Ok(balance)
        };
    }
    if claim_deadline(restoration).is_none_or(|deadline| now < deadline) {
        return Err(CoreError::ClaimsStillRun);
    }
    restoration.state = restoration_state::CLOSED;
    Ok(balance)
}

/// Can no claim be paid any more, whatever becomes of the pages? Either every claim was paid in full, or the rest was
/// swept.
#[must_use]
pub const fn is_over(restoration: &Restoration) -> bool {
    share::is_settled(restoration) || restoration.state == restoration_state::CLOSED
}

/// May a restoration be closed? Only once its rest was swept, and never while its incident is open: the same ledger
/// could be restored again at its address.
///
/// # Errors
/// [`CoreError::ClaimsStillRun`], [`CoreError::WrongPhase`]
pub fn close_restoration(domain: &Domain, incident: &Incident, restoration: &Restoration) -> Result<(), CoreError> {
    if restoration.state != restoration_state::CLOSED {
        return Err(CoreError::ClaimsStillRun);
    }
    if domain.open_incident == restoration.incident || incident.state == incident_state::OPEN {
        return Err(CoreError::WrongPhase);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn restoration(claim_days: u16) -> Restoration {
        Restoration {
            total: 1_000,
            claim_days,
            counted_ts: 5,
            ..Restoration::zeroed()
        }
    }

    #[test]
    fn terms_are_complete_and_in_range() {
        let check = |claim_days, owner: u8| {
            check_claim_terms(&Terms {
                claim_days,
                rest_owner: Pubkey::new_from_array([owner; 32]),
                successor: Pubkey::default(),
            })
        };
        for (days, owner) in [(0, 0), (90, 1), (3_650, 1)] {
            assert_eq!(check(days, owner), Ok(()));
        }
        for (days, owner) in [(0, 1), (90, 0), (1, 1), (89, 1), (3_651, 1)] {
            assert_eq!(check(days, owner), Err(CoreError::InvalidClaimTerms));
        }
    }

    #[test]
    fn terms_are_set_in_peace_and_the_later_decision_wins() {
        let mut domain = Domain::zeroed();
        let mut account = ClaimTerms::zeroed();
        let new = NewClaimTerms {
            domain: Pubkey::new_from_array([1; 32]),
            ledger_index: 3,
            bump: 9,
        };
        let terms = Terms {
            claim_days: 90,
            rest_owner: Pubkey::new_from_array([2; 32]),
            successor: Pubkey::new_from_array([3; 32]),
        };
        for state in [phase::ALERT, phase::FROZEN, phase::RECOVERING] {
            domain.state = state;
            assert_eq!(
                set_claim_terms(&domain, &mut account, &new, &terms, Some(7)),
                Err(CoreError::WrongPhase)
            );
        }
        domain.state = phase::OPERATING;
        assert_eq!(set_claim_terms(&domain, &mut account, &new, &terms, Some(7)), Ok(()));
        assert_eq!(
            set_claim_terms(&domain, &mut account, &new, &terms, Some(6)),
            Err(CoreError::DecidedSince)
        );
        let mut plan = Restoration {
            ledger_index: 3,
            domain: new.domain,
            ..restoration(0)
        };
        assert_eq!(copy_claim_terms(&mut plan, None), Ok(()));
        assert_eq!(claim_deadline(&plan), None);
        assert_eq!(copy_claim_terms(&mut plan, Some(&account)), Ok(()));
        assert_eq!((plan.claim_days, plan.rest_owner), (90, terms.rest_owner));
        let other = Restoration {
            ledger_index: 4,
            ..plan
        };
        assert_eq!(
            copy_claim_terms(&mut { other }, Some(&account)),
            Err(CoreError::ForeignAccount)
        );
    }

    #[test]
    fn claims_end_once_and_then_everything_is_swept() {
        let mut plan = restoration(90);
        let end = 5 + 90 * DAY;
        assert_eq!(require_claims_run(&plan, end - 1), Ok(()));
        assert_eq!(sweep_unclaimed(&mut plan, 7, end - 1), Err(CoreError::ClaimsStillRun));
        assert!(!is_over(&plan));
        assert_eq!(require_claims_run(&plan, end), Err(CoreError::ClaimsEnded));
        assert_eq!(sweep_unclaimed(&mut plan, 7, end), Ok(7));
        assert!(is_over(&plan));
        assert_eq!(sweep_unclaimed(&mut plan, 0, end), Err(CoreError::NothingToMove));
        assert_eq!(sweep_unclaimed(&mut plan, 3, end), Ok(3));
        assert_eq!(extend_claims(&mut plan, 0), Err(CoreError::ClaimsEnded));
        assert_eq!(require_claims_run(&plan, 0), Err(CoreError::ClaimsEnded));
    }

    #[test]
    fn an_empty_pool_ends_too() {
        let mut plan = restoration(90);
        assert_eq!(sweep_unclaimed(&mut plan, 0, 5 + 90 * DAY), Ok(0));
        assert!(is_over(&plan));
    }

    #[test]
    fn claims_without_an_end_have_none() {
        let mut plan = restoration(0);
        assert_eq!(require_claims_run(&plan, i64::MAX), Ok(()));
        assert_eq!(sweep_unclaimed(&mut plan, 7, i64::MAX), Err(CoreError::ClaimsStillRun));
        assert_eq!(extend_claims(&mut plan, 90), Err(CoreError::DeadlineNotLater));
    }

    #[test]
    fn an_end_is_postponed_and_never_brought_forward() {
        let mut plan = restoration(100);
        for days in [90, 99, 100] {
            assert_eq!(extend_claims(&mut plan, days), Err(CoreError::DeadlineNotLater));
        }
        assert_eq!(extend_claims(&mut plan, 89), Err(CoreError::InvalidClaimTerms));
        assert_eq!(extend_claims(&mut plan, 101), Ok(()));
        assert_eq!(extend_claims(&mut plan, 0), Ok(()));
        assert_eq!(claim_deadline(&plan), None);
    }

    #[test]
    fn single_units_do_not_keep_claims_open() {
        let mut plan = restoration(90);
        for (shared, now, counted) in [
            (9, 10, 5),
            (10, 20, 20),
            (19, 30, 20),
            (20, 40, 40),
            (999, 50, 50),
            (1_000, 60, 60),
        ] {
            plan.shared = shared;
            count_anew(&mut plan, now);
            assert_eq!(plan.counted_ts, counted, "{shared}");
        }
    }

    #[test]
    fn a_restoration_is_closed_only_after_its_incident() {
        let key = Pubkey::new_from_array([1; 32]);
        let mut plan = Restoration {
            incident: key,
            ..restoration(90)
        };
        let mut incident = Incident {
            state: incident_state::CLOSED,
            ..Incident::zeroed()
        };
        let mut domain = Domain::zeroed();
        assert_eq!(
            close_restoration(&domain, &incident, &plan),
            Err(CoreError::ClaimsStillRun)
        );
        plan.state = restoration_state::CLOSED;
        assert_eq!(close_restoration(&domain, &incident, &plan), Ok(()));
        domain.open_incident = key;
        assert_eq!(close_restoration(&domain, &incident, &plan), Err(CoreError::WrongPhase));
        domain.open_incident = Pubkey::default();
        incident.state = incident_state::OPEN;
        assert_eq!(close_restoration(&domain, &incident, &plan), Err(CoreError::WrongPhase));
    }
}
