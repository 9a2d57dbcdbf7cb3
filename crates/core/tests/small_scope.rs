//! Every state that a small domain can get into, within a few steps, from several beginnings.
//!
//! Two members, two compartments, one breaker and one that a proposal may open, a link that one may set, all five who could sign (members, fallback, the breaker's authority, a
//! stranger), every action with arguments that stand for the rest, and the times that matter: a second later, when a
//! pause ends, when a delay ends, when a proposal expires, when a member falls silent. From each beginning every path
//! of [`DEPTH`] steps is covered, of which [`WAITS`] let time pass:
//!
//! - what was not a matured proposal is at most as permissive as before (`core::permissiveness`);
//! - what was one had matured by the check's own books of since when enough members who count have consented to
//!   exactly this payload, or the fallback has while too few approvers were heard of;
//! - and then it loosened only what its kind is about;
//! - through a breaker that a proposal has opened nothing leaves in its first window.
//!
//! What it is not. Six steps do not lead from peace to an executed proposal with an incident in between, so there are
//! beginnings behind an alarm, a freeze, an approval and a long silence; what lies further away is the random tests' to
//! find. There is one proposal at a time, which can be edited. Arguments are representatives. States that differ in
//! nothing that will be looked at again, or only in which of the two equal members is which, are taken as one, and are
//! told apart by 128 bits of hash.

use std::{collections::HashSet, rc::Rc, time::Instant};

use bulkhead_core::{
    CoreError,
    acts::{At, LinkTerms, NewBreaker, Reopening, change_council},
    board,
    machine::{Action, BreakerPlan, Decision, Keys, State, Upstream, Which},
    permissiveness::{Loosening, loosening},
    veto,
    window::{self, Limits, TripLimits},
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{MIN_FALLBACK_DELAY_SECONDS, VERSION, class, phase, proposal_flag, proposal_state, role, step},
    layout::{Council, Domain, Latch, OutflowBreaker, PauseBoard, Policy, StandingVetoes},
};
use bytemuck::Zeroable;

/// Steps from a beginning.
const DEPTH: usize = 6;
/// Of which time may pass in so many.
const WAITS: u8 = 2;
/// Fewer than these would mean that something is not reached any more.
const LEAST_STATES: usize = 500_000;
const LEAST_EDGES: usize = 5_000_000;
const LEAST_EXECUTIONS: usize = 10_000;

const DAY: i64 = 86_400;
const NOW: i64 = 20_000 * DAY + 40_000;
/// A pause ends.
const GUARDIAN_PAUSE: i64 = 1_800;
/// A delay ends.
const DELAY: i64 = 3_600;
/// A breaker's window.
const WINDOW: i64 = 4 * DELAY;
/// A proposal expires.
const EXPIRY: i64 = DELAY + 86_400;
/// A member falls silent a second later.
const HEARTBEAT: i64 = DAY;
/// Long enough for the fallback after that, to the second.
const FALLBACK: i64 = 7 * DAY;

const A: Pubkey = key(1);
const B: Pubkey = key(2);
const SUCCESSOR: Pubkey = key(3);
const FALLBACK_KEY: Pubkey = key(4);
const METER: Pubkey = key(5);
const UPSTREAM: Pubkey = key(40);
const STRANGER: Pubkey = key(6);
const SIGNERS: [Pubkey; 5] = [A, B, FALLBACK_KEY, METER, STRANGER];

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn keys() -> Keys {
    Keys {
        domain: key(10),
        breakers: vec![key(11), key(12)],
        upstreams: vec![Upstream {
            domain: UPSTREAM,
            board: key(41),
            link: key(42),
            bump: 255,
        }],
        incidents: (0..3).map(|number| (key(20 + number), 255)).collect(),
        proposals: [A, B, FALLBACK_KEY]
            .map(|proposer| (proposer, vec![(key(30), 255)]))
            .into(),
        payer: key(7),
        ..Keys::default()
    }
}

