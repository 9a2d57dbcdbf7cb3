//! What a proposal would change against the current state: the present value, the next value, and the direction.
//! Approvers read this first. A swapped member or a threshold of 1 stands out here instead of hiding among thirty other
//! lines.

mod council;

use std::fmt;

use anchor_lang::{AnchorDeserialize, Discriminator, ZeroCopy, prelude::Pubkey};
use anchor_spl::{token, token_2022};
use bulkhead::{call::StoredInstruction, decision::Decision, instructions::*};
use bulkhead_core::{
    council::members,
    window::{Limits, TripLimits},
};
use bulkhead_interface::{
    constants::log_flag,
    layout::{
        CheckpointLog, ClaimRedirect, Council, Detector, Domain, EmergencyAction, Link, OutflowBreaker, PauseBoard,
        Vault,
    },
};

use super::{
    Payload, call,
    unpause::{When, lines},
    words::{duration, hex, mask, numbers, scope},
};
use crate::{decode, pda};

/// Number of characters at each end of an address that people compare.
const COMPARED: usize = 3;

/// The direction of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More can leave, be opened or be decided than before, or by fewer members.
    Looser,
    /// The opposite of looser.
    Tighter,
    /// Neither, or it depends on the context.
    Other,
}

impl Direction {
    /// The direction as one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Looser => "LOOSER",
            Self::Tighter => "tighter",
            Self::Other => "changed",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changes.
    pub what: String,
    /// The present value.
    pub from: String,
    /// The next value.
    pub to: String,
    /// The direction.
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

/// Reads an account's owner and data. `None` if the account does not exist.
pub type ReadAccount<'a> = &'a dyn Fn(&Pubkey) -> Option<(Pubkey, Vec<u8>)>;

/// What `payload` would change in `domain`, gravest first. A new entry is marked as new.
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

/// Whether a larger value is looser, tighter, or neither.
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
        let (owner, data) = (self.read)(key)?;
        decode::owned(&owner, &data)
    }

    /// Reads an account that a payload names, if it is an account of `domain`. Otherwise reports that the program will
    /// refuse it: the address may belong to anyone, and its contents say nothing about the current state.
    fn own<T: ZeroCopy + Discriminator>(
        &mut self,
        what: &str,
        (key, domain): (&Pubkey, &Pubkey),
        domain_of: impl Fn(&T) -> Pubkey,
    ) -> Option<T> {
        let found = self.load::<T>(key);
        let from = match &found {
            Some(found) if domain_of(found) == *domain => None,
            Some(found) => Some(format!("belongs to another domain, {}", domain_of(found))),
            None => Some(format!("does not exist, or is not a {what} of Bulkhead")),
        };
        match from {
            None => found,
            Some(from) => {
                self.push(
                    format!("{what} {key}"),
                    from,
                    "the program refuses it",
                    Direction::Looser,
                );
                None
            }
        }
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
        show: impl Fn(&T) -> String,
    ) {
        if from != to {
            let direction = more.direction(&from, &to);
            self.push(what, show(&from), show(&to), direction);
        }
    }

    fn added(&mut self, what: impl Into<String>, to: impl Into<String>, direction: Direction) {
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
            Decision::SetLimit(args) => self.limits(args, domain),
            Decision::RegisterEvacuationRoute(args) => self.route(args, domain),
            Decision::SetLink(args) => self.link(args, domain),
            Decision::GrantRights(args) => self.rights(args, domain),
            Decision::OpenCheckpointLog(args) => self.checkpoint_log(args, domain),
            Decision::Resume(args) => self.unpause(domain, args.incident, "ends"),
            Decision::Reopen(args) => self.reopen(args, domain),
            Decision::ChooseRestoration(args) => {
                self.decide(domain, args.incident, &format!("is restored from {}", args.snapshot));
            }
            Decision::OpenBreaker(args) => {
                let at_most = format!("at most {}", self.amount(args.limit, &args.mint));
                self.added("outflow breaker", at_most, Direction::Other);
            }
            Decision::OpenVault(args) => {
                self.added("vault", format!("operated by {}", args.operator), Direction::Other);
            }
            Decision::CloseDetector(args) => self.close(args, domain),
            Decision::RegisterEmergencyAction(args) => self.emergency_action(args, domain),
            Decision::RunInstruction(instruction) => self.call(domain, instruction),
            Decision::OverrideSeal(args) => {
                let most = format!(
                    "{} for {} leaves, at most {} above and {} below",
                    args.total, args.count, args.max_excess, args.max_shortfall
                );
                self.push("sealed sum", "the host's own total", most, Direction::Looser);
            }
            Decision::RedirectClaims(args) => self.claims(args),
            Decision::CancelReleases(args) => {
                let what = format!("queued releases of {}", args.vault);
                self.push(
                    what,
                    "payable",
                    format!("the releases of the list {} are cancelled", hex(&args.root)),
                    Direction::Tighter,
                );
            }
            Decision::RegisterLedger(args) => {
                self.added(
                    format!("ledger {}", args.index),
                    format!("of {}", args.program),
                    Direction::Other,
                );
            }
            Decision::OpenPriceBreaker(_) => self.added("price breaker", "active", Direction::Tighter),
            Decision::OpenSolvencyBreaker(_) => self.added("solvency breaker", "active", Direction::Tighter),
            Decision::OpenAuthorityWatch(_) => self.added("authority watch", "active", Direction::Tighter),
        }
    }

    /// An amount with what is known of its mint.
    fn amount(&self, amount: u64, mint: &Pubkey) -> String {
        let decimals = (self.read)(mint).and_then(|(owner, data)| decimals_of(&owner, &data));
        match decimals.and_then(|decimals| scaled(amount, decimals)) {
            Some(scaled) => format!("{amount} ({scaled} of {mint})"),
            None => format!("{amount} native units of {mint}"),
        }
    }

    fn limits(&mut self, args: &SetLimitArgs, domain: &Pubkey) {
        let breaker = self.own::<OutflowBreaker>("breaker", (&args.breaker, domain), |found| found.domain);
        let Some(now) = breaker else { return };
        let mint = now.mint;
        // As in the program: the default of the trip limits is twice the limits.
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
        // A limit that a guardian lowered is restored by itself, but the record remains afterwards. The proposal is
        // compared with the last value that a proposal set.
        let set = Limits::set_for(&now);
        if now.lowered_until != 0 {
            let from = format!("{} until {}", self.amount(now.limit, &mint), now.lowered_until);
            self.push("lowered by a guardian", from, "ended".to_owned(), Direction::Looser);
        }
        for (what, amounts) in [
            ("limit per window", (set.limit, args.limit)),
            ("limit per slot", (set.slot_limit, args.slot_limit)),
            ("inflow credit", (set.inflow_credit, args.inflow_credit)),
            ("trip limit", (now.trip_limit, trip.limit)),
        ] {
            if amounts.0 != amounts.1 {
                let direction = More::Looser.direction(&amounts.0, &amounts.1);
                let (from, to) = (self.amount(amounts.0, &mint), self.amount(amounts.1, &mint));
                self.push(what, from, to, direction);
            }
        }
        // 0 bps means unused, which is the loosest.
        let used = |bps: u16| if bps == 0 { u16::MAX } else { bps };
        let show = |bps: &u16| {
            if *bps == u16::MAX {
                "not used".to_owned()
            } else {
                format!("{bps} bps")
            }
        };
        let limit = (used(set.limit_bps), used(args.limit_bps));
        self.number("limit of the reference", limit, More::Looser, show);
        let slot = (used(set.slot_bps), used(args.slot_bps));
        self.number("slot limit of the reference", slot, More::Looser, show);
        let trip = (used(now.trip_bps), used(trip.bps));
        self.number("trip limit of the reference", trip, More::Looser, show);
    }

    fn route(&mut self, args: &RegisterEvacuationRouteArgs, domain: &Pubkey) {
        let vault = self.own::<Vault>("vault", (&args.vault, domain), |found| found.domain);
        let Some(Vault { route, .. }) = vault else { return };
        if route == args.destination {
            return;
        }
        let is_first = route == Pubkey::default();
        let from = if is_first { "none".to_owned() } else { route.to_string() };
        let to = format!("{}{}", args.destination, alike(&args.destination, [route]));
        let what = format!("evacuation route of the vault {}", args.vault);
        self.push(what, from, to, Direction::Looser);
    }

    fn claims(&mut self, args: &RedirectClaimsArgs) {
        let RedirectClaimsArgs {
            restoration,
            owner,
            destination,
            holder,
        } = args;
        let now = self.load::<ClaimRedirect>(&pda::claim_redirect(restoration, owner));
        let from = now.map_or_else(
            || "its own account".to_owned(),
            |now| format!("{}, owned by {}", now.destination, now.holder),
        );
        let to = format!("{destination}, owned by {holder}{}", alike(holder, [*owner]));
        let what = format!("claims of {owner} in restoration {restoration}");
        self.push(what, from, to, Direction::Looser);
    }

    fn close(&mut self, args: &CloseDetectorArgs, domain: &Pubkey) {
        // All detectors begin with the same fields.
        let owner = (self.read)(&args.detector).and_then(|(owner, data)| {
            let is_one = Detectors::ALL.iter().any(|tag| data.starts_with(tag));
            (owner == bulkhead_interface::ID && is_one).then(|| Detectors::domain(&data))?
        });
        let what = format!("detector {}", args.detector);
        let to = format!("closed; its rent goes to {}", args.receiver);
        match owner {
            Some(owner) if owner == *domain => self.push(what, "active", to, Direction::Looser),
            _ => self.push(
                what,
                "does not belong to this domain",
                "the program refuses it",
                Direction::Looser,
            ),
        }
    }

    fn link(&mut self, args: &SetLinkArgs, domain: &Pubkey) {
        let SetLinkArgs {
            upstream,
            upstream_scope,
            upstream_mask,
            compartments,
            mask: closed,
        } = args;
        let now = self.load::<Link>(&pda::link(domain, upstream));
        let from = now.map_or(0, |link| link.compartments);
        let loses = from & !compartments != 0;
        let direction = if loses { Direction::Looser } else { Direction::Other };
        if now.is_none() || from != *compartments {
            let what = format!("compartments that {upstream} closes");
            self.push(what, numbers(from), numbers(*compartments), direction);
        }
        let Some(link) = now else { return };
        if link.upstream_scope != *upstream_scope {
            // A compartment that was closed upstream before is no longer relevant.
            let (from, to) = (scope(link.upstream_scope), scope(*upstream_scope));
            self.push("upstream scope", from, to, Direction::Looser);
        }
        if link.upstream_mask != *upstream_mask {
            let loses = link.upstream_mask & !upstream_mask != 0;
            let direction = if loses { Direction::Looser } else { Direction::Tighter };
            let (from, to) = (mask(link.upstream_mask), mask(*upstream_mask));
            self.push("relevant upstream actions", from, to, direction);
        }
        if link.mask != *closed {
            // The default is what the council closes in an emergency, which may be more or less.
            let council = self.load::<Council>(&pda::council(domain));
            let usual = council.map(|council| council.default_mask);
            let meant = |mask: u32| if mask == 0 { usual } else { Some(mask) };
            let direction = match (meant(link.mask), meant(*closed)) {
                (Some(from), Some(to)) if from & !to == 0 => Direction::Tighter,
                _ => Direction::Looser,
            };
            let show = |closed: u32| match closed {
                0 => "the council's default".to_owned(),
                closed => mask(closed),
            };
            self.push("closed actions", show(link.mask), show(*closed), direction);
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
        self.push(format!("pause rights of {}", args.member), from, to, Direction::Tighter);
    }

    fn checkpoint_log(&mut self, args: &OpenCheckpointLogArgs, domain: &Pubkey) {
        let OpenCheckpointLogArgs {
            ledger_index,
            threshold,
            min_interval_slots,
            keep_seconds,
            tolerance_bps,
            published_only,
        } = args;
        let Some(now) = self.load::<CheckpointLog>(&pda::checkpoint_log(domain, *ledger_index)) else {
            return self.added(
                "checkpoint log",
                format!("{threshold} attesters required"),
                Direction::Other,
            );
        };
        self.number(
            "attesters required",
            (now.threshold, *threshold),
            More::Tighter,
            ToString::to_string,
        );
        let slots = (now.min_interval_slots, *min_interval_slots);
        self.number("slots between checkpoints", slots, More::Tighter, ToString::to_string);
        let keep = (now.keep_seconds, *keep_seconds);
        self.number("checkpoint retention", keep, More::Tighter, |time| duration(*time));
        let tolerance = (now.tolerance_bps, *tolerance_bps);
        let bps = |bps: &u16| format!("{bps} bps");
        self.number(
            "tolerance of a checkpoint against the host's total",
            tolerance,
            More::Looser,
            bps,
        );
        let published = (now.flags & log_flag::PUBLISHED_ONLY != 0, *published_only);
        let show = |only: &bool| if *only { "only published" } else { "any" }.to_owned();
        self.number("checkpoints eligible for a ballot", published, More::Tighter, show);
    }

    /// What a reopening unpauses, and the ramp and the grace that it sets.
    fn reopen(&mut self, args: &ReopenArgs, domain: &Pubkey) {
        let ReopenArgs {
            incident,
            ramp_bps,
            grace_seconds,
        } = args;
        self.unpause(domain, *incident, &format!("reopens at a ramp of {ramp_bps} bps"));
        if let Some(board) = self.load::<PauseBoard>(&pda::board(domain)) {
            let stage = (board.domain_row.ramp_bps, *ramp_bps);
            self.number("ramp", stage, More::Looser, |bps| format!("{bps} bps"));
            let left = board.grace_until.saturating_sub(self.when.now).max(0);
            self.number(
                "liquidations stay closed for",
                (left, *grace_seconds),
                More::Tighter,
                |time| duration(*time),
            );
        }
    }

    /// Lists every pause that the unpause opens, and every pause that stays.
    fn unpause(&mut self, domain: &Pubkey, incident: Pubkey, opens: &str) {
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

    fn emergency_action(&mut self, args: &RegisterEmergencyActionArgs, domain: &Pubkey) {
        let RegisterEmergencyActionArgs { index, instruction } = args;
        let what = format!("emergency action {index}, which one guardian may run at once");
        let now = (self.read)(&pda::emergency_action(domain, *index));
        let stored = now.as_ref().and_then(|(owner, data)| stored_in(owner, data));
        if stored.as_ref() == Some(instruction) {
            return;
        }
        let from = match (&now, &stored) {
            (None, _) => "none".to_owned(),
            (Some(_), None) => "another instruction".to_owned(),
            (Some(_), Some(stored)) => call::describe(stored).join("; "),
        };
        let to = call::describe(instruction).join("; ");
        self.push(what, from, to, Direction::Looser);
        self.accounts_alike(domain, instruction);
    }

    fn call(&mut self, domain: &Pubkey, instruction: &StoredInstruction) {
        for line in call::describe(instruction) {
            self.push("the domain", "signs", line, Direction::Looser);
        }
        self.accounts_alike(domain, instruction);
    }

    /// Accounts of an instruction that look like another of its accounts, or like the domain.
    fn accounts_alike(&mut self, domain: &Pubkey, instruction: &StoredInstruction) {
        let all: Vec<Pubkey> = core::iter::once(*domain)
            .chain(instruction.accounts.iter().map(|account| account.pubkey))
            .collect();
        for (place, key) in all.iter().enumerate() {
            let before = all.iter().take(place).copied();
            let warning = alike(key, before);
            if !warning.is_empty() && !all.iter().take(place).any(|other| other == key) {
                self.push(
                    format!("account {key}"),
                    "may be mistaken",
                    warning.trim_start_matches(", "),
                    Direction::Looser,
                );
            }
        }
    }
}

/// Offset of a detector's kind and domain.
struct Detectors;

impl Detectors {
    const ALL: [[u8; 8]; 4] = [
        bulkhead_interface::discriminator::OUTFLOW_BREAKER,
        bulkhead_interface::discriminator::PRICE_BREAKER,
        bulkhead_interface::discriminator::SOLVENCY_BREAKER,
        bulkhead_interface::discriminator::AUTHORITY_WATCH,
    ];

    fn domain(data: &[u8]) -> Option<Pubkey> {
        let at = 8 + core::mem::offset_of!(Detector, domain);
        data.get(at..)?.first_chunk().map(|key| Pubkey::new_from_array(*key))
    }
}

/// `, LOOKS LIKE …` if an address has the same first and last characters as a different one.
fn alike(key: &Pubkey, others: impl IntoIterator<Item = Pubkey>) -> String {
    let ends = |key: &Pubkey| {
        let text = key.to_string();
        let tail = text.len().saturating_sub(COMPARED);
        (
            text.get(..COMPARED).map(str::to_owned),
            text.get(tail..).map(str::to_owned),
        )
    };
    let mut found = others
        .into_iter()
        .filter(|other| other != key && ends(other) == ends(key));
    found
        .next()
        .map_or_else(String::new, |other| format!(", LOOKS LIKE {other}"))
}

/// The instruction of an emergency action account.
fn stored_in(owner: &Pubkey, data: &[u8]) -> Option<StoredInstruction> {
    let emergency_action: EmergencyAction = decode::owned(owner, data)?;
    let begin = EmergencyAction::DISCRIMINATOR.len() + size_of::<EmergencyAction>();
    let bytes = data.get(begin..)?.get(..emergency_action.instruction_len.into())?;
    StoredInstruction::try_from_slice(bytes).ok()
}

/// The decimals of a mint of one of the token programs. Accounts of other programs do not define them.
fn decimals_of(owner: &Pubkey, data: &[u8]) -> Option<u8> {
    /// A mint. In a longer account, the byte after the base account length distinguishes a mint from a token account.
    const MINT: usize = 82;
    const ACCOUNT: usize = 165;
    let is_mint = data.len() == MINT || (*owner == token_2022::ID && data.get(ACCOUNT) == Some(&1));
    let is_ready = data.get(45) == Some(&1);
    let is_token = [token::ID, token_2022::ID].contains(owner);
    // After the authority and the supply.
    (is_token && is_mint && is_ready).then(|| data.get(44).copied())?
}

/// Formats `1234567` with 6 decimals as `1.234567`.
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
