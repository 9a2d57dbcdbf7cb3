//! The node's tables: in memory, with every change noted for the database.
//!
//! Surfpool's own SQLite tables write each account in a statement of its own, so a kill can leave half a transaction,
//! and they rewrite the list of all accounts of a program with each of its accounts. These note the changes, and
//! [`super::saver`] writes all that happened between two moments at once.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Display,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use serde::{Serialize, de::DeserializeOwned};
use solana_account::{AccountSharedData, ReadableAccount};
use surfpool_core::storage::{Storage, StorageError, StorageResult};

/// What changed since the last time: the newest value of a row, or `None` for a row that was deleted.
pub(super) type Changes = HashMap<(&'static str, String), Option<Vec<u8>>>;

/// Collects changes.
#[derive(Default)]
pub(super) struct Journal(Mutex<Changes>);

impl Journal {
    /// Takes what was collected.
    pub(super) fn take(&self) -> Changes {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts back what could not be written. What changed meanwhile is newer, and stays.
    pub(super) fn put_back(&self, changes: Changes) {
        let mut collected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (row, value) in changes {
            collected.entry(row).or_insert(value);
        }
    }

    fn note(&self, table: &'static str, key: &impl Display, value: Option<Vec<u8>>) {
        let mut collected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        collected.insert((table, key.to_string()), value);
    }
}

/// Where the changes of a table are noted, and as which bytes.
struct Saved<V> {
    journal: Arc<Journal>,
    encode: fn(&V) -> Result<Vec<u8>, serde_json::Error>,
}

struct Rows<K, V> {
    map: HashMap<K, V>,
    /// The keys in the order in which they came, if the table forgets the oldest.
    order: VecDeque<K>,
}

/// A table of the node. Copies share their rows.
pub(super) struct Table<K, V> {
    name: &'static str,
    /// Number of rows above which the oldest is forgotten.
    most: usize,
    rows: Arc<RwLock<Rows<K, V>>>,
    saved: Option<Arc<Saved<V>>>,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            most: self.most,
            rows: Arc::clone(&self.rows),
            saved: self.saved.clone(),
        }
    }
}

impl<K: Clone + Eq + Hash + Display, V> Table<K, V> {
    /// A table that is not saved.
    pub(super) fn derived(name: &'static str) -> Self {
        let rows = Rows {
            map: HashMap::new(),
            order: VecDeque::new(),
        };
        Self {
            name,
            most: usize::MAX,
            rows: Arc::new(RwLock::new(rows)),
            saved: None,
        }
    }

    /// A table whose changes are noted in `journal`. It keeps the newest `most` rows.
    pub(super) fn saved(
        name: &'static str,
        most: usize,
        journal: &Arc<Journal>,
        encode: fn(&V) -> Result<Vec<u8>, serde_json::Error>,
    ) -> Self {
        let saved = Saved {
            journal: Arc::clone(journal),
            encode,
        };
        Self {
            most,
            saved: Some(Arc::new(saved)),
            ..Self::derived(name)
        }
    }

    /// Adds a row that is saved already.
    pub(super) fn restore(&self, key: K, value: V) {
        self.insert(key, value);
    }

    fn read(&self) -> RwLockReadGuard<'_, Rows<K, V>> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rows<K, V>> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Inserts a row, and returns the keys of those that were forgotten for it.
    fn insert(&self, key: K, value: V) -> Vec<K> {
        let mut rows = self.write();
        let is_bounded = self.most < usize::MAX;
        let is_new = rows.map.insert(key.clone(), value).is_none();
        let mut forgotten = Vec::new();
        if is_new && is_bounded {
            rows.order.push_back(key);
            while rows.map.len() > self.most {
                let Some(oldest) = rows.order.pop_front() else { break };
                if rows.map.remove(&oldest).is_some() {
                    forgotten.push(oldest);
                }
            }
        }
        forgotten
    }

    fn note(&self, key: &K, value: Option<Vec<u8>>) {
        if let Some(saved) = &self.saved {
            saved.journal.note(self.name, key, value);
        }
    }
}

impl Table<String, Vec<String>> {
    /// Adds to a list, which the caller knows not to contain it.
    pub(super) fn append(&self, list: String, item: String) {
        self.write().map.entry(list).or_default().push(item);
    }
}

