//! Gives a node its saved state: the accounts, the recent transactions, and a clock that never goes back.

use std::{
    str::FromStr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anchor_lang::prelude::Pubkey;
use serde::de::DeserializeOwned;
use solana_account::{Account, AccountSharedData, ReadableAccount};
use solana_slot_hashes::{MAX_ENTRIES, SlotHashes};
use surfpool_core::{
    surfnet::{BlockHeader, BlockIdentifier, locker::is_supported_token_program, svm::SurfnetSvm},
    types::{SurfnetTransactionStatus, SyntheticBlockhash, TokenAccount},
};

use super::{
    database::{Clock, Database},
    table::{Journal, Table, account_bytes, account_of},
};
use crate::error::LocalnetError;

/// Transactions, and blocks with transactions, that the node remembers. A query for the signatures of an address reads
/// all of them.
const MOST_TRANSACTIONS: usize = 20_000;

/// Lists of accounts by what they have in common. They are derived from the accounts.
#[derive(Clone)]
pub(super) struct Lists {
    by_program: Table<String, Vec<String>>,
    by_holder: Table<String, Vec<String>>,
    by_mint: Table<String, Vec<String>>,
    by_delegate: Table<String, Vec<String>>,
    tokens: Table<String, TokenAccount>,
}

impl Lists {
    fn new() -> Self {
        Self {
            by_program: Table::derived("accounts by program"),
            by_holder: Table::derived("token accounts by holder"),
            by_mint: Table::derived("token accounts by mint"),
            by_delegate: Table::derived("token accounts by delegate"),
            tokens: Table::derived("token accounts"),
        }
    }

    /// Adds an account that is in no list yet.
    pub(super) fn add(&self, key: &Pubkey, account: &impl ReadableAccount) {
        let key = key.to_string();
        self.by_program.append(account.owner().to_string(), key.clone());
        if !is_supported_token_program(account.owner()) {
            return;
        }
        if let Ok(token) = TokenAccount::unpack(account.data()) {
            self.by_holder.append(token.owner().to_string(), key.clone());
            self.by_mint.append(token.mint().to_string(), key.clone());
            if let Some(delegate) = Option::<Pubkey>::from(token.delegate()) {
                self.by_delegate.append(delegate.to_string(), key.clone());
            }
            self.tokens.restore(key, token);
        }
    }
}

/// Replaces the node's tables by ones that are saved, and fills them from the database.
pub(super) fn attach(
    svm: &mut SurfnetSvm,
    database: &Database,
    journal: &Arc<Journal>,
) -> Result<Lists, LocalnetError> {
    // What the machine begins with, such as the mint of wrapped SOL.
    let genesis = svm
        .accounts_by_owner
        .into_iter()
        .map_err(|error| database.unreadable(error))?;
    let genesis: Vec<_> = genesis.flat_map(|(_, keys)| keys).collect();

    let lists = Lists::new();
    svm.accounts_by_owner = Box::new(lists.by_program.clone());
    svm.token_accounts_by_owner = Box::new(lists.by_holder.clone());
    svm.token_accounts_by_mint = Box::new(lists.by_mint.clone());
    svm.token_accounts_by_delegate = Box::new(lists.by_delegate.clone());
    svm.token_accounts = Box::new(lists.tokens.clone());

    let accounts: Table<String, AccountSharedData> = Table::saved("accounts", usize::MAX, journal, account_bytes);
    let mut saved = Vec::new();
    for (key, bytes) in database.rows("accounts")? {
        let unreadable = || database.unreadable(format!("account {key} is damaged"));
        let address = Pubkey::from_str(&key).map_err(|_| unreadable())?;
        let account = account_of(&bytes).ok_or_else(unreadable)?;
        accounts.restore(key, account.clone());
        saved.push((address, account));
    }
    svm.inner.db = Some(Box::new(accounts));
    for key in genesis.iter().filter_map(|key| Pubkey::from_str(key).ok()) {
        let is_saved = saved.iter().any(|(found, _)| *found == key);
        if let Some(account) = svm.inner.get_account_no_db(&key).filter(|_| !is_saved) {
            lists.add(&key, &account);
        }
    }
    for (key, account) in &saved {
        lists.add(key, account);
        if is_mint(account) {
            // Also fills the table of mints, with their decimals and extensions. It is idempotent.
            let account = Account::from(account.clone());
            svm.update_account_registries(key, Some(&account), &account)
                .map_err(|error| database.unreadable(error))?;
        }
    }

    let transactions = Table::saved("transactions", MOST_TRANSACTIONS, journal, serde_json::to_vec);
    restore::<String, SurfnetTransactionStatus>(&transactions, database, "transactions")?;
    svm.transactions = Box::new(transactions);
    let blocks = Table::saved("blocks", MOST_TRANSACTIONS, journal, serde_json::to_vec);
    restore::<u64, BlockHeader>(&blocks, database, "blocks")?;
    svm.blocks = Box::new(blocks);

    if let Some(clock) = database.clock()? {
        set_clock(svm, later(clock, svm.slot_time));
    }
    Ok(lists)
}

fn is_mint(account: &AccountSharedData) -> bool {
    is_supported_token_program(account.owner()) && TokenAccount::unpack(account.data()).is_err()
}

fn restore<K, V>(table: &Table<K, V>, database: &Database, name: &str) -> Result<(), LocalnetError>
where
    K: Clone + Eq + std::hash::Hash + std::fmt::Display + FromStr,
    V: DeserializeOwned,
{
    for (key, bytes) in database.rows(name)? {
        let unreadable = || database.unreadable(format!("{key} of {name} is damaged"));
        let parsed = K::from_str(&key).map_err(|_| unreadable())?;
        let value = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
        table.restore(parsed, value);
    }
    Ok(())
}

/// Where the chain stands.
pub(super) fn clock(svm: &SurfnetSvm) -> Clock {
    Clock {
        slot: svm.latest_epoch_info.absolute_slot,
        time_ms: svm.updated_at,
        block: svm.chain_tip.index,
    }
}

/// Where the chain goes on: at the time of this machine, as a cluster's clock would have, but never earlier than it
/// stood. A clock that was moved ahead stands still until then.
fn later(saved: Clock, slot_ms: u64) -> Clock {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let passed = now_ms.saturating_sub(saved.time_ms);
    Clock {
        slot: saved.slot.saturating_add(1).saturating_add(passed / slot_ms.max(1)),
        time_ms: saved.time_ms.saturating_add(passed),
        block: saved.block.saturating_add(1),
    }
}

fn set_clock(svm: &mut SurfnetSvm, clock: Clock) {
    let Clock { slot, time_ms, block } = clock;
    // All epochs are of one length here.
    let slots_in_epoch = svm.latest_epoch_info.slots_in_epoch.max(1);
    let epoch = slot / slots_in_epoch;
    svm.latest_epoch_info.absolute_slot = slot;
    svm.latest_epoch_info.epoch = epoch;
    svm.latest_epoch_info.slot_index = slot % slots_in_epoch;
    svm.latest_epoch_info.block_height = block;
    // The node names the block before this one, and so do blockhashes.
    let hash_of = |block: u64| SyntheticBlockhash::new(block.saturating_sub(1));
    svm.chain_tip = BlockIdentifier::new(block, &hash_of(block).to_string());
    svm.updated_at = time_ms;
    svm.genesis_updated_at =
        time_ms.saturating_sub(slot.saturating_sub(svm.genesis_slot).saturating_mul(svm.slot_time));
    svm.reconstruct_sysvars();
    // As it was before, when the clock was not moved within the last slots.
    let hashes: Vec<_> = (0..MAX_ENTRIES as u64)
        .map_while(|back| Some((slot.checked_sub(back)?, *hash_of(block.checked_sub(back)?).hash())))
        .collect();
    svm.inner.set_sysvar(&SlotHashes::new(&hashes));
    svm.inner.set_sysvar(&solana_clock::Clock {
        slot,
        epoch,
        unix_timestamp: i64::try_from(time_ms / 1_000).unwrap_or(i64::MAX),
        ..solana_clock::Clock::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_moved_ahead_does_not_go_back() {
        let ahead = Clock {
            slot: 100,
            time_ms: u64::MAX / 2,
            block: 90,
        };
        let next = later(ahead, 400);
        assert_eq!(
            next,
            Clock {
                slot: 101,
                block: 91,
                ..ahead
            }
        );
    }

    #[test]
    fn time_that_passed_is_made_up_in_slots() {
        let start = Clock {
            slot: 100,
            time_ms: 1_000,
            block: 90,
        };
        let next = later(start, 400);
        assert!(next.time_ms > 1_700_000_000_000);
        assert_eq!(next.slot, 101 + (next.time_ms - 1_000) / 400);
        assert_eq!(next.block, 91);
    }
}
