//! Many small domains on one node: a council, a board, and token accounts of a host that no detector of the domain knows
//! of. A breach hands one of these accounts to a thief: only who looks from outside sees it.

use std::time::Duration;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{
    ID as TOKEN_PROGRAM,
    instruction::{AuthorityType, set_authority},
};
use bulkhead::instructions::{CouncilConfig, MemberConfig, OpenDomainArgs};
use bulkhead_client::{chain::ChainError, instructions as ix, pda};
use bulkhead_interface::{
    constants::{MIN_DELAY_SECONDS, role},
    layout::{Council, PauseBoard},
};
use bulkhead_testbed::council_config;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::time::sleep;

use crate::{
    error::LocalnetError,
    keys::{FALLBACK, Keyring},
    rpc::Rpc,
    sample::tokens,
};

/// Pause rights of the guardian, on one day and in a row: more than any run uses.
pub(super) const RIGHTS: u8 = 250;
/// How long a pause lasts. Short, so that the same account can be stolen again.
pub(super) const PAUSE_SECONDS: i64 = 20;
/// Lamports of the key that pays for the sentinel's transactions.
const LAMPORTS: u64 = 1_000_000_000_000;

/// Number of looks at a transaction, and the time between two.
const LOOKS: u32 = 500;
const LOOK: Duration = Duration::from_millis(20);

/// One small domain.
pub(super) struct Small {
    /// Its address.
    pub domain: Pubkey,
    /// The watched accounts; a breach of account `n` is answered by a pause of compartment `n`.
    pub accounts: Vec<Pubkey>,
}

/// All of them.
pub(super) struct Estate {
    /// Talks to the node itself.
    pub rpc: Rpc,
    /// The domains.
    pub domains: Vec<Small>,
    host: Keypair,
    thief: Keypair,
}

/// The file names of the sentinel's keys, which are also what they are derived from.
pub(super) const GUARDIAN: &str = "sentinel-guardian";
pub(super) const FEES: &str = "sentinel-payer";

/// What a board says of a compartment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    /// Slot of the newest guardian's pause.
    pub slot: u64,
    /// Until when the compartment is closed, in the cluster's unix seconds.
    pub until: i64,
    /// The cluster's time.
    pub now: i64,
}

impl Estate {
    /// Opens so many domains, each with so many accounts.
    ///
    /// # Errors
    /// [`LocalnetError::SetUp`]
    pub(super) async fn open(rpc: Rpc, keys: &Keyring, count: usize, accounts: usize) -> Result<Self, LocalnetError> {
        let mut estate = Self {
            host: keys.key("bench-host"),
            thief: keys.key("bench-thief"),
            rpc,
            domains: Vec::with_capacity(count),
        };
        estate
            .build(keys, count, accounts)
            .await
            .map_err(|source| LocalnetError::SetUp {
                step: "open the benchmark's domains".into(),
                source,
            })?;
        Ok(estate)
    }

    async fn build(&mut self, keys: &Keyring, count: usize, accounts: usize) -> Result<(), ChainError> {
        let (rpc, payer) = (&self.rpc, self.rpc.payer.pubkey());
        rpc.airdrop(&keys.key(FEES).pubkey(), LAMPORTS).await?;
        let mint = keys.key("bench-mint");
        tokens::create_mint(rpc, &mint, &payer).await?;
        for number in 0..count {
            let setup = keys.key(&format!("bench-setup-{number}"));
            let open = OpenDomainArgs {
                council: council(keys),
                host_program: TOKEN_PROGRAM,
                vote_seconds: MIN_DELAY_SECONDS,
                quorum_bps: 1_000,
            };
            let open = ix::open_domain(setup.pubkey(), payer, mint.pubkey(), open);
            rpc.send(&[open], &[&setup]).await?;
            rpc.send(&[ix::activate_domain(setup.pubkey())], &[&setup]).await?;
            let mut small = Small {
                domain: pda::domain(&setup.pubkey()),
                accounts: Vec::with_capacity(accounts),
            };
            for place in 0..accounts {
                let account = keys.key(&format!("bench-account-{number}-{place}"));
                tokens::create_account_at(rpc, &account, &mint.pubkey(), &self.host.pubkey()).await?;
                small.accounts.push(account.pubkey());
            }
            self.domains.push(small);
        }
        Ok(())
    }

