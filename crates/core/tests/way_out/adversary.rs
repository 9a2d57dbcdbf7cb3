//! Any one move of a hostile member, of a stranger, of an exploited host or of a hostile upstream.

use bulkhead_core::machine::{Action, CustodyAction as Do, Decision, State};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::layout::Member;

use crate::{
    books::{has_breaker, is_live},
    game::Node,
    scene::{
        BOOKS, DETECTORS, DUST, HOST, HOSTILE, LIMIT, Move, ROUTE, STRANGER, UPSTREAM_SECONDS, WATCH, a_halt, admin,
        full, keys, latest, limits,
    },
};

/// Every move it may make now, and some that it may not.
pub fn moves(node: &Node) -> Vec<Move> {
    let state = &node.state;
    let mut all = vec![];
    if state.council.members.iter().any(|member| member.key == HOSTILE) {
        all.extend(
            members(state, node.has_papers)
                .into_iter()
                .map(|action| Move::Act(HOSTILE, action)),
        );
    }
    all.extend(hosts(state));
    all.extend((node.halts > 0).then(a_halt));
    all.extend(strangers(state).into_iter().map(|action| Move::Act(STRANGER, action)));
    all
}

fn members(state: &State, has_papers: bool) -> Vec<Action> {
    let mut all = vec![
        Action::Pause {
            scope: SCOPE_DOMAIN,
            mask: 0,
        },
        Action::Pause {
            scope: 1,
            mask: action::TRADE,
        },
        Action::OpenIncident,
        Action::Confirm,
        Action::Custody(Do::ConfirmEvacuation),
    ];
    if has_breaker(state) {
        all.push(Action::LowerLimit(0, limits(LIMIT / 2)));
    }
    let own = state
        .proposals
        .iter()
        .any(|(proposal, _)| proposal.proposer == HOSTILE && is_live(state, proposal));
    for number in 0..state.proposals.len() {
        all.extend([Action::Approve(number), Action::Withdraw(number), Action::Veto(number)]);
        let (proposal, decision) = &state.proposals[number];
        // Another's, where it may try; its own once a slot, for it could go on forever with what is nobody's concern.
        if has_papers && (proposal.proposer != HOSTILE || proposal.created_slot < state.at.slot) {
            all.push(Action::Edit(number, decision.clone()));
        }
    }
    if !own && has_papers {
        let resume = latest(state).map(|incident| Decision::Resume { incident });
        all.extend(resume.into_iter().chain(full(state)).map(Action::Propose));
    }
    let is_silent = |member: &Member| {
        member.key == HOSTILE && state.at.now - member.last_active_ts > state.council.heartbeat_seconds
    };
    if state.council.members.iter().any(is_silent) {
        all.push(Action::Heartbeat);
    }
    all
}

/// What the host finds, or makes be found.
fn hosts(state: &State) -> Vec<Move> {
    let mut all = vec![];
    if has_breaker(state) {
        all.push(Move::Act(HOST, Action::Meter(0, 2 * LIMIT + 1)));
    }
    for (number, which) in [WATCH, BOOKS].into_iter().zip(&DETECTORS[1..3]) {
        if state.latch(keys(), *which).is_none() {
            continue;
        }
        let looks = (0..3_u8).map(|much| match number {
            WATCH => Action::ObserveAuthority(number, admin(much)),
            _ => Action::ObserveSolvency(number, 1_000 + u128::from(much), 1_000),
        });
        all.extend(looks.map(|look| Move::Act(STRANGER, look)));
    }
    if state.latch(keys(), DETECTORS[3]).is_some() {
        all.extend([true, false].map(|is_sound| Move::Price { is_sound }));
    }
    all
}

fn strangers(state: &State) -> Vec<Action> {
    let mut all: Vec<_> = DETECTORS.map(Action::Propagate).into();
    all.push(Action::Lapse);
    if !state.links.is_empty() {
        all.push(Action::Carry(0, action::WITHDRAW | action::TRADE, UPSTREAM_SECONDS));
    }
    if !state.custody.vaults.is_empty() {
        all.extend([Do::Evacuate(0, ROUTE), Do::Deposit(0, DUST, 1)].map(Action::Custody));
    }
    all.extend((0..state.proposals.len()).map(Action::Execute));
    all
}
