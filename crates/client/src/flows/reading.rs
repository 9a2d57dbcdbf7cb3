//! Reads accounts for computations that know only while they run which accounts they need.

use std::{cell::RefCell, collections::BTreeMap};

use anchor_lang::prelude::Pubkey;
use anchor_spl::{token, token_2022};
use bulkhead_core::acts::At;
use bulkhead_interface::layout::{Council, Domain, PauseBoard};

use super::{FlowError, Session};
use crate::{chain::ChainError, payload::ReadAccount, pda};

/// Computes `f`, which asks for accounts: whatever it asked for is read, and it runs again, until nothing is missing.
///
/// # Errors
/// [`ChainError`]
pub async fn reading<T>(session: &Session<'_>, f: impl Fn(ReadAccount) -> T) -> Result<T, ChainError> {
    let mut known: BTreeMap<Pubkey, Option<(Pubkey, Vec<u8>)>> = BTreeMap::new();
    loop {
        let missing = {
            let missing = RefCell::new(Vec::new());
            let answer = f(&|key: &Pubkey| {
                known.get(key).cloned().unwrap_or_else(|| {
                    missing.borrow_mut().push(*key);
                    None
                })
            });
            let mut missing = missing.into_inner();
            missing.sort_unstable();
            missing.dedup();
            if missing.is_empty() {
                return Ok(answer);
            }
            missing
        };
        let found = session.chain.accounts(&missing).await?;
        for (key, account) in missing.into_iter().zip(found) {
            known.insert(key, account.map(|account| (account.owner, account.data)));
        }
    }
}

/// A domain with its council and its board, and the clock.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub domain: Domain,
    pub council: Council,
    pub board: PauseBoard,
    pub at: At,
}

impl Scene {
    /// Reads it.
    pub(super) async fn read(session: &Session<'_>, domain: &Pubkey) -> Result<Self, FlowError> {
        const NEXT: &str = "is the address right, and the cluster?";
        let state: Domain = session.load("domain", domain, NEXT).await?;
        Ok(Self {
            domain: state,
            council: session.load("council", &pda::council(domain), NEXT).await?,
            board: session.load("pause board", &pda::board(domain), NEXT).await?,
            at: session.chain.now().await?,
        })
    }
}

/// The token program that owns a mint.
pub(super) async fn token_program_of(session: &Session<'_>, mint: &Pubkey) -> Result<Pubkey, FlowError> {
    let account = session.chain.account(mint).await?;
    let owner = account.map(|account| account.owner);
    owner
        .filter(|owner| [token::ID, token_2022::ID].contains(owner))
        .ok_or_else(|| FlowError::NotFound {
            what: "token mint",
            key: *mint,
            next: "is it a mint of SPL Token or Token-2022 on this cluster?".into(),
        })
}
