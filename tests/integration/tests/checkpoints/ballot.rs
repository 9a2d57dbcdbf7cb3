//! From the checkpoint to the ballot and to the claims.

use super::*;

/// The attacker rewrote every balance before anybody paused. The state of the pause adds up, and is
/// theirs. The token holders choose the checkpoint, and the victims are paid by it.
#[test]
fn victims_of_rewritten_balances_are_paid_by_the_checkpoint() {
    let mut watched = Watched::new();
    let victims = positions(40);
    let (slot, before) = watched.attested(victims.clone());
    watched.machine.warp_seconds(3_600);

    // The theft: all is the attacker's, and the host's own total agrees with it.
    let thief = keypair("thief").pubkey();
    let stolen: Vec<_> = victims
        .iter()
        .map(|position| Position {
            owner: thief,
            ..*position
        })
        .collect();
    let (machine, recovery) = watched.into_recovery(slot, before);
    let mut machine = machine;
    let of_the_pause = Recovery::of(clone_of(&recovery.protocol), recovery.incident, stolen);
    of_the_pause.write_snapshot(&mut machine, snapshot_state::SEALED);

    // Both are on the ballot; the checkpoint is candidate 0.
    let voter = recovery.voter(&mut machine, "elector", 1_000);
    recovery.nominate(&mut machine);
    let member = &recovery.protocol.members[1];
    let add = ix::add_candidate(
        recovery.protocol.domain,
        member.pubkey(),
        recovery.ballot,
        of_the_pause.snapshot,
    );
    recovery.protocol.must(&mut machine, &[add], &[member]);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &voter, 0).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("elected");

    let total = recovery.tree.root().sum;
    recovery.pay_out(&mut machine, total);
    for victim in &victims {
        recovery.claim(&mut machine, &victim.key).expect("a victim is paid");
        refused(recovery.claim(&mut machine, &victim.key), BulkheadError::AlreadyClaimed);
    }
    for number in 0..10 {
        let owed: u64 = victims
            .iter()
            .filter(|position| position.owner == owner(number).pubkey())
            .map(|position| position.amount)
            .sum();
        let paid = machine.balance(&associated_token(&owner(number).pubkey(), &recovery.protocol.mint));
        assert_eq!(paid, owed, "owner {number}");
    }
    assert_eq!(machine.balance(&recovery.pool()), 0);

    // The attacker's proofs are of another tree.
    machine.create_associated(&recovery.protocol.mint, &thief, 0);
    let key = victims[0].key;
    let (_, args) = of_the_pause.prepare(&machine, &key);
    let (mut keys, _) = recovery.prepare(&machine, &key);
    keys.owner = thief;
    keys.destination = associated_token(&thief, &recovery.protocol.mint);
    let claim = ix::claim(recovery.keys(), keys, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
}

/// The protocol's keys, for a second recovery on the same machine.
fn clone_of(protocol: &Protocol) -> Protocol {
    Protocol {
        setup_authority: protocol.setup_authority.insecure_clone(),
        members: protocol.members.iter().map(|member| member.insecure_clone()).collect(),
        operator: protocol.operator.insecure_clone(),
        ..*protocol
    }
}

#[test]
fn a_checkpoint_posted_after_the_breach_is_no_candidate() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    // In the very slot it was posted in, the alarm: too late to have been before it.
    let incident = watched.protocol.freeze(&mut watched.machine);
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointAfterBreach,
    );
}

#[test]
fn a_checkpoint_that_lacks_attesters_is_no_candidate_until_it_has_them() {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let tree = watched.tree(slot, positions(40));
    watched
        .post(0, statement(slot, tree.root(), tree.roots()))
        .expect("an attester");
    let incident = watched.freeze();
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointNotAttested,
    );
    refused(
        watched.open_snapshot(incident, slot - 1, tree.roots()),
        BulkheadError::NoSuchCheckpoint,
    );
    // It was committed to before the breach; a second pair of eyes may come later.
    watched.attest(1, slot).expect("another attester");
    watched.open_snapshot(incident, slot, tree.roots()).expect("attested");
}

#[test]
fn there_is_no_checkpoint_snapshot_in_peace() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    watched.machine.next_slot();
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let guardian = watched.protocol.members[0].insecure_clone();
    let open = ix::open_incident(domain, guardian.pubkey(), payer, 0);
    watched.protocol.must(&mut watched.machine, &[open], &[&guardian]);
    let incident = watched.protocol.state(&watched.machine).open_incident;
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::WrongPhase,
    );
}

