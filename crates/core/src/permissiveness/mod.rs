//! Is one safety state at most as permissive as another? A partial order: states of different
//! councils, say, are not comparable, and then neither is at most as permissive as the other.
//!
//! It compares what can be observed, before and after **one instruction at the same slot and time**:
//! - **Phase.** Frozen < recovering < alert = operating < set-up. Set-up protects nothing, so
//!   whatever follows it is at most as permissive. While frozen or recovering the open incident stays
//!   the same. A restoration is forgotten, but never named. The rules of the recovery are the same, and the clock of
//!   the escape stands.
//! - **Board.** The effective mask of every compartment, as hosts read it through the guard, now
//!   and at the last second of every timed mask that was in force: no bit opens, now or earlier than
//!   it would have. Ramps do not rise. The epoch does not fall, and no slot that an unpause is compared with: nothing in
//!   force looks older than it is. It has not been open for longer.
//! - **Council.** Members, roles, thresholds, delays, times, pause limits, default mask, fallback and epoch are
//!   the same. Pause rights, veto rights and the pauses left under the limits do not rise. No member begins to
//!   count, or counts from an earlier time on, and the fallback does not become due.
//! - **Breakers.** Limits do not rise, nor does the room that is left once all inflow credit is
//!   granted; a latch in force stays in force at least as long; the rest of the configuration is the
//!   same; none comes or goes.
//! - **Vaults.** Operator, breaker, route and the rest are the same; one that does not pay does not
//!   begin to; what an evacuation voided stays void; the latch of its route stays in force; none comes or goes.
//! - **Releases.** Amount, destination and owner are the same (only who owns a claim may name another destination, and
//!   that is no loosening of the domain's to judge), none becomes payable earlier or again, what was paid stays paid, and
//!   a new one waits as long as its vault says.
//! - **Detectors** of prices, solvency and authorities: configuration the same, a latch in force stays in force at least
//!   as long; none comes or goes. Their statistics open nothing.
//! - **Ledgers, links and emergency actions.** The same bytes; none comes or goes.
//!
//! What it leaves out: time. A timed mask or a latch that lapses, and a window that forgets, are no
//! one's act, nor is a reference that rises once it was seen higher all window long, so two moments
//! are never compared. Nor does it look at balances, proposals,
//! confirmations, snapshots, checkpoints and ballots: none of them opens anything until an instruction acts on it.

mod custody;

use bulkhead_guard::{GuardError, board::MAX_COMPARTMENTS, effective_mask, ramp_bps};
use bulkhead_interface::{
    Pubkey,
    constants::phase,
    layout::{
        AuthorityWatch, Council, Domain, EmergencyAction, Latch, Ledger, Link, Member, OutflowBreaker, PauseBoard,
        PriceBreaker, Release, SolvencyBreaker, Vault, space,
    },
};

use crate::{
    breakers::window::{self, Limits, Moment, TripLimits},
    detectors::latch,
    domain::council::{guardian_pauses_left, is_counted, is_unreachable, members},
    escape::clock,
    pause::board::{lapses, open_seconds, trip_slot},
    proposals::veto,
};

use custody::{release_loosening, same_ledger, vault_loosening};

/// Everything about a domain that says what may happen. Accounts come with their addresses.
#[derive(Clone, Copy)]
pub struct Safety<'a> {
    /// The domain.
    pub domain: &'a Domain,
    /// Its council.
    pub council: &'a Council,
    /// Its board's account data, as hosts read them.
    pub board: &'a [u8],
    /// Its outflow breakers.
    pub breakers: &'a [(Pubkey, OutflowBreaker)],
    /// Its vaults.
    pub vaults: &'a [(Pubkey, Vault)],
    /// The releases of its vaults.
    pub releases: &'a [(Pubkey, Release)],
    /// Its detectors besides the outflow breakers.
    pub detectors: &'a [(Pubkey, AnyDetector)],
    /// Its ledgers.
    pub ledgers: &'a [(Pubkey, Ledger)],
    /// Its links.
    pub links: &'a [(Pubkey, Link)],
    /// Its emergency actions.
    pub emergency_actions: &'a [(Pubkey, EmergencyAction)],
}

