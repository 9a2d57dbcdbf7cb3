//! `bulkhead emergency`: the instructions of the host that one guardian may run at once.

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use anyhow::{Context as _, ensure};
use bulkhead_client::{
    bulkhead::call::StoredInstruction, decode, instructions as ix, payload::call_in_words, pda, status, watch::Kind,
};
use bulkhead_core::{CoreError, acts, hash::sha256};
use bulkhead_interface::layout::{EmergencyAction, space};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use solana_account::Account;

use super::{
    facts,
    find::{Site, raw, refused},
    words,
};
use crate::{context::Context, output};

/// Emergency actions: instructions of the host that governance has registered for guardians to run at once.
#[derive(Args, Clone, Debug)]
pub struct EmergencyCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the emergency actions of the domain, in words
    #[command(after_help = "Example:\n  bulkhead emergency list --domain DOMAIN")]
    List,
    /// Run an emergency action at once; signed by one guardian, burns a pause right
    #[command(after_help = "Example:\n  bulkhead emergency run 0 -k guardian.json")]
    Run(Run),
}

#[derive(Args, Clone, Debug)]
struct Run {
    /// Number of the emergency action, as `bulkhead emergency list` shows it
    #[arg(value_name = "NUMBER")]
    number: u8,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &EmergencyCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::List => list(context).await,
        What::Run(run) => run_action(run, context).await,
    }
}

/// A registered action.
struct Action {
    key: Pubkey,
    number: u8,
    registered_ts: i64,
    instruction: StoredInstruction,
}

impl Action {
    /// Decodes header and instruction. What runs is what is shown: the hash is checked.
    fn read(key: Pubkey, account: &Account) -> Option<Self> {
        let header: EmergencyAction = decode::owned(&account.owner, &account.data)?;
        let begin = space::<EmergencyAction>();
        let end = begin.checked_add(header.instruction_len.into())?;
        let bytes = account.data.get(begin..end)?;
        if sha256(&[bytes]) != header.instruction_hash {
            return None;
        }
        Some(Self {
            key,
            number: header.index,
            registered_ts: header.registered_ts,
            instruction: StoredInstruction::try_from_slice(bytes).ok()?,
        })
    }

    fn json(&self) -> Value {
        let accounts = self.instruction.accounts.iter().map(|account| {
            json!({
                "key": account.pubkey.to_string(),
                "signer": account.is_signer,
                "writable": account.is_writable,
            })
        });
        json!({
            "emergency_action": self.key.to_string(),
            "number": self.number,
            "registered_ts": self.registered_ts,
            "does": call_in_words(&self.instruction),
            "program": self.instruction.program_id.to_string(),
            "accounts": accounts.collect::<Vec<_>>(),
            "data": bulkhead_client::payload::hex(&self.instruction.data),
        })
    }

    fn text(&self) -> String {
        let mut pairs = vec![
            ("number", self.number.to_string()),
            ("calls", self.instruction.program_id.to_string()),
        ];
        let does = call_in_words(&self.instruction);
        let titles = std::iter::once("does").chain(std::iter::repeat(""));
        pairs.extend(titles.zip(does));
        pairs.push(("registered", status::words::utc(self.registered_ts)));
        words::lines(&pairs)
    }
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let (chain, domain) = (context.chain()?, context.domain()?);
    let found = raw(chain, Kind::EmergencyAction, &domain).await?;
    let mut actions: Vec<_> = found
        .iter()
        .filter_map(|(key, account)| Action::read(*key, account))
        .collect();
    actions.sort_unstable_by_key(|action| action.number);
    let values: Vec<_> = actions.iter().map(Action::json).collect();
    context.print(&values, || {
        if actions.is_empty() {
            return "no emergency action; `bulkhead propose register-emergency-action` registers one\n".into();
        }
        actions.iter().map(Action::text).collect::<Vec<_>>().join("\n")
    })
}

async fn run_action(command: &Run, context: &Context) -> anyhow::Result<()> {
    let (guardian, site) = (context.signer()?, Site::of(context).await?);
    let key = pda::emergency_action(&site.key, command.number);
    let account = context.chain()?.account(&key).await?;
    let account = account.with_context(|| {
        format!(
            "NotFound: the domain has no emergency action {}; `bulkhead emergency list` shows those it has",
            command.number
        )
    })?;
    let action = Action::read(key, &account);
    let action = action.with_context(|| format!("Unreadable: {key} is not an emergency action of this version"))?;
    let mut council = site.council;
    let rights_left = acts::run_emergency_action(&site.domain, &mut council, &guardian).map_err(|error| {
        let next = match error {
            CoreError::NotAMember | CoreError::RoleMissing => "sign with a guardian's key",
            _ => "",
        };
        refused(error, next)
    })?;
    ensure!(
        action.number == command.number,
        "Unreadable: {key} states another number; do not trust this node"
    );
    output::note(&action.text());
    context.confirm(&format!(
        "Run exactly this, signed by the domain? {rights_left} pause rights are left afterwards"
    ))?;
    let run = ix::run_emergency_action(site.key, guardian, command.number, &action.instruction);
    let number = u64::from(command.number);
    let facts = [
        ("number", number.into()),
        ("pause_rights_left", u64::from(rights_left).into()),
    ];
    facts::send(context, "run", &facts, run).await
}
