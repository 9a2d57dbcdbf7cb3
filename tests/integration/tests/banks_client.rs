//! The whole incident once more, on Solana's own bank, set-up included: every transaction of the
//! journal has the same result there at the same cost, and all together leave the same bytes and
//! lamports behind.

use std::collections::BTreeSet;

use anchor_lang::prelude::{Clock, Pubkey};
use bulkhead_testbed::{Entry, Machine, deploy_dir, sign};
use bulkhead_tests::whole_incident::{PROGRAMS, play};
use solana_program_test::{ProgramTest, ProgramTestContext};

const POSITIONS: usize = 20;
/// Compute units that the bank's own build of SPL Token makes more or less in a transaction.
const OTHER_TOKEN_PROGRAM: u64 = 5;

/// A bank with the built programs.
async fn bank() -> ProgramTestContext {
    // Where program-test looks for programs.
    std::env::set_current_dir(deploy_dir()).expect("the programs have been built");
    let mut test = ProgramTest::default();
    test.prefer_bpf(true);
    for (id, name) in PROGRAMS {
        test.add_program(name, id, None);
    }
    test.start_with_context().await
}

/// Moves the bank to a slot and a time.
async fn set_clock(bank: &mut ProgramTestContext, slot: u64, unix_timestamp: i64) {
    let mut clock: Clock = bank.banks_client.get_sysvar().await.expect("a clock");
    if slot > clock.slot {
        bank.warp_to_slot(slot).expect("forwards");
        clock = bank.banks_client.get_sysvar().await.expect("a clock");
    }
    assert_eq!(clock.slot, slot);
    clock.unix_timestamp = unix_timestamp;
    bank.set_sysvar(&clock);
}

/// Every account that the journal names, but not programs.
fn accounts(journal: &[Entry], machine: &Machine) -> BTreeSet<Pubkey> {
    let named = journal.iter().flat_map(|entry| match entry {
        Entry::Clock { .. } => Vec::new(),
        Entry::Account(key, _) => vec![*key],
        Entry::Sent { message, .. } => message.account_keys.clone(),
    });
    let is_data = |key: &Pubkey| machine.account(key).is_none_or(|account| !account.executable);
    named.filter(is_data).collect()
}

#[tokio::test]
async fn the_whole_incident_on_a_bank() {
    let (_, mut machine) = play(POSITIONS);
    let journal = machine.take_journal();
    let mut bank = bank().await;
    let mut landed = 0;
    for entry in &journal {
        match entry {
            Entry::Clock { slot, unix_timestamp } => set_clock(&mut bank, *slot, *unix_timestamp).await,
            Entry::Account(key, account) => bank.set_account(key, &account.clone().into()),
            Entry::Sent {
                message,
                signers,
                result,
            } => {
                let mut message = message.clone();
                message.recent_blockhash = bank.last_blockhash;
                let transaction = sign(message, signers);
                let outcome = bank
                    .banks_client
                    .process_transaction_with_metadata(transaction)
                    .await
                    .expect("the bank answers");
                let metadata = outcome.metadata.unwrap_or_else(|| panic!("{:?}", outcome.result));
                let logs = metadata.log_messages.join("\n");
                assert_eq!(outcome.result, result.clone().map(drop), "{logs}");
                if let Ok(units) = result {
                    landed += 1;
                    let difference = units.abs_diff(metadata.compute_units_consumed);
                    assert!(difference <= OTHER_TOKEN_PROGRAM, "{difference} units\n{logs}");
                }
            }
        }
    }
    assert!(landed > 3 * POSITIONS, "only {landed} transactions landed");

    let keys = accounts(&journal, &machine);
    assert!(keys.len() > 4 * POSITIONS, "only {} accounts", keys.len());
    for key in keys {
        let on_bank = bank.banks_client.get_account(key).await.expect("the bank answers");
        let facts = |account: solana_account::Account| (account.owner, account.data, account.lamports);
        assert_eq!(on_bank.map(facts), machine.account(&key).map(facts), "{key}");
    }
}
