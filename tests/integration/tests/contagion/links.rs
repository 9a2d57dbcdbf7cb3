//! Which links there may be, and how they are switched.

use super::*;

/// A link of one domain, a board or a council of another.
#[test]
fn a_link_closes_compartments_of_its_own_domain_only() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[(1, 0)]);
    let [upstream, downstream, other] = &all[..] else {
        unreachable!()
    };
    pause(&mut machine, upstream, 0, SCOPE_DOMAIN);
    let sound = ix::propagate_contagion(downstream.domain, upstream.domain);
    for (place, key, error) in [
        (1, pda::council(&other.domain), BulkheadError::ForeignAccount),
        (2, pda::board(&other.domain), BulkheadError::WrongBoard),
        (2, pda::board(&upstream.domain), BulkheadError::WrongBoard),
    ] {
        let mut spoilt = sound.clone();
        spoilt.accounts[place].pubkey = key;
        refused(machine.send(&[spoilt], &[]), error);
    }
    let missing = crank(&mut machine, other, upstream).expect_err("it has no link");
    assert_eq!(
        missing.code(),
        Some(3007),
        "no account of Bulkhead's: {}",
        missing.error
    );
}

#[test]
fn a_link_names_another_domain_with_its_own_board() {
    let (mut machine, all) = domains(&["upstream", "downstream", "other"], &[]);
    let [upstream, downstream, other] = &all[..] else {
        unreachable!()
    };
    let payer = machine.payer.pubkey();
    for (args, error) in [
        (link_args(downstream), BulkheadError::LinkedToItself),
        (
            SetLinkArgs {
                upstream_scope: 64,
                ..link_args(upstream)
            },
            BulkheadError::CompartmentOutOfRange,
        ),
        (
            SetLinkArgs {
                upstream_mask: 0,
                ..link_args(upstream)
            },
            BulkheadError::ArgumentOutOfRange,
        ),
    ] {
        // Not even proposed.
        let (propose, _) = downstream.proposing(&machine, &args);
        refused(machine.send(&[propose], &[&downstream.members[0]]), error);
    }
    let args = link_args(upstream);
    let authority = downstream.mature(&mut machine, &args);
    let mut set = ix::set_link(authority, payer, args);
    set.accounts[7].pubkey = pda::board(&other.domain);
    refused(machine.send(&[set], &[]), BulkheadError::WrongBoard);
}

#[test]
fn after_set_up_a_link_needs_a_matured_proposal_for_exactly_this() {
    let (mut machine, all) = domains(&["upstream", "downstream"], &[]);
    let [upstream, downstream] = &all[..] else {
        unreachable!()
    };
    let payer = machine.payer.pubkey();
    let setup_authority = ix::Authority {
        signer: downstream.setup_authority.pubkey(),
        domain: downstream.domain,
        proposal: None,
    };
    let args = link_args(upstream);
    let set = ix::set_link(setup_authority, payer, args.clone());
    refused(
        machine.send(&[set], &[&downstream.setup_authority]),
        BulkheadError::ProposalRequired,
    );
    let authority = downstream.mature(&mut machine, &args);
    let more = SetLinkArgs {
        compartments: u64::MAX,
        ..args.clone()
    };
    let set = ix::set_link(authority, payer, more);
    refused(machine.send(&[set], &[]), BulkheadError::PayloadMismatch);
    downstream.must(&mut machine, &[ix::set_link(authority, payer, args.clone())], &[]);
    let set = ix::set_link(authority, payer, args);
    refused(machine.send(&[set], &[]), BulkheadError::ProposalNotOpen);
}

#[test]
fn switching_a_link_off_stops_what_would_come_and_opens_nothing() {
    let (mut machine, upstream, downstream) = pair();
    upstream.freeze(&mut machine);
    must_crank(&mut machine, &downstream, &upstream);
    let off = SetLinkArgs {
        compartments: 0,
        ..link_args(&upstream)
    };
    let authority = downstream.mature(&mut machine, &off);
    let payer = machine.payer.pubkey();
    let before = downstream.board(&machine);
    downstream.must(&mut machine, &[ix::set_link(authority, payer, off)], &[]);
    assert_eq!(
        bytemuck::bytes_of(&downstream.board(&machine)),
        bytemuck::bytes_of(&before)
    );
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    machine.warp_seconds(TRIP);
    assert_eq!(mask(&machine, &downstream, 5), 0);
}

/// Who depends on a domain through another links to both: a pause travels one link.
#[test]
fn two_links_hold_as_long_as_the_longer_one() {
    let (mut machine, all) = domains(&["a", "b", "c"], &[(1, 0), (2, 0), (2, 1)]);
    let [a, b, c] = &all[..] else { unreachable!() };
    pause(&mut machine, a, 0, SCOPE_DOMAIN);
    for (own, upstream) in [(b, a), (c, a)] {
        must_crank(&mut machine, own, upstream);
    }
    refused(crank(&mut machine, c, b), BulkheadError::NothingToPropagate);
    machine.warp_seconds(HOUR);
    pause(&mut machine, b, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, c, b);
    assert_eq!(c.board(&machine).rows[0].linked_until, now(&machine) + GUARDIAN_PAUSE);
    machine.warp_seconds(GUARDIAN_PAUSE - 1);
    refused(crank(&mut machine, c, a), BulkheadError::NothingToPropagate);
    assert_eq!(mask(&machine, c, 0), DEFAULT_EMERGENCY);
    machine.warp_seconds(1);
    assert_eq!(mask(&machine, c, 0), 0);
}

#[test]
fn a_link_to_a_domain_in_set_up_waits_for_its_pauses() {
    let mut machine = bulkhead_tests::machine();
    let unfinished = |machine: &mut Machine, name| {
        let setup = Setup {
            name,
            activate: false,
            ..Setup::default()
        };
        Protocol::set_up(machine, &setup)
    };
    let (upstream, downstream) = (unfinished(&mut machine, "up"), unfinished(&mut machine, "down"));
    set_up_link(&mut machine, &downstream, link_args(&upstream));
    refused(
        crank(&mut machine, &downstream, &upstream),
        BulkheadError::NothingToPropagate,
    );
    assert_eq!(machine.load::<Domain>(&upstream.domain).state, phase::SETUP);
    pause(&mut machine, &upstream, 0, SCOPE_DOMAIN);
    must_crank(&mut machine, &downstream, &upstream);
}
