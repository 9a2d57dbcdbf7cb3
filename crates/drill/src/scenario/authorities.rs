//! The authorities of a stake account are changed one after the other, and days later the account is emptied. The
//! account belongs to the real stake program: no program of the host controls it, and Bulkhead does not hold it.
//!
//! With Bulkhead, two watches compare both authorities with the registered ones. A watch cannot restore an authority;
//! it reports the change while somebody still can. Here the owner still holds the withdraw authority. The owner moves
//! it to a key that nobody has seen, and uses it to restore the stake authority. Had the first change taken the
//! withdraw authority, the warning would have come as early, but nothing on chain could have undone the change.

use std::slice;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::OpenAuthorityWatchArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{MAX_TRIP_SECONDS, SCOPE_DOMAIN, watch_kind};
use bulkhead_testbed::{
    STAKE_PROGRAM, STAKER_OFFSET, StakeAuthority, WITHDRAWER_OFFSET, authorize, keypair, withdraw_stake,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{AttackOutcome, has_latched, takeover};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::{Attack, Authorities},
    phases::Recorder,
    stage::{DOLLAR, Stage},
};

/// Assumed: seconds from the first change until the owner reacts.
const ANSWER_SECONDS: i64 = 19 * 60;

/// The keys, the same in both runs.
struct Cast {
    stake: Pubkey,
    /// Stolen from the staking service.
    staker: Keypair,
    /// The owner's key, until the owner signs a transaction without reading it.
    withdrawer: Keypair,
    /// The owner's cold key, which nobody has seen.
    cold: Keypair,
    /// Destination of the attacker's withdrawals.
    attacker_tokens: Pubkey,
}

impl Cast {
    fn new() -> Self {
        Self {
            stake: keypair("stake account").pubkey(),
            staker: keypair("staking service"),
            withdrawer: keypair("owner"),
            cold: keypair("owner, cold"),
            attacker_tokens: keypair("stake attacker tokens").pubkey(),
        }
    }
}

pub(super) fn attack(
    stage: &mut Stage,
    facts: &Authorities,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let cast = Cast::new();
    stage.machine.create_stake(
        &cast.stake,
        &cast.staker.pubkey(),
        &cast.withdrawer.pubkey(),
        facts.lamports,
    );
    let watches = watch(stage, &cast)?;
    flow.hour_before(stage);
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.incident.tvl_usd * DOLLAR,
        asked: stage.incident.tvl_usd * DOLLAR,
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);
    let change = authorize(
        cast.stake,
        cast.staker.pubkey(),
        StakeAuthority::Staker,
        stage.attacker.pubkey(),
    );
    stage.land("change the stake authority", &[change], &[&cast.staker])?;
    let Some(watches) = watches else {
        later(stage, facts, &cast, &mut attack_outcome);
        return Ok(attack_outcome);
    };
    recorder.begin(&stage.machine);
    observe(stage, &watches[0], &cast)?;
    if has_latched(stage) {
        recorder.breach(&stage.machine);
        stage.propagate_trip()?;
        recorder.end("pause", &stage.machine);
        attack_outcome.warning_seconds = facts.drain_at - stage.now();
    }
    takeover::try_everything(stage, &mut attack_outcome);

    stage.at(ANSWER_SECONDS);
    recorder.begin(&stage.machine);
    let (cold, owner) = (cast.cold.pubkey(), cast.withdrawer.pubkey());
    let answer = [
        authorize(cast.stake, owner, StakeAuthority::Withdrawer, cold),
        authorize(cast.stake, cold, StakeAuthority::Staker, cold),
    ];
    stage.land("restore the authorities", &answer, &[&cast.withdrawer, &cast.cold])?;
    // The honest change is a change too. Its finding is propagated with the other, and the unpause accepts both.
    observe(stage, &watches[1], &cast)?;
    recorder.end("answer", &stage.machine);
    Ok(attack_outcome)
}

/// With Bulkhead, after the council has resumed: the attacker's attempts days later.
pub(crate) fn aftermath(stage: &mut Stage, attack_outcome: &mut AttackOutcome) {
    if let Attack::Authorities(facts) = stage.incident.attack {
        later(stage, &facts, &Cast::new(), attack_outcome);
    }
}

