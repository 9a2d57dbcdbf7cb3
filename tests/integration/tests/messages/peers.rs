//! Who is heard: only what a proposal decided, by the later proposal.

use bulkhead::instructions::RegisterPeerArgs;

use super::*;

#[test]
fn after_set_up_only_a_matured_proposal_registers_a_peer() {
    let mut heard = Heard::new();
    let payer = heard.machine.payer.pubkey();
    let setup_authority = heard.protocol.setup_authority.insecure_clone();
    let alone = bulkhead_tests::peers::in_set_up(&heard.protocol);
    let register = ix::register_peer(alone, payer, peer_args());
    refused(
        heard.machine.send(&[register], &[&setup_authority]),
        E::ProposalRequired,
    );
    // Other terms than those that were approved.
    let args = peer_args();
    let authority = heard.protocol.mature(&mut heard.machine, &args);
    let more = RegisterPeerArgs {
        compartments: u64::MAX,
        ..args.clone()
    };
    refused(
        heard.machine.send(&[ix::register_peer(authority, payer, more)], &[]),
        E::PayloadMismatch,
    );
    heard
        .machine
        .send(&[ix::register_peer(authority, payer, args)], &[])
        .expect("as approved");
}

#[test]
fn terms_that_no_domain_could_have_are_refused_when_they_are_proposed() {
    let mut heard = Heard::new();
    let three = addresses(&attesters(&[1, 2, 3]));
    let wrong: [(RegisterPeerArgs, E); 8] = [
        (
            RegisterPeerArgs {
                chain: 1,
                ..peer_args()
            },
            E::InvalidPeer,
        ),
        (
            RegisterPeerArgs {
                chain: 0,
                ..peer_args()
            },
            E::InvalidPeer,
        ),
        (
            RegisterPeerArgs {
                transports: 4,
                ..peer_args()
            },
            E::InvalidPeer,
        ),
        (
            RegisterPeerArgs {
                remote_mask: 0,
                ..peer_args()
            },
            E::InvalidPeer,
        ),
        (
            RegisterPeerArgs {
                max_age_seconds: 599,
                ..peer_args()
            },
            E::InvalidPeer,
        ),
        (
            RegisterPeerArgs {
                rotation_seconds: 86_399,
                ..peer_args()
            },
            E::InvalidPeer,
        ),
        (
            RegisterPeerArgs {
                threshold: 1,
                ..peer_args()
            },
            E::InvalidAttesterSet,
        ),
        (
            RegisterPeerArgs {
                attesters: three.into_iter().rev().collect(),
                ..peer_args()
            },
            E::InvalidAttesterSet,
        ),
    ];
    for (args, error) in wrong {
        let (propose, _) = heard.protocol.proposing(&heard.machine, &args);
        let proposer = &heard.protocol.members[0];
        refused(heard.machine.send(&[propose], &[proposer]), error);
    }
}

/// A peer without transports is heard no more. What its pause closed lapses on its own.
#[test]
fn a_peer_is_silenced_by_a_proposal_and_what_it_closed_lapses() {
    let mut heard = Heard::new();
    let pause = heard.pause(1);
    heard.hear(&pause).expect("heard");
    let until = heard.protocol.board(&heard.machine).rows[5].linked_until;
    let off = RegisterPeerArgs {
        transports: 0,
        bridge: anchor_lang::prelude::Pubkey::default(),
        rotation_seconds: 0,
        threshold: 0,
        attesters: vec![],
        ..peer_args()
    };
    let authority = heard.protocol.mature(&mut heard.machine, &off);
    let payer = heard.machine.payer.pubkey();
    heard
        .protocol
        .must(&mut heard.machine, &[ix::register_peer(authority, payer, off)], &[]);
    assert_eq!(
        heard.protocol.board(&heard.machine).rows[5].linked_until,
        until,
        "nothing was opened"
    );
    let more = heard.pause(2);
    refused(heard.hear(&more), E::TransportNotRegistered);
    let posted = heard.post(&more, 1);
    refused(heard.hear_posted(posted), E::TransportNotRegistered);
}

/// Lamports that somebody sent to the address in advance do not keep the peer away.
#[test]
fn a_peer_is_registered_at_an_address_that_somebody_funded() {
    let mut heard = Heard::new();
    let args = RegisterPeerArgs {
        emitter: [0xED; 32],
        ..peer_args()
    };
    let key = pda::peer(&heard.protocol.domain, CHAIN, &args.emitter);
    heard.machine.fund(&key, 5_000_000);
    let authority = heard.protocol.mature(&mut heard.machine, &args);
    let payer = heard.machine.payer.pubkey();
    heard
        .protocol
        .must(&mut heard.machine, &[ix::register_peer(authority, payer, args)], &[]);
    assert_eq!(
        heard.machine.load::<bulkhead_interface::layout::Peer>(&key).chain,
        CHAIN
    );
}

/// Only what of the sender counts, and only the actions and compartments of the terms.
#[test]
fn only_what_the_terms_cover_counts() {
    let mut heard = Heard::with(RegisterPeerArgs {
        remote_scope: 3,
        remote_mask: action::WITHDRAW,
        mask: action::BORROW,
        ..peer_args()
    });
    let other = |scope, mask| Body::Pause { scope, mask, until: 0 };
    for (scope, mask) in [(4, action::WITHDRAW), (3, action::TRADE)] {
        let message = heard.message(1, 1, other(scope, mask));
        refused(heard.hear(&message), E::NothingToPropagate);
    }
    let message = heard.message(1, 1, other(3, action::WITHDRAW));
    heard.hear(&message).expect("heard");
    assert_eq!((heard.closed(5), heard.closed(1)), (action::BORROW, 0));
}

#[test]
fn a_pause_that_changes_nothing_costs_nothing() {
    let mut heard = Heard::new();
    let (one, two) = (heard.pause(1), heard.pause(2));
    heard.hear(&one).expect("heard");
    refused(heard.hear(&two), E::AlreadyPropagated);
    assert_eq!(heard.peer().rights.pause_rights, RIGHTS - 1);
    heard.machine.warp_seconds(1);
    heard
        .hear(&two)
        .expect("it lasts a second longer, and its number was not used up");
}
