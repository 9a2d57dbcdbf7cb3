//! The end of claims: every order of shares, claims, waits, extensions and sweeps, without a limit.
//!
//! Tokens are conserved. Nothing is paid after the end and nothing is swept before it; the end is at least the minimum
//! time after the last notable share-out; it never comes closer; and from every state it comes, at a bounded cost of who
//! would put it off.

use super::*;
use bulkhead_core::acts::{claim_deadline, is_over};
use bulkhead_interface::{
    constants::{MIN_CLAIM_DAYS, restoration_state},
    layout::ClaimTerms,
};

const DAYS: i64 = 86_400;
const TERM: i64 = 90 * DAYS;

fn recovering() -> Recovery {
    let mut world = frozen();
    world.domain.state = phase::RECOVERING;
    world.terms = Some(ClaimTerms {
        version: VERSION,
        domain: DOMAIN,
        claim_days: MIN_CLAIM_DAYS,
        rest_owner: key(60),
        ..ClaimTerms::zeroed()
    });
    let mut restoration = Restoration {
        domain: DOMAIN,
        incident: INCIDENT,
        total: 7,
        count: 3,
        counted_ts: NOW,
        ..Restoration::zeroed()
    };
    bulkhead_core::acts::copy_claim_terms(&mut restoration, world.terms.as_ref()).expect("its own");
    world.restoration = Some(restoration);
    world
}

const MOVES: [Move; 13] = [
    Move::Fund(1),
    Move::Fund(100),
    Move::Send(1),
    Move::Draw,
    Move::ShareOut,
    Move::Claim(0),
    Move::Claim(2),
    Move::ReturnSurplus,
    Move::Wait(TERM - 1),
    Move::Wait(1),
    Move::Sweep,
    Move::Extend(91),
    Move::Extend(90),
];

fn tokens(world: &Recovery) -> u64 {
    let received: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    world.pool + world.recovery_account.1 + world.treasury + world.rest + received
}

fn laws(before: &Recovery, after: &Recovery, action: Move) -> Result<(), String> {
    let (old, new) = (
        before.restoration.ok_or("no restoration")?,
        after.restoration.ok_or("no restoration")?,
    );
    let now = before.at.now;
    let end = claim_deadline(&old).ok_or("it had an end")?;
    let has_ended = now >= end || old.state == restoration_state::CLOSED;
    let is_payment = matches!(action, Move::Claim(_) | Move::ShareOut | Move::Fund(_) | Move::Draw);
    let rules = [
        ("tokens are conserved", tokens(after) == tokens(&recovering())),
        ("nothing moves to claims after their end", !(is_payment && has_ended)),
        ("nothing is swept before the end", action != Move::Sweep || has_ended),
        (
            "the end never comes closer",
            claim_deadline(&new).is_none_or(|new| new >= end),
        ),
        (
            "what was newly shared out can be claimed for the whole time",
            action != Move::ShareOut || claim_deadline(&new) >= Some(now + TERM),
        ),
        (
            "a page is closed only when nothing is paid any more",
            !is_over(&new) || after.step(&STRANGER, Move::Claim(0)).is_err(),
        ),
        (
            "what is closed stays closed",
            old.state != restoration_state::CLOSED || new.state == restoration_state::CLOSED,
        ),
    ];
    match rules.iter().find(|(_, holds)| !holds) {
        Some((law, _)) => Err(format!("{action:?}: {law}")),
        None => Ok(()),
    }
}

type Step = fn(&Recovery, Move) -> Option<Recovery>;

fn honest(world: &Recovery, action: Move) -> Option<Recovery> {
    world.step(&STRANGER, action).ok()
}

fn explore(step: Step) -> Result<Vec<Recovery>, String> {
    let mut seen = HashSet::new();
    let (mut all, mut frontier) = (Vec::new(), vec![recovering()]);
    while let Some(world) = frontier.pop() {
        for action in MOVES {
            // The last second of a term and the first after it, of two terms: nothing else makes a difference.
            let past = world.at.now - NOW;
            let is_next = match action {
                Move::Wait(1) => past % TERM == TERM - 1,
                Move::Wait(_) => past % TERM == 0 && past < 2 * TERM,
                _ => true,
            };
            if !is_next {
                continue;
            }
            let Some(after) = step(&world, action) else { continue };
            laws(&world, &after, action)?;
            let plan = after.restoration.ok_or("no restoration")?;
            let leaves = [0, 1, 2].map(|number: usize| after.leaves[number].received);
            let clock = (after.at.now, plan.counted_ts, plan.claim_days, plan.state);
            let money = (
                after.pool,
                after.treasury,
                plan.shared,
                after.rest,
                after.recovery_account.1,
            );
            if seen.insert((clock, money, leaves)) {
                all.push(after.clone());
                frontier.push(after);
            }
        }
    }
    Ok(all)
}

#[test]
fn claims_end_in_time_and_the_rest_is_swept() {
    let states = explore(honest).unwrap_or_else(|law| panic!("{law}"));
    println!("{} states", states.len());
    assert!(states.len() > 2_000, "{}", states.len());
    for mut world in states {
        // Whoever puts it off shares out something notable each time, which runs out.
        for _ in 0..4 {
            for action in [Move::Wait(91 * DAYS), Move::Sweep, Move::Sweep] {
                let _ = world.step(&STRANGER, action).map(|next| world = next);
            }
        }
        assert_eq!(world.pool, 0, "everything was claimed or swept");
        assert_eq!(
            world.restoration.expect("there").state,
            restoration_state::CLOSED,
            "it is over"
        );
    }
}

#[test]
fn broken_ends_are_found() {
    let late: Step = |world, action| {
        let mut before = world.clone();
        if matches!(action, Move::Claim(_)) {
            before.at.now = NOW;
        }
        let mut after = before.step(&STRANGER, action).ok()?;
        after.at = if matches!(action, Move::Claim(_)) {
            world.at
        } else {
            after.at
        };
        Some(after)
    };
    let hasty: Step = |world, action| {
        let mut before = world.clone();
        if action == Move::Sweep {
            before.at.now += TERM;
        }
        let mut after = before.step(&STRANGER, action).ok()?;
        if action == Move::Sweep {
            after.at = world.at;
        }
        Some(after)
    };
    let shorter: Step = |world, action| {
        let mut after = world.step(&STRANGER, action).ok()?;
        if let (Move::Extend(_), Some(plan)) = (action, &mut after.restoration) {
            plan.claim_days = 1;
        }
        Some(after)
    };
    for (name, broken) in [("late", late), ("hasty", hasty), ("shorter", shorter)] {
        assert!(explore(broken).is_err(), "{name} was not found");
    }
}
