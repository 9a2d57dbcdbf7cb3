//! Every state that a small vault can get into, within a few steps, from several beginnings: who would steal through the
//! queue, the route, an evacuation or an account that changed hands, and who would keep a vault closed.
//!
//! One vault, one guardian who is the approver too, an operator, a user with two token accounts, a thief who can do
//! whatever anyone can and makes other people's token accounts his own (as who made one can, that was closed), and a domain
//! with two recovery accounts. After every step:
//!
//! - tokens are conserved;
//! - nothing is looser (`core::permissiveness`), but by a matured proposal and in what it is about, or in a claim that its
//!   owner has redirected;
//! - custody pays what the operator asks for now, within limits; an owner's claim, to an account that the owner holds; or a
//!   route that is whose it was;
//! - a vault that was evacuated pays nothing until an unpause that was proposed after the evacuation was confirmed, and never
//!   what was queued before;
//! - what adds up to a trip or latches is owed by somebody: what is denied and what is void do neither;
//! - what leaves beyond the limits was brought in by who is paid, is of no earlier evacuation, and leaves once.
//!
//! And from every state there is a way out, whatever the thief does between its steps: the vault pays again after one
//! proposal, and every claim that is not void or cancelled is paid to whom its owner names, though somebody takes all that
//! may leave at once, first in every sub-window.

use std::{
    cell::Cell,
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    panic::catch_unwind,
    rc::Rc,
};

use bulkhead_core::{
    CoreError,
    acts::{At, change_council},
    board,
    custody::{is_active, is_void},
    latch::{self, Evidence},
    machine::{Action, Custody, CustodyAction as Do, Decision, Keys, State, Token, Which},
    permissiveness::{Loosening, loosening},
    window::{self, Limits, Moment},
};
use bulkhead_guard::{action, effective_mask};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, incident_state, phase, release_state, role, step},
    layout::{Council, DepositNote, Domain, OutflowBreaker, PauseBoard, Policy, Vault},
};
use bytemuck::Zeroable;

const DEPTH: usize = 5;
/// Fewer than these would mean that something is not reached any more.
const LEAST_STATES: usize = 100_000;
const LEAST_UNPAUSES: usize = 300;

const HOUR: i64 = 3_600;
const NOW: i64 = 20_000 * 86_400;

const GUARDIAN: Pubkey = key(1);
const OPERATOR: Pubkey = key(2);
const USER: Pubkey = key(3);
const THIEF: Pubkey = key(4);
const DOMAIN: Pubkey = key(10);
const BREAKER: Pubkey = key(11);
const VAULT: Pubkey = key(12);

// Token accounts, by number.
const CUSTODY: usize = 0;
const USERS: usize = 1;
const USERS_OTHER: usize = 2;
const THIEFS: usize = 3;
const ROUTE: usize = 4;
const SPARE: usize = 5;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn keys() -> Keys {
    let numbered = |first: u8, count: u8| (0..count).map(|number| (key(first + number), 255)).collect();
    Keys {
        domain: DOMAIN,
        breakers: vec![BREAKER],
        incidents: numbered(20, 4),
        proposals: vec![(GUARDIAN, numbered(30, 6))],
        releases: numbered(40, 5),
        migrations: numbered(50, 4),
        payer: key(7),
        ..Keys::default()
    }
}

