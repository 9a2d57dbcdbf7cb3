//! `bulkhead init`: opens a domain from a file, as often as it takes. What is there already is compared and left alone.

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

/// What `bulkhead init` takes.
#[derive(Parser)]
pub struct Init {
    /// The domain, as TOML or JSON; several files are joined, for instance the domain and its calibrated breakers
    #[arg(long, value_name = "FILE", required = true)]
    config: Vec<PathBuf>,
    /// URL of the RPC node; a dry run without it takes nothing to be there
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// Pays, and opens the domain unless --setup authority says otherwise
    #[arg(long, value_name = "FILE")]
    keypair: Option<PathBuf>,
    /// Key pair the domain is opened under; it has no power once the domain is active
    #[arg(long, value_name = "FILE")]
    setup_authority: Option<PathBuf>,
    /// Tell every instruction, its accounts, its rent and its arguments, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Opens a domain, or tells what that would take.
///
/// # Errors
/// By name, with what to do next. What was sent before stays done, and is skipped the next time.
pub fn run(command: &Init) -> anyhow::Result<()> {
    let config = config::read(&command.config)?;
    let rpc = command.rpc.as_deref().map(Rpc::new);
    ensure!(
        rpc.is_some() || command.dry_run,
        "NoCluster: say where to open the domain with --rpc URL, or add --dry-run to see what it would take"
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

    let mut told = Vec::new();
    for (step, is_done) in steps.iter().zip(done) {
        let entry = match (is_done, &rpc) {
            (true, _) => Told::new(step, "there"),
            (false, Some(rpc)) if !command.dry_run => {
                let signature = rpc
                    .send(
                        std::slice::from_ref(&step.instruction),
                        &keys.payer,
                        &[&keys.setup_authority],
                    )
                    .with_context(|| format!("{} {}", step.name, step.target))?;
                Told {
                    signature: Some(signature),
                    ..Told::new(step, "done")
                }
            }
            (false, rpc) => Told {
                detail: Some(describe::step(step, rpc.as_ref())?),
                ..Told::new(step, "would do")
            },
        };
        if command.output == Output::Text {
            output::text(&entry.text())?;
        }
        told.push(entry);
    }
    if command.output == Output::Json {
        let steps: Vec<_> = told.iter().map(Told::json).collect();
        let domain = pda::domain(&setup_authority).to_string();
        let report = json!({ "domain": domain, "setup_authority": setup_authority.to_string(), "dry_run": command.dry_run, "steps": steps });
        output::json(&report)?;
    } else {
        output::line(format_args!("domain    {}", pda::domain(&setup_authority)))?;
    }
    Ok(())
}

/// Who pays, and who configures.
struct Keys {
    payer: Keypair,
    setup_authority: Keypair,
}

impl Keys {
    fn read(command: &Init) -> anyhow::Result<Self> {
        let payer = match &command.keypair {
            Some(file) => read_keypair(file)?,
            // Addresses follow from the setup authority, so even a dry run wants one.
            None => bail!("NoKeypair: --keypair FILE says who pays; `solana-keygen new` makes one"),
        };
        let setup_authority = match &command.setup_authority {
            Some(file) => read_keypair(file)?,
            None => payer.insecure_clone(),
        };
        Ok(Self { payer, setup_authority })
    }
}

/// A key pair as `solana-keygen` writes it.
///
/// # Errors
/// By name.
pub fn read_keypair(file: &Path) -> anyhow::Result<Keypair> {
    let name = file.display();
    let text = files::read_text(file, files::SHORT)
        .with_context(|| format!("NotReadable: {name}; give the path of a key pair"))?;
    let bytes: Option<Vec<u8>> = serde_json::from_str(&text).ok();
    bytes
        .and_then(|bytes| Keypair::try_from(bytes.as_slice()).ok())
        .with_context(|| {
            format!("NotAKeypair: {name}; it has to be a list of 64 numbers, as `solana-keygen new` writes it")
        })
}

fn require_deployed(rpc: &Rpc) -> anyhow::Result<()> {
    let program = rpc.account(&ID)?;
    ensure!(
        program.is_some_and(|account| account.executable),
        "NotDeployed: {ID} is no program on {rpc}; deploy it first, or give the URL of the right cluster"
    );
    Ok(())
}

/// Is there more than lamports, which anybody can send to an address?
fn is_there(account: &Account) -> bool {
    account.owner != Pubkey::default() || !account.data.is_empty()
}

/// Which steps are done.
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

/// After set-up there may be nothing left to do.
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

/// What is told of a step.
struct Told<'a> {
    step: &'a Step,
    state: &'static str,
    signature: Option<String>,
    detail: Option<describe::Detail>,
}

impl<'a> Told<'a> {
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
