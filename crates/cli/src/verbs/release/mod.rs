//! `bulkhead release`: what vaults pay, and what waits in their queues.

mod listed;
mod returned;
mod show;

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{flows, instructions as ix, pda};
use bulkhead_core::{
    CoreError,
    acts::{self, Queue},
    breakers::verdict::Verdict,
    custody::Receiver,
    token,
};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::{Incident, Ledger, OutflowBreaker, Release, Vault};
use clap::{Args, Subcommand};
use solana_account::Account;

use super::{
    breaker::moment,
    facts,
    find::{self, Site, VaultAt, refused},
};
use crate::context::Context;

pub(crate) use listed::read as read_list;

/// Releases: what a vault pays, and what waits in its queue.
///
/// Amounts are in base units of the vault's mint: 1000000 is one token of a mint with 6 decimals.
#[derive(Args, Clone, Debug)]
pub struct ReleaseCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the releases of the domain's vaults: amount, state, when payable
    #[command(after_help = "Example:\n  bulkhead release list --domain DOMAIN")]
    List(VaultAt),
    /// Ask a vault to pay, as a host does by CPI; signed by the vault's operator
    #[command(after_help = "Example:
  bulkhead release ask --mint MINT --destination TOKEN_ACCOUNT --amount 1000000 --number 7 -k operator.json")]
    Ask(Ask),
    /// Pay a queued release whose time has come, as far as the limits leave room; anyone may. Without an address: all
    #[command(after_help = "Examples:\n  bulkhead release settle RELEASE\n  bulkhead release settle --domain DOMAIN")]
    Settle(Settle),
    /// Name another token account for a queued release; signed by the owner of the claim
    #[command(after_help = "Example:\n  bulkhead release redirect RELEASE --destination TOKEN_ACCOUNT -k owner.json")]
    Redirect(Redirect),
    /// Cancel a queued release of the open incident; signed by one guardian, burns a pause right
    #[command(after_help = "Example:\n  bulkhead release cancel RELEASE -k guardian.json")]
    Cancel(At),
    /// Draw up a list of queued releases for a proposal to cancel: writes the list and prints its root
    #[command(after_help = "Example:
  bulkhead release draw-up RELEASE RELEASE --list stolen.txt
  bulkhead propose cancel-releases --vault VAULT --list stolen.txt -k approver.json
  bulkhead execute PROPOSAL
  bulkhead release cancel-listed --list stolen.txt")]
    DrawUp(DrawUp),
    /// Cancel the releases on the list that an executed proposal or a guardian named; anyone may
    #[command(after_help = "Examples:
  bulkhead release cancel-listed --list stolen.txt
  bulkhead release cancel-listed --list stolen.txt --guardian GUARDIAN")]
    CancelListed(CancelListed),
    /// Name a list of releases to cancel in the open incident; signed by one guardian, burns one pause right in all
    #[command(after_help = "Example:
  bulkhead release draw-up RELEASE RELEASE --list stolen.txt
  bulkhead release cancel-set --list stolen.txt -k guardian.json
  bulkhead release cancel-listed --list stolen.txt --guardian GUARDIAN")]
    CancelSet(ListAt),
    /// Take a cancelled release back into the host's ledger, as a host does by CPI; signed by the vault's operator
    #[command(after_help = "Example:\n  bulkhead release take-back RELEASE -k operator.json")]
    TakeBack(At),
    /// Bring a release that an evacuation has stopped back to the queue of a vault that pays again; anyone may
    #[command(after_help = "Example:\n  bulkhead release requeue RELEASE")]
    Requeue(At),
    /// Close the record of a release that was paid, by the vault or by claims; anyone may, and the rent goes to who paid it
    #[command(after_help = "Example:\n  bulkhead release close RELEASE")]
    Close(At),
}

#[derive(Args, Clone, Debug)]
struct At {
    /// Address of the release
    #[arg(value_name = "RELEASE")]
    release: Pubkey,
}

