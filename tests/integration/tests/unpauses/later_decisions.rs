//! What is decided, or has latched, after a proposal was made is not unpaused by it.

use super::*;

/// What the members decide on after a resume was proposed makes it void: a freeze and an evacuation. Of an alarm to come none
/// is proposed.
#[test]
fn a_resume_knows_of_no_later_alarm_hold_or_evacuation() {
    // Of an incident to come none is made in peace.
    let mut site = Site::new();
    let incident = pda::incident(&site.protocol.domain, 0);
    let (early, _) = site.protocol.proposing(&site.machine, &ResumeArgs { incident });
    let proposer = site.protocol.members[0].insecure_clone();
    refused(
        site.machine.send(&[early], &[&proposer]),
        BulkheadError::IncidentNotOpen,
    );

    // Made of an alarm that is confirmed since.
    let mut site = Site::new();
    site.set_admin("thief");
    assert!(site.look());
    site.propagate(site.watch);
    assert_eq!(site.protocol.state(&site.machine).open_incident, incident);
    let early = site.approved_resume(incident);
    site.protocol.confirm(&mut site.machine, incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    refused(site.send(early), BulkheadError::TightenedSince);

    // Made of a freeze before the evacuation was confirmed.
    let early = site.approved_resume(incident);
    let payer = site.machine.payer.pubkey();
    for member in 0..2 {
        let guardian = site.protocol.members[member].insecure_clone();
        let confirm = ix::confirm_evacuation(site.protocol.domain, guardian.pubkey(), payer, incident);
        site.must(confirm, &[&guardian]);
    }
    site.machine.warp_seconds(DELAY_SECONDS);
    refused(site.send(early), BulkheadError::TightenedSince);

    let later = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    site.must(later, &[]);
    assert_eq!(site.phase(), phase::OPERATING);
}

/// A stage that was approved before what has latched since raises limits and accepts nothing.
#[test]
fn a_ramp_unpauses_nothing_that_came_after_it_and_none_runs_after_a_later_one() {
    let mut site = Site::new();
    let incident = site.robbed_and_frozen();
    let resume = site.approved_resume(incident);
    site.machine.warp_seconds(DELAY_SECONDS);
    site.must(resume, &[]);
    let stage = |ramp_bps| ReopenArgs {
        incident,
        ramp_bps,
        grace_seconds: 0,
    };
    let (half, full) = (stage(5_000), stage(10_000));
    let by = site.approved(&half);
    let half = ix::reopen(by, half);
    let by = site.approved(&full);
    let full = ix::reopen(by, full);
    site.machine.warp_seconds(DELAY_SECONDS);
    site.set_admin("another thief");
    assert!(site.look());
    let guardian = site.protocol.members[2].insecure_clone();
    let pause = ix::pause(site.protocol.domain, guardian.pubkey(), SCOPE_DOMAIN, action::TRADE);
    site.must(pause, &[&guardian]);
    site.machine.next_slot();
    site.must(full, &[]);
    assert_eq!((site.phase(), site.mask(0)), (phase::OPERATING, action::TRADE));
    assert!(site.is_latched(site.watch) && site.look());
    let seen: AuthorityWatch = site.machine.load(&site.watch);
    assert_eq!(seen.latched.keys[0], keypair("another thief").pubkey());
    refused(site.send(half), BulkheadError::TightenedSince);
    site.propagate(site.watch);
    assert_eq!(site.phase(), phase::ALERT);
}

/// Who shows proposals says of a resume what the program says of it.
#[test]
fn a_resume_that_the_program_refuses_is_not_shown_as_ready() {
    let (mut machine, protocol) = bulkhead_tests::world();
    let payer = machine.payer.pubkey();
    let guardian = &protocol.members[0];
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[guardian]);
    let incident = pda::incident(&protocol.domain, 0);
    let args = ResumeArgs { incident };
    let shown = |machine: &Machine, resume: &ix::Authority| {
        let proposal: Proposal = machine.load(&resume.proposal.expect("one"));
        let clock = machine.clock();
        let at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        let read = |key: &Pubkey| machine.account(key).map(|account| (account.owner, account.data));
        let payload = Payload::Known(ResumeArgs { incident }.into());
        payload::progress(&proposal, &payload, &protocol.council(machine), &read, at).status
    };
    let older = protocol.mature(&mut machine, &args);
    assert_eq!(shown(&machine, &older), Status::Ready);
    protocol.confirm(&mut machine, incident);
    assert_eq!(shown(&machine, &older), Status::Refused);
    refused(
        machine.send(&[ix::resume(older, args.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let newer = protocol.mature(&mut machine, &args);
    let again = protocol.mature(&mut machine, &args);
    assert_eq!(shown(&machine, &newer), Status::Ready);
    machine
        .send(&[ix::resume(newer, args.clone())], &[])
        .expect("as it says");
    assert_eq!(shown(&machine, &again), Status::Refused);
    refused(
        machine.send(&[ix::resume(again, args)], &[]),
        BulkheadError::IncidentNotOpen,
    );
}
