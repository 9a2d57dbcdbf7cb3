//! Messages that attesters signed.

use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_core::messages::attesters::attestation_digest;

use super::*;

#[test]
fn a_pause_closes_the_peers_compartments_at_once_and_lapses() {
    let mut heard = Heard::new();
    let now = heard.now();
    let pause = heard.pause(1);
    heard.hear(&pause).expect("heard");
    assert_eq!(
        [0, 1, 5].map(|number| heard.closed(number)),
        [DEFAULT_EMERGENCY, 0, DEFAULT_EMERGENCY]
    );
    let board = heard.protocol.board(&heard.machine);
    assert_eq!(
        board.rows[5].linked_until,
        now + GUARDIAN_PAUSE,
        "a guardian's pause, no longer"
    );
    // It is sent no further and is no decision of this domain, so that two domains cannot keep each other closed.
    assert_eq!(
        (
            board.rows[5].guardian_pause,
            board.domain_row.guardian_pause,
            board.domain_row.freeze
        ),
        (0, 0, 0)
    );
    assert_eq!(
        heard.protocol.state(&heard.machine).state,
        phase::OPERATING,
        "no incident"
    );
    let peer = heard.peer();
    assert_eq!(
        (peer.pause_epoch, peer.sequence, peer.rights.pause_rights),
        (1, 1, RIGHTS - 1)
    );
    heard.machine.warp_seconds(GUARDIAN_PAUSE);
    assert_eq!(heard.closed(5), 0, "it lapses by itself");
}

/// Both orders end in the same way: the pause closes, and an older request does not stand against it.
#[test]
fn a_late_request_does_not_touch_a_later_pause_and_an_early_one_suppresses_none() {
    let mut late = Heard::new();
    let (pause, asked) = (late.pause(2), late.message(1, 1, request(1)));
    late.hear(&pause).expect("heard");
    let before = state(&late);
    refused(late.hear(&asked), E::MessageOvertaken);
    assert_eq!(state(&late), before);

    let mut early = Heard::new();
    let (pause, asked) = (early.pause(2), early.message(1, 1, request(1)));
    early.hear(&asked).expect("recorded");
    early
        .hear(&pause)
        .expect("a pause is never refused because something else arrived first");
    assert_eq!(early.closed(5), DEFAULT_EMERGENCY);
    assert_eq!(early.peer().request_epoch, 0, "it withdraws the request");
}

#[test]
fn a_request_to_resume_is_recorded_and_opens_nothing() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    heard.hear(&pause).expect("heard");
    let board = heard.protocol.board(&heard.machine);
    let asked = heard.message(2, 2, request(7));
    heard.hear(&asked).expect("recorded");
    let after = heard.protocol.board(&heard.machine);
    assert_eq!(bytemuck::bytes_of(&board), bytemuck::bytes_of(&after));
    let peer = heard.peer();
    assert_eq!((peer.request_epoch, peer.request_council_epoch), (2, 7));
    assert_eq!(peer.rights.pause_rights, RIGHTS - 1, "it costs nothing");
}

#[test]
fn a_message_acts_once_whichever_transport_brings_it() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    let posted = heard.post(&pause, 1);
    heard.hear(&pause).expect("heard");
    heard.machine.warp_seconds(1);
    let before = state(&heard);
    refused(heard.hear(&pause), E::MessageSeen);
    refused(heard.hear_posted(posted), E::MessageSeen);
    assert_eq!(state(&heard), before);
}

/// What replays after governance has opened again: the number is used up.
#[test]
fn a_replay_after_the_pause_lapsed_closes_nothing_again() {
    let mut heard = Heard::with(RegisterPeerArgs {
        max_age_seconds: 72 * HOUR,
        ..peer_args()
    });
    let pause = heard.pause(1);
    heard.hear(&pause).expect("heard");
    heard.machine.warp_seconds(GUARDIAN_PAUSE);
    refused(heard.hear(&pause), E::MessageSeen);
    assert_eq!(heard.closed(5), 0);
}

#[test]
fn a_message_is_heard_while_it_is_young_and_numbers_wait_in_a_window() {
    let mut heard = Heard::new();
    let old = heard.pause(1);
    heard.machine.warp_seconds(MAX_AGE);
    let mut in_time = Heard {
        machine: heard.machine.fork(),
        protocol: heard.protocol.twin(),
        set: attesters(&[1, 2, 3]),
    };
    in_time.hear(&old).expect("young enough");
    heard.machine.warp_seconds(1);
    refused(heard.hear(&old), E::MessageExpired);

    let checkpoint = heard.message(1, 100, request(1));
    heard.hear(&checkpoint).expect("recorded");
    let inside = heard.pause(37);
    heard.hear(&inside).expect("63 below the highest, in any order");
    heard.machine.warp_seconds(1);
    let outside = heard.pause(36);
    refused(heard.hear(&outside), E::MessageSeen);
}

