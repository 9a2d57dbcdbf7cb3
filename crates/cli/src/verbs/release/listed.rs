//! Lists of queued releases that a proposal or a guardian cancels: `core::custody::release_list`.
//!
//! A list is a text file with one release a line: its address and the slot in which it was asked for. The slot is part of
//! what the proposal names, and it is gone once the record is closed, so the file keeps it.

use std::{collections::BTreeMap, fmt::Write as _, fs, io::Write as _, path::Path};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, bail, ensure};
use bulkhead_client::{flows::Done, instructions as ix, payload::hex, pda};
use bulkhead_core::{
    CoreError,
    acts::{self, NewCancelList, Queue},
    custody::release_list::{leaf, node},
};
use bulkhead_interface::{
    constants::release_state,
    layout::{CancelList, Incident, Release, Vault},
};
use bytemuck::Zeroable;
use serde_json::json;

use super::{
    super::{
        facts,
        find::{self, Site, quiet, refused},
    },
    LIST, load, queue_of,
};
use crate::{context::Context, files};

/// A list of releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List(Vec<(Pubkey, u64)>);

impl List {
    /// The hashes from the leaves to the root, level by level. A node without a sibling goes up as it is.
    fn levels(&self) -> Vec<Vec<[u8; 32]>> {
        let mut level: Vec<_> = self.0.iter().map(|(key, slot)| leaf(key, *slot)).collect();
        let mut levels = vec![level.clone()];
        while level.len() > 1 {
            let pair = |pair: &[[u8; 32]]| match pair {
                [one, other] => node(one, other),
                rest => rest.first().copied().unwrap_or_default(),
            };
            level = level.chunks(2).map(pair).collect();
            levels.push(level.clone());
        }
        levels
    }

    /// What the proposal names.
    pub(crate) fn root(&self) -> [u8; 32] {
        let levels = self.levels();
        levels
            .last()
            .and_then(|level| level.first())
            .copied()
            .unwrap_or_default()
    }

    /// The siblings of a place, from below.
    fn proof(&self, place: usize) -> Vec<[u8; 32]> {
        let mut place = place;
        let mut proof = Vec::new();
        for level in self.levels() {
            proof.extend(level.get(place ^ 1).copied());
            place /= 2;
        }
        proof
    }
}

/// Reads a list.
///
/// # Errors
/// A named error with the line.
pub(crate) fn read(file: &Path) -> anyhow::Result<List> {
    let name = file.display();
    let text = files::read_text(file, files::LONG)
        .with_context(|| format!("NotReadable: {name}; give the list that `bulkhead release draw-up` wrote"))?;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let words: Vec<_> = line.split_whitespace().collect();
        let entry = match words.as_slice() {
            [] => continue,
            [key, slot] => key.parse().ok().zip(slot.parse().ok()),
            _ => None,
        };
        let entry: (Pubkey, u64) = entry.with_context(|| {
            format!("BadList: {name}, line {number}: must be an address and a slot, as `bulkhead release draw-up` writes them")
        })?;
        found.push(entry);
    }
    ensure!(!found.is_empty(), "BadList: {name} names no release");
    Ok(List(found))
}

/// Writes a list of queued releases of one vault.
pub(super) async fn draw_up(releases: &[Pubkey], file: &Path, context: &Context) -> anyhow::Result<()> {
    let mut entries = BTreeMap::new();
    let mut vault = None;
    for key in releases {
        let release: Release = find::one(context, "release", key, LIST).await?;
        if release.state != release_state::QUEUED {
            return Err(refused(CoreError::ReleaseNotQueued, &format!("leave {key} out")));
        }
        if *vault.get_or_insert(release.vault) != release.vault {
            bail!("NotOneVault: {key} belongs to another vault; a proposal cancels releases of one vault");
        }
        entries.insert(*key, release.requested_slot);
    }
    let list = List(entries.into_iter().collect());
    let mut text = String::new();
    for (key, slot) in &list.0 {
        writeln!(text, "{key} {slot}")?;
    }
    let name = file.display();
    let created = fs::OpenOptions::new().write(true).create_new(true).open(file);
    created
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .with_context(|| format!("NotWritten: {name}; give a path that can be written and does not exist yet"))?;
    let (vault, root) = (vault.unwrap_or_default(), hex(&list.root()));
    let found = json!({
        "list": name.to_string(),
        "vault": vault.to_string(),
        "root": root,
        "releases": list.0.len(),
    });
    context.print(&found, || {
        format!(
            "list      {name}: {} releases of {vault}\nroot      {root}\n\
             next      bulkhead propose cancel-releases --vault {vault} --list {name}\n",
            list.0.len()
        )
    })
}

