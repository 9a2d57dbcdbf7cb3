//! What every instruction must refuse, by name and without a trace. The list of instructions, of
//! their signers and of their accounts comes from the IDL, so that a new one cannot escape: an
//! instruction of the IDL that is not visited fails the test.
//!
//! Each instruction is taken in a state where it would work, spoilt in one way, and must fail:
//! a signature missing; an account replaced by an empty one, by a stranger's of the same kind, by
//! another account of the same instruction; its owner another program, its data cut short, its
//! version unknown; the domain in another phase; the arguments cut short; the same call again.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::{
    constants::phase::{ALERT, FROZEN, OPERATING, RECOVERING, SETUP},
    discriminator,
};
use bulkhead_testbed::{Failure, Machine, keypair};
use bulkhead_tests::{
    every_instruction::{self, Visitor},
    idl::{Account, Idl, is_free, may_be_missing},
};
use solana_instruction::{Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

/// Instructions that may be called again at once: each call is a new act of its own.
const REPEATABLE: &[&str] = &[
    "pause",
    "lower_limit",
    "meter_outflow",
    "observe_reference",
    "record_inflow",
    "record_inflow_vault",
    "view_outflow",
    "release",
    "release_queued",
    "release_returning",
    "receive_deposit",
    "receive_deposit_again",
    "observe_evacuation_route",
    "redirect_release",
    // Without room it pays nothing, and begins a turn.
    "settle_release",
    "cancel_releases",
    "set_limit",
    "register_evacuation_route",
    "set_link",
    "register_peer",
    "view_mask",
    "observe_solvency",
    "observe_solvency_latched",
    "observe_authority",
    "observe_authority_latched",
    "heartbeat",
    "edit_proposal",
    "open_checkpoint_log",
    // A right a time.
    "start_emergency_run",
    "set_interim_rule",
    // A check of this slot replaces an older one.
    "record_restart_check",
    // The same leaf in the same row.
    "prove_interim_leaf",
    "prove_interim_leaf_again",
    // It announces the same terms again.
    "open_insurance",
    // It notes the same weight again.
    "cast_vote_noting",
    "stake",
    "start_cooldown",
    "pay_premium",
    // The prover's own run begins anew; the page that led there may be sent again; the same check again.
    "open_run",
    "prove_page",
    // The same decision again, in set-up.
    "register_verifying_key",
    "require_proofs",
    "record_proof",
    // The same wish again.
    "wish_claims",
];

/// Accounts of which only the address counts, by row.
const ADDRESS_ONLY: &[(&str, &str)] = &[("open_interim_page_checkpoint", "book")];

/// Phases each instruction works in, where it looks at the phase.
const PHASES: &[(&str, &[u8])] = &[
    ("activate_domain", &[SETUP]),
    ("propose", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("change_council", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("grant_rights", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("run_instruction", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("run_emergency_action", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("start_emergency_run", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("confirm_emergency_build", &[FROZEN, RECOVERING]),
    ("upgrade_host", &[OPERATING, ALERT, FROZEN, RECOVERING]),
    ("open_incident", &[OPERATING]),
    ("confirm_incident", &[ALERT]),
    ("close_lapsed_incident", &[ALERT]),
    ("resume", &[ALERT, FROZEN]),
    ("reopen", &[OPERATING, RECOVERING]),
    ("confirm_evacuation", &[FROZEN, RECOVERING]),
    ("open_snapshot", &[FROZEN, RECOVERING]),
    ("open_shard", &[FROZEN, RECOVERING]),
    ("ingest_positions", &[FROZEN, RECOVERING]),
    ("ingest_export", &[FROZEN, RECOVERING]),
    ("override_seal", &[FROZEN, RECOVERING]),
    ("seal_snapshot", &[FROZEN, RECOVERING]),
    ("open_ballot", &[FROZEN, RECOVERING]),
    ("add_candidate", &[FROZEN, RECOVERING]),
    ("start_voting", &[FROZEN, RECOVERING]),
    ("renew_ballot", &[FROZEN, RECOVERING]),
    ("choose_restoration", &[FROZEN, RECOVERING]),
    ("open_breaker", &[SETUP]),
    ("open_vault", &[SETUP]),
    ("register_evacuation_route", &[SETUP]),
    ("register_ledger", &[SETUP]),
    ("open_checkpoint_log", &[SETUP]),
    ("post_checkpoint", &[OPERATING, ALERT]),
    ("sample_position", &[OPERATING, ALERT]),
    ("open_checkpoint_snapshot", &[FROZEN, RECOVERING]),
    ("set_limit", &[SETUP]),
    ("set_link", &[SETUP]),
    ("register_peer", &[SETUP]),
    ("open_price_breaker", &[SETUP]),
    ("open_solvency_breaker", &[SETUP]),
    ("open_authority_watch", &[SETUP]),
    ("close_detector", &[SETUP]),
    ("set_interim_rule", &[SETUP]),
    ("open_interim", &[FROZEN, RECOVERING]),
    ("fund_interim", &[FROZEN, RECOVERING]),
    ("claim_interim", &[FROZEN, RECOVERING]),
    ("stop_interim_claim", &[FROZEN, RECOVERING]),
    ("open_insurance", &[SETUP]),
    ("register_verifying_key", &[SETUP]),
    ("require_proofs", &[SETUP]),
    ("open_successor", &[FROZEN, RECOVERING]),
    ("seal_successor", &[FROZEN, RECOVERING]),
    ("open_proof", &[RECOVERING]),
    ("record_proof", &[RECOVERING]),
];

/// Bytes of the discriminator, then the version.
const VERSION_AT: usize = 8;
/// `state` of a domain.
const STATE_AT: usize = 10;

struct Battery {
    /// Accounts by instruction, in order.
    idl: BTreeMap<String, Vec<Account>>,
    /// Error numbers the program names.
    errors: BTreeSet<u32>,
    visited: BTreeSet<String>,
    problems: Vec<String>,
    tried: usize,
    /// A call that just worked, to be sent again.
    last: Option<(String, Instruction, Vec<Keypair>)>,
}

impl Battery {
    fn new() -> Self {
        let Idl { instructions, errors } = Idl::read();
        Self {
            idl: instructions,
            errors,
            visited: BTreeSet::new(),
            problems: Vec::new(),
            tried: 0,
            last: None,
        }
    }

    /// Sends a spoilt call, which has to fail by name and change nothing.
    fn refuse(&mut self, machine: &mut Machine, what: &str, instruction: &Instruction, signers: &[&Keypair]) {
        self.tried += 1;
        if machine.would_work(std::slice::from_ref(instruction), signers) {
            self.problems.push(format!("{what}: it would work"));
            return;
        }
        let before = states(machine, instruction);
        let result = machine.send(std::slice::from_ref(instruction), signers);
        match result {
            Ok(_) => self.problems.push(format!("{what}: it worked")),
            Err(failure) => {
                if !self.is_named(&failure) {
                    self.problems.push(format!("{what}: not by name: {}", failure.error));
                }
                if before != states(machine, instruction) {
                    self.problems.push(format!("{what}: it left a trace"));
                }
            }
        }
    }

    /// An error of the program, of Anchor, of the token program, or one of the runtime's that says
    /// what is wrong by itself.
    fn is_named(&self, failure: &Failure) -> bool {
        match &failure.error {
            TransactionError::InstructionError(_, error) => match error {
                InstructionError::Custom(code) => *code < 6_000 || self.errors.contains(code),
                InstructionError::ProgramFailedToComplete | InstructionError::GenericError => false,
                _ => true,
            },
            _ => true,
        }
    }

    fn missing_signers(&mut self, machine: &mut Machine, row: &str, instruction: &Instruction, signers: &[&Keypair]) {
        for index in 0..instruction.accounts.len() {
            let key = instruction.accounts[index].pubkey;
            if !instruction.accounts[index].is_signer || key == machine.payer.pubkey() {
                continue;
            }
            let mut spoilt = instruction.clone();
            for meta in spoilt.accounts.iter_mut().filter(|meta| meta.pubkey == key) {
                meta.is_signer = false;
            }
            let rest: Vec<_> = signers
                .iter()
                .copied()
                .filter(|signer| signer.pubkey() != key)
                .collect();
            self.refuse(machine, &format!("{row}: {key} does not sign"), &spoilt, &rest);
        }
    }

    fn wrong_accounts(
        &mut self,
        machine: &mut Machine,
        row: &str,
        accounts: &[Account],
        instruction: &Instruction,
        signers: &[&Keypair],
    ) {
        let name_of_instruction = instruction_of(row, &self.idl);
        for (index, account) in accounts.iter().enumerate() {
            let Some(meta) = instruction.accounts.get(index).cloned() else {
                continue;
            };
            let is_absent_option = meta.pubkey == bulkhead::ID && account.name != "program";
            if is_free(&name_of_instruction, &account.name) || is_absent_option {
                continue;
            }
            let what = |how: &str| format!("{row}: {} {how}", account.name);
            let replace = |key: Pubkey| {
                let mut spoilt = instruction.clone();
                spoilt.accounts[index].pubkey = key;
                spoilt
            };
            if account.is_signer {
                let stranger = keypair("a stranger");
                let mut others: Vec<_> = signers
                    .iter()
                    .copied()
                    .filter(|signer| signer.pubkey() != meta.pubkey)
                    .collect();
                others.push(&stranger);
                self.refuse(machine, &what("is a stranger"), &replace(stranger.pubkey()), &others);
                continue;
            }
            let may_be_empty = may_be_missing(&name_of_instruction, &account.name);
            if !may_be_empty {
                let empty = keypair("an empty account").pubkey();
                self.refuse(machine, &what("is empty"), &replace(empty), signers);
            }

            if let Some(original) = machine.account(&meta.pubkey).filter(|account| !account.executable) {
                let copy = keypair(&format!("copy of {}", meta.pubkey)).pubkey();
                machine.write_account(&copy, strangers(machine, &original, instruction));
                self.refuse(machine, &what("is a stranger's"), &replace(copy), signers);
                if !ADDRESS_ONLY.contains(&(row, account.name.as_str())) {
                    self.spoil_data(machine, &what, instruction, signers, meta.pubkey, original);
                }
            }
            // Another account of the same call in its place.
            for other in instruction.accounts.iter().filter(|other| other.pubkey != meta.pubkey) {
                let is_there = |account: solana_account::Account| !account.data.is_empty();
                if may_be_empty && !machine.account(&other.pubkey).is_some_and(is_there) {
                    continue;
                }
                self.refuse(
                    machine,
                    &what(&format!("is the call's own {}", other.pubkey)),
                    &replace(other.pubkey),
                    signers,
                );
            }
        }
    }

    /// The right account with wrong contents.
    fn spoil_data(
        &mut self,
        machine: &mut Machine,
        what: &dyn Fn(&str) -> String,
        instruction: &Instruction,
        signers: &[&Keypair],
        key: Pubkey,
        original: solana_account::Account,
    ) {
        if original.owner != bulkhead::ID || original.data.len() < 16 {
            return;
        }
        let is = |discriminator: [u8; 8]| original.data.starts_with(&discriminator);
        let mut with = |battery: &mut Self, how: &str, change: &dyn Fn(&mut solana_account::Account)| {
            let mut spoilt = original.clone();
            change(&mut spoilt);
            machine.write_account(&key, spoilt);
            battery.refuse(machine, &what(how), instruction, signers);
            machine.write_account(&key, original.clone());
        };
        with(self, "belongs to another program", &|account| {
            account.owner = keypair("other program").pubkey()
        });
        with(self, "is cut short", &|account| account.data.truncate(12));
        with(self, "is of another kind", &|account| {
            account.data[..8].copy_from_slice(b"bhWrong_")
        });
        // What only links others is checked by those; everything that carries a state is versioned.
        for version in [0, 2] {
            with(self, &format!("has version {version}"), &|account| {
                account.data[VERSION_AT] = version;
            });
        }
        let row = what("");
        // Another domain's phase is its own affair.
        if is(discriminator::DOMAIN) && row.trim_end().ends_with(" domain") {
            let name = row.split(':').next().unwrap_or_default().to_owned();
            let Some((_, phases)) = PHASES.iter().find(|(instruction, _)| *instruction == name) else {
                return;
            };
            for phase in [SETUP, OPERATING, ALERT, FROZEN, RECOVERING] {
                if !phases.contains(&phase) {
                    with(self, &format!("is in phase {phase}"), &|account| {
                        account.data[STATE_AT] = phase;
                    });
                }
            }
        }
    }
}

impl Visitor for Battery {
    fn ready(&mut self, machine: &mut Machine, row: &str, instruction: &Instruction, signers: &[&Keypair]) {
        let name = instruction_of(row, &self.idl);
        let Some(accounts) = self.idl.get(&name).cloned() else {
            self.problems.push(format!("{row} is not in the IDL"));
            return;
        };
        self.visited.insert(name.clone());
        self.missing_signers(machine, row, instruction, signers);
        self.wrong_accounts(machine, row, &accounts, instruction, signers);

        let mut cut = instruction.clone();
        cut.data.pop();
        self.refuse(machine, &format!("{row}: arguments cut short"), &cut, signers);
        cut.data.truncate(4);
        self.refuse(machine, &format!("{row}: no discriminator"), &cut, signers);
        let mut few = instruction.clone();
        // Optional ones at the end may be left out.
        let last_needed = accounts.iter().rposition(|account| !account.is_optional);
        few.accounts.truncate(last_needed.unwrap_or_default());
        self.refuse(machine, &format!("{row}: an account too few"), &few, signers);

        let signers = signers.iter().map(|signer| signer.insecure_clone()).collect();
        self.last = Some((row.to_owned(), instruction.clone(), signers));
    }

    fn worked(&mut self, machine: &mut Machine, row: &str) {
        let Some((last, instruction, signers)) = self.last.take() else {
            return;
        };
        if last == row && !REPEATABLE.contains(&row) {
            let signers: Vec<_> = signers.iter().collect();
            self.refuse(machine, &format!("{row}: once more"), &instruction, &signers);
        }
    }
}

#[test]
fn every_instruction_refuses_what_it_must() {
    let mut battery = Battery::new();
    every_instruction::visit(&mut battery);
    let missed: Vec<_> = battery
        .idl
        .keys()
        .filter(|name| !battery.visited.contains(*name))
        .map(|name| format!("{name} is in the IDL and not visited"))
        .collect();
    battery.problems.extend(missed);
    println!("{} spoilt calls", battery.tried);
    assert!(
        battery.problems.is_empty(),
        "{} of {}:\n{}",
        battery.problems.len(),
        battery.tried,
        battery.problems.join("\n")
    );
}

/// The same account as a stranger could have it at an address of their own. What this program owns it
/// creates at its PDAs only, so a stranger's is linked to a stranger's others: every key that ties
/// it to another account of the call is another one. Anything else may be an exact copy.
fn strangers(
    machine: &Machine,
    original: &solana_account::Account,
    instruction: &Instruction,
) -> solana_account::Account {
    let mut account = original.clone();
    if account.owner != bulkhead::ID {
        return account;
    }
    let mut ties: BTreeSet<[u8; 32]> = instruction.accounts.iter().map(|meta| meta.pubkey.to_bytes()).collect();
    for meta in &instruction.accounts {
        if let Some(other) = machine
            .account(&meta.pubkey)
            .filter(|other| other.data != original.data)
        {
            ties.extend(keys_in(&other.data));
        }
    }
    for at in (VERSION_AT..account.data.len().saturating_sub(31)).step_by(4) {
        let key: [u8; 32] = account.data[at..at + 32].try_into().expect("32 bytes");
        if looks_like_a_key(&key) && ties.contains(&key) {
            let foreign = keypair(&format!("foreign {key:?}")).pubkey();
            account.data[at..at + 32].copy_from_slice(foreign.as_ref());
        }
    }
    if account.data == original.data {
        // Nothing of the call ties it: then whatever it belongs to is another.
        let keys = account.data[VERSION_AT..].chunks_exact_mut(8);
        for (part, foreign) in keys.zip(keypair("foreign").pubkey().to_bytes().chunks_exact(8).cycle()) {
            if part.iter().all(|byte| *byte != 0) {
                part.copy_from_slice(foreign);
            }
        }
    }
    account
}

/// Everything in an account that could be a key.
fn keys_in(data: &[u8]) -> impl Iterator<Item = [u8; 32]> {
    data.windows(32)
        .step_by(4)
        .filter_map(|bytes| bytes.try_into().ok())
        .filter(looks_like_a_key)
}

/// Keys have few zero bytes; numbers and reserved space have many.
fn looks_like_a_key(bytes: &[u8; 32]) -> bool {
    bytes.iter().filter(|byte| **byte == 0).count() < 6
}

/// Every account the call can see.
fn states(machine: &Machine, instruction: &Instruction) -> Vec<Option<(Vec<u8>, Pubkey)>> {
    let payer = machine.payer.pubkey();
    instruction
        .accounts
        .iter()
        .filter(|meta| meta.pubkey != payer)
        .map(|meta| {
            machine
                .account(&meta.pubkey)
                .map(|account| (account.data, account.owner))
        })
        .collect()
}

/// The instruction a row is about: the longest name it starts with.
fn instruction_of(row: &str, idl: &BTreeMap<String, Vec<Account>>) -> String {
    idl.keys()
        .filter(|name| row.starts_with(name.as_str()))
        .max_by_key(|name| name.len())
        .cloned()
        .unwrap_or_default()
}
