//! The bytes: what is written is read, and nothing else is.

use bulkhead_core::messages::message::{HEADER, MAX_MESSAGE};
use proptest::prelude::*;

use super::*;

fn body() -> impl Strategy<Value = Body> {
    let scope = prop_oneof![0..64_u8, Just(SCOPE_DOMAIN)];
    let pause = (scope, 1..=u32::MAX, 0..=i64::MAX).prop_map(|(scope, mask, until)| pause_of(scope, mask, until));
    let request = any::<u64>().prop_map(|council_epoch| Body::ResumeRequest { council_epoch });
    let numbers = (any::<u8>(), 1..=u64::MAX, any::<u128>(), any::<u64>());
    let root = (numbers, any::<[u8; 32]>(), any::<[u8; 32]>());
    let root = root.prop_map(|((ledger, slot, total, count), slot_hash, root)| {
        Body::Checkpoint(CheckpointRoot {
            ledger,
            slot,
            slot_hash,
            root,
            total,
            count,
        })
    });
    let council = (1..=u64::MAX, any::<[u8; 32]>()).prop_map(|(council_epoch, council_hash)| Body::CouncilEpoch {
        council_epoch,
        council_hash,
    });
    prop_oneof![pause, request, root, council]
}

fn any_message() -> impl Strategy<Value = Message> {
    let header = (
        1..=u16::MAX,
        any::<[u8; 32]>(),
        1..=u64::MAX,
        1..=u64::MAX,
        1..=i64::MAX,
    );
    (header, body()).prop_map(|((chain, mut sender, epoch, sequence, sent_ts), body)| {
        sender[31] |= 1;
        Message {
            chain,
            sender,
            epoch,
            sequence,
            sent_ts,
            body,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(message in any_message()) {
        let encoded = message.encode().expect("a message");
        prop_assert_eq!(Message::decode(encoded.as_bytes()), Ok(message));
    }

    /// One message, one form: whatever decodes is what encoding writes.
    #[test]
    fn whatever_is_read_is_written_the_same(
        message in any_message(), place in 0..MAX_MESSAGE, bit in 0..8_u8, cut in 0..MAX_MESSAGE, more in 0..3_usize,
    ) {
        let mut bytes = message.encode().expect("a message").as_bytes().to_vec();
        let len = bytes.len();
        bytes[place % len] ^= 1 << bit;
        if let Ok(read) = Message::decode(&bytes) {
            let again = read.encode().expect("it was read");
            prop_assert_eq!(again.as_bytes(), &bytes[..]);
            prop_assert_ne!(read, message);
        }
        let sound = message.encode().expect("a message");
        let shorter = &sound.as_bytes()[..cut % len];
        prop_assert!(Message::decode(shorter).is_err());
        let longer = [sound.as_bytes(), &vec![0; more + 1]].concat();
        prop_assert_eq!(Message::decode(&longer), Err(CoreError::MessageMalformed));
    }

    #[test]
    fn noise_is_no_message(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Message::decode(&bytes).is_err());
    }
}

#[test]
fn fields_that_say_nothing_are_refused_by_writer_and_reader() {
    let sound = pause(1, 1);
    let bytes = sound.encode().expect("a message").as_bytes().to_vec();
    let zeroed = |from: usize, to: usize| {
        let mut bytes = bytes.clone();
        bytes[from..to].fill(0);
        Message::decode(&bytes)
    };
    // Chain, sender, epoch, sequence, time, mask.
    for (from, to) in [(6, 8), (8, 40), (40, 48), (48, 56), (56, 64), (65, 69)] {
        assert_eq!(
            zeroed(from, to),
            Err(CoreError::MessageMalformed),
            "bytes {from} to {to}"
        );
    }
    let unsound = [
        Message { chain: 0, ..sound },
        Message {
            sender: [0; 32],
            ..sound
        },
        Message { epoch: 0, ..sound },
        Message { sequence: 0, ..sound },
        Message { sent_ts: 0, ..sound },
        Message { sent_ts: -1, ..sound },
        message(1, 1, pause_of(64, 1, 0)),
        message(1, 1, pause_of(254, 1, 0)),
        message(1, 1, pause_of(0, 0, 0)),
        message(1, 1, pause_of(0, 1, -1)),
        checkpoint(1, 0, 0),
        council_epoch(1, 1, 0),
    ];
    for message in unsound {
        assert_eq!(message.encode(), Err(CoreError::MessageMalformed), "{message:?}");
    }
}

#[test]
fn versions_and_kinds_that_are_unknown_are_refused() {
    let sound = pause(1, 1).encode().expect("a message");
    let with = |place: usize, byte: u8| {
        let mut bytes = sound.as_bytes().to_vec();
        bytes[place] = byte;
        Message::decode(&bytes)
    };
    for version in [0, 2, 255] {
        assert_eq!(with(4, version), Err(CoreError::MessageVersionUnknown));
    }
    for kind in [0, 5, 255] {
        assert_eq!(with(5, kind), Err(CoreError::MessageMalformed));
    }
    assert_eq!(with(0, b'B'), Err(CoreError::MessageMalformed));
    assert_eq!(sound.as_bytes().len(), HEADER + 13);
    assert_eq!(
        request(1, 1, 0).encode().expect("a message").as_bytes().len(),
        HEADER + 8
    );
    assert_eq!(
        council_epoch(1, 1, 1).encode().expect("a message").as_bytes().len(),
        HEADER + 40
    );
    assert_eq!(
        checkpoint(1, 0, 1).encode().expect("a message").as_bytes().len(),
        MAX_MESSAGE
    );
}
