//! Every order in which a few messages can arrive, with time, a guardian's pause, an unpause and new terms in between: the
//! machine of acts, walked to the end.

use std::rc::Rc;

use bulkhead_core::machine::{Action, Keys, PeerAction, State};
use bulkhead_guard::effective_mask;
use bulkhead_interface::layout::Domain;

use super::*;

/// Steps from the beginning.
const DEPTH: usize = 6;
/// Fewer steps would mean that something is not reached any more.
const LEAST_STEPS: usize = 100_000;
/// A compartment that the peer closes, another one, and one that nobody closes.
const LOOKED_AT: [u8; 3] = [1, 2, 63];

/// What can happen.
#[derive(Clone, Debug)]
enum Move {
    Act(Action),
    /// An unpause that a proposal of this slot decided.
    Unpause,
    /// The same terms again, by a proposal of this slot; what was received is kept.
    Terms,
}

fn hear(message: &Message) -> Move {
    let bytes = message.encode().expect("a message").as_bytes().to_vec();
    Move::Act(Action::Peer(PeerAction::Posted(0, FINAL, bytes)))
}

fn moves() -> Vec<Move> {
    let timed = message(3, 3, pause_of(SCOPE_DOMAIN, action::ALL, NOW + 3 * HOUR));
    let wait = |seconds| Action::Wait { slots: 2, seconds };
    let guardians = Action::Pause {
        scope: 1,
        mask: action::TRADE,
    };
    vec![
        hear(&pause(1, 1)),
        hear(&request(2, 2, 1)),
        hear(&timed),
        hear(&request(4, 4, 1)),
        hear(&council_epoch(4, 5, 2)),
        Move::Act(wait(HOUR)),
        Move::Act(guardians),
        Move::Unpause,
        Move::Terms,
    ]
}

fn beginning() -> State {
    let Side { peer, council, board } = Side::new();
    let mut council = council;
    council.members[0].pause_rights = RIGHTS;
    council.members[0].last_active_ts = NOW;
    let domain = Domain {
        version: VERSION,
        state: bulkhead_interface::constants::phase::OPERATING,
        ..Domain::zeroed()
    };
    let mut state = State::new(at(NOW), domain, council, board, vec![]);
    state.peers = Rc::new(vec![(key(3), peer)]);
    state
}

fn after(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = state.clone();
    match what {
        Move::Act(action) => return state.step(&Keys::default(), &key(40), action),
        Move::Unpause => board::unpause(Rc::make_mut(&mut next.board), next.at.slot),
        Move::Terms => {
            let keys = addresses(&signers(3));
            let again = PeerTerms {
                after_sequence: KEEP_RECEIVED,
                ..terms(&keys)
            };
            let (_, peer) = &mut Rc::make_mut(&mut next.peers)[0];
            acts::register_peer(peer, &ends(), &again, Some(next.at.slot))?;
        }
    }
    Ok(next)
}

/// What is closed in each compartment that is looked at, now and later.
fn closed(state: &State) -> Vec<u32> {
    let board = state.board_bytes();
    let times = [0, HOUR, 4 * HOUR, PAUSE].map(|later| state.at.now + later);
    let of = |compartment| times.map(|then| effective_mask(&board, compartment, then).expect("a board"));
    LOOKED_AT.into_iter().flat_map(of).collect()
}

#[derive(Default)]
struct Tally {
    steps: usize,
    paused: usize,
    requested: usize,
}

/// Walks on from `state`. `newest` is the newest epoch of a pause that was heard.
fn walk(state: &State, all: &[Move], newest: u64, left: usize, tally: &mut Tally) {
    if left == 0 {
        return;
    }
    let (before, peer) = (closed(state), state.peers[0].1);
    for what in all {
        let Ok(next) = after(state, what) else {
            continue;
        };
        tally.steps += 1;
        let heard = next.peers[0].1;
        let mut newest = newest;
        if let Move::Act(Action::Peer(_)) = what {
            let opened = before.iter().zip(closed(&next)).any(|(old, new)| old & !new != 0);
            assert!(!opened, "a message opened something: {what:?}");
            assert_eq!(
                state.board.rows[1].guardian_pause_until, next.board.rows[1].guardian_pause_until,
                "a message changed what a guardian closed: {what:?}"
            );
            let spent = peer.rights.pause_rights - heard.rights.pause_rights;
            let has_paused = next.board.rows[1].linked_until > state.board.rows[1].linked_until
                || next.board.rows[1].linked & !state.board.rows[1].linked != 0;
            assert_eq!(spent, u8::from(has_paused), "a right for a pause: {what:?}");
            assert!(
                heard.epoch >= peer.epoch && heard.pause_epoch >= peer.pause_epoch,
                "{what:?}"
            );
            if has_paused {
                newest = newest.max(heard.pause_epoch);
                tally.paused += 1;
            }
            tally.requested += usize::from(heard.request_epoch != 0 && peer.request_epoch == 0);
        }
        // A request stands only above every pause that was heard, whichever of them came first.
        assert!(heard.request_epoch == 0 || heard.request_epoch > newest, "{what:?}");
        walk(&next, all, newest, left - 1, tally);
    }
}

#[test]
fn no_message_opens_anything_in_any_order_of_six_steps() {
    let mut tally = Tally::default();
    walk(&beginning(), &moves(), 0, DEPTH, &mut tally);
    println!(
        "{} steps, {} pauses, {} requests",
        tally.steps, tally.paused, tally.requested
    );
    assert!(tally.steps >= LEAST_STEPS, "{}", tally.steps);
    assert!(tally.paused > 1_000 && tally.requested > 1_000);
}