#[test]
fn roots_counts_and_canopy_are_the_checkpoints_or_none() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let incident = watched.freeze();
    let mut swapped = *tree.roots();
    swapped.swap(0, 1);
    let mut moved = *tree.roots();
    // A leaf less here and one more there: the root is the same, and somebody's claim would be gone.
    let full = (0..16).find(|at| moved[*at].count > 1).expect("forty leaves");
    moved[full].count -= 1;
    moved[(full + 1) % 16].count += 1;
    let mut raised = *tree.roots();
    raised[0].root.sum += 1;
    for roots in [&swapped[..], &moved, &raised, &tree.roots()[..15], &[]] {
        refused(
            watched.open_snapshot(incident, slot, roots),
            BulkheadError::ShardsMismatch,
        );
    }
    watched
        .open_snapshot(incident, slot, tree.roots())
        .expect("the checkpoint's");

    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let payer = watched.machine.payer.pubkey();
    let number = u8::try_from(full).expect("a shard");
    let shard = tree.shard(number).expect("it has leaves");
    let mut wrong = shard.canopy;
    wrong.swap(0, 1);
    for (number, canopy) in [
        (number, &wrong[..]),
        (number, &shard.canopy[..15]),
        ((number + 1) % 16, &shard.canopy),
    ] {
        let open = ix::open_checkpoint_shard(payer, snapshot, number, canopy);
        refused(watched.machine.send(&[open], &[]), BulkheadError::ShardsMismatch);
    }
    let beyond = ix::open_checkpoint_shard(payer, snapshot, 16, &shard.canopy);
    refused(watched.machine.send(&[beyond], &[]), BulkheadError::ArgumentOutOfRange);
    let open = ix::open_checkpoint_shard(payer, snapshot, number, &shard.canopy);
    watched.machine.send(&[open], &[]).expect("the checkpoint's");
    let stored: SnapshotShard = watched.machine.load(&pda::shard(&snapshot, number, &payer));
    assert_eq!(
        (stored.count, stored.canopy_height, stored.state),
        (shard.count, shard.canopy_height, 1)
    );
}

/// Caps are taken for checkpoints only: a shard that is being read cannot be closed with made-up ones.
#[test]
fn a_snapshot_that_is_read_on_chain_takes_no_canopy() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(40));
    let number = (0..16)
        .find(|number| recovery.tree.roots()[usize::from(*number)].count > 0)
        .expect("leaves");
    let canopy = recovery.tree.shard(number).expect("it has leaves").canopy;
    let outsider = keypair("outsider");
    machine.fund(&outsider.pubkey(), 1_000_000_000);
    let open = ix::open_checkpoint_shard(outsider.pubkey(), recovery.snapshot, number, &canopy);
    refused(machine.send(&[open], &[&outsider]), BulkheadError::ForeignAccount);
}

/// The tags differ: a proof of one tree is none of the other, though the positions are the same.
#[test]
fn proofs_of_snapshot_and_checkpoint_do_not_serve_for_each_other() {
    let mut watched = Watched::new();
    // Enough for siblings below the canopy.
    let rows = positions(600);
    let (slot, tree) = watched.attested(rows.clone());
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    let pause = Recovery::of(clone_of(&recovery.protocol), recovery.incident, rows.clone());
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum);
    let key = rows[0].key;
    let (keys, _) = recovery.prepare(&machine, &key);
    let (_, foreign) = pause.prepare(&machine, &key);
    let claim = ix::claim(recovery.keys(), keys, foreign);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    // Nor does a shard of the other one stand in.
    let (mut keys, own) = recovery.prepare(&machine, &key);
    keys.shard = keypair("shard of the pause").pubkey();
    let number = bulkhead_core::snapshots::merkle::shard_of(key.as_array());
    let shard = SnapshotShard {
        version: 1,
        snapshot: pause.snapshot,
        ..*pause.tree.shard(number).expect("it has leaves")
    };
    forge(&mut machine, &keys.shard, &shard);
    let claim = ix::claim(recovery.keys(), keys, own);
    refused(machine.send(&[claim], &[]), BulkheadError::ForeignAccount);
    recovery.claim(&mut machine, &key).expect("with its own proof");
}

