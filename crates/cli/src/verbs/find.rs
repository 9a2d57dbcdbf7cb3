//! Finds the accounts that a verb is about: by address, or by what is known of them.

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use anyhow::{Context as _, bail};
use bulkhead_client::{
    bulkhead::{self, error::BulkheadError},
    chain::{Chain, Filter},
    decode,
    flows::{FlowError, Quiet, Scene, Session},
    pda,
    watch::{Kind, questions},
};
use bulkhead_core::{CoreError, acts::At};
use bulkhead_interface::{
    discriminator,
    layout::{Council, Domain, Incident, OutflowBreaker, PauseBoard, Vault},
};
use clap::Args;
use solana_account::Account;

use crate::context::Context;

/// A session that reports nothing, to read with.
pub(crate) fn quiet(context: &Context) -> anyhow::Result<Session<'_>> {
    Ok(Session {
        chain: context.chain()?,
        report: &Quiet,
        parallel: 1,
    })
}

/// Why nothing was sent: a rule of the program would refuse it.
pub(crate) fn refused(error: CoreError, next: &str) -> anyhow::Error {
    let message = BulkheadError::from(error).to_string();
    let text = if next.is_empty() {
        message
    } else {
        format!("{message}; {next}")
    };
    FlowError::Rule(error, text).into()
}

/// A domain with what every act on it depends on.
pub(crate) struct Site {
    /// Address of the domain.
    pub key: Pubkey,
    /// The domain.
    pub domain: Domain,
    /// Its council.
    pub council: Council,
    /// Its board.
    pub board: PauseBoard,
    /// Data of the board's account, as the guard reads it.
    pub board_data: Vec<u8>,
    /// The cluster's clock.
    pub at: At,
}

impl Site {
    /// Reads the domain of the command line.
    pub(crate) async fn of(context: &Context) -> anyhow::Result<Self> {
        Self::read(context.chain()?, context.domain()?).await
    }

    /// Reads a domain.
    pub(crate) async fn read(chain: &dyn Chain, key: Pubkey) -> anyhow::Result<Self> {
        let session = Session {
            chain,
            report: &Quiet,
            parallel: 1,
        };
        let Scene {
            domain,
            council,
            board,
            at,
        } = Scene::read(&session, &key).await?;
        Ok(Self {
            key,
            domain,
            council,
            board_data: [&discriminator::PAUSE_BOARD, bytemuck::bytes_of(&board)].concat(),
            board,
            at,
        })
    }

    /// The open incident, or why there is none.
    pub(crate) fn open_incident(&self) -> anyhow::Result<Pubkey> {
        let key = self.domain.open_incident;
        if key == Pubkey::default() {
            return Err(refused(
                CoreError::IncidentNotOpen,
                "the domain has no open incident; `bulkhead status` shows what is closed",
            ));
        }
        Ok(key)
    }
}

/// All accounts of one kind that belong to `owner`: a domain, or for releases and notes a vault.
pub(crate) async fn raw(chain: &dyn Chain, kind: Kind, owner: &Pubkey) -> anyhow::Result<Vec<(Pubkey, Account)>> {
    let parent = match kind {
        Kind::Release | Kind::DepositNote => Kind::Vault,
        _ => Kind::Domain,
    };
    let questions = questions(*owner, parent);
    let question = questions
        .iter()
        .find(|question| question.discriminator == kind.discriminator());
    let question = question.with_context(|| format!("NotListed: accounts of kind {kind:?} do not name a domain"))?;
    let filters = [
        (0, question.discriminator.to_vec()),
        (question.offset, owner.to_bytes().to_vec()),
    ];
    let filters = filters.map(|(offset, bytes)| Filter::Bytes { offset, bytes });
    Ok(chain.owned(&bulkhead::ID, &filters).await?)
}

/// [`raw`], decoded and ordered by address.
pub(crate) async fn all<T: ZeroCopy + Discriminator>(
    chain: &dyn Chain,
    kind: Kind,
    owner: &Pubkey,
) -> anyhow::Result<Vec<(Pubkey, T)>> {
    let found = raw(chain, kind, owner).await?.into_iter();
    let mut found: Vec<_> = found
        .filter_map(|(key, account)| Some((key, decode::owned(&account.owner, &account.data)?)))
        .collect();
    found.sort_unstable_by_key(|(key, _)| *key);
    Ok(found)
}

/// Reads one account, which has to exist. `next` says what to do if it does not.
pub(crate) async fn one<T: ZeroCopy + Discriminator>(
    context: &Context,
    what: &'static str,
    key: &Pubkey,
    next: &str,
) -> anyhow::Result<T> {
    Ok(quiet(context)?.load(what, key, next).await?)
}

