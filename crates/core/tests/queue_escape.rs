//! The escape stops a queue: when, whose, and what comes of it.

use bulkhead_core::{
    CoreError,
    acts::{At, Queue, evacuate, evacuated, is_cancellation_over, requeue_release},
    custody::{
        is_active,
        migration::{self, Moved},
        queue_ledger,
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{CANCEL_SECONDS, VERSION, incident_state, migration_state, phase, route_fault, step, vault_state},
    layout::{Domain, Incident, Ledger, Migration, Release, Vault},
};
use bytemuck::Zeroable;

const DOMAIN: Pubkey = key(1);
const VAULT: Pubkey = key(2);
const INCIDENT: Pubkey = key(3);
const ROUTE: Pubkey = key(4);
const MINT: Pubkey = key(6);
const FROZEN: i64 = 1_000;
const ESCAPE: i64 = 100_000;
const DUE: i64 = FROZEN + ESCAPE;
const FREEZE_SLOT: u64 = 50;
/// A move of all that the vault holds.
const EVERYTHING: Moved = Moved {
    before: 1_000,
    sent: 1_000,
    received: 1_000,
    fee: 0,
    after: 0,
};

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

#[derive(Clone)]
struct World {
    domain: Domain,
    incident: Incident,
    vault: Vault,
    ledger: Ledger,
    migration: Option<Migration>,
    now: i64,
}

/// A frozen domain whose escape is due and whose guardians confirmed nothing. The queue is owed 300 of 1,000.
fn world() -> World {
    let domain = Domain {
        version: VERSION,
        state: phase::FROZEN,
        open_incident: INCIDENT,
        escape_seconds: ESCAPE,
        frozen_ts: FROZEN,
        ..Domain::zeroed()
    };
    let mut incident = Incident {
        version: VERSION,
        domain: DOMAIN,
        state: incident_state::OPEN,
        ..Incident::zeroed()
    };
    (incident.steps[step::FREEZE].slot, incident.steps[step::FREEZE].ts) = (FREEZE_SLOT, FROZEN);
    let mut vault = Vault {
        version: VERSION,
        domain: DOMAIN,
        mint: MINT,
        queued: 300,
        ..Vault::zeroed()
    };
    let mut ledger = Ledger {
        version: VERSION,
        domain: DOMAIN,
        ..queue_ledger::layout(7, &VAULT, &MINT)
    };
    queue_ledger::join((&VAULT, &mut vault), &mut ledger).expect("of this vault");
    World {
        domain,
        incident,
        vault,
        ledger,
        migration: None,
        now: DUE,
    }
}

impl World {
    fn evacuate(&mut self) -> Result<u64, CoreError> {
        let queue = Queue {
            key: &VAULT,
            vault: &mut self.vault,
            ledger: Some(&mut self.ledger),
        };
        evacuate(
            &self.domain,
            self.migration.as_ref(),
            (&INCIDENT, &self.incident),
            queue,
            (&ROUTE, route_fault::NONE, 0),
            1_000,
            self.now,
        )
    }

    fn confirm(&mut self, ts: i64) {
        self.migration = Some(Migration {
            version: VERSION,
            domain: DOMAIN,
            incident: INCIDENT,
            state: migration_state::ACTIVE,
            ..Migration::zeroed()
        });
        (
            self.incident.steps[step::EVACUATION].slot,
            self.incident.steps[step::EVACUATION].ts,
        ) = (60, ts);
    }
}

/// What custody is refunded with stays for the reopening, or whoever cranks again could keep the domain closed forever.
#[test]
fn nobody_moves_a_refund_once_a_state_was_chosen() {
    let mut world = world();
    world.confirm(DUE - 10);
    world.vault.route = ROUTE;
    let at = At { slot: 65, now: DUE };
    // The escape is not due: it would refuse this route.
    world.now = DUE - 1;
    assert_eq!(world.evacuate(), Ok(1_000));
    evacuated(&mut world.incident, &mut world.vault, &EVERYTHING, at).expect("adds up");
    assert_eq!(world.evacuate(), Ok(1_000), "deposits of before the choice are moved");
    evacuated(&mut world.incident, &mut world.vault, &EVERYTHING, at).expect("adds up");
    world.incident.steps[step::RESTORATION] = world.incident.steps[step::FREEZE];
    assert_eq!(world.evacuate(), Err(CoreError::NothingToMove));
    // A vault that nobody moved before the choice is moved after it, once.
    let mut late = self::world();
    late.confirm(DUE - 10);
    late.vault.route = ROUTE;
    late.now = DUE - 1;
    late.incident.steps[step::RESTORATION] = late.incident.steps[step::FREEZE];
    assert_eq!(late.evacuate(), Ok(1_000));
    evacuated(&mut late.incident, &mut late.vault, &EVERYTHING, at).expect("adds up");
    assert_eq!(late.evacuate(), Err(CoreError::NothingToMove));
}

#[test]
fn a_queue_is_stopped_once_the_escape_is_due_and_nothing_moves() {
    let mut world = world();
    assert_eq!(world.evacuate(), Ok(0));
    assert_eq!(
        (world.vault.evacuations, world.vault.evacuation.incident),
        (1, INCIDENT)
    );
    assert_eq!(
        (world.vault.state, world.vault.evacuated_slot),
        (vault_state::EVACUATED, FREEZE_SLOT)
    );
    assert_eq!((world.ledger.queue_until, world.ledger.queue_reserve), (1, 300));
    assert_eq!(world.vault.queued, 300, "it is owed as before");
    let stopped = world.vault;
    assert_eq!(world.evacuate(), Err(CoreError::EvacuationNotConfirmed), "once");
    assert_eq!(bytemuck::bytes_of(&world.vault), bytemuck::bytes_of(&stopped));
}

#[test]
fn nobody_stops_a_queue_before_or_of_another_incident_or_a_vault_without_one() {
    let changes: [fn(&mut World); 8] = [
        |world| world.now = DUE - 1,
        |world| world.domain.escape_seconds = 0,
        |world| world.domain.state = phase::OPERATING,
        |world| world.domain.open_incident = key(9),
        |world| world.incident.state = incident_state::CLOSED,
        |world| world.incident.domain = key(9),
        |world| world.vault.flags = 0,
        |world| {
            world.migration = Some(Migration {
                version: VERSION,
                domain: DOMAIN,
                incident: INCIDENT,
                ..Migration::zeroed()
            });
            world.now = DUE - 1;
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut world = world();
        change(&mut world);
        let before = (world.vault, world.ledger);
        assert_eq!(world.evacuate(), Err(CoreError::EvacuationNotConfirmed), "{number}");
        assert_eq!(
            bytemuck::bytes_of(&world.vault),
            bytemuck::bytes_of(&before.0),
            "{number}"
        );
        assert_eq!(
            bytemuck::bytes_of(&world.ledger),
            bytemuck::bytes_of(&before.1),
            "{number}"
        );
    }
    let mut other = world();
    other.ledger.total_account = key(9);
    assert_eq!(other.evacuate(), Err(CoreError::ForeignAccount), "another's ledger");
}

/// Guardians who have confirmed the evacuation to a place that the escape does not reach keep no queue from being restored.
#[test]
fn a_route_that_the_escape_refuses_is_no_way_to_keep_a_queue_going() {
    let mut world = world();
    world.confirm(DUE - 10);
    (world.vault.route, world.vault.route_holder) = (ROUTE, key(8));
    assert_eq!(world.evacuate(), Ok(0), "stopped, and not moved");
    assert_eq!(world.ledger.queue_reserve, 300);
    assert_eq!(world.evacuate(), Err(CoreError::EscapeDue));
    world.vault.route_holder = DOMAIN;
    assert_eq!(world.evacuate(), Ok(1_000), "to the domain's own it is moved as ever");
    assert_eq!((world.vault.evacuations, world.vault.evacuated_slot), (1, 60));
}

#[test]
fn guardians_have_a_day_from_the_evacuation_or_else_from_the_freeze() {
    let mut world = world();
    let over = |world: &World, now| is_cancellation_over(&world.incident, now);
    assert!(!over(&world, FROZEN + CANCEL_SECONDS - 1));
    assert!(over(&world, FROZEN + CANCEL_SECONDS));
    world.confirm(DUE);
    assert!(!over(&world, DUE + CANCEL_SECONDS - 1));
    assert!(over(&world, DUE + CANCEL_SECONDS));
    let calm = Incident {
        version: VERSION,
        ..Incident::zeroed()
    };
    assert!(!is_cancellation_over(&calm, i64::MAX), "nothing was frozen");
}

/// Custody has kept what a queue is owed that was stopped without a token moving: it pays it, whatever else was restored.
#[test]
fn what_was_stopped_and_never_moved_comes_back_to_the_queue() {
    for (is_confirmed, moves) in [(false, false), (true, false), (true, true)] {
        let mut world = world();
        if is_confirmed {
            world.confirm(DUE - 10);
        }
        assert!(world.evacuate().is_ok());
        let moved = if moves { EVERYTHING } else { migration::nothing() };
        let at = At { slot: 65, now: DUE };
        evacuated(&mut world.incident, &mut world.vault, &moved, at).expect("adds up");
        world.incident.steps[step::RESTORATION] = world.incident.steps[step::FREEZE];
        let mut release = Release {
            version: VERSION,
            vault: VAULT,
            amount: 300,
            ..Release::zeroed()
        };
        let requeue = |world: &World, release: &mut Release, balance, unpaused| {
            requeue_release(
                (&VAULT, &world.vault),
                (&INCIDENT, &world.incident),
                Some(&world.ledger),
                release,
                balance,
                unpaused,
            )
        };
        assert_eq!(
            requeue(&world, &mut release, 1_000, FREEZE_SLOT),
            Err(CoreError::VaultEvacuated),
            "no unpause knew of the freeze"
        );
        if moves {
            assert_eq!(requeue(&world, &mut release, 1_000, 70), Err(CoreError::OthersRestored));
        } else {
            assert_eq!(requeue(&world, &mut release, 299, 70), Err(CoreError::QueueNotCovered));
            assert_eq!(requeue(&world, &mut release, 300, 70), Ok(()));
            assert_eq!(release.evacuations, 1);
            assert!(is_active(&world.vault, 70), "and the vault pays");
        }
    }
}
