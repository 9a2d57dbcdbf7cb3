//! Moves every vault to its evacuation route, and accounts for every unit.

mod direct;

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, Queue},
    custody::route_fault,
};
use bulkhead_interface::{
    constants::{migration_state, route_fault as fault},
    layout::{Council, DirectVault, Domain, Incident, Ledger, Migration, Vault},
};
use serde::Serialize;
use solana_instruction::Instruction;

use super::{
    Done, FlowError, Session,
    refusal::{list, refused},
    send::send_all,
};
use crate::{
    instructions as ix, pda,
    status::{Accounts, gather_kinds, json, missing, words},
    watch::Kind,
};

/// What an incident's evacuation has moved so far, by all runs together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evacuated {
    /// The incident.
    #[serde(serialize_with = "json::key")]
    pub incident: Pubkey,
    /// One row for each vault.
    pub vaults: Vec<VaultRow>,
    /// One sum for each mint.
    pub sums: Vec<MintSum>,
    /// What this run sent.
    #[serde(skip)]
    pub done: Done,
}

/// The evacuation of one vault: before = moved + fee + after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VaultRow {
    /// The vault.
    #[serde(serialize_with = "json::key")]
    pub vault: Pubkey,
    /// Token that it holds.
    #[serde(serialize_with = "json::key")]
    pub mint: Pubkey,
    /// Decimals of the token.
    pub decimals: u8,
    /// Its evacuation route.
    #[serde(serialize_with = "json::maybe_key")]
    pub recovery_account: Option<Pubkey>,
    /// Balance of the custody account before. Native units.
    #[serde(serialize_with = "json::amount")]
    pub before: u64,
    /// Arrived in the recovery account.
    #[serde(serialize_with = "json::amount")]
    pub moved: u64,
    /// Withheld by the token program.
    #[serde(serialize_with = "json::amount")]
    pub fee: u64,
    /// Balance of the custody account after.
    #[serde(serialize_with = "json::amount")]
    pub after: u64,
    /// Balance of the recovery account now. Other vaults may share it, and restorations draw from it.
    #[serde(serialize_with = "json::amount")]
    pub recovered: u64,
    /// Why the vault could not be moved, in words.
    pub fault: Option<String>,
}

/// The sum of one mint over the vaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MintSum {
    /// The token.
    #[serde(serialize_with = "json::key")]
    pub mint: Pubkey,
    /// Decimals of the token.
    pub decimals: u8,
    /// Balances of the custody accounts before. Native units.
    #[serde(serialize_with = "json::wide")]
    pub before: u128,
    /// Arrived in recovery accounts.
    #[serde(serialize_with = "json::wide")]
    pub moved: u128,
    /// Withheld by the token program.
    #[serde(serialize_with = "json::wide")]
    pub fee: u128,
    /// Balances of the custody accounts after.
    #[serde(serialize_with = "json::wide")]
    pub after: u128,
    /// Balances of the recovery accounts now, each counted once.
    #[serde(serialize_with = "json::wide")]
    pub recovered: u128,
}

impl Evacuated {
    /// Whether nothing was lost: before = moved + fee + after, for every vault and every mint.
    #[must_use]
    pub fn is_conserved(&self) -> bool {
        let row = |row: &VaultRow| {
            let [before, moved, fee, after] = [row.before, row.moved, row.fee, row.after].map(u128::from);
            before == moved + fee + after
        };
        self.vaults.iter().all(row)
            && self
                .sums
                .iter()
                .all(|sum| sum.before == sum.moved + sum.fee + sum.after)
    }
}

