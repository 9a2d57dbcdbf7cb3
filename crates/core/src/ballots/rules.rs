//! How a domain holds its ballots: whose weights count, how a vote cools off, and how long its result can be disputed.
//!
//! The rules are fixed in peace, and a ballot copies them when it is opened: nobody changes a vote with an incident in
//! view. Without rules, escrowed tokens vote, nothing cools off, and a result stands at once.

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_DISPUTE_SECONDS, VERSION, ballot_flag, phase},
    layout::{Ballot, BallotRules, Domain},
};

use crate::{CoreError, acts::decide};

/// What a domain's ballots are held by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HowToVote {
    /// Program of the voter-weight plug-in, or zero if escrowed tokens vote.
    pub weight_program: Pubkey,
    /// Realm of the plug-in's records.
    pub weight_realm: Pubkey,
    /// The plug-in's record of all weight there is, or zero if the quorum is a share of the token's supply.
    pub max_weight_record: Pubkey,
    /// Whether a weight counts only if the plug-in computed it for the very round of the very ballot.
    pub is_targeted: bool,
    /// At the end of a vote, how long only votes for none count.
    pub cool_off_seconds: i64,
    /// How long candidates must have stood before a vote starts, and how long its result can be vetoed.
    pub dispute_seconds: i64,
}

/// Could this domain have these rules? In peace only, and a proposal for them is only made in peace.
///
/// At least half of a vote must be open to every choice. A dispute window is short enough that the longest wait for
/// candidates, which is twice the window, ends within the time after which anyone starts the vote. A plug-in is somebody
/// else's program: if it stops, or refuses everyone, only the escape ends the freeze, so there must be one.
///
/// # Errors
/// [`CoreError::WrongPhase`], [`CoreError::InvalidBallotRules`], [`CoreError::PlugInNeedsEscape`]
pub fn check_ballot_rules(domain: &Domain, rules: &HowToVote) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::SETUP | phase::OPERATING) {
        return Err(CoreError::WrongPhase);
    }
    let is_cooling = (0..=domain.vote_seconds.checked_div(2).unwrap_or(0)).contains(&rules.cool_off_seconds);
    let is_disputable = (0..=MAX_DISPUTE_SECONDS).contains(&rules.dispute_seconds);
    let none = Pubkey::default();
    let is_complete = if rules.weight_program == none {
        rules.weight_realm == none && rules.max_weight_record == none && !rules.is_targeted
    } else {
        rules.weight_realm != none
    };
    if !(is_cooling && is_disputable && is_complete) {
        return Err(CoreError::InvalidBallotRules);
    }
    if rules.weight_program != none && domain.escape_seconds == 0 {
        return Err(CoreError::PlugInNeedsEscape);
    }
    Ok(())
}

/// Sets the rules of a domain's ballots, in peace. Requires the setup authority or a matured proposal.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_ballot_rules(
    domain: (&Pubkey, &Domain),
    account: &mut BallotRules,
    bump: u8,
    rules: &HowToVote,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    let (key, domain) = domain;
    check_ballot_rules(domain, rules)?;
    decide(&mut account.decided_slot, proposed_slot)?;
    account.version = VERSION;
    account.bump = bump;
    account.flags = if rules.is_targeted { ballot_flag::TARGETED } else { 0 };
    account.domain = *key;
    account.weight_program = rules.weight_program;
    account.weight_realm = rules.weight_realm;
    account.max_weight_record = rules.max_weight_record;
    account.cool_off_seconds = rules.cool_off_seconds;
    account.dispute_seconds = rules.dispute_seconds;
    Ok(())
}

