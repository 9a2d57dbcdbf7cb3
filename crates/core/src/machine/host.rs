//! What the domain has its host do: runs of emergency actions, evacuations of what the host keeps, upgrades.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, route_fault},
    layout::{DirectVault, EmergencyAction, EmergencyRun, HostProgram},
};

use super::{Keys, State, incident::incident_at};
use crate::{CoreError, acts, custody::migration::Balances};

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
    /// Its direct vaults, with the balances of source and route.
    pub direct_vaults: Vec<(DirectVault, [u64; 2])>,
    /// Its programs whose upgrade authority the domain holds, with the hash of the code of each.
    pub programs: Vec<(HostProgram, [u8; 32])>,
}

/// What somebody has the host do. Actions are named by their numbers.
#[derive(Clone, Copy, Debug)]
pub enum HostAction {
    /// `start_emergency_run` of an action.
    StartRun(usize),
    /// `run_emergency_step` of an action, in the run of a guardian: a step.
    RunStep(usize, Pubkey, u8),
    /// `evacuate_direct` of a direct vault: the host takes so much from the source and brings so much to the route.
    EvacuateDirect(usize, u64, u64),
    /// `confirm_emergency_build` of a program, whose build has this hash.
    ConfirmBuild(usize, [u8; 32]),
    /// `deploy_emergency_build` of a program, out of a buffer of the domain with this hash.
    DeployBuild(usize, [u8; 32]),
}

impl State {
    pub(super) fn host(&mut self, keys: &Keys, signer: &Pubkey, action: HostAction) -> Result<(), CoreError> {
        match action {
            HostAction::StartRun(number) => self.start_run(keys, signer, number),
            HostAction::RunStep(number, starter, step) => self.run_step(signer, number, &starter, step),
            HostAction::EvacuateDirect(number, taken, brought) => self.evacuate_direct(keys, number, taken, brought),
            HostAction::ConfirmBuild(number, hash) => self.confirm_build(signer, number, &hash),
            HostAction::DeployBuild(number, hash) => self.deploy_build(number, &hash),
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

    /// Whatever the host does to its own accounts is done when Bulkhead judges it.
    fn evacuate_direct(&mut self, keys: &Keys, number: usize, taken: u64, brought: u64) -> Result<(), CoreError> {
        let last = self.incidents.len().checked_sub(1);
        let last = last.ok_or(CoreError::EvacuationNotConfirmed)?;
        let (incident_key, _) = *keys.incidents.get(last).ok_or(CoreError::ArgumentOutOfRange)?;
        let migration = *self
            .custody
            .migrations
            .get(last)
            .ok_or(CoreError::EvacuationNotConfirmed)?;
        let incident = incident_at(&mut self.incidents, keys, &incident_key)?;
        let host = Rc::make_mut(&mut self.host);
        let (vault, balances) = host
            .direct_vaults
            .get_mut(number)
            .ok_or(CoreError::ArgumentOutOfRange)?;
        let [source, route] = *balances;
        let fault = route_fault::NONE;
        let named = (&incident_key, &*incident);
        if acts::evacuate_direct(&self.domain, &migration, named, vault, (fault, route), source)? == 0 {
            return Ok(());
        }
        let after = Balances {
            source_before: source,
            source_after: source.checked_sub(taken).ok_or(CoreError::BalanceTooSmall)?,
            destination_before: route,
            destination_after: route.checked_add(brought).ok_or(CoreError::Overflow)?,
        };
        acts::evacuated_direct(incident, vault, &after, 0, self.at)?;
        *balances = [after.source_after, after.destination_after];
        Ok(())
    }

    fn confirm_build(&mut self, signer: &Pubkey, number: usize, hash: &[u8; 32]) -> Result<(), CoreError> {
        let host = Rc::make_mut(&mut self.host);
        let (record, _) = host.programs.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::confirm_emergency_build(&self.domain, &self.council, record, signer, hash, self.at).map(|_| ())
    }

    fn deploy_build(&mut self, number: usize, hash: &[u8; 32]) -> Result<(), CoreError> {
        let host = Rc::make_mut(&mut self.host);
        let (record, code) = host.programs.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::deploy_emergency_build(&self.domain, record, hash, self.at)?;
        *code = *hash;
        Ok(())
    }
}
