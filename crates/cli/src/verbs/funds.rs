//! `bulkhead fund`, `share` and `surplus`: the tokens that a restoration pays claims from.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda, watch::Kind};
use bulkhead_core::custody::queue_ledger;
use bulkhead_interface::layout::Vault;
use clap::{ArgGroup, Parser};

use super::{
    find,
    ledger_at::{LedgerAt, Place, associated, create_associated, not_possible},
};
use crate::context::Context;

/// Fund a restoration
///
/// Either with tokens of the signer, or with what the evacuation brought to the recovery account, which anyone may move;
/// once the escape is due, also with what custody holds.
/// Never more than the claims still lack.
#[derive(Parser)]
#[command(after_help = "Examples:
  bulkhead fund 25000000 --domain DOMAIN -k treasury.json
  bulkhead fund --from-recovery --domain DOMAIN
  bulkhead fund --from-custody --domain DOMAIN")]
#[command(group = ArgGroup::new("from").required(true))]
pub struct Fund {
    /// Number of tokens of the signer. Native units
    #[arg(value_name = "UNITS", group = "from")]
    amount: Option<u64>,
    /// Move what evacuated vaults of this ledger have in their recovery accounts
    #[arg(long, group = "from")]
    from_recovery: bool,
    /// Move what vaults of this ledger hold in custody, once the escape is due
    #[arg(long, group = "from")]
    from_custody: bool,
    /// Only this vault
    #[arg(long, value_name = "ADDRESS", requires = "from_recovery")]
    vault: Option<Pubkey>,
    /// Token account of the signer to take from [default: the associated token account]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "from_recovery")]
    source: Option<Pubkey>,
    #[command(flatten)]
    at: LedgerAt,
}

/// Runs `fund`.
///
/// # Errors
/// The command's error, by name.
pub async fn fund(command: &Fund, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let (keys, _) = place.restored(context).await?;
    if command.from_custody {
        let found: Vec<(Pubkey, Vault)> = find::all(context.chain()?, Kind::Vault, &place.domain()).await?;
        let is_its =
            |vault: &Vault| vault.ledger == place.ledger_index || queue_ledger::is_of(vault, place.ledger_index);
        let mine = found.iter().filter(|(_, vault)| is_its(vault));
        let moves = mine.map(|(key, vault)| {
            let fund = ix::fund_from_custody(keys, place.domain(), *key);
            ix::with_queue(fund, pda::queue_ledger(vault))
        });
        let moves: Vec<_> = moves.collect();
        return context.submit("fund_from_custody", &moves).await;
    }
    let Some(amount) = command.amount else {
        let vaults = vaults(context, &place, command.vault).await?;
        let moves = vaults.iter().map(|(key, vault)| {
            let fund = ix::fund_from_recovery_account(keys, place.domain(), *key, vault.evacuation.destination);
            ix::with_queue(fund, pda::queue_ledger(vault))
        });
        let moves: Vec<_> = moves.collect();
        return context.submit("fund_from_recovery_account", &moves).await;
    };
    let funder = context.signer()?;
    let source = command
        .source
        .unwrap_or_else(|| associated(&funder, &keys.mint, &keys.token_program));
    let fund = ix::fund_restoration(keys, funder, source, amount);
    context.submit("fund_restoration", &[fund]).await
}

/// The vaults that the incident evacuated and that back the ledger.
async fn vaults(context: &Context, place: &Place, only: Option<Pubkey>) -> anyhow::Result<Vec<(Pubkey, Vault)>> {
    if let Some(key) = only {
        let next = "`bulkhead vault list` shows the vaults of a domain";
        return Ok(vec![(key, find::one(context, "vault", &key, next).await?)]);
    }
    let mut found: Vec<(Pubkey, Vault)> = find::all(context.chain()?, Kind::Vault, &place.domain()).await?;
    found.retain(|(_, vault)| {
        let evacuation = &vault.evacuation;
        let is_left = evacuation.drawn < evacuation.moved;
        let is_its = vault.ledger == place.ledger_index || queue_ledger::index_of(vault) == Some(place.ledger_index);
        evacuation.incident == place.incident && is_its && is_left
    });
    if found.is_empty() {
        return Err(not_possible(
            format!(
                "no vault that backs ledger {} has evacuated tokens left",
                place.ledger_index
            ),
            "`bulkhead evacuate run` evacuates the vaults once that is confirmed; or fund it with tokens of your own",
        ));
    }
    Ok(found)
}

/// Share out what the pool holds, so that claims can be paid
///
/// Anyone may, whenever the pool has received tokens.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead share --domain DOMAIN")]
pub struct Share {
    #[command(flatten)]
    at: LedgerAt,
}

/// Runs `share`.
///
/// # Errors
/// The command's error, by name.
pub async fn share(command: &Share, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let share = ix::share_out(place.restoration(), place.incident);
    context.submit("share_out", &[share]).await
}

/// Return what the pool holds beyond all claims to the domain
///
/// Anyone may. A proposal can move it on from the domain's associated token account, which this creates if it is not
/// there.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead surplus --domain DOMAIN")]
pub struct Surplus {
    #[command(flatten)]
    at: LedgerAt,
}

/// Runs `surplus`.
///
/// # Errors
/// The command's error, by name.
pub async fn surplus(command: &Surplus, context: &Context) -> anyhow::Result<()> {
    let place = command.at.find(context).await?;
    let (keys, _) = place.restored(context).await?;
    let domain = place.domain();
    let (payer, destination) = (
        context.chain()?.payer(),
        associated(&domain, &keys.mint, &keys.token_program),
    );
    let create = create_associated(&payer, &domain, &keys.mint, &keys.token_program);
    let back = ix::return_surplus(keys, destination);
    context.submit("return_surplus", &[create, back]).await
}
