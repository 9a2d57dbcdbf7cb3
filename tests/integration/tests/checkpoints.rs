//! Checkpoints against the built program: how one would back-date, replace, fake, push out or strike
//! out a root from before the incident, and that it does not work.

use anchor_lang::{prelude::Pubkey, solana_program::system_instruction};
use bulkhead::{
    error::BulkheadError,
    instructions::{ContestNodeArgs, OpenCheckpointLogArgs, PostCheckpointArgs, SLOT_HASHES_SYSVAR},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::checkpoint;
use bulkhead_interface::{
    constants::{MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, checkpoint_state, kind, phase, snapshot_state},
    layout::{CheckpointLog, LeafEvidence, Snapshot, SnapshotShard},
};
use bulkhead_sim::{Machine, Protocol, Setup, VOTE_SECONDS, associated_token, council_config, keypair};
use bulkhead_snapshot::Position;
use bulkhead_tests::{
    checkpoints::{Forged, Watched, inflated, leaf_of, rules, statement},
    recovery::{LEDGER, Recovery, forge, owner, positions},
    refused, world,
};
use solana_instruction::Instruction;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

/// Bytes of a transaction.
const PACKET: usize = 1_232;

fn honest(watched: &mut Watched) -> (u64, PostCheckpointArgs) {
    let slot = watched.slot();
    let tree = watched.tree(slot, positions(40));
    (slot, statement(slot, tree.root(), tree.roots()))
}

fn position(byte: u8, amount: u64) -> Position {
    Position {
        key: Pubkey::new_from_array([byte; 32]),
        owner: owner(0).pubkey(),
        amount,
    }
}

// The whole way.

/// The attacker rewrote every balance before anybody paused. The state of the pause adds up, and is
/// his. The token holders choose the checkpoint, and the victims are paid by it.
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
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::CHOOSE_RESTORATION, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("elected");

    let total = recovery.tree.root().sum;
    recovery.pay_out(&mut machine, 0, total);
    for victim in &victims {
        recovery.claim(&mut machine, &victim.key, 0).expect("a victim is paid");
        refused(
            recovery.claim(&mut machine, &victim.key, 0),
            BulkheadError::AlreadyClaimed,
        );
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
    let (_, args) = of_the_pause.prepare(&machine, &key, 0);
    let (mut keys, _) = recovery.prepare(&machine, &key, 0);
    keys.owner = thief;
    keys.destination = associated_token(&thief, &recovery.protocol.mint);
    let claim = ix::claim(recovery.keys(), keys, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
}

/// The protocol's keys, for a second recovery on the same machine.
fn clone_of(protocol: &Protocol) -> Protocol {
    Protocol {
        namespace: protocol.namespace.insecure_clone(),
        members: protocol.members.iter().map(|member| member.insecure_clone()).collect(),
        operator: protocol.operator.insecure_clone(),
        ..*protocol
    }
}

#[test]
fn a_posted_checkpoint_says_all_that_was_said() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.post(0, args.clone()).expect("an attester");
    let (log, clock) = (watched.log(), watched.machine.clock());
    let entry = watched.entry(slot);
    assert_eq!((log.posted, log.ledger_index, log.threshold), (1, LEDGER, 2));
    assert_eq!((entry.slot, entry.slot_hash), (slot, Machine::slot_hash(slot)));
    assert_eq!(
        (entry.root, entry.total, entry.count),
        (args.root, args.total, args.count)
    );
    assert_eq!((entry.previous, entry.attesters, entry.poster), ([0; 32], 1, 0));
    assert_eq!((entry.posted_slot, entry.posted_ts), (clock.slot, clock.unix_timestamp));
    assert_eq!(entry.state, checkpoint_state::POSTED);

    watched.attest(2, slot).expect("another attester");
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
    let (next, _) = watched_next(&mut watched);
    assert_eq!(watched.entry(next).previous, entry.hash);
}

/// Another checkpoint by member 1.
fn watched_next(watched: &mut Watched) -> (u64, PostCheckpointArgs) {
    let (slot, args) = honest(watched);
    watched.post(1, args.clone()).expect("an attester");
    (slot, args)
}

// Posting what is not so.

#[test]
fn a_checkpoint_cannot_be_back_dated() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    // One slot longer than the sysvar remembers.
    watched.machine.warp_slots(512);
    watched.machine.write_slot_hashes(&[]);
    refused(watched.post(0, args), BulkheadError::SlotUnknown);
    // One within its reach, but not later than the last.
    let newest = watched.slot();
    let tree = watched.tree(newest, positions(40));
    watched
        .post(0, statement(newest, tree.root(), tree.roots()))
        .expect("fresh");
    for old in [newest, newest - 1, newest - 500] {
        let tree = watched.tree(old, positions(40));
        refused(
            watched.post(1, statement(old, tree.root(), tree.roots())),
            BulkheadError::CheckpointNotLater,
        );
    }
    assert!(newest > slot);
}

