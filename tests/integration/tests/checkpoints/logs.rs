//! Other people's logs, and the rules of one's own.

use bulkhead_interface::layout::Ledger;

use super::*;

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
    let total = other.total_account;
    let post = misplace(ix::post_checkpoint(other.domain, member.pubkey(), LEDGER, total, args));
    let hash = watched.entry(slot).hash;
    let attest = misplace(ix::attest_checkpoint(other.domain, member.pubkey(), LEDGER, slot, hash));
    for instruction in [post, attest] {
        refused(
            watched.machine.send(&[instruction], &[member]),
            BulkheadError::ForeignAccount,
        );
    }
    watched.machine.next_slot();
    let incident = other.freeze(&mut watched.machine);
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
    let own: Ledger = machine.load(&pda::ledger(&domain, LEDGER));
    forge(&mut machine, &pda::ledger(&domain, 1), &Ledger { index: 1, ..own });
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
    let (protocol, machine) = (&watched.protocol, &mut watched.machine);
    let authority = protocol.mature(machine, &stricter);
    let open = ix::open_checkpoint_log(authority, payer, stricter);
    machine.send(&[open], &[]).expect("other rules");
    // Rules that cannot work are not even proposed.
    let (propose, _) = protocol.proposing(machine, &broken);
    let result = machine.send(&[propose], &[&protocol.members[0]]);
    refused(result, BulkheadError::ArgumentOutOfRange);
    // New rules leave what was posted as it was, and under those it was posted under: two are enough.
    let log = watched.log();
    assert_eq!((log.threshold, log.posted), (3, 1));
    watched.attest(1, slot).expect("another attester");
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
    // Of a later one three have to say it.
    watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    let (later, args) = honest(&mut watched);
    watched.post(0, args).expect("an attester");
    watched.attest(1, later).expect("another");
    assert_eq!(watched.entry(later).state, checkpoint_state::POSTED);
    watched.attest(2, later).expect("the third");
    assert_eq!(watched.entry(later).state, checkpoint_state::ATTESTED);
}
