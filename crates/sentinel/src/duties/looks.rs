//! Looks: at references, prices, reserves, authorities and routes. Each is due once in a period. A look that would make a
//! detector latch, or start the time after which it does, is due at once.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    acts::{self, Shown},
    breakers::window::UNSEEN,
    custody::route_fault,
    detectors::{oracle, solvency},
};
use bulkhead_interface::{
    constants::{price_source, route_fault as fault},
    layout::{
        AuthorityWatch, Latch, Link, OutflowBreaker, PauseBoard, PriceBreaker, PriceRules, Release, SolvencyBreaker,
        Vault,
    },
};
use solana_account::Account;
use solana_instruction::Instruction;

use super::{
    Act, Duty, Scene,
    schedule::{Period, digest},
};
use crate::config::{Schedule, Span};

/// Pyth's program that keeps the accounts of feeds up to date.
const PYTH_PUSH: Pubkey = anchor_lang::prelude::pubkey!("pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");
/// Longest time between two looks at a price.
const LONGEST_PRICE_SECONDS: i64 = 3_600;
/// Longest time between two looks at reserves: a suspicion is forgotten after an hour.
const LONGEST_SOLVENCY_SECONDS: i64 = 1_500;
/// Shortest time between two looks at reserves, if nothing is suspected.
const SHORTEST_SOLVENCY_SECONDS: i64 = 60;
/// Time between two looks at an authority or a route. Changes are looked at when they are seen; these looks are for what
/// the endpoints do not show.
const WATCH_SECONDS: i64 = 1_800;

/// A detector that is looked at regularly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Regular {
    pub duty: Duty,
    pub key: Pubkey,
    pub period: Period,
}

fn seconds(set: Option<Span>, own: i64) -> i64 {
    set.map_or(own, Span::seconds).max(1)
}

/// Time between two looks at a price: often enough for the mean, for an account that stands still, and for updates that
/// expire.
fn price_seconds(rules: &PriceRules, schedule: &Schedule) -> i64 {
    let mean = (rules.deviation != 0).then_some(rules.twap_seconds / 15);
    let stale = (rules.stale_seconds != 0).then_some(rules.stale_seconds / 4);
    let expiry = Some(rules.max_age_seconds / 2);
    let own = mean.into_iter().chain(stale).chain(expiry).min().unwrap_or(u32::MAX);
    let least = i64::from(rules.min_interval_seconds).max(1);
    let own = i64::from(own).clamp(least, LONGEST_PRICE_SECONDS.max(least));
    seconds(schedule.price, own).max(least)
}

fn solvency_seconds(breaker: &SolvencyBreaker, schedule: &Schedule) -> i64 {
    let own = breaker
        .min_age_seconds
        .clamp(SHORTEST_SOLVENCY_SECONDS, LONGEST_SOLVENCY_SECONDS);
    seconds(schedule.solvency, own)
}

/// The length of a breaker's sub-window.
pub(super) fn sub_window_seconds(breaker: &OutflowBreaker) -> i64 {
    let parts = i64::from(breaker.sub_windows).max(1);
    let whole = breaker.window_seconds.div_euclid(parts);
    let rest = i64::from(breaker.window_seconds.rem_euclid(parts) != 0);
    whole.saturating_add(rest).max(1)
}

/// The detectors that are looked at regularly, and how often.
pub(super) fn regular(scene: &Scene) -> Vec<Regular> {
    let (accounts, duties, schedule) = (scene.accounts, scene.duties, scene.schedule);
    let regular = |duty, key, seconds| Regular {
        duty,
        key,
        period: Period::of(&key, seconds),
    };
    let mut all = Vec::new();
    if duties.reference {
        let breakers = accounts.all::<OutflowBreaker>().into_iter();
        let referring = breakers.filter(|(_, breaker)| breaker.reference != Pubkey::default());
        all.extend(referring.map(|(key, breaker)| regular(Duty::Reference, key, sub_window_seconds(&breaker))));
    }
    if duties.price {
        let breakers = accounts.all::<PriceBreaker>().into_iter();
        all.extend(breakers.map(|(key, breaker)| regular(Duty::Price, key, price_seconds(&breaker.rules, schedule))));
    }
    if duties.solvency {
        let breakers = accounts.all::<SolvencyBreaker>().into_iter();
        all.extend(breakers.map(|(key, breaker)| regular(Duty::Solvency, key, solvency_seconds(&breaker, schedule))));
    }
    if duties.authority {
        let watches = accounts.all::<AuthorityWatch>().into_iter();
        let every = seconds(schedule.authority, WATCH_SECONDS);
        all.extend(watches.map(|(key, _)| regular(Duty::Authority, key, every)));
    }
    if duties.route {
        let vaults = accounts.all::<Vault>().into_iter();
        let routed = vaults.filter(|(_, vault)| vault.route != Pubkey::default());
        let every = seconds(schedule.route, WATCH_SECONDS);
        all.extend(routed.map(|(key, _)| regular(Duty::Route, key, every)));
    }
    all
}