/// A watch for each authority, opened by proposals the day before.
fn watch(stage: &mut Stage, cast: &Cast) -> Result<Option<[Pubkey; 2]>, DrillError> {
    let Some(protocol) = stage.exchange.protocol.take() else {
        return Ok(None);
    };
    let payer = stage.machine.payer.pubkey();
    let fields = [
        (STAKER_OFFSET, cast.staker.pubkey()),
        (WITHDRAWER_OFFSET, cast.withdrawer.pubkey()),
    ];
    let mut steps = Vec::new();
    for (offset, holder) in fields {
        let args = OpenAuthorityWatchArgs {
            compartment: 0,
            trip_scope: SCOPE_DOMAIN,
            latch_seconds: MAX_TRIP_SECONDS,
            kind: watch_kind::HOST_FIELD,
            account: cast.stake,
            program: STAKE_PROGRAM,
            offset,
            watches_upgrades: false,
            expected: [holder, Pubkey::default(), Pubkey::default()],
        };
        let authority = protocol.mature(&mut stage.machine, &args);
        steps.push(ix::open_authority_watch(authority, payer, args));
    }
    let watches = fields.map(|(offset, _)| pda::authority_watch(&protocol.domain, &cast.stake, offset));
    stage.detector = Some(watches[0]);
    stage.exchange.protocol = Some(protocol);
    for step in &steps {
        stage.land("open a watch", slice::from_ref(step), &[])?;
    }
    Ok(Some(watches))
}

/// A bystander cranks the watch.
fn observe(stage: &mut Stage, watch: &Pubkey, cast: &Cast) -> Result<(), DrillError> {
    let Some(domain) = stage.protocol().map(|protocol| protocol.domain) else {
        return Ok(());
    };
    let observe = ix::observe_authority(domain, *watch, cast.stake);
    stage.land("observe an authority", &[observe], &[]).map(|_| ())
}

/// The second change, in a transaction that the owner signed without reading it, and the withdrawals.
fn later(stage: &mut Stage, facts: &Authorities, cast: &Cast, attack_outcome: &mut AttackOutcome) {
    let attacker = stage.attacker.insecure_clone();
    let key = attacker.pubkey();
    stage.at(facts.second_seconds);
    let change = authorize(cast.stake, cast.withdrawer.pubkey(), StakeAuthority::Withdrawer, key);
    let result = stage.machine.send(&[change], &[&cast.withdrawer]);
    if let Err(failure) = result {
        let attempt = "change the withdraw authority with the transaction that the owner had signed";
        attack_outcome.attempts.note(attempt, stage.slot(), Err(failure));
    }
    let part = facts.lamports / facts.withdrawals;
    let (mut refused, mut first) = (0_u32, None);
    for number in 0..facts.withdrawals {
        let gap = i64::try_from(number).unwrap_or(0) * facts.drain_seconds
            / i64::try_from(facts.withdrawals - 1).unwrap_or(1);
        stage.at(facts.drain_at + gap);
        let amount = if number + 1 == facts.withdrawals {
            facts.lamports - part * number
        } else {
            part
        };
        let withdraw = withdraw_stake(cast.stake, key, cast.attacker_tokens, amount);
        let before = lamports(stage, &cast.attacker_tokens);
        if let Err(failure) = stage.machine.send(&[withdraw], &[&attacker]) {
            refused += 1;
            first.get_or_insert((failure, stage.slot()));
        }
        attack_outcome.taken += in_dollars(stage, lamports(stage, &cast.attacker_tokens) - before, facts);
        attack_outcome.sample(stage);
    }
    if let Some((failure, slot)) = first {
        let attempt = format!("withdraw the stake, {refused} times");
        attack_outcome.attempts.note(&attempt, slot, Err(failure));
    }
}

fn lamports(stage: &Stage, key: &Pubkey) -> u64 {
    stage.machine.account(key).map_or(0, |account| account.lamports)
}

/// At the price at which the real loss was valued.
fn in_dollars(stage: &Stage, lamports: u64, facts: &Authorities) -> u64 {
    let all = u128::from(stage.incident.tvl_usd * DOLLAR);
    u64::try_from(all * u128::from(lamports) / u128::from(facts.lamports)).unwrap_or(u64::MAX)
}