/// Both members do everything; both are needed for everything but custody.
fn plan(second: Pubkey) -> Council {
    let policy = |threshold, delay_seconds| Policy {
        threshold,
        delay_seconds,
        expiry_seconds: EXPIRY,
        ..Policy::zeroed()
    };
    let mut plan = Council {
        member_count: 2,
        freeze_threshold: 2,
        pause_rights: 2,
        veto_rights: 1,
        guardian_pause_seconds: GUARDIAN_PAUSE,
        trip_seconds: 2 * GUARDIAN_PAUSE,
        default_mask: action::DEFAULT_EMERGENCY,
        guardian_pauses_per_day: 2,
        guardian_pauses_in_a_row: 1,
        heartbeat_seconds: HEARTBEAT,
        fallback_seconds: FALLBACK,
        fallback: FALLBACK_KEY,
        policies: [policy(2, DELAY), policy(2, DELAY), policy(1, DELAY), policy(2, DELAY)],
        domain: key(10),
        ..Council::zeroed()
    };
    for (member, key) in plan.members.iter_mut().zip([A, second]) {
        (member.key, member.roles) = (key, role::GUARDIAN | role::APPROVER | role::VETOER);
    }
    plan
}

fn limits(limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit: limit / 2,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    }
}

/// A second breaker, of the other compartment.
fn second_breaker() -> BreakerPlan {
    BreakerPlan {
        bump: 255,
        compartment: 0,
        trip_scope: 0,
        latch_seconds: DELAY,
        with: NewBreaker {
            shard: 0,
            shards: 1,
            sub_windows: 4,
            window_seconds: WINDOW,
            mint: key(14),
            authority: METER,
            reference: Pubkey::default(),
            limits: limits(1_000),
            trip: TripLimits::default(),
        },
    }
}

fn linked() -> LinkTerms {
    LinkTerms {
        upstream: UPSTREAM,
        upstream_scope: SCOPE_DOMAIN,
        upstream_mask: action::TRADE,
        compartments: 1,
        mask: action::WITHDRAW,
    }
}

/// In peace.
fn operating() -> State {
    let mut council = Council {
        version: VERSION,
        domain: key(10),
        ..Council::zeroed()
    };
    change_council(&mut council, &plan(B), NOW).expect("a sound council");
    let mut pauses = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut pauses);
    let mut breaker = OutflowBreaker {
        version: VERSION,
        sub_windows: 4,
        shards: 1,
        authority: METER,
        window_seconds: WINDOW,
        latch: Latch {
            scope: 1,
            seconds: DELAY,
            ..Latch::zeroed()
        },
        compartment: 1,
        domain: key(10),
        ..OutflowBreaker::zeroed()
    };
    window::open_reference(&mut breaker);
    limits(1_000).put(&mut breaker);
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let at = At { slot: 1_000, now: NOW };
    State::new(at, domain, council, pauses, vec![(key(11), breaker)])
}

/// What can be done, whoever does it. Proposals are made about the state as it stands.
fn actions(state: &State) -> Vec<Action> {
    let incident = state.domain.incident_count.checked_sub(1);
    let named = incident.map_or(Pubkey::default(), |last| {
        keys().incidents[usize::try_from(last).expect("few")].0
    });
    let incident = if named == Pubkey::default() { key(20) } else { named };
    let decisions = [
        Decision::Resume { incident },
        Decision::Reopen(Reopening {
            incident: named,
            ramp_bps: 5_000,
            grace_seconds: 600,
        }),
        Decision::SetLimit(0, limits(4_000)),
        Decision::OpenBreaker(1, Rc::new(second_breaker())),
        Decision::ChangeCouncil(Rc::new(plan(SUCCESSOR))),
        Decision::Grant(A, 1),
    ];
    let limit = state.breakers[0].1.limit;
    let mut all = vec![
        Action::Heartbeat,
        Action::Pause {
            scope: 0,
            mask: action::TRADE,
        },
        Action::Pause {
            scope: SCOPE_DOMAIN,
            mask: 0,
        },
        Action::OpenIncident,
        Action::Confirm,
        Action::Lapse,
        Action::Meter(0, 400),
        Action::Meter(0, 5_000),
        Action::LowerLimit(0, limits(limit - limit / 4)),
        Action::LowerLimit(0, limits(limit * 2)),
        Action::Propagate(Which::Breaker(0)),
    ];
    if state.breakers.len() > 1 {
        all.extend([Action::Meter(1, 400), Action::Propagate(Which::Breaker(1))]);
    }
    if !state.links.is_empty() {
        all.push(Action::Carry(0, action::TRADE, GUARDIAN_PAUSE));
    }
    for number in 0..state.proposals.len() {
        all.extend([
            Action::Approve(number),
            Action::Withdraw(number),
            Action::Veto(number),
            Action::Execute(number),
            Action::Edit(number, Decision::SetLimit(0, limits(8_000))),
        ]);
    }
    all.extend(decisions.map(Action::Propose));
    all
}