#[test]
fn a_proof_of_one_checkpoint_is_none_of_another() {
    let mut watched = Watched::new();
    let rows = positions(40);
    let (first, tree) = watched.attested(rows.clone());
    watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    let (second, _) = watched.attested(rows.clone());
    let mut args = leaf_of(first, &tree, &rows[0].key);
    args.slot = second;
    refused(
        watched.prove(args).map(|_| Default::default()),
        BulkheadError::InvalidProof,
    );
}

/// Contested after it was nominated and even elected: it cannot be restored, and the vote is held
/// again without it.
#[test]
fn a_checkpoint_contested_after_its_election_makes_way() {
    let mut watched = Watched::new();
    let (slot, lie) = watched.attested_lie(&[position(3, 500), position(2, 700)]);
    let evidence = prove_all(&mut watched, slot, &lie, 2);
    let incident = watched.freeze();
    watched
        .open_snapshot(incident, slot, &lie.roots)
        .expect("nobody has looked yet");
    let Watched {
        mut machine,
        protocol,
        log,
    } = watched;
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let void = ix::void_checkpoint_snapshot(log, incident, snapshot);
    refused(
        machine.send(std::slice::from_ref(&void), &[]),
        BulkheadError::CheckpointStands,
    );
    let mut recovery = Recovery::of(protocol, incident, positions(6));
    let of_the_pause = recovery.snapshot;
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);
    recovery.snapshot = snapshot;
    recovery.elect(&mut machine);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, &args);

    let (domain, member) = (recovery.protocol.domain, recovery.protocol.members[0].insecure_clone());
    let renew = |void| ix::renew_ballot(domain, member.pubkey(), recovery.ballot, void);
    refused(
        machine.send(&[renew(Some(snapshot))], &[&member]),
        BulkheadError::BallotDecided,
    );
    let contest = ix::contest_checkpoint(log, evidence[0], Some(evidence[1]), None);
    recovery.protocol.must(&mut machine, &[contest, void], &[]);
    let state: Snapshot = machine.load(&snapshot);
    assert_eq!(state.state, snapshot_state::VOID);
    refused(
        recovery.choose(&mut machine, authority, args),
        BulkheadError::SnapshotNotSealed,
    );
    refused(machine.send(&[renew(None)], &[&member]), BulkheadError::BallotDecided);
    recovery
        .protocol
        .must(&mut machine, &[renew(Some(snapshot))], &[&member]);
    assert_eq!(recovery.ballot(&machine).candidate_count, 0);
    // It does not come back, and the other one goes on the ballot.
    let add = |snapshot| ix::add_candidate(domain, member.pubkey(), recovery.ballot, snapshot);
    refused(
        machine.send(&[add(snapshot)], &[&member]),
        BulkheadError::SnapshotNotSealed,
    );
    recovery.protocol.must(&mut machine, &[add(of_the_pause)], &[&member]);
    assert_eq!(recovery.protocol.state(&machine).state, phase::FROZEN);
}

/// A checkpoint that is contested after it was restored does not lock the claims whose shards nobody had opened yet.
#[test]
fn claims_go_on_when_what_was_restored_becomes_void() {
    let mut watched = Watched::new();
    // Two honest leaves, and one in a shard its key does not belong to.
    let rows = [position(1, 500), position(2, 700), position(0x21, 300)];
    let (slot, lie) = watched.attested_lie(&rows);
    let evidence = prove_all(&mut watched, slot, &lie, 3);
    let incident = watched.freeze();
    watched
        .open_snapshot(incident, slot, &lie.roots)
        .expect("nobody has looked");
    let (log, payer) = (watched.log, watched.machine.payer.pubkey());
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let Watched {
        mut machine, protocol, ..
    } = watched;
    let mut recovery = Recovery::of(protocol, incident, rows[..2].to_vec());
    recovery.snapshot = snapshot;
    recovery.elect(&mut machine);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, &args);
    recovery.choose(&mut machine, authority, args).expect("elected");

    let contest = ix::contest_checkpoint(log, evidence[2], None, None);
    let void = ix::void_checkpoint_snapshot(log, incident, snapshot);
    recovery.protocol.must(&mut machine, &[contest, void], &[]);
    let state: Snapshot = machine.load(&snapshot);
    assert_eq!(state.state, snapshot_state::VOID);
    let open = ix::open_checkpoint_shard(payer, snapshot, 0, &lie.canopy);
    recovery.protocol.must(&mut machine, &[open], &[]);
}

