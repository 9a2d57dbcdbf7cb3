//! Insurance pools: everything that anyone may crank, and what an owner does.
//!
//! Nothing here is anyone's choice but the owner's: incidents are noted in order, shortfalls are stated and slashed by
//! formula, and what is recovered later goes back.

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, Shortfall, VaultFunds, insured},
    custody::queue_ledger,
    token,
};
use bulkhead_interface::{
    constants::{MAX_INSURANCE_POOLS, insurance_flag},
    discriminator,
    layout::{
        DirectVault, Domain, Incident, InsuranceCover, InsurancePool, InsuranceStake, Ledger, Restoration, Vault, space,
    },
};
use solana_instruction::Instruction;

use super::{Done, FlowError, Session};
use crate::{
    chain::{ChainError, Filter},
    decode,
    instructions::{self as ix, Covering, InsuranceKeys, InsuredVault, insured_detectors},
    pda,
};

const AGAIN: &str = "run this again";

/// Notes incidents, states shortfalls, slashes, releases reserves and returns what was recovered, for all pools of a
/// ledger in their order of loss. Does nothing where nothing is due.
///
/// # Errors
/// [`FlowError`]
pub async fn crank_insurance(session: &Session<'_>, domain: Pubkey, ledger_index: u8) -> Result<Done, FlowError> {
    let mut done = Done::default();
    let mut pools = Vec::new();
    for order in 0..MAX_INSURANCE_POOLS {
        let key = pda::insurance_pool(&domain, ledger_index, order);
        if session.find::<InsurancePool>(&key).await?.is_none() {
            break;
        }
        pools.push(key);
    }
    if pools.is_empty() {
        return Err(FlowError::NotFound {
            what: "insurance pool",
            key: pda::insurance_pool(&domain, ledger_index, 0),
            next: "`bulkhead propose open-insurance` opens one".into(),
        });
    }
    for pool in &pools {
        note_all(session, *pool, &mut done).await?;
    }
    for pool in &pools {
        slash_all(session, *pool, &mut done).await?;
    }
    for pool in pools.iter().rev() {
        return_all(session, *pool, &mut done).await?;
    }
    Ok(done)
}

/// Stakes `amount` tokens of `source`, after noting what the pool has not noted.
///
/// # Errors
/// [`FlowError`]
pub async fn stake(
    session: &Session<'_>,
    pool: Pubkey,
    owner: Pubkey,
    source: Pubkey,
    amount: u64,
) -> Result<Done, FlowError> {
    let mut done = Done::default();
    note_all(session, pool, &mut done).await?;
    let state = read_pool(session, &pool).await?;
    let detectors = insured_detectors(&state);
    let keys = InsuranceKeys::of(pool, &state);
    let stake = ix::stake(keys, owner, session.chain.payer(), source, &detectors, amount);
    done.receipts.push(session.chain.send(&[stake]).await?);
    Ok(done)
}

/// Unstakes `shares`, or all that are cooling, after noting what the pool has not noted.
///
/// # Errors
/// [`FlowError::NotYet`] before the end of the cooldown. Otherwise [`FlowError`].
pub async fn unstake(
    session: &Session<'_>,
    pool: Pubkey,
    owner: Pubkey,
    destination: Pubkey,
    shares: Option<u64>,
) -> Result<Done, FlowError> {
    let mut done = Done::default();
    note_all(session, pool, &mut done).await?;
    let key = pda::insurance_stake(&pool, &owner);
    let stake: InsuranceStake = session
        .load("stake", &key, "`bulkhead insurance stake` makes one")
        .await?;
    let now = session.chain.now().await?.now;
    if stake.cooling == 0 || now < stake.cooldown_end_ts {
        return Err(FlowError::NotYet {
            why: format!("{} of {} shares are cooling", stake.cooling, stake.shares),
            next: match stake.cooling {
                0 => "`bulkhead insurance cooldown` begins a cooldown".into(),
                _ => format!("wait {} seconds more", stake.cooldown_end_ts.saturating_sub(now)),
            },
        });
    }
    let state = read_pool(session, &pool).await?;
    let detectors = insured_detectors(&state);
    let keys = InsuranceKeys::of(pool, &state);
    let shares = shares.unwrap_or(stake.cooling);
    let unstake = ix::unstake(keys, owner, destination, &detectors, shares);
    done.receipts.push(session.chain.send(&[unstake]).await?);
    Ok(done)
}

async fn read_pool(session: &Session<'_>, key: &Pubkey) -> Result<InsurancePool, FlowError> {
    session
        .load("insurance pool", key, "`bulkhead insurance show` lists pools")
        .await
}

