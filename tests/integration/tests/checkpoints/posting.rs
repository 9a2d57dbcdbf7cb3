//! Posting and attesting what is not so, by whom it is not due, or for another time.

use super::*;

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
        (entry.root, entry.total, u64::from(entry.count)),
        (args.root, args.total, args.count)
    );
    let member = watched.protocol.members[0].pubkey();
    assert_eq!((entry.previous, entry.attesters), ([0; 32], 1));
    assert_eq!(entry.poster, member.as_array()[..12]);
    assert_eq!((entry.posted_slot, entry.posted_ts), (clock.slot, clock.unix_timestamp));
    assert_eq!(entry.state, checkpoint_state::POSTED);

    watched.attest(2, slot).expect("another attester");
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
    let (next, _) = watched_next(&mut watched);
    assert_eq!(watched.entry(next).previous, entry.hash);
}

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
    let mut post = watched.posting(0, args);
    let member = &watched.protocol.members[0];
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
    let (domain, total) = (watched.protocol.domain, watched.protocol.total_account);
    let post = ix::post_checkpoint(domain, stranger.pubkey(), LEDGER, total, args.clone());
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
    let authority = watched.protocol.mature(&mut watched.machine, &config);
    let change = ix::change_council(authority, config);
    watched.protocol.must(&mut watched.machine, &[change], &[]);

    refused(watched.attest(1, slot), BulkheadError::CheckpointOfOtherCouncil);
    assert_eq!(watched.entry(slot).state, checkpoint_state::POSTED);
    // What was attested before the change stays attested.
    assert_eq!(watched.entry(attested).state, checkpoint_state::ATTESTED);
    let incident = watched.freeze();
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
    let post = watched.posting(1, args.clone());
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