/// Two latches, and the later is carried to the board first: a checkpoint made up in between seems to be from before the
/// breach until the earlier one is carried too.
#[test]
fn a_breach_that_turns_out_earlier_takes_the_checkpoint_away() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let posted = watched.entry(slot).posted_slot;
    let log = watched.log;
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    recovery.elect(&mut machine);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, &args);
    let void = ix::void_checkpoint_snapshot(log, recovery.incident, recovery.snapshot);
    refused(
        machine.send(std::slice::from_ref(&void), &[]),
        BulkheadError::CheckpointStands,
    );
    let mut incident: Incident = machine.load(&recovery.incident);
    incident.steps[step::BREACH].slot = posted;
    forge(&mut machine, &recovery.incident, &incident);
    refused(
        recovery.choose(&mut machine, authority, args),
        BulkheadError::CheckpointAfterBreach,
    );
    // And it makes way on the ballot.
    recovery.protocol.must(&mut machine, &[void], &[]);
    let state: Snapshot = machine.load(&recovery.snapshot);
    assert_eq!(state.state, snapshot_state::VOID);
}

/// Contested, and nobody has taken its snapshot off the ballot: it is not restored all the same.
#[test]
fn what_is_contested_is_not_restored() {
    let mut watched = Watched::new();
    let (slot, lie) = watched.attested_lie(&[position(3, 500), position(2, 700)]);
    let evidence = prove_all(&mut watched, slot, &lie, 2);
    let incident = watched.freeze();
    watched
        .open_snapshot(incident, slot, &lie.roots)
        .expect("nobody has looked");
    watched.contest(evidence[0], Some(evidence[1])).expect("it contradicts");
    let Watched {
        mut machine, protocol, ..
    } = watched;
    let mut recovery = Recovery::of(protocol, incident, positions(6));
    recovery.snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    recovery.elect(&mut machine);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, &args);
    refused(
        recovery.choose(&mut machine, authority, args),
        BulkheadError::CheckpointContested,
    );
}

/// Nor is it without its log, which is found by its address.
#[test]
fn the_log_cannot_be_kept_from_a_restoration() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let log = watched.log;
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    recovery.elect(&mut machine);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    let mut choose = ix::choose_restoration(authority, payer, recovery.protocol.mint, anchor_spl::token::ID, args);
    let meta = choose.accounts.iter_mut().find(|meta| meta.pubkey == log);
    meta.expect("it is named").pubkey = keypair("no log").pubkey();
    let failure = machine.send(&[choose], &[]).expect_err("by address");
    assert_eq!(
        failure.code(),
        Some(anchor_lang::error::ErrorCode::ConstraintSeeds.into())
    );
}

/// What was paid is not paid again: after a restoration, whatever its state came from, no checkpoint from before it is
/// a candidate.
#[test]
fn a_checkpoint_from_before_the_last_restoration_is_no_candidate() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let log = watched.log;
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    recovery.restore(&mut machine);
    let restored = machine.clock().slot;
    let state: CheckpointLog = machine.load(&log);
    assert_eq!(state.restored_slot, restored);

    // The next incident, with the log as the first one has left it.
    let mut next = Watched::new();
    let (again, _) = next.attested(positions(40));
    let mut state = next.log();
    state.restored_slot = again;
    forge(&mut next.machine, &next.log, &state);
    let incident = next.freeze();
    let tree = next.tree(again, positions(40));
    refused(
        next.open_snapshot(incident, again, tree.roots()),
        BulkheadError::CheckpointRestored,
    );
    state.restored_slot = again - 1;
    forge(&mut next.machine, &next.log, &state);
    next.open_snapshot(incident, again, tree.roots())
        .expect("from after it");
}

/// A checkpoint has won. Then a matured proposal (it may be from peace) has the log want published leaves. What was posted
/// before is judged by the rules it was posted under, and restored.
#[test]
fn a_stricter_log_takes_nothing_from_what_has_won() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let log = watched.log;
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    recovery.elect(&mut machine);
    let mut stricter = rules();
    stricter.published_only = true;
    let authority = recovery.protocol.mature(&mut machine, &stricter);
    let payer = machine.payer.pubkey();
    let open = ix::open_checkpoint_log(authority, payer, stricter);
    recovery.protocol.must(&mut machine, &[open], &[]);

    let void = ix::void_checkpoint_snapshot(log, recovery.incident, recovery.snapshot);
    refused(machine.send(&[void], &[]), BulkheadError::CheckpointStands);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, &args);
    recovery.choose(&mut machine, authority, args).expect("it was elected");
}
