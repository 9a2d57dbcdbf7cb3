//! What the domain has its host do: runs of emergency actions.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::VERSION,
    layout::{EmergencyAction, EmergencyRun},
};

use super::{Keys, State};
use crate::{CoreError, acts};

/// What a domain may have its host do, and what it has done.
#[derive(Clone, Default)]
pub struct Host {
    /// Its emergency actions, and where each step of theirs ends.
    pub actions: Vec<(Pubkey, EmergencyAction, Vec<usize>)>,
    /// The runs of them, as they were begun.
    pub runs: Vec<EmergencyRun>,
    /// Steps that the host carries out; it refuses every other.
    pub works: Vec<bool>,
    /// Steps that have run, by action and number.
    pub ran: Vec<(usize, u8)>,
}

/// What somebody has the host do. Actions are named by their numbers.
#[derive(Clone, Copy, Debug)]
pub enum HostAction {
    /// `start_emergency_run` of an action.
    StartRun(usize),
    /// `run_emergency_step` of an action, in the run of a guardian: a step.
    RunStep(usize, Pubkey, u8),
}

impl State {
    pub(super) fn host(&mut self, keys: &Keys, signer: &Pubkey, action: HostAction) -> Result<(), CoreError> {
        match action {
            HostAction::StartRun(number) => self.start_run(keys, signer, number),
            HostAction::RunStep(number, starter, step) => self.run_step(signer, number, &starter, step),
        }
    }

    fn start_run(&mut self, keys: &Keys, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let host = Rc::make_mut(&mut self.host);
        let (key, action, _) = host.actions.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let is_own = |run: &&mut EmergencyRun| run.emergency_action == *key && run.guardian == *signer;
        let mut fresh = EmergencyRun {
            version: VERSION,
            domain: keys.domain,
            emergency_action: *key,
            ..bytemuck::Zeroable::zeroed()
        };
        let found = host.runs.iter_mut().find(is_own);
        let is_new = found.is_none();
        let run = found.unwrap_or(&mut fresh);
        let (council, hash) = (Rc::make_mut(&mut self.council), action.instruction_hash);
        acts::start_emergency_run(&self.domain, council, action, run, signer, &hash, self.at)?;
        if is_new {
            host.runs.push(fresh);
        }
        Ok(())
    }

    fn run_step(&mut self, signer: &Pubkey, number: usize, starter: &Pubkey, step: u8) -> Result<(), CoreError> {
        let host = Rc::make_mut(&mut self.host);
        let (key, action, ends) = host.actions.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let mut runs = host.runs.iter_mut();
        let run = runs
            .find(|run| run.emergency_action == *key && run.guardian == *starter)
            .ok_or(CoreError::ArgumentOutOfRange)?;
        // A run at its end has no step to read.
        let end = *ends.get(usize::from(run.next_step)).ok_or(CoreError::RunOver)?;
        acts::run_emergency_step(&self.domain, &self.council, action, run, signer, (step, end), self.at)?;
        // A step that fails takes its progress with it: the state before is kept.
        let works = host.works.get(usize::from(step)).copied().unwrap_or(true);
        if !works {
            return Err(CoreError::ArgumentOutOfRange);
        }
        host.ran.push((number, step));
        Ok(())
    }
}