/// The looks that are due.
pub(super) fn looks(scene: &Scene) -> Vec<Act> {
    let board: Option<PauseBoard> = scene.accounts.find(&pda::board(&scene.domain()));
    let unpaused_slot = board.map_or(0, |board| board.unpaused_slot);
    let look = |regular: Regular| match regular.duty {
        Duty::Reference => reference(scene, &regular),
        Duty::Price => price(scene, &regular, unpaused_slot),
        Duty::Solvency => reserves(scene, &regular, unpaused_slot),
        Duty::Authority => authority(scene, &regular, unpaused_slot),
        _ => route(scene, &regular, unpaused_slot),
    };
    regular(scene).into_iter().filter_map(look).collect()
}

/// An account, or nothing of nobody's.
struct Found<'a> {
    owner: Pubkey,
    data: &'a [u8],
}

impl<'a> Found<'a> {
    fn of(account: Option<&'a Account>) -> Self {
        Self {
            owner: account.map_or(Pubkey::default(), |account| account.owner),
            data: account.map_or(&[], |account| &account.data),
        }
    }

    const fn shown<'b>(&'b self, key: &'b Pubkey) -> Shown<'b> {
        Shown {
            key,
            owner: &self.owner,
            data: self.data,
        }
    }
}

/// What a look would record in a latch.
fn trace(latch: &Latch) -> (u8, i64, u64) {
    (latch.state, latch.ts, latch.slot)
}

/// The look: at once if it is urgent, by a number that stands for what is seen; otherwise when it is due.
fn at_once_or_due(
    scene: &Scene,
    regular: &Regular,
    is_urgent: bool,
    seen: &[&[u8]],
    instruction: Instruction,
) -> Option<Act> {
    if is_urgent {
        return Some(Act {
            name: format!("{}/{}/news", regular.duty.name(), regular.key),
            is_urgent: true,
            ..scene.act(regular.duty, &regular.key, digest(seen), instruction)
        });
    }
    let number = regular.period.due(scene.at.now)?;
    Some(Act {
        is_repeatable: false,
        ..scene.act(regular.duty, &regular.key, number, instruction)
    })
}

/// Whether somebody has sampled the reference in this sub-window.
fn is_sampled(breaker: &OutflowBreaker, number: i64) -> bool {
    let Ok(number) = u64::try_from(number) else {
        return false;
    };
    let ring = u64::from(breaker.sub_windows).saturating_add(1);
    let place = usize::try_from(number % ring).unwrap_or(usize::MAX);
    let is_newest = breaker.bucket == number;
    breaker.bucket > number || (is_newest && breaker.samples.get(place).is_some_and(|sample| *sample != UNSEEN))
}

fn reference(scene: &Scene, regular: &Regular) -> Option<Act> {
    let breaker: OutflowBreaker = scene.accounts.find(&regular.key)?;
    let number = regular
        .period
        .due(scene.at.now)
        .filter(|number| !is_sampled(&breaker, *number))?;
    let look = ix::observe_reference(regular.key, breaker.reference);
    Some(scene.act(Duty::Reference, &regular.key, number, look))
}

/// The account that a breaker's price is read from: the only one, or the feed's account that Pyth keeps.
fn price_account(breaker: &PriceBreaker) -> Pubkey {
    if oracle::is_pinned(breaker) || breaker.kind != price_source::PYTH {
        return breaker.account;
    }
    let shard = 0_u16.to_le_bytes();
    Pubkey::find_program_address(&[&shard, breaker.source.as_ref()], &PYTH_PUSH).0
}

fn price(scene: &Scene, regular: &Regular, unpaused_slot: u64) -> Option<Act> {
    let breaker: PriceBreaker = scene.accounts.find(&regular.key)?;
    let key = price_account(&breaker);
    if !(scene.is_read)(&key) {
        return None;
    }
    let found = Found::of(scene.accounts.raw(&key));
    let mut after = breaker;
    let observed = acts::observe_price(&mut after, found.shown(&key), unpaused_slot, scene.at).ok()?;
    let is_new_loss = breaker.lost_slot == 0 && after.lost_slot != 0;
    let is_urgent = observed.is_latched || is_new_loss;
    let look = ix::observe_price(scene.domain(), regular.key, key);
    let before = bytemuck::bytes_of(&breaker.latch);
    at_once_or_due(
        scene,
        regular,
        is_urgent,
        &[found.data, before, &breaker.lost_slot.to_le_bytes()],
        look,
    )
}

