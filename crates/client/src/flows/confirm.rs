//! Guardians confirm: that an incident is one, and that the vaults are to be evacuated.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, NewIncident},
    pause::incident::{is_next_due, number_for_alarm},
};
use bulkhead_interface::{
    constants::{migration_state, phase},
    layout::{Council, Incident, Migration},
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;

use super::{Done, FlowError, Session, pause::who_can_pause, reading::Scene, refusal::refused};
use crate::{
    instructions as ix, pda,
    status::{Missing, missing},
};

/// How far the guardians' confirmations have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// The incident.
    pub incident: Pubkey,
    /// Whether the threshold is reached: the domain is frozen, or the vaults may be evacuated.
    pub is_reached: bool,
    /// The confirmations that are missing, and from whom.
    pub missing: Missing,
    /// What was sent.
    pub done: Done,
}

/// A guardian confirms the open incident. If none is open, the guardian opens one, which pauses the domain, and confirms
/// it in the same transaction. Does nothing if this guardian has confirmed it, or if the domain is frozen already.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn confirm(session: &Session<'_>, domain: Pubkey, guardian: Pubkey) -> Result<Confirmed, FlowError> {
    let mut scene = Scene::read(session, &domain).await?;
    let Scene { council, at, .. } = scene;
    if matches!(scene.domain.state, phase::FROZEN | phase::RECOVERING) {
        session.report.note("the guardians have frozen the domain already");
        return Ok(Confirmed {
            incident: scene.domain.open_incident,
            is_reached: true,
            done: nothing(),
            ..Confirmed::default()
        });
    }
    let key = pda::incident(&domain, number_for_alarm(&scene.domain));
    let mut instructions = Vec::new();
    let mut incident = Incident::zeroed();
    if is_next_due(&scene.domain) {
        let new = NewIncident { key, domain, bump: 0 };
        let index = scene.domain.incident_count;
        acts::open_incident(
            &mut scene.domain,
            &mut scene.council,
            &mut scene.board,
            &mut incident,
            &new,
            &guardian,
            at,
        )
        .map_err(|error| refused(error, who_can_raise(error, &council, at.now)))?;
        instructions.push(ix::open_incident(domain, guardian, session.chain.payer(), index));
    } else {
        incident = session.load("incident", &key, "run this again").await?;
    }
    let before = incident;
    match acts::confirm_incident(
        &mut scene.domain,
        &council,
        &mut scene.board,
        &mut incident,
        &guardian,
        at,
    ) {
        Ok(_) => instructions.push(ix::confirm_incident(domain, guardian, key)),
        Err(CoreError::AlreadyConfirmed) => incident = before,
        Err(error) => return Err(refused(error, who_can_confirm(&council, &before, at.now))),
    }
    let done = send_once(session, instructions).await?;
    Ok(Confirmed {
        incident: key,
        is_reached: scene.domain.state == phase::FROZEN,
        missing: missing::confirmations(&council, incident.confirmations, incident.config_epoch, at.now),
        done,
    })
}

/// A guardian confirms that the vaults are to be evacuated in the open incident. Does nothing if this guardian has, or
/// if enough others have.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn confirm_evacuation(
    session: &Session<'_>,
    domain: Pubkey,
    guardian: Pubkey,
) -> Result<Confirmed, FlowError> {
    let mut scene = Scene::read(session, &domain).await?;
    let Scene { council, at, .. } = scene;
    let key = scene.domain.open_incident;
    if key == Pubkey::default() {
        let next = "guardians confirm an incident first, which freezes the domain";
        return Err(refused(CoreError::WrongPhase, next));
    }
    let mut incident: Incident = session.load("incident", &key, "run this again").await?;
    let found: Option<Migration> = session.find(&pda::migration(&key)).await?;
    let mut migration = found.unwrap_or(Migration {
        config_epoch: council.config_epoch,
        ..Migration::zeroed()
    });
    let before = migration;
    let mut instructions = Vec::new();
    if migration.state != migration_state::ACTIVE {
        match acts::confirm_evacuation(
            &mut scene.domain,
            &council,
            &mut incident,
            &mut migration,
            &guardian,
            at,
        ) {
            Ok(_) => {
                let payer = session.chain.payer();
                instructions.push(ix::confirm_evacuation(domain, guardian, payer, key));
            }
            Err(CoreError::AlreadyConfirmed) => migration = before,
            Err(error) => {
                let next = match error {
                    CoreError::WrongPhase => "guardians confirm the incident first, which freezes the domain".into(),
                    _ => who_can_confirm(&council, &incident, at.now),
                };
                return Err(refused(error, next));
            }
        }
    }
    let done = send_once(session, instructions).await?;
    let is_reached = migration.state == migration_state::ACTIVE;
    let lacking = missing::confirmations(&council, migration.confirmations, migration.config_epoch, at.now);
    Ok(Confirmed {
        incident: key,
        is_reached,
        missing: if is_reached { Missing::default() } else { lacking },
        done,
    })
}

/// Sends one transaction, or skips the step if there is nothing to send.
async fn send_once(session: &Session<'_>, instructions: Vec<Instruction>) -> Result<Done, FlowError> {
    if instructions.is_empty() {
        return Ok(nothing());
    }
    Ok(Done {
        receipts: vec![session.chain.send(&instructions).await?],
        skipped: 0,
    })
}

fn nothing() -> Done {
    Done {
        skipped: 1,
        ..Done::default()
    }
}

fn who_can_raise(error: CoreError, council: &Council, now: i64) -> String {
    match error {
        CoreError::WrongPhase => "activate the domain first: until then it protects nothing".to_owned(),
        _ => who_can_pause(error, council, now),
    }
}

fn who_can_confirm(council: &Council, incident: &Incident, now: i64) -> String {
    let missing = missing::confirmations(council, incident.confirmations, incident.config_epoch, now);
    let from = super::refusal::list(&missing.from, "nobody");
    format!("confirmations are missing from: {from}")
}
