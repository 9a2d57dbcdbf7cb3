//! The ring: nobody pushes anything out of it or fills it, and it stands still in an incident.

use super::*;

/// One attester posts as often as he is let, for weeks; good entries stay, and there is always room
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
    // Forty places, three attesters: thirteen are his share.
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
        watched.post(poster, args).expect("within his share");
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

/// From the alarm on nothing is overwritten, however long it lasts.
#[test]
fn the_log_stands_still_in_an_incident() {
    let mut watched = Watched::new();
    let guardian = watched.protocol.members[0].insecure_clone();
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let open = ix::open_incident(domain, guardian.pubkey(), payer, 0);
    watched.protocol.must(&mut watched.machine, &[open], &[&guardian]);
    let (_, args) = honest(&mut watched);
    refused(watched.post(1, args), BulkheadError::WrongPhase);
    let incident = watched.protocol.state(&watched.machine).open_incident;
    watched.protocol.confirm(&mut watched.machine, incident);
    let (_, args) = honest(&mut watched);
    refused(watched.post(1, args), BulkheadError::WrongPhase);
}

/// Two attesters, twenty places each. The council changes (here to the very same): an attester has its share by its key and
/// not by a number in a council, so it has no second one, and the honest one finds its place.
#[test]
fn a_change_of_the_council_gives_nobody_a_second_share() {
    let mut watched = Watched::new();
    let mut config = council_config(&watched.protocol.members);
    config.members[2].roles &= !role::ATTESTER;
    let change = |watched: &mut Watched| {
        let authority = watched
            .protocol
            .mature(&mut watched.machine, kind::CHANGE_COUNCIL, &config);
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
        post(&mut watched, 0).expect("his share");
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