#[test]
fn a_future_slot_cannot_be_posted() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    for future in [slot + 1, slot + 2, slot + 1_000, u64::MAX] {
        let args = PostCheckpointArgs {
            slot: future,
            slot_hash: Machine::slot_hash(future),
            ..args.clone()
        };
        refused(watched.post(0, args), BulkheadError::SlotUnknown);
    }
}

#[test]
fn a_fork_that_lost_cannot_be_posted() {
    let mut watched = Watched::new();
    let (_, args) = honest(&mut watched);
    let lost = PostCheckpointArgs {
        slot_hash: [0xAB; 32],
        ..args
    };
    refused(watched.post(0, lost), BulkheadError::SlotHashMismatch);
}

#[test]
fn a_skipped_slot_cannot_be_posted() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.machine.write_slot_hashes(&[slot]);
    refused(watched.post(0, args), BulkheadError::SlotUnknown);
}

#[test]
fn a_forged_sysvar_is_refused() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    let sysvar = watched.machine.account(&SLOT_HASHES_SYSVAR).expect("written");
    watched.machine.write_slot_hashes(&[slot]);
    let forged = keypair("forged sysvar").pubkey();
    watched.machine.write_account(&forged, sysvar);
    let member = &watched.protocol.members[0];
    let mut post = ix::post_checkpoint(watched.protocol.domain, member.pubkey(), LEDGER, args);
    let meta = post.accounts.iter_mut().find(|meta| meta.pubkey == SLOT_HASHES_SYSVAR);
    meta.expect("it is named").pubkey = forged;
    let failure = watched.machine.send(&[post], &[member]).expect_err("by address");
    assert_eq!(
        failure.code(),
        Some(anchor_lang::error::ErrorCode::ConstraintAddress.into())
    );
}

#[test]
fn a_checkpoint_cannot_be_replayed_or_replaced() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.post(0, args.clone()).expect("fresh");
    let hash = watched.entry(slot).hash;
    for member in [0, 1] {
        refused(watched.post(member, args.clone()), BulkheadError::CheckpointNotLater);
    }
    let other = PostCheckpointArgs {
        root: [1; 32],
        total: 1,
        ..args
    };
    refused(watched.post(1, other), BulkheadError::CheckpointNotLater);
    assert_eq!(watched.entry(slot).hash, hash);
}

#[test]
fn only_attesters_post_and_attest() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    for member in [3, 4] {
        refused(watched.post(member, args.clone()), BulkheadError::RoleMissing);
    }
    let stranger = keypair("stranger");
    let post = ix::post_checkpoint(watched.protocol.domain, stranger.pubkey(), LEDGER, args.clone());
    refused(watched.machine.send(&[post], &[&stranger]), BulkheadError::NotAMember);
    watched.post(0, args).expect("an attester");
    for member in [3, 4] {
        refused(watched.attest(member, slot), BulkheadError::RoleMissing);
    }
    assert_eq!(watched.entry(slot).attesters, 1);
}

#[test]
fn an_attester_counts_once() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.post(0, args).expect("an attester");
    refused(watched.attest(0, slot), BulkheadError::AlreadyAttested);
    watched.attest(1, slot).expect("another");
    refused(watched.attest(1, slot), BulkheadError::AlreadyAttested);
}

