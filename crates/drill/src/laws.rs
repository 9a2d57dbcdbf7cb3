//! The laws that must hold after every drill, for every incident and number of positions.

use crate::{
    error::DrillError,
    recovery::Recovered,
    report::{Check, Dependent, Haircuts, Refusal, Report},
    scenario::AttackOutcome,
};

/// All laws, with their figures.
pub(crate) fn laws(report: &Report, found: &Recovered, attack_outcome: &AttackOutcome) -> Vec<Check> {
    let law = |name: &str, holds: bool, detail: String| Check {
        name: name.to_owned(),
        holds,
        detail,
    };
    let (breach, trip, pause) = (report.breach_slot, report.trip_slot, report.pause_slot);
    let mut laws = vec![
        law(
            "TrippedInBreachSlot",
            trip == breach,
            format!("breach in slot {breach}, latch in slot {trip}"),
        ),
        law(
            "PausedInBreachSlot",
            pause == breach,
            format!("breach in slot {breach}, pause in slot {pause}"),
        ),
        law(
            "LossWithinBound",
            report.loss_with <= report.bound,
            format!("{} of at most {}", report.loss_with, report.bound),
        ),
        law(
            "EveryAttemptRefused",
            attack_outcome.attempts.went_through.is_empty() && attack_outcome.attempts.refused.iter().all(is_named),
            match attack_outcome.attempts.went_through.as_slice() {
                [] => format!(
                    "{} attempts, each refused with a named error",
                    report.refused_attempts.len()
                ),
                went_through => went_through.join(", "),
            },
        ),
        law(
            "TokensConserved",
            report.tokens_before == report.tokens_after,
            format!("{} before, {} after", report.tokens_before, report.tokens_after),
        ),
        law("Reopened", found.is_open, "a user deposits and withdraws".to_owned()),
    ];
    if report.restored {
        laws.extend(claims(report, found));
    }
    if let Some(vote) = attack_outcome.vote {
        laws.push(law(
            "CapturedVoteUndone",
            vote.has_won && vote.is_undone,
            format!(
                "the thief's state won the first vote: {}; what was read in the incident was restored: {}",
                vote.has_won, vote.is_undone
            ),
        ));
    }
    if report.warning_seconds != 0 {
        laws.push(law(
            "PausedBeforeTheTheft",
            report.warning_seconds > 0,
            format!("{} s before it would have begun", report.warning_seconds),
        ));
    }
    laws
}

/// The laws for a drill in which claims were paid.
fn claims(report: &Report, found: &Recovered) -> [Check; 5] {
    let law = |name: &str, holds: bool, detail: String| Check {
        name: name.to_owned(),
        holds,
        detail,
    };
    [
        law(
            "SnapshotMatchesHost",
            found.claims_total == found.host_total,
            format!("leaves {}, the host's total {}", found.claims_total, found.host_total),
        ),
        law(
            "VaultEvacuatedWhole",
            found.evacuated == found.custody,
            format!("{} of {}", found.evacuated, found.custody),
        ),
        law(
            "EveryLeafPaid",
            report.claims == report.leaves && found.wrong_payouts == 0,
            format!(
                "{} of {} leaves, {} not the exact share",
                report.claims, report.leaves, found.wrong_payouts
            ),
        ),
        law(
            "ClaimsWithinPool",
            report.claims_paid <= report.pool,
            format!("{} of {}", report.claims_paid, report.pool),
        ),
        law(
            "DustBelowLeaves",
            report.dust < report.leaves,
            format!("{} units over {} leaves", report.dust, report.leaves),
        ),
    ]
}

/// The laws for downstream protocols; empty without any.
pub(crate) fn downstream(report: &Report) -> Vec<Check> {
    let rows = &report.downstream;
    if rows.is_empty() {
        return Vec::new();
    }
    let all = |holds: fn(&Report, &Dependent) -> bool| rows.iter().all(|row| holds(report, row));
    let describe = |detail: fn(&Dependent) -> String| {
        let parts: Vec<_> = rows
            .iter()
            .map(|row| format!("{}: {}", row.name, detail(row)))
            .collect();
        parts.join("; ")
    };
    let law = |name: &str, holds: bool, detail: String| Check {
        name: name.to_owned(),
        holds,
        detail,
    };
    vec![
        law(
            "LinkedInBreachSlot",
            all(|report, row| row.linked_slot == report.breach_slot),
            describe(|row| format!("closed in slot {}", row.linked_slot)),
        ),
        law(
            "DownstreamLostNothing",
            all(|_, row| row.loss_with == 0 && row.loss_without == row.exposed && row.refused > 0),
            describe(|row| format!("{} loans refused", row.refused)),
        ),
        law(
            "RestKeptTrading",
            all(|_, row| row.trades > 0 && row.traded == row.trades),
            describe(|row| format!("{} of {} trades", row.traded, row.trades)),
        ),
        law(
            "LinkedPauseLapsed",
            all(|_, row| row.has_lapsed),
            describe(|row| format!("after {} s, and a depositor withdraws", row.linked_seconds)),
        ),
    ]
}

