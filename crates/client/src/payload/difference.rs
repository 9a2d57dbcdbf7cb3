//! What a proposal would change, against what is in force: the present value, the next one, and which way it goes. Who
//! approves reads this first. A swapped member or a threshold of 1 stands out here, and not among thirty other lines.

use std::fmt;

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead::{call::StoredInstruction, decision::Decision, instructions::*};
use bulkhead_core::{
    council::members,
    window::{Limits, TripLimits},
};
use bulkhead_interface::{
    constants::role,
    layout::{CheckpointLog, Council, Domain, Link, OutflowBreaker, PauseBoard, Vault},
};

use super::{
    Payload, call,
    lift::{When, lines},
    words::{duration, hex, mask, numbers, roles_of},
};
use crate::{decode, pda};

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More can leave, be opened or be decided than before, or by fewer.
    Looser,
    /// Less can.
    Tighter,
    /// Neither, or it depends on what it is about.
    Other,
}

impl Direction {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Looser => "LOOSER",
            Self::Tighter => "tighter",
            Self::Other => "changed",
        }
    }
}

/// One thing that would be different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub what: String,
    /// As it is.
    pub from: String,
    /// As it would be.
    pub to: String,
    /// Which way that is.
    pub direction: Direction,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            what,
            from,
            to,
            direction,
        } = self;
        write!(f, "{}: {what}: {from} -> {to}", direction.name())
    }
}

/// Reads an account's data; `None` where there is none.
pub type ReadAccount<'a> = &'a dyn Fn(&Pubkey) -> Option<Vec<u8>>;

/// What `payload` would change of `domain`, gravest first. What is not there yet is new, and said to be.
#[must_use]
pub fn changes(payload: &Payload, domain: &Pubkey, when: When, read: ReadAccount) -> Vec<Change> {
    let mut found = Changes {
        all: Vec::new(),
        when,
        read,
    };
    found.of(payload, domain);
    found.all.sort_by_key(|change| match change.direction {
        Direction::Looser => 0,
        Direction::Other => 1,
        Direction::Tighter => 2,
    });
    found.all
}

struct Changes<'a> {
    all: Vec<Change>,
    when: When,
    read: ReadAccount<'a>,
}

/// More of it is looser, tighter, or neither.
#[derive(Clone, Copy)]
enum More {
    Looser,
    Tighter,
}

impl More {
    fn direction<T: PartialOrd>(self, from: &T, to: &T) -> Direction {
        match (self, to > from) {
            (Self::Looser, true) | (Self::Tighter, false) => Direction::Looser,
            _ => Direction::Tighter,
        }
    }
}