/// In peace.
fn operating() -> State {
    let mut council = Council {
        version: VERSION,
        domain: DOMAIN,
        ..Council::zeroed()
    };
    let mut plan = Council {
        member_count: 1,
        freeze_threshold: 1,
        pause_rights: 3,
        guardian_pause_seconds: HOUR,
        trip_seconds: HOUR,
        default_mask: action::DEFAULT_EMERGENCY,
        guardian_pauses_per_day: 3,
        guardian_pauses_in_a_row: 3,
        heartbeat_seconds: 90 * 86_400,
        fallback_seconds: 30 * 86_400,
        fallback: key(8),
        policies: [Policy {
            threshold: 1,
            delay_seconds: HOUR,
            expiry_seconds: 100 * HOUR,
            ..Policy::zeroed()
        }; 4],
        ..Council::zeroed()
    };
    plan.members[0].key = GUARDIAN;
    plan.members[0].roles = role::GUARDIAN | role::APPROVER;
    change_council(&mut council, &plan, NOW).expect("a sound council");
    let mut pauses = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut pauses);
    let latch = latch::armed(1, 1, HOUR).expect("in range");
    let mut breaker = OutflowBreaker {
        version: VERSION,
        sub_windows: 4,
        shards: 1,
        authority: VAULT,
        window_seconds: HOUR,
        latch,
        compartment: 1,
        ..OutflowBreaker::zeroed()
    };
    window::open_reference(&mut breaker);
    let limits = Limits {
        limit: 100,
        slot_limit: 60,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    };
    limits.put(&mut breaker);
    breaker.trip_limit = 250;
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let at = At { slot: 1_000, now: NOW };
    let holders = [VAULT, USER, USER, THIEF, DOMAIN, DOMAIN];
    let amounts = [1_000, 0, 0, 10, 0, 0];
    let tokens = (60..).zip(holders).zip(amounts);
    let tokens: Vec<_> = tokens
        .map(|((number, holder), amount)| Token {
            key: key(number),
            holder,
            amount,
            is_frozen: false,
        })
        .collect();
    let vault = Vault {
        version: VERSION,
        compartment: 1,
        domain: DOMAIN,
        latch,
        mint: key(70),
        token_program: key(71),
        custody: tokens[CUSTODY].key,
        operator: OPERATOR,
        breaker: BREAKER,
        route: tokens[ROUTE].key,
        route_holder: DOMAIN,
        queue_seconds: HOUR,
        ..Vault::zeroed()
    };
    let mut state = State::new(at, domain, council, pauses, vec![(BREAKER, breaker)]);
    state.custody = Rc::new(Custody {
        vaults: vec![(VAULT, vault)],
        tokens,
        ..Custody::default()
    });
    state
}

fn wait(seconds: i64) -> Action {
    let slots = 1 + u64::try_from(seconds).expect("a time") * 2;
    Action::Wait { slots, seconds }
}

/// What can be done by whom. The user gives nothing away to the thief; everything else is tried.
fn moves(state: &State) -> Vec<(Pubkey, Action)> {
    let custody = |signer, action| (signer, Action::Custody(action));
    let mut all = vec![
        (THIEF, wait(1)),
        (THIEF, wait(2 * HOUR)),
        custody(OPERATOR, Do::Release(0, USERS, 30)),
        custody(OPERATOR, Do::Release(0, USERS, 200)),
        custody(OPERATOR, Do::ReleaseAgain(0, USERS, 200)),
        custody(OPERATOR, Do::ReleaseAgain(0, USERS, 300)),
        custody(THIEF, Do::Release(0, THIEFS, 30)),
        (GUARDIAN, Action::OpenIncident),
        (GUARDIAN, Action::Confirm),
        (THIEF, Action::Confirm),
        (THIEF, Action::Lapse),
        (THIEF, Action::Propagate(Which::Breaker(0))),
        custody(GUARDIAN, Do::ConfirmEvacuation),
        custody(THIEF, Do::ConfirmEvacuation),
        custody(THIEF, Do::Evacuate(0, ROUTE)),
        custody(THIEF, Do::Evacuate(0, SPARE)),
        custody(THIEF, Do::Evacuate(0, THIEFS)),
        custody(THIEF, Do::ObserveEvacuationRoute(0)),
        custody(THIEF, Do::PropagateEvacuationRoute(0)),
        custody(THIEF, Do::Deposit(0, THIEFS, 1)),
        custody(THIEF, Do::Reown(USERS, THIEF)),
        custody(THIEF, Do::Reown(ROUTE, THIEF)),
        custody(THIEF, Do::Freeze(ROUTE, true)),
        custody(THIEF, Do::Freeze(USERS, true)),
    ];
    if !state.custody.notes.is_empty() {
        all.extend([
            custody(USER, Do::Receive(0, USERS, 30)),
            custody(THIEF, Do::Receive(0, THIEFS, 1)),
            custody(OPERATOR, Do::ReleaseOf(0, USERS, 30, USER)),
            custody(OPERATOR, Do::ReleaseOf(0, USERS, 80, USER)),
            custody(OPERATOR, Do::ReleaseOf(0, THIEFS, 30, USER)),
            custody(OPERATOR, Do::ReleaseOf(0, THIEFS, 30, THIEF)),
        ]);
    }
    for number in 0..state.custody.releases.len() {
        all.extend([
            custody(THIEF, Do::Settle(number, USERS)),
            custody(THIEF, Do::Settle(number, USERS_OTHER)),
            custody(THIEF, Do::Settle(number, THIEFS)),
            custody(THIEF, Do::Redirect(number, THIEFS)),
            custody(USER, Do::Redirect(number, USERS_OTHER)),
            custody(OPERATOR, Do::Redirect(number, THIEFS)),
            custody(GUARDIAN, Do::Cancel(number)),
            custody(THIEF, Do::Cancel(number)),
            custody(THIEF, Do::CancelListed(number)),
        ]);
    }
    let incident = keys().incidents[usize::try_from(state.domain.incident_count.saturating_sub(1)).expect("few")].0;
    let spare = [VAULT, state.custody.tokens[SPARE].key];
    if state.proposals.len() < 2 {
        let resume = Decision::Resume { incident };
        all.push((GUARDIAN, Action::Propose(resume)));
        all.push((
            GUARDIAN,
            Action::Propose(Decision::RegisterEvacuationRoute(0, SPARE, spare)),
        ));
    }
    for number in 0..state.proposals.len() {
        all.push((GUARDIAN, Action::Approve(number)));
        all.push((THIEF, Action::Execute(number)));
    }
    all
}

