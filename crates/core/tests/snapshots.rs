//! Snapshots in small: two positions, of which one can be moved behind the other and read again, two crankers of whom one
//! may be hostile, a host whose total anyone moves, and one override. Every state within five steps of six beginnings is
//! visited, and from each there is a way to a seal that leaves nobody out and counts nobody twice.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use bulkhead_core::{
    CoreError,
    acts::{self, At, Gathered, ReaderKeys, Sealing, SnapshotKeys, Stated},
    frontier::{self, Intake},
    incident::mark,
    layout::{self, identity},
    root,
};
use bulkhead_interface::{
    Pubkey,
    constants::{RESEAL_SECONDS, ledger_mode, phase, snapshot_flag, snapshot_state, step},
    layout::{Domain, Incident, Ledger, Snapshot, SnapshotShard},
};
use bytemuck::Zeroable;

/// What the positions hold, by number; their keys are of shard 0.
const AMOUNTS: [u64; 2] = [1, 40];
const ALL: u64 = AMOUNTS[0] + AMOUNTS[1];
const STEPS: usize = 5;

/// Where the search begins: nothing read; one shard that leaves somebody out and one that does not; the same with an
/// override matured for either; one that counts somebody twice; and one that leaves somebody out behind it.
const BEGINNINGS: [&[Action]; 6] = [
    &[],
    &READ,
    &[Action::Mature(0)],
    &[Action::Mature(1)],
    &TWICE,
    &[Action::Open(1), Action::Ingest(1, 1), Action::Ingest(1, MOVED)],
];
const TWICE: [Action; 7] = [
    Action::Open(0),
    Action::Ingest(0, 0),
    Action::Ingest(0, 1),
    Action::Ingest(0, MOVED),
    Action::Open(1),
    Action::Ingest(1, 0),
    Action::Ingest(1, 1),
];
/// What the first position holds, moved to an account behind the second. Who reads everything at one moment has it once.
const MOVED: usize = 2;
const READ: [Action; 5] = [
    Action::Open(0),
    Action::Ingest(0, 1),
    Action::Open(1),
    Action::Ingest(1, 0),
    Action::Ingest(1, 1),
];

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

const DOMAIN: Pubkey = key(101);
const INCIDENT: Pubkey = key(102);
const LEDGER: Pubkey = key(103);
const SNAPSHOT: Pubkey = key(104);
const HONEST: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Action {
    Open(usize),
    Close(usize),
    Ingest(usize, usize),
    Seal(usize),
    /// Somebody else seals what a cranker has read.
    SealOf(usize),
    /// A proposal states what a shard gives, and matures.
    Mature(usize),
    Override(usize),
    Total(u128),
    Slot,
    Day,
    Restore,
    Reopen,
}

fn actions() -> Vec<Action> {
    use Action as A;
    let mut actions = vec![A::Slot, A::Day, A::Restore, A::Reopen];
    for total in [0, 1, u128::from(ALL) - 1, u128::from(ALL), u128::from(ALL) + 1] {
        actions.push(A::Total(total));
    }
    for cranker in 0..2 {
        actions.extend([
            A::Open(cranker),
            A::Close(cranker),
            A::Seal(cranker),
            A::SealOf(cranker),
            A::Mature(cranker),
        ]);
        actions.push(A::Override(cranker));
        actions.extend((0..=MOVED).map(|position| A::Ingest(cranker, position)));
    }
    actions
}

/// A rule that is left out, to see that it is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// Sealing goes on after the reopening.
    Thawed,
    /// Sealing goes on after the restoration.
    Restored,
    /// An older override undoes a later one.
    AnyOverride,
    /// A crank undoes an override.
    CrankOverOverride,
    /// A crank replaces a seal at any time.
    AnyTime,
    /// What somebody is still reading is sealed.
    HalfRead,
    /// An override that was executed later holds, whichever was proposed first.
    LastExecuted,
    /// A crank seals whatever it has.
    AnyTotal,
    /// A shard of the last seal does not say so.
    Unmarked,
    /// The first seal is the last word.
    FirstIsLast,
    /// The host's total stops an override.
    TotalStopsOverride,
    /// Only what leaves out less replaces a seal: one in excess is final.
    ExcessIsFinal,
    /// A seal that was the host's total to the unit is held against it anew.
    ExactIsNone,
}

#[derive(Clone)]
struct State {
    broken: Broken,
    domain: Domain,
    incident: Incident,
    ledger: Ledger,
    snapshot: Snapshot,
    shards: [Option<SnapshotShard>; 3],
    total: u128,
    /// Decisions that matured, an earlier and a later one.
    matured: [Option<(Stated, u64)>; 2],
    is_restored: bool,
    at: At,
}

