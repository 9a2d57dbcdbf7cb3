//! Reads accounts for computations that know only while they run which accounts they need.

use std::{cell::RefCell, collections::BTreeMap};

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use anchor_spl::{token, token_2022};
use bulkhead_core::acts::At;
use bulkhead_interface::layout::{Council, Domain, PauseBoard};
use solana_account::Account;

use super::{FlowError, Session};
use crate::{chain::ChainError, decode, payload::ReadAccount, pda};

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
pub struct Scene {
    /// The domain.
    pub domain: Domain,
    /// Its council.
    pub council: Council,
    /// Its board.
    pub board: PauseBoard,
    /// The cluster's clock.
    pub at: At,
}

impl Scene {
    /// Reads it.
    ///
    /// # Errors
    /// [`FlowError`]
    pub async fn read(session: &Session<'_>, domain: &Pubkey) -> Result<Self, FlowError> {
        let keys = [*domain, pda::council(domain), pda::board(domain)];
        let found = session.chain.accounts(&keys).await?;
        let [state, council, board] = found.as_slice() else {
            return Err(missing("domain", *domain));
        };
        Ok(Self {
            domain: decoded(state.as_ref()).ok_or_else(|| missing("domain", *domain))?,
            council: decoded(council.as_ref()).ok_or_else(|| missing("council", pda::council(domain)))?,
            board: decoded(board.as_ref()).ok_or_else(|| missing("pause board", pda::board(domain)))?,
            at: session.chain.now().await?,
        })
    }
}

fn decoded<T: ZeroCopy + Discriminator>(account: Option<&Account>) -> Option<T> {
    account.and_then(|account| decode::owned(&account.owner, &account.data))
}

fn missing(what: &'static str, key: Pubkey) -> FlowError {
    FlowError::NotFound {
        what,
        key,
        next: "is the domain's address right, and the cluster?".into(),
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
