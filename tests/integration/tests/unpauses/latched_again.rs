//! The same finding, latched again and again, voids no proposal to resume.

use super::*;

/// Attack (V): look again whenever the latch has run out, carry it over, and so void every resume, for fees.
#[test]
fn the_same_finding_latched_again_voids_no_resume_and_is_accepted_by_it() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    for _ in 0..3 {
        site.machine.warp_seconds(DELAY_SECONDS);
        assert!(site.look(), "nobody has accepted it yet");
        site.propagate(site.watch);
    }
    site.must(resume, &[]);
    assert_eq!(site.phase(), phase::OPERATING);
    assert_eq!(
        site.mask(COMPARTMENT),
        0,
        "what was known is unpaused, however often it latched"
    );
    for _ in 0..3 {
        assert!(!site.look(), "accepted");
        site.machine.warp_seconds(DELAY_SECONDS);
    }
    site.set_admin("another thief");
    assert!(site.look(), "another is news");
}

/// The same with a hole: what stays the same or shrinks is known, what grows is news.
#[test]
fn the_same_hole_latched_again_is_accepted_and_a_larger_one_is_not() {
    let mut site = Site::new();
    let reserves = u128::from(site.machine.balance(&site.protocol.custody()));
    let look = |site: &mut Site, missing: u128| {
        // Tolerated are 1 % and 50.
        write_liabilities(&mut site.machine, &site.protocol, reserves * 2 + missing);
        for _ in 0..2 {
            let observe = observe_solvency(&site.protocol);
            site.must(observe, &[]);
            site.machine.warp_seconds(60);
        }
        site.is_latched(site.solvency)
    };
    assert!(look(&mut site, 500));
    site.propagate(site.solvency);
    let incident = site.protocol.state(&site.machine).open_incident;
    site.protocol.confirm(&mut site.machine, incident);
    let resume = site.approved_resume(incident);
    for missing in [500, 100, 500] {
        site.machine.warp_seconds(DELAY_SECONDS);
        assert!(look(&mut site, missing));
        site.propagate(site.solvency);
    }
    site.must(resume, &[]);
    assert_eq!((site.phase(), site.mask(COMPARTMENT)), (phase::OPERATING, 0));
    site.machine.warp_seconds(DELAY_SECONDS);
    assert!(!look(&mut site, 500), "accepted");
    assert!(look(&mut site, 50_000), "a larger one");
}

/// Attack (W): wait with a matured resume until one's own theft has latched, and crank it then.
#[test]
fn a_resume_accepts_no_theft_that_came_after_it_was_proposed() {
    for is_carried in [false, true] {
        let mut site = Site::new();
        let incident = site.robbed_and_frozen();
        let resume = site.approved_resume(incident);
        site.machine.warp_seconds(DELAY_SECONDS);
        site.set_admin("another thief");
        assert!(site.look());
        let theft = site.machine.clock().slot;
        if is_carried {
            site.propagate(site.watch);
        }
        site.machine.next_slot();
        site.must(resume, &[]);

        assert!(site.is_latched(site.watch), "nobody knew of it");
        assert!(site.look());
        let expected = if is_carried { phase::ALERT } else { phase::OPERATING };
        assert_eq!(site.phase(), expected);
        assert_eq!(site.mask(COMPARTMENT), if is_carried { site.default_mask() } else { 0 });
        assert_eq!(site.machine.load::<Incident>(&incident).state, incident_state::CLOSED);
        // It has an incident of its own, with its own breach, and guardians confirm that.
        site.propagate(site.watch);
        let state = site.protocol.state(&site.machine);
        let next = pda::incident(&site.protocol.domain, 1);
        assert_eq!((state.state, state.open_incident, state.flags), (phase::ALERT, next, 0));
        let record: Incident = site.machine.load(&next);
        assert_eq!(
            (record.steps[step::BREACH].slot, record.cause),
            (theft, cause::AUTHORITY)
        );
        assert_eq!(site.mask(COMPARTMENT), site.default_mask());
        let again = site.propagation(site.watch);
        refused(site.send(again), BulkheadError::NotLatched);
        site.protocol.confirm(&mut site.machine, next);
        assert_eq!(site.phase(), phase::FROZEN);
    }
}

/// Attack: after an unpause in part, carry the latch that stayed once more when the next resume has been proposed, which knows
/// of it and names the incident that is over. It ends the one that has been begun so, and none that a guardian has.
#[test]
fn a_known_latch_carried_again_voids_no_resume() {
    for is_guardians in [false, true] {
        let mut site = Site::new();
        let incident = site.robbed_and_frozen();
        let first = site.approved_resume(incident);
        site.machine.warp_seconds(DELAY_SECONDS);
        site.set_admin("another thief");
        assert!(site.look());
        site.propagate(site.watch);
        site.machine.next_slot();
        site.must(first, &[]);
        assert_eq!(site.phase(), phase::ALERT);
        let args = ResumeArgs { incident };
        let authority = site.approved(&args);
        let next = pda::incident(&site.protocol.domain, 1);
        if is_guardians {
            let guardian = site.protocol.members[2].insecure_clone();
            let payer = site.machine.payer.pubkey();
            let open = ix::open_incident(site.protocol.domain, guardian.pubkey(), payer, 1);
            site.must(open, &[&guardian]);
        } else {
            site.propagate(site.watch);
        }
        assert_eq!(site.protocol.state(&site.machine).open_incident, next);
        site.machine.warp_seconds(DELAY_SECONDS);
        let named = ix::resume(authority, args.clone());
        refused(site.send(named), BulkheadError::IncidentNotOpen);
        let resume = ix::resume_later(authority, next, args);
        if is_guardians {
            refused(site.send(resume), BulkheadError::IncidentNotOpen);
            continue;
        }
        site.must(resume, &[]);
        assert_eq!((site.phase(), site.mask(COMPARTMENT)), (phase::OPERATING, 0));
        assert_eq!(site.machine.load::<Incident>(&next).state, incident_state::CLOSED);
        assert!(!site.look(), "accepted");
    }
}
