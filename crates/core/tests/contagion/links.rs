//! One link: what it carries, for how long, and what ends it.

use super::*;

#[test]
fn a_link_that_cannot_work_is_refused() {
    let sound = link(SCOPE_DOMAIN, action::ALL, 1, 0);
    assert_eq!(contagion::check(&sound), Ok(()));
    for (changed, error) in [
        (
            Link {
                upstream: key(1),
                ..sound
            },
            CoreError::LinkedToItself,
        ),
        (
            Link {
                upstream_board: key(2),
                ..sound
            },
            CoreError::LinkedToItself,
        ),
        (
            Link {
                upstream_scope: 64,
                ..sound
            },
            CoreError::CompartmentOutOfRange,
        ),
        (
            Link {
                upstream_scope: 254,
                ..sound
            },
            CoreError::CompartmentOutOfRange,
        ),
        (
            Link {
                upstream_mask: 0,
                ..sound
            },
            CoreError::ArgumentOutOfRange,
        ),
    ] {
        assert_eq!(contagion::check(&changed), Err(error));
    }
    // Switched off it may be.
    assert_eq!(
        contagion::check(&Link {
            compartments: 0,
            ..sound
        }),
        Ok(())
    );
}

#[test]
fn what_the_upstream_closed_itself_is_carried_and_nothing_else() {
    let (now, ours) = (START, council());
    let carried = |link: &Link, board: &PauseBoard| contagion::carried(link, board, &ours, now);
    let any = link(3, action::ALL, 1, 0);
    let mut upstream = open_board();
    assert_eq!(carried(&any, &upstream), None);

    upstream.rows[3].linked = action::ALL;
    upstream.rows[3].linked_until = now + HOUR;
    assert_eq!(carried(&any, &upstream), None, "a linked pause goes no further");
    upstream.grace_until = now + HOUR;
    upstream.rows[4].freeze = action::ALL;
    assert_eq!(
        carried(&any, &upstream),
        None,
        "neither a grace period nor another compartment"
    );

    upstream.rows[3].guardian_pause = action::TRADE;
    upstream.rows[3].guardian_pause_until = now;
    assert_eq!(carried(&any, &upstream), None, "it has lapsed");
    upstream.rows[3].guardian_pause_until = now + 1;
    let default = Carried {
        mask: action::DEFAULT_EMERGENCY,
        until: now + 1,
    };
    assert_eq!(carried(&any, &upstream), Some(default));
    let own = link(3, action::ALL, 1, action::BORROW);
    assert_eq!(
        carried(&own, &upstream).map(|carried| carried.mask),
        Some(action::BORROW)
    );
    assert_eq!(
        carried(&link(3, action::WITHDRAW, 1, 0), &upstream),
        None,
        "not counted"
    );
    assert_eq!(carried(&link(SCOPE_DOMAIN, action::ALL, 1, 0), &upstream), None);
    assert_eq!(carried(&link(3, action::ALL, 0, 0), &upstream), None, "switched off");

    upstream.domain_row.trip = action::TRADE | action::WITHDRAW;
    upstream.domain_row.trip_until = now + 9;
    let until = |link: &Link, board: &PauseBoard| carried(link, board).map(|carried| carried.until);
    assert_eq!(until(&any, &upstream), Some(now + 9), "the latest of those that count");
    assert_eq!(
        until(&link(SCOPE_DOMAIN, action::WITHDRAW, 1, 0), &upstream),
        Some(now + 9)
    );
    upstream.rows[3].freeze = action::CLAIM;
    assert_eq!(
        until(&link(3, action::TRADE, 1, 0), &upstream),
        Some(now + 9),
        "a freeze that does not count"
    );
    assert_eq!(until(&any, &upstream), Some(now + TRIP));
}