/// A second, the end of a pause, of a delay, of a proposal, of a heartbeat.
fn waits() -> [Action; 5] {
    [1, GUARDIAN_PAUSE, DELAY, EXPIRY + 1, HEARTBEAT + 1].map(|seconds| Action::Wait {
        slots: u64::try_from(seconds).expect("a time") * 2,
        seconds,
    })
}

/// By whom it is worth trying: nobody has to sign a crank, and one stranger stands for all.
fn is_crank(action: &Action) -> bool {
    matches!(
        action,
        Action::Lapse | Action::Propagate(_) | Action::Carry(..) | Action::Execute(_)
    )
}

/// Since when enough who count consented to what a proposal says: the books of the check.
type Since = [Option<i64>; 1];

#[derive(Clone)]
struct Node {
    state: State,
    since: Since,
    /// When a proposal has opened the second breaker.
    opened: Option<i64>,
    /// How often time has passed since the beginning.
    waits: u8,
}

type Step = fn(&State, &Keys, &Pubkey, &Action) -> Result<State, CoreError>;

/// What is wrong with a step.
#[derive(Debug)]
#[allow(dead_code)] // Read when it is printed.
enum Wrong {
    /// Looser, without a proposal.
    Loosened(Loosening, Box<Action>),
    /// Executed before it had matured.
    Unripe(Box<Action>),
    /// Looser in what the proposal is not about.
    Beyond(Loosening, Box<Action>),
    /// It left through a breaker in its first window.
    Early(Box<Action>),
}

#[derive(Default)]
struct Tally {
    states: usize,
    edges: usize,
    refused: usize,
    executed: usize,
}

struct Checker {
    step: Step,
    keys: Keys,
    seen: HashSet<u128>,
    tally: Tally,
}

impl Checker {
    fn new(step: Step) -> Self {
        Self {
            step,
            keys: keys(),
            seen: HashSet::new(),
            tally: Tally::default(),
        }
    }

    /// Every state within `depth` steps of `start`.
    fn explore(&mut self, start: Node, depth: usize) -> Result<(), Wrong> {
        self.seen.clear();
        self.seen.insert(fingerprint(&start));
        self.tally.states += 1;
        let mut layer = vec![start];
        for left in (0..depth).rev() {
            let mut next = Vec::new();
            for node in layer {
                self.expand(&node, &mut next, left > 0)?;
            }
            layer = next;
        }
        Ok(())
    }

    /// Every step from one state.
    fn expand(&mut self, node: &Node, next: &mut Vec<Node>, is_kept: bool) -> Result<(), Wrong> {
        for action in waits().into_iter().filter(|_| node.waits < WAITS) {
            if let Ok(state) = (self.step)(&node.state, &self.keys, &STRANGER, &action) {
                // Time is no one's act, so two moments are not compared.
                self.arrive(node, state, next, is_kept);
            }
        }
        let old_board = node.state.board_bytes();
        for action in actions(&node.state) {
            let signers = if is_crank(&action) { &SIGNERS[4..] } else { &SIGNERS[..] };
            for signer in signers {
                let Ok(state) = (self.step)(&node.state, &self.keys, signer, &action) else {
                    self.tally.refused += 1;
                    continue;
                };
                let board = state.board_bytes();
                let (before, after) = (node.state.safety(&old_board), state.safety(&board));
                let looser = loosening(&before, &after, state.at.slot, state.at.now);
                self.judge(node, &action, looser)?;
                if is_early(node, &state) {
                    return Err(Wrong::Early(Box::new(action)));
                }
                self.arrive(node, state, next, is_kept);
            }
        }
        Ok(())
    }