#[test]
fn an_attester_says_what_he_attests() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.post(0, args).expect("an attester");
    let (domain, member) = (watched.protocol.domain, watched.protocol.members[1].insecure_clone());
    let hash = watched.entry(slot).hash;
    for (slot, hash) in [(slot, [0; 32]), (slot - 1, hash), (0, hash)] {
        let attest = ix::attest_checkpoint(domain, member.pubkey(), LEDGER, slot, hash);
        refused(
            watched.machine.send(&[attest], &[&member]),
            BulkheadError::NoSuchCheckpoint,
        );
    }
}

#[test]
fn attesters_of_another_council_do_not_count() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.post(0, args).expect("an attester");
    let (attested, _) = watched_after(&mut watched);
    let config = council_config(&watched.protocol.members);
    let authority = watched
        .protocol
        .mature(&mut watched.machine, kind::CHANGE_COUNCIL, &config);
    let change = ix::change_council(authority, config);
    watched.protocol.must(&mut watched.machine, &[change], &[]);

    refused(watched.attest(1, slot), BulkheadError::CheckpointOfOtherCouncil);
    assert_eq!(watched.entry(slot).state, checkpoint_state::POSTED);
    // What was attested before the change stays attested.
    assert_eq!(watched.entry(attested).state, checkpoint_state::ATTESTED);
    let incident = watched.hold();
    let tree = watched.tree(slot, positions(40));
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointNotAttested,
    );
    let tree = watched.tree(attested, positions(40));
    watched
        .open_snapshot(incident, attested, tree.roots())
        .expect("attested");
}

/// A checkpoint by member 1, attested by member 2.
fn watched_after(watched: &mut Watched) -> (u64, PostCheckpointArgs) {
    let (slot, args) = watched_next(watched);
    watched.attest(2, slot).expect("another attester");
    (slot, args)
}

#[test]
fn a_signature_kept_under_a_durable_nonce_is_no_consent() {
    let mut watched = Watched::new();
    let attester = watched.protocol.members[1].insecure_clone();
    let nonce = keypair("nonce");
    let machine = &mut watched.machine;
    machine.fund(&attester.pubkey(), 1_000_000_000);
    let (payer, rent) = (
        machine.payer.pubkey(),
        machine.svm.minimum_balance_for_rent_exemption(80),
    );
    let open = system_instruction::create_nonce_account(&payer, &nonce.pubkey(), &attester.pubkey(), rent);
    machine.send(&open, &[&nonce]).expect("a nonce account opens");
    let (slot, args) = honest(&mut watched);
    let domain = watched.protocol.domain;
    let post = ix::post_checkpoint(domain, attester.pubkey(), LEDGER, args.clone());
    watched.post(0, args).expect("an attester");
    let hash = watched.entry(slot).hash;
    let attest = ix::attest_checkpoint(domain, attester.pubkey(), LEDGER, slot, hash);
    for instruction in [post, attest] {
        let machine = &mut watched.machine;
        let data = machine.account(&nonce.pubkey()).expect("it was made").data;
        let value: [u8; 32] = data[40..72].try_into().expect("32 bytes");
        let advance = system_instruction::advance_nonce_account(&nonce.pubkey(), &attester.pubkey());
        let message = Message::new(&[advance, instruction], Some(&attester.pubkey()));
        let kept = Transaction::new(&[&attester], message, value.into());
        refused(machine.send_signed(kept), BulkheadError::DurableNonce);
    }
    watched.attest(1, slot).expect("signed for now");
}

// The ring.

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

// Other people's logs.

#[test]
fn another_domains_log_takes_and_gives_nothing() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let other = Protocol::set_up(
        &mut watched.machine,
        &Setup {
            name: "another",
            ..Setup::default()
        },
    );
    let log = watched.log;
    let misplace = |mut instruction: Instruction| {
        let own = pda::checkpoint_log(&other.domain, LEDGER);
        let meta = instruction.accounts.iter_mut().find(|meta| meta.pubkey == own);
        meta.expect("it is named").pubkey = log;
        instruction
    };
    let (_, args) = honest(&mut watched);
    let member = &other.members[0];
    let post = misplace(ix::post_checkpoint(other.domain, member.pubkey(), LEDGER, args));
    let hash = watched.entry(slot).hash;
    let attest = misplace(ix::attest_checkpoint(other.domain, member.pubkey(), LEDGER, slot, hash));
    for instruction in [post, attest] {
        refused(
            watched.machine.send(&[instruction], &[member]),
            BulkheadError::ForeignAccount,
        );
    }
    watched.machine.next_slot();
    let incident = other.hold(&mut watched.machine);
    let payer = watched.machine.payer.pubkey();
    let open = ix::open_checkpoint_snapshot(other.domain, payer, incident, LEDGER, slot, tree.roots());
    refused(
        watched.machine.send(&[misplace(open)], &[]),
        BulkheadError::ForeignAccount,
    );
}

