//! States that differ in nothing that will be looked at again are one.

use super::*;

/// 128 bits of everything that acts or the check will ever look at again, the same for both members' parts swapped.
///
/// Left out is what has no consequence any more: masks that have lapsed, the timeline of an incident, proposals that
/// are dead, counters of another day or slot. The clock stays in, so no two times are confused.
pub(super) fn fingerprint(node: &Node) -> u128 {
    let in_order = Lanes::of(node, [0, 1]);
    in_order.min(Lanes::of(node, [1, 0]))
}

struct Lanes([u64; 2]);

impl Lanes {
    fn mix(&mut self, word: u64) {
        let [first, second] = &mut self.0;
        *first = (first.rotate_left(5) ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        *second = (second.rotate_left(23) ^ word).wrapping_mul(0xc4ce_b9fe_1a85_ec53) ^ (*first >> 29);
    }

    fn time(&mut self, time: i64) {
        self.mix(time.unsigned_abs());
    }

    /// Vetoes that stand against a proposer.
    fn vetoes(&mut self, kept: &StandingVetoes, order: [usize; 2], rights: u8) {
        self.mix(u64::from(rights));
        for (by, ts) in kept.by.iter().zip(kept.ts) {
            let place = order.iter().position(|index| index + 1 == usize::from(*by));
            self.mix(place.map_or(0, |place| place as u64 + 1));
            self.time(if *by == 0 { 0 } else { ts });
        }
    }

    /// Two masks' worth of members, in this order.
    fn mask(&mut self, bits: u16, order: [usize; 2]) {
        for index in order {
            self.mix(u64::from(bits >> index & 1));
        }
    }

    fn of(node: &Node, order: [usize; 2]) -> u128 {
        let mut lanes = Self([0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f]);
        let State {
            at,
            domain,
            council,
            board,
            breakers,
            links,
            incidents,
            proposals,
            custody: _,
            ..
        } = &node.state;
        lanes.time(at.now);
        lanes.mix(u64::from(node.waits));
        lanes.mix(u64::from(domain.state));
        lanes.mix(domain.incident_count);
        lanes.mix(council.config_epoch);
        for index in order {
            let member = &council.members[index];
            let is_today = i64::from(member.guardian_pause_day) == at.now / DAY;
            let is_in_a_row = at.now < member.last_guardian_pause_ts + 2 * GUARDIAN_PAUSE;
            lanes.mix(u64::from(member.key == SUCCESSOR));
            lanes.mix(u64::from(member.pause_rights));
            lanes.vetoes(&council.vetoes[index], order, council.veto_rights);
            lanes.mix(if is_today {
                u64::from(member.guardian_pauses_today)
            } else {
                0
            });
            lanes.time(if is_in_a_row { member.last_guardian_pause_ts } else { 0 });
            lanes.mix(if is_in_a_row {
                u64::from(member.guardian_pauses_in_a_row)
            } else {
                0
            });
            lanes.time(member.last_active_ts);
            lanes.time(if at.now < member.active_from_ts {
                member.active_from_ts
            } else {
                0
            });
        }
        lanes.vetoes(&council.vetoes[veto::FALLBACK], order, council.veto_rights);
        for row in [&board.domain_row, &board.rows[0], &board.rows[1]] {
            lanes.mix(u64::from(row.freeze));
            lanes.mix(u64::from(row.ramp_bps));
            for (mask, until) in [
                (row.guardian_pause, row.guardian_pause_until),
                (row.trip, row.trip_until),
                (row.linked, row.linked_until),
            ] {
                let (mask, until) = if at.now < until { (mask, until) } else { (0, 0) };
                lanes.mix(u64::from(mask));
                lanes.time(until);
            }
        }
        lanes.time(if at.now < board.grace_until {
            board.grace_until
        } else {
            0
        });
        for (_, breaker) in breakers.iter() {
            let mut kept = *breaker;
            let is_void = breaker.latch.slot < board.unpaused_slot || at.now >= breaker.latch.until;
            if is_void {
                (kept.latch.ts, kept.latch.until, kept.latch.slot, kept.latch.state) = (0, 0, 0, 0);
            }
            kept.latch.begun_slot = [0; 6];
            (kept.latch.seen, kept.latch.allowed) = (0, 0);
            if breaker.last_slot != at.slot {
                (kept.last_slot, kept.slot_outflow) = (0, 0);
            }
            for word in bytemuck::bytes_of(&kept).chunks_exact(8) {
                lanes.mix(u64::from_le_bytes(word.try_into().expect("eight bytes")));
            }
        }
        // There is one breaker that can be opened, and one link that can be set.
        lanes.mix(((breakers.len() as u64) << 1) | links.len() as u64);
        if let Some(incident) = incidents.last().filter(|_| domain.open_incident != Pubkey::default()) {
            let is_current = incident.config_epoch == council.config_epoch;
            lanes.mask(if is_current { incident.confirmations } else { 0 }, order);
        }
        for (number, (proposal, _)) in proposals.iter().enumerate() {
            let is_live = proposal.state == proposal_state::OPEN
                && proposal.config_epoch == council.config_epoch
                && at.now <= proposal.expires_ts;
            lanes.mix(u64::from(is_live));
            if !is_live {
                continue;
            }
            lanes.mix(u64::from(proposal.flags));
            lanes.mix(u64::from_le_bytes(
                proposal.payload_hash[..8].try_into().expect("eight bytes"),
            ));
            lanes.mask(proposal.approvals, order);
            lanes.mask(proposal.vetoes, order);
            lanes.mask(proposal.removes, order);
            for index in order {
                lanes.mix(u64::from(proposal.proposer == council.members[index].key));
            }
            for time in [proposal.approved_ts, proposal.expires_ts, proposal.created_ts] {
                lanes.time(time);
            }
            lanes.time(node.since[number].unwrap_or(-1));
            lanes.mix(proposal.created_slot);
            lanes.mix(u64::from(is_outdated(&node.state, number)));
        }
        u128::from(lanes.0[0]) << 64 | u128::from(lanes.0[1])
    }
}