    fn judge(&mut self, node: &Node, action: &Action, looser: Option<Loosening>) -> Result<(), Wrong> {
        let Action::Execute(number) = action else {
            return looser.map_or(Ok(()), |looser| Err(Wrong::Loosened(looser, Box::new(action.clone()))));
        };
        self.tally.executed += 1;
        if !has_matured(node, *number) {
            return Err(Wrong::Unripe(Box::new(action.clone())));
        }
        let (_, decision) = &node.state.proposals[*number];
        match looser {
            Some(looser) if !is_about(decision, looser) => Err(Wrong::Beyond(looser, Box::new(action.clone()))),
            _ => Ok(()),
        }
    }

    fn arrive(&mut self, from: &Node, state: State, next: &mut Vec<Node>, is_kept: bool) {
        self.tally.edges += 1;
        if !is_kept {
            return;
        }
        let node = follow(from, state);
        if self.seen.insert(fingerprint(&node)) {
            self.tally.states += 1;
            next.push(node);
        }
    }
}

/// Has anything left through the second breaker in its first window? By when it was seen to be opened.
fn is_early(from: &Node, state: &State) -> bool {
    let left = |state: &State| {
        let breaker = state.breakers.get(1).map(|(_, breaker)| *breaker);
        breaker.map_or(0, |breaker| {
            if breaker.last_slot == state.at.slot {
                breaker.slot_outflow
            } else {
                0
            }
        })
    };
    let is_first = from.opened.is_some_and(|opened| state.at.now <= opened + WINDOW);
    is_first && left(state) > left(&from.state)
}

/// Does the member count, by the check's own reading of the rule?
fn counts(state: &State, index: usize) -> bool {
    let member = &state.council.members[index];
    state.at.now - member.last_active_ts <= HEARTBEAT && state.at.now >= member.active_from_ts
}

fn threshold(state: &State, class: u8) -> usize {
    usize::from(state.council.policies[usize::from(class)].threshold)
}

fn consents(state: &State, number: usize) -> bool {
    let (proposal, _) = &state.proposals[number];
    if proposal.flags & proposal_flag::FALLBACK != 0 {
        return proposal.approved_ts != 0;
    }
    let approving = (0..2).filter(|index| proposal.approvals >> index & 1 == 1 && counts(state, *index));
    approving.count() >= threshold(state, proposal.class)
}

/// The node a step leads to. Consent lasts while the payload stays and nobody takes it back; that somebody falls
/// silent and comes back does not interrupt it, for nobody has changed their mind.
fn follow(from: &Node, state: State) -> Node {
    let mut since = [None; 1];
    for (number, (proposal, _)) in state.proposals.iter().enumerate() {
        let before = from.state.proposals.get(number).map(|(proposal, _)| proposal);
        let is_same = before.is_some_and(|before| {
            before.payload_hash == proposal.payload_hash
                && before.created_slot == proposal.created_slot
                && (before.approvals & !proposal.approvals == 0 || consents(&state, number))
        });
        let earlier = from.since[number].filter(|_| is_same);
        since[number] = earlier.or_else(|| consents(&state, number).then_some(state.at.now));
    }
    let waits = from.waits + u8::from(state.at != from.state.at);
    let is_there = state.breakers.len() > 1;
    let opened = from.opened.or_else(|| is_there.then_some(state.at.now));
    Node {
        state,
        since,
        opened,
        waits,
    }
}

