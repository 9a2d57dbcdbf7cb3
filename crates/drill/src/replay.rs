//! Runs a drill from its first transaction to its report.

use bulkhead_interface::{constants::step, layout};
use bulkhead_snapshot::Progress;

use crate::{
    dependent::{self, Dependent},
    error::DrillError,
    flow::Flow,
    incident::{Attack, BadDebt, Bound, Incident},
    laws,
    phases::{Recorder, cost_since},
    recovery::{Recovered, recover, stand_down},
    report::{Cost, Haircut, Haircuts, Outflow, Report, Threshold, thousandths},
    scenario::{AttackOutcome, aftermath, attack, collect_late},
    stage::{self, DECIMALS, DOLLAR, Options, Run, Stage},
};

/// Minimum number of positions for a meaningful ledger.
pub const MIN_POSITIONS: u32 = 16;
/// Seed of the honest flow.
const SEED: u64 = 20_260_401;

/// Replays an incident. The report's checks show whether every law holds; see [`crate::verify`].
///
/// # Errors
/// [`DrillError`] when the replay could not finish.
pub fn run(incident: &'static Incident, options: &Options, progress: &dyn Progress) -> Result<Report, DrillError> {
    if options.positions < MIN_POSITIONS {
        return Err(DrillError::TooFewPositions {
            least: MIN_POSITIONS,
            given: options.positions,
        });
    }
    let without = replay(incident, options, Run::Without, progress)?;
    let with = replay(incident, options, Run::With, progress)?;
    // The effect of a lower trip limit, if a trip limit is what latched.
    let at_limit = if incident.attack.latches_outflow() {
        Some(replay(incident, options, Run::TripAtLimit, progress)?)
    } else {
        None
    };
    let haircuts = match incident.attack {
        Attack::BadDebt(facts) => Some(haircuts((incident, facts), options, &without, &with, progress)?),
        _ => None,
    };
    Ok(write_report(incident, options, without, with, at_limit, haircuts))
}