/// Copies a domain's rules, if it has any, into a ballot that is being opened. If the escape was removed since the rules
/// were set, escrowed tokens vote: somebody else's program must not be able to hold a freeze.
///
/// # Errors
/// [`CoreError::ForeignAccount`]
pub(super) fn copy(ballot: &mut Ballot, domain: &Domain, rules: Option<&BallotRules>) -> Result<(), CoreError> {
    let Some(rules) = rules else { return Ok(()) };
    if rules.domain != ballot.domain {
        return Err(CoreError::ForeignAccount);
    }
    ballot.cool_off_seconds = rules.cool_off_seconds;
    ballot.dispute_seconds = rules.dispute_seconds;
    if domain.escape_seconds != 0 {
        ballot.flags = rules.flags;
        ballot.weight_program = rules.weight_program;
        ballot.weight_realm = rules.weight_realm;
        ballot.weight_mint = domain.governance_mint;
        ballot.max_weight_record = rules.max_weight_record;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const DAY: i64 = 86_400;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn peace() -> Domain {
        Domain {
            state: phase::OPERATING,
            vote_seconds: 3 * DAY,
            escape_seconds: 30 * DAY,
            governance_mint: key(5),
            ..Domain::zeroed()
        }
    }

    fn plug_in() -> HowToVote {
        HowToVote {
            weight_program: key(1),
            weight_realm: key(2),
            max_weight_record: key(3),
            is_targeted: true,
            cool_off_seconds: DAY,
            dispute_seconds: DAY,
        }
    }

    #[test]
    fn rules_are_set_in_peace_and_the_later_decision_stands() {
        let mut account = BallotRules::zeroed();
        let mut set = |domain: &Domain, slot| set_ballot_rules((&key(9), domain), &mut account, 7, &plug_in(), slot);
        for state in [phase::ALERT, phase::FROZEN, phase::RECOVERING] {
            assert_eq!(set(&Domain { state, ..peace() }, Some(10)), Err(CoreError::WrongPhase));
        }
        assert_eq!(set(&peace(), Some(10)), Ok(()));
        assert_eq!(set(&peace(), Some(9)), Err(CoreError::DecidedSince));
        assert_eq!(
            (account.domain, account.flags, account.bump),
            (key(9), ballot_flag::TARGETED, 7)
        );
    }

    #[test]
    fn times_and_records_are_in_range() {
        let check = |rules| check_ballot_rules(&peace(), &rules);
        let none = HowToVote::default();
        assert_eq!(check(none), Ok(()));
        assert_eq!(check(plug_in()), Ok(()));
        let timed = |cool_off_seconds, dispute_seconds| HowToVote {
            cool_off_seconds,
            dispute_seconds,
            ..none
        };
        assert_eq!(check(timed(3 * DAY / 2, MAX_DISPUTE_SECONDS)), Ok(()));
        for (cool, dispute) in [(3 * DAY / 2 + 1, 0), (-1, 0), (0, -1), (0, MAX_DISPUTE_SECONDS + 1)] {
            assert_eq!(check(timed(cool, dispute)), Err(CoreError::InvalidBallotRules));
        }
        let odd = [
            HowToVote {
                weight_realm: key(2),
                ..none
            },
            HowToVote {
                max_weight_record: key(2),
                ..none
            },
            HowToVote {
                is_targeted: true,
                ..none
            },
            HowToVote {
                weight_realm: Pubkey::default(),
                ..plug_in()
            },
        ];
        for rules in odd {
            assert_eq!(check(rules), Err(CoreError::InvalidBallotRules));
        }
    }

    #[test]
    fn somebody_elses_program_votes_only_where_an_escape_ends_it() {
        let without = Domain {
            escape_seconds: 0,
            ..peace()
        };
        assert_eq!(
            check_ballot_rules(&without, &plug_in()),
            Err(CoreError::PlugInNeedsEscape)
        );
        let mut account = BallotRules::zeroed();
        set_ballot_rules((&key(9), &peace()), &mut account, 7, &plug_in(), None).expect("peace");
        let copied = |domain: &Domain| {
            let mut ballot = Ballot {
                domain: key(9),
                ..Ballot::zeroed()
            };
            copy(&mut ballot, domain, Some(&account)).expect("its own");
            ballot
        };
        let ballot = copied(&peace());
        assert_eq!(
            (
                ballot.weight_program,
                ballot.weight_realm,
                ballot.weight_mint,
                ballot.max_weight_record
            ),
            (key(1), key(2), key(5), key(3))
        );
        assert_eq!((ballot.cool_off_seconds, ballot.dispute_seconds), (DAY, DAY));
        // It was removed since: escrowed tokens vote, and the rest of the rules stands.
        let ballot = copied(&without);
        assert_eq!((ballot.weight_program, ballot.flags), (Pubkey::default(), 0));
        assert_eq!(ballot.dispute_seconds, DAY);
        let mut foreign = Ballot::zeroed();
        assert_eq!(
            copy(&mut foreign, &peace(), Some(&account)),
            Err(CoreError::ForeignAccount)
        );
        assert_eq!(copy(&mut foreign, &peace(), None), Ok(()));
    }
}