/// Open, of this council, in time, consented to now and for the whole delay.
fn has_matured(node: &Node, number: usize) -> bool {
    let (state, now) = (&node.state, node.state.at.now);
    let (proposal, _) = &state.proposals[number];
    let is_fallbacks = proposal.flags & proposal_flag::FALLBACK != 0;
    let delay = if is_fallbacks {
        MIN_FALLBACK_DELAY_SECONDS
    } else {
        DELAY
    };
    // Who was heard of since: the fallback's word holds only while they are too few.
    let heard = |member: usize| state.council.members[member].last_active_ts + HEARTBEAT + FALLBACK;
    let since = node.since[number];
    let is_void = is_fallbacks
        && (0..2)
            .filter(|member| since.is_none_or(|since| heard(*member) >= since))
            .count()
            >= threshold(state, class::CONSTITUTION);
    proposal.state == proposal_state::OPEN
        && proposal.config_epoch == state.council.config_epoch
        && now <= proposal.expires_ts
        && consents(state, number)
        && since.is_some_and(|since| now >= since + delay)
        && !is_void
        && !is_outdated(state, number)
}

/// Has the domain been held since it was made, or in the same slot, and is it not about the council? By the incidents' own
/// timelines.
fn is_outdated(state: &State, number: usize) -> bool {
    let (proposal, decision) = &state.proposals[number];
    let is_councils = matches!(decision, Decision::ChangeCouncil(_) | Decision::Grant(..));
    let mut holds = state.incidents.iter().map(|incident| incident.steps[step::FREEZE]);
    !is_councils && holds.any(|freeze| freeze.ts != 0 && proposal.created_slot <= freeze.slot)
}

fn is_about(decision: &Decision, looser: Loosening) -> bool {
    use Loosening as L;
    match decision {
        Decision::Resume { .. } => matches!(looser, L::Domain | L::Mask(_) | L::Latch(_)),
        Decision::Reopen(_) => matches!(looser, L::Domain | L::Mask(_) | L::Stage(_) | L::Latch(_) | L::Room(_)),
        Decision::SetLimit(..) => matches!(looser, L::Limit(_) | L::Room(_)),
        Decision::ChangeCouncil(_) | Decision::Grant(..) => matches!(looser, L::Council),
        Decision::RegisterEvacuationRoute(..) => matches!(looser, L::Vault(_)),
        Decision::CancelRelease(..) => false,
        Decision::OpenBreaker(..) => matches!(looser, L::Breaker(_)),
        Decision::SetLink(_) => matches!(looser, L::Link(_)),
        Decision::Close(_) => matches!(looser, L::Breaker(_) | L::Detector(_)),
    }
}

/// 128 bits of everything that acts or the check will ever look at again, the same for both members' parts swapped.
///
/// Left out is what has no consequence any more: masks that have lapsed, the timeline of an incident, proposals that
/// are dead, counters of another day or slot. The clock stays in, so no two times are confused.
fn fingerprint(node: &Node) -> u128 {
    let in_order = Lanes::of(node, [0, 1]);
    in_order.min(Lanes::of(node, [1, 0]))
}

struct Lanes([u64; 2]);

