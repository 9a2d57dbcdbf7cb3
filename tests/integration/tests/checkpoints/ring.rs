//! The ring: nobody pushes anything out of it or fills it, and it stands still in an incident.

use super::*;

/// One attester posts as often as the log allows, for weeks; good entries stay, and there is always room
/// for the others.
#[test]
fn an_attester_who_posts_all_the_time_pushes_nothing_out() {
    let mut watched = Watched::new();
    let (good, _) = watched_after(&mut watched);
    let kept = watched.entry(good);
    let mut refusals = [0; 2];
    for _ in 0..40 {
        let (_, args) = honest(&mut watched);
        if let Err(failure) = watched.post(0, args) {
            let full = failure.code() == Some(u32::from(BulkheadError::CheckpointLogFull));
            refusals[usize::from(full)] += 1;
        }
        // At once again: too soon.
        let (_, args) = honest(&mut watched);
        let again = watched.post(0, args).expect_err("twice in one interval");
        assert!(
            [BulkheadError::CheckpointTooSoon, BulkheadError::CheckpointLogFull]
                .map(u32::from)
                .contains(&again.code().unwrap_or(0))
        );
        watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    }
    // Forty places, three attesters: thirteen are one share.
    assert_eq!((watched.log().posted, refusals), (1 + 13, [0, 27]));
    assert_eq!(bytemuck::bytes_of(&watched.entry(good)), bytemuck::bytes_of(&kept));
    watched_after(&mut watched);
}

#[test]
fn what_is_old_is_overwritten_and_what_is_young_is_not() {
    let mut watched = Watched::new();
    let (first, _) = watched_after(&mut watched);
    let mut poster = 2;
    while watched.log().posted < 39 {
        watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
        let (_, args) = honest(&mut watched);
        watched.post(poster, args).expect("within its share");
        poster = (poster + 1) % 3;
    }
    let young = watched.log().entries[1].slot;
    // Every share is used up; a week later the oldest make room, one by one.
    watched.machine.warp_seconds(MIN_KEEP_SECONDS);
    for number in [0, 1] {
        let (_, args) = honest(&mut watched);
        watched.post(number, args).expect("old ones make room");
    }
    assert_eq!(watched.log().posted, 41);
    let log = watched.log();
    assert!(checkpoint::find(&log, first).is_err(), "the oldest is gone");
    assert!(checkpoint::find(&log, young).is_ok(), "the next one is still there");
}

/// From the hold on nothing is overwritten, however long it lasts; an alarm stops nothing that it does not close.
#[test]
fn the_log_stands_still_while_the_domain_is_frozen() {
    let mut watched = Watched::new();
    let guardian = watched.protocol.members[0].insecure_clone();
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let open = ix::open_incident(domain, guardian.pubkey(), payer, 0);
    watched.protocol.must(&mut watched.machine, &[open], &[&guardian]);
    let (_, args) = honest(&mut watched);
    watched.post(1, args).expect("nobody has confirmed it");
    watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    let incident = watched.protocol.state(&watched.machine).open_incident;
    watched.protocol.confirm(&mut watched.machine, incident);
    let (_, args) = honest(&mut watched);
    refused(watched.post(1, args), BulkheadError::WrongPhase);
}

/// Attack: whoever holds one small host's metering key breaches again whenever the alarm has lapsed. Its breaker guards and
/// trips one compartment, the ledger's is open all the time, and three weeks long nothing is posted.
#[test]
fn a_breaker_of_one_compartment_stops_no_ledgers_checkpoints() {
    const METERED: u8 = 3;
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let host = keypair("small host");
    let payer = machine.payer.pubkey();
    let args = OpenBreakerArgs {
        compartment: METERED,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 6,
        trip_scope: METERED,
        window_seconds: 600,
        limit: 100,
        slot_limit: 60,
        latch_seconds: 900,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let breaker = pda::outflow_breaker(&protocol.domain, METERED, &protocol.mint, 0);
    for open in [
        ix::open_breaker(in_set_up(&protocol), payer, args),
        ix::activate_domain(protocol.setup_authority.pubkey()),
    ] {
        configure(&mut machine, &protocol, open).expect("it was set up");
    }
    let authority = protocol.mature(&mut machine, &rules());
    let open = ix::open_checkpoint_log(authority, payer, rules());
    protocol.must(&mut machine, &[open], &[]);
    let log = pda::checkpoint_log(&protocol.domain, LEDGER);
    let domain = protocol.domain;
    let mut watched = Watched { machine, protocol, log };
    for number in 0..7 {
        let meter = ix::meter_outflow(domain, breaker, host.pubkey(), u64::MAX);
        let _ = watched.machine.send(&[meter], &[&host]);
        let carry = ix::propagate_trip(domain, payer, breaker, number);
        watched.protocol.must(&mut watched.machine, &[carry], &[]);
        assert_eq!(watched.protocol.state(&watched.machine).state, phase::ALERT);
        watched.machine.warp_seconds(71 * 3_600);
        watched_after(&mut watched);
        // What is posted in the alarm is from after its breach, whatever becomes of it.
        let incident: Incident = watched.machine.load(&pda::incident(&domain, number));
        let entries = watched.log();
        let newest = checkpoint::latest(&entries).expect("just posted").slot;
        assert!(newest > acts::breach_slot(&incident));
        watched.machine.warp_seconds(3_600 + 1);
        let lapse = ix::close_lapsed_incident(domain, pda::incident(&domain, number));
        watched.protocol.must(&mut watched.machine, &[lapse], &[]);
    }
    assert_eq!(watched.log().posted, 7);
}

/// Two attesters, twenty places each. The council changes (here to the very same): an attester has its share by its key and
/// not by a number in a council, so it has no second one, and the honest one finds its place.
#[test]
fn a_change_of_the_council_gives_nobody_a_second_share() {
    let mut watched = Watched::new();
    let mut config = council_config(&watched.protocol.members);
    config.members[2].roles &= !role::ATTESTER;
    let change = |watched: &mut Watched| {
        let authority = watched.protocol.mature(&mut watched.machine, &config);
        let change = ix::change_council(authority, config.clone());
        watched.protocol.must(&mut watched.machine, &[change], &[]);
    };
    let post = |watched: &mut Watched, member: usize| {
        let slot = watched.slot();
        let tree = watched.tree(slot, vec![position(1, 500)]);
        watched.post(member, statement(slot, tree.root(), tree.roots()))
    };
    change(&mut watched);
    for _ in 0..20 {
        post(&mut watched, 0).expect("its share");
        watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    }
    refused(post(&mut watched, 0), BulkheadError::CheckpointLogFull);
    change(&mut watched);
    refused(post(&mut watched, 0), BulkheadError::CheckpointLogFull);
    post(&mut watched, 1).expect("the honest one's place");
    let own = checkpoint::poster_of(&config_member(&watched, 1));
    assert_eq!(checkpoint::latest(&watched.log()).expect("posted").poster, own);
}

fn config_member(watched: &Watched, number: usize) -> Member {
    let council: Council = watched.machine.load(&pda::council(&watched.protocol.domain));
    council.members[number]
}
