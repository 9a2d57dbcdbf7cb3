//! `bulkhead upgrade`: programs of the host whose upgrade authority the domain holds.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    decode,
    flows::{self, FlowError},
    payload::hex,
    pda,
    watch::Kind,
};
use bulkhead_core::hash::sha256;
use bulkhead_interface::{constants::build_state, layout::HostProgram};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    facts,
    find::{quiet, raw},
    pause::confirmations,
    words,
};
use crate::{context::Context, files};

/// Programs of the host whose upgrade authority the domain holds: upgrades by proposal, and emergency builds.
#[derive(Args, Clone, Debug)]
pub struct UpgradeCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the programs with their emergency builds
    #[command(after_help = "Example:\n  bulkhead upgrade list --domain DOMAIN")]
    List,
    /// Print the hash that proposals name a build by; needs no node
    #[command(after_help = "Example:\n  bulkhead upgrade hash target/deploy/host.so")]
    Hash(HashOf),
    /// Confirm that the emergency build of a program goes out; signed by one guardian, in a frozen domain
    #[command(after_help = "Example:\n  bulkhead upgrade confirm PROGRAM -k guardian.json")]
    Confirm(Program),
    /// Deploy the emergency build of a program, once enough guardians have confirmed; anyone may
    #[command(after_help = "Example:\n  bulkhead upgrade deploy PROGRAM --domain DOMAIN -k any.json")]
    Deploy(Program),
}

#[derive(Args, Clone, Debug)]
struct HashOf {
    /// The build as it is written into the buffer
    #[arg(value_name = "FILE")]
    file: std::path::PathBuf,
}

#[derive(Args, Clone, Debug)]
struct Program {
    /// The program
    #[arg(value_name = "PROGRAM")]
    program: Pubkey,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &UpgradeCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::List => list(context).await,
        What::Hash(of) => hash(of, context),
        What::Confirm(of) => confirm(&of.program, context).await,
        What::Deploy(of) => deploy(&of.program, context).await,
    }
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let (chain, domain) = (context.chain()?, context.domain()?);
    let found = raw(chain, Kind::HostProgram, &domain).await?;
    let mut records: Vec<HostProgram> = found
        .iter()
        .filter_map(|(_, account)| decode::owned(&account.owner, &account.data))
        .collect();
    records.sort_unstable_by_key(|record| record.program);
    let values: Vec<_> = records.iter().map(record_json).collect();
    context.print(&values, || {
        if records.is_empty() {
            return "no program; `bulkhead propose upgrade-host` and `register-emergency-build` begin one\n".into();
        }
        records.iter().map(record_text).collect::<Vec<_>>().join("\n")
    })
}

fn build_of(record: &HostProgram) -> Option<String> {
    (record.build_hash != [0; 32]).then(|| hex(&record.build_hash))
}

fn state(record: &HostProgram) -> &'static str {
    match record.state {
        build_state::CONFIRMED => "confirmed",
        build_state::DEPLOYED => "deployed",
        _ => "not confirmed",
    }
}

fn record_json(record: &HostProgram) -> Value {
    json!({
        "program": record.program.to_string(),
        "emergency_build": build_of(record),
        "spill": record.build_spill.to_string(),
        "state": state(record),
        "incident": record.incident.to_string(),
        "deployed": (record.deployed_slot > 0).then(|| hex(&record.deployed_hash)),
        "deployed_slot": record.deployed_slot,
    })
}

fn record_text(record: &HostProgram) -> String {
    let mut pairs = vec![("program", record.program.to_string())];
    match build_of(record) {
        Some(hash) => {
            pairs.push(("build", hash));
            pairs.push(("state", state(record).into()));
        }
        None => pairs.push(("build", "no emergency build".into())),
    }
    if record.incident != Pubkey::default() {
        pairs.push(("incident", record.incident.to_string()));
    }
    if record.deployed_slot > 0 {
        let last = format!("{} in slot {}", hex(&record.deployed_hash), record.deployed_slot);
        pairs.push(("deployed", last));
    }
    words::lines(&pairs)
}

fn hash(of: &HashOf, context: &Context) -> anyhow::Result<()> {
    let code = files::read(&of.file, files::LONG)?;
    let hash = hex(&sha256(&[&code]));
    let json = json!({ "hash": hash, "bytes": code.len() });
    context.print(&json, || format!("{hash}\n"))
}

async fn record(program: &Pubkey, context: &Context) -> anyhow::Result<HostProgram> {
    let key = pda::host_program(&context.domain()?, program);
    let found = quiet(context)?.find(&key).await?;
    Ok(found.ok_or_else(|| FlowError::NotFound {
        what: "record of a program",
        key,
        next: "`bulkhead upgrade list` shows the domain's programs".into(),
    })?)
}

async fn confirm(program: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let (domain, guardian) = (context.domain()?, context.signer()?);
    let record = record(program, context).await?;
    crate::output::note(&record_text(&record));
    context.confirm("Confirm that this build replaces the program's code?")?;
    let session = context.session()?;
    let confirmed = flows::confirm_emergency_build(&session, domain, guardian, *program).await?;
    let next = format!("anyone runs `bulkhead upgrade deploy {program}` now");
    facts::finish(context, "confirm", &confirmations(&confirmed, &next), &confirmed.done)
}

async fn deploy(program: &Pubkey, context: &Context) -> anyhow::Result<()> {
    let done = flows::deploy_emergency_build(&context.session()?, context.domain()?, *program).await?;
    facts::finish(context, "deploy", &[("program", (*program).into())], &done)
}
