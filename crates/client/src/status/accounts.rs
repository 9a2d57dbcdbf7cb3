//! The accounts that a domain's state is computed from.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead_core::token;
use bulkhead_interface::{
    ID,
    constants::{phase, snapshot_state},
    discriminator,
    layout::{DirectVault, Domain, Ledger, Link, Restoration, Snapshot, SnapshotShard, Vault},
};
use core::mem::offset_of;
use futures_util::{StreamExt, TryStreamExt, stream};
use solana_account::Account;

use crate::{
    chain::{ChainError, Filter},
    decode,
    flows::{FlowError, Session},
    pda,
    watch::{self, Kind, Question, questions},
};

/// The accounts of one domain, and the accounts outside it that its state depends on: token accounts, boards of upstream
/// domains, accounts of the host.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    domain: Pubkey,
    own: BTreeMap<Pubkey, Account>,
    outside: BTreeMap<Pubkey, Account>,
}

impl Accounts {
    /// Keeps these accounts. Those that belong to `domain` are distinguished from the others by what they contain.
    #[must_use]
    pub fn of(domain: Pubkey, all: impl IntoIterator<Item = (Pubkey, Account)>) -> Self {
        let mut outside: BTreeMap<Pubkey, Account> = all.into_iter().collect();
        let found = watch::Accounts::of(
            &domain,
            outside
                .iter()
                .map(|(key, account)| (*key, account.owner, account.data.as_slice())),
        );
        let own: BTreeSet<Pubkey> = found.iter().map(|(key, _)| *key).collect();
        let own = own.into_iter().filter_map(|key| outside.remove_entry(&key)).collect();
        Self { domain, own, outside }
    }

    /// The domain.
    #[must_use]
    pub const fn domain(&self) -> Pubkey {
        self.domain
    }

    /// An account of the domain, if there is one of this kind at the address.
    #[must_use]
    pub fn find<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        let account = self.own.get(key)?;
        decode::owned(&account.owner, &account.data)
    }

    /// All accounts of the domain of one kind, by address.
    #[must_use]
    pub fn all<T: ZeroCopy + Discriminator>(&self) -> Vec<(Pubkey, T)> {
        let decoded = |(key, account): (&Pubkey, &Account)| Some((*key, decode::owned(&account.owner, &account.data)?));
        self.own.iter().filter_map(decoded).collect()
    }

    /// An account of Bulkhead that belongs to another domain.
    #[must_use]
    pub fn outside<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        let account = self.outside.get(key)?;
        decode::owned(&account.owner, &account.data)
    }

    /// The accounts of the domain.
    pub fn iter(&self) -> impl Iterator<Item = (&Pubkey, &Account)> {
        self.own.iter()
    }

    /// Any account, as it was read.
    #[must_use]
    pub fn raw(&self, key: &Pubkey) -> Option<&Account> {
        self.own.get(key).or_else(|| self.outside.get(key))
    }

    /// Balance of a token account. `None` if it was not read, or is none.
    #[must_use]
    pub fn balance(&self, key: &Pubkey) -> Option<u64> {
        let data = &self.outside.get(key)?.data;
        token::amount(data).filter(|_| token::is_account(data))
    }

    /// Reads further accounts.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn add(&mut self, session: &Session<'_>, keys: &[Pubkey]) -> Result<(), ChainError> {
        let keys: BTreeSet<_> = keys.iter().filter(|key| self.raw(key).is_none()).copied().collect();
        let keys: Vec<_> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(());
        }
        let found = session.chain.accounts(&keys).await?;
        let found = keys.into_iter().zip(found);
        self.outside
            .extend(found.filter_map(|(key, account)| Some((key, account?))));
        Ok(())
    }
}

/// The kinds that a [`super::DomainStatus`] is computed from. The others belong to single users: votes, deposits, claims,
/// evidence.
const SHOWN: [Kind; 21] = [
    Kind::Proposal,
    Kind::EmergencyAction,
    Kind::ClaimRedirect,
    Kind::OutflowBreaker,
    Kind::PriceBreaker,
    Kind::SolvencyBreaker,
    Kind::AuthorityWatch,
    Kind::Link,
    Kind::Peer,
    Kind::Vault,
    Kind::Release,
    Kind::Ledger,
    Kind::Incident,
    Kind::Migration,
    Kind::Snapshot,
    Kind::Ballot,
    Kind::Restoration,
    Kind::CheckpointLog,
    Kind::DirectVault,
    Kind::Interim,
    Kind::InsurancePool,
];