/// Anyone moves every vault whose evacuation the guardians have confirmed to its route, and has the host move every
/// direct vault. Skips what was moved. Once the escape is due, it stops queues without a confirmation too.
///
/// # Errors
/// [`FlowError::NotYet`] says whose confirmation is missing.
pub async fn evacuate(session: &Session<'_>, domain: Pubkey) -> Result<Evacuated, FlowError> {
    let accounts = read(session, domain).await?;
    let key = open_incident(&accounts)?;
    let due = due_evacuations(&accounts, &key, session.chain.now().await?.now);
    if due.is_empty() {
        require_confirmed(session, &accounts, &key).await?;
    }
    let all = accounts.all::<Vault>().len() + accounts.all::<DirectVault>().len();
    let skipped = all.saturating_sub(due.len());
    let receipts = if due.is_empty() {
        vec![]
    } else {
        send_all(session, "vaults", due.into_iter().map(|each| vec![each]).collect()).await?
    };
    let accounts = if receipts.is_empty() {
        accounts
    } else {
        read(session, domain).await?
    };
    Ok(Evacuated {
        done: Done {
            receipts,
            skipped: u64::try_from(skipped).unwrap_or(u64::MAX),
        },
        ..account_for(&accounts, &key)
    })
}

async fn read(session: &Session<'_>, domain: Pubkey) -> Result<Accounts, FlowError> {
    let kinds = [
        Kind::Vault,
        Kind::DirectVault,
        Kind::Ledger,
        Kind::Incident,
        Kind::Migration,
    ];
    let mut accounts = gather_kinds(session, domain, &kinds).await?;
    let vaults = accounts.all::<Vault>();
    let tokens = vaults.iter().flat_map(|(_, vault)| [vault.custody, vault.route]);
    let direct = accounts.all::<DirectVault>();
    let direct = direct.iter().flat_map(|(_, vault)| [vault.source, vault.route]);
    let tokens: Vec<_> = tokens.chain(direct).filter(|key| *key != Pubkey::default()).collect();
    accounts.add(session, &tokens).await?;
    Ok(accounts)
}

/// The open incident.
fn open_incident(accounts: &Accounts) -> Result<Pubkey, FlowError> {
    let domain = accounts.find::<Domain>(&accounts.domain());
    match domain.map_or(Pubkey::default(), |domain| domain.open_incident) {
        key if key == Pubkey::default() => {
            let next = "guardians confirm an incident and its evacuation first";
            Err(refused(CoreError::IncidentNotOpen, next))
        }
        key => Ok(key),
    }
}

/// Requires that the evacuation is confirmed in this incident.
async fn require_confirmed(session: &Session<'_>, accounts: &Accounts, key: &Pubkey) -> Result<(), FlowError> {
    let migration = accounts.find::<Migration>(&pda::migration(key));
    if migration.is_some_and(|migration| migration.state == migration_state::ACTIVE) {
        return Ok(());
    }
    let council: Council = session
        .load("council", &pda::council(&accounts.domain()), "is the cluster right?")
        .await?;
    let now = session.chain.now().await?.now;
    let (confirmations, epoch) = migration.map_or((0, council.config_epoch), |migration| {
        (migration.confirmations, migration.config_epoch)
    });
    let missing = missing::confirmations(&council, confirmations, epoch, now);
    Err(FlowError::NotYet {
        why: format!("the guardians have not confirmed the evacuation of the incident {key}"),
        next: format!(
            "{} more of these confirm it: {}",
            missing.count,
            list(&missing.from, "nobody")
        ),
    })
}

/// The vaults that can be moved now, in any order.
#[must_use]
pub fn due_evacuations(accounts: &Accounts, incident: &Pubkey, now: i64) -> Vec<Instruction> {
    let vaults = accounts.all::<Vault>().into_iter();
    vaults
        .filter(|(key, vault)| judge(accounts, incident, (key, vault), now).is_ok())
        .map(|(key, vault)| {
            // A vault without a route is closed, and its queue stopped; nothing is paid to the account that is passed.
            let has_route = vault.route != Pubkey::default();
            let destination = if has_route { vault.route } else { vault.custody };
            let evacuate = ix::evacuate(keys_of(key, &vault), *incident, destination);
            ix::with_queue(evacuate, pda::queue_ledger(&vault))
        })
        .chain(direct::due(accounts, incident))
        .collect()
}

/// The accounts derived from a vault.
#[must_use]
pub fn keys_of(key: Pubkey, vault: &Vault) -> ix::VaultKeys {
    ix::VaultKeys {
        vault: key,
        domain: vault.domain,
        breaker: vault.breaker,
        mint: vault.mint,
        token_program: vault.token_program,
    }
}