/// Tells a pool of every incident, and states the shortfalls of those that were restored.
async fn note_all(session: &Session<'_>, key: Pubkey, done: &mut Done) -> Result<(), FlowError> {
    let mut before = None;
    loop {
        let pool = read_pool(session, &key).await?;
        // Where nothing is sent, nothing is different the next time.
        let stage = (pool.next_incident, pool.incident, pool.flags);
        if before.replace(stage) == Some(stage) {
            return Ok(());
        }
        let domain: Domain = session.load("domain", &pool.domain, AGAIN).await?;
        let incident_key = if pool.incident != Pubkey::default() {
            pool.incident
        } else if pool.next_incident < domain.incident_count {
            pda::incident(&pool.domain, pool.next_incident)
        } else {
            return Ok(());
        };
        let incident: Incident = session.load("incident", &incident_key, AGAIN).await?;
        let restoration_key = pda::restoration(&incident_key, pool.ledger_index);
        let restoration: Option<Restoration> = session.find(&restoration_key).await?;
        let noted = acts::note_incident(&mut { pool }, (&incident_key, &incident), restoration.as_ref());
        let is_covered = pool.flags & insurance_flag::COVERED != 0;
        let is_begun = pool.incident == incident_key;
        let is_done = if noted.is_ok() {
            let note = ix::note_incident(key, incident_key, pool.ledger_index);
            crank(session, note, &[CoreError::IncidentNoted], done).await?
        } else if is_begun && !is_covered && restoration.is_some() {
            state(session, (key, &pool), restoration_key, done).await?
        } else {
            false
        };
        if !is_done {
            return Ok(());
        }
    }
}

/// States a shortfall, if the pool of the order before has stated it. Says whether it did.
async fn state(
    session: &Session<'_>,
    (key, pool): (Pubkey, &InsurancePool),
    restoration: Pubkey,
    done: &mut Done,
) -> Result<bool, FlowError> {
    let previous = previous_of(pool, &restoration);
    if let Some(previous) = previous
        && session.find::<InsuranceCover>(&previous).await?.is_none()
    {
        session
            .report
            .note("the pool of the order before has not stated the shortfall yet");
        return Ok(false);
    }
    let vaults = vaults_of(session, pool).await?;
    let vaults: Vec<_> = vaults.iter().map(|found| found.keys).collect();
    let covering = Covering {
        restoration,
        previous,
        vaults: &vaults,
    };
    let state = ix::state_shortfall(key, session.chain.payer(), &covering);
    crank(session, state, &[CoreError::ShortfallStated], done).await
}

/// The cover of the pool of the order before.
fn previous_of(pool: &InsurancePool, restoration: &Pubkey) -> Option<Pubkey> {
    let order = pool.order.checked_sub(1)?;
    let before = pda::insurance_pool(&pool.domain, pool.ledger_index, order);
    Some(pda::insurance_cover(&before, restoration))
}

/// A vault of a pool, its contents, the ledger of its queue, and the balances of its custody and its recovery account.
struct FoundVault {
    keys: InsuredVault,
    vault: Vault,
    queue: Option<Ledger>,
    custody: u64,
    recovered: u64,
}

impl FoundVault {
    /// As a restoration in `incident` counts it.
    fn funds(&self, incident: &Pubkey) -> Result<VaultFunds<'_>, FlowError> {
        let vault = (&self.keys.vault, &self.vault);
        Ok(VaultFunds {
            vault: &self.vault,
            custody: self.custody,
            recovered: self.recovered,
            kept: queue_ledger::kept(vault, self.queue.as_ref(), incident)
                .map_err(|error| FlowError::Rule(error, AGAIN.into()))?,
        })
    }
}

async fn vaults_of(session: &Session<'_>, pool: &InsurancePool) -> Result<Vec<FoundVault>, FlowError> {
    let mut found = Vec::new();
    for key in insured(&pool.terms.vaults) {
        let Some(vault) = read_vault(session, key).await? else {
            continue;
        };
        let keys = InsuredVault::of(*key, &vault);
        let held = balances(session, &[keys.custody, keys.recovery_account]).await?;
        let held = |place: usize| held.get(place).copied().unwrap_or(0);
        let is_evacuated = vault.evacuation.destination != Pubkey::default();
        let queue = match keys.queue_ledger {
            Some(key) => session.find(&key).await?,
            None => None,
        };
        found.push(FoundVault {
            keys,
            vault,
            queue,
            custody: held(0),
            recovered: if is_evacuated { held(1) } else { 0 },
        });
    }
    Ok(found)
}

/// A vault, or a direct vault as one. `None`: the terms name something else, which backs nothing.
async fn read_vault(session: &Session<'_>, key: &Pubkey) -> Result<Option<Vault>, FlowError> {
    if let Some(vault) = session.find::<Vault>(key).await? {
        return Ok(Some(vault));
    }
    let account = session
        .chain
        .account(key)
        .await?
        .filter(|account| account.owner == bulkhead::ID);
    let header = account
        .as_ref()
        .and_then(|account| account.data.get(..space::<DirectVault>()));
    Ok(header
        .and_then(decode::account::<DirectVault>)
        .map(|vault| acts::as_vault(&vault)))
}