#[test]
fn linking_never_shortens_and_says_whether_it_tightened() {
    let mut board = open_board();
    let bits = 1 << 3 | 1 << 63;
    assert!(board::link(&mut board, bits, action::TRADE, START + 10, 7, START));
    assert_eq!(board.linked_slot, 7);
    let before = board;
    for (mask, until) in [(action::TRADE, START + 10), (action::TRADE, START + 9), (0, START + 10)] {
        assert!(!board::link(&mut board, bits, mask, until, 8, START));
        assert_eq!(bytemuck::bytes_of(&board), bytemuck::bytes_of(&before));
    }
    assert!(!board::link(&mut board, 0, action::ALL, START + 99, 8, START));
    assert!(board::link(&mut board, bits, action::BORROW, START + 5, 9, START));
    assert_eq!(board.rows[3].linked, action::TRADE | action::BORROW);
    assert_eq!(board.rows[63].linked_until, START + 10);
    assert!(board::link(
        &mut board,
        1 << 3,
        action::SETTLE,
        START + 20,
        10,
        START + 10
    ));
    assert_eq!(
        board.rows[3].linked,
        action::SETTLE,
        "what had lapsed does not come back"
    );
    assert_eq!((board.epoch, board.linked_slot), (0, 10));
}

#[test]
fn a_proposal_unpauses_what_was_linked_before_it_and_nothing_since() {
    let mut board = open_board();
    board::link(&mut board, 1, action::TRADE, START + HOUR, 100, START);
    board::guardian_pause(&mut board, 0, action::BORROW, START + HOUR, At { slot: 50, now: START })
        .expect("a compartment");
    for (proposed, left) in [(99, action::TRADE), (100, action::TRADE), (101, 0)] {
        let mut unpaused = board;
        board::unpause(&mut unpaused, proposed);
        assert_eq!(closed(&unpaused, 0, START), left, "proposed in slot {proposed}");
        let mut reopened = board;
        board::reopen(&mut reopened, proposed, 5_000, 0);
        assert_eq!(closed(&reopened, 0, START), left, "proposed in slot {proposed}");
    }
}

#[test]
fn a_linked_pause_keeps_no_incident_open() {
    let mut board = open_board();
    board::link(&mut board, u64::MAX, action::ALL, i64::MAX, 1, START);
    assert!(!board::is_timed_pause_in_force(&board, START));
}

#[test]
fn a_view_says_when_something_opens_by_itself() {
    let mut board = open_board();
    let view = |board: &PauseBoard, compartment, now| {
        let data = [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(board)].concat();
        board::view(&data, board, compartment, now)
    };
    let seen = |board: &PauseBoard, now| view(board, 2, now).map(|view| (view.mask, view.until));
    assert_eq!(seen(&board, START), Ok((0, 0)));
    assert!(view(&board, 64, START).is_err());
    board.domain_row.freeze = action::TRADE;
    assert_eq!(seen(&board, START), Ok((action::TRADE, 0)), "a freeze has no end");
    board.domain_row.trip = action::TRADE;
    board.domain_row.trip_until = START + 5;
    assert_eq!(
        seen(&board, START),
        Ok((action::TRADE, 0)),
        "nothing opens when the trip lapses"
    );
    board.rows[2].linked = action::BORROW;
    board.rows[2].linked_until = START + 9;
    board.rows[2].guardian_pause = action::SETTLE;
    board.rows[2].guardian_pause_until = START + 7;
    board.grace_until = START + 8;
    let all = action::TRADE | action::BORROW | action::SETTLE | action::LIQUIDATE;
    assert_eq!(seen(&board, START), Ok((all, START + 7)));
    assert_eq!(seen(&board, START + 7), Ok((all & !action::SETTLE, START + 8)));
    assert_eq!(seen(&board, START + 8), Ok((action::TRADE | action::BORROW, START + 9)));
    assert_eq!(seen(&board, START + 9), Ok((action::TRADE, 0)));
    board.domain_row.ramp_bps = 2_500;
    assert_eq!(view(&board, 2, START).map(|view| view.ramp_bps), Ok(2_500));
}