#[test]
fn another_ledgers_log_is_no_candidate_here() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    let (member, payer) = (&recovery.protocol.members[0], machine.payer.pubkey());
    let domain = recovery.protocol.domain;
    let ballot = pda::ballot(&recovery.incident, 1);
    let open = ix::open_ballot(domain, member.pubkey(), payer, recovery.incident, 1);
    recovery.protocol.must(&mut machine, &[open], &[member]);
    let add = ix::add_candidate(domain, member.pubkey(), ballot, recovery.snapshot);
    refused(machine.send(&[add], &[member]), BulkheadError::ForeignAccount);
}

/// A log is the ledger's whose number it has, and its rules have to work.
#[test]
fn a_log_is_opened_by_proposal_and_its_rules_are_sound() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    watched.post(0, args).expect("an attester");
    let payer = watched.machine.payer.pubkey();
    let without = ix::Authority {
        signer: payer,
        domain: watched.protocol.domain,
        proposal: None,
    };
    let open = ix::open_checkpoint_log(without, payer, rules());
    refused(watched.machine.send(&[open], &[]), BulkheadError::ProposalRequired);

    let stricter = OpenCheckpointLogArgs {
        threshold: 3,
        ..rules()
    };
    let broken = OpenCheckpointLogArgs {
        threshold: 4,
        ..rules()
    };
    for (args, is_sound) in [(stricter, true), (broken, false)] {
        let authority = watched
            .protocol
            .mature(&mut watched.machine, kind::OPEN_CHECKPOINT_LOG, &args);
        let open = ix::open_checkpoint_log(authority, payer, args);
        let result = watched.machine.send(&[open], &[]);
        if is_sound {
            result.expect("other rules");
        } else {
            refused(result, BulkheadError::ArgumentOutOfRange);
        }
    }
    // New rules leave what was posted as it was.
    let log = watched.log();
    assert_eq!((log.threshold, log.posted), (3, 1));
    watched.attest(1, slot).expect("another attester");
    assert_eq!(watched.entry(slot).state, checkpoint_state::POSTED);
    watched.attest(2, slot).expect("the third");
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
}

// From the checkpoint to the ballot.

#[test]
fn a_checkpoint_posted_after_the_breach_is_no_candidate() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    // In the very slot it was posted in, the alarm: too late to have been before it.
    let incident = watched.protocol.hold(&mut watched.machine);
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
    let incident = watched.hold();
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
fn roots_counts_and_caps_are_the_checkpoints_or_none() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let incident = watched.hold();
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
    let mut wrong = shard.caps;
    wrong.swap(0, 1);
    for (number, caps) in [
        (number, &wrong[..]),
        (number, &shard.caps[..15]),
        ((number + 1) % 16, &shard.caps),
    ] {
        let open = ix::open_checkpoint_shard(payer, snapshot, number, caps);
        refused(watched.machine.send(&[open], &[]), BulkheadError::ShardsMismatch);
    }
    let beyond = ix::open_checkpoint_shard(payer, snapshot, 16, &shard.caps);
    refused(watched.machine.send(&[beyond], &[]), BulkheadError::ArgumentOutOfRange);
    let open = ix::open_checkpoint_shard(payer, snapshot, number, &shard.caps);
    watched.machine.send(&[open], &[]).expect("the checkpoint's");
    let stored: SnapshotShard = watched.machine.load(&pda::shard(&snapshot, number, &payer));
    assert_eq!(
        (stored.count, stored.cap_height, stored.state),
        (shard.count, shard.cap_height, 1)
    );
}

