//! What the host does for the domain: evacuations of what it keeps itself, and emergency builds, in the machine.

use std::{collections::BTreeSet, rc::Rc};

use bulkhead_core::{
    CoreError,
    acts::{self, At, DirectSource, Route},
    machine::{Action, HostAction, Keys, State},
};
use bulkhead_interface::{
    Pubkey,
    constants::{build_state, incident_state, migration_state, phase, role, watch_flag, watch_kind},
    layout::{AuthorityWatch, Council, DirectVault, Domain, HostProgram, Incident, Migration, PauseBoard},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const BUILD: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];
const HELD: u64 = 1_000;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn keys() -> Keys {
    Keys {
        domain: key(9),
        incidents: vec![(key(50), 0), (key(51), 0)],
        migrations: vec![(key(60), 0), (key(61), 0)],
        ..Keys::default()
    }
}

/// Three guardians, two of whom confirm, and an approver; a direct vault, and a program with an emergency build.
fn state(of: u8) -> State {
    let mut council = Council::zeroed();
    (
        council.member_count,
        council.freeze_threshold,
        council.heartbeat_seconds,
    ) = (4, 2, 1 << 40);
    for number in 1..=4 {
        let member = &mut council.members[usize::from(number) - 1];
        (member.key, member.last_active_ts) = (key(number), 1);
        member.roles = if number < 4 { role::GUARDIAN } else { role::APPROVER };
    }
    let domain = Domain {
        state: of,
        open_incident: key(50),
        ..Domain::zeroed()
    };
    let at = At { slot: 100, now: 1_000 };
    let mut state = State::new(at, domain, council, PauseBoard::zeroed(), vec![]);
    let incident = Incident {
        state: incident_state::OPEN,
        domain: key(9),
        ..Incident::zeroed()
    };
    Rc::make_mut(&mut state.incidents).push(incident);
    Rc::make_mut(&mut state.custody).migrations.push(Migration {
        state: migration_state::ACTIVE,
        domain: key(9),
        incident: key(50),
        ..Migration::zeroed()
    });
    let vault = DirectVault {
        domain: key(9),
        source: key(20),
        route: key(21),
        least_bps: 9_000,
        ..DirectVault::zeroed()
    };
    let record = HostProgram {
        build_hash: BUILD,
        ..HostProgram::zeroed()
    };
    let host = Rc::make_mut(&mut state.host);
    host.direct_vaults.push((vault, [HELD, 40]));
    host.programs.push((record, OTHER));
    state
}

fn step(state: &State, signer: u8, action: HostAction) -> Result<State, CoreError> {
    state.step(&keys(), &key(signer), &Action::Host(action))
}

// Direct vaults.

proptest! {
    /// Whatever the host does: what is accepted took from the source exactly what it brought, at least the least share,
    /// and the record adds up.
    #[test]
    fn an_accepted_evacuation_adds_up(moves in prop::collection::vec((0..=HELD, 0..=2 * HELD, 0..=HELD, 0..=HELD), 1..6)) {
        let mut state = state(phase::FROZEN);
        let mut brought_in_all = 0;
        for (taken, brought, spent, came) in moves {
            // The host uses its tokens, and gets others, in between.
            {
                let host = Rc::make_mut(&mut state.host);
                let source = &mut host.direct_vaults[0].1[0];
                *source = source.saturating_sub(spent) + came;
            }
            let [before, _] = state.host.direct_vaults[0].1;
            let Ok(next) = step(&state, 4, HostAction::EvacuateDirect(0, taken, brought)) else { continue };
            let (vault, [source, route]) = next.host.direct_vaults[0];
            prop_assert_eq!(source + route, before + state.host.direct_vaults[0].1[1]);
            if before > 0 {
                prop_assert_eq!(taken, brought);
                prop_assert!(brought * 10_000 >= before * 9_000);
                brought_in_all += brought;
            }
            let row = vault.evacuation;
            prop_assert_eq!(row.before, row.moved + row.fee + row.after);
            prop_assert_eq!(row.moved, brought_in_all);
            state = next;
        }
    }
}