impl Lanes {
    fn mix(&mut self, word: u64) {
        let [first, second] = &mut self.0;
        *first = (first.rotate_left(5) ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        *second = (second.rotate_left(23) ^ word).wrapping_mul(0xc4ce_b9fe_1a85_ec53) ^ (*first >> 29);
    }

    fn time(&mut self, time: i64) {
        self.mix(time.unsigned_abs());
    }

    /// Vetoes that stand against a proposer.
    fn vetoes(&mut self, kept: &StandingVetoes, order: [usize; 2], rights: u8) {
        self.mix(u64::from(rights));
        for (by, ts) in kept.by.iter().zip(kept.ts) {
            let place = order.iter().position(|index| index + 1 == usize::from(*by));
            self.mix(place.map_or(0, |place| place as u64 + 1));
            self.time(if *by == 0 { 0 } else { ts });
        }
    }

    /// Two masks' worth of members, in this order.
    fn mask(&mut self, bits: u16, order: [usize; 2]) {
        for index in order {
            self.mix(u64::from(bits >> index & 1));
        }
    }

    fn of(node: &Node, order: [usize; 2]) -> u128 {
        let mut lanes = Self([0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f]);
        let State {
            at,
            domain,
            council,
            board,
            breakers,
            links,
            incidents,
            proposals,
            custody: _,
            ..
        } = &node.state;
        lanes.time(at.now);
        lanes.mix(u64::from(node.waits));
        lanes.mix(u64::from(domain.state));
        lanes.mix(domain.incident_count);
        lanes.mix(council.config_epoch);
        for index in order {
            let member = &council.members[index];
            let is_today = i64::from(member.guardian_pause_day) == at.now / DAY;
            let is_in_a_row = at.now < member.last_guardian_pause_ts + 2 * GUARDIAN_PAUSE;
            lanes.mix(u64::from(member.key == SUCCESSOR));
            lanes.mix(u64::from(member.pause_rights));
            lanes.vetoes(&council.vetoes[index], order, council.veto_rights);
            lanes.mix(if is_today {
                u64::from(member.guardian_pauses_today)
            } else {
                0
            });
            lanes.time(if is_in_a_row { member.last_guardian_pause_ts } else { 0 });
            lanes.mix(if is_in_a_row {
                u64::from(member.guardian_pauses_in_a_row)
            } else {
                0
            });
            lanes.time(member.last_active_ts);
            lanes.time(if at.now < member.active_from_ts {
                member.active_from_ts
            } else {
                0
            });
        }
        lanes.vetoes(&council.vetoes[veto::FALLBACK], order, council.veto_rights);
        for row in [&board.domain_row, &board.rows[0], &board.rows[1]] {
            lanes.mix(u64::from(row.freeze));
            lanes.mix(u64::from(row.ramp_bps));
            for (mask, until) in [
                (row.guardian_pause, row.guardian_pause_until),
                (row.trip, row.trip_until),
                (row.linked, row.linked_until),
            ] {
                let (mask, until) = if at.now < until { (mask, until) } else { (0, 0) };
                lanes.mix(u64::from(mask));
                lanes.time(until);
            }
        }
        lanes.time(if at.now < board.grace_until {
            board.grace_until
        } else {
            0
        });
        for (_, breaker) in breakers.iter() {
            let mut kept = *breaker;
            let is_void = breaker.latch.slot < board.unpaused_slot || at.now >= breaker.latch.until;
            if is_void {
                (kept.latch.ts, kept.latch.until, kept.latch.slot, kept.latch.state) = (0, 0, 0, 0);
            }
            kept.latch.begun_slot = [0; 6];
            (kept.latch.seen, kept.latch.allowed) = (0, 0);
            if breaker.last_slot != at.slot {
                (kept.last_slot, kept.slot_outflow) = (0, 0);
            }
            for word in bytemuck::bytes_of(&kept).chunks_exact(8) {
                lanes.mix(u64::from_le_bytes(word.try_into().expect("eight bytes")));
            }
        }
        // There is one breaker that can be opened, and one link that can be set.
        lanes.mix(((breakers.len() as u64) << 1) | links.len() as u64);
        if let Some(incident) = incidents.last().filter(|_| domain.open_incident != Pubkey::default()) {
            let is_current = incident.config_epoch == council.config_epoch;
            lanes.mask(if is_current { incident.confirmations } else { 0 }, order);
        }
        for (number, (proposal, _)) in proposals.iter().enumerate() {
            let is_live = proposal.state == proposal_state::OPEN
                && proposal.config_epoch == council.config_epoch
                && at.now <= proposal.expires_ts;
            lanes.mix(u64::from(is_live));
            if !is_live {
                continue;
            }
            lanes.mix(u64::from(proposal.flags));
            lanes.mix(u64::from_le_bytes(
                proposal.payload_hash[..8].try_into().expect("eight bytes"),
            ));
            lanes.mask(proposal.approvals, order);
            lanes.mask(proposal.vetoes, order);
            lanes.mask(proposal.removes, order);
            for index in order {
                lanes.mix(u64::from(proposal.proposer == council.members[index].key));
            }
            for time in [proposal.approved_ts, proposal.expires_ts, proposal.created_ts] {
                lanes.time(time);
            }
            lanes.time(node.since[number].unwrap_or(-1));
            lanes.mix(proposal.created_slot);
            lanes.mix(u64::from(is_outdated(&node.state, number)));
        }
        u128::from(lanes.0[0]) << 64 | u128::from(lanes.0[1])
    }
}

/// Follows a story to where a check begins.
fn after(story: &[(Pubkey, Action)]) -> Node {
    let start = Node {
        state: operating(),
        since: [None; 1],
        opened: None,
        waits: 0,
    };
    story.iter().fold(start, |node, (signer, action)| {
        let state = node.state.step(&keys(), signer, action);
        let node = follow(&node, state.unwrap_or_else(|error| panic!("{action:?}: {error:?}")));
        Node { waits: 0, ..node }
    })
}

fn wait(seconds: i64) -> (Pubkey, Action) {
    let slots = u64::try_from(seconds).expect("a time") * 2;
    (STRANGER, Action::Wait { slots, seconds })
}

fn resume() -> Action {
    Action::Propose(Decision::Resume { incident: key(20) })
}

/// Where the checks begin.
fn beginnings() -> Vec<(&'static str, Node)> {
    let freeze = || vec![(A, Action::OpenIncident), (A, Action::Confirm), (B, Action::Confirm)];
    let with = |mut story: Vec<(Pubkey, Action)>, more: Vec<(Pubkey, Action)>| {
        story.extend(more);
        after(&story)
    };
    // Approved by both, and a second short of its delay.
    let about_to_mature = |decision| {
        after(&[
            (A, Action::Propose(decision)),
            (A, Action::Approve(0)),
            (B, Action::Approve(0)),
            wait(DELAY - 1),
        ])
    };
    let successors = || Action::Propose(Decision::ChangeCouncil(Rc::new(plan(SUCCESSOR))));
    vec![
        ("peace", after(&[])),
        ("an alarm", after(&[(A, Action::OpenIncident)])),
        ("a latch", after(&[(METER, Action::Meter(0, 5_000))])),
        ("a freeze", with(freeze(), vec![])),
        (
            "a freeze, and a resume about to mature",
            with(
                freeze(),
                vec![
                    (A, resume()),
                    (A, Action::Approve(0)),
                    (B, Action::Approve(0)),
                    wait(DELAY - 1),
                ],
            ),
        ),
        (
            "a freeze since a higher limit was approved",
            with(
                vec![
                    (A, Action::Propose(Decision::SetLimit(0, limits(4_000)))),
                    (A, Action::Approve(0)),
                    wait(DELAY - 1),
                ],
                freeze(),
            ),
        ),
        (
            "a higher limit about to mature",
            after(&[
                (A, Action::Propose(Decision::SetLimit(0, limits(4_000)))),
                (A, Action::Approve(0)),
                wait(DELAY - 1),
            ]),
        ),
        (
            "a breaker about to be opened",
            about_to_mature(Decision::OpenBreaker(1, Rc::new(second_breaker()))),
        ),
        ("a link about to be set", about_to_mature(Decision::SetLink(linked()))),
        ("everybody silent", after(&[wait(HEARTBEAT + 1)])),
        (
            "everybody gone, and the fallback's council about to mature",
            after(&[
                wait(HEARTBEAT + FALLBACK + 1),
                (FALLBACK_KEY, successors()),
                (FALLBACK_KEY, Action::Approve(0)),
                wait(MIN_FALLBACK_DELAY_SECONDS - 1),
            ]),
        ),
    ]
}

#[test]
fn nothing_within_six_steps_loosens_without_a_matured_proposal() {
    let started = Instant::now();
    let names = beginnings().len();
    // Two at a time: the biggest first, in turns.
    let explore = move |half: usize| {
        let mut checker = Checker::new(State::step);
        for (name, start) in beginnings().into_iter().skip(half).step_by(2) {
            let before = (checker.tally.states, checker.tally.edges);
            if let Err(wrong) = checker.explore(start, DEPTH) {
                panic!("from {name}: {wrong:?}");
            }
            let Tally { states, edges, .. } = checker.tally;
            println!(
                "{:8} states, {:9} steps from {name}",
                states - before.0,
                edges - before.1
            );
        }
        checker.tally
    };
    let tallies = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| scope.spawn(move || explore(half)));
        halves.map(|half| half.join().expect("a step was wrong"))
    });
    let sum = |part: fn(&Tally) -> usize| tallies.iter().map(part).sum::<usize>();
    let (states, edges, executed) = (
        sum(|tally| tally.states),
        sum(|tally| tally.edges),
        sum(|tally| tally.executed),
    );
    let (refused, took) = (sum(|tally| tally.refused), started.elapsed());
    println!("{states} states, {edges} steps from {names} beginnings, {executed} of them executions");
    println!("{refused} steps refused, {took:.1?}");
    assert!(states > LEAST_STATES && edges > LEAST_EDGES, "less is reached than was");
    assert!(executed > LEAST_EXECUTIONS, "proposals do not run any more");
}

