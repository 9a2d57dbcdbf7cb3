//! Batches, wishes and successors: every order of them with claims and share-outs.
//!
//! Tokens are conserved. A batch pays everyone that it can and skips the rest, whoever was faster or cannot be paid. A
//! leaf's share goes to its owner, or to whom the owner's signature, the owner's wish or terms from before the choice let
//! consume it; to the successor of the terms only after the whole notice, and not against a wish.

use super::*;
use bulkhead_core::{CoreError, acts::copy_claim_terms};
use bulkhead_interface::{
    constants::{SUCCESSOR_NOTICE_SECONDS, claim_wish},
    layout::ClaimTerms,
};

/// Named by the terms.
const SUCCESSOR: Pubkey = key(50);
/// Named by nobody, or by an owner.
const HOSTILE: Pubkey = key(51);

fn recovering() -> Recovery {
    let mut world = frozen();
    world.domain.state = phase::RECOVERING;
    world.terms = Some(ClaimTerms {
        version: VERSION,
        domain: DOMAIN,
        decided_slot: 30,
        successor: SUCCESSOR,
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
    copy_claim_terms(&mut restoration, world.terms.as_ref()).expect("its own");
    world.restoration = Some(restoration);
    // The middle one of the leaves cannot be paid.
    world.leaves[1].is_shut = true;
    world
}

/// Who does what. Owners are named by their leaves.
fn moves() -> Vec<(Pubkey, Move)> {
    let owner = |number: usize| frozen().leaves[number].owner;
    let mut moves = vec![
        (STRANGER, Move::Fund(3)),
        (STRANGER, Move::Fund(100)),
        (STRANGER, Move::ShareOut),
        (STRANGER, Move::Claim(0)),
        (STRANGER, Move::ClaimBatch(0, 2)),
        (STRANGER, Move::ClaimBatch(1, 1)),
        (STRANGER, Move::Wait(SUCCESSOR_NOTICE_SECONDS)),
        (owner(0), Move::Wish(claim_wish::CONSUMED_BY, HOSTILE)),
        (owner(0), Move::Wish(claim_wish::NONE, Pubkey::default())),
        (owner(2), Move::Wish(claim_wish::KEEP, Pubkey::default())),
        (HOSTILE, Move::Wish(claim_wish::CONSUMED_BY, SUCCESSOR)),
        (SUCCESSOR, Move::Consume(0, true)),
    ];
    for number in [0, 2] {
        moves.extend([SUCCESSOR, HOSTILE].map(|by| (by, Move::Consume(number, false))));
    }
    moves
}

fn tokens(world: &Recovery) -> u64 {
    let leaves: u64 = world.leaves.iter().map(|leaf| leaf.received + leaf.consumed).sum();
    world.pool + world.recovery_account.1 + world.treasury + leaves
}

/// The laws of one step.
fn laws(before: &Recovery, after: &Recovery, (signer, action): (&Pubkey, Move)) -> Result<(), String> {
    let plan = after.restoration.ok_or("no restoration")?;
    let is_share = |leaf: &Leaf| {
        let got = leaf.received + leaf.consumed;
        leaf.paid == got && Some(got) <= payout_floor(leaf.amount, plan.shared, plan.total)
    };
    let paid: u64 = after.leaves.iter().map(|leaf| leaf.paid).sum();
    let shared = before.restoration.ok_or("no restoration")?;
    let is_left_out =
        |leaf: &Leaf| leaf.is_shut || Some(leaf.paid) == payout_floor(leaf.amount, plan.shared, plan.total);
    let consumes = |number: usize, is_signed: bool| {
        let wish = before.wish_of(&before.leaves[number].owner);
        let by_wish = wish.is_some_and(|wish| wish.state == claim_wish::CONSUMED_BY && wish.holder == *signer);
        let by_terms =
            wish.is_none() && *signer == SUCCESSOR && before.at.now >= shared.counted_ts + SUCCESSOR_NOTICE_SECONDS;
        is_signed || by_wish || by_terms
    };
    let rules = [
        ("tokens are conserved", tokens(after) == tokens(&recovering())),
        ("every leaf has at most its share", after.leaves.iter().all(is_share)),
        ("what was paid is what was written down", paid == plan.paid),
        (
            "a batch pays everyone that it can",
            action != Move::ClaimBatch(0, 2) || after.leaves.iter().all(is_left_out),
        ),
        (
            "nobody who cannot be paid is paid by a batch",
            !matches!(action, Move::ClaimBatch(..)) || before.leaves[1] == after.leaves[1],
        ),
        (
            "nobody consumes what the owner did not let it",
            match action {
                Move::Consume(number, signs) => consumes(number, signs),
                _ => after
                    .leaves
                    .iter()
                    .zip(&before.leaves)
                    .all(|(new, old)| new.consumed == old.consumed),
            },
        ),
        (
            "an owner's wish is the owner's",
            before
                .wishes
                .iter()
                .all(|wish| wish.owner == *signer || after.wishes.contains_wish(wish)),
        ),
    ];
    match rules.iter().find(|(_, holds)| !holds) {
        Some((law, _)) => Err(format!("{action:?}: {law}")),
        None => Ok(()),
    }
}

trait ContainsWish {
    fn contains_wish(&self, wish: &ClaimRedirect) -> bool;
}

impl ContainsWish for Vec<ClaimRedirect> {
    fn contains_wish(&self, wish: &ClaimRedirect) -> bool {
        self.iter()
            .any(|other| bytemuck::bytes_of(other) == bytemuck::bytes_of(wish))
    }
}

type Step = fn(&Recovery, &Pubkey, Move) -> Result<Recovery, CoreError>;

fn honest(world: &Recovery, signer: &Pubkey, action: Move) -> Result<Recovery, CoreError> {
    world.step(signer, action)
}

fn explore(step: Step) -> Result<Vec<Recovery>, String> {
    let mut seen = HashSet::new();
    let (mut all, mut frontier) = (Vec::new(), vec![recovering()]);
    while let Some(world) = frontier.pop() {
        for (signer, action) in moves() {
            // Whether a notice has passed is all that time changes; twice, since it is counted anew.
            if matches!(action, Move::Wait(_)) && world.at.now >= NOW + 2 * SUCCESSOR_NOTICE_SECONDS {
                continue;
            }
            let Ok(mut after) = step(&world, &signer, action) else {
                continue;
            };
            after.at.slot = world.at.slot;
            laws(&world, &after, (&signer, action))?;
            let plan = after.restoration.ok_or("no restoration")?;
            let leaves = [0, 1, 2].map(|number: usize| (after.leaves[number].received, after.leaves[number].consumed));
            let mut wishes: Vec<_> = after.wishes.iter().map(|wish| (wish.owner, wish.state)).collect();
            wishes.sort_unstable();
            let clock = (after.at.now, plan.counted_ts);
            if seen.insert((clock, after.pool, after.treasury, plan.shared, leaves, wishes)) {
                all.push(after.clone());
                frontier.push(after);
            }
        }
    }
    Ok(all)
}

#[test]
fn a_claim_goes_to_its_owner_or_to_whom_the_owner_or_the_terms_let_take_it() {
    let states = explore(honest).unwrap_or_else(|law| panic!("{law}"));
    assert!(states.len() > 500, "{}", states.len());
    let has = |what: fn(&Recovery) -> bool| states.iter().any(what);
    assert!(has(|world| world.leaves[2].consumed > 0 && world.leaves[2].received > 0));
    assert!(has(|world| world.leaves[2].consumed == 4));
    // From everywhere, whoever wishes to be paid in kind is: nobody's wish or slowness locks anything up.
    for state in states {
        let mut world = state;
        for action in [Move::Fund(100), Move::ShareOut, Move::ClaimBatch(0, 2), Move::Claim(1)] {
            if let Ok(next) = world.step(&STRANGER, action) {
                world = next;
            }
        }
        for leaf in &world.leaves {
            assert_eq!(leaf.received + leaf.consumed, leaf.amount);
        }
    }
}

#[test]
fn broken_consumption_is_found() {
    // A successor that waits for no notice.
    let no_notice: Step = |world, signer, action| {
        let mut before = world.clone();
        if let (Move::Consume(..), Some(plan)) = (action, &mut before.restoration) {
            plan.counted_ts = i64::MIN;
        }
        let mut after = before.step(signer, action)?;
        if let (Move::Consume(..), Some(plan), Some(old)) = (action, &mut after.restoration, &world.restoration) {
            plan.counted_ts = old.counted_ts;
        }
        Ok(after)
    };
    // One that does not ask what the owner wishes.
    let no_wish: Step = |world, signer, action| {
        let mut before = world.clone();
        if matches!(action, Move::Consume(..)) {
            before.wishes.clear();
        }
        let mut after = before.step(signer, action)?;
        if matches!(action, Move::Consume(..)) {
            after.wishes.clone_from(&world.wishes);
        }
        Ok(after)
    };
    // A batch that ends at the first leaf it cannot pay.
    let gives_up: Step = |world, signer, action| match action {
        Move::ClaimBatch(0, 2) => world.step(signer, Move::ClaimBatch(0, 1)),
        _ => world.step(signer, action),
    };
    // A consumption that is not written down.
    let forgets: Step = |world, signer, action| {
        let mut after = world.step(signer, action)?;
        if let Move::Consume(number, _) = action {
            after.leaves[number].paid = world.leaves[number].paid;
        }
        Ok(after)
    };
    for broken in [no_notice, no_wish, gives_up, forgets] {
        assert!(explore(broken).is_err());
    }
}
