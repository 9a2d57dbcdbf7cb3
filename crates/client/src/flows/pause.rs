//! A guardian's pause, and the end of an incident that nobody confirmed.

use std::iter::once;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError, acts,
    domain::council::{guardian_pauses_left, members},
};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, role},
    layout::{Council, Incident, PauseBoard},
};

use super::{
    Done, FlowError, Session,
    reading::Scene,
    refusal::{list, refused},
};
use crate::{instructions as ix, status::words};

/// A pause that would last less than this much longer than one in force is the same pause: sent again after a lost
/// connection, it would burn a right and close nothing more.
const SAME_PAUSE_SECONDS: i64 = 60;

/// One guardian closes the actions of `mask` in `scope` (255 is the domain); `mask` 0 is the council's default. Does
/// nothing if guardians have closed them at least as long already.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn pause(
    session: &Session<'_>,
    domain: Pubkey,
    guardian: Pubkey,
    scope: u8,
    mask: u32,
) -> Result<Done, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let Scene { council, board, at, .. } = scene;
    if is_paused(&council, &board, scope, mask, at.now) {
        session.report.note("already paused, at least as long");
        return Ok(Done {
            skipped: 1,
            ..Done::default()
        });
    }
    let paused = acts::pause(&mut { council }, &mut { board }, &guardian, scope, mask, at)
        .map_err(|error| refused(error, who_can_pause(error, &council, at.now)))?;
    let receipt = session.chain.send(&[ix::pause(domain, guardian, scope, mask)]).await?;
    let (until, left) = (words::when(paused.until, at.now), paused.rights_left);
    session.report.note(&format!(
        "paused until {until}; the guardian has {left} pause rights left"
    ));
    Ok(Done {
        receipts: vec![receipt],
        skipped: 0,
    })
}

/// Do guardians' pauses and freezes close all of `mask` as long as a new pause would? Trips and linked pauses do not
/// count: an unpause that was proposed before now may open them, and would not open a new pause.
fn is_paused(council: &Council, board: &PauseBoard, scope: u8, mask: u32, now: i64) -> bool {
    let mask = if mask == 0 { council.default_mask } else { mask };
    let until = now.saturating_add(council.guardian_pause_seconds);
    let own = (scope != SCOPE_DOMAIN).then(|| board.rows.get(usize::from(scope)));
    let closed = once(&board.domain_row).chain(own.flatten()).fold(0, |closed, row| {
        let lasts = row.guardian_pause_until.saturating_add(SAME_PAUSE_SECONDS) >= until;
        closed | row.freeze | if lasts { row.guardian_pause } else { 0 }
    });
    mask & !closed == 0
}

/// What to do when a guardian cannot pause.
pub(super) fn who_can_pause(error: CoreError, council: &Council, now: i64) -> String {
    let able = members(council)
        .iter()
        .filter(|member| member.roles & role::GUARDIAN != 0 && guardian_pauses_left(council, member, now) > 0);
    let able: Vec<_> = able.map(|member| member.key).collect();
    match error {
        CoreError::CompartmentOutOfRange => "name one of the domain's compartments".to_owned(),
        CoreError::NoPauseRights
        | CoreError::GuardianPauseLimitReached
        | CoreError::NotAMember
        | CoreError::RoleMissing => format!(
            "guardians who can pause now: {}",
            list(&able, "none; a proposal that grants rights restores them")
        ),
        _ => "read the domain's status".to_owned(),
    }
}

/// Anyone closes the open incident if nobody confirmed it and every timed pause has lapsed. Does nothing if no incident
/// is open.
///
/// # Errors
/// [`FlowError`]
pub async fn lapse(session: &Session<'_>, domain: Pubkey) -> Result<Done, FlowError> {
    let mut scene = Scene::read(session, &domain).await?;
    let key = scene.domain.open_incident;
    if key == Pubkey::default() {
        return Ok(Done {
            skipped: 1,
            ..Done::default()
        });
    }
    let mut incident: Incident = session.load("incident", &key, "run this again").await?;
    acts::lapse(&mut scene.domain, &scene.board, &mut incident, scene.at).map_err(|error| {
        let next = match error {
            CoreError::PauseInForce => "wait until every pause of the status has lapsed",
            _ => "guardians have confirmed it, so only a proposal ends it: resume or reopen",
        };
        refused(error, next)
    })?;
    let receipt = session.chain.send(&[ix::close_lapsed_incident(domain, key)]).await?;
    Ok(Done {
        receipts: vec![receipt],
        skipped: 0,
    })
}
