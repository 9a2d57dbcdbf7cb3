//! Releases that come back: to the host's ledger after a cancellation, to the queue after an evacuation.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::instructions as ix;
use bulkhead_core::{CoreError, acts, token};
use bulkhead_interface::layout::Incident;

use super::{
    super::{
        facts,
        find::{self, Site},
    },
    load, queue_of, refused,
};
use crate::context::Context;

/// Takes a cancelled release back in the name of the vault's operator.
pub(super) async fn take_back(key: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let operator = context.signer()?;
    let (release, vault) = load(context, key).await?;
    let amount = acts::take_back_release((&release.vault, &vault), &release, &operator).map_err(|error| {
        let next = match error {
            CoreError::NotOperator => format!("the vault's operator is {}: most hosts do this by CPI", vault.operator),
            _ => "cancel it first".into(),
        };
        refused(error, &next)
    })?;
    let back = ix::take_back_release(operator, release.vault, *key, release.payer);
    let facts = [
        ("release", (*key).into()),
        ("owner", release.owner.into()),
        ("owed_again", amount.into()),
    ];
    facts::send(context, "take-back", &facts, back).await
}

/// Brings a release that an evacuation has stopped back to the queue.
pub(super) async fn requeue(key: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let (mut release, vault) = load(context, key).await?;
    let site = Site::read(context.chain()?, vault.domain).await?;
    let (queue_key, ledger) = queue_of(context, &vault).await?;
    let custody = context.chain()?.account(&vault.custody).await?;
    let balance = custody.and_then(|account| token::amount(&account.data)).unwrap_or(0);
    let vault_key = release.vault;
    let incident_key = vault.evacuation.incident;
    let next = "it is in the queue already: `bulkhead release settle`";
    let incident: Incident = find::one(context, "incident that evacuated the vault", &incident_key, next).await?;
    acts::requeue_release(
        (&vault_key, &vault),
        (&incident_key, &incident),
        ledger.as_ref(),
        &mut release,
        balance,
        site.board.unpaused_slot,
    )
    .map_err(|error| {
        let next = match error {
            CoreError::ReleaseRestored => "`bulkhead claim` pays it",
            CoreError::OthersRestored => "the next incident's restoration of the queue pays it",
            CoreError::QueueNotCovered => "a proposal brings the tokens back out of the recovery account",
            CoreError::VaultEvacuated => "a proposal returns the vault to service: `bulkhead resume`",
            _ => "",
        };
        refused(error, next)
    })?;
    let requeue = ix::with_queue(
        ix::requeue_release(&vault.domain, vault_key, incident_key, *key),
        queue_key,
    );
    let facts = [
        ("release", (*key).into()),
        ("unpaid", release.amount.saturating_sub(release.paid).into()),
    ];
    facts::send(context, "requeue", &facts, requeue).await
}
