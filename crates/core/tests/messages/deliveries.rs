//! What each message does, and what refuses it.

use super::*;

#[test]
fn a_pause_closes_the_peers_compartments_at_once_and_lapses() {
    let mut side = Side::new();
    let accepted = side.hear(&pause(1, 1), NOW).expect("heard");
    let mask = action::DEFAULT_EMERGENCY;
    assert_eq!(
        accepted,
        Accepted::Paused {
            mask,
            until: NOW + PAUSE,
            rights_left: RIGHTS - 1
        }
    );
    for (compartment, closed) in [(0, 0), (1, mask), (2, 0), (3, mask)] {
        assert_eq!(side.linked(compartment, NOW + PAUSE - 1), closed);
        assert_eq!(side.linked(compartment, NOW + PAUSE), 0, "it lapses by itself");
    }
    // Nothing that links or messages would carry further.
    assert_eq!((side.board.rows[1].guardian_pause, side.board.rows[1].trip), (0, 0));
    assert_eq!(side.board.domain_row.guardian_pause, 0);
    assert_eq!(side.board.epoch, 0, "no decision of this domain");
    assert_eq!(side.peer.pause_epoch, 1);
}

#[test]
fn a_pause_lasts_no_longer_than_the_senders() {
    let mut side = Side::new();
    let short = message(1, 1, pause_of(SCOPE_DOMAIN, action::ALL, NOW + HOUR));
    side.hear(&short, NOW).expect("heard");
    assert_eq!(side.board.rows[1].linked_until, NOW + HOUR);
    // Late, but before its end: only what is left of it.
    let mut side = Side::new();
    side.hear(&short, NOW + HOUR - 1).expect("heard");
    assert_eq!(side.board.rows[1].linked_until, NOW + HOUR);
    let mut side = Side::new();
    assert_eq!(side.hear(&short, NOW + HOUR), Err(CoreError::MessageExpired));
}

#[test]
fn only_what_the_peer_covers_counts() {
    let cases = [
        (SCOPE_DOMAIN, action::WITHDRAW, true),
        (REMOTE_SCOPE, action::TRADE | action::DEPOSIT, true),
        (REMOTE_SCOPE, action::DEPOSIT, false),
        (REMOTE_SCOPE + 1, action::ALL, false),
    ];
    for (scope, mask, counts) in cases {
        let mut side = Side::new();
        let heard = side.hear(&message(1, 1, pause_of(scope, mask, 0)), NOW);
        if counts {
            heard.expect("heard");
        } else {
            assert_eq!(heard, Err(CoreError::NothingToPropagate), "{scope} {mask}");
            assert_eq!(side.peer.rights.pause_rights, RIGHTS, "it costs nothing");
        }
    }
    for change in [
        |peer: &mut Peer| peer.compartments = 0,
        |peer: &mut Peer| peer.remote_mask = 0,
    ] {
        let mut side = Side::new();
        change(&mut side.peer);
        assert_eq!(side.hear(&pause(1, 1), NOW), Err(CoreError::NothingToPropagate));
    }
    let mut side = Side::new();
    side.peer.mask = action::TRADE;
    side.hear(&pause(1, 1), NOW).expect("heard");
    assert_eq!(side.linked(3, NOW), action::TRADE, "the peer's own actions");
}

#[test]
fn a_peer_pauses_within_a_guardians_limits_and_runs_out_of_rights() {
    let mut side = Side::new();
    let again = |side: &mut Side, number: u64, now: i64| {
        side.hear(
            &Message {
                sent_ts: now,
                ..pause(number, number)
            },
            now,
        )
    };
    again(&mut side, 1, NOW).expect("the first of the day");
    again(&mut side, 2, NOW + 1).expect("the second");
    assert_eq!(again(&mut side, 3, NOW + 2), Err(CoreError::GuardianPauseLimitReached));
    again(&mut side, 3, NOW + DAY).expect("the third in a row, and the refused message was not used up");
    assert_eq!(
        again(&mut side, 4, NOW + 2 * DAY),
        Err(CoreError::GuardianPauseLimitReached),
        "three in a row"
    );
    // It has to lapse, and as much time has to pass again.
    let rested = NOW + DAY + 2 * PAUSE;
    assert_eq!(side.linked(1, NOW + DAY + PAUSE), 0);
    for (number, now) in [(4, rested), (5, rested + 1), (6, rested + DAY)] {
        again(&mut side, number, now).expect("rights are left");
    }
    assert_eq!(
        again(&mut side, 7, rested + 30 * DAY),
        Err(CoreError::NoPauseRights),
        "a stolen sender pauses no longer than its rights"
    );
}

#[test]
fn a_pause_that_changes_nothing_costs_nothing_and_may_come_again() {
    let mut side = Side::new();
    side.hear(&pause(1, 1), NOW).expect("heard");
    assert_eq!(side.hear(&pause(1, 2), NOW), Err(CoreError::AlreadyPropagated));
    assert_eq!(side.peer.rights.pause_rights, RIGHTS - 1);
    side.hear(&pause(1, 2), NOW + 1).expect("it lasts a second longer");
}

