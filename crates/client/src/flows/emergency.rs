//! A guardian runs an emergency action: all steps that are left, in order.

use core::mem::offset_of;

use anchor_lang::{Discriminator, prelude::Pubkey};
use bulkhead_core::{CoreError, acts};
use bulkhead_interface::layout::{Council, Domain, EmergencyAction, EmergencyRun};
use solana_instruction::Instruction;

use super::{Done, FlowError, Session, reading::Scene, refusal::refused, snapshot::size::fits};
use crate::{
    chain::{ChainError, Filter},
    decode,
    emergency::Action,
    instructions as ix,
    payload::call_in_words,
    pda,
};

/// A run that is to be started or continued.
pub struct Plan {
    /// The action.
    pub action: Action,
    /// The guardian who runs it.
    pub guardian: Pubkey,
    /// The guardian whose run it is, and number of the step that is next.
    pub run: Option<(Pubkey, u8)>,
    /// The guardian's pause rights afterwards, if the run is to be started.
    pub rights_left: Option<u8>,
}

/// What became of a step, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTrial {
    /// Its number, from 0.
    pub step: usize,
    /// What it does, in words.
    pub does: Vec<String>,
    /// Why it would fail. `None` if it would work.
    pub fails: Option<String>,
    /// It was tried after all steps before it. Otherwise alone, against the present state.
    pub after_others: bool,
}

impl Plan {
    /// Number of the first step that is left.
    #[must_use]
    pub fn next(&self) -> usize {
        self.run.map_or(0, |(_, next)| next.into())
    }

    /// Whose run it is.
    fn starter(&self) -> Pubkey {
        self.run.map_or(self.guardian, |(starter, _)| starter)
    }

    /// The instructions that start the run, if it has to be started, and run the steps from `first` to before `end`.
    fn instructions(&self, payer: Pubkey, first: usize, end: usize) -> Vec<Instruction> {
        let EmergencyAction { domain, index, .. } = self.action.header;
        let steps = self.action.steps.iter().enumerate().take(end).skip(first);
        if !self.action.has_steps() {
            let run = |(_, step)| ix::run_emergency_action(domain, self.guardian, index, step);
            return steps.map(run).collect();
        }
        let hash = self.action.header.instruction_hash;
        let start = (self.run.is_none() && first == 0)
            .then(|| ix::start_emergency_run(domain, self.guardian, payer, index, hash));
        let keys = ix::RunKeys {
            domain,
            index,
            guardian: self.guardian,
            starter: self.starter(),
        };
        let steps = steps.map(|(number, step)| {
            // An action has at most 16 steps.
            ix::run_emergency_step(keys, u8::try_from(number).unwrap_or(u8::MAX), step)
        });
        start.into_iter().chain(steps).collect()
    }
}

/// Reads an action and decides whether a run is started or continued. The newest run that can be continued is, no matter
/// who started it, unless a `fresh` one is asked for.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn plan_emergency_run(
    session: &Session<'_>,
    domain: Pubkey,
    guardian: Pubkey,
    number: u8,
    fresh: bool,
) -> Result<Plan, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let key = pda::emergency_action(&domain, number);
    let next = "`bulkhead emergency list` shows the emergency actions of the domain";
    let account = session.chain.account(&key).await?.ok_or(FlowError::NotFound {
        what: "emergency action",
        key,
        next: next.into(),
    })?;
    let action = Action::read(key, &account).ok_or(FlowError::NotPossible {
        why: format!("{key} is not an emergency action that this version can read"),
        next: "update the client, or do not trust this node".into(),
    })?;
    if action.header.domain != domain || action.header.index != number {
        return Err(FlowError::NotPossible {
            why: format!("{key} states another domain or another number"),
            next: "do not trust this node".into(),
        });
    }
    let found = if fresh || !action.has_steps() {
        None
    } else {
        newest_run(session, &scene.domain, &action, scene.at.now).await?
    };
    let mut plan = Plan {
        action,
        guardian,
        run: found.map(|run| (run.guardian, run.next_step)),
        rights_left: None,
    };
    let allowed = match found {
        Some(mut run) => {
            let (step, header) = (run.next_step, &plan.action.header);
            acts::run_emergency_step(
                &scene.domain,
                &scene.council,
                header,
                &mut run,
                &guardian,
                (step, 0),
                scene.at,
            )
            .map(|_| None)
        }
        None => judge_start(&scene, &plan.action.header, &guardian).map(Some),
    };
    plan.rights_left = allowed.map_err(|error| refused(error, next_for(error, &scene.council)))?;
    Ok(plan)
}

/// Would the guardian be allowed to start a run? Returns the pause rights left.
fn judge_start(scene: &Scene, action: &EmergencyAction, guardian: &Pubkey) -> Result<u8, CoreError> {
    let mut run = bytemuck::Zeroable::zeroed();
    let hash = action.instruction_hash;
    let mut council = scene.council;
    acts::start_emergency_run(&scene.domain, &mut council, action, &mut run, guardian, &hash, scene.at)
}

