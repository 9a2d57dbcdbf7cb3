//! Messages that Wormhole's core bridge posted.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::RegisterPeerArgs;

use super::*;

#[test]
fn a_posted_pause_is_heard_and_one_before_its_block_is_final_as_well() {
    for finality in [1, INSTANT] {
        let mut heard = Heard::new();
        let pause = heard.pause(1);
        let posted = heard.post(&pause, finality);
        heard.hear_posted(posted).expect("heard");
        assert_eq!(heard.closed(5), DEFAULT_EMERGENCY);
        refused(heard.hear_posted(posted), E::MessageSeen);
    }
}

#[test]
fn only_a_pause_may_come_before_it_is_final() {
    let mut heard = Heard::new();
    let asked = heard.message(1, 1, request(1));
    let early = heard.post(&asked, INSTANT);
    refused(heard.hear_posted(early), E::WrongFinality);
    let pause = heard.pause(2);
    let unknown = heard.post(&pause, 201);
    refused(heard.hear_posted(unknown), E::WrongFinality);
    let last = heard.post(&asked, 1);
    heard.hear_posted(last).expect("recorded");
    assert_eq!(heard.peer().request_epoch, 1);
}

/// A message on its way out, of another version, of another program, of the system program, at another address, with a
/// byte too many: nobody verified any of them.
#[test]
fn near_misses_of_a_posted_message_are_refused() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    let sound = Posting::of(bytes_of(&pause));
    let before = state(&heard);
    let near = [
        Posting {
            magic: *b"msg",
            ..sound.clone()
        },
        Posting {
            magic: *b"msu",
            ..sound.clone()
        },
        Posting {
            version: 0,
            ..sound.clone()
        },
        Posting {
            version: 2,
            ..sound.clone()
        },
        Posting {
            owner: keypair("a thief's bridge").pubkey(),
            ..sound.clone()
        },
        Posting {
            owner: bulkhead::ID,
            ..sound.clone()
        },
    ];
    for posting in near {
        let key = posting.write(&mut heard.machine);
        refused(heard.hear_posted(key), E::NotPostedByBridge);
    }
    // At the address of another body, also of the same bridge.
    let elsewhere = Posting {
        sequence: 13,
        ..sound.clone()
    }
    .address();
    for key in [elsewhere, keypair("anywhere").pubkey()] {
        sound.write_at(&mut heard.machine, key);
        refused(heard.hear_posted(key), E::NotPostedByBridge);
    }
    // The right address and owner, the length cut or padded.
    let key = sound.write(&mut heard.machine);
    for change in [
        |data: &mut Vec<u8>| data.push(0),
        |data: &mut Vec<u8>| data.truncate(94),
        |data: &mut Vec<u8>| {
            data.pop();
        },
    ] {
        let mut account = heard.machine.account(&key).expect("written");
        change(&mut account.data);
        heard.machine.write_account(&key, account);
        refused(heard.hear_posted(key), E::NotPostedByBridge);
        sound.write(&mut heard.machine);
    }
    refused(heard.hear_posted(keypair("nothing").pubkey()), E::NotPostedByBridge);
    assert_eq!(state(&heard), before);
    heard.hear_posted(key).expect("the sound one");
}

#[test]
fn a_posted_message_of_another_chain_emitter_or_sender_is_foreign() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    let sound = Posting::of(bytes_of(&pause));
    let before = state(&heard);
    let foreign = [
        Posting {
            chain: CHAIN + 1,
            ..sound.clone()
        },
        Posting {
            emitter: [0xEF; 32],
            ..sound.clone()
        },
        Posting::of(bytes_of(&Message {
            sender: [0x56; 32],
            ..pause
        })),
        Posting::of(bytes_of(&Message {
            chain: CHAIN + 1,
            ..pause
        })),
    ];
    for posting in foreign {
        let key = posting.write(&mut heard.machine);
        refused(heard.hear_posted(key), E::ForeignSender);
    }
    assert_eq!(state(&heard), before);
}

/// A fork of the sender's chain: another message under a number that was heard.
#[test]
fn a_fork_is_not_heard_twice_under_one_number() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    let one = heard.post(&pause, 1);
    heard.hear_posted(one).expect("heard");
    heard.machine.warp_seconds(1);
    let other = Message {
        epoch: 9,
        ..heard.pause(1)
    };
    let fork = heard.post(&other, 1);
    refused(heard.hear_posted(fork), E::MessageSeen);
}

#[test]
fn a_transport_that_is_not_registered_is_not_heard() {
    let by_attesters = RegisterPeerArgs {
        transports: transport::ATTESTERS,
        bridge: Pubkey::default(),
        ..peer_args()
    };
    let mut heard = Heard::with(by_attesters);
    let pause = heard.pause(1);
    let posted = heard.post(&pause, 1);
    refused(heard.hear_posted(posted), E::TransportNotRegistered);
    let by_wormhole = RegisterPeerArgs {
        transports: transport::WORMHOLE,
        rotation_seconds: 0,
        threshold: 0,
        attesters: vec![],
        ..peer_args()
    };
    let mut heard = Heard::with(by_wormhole);
    let pause = heard.pause(1);
    refused(heard.hear(&pause), E::TransportNotRegistered);
    let posted = heard.post(&pause, 1);
    heard.hear_posted(posted).expect("heard");
}
