//! Runs of emergency actions: every play of a small scope, with a stolen guardian, a host that refuses a step for a while,
//! and an incident that ends.
//!
//! Laws, after every act: steps of a run are in order and each ran once in it; no act runs a step that a paid start does
//! not cover; nobody but a guardian runs anything; what one guardian does never takes a step back from another's run.

use std::collections::BTreeMap;

use bulkhead_core::{
    CoreError,
    acts::{self, At, Piece},
    hash::sha256,
};
use bulkhead_interface::{
    Pubkey,
    constants::{EMERGENCY_RUN_SECONDS, MAX_EMERGENCY_STEPS, emergency_run_state, phase, role},
    layout::{Council, Domain, EmergencyAction, EmergencyRun},
};
use bytemuck::Zeroable;

const STEPS: u8 = 3;
/// Where each step ends.
const ENDS: [usize; 3] = [10, 25, 30];
const BYTES: [u8; 30] = [7; 30];

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// Two guardians with two rights each, and an approver.
fn council() -> Council {
    let mut council = Council::zeroed();
    (council.member_count, council.freeze_threshold, council.pause_rights) = (3, 2, 2);
    (council.guardian_pauses_per_day, council.guardian_pauses_in_a_row) = (2, 2);
    for (number, role) in [(1, role::GUARDIAN), (2, role::GUARDIAN), (3, role::APPROVER)] {
        let member = &mut council.members[usize::from(number) - 1];
        (member.key, member.roles, member.pause_rights) = (key(number), role, 2);
    }
    council
}

fn domain() -> Domain {
    Domain {
        state: phase::OPERATING,
        ..Domain::zeroed()
    }
}

fn piece(first: u8, count: usize, bytes: &[u8]) -> Piece<'_> {
    Piece {
        steps: STEPS,
        first,
        count,
        whole_hash: sha256(&[&BYTES]),
        bytes,
    }
}

fn registered() -> EmergencyAction {
    let mut action = EmergencyAction::zeroed();
    acts::register_emergency_steps(&mut action, &[], &piece(0, 3, &BYTES), Some(5)).expect("a whole action");
    action
}

// Registering.

#[test]
fn every_way_to_cut_an_action_gives_the_same_action() {
    let whole = registered();
    for cuts in [vec![0, 1, 3], vec![0, 2, 3], vec![0, 1, 2, 3], vec![0, 3]] {
        let mut action = EmergencyAction::zeroed();
        for pair in cuts.windows(2) {
            let (first, end) = (pair[0], pair[1]);
            let byte = |step: usize| if step == 0 { 0 } else { ENDS[step - 1] };
            let (kept, own) = (&BYTES[..byte(first)], &BYTES[byte(first)..byte(end)]);
            let piece = piece(u8::try_from(first).expect("few"), end - first, own);
            assert!(first == 0 || acts::require_one_step(&action) == Err(CoreError::ActionIncomplete));
            acts::register_emergency_steps(&mut action, kept, &piece, Some(5)).expect("in order");
        }
        assert_eq!(bytemuck::bytes_of(&action), bytemuck::bytes_of(&whole));
    }
}

#[test]
fn a_piece_continues_only_its_own_action_and_only_where_it_stands() {
    let mut action = EmergencyAction::zeroed();
    acts::register_emergency_steps(&mut action, &[], &piece(0, 1, &BYTES[..10]), Some(5)).expect("the first");
    let (kept, rest) = (&BYTES[..10], &BYTES[10..]);
    let wrong = |change: &dyn Fn(&mut Piece)| {
        let mut piece = piece(1, 2, rest);
        change(&mut piece);
        acts::register_emergency_steps(&mut { action }, kept, &piece, Some(9))
    };
    let refused = Err(CoreError::StepsMismatch);
    assert_eq!(wrong(&|piece| piece.whole_hash = [1; 32]), refused, "another action's");
    assert_eq!(wrong(&|piece| piece.first = 2), Err(CoreError::ArgumentOutOfRange));
    assert_eq!(
        wrong(&|piece| (piece.first, piece.count) = (2, 1)),
        refused,
        "too early"
    );
    assert_eq!(wrong(&|piece| piece.steps = 4), refused, "of another length");
    assert_eq!(
        wrong(&|piece| piece.bytes = &BYTES[11..]),
        refused,
        "other bytes at the end"
    );
    assert_eq!(
        wrong(&|piece| piece.steps = MAX_EMERGENCY_STEPS + 1),
        Err(CoreError::ArgumentOutOfRange)
    );
    assert_eq!(wrong(&|_| {}), Ok(()));
}

