//! `bulkhead proposal`: shows a proposal, approves exactly what it shows, and what else is done with proposals.

mod compare;
mod show;
mod trial;

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, bail, ensure};
use bulkhead_client::{
    decode,
    flows::Done,
    instructions as ix,
    payload::{self, Change, Payload},
    pda,
};
use bulkhead_core::{
    acts::At,
    domain::council::is_counted,
    proposals::proposal::{Progress, adds, check_live, payload_hash, progress},
};
use bulkhead_interface::{
    ID,
    constants::role,
    layout::{Council, Proposal},
};
use bulkhead_rpc::parse_account;
use bulkhead_snapshot::json;
use clap::{Parser, Subcommand};
use serde_json::Value;
use solana_account::Account;
use solana_instruction::Instruction;

pub(crate) use self::show::CLASSES;
use self::{show::Shown, trial::Trial};
use crate::{
    context::Context,
    files, output,
    verbs::proposals::{self, Close, Edit, List},
};

/// Discriminator and layout. The payload follows.
const HEADER: usize = 8 + size_of::<Proposal>();

/// Arguments of `bulkhead proposal`.
#[derive(Parser)]
pub struct ProposalCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Show in plain text what a proposal does, who approves it, and when it can be executed
    Show(Show),
    /// Show a proposal, ask for confirmation, and approve exactly that proposal
    Approve(Approve),
    /// List the proposals of the domain: what they decide, their approvals and clocks
    List(List),
    /// Replace what a proposal decides by another decision of the same kind; signed by its proposer
    Edit(Edit),
    /// Close a proposal that can never run again; anyone may, and the rent goes to who paid it
    Close(Close),
}

#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead proposal show PROPOSAL")]
struct Show {
    /// Address of the proposal
    #[arg(required_unless_present = "file")]
    address: Option<Pubkey>,
    /// Read the account from a file, as `solana account --output json` writes it, instead of from a node
    #[arg(long, value_name = "FILE", conflicts_with = "address")]
    file: Option<PathBuf>,
    /// The council's account, in the same format, to resolve member keys
    #[arg(long, value_name = "FILE", requires = "file")]
    council_file: Option<PathBuf>,
}

/// Show a proposal, ask for confirmation, and approve exactly that proposal.
///
/// Signed by -k, an approver, who also pays the fee unless --fee-payer does.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead approve PROPOSAL -k approver.json")]
pub struct Approve {
    /// Address of the proposal
    address: Pubkey,
}

/// Runs `bulkhead proposal`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &ProposalCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Show(show) => run_show(show, context).await,
        What::Approve(command) => approve(command, context).await,
        What::List(command) => proposals::list(command, context).await,
        What::Edit(command) => proposals::edit(command, context).await,
        What::Close(command) => proposals::close(command, context).await,
    }
}

/// A proposal and its context.
struct Read {
    address: Option<Pubkey>,
    proposal: Proposal,
    payload: Payload,
    council: Option<Council>,
    /// The cluster's clock.
    now: Option<At>,
    /// The state of the proposal by the program's own rule. `None` if the council or the time is unknown.
    progress: Option<Progress>,
    /// What the proposal would change against the current state. `None` without a node.
    changes: Option<Vec<Change>>,
    /// The outcome of simulating the proposal now.
    trial: Trial,
}

async fn run_show(command: &Show, context: &Context) -> anyhow::Result<()> {
    let read = if let Some(file) = &command.file {
        let council = command.council_file.as_deref().map(read_account).transpose()?;
        let (address, account) = read_account(file)?;
        Read::new(address, &account, council.map(|(_, account)| account).as_ref(), None)?
    } else {
        let address = command.address.context("NoAddress: give the address of the proposal")?;
        fetch(context, address).await?
    };
    let shown = Shown::new(&read);
    context.print(&shown.json(), || shown.text())
}

/// Shows a proposal, asks, and approves exactly that.
///
/// # Errors
/// A named error that says what to do next.
pub async fn approve(command: &Approve, context: &Context) -> anyhow::Result<()> {
    let approver = context.signer()?;
    let (read, output) = (fetch(context, command.address).await?, context.output());
    let shown = Shown::new(&read);
    if !output.is_json() {
        output::text(&shown.text())?;
    }
    require_approvable(&read, &approver)?;
    let (proposal, address) = (&read.proposal, command.address);
    let approve = ix::approve(
        proposal.domain,
        approver,
        address,
        proposal.payload_hash,
        proposal.created_slot,
    );
    context.confirm("Approve exactly this?")?;
    let receipt = context.chain()?.send(std::slice::from_ref(&approve)).await?;
    let signature = receipt.signature.clone();
    let done = Done {
        receipts: vec![receipt],
        skipped: 0,
    };
    let outcome = context.outcome("approved", &done);
    if !output.is_json() {
        return output::text(&outcome.text);
    }
    let mut report = shown.json();
    if context.sends_nothing() {
        report["would_send"] = instruction_json(&approve);
        report["outcome"] = outcome.json;
    } else {
        report = Shown::new(&fetch(context, address).await?).json();
        report["signature"] = signature.into();
    }
    context.print(&report, String::new)
}