#[derive(Args, Clone, Debug)]
struct Settle {
    /// Address of the release; every release of the domain that can be paid if left out
    #[arg(value_name = "RELEASE")]
    release: Option<Pubkey>,
}

#[derive(Args, Clone, Debug)]
struct Ask {
    #[command(flatten)]
    at: VaultAt,
    /// Token account to pay
    #[arg(long, value_name = "ADDRESS")]
    destination: Pubkey,
    /// Amount in base units of the vault's mint
    #[arg(long, value_name = "AMOUNT")]
    amount: u64,
    /// Number of the record, in case the release has to wait: any that is free
    #[arg(long, value_name = "N")]
    number: u64,
    /// Owner who asks, if the host keeps deposit notes: their recent deposits leave without being counted
    #[arg(long, value_name = "ADDRESS")]
    asker: Option<Pubkey>,
}

#[derive(Args, Clone, Debug)]
struct Redirect {
    #[command(flatten)]
    at: At,
    /// Token account to pay from now on; its holder then owns the claim
    #[arg(long, value_name = "ADDRESS")]
    destination: Pubkey,
}

#[derive(Args, Clone, Debug)]
struct DrawUp {
    /// Addresses of the queued releases
    #[arg(value_name = "RELEASE", required = true)]
    releases: Vec<Pubkey>,
    /// File to write; it must not exist yet
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
}

#[derive(Args, Clone, Debug)]
struct CancelListed {
    /// The list, as `bulkhead release draw-up` wrote it
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// The guardian who named the list in the open incident; without it, an executed proposal did
    #[arg(long, value_name = "ADDRESS")]
    guardian: Option<Pubkey>,
}

#[derive(Args, Clone, Debug)]
struct ListAt {
    /// The list, as `bulkhead release draw-up` wrote it
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
}

const LIST: &str = "`bulkhead release list` shows the releases of a domain";

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &ReleaseCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::List(at) => show::list(at, context).await,
        What::Ask(asked) => ask(asked, context).await,
        What::Settle(Settle { release: Some(key) }) => settle(*key, context).await,
        What::Settle(Settle { release: None }) => {
            let done = flows::settle_releases(&context.session()?, context.domain()?).await?;
            context.finish("settle", &done)
        }
        What::Redirect(redirect) => run_redirect(redirect, context).await,
        What::Cancel(at) => cancel(at, context).await,
        What::DrawUp(draw_up) => listed::draw_up(&draw_up.releases, &draw_up.list, context).await,
        What::CancelListed(cancel) => listed::cancel(&cancel.list, cancel.guardian.as_ref(), context).await,
        What::CancelSet(at) => listed::set(&at.list, context).await,
        What::TakeBack(at) => returned::take_back(&at.release, context).await,
        What::Requeue(at) => returned::requeue(&at.release, context).await,
        What::Close(at) => close(at, context).await,
    }
}

/// A release with its vault.
async fn load(context: &Context, key: &Pubkey) -> anyhow::Result<(Release, Vault)> {
    let release: Release = find::one(context, "release", key, LIST).await?;
    let vault = find::one(context, "vault", &release.vault, LIST).await?;
    Ok((release, vault))
}

/// The ledger of a vault's queue, with its address.
async fn queue_of(context: &Context, vault: &Vault) -> anyhow::Result<(Option<Pubkey>, Option<Ledger>)> {
    let Some(key) = pda::queue_ledger(vault) else {
        return Ok((None, None));
    };
    Ok((Some(key), Some(find::one(context, "ledger", &key, "").await?)))
}

/// A destination as the program reads it, with the memo program among the accounts if the destination requires a memo.
fn receiver(key: Pubkey, account: Option<&Account>) -> anyhow::Result<(Receiver, bool)> {
    let data = account.map(|account| account.data.as_slice()).unwrap_or_default();
    let holder = token::holder(data).filter(|_| token::is_account(data));
    let holder =
        holder.ok_or_else(|| refused(CoreError::WrongDestination, &format!("{key} is not a token account")))?;
    let receiver = Receiver {
        key,
        holder: Pubkey::new_from_array(holder),
        takes: !token::is_frozen(data),
    };
    Ok((receiver, token::wants_memo(data)))
}