/// What is looser than before, or cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loosening {
    /// The phase, the open incident, the restoration or a link of the domain.
    Domain,
    /// The board is none, or its epoch fell.
    Board,
    /// An action of this compartment opened, now or sooner than it would have.
    Mask(u8),
    /// The ramp of this compartment rose.
    Stage(u8),
    /// Who may do what.
    Council,
    /// A breaker came, went, or changed in more than its limits.
    Breaker(Pubkey),
    /// A limit rose.
    Limit(Pubkey),
    /// A latch ended early.
    Latch(Pubkey),
    /// More may leave at once.
    Room(Pubkey),
    /// A vault came, went, changed or pays again.
    Vault(Pubkey),
    /// A release pays more, earlier, again or elsewhere.
    Release(Pubkey),
    /// A ledger came, went or changed.
    Ledger(Pubkey),
    /// An emergency action came, went or changed.
    EmergencyAction(Pubkey),
    /// A link to an upstream came, went or changed.
    Link(Pubkey),
    /// A detector came, went, or changed in more than what it learns.
    Detector(Pubkey),
}

/// A detector besides the outflow breakers.
#[derive(Clone, Copy)]
pub enum AnyDetector {
    /// Of a price.
    Price(PriceBreaker),
    /// Of reserves.
    Solvency(SolvencyBreaker),
    /// Of authorities.
    Authority(AuthorityWatch),
}

impl AnyDetector {
    /// Its latch.
    #[must_use]
    pub const fn latch(&self) -> &Latch {
        match self {
            Self::Price(breaker) => &breaker.latch,
            Self::Solvency(breaker) => &breaker.latch,
            Self::Authority(watch) => &watch.latch,
        }
    }

    /// Is everything the same that an observation does not change?
    fn is_configured_like(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Price(mut old), Self::Price(new)) => {
                (old.statistics, old.latch) = (new.statistics, configured(&old.latch, &new.latch));
                (old.looked_slot, old.looked_ts, old.restarted) = (new.looked_slot, new.looked_ts, new.restarted);
                (old.still_ts, old.still_slot, old.lost_slot) = (new.still_ts, new.still_slot, new.lost_slot);
                (old.noted, old.noted_seen) = (new.noted, new.noted_seen);
                bytemuck::bytes_of(&old) == bytemuck::bytes_of(&new)
            }
            (Self::Solvency(mut old), Self::Solvency(new)) => {
                (old.suspect_ts, old.suspect_slot) = (new.suspect_ts, new.suspect_slot);
                (old.grown_ts, old.grown_slot) = (new.grown_ts, new.grown_slot);
                (old.latched_low, old.latched_high) = (new.latched_low, new.latched_high);
                (old.least_low, old.least_high) = (new.least_low, new.least_high);
                old.latch = configured(&old.latch, &new.latch);
                bytemuck::bytes_of(&old) == bytemuck::bytes_of(&new)
            }
            (Self::Authority(mut old), Self::Authority(new)) => {
                (old.latched, old.latch) = (new.latched, configured(&old.latch, &new.latch));
                bytemuck::bytes_of(&old) == bytemuck::bytes_of(&new)
            }
            _ => false,
        }
    }
}

/// The latch `new` with the configuration of `old`.
const fn configured(old: &Latch, new: &Latch) -> Latch {
    Latch {
        scope: old.scope,
        seconds: old.seconds,
        ..*new
    }
}

/// Is `after` at most as permissive as `before`, both taken at `slot` and `now`?
#[must_use]
pub fn is_at_most(after: &Safety, before: &Safety, slot: u64, now: i64) -> bool {
    loosening(before, after, slot, now).is_none()
}

