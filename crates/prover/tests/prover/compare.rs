//! A successor that owes what the plan pays, and those that do not.

use bulkhead_prover::{Compared, Error, Role, compare};
use bulkhead_snapshot::Silent;

use super::*;

const POOL: u64 = 60_000;

/// What the plan pays, under other keys and in another order. One payout is 0 and has no account.
fn owed() -> Vec<Position> {
    let total: u64 = positions().iter().map(|position| position.amount).sum();
    let mut owed: Vec<_> = positions()
        .iter()
        .filter_map(|position| {
            let payout = (u128::from(position.amount) * u128::from(POOL) / u128::from(total)) as u64;
            (payout > 0).then_some((position.owner, payout))
        })
        .collect();
    assert_eq!(owed.len(), positions().len() - 1);
    owed.reverse();
    (0..)
        .zip(owed)
        .map(|(number, (owner, amount))| Position {
            key: position(0x11 * number, number, 0, 0).key,
            owner,
            amount,
        })
        .collect()
}

fn compared(successor: &[Position]) -> Result<Compared, Error> {
    let (chosen, successor) = (ledger(5, &positions()), ledger(6, successor));
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = folders.each_ref().map(tempfile::TempDir::path);
    prove_all(first, &plan(&chosen, Some(&successor), POOL), &chosen);
    let plan = plan_as(Role::Successor, &chosen, Some(&successor), POOL);
    prove_all(second, &plan, &successor);
    compare(first, second, &kit().key.verifying, &Silent)
}

fn refused(successor: &[Position]) -> String {
    match compared(successor) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it is accepted"),
    }
}

#[test]
fn a_successor_that_owes_what_is_paid_is_equal_in_any_order() {
    let compared = compared(&owed()).unwrap();
    assert_eq!(compared.chosen.paid, compared.successor.total);
    assert_eq!(compared.successor.leaves + 1, compared.chosen.leaves);
}

#[test]
fn a_successor_with_two_owners_exchanged_is_refused() {
    let mut successor = owed();
    let first = successor[0].owner;
    successor[0].owner = successor[1].owner;
    successor[1].owner = first;
    assert!(refused(&successor).contains("other amounts, or to other owners"));
}

#[test]
fn a_successor_with_one_unit_moved_is_refused() {
    let mut successor = owed();
    successor[0].amount -= 1;
    successor[1].amount += 1;
    assert!(refused(&successor).contains("other amounts, or to other owners"));
}

#[test]
fn a_successor_with_an_account_more_is_refused() {
    let mut successor = owed();
    successor.push(position(0xff, 0xff, 99, 1));
    assert!(refused(&successor).contains("sum is not what the plan pays"));
    // Also where the sum is right.
    successor[0].amount -= 1;
    assert!(refused(&successor).contains("other amounts, or to other owners"));
}

#[test]
fn an_owner_that_differs_in_its_first_four_bits_alone_is_refused() {
    let mut successor = owed();
    let mut owner = successor[0].owner.to_bytes();
    owner[0] ^= 0x10;
    successor[0].owner = owner.into();
    assert!(refused(&successor).contains("other amounts, or to other owners"));
}

#[test]
fn two_runs_have_one_challenge_and_their_parts() {
    let (chosen, successor) = (ledger(5, &positions()), ledger(6, &owed()));
    let folders = [(); 4].map(|()| tempfile::tempdir().unwrap());
    let [first, second, early, elsewhere] = folders.each_ref().map(tempfile::TempDir::path);
    let of_successor = plan_as(Role::Successor, &chosen, Some(&successor), POOL);
    prove_all(first, &plan(&chosen, Some(&successor), POOL), &chosen);
    prove_all(second, &of_successor, &successor);
    let key = &kit().key.verifying;
    let refused = |first, second| compare(first, second, key, &Silent).unwrap_err().to_string();
    assert!(refused(second, first).contains("the first folder is of the chosen state"));
    // Drawn before there was a successor.
    prove_all(early, &plan(&chosen, None, POOL), &chosen);
    assert!(refused(early, second).contains("different challenges"));
    // Another domain's successor.
    let mut foreign = of_successor;
    foreign.subject.domain = [99; 32];
    prove_all(elsewhere, &foreign, &successor);
    assert!(refused(first, elsewhere).contains("different programs, domains or plans"));
}