impl State {
    fn new(broken: Broken) -> Self {
        let mut state = Self {
            broken,
            domain: Domain::zeroed(),
            incident: Incident::zeroed(),
            ledger: Ledger {
                domain: DOMAIN,
                mode: ledger_mode::BYTES,
                scale: identity(),
                // One of 40, 41 or 42.
                shortfall_bps: 100,
                excess_bps: 100,
                ..Ledger::zeroed()
            },
            snapshot: Snapshot::zeroed(),
            shards: [None; 3],
            total: ALL.into(),
            matured: [None; 2],
            is_restored: false,
            at: At { slot: 10, now: 1_000 },
        };
        state.domain.state = phase::FROZEN;
        state.domain.open_incident = INCIDENT;
        mark(&mut state.incident, step::BREACH, 9, 999);
        let keys = SnapshotKeys {
            domain: &DOMAIN,
            incident: &INCIDENT,
            ledger: &LEDGER,
            snapshot: &SNAPSHOT,
            bump: 255,
        };
        acts::open_snapshot(&state.domain, &state.ledger, &mut state.snapshot, &keys, state.at).expect("held");
        state
    }

    fn is_frozen(&self) -> bool {
        matches!(self.domain.state, phase::FROZEN | phase::RECOVERING)
    }

    fn step(&mut self, action: Action) -> Result<(), CoreError> {
        match action {
            Action::Open(cranker) => {
                if self.shards[cranker].is_some() {
                    return Err(CoreError::ForeignAccount.into());
                }
                let mut shard = SnapshotShard::zeroed();
                let by = key(u8::try_from(cranker).expect("few"));
                acts::open_shard(&self.domain, (&SNAPSHOT, &self.snapshot), &mut shard, 0, &by, 255)?;
                self.shards[cranker] = Some(shard);
            }
            Action::Close(cranker) => {
                let shard = self.shards[cranker].ok_or(CoreError::ForeignAccount)?;
                let by = key(u8::try_from(cranker).expect("few"));
                acts::close_shard(Some((&SNAPSHOT, &self.snapshot)), &shard, &by)?;
                self.shards[cranker] = None;
            }
            Action::Ingest(cranker, position) => {
                let by = key(u8::try_from(cranker).expect("few"));
                let shard = self.shards[cranker].as_mut().ok_or(CoreError::ForeignAccount)?;
                let keys = ReaderKeys {
                    cranker: &by,
                    domain: &DOMAIN,
                    ledger: &LEDGER,
                };
                acts::require_reader(&self.domain, shard, &keys)?;
                let own = key(1 + u8::try_from(position).expect("few"));
                let mut intake = Intake::new(shard).map_err(CoreError::from)?;
                intake
                    .append(own.as_array(), &[7; 32], AMOUNTS[position % MOVED])
                    .map_err(CoreError::from)?;
            }
            Action::Seal(cranker) | Action::SealOf(cranker) => {
                let is_signed = matches!(action, Action::Seal(_)) || self.broken == Broken::HalfRead;
                let gathered = self.gather(cranker, is_signed)?;
                match self.broken {
                    Broken::CrankOverOverride => self.snapshot.flags = 0,
                    Broken::AnyTime if self.snapshot.seals > 0 => self.snapshot.first_sealed_ts = self.at.now,
                    Broken::ExcessIsFinal => self.snapshot.excess = 0,
                    Broken::ExactIsNone => self.snapshot.excess = u64::MAX,
                    _ => {}
                }
                let (domain, ledger) = (self.seen_domain(), self.ledger);
                let sum = self.shards[cranker].map_or(0, |shard| shard.sum);
                let sealing = Sealing {
                    domain: &domain,
                    ledger: &ledger,
                    host_total: Some(if self.broken == Broken::AnyTotal {
                        sum.into()
                    } else {
                        self.total
                    }),
                    is_restored: self.is_restored && self.broken != Broken::Restored,
                    at: self.at,
                };
                acts::seal_snapshot(&mut self.snapshot, &mut self.incident, gathered, &sealing)?;
            }
            Action::Mature(cranker) => {
                let shard = self.shards[cranker].ok_or(CoreError::ForeignAccount)?;
                // A number of its own for each cranker.
                self.matured[cranker].get_or_insert((stated(&shard), self.at.slot));
            }
            Action::Override(cranker) => {
                let (stated, proposed) = self.matured[cranker].take().ok_or(CoreError::OverrideMismatch)?;
                self.run_override(cranker, &stated, proposed)?;
            }
            Action::Total(total) => self.total = total,
            Action::Slot => self.at.slot += 1,
            Action::Day => self.at.now += RESEAL_SECONDS,
            Action::Restore => {
                if self.snapshot.state != snapshot_state::SEALED || !self.is_frozen() {
                    return Err(CoreError::WrongPhase);
                }
                self.is_restored = true;
                self.domain.state = phase::RECOVERING;
            }
            Action::Reopen => {
                self.domain.state = phase::OPERATING;
                self.domain.open_incident = Pubkey::default();
            }
        }
        Ok(())
    }