/// What somebody did, told when it matters.
struct Story<'a>(&'a Action, Pubkey);

impl std::fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:?} by {:?}", self.0, self.1)
    }
}

/// What an owner's note says was brought in and has not left.
fn noted(custody: &Custody, owner: &Pubkey) -> (u64, u32) {
    let found = custody.notes.iter().find(|(whose, _)| whose == owner);
    let note = found.map_or(DepositNote::zeroed(), |(_, note)| *note);
    let amounts = note.entries.iter().map(|entry| entry.amount);
    (amounts.sum(), note.evacuations)
}

/// Notes grow by what arrives and shrink by what is asked for in their owner's name. Gives how much of that note was used.
fn check_notes(old: &Custody, new: &Custody, action: &Action, story: &Story) -> u64 {
    let mut used = 0;
    for (owner, _) in &new.notes {
        let ((before, _), (after, evacuations)) = (noted(old, owner), noted(new, owner));
        let arrived = new.tokens[CUSTODY].amount.saturating_sub(old.tokens[CUSTODY].amount);
        match action {
            Action::Custody(Do::Receive(..)) => assert!(after <= before + arrived, "{story}: noted, and never came"),
            Action::Custody(Do::ReleaseOf(_, _, _, whose)) if whose == owner => {
                assert!(after <= before, "{story}");
                used = before - after;
                let is_of_now = evacuations == old.vaults[0].1.evacuations;
                assert!(used == 0 || is_of_now, "{story}: what it was of has left");
            }
            _ => assert_eq!(after, before, "{story}: a note of {owner:?}"),
        }
    }
    used
}