async fn ask(command: &Ask, context: &Context) -> anyhow::Result<()> {
    let operator = context.signer()?;
    let (key, vault) = command.at.find(context).await?;
    let chain = context.chain()?;
    acts::may_release(&vault, &vault.breaker, &operator, command.amount)
        .map_err(|error| refused(error, &format!("the vault's operator is {}", vault.operator)))?;
    let site = Site::read(chain, vault.domain).await?;
    let account = chain.account(&command.destination).await?;
    let (receiver, wants_memo) = receiver(command.destination, account.as_ref())?;
    let mut breaker: OutflowBreaker = find::one(context, "outflow breaker", &vault.breaker, "").await?;
    let (moment, mask) = moment(&site, vault.compartment)?;
    let is_closed = mask & WITHDRAW != 0;
    let verdict = acts::release(
        &vault,
        &mut breaker,
        None,
        command.amount,
        &receiver,
        is_closed,
        &moment,
    )
    .map_err(|error| refused(error, "`bulkhead status` shows what is closed, and until when"))?;
    // With a deposit note more may leave at once than the limits alone allow.
    let verdict = match (verdict, command.asker) {
        (Verdict::Allowed, _) => "within the limits",
        (_, Some(_)) => "over the limits, except for what the asker deposited recently",
        (_, None) => "over the limits: it will wait in the queue",
    };
    let keys = flows::keys_of(key, &vault);
    let payer = chain.payer();
    let release = match command.asker {
        None => ix::release(
            keys,
            operator,
            payer,
            command.destination,
            command.amount,
            command.number,
        ),
        Some(asker) => ix::release_to(
            keys,
            operator,
            (asker, command.destination),
            payer,
            command.amount,
            command.number,
        ),
    };
    let release = if wants_memo { ix::with_memo(release) } else { release };
    let record = command.asker.map_or_else(
        || pda::release(&key, command.number),
        |asker| pda::release_of(&key, &asker, command.number),
    );
    let facts = [
        ("vault", key.into()),
        ("amount", command.amount.into()),
        ("verdict", verdict.into()),
        ("record_if_queued", record.into()),
    ];
    facts::send(context, "ask", &facts, release).await
}

async fn settle(key: Pubkey, context: &Context) -> anyhow::Result<()> {
    let (mut release, mut vault) = load(context, &key).await?;
    let chain = context.chain()?;
    let site = Site::read(chain, vault.domain).await?;
    let accounts = chain.accounts(&[release.destination, vault.custody]).await?;
    let [destination, custody] = accounts.as_slice() else {
        anyhow::bail!("Unreadable: the node answered with other accounts than asked for");
    };
    let (receiver, wants_memo) = receiver(release.destination, destination.as_ref())?;
    let balance = custody
        .as_ref()
        .and_then(|account| token::amount(&account.data))
        .unwrap_or(0);
    let mut breaker: OutflowBreaker = find::one(context, "outflow breaker", &vault.breaker, "").await?;
    let (moment, mask) = moment(&site, vault.compartment)?;
    let (vault_key, destination) = (release.vault, release.destination);
    let breaker_key = vault.breaker;
    let instalment = acts::settle(
        (&vault_key, &mut vault),
        (&breaker_key, &mut breaker),
        &mut release,
        &receiver,
        balance,
        mask & WITHDRAW != 0,
        &moment,
    );
    let instalment = instalment.map_err(|error| {
        let next = match error {
            CoreError::ReleaseNotPayable => format!("payable {}", super::words::time(release.payable_ts, site.at.now)),
            CoreError::WrongDestination => {
                format!(
                    "the account has another holder than {}, who can redirect the release",
                    release.owner
                )
            }
            CoreError::CannotReceive => format!("{} can redirect the release", release.owner),
            CoreError::VaultEvacuated => {
                "a claim pays it once its queue is restored; or `bulkhead release requeue`, once the vault pays again"
                    .into()
            }
            CoreError::ActionPaused => "`bulkhead status` shows what is closed, and until when".into(),
            _ => "nothing was sent".into(),
        };
        refused(error, &next)
    })?;
    let settle = ix::settle_release(flows::keys_of(vault_key, &vault), destination, key);
    let settle = if wants_memo { ix::with_memo(settle) } else { settle };
    facts::send(
        context,
        "settle",
        &[("release", key.into()), ("pays_now", instalment.into())],
        settle,
    )
    .await
}

