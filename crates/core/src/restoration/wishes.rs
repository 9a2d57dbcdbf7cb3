//! What an owner wishes for its claims, and which program may consume them.
//!
//! A successor of the host takes a claim over and makes the position anew: what it is paid becomes a deposit, shares or an
//! order in the new program. So the claim goes to somebody else than its owner, and that takes one of three:
//!
//! 1. The owner signs. That always counts.
//! 2. The owner has said in advance that this address may consume its claims.
//! 3. The ledger's terms, fixed in peace before there was anything to vote on, name this address; the owners' notice has
//!    passed since the choice and since the last notable share-out; and the owner has wished for nothing else. Until then
//!    anyone can push the claim to its owner in kind, and the owner can keep it by one signature.
//!
//! No council, however captured, names a successor after the breach: the terms that count are those that were copied
//! when the state was chosen.

use bulkhead_interface::{
    Pubkey,
    constants::{SUCCESSOR_NOTICE_SECONDS, VERSION, claim_wish},
    layout::{ClaimRedirect, ClaimTerms, Restoration},
};

use crate::CoreError;

/// The account of an owner's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewWish {
    /// Its domain.
    pub domain: Pubkey,
    /// Who wishes.
    pub owner: Pubkey,
    /// Bump of its PDA.
    pub bump: u8,
}

/// The owner wishes something else for its claims, at once: they are the owner's. [`claim_wish::NONE`] ends every wish;
/// the caller closes the account then.
///
/// # Errors
/// [`CoreError::InvalidClaimWish`]
pub fn wish_claims(
    account: &mut ClaimRedirect,
    new: &NewWish,
    (wish, to): (u8, Pubkey),
    slot: u64,
) -> Result<(), CoreError> {
    let names_somebody = to != Pubkey::default();
    let is_valid = match wish {
        claim_wish::PAY_TO | claim_wish::CONSUMED_BY => names_somebody && to != new.owner,
        claim_wish::NONE | claim_wish::KEEP => !names_somebody,
        _ => false,
    };
    if !is_valid {
        return Err(CoreError::InvalidClaimWish);
    }
    account.version = VERSION;
    account.bump = new.bump;
    account.state = wish;
    account.domain = new.domain;
    account.owner = new.owner;
    account.holder = to;
    account.proposed_slot = slot;
    Ok(())
}

/// Is this what `owner` wishes in the restoration's domain? A proposal's redirection is no wish.
fn is_wish_of(wish: &ClaimRedirect, restoration: &Restoration, owner: &Pubkey) -> bool {
    wish.state != claim_wish::NONE && wish.domain == restoration.domain && wish.owner == *owner
}

/// The address whose associated token account is paid in the place of `owner`'s.
///
/// # Errors
/// [`CoreError::ForeignAccount`] for somebody else's wish, [`CoreError::WrongDestination`] for another one.
pub fn payee_of<'a>(
    wish: &'a ClaimRedirect,
    restoration: &Restoration,
    owner: &Pubkey,
) -> Result<&'a Pubkey, CoreError> {
    if !is_wish_of(wish, restoration, owner) {
        return Err(CoreError::ForeignAccount);
    }
    if wish.state != claim_wish::PAY_TO {
        return Err(CoreError::WrongDestination);
    }
    Ok(&wish.holder)
}

/// May a proposal's redirection pay an owner's claims? Only where the owner has not spoken: redirections are for owners
/// that cannot.
///
/// # Errors
/// [`CoreError::ForeignAccount`] for somebody else's wish, [`CoreError::ClaimKept`].
pub fn may_redirect(wish: Option<&ClaimRedirect>, restoration: &Restoration, owner: &Pubkey) -> Result<(), CoreError> {
    match wish {
        None => Ok(()),
        Some(wish) if is_wish_of(wish, restoration, owner) => Err(CoreError::ClaimKept),
        Some(_) => Err(CoreError::ForeignAccount),
    }
}

/// What lets a program consume a claim.
#[derive(Clone, Copy)]
pub struct Consent<'a> {
    /// Owner of the leaf, and whether it signed.
    pub owner: (&'a Pubkey, bool),
    /// The owner's wish, or `None` if there is none at its address.
    pub wish: Option<&'a ClaimRedirect>,
    /// The ledger's terms, or `None` if there are none at their address.
    pub terms: Option<&'a ClaimTerms>,
}