/// Holds of every step, or the story of the one that broke it.
fn check(before: &State, after: &State, signer: Pubkey, action: &Action) {
    let story = Story(action, signer);
    let (old, new) = (&before.custody, &after.custody);
    assert_eq!(old.supply(), new.supply(), "{story}");
    if !matches!(action, Action::Wait { .. }) {
        let (old_board, new_board) = (before.board_bytes(), after.board_bytes());
        let (slot, now) = (after.at.slot, after.at.now);
        let looser = loosening(&before.safety(&old_board), &after.safety(&new_board), slot, now);
        let is_fine = match (looser, action) {
            (None, _) => true,
            (Some(Loosening::Release(key)), Action::Custody(Do::Redirect(number, _))) => {
                let (own, record) = old.releases[*number];
                own == key && record.owner == signer && record.state == release_state::QUEUED
            }
            (Some(looser), Action::Execute(number)) => {
                let record = &before.proposals[*number].0;
                let is_due = record.approved_ts != 0 && now >= record.approved_ts + HOUR;
                let is_about = match before.proposals[*number].1 {
                    Decision::RegisterEvacuationRoute(..) => matches!(looser, Loosening::Vault(_)),
                    _ => true,
                };
                is_due && is_about
            }
            _ => false,
        };
        assert!(is_fine, "{story}: {looser:?}");
    }
    if let Action::Execute(number) = action {
        let (record, decision) = &before.proposals[*number];
        let is_councils = matches!(decision, Decision::ChangeCouncil(_) | Decision::Grant(..));
        let mut confirmed = (before.incidents.iter())
            .flat_map(|incident| [incident.steps[step::FREEZE], incident.steps[step::EVACUATION]])
            .filter(|confirmed| confirmed.ts != 0);
        assert!(
            is_councils || confirmed.all(|confirmed| record.created_slot > confirmed.slot),
            "{story}: it knew nothing of what the guardians have confirmed"
        );
    }
    let vault = old.vaults[0].1;
    // What lies in a recovery account stays somebody's: no proposal here moves it, and no restoration.
    let (was, is) = (vault.evacuation, new.vaults[0].1.evacuation);
    if was.destination == is.destination {
        assert!(
            is.moved - is.drawn >= was.moved - was.drawn,
            "{story}: a recovery account is nobody's"
        );
    }
    // What latches adds up what the host was debited for, and nothing else.
    let owed = new
        .releases
        .iter()
        .filter(|(_, release)| !is_void(&new.vaults[0].1, release));
    let owed: u64 = owed.map(|(_, release)| release.amount).sum();
    let breaker = &after.breakers[0].1;
    let is_stale = breaker.evacuations != new.vaults[0].1.evacuations;
    assert!(
        is_stale || breaker.queued <= owed,
        "{story}: {} asked for, {owed} owed",
        breaker.queued
    );
    if let Action::Custody(Do::Release(..) | Do::ReleaseAgain(..)) = action {
        let [was, is] = [before, after].map(|state| state.breakers[0].1.latch);
        assert!(
            (was.slot, was.until) == (is.slot, is.until) || new.releases.len() > old.releases.len(),
            "{story}: latched, and nobody owes more"
        );
    }
    let used = check_notes(old, new, action, &story);
    let left = old.tokens[CUSTODY].amount.checked_sub(new.tokens[CUSTODY].amount);
    let Some(left) = left.filter(|left| *left > 0) else {
        return;
    };
    let (reached, token) = (old.tokens.iter().zip(&new.tokens).enumerate())
        .find(|(_, (old, new))| new.amount > old.amount)
        .map(|(number, (old, _))| (number, *old))
        .expect("it went somewhere");
    let closed = effective_mask(&before.board_bytes(), 1, before.at.now).expect("a board") & action::WITHDRAW;
    match *action {
        Action::Custody(Do::Release(..) | Do::ReleaseAgain(..) | Do::ReleaseOf(..)) => {
            let is_its = matches!(*action, Action::Custody(Do::ReleaseOf(_, _, _, owner)) if owner == token.holder);
            assert!(used == 0 || is_its, "{story}: by another's note");
            assert!(signer == OPERATOR && closed == 0 && left <= 60 + used, "{story}");
            let breaker = &before.breakers[0].1;
            let in_slot = if breaker.last_slot == after.at.slot {
                breaker.slot_outflow
            } else {
                0
            };
            let counted = after.breakers[0].1.slot_outflow - in_slot;
            assert_eq!(counted + used, left, "{story}: counted nowhere");
            assert!(is_active(&vault, before.board.unpaused_slot), "{story}");
        }
        Action::Custody(Do::Settle(number, _)) => {
            let record = old.releases[number].1;
            assert!(closed == 0 && left <= 60, "{story}");
            assert_eq!((record.destination, record.owner), (token.key, token.holder), "{story}");
            assert_eq!(new.releases[number].1.paid, record.paid + left, "{story}");
            assert!(is_active(&vault, before.board.unpaused_slot), "{story}");
            // By the incidents' own timelines, not by the vault's books.
            let was_moved_since = before.incidents.iter().any(|incident| {
                vault.evacuation.incident != Pubkey::default()
                    && incident.steps[step::EVACUATED].slot > record.requested_slot
            });
            assert!(!was_moved_since, "{story}: void, and paid");
        }
        Action::Custody(Do::Evacuate(..)) => {
            assert_eq!((token.key, token.holder), (vault.route, vault.route_holder), "{story}");
            assert!(
                !token.is_frozen && new.tokens[CUSTODY].amount == 0,
                "{story}: to {reached}"
            );
        }
        _ => panic!("{story}: {left} left custody"),
    }
}