/// Checks what the program would refuse, before a fee is paid.
fn require_approvable(read: &Read, approver: &Pubkey) -> anyhow::Result<()> {
    let council = read
        .council
        .as_ref()
        .context("NoCouncil: the proposal's council cannot be read")?;
    let proposal = &read.proposal;
    if let Payload::Unknown { kind, .. } = read.payload {
        bail!(
            "UnknownKind: this version cannot decode a proposal of kind {kind}; update bulkhead before you approve it"
        );
    }
    check_live(proposal, council, read.now.map_or(0, |at| at.now))
        .map_err(|error| anyhow::anyhow!("{error:?}: the proposal can no longer be approved; create a new one"))?;
    if council.fallback == *approver {
        return Ok(());
    }
    let members = council.members.iter().take(usize::from(council.member_count));
    let place = members
        .enumerate()
        .find(|(_, member)| member.key == *approver && member.roles & role::APPROVER != 0);
    let (place, member) = place.with_context(|| {
        format!(
            "NotAnApprover: {approver} is not an approver of this council; use the key pair of an approver listed above"
        )
    })?;
    let at = read.now.unwrap_or(At { slot: 0, now: 0 });
    ensure!(
        is_counted(council, member, at.now),
        "MemberSilent: {approver} has not been active for too long; send a heartbeat, and the member is eligible again one day later"
    );
    ensure!(
        adds(proposal, council, place, at.now),
        "AlreadyApproved: {approver} has already approved this proposal"
    );
    Ok(())
}

async fn fetch(context: &Context, address: Pubkey) -> anyhow::Result<Read> {
    let chain = context.chain()?;
    let account = chain.account(&address).await?;
    let account = account.with_context(|| {
        format!(
            "NoSuchProposal: account {address} does not exist on this cluster; the proposal may be closed, or on another cluster"
        )
    })?;
    let found: Option<Proposal> = decode::account(&account.data);
    let domain = found.map(|proposal| proposal.domain).unwrap_or_default();
    let council = chain.account(&pda::council(&domain)).await?;
    let mut read = Read::new(Some(address), &account, council.as_ref(), Some(chain.now().await?))?;
    let (found, progress) = compare::with_cluster(chain, &read).await?;
    (read.changes, read.progress) = (Some(found), progress);
    read.trial = trial::of(context, &read).await?;
    Ok(read)
}

/// Reads an account as `solana account --output json` or JSON-RPC writes it.
fn read_account(file: &Path) -> anyhow::Result<(Option<Pubkey>, Account)> {
    let name = file.display();
    let text = files::read_text(file, files::LONG)
        .with_context(|| format!("NotReadable: {name}; give the path of an account as JSON"))?;
    let value: Value =
        json::from_slice(text.as_bytes()).with_context(|| format!("NotAnAccount: {name} is not JSON"))?;
    let inner = ["account", "value", "result"]
        .iter()
        .find_map(|key| value.get(*key))
        .unwrap_or(&value);
    let account = parse_account(inner).with_context(|| {
        format!("NotAnAccount: {name}; create the file with `solana account ADDRESS --output json --output-file FILE`")
    })?;
    let address = value["pubkey"].as_str().and_then(|text| text.parse().ok());
    Ok((address, account))
}

impl Read {
    fn new(
        address: Option<Pubkey>,
        account: &Account,
        council: Option<&Account>,
        now: Option<At>,
    ) -> anyhow::Result<Self> {
        ensure!(
            account.owner == ID,
            "NotAProposal: the account is owned by {}, not by Bulkhead",
            account.owner
        );
        let proposal: Option<Proposal> = decode::account(&account.data);
        let proposal = proposal.context("NotAProposal: the account is owned by Bulkhead but is not a proposal")?;
        let end = HEADER + usize::from(proposal.payload_len);
        ensure!(
            account.data.len() == end,
            "NotAProposal: the account has {} bytes, but its header implies {end}",
            account.data.len()
        );
        let bytes = account.data.get(HEADER..end).unwrap_or_default();
        // What is shown must be what is approved.
        ensure!(
            payload_hash(proposal.kind, bytes) == proposal.payload_hash,
            "PayloadMismatch: the payload does not match its hash; do not approve it, and do not trust this node"
        );
        let own = pda::proposal(&proposal.domain, &proposal.proposer, proposal.index);
        ensure!(
            address.is_none_or(|address| address == own),
            "NotThisProposal: the account's contents belong to the proposal {own}; do not trust its source"
        );
        let payload = payload::decode(proposal.kind, bytes).map_err(|error| anyhow::anyhow!("Unreadable: {error}"))?;
        let council = council.filter(|account| account.owner == ID);
        let council: Option<Council> = council.and_then(|account| decode::account(&account.data));
        let council = council.filter(|council| council.domain == proposal.domain);
        let known = council.as_ref().zip(now);
        Ok(Self {
            progress: known.map(|(council, at)| progress(&proposal, council, at)),
            address,
            proposal,
            payload,
            council,
            now,
            changes: None,
            trial: Trial::Offline,
        })
    }
}

fn instruction_json(instruction: &Instruction) -> Value {
    let accounts = instruction.accounts.iter().map(|meta| {
        serde_json::json!({ "key": meta.pubkey.to_string(), "signer": meta.is_signer, "writable": meta.is_writable })
    });
    serde_json::json!({
        "program": instruction.program_id.to_string(),
        "accounts": accounts.collect::<Vec<_>>(),
        "data_bytes": instruction.data.len(),
    })
}
