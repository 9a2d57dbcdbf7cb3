//! Vaults, routes, releases, ledgers and emergency actions.

use super::*;

#[test]
fn vaults_are_evacuated_and_not_rerouted() {
    let world = World::new();
    let vault = key(11);
    let evacuated = tightens(&world, |world| {
        (world.vaults[0].1.state, world.vaults[0].1.evacuated_slot) = (vault_state::EVACUATED, SLOT);
        world.vaults[0].1.evacuations = 1;
    });
    for change in [
        |world: &mut World| world.vaults[0].1.state = vault_state::ACTIVE,
        |world: &mut World| world.vaults[0].1.evacuated_slot = 0,
        |world: &mut World| world.board.unpaused_slot = SLOT + 1,
        |world: &mut World| world.vaults[0].1.evacuations = 0,
        |world: &mut World| world.vaults[0].1.route = key(9),
        |world: &mut World| world.vaults[0].1.route_holder = key(9),
        |world: &mut World| world.vaults[0].1.latch.seconds = 1,
        |world: &mut World| world.vaults[0].1.operator = key(9),
        |world: &mut World| world.vaults[0].1.breaker = key(9),
        |world: &mut World| world.vaults[0].1.queue_seconds = 0,
        |world: &mut World| world.vaults.clear(),
    ] {
        loosens(&evacuated, change, Loosening::Vault(vault));
    }
}

#[test]
fn the_latch_of_a_route_stays_in_force() {
    let world = World::new();
    let latched = tightens(&world, |world| {
        let latch = &mut world.vaults[0].1.latch;
        (latch.until, latch.slot) = (NOW + 100, SLOT);
    });
    for change in [
        |world: &mut World| world.vaults[0].1.latch.until = NOW,
        |world: &mut World| world.vaults[0].1.latch.until -= 1,
        |world: &mut World| world.board.unpaused_slot = SLOT + 1,
    ] {
        loosens(&latched, change, Loosening::Latch(key(11)));
    }
}

#[test]
fn a_release_waits_its_time_and_is_paid_once() {
    let world = World::new();
    let release = key(12);
    let cancelled = tightens(&world, |world| world.releases[0].1.state = release_state::CANCELLED);
    tightens(&world, |world| world.releases[0].1.paid = 20);
    tightens(&world, |world| world.releases.clear());
    for change in [
        |release: &mut Release| release.payable_ts -= 1,
        |release: &mut Release| release.amount += 1,
        |release: &mut Release| release.destination = key(9),
        |release: &mut Release| release.owner = key(9),
        |release: &mut Release| release.evacuations += 1,
        |release: &mut Release| release.state = release_state::QUEUED,
    ] {
        loosens(
            &cancelled,
            |world| change(&mut world.releases[0].1),
            Loosening::Release(release),
        );
    }
    // What was stopped is queued again where its vault pays again, and nowhere else.
    let stopped = tightens(&world, |world| world.vaults[0].1.evacuations = 1);
    tightens(&stopped, |world| world.releases[0].1.evacuations = 1);
    for (state, evacuations) in [(vault_state::EVACUATED, 1), (vault_state::ACTIVE, 2)] {
        let mut closed = stopped.clone();
        (closed.vaults[0].1.state, closed.vaults[0].1.evacuated_slot) = (state, u64::MAX);
        loosens(
            &closed,
            |world| world.releases[0].1.evacuations = evacuations,
            Loosening::Release(release),
        );
    }
    let queued = |payable_ts| {
        move |world: &mut World| {
            let record = Release {
                payable_ts,
                ..world.releases[0].1
            };
            world.releases.push((key(40), record));
        }
    };
    tightens(&world, queued(NOW + 24 * HOUR));
    loosens(&world, queued(NOW + 24 * HOUR - 1), Loosening::Release(key(40)));
}

#[test]
fn ledgers_do_not_change() {
    let world = World::new();
    loosens(
        &world,
        |world| world.ledgers[0].1.owner_offset = 1,
        Loosening::Ledger(key(13)),
    );
    loosens(&world, |world| world.ledgers.clear(), Loosening::Ledger(key(13)));
}

#[test]
fn emergency_actions_do_not_change() {
    let world = World::new();
    loosens(
        &world,
        |world| world.emergency_actions[0].1.instruction_hash[0] = 1,
        Loosening::EmergencyAction(key(18)),
    );
    loosens(
        &world,
        |world| world.emergency_actions.clear(),
        Loosening::EmergencyAction(key(18)),
    );
}