#[test]
fn only_a_confirmed_evacuation_of_the_open_incident_moves() {
    let move_all = HostAction::EvacuateDirect(0, HELD, HELD);
    let good = state(phase::FROZEN);
    assert!(step(&good, 4, move_all).is_ok(), "anyone");
    let mut pending = good.clone();
    Rc::make_mut(&mut pending.custody).migrations[0].state = migration_state::PENDING;
    assert_eq!(
        step(&pending, 4, move_all).err(),
        Some(CoreError::EvacuationNotConfirmed)
    );
    let mut closed = good.clone();
    Rc::make_mut(&mut closed.incidents)[0].state = incident_state::CLOSED;
    assert_eq!(step(&closed, 4, move_all).err(), Some(CoreError::IncidentNotOpen));
    let mut foreign = good;
    Rc::make_mut(&mut foreign.custody).migrations[0].domain = key(8);
    assert_eq!(step(&foreign, 4, move_all).err(), Some(CoreError::ForeignAccount));
}

#[test]
fn what_a_direct_vault_cannot_be() {
    let source = DirectSource {
        key: key(20),
        holder: key(30),
        is_own: false,
        is_written: true,
    };
    let route = Route {
        key: key(21),
        holder: key(9),
        is_fit: true,
        is_own: false,
    };
    let register = |source: &DirectSource, route: &Route, bps: u16| {
        let mut vault = DirectVault {
            domain: key(9),
            ..DirectVault::zeroed()
        };
        acts::register_direct_vault(&mut vault, source, route, bps, Some(5))
    };
    assert_eq!(register(&source, &route, 10_000), Ok(()));
    for (source, error) in [
        (
            DirectSource {
                holder: key(9),
                ..source
            },
            CoreError::WrongSource,
        ),
        (DirectSource { is_own: true, ..source }, CoreError::WrongSource),
        (
            DirectSource {
                is_written: false,
                ..source
            },
            CoreError::WrongSource,
        ),
        (DirectSource { key: key(21), ..source }, CoreError::WrongDestination),
    ] {
        assert_eq!(register(&source, &route, 10_000), Err(error));
    }
    for (route, error) in [
        (Route { is_own: true, ..route }, CoreError::WrongDestination),
        (
            Route {
                holder: key(30),
                ..route
            },
            CoreError::WrongDestination,
        ),
        (Route { is_fit: false, ..route }, CoreError::UnfitEvacuationRoute),
    ] {
        assert_eq!(register(&source, &route, 10_000), Err(error));
    }
    for bps in [0, 10_001] {
        assert_eq!(register(&source, &route, bps), Err(CoreError::ArgumentOutOfRange));
    }
}

// Emergency builds.