/// A deliberately broken act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// A settlement that compares the address alone.
    SettleForgetsTheHolder,
    /// A redirection that anyone signs.
    AnyoneRedirects,
    /// An evacuation that compares the address alone.
    EvacuateForgetsTheHolder,
    /// A vault that is closed from when it was moved.
    ClosedWhenMoved,
    /// An evacuation that leaves the queue valid.
    QueueStaysValid,
    /// A settlement that pays twice.
    PaidIsForgotten,
    /// A release that is not asked who signs it.
    AnyoneReleases,
    /// A decision of peace that runs in the incident.
    OlderDecisionsRun,
    /// An evacuation that overwrites what an earlier one brought to the recovery account.
    RecoveryAccountsAreForgotten,
    /// A request that is denied adds up to a trip.
    DeniedIsCounted,
    /// A request that is denied latches if it is above the trip limit by itself.
    DeniedLatches,
    /// What an evacuation voids goes on adding up.
    VoidIsCounted,
    /// A note that covers what is paid to anybody.
    NotesPayAnybody,
    /// A deposit that is noted twice.
    DepositsCountTwice,
}

thread_local! {
    static BROKEN: Cell<Broken> = const { Cell::new(Broken::Nothing) };
}

/// A step of the machine, with whichever act is broken.
fn step_of(state: &State, signer: &Pubkey, action: &Action) -> Result<State, CoreError> {
    let broken = BROKEN.get();
    let mut before = state.clone();
    let own = Rc::make_mut(&mut before.custody);
    let mut signer = *signer;
    match (broken, action) {
        (Broken::SettleForgetsTheHolder, Action::Custody(Do::Settle(number, token))) => {
            own.releases[*number].1.owner = own.tokens[*token].holder;
        }
        (Broken::AnyoneRedirects, Action::Custody(Do::Redirect(number, _))) => own.releases[*number].1.owner = signer,
        (Broken::EvacuateForgetsTheHolder, Action::Custody(Do::Evacuate(vault, token))) => {
            own.vaults[*vault].1.route_holder = own.tokens[*token].holder;
        }
        (Broken::AnyoneReleases, Action::Custody(Do::Release(..))) => signer = OPERATOR,
        (Broken::NotesPayAnybody, Action::Custody(Do::ReleaseOf(_, token, _, owner))) => {
            own.tokens[*token].holder = *owner;
        }
        (Broken::OlderDecisionsRun, _) => Rc::make_mut(&mut before.domain).confirmed_slot = 0,
        (Broken::RecoveryAccountsAreForgotten, _) => Rc::make_mut(&mut before.domain).spent_slot = u64::MAX,
        _ => {}
    }
    let mut after = before.step(&keys(), &signer, action)?;
    let slot = after.at.slot;
    let own = Rc::make_mut(&mut after.custody);
    match (broken, action) {
        (Broken::ClosedWhenMoved, Action::Custody(Do::Evacuate(vault, _))) => {
            own.vaults[*vault].1.evacuated_slot = slot
        }
        (Broken::QueueStaysValid, Action::Custody(Do::Evacuate(vault, _))) => {
            own.vaults[*vault].1.evacuations = state.custody.vaults[*vault].1.evacuations;
        }
        (Broken::PaidIsForgotten, Action::Custody(Do::Settle(number, _))) => own.releases[*number].1.paid = 0,
        (Broken::NotesPayAnybody, Action::Custody(Do::ReleaseOf(_, token, _, _))) => {
            own.tokens[*token].holder = state.custody.tokens[*token].holder;
        }
        (Broken::DepositsCountTwice, Action::Custody(Do::Receive(_, _, amount))) => {
            own.notes
                .iter_mut()
                .for_each(|(_, note)| note.entries[0].amount += amount);
        }
        (Broken::DeniedIsCounted, Action::Custody(Do::ReleaseAgain(_, _, amount))) => {
            let at = after.at;
            let at = Moment {
                slot: at.slot,
                now: at.now,
                ramp_bps: 10_000,
                unpaused_slot: 0,
            };
            window::wait(&mut Rc::make_mut(&mut after.breakers)[0].1, None, *amount, &at);
        }
        (Broken::DeniedLatches, Action::Custody(Do::ReleaseAgain(_, _, amount))) => {
            let at = after.at;
            let breaker = &mut Rc::make_mut(&mut after.breakers)[0].1;
            let evidence = Evidence {
                seen: *amount,
                allowed: breaker.trip_limit,
            };
            if *amount > breaker.trip_limit && !latch::is_in_force(&breaker.latch, 0, at.now) {
                latch::set(&mut breaker.latch, evidence, at);
            }
        }
        (Broken::VoidIsCounted, _) => {
            let evacuations = own.vaults[0].1.evacuations;
            Rc::make_mut(&mut after.breakers)[0].1.evacuations = evacuations;
        }
        _ => {}
    }
    Ok(after)
}