async fn run_redirect(command: &Redirect, context: &Context) -> anyhow::Result<()> {
    let owner = context.signer()?;
    let (mut release, vault) = load(context, &command.at.release).await?;
    let vault_key = release.vault;
    let account = context.chain()?.account(&command.destination).await?;
    let (receiver, _) = receiver(command.destination, account.as_ref())?;
    acts::redirect_release((&vault_key, &vault), &mut { release }, &owner, &receiver)
        .map_err(|error| refused(error, &format!("the owner of the claim is {}", release.owner)))?;
    release.destination = command.destination;
    let redirect = ix::redirect_release(owner, vault_key, command.at.release, release.destination);
    let facts = [
        ("release", command.at.release.into()),
        ("destination", receiver.key.into()),
        ("owner", receiver.holder.into()),
    ];
    facts::send(context, "redirect", &facts, redirect).await
}

async fn cancel(command: &At, context: &Context) -> anyhow::Result<()> {
    let guardian = context.signer()?;
    let (mut release, mut vault) = load(context, &command.release).await?;
    let vault_key = release.vault;
    let site = Site::read(context.chain()?, vault.domain).await?;
    let key = site.open_incident()?;
    let incident: Incident = find::one(context, "incident", &key, "").await?;
    let mut council = site.council;
    let (queue_key, mut ledger) = queue_of(context, &vault).await?;
    let queue = Queue {
        key: &vault_key,
        vault: &mut vault,
        ledger: ledger.as_mut(),
    };
    let cancelled = acts::cancel_release(&mut council, &incident, queue, &mut release, &guardian, site.at.now);
    let (unpaid, rights_left) = cancelled.map_err(|error| {
        let next = match error {
            CoreError::ReleaseBeforeBreach | CoreError::CancellationOver => {
                "a proposal can cancel it: `bulkhead release draw-up`"
            }
            CoreError::NotAMember | CoreError::RoleMissing => "sign with a guardian's key",
            _ => "",
        };
        refused(error, next)
    })?;
    let cancel = ix::cancel_release(site.key, guardian, key, vault_key, command.release);
    let cancel = ix::with_queue(cancel, queue_key);
    let facts = [
        ("release", command.release.into()),
        ("unpaid", unpaid.into()),
        ("pause_rights_left", u64::from(rights_left).into()),
    ];
    facts::send(context, "cancel", &facts, cancel).await
}

async fn close(command: &At, context: &Context) -> anyhow::Result<()> {
    let release: Release = find::one(context, "release", &command.release, LIST).await?;
    let (_, vault) = load(context, &command.release).await?;
    let (queue_key, ledger) = queue_of(context, &vault).await?;
    acts::close_release(&release, ledger.as_ref()).map_err(|error| {
        let next = match error {
            CoreError::ReleaseNotTakenBack => {
                "the host credits its owner by taking it back: `bulkhead release take-back`"
            }
            _ => "settle it first",
        };
        refused(error, next)
    })?;
    let close = ix::with_queue(ix::close_release(command.release, release.payer), queue_key);
    let facts = [("release", command.release.into()), ("rent_to", release.payer.into())];
    facts::send(context, "close", &facts, close).await
}