/// Caps are taken for checkpoints only: a shard that is being read cannot be closed with made-up ones.
#[test]
fn a_snapshot_that_is_read_on_chain_takes_no_caps() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(40));
    let number = (0..16)
        .find(|number| recovery.tree.roots()[usize::from(*number)].count > 0)
        .expect("leaves");
    let caps = recovery.tree.shard(number).expect("it has leaves").caps;
    let outsider = keypair("outsider");
    machine.fund(&outsider.pubkey(), 1_000_000_000);
    let open = ix::open_checkpoint_shard(outsider.pubkey(), recovery.snapshot, number, &caps);
    refused(machine.send(&[open], &[&outsider]), BulkheadError::ForeignAccount);
}

/// The tags differ: a proof of one tree is none of the other, though the positions are the same.
#[test]
fn proofs_of_snapshot_and_checkpoint_do_not_serve_for_each_other() {
    let mut watched = Watched::new();
    // Enough for siblings below the caps.
    let rows = positions(600);
    let (slot, tree) = watched.attested(rows.clone());
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    let pause = Recovery::of(clone_of(&recovery.protocol), recovery.incident, rows.clone());
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 0, recovery.tree.root().sum);
    let key = rows[0].key;
    let (keys, _) = recovery.prepare(&machine, &key, 0);
    let (_, foreign) = pause.prepare(&machine, &key, 0);
    let claim = ix::claim(recovery.keys(), keys, foreign);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    // Nor does a shard of the other one stand in.
    let (mut keys, own) = recovery.prepare(&machine, &key, 0);
    keys.shard = keypair("shard of the pause").pubkey();
    let number = bulkhead_core::merkle::shard_of(key.as_array());
    let shard = SnapshotShard {
        version: 1,
        snapshot: pause.snapshot,
        ..*pause.tree.shard(number).expect("it has leaves")
    };
    forge(&mut machine, &keys.shard, &shard);
    let claim = ix::claim(recovery.keys(), keys, own);
    refused(machine.send(&[claim], &[]), BulkheadError::ForeignAccount);
    recovery.claim(&mut machine, &key, 0).expect("with its own proof");
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

// Contests.

#[test]
fn a_position_counted_twice_strikes_the_checkpoint_out() {
    let mut watched = Watched::new();
    let rows = [position(1, 5), position(2, 7), position(2, 7)];
    let (slot, tree) = watched.attested_lie(&rows);
    let evidence = prove_all(&mut watched, slot, &tree, 3);
    refused(watched.contest(evidence[0], None), BulkheadError::NoContradiction);
    refused(
        watched.contest(evidence[0], Some(evidence[1])),
        BulkheadError::NoContradiction,
    );
    watched
        .contest(evidence[2], Some(evidence[1]))
        .expect("the same key twice");
    assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
    refused(
        watched.contest(evidence[2], Some(evidence[1])),
        BulkheadError::CheckpointContested,
    );
    // For ever: nobody attests it again.
    refused(watched.attest(2, slot), BulkheadError::CheckpointContested);
    let incident = watched.hold();
    refused(
        watched.open_snapshot(incident, slot, &tree.roots),
        BulkheadError::CheckpointContested,
    );
}

fn prove_all(watched: &mut Watched, slot: u64, tree: &Forged, count: u32) -> Vec<Pubkey> {
    (0..count)
        .map(|index| watched.prove(tree.leaf(slot, index)).expect("a leaf"))
        .collect()
}

#[test]
fn leaves_out_of_order_in_a_foreign_shard_or_of_nothing_strike_it_out() {
    for (rows, count) in [
        (vec![position(3, 5), position(2, 7)], 2),
        (vec![position(0x21, 5)], 1),
        (vec![position(3, 0)], 1),
    ] {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested_lie(&rows);
        let evidence = prove_all(&mut watched, slot, &tree, count);
        watched
            .contest(evidence[0], evidence.get(1).copied())
            .expect("it contradicts");
        assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
    }
}

