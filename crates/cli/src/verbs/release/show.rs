//! Releases as a table and as JSON.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::watch::Kind;
use bulkhead_core::custody::is_stopped;
use bulkhead_interface::{
    constants::release_state,
    layout::{Release, Vault},
};
use serde_json::json;

use super::super::{
    find::{VaultAt, all},
    words,
};
use crate::context::Context;

/// Lists the releases of one vault, or of every vault of the domain.
pub(super) async fn list(at: &VaultAt, context: &Context) -> anyhow::Result<()> {
    let chain = context.chain()?;
    let is_one = at.vault.is_some() || at.mint.is_some() || at.index.is_some();
    let vaults: Vec<(Pubkey, Vault)> = if is_one {
        vec![at.find(context).await?]
    } else {
        all(chain, Kind::Vault, &context.domain()?).await?
    };
    let now = chain.now().await?.now;
    let mut found: Vec<(Pubkey, Release, Vault)> = Vec::new();
    for (key, vault) in vaults {
        let of_vault: Vec<(Pubkey, Release)> = all(chain, Kind::Release, &key).await?;
        found.extend(of_vault.into_iter().map(|(key, release)| (key, release, vault)));
    }
    found.sort_by_key(|(key, release, _)| (release.payable_ts, *key));
    let state = |release: &Release, vault: &Vault| {
        if release.state == release_state::QUEUED && is_stopped(vault, release) {
            return "stopped: the vault was evacuated since".to_owned();
        }
        if release.state == release_state::QUEUED && now >= release.payable_ts {
            return "payable".to_owned();
        }
        words::release_name(release.state).to_owned()
    };
    let values: Vec<_> = found
        .iter()
        .map(|(key, release, vault)| {
            json!({
                "release": key.to_string(),
                "vault": release.vault.to_string(),
                "mint": vault.mint.to_string(),
                "number": release.index.to_string(),
                "state": state(release, vault),
                "amount": release.amount.to_string(),
                "paid": release.paid.to_string(),
                "destination": release.destination.to_string(),
                "owner": release.owner.to_string(),
                "requested_ts": release.requested_ts,
                "requested_slot": release.requested_slot.to_string(),
                "payable_ts": release.payable_ts,
            })
        })
        .collect();
    context.print(&values, || {
        if found.is_empty() {
            return "no release waits\n".into();
        }
        let head = ["release", "amount", "paid", "state", "payable", "owner"];
        let rows = found.iter().map(|(key, release, vault)| {
            vec![
                key.to_string(),
                release.amount.to_string(),
                release.paid.to_string(),
                state(release, vault),
                words::time(release.payable_ts, now),
                release.owner.to_string(),
            ]
        });
        words::table(&head, &rows.collect::<Vec<_>>())
    })
}
