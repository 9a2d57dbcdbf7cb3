//! Whoever carries messages chooses the order. No order undoes a pause, suppresses one, or makes one last.

use bulkhead_guard::effective_mask;
use bulkhead_interface::discriminator;
use proptest::prelude::*;

use super::*;

/// The board's account, as hosts read it.
fn account(board: &PauseBoard) -> Vec<u8> {
    [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(board)].concat()
}

fn mask(account: &[u8], compartment: u8, now: i64) -> u32 {
    effective_mask(account, compartment, now).expect("a board")
}

#[test]
fn a_message_acts_once() {
    let mut side = Side::new();
    for message in [
        pause(1, 3),
        request(2, 1, 1),
        checkpoint(2, 0, 9),
        council_epoch(2, 4, 2),
    ] {
        side.hear(&message, NOW).expect("heard");
        let before = side.clone();
        assert_eq!(side.hear(&message, NOW + 1), Err(CoreError::MessageSeen));
        assert_eq!(bytemuck::bytes_of(&side.peer), bytemuck::bytes_of(&before.peer));
    }
}

#[test]
fn a_replay_after_a_local_unpause_closes_nothing_again() {
    let mut side = Side::new();
    let first = pause(1, 1);
    side.hear(&first, NOW).expect("heard");
    board::unpause(&mut side.board, 1_001);
    assert_eq!(side.linked(1, NOW), 0, "the local proposal took it back");
    assert_eq!(side.hear(&first, NOW + 1), Err(CoreError::MessageSeen));
    // A newer pause of the sender closes it again, for the proposal did not know of it.
    side.hear(&pause(2, 2), NOW + 1).expect("heard");
    assert_ne!(side.linked(1, NOW + 1), 0);
    board::unpause(&mut side.board, 1_000);
    assert_ne!(side.linked(1, NOW + 1), 0, "a proposal of that slot did not know of it");
}

#[test]
fn a_late_request_does_not_touch_a_later_pause() {
    let mut side = Side::new();
    side.hear(&pause(6, 2), NOW).expect("the later pause arrives first");
    assert_eq!(side.hear(&request(5, 1, 1), NOW), Err(CoreError::MessageOvertaken));
    assert_eq!(
        side.hear(&request(6, 3, 1), NOW),
        Err(CoreError::MessageOvertaken),
        "of the pause's own epoch"
    );
    assert_eq!(side.peer.request_epoch, 0);
    side.hear(&request(7, 4, 1), NOW).expect("it knew of the pause");
    side.hear(&pause(8, 5), NOW + 1).expect("heard");
    assert_eq!(side.peer.request_epoch, 0, "a later pause withdraws the request");
}

#[test]
fn an_early_pause_that_arrives_late_closes_and_leaves_the_later_request() {
    let mut side = Side::new();
    side.hear(&request(5, 2, 1), NOW).expect("heard");
    side.hear(&pause(4, 1), NOW)
        .expect("nobody suppresses it by carrying the request first");
    assert_ne!(side.linked(1, NOW), 0);
    assert_eq!(side.peer.request_epoch, 5, "the request knew of it");
}

#[test]
fn a_fork_that_sends_another_message_under_a_number_is_not_heard_twice() {
    let mut side = Side::new();
    let one = message(1, 1, pause_of(SCOPE_DOMAIN, action::ALL, NOW + HOUR));
    let other = message(1, 1, pause_of(SCOPE_DOMAIN, action::ALL, NOW + 2 * HOUR));
    side.hear(&one, NOW).expect("heard");
    assert_eq!(side.hear(&other, NOW), Err(CoreError::MessageSeen));
    assert_eq!(side.board.rows[1].linked_until, NOW + HOUR);
    // The sender goes on with the next number after its fork was abandoned.
    side.hear(&message(2, 2, pause_of(SCOPE_DOMAIN, action::ALL, NOW + 3 * HOUR)), NOW)
        .expect("heard");
}

/// What a sender says in a row: two pauses, a request, a pause, a council, a request.
fn said() -> Vec<Message> {
    let timed = |epoch, sequence, hours: i64| {
        message(
            epoch,
            sequence,
            pause_of(REMOTE_SCOPE, action::TRADE, NOW + hours * HOUR),
        )
    };
    vec![
        timed(1, 1, 3),
        pause(2, 2),
        request(3, 3, 1),
        timed(4, 4, 30),
        council_epoch(4, 5, 2),
        request(5, 6, 2),
    ]
}

proptest! {
    /// Every order closes what must be closed, and whatever is recorded is the newest that was said of it.
    #[test]
    fn no_order_loosens_suppresses_or_revives(
        order in Just((0..said().len()).collect::<Vec<_>>()).prop_shuffle(),
        gaps in prop::collection::vec(0..600_i64, said().len()),
    ) {
        let said = said();
        let mut side = Side::new();
        side.council.guardian_pauses_per_day = RIGHTS;
        side.council.guardian_pauses_in_a_row = RIGHTS;
        let mut now = NOW;
        let mut pauses = 0;
        for (place, gap) in order.iter().zip(&gaps) {
            now += gap;
            let before = account(&side.board);
            let heard = side.hear(&said[*place], now);
            let after = account(&side.board);
            for compartment in 0..64 {
                for then in [now, now + HOUR, now + PAUSE, now + 2 * PAUSE] {
                    let (old, new) = (mask(&before, compartment, then), mask(&after, compartment, then));
                    prop_assert_eq!(old & !new, 0, "nothing opens");
                    prop_assert!(then < now + PAUSE || new == 0, "nothing lasts");
                }
            }
            match (&said[*place].body, heard) {
                (Body::Pause { .. }, Ok(_)) => {
                    pauses += 1;
                    prop_assert!(side.linked(1, now) != 0);
                }
                // Another pause that lasts as long had closed the same.
                (Body::Pause { .. }, heard) => prop_assert_eq!(heard, Err(CoreError::AlreadyPropagated)),
                _ => {}
            }
            // A request on record is newer than every pause that was heard, and not of a council known to be gone.
            let peer = &side.peer;
            prop_assert!(peer.request_epoch == 0 || peer.request_epoch > peer.pause_epoch);
            prop_assert!(peer.request_epoch == 0 || peer.request_council_epoch >= peer.council_epoch);
            prop_assert_eq!(peer.rights.pause_rights, RIGHTS - pauses);
        }
        prop_assert_eq!(side.peer.request_epoch, 5, "the last word, in any order");
        prop_assert_eq!(side.peer.epoch, 5);
        prop_assert_eq!(side.peer.council_epoch, 2);
    }
}
