//! A queue that is a ledger: evacuated, cancelled by a guardian's list, and back in service.

use super::*;
use crate::queue_ledger::Queued;

/// Evacuated, cancelled by a guardian's list, and back in service.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let mut queued = Queued::of(&[("alice", 70_000), ("bob", 80_000)]);
    queued.freeze();
    queued.evacuate();
    let Queued {
        machine,
        protocol,
        incident,
        records,
    } = queued;
    let ledger = pda::ledger(&protocol.domain, crate::queue_ledger::QUEUE);
    let mut bench = Bench {
        visitor,
        machine,
        protocol,
    };
    let (payer, guardian) = (bench.payer(), bench.member(0));
    let (domain, vault) = (bench.protocol.domain, bench.protocol.vault.vault);
    let [(alice, _), (bob, _)] = [records[0], records[1]];
    let root = release_list::leaf(&bob, bench.machine.load::<Release>(&bob).requested_slot);
    bench.send(
        ix::set_cancel_list(domain, (guardian.pubkey(), payer), incident, vault, root),
        &[&guardian],
    );
    let cancel = ix::cancel_release_listed_by(&guardian.pubkey(), incident, vault, bob, vec![]);
    bench.row("cancel_listed_release_evacuated", ix::with_queue(cancel, ledger), &[]);

    let args = ResumeArgs { incident };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.send(ix::resume(authority, args), &[]);
    let custody = bench.protocol.custody();
    bench.machine.mint_to(&bench.protocol.mint, &custody, 1_000_000);
    let requeue = ix::requeue_release(&domain, vault, incident, alice);
    bench.row("requeue_release", ix::with_queue(requeue, ledger), &[]);
}