#[test]
fn an_older_decision_does_not_begin_anew() {
    let mut action = registered();
    let again = acts::register_emergency_steps(&mut action, &[], &piece(0, 1, &BYTES[..10]), Some(5));
    assert_eq!(again, Err(CoreError::DecidedSince));
    let later = acts::register_emergency_steps(&mut action, &[], &piece(0, 1, &BYTES[..10]), Some(6));
    assert_eq!(later, Ok(()));
    assert_eq!(action.registered_steps, 1, "and until all of it is there, nothing runs");
}

#[test]
fn an_action_from_before_there_were_steps_is_one_step() {
    let old = EmergencyAction::zeroed();
    assert_eq!(acts::require_one_step(&old), Ok(()));
    let (mut run, mut council) = (EmergencyRun::zeroed(), council());
    let at = At { slot: 1, now: 1 };
    acts::start_emergency_run(&domain(), &mut council, &old, &mut run, &key(1), &[0; 32], at).expect("a guardian");
    let last = acts::run_emergency_step(&domain(), &council, &old, &mut run, &key(1), (0, 9), at);
    assert_eq!(last, Ok(true));
}

// Running.

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Act {
    Start(u8),
    /// By a member, in the run of another, a step, which the host carries out or not.
    Step(u8, u8, u8, bool),
    Register,
    NewIncident,
    Day,
}

#[derive(Clone)]
struct State {
    at: At,
    domain: Domain,
    council: Council,
    action: EmergencyAction,
    runs: BTreeMap<u8, EmergencyRun>,
    /// What the runs may still do, counted independently: by starter, the steps that are left, and what voids it.
    left: BTreeMap<u8, (Vec<u8>, At, Pubkey, u64)>,
    registered: u64,
}

impl State {
    fn new() -> Self {
        Self {
            at: At { slot: 10, now: 1_000 },
            domain: domain(),
            council: council(),
            action: registered(),
            runs: BTreeMap::new(),
            left: BTreeMap::new(),
            registered: 0,
        }
    }

    fn acts() -> Vec<Act> {
        let mut all = vec![Act::Register, Act::NewIncident, Act::Day];
        for member in 1..=3 {
            all.push(Act::Start(member));
            for starter in 1..=2 {
                for step in 0..=STEPS {
                    all.extend([true, false].map(|works| Act::Step(member, starter, step, works)));
                }
            }
        }
        all
    }

    fn rights(&self) -> u32 {
        self.council
            .members
            .iter()
            .map(|member| u32::from(member.pause_rights))
            .sum()
    }

    /// The state afterwards, or `None` where the act is refused. Asserts the laws.
    fn after(&self, act: Act) -> Option<Self> {
        let mut next = self.clone();
        next.at.slot += 1;
        match act {
            Act::Start(member) => next.start(self, member)?,
            Act::Step(member, starter, step, works) => next.step(self, member, starter, step, works)?,
            Act::Register => {
                next.registered += 1;
                next.action.instruction_hash[0] = next.action.instruction_hash[0].wrapping_add(1);
            }
            Act::NewIncident => {
                next.domain.open_incident = key(100 + (next.domain.open_incident.to_bytes()[0] + 1) % 2)
            }
            Act::Day => next.at.now += EMERGENCY_RUN_SECONDS,
        }
        Some(next)
    }