/// The laws of bad debt; empty without any.
pub(crate) fn haircuts(report: &Report) -> Vec<Check> {
    let Some(Haircuts {
        by_hand,
        paused,
        pool_too,
    }) = &report.haircuts
    else {
        return Vec::new();
    };
    let law = |name: &str, holds: bool, detail: String| Check {
        name: name.to_owned(),
        holds,
        detail,
    };
    let rows: Vec<_> = paused
        .iter()
        .map(|row| format!("{}: {} of {}", row.deployment, row.haircut, row.published))
        .collect();
    vec![
        law(
            "HaircutAsPublished",
            !paused.is_empty() && paused.iter().all(|row| row.haircut == row.published),
            format!("thousandths of a percent that a claim lacked; {}", rows.join("; ")),
        ),
        law(
            "NobodyLeftFirst",
            report.honest.refused > 0
                && report.honest.withdrawals + report.honest.held_back == 0
                && paused.first().is_some_and(|row| row.haircut < by_hand.haircut),
            format!(
                "{} lenders were refused after the collapse, {} paid",
                report.honest.refused,
                report.honest.withdrawals + report.honest.held_back
            ),
        ),
        law(
            "PoolHeld",
            pool_too.bad_debt == 0,
            format!("bad debt of {} with Bulkhead at the pool as well", pool_too.bad_debt),
        ),
    ]
}

/// The name of a program's error is one word. Runtime errors are sentences.
fn is_named(refusal: &Refusal) -> bool {
    !refusal.error.contains(' ')
}

/// Checks that all laws hold.
///
/// # Errors
/// [`DrillError::LawBroken`] with the names of the laws that do not hold.
pub fn verify(report: &Report) -> Result<(), DrillError> {
    let broken: Vec<_> = report
        .checks
        .iter()
        .filter(|check| !check.holds)
        .map(|check| check.name.clone())
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(DrillError::LawBroken(broken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn each_law_breaks_by_name() {
        let report = example::report();
        let found = Recovered {
            claims_total: 5,
            host_total: 5,
            is_open: true,
            ..Recovered::default()
        };
        let broken = |report: &Report, found: &Recovered, attack_outcome: &AttackOutcome| -> Vec<String> {
            let checks = laws(report, found, attack_outcome);
            checks
                .into_iter()
                .filter(|check| !check.holds)
                .map(|check| check.name)
                .collect()
        };
        assert!(broken(&report, &found, &AttackOutcome::default()).is_empty());

        let vote = |has_won, is_undone| AttackOutcome {
            vote: Some(crate::scenario::VoteOutcome { has_won, is_undone }),
            ..AttackOutcome::default()
        };
        assert!(broken(&report, &found, &vote(true, true)).is_empty());
        for outcome in [vote(true, false), vote(false, true)] {
            assert_eq!(broken(&report, &found, &outcome), ["CapturedVoteUndone"]);
        }

        let mut late = report.clone();
        (late.trip_slot, late.pause_slot) = (301, 302);
        assert_eq!(
            broken(&late, &found, &AttackOutcome::default()),
            ["TrippedInBreachSlot", "PausedInBreachSlot"]
        );

        let mut generous = report.clone();
        generous.loss_with = generous.bound + 1;
        generous.claims_paid = generous.pool + 1;
        generous.tokens_after += 1;
        generous.dust = generous.leaves;
        assert_eq!(
            broken(&generous, &found, &AttackOutcome::default()),
            [
                "LossWithinBound",
                "TokensConserved",
                "ClaimsWithinPool",
                "DustBelowLeaves"
            ]
        );

        let wrong = Recovered {
            wrong_payouts: 1,
            evacuated: 1,
            host_total: 6,
            is_open: false,
            ..found
        };
        let mut attack_outcome = AttackOutcome::default();
        attack_outcome.attempts.went_through.push("raise".into());
        assert_eq!(
            broken(&report, &wrong, &attack_outcome),
            [
                "EveryAttemptRefused",
                "Reopened",
                "SnapshotMatchesHost",
                "VaultEvacuatedWhole",
                "EveryLeafPaid"
            ]
        );
    }

    #[test]
    fn each_law_of_the_downstream_breaks_by_name() {
        let mut report = example::report();
        let broken = |report: &Report| -> Vec<String> {
            let checks = downstream(report).into_iter();
            checks.filter(|check| !check.holds).map(|check| check.name).collect()
        };
        assert!(!report.downstream.is_empty() && broken(&report).is_empty());
        report.downstream[0].linked_slot += 1;
        report.downstream[0].loss_with = 1;
        report.downstream[0].traded -= 1;
        report.downstream[0].has_lapsed = false;
        assert_eq!(
            broken(&report),
            [
                "LinkedInBreachSlot",
                "DownstreamLostNothing",
                "RestKeptTrading",
                "LinkedPauseLapsed"
            ]
        );
        report.downstream.clear();
        assert!(downstream(&report).is_empty());
    }

    #[test]
    fn each_law_of_bad_debt_breaks_by_name() {
        let mut report = example::report();
        let broken = |report: &Report| -> Vec<String> {
            let checks = haircuts(report).into_iter();
            checks.filter(|check| !check.holds).map(|check| check.name).collect()
        };
        (report.honest.withdrawals, report.honest.held_back) = (0, 0);
        assert!(broken(&report).is_empty());
        let mut left = report.clone();
        left.honest.withdrawals = 1;
        assert_eq!(broken(&left), ["NobodyLeftFirst"]);
        let found = report.haircuts.as_mut().expect("bad debt");
        found.by_hand.haircut = found.paused[0].haircut;
        found.paused[0].published += 1;
        found.pool_too.bad_debt = 1;
        assert_eq!(broken(&report), ["HaircutAsPublished", "NobodyLeftFirst", "PoolHeld"]);
        report.haircuts = None;
        assert!(haircuts(&report).is_empty());
    }

    #[test]
    fn a_broken_law_is_an_error_that_names_it() {
        let mut report = example::report();
        assert!(verify(&report).is_ok());
        report.checks[0].holds = false;
        let error = verify(&report).expect_err("broken");
        assert_eq!(error.to_string(), "LawBroken: LossWithinBound");
    }
}
