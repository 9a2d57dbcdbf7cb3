//! Sharing out and claims: tokens are conserved, and every claim ends paid.

use super::*;

/// A restoration was chosen; nothing was paid yet.
fn recovering() -> Recovery {
    let mut world = frozen();
    world.domain.state = phase::RECOVERING;
    world.restoration = Some(Restoration {
        domain: DOMAIN,
        incident: INCIDENT,
        total: 7,
        count: 3,
        ..Restoration::zeroed()
    });
    world
}

const CLAIM_MOVES: [Move; 11] = [
    Move::Fund(1),
    Move::Fund(100),
    Move::Send(1),
    Move::Send(5),
    Move::Draw,
    Move::ShareOut,
    Move::Claim(0),
    Move::Claim(1),
    Move::Claim(2),
    Move::ReturnSurplus,
    Move::Wait(1),
];

fn tokens(world: &Recovery) -> u64 {
    let received: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    world.pool + world.recovery_account.1 + world.treasury + received
}

/// The laws of sharing out, of one state.
fn conserved(world: &Recovery) -> Result<(), String> {
    let plan = world.restoration.ok_or("no restoration")?;
    let paid: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    let is_share = |leaf: &Leaf| {
        leaf.paid == leaf.received && Some(leaf.received) <= payout_floor(leaf.amount, plan.shared, plan.total)
    };
    let laws = [
        ("tokens are conserved", tokens(world) == tokens(&recovering())),
        ("every leaf has at most its share", world.leaves.iter().all(is_share)),
        ("what was paid is what was written down", paid == plan.paid),
        (
            "no more is paid than was shared out, nor shared out than claimed",
            paid <= plan.shared && plan.shared <= plan.total,
        ),
        ("the pool covers what is due", plan.shared - paid <= world.pool),
        (
            "the recovery account keeps what others brought",
            world.recovery_account.1 >= 2,
        ),
    ];
    match laws.iter().find(|(_, holds)| !holds) {
        Some((law, _)) => Err((*law).into()),
        None => Ok(()),
    }
}

/// Every state there is.
fn explore_claims(broken: Broken) -> Result<Vec<Recovery>, String> {
    let mut seen = HashSet::new();
    let (mut all, mut frontier) = (Vec::new(), vec![recovering()]);
    while let Some(world) = frontier.pop() {
        for action in CLAIM_MOVES {
            let Some(mut after) = step(&world, &STRANGER, action, broken) else {
                continue;
            };
            after.at = world.at;
            conserved(&after).map_err(|law| format!("{action:?}: {law}"))?;
            let plan = after.restoration.ok_or("no restoration")?;
            let leaves = [0, 1, 2].map(|number: usize| after.leaves[number].received);
            let drawn = after.vault.evacuation.drawn;
            if seen.insert((after.pool, after.treasury, plan.shared, plan.paid, leaves, drawn)) {
                all.push(after.clone());
                frontier.push(after);
            }
        }
    }
    Ok(all)
}

#[test]
fn nothing_is_paid_that_was_not_shared_out_and_every_claim_ends_paid() {
    let states = explore_claims(Broken::Nothing).unwrap_or_else(|law| panic!("{law}"));
    assert!(states.len() > 500, "{}", states.len());
    for state in states {
        let mut world = state;
        let steps = [
            Move::Fund(100),
            Move::ShareOut,
            Move::Claim(0),
            Move::Claim(1),
            Move::Claim(2),
        ];
        for action in steps {
            if let Ok(next) = world.step(&STRANGER, action) {
                world = next;
            }
        }
        for leaf in &world.leaves {
            assert_eq!(leaf.received, leaf.amount);
        }
        // And what was too much comes back.
        let _ = world.step(&STRANGER, Move::ReturnSurplus).map(|next| world = next);
        assert_eq!(world.pool, 0);
    }
}

#[test]
fn broken_claims_are_found() {
    for broken in [Broken::PaysTwice, Broken::SharesOutTwice, Broken::DrawsAll] {
        assert!(explore_claims(broken).is_err());
    }
}