/// The first thing that is looser in `after`, both taken at `slot` and `now`.
#[must_use]
pub fn loosening(before: &Safety, after: &Safety, slot: u64, now: i64) -> Option<Loosening> {
    if before.domain.state == phase::SETUP {
        return None;
    }
    let (Some(old_board), Some(new_board)) = (typed(before.board), typed(after.board)) else {
        return Some(Loosening::Board);
    };
    if !domain_freezes(before.domain, after.domain) {
        return Some(Loosening::Domain);
    }
    if !council_freezes(before.council, after.council, now) {
        return Some(Loosening::Council);
    }
    let boards = || board_loosening(before, after, &old_board, now);
    let breakers = || breaker_loosening(before, after, (&old_board, &new_board), slot, now);
    let vaults = || vault_loosening(before, after, (&old_board, &new_board), now);
    let releases = || release_loosening(before, after, new_board.unpaused_slot, now);
    let ledgers = || different(before.ledgers, after.ledgers, same_ledger).map(Loosening::Ledger);
    let links = || different(before.links, after.links, same_bytes).map(Loosening::Link);
    let detectors = || detector_loosening(before, after, (&old_board, &new_board), now);
    let emergency_actions =
        || different(before.emergency_actions, after.emergency_actions, same_bytes).map(Loosening::EmergencyAction);
    boards()
        .or_else(breakers)
        .or_else(vaults)
        .or_else(releases)
        .or_else(ledgers)
        .or_else(links)
        .or_else(detectors)
        .or_else(emergency_actions)
}

/// How much a phase leaves open.
const fn openness(phase: u8) -> u8 {
    match phase {
        phase::FROZEN => 0,
        phase::RECOVERING => 1,
        phase::ALERT | phase::OPERATING => 2,
        _ => 3,
    }
}

fn domain_freezes(before: &Domain, after: &Domain) -> bool {
    let is_confirmed = matches!(before.state, phase::FROZEN | phase::RECOVERING);
    openness(after.state) <= openness(before.state)
        && (!is_confirmed || after.open_incident == before.open_incident)
        && (after.restoration == before.restoration || after.restoration == Pubkey::default())
        && after.setup_authority == before.setup_authority
        && after.council == before.council
        && after.board == before.board
        && after.host_program == before.host_program
        && after.governance_mint == before.governance_mint
        && after.vote_seconds == before.vote_seconds
        && after.quorum_bps == before.quorum_bps
        && after.escape_seconds == before.escape_seconds
        && after.restart_check_seconds == before.restart_check_seconds
        && clock_stands(before, after)
}

/// Is the escape due when it was? A freeze starts its clock; only an unpause stops it.
fn clock_stands(before: &Domain, after: &Domain) -> bool {
    clock::due(before).is_none_or(|due| clock::due(after) == Some(due))
}

fn council_freezes(before: &Council, after: &Council, now: i64) -> bool {
    let same_policies = before.policies.iter().zip(&after.policies).all(|(old, new)| {
        (old.threshold, old.delay_seconds, old.expiry_seconds) == (new.threshold, new.delay_seconds, new.expiry_seconds)
    });
    let mut pairs = members(before).iter().zip(members(after));
    let member_holds = |old: &Member, new: &Member| {
        old.key == new.key
            && old.roles == new.roles
            && new.pause_rights <= old.pause_rights
            && guardian_pauses_left(after, new, now) <= guardian_pauses_left(before, old, now)
            && (is_counted(before, old, now) || !is_counted(after, new, now))
            && new.active_from_ts >= old.active_from_ts
    };
    before.member_count == after.member_count
        && pairs.all(|(old, new)| member_holds(old, new))
        && same_policies
        && (is_unreachable(before, now) || !is_unreachable(after, now))
        && before.heartbeat_seconds == after.heartbeat_seconds
        && before.fallback_seconds == after.fallback_seconds
        && before.fallback == after.fallback
        && before.guardian_pauses_per_day == after.guardian_pauses_per_day
        && before.guardian_pauses_in_a_row == after.guardian_pauses_in_a_row
        && before.freeze_threshold == after.freeze_threshold
        && before.pause_rights == after.pause_rights
        && before.veto_rights == after.veto_rights
        && veto::holds(before, after)
        && before.guardian_pause_seconds == after.guardian_pause_seconds
        && before.trip_seconds == after.trip_seconds
        && before.default_mask == after.default_mask
        && before.config_epoch == after.config_epoch
        && before.domain == after.domain
        && before.board == after.board
}

