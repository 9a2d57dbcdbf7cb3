//! A member proves to be active.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    acts,
    domain::council::{is_active, members},
};
use bulkhead_interface::constants::role;

use super::{Done, FlowError, Session, reading::Scene, refusal::refused};
use crate::{instructions as ix, status::words};

/// Activity that is younger than this needs no heartbeat. The shortest heartbeat a council can ask for is a day.
const FRESH_SECONDS: i64 = 3_600;

/// A member of any role records activity. Does nothing if the council recorded some in the last hour.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn heartbeat(session: &Session<'_>, domain: Pubkey, member: Pubkey) -> Result<Done, FlowError> {
    let Scene { council, at, .. } = Scene::read(session, &domain).await?;
    let found = members(&council).iter().find(|known| known.key == member);
    let last = found.map_or(0, |found| found.last_active_ts);
    if found.is_some() && at.now.saturating_sub(last) < FRESH_SECONDS {
        session.report.note("active within the last hour already");
        return Ok(Done {
            skipped: 1,
            ..Done::default()
        });
    }
    let was_silent = found.is_some_and(|found| !is_active(&council, found, at.now));
    let eligible_ts = acts::heartbeat(&mut { council }, &member, last, at.now).map_err(|error| {
        let members = words::members_with(&council, role::ALL);
        refused(error, format!("members: {members}"))
    })?;
    let receipt = session.chain.send(&[ix::heartbeat(domain, member, last)]).await?;
    if was_silent {
        let when = words::when(eligible_ts, at.now);
        session
            .report
            .note(&format!("the member was silent, and is eligible again from {when}"));
    }
    Ok(Done {
        receipts: vec![receipt],
        skipped: 0,
    })
}
