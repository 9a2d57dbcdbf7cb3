//! Checkpoints: posted and attested from folders, published, sampled, contested, opened.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::checkpoints::checkpoint;
use bulkhead_interface::{
    ID,
    constants::{checkpoint_state, snapshot_state},
    layout::{Checkpoint, CheckpointLog, Snapshot, SnapshotShard},
};
use bulkhead_snapshot::{Position, TagInputs, Tree};
use bulkhead_testbed::keypair;
use bulkhead_tests::{
    checkpoints::{Watched, published},
    recovery::positions,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::bench::Bench;

/// A ledger with a log, and a slot that has just ended.
struct Peace {
    bench: Bench,
    members: Vec<Keypair>,
    log: Pubkey,
    domain: Pubkey,
    slot: u64,
}

impl Peace {
    fn new(rows: &[Position]) -> Self {
        let mut watched = Watched::new();
        for row in rows {
            watched
                .protocol
                .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
        }
        let slot = watched.slot();
        let total = rows.iter().map(|row| row.amount).sum();
        watched.protocol.write_total(&mut watched.machine, total);
        let Watched { machine, protocol, log } = watched;
        let members: Vec<_> = protocol.members.iter().map(Keypair::insecure_clone).collect();
        let keys = members.iter().map(Keypair::insecure_clone).chain([anyone()]).collect();
        Self {
            bench: Bench::new(machine, protocol.domain, keys),
            members,
            log,
            domain: protocol.domain,
            slot,
        }
    }

    /// The folder of these leaves at the slot.
    fn folder(&self, name: &str, rows: &[Position]) -> String {
        self.bench.build(name, self.tag(), rows)
    }

    fn tag(&self) -> TagInputs {
        TagInputs::checkpoint(ID, self.log, 0, self.slot)
    }

    fn tree(&self, rows: &[Position]) -> Tree {
        Tree::build(self.tag().tag, rows.to_vec()).expect("a ledger")
    }

    fn entry(&self) -> Checkpoint {
        let log: CheckpointLog = self.bench.machine().load(&self.log);
        *checkpoint::find(&log, self.slot).expect("it was posted")
    }

    /// Posts and attests these leaves. Gives their folder.
    fn attested(&self, rows: &[Position]) -> String {
        let folder = self.folder("attested", rows);
        self.bench
            .must(&self.members[0], &format!("checkpoint post --folder {folder}"));
        let attest = format!("checkpoint attest {} --folder {folder}", self.slot);
        self.bench.must(&self.members[1], &attest);
        folder
    }
}

fn anyone() -> Keypair {
    keypair("anyone")
}

#[test]
fn two_attesters_run_the_same_command_and_attest_one_checkpoint() {
    let rows = positions(50);
    let peace = Peace::new(&rows);
    let folder = peace.folder("own", &rows);
    let run = format!("checkpoint run --folder {folder}");
    peace.bench.must(&peace.members[0], &run);
    assert_eq!(peace.entry().state, checkpoint_state::POSTED);
    peace.bench.must(&peace.members[1], &run);
    let entry = peace.entry();
    assert_eq!((entry.state, entry.attesters), (checkpoint_state::ATTESTED, 0b11));
    let tree = peace.tree(&rows);
    assert_eq!((entry.root, entry.total), (tree.root().hash, tree.root().sum));
    for line in [
        "checkpoint list",
        "checkpoint show",
        &format!("checkpoint show {}", peace.slot),
    ] {
        peace.bench.must(&anyone(), line);
    }
}

/// An attestation says that the attester has read the same positions.
#[test]
fn an_attester_with_other_positions_does_not_attest() {
    let rows = positions(20);
    let peace = Peace::new(&rows);
    let folder = peace.folder("own", &rows);
    let (poster, attester) = (&peace.members[0], &peace.members[1]);
    peace.bench.must(poster, &format!("checkpoint post --folder {folder}"));
    let other = peace.folder("other", &rows[..19]);
    let attest = format!("checkpoint attest {}", peace.slot);
    peace
        .bench
        .refused(attester, &format!("{attest} --folder {other}"), "your folder states");
    let hash = "00".repeat(32);
    peace
        .bench
        .refused(attester, &format!("{attest} --hash {hash}"), "the checkpoint's hash is");
    peace.bench.refused(attester, &attest, "required");
    assert_eq!(peace.entry().attesters, 0b01);
    let missing = "checkpoint attest 7 --hash ".to_owned() + &hash;
    peace.bench.refused(attester, &missing, "no checkpoint of slot 7");
}

#[test]
fn a_folder_of_something_else_is_not_posted() {
    let rows = positions(5);
    let peace = Peace::new(&rows);
    let snapshot = peace.bench.build("snapshot", TagInputs::new(ID, peace.log, 0), &rows);
    let post = format!("checkpoint post --folder {snapshot}");
    peace.bench.refused(&peace.members[0], &post, "is not of a checkpoint");
    let foreign = TagInputs::checkpoint(ID, Pubkey::new_from_array([3; 32]), 0, peace.slot);
    let foreign = peace.bench.build("foreign", foreign, &rows);
    let post = format!("checkpoint post --folder {foreign}");
    peace
        .bench
        .refused(&peace.members[0], &post, "another ledger, snapshot or slot");
    let old = TagInputs::checkpoint(ID, peace.log, 0, peace.slot - 600);
    let old = peace.bench.build("old", old, &rows);
    let post = format!("checkpoint post --folder {old}");
    peace.bench.refused(&peace.members[0], &post, "not one of the last 512");
}

#[test]
fn a_publication_goes_on_where_it_was_interrupted() {
    let rows = positions(300);
    let peace = Peace::new(&rows);
    let folder = peace.attested(&rows);
    let tree = peace.tree(&rows);
    // Somebody published the first leaves of a shard, and was killed.
    let number = (0..16).find(|number| tree.shard(*number).is_some_and(|shard| shard.count > 12));
    let number = number.expect("300 leaves in 16 shards");
    let leaves = tree.leaves().filter(|(index, _)| index >> 20 == u32::from(number));
    let first: Vec<_> = leaves.take(5).map(|(_, leaf)| *leaf).collect();
    let publisher = anyone();
    peace.bench.must(&publisher, "checkpoint list");
    let begin = ix::publish_leaves(peace.log, publisher.pubkey(), peace.slot, number, published(&first));
    peace.bench.machine().send(&[begin], &[]).expect("the first leaves");

    let publish = format!("checkpoint publish {} --folder {folder}", peace.slot);
    peace.bench.must(&publisher, &publish);
    assert_eq!(peace.entry().published, u16::MAX);
    let before = peace.bench.landed();
    peace.bench.must(&publisher, &publish);
    assert_eq!(peace.bench.landed(), before, "it was done");
}

/// Its neighbours prove that a position was left out.
#[test]
fn a_position_that_was_left_out_counts_with_its_whole_amount() {
    // Less than the tolerance of the total.
    let mut rows = positions(200);
    rows.sort_unstable_by_key(|row| row.key);
    let left_out = rows[100];
    let peace = Peace::new(&rows);
    peace
        .bench
        .must(&anyone(), &format!("checkpoint sample {}", left_out.key));
    // The slot ends, and the checkpoint of it is posted.
    let slot = peace.bench.machine().clock().slot;
    {
        let mut machine = peace.bench.machine();
        machine.next_slot();
        machine.write_slot_hashes(&[]);
    }
    let peace = Peace { slot, ..peace };
    let kept: Vec<_> = rows.iter().filter(|row| row.key != left_out.key).copied().collect();
    let folder = peace.attested(&kept);
    let sample = pda::sample(&peace.log, slot, &left_out.key);
    peace
        .bench
        .must(&anyone(), &format!("checkpoint compare {sample} --folder {folder}"));
    let entry = peace.entry();
    assert_eq!((entry.agreed, entry.differed), (0, left_out.amount));
}

#[test]
fn a_leaf_is_proved_disputed_and_closed() {
    let rows = positions(30);
    let peace = Peace::new(&rows);
    let folder = peace.attested(&rows);
    let key = rows[3].key;
    let anyone = anyone();
    let prove = format!("checkpoint prove-leaf {} --folder {folder} --key {key}", peace.slot);
    peace.bench.must(&anyone, &prove);
    let index = peace.tree(&rows).prove(&key).expect("a leaf").index;
    let evidence = pda::evidence(&peace.log, peace.slot, index, &anyone.pubkey());
    // The account is as the leaf says: there is nothing to dispute, and nothing to contest.
    let dispute = format!("checkpoint dispute {evidence}");
    let refused = peace.bench.run(&anyone, &dispute);
    assert!(refused.is_err_and(|error| error.contains("NoContradiction")));
    let contest = format!("checkpoint contest {evidence} --folder {folder}");
    let refused = peace.bench.run(&anyone, &contest);
    assert!(
        refused.is_err_and(|error| error.contains("NoContradiction")),
        "an honest tree"
    );
    {
        let mut machine = peace.bench.machine();
        let mut account = machine.account(&key).expect("a position");
        account.data[40] ^= 1;
        machine.write_account(&key, account);
    }
    peace.bench.must(&anyone, &dispute);
    assert_eq!(peace.entry().disputes, 1);
    peace
        .bench
        .must(&anyone, &format!("checkpoint close-evidence {evidence}"));
    assert!(peace.bench.machine().account(&evidence).is_none());
    let unknown = keypair("nothing").pubkey();
    let prove = format!("checkpoint prove-leaf {} --folder {folder} --key {unknown}", peace.slot);
    peace.bench.refused(&anyone, &prove, "has no leaf");
}

#[test]
fn a_checkpoint_becomes_a_snapshot_with_its_shards() {
    let rows = positions(40);
    let peace = Peace::new(&rows);
    let folder = peace.attested(&rows);
    let tree = peace.tree(&rows);
    let anyone = anyone();
    peace.bench.must(&anyone, "checkpoint list");
    {
        let mut machine = peace.bench.machine();
        machine.next_slot();
        let payer = machine.payer.pubkey();
        let open = ix::open_incident(peace.domain, peace.members[0].pubkey(), payer, 0);
        let incident = pda::incident(&peace.domain, 0);
        machine.send(&[open], &[&peace.members[0]]).expect("an alarm");
        for member in &peace.members[..2] {
            let confirm = ix::confirm_incident(peace.domain, member.pubkey(), incident);
            machine.send(&[confirm], &[member]).expect("a guardian");
        }
    }
    let shards = format!("checkpoint open-shard {} --folder {folder}", peace.slot);
    peace.bench.refused(&anyone, &shards, "NotFound");
    let open = format!("checkpoint open-snapshot {} --folder {folder}", peace.slot);
    peace.bench.must(&anyone, &open);
    peace.bench.must(&anyone, &shards);
    let snapshot = pda::checkpoint_snapshot(&pda::incident(&peace.domain, 0), 0, peace.slot);
    let state: Snapshot = peace.bench.machine().load(&snapshot);
    assert_eq!((state.state, state.root), (snapshot_state::SEALED, tree.root().hash));
    for number in 0..16 {
        let shard = pda::shard(&snapshot, number, &anyone.pubkey());
        let found = peace.bench.machine().try_load::<SnapshotShard>(&shard);
        let count = tree.shard(number).map_or(0, |shard| shard.count);
        assert_eq!(found.map_or(0, |shard| shard.count), count);
    }
    let before = peace.bench.landed();
    peace.bench.must(&anyone, &shards);
    assert_eq!(peace.bench.landed(), before, "they are open");
    let refused = peace.bench.run(&anyone, &format!("checkpoint void {snapshot}"));
    assert!(refused.is_err_and(|error| error.contains("CheckpointStands")));
}