/// A total that is more than the leaves have would pay everybody less.
#[test]
fn a_sum_that_is_more_than_is_below_it_strikes_the_checkpoint_out() {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let tree = Forged::new(watched.tag(slot), &[position(1, 5), position(2, 7)]);
    let (args, contest) = inflated(slot, &tree);
    watched.post(0, args).expect("an attester");
    watched.attest(1, slot).expect("another attester");
    let mut node = |change: fn(&mut ContestNodeArgs)| {
        let mut args = contest.clone();
        change(&mut args);
        watched.machine.send(&[ix::contest_node(watched.log, args)], &[])
    };
    refused(node(|args| args.sum -= 1_000_000), BulkheadError::InvalidProof);
    refused(node(|args| args.path = 1), BulkheadError::InvalidProof);
    refused(node(|args| args.preimage[5] ^= 1), BulkheadError::InvalidProof);
    refused(node(|args| args.proof.truncate(39)), BulkheadError::InvalidProof);
    refused(node(|args| args.proof.clear()), BulkheadError::InvalidProof);
    refused(node(|args| args.slot -= 1), BulkheadError::NoSuchCheckpoint);
    node(|_| ()).expect("it says a million more");
    refused(node(|_| ()), BulkheadError::CheckpointContested);
    assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
}

/// A leaf bound to something else, or to another place, can never be claimed, but is in the total.
#[test]
fn a_leaf_bound_elsewhere_strikes_the_checkpoint_out() {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let row = position(1, 5);
    let foreign = watched.tag(slot + 1);
    let tree = Forged::new(foreign, &[row]);
    watched
        .post(0, statement(slot, &tree.root, &tree.roots))
        .expect("an attester");
    let proof = tree.leaf(slot, 0).proof;
    let contest = ContestNodeArgs {
        slot,
        path: 0,
        sum: 5,
        preimage: leaf_bytes(&foreign, 0, &row),
        proof,
    };
    watched
        .machine
        .send(&[ix::contest_node(watched.log, contest)], &[])
        .expect("another checkpoint's leaf");
    assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
}

/// What a leaf is hashed from.
fn leaf_bytes(tag: &[u8; 32], index: u32, row: &Position) -> Vec<u8> {
    [
        &[0][..],
        tag,
        &index.to_le_bytes(),
        row.key.as_ref(),
        row.owner.as_ref(),
        &row.amount.to_le_bytes(),
    ]
    .concat()
}

/// Every leaf of an honest checkpoint, revealed as it is, and the root itself.
#[test]
fn honest_nodes_are_no_evidence() {
    let mut watched = Watched::new();
    let rows = positions(40);
    let (slot, tree) = watched.attested(rows.clone());
    let tag = watched.tag(slot);
    for row in &rows {
        let leaf = leaf_of(slot, &tree, &row.key);
        let below = u32::try_from(leaf.proof.len() / 40 - 4).expect("levels");
        let (shard, place) = (leaf.index >> 20, leaf.index & 0xF_FFFF);
        let contest = ContestNodeArgs {
            slot,
            path: shard << below | place,
            sum: row.amount,
            preimage: leaf_bytes(&tag, leaf.index, row),
            proof: leaf.proof,
        };
        let contest = ix::contest_node(watched.log, contest);
        refused(watched.machine.send(&[contest], &[]), BulkheadError::NoContradiction);
    }
    let mut nodes: Vec<_> = tree.roots().iter().map(|shard| shard.root).collect();
    while nodes.len() > 2 {
        nodes = nodes
            .chunks(2)
            .map(|pair| bulkhead_core::merkle::inner(&pair[0], &pair[1]).expect("small sums"))
            .collect();
    }
    let contest = ContestNodeArgs {
        slot,
        path: 0,
        sum: tree.root().sum,
        preimage: [&[1], bytemuck::cast_slice(&nodes)].concat(),
        proof: vec![],
    };
    let contest = ix::contest_node(watched.log, contest);
    refused(watched.machine.send(&[contest], &[]), BulkheadError::NoContradiction);
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
}

/// Every pair of leaves of an honest checkpoint, either way round, is no evidence.
#[test]
fn an_honest_checkpoint_cannot_be_contested() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let evidence: Vec<_> = rows
        .iter()
        .map(|row| watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf"))
        .collect();
    for first in &evidence {
        refused(watched.contest(*first, None), BulkheadError::NoContradiction);
        for second in &evidence {
            refused(watched.contest(*first, Some(*second)), BulkheadError::NoContradiction);
        }
    }
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
}

