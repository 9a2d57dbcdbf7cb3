//! Compares the proposed council with the current one.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::CouncilConfig;
use bulkhead_core::domain::council::members;
use bulkhead_interface::{constants::role, layout::Council};

use super::{Changes, Direction, More, alike};
use crate::{
    payload::words::{duration, mask, roles_of},
    pda,
};

impl Changes<'_> {
    pub(super) fn council(&mut self, next: &CouncilConfig, domain: &Pubkey) {
        let Some(now) = self.load::<Council>(&pda::council(domain)) else {
            return self.added("council", "another", Direction::Looser);
        };
        for member in members(&now) {
            let kept = next.members.iter().find(|other| other.key == member.key);
            match kept {
                None => {
                    let what = format!("member {}", member.key);
                    self.push(what, roles_of(member.roles), "REMOVED", Direction::Looser);
                }
                Some(kept) if kept.roles != member.roles => {
                    let what = format!("roles of {}", member.key);
                    self.push(what, roles_of(member.roles), roles_of(kept.roles), Direction::Looser);
                }
                Some(_) => {}
            }
        }
        let known = members(&now).iter().map(|member| member.key).chain([now.fallback]);
        let known: Vec<Pubkey> = known.collect();
        for member in &next.members {
            if members(&now).iter().all(|old| old.key != member.key) {
                let what = format!("member {}", member.key);
                let to = format!("{}, NEW{}", roles_of(member.roles), alike(&member.key, known.clone()));
                self.added(what, to, Direction::Looser);
            }
        }
        let count = |members: &mut dyn Iterator<Item = u8>, role: u8| members.filter(|roles| roles & role != 0).count();
        for (name, role) in [
            ("guardians", role::GUARDIAN),
            ("vetoers", role::VETOER),
            ("attesters", role::ATTESTER),
        ] {
            let old = count(&mut members(&now).iter().map(|member| member.roles), role);
            let new = count(&mut next.members.iter().map(|member| member.roles), role);
            self.number(
                format!("number of {name}"),
                (old, new),
                More::Tighter,
                ToString::to_string,
            );
        }
        if now.fallback != next.fallback {
            self.push(
                "fallback",
                now.fallback.to_string(),
                format!("{}{}", next.fallback, alike(&next.fallback, known)),
                Direction::Looser,
            );
        }
        let classes = ["loosen", "constitution", "custody", "restoration"];
        for ((class, old), new) in classes.into_iter().zip(&now.policies).zip(&next.policies) {
            let number = ToString::to_string;
            self.number(
                format!("{class} threshold"),
                (old.threshold, new.threshold),
                More::Tighter,
                number,
            );
            let delays = (old.delay_seconds, new.delay_seconds);
            self.number(format!("{class} delay"), delays, More::Tighter, |time| duration(*time));
            let expiries = (old.expiry_seconds, new.expiry_seconds);
            self.number(format!("{class} expiry"), expiries, More::Looser, |time| {
                duration(*time)
            });
        }
        for (what, numbers, more) in [
            (
                "freeze threshold",
                (now.freeze_threshold, next.freeze_threshold),
                More::Looser,
            ),
            ("pause rights", (now.pause_rights, next.pause_rights), More::Tighter),
            ("veto rights", (now.veto_rights, next.veto_rights), More::Tighter),
            (
                "guardian pauses per day",
                (now.guardian_pauses_per_day, next.guardian_pauses_per_day),
                More::Tighter,
            ),
            (
                "guardian pauses in a row",
                (now.guardian_pauses_in_a_row, next.guardian_pauses_in_a_row),
                More::Tighter,
            ),
        ] {
            self.number(what, numbers, more, ToString::to_string);
        }
        for (what, times, more) in [
            (
                "guardian pause lasts",
                (now.guardian_pause_seconds, next.guardian_pause_seconds),
                More::Tighter,
            ),
            ("trip lasts", (now.trip_seconds, next.trip_seconds), More::Tighter),
            (
                "heartbeat",
                (now.heartbeat_seconds, next.heartbeat_seconds),
                More::Looser,
            ),
            (
                "fallback delay",
                (now.fallback_seconds, next.fallback_seconds),
                More::Tighter,
            ),
        ] {
            self.number(what, times, more, |time| duration(*time));
        }
        if now.default_mask != next.default_mask {
            let opens = now.default_mask & !next.default_mask != 0;
            let direction = if opens { Direction::Looser } else { Direction::Tighter };
            self.push(
                "default mask",
                mask(now.default_mask),
                mask(next.default_mask),
                direction,
            );
        }
    }
}