impl Changes<'_> {
    fn load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        decode::account(&(self.read)(key)?)
    }

    fn push(&mut self, what: impl Into<String>, from: impl Into<String>, to: impl Into<String>, direction: Direction) {
        self.all.push(Change {
            what: what.into(),
            from: from.into(),
            to: to.into(),
            direction,
        });
    }

    fn number<T: PartialOrd>(
        &mut self,
        what: impl Into<String>,
        (from, to): (T, T),
        more: More,
        told: impl Fn(&T) -> String,
    ) {
        if from != to {
            let direction = more.direction(&from, &to);
            self.push(what, told(&from), told(&to), direction);
        }
    }

    fn new(&mut self, what: impl Into<String>, to: impl Into<String>, direction: Direction) {
        self.push(what, "none", to, direction);
    }

    fn of(&mut self, payload: &Payload, domain: &Pubkey) {
        match payload {
            Payload::Known(decision) => self.decision(decision, domain),
            Payload::Unknown { kind, .. } => {
                let what = format!("a proposal of kind {kind}");
                self.push(what, "?", "?", Direction::Looser);
            }
        }
    }

    fn decision(&mut self, decision: &Decision, domain: &Pubkey) {
        match decision {
            Decision::ChangeCouncil(council) => self.council(council, domain),
            Decision::SetLimit(args) => self.limits(args),
            Decision::RegisterRoute(args) => self.route(args),
            Decision::SetLink(args) => self.link(args, domain),
            Decision::GrantRights(args) => self.rights(args, domain),
            Decision::OpenCheckpointLog(args) => self.checkpoint_log(args, domain),
            Decision::Resume(args) => self.lift(domain, args.incident, "ends"),
            Decision::Reopen(args) => {
                let stage = format!("opens at {} bps of the limits", args.stage_bps);
                self.lift(domain, args.incident, &stage);
            }
            Decision::ChooseRestoration(args) => {
                self.decide(domain, args.incident, &format!("is restored from {}", args.snapshot));
            }
            Decision::OpenBreaker(args) => {
                let at_most = format!("at most {}", self.amount(args.limit, &args.mint));
                self.new("outflow breaker", at_most, Direction::Other);
            }
            Decision::OpenVault(args) => {
                self.new("vault", format!("paid from by {}", args.operator), Direction::Other);
            }
            Decision::CloseDetector(args) => {
                self.push("detector", args.detector.to_string(), "closed", Direction::Looser);
            }
            Decision::RegisterPlaybook(args) => self.playbook(args, domain),
            Decision::RunInstruction(instruction) => self.call("the domain", instruction),
            Decision::OverrideSeal(args) => {
                let most = format!(
                    "{} for {} leaves, at most {} above and {} below",
                    args.total, args.count, args.max_excess, args.max_shortfall
                );
                self.push("sealed sum", "the host's own total", most, Direction::Looser);
            }
            Decision::RedirectClaims(args) => {
                let to = format!("{}, held by {}", args.destination, args.holder);
                self.push(
                    format!("claims of {} in restoration {}", args.owner, args.restoration),
                    "its own account",
                    to,
                    Direction::Looser,
                );
            }
            Decision::CancelReleases(args) => {
                let what = format!("queued releases of {}", args.vault);
                self.push(
                    what,
                    "payable",
                    format!("those of the list {} are cancelled", hex(&args.root)),
                    Direction::Tighter,
                );
            }
            Decision::RegisterLedger(args) => {
                self.new(
                    format!("ledger {}", args.index),
                    format!("of {}", args.program),
                    Direction::Other,
                );
            }
            Decision::OpenPriceBreaker(_) => self.new("price breaker", "watches", Direction::Tighter),
            Decision::OpenSolvencyBreaker(_) => self.new("solvency breaker", "watches", Direction::Tighter),
            Decision::OpenAuthorityWatch(_) => self.new("authority watch", "watches", Direction::Tighter),
        }
    }

    /// An amount with what is known of its mint.
    fn amount(&self, amount: u64, mint: &Pubkey) -> String {
        // Decimals of both token programs' mints lie behind authority, supply.
        let decimals = (self.read)(mint).and_then(|data| data.get(44).copied());
        match decimals.and_then(|decimals| scaled(amount, decimals)) {
            Some(scaled) => format!("{amount} ({scaled} of {mint})"),
            None => format!("{amount} native units of {mint}"),
        }
    }

    fn council(&mut self, next: &CouncilConfig, domain: &Pubkey) {
        let Some(now) = self.load::<Council>(&pda::council(domain)) else {
            return self.new("council", "another", Direction::Looser);
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
        for member in &next.members {
            if members(&now).iter().all(|old| old.key != member.key) {
                let what = format!("member {}", member.key);
                self.new(what, format!("{}, NEW", roles_of(member.roles)), Direction::Looser);
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
                next.fallback.to_string(),
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
                "hold threshold",
                (now.hold_threshold, next.hold_threshold),
                More::Looser,
            ),
            ("pause rights", (now.pause_rights, next.pause_rights), More::Tighter),
            ("veto rights", (now.veto_rights, next.veto_rights), More::Tighter),
            (
                "pauses a day",
                (now.contains_per_day, next.contains_per_day),
                More::Tighter,
            ),
            (
                "pauses in a row",
                (now.contains_in_a_row, next.contains_in_a_row),
                More::Tighter,
            ),
        ] {
            self.number(what, numbers, more, ToString::to_string);
        }
        for (what, times, more) in [
            (
                "a pause lasts",
                (now.contain_seconds, next.contain_seconds),
                More::Tighter,
            ),
            ("a trip lasts", (now.trip_seconds, next.trip_seconds), More::Tighter),
            (
                "silence counts for",
                (now.heartbeat_seconds, next.heartbeat_seconds),
                More::Looser,
            ),
            (
                "the fallback waits",
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
                "a pause closes",
                mask(now.default_mask),
                mask(next.default_mask),
                direction,
            );
        }
    }

    fn limits(&mut self, args: &SetLimitArgs) {
        let Some(now) = self.load::<OutflowBreaker>(&args.breaker) else {
            return self.new("limit", args.limit.to_string(), Direction::Looser);
        };
        let mint = now.mint;
        // As the program does it: what is not said of the trip is twice the limits.
        let trip = TripLimits {
            limit: args.trip_limit,
            bps: args.trip_bps,
        }
        .or_twice(&Limits {
            limit: args.limit,
            slot_limit: args.slot_limit,
            limit_bps: args.limit_bps,
            slot_bps: args.slot_bps,
            inflow_credit: args.inflow_credit,
        });
        // What a guardian has lowered comes back by itself, and is still written down when it has: a proposal is compared
        // with what a proposal set.
        let set = Limits::set_for(&now);
        if now.lowered_until != 0 {
            let from = format!("{} until {}", self.amount(now.limit, &mint), now.lowered_until);
            self.push("lowered by a guardian", from, "no more".to_owned(), Direction::Looser);
        }
        for (what, amounts) in [
            ("limit a window", (set.limit, args.limit)),
            ("limit a slot", (set.slot_limit, args.slot_limit)),
            ("inflow credit", (set.inflow_credit, args.inflow_credit)),
            ("trip limit", (now.trip_limit, trip.limit)),
        ] {
            if amounts.0 != amounts.1 {
                let direction = More::Looser.direction(&amounts.0, &amounts.1);
                let (from, to) = (self.amount(amounts.0, &mint), self.amount(amounts.1, &mint));
                self.push(what, from, to, direction);
            }
        }
        // Bps of 0 are not used, which is the loosest.
        let used = |bps: u16| if bps == 0 { u16::MAX } else { bps };
        let told = |bps: &u16| {
            if *bps == u16::MAX {
                "not used".to_owned()
            } else {
                format!("{bps} bps")
            }
        };
        let limit = (used(set.limit_bps), used(args.limit_bps));
        self.number("limit of the reference", limit, More::Looser, told);
        let slot = (used(set.slot_bps), used(args.slot_bps));
        self.number("slot limit of the reference", slot, More::Looser, told);
        let trip = (used(now.trip_bps), used(trip.bps));
        self.number("trip limit of the reference", trip, More::Looser, told);
    }

    fn route(&mut self, args: &RegisterRouteArgs) {
        let route = self.load::<Vault>(&args.vault).map(|vault| vault.route);
        let from = match route {
            Some(route) if route != Pubkey::default() => route.to_string(),
            _ => "none".to_owned(),
        };
        if from != args.destination.to_string() {
            let what = format!("where the vault {} is evacuated to", args.vault);
            self.push(what, from, args.destination.to_string(), Direction::Looser);
        }
    }

    fn link(&mut self, args: &SetLinkArgs, domain: &Pubkey) {
        let now = self.load::<Link>(&pda::link(domain, &args.upstream));
        let from = now.map_or(0, |link| link.compartments);
        let loses = from & !args.compartments != 0;
        let direction = if loses { Direction::Looser } else { Direction::Other };
        if now.is_none() || from != args.compartments {
            let what = format!("compartments that {} closes", args.upstream);
            self.push(what, numbers(from), numbers(args.compartments), direction);
        }
        if let Some(link) = now {
            for (what, old, new) in [
                ("actions that count upstream", link.upstream_mask, args.upstream_mask),
                ("actions that are closed", link.mask, args.mask),
            ] {
                if old != new {
                    let loses = old & !new != 0;
                    let direction = if loses { Direction::Looser } else { Direction::Tighter };
                    self.push(what, mask(old), mask(new), direction);
                }
            }
        }
    }

    fn rights(&mut self, args: &GrantRightsArgs, domain: &Pubkey) {
        let council = self.load::<Council>(&pda::council(domain));
        let place = council
            .as_ref()
            .and_then(|council| members(council).iter().position(|member| member.key == args.member));
        let pauses = council
            .as_ref()
            .zip(place)
            .map(|(council, place)| council.members[place].pause_rights);
        let more = args.pause_rights;
        let from = pauses.map_or_else(|| "?".to_owned(), |left| left.to_string());
        let to = pauses.map_or_else(|| format!("{more} more"), |left| left.saturating_add(more).to_string());
        self.push(format!("pauses left to {}", args.member), from, to, Direction::Tighter);
    }

    fn checkpoint_log(&mut self, args: &OpenCheckpointLogArgs, domain: &Pubkey) {
        let Some(now) = self.load::<CheckpointLog>(&pda::checkpoint_log(domain, args.ledger_index)) else {
            return self.new(
                "checkpoint log",
                format!("of {} attesters", args.threshold),
                Direction::Other,
            );
        };
        self.number(
            "attesters needed",
            (now.threshold, args.threshold),
            More::Tighter,
            ToString::to_string,
        );
        let slots = (now.min_interval_slots, args.min_interval_slots);
        self.number("slots between checkpoints", slots, More::Tighter, ToString::to_string);
        let keep = (now.keep_seconds, args.keep_seconds);
        self.number("a checkpoint is kept for", keep, More::Tighter, |time| duration(*time));
    }

    /// Every pause it opens, and every one it leaves.
    fn lift(&mut self, domain: &Pubkey, incident: Pubkey, opens: &str) {
        self.decide(domain, incident, opens);
        let board = self.load::<PauseBoard>(&pda::board(domain));
        for (what, from, to, direction) in board.map(|board| lines(&board, self.when)).unwrap_or_default() {
            self.push(what, from, to, direction);
        }
    }

    fn decide(&mut self, domain: &Pubkey, incident: Pubkey, opens: &str) {
        let open = self.load::<Domain>(domain).map(|domain| domain.open_incident);
        let from = match open {
            Some(open) if open == incident => "closed".to_owned(),
            Some(open) if open == Pubkey::default() => "no incident is open".to_owned(),
            Some(open) => format!("another incident is open, {open}"),
            None => "?".to_owned(),
        };
        self.push(format!("incident {incident}"), from, opens, Direction::Looser);
    }

    fn playbook(&mut self, args: &RegisterPlaybookArgs, domain: &Pubkey) {
        let is_there = (self.read)(&pda::playbook(domain, args.index)).is_some();
        let from = if is_there { "another instruction" } else { "none" };
        let to = call::told(&args.instruction).join("; ");
        let what = format!("what one guardian may run at once, as playbook {}", args.index);
        self.push(what, from, to, Direction::Looser);
    }

    fn call(&mut self, what: &str, instruction: &StoredInstruction) {
        for line in call::told(instruction) {
            self.push(what, "signs", line, Direction::Looser);
        }
    }
}

