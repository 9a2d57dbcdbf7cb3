//! `bulkhead emergency`: what the domain has its host do in an emergency, at a guardian's word.

mod pieces;

use bulkhead_client::{
    bulkhead::call::StoredInstruction,
    emergency::Action,
    flows::{Done, Plan, StepTrial, plan_emergency_run, run_emergency_action, try_emergency_steps},
    payload::{call_in_words, hex},
    status,
    watch::Kind,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::pieces::Pieces;
use super::{facts, find::raw, words};
use crate::{context::Context, output};

/// Emergency actions: instructions of the host that governance has registered for guardians to run at once.
#[derive(Args, Clone, Debug)]
pub struct EmergencyCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the emergency actions of the domain with their steps, in words
    #[command(after_help = "Example:\n  bulkhead emergency list --domain DOMAIN")]
    List,
    /// Run an emergency action at once; signed by one guardian, burns a pause right
    ///
    /// An action of several steps stops at the first step that fails. Run again, by any guardian, it goes on there and
    /// burns no further right. With --dry-run every step that is left is simulated, and nothing is sent.
    #[command(after_help = "Examples:
  bulkhead emergency run 0 -k guardian.json
  bulkhead emergency run 0 --dry-run -k guardian.json")]
    Run(Run),
    /// Split an action of several steps into the arguments of the proposals that register it
    #[command(after_help = "Example:\n  bulkhead emergency pieces 0 --steps steps.json")]
    Pieces(Pieces),
}

#[derive(Args, Clone, Debug)]
struct Run {
    /// Number of the emergency action, as `bulkhead emergency list` shows it
    #[arg(value_name = "NUMBER")]
    number: u8,
    /// Start another run, from the first step, although one can be continued; burns a pause right
    #[arg(long)]
    new: bool,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &EmergencyCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::List => list(context).await,
        What::Run(run) => run_action(run, context).await,
        What::Pieces(split) => pieces::run(split, context),
    }
}

fn step_json(step: &StoredInstruction) -> Value {
    let accounts = step.accounts.iter().map(|account| {
        json!({
            "key": account.pubkey.to_string(),
            "signer": account.is_signer,
            "writable": account.is_writable,
        })
    });
    json!({
        "does": call_in_words(step),
        "program": step.program_id.to_string(),
        "accounts": accounts.collect::<Vec<_>>(),
        "data": hex(&step.data),
    })
}

fn action_json(action: &Action) -> Value {
    json!({
        "emergency_action": action.key.to_string(),
        "number": action.header.index,
        "registered_ts": action.header.registered_ts,
        "hash": hex(&action.header.instruction_hash),
        "step_count": action.count(),
        "complete": action.is_complete(),
        "steps": action.steps.iter().map(step_json).collect::<Vec<_>>(),
    })
}

fn action_text(action: &Action) -> String {
    let mut pairs = vec![("number", action.header.index.to_string())];
    for (number, step) in (1..).zip(&action.steps) {
        let (does, count) = (call_in_words(step), action.count());
        pairs.push(("step", format!("{number} of {count}, calls {}", step.program_id)));
        pairs.extend(does.into_iter().map(|line| ("does", line)));
    }
    if !action.is_complete() {
        pairs.push(("missing", "not all steps are registered, so it cannot run".into()));
    }
    pairs.push(("registered", status::words::utc(action.header.registered_ts)));
    words::lines(&pairs)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let (chain, domain) = (context.chain()?, context.domain()?);
    let found = raw(chain, Kind::EmergencyAction, &domain).await?;
    let mut actions: Vec<_> = found
        .iter()
        .filter_map(|(key, account)| Action::read(*key, account))
        .collect();
    actions.sort_unstable_by_key(|action| action.header.index);
    let values: Vec<_> = actions.iter().map(action_json).collect();
    context.print(&values, || {
        if actions.is_empty() {
            return "no emergency action; `bulkhead propose register-emergency-action` registers one\n".into();
        }
        actions.iter().map(action_text).collect::<Vec<_>>().join("\n")
    })
}

async fn run_action(command: &Run, context: &Context) -> anyhow::Result<()> {
    let (domain, guardian) = (context.domain()?, context.signer()?);
    let session = context.session()?;
    let plan = plan_emergency_run(&session, domain, guardian, command.number, command.new).await?;
    output::note(&action_text(&plan.action));
    if context.is_dry_run() && plan.action.has_steps() {
        return print_trials(&plan, &try_emergency_steps(&session, &plan).await?, context);
    }
    context.confirm(&question(&plan))?;
    let done = run_emergency_action(&session, &plan).await?;
    let mut facts = vec![("number", u64::from(command.number).into())];
    if let Some(left) = plan.rights_left {
        facts.push(("pause_rights_left", u64::from(left).into()));
    }
    facts::finish(context, "run", &facts, &done)
}

fn question(plan: &Plan) -> String {
    let starts = match plan.rights_left {
        Some(left) => format!("{left} pause rights are left afterwards"),
        None => "the run has been started, so no right is burnt".into(),
    };
    match plan.run {
        None => format!("Run exactly this, signed by the domain? {starts}"),
        Some((starter, next)) => format!(
            "Go on with the run of {starter} at step {} of {}, signed by the domain? {starts}",
            u16::from(next) + 1,
            plan.action.count()
        ),
    }
}

fn print_trials(plan: &Plan, trials: &[StepTrial], context: &Context) -> anyhow::Result<()> {
    let rows = trials.iter().map(|trial| {
        json!({
            "step": trial.step + 1,
            "does": trial.does,
            "works": trial.fails.is_none(),
            "error": trial.fails,
            "after_the_steps_before": trial.after_others,
        })
    });
    let failing = trials.iter().filter(|trial| trial.fails.is_some()).count();
    let json = json!({
        "act": "run",
        "dry_run": true,
        "number": plan.action.header.index,
        "steps": rows.collect::<Vec<_>>(),
        "failing": failing,
    });
    context.print(&json, || {
        let mut pairs = Vec::new();
        for trial in trials {
            let alone = if trial.after_others { "" } else { " (tried alone)" };
            let outcome = match &trial.fails {
                None => format!("works{alone}"),
                Some(error) => format!("FAILS{alone}: {error}"),
            };
            pairs.push((
                "step",
                format!("{} of {}: {outcome}", trial.step + 1, plan.action.count()),
            ));
        }
        let done = Done::default();
        format!(
            "{}\n{}",
            words::lines(&pairs).trim_end(),
            context.outcome("run", &done).text
        )
    })
}