    fn gather(&mut self, cranker: usize, is_signed: bool) -> Result<Gathered, CoreError> {
        let mut gathered = Gathered::default();
        let shard = self.shards[cranker].as_mut().ok_or(CoreError::ForeignAccount)?;
        gathered.take((&SNAPSHOT, &self.snapshot), shard, is_signed)?;
        if self.broken == Broken::Unmarked {
            shard.seal = 0;
        }
        Ok(gathered)
    }

    /// The domain as the acts see it.
    fn seen_domain(&self) -> Domain {
        let mut domain = self.domain;
        if self.broken == Broken::Thawed {
            (domain.state, domain.open_incident) = (phase::FROZEN, INCIDENT);
        }
        domain
    }

    fn run_override(&mut self, cranker: usize, stated: &Stated, proposed: u64) -> Result<(), CoreError> {
        let gathered = self.gather(cranker, false)?;
        let mut stated = *stated;
        let proposed = match self.broken {
            Broken::FirstIsLast if self.snapshot.seals > 0 => return Err(CoreError::SnapshotSealed.into()),
            Broken::TotalStopsOverride => {
                (stated.max_excess, stated.max_shortfall) = (0, 0);
                proposed
            }
            Broken::AnyOverride => u64::MAX,
            Broken::LastExecuted if self.snapshot.seals > 0 => {
                self.snapshot.decided_slot = self.snapshot.sealed_slot;
                proposed
            }
            _ => proposed,
        };
        let (domain, ledger) = (self.seen_domain(), self.ledger);
        let sealing = Sealing {
            domain: &domain,
            ledger: &ledger,
            host_total: Some(self.total),
            is_restored: self.is_restored && self.broken != Broken::Restored,
            at: self.at,
        };
        let incident = &mut self.incident;
        acts::override_seal(&mut self.snapshot, incident, gathered, &stated, proposed, &sealing).map(|_| ())
    }

    /// What an honest newcomer does, whatever was done before: reads everything into a shard of its own.
    fn read_everything(&mut self) {
        self.shards[HONEST] = None;
        self.step(Action::Open(HONEST)).expect("a newcomer reads");
        for position in 0..AMOUNTS.len() {
            self.step(Action::Ingest(HONEST, position)).expect("a newcomer reads");
        }
    }

    /// How far this is from what the host says now.
    fn distance(&self, total: u64) -> u128 {
        self.total.abs_diff(total.into())
    }

    fn is_overridden(&self) -> bool {
        self.snapshot.flags & snapshot_flag::OVERRIDDEN != 0
    }

    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        bytemuck::bytes_of(&self.domain).hash(&mut hasher);
        bytemuck::bytes_of(&self.snapshot).hash(&mut hasher);
        for shard in &self.shards {
            shard.as_ref().map(bytemuck::bytes_of).hash(&mut hasher);
        }
        (self.total, self.is_restored, self.at.slot, self.at.now).hash(&mut hasher);
        let matured = self
            .matured
            .map(|one| one.map(|(stated, slot)| (stated.root, stated.total, slot)));
        matured.hash(&mut hasher);
        hasher.finish()
    }
}

fn stated(shard: &SnapshotShard) -> Stated {
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
fn search(broken: Broken) -> (usize, usize) {
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

#[test]
fn from_every_state_there_is_a_way_to_a_seal_that_leaves_nobody_out() {
    let (visited, seals) = search(Broken::Nothing);
    println!("{visited} states, {seals} seals");
    assert!(visited > 2_000 && seals > 100, "{visited} states, {seals} seals");
}

#[test]
fn broken_acts_are_found() {
    for broken in [
        Broken::Thawed,
        Broken::Restored,
        Broken::AnyOverride,
        Broken::CrankOverOverride,
        Broken::AnyTime,
        Broken::AnyTotal,
        Broken::HalfRead,
        Broken::LastExecuted,
        Broken::Unmarked,
        Broken::FirstIsLast,
        Broken::TotalStopsOverride,
        Broken::ExcessIsFinal,
        Broken::ExactIsNone,
    ] {
        assert!(
            std::panic::catch_unwind(|| search(broken)).is_err(),
            "{broken:?} was missed"
        );
    }
}

/// Who closes a shard that a seal rests on would take away what claims are proved against.
#[test]
fn what_a_seal_rests_on_stays_and_what_it_does_not_is_given_back() {
    let mut state = State::new(Broken::Nothing);
    for action in [
        Action::Open(0),
        Action::Ingest(0, 1),
        Action::Total(40),
        Action::Seal(0),
    ] {
        state.step(action).expect("the first seal");
    }
    assert_eq!(state.step(Action::Close(0)), Err(CoreError::SnapshotSealed.into()));
    state.step(Action::Total(ALL.into())).expect("it moves");
    for action in [
        Action::Open(1),
        Action::Ingest(1, 0),
        Action::Ingest(1, 1),
        Action::Seal(1),
    ] {
        state.step(action).expect("it leaves out less");
    }
    state.step(Action::Close(0)).expect("nothing rests on it");
    assert_eq!(state.step(Action::Close(1)), Err(CoreError::SnapshotSealed.into()));
}