/// `1234567` with 6 decimals is `1.234567`.
fn scaled(amount: u64, decimals: u8) -> Option<String> {
    let decimals = usize::from(decimals);
    if decimals > 19 {
        return None;
    }
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let part = part.trim_end_matches('0');
    Some(if part.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{part}")
    })
}

#[cfg(test)]
mod tests {
    use bulkhead_interface::{constants::VERSION, discriminator, layout::Member};
    use bytemuck::Zeroable;

    use super::*;

    const WHEN: When = When {
        proposed_slot: 100,
        now: 1_000,
    };

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn policy(threshold: u8) -> PolicyConfig {
        PolicyConfig {
            threshold,
            delay_seconds: 86_400,
            expiry_seconds: 200_000,
        }
    }

    fn council() -> (Council, CouncilConfig) {
        let mut now = Council {
            version: VERSION,
            member_count: 2,
            hold_threshold: 1,
            pause_rights: 3,
            veto_rights: 1,
            default_mask: 7,
            fallback: key(9),
            ..Council::zeroed()
        };
        for (place, member) in now.members.iter_mut().take(2).enumerate() {
            *member = Member {
                key: key(u8::try_from(place).unwrap() + 1),
                roles: role::GUARDIAN | role::APPROVER,
                ..Member::zeroed()
            };
        }
        for policy in &mut now.policies {
            (policy.threshold, policy.delay_seconds, policy.expiry_seconds) = (2, 86_400, 200_000);
        }
        let config = CouncilConfig {
            members: members(&now)
                .iter()
                .map(|member| MemberConfig {
                    key: member.key,
                    roles: member.roles,
                })
                .collect(),
            hold_threshold: 1,
            pause_rights: 3,
            veto_rights: 1,
            contain_seconds: 0,
            trip_seconds: 0,
            default_mask: 7,
            policies: [policy(2), policy(2), policy(2), policy(2)],
            heartbeat_seconds: 0,
            contains_per_day: 0,
            contains_in_a_row: 0,
            fallback: key(9),
            fallback_seconds: 0,
        };
        (now, config)
    }

