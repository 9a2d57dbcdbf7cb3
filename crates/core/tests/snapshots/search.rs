//! Every state within the steps, and what holds of each.

use super::*;

pub(super) fn stated(shard: &SnapshotShard) -> Stated {
    let mut shard = *shard;
    let mut roots = [root::empty_shard(); 16];
    roots[0] = if shard.state == snapshot_state::OPEN {
        frontier::finish(&mut shard)
    } else {
        frontier::finished(&shard)
    }
    .expect("small");
    let (node, count) = root::seal(&mut roots).expect("small");
    Stated {
        root: node.hash,
        total: node.sum,
        count: count.into(),
        // The council looks at the leaves and cares about nothing else here.
        max_excess: u64::MAX,
        max_shortfall: u64::MAX,
    }
}

/// What must hold of every step.
fn check_step(before: &State, action: Action, after: &State) {
    let (old, new) = (&before.snapshot, &after.snapshot);
    let is_new_seal = bytemuck::bytes_of(old) != bytemuck::bytes_of(new);
    if !is_new_seal {
        return;
    }
    assert!(before.is_frozen() && !before.is_restored, "{action:?}");
    assert_eq!((new.state, new.seals), (snapshot_state::SEALED, old.seals + 1));
    assert_eq!(new.root, {
        let (Action::Seal(cranker) | Action::SealOf(cranker) | Action::Override(cranker)) = action else {
            panic!("{action:?} sealed")
        };
        let shard = after.shards[cranker].expect("it was given");
        assert_eq!(shard.seal, new.seals, "what it rests on proves claims");
        stated(&shard).root
    });
    if let Action::SealOf(cranker) = action
        && before.shards[cranker].is_some_and(|shard| shard.state == snapshot_state::OPEN)
    {
        assert_eq!(u128::from(new.total), before.total, "somebody was not done reading");
    }
    if let Action::Seal(_) | Action::SealOf(_) = action {
        assert!(new.count > 0, "nothing was sealed by crank");
        assert!(layout::agrees(&before.ledger, new.total.into(), before.total));
        assert!(!before.is_overridden(), "a crank undid a decision");
        if old.state == snapshot_state::SEALED {
            assert!(before.distance(new.total) < before.distance(old.total));
            assert!(
                u128::from(old.total) < before.total || old.excess > 0,
                "an exact seal was replaced"
            );
            assert!(after.at.now < old.first_sealed_ts + RESEAL_SECONDS);
        }
    }
    if let (Action::Override(cranker), true) = (action, before.is_overridden()) {
        let (_, proposed) = before.matured[cranker].expect("it matured");
        assert!(proposed > old.decided_slot, "an older decision undid a later one");
    }
}

/// What must be possible in every state: nobody keeps it unsealed, and no wrong seal is the last word.
fn check_ways_out(state: &State) {
    if !state.is_frozen() || state.is_restored {
        return;
    }
    let mut council = state.clone();
    council.read_everything();
    let stated = stated(&council.shards[HONEST].expect("read"));
    assert_eq!(stated.total, ALL);
    // Decided after whatever was decided before, and whatever was executed meanwhile.
    let proposed = council.snapshot.decided_slot + 1;
    council
        .run_override(HONEST, &stated, proposed)
        .expect("a matured override wins");
    assert_eq!((council.snapshot.total, council.snapshot.count), (ALL, 2));

    // By crank, where the host's total is right or moved no further than tolerated.
    let is_near = layout::agrees(&state.ledger, ALL.into(), state.total);
    let is_late = state.snapshot.seals > 0 && state.at.now >= state.snapshot.first_sealed_ts + RESEAL_SECONDS;
    if is_near && !is_late && !state.is_overridden() {
        let mut crank = state.clone();
        crank.read_everything();
        let sealed = crank.step(Action::Seal(HONEST));
        // Whatever leaves out more now, or was in excess when it was sealed and is further away.
        let was_exact = state.snapshot.excess == 0 && u128::from(state.snapshot.total) > state.total;
        let is_nearest = state.distance(state.snapshot.total) <= state.distance(ALL);
        assert!(sealed.is_ok() || is_nearest || was_exact, "{sealed:?}");
    }
}

/// Visits every state, and gives how many there were and how often something was sealed.
pub(super) fn search(broken: Broken) -> (usize, usize) {
    let actions = actions();
    let mut seen = HashSet::new();
    let mut states = vec![];
    for beginning in BEGINNINGS {
        let mut state = State::new(broken);
        let read = READ.iter().filter(|_| matches!(beginning, [Action::Mature(_)]));
        for action in read.chain(beginning) {
            state.step(*action).expect("a beginning");
        }
        states.push(state);
    }
    let (mut visited, mut seals) = (0, 0);
    for _ in 0..STEPS {
        let mut next = vec![];
        for state in states {
            for action in &actions {
                let mut after = state.clone();
                if after.step(*action).is_err() {
                    continue;
                }
                check_step(&state, *action, &after);
                seals += usize::from(after.snapshot.seals != state.snapshot.seals);
                if seen.insert(after.fingerprint()) {
                    check_ways_out(&after);
                    visited += 1;
                    next.push(after);
                }
            }
        }
        states = next;
    }
    (visited, seals)
}