/// The check finds what it is for: each of these acts is broken in one way.
#[test]
fn a_broken_act_is_found() {
    // Resumes as soon as it is proposed.
    let instant: Step = |state, keys, signer, action| {
        let Action::Execute(number) = action else {
            return state.step(keys, signer, action);
        };
        let mut ripe = state.clone();
        let at = ripe.at;
        ripe.at.now = at.now + DELAY;
        let mut next = ripe.step(keys, signer, &Action::Execute(*number))?;
        next.at = at;
        Ok(next)
    };
    // A heartbeat makes a silent member count at once.
    let revived: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Heartbeat) {
            for member in &mut Rc::make_mut(&mut next.council).members {
                member.active_from_ts = 0;
            }
        }
        Ok(next)
    };
    // Every pause replaces the one in force.
    let replaced: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if let Action::Pause { scope: 0, mask } = action {
            Rc::make_mut(&mut next.board).rows[0].guardian_pause = *mask;
            Rc::make_mut(&mut next.board).domain_row.guardian_pause = 0;
        }
        Ok(next)
    };
    // A lapse closes nothing it should not, but forgets a confirmed hold.
    let forgotten: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Propose(_)) {
            Rc::make_mut(&mut next.board).domain_row.freeze = 0;
        }
        Ok(next)
    };
    // A decision of peace runs though the domain was frozen since.
    let outdated: Step = |state, keys, signer, action| {
        let mut unknowing = state.clone();
        Rc::make_mut(&mut unknowing.domain).confirmed_slot = 0;
        unknowing.step(keys, signer, action)
    };
    // A breaker that a proposal opens begins as one of the set-up does.
    let empty: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Execute(_)) && next.breakers.len() > state.breakers.len() {
            let breaker = &mut Rc::make_mut(&mut next.breakers)[1].1;
            (breaker.buckets, breaker.outflow) = ([0; 25], 0);
        }
        Ok(next)
    };
    // A link that is set opens what was closed by another.
    let unlinked: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Execute(_)) && next.links.len() > state.links.len() {
            Rc::make_mut(&mut next.board).domain_row.guardian_pause = 0;
        }
        Ok(next)
    };
    for (name, step) in [
        ("empty", empty),
        ("unlinked", unlinked),
        ("outdated", outdated),
        ("instant", instant),
        ("revived", revived),
        ("replaced", replaced),
        ("forgotten", forgotten),
    ] {
        let found = beginnings()
            .into_iter()
            .find_map(|(_, start)| Checker::new(step).explore(start, 3).err());
        let found = found.unwrap_or_else(|| panic!("{name} was not found"));
        println!("{name}: {found:?}");
    }
}