/// May `consumer`, which signed, consume this owner's claim now?
///
/// # Errors
/// [`CoreError::ForeignAccount`], [`CoreError::ClaimKept`], [`CoreError::NotTheSuccessor`],
/// [`CoreError::SuccessorNoticeRuns`]
pub fn may_consume(
    restoration: &Restoration,
    consumer: &Pubkey,
    consent: Consent<'_>,
    now: i64,
) -> Result<(), CoreError> {
    let (owner, signs) = consent.owner;
    if signs {
        return Ok(());
    }
    if let Some(wish) = consent.wish {
        return if !is_wish_of(wish, restoration, owner) {
            Err(CoreError::ForeignAccount)
        } else if wish.state == claim_wish::CONSUMED_BY && wish.holder == *consumer {
            Ok(())
        } else {
            Err(CoreError::ClaimKept)
        };
    }
    let terms = consent.terms.ok_or(CoreError::NotTheSuccessor)?;
    if (terms.domain, terms.ledger_index) != (restoration.domain, restoration.ledger_index) {
        return Err(CoreError::ForeignAccount);
    }
    // Terms that were set after the choice are not what anybody voted with.
    let is_named =
        terms.successor == *consumer && *consumer != Pubkey::default() && terms.decided_slot == restoration.terms_slot;
    if !is_named {
        return Err(CoreError::NotTheSuccessor);
    }
    if now < restoration.counted_ts.saturating_add(SUCCESSOR_NOTICE_SECONDS) {
        return Err(CoreError::SuccessorNoticeRuns);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const DOMAIN: Pubkey = Pubkey::new_from_array([1; 32]);
    const OWNER: Pubkey = Pubkey::new_from_array([2; 32]);
    const SUCCESSOR: Pubkey = Pubkey::new_from_array([3; 32]);
    const OTHER: Pubkey = Pubkey::new_from_array([4; 32]);
    const END: i64 = 100 + SUCCESSOR_NOTICE_SECONDS;

    fn restoration() -> Restoration {
        Restoration {
            domain: DOMAIN,
            ledger_index: 5,
            counted_ts: 100,
            terms_slot: 40,
            ..Restoration::zeroed()
        }
    }

    fn terms() -> ClaimTerms {
        ClaimTerms {
            domain: DOMAIN,
            ledger_index: 5,
            decided_slot: 40,
            successor: SUCCESSOR,
            ..ClaimTerms::zeroed()
        }
    }

    fn wish(wish: u8, to: Pubkey) -> ClaimRedirect {
        let mut account = ClaimRedirect::zeroed();
        let new = NewWish {
            domain: DOMAIN,
            owner: OWNER,
            bump: 9,
        };
        wish_claims(&mut account, &new, (wish, to), 7).expect("valid");
        account
    }

    fn consume(
        by: &Pubkey,
        signs: bool,
        wish: Option<&ClaimRedirect>,
        terms: Option<&ClaimTerms>,
    ) -> Option<CoreError> {
        let consent = Consent {
            owner: (&OWNER, signs),
            wish,
            terms,
        };
        may_consume(&restoration(), by, consent, END).err()
    }

    #[test]
    fn a_wish_names_somebody_else_or_nobody() {
        let mut account = ClaimRedirect::zeroed();
        let new = NewWish {
            domain: DOMAIN,
            owner: OWNER,
            bump: 9,
        };
        let none = Pubkey::default();
        let bad = [
            (claim_wish::PAY_TO, none),
            (claim_wish::PAY_TO, OWNER),
            (claim_wish::CONSUMED_BY, none),
            (claim_wish::CONSUMED_BY, OWNER),
            (claim_wish::KEEP, OTHER),
            (claim_wish::NONE, OTHER),
            (4, OTHER),
            (4, none),
            (u8::MAX, none),
        ];
        for how in bad {
            let refused = wish_claims(&mut account, &new, how, 7);
            assert_eq!(refused, Err(CoreError::InvalidClaimWish), "{how:?}");
        }
        assert_eq!(
            bytemuck::bytes_of(&account),
            bytemuck::bytes_of(&ClaimRedirect::zeroed())
        );
        let set = wish(claim_wish::PAY_TO, OTHER);
        assert_eq!((set.version, set.bump, set.proposed_slot), (VERSION, 9, 7));
        assert_eq!((set.restoration, set.destination), (none, none));
    }

    #[test]
    fn the_owners_signature_always_counts() {
        let kept = wish(claim_wish::KEEP, Pubkey::default());
        for by in [SUCCESSOR, OTHER] {
            assert_eq!(consume(&by, true, Some(&kept), None), None);
        }
    }

    #[test]
    fn a_wish_comes_before_the_terms() {
        let terms = terms();
        let to_other = wish(claim_wish::CONSUMED_BY, OTHER);
        assert_eq!(consume(&OTHER, false, Some(&to_other), Some(&terms)), None);
        assert_eq!(
            consume(&SUCCESSOR, false, Some(&to_other), Some(&terms)),
            Some(CoreError::ClaimKept)
        );
        for kept in [
            wish(claim_wish::KEEP, Pubkey::default()),
            wish(claim_wish::PAY_TO, SUCCESSOR),
        ] {
            let refused = consume(&SUCCESSOR, false, Some(&kept), Some(&terms));
            assert_eq!(refused, Some(CoreError::ClaimKept));
        }
    }

    #[test]
    fn somebody_elses_wish_or_a_proposals_redirection_is_none() {
        let theirs = wish(claim_wish::CONSUMED_BY, SUCCESSOR);
        let spoiled = [
            ClaimRedirect { owner: OTHER, ..theirs },
            ClaimRedirect {
                domain: OTHER,
                ..theirs
            },
            ClaimRedirect {
                state: claim_wish::NONE,
                ..theirs
            },
        ];
        for wish in &spoiled {
            assert_eq!(
                consume(&SUCCESSOR, false, Some(wish), Some(&terms())),
                Some(CoreError::ForeignAccount)
            );
            assert_eq!(payee_of(wish, &restoration(), &OWNER), Err(CoreError::ForeignAccount));
        }
        assert_eq!(
            payee_of(&theirs, &restoration(), &OWNER),
            Err(CoreError::WrongDestination)
        );
        let paid = wish(claim_wish::PAY_TO, OTHER);
        assert_eq!(payee_of(&paid, &restoration(), &OWNER), Ok(&OTHER));
    }

    #[test]
    fn only_terms_that_were_there_at_the_choice_name_a_successor() {
        assert_eq!(consume(&SUCCESSOR, false, None, Some(&terms())), None);
        assert_eq!(consume(&SUCCESSOR, false, None, None), Some(CoreError::NotTheSuccessor));
        assert_eq!(
            consume(&OTHER, false, None, Some(&terms())),
            Some(CoreError::NotTheSuccessor)
        );
        let later = ClaimTerms {
            decided_slot: 41,
            ..terms()
        };
        assert_eq!(
            consume(&SUCCESSOR, false, None, Some(&later)),
            Some(CoreError::NotTheSuccessor)
        );
        let nobody = ClaimTerms {
            successor: Pubkey::default(),
            ..terms()
        };
        assert_eq!(
            consume(&Pubkey::default(), false, None, Some(&nobody)),
            Some(CoreError::NotTheSuccessor)
        );
        for foreign in [
            ClaimTerms {
                domain: OTHER,
                ..terms()
            },
            ClaimTerms {
                ledger_index: 6,
                ..terms()
            },
        ] {
            assert_eq!(
                consume(&SUCCESSOR, false, None, Some(&foreign)),
                Some(CoreError::ForeignAccount)
            );
        }
    }

    #[test]
    fn the_notice_runs_from_the_last_notable_share_out() {
        let terms = terms();
        let consent = Consent {
            owner: (&OWNER, false),
            wish: None,
            terms: Some(&terms),
        };
        let early = may_consume(&restoration(), &SUCCESSOR, consent, END - 1);
        assert_eq!(early, Err(CoreError::SuccessorNoticeRuns));
        assert_eq!(may_consume(&restoration(), &SUCCESSOR, consent, END), Ok(()));
        let again = Restoration {
            counted_ts: 101,
            ..restoration()
        };
        assert_eq!(
            may_consume(&again, &SUCCESSOR, consent, END),
            Err(CoreError::SuccessorNoticeRuns)
        );
    }

    #[test]
    fn no_key_is_named_as_a_successor() {
        use crate::acts::check_successor;
        assert_eq!(check_successor(&SUCCESSOR, false), Ok(()));
        assert_eq!(check_successor(&Pubkey::default(), true), Ok(()));
        assert_eq!(check_successor(&SUCCESSOR, true), Err(CoreError::InvalidClaimTerms));
    }
}
