//! `escape`: restores a ledger without a vote, once a freeze has lasted for as long as was fixed in peace.
//!
//! Anyone may run it. It opens the escape, moves what custody and recovery accounts hold into the pool, and shares it
//! out. Claims are paid afterwards, as after any restoration.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, At, InCustody, breach_slot},
    checkpoints::checkpoint::{is_published, require_usable},
    escape::clock,
    token,
};
use bulkhead_interface::{
    constants::{snapshot_flag, snapshot_state},
    layout::{CheckpointLog, Domain, Incident, Ledger, Restoration, Snapshot, Vault},
};

use super::{
    Done, FlowError, Session,
    reading::token_program_of,
    refusal::refused,
    restore::{Restored, crank, keys, restore, with_queue_of},
};
use crate::{
    instructions::{self as ix, EscapeKeys},
    pda,
    status::{gather_kinds, words},
    watch::Kind,
};

/// Opens the escape of a ledger, if it is not restored yet, and brings everything that can be moved to its claims.
///
/// # Errors
/// [`FlowError::NotYet`] says when it is due or what is missing. Otherwise [`FlowError`].
pub async fn escape(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
) -> Result<Restored, FlowError> {
    let mut done = Done::default();
    let key = pda::restoration(&incident, ledger_index);
    if session.find::<Restoration>(&key).await?.is_some() {
        done.skipped += 1;
    } else {
        let open = opening(session, domain, incident, ledger_index).await?;
        done.receipts.push(session.chain.send(&[open]).await?);
    }
    let next = "it was opened, but this node does not have it yet: run this again";
    let restoration: Restoration = session.load("restoration", &key, next).await?;
    draw(session, domain, &key, &restoration, &mut done).await?;
    let mut restored = restore(session, domain, incident, ledger_index, None).await?;
    done.receipts.append(&mut restored.done.receipts);
    done.skipped = done.skipped.saturating_add(restored.done.skipped);
    restored.done = done;
    Ok(restored)
}

/// The instruction that opens the escape of a ledger now.
async fn opening(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
) -> Result<solana_instruction::Instruction, FlowError> {
    let state: Domain = session.load("domain", &domain, "is the cluster right?").await?;
    let record: Incident = session.load("incident", &incident, "is the cluster right?").await?;
    let at = session.chain.now().await?;
    require_due(&state, at)?;
    let own: Option<Snapshot> = session.find(&pda::snapshot(&incident, ledger_index)).await?;
    let key = pda::snapshot(&incident, ledger_index);
    let sealed = own.filter(|own| own.state == snapshot_state::SEALED);
    let is_overridden = |own: &Snapshot| own.flags & snapshot_flag::OVERRIDDEN != 0;
    let (snapshot, mint) = match sealed {
        Some(own) if !is_overridden(&own) => (key, own.mint),
        _ => {
            let found = newest_checkpoint(session, &state, (&incident, &record), (domain, ledger_index), at).await?;
            match (found, sealed) {
                (Some(found), _) => found,
                (None, Some(own)) => (key, own.mint),
                (None, None) => return Err(nothing_to_pay_by(ledger_index)),
            }
        }
    };
    let token_program = token_program_of(session, &mint).await?;
    let keys = EscapeKeys {
        domain,
        incident,
        ledger_index,
        snapshot,
        mint,
        token_program,
    };
    let escape = ix::open_escape(session.chain.payer(), keys);
    match session.find::<Snapshot>(&snapshot).await? {
        Some(state) => with_queue_of(session, &state, escape).await,
        None => Ok(escape),
    }
}

fn require_due(domain: &Domain, at: At) -> Result<(), FlowError> {
    match (clock::require_due(domain, at.now), clock::due(domain)) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(due)) => Err(FlowError::NotYet {
            why: "the freeze has not lasted long enough for the escape".into(),
            next: format!("run this again {}", words::when(due, at.now)),
        }),
        (Err(error), None) => Err(refused(
            error,
            "A domain has an escape only if its rules were set in peace, and only while it is frozen.",
        )),
    }
}

