//! Terms of peers: which are refused, and what setting them again keeps.

use super::*;

#[test]
fn terms_that_cannot_work_are_refused() {
    let keys = addresses(&signers(3));
    let sound = terms(&keys);
    assert!(sound.check().is_ok());
    let invalid = [
        PeerTerms { chain: 0, ..sound },
        // A domain of this chain is linked.
        PeerTerms { chain: 1, ..sound },
        PeerTerms {
            emitter: [0; 32],
            ..sound
        },
        PeerTerms {
            sender: [0; 32],
            ..sound
        },
        PeerTerms { transports: 4, ..sound },
        PeerTerms {
            transports: transport::ATTESTERS,
            ..sound
        },
        PeerTerms {
            transports: transport::WORMHOLE,
            ..sound
        },
        PeerTerms { transports: 0, ..sound },
        PeerTerms {
            bridge: Pubkey::default(),
            ..sound
        },
        PeerTerms {
            remote_mask: 0,
            ..sound
        },
        PeerTerms {
            max_age_seconds: 599,
            ..sound
        },
        PeerTerms {
            max_age_seconds: 72 * HOUR + 1,
            ..sound
        },
        PeerTerms {
            rotation_seconds: DAY - 1,
            ..sound
        },
        PeerTerms {
            rotation_seconds: 90 * DAY + 1,
            ..sound
        },
        PeerTerms { threshold: 0, ..sound },
        PeerTerms {
            attesters: &[],
            ..sound
        },
    ];
    for terms in invalid {
        assert_eq!(terms.check().err(), Some(CoreError::InvalidPeer), "{terms:?}");
    }
    let unknown = PeerTerms {
        remote_scope: 64,
        ..sound
    };
    assert_eq!(unknown.check().err(), Some(CoreError::CompartmentOutOfRange));
    let off = PeerTerms {
        transports: 0,
        bridge: Pubkey::default(),
        threshold: 0,
        attesters: &[],
        rotation_seconds: 0,
        ..sound
    };
    assert!(off.check().is_ok(), "switched off it may be");
}

#[test]
fn a_set_needs_different_keys_and_a_majority() {
    let keys = addresses(&signers(4));
    for threshold in 0..=5 {
        assert_eq!(
            set_of(threshold, &keys).is_ok(),
            (3..=4).contains(&threshold),
            "{threshold} of 4"
        );
    }
    let mut wrong = vec![
        keys.iter().rev().copied().collect::<Vec<_>>(),
        vec![keys[0], keys[0]],
        vec![],
    ];
    wrong.push(vec![[0; 20], keys[0]]);
    wrong.push((1..=13).map(|byte| [byte; 20]).collect());
    wrong.push(vec![[1; 20]; 300]);
    for keys in wrong {
        let most = u8::try_from(keys.len()).unwrap_or(u8::MAX);
        assert_eq!(
            set_of(most, &keys).err(),
            Some(CoreError::InvalidAttesterSet),
            "{keys:?}"
        );
    }
    let most: Vec<_> = (1..=12).map(|byte| [byte; 20]).collect();
    assert!(set_of(7, &most).is_ok());
}

#[test]
fn the_later_decision_holds() {
    let keys = addresses(&signers(3));
    let mut side = Side::new();
    for slot in [4, 5] {
        let again = acts::register_peer(&mut side.peer, &ends(), &terms(&keys), Some(slot));
        assert_eq!(again, Err(CoreError::DecidedSince));
    }
    acts::register_peer(&mut side.peer, &ends(), &terms(&keys), Some(6)).expect("a later one");
    assert_eq!(side.peer.decided_slot, 6);
}

#[test]
fn setting_terms_again_refills_rights_and_keeps_what_was_heard_if_asked_to() {
    let keys = addresses(&signers(3));
    let mut side = Side::new();
    side.hear(&pause(3, 2), NOW).expect("heard");
    side.hear(&council_epoch(3, 3, 2), NOW).expect("heard");
    side.hear(&request(4, 4, 2), NOW).expect("heard");
    let kept = PeerTerms {
        after_sequence: KEEP_RECEIVED,
        mask: 8,
        ..terms(&keys)
    };
    acts::register_peer(&mut side.peer, &ends(), &kept, Some(6)).expect("set");
    let peer = &side.peer;
    assert_eq!(
        (peer.sequence, peer.pause_epoch, peer.request_epoch, peer.council_epoch),
        (4, 3, 4, 2)
    );
    assert_eq!(
        (peer.rights.pause_rights, peer.mask, peer.attesters.epoch),
        (RIGHTS, 8, 1)
    );
    assert_eq!(side.hear(&pause(3, 2), NOW), Err(CoreError::MessageSeen));
    assert_eq!(
        side.peer.rights.guardian_pauses_today, 1,
        "the day's limit is not refilled"
    );

    let fresh = PeerTerms {
        after_sequence: 10,
        ..terms(&keys[..2])
    };
    acts::register_peer(&mut side.peer, &ends(), &fresh, Some(7)).expect("set");
    let peer = &side.peer;
    assert_eq!(
        (peer.sequence, peer.pause_epoch, peer.request_epoch, peer.council_epoch),
        (10, 0, 0, 0)
    );
    assert_eq!(peer.attesters.epoch, 2, "other keys, another epoch");
    for number in [1, 9, 10] {
        assert_eq!(side.hear(&pause(5, number), NOW), Err(CoreError::MessageSeen));
    }
    side.hear(&pause(5, 11), NOW + 1).expect("heard");
}

/// Who stole the attesters' keys throws the numbers so far forward that no later message is new. A proposal with other
/// keys and the number of the last honest message puts it right.
#[test]
fn numbers_that_were_thrown_forward_are_put_right_by_a_proposal() {
    let mut side = Side::new();
    side.hear(&request(u64::MAX, u64::MAX, 1), NOW).expect("forged");
    assert_eq!(side.hear(&pause(2, 8), NOW), Err(CoreError::MessageSeen));
    let other: Vec<_> = addresses(&signers(6))[3..].to_vec();
    let repaired = PeerTerms {
        after_sequence: 7,
        ..terms(&other)
    };
    acts::register_peer(&mut side.peer, &ends(), &repaired, Some(6)).expect("set");
    side.hear(&pause(2, 8), NOW).expect("heard again");
    side.hear(&request(3, 9, 1), NOW).expect("and requests");
}
