//! Each group of rows is taken out in turn, and something false is accepted.

use super::{attacks::all, *};
use crate::testing::run;

#[test]
fn every_attack_is_refused_by_one_group_alone_and_accepted_without_it() {
    let mut reached = BTreeSet::new();
    let attacks = all();
    for group in Group::ALL {
        let without = shape().rows.without(group);
        assert!(without.groups.len() < shape().rows.groups.len());
        for (_, attempt) in attacks.iter().filter(|(of, _)| *of == group) {
            let name = &attempt.name;
            assert_eq!(attempt.violated(), BTreeSet::from([group]), "{name}");
            assert!(attempt.is_accepted_by(&without), "{name}");
            // What is accepted is what a verifier with an account's numbers would check, and it is false.
            assert!(attempt.is_of_its_statement(), "{name}");
            assert!(!attempt.is_true(), "{name}");
            reached.insert(group);
        }
    }
    let missed: Vec<_> = Group::ALL.iter().filter(|group| !reached.contains(group)).collect();
    assert!(missed.is_empty(), "no attack on {missed:?}");
}

#[test]
fn no_group_is_forgotten() {
    let rows: BTreeSet<_> = shape().rows.groups.iter().copied().collect();
    assert_eq!(rows, Group::ALL.into_iter().collect());
}

/// The values of one page under the statement of another: its run, its state before, its state after.
#[test]
fn a_page_is_proved_under_its_own_statement_only() {
    let honest = Attempt::honest("honest", run(), attacks::before(), &attacks::leaves());
    let (run, before, after) = honest.statement();
    let one = Word::from(1_u64);
    let other_challenge = |gamma, beta| crate::Challenge {
        gamma: run.challenge.gamma + gamma,
        beta: run.challenge.beta + beta,
    };
    let zero = Word::from(0_u64);
    let runs = [
        Run {
            context: run.context + one,
            ..run
        },
        Run {
            pool: run.pool + 1,
            ..run
        },
        Run {
            total: run.total + 1,
            ..run
        },
        Run {
            challenge: other_challenge(one, zero),
            ..run
        },
        Run {
            challenge: other_challenge(zero, one),
            ..run
        },
    ];
    let changed = |state: &State| {
        [
            State {
                accumulator: state.accumulator + one,
                ..*state
            },
            State {
                high: state.high + one,
                ..*state
            },
            State {
                low: state.low ^ 1,
                ..*state
            },
            State {
                count: state.count + 1,
                ..*state
            },
            State {
                sum: state.sum + 1,
                ..*state
            },
            State {
                paid: state.paid + 1,
                ..*state
            },
            State {
                product: state.product + one,
                ..*state
            },
        ]
    };
    let mut claims: Vec<_> = runs.into_iter().map(|run| (run, before, after)).collect();
    claims.extend(changed(&before).into_iter().map(|before| (run, before, after)));
    claims.extend(changed(&after).into_iter().map(|after| (run, before, after)));
    claims.push((run, after, before));
    assert!(honest.is_of_its_statement());
    for claim in claims {
        let attempt = Attempt {
            claim: Some(claim),
            ..honest.clone()
        };
        assert!(!attempt.is_of_its_statement());
    }
}
