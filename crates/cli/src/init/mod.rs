//! `bulkhead init`: opens a domain from a file. It can be run repeatedly: accounts that exist are compared with the
//! file and never changed.

mod check;
mod compare;
pub mod config;
mod describe;
pub mod plan;

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use anyhow::{Context as _, bail, ensure};
use bulkhead_client::{chain::Chain, decode, flows::Done, pda};
use bulkhead_interface::{ID, constants::phase, layout::Domain};
use clap::Parser;
use serde_json::{Value, json};
use solana_account::Account;

use self::{
    config::DomainConfig,
    plan::{PlanError, Step, all_steps},
};
use crate::{context::Context, output};

/// Arguments of `bulkhead init`. `-k` pays, and opens the domain unless --setup-authority is given.
#[derive(Parser)]
pub struct Init {
    /// The domain as TOML or JSON; several files are merged, for example the domain and its calibrated breakers
    #[arg(long, value_name = "FILE", required = true)]
    config: Vec<PathBuf>,
    /// Key that opens the domain, if not -k; it has no power once the domain is active
    #[arg(long, value_name = "KEY")]
    setup_authority: Option<String>,
}

/// Opens a domain, or prints the instructions that opening it takes. A dry run that is given no cluster with -u asks
/// none, and assumes that no account exists yet.
///
/// # Errors
/// A named error that says what to do next. Steps that were sent before the error stay done, and the next run skips
/// them.
pub async fn run(command: &Init, context: &Context) -> anyhow::Result<()> {
    let config = config::read(&command.config)?;
    if let (Some(key), false) = (config.placeholders.first(), context.is_dry_run()) {
        bail!(
            "Placeholder: {key} still stands for an address that you fill in, as {} in all do; replace every address that \
             begins with FiLLMe, or try the file with --dry-run",
            config.placeholders.len()
        );
    }
    let setup_authority = match &command.setup_authority {
        Some(source) => context.add_signer(source)?,
        None => context.signer()?,
    };
    let payer = context.payer()?;
    let domain = pda::domain(&setup_authority);
    let chain = if context.is_dry_run() && !context.is_cluster_given() {
        None
    } else {
        Some(context.chain()?)
    };
    check::check(&config, domain)?;
    if let Some(chain) = chain {
        require_deployed(chain).await?;
    }
    let mints = mint_programs(chain, &config).await?;
    let owner_of = |mint: Pubkey| -> anyhow::Result<Pubkey> {
        let program = mints.iter().find(|(key, _)| *key == mint);
        let what = "the mint";
        Ok(program
            .map(|(_, program)| *program)
            .ok_or(PlanError::NoSuchAccount { what, key: mint })?)
    };
    let steps = all_steps(&config, setup_authority, payer, owner_of)?;
    check::check_steps(&steps)?;
    let done = look(chain, &steps).await?;
    let remaining = steps.iter().zip(&done).filter(|(_, is_done)| !**is_done);
    let remaining: Vec<_> = remaining.map(|(step, _)| step).collect();
    require_setup(chain, &domain, &remaining).await?;
    // Only a node knows the rent.
    let node = chain.and_then(|_| context.node().ok());

    let output = context.output();
    let mut entries = Vec::new();
    let mut sent = Done::default();
    for (step, is_done) in steps.iter().zip(done) {
        let entry = if is_done {
            Entry::new(step, "exists")
        } else if context.is_dry_run() {
            Entry {
                detail: Some(describe::step(step, node).await?),
                ..Entry::new(step, "would do")
            }
        } else {
            let instruction = std::slice::from_ref(&step.instruction);
            let receipt = context.chain()?.send(instruction).await;
            let receipt = receipt.with_context(|| format!("{} {}", step.name, step.target))?;
            let signature = Some(receipt.signature.clone()).filter(|signature| !signature.is_empty());
            sent.receipts.push(receipt);
            Entry {
                signature,
                ..Entry::new(step, if context.sends_nothing() { "to sign" } else { "done" })
            }
        };
        if !output.is_json() {
            output::text(&entry.text())?;
        }
        entries.push(entry);
    }
    let messages = (context.sends_nothing() && !sent.receipts.is_empty()).then(|| context.outcome("init", &sent));
    if output.is_json() {
        let steps: Vec<_> = entries.iter().map(Entry::json).collect();
        let mut report = json!({
            "domain": domain.to_string(),
            "setup_authority": setup_authority.to_string(),
            "dry_run": context.is_dry_run(),
            "steps": steps,
        });
        if let Some(messages) = messages {
            report["to_sign"] = messages.json;
        }
        context.print(&report, String::new)?;
    } else {
        if let Some(messages) = messages {
            output::text(&messages.text)?;
        }
        output::line(format_args!("domain    {domain}"))?;
    }
    Ok(())
}

/// Would the program take the configuration, as far as that can be said without a cluster?
///
/// # Errors
/// [`config::ConfigError`] with the key.
pub fn accepts(files: &[PathBuf]) -> Result<(), config::ConfigError> {
    // Any address that is nobody's; the domain's own is derived from the key that opens it.
    check::check(&config::read(files)?, pda::domain(&Pubkey::new_from_array([1; 32])))
}

/// The token programs of the mints that the vaults hold. Without a cluster, the first token program is assumed.
async fn mint_programs(chain: Option<&dyn Chain>, config: &DomainConfig) -> anyhow::Result<Vec<(Pubkey, Pubkey)>> {
    let mints: Vec<_> = config.vaults.iter().map(|vault| vault.args.mint).collect();
    let Some(chain) = chain else {
        return Ok(mints.into_iter().map(|mint| (mint, spl_token::ID)).collect());
    };
    let found = chain.accounts(&mints).await?;
    let there = mints.into_iter().zip(found);
    Ok(there
        .filter_map(|(mint, account)| Some((mint, account?.owner)))
        .collect())
}

async fn require_deployed(chain: &dyn Chain) -> anyhow::Result<()> {
    let program = chain.account(&ID).await?;
    ensure!(
        program.is_some_and(|account| account.executable),
        "NotDeployed: {ID} is not a program on this cluster; deploy it first, or give the right cluster with -u"
    );
    Ok(())
}

/// Does the account exist? Lamports alone do not count: anyone can send them to an address.
fn is_there(account: &Account) -> bool {
    account.owner != Pubkey::default() || !account.data.is_empty()
}

/// For each step, whether it is done already.
async fn look(chain: Option<&dyn Chain>, steps: &[Step]) -> anyhow::Result<Vec<bool>> {
    let Some(chain) = chain else {
        return Ok(vec![false; steps.len()]);
    };
    let keys = steps
        .iter()
        .flat_map(|step| std::iter::once(step.target).chain(step.beside()));
    let keys: Vec<_> = keys.collect();
    let mut found = chain.accounts(&keys).await?.into_iter();
    let mut next = || found.next().flatten().filter(is_there);
    let mut done = Vec::with_capacity(steps.len());
    for step in steps {
        let target = next();
        let beside = step.beside().and_then(|_| next());
        done.push(step.is_done(target.as_ref(), beside.as_ref())?);
    }
    Ok(done)
}

/// Once set-up has ended, no step may be left to do.
async fn require_setup(chain: Option<&dyn Chain>, domain: &Pubkey, remaining: &[&Step]) -> anyhow::Result<()> {
    let Some(chain) = chain.filter(|_| !remaining.is_empty()) else {
        return Ok(());
    };
    let account = chain.account(domain).await?;
    let found: Option<Domain> = account.and_then(|account| decode::owned(&account.owner, &account.data));
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
