//! An incident that was decided in part neither hides nor backdates what is newer.

use super::*;

/// The record of an incident that was decided in part is over: it is neither confirmed nor evacuated by any more.
#[test]
fn a_decided_incident_is_not_confirmed_again_and_lapses_with_what_is_newer() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    // Nothing flows out of what is held, so a breaker says nothing then.
    assert!(!site.breach());
    site.set_admin("another thief");
    assert!(site.look());
    site.propagate(site.watch);
    site.must(resume, &[]);
    let state = site.protocol.state(&site.machine);
    assert_eq!(
        (state.state, state.open_incident, state.flags),
        (phase::ALERT, incident, domain_flag::DECIDED)
    );
    assert_eq!((site.mask(COMPARTMENT), site.mask(METERED)), (site.default_mask(), 0));
    let guardian = site.protocol.members[0].insecure_clone();
    let confirm = ix::confirm_incident(site.protocol.domain, guardian.pubkey(), incident);
    refused(
        site.machine.send(&[confirm], &[&guardian]),
        BulkheadError::IncidentNotOpen,
    );
    let lapse = ix::close_lapsed_incident(site.protocol.domain, incident);
    refused(site.send(lapse.clone()), BulkheadError::PauseInForce);
    site.machine.warp_seconds(72 * 3_600);
    site.must(lapse, &[]);
    let state = site.protocol.state(&site.machine);
    assert_eq!(
        (state.state, state.open_incident, state.flags),
        (phase::OPERATING, Pubkey::default(), 0)
    );
}

/// A guardian that sees more than a detector opens the next incident itself.
#[test]
fn a_guardian_opens_the_next_incident_of_a_decided_one() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    let guardian = site.protocol.members[2].insecure_clone();
    let (domain, payer) = (site.protocol.domain, site.machine.payer.pubkey());
    site.must(ix::pause(domain, guardian.pubkey(), 7, action::TRADE), &[&guardian]);
    site.must(resume, &[]);
    assert_eq!(site.phase(), phase::ALERT);
    assert_eq!(
        (site.mask(COMPARTMENT), site.mask(7)),
        (0, action::TRADE),
        "the newer pause stays"
    );
    site.machine.warp_seconds(6 * 3_600);
    assert_eq!(site.mask(7), 0, "until it lapses");
    site.must(ix::open_incident(domain, guardian.pubkey(), payer, 1), &[&guardian]);
    let next = pda::incident(&domain, 1);
    site.protocol.confirm(&mut site.machine, next);
    assert_eq!(site.phase(), phase::FROZEN);
    let again = ix::open_incident(domain, guardian.pubkey(), payer, 2);
    refused(site.machine.send(&[again], &[&guardian]), BulkheadError::WrongPhase);
}

/// Attack (V, by the host): breach again and again, so that something newer is always in force. The proposal that closes
/// the breaker carries the latch first; the rest lapses.
#[test]
fn an_exploited_host_cannot_keep_the_domain_closed() {
    let mut site = Site::new();
    assert!(site.breach());
    site.propagate(site.breaker);
    let incident = site.protocol.state(&site.machine).open_incident;
    site.protocol.confirm(&mut site.machine, incident);
    let resume = site.approved_resume(incident);
    let args = CloseDetectorArgs {
        detector: site.breaker,
        receiver: site.machine.payer.pubkey(),
    };
    let authority = site.approved(&args);
    let close = ix::close_detector(authority, args);
    site.machine.warp_seconds(DELAY_SECONDS + 1);
    // The board is closed to it while the domain is frozen, so its next breach is of the moment the freeze is unpaused.
    site.must(resume, &[]);
    assert_eq!(site.phase(), phase::OPERATING);
    assert!(site.breach());
    refused(site.send(close.clone()), BulkheadError::LatchInForce);
    let carry = site.propagation(site.breaker);
    site.protocol.must(&mut site.machine, &[carry, close], &[]);
    assert!(site.machine.account(&site.breaker).is_none());
    assert_eq!(
        site.mask(METERED),
        site.default_mask(),
        "the trip stays until it lapses"
    );
    assert!(site.machine.account(&site.watch).is_some());
    let next = pda::incident(&site.protocol.domain, 1);
    site.machine.warp_seconds(72 * 3_600);
    site.must(ix::close_lapsed_incident(site.protocol.domain, next), &[]);
    assert_eq!((site.phase(), site.mask(METERED)), (phase::OPERATING, 0));

    // The same breaker, for a host that is sound again.
    let sound = metered(&site.protocol, &keypair("another host").pubkey());
    let authority = site.approved(&sound);
    site.machine.warp_seconds(DELAY_SECONDS);
    let payer = site.machine.payer.pubkey();
    site.must(ix::open_breaker(authority, payer, sound), &[]);
    assert!(!site.breach(), "the old host meters nothing any more");
    let opened: OutflowBreaker = site.machine.load(&site.breaker);
    assert_eq!(opened.authority, keypair("another host").pubkey());
}