/// What `evacuate` would say: the amount that it would move.
pub(crate) fn judge(
    accounts: &Accounts,
    key: &Pubkey,
    (vault_key, vault): (&Pubkey, &Vault),
    now: i64,
) -> Result<u64, CoreError> {
    let domain: Domain = accounts.find(&accounts.domain()).ok_or(CoreError::ForeignAccount)?;
    let incident: Incident = accounts.find(key).ok_or(CoreError::IncidentNotOpen)?;
    let migration: Option<Migration> = accounts.find(&pda::migration(key));
    let held = accounts.balance(&vault.route).unwrap_or(0);
    let route = (&vault.route, fault_of(accounts, vault), held);
    let balance = accounts.balance(&vault.custody).unwrap_or(0);
    let mut ledger = pda::queue_ledger(vault).and_then(|key| accounts.find::<Ledger>(&key));
    let queue = Queue {
        key: vault_key,
        vault: &mut { *vault },
        ledger: ledger.as_mut(),
    };
    acts::evacuate(
        &domain,
        migration.as_ref(),
        (key, &incident),
        queue,
        route,
        balance,
        now,
    )
}

/// What is wrong with a vault's route now: one of `constants::route_fault`.
pub(crate) fn fault_of(accounts: &Accounts, vault: &Vault) -> u8 {
    match accounts.raw(&vault.route) {
        Some(route) => route_fault(vault, &route.owner, &route.data),
        None => fault::GONE,
    }
}

/// What the vaults' accounts say of the incident's evacuation.
fn account_for(accounts: &Accounts, incident: &Pubkey) -> Evacuated {
    let vaults: Vec<_> = accounts.all::<Vault>();
    let vaults: Vec<_> = vaults
        .iter()
        .map(|(key, vault)| row(accounts, incident, key, vault))
        .chain(direct::rows(accounts, incident))
        .collect();
    let mut sums: BTreeMap<Pubkey, MintSum> = BTreeMap::new();
    let mut counted = Vec::new();
    for row in &vaults {
        let sum = sums.entry(row.mint).or_insert(MintSum {
            mint: row.mint,
            decimals: row.decimals,
            ..MintSum::default()
        });
        sum.before += u128::from(row.before);
        sum.moved += u128::from(row.moved);
        sum.fee += u128::from(row.fee);
        sum.after += u128::from(row.after);
        if row.recovery_account.is_some() && !counted.contains(&row.recovery_account) {
            counted.push(row.recovery_account);
            sum.recovered += u128::from(row.recovered);
        }
    }
    Evacuated {
        incident: *incident,
        vaults,
        sums: sums.into_values().collect(),
        done: Done::default(),
    }
}

fn row(accounts: &Accounts, incident: &Pubkey, key: &Pubkey, vault: &Vault) -> VaultRow {
    let moved = vault.evacuation.incident == *incident;
    let has_route = vault.route != Pubkey::default();
    let balance = accounts.balance(&vault.custody).unwrap_or(0);
    let found = fault_of(accounts, vault);
    let fault = match (has_route, found) {
        _ if balance == 0 => None,
        (false, _) => Some("it has no evacuation route: a proposal registers one".to_owned()),
        (true, fault::NONE) => None,
        (true, fault) => Some(words::route_fault(fault).to_owned()),
    };
    let evacuation = if moved {
        vault.evacuation
    } else {
        bytemuck::Zeroable::zeroed()
    };
    // A move that could not happen left the balance where it was, and recorded nothing.
    let unmoved = balance.saturating_sub(evacuation.after);
    VaultRow {
        vault: *key,
        mint: vault.mint,
        decimals: vault.decimals,
        recovery_account: has_route.then_some(vault.route),
        before: evacuation.before.saturating_add(unmoved),
        moved: evacuation.moved,
        fee: evacuation.fee,
        after: evacuation.after.saturating_add(unmoved),
        recovered: accounts.balance(&vault.route).unwrap_or(0),
        fault,
    }
}