/// A step that has to work.
fn must(state: &State, signer: Pubkey, action: Action) -> State {
    let next = step_of(state, &signer, &action);
    let next = next.unwrap_or_else(|error| panic!("no way out: {action:?} of {signer:?}: {error:?}"));
    check(state, &next, signer, &action);
    next
}

/// Whatever the thief can do to keep the vault closed, all of it.
fn harass(mut state: State) -> State {
    for action in [
        Do::Deposit(0, THIEFS, 1),
        Do::Evacuate(0, ROUTE),
        Do::Evacuate(0, SPARE),
        Do::Reown(USERS, THIEF),
        Do::ObserveEvacuationRoute(0),
        Do::ConfirmEvacuation,
    ] {
        if let Ok(next) = step_of(&state, &THIEF, &Action::Custody(action)) {
            check(&state, &next, THIEF, &Action::Custody(action));
            state = next;
        }
    }
    state
}

/// The operator pays out whatever may leave at once, in as many slots as that takes.
fn fill(mut state: State) -> State {
    loop {
        let at = Moment {
            slot: state.at.slot,
            now: state.at.now,
            ramp_bps: 10_000,
            unpaused_slot: state.board.unpaused_slot,
        };
        let room = window::remaining(&state.breakers[0].1, &at).min(40);
        if room == 0 {
            return state;
        }
        state = must(&state, OPERATOR, Action::Custody(Do::Release(0, THIEFS, room)));
        state = must(&state, THIEF, wait(0));
    }
}

/// The vault pays again, and every claim is paid.
fn way_out(state: &State) {
    let mut state = harass(state.clone());
    // Whatever is seen of a route for the first time is known when it is proposed.
    state = must(&state, THIEF, wait(1));
    // An incident that nobody held may lapse instead.
    if state.domain.state != phase::OPERATING {
        let number = state.domain.incident_count - 1;
        let incident = keys().incidents[usize::try_from(number).expect("few")].0;
        let proposal = state.proposals.len();
        state = must(&state, GUARDIAN, Action::Propose(Decision::Resume { incident }));
        state = must(&state, GUARDIAN, Action::Approve(proposal));
        state = harass(must(&state, THIEF, wait(HOUR)));
        state = must(&state, THIEF, Action::Execute(proposal));
        assert_eq!(
            state.incidents.last().expect("it was open").state,
            incident_state::CLOSED
        );
    }
    let vault = state.custody.vaults[0].1;
    assert!(is_active(&vault, state.board.unpaused_slot), "closed over the unpause");
    // The thief owns nothing that anybody is to be paid to, and what he froze stays frozen.
    let mut all = (*state.custody).clone();
    (all.tokens[CUSTODY].amount, all.tokens[USERS_OTHER].is_frozen) = (10_000, false);
    state.custody = Rc::new(all);
    for number in 0..state.custody.releases.len() {
        let (_, record) = state.custody.releases[number];
        // What the host named an account of the thief's for is the thief's.
        if record.state != release_state::QUEUED || is_void(&vault, &record) || record.owner != USER {
            continue;
        }
        if record.destination != state.custody.tokens[USERS_OTHER].key {
            state = must(&state, USER, Action::Custody(Do::Redirect(number, USERS_OTHER)));
        }
        // Somebody takes all there is, first in every sub-window.
        let mut tries = 0;
        state = must(&state, THIEF, wait(3 * HOUR));
        while state.custody.releases[number].1.state == release_state::QUEUED {
            state = fill(must(&state, THIEF, wait(HOUR / 4)));
            state = must(&state, THIEF, Action::Custody(Do::Settle(number, USERS_OTHER)));
            tries += 1;
            let owed: u64 = state.custody.releases.iter().map(|(_, release)| release.amount).sum();
            assert!(tries <= 5 * (owed.div_ceil(50) + 2), "it waits forever");
        }
    }
}