/// An alarm that was never frozen stays open for what is newer, without what was confirmed of the old.
#[test]
fn an_alarm_that_is_resumed_in_part_can_be_confirmed_anew() {
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.propagate(site.watch);
    let incident = site.protocol.state(&site.machine).open_incident;
    let confirm = |site: &mut Site, member: usize| {
        let guardian = site.protocol.members[member].insecure_clone();
        let confirm = ix::confirm_incident(site.protocol.domain, guardian.pubkey(), incident);
        site.must(confirm, &[&guardian]);
    };
    confirm(&mut site, 0);
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    assert!(site.breach());
    site.propagate(site.breaker);
    site.must(resume, &[]);
    let state = site.protocol.state(&site.machine);
    assert_eq!(
        (state.state, state.open_incident, state.flags),
        (phase::ALERT, incident, 0)
    );
    assert_eq!((site.mask(COMPARTMENT), site.mask(METERED)), (0, site.default_mask()));
    confirm(&mut site, 1);
    assert_eq!(
        site.phase(),
        phase::ALERT,
        "the first confirmation was of what is decided"
    );
    confirm(&mut site, 0);
    assert_eq!(site.phase(), phase::FROZEN);
}

/// Attack: a cheap false alarm, so that the next theft is dated back to it. What an unpause has dealt with dates nothing back.
#[test]
fn an_alarm_that_is_resumed_in_part_has_its_breach_after_what_was_unpaused() {
    let mut site = Site::new();
    site.set_admin("intern");
    assert!(site.look());
    site.propagate(site.watch);
    let incident = site.protocol.state(&site.machine).open_incident;
    let alarm = site.machine.clock().slot;
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    assert!(site.breach());
    site.propagate(site.breaker);
    let breach = |site: &Site| site.machine.load::<Incident>(&incident).steps[step::BREACH].slot;
    assert_eq!(breach(&site), alarm);
    site.must(resume, &[]);
    let proposed = site.protocol.board(&site.machine).unpaused_slot;
    assert!(proposed > alarm);
    assert_eq!((site.phase(), breach(&site)), (phase::ALERT, proposed));
    assert!(!site.look(), "accepted");
}

/// Attack: let a later latch be carried first, so that a checkpoint made up after the theft looks like one from before.
#[test]
fn the_breach_is_the_earliest_latch_whoever_carries_it_when() {
    let mut site = Site::new();
    assert!(site.breach());
    let theft = site.machine.clock().slot;
    site.machine.warp_seconds(300);
    site.set_admin("thief");
    assert!(site.look());
    site.propagate(site.watch);
    let incident = site.protocol.state(&site.machine).open_incident;
    let breach = |site: &Site| site.machine.load::<Incident>(&incident).steps[step::BREACH].slot;
    assert_eq!(breach(&site), site.machine.clock().slot);
    site.propagate(site.breaker);
    assert_eq!(breach(&site), theft);
    let record: Incident = site.machine.load(&incident);
    assert_eq!(
        (record.source, record.cause, record.breach_amount),
        (site.breaker, cause::OUTFLOW, u64::MAX)
    );
}