#[test]
fn enough_attesters_in_order_and_nobody_else() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    let before = state(&heard);
    for (indices, error) in [
        (&[][..], E::AttestationsTooFew),
        (&[1], E::AttestationsTooFew),
        (&[0, 0], E::InvalidAttestation),
        (&[2, 1], E::InvalidAttestation),
        (&[1, 1, 2], E::InvalidAttestation),
    ] {
        let accept = heard.attested(&pause, indices);
        refused(heard.machine.send(&[accept], &[]), error);
    }
    // A stranger under another's index, and keys of another set of the same size.
    let set = std::mem::replace(&mut heard.set, attesters(&[4, 5, 6]));
    let forged = heard.attested(&pause, &[0, 1]);
    refused(heard.machine.send(&[forged], &[]), E::InvalidAttestation);
    heard.set = set;
    assert_eq!(state(&heard), before);
    for all in [&[0, 2][..], &[1, 2], &[0, 1, 2]] {
        let mut each = Heard {
            machine: heard.machine.fork(),
            protocol: heard.protocol.twin(),
            set: attesters(&[1, 2, 3]),
        };
        let accept = each.attested(&pause, all);
        each.machine.send(&[accept], &[]).expect("enough");
    }
}

/// Sends a message with other signatures than those of the terms.
fn with_signatures(heard: &mut Heard, pause: &Message, signatures: Vec<u8>, error: E) {
    let accept = ix::accept_attested(heard.of(), bytes_of(pause), signatures);
    refused(heard.machine.send(&[accept], &[]), error);
}

#[test]
fn a_signature_has_one_form_and_names_chain_emitter_epoch_and_every_byte() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    let bytes = bytes_of(&pause);
    let epoch = heard.peer().attesters.epoch;
    let good = |set: &[Attester], digest: &[u8; 32]| sign(set, &[0, 1], digest);
    let sound = good(&heard.set, &attestation_digest(epoch, CHAIN, &EMITTER, &bytes));

    // The other form of the same signature: s above half the order, with the other parity.
    let mut high = sound.clone();
    high[33..65].copy_from_slice(&negated(&sound[33..65]));
    high[65] ^= 1;
    with_signatures(&mut heard, &pause, high, E::InvalidAttestation);
    for parity in [27, 28, 2, 255] {
        let mut other = sound.clone();
        other[65] = parity;
        with_signatures(&mut heard, &pause, other, E::InvalidAttestation);
    }
    for range in [1..33, 33..65, 1..65] {
        for fill in [0, 0xff] {
            let mut none = sound.clone();
            none[range.clone()].fill(fill);
            with_signatures(&mut heard, &pause, none, E::InvalidAttestation);
        }
    }
    let mut longer = sound.clone();
    longer.push(0);
    with_signatures(&mut heard, &pause, longer, E::InvalidAttestation);
    for digest in [
        attestation_digest(epoch + 1, CHAIN, &EMITTER, &bytes),
        attestation_digest(epoch - 1, CHAIN, &EMITTER, &bytes),
        attestation_digest(epoch, CHAIN + 1, &EMITTER, &bytes),
        attestation_digest(epoch, CHAIN, &[0xEF; 32], &bytes),
        attestation_digest(epoch, CHAIN, &EMITTER, &bytes_of(&heard.pause(2))),
    ] {
        let signatures = good(&heard.set, &digest);
        with_signatures(&mut heard, &pause, signatures, E::InvalidAttestation);
    }
    let accept = ix::accept_attested(heard.of(), bytes, sound);
    heard.machine.send(&[accept], &[]).expect("the one form");
}

/// The order of the curve minus `s`.
fn negated(s: &[u8]) -> [u8; 32] {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae,
        0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
    ];
    let mut out = [0; 32];
    let mut borrow = 0;
    for place in (0..32).rev() {
        let value = i32::from(ORDER[place]) - i32::from(s[place]) - borrow;
        borrow = i32::from(value < 0);
        out[place] = u8::try_from(value.rem_euclid(256)).expect("a byte");
    }
    out
}

