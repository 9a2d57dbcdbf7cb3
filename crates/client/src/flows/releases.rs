//! Pays queued releases whose time has come.

use std::{collections::BTreeMap, time::Duration};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    acts::{self, At},
    breakers::window::Moment,
    clock::SLOT_MS,
    custody::Receiver,
    token,
};
use bulkhead_guard::{action::WITHDRAW, read_board};
use bulkhead_interface::layout::{OutflowBreaker, PauseBoard, Release, Vault};
use solana_instruction::Instruction;

use super::{Done, FlowError, Session, evacuate::keys_of, send::send_all};
use crate::{
    instructions as ix, pda,
    status::{Accounts, gather_kinds},
    watch::Kind,
};

/// Rounds of one run. A slot limit pays a part in each round; whatever is left after so many is paid by the next run.
const MAX_ROUNDS: u32 = 32;

/// Anyone pays every queued release that is payable, as far as limits and balances allow, oldest first. A release that
/// finds too little room begins the turn of all that wait.
///
/// # Errors
/// [`FlowError`]
pub async fn settle_releases(session: &Session<'_>, domain: Pubkey) -> Result<Done, FlowError> {
    let mut receipts = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let accounts = read(session, domain).await?;
        let at = session.chain.now().await?;
        let due = due_settlements(&accounts, at);
        if due.is_empty() {
            break;
        }
        receipts.extend(send_all(session, "releases", due.into_iter().map(|each| vec![each]).collect()).await?);
        // What the slot's limit left over may leave in the next slot.
        session.chain.wait(Duration::from_millis(SLOT_MS)).await;
    }
    Ok(Done {
        skipped: u64::from(receipts.is_empty()),
        receipts,
    })
}

async fn read(session: &Session<'_>, domain: Pubkey) -> Result<Accounts, FlowError> {
    let kinds = [Kind::Vault, Kind::OutflowBreaker, Kind::Release];
    let mut accounts = gather_kinds(session, domain, &kinds).await?;
    let custodies = accounts.all::<Vault>().into_iter().map(|(_, vault)| vault.custody);
    let payees = accounts
        .all::<Release>()
        .into_iter()
        .map(|(_, release)| release.destination);
    let tokens: Vec<_> = custodies.chain(payees).collect();
    accounts.add(session, &tokens).await?;
    Ok(accounts)
}

/// The settlements that pay something now, or begin a turn, oldest first.
#[must_use]
pub fn due_settlements(accounts: &Accounts, at: At) -> Vec<Instruction> {
    let mut releases = accounts.all::<Release>();
    releases.sort_by_key(|(key, release)| (release.payable_ts, release.requested_slot, *key));
    let mut breakers: BTreeMap<Pubkey, OutflowBreaker> = accounts.all().into_iter().collect();
    let mut balances: BTreeMap<Pubkey, u64> = BTreeMap::new();
    let mut instructions = Vec::new();
    for (key, mut release) in releases {
        let vault_key = release.vault;
        let Some(mut vault) = accounts.find::<Vault>(&vault_key) else {
            continue;
        };
        let Some((moment, is_closed)) = moment(accounts, &vault, at) else {
            continue;
        };
        let Some((receiver, wants_memo)) = receiver(accounts, &vault, &release.destination) else {
            continue;
        };
        let Some(breaker) = breakers.get_mut(&vault.breaker) else {
            continue;
        };
        let found = accounts.balance(&vault.custody).unwrap_or(0);
        let balance = balances.entry(vault.custody).or_insert(found);
        let mut metered = *breaker;
        let breaker_key = vault.breaker;
        let settled = acts::settle(
            (&vault_key, &mut vault),
            (&breaker_key, &mut metered),
            &mut release,
            &receiver,
            *balance,
            is_closed,
            &moment,
        );
        let Ok(instalment) = settled else { continue };
        let turn = |breaker: &OutflowBreaker| (breaker.turn_ts, breaker.turn_bucket);
        if instalment == 0 && turn(&metered) == turn(breaker) {
            continue;
        }
        *breaker = metered;
        *balance = balance.saturating_sub(instalment);
        let settle = ix::settle_release(keys_of(vault_key, &vault), release.destination, key);
        instructions.push(if wants_memo { ix::with_memo(settle) } else { settle });
    }
    instructions
}

/// What a vault's board says: the moment its breaker is asked in, and whether withdrawals are closed.
pub(crate) fn moment(accounts: &Accounts, vault: &Vault, at: At) -> Option<(Moment, bool)> {
    let key = pda::board(&accounts.domain());
    let board = accounts.raw(&key)?;
    let standing = read_board(
        vault.board.as_array(),
        key.as_array(),
        board.owner.as_array(),
        &board.data,
        vault.compartment,
        at.now,
    )
    .ok()?;
    let moment = Moment {
        slot: at.slot,
        now: at.now,
        ramp_bps: standing.ramp_bps,
        unpaused_slot: accounts.find::<PauseBoard>(&key)?.unpaused_slot,
    };
    Some((moment, standing.mask & WITHDRAW != 0))
}

/// A token account to be paid, and whether it takes a transfer only with a memo, which the settlement brings.
fn receiver(accounts: &Accounts, vault: &Vault, key: &Pubkey) -> Option<(Receiver, bool)> {
    let account = accounts.raw(key)?;
    let data = &account.data;
    let is_own = account.owner == vault.token_program && token::mint(data) == Some(vault.mint.to_bytes());
    let holder = token::holder(data).filter(|_| is_own && token::is_account(data))?;
    let receiver = Receiver {
        key: *key,
        holder: Pubkey::new_from_array(holder),
        takes: token::is_initialized(data) && !token::is_frozen(data),
    };
    Some((receiver, token::wants_memo(data)))
}
