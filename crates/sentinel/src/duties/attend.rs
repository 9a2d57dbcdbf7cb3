//! Cranks of one transaction: trips, links, releases, evacuations, incidents that lapsed, leftovers, heartbeats.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    flows::{due_evacuations, due_propagations, due_settlements},
    instructions as ix, pda,
    status::Accounts,
    watch::Kind,
};
use bulkhead_core::{acts, domain::council::members, proposals::proposal};
use bulkhead_interface::{
    constants::{migration_state, role},
    layout::{
        Council, Detector, Domain, Incident, Ledger, Link, Migration, OutflowBreaker, PauseBoard, Proposal, Release,
        Vault,
    },
};
use solana_instruction::Instruction;

use super::{
    Act, Duty, Scene,
    looks::sub_window_seconds,
    schedule::{Period, digest},
};

/// Parts of a trip's time, in each of which a pause that stays in force upstream is propagated again.
const PARTS_OF_TRIP: i64 = 4;

/// A number that stands for what an instruction does.
fn number_of(instruction: &Instruction) -> i64 {
    let keys: Vec<u8> = instruction
        .accounts
        .iter()
        .flat_map(|meta| meta.pubkey.to_bytes())
        .collect();
    digest(&[&instruction.data, &keys])
}

/// Trips and links that are not on the board yet. The first latch may open an incident that the others belong to, so one
/// trip is sent in each round.
pub(super) fn propagations(scene: &Scene) -> Vec<Act> {
    if !scene.duties.propagate {
        return vec![];
    }
    let domain = scene.domain();
    let council: Option<Council> = scene.accounts.find(&pda::council(&domain));
    let trip_seconds = council.map_or(1, |council| council.trip_seconds);
    let part = trip_seconds.div_euclid(PARTS_OF_TRIP).max(1);
    let links: Vec<(Pubkey, Link)> = scene.accounts.all();
    let act = |instruction: Instruction| {
        let is_about = |key: &Pubkey| instruction.accounts.iter().any(|meta| meta.pubkey == *key);
        let link = links.iter().find(|(key, _)| is_about(key));
        match link {
            // A freeze upstream has no end, so each second it could be propagated for a second longer.
            Some((key, link)) => {
                let upstream: Option<PauseBoard> = scene.accounts.outside(&link.upstream_board);
                let epoch = upstream.map_or(0, |board| board.epoch).to_le_bytes();
                let rows = upstream
                    .map_or(0, |board| digest(&[bytemuck::bytes_of(&board.domain_row)]))
                    .to_le_bytes();
                let part = scene.at.now.div_euclid(part).to_le_bytes();
                let number = digest(&[&epoch, &rows, &part]);
                (*key, number, instruction)
            }
            None => {
                let number = number_of(&instruction);
                let detector = latched(scene.accounts, &instruction);
                (detector.0, number ^ detector.1, instruction)
            }
        }
    };
    let is_link = |(key, ..): &(Pubkey, i64, Instruction)| links.iter().any(|(link, _)| link == key);
    let all = due_propagations(scene.accounts, scene.payer, scene.at)
        .into_iter()
        .map(act);
    let (linked, trips): (Vec<_>, Vec<_>) = all.partition(is_link);
    let due = trips.into_iter().take(1).chain(linked);
    due.map(|(key, number, instruction)| Act {
        is_urgent: true,
        ..scene.act(Duty::Propagate, &key, number, instruction)
    })
    .collect()
}

/// The detector that an instruction propagates, and a number of its latch.
fn latched(accounts: &Accounts, instruction: &Instruction) -> (Pubkey, i64) {
    const DETECTORS: [Kind; 5] = [
        Kind::OutflowBreaker,
        Kind::PriceBreaker,
        Kind::SolvencyBreaker,
        Kind::AuthorityWatch,
        Kind::Vault,
    ];
    let mut detectors = instruction.accounts.iter().filter_map(|meta| {
        let data = &accounts.raw(&meta.pubkey)?.data;
        let kind = Kind::of(data)?;
        let header = data.get(8..)?.get(..size_of::<Detector>())?;
        let detector: Detector = bytemuck::pod_read_unaligned(header);
        DETECTORS
            .contains(&kind)
            .then(|| (meta.pubkey, digest(&[bytemuck::bytes_of(&detector.latch)])))
    });
    detectors.next().unwrap_or_default()
}

/// Matured releases, each at most once in a sub-window of its breaker.
pub(super) fn settlements(scene: &Scene) -> Vec<Act> {
    if !scene.duties.settle {
        return vec![];
    }
    let act = |instruction: Instruction| {
        let named = |key: &Pubkey| instruction.accounts.iter().any(|meta| meta.pubkey == *key);
        let releases = scene.accounts.all::<Release>();
        let (key, release) = releases.into_iter().find(|(key, _)| named(key))?;
        let vault: Vault = scene.accounts.find(&release.vault)?;
        let breaker: OutflowBreaker = scene.accounts.find(&vault.breaker)?;
        let every = scene.schedule.settle.map_or(1, crate::config::Span::seconds);
        let every = every.max(sub_window_seconds(&breaker));
        Some(Act {
            is_repeatable: false,
            ..scene.act(Duty::Settle, &key, scene.at.now.div_euclid(every), instruction)
        })
    };
    due_settlements(scene.accounts, scene.at)
        .into_iter()
        .filter_map(act)
        .collect()
}

