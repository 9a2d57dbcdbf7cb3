//! Attacks on checkpoints that succeed: a sum that no leaf has passes as published, a new council gives an attester
//! another share of the ring, and one lap of capital is sampled many times in one slot.

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{checkpoint, root};
use bulkhead_interface::{
    constants::{MIN_CHECKPOINT_INTERVAL, kind, log_flag, role},
    layout::{Node, Restoration, ShardRoot},
};
use bulkhead_sim::{associated_token, council_config};
use bulkhead_snapshot::Position;
use bulkhead_tests::{
    checkpoints::{Forged, Watched, leaf_of, published, rules, statement},
    recovery::{LEDGER, Recovery, forge, owner},
    refused,
};
use solana_signer::Signer;

fn position(byte: u8, amount: u64) -> Position {
    Position {
        key: Pubkey::new_from_array([byte; 32]),
        owner: owner(0).pubkey(),
        amount,
    }
}

/// Attesters leave a victim of 800 out. The host's total is kept right by a shard of which they say that it has 800 and
/// no leaf: its hash is the hash of nothing anybody knows. `finish_publication` takes a shard without leaves for
/// published, so a log that wants the leaves before the vote takes the checkpoint, and nothing of the tree can be
/// contested. After the restoration the 800 are nobody's: they can neither be claimed nor given back.
#[test]
fn a_shard_said_to_have_no_leaf_hides_a_sum_from_publication() {
    const HIDDEN: u64 = 800;
    let mut watched = Watched::new();
    let mut log = watched.log();
    log.flags = log_flag::PUBLISHED_ONLY;
    forge(&mut watched.machine, &watched.log, &log);

    let rows = [position(1, 500), position(2, 700)];
    let slot = watched.slot();
    let mut lie = Forged::new(watched.tag(slot), &rows);
    lie.roots[15] = ShardRoot {
        root: Node {
            hash: [9; 32],
            sum: HIDDEN,
        },
        ..root::empty_shard()
    };
    let (top, count) = root::seal(&mut lie.roots).expect("it fits");
    assert_eq!((top.sum, count), (2_000, 2));
    // The host's own total is 2,000: the victim's 800 are in it.
    watched
        .post(0, statement(slot, &top, &lie.roots))
        .expect("the total is right");
    watched.attest(1, slot).expect("the other liar");

    let (log, payer) = (watched.log, watched.machine.payer.pubkey());
    let send = ix::publish_leaves(log, payer, slot, 0, published(&rows));
    let finish = ix::finish_publication(log, payer, slot, 0, &lie.roots);
    watched.protocol.must(&mut watched.machine, &[send, finish], &[]);
    assert!(checkpoint::is_published(&watched.entry(slot)), "all of it, they say");

    let incident = watched.hold();
    watched
        .open_snapshot(incident, slot, &lie.roots)
        .expect("published, and so it may be put to the vote");
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let Watched {
        mut machine, protocol, ..
    } = watched;
    let mut recovery = Recovery::of(protocol, incident, rows.to_vec());
    recovery.snapshot = snapshot;
    recovery.elect(&mut machine);
    let args = recovery.args_as_sealed(&machine);
    let authority = recovery.protocol.mature(&mut machine, kind::CHOOSE_RESTORATION, &args);
    recovery.choose(&mut machine, authority, args).expect("elected");
    let open = ix::open_checkpoint_shard(payer, snapshot, 0, &lie.caps);
    recovery.protocol.must(&mut machine, &[open], &[]);
    recovery.pay_out(&mut machine, 2_000);
    for row in &rows {
        recovery.claim(&mut machine, &row.key).expect("its share");
    }
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!((plan.total, plan.shared, plan.paid), (2_000, 2_000, 1_200));
    assert_eq!(machine.balance(&recovery.pool()), HIDDEN, "nobody's for ever");
    let domain = recovery.protocol.domain;
    machine.create_associated(&recovery.protocol.mint, &domain, 0);
    let back = ix::return_surplus(recovery.keys(), associated_token(&domain, &recovery.protocol.mint));
    refused(machine.send(&[back], &[]), BulkheadError::NothingToMove);
    let close = ix::close_claim_page(recovery.restoration, payer, 0);
    refused(machine.send(&[close], &[]), BulkheadError::ClaimsOpen);
}

/// Two attesters, twenty places each. The council changes (here to the very same): what one of them has posted under
/// the old one is nobody's any more, so he has twenty more. The other one posts nothing until the first of them is as
/// old as the log keeps one: a week at least.
#[test]
fn a_change_of_the_council_gives_an_attester_a_second_share() {
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
    for _ in 0..2 {
        change(&mut watched);
        let mut taken = 0;
        while post(&mut watched, 0).is_ok() {
            taken += 1;
            watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
        }
        assert_eq!(taken, 20, "his share, under each council");
    }
    assert_eq!(watched.log().posted, 40);
    refused(post(&mut watched, 1), BulkheadError::CheckpointLogFull);
    let own = checkpoint::entries(&watched.log())
        .filter(|entry| entry.poster == 1)
        .count();
    assert_eq!(own, 0, "the honest one has nothing in the log, and no place");
    watched.machine.warp_seconds(6 * 86_400);
    refused(post(&mut watched, 1), BulkheadError::CheckpointLogFull);
}