/// Names the list as the signing guardian's in the open incident.
pub(super) async fn set(file: &Path, context: &Context) -> anyhow::Result<()> {
    let guardian = context.signer()?;
    let list = read(file)?;
    let (first, _) = list.0.first().context("BadList: it names no release")?;
    let (release, vault) = load(context, first).await?;
    let site = Site::read(context.chain()?, vault.domain).await?;
    let incident = site.open_incident()?;
    let state: Incident = find::one(context, "incident", &incident, "").await?;
    let key = pda::cancel_list(&incident, &release.vault, &guardian);
    let mut named: CancelList = quiet(context)?.find(&key).await?.unwrap_or_else(CancelList::zeroed);
    let new = NewCancelList {
        bump: 0,
        vault: release.vault,
        incident,
        root: list.root(),
    };
    let mut council = site.council;
    let rights_left =
        acts::set_cancel_list(&mut council, &state, &mut named, &new, &guardian, site.at).map_err(|error| {
            refused(
                error,
                "sign with a guardian's key; a list that stands already needs no second right",
            )
        })?;
    let payer = context.chain()?.payer();
    let set = ix::set_cancel_list(site.key, (guardian, payer), incident, release.vault, new.root);
    let facts = [
        ("vault", release.vault.into()),
        ("list", key.into()),
        ("releases", (list.0.len() as u64).into()),
        ("pause_rights_left", u64::from(rights_left).into()),
    ];
    facts::send(context, "cancel-set", &facts, set).await
}

/// Cancels what is on the list and still queued. The list is a guardian's in the open incident, or the governance's.
pub(super) async fn cancel(file: &Path, guardian: Option<&Pubkey>, context: &Context) -> anyhow::Result<()> {
    let list = read(file)?;
    let (mut cancels, mut skipped) = (Vec::new(), 0);
    for (place, (key, _)) in list.0.iter().enumerate() {
        // A record that is gone was paid or cancelled.
        let found: Option<Release> = quiet(context)?.find(key).await?;
        if found.is_none_or(|release| release.state != release_state::QUEUED) {
            skipped += 1;
            continue;
        }
        let (mut release, mut vault): (Release, Vault) = load(context, key).await?;
        let (vault_key, proof) = (release.vault, list.proof(place));
        let (queue_key, mut ledger) = queue_of(context, &vault).await?;
        let domain = vault.domain;
        let queue = Queue {
            key: &vault_key,
            vault: &mut vault,
            ledger: ledger.as_mut(),
        };
        let record = (key, &mut release);
        let cancel = match guardian {
            None => {
                acts::cancel_listed(queue, record, &proof).map_err(|error| {
                    let next = "the vault names another list: is the proposal executed, and is this the list that it was \
                                made from? A guardian's list needs --guardian";
                    refused(error, next)
                })?;
                ix::cancel_listed_release(vault_key, *key, proof)
            }
            Some(guardian) => {
                let site = Site::read(context.chain()?, domain).await?;
                let incident = site.open_incident()?;
                let state: Incident = find::one(context, "incident", &incident, "").await?;
                let place = pda::cancel_list(&incident, &vault_key, guardian);
                let next = "`bulkhead release cancel-set` names a list";
                let named: CancelList = find::one(context, "cancel list", &place, next).await?;
                acts::cancel_listed_by_guardian((&incident, &state), &named, queue, record, &proof, site.at.now)
                    .map_err(|error| refused(error, "is this the list that the guardian named?"))?;
                ix::cancel_release_listed_by(guardian, incident, vault_key, *key, proof)
            }
        };
        cancels.push(ix::with_queue(cancel, queue_key));
    }
    let session = context.session()?;
    let mut done = Done {
        skipped,
        ..Done::default()
    };
    for (number, cancel) in (0_u64..).zip(&cancels) {
        session.report.progress("releases", number, cancels.len() as u64);
        done.receipts
            .push(session.chain.send(std::slice::from_ref(cancel)).await?);
    }
    context.finish("cancel", &done)
}

#[cfg(test)]
mod tests {
    use bulkhead_core::custody::release_list::root_of;

    use super::*;

    #[test]
    fn every_release_of_a_list_of_any_length_leads_to_its_root() {
        for length in 1..=17_u8 {
            let entry = |number: u8| (Pubkey::new_from_array([number; 32]), u64::from(number) * 7);
            let list = List((0..length).map(entry).collect());
            for (place, (key, slot)) in list.0.iter().enumerate() {
                assert_eq!(
                    root_of(leaf(key, *slot), &list.proof(place)),
                    list.root(),
                    "{place} of {length}"
                );
                assert_ne!(root_of(leaf(key, slot + 1), &list.proof(place)), list.root());
            }
        }
    }
}