    fn read(now: &Council) -> impl Fn(&Pubkey) -> Option<Vec<u8>> {
        let bytes = [&discriminator::COUNCIL[..], bytemuck::bytes_of(now)].concat();
        move |at: &Pubkey| (*at == pda::council(&key(7))).then(|| bytes.clone())
    }

    #[test]
    fn the_same_council_changes_nothing() {
        let (now, config) = council();
        assert_eq!(
            changes(
                &Payload::Known(Decision::ChangeCouncil(config)),
                &key(7),
                WHEN,
                &read(&now)
            ),
            []
        );
    }

    #[test]
    fn a_swapped_member_and_a_lowered_threshold_stand_first_and_alone() {
        let (now, mut config) = council();
        config.members[1].key = key(3);
        config.policies[2].threshold = 1;
        config.pause_rights = 4;
        let found = changes(
            &Payload::Known(Decision::ChangeCouncil(config)),
            &key(7),
            WHEN,
            &read(&now),
        );
        let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                format!("LOOSER: member {}: guardian and approver -> REMOVED", key(2)),
                format!("LOOSER: member {}: none -> guardian and approver, NEW", key(3)),
                "LOOSER: custody threshold: 2 -> 1".to_owned(),
                "tighter: pause rights: 3 -> 4".to_owned(),
            ]
        );
    }

    /// Which latches it accepts, what else it opens, and what stays for being newer.
    #[test]
    fn a_resume_tells_what_it_opens_and_what_stays() {
        let mut board = PauseBoard {
            version: VERSION,
            held_slot: 50,
            contained_slot: 120,
            ..PauseBoard::zeroed()
        };
        board.domain_row.hold = 2;
        (board.domain_row.contain, board.domain_row.contain_until) = (2, WHEN.now + 1);
        for (row, slot) in [(3, 99_u8), (4, 100)] {
            (board.rows[row].trip, board.rows[row].trip_until) = (2, WHEN.now + 1);
            board.rows[row].trip_slot[0] = slot;
        }
        (board.rows[5].trip, board.rows[5].trip_until) = (2, WHEN.now);
        let read = |at: &Pubkey| {
            (*at == pda::board(&key(7))).then(|| [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(&board)].concat())
        };
        let resume = Payload::Known(Decision::Resume(ResumeArgs { incident: key(8) }));
        let told: Vec<_> = changes(&resume, &key(7), WHEN, &read)
            .iter()
            .map(|change| format!("{}: {}", change.what, change.to))
            .collect();
        let stays = |slot: u64| format!("STAYS: slot {slot} is not before the proposal");
        assert_eq!(
            told,
            [
                format!("incident {}: ends", key(8)),
                "hold on the domain: opens".to_owned(),
                "latch of a detector on compartment 3: is accepted, and opens".to_owned(),
                format!("guardians' pause on the domain: {}", stays(120)),
                format!("latch of a detector on compartment 4: {}", stays(100)),
            ]
        );
    }

    #[test]
    fn amounts_come_with_their_mints_decimals() {
        let breaker = OutflowBreaker {
            version: VERSION,
            limit: 1_000_000,
            slot_limit: 500_000,
            trip_limit: 2_000_000,
            mint: key(5),
            ..OutflowBreaker::zeroed()
        };
        let read = |at: &Pubkey| {
            if *at == key(6) {
                Some([&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(&breaker)].concat())
            } else {
                let mut mint = vec![0; 82];
                mint[44] = 6;
                (*at == key(5)).then_some(mint)
            }
        };
        let args = SetLimitArgs {
            breaker: key(6),
            limit: 2_500_000,
            slot_limit: 400_000,
            ..SetLimitArgs::default()
        };
        let found = changes(&Payload::Known(Decision::SetLimit(args)), &key(7), WHEN, &read);
        assert_eq!(
            found[0].to_string(),
            format!(
                "LOOSER: limit a window: 1000000 (1 of {0}) -> 2500000 (2.5 of {0})",
                key(5)
            )
        );
        // Nothing is said of the trip, so it goes to twice the limit: looser too, and never "to 0".
        assert_eq!(
            found[1].to_string(),
            format!("LOOSER: trip limit: 2000000 (2 of {0}) -> 5000000 (5 of {0})", key(5))
        );
        assert_eq!((found.len(), found[2].direction), (3, Direction::Tighter));
    }

    #[test]
    fn a_lowering_that_has_lapsed_makes_no_proposal_looser() {
        let breaker = OutflowBreaker {
            version: VERSION,
            limit: 250,
            slot_limit: 250,
            trip_limit: 2_000,
            lowered_until: 1_775_000_000,
            base_limit: 1_000,
            base_slot_limit: 500,
            ..OutflowBreaker::zeroed()
        };
        let read = |at: &Pubkey| {
            (*at == key(6)).then(|| [&discriminator::OUTFLOW_BREAKER[..], bytemuck::bytes_of(&breaker)].concat())
        };
        let args = SetLimitArgs {
            breaker: key(6),
            limit: 900,
            slot_limit: 500,
            trip_limit: 2_000,
            ..SetLimitArgs::default()
        };
        let found = changes(&Payload::Known(Decision::SetLimit(args)), &key(7), WHEN, &read);
        let told: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(told[0].starts_with("LOOSER: lowered by a guardian: 250 "), "{told:?}");
        assert!(told[0].ends_with(" until 1775000000 -> no more"), "{told:?}");
        assert!(told[1].contains("limit a window: 1000 "), "{told:?}");
        assert_eq!((found.len(), found[1].direction), (2, Direction::Tighter));
    }
}
