//! Pauses, links, ramps and phases.

use super::*;

#[test]
fn pausing_tightens_and_unpausing_loosens() {
    let open = World::new();
    let paused = tightens(&open, |world| {
        board::guardian_pause(&mut world.board, 3, action::TRADE, NOW + HOUR, AT).expect("in range");
    });
    let tripped = tightens(&paused, |world| {
        board::trip(&mut world.board, SCOPE_DOMAIN, action::WITHDRAW, NOW + 9, SLOT, NOW).expect("in range");
    });
    let held = tightens(&tripped, |world| board::freeze(&mut world.board, SLOT));
    loosens(
        &held,
        |world| board::unpause(&mut world.board, SLOT + 1),
        Loosening::Mask(0),
    );
    loosens(
        &paused,
        |world| world.board.rows[3].guardian_pause = 0,
        Loosening::Mask(3),
    );
    // Not open yet, but sooner than before.
    loosens(
        &paused,
        |world| world.board.rows[3].guardian_pause_until -= 1,
        Loosening::Mask(3),
    );
    loosens(
        &tripped,
        |world| world.board.domain_row.trip_until = NOW + 1,
        Loosening::Mask(0),
    );
    tightens(&held, |world| board::unpause(&mut world.board, SLOT));
    // A proposal from before would take it away.
    loosens(
        &tripped,
        |world| world.board.domain_row.trip_slot[0] -= 1,
        Loosening::Board,
    );
    loosens(&paused, |world| world.board.guardian_pause_slot -= 1, Loosening::Board);
    loosens(&held, |world| world.board.frozen_slot -= 1, Loosening::Board);
    loosens(&paused, |world| world.board.epoch -= 1, Loosening::Board);
    loosens(&paused, |world| world.board.version = 2, Loosening::Board);
}

#[test]
fn a_linked_pause_tightens_and_ending_it_early_loosens() {
    let open = World::new();
    let linked = tightens(&open, |world| {
        assert!(board::link(
            &mut world.board,
            1 << 3,
            action::TRADE,
            NOW + HOUR,
            SLOT,
            NOW
        ));
    });
    loosens(&linked, |world| world.board.rows[3].linked = 0, Loosening::Mask(3));
    loosens(&linked, |world| world.board.linked_slot -= 1, Loosening::Board);
    loosens(
        &linked,
        |world| world.board.rows[3].linked_until -= 1,
        Loosening::Mask(3),
    );
    tightens(&linked, |world| world.board.rows[3].linked_until += 1);
    // An unpause by a proposal that did not know of it opens nothing.
    tightens(&linked, |world| board::unpause(&mut world.board, SLOT));
}

#[test]
fn links_do_not_change() {
    let world = World::new();
    loosens(
        &world,
        |world| world.links[0].1.compartments = 1,
        Loosening::Link(key(17)),
    );
    loosens(&world, |world| world.links.clear(), Loosening::Link(key(17)));
    loosens(
        &world,
        |world| world.links.push((key(18), Link::zeroed())),
        Loosening::Link(key(18)),
    );
}

#[test]
fn stages_and_grace_do_not_loosen_unnoticed() {
    let mut staged = World::new();
    board::reopen(&mut staged.board, SLOT - 1, 2_500, NOW + HOUR);
    loosens(
        &staged,
        |world| world.board.domain_row.ramp_bps = BPS,
        Loosening::Stage(0),
    );
    loosens(&staged, |world| world.board.grace_until = 0, Loosening::Mask(0));
    tightens(&staged, |world| world.board.rows[9].ramp_bps = 100);
}

#[test]
fn phases_go_one_way() {
    let with = |state| {
        let mut world = World::new();
        world.domain.state = state;
        world
    };
    let (setup, operating, alert) = (with(phase::SETUP), with(phase::OPERATING), with(phase::ALERT));
    let (held, recovering) = (with(phase::FROZEN), with(phase::RECOVERING));
    for (before, after) in [
        (&setup, &operating),
        (&operating, &alert),
        (&alert, &operating),
        (&alert, &held),
        (&recovering, &held),
    ] {
        assert_eq!(compare(before, after), None);
        let back = compare(after, before);
        assert!(back.is_none() == (openly_equal(before) && openly_equal(after)));
    }
    for after in [&operating, &alert, &recovering, &setup] {
        assert_eq!(compare(&held, after), Some(Loosening::Domain));
    }
    loosens(&held, |world| world.domain.open_incident = key(9), Loosening::Domain);
    loosens(&operating, |world| world.domain.restoration = key(9), Loosening::Domain);
    tightens(&operating, |world| world.domain.open_incident = key(9));
}