/// Reads everything that the status of `domain` is computed from.
///
/// # Errors
/// [`FlowError`]
pub async fn gather(session: &Session<'_>, domain: Pubkey) -> Result<Accounts, FlowError> {
    let mut accounts = gather_kinds(session, domain, &SHOWN).await?;
    let Some(state) = accounts.find::<Domain>(&domain) else {
        return Ok(accounts);
    };
    let mut keys = Vec::new();
    for (_, vault) in accounts.all::<Vault>() {
        keys.extend([vault.custody, vault.route]);
    }
    for (_, vault) in accounts.all::<DirectVault>() {
        keys.extend([vault.source, vault.route]);
    }
    keys.extend(
        accounts
            .all::<Restoration>()
            .iter()
            .map(|(_, restoration)| restoration.pool),
    );
    keys.extend(accounts.all::<Link>().iter().map(|(_, link)| link.upstream_board));
    // While positions are read, the host's total says when all of them are.
    let mut reading = Vec::new();
    if matches!(state.state, phase::FROZEN | phase::RECOVERING) {
        let snapshots = accounts.all::<Snapshot>().into_iter();
        let open = snapshots
            .filter(|(_, snapshot)| snapshot.incident == state.open_incident && snapshot.state == snapshot_state::OPEN);
        for (key, snapshot) in open {
            keys.extend(
                accounts
                    .find::<Ledger>(&snapshot.ledger)
                    .map(|ledger| ledger.total_account),
            );
            reading.push(Question {
                discriminator: discriminator::SNAPSHOT_SHARD,
                offset: 8 + offset_of!(SnapshotShard, snapshot),
                key,
            });
        }
    }
    keys.retain(|key| *key != Pubkey::default());
    accounts.add(session, &keys).await?;
    accounts.own.extend(ask(session, reading).await?);
    Ok(accounts)
}

/// Reads the domain, its council and its board, and all of its accounts of these kinds.
///
/// # Errors
/// [`FlowError`]
pub async fn gather_kinds(session: &Session<'_>, domain: Pubkey, kinds: &[Kind]) -> Result<Accounts, FlowError> {
    let keys = [domain, pda::council(&domain), pda::board(&domain)];
    let found = session.chain.accounts(&keys).await?;
    let mut all: Vec<_> = keys
        .into_iter()
        .zip(found)
        .filter_map(|(key, account)| Some((key, account?)))
        .collect();
    let is_domain = |(key, account): &(Pubkey, Account)| {
        *key == domain && decode::owned::<Domain>(&account.owner, &account.data).is_some()
    };
    if !all.iter().any(is_domain) {
        return Err(FlowError::NotFound {
            what: "domain",
            key: domain,
            next: "is the address right, and the cluster?".into(),
        });
    }
    let wanted = |question: &Question| kinds.iter().any(|kind| kind.discriminator() == question.discriminator);
    let of = |owner, kind| questions(owner, kind).into_iter().filter(wanted);
    all.extend(ask(session, of(domain, Kind::Domain).collect()).await?);
    // What belongs to an account of the domain is found by that account.
    let parents = [Kind::Vault, Kind::Ballot, Kind::Restoration, Kind::CheckpointLog];
    let owners = all
        .iter()
        .filter_map(|(key, account)| Some((*key, Kind::of(&account.data)?)));
    let owners = owners.filter(|(_, kind)| parents.contains(kind));
    let inner: Vec<_> = owners.flat_map(|(key, kind)| of(key, kind)).collect();
    all.extend(ask(session, inner).await?);
    Ok(Accounts::of(domain, all))
}

/// Asks a node, several questions at a time.
async fn ask(session: &Session<'_>, questions: Vec<Question>) -> Result<Vec<(Pubkey, Account)>, ChainError> {
    let answers: Vec<Vec<(Pubkey, Account)>> = stream::iter(questions)
        .map(|question| async move {
            let filters = [
                Filter::Bytes {
                    offset: 0,
                    bytes: question.discriminator.to_vec(),
                },
                Filter::Bytes {
                    offset: question.offset,
                    bytes: question.key.to_bytes().to_vec(),
                },
            ];
            session.chain.owned(&ID, &filters).await
        })
        .buffer_unordered(session.parallel.max(1))
        .try_collect()
        .await?;
    Ok(answers.into_iter().flatten().collect())
}
