//! `bulkhead vault`: what is in custody, and deposits into it.

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::get_associated_token_address_with_program_id as associated;
use bulkhead_client::{flows, instructions as ix, payload::duration, pda, status::words::route_fault, watch::Kind};
use bulkhead_core::{CoreError, acts, breakers::window::is_over, custody::is_active, token::amount};
use bulkhead_interface::{
    constants::NO_LEDGER,
    layout::{DepositNote, OutflowBreaker, Vault},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    facts,
    find::{self, Site, VaultAt, all, refused},
    words,
};
use crate::context::Context;

/// Custody vaults: what they hold, and deposits into them.
///
/// Amounts are in base units of the vault's mint: 1000000 is one token of a mint with 6 decimals.
#[derive(Args, Clone, Debug)]
pub struct VaultCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the vaults of the domain: balance, state, operator, evacuation route
    #[command(after_help = "Example:\n  bulkhead vault list --domain DOMAIN")]
    List,
    /// Deposit into a vault, and have the deposit noted; signed by the owner of the tokens
    #[command(after_help = "Example:\n  bulkhead vault deposit --mint MINT --amount 1000000 -k owner.json")]
    Deposit(Deposit),
    /// Close a deposit note that covers nothing any more; anyone may, and the rent goes to who paid it
    #[command(after_help = "Example:\n  bulkhead vault close-note --mint MINT --owner OWNER")]
    CloseNote(CloseNote),
}

#[derive(Args, Clone, Debug)]
struct Deposit {
    #[command(flatten)]
    at: VaultAt,
    /// Amount in base units of the vault's mint
    #[arg(long, value_name = "AMOUNT")]
    amount: u64,
    /// Token account to deposit from; the signer's associated token account if left out
    #[arg(long, value_name = "ADDRESS")]
    source: Option<Pubkey>,
}

#[derive(Args, Clone, Debug)]
struct CloseNote {
    #[command(flatten)]
    at: VaultAt,
    /// Owner whose note is closed; the signer if left out
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &VaultCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::List => list(context).await,
        What::Deposit(deposit) => run_deposit(deposit, context).await,
        What::CloseNote(close) => close_note(close, context).await,
    }
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let (chain, site) = (context.chain()?, Site::of(context).await?);
    let found: Vec<(Pubkey, Vault)> = all(chain, Kind::Vault, &site.key).await?;
    let custody: Vec<_> = found.iter().map(|(_, vault)| vault.custody).collect();
    let balances = chain.accounts(&custody).await?;
    let balance =
        |account: &Option<solana_account::Account>| account.as_ref().and_then(|account| amount(&account.data));
    let shown: Vec<_> = found
        .iter()
        .zip(balances.iter().map(balance))
        .map(|((key, vault), balance)| Shown {
            key: *key,
            vault,
            balance,
            pays: is_active(vault, site.board.unpaused_slot),
        })
        .collect();
    let values: Vec<_> = shown.iter().map(Shown::json).collect();
    context.print(&values, || {
        if shown.is_empty() {
            return "no vault; `bulkhead propose open-vault` opens one\n".into();
        }
        shown.iter().map(Shown::text).collect::<Vec<_>>().join("\n")
    })
}

async fn run_deposit(command: &Deposit, context: &Context) -> anyhow::Result<()> {
    let owner = context.signer()?;
    let (key, vault) = command.at.find(context).await?;
    let chain = context.chain()?;
    let site = Site::read(chain, vault.domain).await?;
    let source = command
        .source
        .unwrap_or_else(|| associated(&owner, &vault.mint, &vault.token_program));
    acts::may_deposit(&vault, &source, command.amount, site.board.unpaused_slot)
        .map_err(|error| refused(error, "nothing was sent"))?;
    let held = chain.account(&source).await?.and_then(|account| amount(&account.data));
    if held.unwrap_or(0) < command.amount {
        let next = match held {
            None => format!("{source} does not exist; give the token account with --source"),
            Some(held) => format!("{source} holds {held} of {}", vault.mint),
        };
        return Err(refused(CoreError::BalanceTooSmall, &next));
    }
    let deposit = ix::receive_deposit(
        flows::keys_of(key, &vault),
        owner,
        source,
        chain.payer(),
        command.amount,
    );
    let facts = [
        ("amount", command.amount.into()),
        ("vault", key.into()),
        ("source", source.into()),
    ];
    facts::send(context, "deposit", &facts, deposit).await
}

async fn close_note(command: &CloseNote, context: &Context) -> anyhow::Result<()> {
    let owner = command.owner.map_or_else(|| context.signer(), Ok)?;
    let (key, vault) = command.at.find(context).await?;
    let at = context.chain()?.now().await?;
    let note_key = pda::deposit_note(&key, &owner);
    let next = "this owner has no note in this vault; there is nothing to close";
    let note: DepositNote = find::one(context, "deposit note", &note_key, next).await?;
    let breaker: OutflowBreaker = find::one(context, "outflow breaker", &vault.breaker, "").await?;
    if !is_over(&note, &breaker, vault.evacuations, at.now) {
        anyhow::bail!(
            "NoteInForce: the note of {owner} still covers a deposit; it covers nothing {} after the deposit",
            duration(breaker.window_seconds)
        );
    }
    let close = ix::close_deposit_note(flows::keys_of(key, &vault), &owner, note.payer);
    facts::send(
        context,
        "close",
        &[("note", note_key.into()), ("rent_to", note.payer.into())],
        close,
    )
    .await
}

struct Shown<'a> {
    key: Pubkey,
    vault: &'a Vault,
    balance: Option<u64>,
    pays: bool,
}

impl Shown<'_> {
    fn json(&self) -> Value {
        let vault = self.vault;
        json!({
            "vault": self.key.to_string(),
            "index": vault.index,
            "compartment": vault.compartment,
            "mint": vault.mint.to_string(),
            "decimals": vault.decimals,
            "custody": vault.custody.to_string(),
            "balance": self.balance.map(|balance| balance.to_string()),
            "state": words::vault_name(vault.state),
            "pays": self.pays,
            "operator": vault.operator.to_string(),
            "breaker": vault.breaker.to_string(),
            "queue_seconds": vault.queue_seconds,
            "ledger": (vault.ledger != NO_LEDGER).then_some(vault.ledger),
            "route": (vault.route != Pubkey::default()).then(|| vault.route.to_string()),
            "route_fault": route_fault(vault.route_fault),
            "evacuations": vault.evacuations,
        })
    }

    fn text(&self) -> String {
        let vault = self.vault;
        let balance = self
            .balance
            .map_or_else(|| "unreadable".to_owned(), |balance| balance.to_string());
        let state = words::vault_name(vault.state);
        let pays = if self.pays {
            "pays releases"
        } else {
            "pays nothing until an unpause"
        };
        let route = if vault.route == Pubkey::default() {
            "NONE: `bulkhead propose register-evacuation-route`".to_owned()
        } else {
            vault.route.to_string()
        };
        words::lines(&[
            (
                "vault",
                format!("{} of compartment {}, {}", vault.index, vault.compartment, self.key),
            ),
            (
                "holds",
                format!("{balance} of {} ({} decimals)", vault.mint, vault.decimals),
            ),
            ("in", vault.custody.to_string()),
            ("state", format!("{state}, {pays}")),
            ("operator", vault.operator.to_string()),
            ("breaker", vault.breaker.to_string()),
            (
                "queue",
                format!("a release over the limits waits {}", duration(vault.queue_seconds)),
            ),
            ("route", route),
        ])
    }
}
