//! An upstream's pause is propagated to what is linked, and nothing else is.

use super::*;

/// What of a board is not the linked masks of the linked compartments.
fn all_but_linked(board: &PauseBoard) -> Vec<u8> {
    let mut rest = *board;
    rest.linked_slot = 0;
    for (number, row) in rest.rows.iter_mut().enumerate() {
        if LINKED & 1 << number != 0 {
            *row = BoardRow {
                linked: 0,
                linked_until: 0,
                ..*row
            };
        }
    }
    bytemuck::bytes_of(&rest).to_vec()
}

#[test]
fn an_upstreams_pause_closes_the_linked_compartments_and_touches_nothing_else() {
    let (mut machine, upstream, downstream) = pair();
    pause(&mut machine, &downstream, 0, 7);
    let before = downstream.board(&machine);
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    let until = now(&machine) + GUARDIAN_PAUSE;
    machine.warp_seconds(HOUR);
    must_crank(&mut machine, &downstream, &upstream);

    let after = downstream.board(&machine);
    assert_eq!(all_but_linked(&after), all_but_linked(&before));
    for (number, row) in after.rows.iter().enumerate() {
        let expected = if LINKED & 1 << number == 0 {
            (0, 0)
        } else {
            (DEFAULT_EMERGENCY, until)
        };
        assert_eq!((row.linked, row.linked_until), expected, "compartment {number}");
    }
    let state = downstream.state(&machine);
    assert_eq!(
        (state.state, state.incident_count),
        (phase::OPERATING, 0),
        "the emergency is the upstream's"
    );

    machine.warp_seconds(until - now(&machine) - 1);
    assert_eq!(mask(&machine, &downstream, 63), DEFAULT_EMERGENCY);
    machine.warp_seconds(1);
    assert_eq!(mask(&machine, &downstream, 63), 0, "it ends when it ends upstream");
    assert_eq!(mask(&machine, &upstream, 0), 0);
}

#[test]
fn a_linked_vault_pays_nothing_until_the_link_lapses() {
    let (mut machine, upstream, downstream) = pair();
    let user = receiver(&mut machine, &downstream, "user");
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    let is_paid = |machine: &mut Machine| {
        let answer = downstream.release(machine, user, 10, 0);
        answer.is_ok_and(|outcome| outcome.return_data == [verdict::ALLOWED])
    };
    assert!(!is_paid(&mut machine));
    assert_eq!(machine.balance(&user), 0);
    machine.warp_seconds(GUARDIAN_PAUSE);
    assert!(is_paid(&mut machine));
    assert_eq!(machine.balance(&user), 10);
}

#[test]
fn only_the_scope_and_the_actions_that_count_are_carried() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[]);
    let [upstream, downstream, _] = &all[..] else {
        unreachable!()
    };
    let args = SetLinkArgs {
        upstream_scope: 3,
        upstream_mask: action::WITHDRAW,
        mask: action::BORROW,
        ..link_args(upstream)
    };
    let authority = downstream.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    downstream.must(&mut machine, &[ix::set_link(authority, payer, args)], &[]);

    let guardian = &upstream.members[0];
    for (scope, closed) in [(4, action::WITHDRAW), (3, action::TRADE)] {
        let pause = ix::pause(upstream.domain, guardian.pubkey(), scope, closed);
        upstream.must(&mut machine, &[pause], &[guardian]);
        refused(
            crank(&mut machine, downstream, upstream),
            BulkheadError::NothingToPropagate,
        );
    }
    let pause = ix::pause(upstream.domain, guardian.pubkey(), 3, action::WITHDRAW);
    upstream.must(&mut machine, &[pause], &[guardian]);
    must_crank(&mut machine, downstream, upstream);
    assert_eq!(mask(&machine, downstream, 5), action::BORROW);
}

#[test]
fn nobody_closes_anything_without_the_upstreams_pause_and_no_crank_does_twice() {
    let (mut machine, upstream, downstream) = pair();
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    let closed = downstream.board(&machine);
    for _ in 0..5 {
        machine.warp_seconds(HOUR);
        refused(
            crank(&mut machine, &downstream, &upstream),
            BulkheadError::AlreadyPropagated,
        );
        assert_eq!(
            bytemuck::bytes_of(&downstream.board(&machine)),
            bytemuck::bytes_of(&closed)
        );
    }
    machine.warp_seconds(HOUR);
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    // A second pause upstream is a second reason.
    pause(&mut machine, &upstream, 1, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
    assert_eq!(
        downstream.board(&machine).rows[5].linked_until,
        now(&machine) + GUARDIAN_PAUSE
    );
}

/// A board that says what the thief wants: forged outright, another domain's, or the domain's own.
#[test]
fn only_the_pinned_upstream_board_counts() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[(1, 0)]);
    let [upstream, downstream, other] = &all[..] else {
        unreachable!()
    };
    pause(&mut machine, other, 0, SCOPE_DOMAIN);
    pause(&mut machine, downstream, 0, SCOPE_DOMAIN);
    let with = |board| {
        let mut crank = ix::propagate_contagion(downstream.domain, upstream.domain);
        crank.accounts[3].pubkey = board;
        crank
    };
    let paused = machine.account(&pda::board(&other.domain)).expect("it exists");
    let forged = keypair("forged board").pubkey();
    machine.write_account(&forged, paused.clone());
    for board in [pda::board(&other.domain), pda::board(&downstream.domain), forged] {
        refused(machine.send(&[with(board)], &[]), BulkheadError::WrongBoard);
    }
    // At the right address, but not Bulkhead's.
    let mut foreign = paused;
    foreign.owner = other.host_program;
    machine.write_account(&pda::board(&upstream.domain), foreign);
    let failure = crank(&mut machine, downstream, upstream).expect_err("another program's account");
    assert_eq!(
        failure.code(),
        Some(3007),
        "owned by a different program: {}",
        failure.error
    );
    assert!(downstream.board(&machine).rows.iter().all(|row| row.linked == 0));
}

#[test]
fn a_view_is_what_the_guard_reads() {
    let (mut machine, protocol) = world();
    let open = MaskView {
        mask: 0,
        ramp_bps: 10_000,
        until: 0,
    };
    assert_eq!(view(&mut machine, &protocol, 3), open);
    pause(&mut machine, &protocol, 0, 3);
    let paused = MaskView {
        mask: DEFAULT_EMERGENCY,
        until: now(&machine) + GUARDIAN_PAUSE,
        ..open
    };
    assert_eq!(view(&mut machine, &protocol, 3), paused);
    assert_eq!(view(&mut machine, &protocol, 4), open);
    protocol.freeze(&mut machine);
    let held = view(&mut machine, &protocol, 3);
    assert_eq!((held.mask, held.until), (mask(&machine, &protocol, 3), 0));
    let ask = ix::view_mask(protocol.domain, 64);
    refused(machine.send(&[ask], &[]), BulkheadError::CompartmentOutOfRange);
    let mut ask = ix::view_mask(protocol.domain, 3);
    ask.accounts[0].pubkey = protocol.domain;
    assert!(machine.send(&[ask], &[]).is_err());
}
