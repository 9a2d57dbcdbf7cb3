//! Who moves at random between the steps of the honest.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use bulkhead_testbed::Machine;
use solana_signer::Signer;

use crate::{acts::Act, mood::Mood, moves::Table, rng::Rng, site::Site};

/// Calls of the host's keys: each that trips something takes capital of the trip limit.
const HOST_CALLS: u32 = 8;

/// A stranger, a member and the host.
pub struct Adversary {
    pub member: Pubkey,
    keys: BTreeSet<Pubkey>,
    host: BTreeSet<Pubkey>,
    host_calls: u32,
}

impl Adversary {
    pub fn new(rng: &mut Rng, site: &Site, machine: &Machine) -> Self {
        let council = site.protocol.council(machine);
        let member = council.members[rng.index(council.member_count.into())].key;
        let anyone = [
            machine.payer.pubkey(),
            site.sponsor(),
            site.stranger(),
            site.user(1).pubkey(),
            member,
        ];
        let second = site.voters[1].pubkey();
        Self {
            member,
            keys: anyone.into_iter().chain([second]).collect(),
            host: [site.host.pubkey(), site.protocol.operator.pubkey()].into(),
            host_calls: HOST_CALLS,
        }
    }

    /// Up to three calls.
    pub fn act(&mut self, rng: &mut Rng, site: &Site, machine: &mut Machine) {
        for _ in 0..3 {
            let now = site.read(machine);
            let made = Table {
                machine,
                site,
                now: &now,
                rng,
            }
            .make(Mood::Usual);
            let metas = made.instruction.accounts.iter().filter(|meta| meta.is_signer);
            let signers: BTreeSet<_> = metas.map(|meta| meta.pubkey).collect();
            let is_hosts = signers.iter().any(|key| self.host.contains(key));
            let is_own = signers
                .iter()
                .all(|key| self.keys.contains(key) || self.host.contains(key));
            // What the world does is not the adversary's to choose, and neither is a proposal's execution too early.
            if !is_own || matches!(made.act, Act::Observe(_)) || (is_hosts && self.host_calls == 0) {
                continue;
            }
            self.host_calls -= u32::from(is_hosts);
            let signers = site.signers(machine, &made.instruction);
            let _ = machine.send(std::slice::from_ref(&made.instruction), &signers);
        }
    }
}
