//! The on-chain window, run over history. Only this module knows how it counts.

use bulkhead_core::breakers::{
    verdict::Verdict,
    window::{self, Moment},
};
use bulkhead_interface::{constants::BPS, layout::OutflowBreaker};
use bytemuck::Zeroable;

use super::Shape;

/// A breaker as the program stores it.
pub(super) struct Window {
    breaker: OutflowBreaker,
    slot: u64,
}

impl Window {
    /// A breaker that allows everything and counts it.
    pub(super) fn counting(shape: Shape) -> Self {
        Self::limited(shape, u64::MAX)
    }

    /// A breaker with a limit. The caller applies the slot limit, which needs slots while history has seconds.
    pub(super) fn limited(shape: Shape, limit: u64) -> Self {
        let mut breaker = OutflowBreaker::zeroed();
        breaker.shards = 1;
        breaker.sub_windows = shape.sub_windows;
        breaker.window_seconds = shape.window_seconds;
        breaker.limit = limit;
        breaker.slot_limit = limit;
        breaker.latch.seconds = 1;
        Self { breaker, slot: 0 }
    }

    /// Every outflow is in its own slot, so that only the window decides.
    fn moment(&mut self, now: i64) -> Moment {
        self.slot += 1;
        Moment {
            slot: self.slot,
            now,
            ramp_bps: BPS,
            unpaused_slot: 0,
        }
    }

    /// Counts an outflow, as far as it is allowed, and returns the window's sum afterwards.
    pub(super) fn add(&mut self, now: i64, amount: u64) -> u64 {
        let at = self.moment(now);
        let _ = window::take(&mut self.breaker, amount, 0, &at);
        self.held(now)
    }

    /// The window's current sum.
    pub(super) fn held(&mut self, now: i64) -> u64 {
        let at = self.moment(now);
        self.breaker.limit - window::view(&self.breaker, &at).in_window
    }

    /// Attempts an outflow. Returns false if it latches; the outflow is then not counted.
    pub(super) fn lets_through(&mut self, now: i64, amount: u64) -> bool {
        let at = self.moment(now);
        let latched_before = self.breaker.latch.until;
        let verdict = window::meter(&mut self.breaker, amount, &at);
        verdict == Verdict::Allowed && self.breaker.latch.until == latched_before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_like_the_program() {
        let shape = Shape::new(3_600, 12).unwrap();
        let mut window = Window::counting(shape);
        assert_eq!(window.add(1_770_000_000, 10), 10);
        assert_eq!(window.add(1_770_003_600, 5), 15);
        assert_eq!(window.held(1_770_003_900), 5);
        let mut window = Window::limited(shape, 10);
        assert!(window.lets_through(1_770_000_000, 10));
        assert!(!window.lets_through(1_770_000_001, 1));
    }
}