fn fingerprint(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    (state.at.slot, state.at.now).hash(&mut hasher);
    bytemuck::bytes_of(&*state.domain).hash(&mut hasher);
    bytemuck::bytes_of(&*state.council).hash(&mut hasher);
    let board = &state.board;
    (board.epoch, board.unpaused_slot).hash(&mut hasher);
    for row in [&board.domain_row, &board.rows[1]] {
        bytemuck::bytes_of(row).hash(&mut hasher);
    }
    let breaker = &state.breakers[0].1;
    bytemuck::bytes_of(&breaker.latch).hash(&mut hasher);
    (breaker.outflow, breaker.slot_outflow, breaker.last_slot, breaker.bucket).hash(&mut hasher);
    (
        breaker.queued,
        breaker.evacuations,
        breaker.turn_ts,
        breaker.turn_bucket,
    )
        .hash(&mut hasher);
    for incident in state.incidents.iter() {
        bytemuck::bytes_of(incident).hash(&mut hasher);
    }
    for (proposal, _) in state.proposals.iter() {
        bytemuck::bytes_of(proposal).hash(&mut hasher);
    }
    let custody = &state.custody;
    bytemuck::bytes_of(&custody.vaults[0].1).hash(&mut hasher);
    for (_, release) in &custody.releases {
        bytemuck::bytes_of(release).hash(&mut hasher);
    }
    for migration in &custody.migrations {
        bytemuck::bytes_of(migration).hash(&mut hasher);
    }
    for (_, note) in &custody.notes {
        bytemuck::bytes_of(note).hash(&mut hasher);
    }
    for token in &custody.tokens {
        (token.holder.as_ref(), token.amount, token.is_frozen).hash(&mut hasher);
    }
    hasher.finish()
}

