//! What the program reads itself when a checkpoint is posted.

use super::*;

/// The host's own total is read and kept, and a lie beyond what was agreed in peace is refused, whoever agrees on it.
#[test]
fn a_total_that_is_not_the_hosts_cannot_be_posted() {
    let mut watched = Watched::new();
    let (slot, args) = honest(&mut watched);
    let total = args.total;
    // A hundredth of the greater, rounded up, is within the rules of this log.
    let least = total - total / 100;
    for host in [0, total / 2, least - 2, total + total / 98 + 2, 2 * total, u64::MAX] {
        refused(
            watched.post_beside(0, args.clone(), host),
            BulkheadError::CheckpointTotalDiffers,
        );
    }
    watched.post_beside(0, args, least).expect("what moves in between");
    let entry = watched.entry(slot);
    assert_eq!((entry.total, entry.host_total), (total, least));
}

/// Attesters who agree on a false total cannot say it, and the log takes the true one afterwards.
#[test]
fn attesters_together_cannot_say_a_false_total() {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let lie = Forged::new(watched.tag(slot), &[position(1, 5_000), position(2, 1_000_000)]);
    let truth = 5_000;
    for member in [0, 1, 2] {
        refused(
            watched.post_beside(member, statement(slot, &lie.root, &lie.roots), truth),
            BulkheadError::CheckpointTotalDiffers,
        );
    }
    let tree = watched.tree(slot, vec![position(1, truth)]);
    watched
        .post_beside(2, statement(slot, tree.root(), tree.roots()), truth)
        .expect("the truth");
}

/// Nobody bends the host's total for the length of the transaction that posts.
#[test]
fn a_checkpoint_is_posted_standalone() {
    let mut watched = Watched::new();
    let (_, args) = honest(&mut watched);
    watched.protocol.write_total(&mut watched.machine, args.total);
    let (payer, post) = (watched.machine.payer.pubkey(), watched.posting(0, args));
    let member = watched.protocol.members[0].insecure_clone();
    let company = system_instruction::transfer(&payer, &member.pubkey(), 1);
    for instructions in [[company.clone(), post.clone()], [post.clone(), company]] {
        refused(
            watched.machine.send(&instructions, &[&member]),
            BulkheadError::NotStandalone,
        );
    }
    watched.machine.send(&[post], &[&member]).expect("alone");
}

/// Another account, or the right one when another program owns it, tells nothing.
#[test]
fn only_the_ledgers_own_total_is_read() {
    let mut watched = Watched::new();
    let (_, args) = honest(&mut watched);
    watched.protocol.write_total(&mut watched.machine, args.total);
    let member = watched.protocol.members[0].insecure_clone();
    let total = watched.protocol.total_account;
    let account = watched.machine.account(&total).expect("it is there");
    let copy = keypair("a copy").pubkey();
    watched.machine.write_account(&copy, account.clone());
    let mut post = watched.posting(0, args.clone());
    let meta = post.accounts.iter_mut().find(|meta| meta.pubkey == total);
    meta.expect("it is named").pubkey = copy;
    refused(watched.machine.send(&[post], &[&member]), BulkheadError::ForeignAccount);
    for data in [account.data.clone(), vec![0; 3]] {
        let mut changed = account.clone();
        if data.len() == account.data.len() {
            changed.owner = keypair("another program").pubkey();
        }
        changed.data = data;
        watched.machine.write_account(&total, changed);
        let post = watched.posting(0, args.clone());
        refused(
            watched.machine.send(&[post], &[&member]),
            BulkheadError::TotalUnreadable,
        );
    }
}