#[test]
fn made_up_leaves_are_no_evidence() {
    let mut watched = Watched::new();
    let rows = positions(40);
    let (slot, tree) = watched.attested(rows.clone());
    let right = leaf_of(slot, &tree, &rows[0].key);
    let mut richer = right.clone();
    richer.amount += 1;
    let mut other_owner = right.clone();
    other_owner.owner = keypair("thief").pubkey();
    let mut other_place = right.clone();
    other_place.index ^= 1;
    let mut shorter = right.clone();
    shorter.proof.truncate(shorter.proof.len() - 40);
    let mut ragged = right.clone();
    ragged.proof.pop();
    for args in [richer, other_owner, other_place, shorter, ragged] {
        refused(
            watched.prove(args).map(|_| Default::default()),
            BulkheadError::InvalidProof,
        );
    }
    watched.prove(right).expect("a leaf");
}

/// Evidence of one log says nothing of another, nor does that of one checkpoint of the next.
#[test]
fn evidence_serves_where_it_was_proved() {
    let mut watched = Watched::new();
    let (slot, lie) = watched.attested_lie(&[position(3, 5), position(2, 7)]);
    let evidence = prove_all(&mut watched, slot, &lie, 2);
    watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    let (good, tree) = watched.attested(positions(6));
    let honest = watched
        .prove(leaf_of(good, &tree, &positions(6)[0].key))
        .expect("a leaf");
    // A leaf of another checkpoint beside it.
    refused(
        watched.contest(honest, Some(evidence[1])),
        BulkheadError::NoSuchCheckpoint,
    );
    // Dressed up as one of the good checkpoint, in a log of its own.
    let mut foreign: LeafEvidence = watched.machine.load(&evidence[0]);
    foreign.log = keypair("another log").pubkey();
    let copy = keypair("foreign evidence").pubkey();
    forge(&mut watched.machine, &copy, &foreign);
    refused(watched.contest(copy, None), BulkheadError::ForeignAccount);
    refused(watched.contest(honest, Some(copy)), BulkheadError::ForeignAccount);
    assert_eq!(watched.entry(good).state, checkpoint_state::ATTESTED);
}

/// Contested after it was nominated and even elected: it cannot be restored, and the vote is held
/// again without it.
#[test]
fn a_checkpoint_contested_after_its_election_makes_way() {
    let mut watched = Watched::new();
    let (slot, lie) = watched.attested_lie(&[position(3, 500), position(2, 700)]);
    let evidence = prove_all(&mut watched, slot, &lie, 2);
    let incident = watched.hold();
    watched
        .open_snapshot(incident, slot, &lie.roots)
        .expect("nobody has looked yet");
    let Watched {
        mut machine,
        protocol,
        log,
    } = watched;
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let void = ix::void_checkpoint_snapshot(log, snapshot);
    refused(
        machine.send(std::slice::from_ref(&void), &[]),
        BulkheadError::CheckpointStands,
    );
    let mut recovery = Recovery::of(protocol, incident, positions(6));
    let of_the_pause = recovery.snapshot;
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);
    recovery.snapshot = snapshot;
    recovery.elect(&mut machine);
    let args = recovery.args();
    let authority = recovery.protocol.mature(&mut machine, kind::CHOOSE_RESTORATION, &args);

    let (domain, member) = (recovery.protocol.domain, recovery.protocol.members[0].insecure_clone());
    let renew = |void| ix::renew_ballot(domain, member.pubkey(), recovery.ballot, void);
    refused(
        machine.send(&[renew(Some(snapshot))], &[&member]),
        BulkheadError::CheckpointStands,
    );
    let contest = ix::contest_checkpoint(log, evidence[0], Some(evidence[1]));
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
    assert_eq!(recovery.protocol.state(&machine).state, phase::HELD);
}

