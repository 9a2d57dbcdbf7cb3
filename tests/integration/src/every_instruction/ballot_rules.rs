//! Rules of ballots: a veto, and the weights of a plug-in.

use super::*;
use crate::weights::{self, compute, compute_max, disputed, max_key, record_key, set_rules, weighed};
use bulkhead_interface::constants::CHOICE_NOTED;

pub(super) fn visit(visitor: &mut dyn Visitor) {
    vetoed(visitor);
    by_weight(visitor);
}

/// Rules are set, a state wins, and a vetoer sends it back.
fn vetoed(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let rules = disputed();
    let authority = bench.protocol.mature(&mut bench.machine, &rules);
    let set = ix::set_ballot_rules(authority, bench.payer(), rules);
    bench.row("set_ballot_rules", set, &[]);

    let Bench {
        visitor,
        mut machine,
        protocol,
    } = bench;
    let recovery = Recovery::sealed(&mut machine, protocol, positions(4));
    let protocol = &recovery.protocol;
    let voter = recovery.voter(&mut machine, "voter", 1_000);
    recovery.nominate(&mut machine);
    machine.warp_seconds(weights::DISPUTE - NOMINATION_SECONDS);
    recovery.start(&mut machine);
    let cast = ix::cast_vote(
        protocol.domain,
        voter.pubkey(),
        machine.payer.pubkey(),
        recovery.ballot,
        0,
    );
    protocol.must(&mut machine, &[cast], &[&voter]);
    machine.warp_seconds(VOTE_SECONDS);
    let vetoer = vetoer_of(protocol);
    let veto = ix::veto_ballot(protocol.domain, vetoer.pubkey(), recovery.ballot);
    let mut bench = Bench {
        visitor,
        machine,
        protocol: recovery.protocol,
    };
    bench.row("renew_ballot_veto", veto, &[&vetoer]);
}

/// A member who may veto.
fn vetoer_of(protocol: &Protocol) -> Keypair {
    protocol.members[3].insecure_clone()
}

/// A weight is noted, and cast when the vote has started.
fn by_weight(visitor: &mut dyn Visitor) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, weighed());
    let recovery = Recovery::sealed(&mut machine, protocol, positions(4));
    recovery.nominate(&mut machine);
    let Recovery {
        protocol,
        ballot,
        incident,
        ..
    } = recovery;
    let voter = keypair("voter");
    compute(&mut machine, &protocol, &voter.pubkey(), 600);
    let (payer, record) = (machine.payer.pubkey(), record_key(&voter.pubkey()));
    let (domain, mint, member) = (
        protocol.domain,
        protocol.governance_mint,
        protocol.members[0].insecure_clone(),
    );
    let mut bench = Bench {
        visitor,
        machine,
        protocol,
    };
    let note = ix::cast_weight(voter.pubkey(), payer, ballot, record, CHOICE_NOTED);
    bench.row("cast_vote_noting", note, &[&voter]);
    bench.machine.warp_seconds(NOMINATION_SECONDS);
    compute_max(&mut bench.machine, &bench.protocol, 1_000);
    let start = ix::start_weighed(domain, member.pubkey(), incident, ballot, mint, Some(max_key()));
    bench.row("start_voting_weighed", start, &[&member]);
    compute(&mut bench.machine, &bench.protocol, &voter.pubkey(), 600);
    let cast = ix::cast_weight(voter.pubkey(), payer, ballot, record, 0);
    bench.row("cast_vote_weight", cast, &[&voter]);
}