fn next_for(error: CoreError, council: &Council) -> String {
    match error {
        CoreError::NotAMember | CoreError::RoleMissing => "sign with a guardian's key".into(),
        CoreError::NoPauseRights => format!("another of the {} members may have rights left", council.member_count),
        CoreError::ActionIncomplete => "execute the proposals with its other steps first".into(),
        _ => "read the domain's status".into(),
    }
}

/// The newest run of the action that can be continued.
async fn newest_run(
    session: &Session<'_>,
    domain: &Domain,
    action: &Action,
    now: i64,
) -> Result<Option<EmergencyRun>, FlowError> {
    let filters = [
        Filter::Bytes {
            offset: 0,
            bytes: EmergencyRun::DISCRIMINATOR.to_vec(),
        },
        Filter::Bytes {
            offset: EmergencyRun::DISCRIMINATOR.len() + offset_of!(EmergencyRun, emergency_action),
            bytes: action.key.to_bytes().to_vec(),
        },
    ];
    let found = session.chain.owned(&bulkhead::ID, &filters).await?;
    let runs = found.iter().filter_map(|(key, account)| {
        let run: EmergencyRun = decode::owned(&account.owner, &account.data)?;
        let is_its = *key == pda::emergency_run(&action.key, &run.guardian) && run.emergency_action == action.key;
        (is_its && acts::is_continuable(domain, &action.header, &run, now)).then_some(run)
    });
    Ok(runs.max_by_key(|run| (run.started_slot, run.next_step)))
}

/// Simulates every step that is left, against the present state. As many as fit one transaction are tried one after the
/// other, each after all steps before it. From the first that fails, or does not fit, every step is tried alone, as if
/// the domain had signed it. Nothing is sent.
///
/// # Errors
/// [`FlowError`] if the cluster cannot simulate.
pub async fn try_emergency_steps(session: &Session<'_>, plan: &Plan) -> Result<Vec<StepTrial>, FlowError> {
    let payer = session.chain.payer();
    let mut trials = Vec::new();
    let mut is_in_row = true;
    for (step, stored) in plan.action.steps.iter().enumerate().skip(plan.next()) {
        let together = plan.instructions(payer, plan.next(), step + 1);
        is_in_row &= fits(&payer, &together);
        let instructions = if is_in_row {
            together
        } else {
            vec![ix::unstored(stored)]
        };
        let fails = match session.chain.simulate(&instructions, &[]).await {
            Ok(simulated) => simulated.error.map(|error| first_line(&error)),
            Err(error @ (ChainError::MissingSigner(_) | ChainError::Refused { .. })) => Some(first_line(&error)),
            Err(error) => return Err(error.into()),
        };
        let after_others = is_in_row;
        is_in_row &= fails.is_none();
        trials.push(StepTrial {
            step,
            does: call_in_words(stored),
            fails,
            after_others,
        });
    }
    Ok(trials)
}

/// Runs the steps that are left, as many in a transaction as fit. Stops at the first that fails: what ran before it is
/// kept, and running this again goes on there. A transaction of several steps that fails is sent again step by step, so
/// that everything before the failing step is done.
///
/// # Errors
/// [`FlowError`] names the step that failed, and why.
pub async fn run_emergency_action(session: &Session<'_>, plan: &Plan) -> Result<Done, FlowError> {
    let payer = session.chain.payer();
    let total = plan.action.count();
    let mut done = Done::default();
    let mut next = plan.next();
    let mut most = total;
    while next < total {
        let mut end = total.min(next.saturating_add(most)).max(next + 1);
        while end > next + 1 && !fits(&payer, &plan.instructions(payer, next, end)) {
            end -= 1;
        }
        let instructions = plan.instructions(payer, next, end);
        match session.chain.send(&instructions).await {
            Ok(receipt) => done.receipts.push(receipt),
            Err(error) if is_refusal(&error) && end > next + 1 => {
                most = 1;
                continue;
            }
            Err(error) if is_refusal(&error) => return Err(stopped(plan, next, &error)),
            Err(error) => return Err(error.into()),
        }
        next = end;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        session.report.progress("steps", count(next), count(total));
    }
    Ok(done)
}

/// The program or the runtime refused; the transaction changed nothing.
const fn is_refusal(error: &ChainError) -> bool {
    matches!(error, ChainError::Program { .. } | ChainError::Refused { .. })
}

fn stopped(plan: &Plan, step: usize, error: &ChainError) -> FlowError {
    let does = plan.action.steps.get(step).map(call_in_words).unwrap_or_default();
    let (number, total) = (step + 1, plan.action.count());
    FlowError::NotPossible {
        why: format!(
            "step {number} of {total} failed, and the {step} before it are done: {}: {error}",
            does.join("; ")
        ),
        next: "remove the cause and run this again: it goes on with this step".into(),
    }
}

fn first_line(error: &ChainError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