/// Every play of confirmations, deployments, upgrades, ends of incidents: the code is the emergency build only after two
/// guardians confirmed it in the open incident, and not after governance decided otherwise, knowing of it.
#[test]
fn every_play_deploys_only_what_two_guardians_confirmed() {
    #[derive(Clone)]
    struct Play {
        state: State,
        /// Guardians who confirmed in the open incident, counted independently.
        confirmed: BTreeSet<u8>,
        deployed_here: bool,
    }
    let mut seen = BTreeSet::new();
    let mut open = vec![Play {
        state: state(phase::FROZEN),
        confirmed: BTreeSet::new(),
        deployed_here: false,
    }];
    let mut deployments = 0;
    while let Some(play) = open.pop() {
        let (record, code) = play.state.host.programs[0];
        let relative = (record.decided_slot > record.confirmed_slot, record.confirmed_slot > 0);
        let canon = format!(
            "{} {} {} {relative:?} {code:?} {:?} {} {}",
            record.state,
            record.confirmations,
            record.incident == play.state.domain.open_incident,
            play.confirmed,
            play.deployed_here,
            play.state.domain.open_incident,
        );
        if !seen.insert(canon) {
            continue;
        }
        let mut later = play.clone();
        later.state.at.slot += 1;
        for guardian in 1..=4 {
            for hash in [BUILD, OTHER] {
                let Ok(next) = step(&later.state, guardian, HostAction::ConfirmBuild(0, hash)) else {
                    continue;
                };
                assert!(guardian < 4 && hash == BUILD, "a guardian, of the registered build");
                let mut next = Play {
                    state: next,
                    ..later.clone()
                };
                next.confirmed.insert(guardian);
                open.push(next);
            }
        }
        for hash in [BUILD, OTHER] {
            let Ok(next) = step(&later.state, 4, HostAction::DeployBuild(0, hash)) else {
                continue;
            };
            assert_eq!(hash, BUILD);
            assert!(later.confirmed.len() >= 2, "two guardians, in this incident");
            assert!(!later.deployed_here, "once an incident");
            deployments += 1;
            open.push(Play {
                state: next,
                deployed_here: true,
                ..later.clone()
            });
        }
        // Governance upgrades to other code: by a proposal from before everything, and by one from just now.
        for proposed in [1, later.state.at.slot] {
            let mut next = later.clone();
            let at = next.state.at;
            let (record, code) = &mut Rc::make_mut(&mut next.state.host).programs[0];
            let (was_deployed, confirmed_slot) = (record.state == build_state::DEPLOYED, record.confirmed_slot);
            if acts::upgrade_host(record, &OTHER, &OTHER, Some(proposed), at).is_ok() {
                assert!(
                    !was_deployed || !later.deployed_here || proposed > confirmed_slot,
                    "an old upgrade undid it"
                );
                *code = OTHER;
                open.push(next);
            }
        }
        // The incident ends, and the next begins.
        let mut next = later;
        let domain = Rc::make_mut(&mut next.state.domain);
        domain.open_incident = if domain.open_incident == key(50) {
            key(51)
        } else {
            key(50)
        };
        (next.confirmed, next.deployed_here) = (BTreeSet::new(), false);
        open.push(next);
    }
    assert!(seen.len() > 50 && deployments > 0, "{} states", seen.len());
}

#[test]
fn a_lapsable_pause_confirms_nothing() {
    for of in [phase::SETUP, phase::OPERATING, phase::ALERT] {
        let confirmed = step(&state(of), 1, HostAction::ConfirmBuild(0, BUILD));
        assert_eq!(confirmed.err(), Some(CoreError::WrongPhase));
    }
}

#[test]
fn a_watch_takes_note_only_of_what_was_in_order() {
    let at = At { slot: 100, now: 1 };
    let watch = |slot: u64, flags: u8, kind: u8| {
        let mut watch = AuthorityWatch::zeroed();
        (watch.account, watch.flags, watch.kind, watch.expected.slot) = (key(5), flags, kind, slot);
        watch
    };
    let noted = |mut watch: AuthorityWatch, account: Pubkey, before: u64| {
        acts::note_upgrade(&mut watch, &account, before, at);
        watch.expected.slot
    };
    let upgrades = watch_flag::UPGRADES;
    assert_eq!(noted(watch(7, upgrades, watch_kind::PROGRAM), key(5), 7), 100);
    assert_eq!(
        noted(watch(7, upgrades, watch_kind::PROGRAM), key(5), 8),
        7,
        "somebody else upgraded before"
    );
    assert_eq!(
        noted(watch(7, upgrades, watch_kind::PROGRAM), key(6), 7),
        7,
        "another program"
    );
    assert_eq!(
        noted(watch(0, 0, watch_kind::PROGRAM), key(5), 7),
        0,
        "it does not watch upgrades"
    );
    assert_eq!(noted(watch(7, upgrades, watch_kind::HOST_FIELD), key(5), 7), 7);
}