fn reserves(scene: &Scene, regular: &Regular, unpaused_slot: u64) -> Option<Act> {
    let breaker: SolvencyBreaker = scene.accounts.find(&regular.key)?;
    let books = Found::of(scene.accounts.raw(&breaker.liabilities));
    let keys: Vec<Pubkey> = solvency::reserves(&breaker)
        .iter()
        .map(|reserve| reserve.account)
        .collect();
    let held = solvency::reserves(&breaker).iter().map(|reserve| {
        let found = Found::of(scene.accounts.raw(&reserve.account));
        u128::from(solvency::held(reserve, &found.owner, found.data))
    });
    let held = held.fold(0_u128, u128::saturating_add);
    let mut after = breaker;
    acts::observe_solvency(
        &mut after,
        books.shown(&breaker.liabilities),
        held,
        unpaused_slot,
        scene.at,
    );
    // The first look at a shortfall starts the time after which the second one latches.
    let starts = |ts: i64, then: i64| ts == 0 && then != 0;
    let is_read = keys.iter().chain([&breaker.liabilities]).all(scene.is_read);
    let is_news = trace(&after.latch) != trace(&breaker.latch)
        || starts(breaker.suspect_ts, after.suspect_ts)
        || starts(breaker.grown_ts, after.grown_ts);
    let is_urgent = is_read && is_news;
    let look = ix::observe_solvency(scene.domain(), regular.key, breaker.liabilities, &keys);
    let before = bytemuck::bytes_of(&breaker);
    let is_latching = [u8::from(trace(&after.latch) != trace(&breaker.latch))];
    at_once_or_due(
        scene,
        regular,
        is_urgent,
        &[books.data, &held.to_le_bytes(), before, &is_latching],
        look,
    )
}

fn authority(scene: &Scene, regular: &Regular, unpaused_slot: u64) -> Option<Act> {
    let watch: AuthorityWatch = scene.accounts.find(&regular.key)?;
    let found = Found::of(scene.accounts.raw(&watch.account));
    let mut after = watch;
    acts::observe_authority(&mut after, found.shown(&watch.account), unpaused_slot, scene.at);
    let is_urgent = (scene.is_read)(&watch.account) && trace(&after.latch) != trace(&watch.latch);
    let look = ix::observe_authority(scene.domain(), regular.key, watch.account);
    at_once_or_due(
        scene,
        regular,
        is_urgent,
        &[found.data, bytemuck::bytes_of(&watch.latch)],
        look,
    )
}

fn route(scene: &Scene, regular: &Regular, unpaused_slot: u64) -> Option<Act> {
    let vault: Vault = scene.accounts.find(&regular.key)?;
    let found = Found::of(scene.accounts.raw(&vault.route));
    let fault = match scene.accounts.raw(&vault.route) {
        Some(_) => route_fault(&vault, &found.owner, found.data),
        None => fault::GONE,
    };
    let mut after = vault;
    acts::observe_evacuation_route(&mut after, fault, unpaused_slot, scene.at).ok()?;
    let is_urgent = (scene.is_read)(&vault.route) && trace(&after.latch) != trace(&vault.latch);
    let look = ix::observe_evacuation_route(scene.domain(), regular.key, vault.route);
    at_once_or_due(
        scene,
        regular,
        is_urgent,
        &[&[fault], bytemuck::bytes_of(&vault.latch)],
        look,
    )
}

/// The accounts outside the domain that its duties depend on: what detectors look at, and boards of upstream domains.
/// Program data accounts are separate, because they are large.
#[must_use]
pub fn needs(accounts: &bulkhead_client::status::Accounts) -> (BTreeSet<Pubkey>, BTreeSet<Pubkey>) {
    let mut keys = BTreeSet::new();
    let mut programs = BTreeSet::new();
    keys.extend(
        accounts
            .all::<OutflowBreaker>()
            .iter()
            .map(|(_, breaker)| breaker.reference),
    );
    keys.extend(
        accounts
            .all::<PriceBreaker>()
            .iter()
            .map(|(_, breaker)| price_account(breaker)),
    );
    for (_, breaker) in accounts.all::<SolvencyBreaker>() {
        keys.insert(breaker.liabilities);
        keys.extend(solvency::reserves(&breaker).iter().map(|reserve| reserve.account));
    }
    for (_, watch) in accounts.all::<AuthorityWatch>() {
        if watch.kind == bulkhead_interface::constants::watch_kind::PROGRAM {
            programs.insert(watch.account);
        } else {
            keys.insert(watch.account);
        }
    }
    for (_, vault) in accounts.all::<Vault>() {
        keys.extend([vault.custody, vault.route]);
    }
    keys.extend(accounts.all::<Link>().iter().map(|(_, link)| link.upstream_board));
    keys.extend(accounts.all::<Release>().iter().map(|(_, release)| release.destination));
    keys.remove(&Pubkey::default());
    (keys, programs)
}
