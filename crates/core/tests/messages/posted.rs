//! Accounts that Wormhole's core bridge posted, written byte by byte, and near misses of them.

use bulkhead_core::{
    acts::PostedAccount,
    hash::keccak256,
    messages::posted::{PAYLOAD_OFFSET, read},
};

use super::*;

/// The account's data, as the bridge writes it.
pub fn account_of(emitter: [u8; 32], finality: u8, payload: &[u8]) -> Vec<u8> {
    let mut data = b"vaa\x01".to_vec();
    data.push(finality);
    data.extend(1_780_000_000_u32.to_le_bytes());
    data.extend([0x51; 32]);
    data.extend(1_780_000_020_u32.to_le_bytes());
    data.extend(77_u32.to_le_bytes());
    data.extend(0x0102_0304_0506_0708_u64.to_le_bytes());
    data.extend(CHAIN.to_le_bytes());
    data.extend(emitter);
    data.extend(u32::try_from(payload.len()).expect("short").to_le_bytes());
    data.extend(payload);
    data
}

fn account(finality: u8, payload: &[u8]) -> Vec<u8> {
    account_of(EMITTER, finality, payload)
}

fn hear(side: &mut Side, account: &PostedAccount, now: i64) -> Result<Accepted, CoreError> {
    let mut next = side.clone();
    let (_, accepted) = acts::accept_posted(&mut next.peer, &next.council, &mut next.board, account, at(now))?;
    *side = next;
    Ok(accepted)
}

fn of_bridge(data: &[u8]) -> PostedAccount<'_> {
    PostedAccount {
        key: key(70),
        owner: key(9),
        derived: key(70),
        data,
    }
}

#[test]
fn a_posted_message_is_read_as_the_bridge_wrote_it() {
    let encoded = pause(1, 1).encode().expect("a message");
    let data = account(FINAL, encoded.as_bytes());
    assert_eq!(data.len(), PAYLOAD_OFFSET + 77);
    let posted = read(&data).expect("posted");
    assert_eq!((posted.finality, posted.chain, posted.emitter), (FINAL, CHAIN, EMITTER));
    assert_eq!(
        (posted.sequence, posted.payload),
        (0x0102_0304_0506_0708, encoded.as_bytes())
    );
    // The body is big endian, whatever the account is.
    let mut body = 1_780_000_000_u32.to_be_bytes().to_vec();
    body.extend(77_u32.to_be_bytes());
    body.extend(CHAIN.to_be_bytes());
    body.extend(EMITTER);
    body.extend(0x0102_0304_0506_0708_u64.to_be_bytes());
    body.push(FINAL);
    body.extend(encoded.as_bytes());
    assert_eq!(posted.body_hash, keccak256(&[&body]));
    let mut side = Side::new();
    hear(&mut side, &of_bridge(&data), NOW).expect("heard");
    assert_ne!(side.linked(1, NOW), 0);
    assert_eq!(hear(&mut side, &of_bridge(&data), NOW + 1), Err(CoreError::MessageSeen));
}

#[test]
fn near_misses_of_a_posted_message_are_refused() {
    let encoded = pause(1, 1).encode().expect("a message");
    let data = account(FINAL, encoded.as_bytes());
    let refused = |data: &[u8]| {
        let mut side = Side::new();
        hear(&mut side, &of_bridge(data), NOW).expect_err("refused")
    };
    // A message on its way out is the bridge's own account, with the same layout; nobody has verified it.
    for magic in [b"msg", b"msu", b"VAA", b"vab", &[0; 3]] {
        let mut other = data.clone();
        other[..3].copy_from_slice(magic);
        assert_eq!(refused(&other), CoreError::NotPostedByBridge);
    }
    for version in [0, 2, 255] {
        let mut other = data.clone();
        other[3] = version;
        assert_eq!(refused(&other), CoreError::NotPostedByBridge);
    }
    for len in [0, 3, PAYLOAD_OFFSET - 1, PAYLOAD_OFFSET, data.len() - 1] {
        assert_eq!(refused(&data[..len]), CoreError::NotPostedByBridge, "{len} bytes");
    }
    assert_eq!(refused(&[&data[..], &[0]].concat()), CoreError::NotPostedByBridge);
    let mut longer = data.clone();
    longer[91..95].fill(0xff);
    assert_eq!(refused(&longer), CoreError::NotPostedByBridge);
    let with = |place: usize, byte: u8| {
        let mut other = data.clone();
        other[place] = byte;
        refused(&other)
    };
    assert_eq!(with(4, 7), CoreError::WrongFinality);
    assert_eq!(with(57, 4), CoreError::ForeignSender);
    assert_eq!(with(58, 1), CoreError::ForeignSender, "the chain's other byte");
    assert_eq!(with(59, 0), CoreError::ForeignSender);
    assert_eq!(with(90, 0), CoreError::ForeignSender);
}

#[test]
fn only_the_registered_bridge_at_the_messages_own_address_is_believed() {
    let encoded = pause(1, 1).encode().expect("a message");
    let data = account(FINAL, encoded.as_bytes());
    let sound = of_bridge(&data);
    let mut side = Side::new();
    for other in [
        PostedAccount { owner: key(8), ..sound },
        PostedAccount {
            owner: Pubkey::default(),
            ..sound
        },
        PostedAccount { key: key(71), ..sound },
        PostedAccount {
            derived: key(71),
            ..sound
        },
    ] {
        assert_eq!(hear(&mut side, &other, NOW), Err(CoreError::NotPostedByBridge));
    }
    // Without Wormhole no bridge is registered, and the zero address is none.
    side.peer.transports = transport::ATTESTERS;
    side.peer.bridge = Pubkey::default();
    let of_nobody = PostedAccount {
        owner: Pubkey::default(),
        ..sound
    };
    assert_eq!(hear(&mut side, &of_nobody, NOW), Err(CoreError::TransportNotRegistered));
}