/// What an attacker does to the host after the checkpoint strikes nothing out: it goes on record.
#[test]
fn a_rewritten_account_is_a_dispute_and_no_contest() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let evidence = watched.prove(leaf_of(slot, &tree, &rows[0].key)).expect("a leaf");
    let dispute = ix::dispute_checkpoint(watched.protocol.domain, LEDGER, evidence, rows[0].key);
    let Position { key, owner, amount } = rows[0];
    watched
        .protocol
        .write_position(&mut watched.machine, &key, &owner, amount);
    refused(
        watched.machine.send(std::slice::from_ref(&dispute), &[]),
        BulkheadError::NoContradiction,
    );
    let thief = keypair("thief").pubkey();
    watched
        .protocol
        .write_position(&mut watched.machine, &key, &thief, amount);
    refused(watched.contest(evidence, None), BulkheadError::NoContradiction);
    watched
        .machine
        .send(std::slice::from_ref(&dispute), &[])
        .expect("it differs");
    refused(watched.machine.send(&[dispute], &[]), BulkheadError::EvidenceUsed);
    let entry = watched.entry(slot);
    assert_eq!((entry.disputes, entry.state), (1, checkpoint_state::ATTESTED));
    let mut elsewhere = ix::dispute_checkpoint(watched.protocol.domain, LEDGER, evidence, rows[1].key);
    elsewhere.accounts[3].pubkey = rows[1].key;
    refused(watched.machine.send(&[elsewhere], &[]), BulkheadError::ForeignAccount);
}

#[test]
fn evidence_is_closed_by_who_paid_for_it() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let evidence = watched.prove(leaf_of(slot, &tree, &rows[0].key)).expect("a leaf");
    let thief = keypair("thief");
    watched.machine.fund(&thief.pubkey(), 1_000_000);
    let close = ix::close_evidence(thief.pubkey(), evidence);
    refused(watched.machine.send(&[close], &[&thief]), BulkheadError::ForeignAccount);
    let payer = watched.machine.payer.pubkey();
    let close = ix::close_evidence(payer, evidence);
    watched.protocol.must(&mut watched.machine, &[close], &[]);
    assert!(watched.machine.account(&evidence).is_none());
}

/// Everything fits a plain transaction, proofs of a ledger of a million leaves among it.
#[test]
fn every_call_fits_a_transaction() {
    let watched = Watched::new();
    let (payer, domain) = (watched.machine.payer.pubkey(), watched.protocol.domain);
    let size = |instruction: Instruction| {
        let message = Message::new(&[instruction], Some(&payer));
        1 + 64 * usize::from(message.header.num_required_signatures) + message.serialize().len()
    };
    let tree = Forged::new([0; 32], &[position(1, 5)]);
    let prove = |levels: usize| {
        let mut args = tree.leaf(1, 0);
        args.proof = vec![0; 40 * levels];
        size(ix::prove_leaf(watched.log, payer, args))
    };
    let contest = |levels: usize| {
        size(ix::contest_node(
            watched.log,
            ContestNodeArgs {
                slot: 1,
                path: 0,
                sum: 5,
                preimage: vec![0; 109],
                proof: vec![0; 40 * levels],
            },
        ))
    };
    // 2^20 leaves in sixteen shards are 2^16 each: twelve levels below the caps and eight above; one
    // level more where a shard has grown past that.
    assert!(
        prove(21) <= PACKET && contest(21) <= PACKET,
        "{}, {}",
        prove(21),
        contest(21)
    );
    assert!(prove(22) > PACKET, "then a lookup table is needed");

    let attester = watched.protocol.members[0].pubkey();
    let post = ix::post_checkpoint(domain, attester, LEDGER, statement(1, &tree.root, &tree.roots));
    assert!(size(post) <= PACKET);
    let incident = pda::incident(&domain, 0);
    let open = ix::open_checkpoint_snapshot(domain, payer, incident, LEDGER, 1, &tree.roots);
    assert!(size(open) <= PACKET);
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, 1);
    assert!(size(ix::open_checkpoint_shard(payer, snapshot, 0, &tree.caps)) <= PACKET);
}

#[test]
fn the_log_is_as_long_as_one_instruction_may_create() {
    assert!(bulkhead_interface::layout::space::<CheckpointLog>() <= 10_240);
}