impl<K, V> Storage<K, V> for Table<K, V>
where
    K: Clone + Eq + Hash + Display + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn store(&mut self, key: K, value: V) -> StorageResult<()> {
        if let Some(saved) = &self.saved {
            let bytes = (saved.encode)(&value);
            let bytes = bytes.map_err(|error| StorageError::SerializeValueError(self.name.into(), error))?;
            self.note(&key, Some(bytes));
        }
        for forgotten in self.insert(key, value) {
            self.note(&forgotten, None);
        }
        Ok(())
    }

    fn clear(&mut self) -> StorageResult<()> {
        let rows = mem::take(&mut self.write().map);
        for key in rows.keys() {
            self.note(key, None);
        }
        self.write().order.clear();
        Ok(())
    }

    fn get(&self, key: &K) -> StorageResult<Option<V>> {
        Ok(self.read().map.get(key).cloned())
    }

    fn take(&mut self, key: &K) -> StorageResult<Option<V>> {
        let taken = self.write().map.remove(key);
        if taken.is_some() {
            self.note(key, None);
        }
        Ok(taken)
    }

    fn keys(&self) -> StorageResult<Vec<K>> {
        Ok(self.read().map.keys().cloned().collect())
    }

    fn into_iter(&self) -> StorageResult<Box<dyn Iterator<Item = (K, V)> + '_>> {
        let rows: Vec<_> = self
            .read()
            .map
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        Ok(Box::new(rows.into_iter()))
    }

    fn contains_key(&self, key: &K) -> StorageResult<bool> {
        Ok(self.read().map.contains_key(key))
    }

    fn count(&self) -> StorageResult<u64> {
        Ok(self.read().map.len() as u64)
    }

    fn clone_box(&self) -> Box<dyn Storage<K, V>> {
        Box::new(self.clone())
    }
}

/// An account as bytes: lamports, rent epoch, whether it is executable, owner, data.
pub(super) fn account_bytes(account: &AccountSharedData) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = account.lamports().to_le_bytes().to_vec();
    bytes.extend_from_slice(&account.rent_epoch().to_le_bytes());
    bytes.push(u8::from(account.executable()));
    bytes.extend_from_slice(account.owner().as_ref());
    bytes.extend_from_slice(account.data());
    Ok(bytes)
}

/// The account of these bytes, unless they are too short.
pub(super) fn account_of(bytes: &[u8]) -> Option<AccountSharedData> {
    let (lamports, rest) = bytes.split_first_chunk::<8>()?;
    let (rent_epoch, rest) = rest.split_first_chunk::<8>()?;
    let (executable, rest) = rest.split_first()?;
    let (owner, data) = rest.split_first_chunk::<32>()?;
    Some(AccountSharedData::from(solana_account::Account {
        lamports: u64::from_le_bytes(*lamports),
        data: data.to_vec(),
        owner: (*owner).into(),
        executable: *executable == 1,
        rent_epoch: u64::from_le_bytes(*rent_epoch),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_survives_its_bytes() {
        let account = AccountSharedData::from(solana_account::Account {
            lamports: 5,
            data: vec![1, 2, 3],
            owner: [7; 32].into(),
            executable: true,
            rent_epoch: u64::MAX,
        });
        let bytes = account_bytes(&account).unwrap();
        assert_eq!(account_of(&bytes), Some(account));
        assert_eq!(account_of(&bytes[..48]), None);
    }

    #[test]
    fn the_oldest_rows_are_forgotten_and_noted() {
        let journal = Arc::new(Journal::default());
        let mut table: Table<u64, u64> = Table::saved("numbers", 2, &journal, serde_json::to_vec);
        for number in 0..3 {
            table.store(number, number).unwrap();
        }
        // Stored again, a row stays where it came.
        table.store(2, 20).unwrap();
        assert_eq!(table.get(&0).unwrap(), None);
        assert_eq!(table.get(&2).unwrap(), Some(20));
        let changes = journal.take();
        assert_eq!(changes[&("numbers", "0".into())], None);
        assert_eq!(changes[&("numbers", "2".into())], Some(b"20".to_vec()));
        assert!(journal.take().is_empty());
    }

    #[test]
    fn what_could_not_be_written_does_not_replace_what_is_newer() {
        let journal = Arc::new(Journal::default());
        let mut table: Table<u64, u64> = Table::saved("numbers", 9, &journal, serde_json::to_vec);
        table.store(1, 1).unwrap();
        table.store(2, 2).unwrap();
        let old = journal.take();
        table.store(1, 10).unwrap();
        journal.put_back(old);
        let changes = journal.take();
        assert_eq!(changes[&("numbers", "1".into())], Some(b"10".to_vec()));
        assert_eq!(changes[&("numbers", "2".into())], Some(b"2".to_vec()));
    }
}
