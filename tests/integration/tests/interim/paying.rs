//! Opening, funding and claiming.

use super::*;

/// Custody holds more than the ledger owes: half of the greater total is shared out, and every position gets its part of
/// what both states agree on.
#[test]
fn what_both_states_agree_on_is_paid_before_the_vote() {
    let (mut shared, states) = shared();
    let interim = shared.interim();
    let greater = sum(&states[1]).max(sum(&states[2]));
    assert_eq!(interim.shared, greater / 2);
    assert_eq!(shared.machine.balance(&shared.keys.pool()), interim.shared);
    let mut total = 0;
    for (after, before) in both(&states) {
        let had = shared.balance(&after.owner);
        must(shared.claim(&after.key));
        let got = shared.balance(&after.owner) - had;
        let agreed = u128::from(after.amount.min(before.amount));
        let part = agreed * u128::from(interim.shared) / u128::from(greater);
        assert_eq!(u128::from(got), part.min(1_000));
        total += got;
        refused(shared.claim(&after.key), BulkheadError::AlreadyClaimed);
    }
    assert_eq!(shared.interim().paid, total);
    assert_eq!(shared.machine.balance(&shared.keys.pool()), interim.shared - total);
    // Nothing more is due from the vault, and nobody opens it twice.
    refused(shared.fund(), BulkheadError::NothingToMove);
    assert!(shared.open().is_err());
}

/// The vault was emptied down to a rest. The rest is divided, and evacuating the vault in between changes nothing.
#[test]
fn a_vault_gives_its_share_once_from_custody_or_recovery_account() {
    let (older, before, after) = three_states();
    let mut shared = Shared::frozen(older, before, after);
    let protocol = bulkhead_tests::interim::twin(&shared.recovery.protocol);
    let custody = protocol.custody();
    let mut account = shared.machine.account(&custody).expect("there");
    account.data[64..72].copy_from_slice(&1_001u64.to_le_bytes());
    shared.machine.write_account(&custody, account);
    must(shared.open());
    must(shared.fund());
    assert_eq!(shared.interim().shared, 500);
    for member in &protocol.members[..2] {
        let payer = shared.machine.payer.pubkey();
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, shared.keys.incident);
        must(shared.machine.send(&[confirm], &[member]));
    }
    let evacuate = ix::evacuate(protocol.vault, shared.keys.incident, protocol.recovery_account);
    must(shared.machine.send(&[evacuate], &[]));
    let again = ix::fund_interim(shared.keys, Some((protocol.vault.vault, protocol.recovery_account)));
    refused(shared.machine.send(&[again], &[]), BulkheadError::NothingToMove);
    assert_eq!(shared.machine.balance(&protocol.recovery_account), 501);
}

/// What a holder of a recovery account sends by hand is shared out too, up to the agreed share of the greater total.
#[test]
fn tokens_sent_by_hand_are_shared_out_up_to_the_limit() {
    let (older, before, after) = three_states();
    let most = sum(&before).max(sum(&after)) / 2;
    let mut shared = Shared::frozen(older, before, after);
    must(shared.open());
    let share = ix::fund_interim(shared.keys, None);
    refused(
        shared.machine.send(std::slice::from_ref(&share), &[]),
        BulkheadError::NothingToShare,
    );
    let pool = shared.keys.pool();
    shared.machine.mint_to(&shared.keys.mint, &pool, 700);
    must(shared.machine.send(std::slice::from_ref(&share), &[]));
    assert_eq!(shared.interim().shared, 700);
    shared.machine.mint_to(&shared.keys.mint, &pool, 1_000_000);
    must(shared.machine.send(&[share], &[]));
    assert_eq!(shared.interim().shared, most);
}

#[test]
fn nothing_is_opened_without_a_rule_that_was_agreed_in_peace() {
    let (older, before, after) = three_states();
    let mut shared = Shared::frozen(older, before, after);
    let key = pda::ledger(&shared.keys.domain, 0);
    let mut ledger: bulkhead_interface::layout::Ledger = shared.machine.load(&key);
    ledger.interim_bps = 0;
    bulkhead_tests::recovery::forge(&mut shared.machine, &key, &ledger);
    refused(shared.open(), BulkheadError::InterimNotAgreed);
    // In an incident none can be agreed.
    let protocol = bulkhead_tests::interim::twin(&shared.recovery.protocol);
    let authority = protocol.mature(&mut shared.machine, &rule());
    let set = ix::set_interim_rule(authority, rule());
    refused(shared.machine.send(&[set], &[]), BulkheadError::WrongPhase);
}
