//! Attesters that follow each other.

use super::*;

/// Keys 1, 2 and 3 rotate to 1, 2, 3 and 4, in the order of their addresses.
fn announce(heard: &mut Heard) {
    let announce = heard.rotation(3, &attesters(&[1, 2, 3, 4]), &[0, 1]);
    heard.machine.send(&[announce], &[]).expect("announced");
}

#[test]
fn attesters_rotate_slowly_and_the_old_set_stays_in_force_until_then() {
    let mut heard = Heard::new();
    let from = heard.now() + ROTATION;
    announce(&mut heard);
    assert_eq!(heard.peer().next_from_ts, from);
    let early = heard.pause(1);
    heard.hear(&early).expect("the old set is in force");
    heard.machine.warp_seconds(ROTATION);
    let late = heard.pause(2);
    // Their epoch is over.
    let of_the_old = heard.attested(&late, &[0, 1, 2]);
    refused(heard.machine.send(&[of_the_old], &[]), E::InvalidAttestation);
    heard.set = attesters(&[1, 2, 3, 4]);
    let bytes = bytes_of(&late);
    let next = heard.peer().next_attesters.epoch;
    let digest = bulkhead_core::messages::attesters::attestation_digest(next, CHAIN, &EMITTER, &bytes);
    let accept = ix::accept_attested(heard.of(), bytes, sign(&heard.set, &[0, 2, 3], &digest));
    heard.machine.send(&[accept], &[]).expect("the new set");
    let peer = heard.peer();
    assert_eq!(
        (peer.attesters.epoch, peer.attesters.count, peer.next_attesters.count),
        (next, 4, 0)
    );
}

#[test]
fn a_rotation_is_narrow_signed_by_enough_and_one_at_a_time() {
    let mut heard = Heard::new();
    let before = state(&heard);
    let four = attesters(&[1, 2, 3, 4]);
    let cases = [
        (heard.rotation(2, &attesters(&[1, 4, 5]), &[0, 1]), E::RotationTooWide),
        (heard.rotation(1, &attesters(&[1]), &[0, 1]), E::RotationTooWide),
        (heard.rotation(3, &four, &[0]), E::AttestationsTooFew),
        (heard.rotation(3, &four, &[1, 0]), E::InvalidAttestation),
        (
            ix::announce_rotation(heard.of().peer, 2, vec![[1; 20], [1; 20]], vec![]),
            E::InvalidAttesterSet,
        ),
        (
            ix::announce_rotation(heard.of().peer, 1, addresses(&four), vec![]),
            E::InvalidAttesterSet,
        ),
    ];
    for (announce, error) in cases {
        refused(heard.machine.send(&[announce], &[]), error);
    }
    assert_eq!(state(&heard), before);
    announce(&mut heard);
    let other = heard.rotation(3, &attesters(&[1, 2, 3, 5]), &[0, 1]);
    refused(heard.machine.send(&[other], &[]), E::RotationPending);
}

/// A thief of a threshold of keys would use a rotation to keep them.
#[test]
fn one_guardian_stops_a_rotation_for_good_and_a_proposal_allows_them_again() {
    let mut heard = Heard::new();
    let guardian = heard.protocol.members[0].insecure_clone();
    let stop = ix::stop_rotation(heard.of(), guardian.pubkey());
    refused(
        heard.machine.send(std::slice::from_ref(&stop), &[&guardian]),
        E::NoRotationPending,
    );
    let signed = heard.rotation(3, &attesters(&[1, 2, 3, 4]), &[0, 1]);
    heard
        .machine
        .send(std::slice::from_ref(&signed), &[])
        .expect("announced");
    let stranger = keypair("stranger");
    let theirs = ix::stop_rotation(heard.of(), stranger.pubkey());
    refused(heard.machine.send(&[theirs], &[&stranger]), E::NotAMember);
    let rights = heard.protocol.council(&heard.machine).members[0].pause_rights;
    heard.machine.send(&[stop], &[&guardian]).expect("stopped");
    assert_eq!(
        heard.protocol.council(&heard.machine).members[0].pause_rights,
        rights,
        "it costs no right"
    );
    heard.machine.warp_seconds(ROTATION);
    let pause = heard.pause(1);
    heard.hear(&pause).expect("the old set is still in force");
    let again = heard.rotation(3, &attesters(&[1, 2, 3, 4]), &[0, 1]);
    refused(heard.machine.send(&[again], &[]), E::RotationStopped);

    let args = peer_args();
    let authority = heard.protocol.mature(&mut heard.machine, &args);
    let payer = heard.machine.payer.pubkey();
    heard
        .protocol
        .must(&mut heard.machine, &[ix::register_peer(authority, payer, args)], &[]);
    // The same keys have another epoch now, so the signatures that were stopped do not count a second time.
    refused(heard.machine.send(&[signed], &[]), E::InvalidAttestation);
    announce(&mut heard);
}

#[test]
fn a_rotation_names_its_receiver() {
    let heard = Heard::new();
    let mut other = Heard::new();
    // The same peer of a domain at another address.
    let setup = Setup {
        name: "other",
        activate: false,
        ..Setup::default()
    };
    let protocol = bulkhead_testbed::Protocol::set_up(&mut other.machine, &setup);
    let register = ix::register_peer(
        bulkhead_tests::peers::in_set_up(&protocol),
        other.machine.payer.pubkey(),
        peer_args(),
    );
    protocol.must(&mut other.machine, &[register], &[&protocol.setup_authority]);
    let signed = heard.rotation(3, &attesters(&[1, 2, 3, 4]), &[0, 1]);
    let mut replayed = signed.clone();
    replayed.accounts[0].pubkey = bulkhead_tests::peers::peer_of(&protocol).peer;
    refused(other.machine.send(&[replayed], &[]), E::InvalidAttestation);
    other.machine.send(&[signed], &[]).expect("at its own receiver");
}
