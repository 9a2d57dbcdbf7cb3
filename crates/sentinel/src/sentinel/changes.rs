//! Changes of domains: proposals, limits, members, pauses. They count when a quorum shows the same bytes, and each is
//! announced once, also across restarts: what was announced is recorded together with the notices.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::watch::{self, changes};
use bulkhead_core::acts::At;
use bulkhead_interface::ID;

use super::Sentinel;
use crate::{
    config::Severity,
    duties::schedule::digest,
    hooks::address,
    metrics as names,
    notice::{Notice, NoticeKind},
};

/// The accounts that were recorded, or nothing if none were.
pub(super) fn recorded(domain: &Pubkey, rows: &BTreeMap<String, String>) -> Option<watch::Accounts> {
    let account = |(key, data): (&String, &String)| Some((key.parse::<Pubkey>().ok()?, unhex(data)?));
    let all: Vec<(Pubkey, Vec<u8>)> = rows.iter().filter_map(account).collect();
    let owned = all.iter().map(|(key, data)| (*key, ID, data.as_slice()));
    (!all.is_empty()).then(|| watch::Accounts::of(domain, owned))
}

fn hex(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
        .collect()
}

impl Sentinel {
    /// Announces what has changed in every domain.
    pub(super) async fn announce_changes(&mut self, open: &[usize], at: At) {
        if !self.leads || open.len() < self.eyes.quorum() {
            return;
        }
        for domain in self.setup.domains.clone() {
            let after = self.counted(&domain, open);
            // Until the domain's own accounts are counted, nothing is compared.
            if after.of_kind(watch::Kind::Domain).is_empty() || after.of_kind(watch::Kind::PauseBoard).is_empty() {
                continue;
            }
            self.announce(&domain, &after, at).await;
            self.announced.insert(domain, after);
        }
    }

    /// The accounts of a domain that a quorum shows, and where none agrees, what was announced last.
    fn counted(&self, domain: &Pubkey, open: &[usize]) -> watch::Accounts {
        let announced: BTreeMap<&Pubkey, &[u8]> = self
            .announced
            .get(domain)
            .into_iter()
            .flat_map(watch::Accounts::iter)
            .collect();
        let data = |key: &Pubkey| match self.eyes.counted(key, open) {
            Some(Some(account)) => Some((*key, account.owner, account.data.as_slice())),
            Some(None) => None,
            None => announced.get(key).map(|data| (*key, ID, *data)),
        };
        let own = self.eyes.own(domain);
        // What was recorded before a restart and was not read yet is still there.
        let unread = announced.keys().copied().filter(|key| !own.contains(key));
        watch::Accounts::of(domain, own.iter().chain(unread).filter_map(data))
    }

    async fn announce(&mut self, domain: &Pubkey, after: &watch::Accounts, at: At) {
        let before = self.announced.get(domain);
        let is_first = before.is_none();
        let nothing = watch::Accounts::default();
        let all = changes(before.unwrap_or(&nothing), after);
        let mut notices = Vec::new();
        let mut touched = Vec::new();
        for change in &all {
            metrics::counter!(names::CHANGES, "event" => change.event.to_string()).increment(1);
            if !is_first && !change.matters() {
                continue;
            }
            touched.push(change.account);
            // At the very first start everything is new.
            if is_first {
                continue;
            }
            let text = change.to_string();
            tracing::info!(%domain, change = text, "change");
            let id = format!("{domain}/change/{}/{:x}", at.slot, digest(&[text.as_bytes()]));
            let notice = Notice {
                id: id.clone(),
                kind: NoticeKind::Changed,
                severity: Severity::Info,
                cause: id,
                domain: domain.to_string(),
                rule: change.event.to_string(),
                subject: change.account.to_string(),
                text,
                eyes: self.eyes.quorum() as u64,
                quorum: self.eyes.quorum() as u64,
                slot: at.slot,
                ts: self.tools.clock.now(),
            };
            notices.extend(address(&self.tools.hooks, &notice));
        }
        if touched.is_empty() {
            return;
        }
        touched.sort_unstable();
        touched.dedup();
        let now: BTreeMap<&Pubkey, &[u8]> = after.iter().collect();
        let rows: Vec<(Pubkey, Option<String>)> = touched
            .into_iter()
            .map(|key| (key, now.get(&key).map(|data| hex(data))))
            .collect();
        if let Err(error) = self.tools.store.save_accounts(domain, &rows, &notices).await {
            self.failed(&error);
        }
    }
}