/// What the bad debt costs: as it was paused by hand, in both deployments with Bulkhead, and with Bulkhead at the pool.
fn haircuts(
    (incident, facts): (&'static Incident, BadDebt),
    options: &Options,
    without: &Replay,
    with: &Replay,
    progress: &dyn Progress,
) -> Result<Haircuts, DrillError> {
    let mut paused = vec![haircut(&facts, with)];
    if let Some((other, Attack::BadDebt(facts))) = facts.other.map(|other| (other, other.attack)) {
        paused.push(haircut(&facts, &replay(other, options, Run::With, progress)?));
    }
    let pool_too = replay(incident, options, Run::PoolToo, progress)?;
    Ok(Haircuts {
        by_hand: haircut(&facts, without),
        paused,
        pool_too: haircut(&facts, &pool_too),
    })
}

/// The haircut of a replay: what a claim lacked where claims were paid, otherwise what each lender would lack.
fn haircut(facts: &BadDebt, replay: &Replay) -> Haircut {
    let (stage, found, bad_debt) = (&replay.stage, &replay.found, replay.attack_outcome.taken);
    let (owed, paid) = found.largest;
    let host = stage
        .machine
        .load::<example_exchange::state::Exchange>(&stage.exchange.key);
    let (deposits, haircut) = if owed > 0 {
        (found.claims_total, thousandths(owed - paid, owed))
    } else {
        (host.total_deposits, thousandths(bad_debt, host.total_deposits))
    };
    Haircut {
        deployment: facts.deployment.to_owned(),
        deposits,
        bad_debt,
        haircut,
        published: facts.published_haircut,
    }
}

/// One run.
struct Replay {
    stage: Stage,
    dependents: Vec<Dependent>,
    attack_outcome: AttackOutcome,
    recorder: Recorder,
    flow: Flow,
    found: Recovered,
    setup: Cost,
    tokens_before: u64,
}

fn replay(
    incident: &'static Incident,
    options: &Options,
    run: Run,
    progress: &dyn Progress,
) -> Result<Replay, DrillError> {
    let which = run.name();
    progress.begin(&format!("opening accounts, {which}"), Some(options.positions.into()));
    let mut stage = Stage::set_up(incident, options, run, progress)?;
    let mut dependents = dependent::set_up_all(&mut stage)?;
    let setup = cost_since(bulkhead_testbed::Spent::default(), &stage.machine);
    let tokens_before = stage.machine.circulation(&stage.exchange.mint);
    let mut flow = Flow::new(SEED);
    let mut recorder = Recorder::default();
    progress.begin(&format!("attack, {which}"), None);
    let mut attack_outcome = attack(&mut stage, &mut dependents, &mut flow, &mut recorder)?;
    let mut found = Recovered::default();
    if run.is_breached() && recorder.breach_slot().is_none() {
        return Err(DrillError::NoBreach);
    }
    if run == Run::With {
        found = if incident.attack.is_restored() {
            let found = recover(&mut stage, &mut attack_outcome, &mut recorder, progress)?;
            collect_late(&mut stage, &mut attack_outcome);
            found
        } else {
            let found = stand_down(&mut stage, &mut attack_outcome, &mut recorder)?;
            aftermath(&mut stage, &mut attack_outcome);
            found
        };
        dependent::after_the_lapse(&mut stage, &mut dependents);
    }
    Ok(Replay {
        stage,
        dependents,
        attack_outcome,
        recorder,
        flow,
        found,
        setup,
        tokens_before,
    })
}

/// The effect of a trip limit on the attack, and on honest users meanwhile.
fn threshold(incident: &Incident, name: &str, trip_limit: u64, replay: &Replay) -> Threshold {
    let breach = replay.recorder.breach_ts().unwrap_or(incident.first_ts);
    Threshold {
        name: name.to_owned(),
        trip_limit,
        latched_after: breach - incident.first_ts,
        loss: replay.attack_outcome.taken,
        waiting: replay.attack_outcome.waiting_amount,
        honest: replay.flow.honest,
    }
}

fn write_report(
    incident: &'static Incident,
    options: &Options,
    without: Replay,
    with: Replay,
    at_limit: Option<Replay>,
    haircuts: Option<Haircuts>,
) -> Report {
    let is_limited = incident.policy.bound != Bound::Nothing;
    let only = |amount: u64| if is_limited { amount } else { 0 };
    let (limit, slot_limit) = (only(stage::limit(incident)), only(stage::slot_limit(incident)));
    let bound = match incident.policy.bound {
        Bound::Window => limit,
        Bound::Slot => slot_limit,
        Bound::Nothing => 0,
        Bound::Shortfall { tolerance_bps } => limit + incident.tvl_usd * DOLLAR / 10_000 * tolerance_bps,
        Bound::Lent => incident.loss_usd * DOLLAR,
    };
    let thresholds = at_limit.map_or_else(Vec::new, |at_limit| {
        vec![
            threshold(incident, "twice the limit", 2 * limit, &with),
            threshold(incident, "the limit", limit, &at_limit),
        ]
    });
    let record = with.stage.protocol().map(|protocol| {
        let first = bulkhead_client::pda::incident(&protocol.domain, 0);
        with.stage.machine.load::<layout::Incident>(&first)
    });
    let (loss_without, loss_with) = (without.attack_outcome.taken, with.attack_outcome.taken);
    let found = with.found;
    let mut report = Report {
        incident: incident.name.to_owned(),
        title: incident.title.to_owned(),
        date: incident.date.to_owned(),
        how: incident.how.to_owned(),
        positions: options.positions,
        seed: SEED,
        decimals: DECIMALS,
        real_tvl_usd: incident.tvl_usd,
        real_loss_usd: incident.loss_usd,
        real_stop_seconds: incident.stop_seconds,
        real_stop: incident.stop.to_owned(),
        first_slot: incident.first_slot,
        breach_slot: with.recorder.breach_slot().unwrap_or(0),
        trip_slot: with.stage.trip_slot,
        pause_slot: record.map_or(0, |record| record.steps[step::PAUSE].slot),
        custody_before: with.attack_outcome.custody_before,
        loss_without,
        loss_with,
        loss_ratio: if loss_without == 0 {
            0.0
        } else {
            loss_with as f64 / loss_without as f64
        },
        bound,
        bound_rule: incident.policy.bound.rule().to_owned(),
        limit,
        slot_limit,
        thresholds,
        window_seconds: incident.policy.window_seconds,
        warning_seconds: with.attack_outcome.warning_seconds,
        stopped: with.attack_outcome.asked - loss_with,
        left_behind: with.attack_outcome.left_behind,
        setup: with.setup,
        refused_attempts: with.attack_outcome.attempts.refused.clone(),
        honest: with.flow.honest,
        restored: incident.attack.is_restored(),
        leaves: found.leaves,
        claims_total: found.claims_total,
        claims: found.claims,
        claims_paid: found.claims_paid,
        pool: found.pool,
        dust: found.pool.saturating_sub(found.claims_paid),
        tokens_before: with.tokens_before,
        tokens_after: with.stage.machine.circulation(&with.stage.exchange.mint),
        outflow: Outflow {
            without: without.attack_outcome.points,
            with: with.attack_outcome.points.clone(),
        },
        phases: with.recorder.into_phases(),
        downstream: dependent::rows(&without.dependents, &with.dependents),
        haircuts,
        assumed: incident.assumed.iter().map(|text| (*text).to_owned()).collect(),
        checks: Vec::new(),
    };
    report.checks = laws::laws(&report, &found, &with.attack_outcome);
    report.checks.extend(laws::downstream(&report));
    report.checks.extend(laws::haircuts(&report));
    report
}
