//! One wallet wins the host's own vote, which is open for hours, and with it the host's admin role. It withdraws what it
//! can. Then it wants the restoration as well.
//!
//! With Bulkhead, the host's vote decides nothing about custody: the breaker bounds what the admin takes. The vote on the
//! state to restore is another one. For it the thief has prepared a checkpoint, the day before and with two attesters, in
//! which the largest account is the thief's. Its total is the host's own, so nothing on chain contradicts it, and nobody
//! sampled that account. What happens in the vote is in `recovery::captured`.

use bulkhead::instructions::{OpenCheckpointLogArgs, PostCheckpointArgs, SetBallotRulesArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::checkpoints::checkpoint;
use bulkhead_interface::{
    constants::{MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS},
    layout::{Checkpoint, CheckpointLog, Ledger, ShardRoot},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Machine, Protocol};
use solana_signer::Signer;

use super::{AttackOutcome, stolen_admin, takeover};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::CapturedVote,
    phases::Recorder,
    recovery::{COOL_OFF_SECONDS, DISPUTE_SECONDS, LEDGER},
    stage::Stage,
};

/// Members whose attestations the thief has.
const ATTESTERS: [usize; 2] = [0, 1];

/// The checkpoint in which the largest account is the thief's.
#[derive(Clone, Copy)]
pub(crate) struct FalseState {
    /// Its slot.
    pub slot: u64,
    /// Its shards.
    pub shards: [ShardRoot; 16],
}

pub(super) fn attack(
    stage: &mut Stage,
    facts: &CapturedVote,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let false_state = prepare(stage)?;
    flow.hour_before(stage);
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.custody(),
        false_state,
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);
    // The host's vote has passed: its executor hands the admin role over.
    stage.at(facts.vote_seconds);
    let worthless = stolen_admin::hand_over(stage)?;
    stolen_admin::drain(stage, &facts.drain, &worthless, flow, recorder, &mut attack_outcome)?;
    takeover::try_everything(stage, &mut attack_outcome);
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// The day before: the domain's rules of ballots and its checkpoints, by proposals; and the false checkpoint.
fn prepare(stage: &mut Stage) -> Result<Option<FalseState>, DrillError> {
    let Some(protocol) = stage.exchange.protocol.take() else {
        return Ok(None);
    };
    let result = prepare_with(stage, &protocol);
    stage.exchange.protocol = Some(protocol);
    result.map(Some)
}

fn prepare_with(stage: &mut Stage, protocol: &Protocol) -> Result<FalseState, DrillError> {
    let payer = stage.machine.payer.pubkey();
    let rules = SetBallotRulesArgs {
        weight_program: Default::default(),
        weight_realm: Default::default(),
        max_weight_record: Default::default(),
        is_targeted: false,
        cool_off_seconds: COOL_OFF_SECONDS,
        dispute_seconds: DISPUTE_SECONDS,
    };
    let authority = protocol.mature(&mut stage.machine, &rules);
    let set = ix::set_ballot_rules(authority, payer, rules);
    stage.land("set the rules of ballots", &[set], &[])?;
    let log = OpenCheckpointLogArgs {
        ledger_index: LEDGER,
        threshold: 2,
        min_interval_slots: MIN_CHECKPOINT_INTERVAL,
        keep_seconds: MIN_KEEP_SECONDS,
        tolerance_bps: 100,
        published_only: false,
    };
    let authority = protocol.mature(&mut stage.machine, &log);
    let open = ix::open_checkpoint_log(authority, payer, log);
    stage.land("open a checkpoint log", &[open], &[])?;

    stage.machine.next_slot();
    stage.machine.write_slot_hashes(&[]);
    let slot = stage.machine.clock().slot - 1;
    let log = pda::checkpoint_log(&protocol.domain, LEDGER);
    let tag = checkpoint::tag(&bulkhead::ID, &log, LEDGER, slot);
    let tree = Tree::build(tag, false_positions(stage, protocol)?)
        .map_err(|error| DrillError::TreeMismatch(error.to_string()))?;
    let args = PostCheckpointArgs {
        slot,
        slot_hash: Machine::slot_hash(slot),
        root: tree.root().hash,
        total: tree.root().sum,
        count: tree.count(),
        shards_hash: checkpoint::shards_hash(tree.roots()),
    };
    let [first, second] = ATTESTERS.map(|number| protocol.members[number].insecure_clone());
    let post = ix::post_checkpoint(protocol.domain, first.pubkey(), LEDGER, protocol.total_account, args);
    stage.land("post the false checkpoint", &[post], &[&first])?;
    let hash = entry(stage, &log, slot)?.hash;
    let attest = ix::attest_checkpoint(protocol.domain, second.pubkey(), LEDGER, slot, hash);
    stage.land("attest the false checkpoint", &[attest], &[&second])?;
    Ok(FalseState {
        slot,
        shards: *tree.roots(),
    })
}

fn entry(stage: &Stage, log: &anchor_lang::prelude::Pubkey, slot: u64) -> Result<Checkpoint, DrillError> {
    let state: CheckpointLog = stage.machine.load(log);
    let found = checkpoint::find(&state, slot).copied();
    found.map_err(|error| DrillError::TreeMismatch(format!("{error:?}")))
}

/// Every account as it is, but the largest one is the thief's.
fn false_positions(stage: &Stage, protocol: &Protocol) -> Result<Vec<Position>, DrillError> {
    let machine = &stage.machine;
    let ledger: Ledger = machine.load(&pda::ledger(&protocol.domain, LEDGER));
    let owners = stage.users.iter().map(|user| user.key.pubkey());
    let mut positions = Vec::new();
    for owner in owners.chain([stage.attacker.pubkey()]) {
        let key = stage.exchange.margin(&owner);
        let account = machine.account(&key).unwrap_or_default();
        let position = Position::read(&ledger, key, &account.owner, &account.data)
            .map_err(|error| DrillError::TreeMismatch(error.to_string()))?;
        positions.push(position);
    }
    positions.sort_unstable_by_key(|position| position.key);
    if let Some(largest) = positions.iter_mut().max_by_key(|position| position.amount) {
        largest.owner = stage.attacker.pubkey();
    }
    Ok(positions)
}