    fn start(&mut self, before: &Self, member: u8) -> Option<()> {
        let mut run = self.runs.get(&member).copied().unwrap_or(EmergencyRun::zeroed());
        let (hash, at) = (self.action.instruction_hash, self.at);
        let council = &mut self.council;
        acts::start_emergency_run(&self.domain, council, &self.action, &mut run, &key(member), &hash, at).ok()?;
        assert!(member < 3, "only guardians start");
        assert_eq!(self.rights(), before.rights() - 1, "a start costs one right");
        self.runs.insert(member, run);
        let steps = (0..STEPS).collect();
        self.left
            .insert(member, (steps, at, self.domain.open_incident, self.registered));
        for (starter, run) in before.runs.iter().filter(|(starter, _)| **starter != member) {
            assert_eq!(bytemuck::bytes_of(run), bytemuck::bytes_of(&self.runs[starter]));
        }
        Some(())
    }

    fn step(&mut self, before: &Self, member: u8, starter: u8, step: u8, works: bool) -> Option<()> {
        let run = self.runs.get_mut(&starter)?;
        let end = *ENDS.get(usize::from(run.next_step))?;
        let last = acts::run_emergency_step(
            &self.domain,
            &self.council,
            &self.action,
            run,
            &key(member),
            (step, end),
            self.at,
        );
        // A step that fails takes everything with it.
        let is_last = last.ok().filter(|_| works)?;
        assert!(member < 3, "only guardians run steps");
        assert_eq!(usize::from(run.next_offset), end);
        assert_eq!(is_last, run.state == emergency_run_state::FINISHED);
        let (left, since, incident, registered) = self.left.get_mut(&starter).expect("it was started");
        assert_eq!(left.remove(0), step, "in order, each once");
        assert_eq!(is_last, left.is_empty());
        assert!(self.at.now < since.now + EMERGENCY_RUN_SECONDS, "older than a day");
        assert_eq!(*registered, self.registered, "another action than was started");
        assert!(*incident == Pubkey::default() || *incident == self.domain.open_incident);
        assert_eq!(self.rights(), before.rights(), "a step costs no right");
        Some(())
    }

    /// Everything that decides what may happen next.
    fn canon(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (starter, run) in &self.runs {
            let left = run.started_ts + EMERGENCY_RUN_SECONDS > self.at.now;
            let is_same = run.instruction_hash == self.action.instruction_hash;
            let is_of_now = run.incident == Pubkey::default() || run.incident == self.domain.open_incident;
            bytes.extend([
                *starter,
                run.next_step,
                run.state,
                u8::from(left),
                u8::from(is_same),
                u8::from(is_of_now),
            ]);
            bytes.extend(run.incident.to_bytes());
        }
        bytes.extend(self.domain.open_incident.to_bytes());
        bytes.extend(self.council.members[..3].iter().map(|member| member.pause_rights));
        bytes
    }
}

#[test]
fn every_play_of_two_guardians_keeps_the_laws() {
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec![State::new()];
    let mut finished = 0;
    while let Some(state) = open.pop() {
        if !seen.insert(state.canon()) {
            continue;
        }
        for act in State::acts() {
            let Some(next) = state.after(act) else { continue };
            let is_finished = |run: &EmergencyRun| run.state == emergency_run_state::FINISHED;
            finished += usize::from(next.runs.values().any(is_finished));
            open.push(next);
        }
    }
    assert!(seen.len() > 500 && finished > 0, "{} states", seen.len());
}

/// Liveness: whatever a stolen guardian does, another with a right runs the whole action in one transaction.
#[test]
fn a_guardian_with_a_right_runs_the_whole_action_from_every_state() {
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec![State::new()];
    while let Some(state) = open.pop() {
        if !seen.insert(state.canon()) {
            continue;
        }
        if state.council.members[0].pause_rights > 0 {
            let mut own = state.after(Act::Start(1)).expect("a right is left");
            for step in 0..STEPS {
                own = own.after(Act::Step(1, 1, step, true)).expect("nothing is in the way");
            }
        }
        let thefts = State::acts().into_iter().filter(|act| !matches!(act, Act::Start(1)));
        open.extend(thefts.filter_map(|act| state.after(act)));
    }
    assert!(seen.len() > 100, "{} states", seen.len());
}
