//! The figures: percentiles, a histogram in text, and all of it as JSON.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

/// Width of the longest bar of a histogram.
const WIDTH: usize = 50;

/// Slots from a breach to its pause.
#[derive(Clone, Debug, Serialize)]
pub struct Slots {
    /// Domains that the sentinel watched.
    pub domains: usize,
    /// Breaches.
    pub breaches: usize,
    /// Half of the pauses came within so many slots.
    pub p50: u64,
    /// 99 of 100 did.
    pub p99: u64,
    /// All did.
    pub max: u64,
    /// How many pauses took so many slots.
    pub histogram: BTreeMap<u64, usize>,
}

impl Slots {
    /// Of these samples.
    #[must_use]
    pub fn of(domains: usize, mut samples: Vec<u64>) -> Self {
        samples.sort_unstable();
        let mut histogram = BTreeMap::new();
        for slots in &samples {
            *histogram.entry(*slots).or_default() += 1;
        }
        Self {
            domains,
            breaches: samples.len(),
            p50: percentile(&samples, 50),
            p99: percentile(&samples, 99),
            max: samples.last().copied().unwrap_or(0),
            histogram,
        }
    }

    /// A line for each number of slots.
    #[must_use]
    pub fn plot(&self) -> String {
        let most = self.histogram.values().copied().max().unwrap_or(1).max(1);
        let mut text = format!(
            "slots from the breach to the pause in force, {} domains, {} breaches: p50 {}, p99 {}, max {}\n",
            self.domains, self.breaches, self.p50, self.p99, self.max
        );
        for (slots, count) in &self.histogram {
            let bar = "#".repeat((count * WIDTH).div_ceil(most));
            // Writing to a string never fails.
            let _ = writeln!(text, "{slots:>5} {count:>5} {bar}");
        }
        text
    }
}

/// The smallest of the sorted samples that is not below so many hundredths of them.
fn percentile(sorted: &[u64], hundredths: usize) -> u64 {
    let place = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or(0)
}

/// What the process used.
#[derive(Clone, Debug, Serialize)]
pub struct Load {
    /// Domains.
    pub domains: usize,
    /// Seconds that were measured.
    pub seconds: f64,
    /// Seconds of processor time in a second.
    pub processor: f64,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Requests over HTTP in a second, to all endpoints.
    pub requests: f64,
}

/// What killing it all the time came to.
#[derive(Clone, Debug, Serialize)]
pub struct Kills {
    /// `kill -9`.
    pub kills: usize,
    /// Breaches meanwhile.
    pub breaches: usize,
    /// Pauses that the council counted.
    pub pauses: usize,
    /// Slots from the breach to the pause, with the time that it was dead.
    pub slots: Slots,
    /// Releases that were paid meanwhile, each once.
    pub releases: usize,
    /// Notices that arrived, and how many of them more than once.
    pub notices: usize,
    /// The same, more than once.
    pub notices_again: usize,
}

/// What one fault of an endpoint came to.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// Which fault.
    pub fault: &'static str,
    /// Which of the three endpoints had it, one after the other.
    pub endpoints: usize,
    /// Slots from the breach to the pause.
    pub slots: Slots,
}

/// Everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// Duration of a slot, in milliseconds.
    pub slot_ms: u64,
    /// For the random numbers.
    pub seed: u64,
    /// Processors of this machine.
    pub processors: usize,
    /// Whether anything else ran is not known; this is how busy the machine was before: the load average of a minute.
    pub load_average: String,
    /// Latency.
    pub latency: Vec<Slots>,
    /// Processor and memory while nothing happened.
    pub quiet: Vec<Load>,
    /// The same while breaches happened.
    pub busy: Vec<Load>,
    /// Kills.
    pub kills: Option<Kills>,
    /// Faults.
    pub faults: Vec<Fault>,
}

impl Figures {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} processors, load average before {}, a slot every {} ms, seed {}\n\n",
            self.processors, self.load_average, self.slot_ms, self.seed
        );
        for slots in &self.latency {
            text += &slots.plot();
            text += "\n";
        }
        for (loads, what) in [(&self.quiet, "quiet"), (&self.busy, "breached")] {
            for load in loads {
                let megabytes = load.memory / 1_000_000;
                let _ = writeln!(
                    text,
                    "{} domains, {what}: {:.2} of a processor, {megabytes} MB resident, {:.1} requests a second",
                    load.domains, load.processor, load.requests
                );
            }
        }
        if let Some(kills) = &self.kills {
            let _ = writeln!(
                text,
                "\n{} kills: {} breaches, {} pauses, {} releases paid once, {} notices of which {} came again",
                kills.kills, kills.breaches, kills.pauses, kills.releases, kills.notices, kills.notices_again
            );
            text += &kills.slots.plot();
        }
        for fault in &self.faults {
            let _ = writeln!(
                text,
                "\nan endpoint that {}, each of {} in turn:",
                fault.fault, fault.endpoints
            );
            text += &fault.slots.plot();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let slots = Slots::of(3, (1..=200).rev().collect());
        assert_eq!((slots.p50, slots.p99, slots.max), (100, 198, 200));
        let slots = Slots::of(1, vec![4]);
        assert_eq!((slots.p50, slots.p99, slots.max), (4, 4, 4));
        let slots = Slots::of(1, vec![]);
        assert_eq!((slots.p50, slots.p99, slots.max), (0, 0, 0));
    }

    #[test]
    fn the_longest_bar_is_the_most_frequent() {
        let plot = Slots::of(1, vec![2, 2, 2, 2, 3]).plot();
        let lines: Vec<&str> = plot.lines().collect();
        assert_eq!(lines[1].matches('#').count(), WIDTH);
        assert_eq!(lines[2].matches('#').count(), WIDTH.div_ceil(4));
    }
}
