//! Upgrades of the host's programs: buffers found by their hash, emergency builds confirmed and deployed.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{CoreError, acts, hash::sha256, host::loader};
use bulkhead_interface::{constants::build_state, ids::UPGRADEABLE_LOADER, layout::HostProgram};

use super::{Confirmed, Done, FlowError, Session, reading::Scene, refusal::refused};
use crate::{
    chain::Filter,
    instructions as ix, pda,
    status::{Missing, missing},
};

/// The first bytes of a buffer that has an authority.
const HELD_BUFFER: [u8; 5] = [1, 0, 0, 0, 1];

/// A buffer whose authority is the domain and whose code has this hash.
///
/// # Errors
/// [`FlowError::NotYet`] if there is none.
pub async fn find_buffer(session: &Session<'_>, domain: &Pubkey, hash: &[u8; 32]) -> Result<Pubkey, FlowError> {
    let filter = Filter::Bytes {
        offset: 0,
        bytes: [&HELD_BUFFER[..], domain.as_ref()].concat(),
    };
    let mut found = session.chain.owned(&UPGRADEABLE_LOADER, &[filter]).await?;
    found.sort_unstable_by_key(|(key, _)| *key);
    let is_it = |data: &[u8]| loader::buffer(data).is_some_and(|(_, code)| sha256(&[code]) == *hash);
    let buffer = found.iter().find(|(_, account)| is_it(&account.data));
    buffer.map(|(key, _)| *key).ok_or_else(|| FlowError::NotYet {
        why: "no buffer of the domain holds the build with this hash".into(),
        next: format!(
            "`solana program write-buffer BUILD.so`, then `solana program set-buffer-authority BUFFER \
             --new-buffer-authority {domain}`"
        ),
    })
}

/// A guardian confirms that the emergency build of a program goes out. Does nothing if this guardian has, or if enough
/// others have.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn confirm_emergency_build(
    session: &Session<'_>,
    domain: Pubkey,
    guardian: Pubkey,
    program: Pubkey,
) -> Result<Confirmed, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let mut record = record(session, &domain, &program).await?;
    let before = record;
    let hash = record.build_hash;
    let result = acts::confirm_emergency_build(&scene.domain, &scene.council, &mut record, &guardian, &hash, scene.at);
    let mut done = Done::default();
    match result {
        Ok(_) => {
            let confirm = ix::confirm_emergency_build(domain, guardian, &program, hash);
            done.receipts.push(session.chain.send(&[confirm]).await?);
        }
        Err(CoreError::AlreadyConfirmed) => {
            record = before;
            done.skipped = 1;
        }
        Err(error) => {
            let next = match error {
                CoreError::WrongPhase => "guardians confirm the incident first, which freezes the domain",
                CoreError::BuildNotConfirmed => "a proposal registers an emergency build",
                _ => "sign with a guardian's key",
            };
            return Err(refused(error, next));
        }
    }
    let is_reached = record.state != build_state::PENDING;
    let lacking = missing::confirmations(&scene.council, record.confirmations, record.config_epoch, scene.at.now);
    Ok(Confirmed {
        incident: record.incident,
        is_reached,
        missing: if is_reached { Missing::default() } else { lacking },
        done,
    })
}

/// Anyone deploys the emergency build of a program that the guardians have confirmed. Does nothing if it is deployed.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn deploy_emergency_build(session: &Session<'_>, domain: Pubkey, program: Pubkey) -> Result<Done, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let record = record(session, &domain, &program).await?;
    let is_of_now = record.incident == scene.domain.open_incident && record.incident != Pubkey::default();
    if record.state == build_state::DEPLOYED && is_of_now {
        return Ok(Done {
            skipped: 1,
            ..Done::default()
        });
    }
    let hash = record.build_hash;
    acts::deploy_emergency_build(&scene.domain, &mut { record }, &hash, scene.at)
        .map_err(|error| refused(error, "guardians confirm it first, with `bulkhead upgrade confirm`"))?;
    let keys = ix::UpgradeKeys {
        domain,
        program,
        buffer: find_buffer(session, &domain, &hash).await?,
        spill: record.build_spill,
    };
    let receipt = session.chain.send(&[ix::deploy_emergency_build(keys)]).await?;
    Ok(Done {
        receipts: vec![receipt],
        skipped: 0,
    })
}

async fn record(session: &Session<'_>, domain: &Pubkey, program: &Pubkey) -> Result<HostProgram, FlowError> {
    let next = "a proposal registers an emergency build of the program first";
    session
        .load("record of a program", &pda::host_program(domain, program), next)
        .await
}