/// Whoever stole a sender or its attesters closes something for days, and then nothing more.
#[test]
fn rights_and_limits_end_what_a_stolen_peer_closes() {
    let mut heard = Heard::new();
    let mut number = 0;
    let mut closed = 0;
    for _ in 0..60 {
        number += 1;
        let pause = heard.pause(number);
        match heard.hear(&pause) {
            Ok(_) => closed += 1,
            Err(failure) => {
                let code = failure.code().expect("by name");
                let known = [E::GuardianPauseLimitReached, E::NoPauseRights].map(u32::from);
                assert!(known.contains(&code), "{code}");
            }
        }
        heard.machine.warp_seconds(12 * HOUR);
    }
    assert_eq!(
        closed,
        u32::from(RIGHTS),
        "a pause for each right, and none after the last"
    );
    assert_eq!(heard.peer().rights.pause_rights, 0);
    assert_eq!(heard.closed(5), 0);
    // The council's own rights are untouched.
    let guardian = &heard.protocol.members[0];
    let pause = ix::pause(heard.protocol.domain, guardian.pubkey(), 5, 0);
    heard
        .machine
        .send(&[pause], &[guardian])
        .expect("a guardian still pauses");
}

/// Numbers and epochs thrown forward as far as they go make every honest message look old, until a proposal sets the
/// peer again.
#[test]
fn numbers_that_were_thrown_forward_are_put_right_by_a_proposal() {
    let mut heard = Heard::new();
    let thrown = heard.message(u64::MAX, u64::MAX, request(u64::MAX));
    heard.hear(&thrown).expect("a thief of keys may");
    let honest = heard.pause(7);
    refused(heard.hear(&honest), E::MessageSeen);
    let args = RegisterPeerArgs {
        after_sequence: 6,
        ..peer_args()
    };
    let authority = heard.protocol.mature(&mut heard.machine, &args);
    let payer = heard.machine.payer.pubkey();
    heard
        .protocol
        .must(&mut heard.machine, &[ix::register_peer(authority, payer, args)], &[]);
    let honest = heard.pause(7);
    heard.hear(&honest).expect("heard again");
    assert_ne!(heard.closed(5), 0);
}

#[test]
fn bytes_that_are_no_message_of_the_peer_are_refused_by_name() {
    let mut heard = Heard::new();
    let sound = heard.pause(1);
    let epoch = heard.peer().attesters.epoch;
    let before = state(&heard);
    let mut version = bytes_of(&sound);
    version[4] = 2;
    let mut longer = bytes_of(&sound);
    longer.push(0);
    let foreign = [
        Message {
            chain: CHAIN + 1,
            ..sound
        },
        Message {
            sender: [0x56; 32],
            ..sound
        },
    ];
    let cases = [
        (vec![], E::MessageMalformed),
        (version, E::MessageVersionUnknown),
        (longer, E::MessageMalformed),
        (bytes_of(&foreign[0]), E::ForeignSender),
        (bytes_of(&foreign[1]), E::ForeignSender),
    ];
    for (bytes, error) in cases {
        let digest = attestation_digest(epoch, CHAIN, &EMITTER, &bytes);
        let accept = ix::accept_attested(heard.of(), bytes, sign(&heard.set, &[0, 1], &digest));
        refused(heard.machine.send(&[accept], &[]), error);
    }
    assert_eq!(state(&heard), before);
}

/// A peer of one domain shown with the accounts of another: nobody closes a board by somebody else's peer.
#[test]
fn a_peer_closes_only_its_own_domains_board() {
    let mut heard = Heard::new();
    let other = bulkhead_testbed::Protocol::set_up(
        &mut heard.machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let pause = heard.pause(1);
    let sound = heard.attested(&pause, &[0, 1]);
    for (place, key, error) in [
        (1, pda::council(&other.domain), E::ForeignAccount),
        (2, pda::board(&other.domain), E::WrongBoard),
    ] {
        let mut spoilt = sound.clone();
        spoilt.accounts[place].pubkey = key;
        refused(heard.machine.send(&[spoilt], &[]), error);
    }
    let mut theirs = sound.clone();
    theirs.accounts[1].pubkey = pda::council(&other.domain);
    theirs.accounts[2].pubkey = pda::board(&other.domain);
    refused(heard.machine.send(&[theirs], &[]), E::ForeignAccount);
    // A peer of the other domain on the same terms hears the same fact.
    heard.machine.send(&[sound], &[]).expect("heard");
    assert_eq!(other.board(&heard.machine).rows[5].linked, 0);
}
