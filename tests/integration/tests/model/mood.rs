//! What times are like: mostly usual, sometimes a bank run, seldom a council that nobody hears of.

use bulkhead_testbed::Machine;

use crate::{rng::Rng, site::Site};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Usual,
    Run,
    Silence,
}

/// A mood, where, and how many steps it still lasts.
pub struct Times {
    mood: Mood,
    at: usize,
    left: u64,
}

impl Times {
    pub fn new() -> Self {
        Self {
            mood: Mood::Usual,
            at: 0,
            left: 0,
        }
    }

    /// The next step's mood and site; time passes as it does in that mood.
    pub fn next(&mut self, rng: &mut Rng, machine: &mut Machine, sites: &[Site]) -> (Mood, usize) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.mood = Mood::Usual;
            let begun = match rng.below(2_000) {
                0..40 => Some((Mood::Run, 20)),
                40 => Some((Mood::Silence, 24)),
                _ => None,
            };
            if let Some((mood, left)) = begun {
                (self.mood, self.left, self.at) = (mood, left, rng.index(sites.len()));
                if mood == Mood::Silence {
                    let council = &sites[self.at].model.council;
                    let patience = council.heartbeat_seconds + council.fallback_seconds;
                    machine.warp_seconds(patience + rng.within(-3_600, 86_400));
                }
            }
        }
        self.wait(rng, machine);
        let at = match self.mood {
            Mood::Usual => rng.index(sites.len()),
            _ => self.at,
        };
        (self.mood, at)
    }

    /// Nothing, a second, hours, days; minutes in a bank run, half days in a silence.
    fn wait(&self, rng: &mut Rng, machine: &mut Machine) {
        let most = match self.mood {
            Mood::Usual => 100,
            Mood::Run => 85,
            Mood::Silence => return machine.warp_seconds(rng.within(1, 43_200)),
        };
        match rng.below(most) {
            0..40 => {}
            40..55 => machine.next_slot(),
            55..85 => machine.warp_seconds(rng.within(1, 600)),
            85..98 => machine.warp_seconds(rng.within(600, 9 * 3_600)),
            _ => machine.warp_seconds(rng.within(1, 3) * 86_400),
        }
    }
}