fn beginnings() -> Vec<(&'static str, State)> {
    let custody = |signer, action| (signer, Action::Custody(action));
    let after = |mut state: State, steps: &[(Pubkey, Action)]| {
        for (signer, action) in steps {
            state = must(&state, *signer, action.clone());
        }
        state
    };
    let queued = after(
        operating(),
        &[custody(OPERATOR, Do::Release(0, USERS, 200)), (THIEF, wait(2 * HOUR))],
    );
    let held = after(
        queued.clone(),
        &[
            (GUARDIAN, Action::OpenIncident),
            (THIEF, wait(1)),
            (GUARDIAN, Action::Confirm),
            (THIEF, wait(1)),
        ],
    );
    let resume = |_state: &State| {
        let incident = keys().incidents[0].0;
        Action::Propose(Decision::Resume { incident })
    };
    // Proposed before the evacuation was confirmed, and after.
    let early = after(
        held.clone(),
        &[
            (GUARDIAN, resume(&held)),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(1)),
            custody(GUARDIAN, Do::ConfirmEvacuation),
            (THIEF, wait(HOUR)),
        ],
    );
    let confirmed = after(
        held.clone(),
        &[custody(GUARDIAN, Do::ConfirmEvacuation), (THIEF, wait(1))],
    );
    let late = after(
        confirmed.clone(),
        &[
            (GUARDIAN, resume(&confirmed)),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(HOUR)),
        ],
    );
    let unpaused = after(
        late.clone(),
        &[
            custody(THIEF, Do::Evacuate(0, ROUTE)),
            (THIEF, Action::Execute(0)),
            custody(THIEF, Do::Deposit(0, THIEFS, 5)),
        ],
    );
    // A route is approved in peace and kept; then the domain is frozen.
    let spare = [VAULT, operating().custody.tokens[SPARE].key];
    let kept = after(
        operating(),
        &[
            (
                GUARDIAN,
                Action::Propose(Decision::RegisterEvacuationRoute(0, SPARE, spare)),
            ),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(HOUR)),
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
        ],
    );
    // What was evacuated lies in the recovery account, and the domain is run again.
    let recovery_account = after(
        unpaused.clone(),
        &[
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
            custody(GUARDIAN, Do::ConfirmEvacuation),
            (THIEF, wait(1)),
        ],
    );
    // The user was paid, and has brought it in again.
    let brought = after(
        operating(),
        &[
            custody(OPERATOR, Do::Release(0, USERS, 30)),
            custody(USER, Do::Receive(0, USERS, 30)),
        ],
    );
    // A vault that had no route when it was closed, and is about to get one.
    let mut without = operating();
    Rc::make_mut(&mut without.custody).vaults[0].1.route = Pubkey::default();
    let routeless = after(
        without,
        &[
            (GUARDIAN, Action::OpenIncident),
            (GUARDIAN, Action::Confirm),
            custody(GUARDIAN, Do::ConfirmEvacuation),
            custody(THIEF, Do::Evacuate(0, ROUTE)),
            (THIEF, wait(1)),
            (
                GUARDIAN,
                Action::Propose(Decision::RegisterEvacuationRoute(0, SPARE, spare)),
            ),
            (GUARDIAN, Action::Approve(0)),
            (THIEF, wait(HOUR)),
        ],
    );
    vec![
        ("brought in", brought),
        ("without a route", routeless),
        ("kept", kept),
        ("recovery_account", recovery_account),
        ("peace", operating()),
        ("queued", queued),
        ("held", held),
        ("confirmed", confirmed),
        ("proposed before", early),
        ("proposed after", late),
        ("unpaused", unpaused),
    ]
}

/// Walks from every beginning. Gives the states and the unpauses seen.
fn walk(depth: usize) -> (usize, usize) {
    let (mut states, mut unpauses) = (0, 0);
    for (name, beginning) in beginnings() {
        let mut seen = HashSet::from([fingerprint(&beginning)]);
        let mut edge = vec![beginning];
        for number in 1..=depth {
            let mut next = vec![];
            for state in &edge {
                for (signer, action) in moves(state) {
                    let Ok(after) = step_of(state, &signer, &action) else {
                        continue;
                    };
                    check(state, &after, signer, &action);
                    unpauses += usize::from(after.board.unpaused_slot != state.board.unpaused_slot);
                    if seen.insert(fingerprint(&after)) {
                        next.push(after);
                    }
                }
            }
            // A sample of the outermost, all of the rest.
            let every = if number == DEPTH { 7 } else { 1 };
            next.iter().step_by(every).for_each(way_out);
            edge = next;
        }
        println!("{name}: {} states", seen.len());
        states += seen.len();
    }
    (states, unpauses)
}

#[test]
fn nothing_is_stolen_and_nothing_is_locked() {
    let (states, unpauses) = walk(DEPTH);
    println!("{states} states, {unpauses} unpauses");
    assert!(states >= LEAST_STATES && unpauses >= LEAST_UNPAUSES);
}

/// The laws find each of these within three steps.
#[test]
fn broken_acts_are_found() {
    for broken in [
        Broken::SettleForgetsTheHolder,
        Broken::AnyoneRedirects,
        Broken::EvacuateForgetsTheHolder,
        Broken::ClosedWhenMoved,
        Broken::QueueStaysValid,
        Broken::PaidIsForgotten,
        Broken::AnyoneReleases,
        Broken::OlderDecisionsRun,
        Broken::RecoveryAccountsAreForgotten,
        Broken::DeniedIsCounted,
        Broken::DeniedLatches,
        Broken::VoidIsCounted,
        Broken::NotesPayAnybody,
        Broken::DepositsCountTwice,
    ] {
        BROKEN.set(broken);
        assert!(catch_unwind(|| walk(3)).is_err(), "{broken:?} is not found");
    }
    BROKEN.set(Broken::Nothing);
}