/// The log tolerates 1,000 of 100,000. A stranger has 100, and deposits, is sampled and withdraws eleven times within one
/// slot, each time at another position. All samples are true, all count, and an honest checkpoint of the slot is no
/// candidate: a tenth of the tolerance did it.
#[test]
fn one_lap_of_capital_is_sampled_many_times_in_a_slot() {
    const CAPITAL: u64 = 100;
    let mut watched = Watched::new();
    let honest = [position(1, 100_000)];
    let slot = watched.machine.clock().slot;
    let mut samples = vec![];
    for shard in 1..12u8 {
        let own = position(shard << 4, CAPITAL);
        let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
        // The deposit, the sample, and the withdrawal.
        watched
            .protocol
            .write_position(&mut watched.machine, &own.key, &own.owner, CAPITAL);
        let take = ix::sample_position(domain, payer, LEDGER, slot, own.key);
        watched.protocol.must(&mut watched.machine, &[take], &[]);
        watched
            .protocol
            .write_position(&mut watched.machine, &own.key, &own.owner, 0);
        samples.push(pda::sample(&watched.log, slot, &own.key));
    }
    watched.slot();
    let tree = watched.tree(slot, honest.to_vec());
    watched
        .post(0, statement(slot, tree.root(), tree.roots()))
        .expect("an honest attester");
    watched.attest(1, slot).expect("another");
    for sample in samples {
        let compare = ix::compare_sample(watched.log, sample, None, None, Some(&tree.roots()[..]));
        watched.protocol.must(&mut watched.machine, &[compare], &[]);
    }
    assert_eq!(watched.entry(slot).differed, 11 * CAPITAL);
    let incident = watched.hold();
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointDoubted,
    );
}

/// Root and total that have nothing to do with the shards: every bit of `published` is set all the same, though the docs
/// say that the program has proved the tree then. (No snapshot can be opened of it.)
#[test]
fn a_root_that_is_not_the_shards_is_published() {
    let mut watched = Watched::new();
    let rows = [position(1, 500), position(2, 700)];
    let slot = watched.slot();
    let tree = Forged::new(watched.tag(slot), &rows);
    let top = Node {
        hash: [9; 32],
        sum: 77_777,
    };
    watched
        .post(0, statement(slot, &top, &tree.roots))
        .expect("an attester");
    let (log, payer) = (watched.log, watched.machine.payer.pubkey());
    let send = ix::publish_leaves(log, payer, slot, 0, published(&rows));
    let finish = ix::finish_publication(log, payer, slot, 0, &tree.roots);
    watched.protocol.must(&mut watched.machine, &[send, finish], &[]);
    assert!(checkpoint::is_published(&watched.entry(slot)));
}

/// A wider tolerance was proposed in peace, for what is posted from then on, and lies about matured. Then two attesters
/// lie, samples of the slot speak against them by more than the tolerance they posted under, and the domain is held. The
/// old proposal is cranked now, and the lie that it cannot have known of may be put to the vote.
#[test]
fn a_wider_tolerance_from_before_a_lie_accepts_it() {
    let rows = [position(1, 50_000), position(0x11, 50_000)];
    let mut watched = Watched::new();
    for row in &rows {
        watched
            .protocol
            .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    }
    let mut wider = rules();
    wider.tolerance_bps = 2_000;
    let authority = watched
        .protocol
        .mature(&mut watched.machine, kind::OPEN_CHECKPOINT_LOG, &wider);
    watched.machine.warp_seconds(3_600);

    let slot = watched.machine.clock().slot;
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let take = ix::sample_position(domain, payer, LEDGER, slot, rows[0].key);
    watched.protocol.must(&mut watched.machine, &[take], &[]);
    watched.slot();
    let mut lie = rows.to_vec();
    lie[0].amount -= 10_000;
    lie[1].amount += 10_000;
    let tree = watched.tree(slot, lie);
    watched
        .post(0, statement(slot, tree.root(), tree.roots()))
        .expect("a liar");
    watched.attest(1, slot).expect("another");
    let evidence = watched.prove(leaf_of(slot, &tree, &rows[0].key)).expect("a leaf");
    let sample = pda::sample(&watched.log, slot, &rows[0].key);
    let compare = ix::compare_sample(watched.log, sample, Some(evidence), None, None);
    watched.protocol.must(&mut watched.machine, &[compare], &[]);
    let incident = watched.hold();
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointDoubted,
    );
    let old = ix::open_checkpoint_log(authority, payer, wider);
    watched.protocol.must(&mut watched.machine, &[old], &[]);
    watched
        .open_snapshot(incident, slot, tree.roots())
        .expect("accepted by a decision from before it");
}
