//! Measures each phase of the emergency: slot, time, transactions, compute units, fees.

use bulkhead_testbed::{Machine, Spent};

use crate::report::{Cost, Phase};

/// Records the phases as they end.
#[derive(Default)]
pub(crate) struct Recorder {
    /// Slot and time of the breach.
    breach: Option<(u64, i64)>,
    mark: Spent,
    phases: Vec<Phase>,
}

impl Recorder {
    /// Costs from here on belong to the next phase that ends. Costs since the last phase belong to no phase.
    pub(crate) fn begin(&mut self, machine: &Machine) {
        self.mark = machine.spent;
    }

    /// Ends the breach phase.
    pub(crate) fn breach(&mut self, machine: &Machine) {
        let clock = machine.clock();
        self.breach = Some((clock.slot, clock.unix_timestamp));
        self.end("breach", machine);
    }

    /// Ends a phase, and begins the next one.
    pub(crate) fn end(&mut self, name: &str, machine: &Machine) {
        let clock = machine.clock();
        let began = self.breach.map_or(clock.unix_timestamp, |(_, ts)| ts);
        self.phases.push(Phase {
            name: name.to_owned(),
            slot: clock.slot,
            seconds: clock.unix_timestamp - began,
            cost: cost_since(self.mark, machine),
        });
        self.mark = machine.spent;
    }

    /// Slot of the breach, if there was one.
    pub(crate) fn breach_slot(&self) -> Option<u64> {
        self.breach.map(|(slot, _)| slot)
    }

    /// Time of the breach, if any, in unix seconds.
    pub(crate) fn breach_ts(&self) -> Option<i64> {
        self.breach.map(|(_, ts)| ts)
    }

    /// The finished phases.
    pub(crate) fn into_phases(self) -> Vec<Phase> {
        self.phases
    }
}

/// Costs of a machine since `mark`.
pub(crate) fn cost_since(mark: Spent, machine: &Machine) -> Cost {
    let now = machine.spent;
    Cost {
        transactions: now.transactions - mark.transactions,
        compute_units: now.compute_units - mark.compute_units,
        fee_lamports: now.fee_lamports - mark.fee_lamports,
    }
}
