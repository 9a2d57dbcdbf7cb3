//! Nothing that can be kept is a sign of life.

use anchor_lang::{prelude::Pubkey, solana_program::system_instruction};
use bulkhead::{error::BulkheadError, instructions::LowerLimitArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{constants::MIN_FALLBACK_DELAY_SECONDS, discriminator, layout::Council};
use bulkhead_testbed::{FALLBACK_SECONDS, HEARTBEAT_SECONDS, Machine, council_config, fallback, keypair};
use bulkhead_tests::{every_instruction, refused};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::Table;

/// Signs of life of a council's members, by every council that is there.
fn activity(machine: &Machine, instruction: &Instruction) -> Vec<(Pubkey, Vec<i64>)> {
    let councils = instruction.accounts.iter().filter_map(|meta| {
        let data = machine.account(&meta.pubkey)?.data;
        data.starts_with(&discriminator::COUNCIL).then_some(meta.pubkey)
    });
    let signs = |key: Pubkey| {
        let council: Council = machine.load(&key);
        (
            key,
            council.members.iter().map(|member| member.last_active_ts).collect(),
        )
    };
    councils.map(signs).collect()
}

/// Watches for signs of life.
#[derive(Default)]
struct Listener {
    before: Vec<(Pubkey, Vec<i64>)>,
    recorders: Vec<String>,
    instruction: Option<Instruction>,
}

impl every_instruction::Visitor for Listener {
    fn ready(&mut self, machine: &mut Machine, _: &str, instruction: &Instruction, _: &[&Keypair]) {
        // Later than whatever was recorded before, in the same slot: some instructions name theirs.
        let clock = machine.clock();
        machine.set_clock(clock.slot, clock.unix_timestamp + 1);
        self.before = activity(machine, instruction);
        self.instruction = Some(instruction.clone());
    }

    fn worked(&mut self, machine: &mut Machine, row: &str) {
        let instruction = self.instruction.take().expect("it was ready");
        if activity(machine, &instruction) != self.before && !self.before.is_empty() {
            self.recorders.push(row.to_owned());
        }
    }
}

#[test]
fn heartbeats_and_approvals_alone_are_signs_of_life() {
    let mut listener = Listener::default();
    every_instruction::visit(&mut listener);
    listener.recorders.retain(|row| row != "change_council");
    assert_eq!(listener.recorders, ["approve", "heartbeat"]);
}

#[test]
fn a_heartbeat_under_a_nonce_is_refused() {
    let mut table = Table::new();
    let nonce = keypair("nonce");
    let payer = table.machine.payer.pubkey();
    let rent = table.machine.svm.minimum_balance_for_rent_exemption(80);
    let steps = system_instruction::create_nonce_account(&payer, &nonce.pubkey(), &payer, rent);
    table.machine.send(&steps, &[&nonce]).expect("a nonce account opens");
    table.machine.svm.expire_blockhash();
    let advance = system_instruction::advance_nonce_account(&nonce.pubkey(), &payer);
    let last = table.council().members[0].last_active_ts;
    let heartbeat = ix::heartbeat(table.protocol.domain, table.member(0), last);
    let member = table.protocol.members[0].insecure_clone();
    refused(
        table.machine.send(&[advance, heartbeat], &[&member]),
        BulkheadError::DurableNonce,
    );
}

#[test]
fn a_heartbeat_that_was_kept_in_any_other_way_counts_once_at_most() {
    let mut table = Table::new();
    let last = table.council().members[0].last_active_ts;
    let kept: Vec<_> = (0..3)
        .map(|later| ix::heartbeat(table.protocol.domain, table.member(0), last + later))
        .collect();
    table.machine.warp_seconds(HEARTBEAT_SECONDS);
    table.send(kept[0].clone()).expect("no member was active since");
    for kept in kept {
        table.machine.warp_seconds(1);
        refused(table.send(kept), BulkheadError::ActiveSince);
    }
}

#[test]
fn what_dead_approvers_kept_does_not_void_the_fallbacks_council() {
    let mut table = Table::new();
    let (domain, payer, breaker) = (
        table.protocol.domain,
        table.machine.payer.pubkey(),
        table.protocol.vault.breaker,
    );
    table.machine.warp_seconds(HEARTBEAT_SECONDS + FALLBACK_SECONDS + 1);
    let keys: Vec<_> = (0..5).map(|index| keypair(&format!("successor {index}"))).collect();
    let successors = council_config(&keys);
    let propose = ix::propose(domain, fallback().pubkey(), payer, 0, &successors);
    table.send(propose).expect("nobody is left");
    let proposal = pda::proposal(&domain, &fallback().pubkey(), 0);
    let state = table.proposal(&proposal);
    let approve = ix::approve(
        domain,
        fallback().pubkey(),
        proposal,
        state.payload_hash,
        state.created_slot,
    );
    table.send(approve).expect("its own");
    // All that the dead had signed and kept, by all of them.
    let lowered = LowerLimitArgs {
        limit: 90_000,
        slot_limit: 50_000,
        ..LowerLimitArgs::default()
    };
    for member in [0, 1, 2] {
        let key = table.member(member);
        table.send(ix::pause(domain, key, 3, 0)).expect("a guardian pauses");
        let propose = ix::propose(domain, key, payer, 0, &successors);
        table.send(propose).expect("an approver proposes");
        let edit = ix::edit_proposal(domain, key, payer, pda::proposal(&domain, &key, 0), &successors);
        table.send(edit).expect("its own");
    }
    table
        .send(ix::lower_limit(domain, table.member(1), breaker, lowered))
        .expect("a guardian lowers");
    refused(table.veto(proposal, 3), BulkheadError::MemberSilent);
    table.machine.warp_seconds(MIN_FALLBACK_DELAY_SECONDS);
    table
        .change_council(proposal, successors)
        .expect("no member was active");
    assert_eq!(table.council().members[0].key, keys[0].pubkey());
}