/// Vaults whose evacuation the guardians have confirmed.
pub(super) fn evacuations(scene: &Scene) -> Vec<Act> {
    let open = scene
        .accounts
        .find::<Domain>(&scene.domain())
        .map(|domain| domain.open_incident);
    let Some(incident) = open.filter(|key| scene.duties.evacuate && *key != Pubkey::default()) else {
        return vec![];
    };
    let migration: Option<Migration> = scene.accounts.find(&pda::migration(&incident));
    if migration.is_none_or(|migration| migration.state != migration_state::ACTIVE) {
        return vec![];
    }
    let act = |instruction: Instruction| {
        let named = |key: &Pubkey| instruction.accounts.iter().any(|meta| meta.pubkey == *key);
        let (key, vault) = scene.accounts.all::<Vault>().into_iter().find(|(key, _)| named(key))?;
        let held = scene.accounts.balance(&vault.custody).unwrap_or(0).to_le_bytes();
        let number = digest(&[incident.as_ref(), &held, bytemuck::bytes_of(&vault.evacuation)]);
        Some(Act {
            is_urgent: true,
            ..scene.act(Duty::Evacuate, &key, number, instruction)
        })
    };
    due_evacuations(scene.accounts, &incident, scene.at.now)
        .into_iter()
        .filter_map(act)
        .collect()
}

/// An incident that nobody confirmed, once every timed pause has lapsed.
pub(super) fn lapses(scene: &Scene) -> Vec<Act> {
    let key = scene.domain();
    let found = || {
        let mut domain: Domain = scene.accounts.find(&key)?;
        let board: PauseBoard = scene.accounts.find(&pda::board(&key))?;
        let open = domain.open_incident;
        let mut incident: Incident = scene.accounts.find(&open)?;
        let number = i64::try_from(incident.index).unwrap_or(i64::MAX);
        acts::lapse(&mut domain, &board, &mut incident, scene.at).ok()?;
        Some(scene.act(Duty::Lapse, &open, number, ix::close_lapsed_incident(key, open)))
    };
    found().filter(|_| scene.duties.close.incidents).into_iter().collect()
}

/// Records whose rent may be reclaimed.
pub(super) fn leftovers(scene: &Scene) -> Vec<Act> {
    let mut acts = Vec::new();
    if scene.duties.close.releases {
        for (key, release) in scene.accounts.all::<Release>() {
            let vault = scene.accounts.find::<Vault>(&release.vault);
            let queue = vault.and_then(|vault| pda::queue_ledger(&vault));
            let ledger = queue.and_then(|key| scene.accounts.find::<Ledger>(&key));
            if acts::close_release(&release, ledger.as_ref()).is_ok() {
                let close = ix::with_queue(ix::close_release(key, release.payer), queue);
                acts.push(scene.act(Duty::Close, &key, release.requested_ts, close));
            }
        }
    }
    let council: Option<Council> = scene.accounts.find(&pda::council(&scene.domain()));
    if let Some(council) = council.filter(|_| scene.duties.close.proposals) {
        for (key, state) in scene.accounts.all::<Proposal>() {
            if proposal::check_closable(&state, &council, scene.at.now).is_ok() {
                let close = ix::close_proposal(state.domain, key, state.payer);
                acts.push(scene.act(Duty::Close, &key, state.created_ts, close));
            }
        }
    }
    acts
}

/// Heartbeats of the members whose keys are here and who can neither approve nor veto. A daemon says nothing of people:
/// whoever has another role proves by hand that they are there.
pub(super) fn heartbeats(scene: &Scene) -> Vec<Act> {
    let council: Option<Council> = scene.accounts.find(&pda::council(&scene.domain()));
    let Some(council) = council.filter(|_| scene.duties.heartbeat) else {
        return vec![];
    };
    let own = council.heartbeat_seconds.div_euclid(4);
    let every = scene.schedule.heartbeat.map_or(own, crate::config::Span::seconds);
    let is_meant = |member: &&bulkhead_interface::layout::Member| {
        let is_due = scene.at.now.saturating_sub(member.last_active_ts) >= every;
        is_due && scene.members.contains(&member.key) && member.roles & !(role::GUARDIAN | role::ATTESTER) == 0
    };
    let act = |member: &bulkhead_interface::layout::Member| {
        let beat = ix::heartbeat(scene.domain(), member.key, member.last_active_ts);
        Act {
            name: format!("{}/{}/{}", Duty::Heartbeat.name(), scene.domain(), member.key),
            ..scene.act(Duty::Heartbeat, &member.key, member.last_active_ts, beat)
        }
    };
    members(&council).iter().filter(is_meant).map(act).collect()
}

/// How often heartbeats are sent, if any are.
pub(super) fn heartbeat_period(scene: &Scene, member: &Pubkey) -> Option<Period> {
    let council: Council = scene.accounts.find(&pda::council(&scene.domain()))?;
    let own = council.heartbeat_seconds.div_euclid(4);
    let every = scene.schedule.heartbeat.map_or(own, crate::config::Span::seconds);
    let found = members(&council).iter().find(|known| known.key == *member)?;
    let is_meant = scene.duties.heartbeat && found.roles & !(role::GUARDIAN | role::ATTESTER) == 0;
    is_meant.then(|| Period::of(member, every))
}
