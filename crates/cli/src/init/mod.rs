//! `bulkhead init`: opens a domain from a file. It can be run repeatedly: accounts that exist are compared with the
//! file and never changed.

mod check;
mod compare;
pub mod config;
mod describe;
pub mod plan;

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use anyhow::{Context, bail, ensure};
use bulkhead_client::{decode, pda};
use bulkhead_interface::{ID, constants::phase, layout::Domain};
use clap::Parser;
use serde_json::{Value, json};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use self::plan::{PlanError, Step, all_steps};
use crate::{
    files,
    output::{self, Output},
    rpc::Rpc,
};

/// Arguments of `bulkhead init`.
#[derive(Parser)]
pub struct Init {
    /// The domain as TOML or JSON; several files are merged, for example the domain and its calibrated breakers
    #[arg(long, value_name = "FILE", required = true)]
    config: Vec<PathBuf>,
    /// URL of the RPC node; a dry run without it assumes that no account exists yet
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// Key pair that pays; it also opens the domain unless --setup-authority is given
    #[arg(long, value_name = "FILE")]
    keypair: Option<PathBuf>,
    /// Key pair that opens the domain; it has no power once the domain is active
    #[arg(long, value_name = "FILE")]
    setup_authority: Option<PathBuf>,
    /// Print every instruction with its accounts, rent and arguments, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Format of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Opens a domain, or prints the instructions that opening it takes.
///
/// # Errors
/// A named error that says what to do next. Steps that were sent before the error stay done, and the next run skips
/// them.
pub fn run(command: &Init) -> anyhow::Result<()> {
    let config = config::read(&command.config)?;
    let rpc = command.rpc.as_deref().map(Rpc::new);
    ensure!(
        rpc.is_some() || command.dry_run,
        "NoCluster: give the cluster with --rpc URL, or add --dry-run to print the instructions only"
    );
    let keys = Keys::read(command)?;
    let (payer, setup_authority) = (keys.payer.pubkey(), keys.setup_authority.pubkey());
    check::check(&config, pda::domain(&setup_authority))?;
    if let Some(rpc) = &rpc {
        require_deployed(rpc)?;
    }
    let owner_of = |mint: Pubkey| -> anyhow::Result<Pubkey> {
        let Some(rpc) = &rpc else { return Ok(spl_token::ID) };
        let account = rpc.account(&mint)?;
        let account = account.ok_or(PlanError::NoSuchAccount {
            what: "the mint",
            key: mint,
        })?;
        Ok(account.owner)
    };
    let steps = all_steps(&config, setup_authority, payer, owner_of)?;
    check::check_steps(&steps)?;
    let done = look(rpc.as_ref(), &steps)?;
    let remaining: Vec<_> = steps
        .iter()
        .zip(&done)
        .filter(|(_, done)| !**done)
        .map(|(step, _)| step)
        .collect();
    require_setup(rpc.as_ref(), &pda::domain(&setup_authority), &remaining)?;

    let mut entries = Vec::new();
    for (step, is_done) in steps.iter().zip(done) {
        let entry = match (is_done, &rpc) {
            (true, _) => Entry::new(step, "exists"),
            (false, Some(rpc)) if !command.dry_run => {
                let signature = rpc
                    .send(
                        std::slice::from_ref(&step.instruction),
                        &keys.payer,
                        &[&keys.setup_authority],
                    )
                    .with_context(|| format!("{} {}", step.name, step.target))?;
                Entry {
                    signature: Some(signature),
                    ..Entry::new(step, "done")
                }
            }
            (false, rpc) => Entry {
                detail: Some(describe::step(step, rpc.as_ref())?),
                ..Entry::new(step, "would do")
            },
        };
        if command.output == Output::Text {
            output::text(&entry.text())?;
        }
        entries.push(entry);
    }
    if command.output.is_json() {
        let steps: Vec<_> = entries.iter().map(Entry::json).collect();
        let domain = pda::domain(&setup_authority).to_string();
        let report = json!({ "domain": domain, "setup_authority": setup_authority.to_string(), "dry_run": command.dry_run, "steps": steps });
        output::json(&report)?;
    } else {
        output::line(format_args!("domain    {}", pda::domain(&setup_authority)))?;
    }
    Ok(())
}

/// The payer and the setup authority.
struct Keys {
    payer: Keypair,
    setup_authority: Keypair,
}

impl Keys {
    fn read(command: &Init) -> anyhow::Result<Self> {
        let payer = match &command.keypair {
            Some(file) => read_keypair(file)?,
            // All addresses derive from the setup authority, so a dry run needs a key too.
            None => bail!("NoKeypair: give the payer with --keypair FILE; `solana-keygen new` creates one"),
        };
        let setup_authority = match &command.setup_authority {
            Some(file) => read_keypair(file)?,
            None => payer.insecure_clone(),
        };
        Ok(Self { payer, setup_authority })
    }
}

/// Reads a key pair as `solana-keygen` writes it.
///
/// # Errors
/// A named error.
pub fn read_keypair(file: &Path) -> anyhow::Result<Keypair> {
    let name = file.display();
    let text = files::read_text(file, files::SHORT)
        .with_context(|| format!("NotReadable: {name}; give the path of a key pair file"))?;
    let bytes: Option<Vec<u8>> = serde_json::from_str(&text).ok();
    bytes
        .and_then(|bytes| Keypair::try_from(bytes.as_slice()).ok())
        .with_context(|| {
            format!("NotAKeypair: {name}; it must be a list of 64 numbers, as `solana-keygen new` writes it")
        })
}

fn require_deployed(rpc: &Rpc) -> anyhow::Result<()> {
    let program = rpc.account(&ID)?;
    ensure!(
        program.is_some_and(|account| account.executable),
        "NotDeployed: {ID} is not a program on {rpc}; deploy it first, or give the URL of the right cluster"
    );
    Ok(())
}

/// Does the account exist? Lamports alone do not count: anyone can send them to an address.
fn is_there(account: &Account) -> bool {
    account.owner != Pubkey::default() || !account.data.is_empty()
}

/// For each step, whether it is done already.
fn look(rpc: Option<&Rpc>, steps: &[Step]) -> anyhow::Result<Vec<bool>> {
    let Some(rpc) = rpc else {
        return Ok(vec![false; steps.len()]);
    };
    steps
        .iter()
        .map(|step| {
            let beside = step
                .beside()
                .map_or(Ok(None), |key| rpc.account(&key))?
                .filter(is_there);
            let target = rpc.account(&step.target)?.filter(is_there);
            Ok(step.is_done(target.as_ref(), beside.as_ref())?)
        })
        .collect()
}

/// Once set-up has ended, no step may be left to do.
fn require_setup(rpc: Option<&Rpc>, domain: &Pubkey, remaining: &[&Step]) -> anyhow::Result<()> {
    let Some(rpc) = rpc.filter(|_| !remaining.is_empty()) else {
        return Ok(());
    };
    let found: Option<Domain> = rpc
        .account(domain)?
        .and_then(|account| decode::owned(&account.owner, &account.data));
    if found.is_some_and(|found| found.state != phase::SETUP) {
        let missing: Vec<_> = remaining
            .iter()
            .map(|step| format!("{} {}", step.name, step.target))
            .collect();
        bail!(PlanError::SetupEnded {
            missing: missing.join(", ")
        });
    }
    Ok(())
}

/// A step as it is reported.
struct Entry<'a> {
    step: &'a Step,
    state: &'static str,
    signature: Option<String>,
    detail: Option<describe::Detail>,
}

impl<'a> Entry<'a> {
    const fn new(step: &'a Step, state: &'static str) -> Self {
        Self {
            step,
            state,
            signature: None,
            detail: None,
        }
    }

    fn text(&self) -> String {
        let signature = self.signature.as_deref().unwrap_or_default();
        let line = format!(
            "{:<9} {:<19} {}  {signature}",
            self.state, self.step.name, self.step.target
        );
        let detail = self.detail.as_ref().map(describe::Detail::text).unwrap_or_default();
        format!("{}\n{detail}", line.trim_end())
    }

    fn json(&self) -> Value {
        json!({
            "name": self.step.name,
            "target": self.step.target.to_string(),
            "state": self.state,
            "signature": self.signature,
            "instruction": self.detail.as_ref().map(describe::Detail::json),
        })
    }
}
