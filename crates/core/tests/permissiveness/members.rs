//! The council: its rights, who is eligible, and how many pauses are left.

use super::*;

pub(super) fn openly_equal(world: &World) -> bool {
    matches!(world.domain.state, phase::OPERATING | phase::ALERT)
}

#[test]
fn set_up_may_do_anything() {
    let mut before = World::new();
    before.domain.state = phase::SETUP;
    board::freeze(&mut before.board, SLOT);
    assert_eq!(compare(&before, &World::new()), None);
}

#[test]
fn a_council_burns_rights_and_changes_in_nothing_else() {
    let world = World::new();
    tightens(&world, |world| world.council.members[1].pause_rights -= 1);
    tightens(&world, |world| world.council.members[1].last_active_ts = NOW);
    for change in [
        |council: &mut Council| council.members[0].pause_rights += 1,
        |council: &mut Council| council.members[0].roles = 7,
        |council: &mut Council| council.members[0].key = key(9),
        |council: &mut Council| council.member_count = 1,
        |council: &mut Council| council.freeze_threshold = 1,
        |council: &mut Council| council.policies[2].delay_seconds = 1,
        |council: &mut Council| council.policies[0].threshold = 5,
        |council: &mut Council| council.default_mask = 0,
        |council: &mut Council| council.guardian_pause_seconds += 1,
        |council: &mut Council| council.config_epoch += 1,
        |council: &mut Council| council.heartbeat_seconds += 1,
        |council: &mut Council| council.fallback = key(30),
        |council: &mut Council| council.fallback_seconds -= 1,
        |council: &mut Council| council.guardian_pauses_per_day += 1,
        |council: &mut Council| council.guardian_pauses_in_a_row += 1,
        // Earlier than it would have, once it is silent.
        |council: &mut Council| council.members[0].active_from_ts -= 1,
    ] {
        loosens(&world, |world| change(&mut world.council), Loosening::Council);
    }
}

#[test]
fn nobody_begins_to_count_at_once_and_the_fallback_does_not_become_due() {
    let mut world = World::new();
    world.council.policies[1].threshold = 1;
    // Silent for two days, and the other one for two weeks.
    world.council.members[0].last_active_ts = NOW - 48 * HOUR;
    world.council.members[1].last_active_ts = NOW - 14 * 24 * HOUR;
    let active = tightens(&world, |world| council::record_activity(&mut world.council, 0, NOW));
    assert!(!council::is_counted(&active.council, &active.council.members[0], NOW));
    for change in [
        |council: &mut Council| council.members[0].last_active_ts = NOW,
        |council: &mut Council| council.members[0].last_active_ts = NOW - 14 * 24 * HOUR,
    ] {
        loosens(&world, |world| change(&mut world.council), Loosening::Council);
    }
}

#[test]
fn pauses_left_under_the_limits_do_not_rise() {
    let mut world = World::new();
    for left in [1, 0] {
        world = tightens(&world, |world| {
            council::guardian_pause(&mut world.council, 0, NOW).expect("one is left");
        });
        assert_eq!(
            council::guardian_pauses_left(&world.council, &world.council.members[0], NOW),
            left
        );
    }
    for change in [
        |council: &mut Council| council.members[0].guardian_pause_day = 0,
        |council: &mut Council| council.members[0].guardian_pauses_today -= 1,
        |council: &mut Council| council.members[0].pause_rights += 1,
    ] {
        loosens(
            &world,
            |world| {
                world.council.members[0].guardian_pauses_in_a_row = 0;
                change(&mut world.council);
            },
            Loosening::Council,
        );
    }
}