/// The snapshot of the newest checkpoint that the escape may pay by, and its mint, if there is such a checkpoint.
async fn newest_checkpoint(
    session: &Session<'_>,
    domain: &Domain,
    (incident_key, incident): (&Pubkey, &Incident),
    (domain_key, ledger_index): (Pubkey, u8),
    at: At,
) -> Result<Option<(Pubkey, Pubkey)>, FlowError> {
    let due = clock::checkpoint_due(domain, incident).unwrap_or(i64::MAX);
    if at.now < due {
        return Err(FlowError::NotYet {
            why: format!("the snapshot of ledger {ledger_index} is not sealed"),
            next: format!("{SEALING}; the newest checkpoint serves {}", words::when(due, at.now)),
        });
    }
    let log: Option<CheckpointLog> = session.find(&pda::checkpoint_log(&domain_key, ledger_index)).await?;
    let breach = breach_slot(incident);
    let usable = log.as_ref().and_then(|log| {
        let mut entries: Vec<_> = log.entries.iter().filter(|entry| is_published(entry)).collect();
        entries.retain(|entry| require_usable(log, entry.slot, breach).is_ok());
        entries.into_iter().map(|entry| entry.slot).max()
    });
    let Some(slot) = usable else { return Ok(None) };
    let key = pda::checkpoint_snapshot(incident_key, ledger_index, slot);
    let next = format!("anyone opens it with `bulkhead checkpoint open-snapshot {slot}`, a week before the escape");
    let snapshot: Snapshot = session.load("snapshot of the newest checkpoint", &key, &next).await?;
    Ok(Some((key, snapshot.mint)))
}

/// How the incident's own snapshot comes about.
const SEALING: &str = "anyone cranks and seals the incident's own snapshot: `bulkhead snapshot crank`";

fn nothing_to_pay_by(ledger_index: u8) -> FlowError {
    FlowError::NotYet {
        why: format!("ledger {ledger_index} has no sealed snapshot and no published checkpoint that can be used"),
        next: format!("{SEALING}; or anyone publishes a checkpoint: `bulkhead checkpoint publish`"),
    }
}

/// Moves what custody holds for the ledger into the pool.
pub(super) async fn draw(
    session: &Session<'_>,
    domain_key: Pubkey,
    key: &Pubkey,
    restoration: &Restoration,
    done: &mut Done,
) -> Result<(), FlowError> {
    let accounts = gather_kinds(session, domain_key, &[Kind::Vault]).await?;
    let domain: Domain = session.load("domain", &domain_key, "is the cluster right?").await?;
    let mut vaults = accounts.all::<Vault>();
    vaults.sort_unstable_by_key(|(key, _)| *key);
    for (vault_key, vault) in vaults {
        let found = session.chain.accounts(&[vault.custody, restoration.pool]).await?;
        let mut balances = found
            .into_iter()
            .map(|account| account.and_then(|account| token::amount(&account.data)).unwrap_or(0));
        let (held, balance) = (balances.next().unwrap_or(0), balances.next().unwrap_or(0));
        let queue = pda::queue_ledger(&vault);
        let ledger = match queue {
            Some(key) => session.find::<Ledger>(&key).await?,
            None => None,
        };
        let custody = InCustody {
            vault_key: &vault_key,
            vault: &vault,
            queue: ledger.as_ref(),
            held,
        };
        let now = session.chain.now().await?.now;
        if acts::custody_due(&domain, restoration, custody, balance, now).is_err() {
            done.skipped += 1;
            continue;
        }
        let fund = ix::fund_from_custody(keys(key, restoration), domain_key, vault_key);
        let fund = ix::with_queue(fund, queue);
        crank(session, fund, CoreError::NothingToMove, done).await?;
    }
    Ok(())
}