    /// Hands an account to the thief. Returns the slot in which that landed.
    ///
    /// # Errors
    /// [`ChainError`]
    pub(super) async fn steal(&self, domain: usize, account: usize) -> Result<u64, ChainError> {
        self.hand_over(domain, account, &self.host, &self.thief).await
    }

    /// The thief gives it back.
    ///
    /// # Errors
    /// [`ChainError`]
    pub(super) async fn give_back(&self, domain: usize, account: usize) -> Result<u64, ChainError> {
        self.hand_over(domain, account, &self.thief, &self.host).await
    }

    async fn hand_over(&self, domain: usize, account: usize, from: &Keypair, to: &Keypair) -> Result<u64, ChainError> {
        let key = self.account(domain, account);
        let (owner, new) = (from.pubkey(), to.pubkey());
        let kind = AuthorityType::AccountOwner;
        let step = set_authority(&TOKEN_PROGRAM, &key, Some(&new), kind, &owner, &[]);
        let step = step.map_err(|error| refused(&error))?;
        let signature = self.rpc.send(&[step], &[from]).await?;
        // The node knows what became of a transaction once the slot is over.
        for _ in 0..LOOKS {
            if let Some(slot) = self.rpc.slot_of(&signature).await? {
                return Ok(slot);
            }
            sleep(LOOK).await;
        }
        Err(refused(
            &"the node does not know a transaction that it has just executed",
        ))
    }

    fn account(&self, domain: usize, account: usize) -> Pubkey {
        let small = self.domains.get(domain);
        small
            .and_then(|small| small.accounts.get(account))
            .copied()
            .unwrap_or_default()
    }

    /// What the board says of a compartment.
    ///
    /// # Errors
    /// [`ChainError`]
    pub(super) async fn closed(&self, domain: usize, compartment: usize) -> Result<Closed, ChainError> {
        let key = self.domains.get(domain).map(|small| pda::board(&small.domain));
        let now = self.rpc.clock().await?.unix_timestamp;
        let board: Option<PauseBoard> = self.rpc.load(&key.unwrap_or_default()).await?;
        let board = board.ok_or_else(|| refused(&"the board is gone"))?;
        let row = board.rows.get(compartment).filter(|row| row.guardian_pause != 0);
        Ok(Closed {
            slot: board.guardian_pause_slot,
            until: row.map_or(0, |row| row.guardian_pause_until),
            now,
        })
    }

    /// Pauses that the sentinel's guardian has made, in every domain. Each has burned a right.
    ///
    /// # Errors
    /// [`ChainError`]
    pub(super) async fn pauses(&self, guardian: &Pubkey) -> Result<Vec<usize>, ChainError> {
        let mut all = Vec::with_capacity(self.domains.len());
        for small in &self.domains {
            let council: Option<Council> = self.rpc.load(&pda::council(&small.domain)).await?;
            let council = council.ok_or_else(|| refused(&"a council is gone"))?;
            let member = council.members.iter().find(|member| member.key == *guardian);
            let left = member.map_or(0, |member| member.pause_rights);
            all.push(usize::from(RIGHTS.saturating_sub(left)));
        }
        Ok(all)
    }
}

/// The sentinel's guardian, and people who do everything else.
fn council(keys: &Keyring) -> CouncilConfig {
    let mut people = keys.members();
    people.truncate(2);
    let mut council = council_config(&people);
    council.members.push(MemberConfig {
        key: keys.key(GUARDIAN).pubkey(),
        roles: role::GUARDIAN,
    });
    council.fallback = keys.key(FALLBACK).pubkey();
    council.guardian_pause_seconds = PAUSE_SECONDS;
    council.pause_rights = RIGHTS;
    council.guardian_pauses_per_day = RIGHTS;
    council.guardian_pauses_in_a_row = RIGHTS;
    council
}

fn refused(reason: &impl ToString) -> ChainError {
    ChainError::Refused {
        reason: reason.to_string(),
        logs: String::new(),
    }
}