/// The one account among those that fit, or a sentence that names them.
pub(crate) fn only<T>(what: &str, mut found: Vec<(Pubkey, T)>, next: &str) -> anyhow::Result<(Pubkey, T)> {
    match (found.pop(), found.len()) {
        (Some(one), 0) => Ok(one),
        (None, _) => bail!("NotFound: the domain has no {what} that fits; {next}"),
        (Some((last, _)), count) => {
            let keys = found.iter().map(|(key, _)| key.to_string());
            let keys: Vec<_> = keys.chain([last.to_string()]).collect();
            bail!(
                "Ambiguous: {} {what}s fit: {}; give the address of one",
                count + 1,
                keys.join(", ")
            )
        }
    }
}

/// An outflow breaker: its address, or what it meters.
#[derive(Args, Clone, Debug, Default)]
pub struct BreakerAt {
    /// Address of the breaker; needless if the domain has only one that fits
    #[arg(value_name = "BREAKER", conflicts_with_all = ["compartment", "mint", "shard"])]
    pub(crate) breaker: Option<Pubkey>,
    /// Compartment that the breaker meters
    #[arg(long, value_name = "N")]
    pub(crate) compartment: Option<u8>,
    /// Mint that the breaker meters
    #[arg(long, value_name = "MINT")]
    pub(crate) mint: Option<Pubkey>,
    /// Number of the breaker among those that share the limits
    #[arg(long, value_name = "N")]
    pub(crate) shard: Option<u8>,
}

impl BreakerAt {
    /// Finds the breaker.
    pub(crate) async fn find(&self, context: &Context) -> anyhow::Result<(Pubkey, OutflowBreaker)> {
        let next = "`bulkhead breaker list` shows the breakers of a domain";
        if let Some(key) = self.breaker {
            return Ok((key, one(context, "outflow breaker", &key, next).await?));
        }
        let domain = context.domain()?;
        if let (Some(compartment), Some(mint)) = (self.compartment, self.mint) {
            let key = pda::outflow_breaker(&domain, compartment, &mint, self.shard.unwrap_or(0));
            return Ok((key, one(context, "outflow breaker", &key, next).await?));
        }
        let mut found: Vec<(Pubkey, OutflowBreaker)> = all(context.chain()?, Kind::OutflowBreaker, &domain).await?;
        // A node may list an account under any address; only the program's own is this breaker's.
        let address =
            |breaker: &OutflowBreaker| pda::outflow_breaker(&domain, breaker.compartment, &breaker.mint, breaker.shard);
        found.retain(|(key, breaker)| {
            address(breaker) == *key
                && self.compartment.is_none_or(|number| number == breaker.compartment)
                && self.mint.is_none_or(|mint| mint == breaker.mint)
                && self.shard.is_none_or(|shard| shard == breaker.shard)
        });
        only("outflow breaker", found, next)
    }
}

/// A vault: its address, or what it holds.
#[derive(Args, Clone, Debug, Default)]
pub struct VaultAt {
    /// Address of the vault; needless if the domain has only one that fits
    #[arg(long, value_name = "VAULT", conflicts_with_all = ["mint", "index"])]
    pub(crate) vault: Option<Pubkey>,
    /// Mint of the tokens that the vault holds
    #[arg(long, value_name = "MINT")]
    pub(crate) mint: Option<Pubkey>,
    /// Number of the vault among those of the mint
    #[arg(long, value_name = "N")]
    pub(crate) index: Option<u8>,
}

impl VaultAt {
    /// Finds the vault.
    pub(crate) async fn find(&self, context: &Context) -> anyhow::Result<(Pubkey, Vault)> {
        let next = "`bulkhead vault list` shows the vaults of a domain";
        if let Some(key) = self.vault {
            return Ok((key, one(context, "vault", &key, next).await?));
        }
        let domain = context.domain()?;
        let mut found: Vec<(Pubkey, Vault)> = all(context.chain()?, Kind::Vault, &domain).await?;
        // A node may list an account under any address, to have tokens paid into a stranger's vault.
        found.retain(|(key, vault)| {
            pda::vault(&domain, &vault.mint, vault.index) == *key
                && self.mint.is_none_or(|mint| mint == vault.mint)
                && self.index.is_none_or(|index| index == vault.index)
        });
        only("vault", found, next)
    }
}

/// An incident: the one named, or else the open one, or else the last.
pub(crate) async fn incident(
    context: &Context,
    site: &Site,
    named: Option<Pubkey>,
) -> anyhow::Result<(Pubkey, Incident)> {
    let key = match named {
        Some(key) => key,
        None if site.domain.open_incident != Pubkey::default() => site.domain.open_incident,
        None => {
            let last = site.domain.incident_count.checked_sub(1);
            let last = last.ok_or_else(|| {
                anyhow::anyhow!("NotFound: the domain never had an incident; `bulkhead status` shows what is closed")
            })?;
            pda::incident(&site.key, last)
        }
    };
    let found = one(
        context,
        "incident",
        &key,
        "`bulkhead incident show --number N` names another",
    )
    .await?;
    Ok((key, found))
}
