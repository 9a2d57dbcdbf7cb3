//! What each phase of the emergency took: slot, time, transactions, compute units, fees.

use bulkhead_testbed::{Machine, Spent};

use crate::report::{Cost, Phase};

/// Writes the phases down as they end.
#[derive(Default)]
pub(crate) struct Recorder {
    /// Slot and time of the breach.
    breach: Option<(u64, i64)>,
    mark: Spent,
    phases: Vec<Phase>,
}

impl Recorder {
    /// What is spent from here on belongs to the next phase that ends; what was spent since the
    /// last one belongs to none.
    pub(crate) fn begin(&mut self, machine: &Machine) {
        self.mark = machine.spent;
    }

    /// Ends the phase that the breach was.
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

    /// Time of the breach, if there was one. Unix seconds.
    pub(crate) fn breach_ts(&self) -> Option<i64> {
        self.breach.map(|(_, ts)| ts)
    }

    /// The phases that ended.
    pub(crate) fn into_phases(self) -> Vec<Phase> {
        self.phases
    }
}

/// What a machine has spent since `mark`.
pub(crate) fn cost_since(mark: Spent, machine: &Machine) -> Cost {
    let now = machine.spent;
    Cost {
        transactions: now.transactions - mark.transactions,
        compute_units: now.compute_units - mark.compute_units,
        fee_lamports: now.fee_lamports - mark.fee_lamports,
    }
}