fn typed(board: &[u8]) -> Option<PauseBoard> {
    // Through the guard first: discriminator and version are its to judge.
    effective_mask(board, 0, 0).ok()?;
    bytemuck::try_pod_read_unaligned(board.get(8..space::<PauseBoard>())?).ok()
}

fn compartments() -> impl Iterator<Item = u8> {
    (0..=u8::MAX).take(MAX_COMPARTMENTS)
}

fn board_loosening(before: &Safety, after: &Safety, old: &PauseBoard, now: i64) -> Option<Loosening> {
    let Some(new) = typed(after.board).filter(|new| new.epoch >= old.epoch) else {
        return Some(Loosening::Board);
    };
    let rows = core::iter::once(&old.domain_row).chain(&old.rows);
    let ends = rows
        .flat_map(lapses)
        .chain([old.grace_until])
        .filter(|until| now < *until)
        .map(|until| until.saturating_sub(1));
    for instant in core::iter::once(now).chain(ends) {
        let opens = |number: u8| -> Result<bool, GuardError> {
            let closed = effective_mask(before.board, number, instant)?;
            Ok(closed & !effective_mask(after.board, number, instant)? != 0)
        };
        if let Some(number) = compartments().find(|number| opens(*number) != Ok(false)) {
            return Some(Loosening::Mask(number));
        }
    }
    let rises = |number: u8| match (ramp_bps(before.board, number), ramp_bps(after.board, number)) {
        (Ok(old), Ok(new)) => new > old,
        _ => true,
    };
    let risen = compartments().find(|number| rises(*number)).map(Loosening::Stage);
    risen.or_else(|| (!is_as_new(&new, old, now)).then_some(Loosening::Board))
}

/// Is everything in force of no earlier slot, so that no unpause takes away more of it? And has the domain been open for
/// no longer, so that no freeze starts the escape's clock anew?
fn is_as_new(new: &PauseBoard, old: &PauseBoard, now: i64) -> bool {
    let rows = |board: &PauseBoard| core::iter::once(board.domain_row).chain(board.rows);
    new.linked_slot >= old.linked_slot
        && new.guardian_pause_slot >= old.guardian_pause_slot
        && new.frozen_slot >= old.frozen_slot
        && open_seconds(new, now) <= open_seconds(old, now)
        && rows(old)
            .zip(rows(new))
            .all(|(old, new)| now >= old.trip_until || trip_slot(&new) >= trip_slot(&old))
}