async fn balances(session: &Session<'_>, keys: &[Pubkey]) -> Result<Vec<u64>, ChainError> {
    let found = session.chain.accounts(keys).await?;
    let balance = |account: Option<solana_account::Account>| account.and_then(|found| token::amount(&found.data));
    Ok(found.into_iter().map(|account| balance(account).unwrap_or(0)).collect())
}

async fn covers_of(session: &Session<'_>, pool: &Pubkey) -> Result<Vec<(Pubkey, InsuranceCover)>, FlowError> {
    let filters = [
        Filter::Bytes {
            offset: 0,
            bytes: discriminator::INSURANCE_COVER.to_vec(),
        },
        Filter::Bytes {
            offset: 8 + offset_of!(InsuranceCover, pool),
            bytes: pool.to_bytes().to_vec(),
        },
    ];
    let found = session.chain.owned(&bulkhead::ID, &filters).await?;
    let decoded = found.into_iter().filter_map(|(key, account)| {
        let cover = decode::owned::<InsuranceCover>(&account.owner, &account.data)?;
        Some((key, cover))
    });
    Ok(decoded.collect())
}

/// Slashes a pool for every restoration that may take something of it now, and releases what none may take any more.
async fn slash_all(session: &Session<'_>, key: Pubkey, done: &mut Done) -> Result<(), FlowError> {
    for (_, cover) in covers_of(session, &key).await? {
        if cover.reserve == 0 {
            continue;
        }
        let pool = read_pool(session, &key).await?;
        // It may be closed by now: then the rest of the reserve is free.
        let restoration: Option<Restoration> = session.find(&cover.restoration).await?;
        let previous_key = previous_of(&pool, &cover.restoration);
        let previous: Option<InsuranceCover> = match previous_key {
            Some(key) => Some(session.load("cover of the order before", &key, AGAIN).await?),
            None => None,
        };
        let found = vaults_of(session, &pool).await?;
        let now = session.chain.now().await?.now;
        if let Some(restoration) = &restoration {
            let held = balances(session, &[restoration.pool]).await?;
            let backings = found.iter().map(|found| found.funds(&restoration.incident));
            let backings = backings.collect::<Result<Vec<_>, _>>()?;
            let shortfall = Shortfall {
                restoration,
                balance: held.first().copied().unwrap_or(0),
                backings: &backings,
                previous: previous.as_ref(),
            };
            match acts::to_slash(&pool, &cover, &shortfall, now) {
                Ok(_) => {}
                Err(CoreError::FundingNotOver) => {
                    let left = cover.due_ts.saturating_sub(now);
                    session.report.note(&format!("it may be slashed in {left} seconds"));
                    continue;
                }
                Err(_) => continue,
            }
        }
        let vaults: Vec<_> = found.iter().map(|found| found.keys).collect();
        let covering = Covering {
            restoration: cover.restoration,
            previous: previous_key,
            vaults: &vaults,
        };
        let slash = ix::slash(InsuranceKeys::of(key, &pool), &covering);
        crank(session, slash, &[CoreError::NothingToMove], done).await?;
    }
    Ok(())
}

/// Returns to a pool what recovery accounts hold once the claims are covered.
async fn return_all(session: &Session<'_>, key: Pubkey, done: &mut Done) -> Result<(), FlowError> {
    for (_, cover) in covers_of(session, &key).await? {
        if cover.returned >= cover.slashed {
            continue;
        }
        let pool = read_pool(session, &key).await?;
        let Some(restoration) = session.find::<Restoration>(&cover.restoration).await? else {
            continue;
        };
        let held = balances(session, &[restoration.pool]).await?;
        let now = session.chain.now().await?.now;
        let next_pool = pda::insurance_pool(&pool.domain, pool.ledger_index, pool.order.saturating_add(1));
        let next_cover = pda::insurance_cover(&next_pool, &cover.restoration);
        let next: Option<InsuranceCover> = session.find(&next_cover).await?;
        for found in vaults_of(session, &pool).await? {
            let backing = found.funds(&restoration.incident)?;
            let balance = held.first().copied().unwrap_or(0);
            if acts::to_return(&cover, &restoration, balance, &backing, next.as_ref(), now).is_err() {
                continue;
            }
            let keys = found.keys;
            let give = ix::return_recovered(
                InsuranceKeys::of(key, &pool),
                cover.restoration,
                keys.vault,
                keys.recovery_account,
                next_pool,
            );
            let give = ix::with_queue(give, keys.queue_ledger);
            crank(session, give, &[CoreError::NothingToMove], done).await?;
        }
    }
    Ok(())
}

/// Sends what anyone may crank. Somebody else may have done it just before, which the program says with one of
/// `done_before`. Says whether it is done now.
async fn crank(
    session: &Session<'_>,
    instruction: Instruction,
    done_before: &[CoreError],
    done: &mut Done,
) -> Result<bool, FlowError> {
    match session.chain.send(&[instruction]).await {
        Ok(receipt) => {
            done.receipts.push(receipt);
            Ok(true)
        }
        Err(ChainError::Program { code, .. }) if done_before.iter().any(|error| error.number() == code) => {
            done.skipped += 1;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}
