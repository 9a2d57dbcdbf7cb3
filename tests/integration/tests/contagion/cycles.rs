//! Domains that depend on each other do not keep each other closed.

use super::*;

/// Two domains that depend on each other must not keep each other closed.
#[test]
fn a_cycle_of_two_ends_with_its_origin() {
    let (mut machine, all) = domains(&["a", "b"], &[(0, 1), (1, 0)]);
    let [a, b] = &all[..] else { unreachable!() };
    pause(&mut machine, a, 0, SCOPE_DOMAIN);
    let until = now(&machine) + GUARDIAN_PAUSE;
    must_crank(&mut machine, b, a);
    for _ in 0..20 {
        machine.warp_seconds(GUARDIAN_PAUSE / 40);
        refused(crank(&mut machine, a, b), BulkheadError::NothingToPropagate);
        refused(crank(&mut machine, b, a), BulkheadError::AlreadyPropagated);
    }
    assert_eq!(b.board(&machine).rows[5].linked_until, until);
    machine.warp_seconds(until - now(&machine));
    for (own, other) in [(a, b), (b, a)] {
        refused(crank(&mut machine, own, other), BulkheadError::NothingToPropagate);
        assert_eq!(mask(&machine, own, 5), 0);
    }
}

#[test]
fn a_ring_of_three_ends_with_its_origin_in_every_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        // a depends on c, b on a, c on b.
        let ring = [(0, 2), (1, 0), (2, 1)];
        let (mut machine, all) = domains(&["a", "b", "c"], &ring);
        pause(&mut machine, &all[0], 0, SCOPE_DOMAIN);
        let until = now(&machine) + GUARDIAN_PAUSE;
        let mut carried = 0;
        for _ in 0..8 {
            for edge in order {
                let (own, upstream) = ring[edge];
                carried += usize::from(crank(&mut machine, &all[own], &all[upstream]).is_ok());
            }
            machine.warp_seconds(GUARDIAN_PAUSE / 10);
        }
        assert_eq!(carried, 1, "only from a to b, once");
        for domain in &all {
            let board = domain.board(&machine);
            assert!(board.rows.iter().all(|row| row.linked_until <= until));
        }
        assert_eq!(
            all[2].board(&machine).rows[5].linked,
            0,
            "c depends on b, which decided nothing"
        );
        machine.warp_seconds(until - now(&machine));
        for (own, upstream) in ring {
            let crank = crank(&mut machine, &all[own], &all[upstream]);
            refused(crank, BulkheadError::NothingToPropagate);
            assert_eq!(mask(&machine, &all[own], 5), 0);
        }
    }
}
