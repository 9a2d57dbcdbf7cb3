//! `bulkhead proposal`: shows a proposal, and approves exactly what it shows.

mod show;
mod time;
mod trial;

use std::{
    cell::RefCell,
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context, bail, ensure};
use bulkhead_client::{
    decode, instructions as ix,
    payload::{self, Change, Payload, When, changes},
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
use bulkhead_snapshot::json;
use clap::{Parser, Subcommand};
use serde_json::Value;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_signer::Signer;

pub(crate) use self::show::CLASSES;
use self::{show::Shown, trial::Trial};
use crate::{
    files,
    init::read_keypair,
    output::{self, Output},
    rpc::{Rpc, parse_account},
};

/// Discriminator and layout. The payload follows.
const HEADER: usize = 8 + size_of::<Proposal>();
/// The clock sysvar.
const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// Offset of the unix timestamp in the sysvar: it follows slot, epoch start, epoch and leader schedule epoch.
const UNIX_TIMESTAMP: usize = 32;

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
}

#[derive(Parser)]
struct Show {
    /// Address of the proposal
    #[arg(required_unless_present = "file")]
    address: Option<Pubkey>,
    /// Read the account from a file, as `solana account --output json` writes it, instead of from a node
    #[arg(long, value_name = "FILE", conflicts_with_all = ["address", "rpc"])]
    file: Option<PathBuf>,
    /// The council's account, in the same format, to resolve member keys
    #[arg(long, value_name = "FILE", requires = "file")]
    council_file: Option<PathBuf>,
    /// URL of the RPC node
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// Format of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Parser)]
struct Approve {
    /// Address of the proposal
    address: Pubkey,
    /// Key pair of the approver, who also pays the fee
    #[arg(long, value_name = "FILE")]
    keypair: PathBuf,
    /// URL of the RPC node
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Format of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Shows or approves a proposal.
///
/// # Errors
/// A named error that says what to do next.
pub fn run(command: &ProposalCommand) -> anyhow::Result<()> {
    match &command.what {
        What::Show(show) => run_show(show),
        What::Approve(approve) => run_approve(approve),
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

fn run_show(command: &Show) -> anyhow::Result<()> {
    let read = if let Some(file) = &command.file {
        let council = command.council_file.as_deref().map(read_account).transpose()?;
        let (address, account) = read_account(file)?;
        Read::new(address, &account, council.map(|(_, account)| account).as_ref(), None)?
    } else {
        let url = command.rpc.as_deref();
        let url = url.context("NoCluster: give the cluster with --rpc URL, or the proposal's account with --file")?;
        let address = command.address.context("NoAddress: give the address of the proposal")?;
        fetch(&Rpc::new(url), address)?
    };
    let shown = Shown::new(&read);
    match command.output {
        Output::Text => output::text(&shown.text()),
        Output::Json | Output::JsonCompact => output::json(&shown.json()),
    }
}

fn run_approve(command: &Approve) -> anyhow::Result<()> {
    let approver = read_keypair(&command.keypair)?;
    let rpc = Rpc::new(&command.rpc);
    let read = fetch(&rpc, command.address)?;
    let shown = Shown::new(&read);
    if command.output == Output::Text {
        output::text(&shown.text())?;
    }
    require_approvable(&read, &approver.pubkey())?;
    let (proposal, address) = (&read.proposal, command.address);
    let approve = ix::approve(
        proposal.domain,
        approver.pubkey(),
        address,
        proposal.payload_hash,
        proposal.created_slot,
    );
    let mut report = shown.json();
    if command.dry_run {
        report["would_send"] = instruction_json(&approve);
        if command.output == Output::Text {
            output::line(format_args!(
                "dry run: would send approve, signed by {}; nothing was sent",
                approver.pubkey()
            ))?;
        }
    } else {
        if !command.yes {
            confirm(command.output)?;
        }
        let signature = rpc.send(&[approve], &approver, &[])?;
        if command.output == Output::Text {
            output::line(format_args!("approved  {signature}"))?;
        }
        report = Shown::new(&fetch(&rpc, address)?).json();
        report["signature"] = signature.into();
    }
    if command.output.is_json() {
        output::json(&report)?;
    }
    Ok(())
}

/// Asks on standard error, so that standard output contains only the report.
fn confirm(output: Output) -> anyhow::Result<()> {
    ensure!(
        output == Output::Text,
        "ConfirmationNeeded: --output json cannot ask for confirmation; read the proposal with `bulkhead proposal show`, then \
         add --yes"
    );
    // Without an interactive input the answer is not yes.
    write!(io::stderr(), "Approve exactly this? Type yes: ")?;
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    if !io::stdin().is_terminal() {
        output::note("");
    }
    ensure!(line.trim() == "yes", "NotConfirmed: nothing was sent");
    Ok(())
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

fn fetch(rpc: &Rpc, address: Pubkey) -> anyhow::Result<Read> {
    let account = rpc.account(&address)?;
    let account = account.with_context(|| {
        format!("NoSuchProposal: account {address} does not exist on {rpc}; the proposal may be closed, or on another cluster")
    })?;
    let found: Option<Proposal> = decode::account(&account.data);
    let domain = found.map(|proposal| proposal.domain).unwrap_or_default();
    let council = rpc.account(&pda::council(&domain))?;
    let clock = rpc.account(&CLOCK)?;
    let now = clock.and_then(|clock| {
        let word = |at: usize| clock.data.get(at..)?.first_chunk::<8>().copied();
        Some(At {
            slot: u64::from_le_bytes(word(0)?),
            now: i64::from_le_bytes(word(UNIX_TIMESTAMP)?),
        })
    });
    let mut read = Read::new(Some(address), &account, council.as_ref(), now)?;
    let (found, progress) = changes_on(rpc, &read)?;
    (read.changes, read.progress) = (Some(found), progress);
    read.trial = trial::of(rpc, &read)?;
    Ok(read)
}

/// Compares the proposal with the accounts on the node: what it would change, and its state.
fn changes_on(rpc: &Rpc, read: &Read) -> anyhow::Result<(Vec<Change>, Option<Progress>)> {
    let failed = RefCell::new(None);
    let data = |key: &Pubkey| match rpc.account(key) {
        Ok(account) => account.map(|account| (account.owner, account.data)),
        Err(error) => {
            failed.borrow_mut().get_or_insert(error);
            None
        }
    };
    let when = When {
        proposed_slot: read.proposal.created_slot,
        now: read.now.map_or(0, |at| at.now),
    };
    let found = changes(&read.payload, &read.proposal.domain, when, &data);
    let known = read.council.as_ref().zip(read.now);
    let progress = known.map(|(council, at)| payload::progress(&read.proposal, &read.payload, council, &data, at));
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok((found, progress)),
    }
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