fn breaker_loosening(
    before: &Safety,
    after: &Safety,
    (old_board, new_board): (&PauseBoard, &PauseBoard),
    slot: u64,
    now: i64,
) -> Option<Loosening> {
    if let Some(key) = different(before.breakers, after.breakers, same_breaker) {
        return Some(Loosening::Breaker(key));
    }
    for (key, old) in before.breakers {
        let new = find(after.breakers, key)?;
        // What a guardian has lowered comes back by itself to what a proposal has set, and not before its time.
        let stands = |breaker: &OutflowBreaker| {
            let is_lowered = breaker.lowered_until != 0 && now < breaker.lowered_until;
            if is_lowered {
                Limits::of(breaker)
            } else {
                Limits::set_for(breaker)
            }
        };
        let is_raised = !stands(new).are_at_most(&stands(old))
            || !Limits::set_for(new).are_at_most(&Limits::set_for(old))
            || !TripLimits::of(new).are_at_most(&TripLimits::of(old));
        if is_raised || new.lowered_slot < old.lowered_slot {
            return Some(Loosening::Limit(*key));
        }
        let stays = latch_stays(&old.latch, &new.latch, new_board, now);
        if latch::is_in_force(&old.latch, old_board.unpaused_slot, now) && !stays {
            return Some(Loosening::Latch(*key));
        }
        let room = |breaker: &OutflowBreaker, data: &[u8], board: &PauseBoard, slot: u64| {
            let at = Moment {
                slot,
                now,
                // A compartment without a ramp has no limits at all.
                ramp_bps: ramp_bps(data, breaker.compartment).unwrap_or(u16::MAX),
                unpaused_slot: board.unpaused_slot,
            };
            // With all inflow credit granted: what a host says has come in is its own act.
            window::most(breaker, &at)
        };
        // In this slot, and in another one, where only the window counts.
        let grows = |slot| room(new, after.board, new_board, slot) > room(old, before.board, old_board, slot);
        if grows(slot) || grows(slot.wrapping_add(1)) || !window::is_added_up(new) {
            return Some(Loosening::Room(*key));
        }
    }
    None
}

fn same_breaker(old: &OutflowBreaker, new: &OutflowBreaker) -> bool {
    let numbers = |b: &OutflowBreaker| {
        (
            b.version,
            b.compartment,
            b.shard,
            b.shards,
            b.sub_windows,
            b.latch.scope,
            b.window_seconds,
            b.latch.seconds,
        )
    };
    numbers(old) == numbers(new)
        && old.domain == new.domain
        && old.board == new.board
        && old.mint == new.mint
        && old.authority == new.authority
        && old.reference == new.reference
}

fn detector_loosening(
    before: &Safety,
    after: &Safety,
    (old_board, new_board): (&PauseBoard, &PauseBoard),
    now: i64,
) -> Option<Loosening> {
    if let Some(key) = different(before.detectors, after.detectors, AnyDetector::is_configured_like) {
        return Some(Loosening::Detector(key));
    }
    let ends_early = |(key, old): &&(Pubkey, AnyDetector)| {
        let stays = |new: &AnyDetector| latch_stays(old.latch(), new.latch(), new_board, now);
        latch::is_in_force(old.latch(), old_board.unpaused_slot, now) && !find(after.detectors, key).is_some_and(stays)
    };
    let mut detectors = before.detectors.iter();
    detectors.find(ends_early).map(|(key, _)| Loosening::Latch(*key))
}

/// Is `new` in force as long as `old`, and of no earlier slot?
fn latch_stays(old: &Latch, new: &Latch, new_board: &PauseBoard, now: i64) -> bool {
    latch::is_in_force(new, new_board.unpaused_slot, now) && new.until >= old.until && new.slot >= old.slot
}

fn same_bytes<T: bytemuck::Pod>(old: &T, new: &T) -> bool {
    bytemuck::bytes_of(old) == bytemuck::bytes_of(new)
}

/// An account that only one side has, or that is not the `same` on both.
fn different<T>(before: &[(Pubkey, T)], after: &[(Pubkey, T)], same: impl Fn(&T, &T) -> bool) -> Option<Pubkey> {
    let gone_or_changed = before
        .iter()
        .find(|(key, old)| find(after, key).is_none_or(|new| !same(old, new)));
    let come = || after.iter().find(|(key, _)| find(before, key).is_none());
    gone_or_changed.or_else(come).map(|(key, _)| *key)
}

fn find<'a, T>(accounts: &'a [(Pubkey, T)], key: &Pubkey) -> Option<&'a T> {
    accounts.iter().find(|(own, _)| own == key).map(|(_, account)| account)
}
