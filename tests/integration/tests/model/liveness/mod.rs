//! From wherever a domain is, honest members lead it out, whatever an adversary does between their steps.
//!
//! The law: nobody can keep a domain closed, a snapshot unsealed, a ballot empty or a pool locked forever. A copy of the
//! machine goes on with one strategy that never changes: say what is true, read what is there, vote for it, pay, unpause.
//! The adversary is a stranger, one member of the council with all its roles, and the host's keys; it moves at random
//! three times between two steps, and its members' rights and capital are all it has. Detectors see the world as it is.

mod adversary;
mod council;
mod honest;
mod way;

use bulkhead_core::acts::At;
use bulkhead_interface::constants::phase;
use bulkhead_testbed::Machine;

use crate::{laws::Laws, rng::Rng, site::Site};
use adversary::Adversary;
use honest::Honest;

/// So many rounds, and so many days, are enough. A ballot takes four days, or ten without the incident's own snapshot,
/// and can fail while there are votes that do not count yet; a latch keeps a domain in alert for three.
const ROUNDS: u32 = 1_000;
const DAYS: i64 = 90;

fn moment(machine: &Machine) -> At {
    let clock = machine.clock();
    At {
        slot: clock.slot,
        now: clock.unix_timestamp,
    }
}

/// Leads a copy of the domain at `at` out.
pub fn lead_out(laws: &Laws, rng: &mut Rng, at: usize, story: &str) {
    let site = &laws.sites[at];
    if site.state(&laws.machine).state == phase::SETUP {
        return;
    }
    let mut machine = laws.machine.fork();
    let began = machine.clock().unix_timestamp;
    let mut adversary = Adversary::new(rng, site, &machine);
    let mut honest = Honest::new(rng, site, &machine, adversary.member);
    for round in 0..ROUNDS {
        machine.write_slot_hashes(&[]);
        adversary.act(rng, site, &mut machine);
        if honest.step(&mut machine) {
            continue;
        }
        if honest.is_done(&machine) {
            return;
        }
        let days = (machine.clock().unix_timestamp - began) / 86_400;
        assert!(
            days < DAYS && round + 1 < ROUNDS,
            "{story}: still closed after {days} days, {round} rounds:\n{}",
            honest.story(&machine)
        );
        machine.warp_seconds(rng.within(600, 8 * 3_600));
    }
    panic!(
        "{story}: still closed after {ROUNDS} rounds:\n{}",
        honest.story(&machine)
    );
}

impl Site {
    pub fn state(&self, machine: &bulkhead_testbed::Machine) -> bulkhead_interface::layout::Domain {
        self.protocol.state(machine)
    }
}