#[test]
fn a_message_is_heard_only_from_its_own_sender() {
    let sound = pause(1, 1);
    let encoded = sound.encode().expect("a message");
    let known = delivery(encoded.as_bytes());
    let mut side = Side::new();
    for foreign in [
        Delivery { chain: 4, ..known },
        Delivery {
            emitter: [0xef; 32],
            ..known
        },
    ] {
        assert_eq!(side.deliver(&foreign, at(NOW)), Err(CoreError::ForeignSender));
    }
    for foreign in [
        Message { chain: 4, ..sound },
        Message {
            sender: [0x56; 32],
            ..sound
        },
    ] {
        assert_eq!(side.hear(&foreign, NOW), Err(CoreError::ForeignSender));
    }
    for (transports, by) in [(0, 1), (0, 2), (1, 2), (2, 1)] {
        side.peer.transports = transports;
        let delivery = Delivery { transport: by, ..known };
        assert_eq!(side.deliver(&delivery, at(NOW)), Err(CoreError::TransportNotRegistered));
    }
}

#[test]
fn only_a_pause_may_come_before_it_is_final() {
    let with = |message: &Message, finality: u8| {
        let encoded = message.encode().expect("a message");
        let mut side = Side::new();
        let delivery = Delivery {
            finality: Some(finality),
            ..delivery(encoded.as_bytes())
        };
        side.deliver(&delivery, at(NOW)).map(|_| ())
    };
    for message in [
        pause(1, 1),
        request(1, 1, 1),
        checkpoint(1, 0, 9),
        council_epoch(1, 1, 1),
    ] {
        let is_pause = matches!(message.body, Body::Pause { .. });
        assert_eq!(with(&message, FINAL), Ok(()));
        let early = if is_pause {
            Ok(())
        } else {
            Err(CoreError::WrongFinality)
        };
        assert_eq!(with(&message, INSTANT), early);
        assert_eq!(with(&message, 201), Err(CoreError::WrongFinality));
    }
}

#[test]
fn an_old_message_is_refused_and_a_clock_that_is_ahead_is_not() {
    let sound = pause(1, 1);
    let mut side = Side::new();
    assert_eq!(side.hear(&sound, NOW + MAX_AGE + 1), Err(CoreError::MessageExpired));
    side.hear(&sound, NOW + MAX_AGE).expect("young enough");
    // This chain's clock lags hours behind after a restart of the cluster. The pause is needed then all the same.
    let mut side = Side::new();
    side.hear(&sound, NOW - DAY).expect("heard");
    assert_eq!(side.board.rows[1].linked_until, NOW - DAY + PAUSE, "by our clock");
    let far = Message {
        sent_ts: i64::MAX,
        ..sound
    };
    Side::new()
        .hear(&far, NOW)
        .expect("a lie about the time makes nothing longer");
}

#[test]
fn a_request_to_resume_is_recorded_and_opens_nothing() {
    let mut side = Side::new();
    side.hear(&pause(4, 1), NOW).expect("heard");
    let closed = side.board;
    assert_eq!(side.hear(&request(5, 2, 3), NOW + 60), Ok(Accepted::ResumeRequested));
    assert_eq!(bytemuck::bytes_of(&side.board), bytemuck::bytes_of(&closed));
    let peer = &side.peer;
    assert_eq!((peer.request_epoch, peer.request_council_epoch), (5, 3));
    assert_eq!((peer.request_ts, peer.request_slot), (NOW, 1_000));
    assert_eq!(peer.rights.pause_rights, RIGHTS - 1, "it costs no right");
}

#[test]
fn a_council_that_was_replaced_withdraws_its_request() {
    let mut side = Side::new();
    side.hear(&council_epoch(1, 1, 3), NOW).expect("heard");
    assert_eq!((side.peer.council_epoch, side.peer.council_hash), (3, [3; 32]));
    assert_eq!(
        side.hear(&request(2, 2, 2), NOW),
        Err(CoreError::MessageOvertaken),
        "by an older council"
    );
    side.hear(&request(2, 3, 3), NOW).expect("by this one");
    for older in [3, 2] {
        assert_eq!(
            side.hear(&council_epoch(2, 4, older), NOW),
            Err(CoreError::MessageOvertaken)
        );
    }
    assert_eq!(side.peer.request_epoch, 2);
    side.hear(&council_epoch(2, 4, 4), NOW).expect("heard");
    assert_eq!(
        (side.peer.request_epoch, side.peer.request_ts, side.peer.request_slot),
        (0, 0, 0)
    );
}

#[test]
fn the_newest_checkpoint_of_each_ledger_is_kept() {
    let mut side = Side::new();
    for (sequence, ledger, slot) in [(1, 0, 10), (2, 1, 20), (3, 2, 30), (4, 3, 40)] {
        side.hear(&checkpoint(sequence, ledger, slot), NOW).expect("heard");
    }
    for slot in [9, 10] {
        assert_eq!(
            side.hear(&checkpoint(5, 0, slot), NOW),
            Err(CoreError::MessageOvertaken)
        );
    }
    side.hear(
        &Message {
            sent_ts: NOW + 9,
            ..checkpoint(5, 0, 11)
        },
        NOW,
    )
    .expect("newer");
    let slots = |side: &Side| side.peer.checkpoints.map(|entry| (entry.ledger, entry.slot));
    assert_eq!(slots(&side), [(0, 11), (1, 20), (2, 30), (3, 40)]);
    assert_eq!(side.peer.checkpoints[0].total, (1_u128 << 70).to_be_bytes());
    // A fifth ledger takes the place of the one that was heard of least recently.
    side.hear(
        &Message {
            sent_ts: NOW + 10,
            ..checkpoint(6, 9, 5)
        },
        NOW,
    )
    .expect("heard");
    assert_eq!(slots(&side), [(0, 11), (9, 5), (2, 30), (3, 40)]);
    assert_eq!(side.peer.rights.pause_rights, RIGHTS);
}
