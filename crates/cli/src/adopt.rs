//! `bulkhead adopt`: drafts a domain from a host's IDL, for a person to correct.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, bail, ensure};
use bulkhead_adopt::{Adoption, Draft, Options, Sample, adopt, is_of, read_sample};
use bulkhead_client::chain::{Chain, Filter};
use clap::Parser;
use serde_json::{Value, json};

use crate::{
    context::Context,
    files::{LONG, SHORT, read_text},
    init, output,
};

/// Loader of upgradeable programs.
const LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// Accounts of each type that are shown.
const SAMPLES: usize = 3;
/// Bytes of a key pair; the address is the second half.
const KEYPAIR: usize = 64;

/// Arguments of `bulkhead adopt`.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  bulkhead adopt --idl target/idl/host.json --out bulkhead/\n  \
                        bulkhead adopt --idl host.json --program ADDRESS --rpc m --out bulkhead/ --dry-run"
)]
pub struct Adopt {
    /// The program's IDL: Anchor's of any version, or a root node of Codama
    #[arg(long, value_name = "FILE")]
    idl: PathBuf,
    /// Address of the program, or the file with its key pair, if the IDL does not state the address
    #[arg(long, value_name = "FILE_OR_ADDRESS")]
    program: Option<String>,
    /// Folder for the draft
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace the files of an earlier draft
    #[arg(long)]
    force: bool,
    /// An account to read as the draft has it, for comparison; may be repeated. Without it, and with a cluster, a few
    /// accounts of each type are read
    #[arg(long = "sample", value_name = "ADDRESS")]
    samples: Vec<Pubkey>,
}

/// Drafts a domain. With a cluster it also shows accounts; with `--dry-run` it writes nothing.
///
/// # Errors
/// The named error of the IDL; `Exists` if a file is there already. Nothing is written then.
pub async fn run(command: &Adopt, context: &Context) -> anyhow::Result<()> {
    let name = command.idl.display();
    let text = read_text(&command.idl, LONG).with_context(|| format!("BadIdl: {name} cannot be read"))?;
    let program = command.program.as_deref().map(address).transpose()?;
    let options = |program: Option<&str>| Options {
        program: program.map(str::to_owned),
        program_data: program.and_then(|program| program.parse().ok()).map(|program: Pubkey| {
            let (data, _) = Pubkey::find_program_address(&[program.as_ref()], &LOADER);
            data.to_string()
        }),
    };
    let mut adoption = adopt(&text, &options(program.as_deref())).with_context(|| name.to_string())?;
    if program.is_none() && !bulkhead_adopt::is_placeholder(&adoption.program) {
        adoption = adopt(&text, &options(Some(&adoption.program))).with_context(|| name.to_string())?;
    }
    let draft = adoption.draft();
    accepted(&draft)?;
    let samples = if command.samples.is_empty() && !context.is_cluster_given() {
        Vec::new()
    } else {
        let program = adoption.program.parse().context("NotAnAddress: the program")?;
        samples(&adoption, program, &command.samples, context.chain()?).await?
    };
    if !context.is_dry_run() {
        write(&draft, &command.out, command.force)?;
    }
    let format = context.output();
    let next = adoption.next(&draft);
    if format.is_json() {
        let report = draft.files.iter().find(|file| file.path == "report.json");
        let mut report: Value = report.map_or(Ok(Value::Null), |file| serde_json::from_str(&file.text))?;
        report["files"] = draft.files.iter().map(|file| json!(file.path)).collect();
        report["out"] = json!(command.out.display().to_string());
        report["written"] = json!(!context.is_dry_run());
        report["samples"] = samples.iter().map(Shown::json).collect();
        context.print(&report, String::new)
    } else {
        output::text(&summary(&adoption, &draft, &samples))?;
        let verb = if context.is_dry_run() { "would write" } else { "wrote" };
        output::line(format_args!(
            "{verb} {} files to {}",
            draft.files.len(),
            command.out.display()
        ))?;
        output::text(&next.iter().map(|step| format!("next: {step}\n")).collect::<String>())
    }
}

/// An address, or that of the key pair in a file. The secret half is not looked at.
fn address(given: &str) -> anyhow::Result<String> {
    if given.parse::<Pubkey>().is_ok() {
        return Ok(given.to_owned());
    }
    let bytes = read_text(Path::new(given), SHORT)
        .ok()
        .and_then(|text| serde_json::from_str::<Vec<u8>>(&text).ok())
        .filter(|bytes| bytes.len() == KEYPAIR);
    let Some(key) = bytes.as_deref().and_then(|bytes| bytes.last_chunk::<32>()) else {
        bail!(
            "BadProgram: {given} is neither an address nor the file of a program's key pair (target/deploy/NAME-keypair.json); \
             a build does not say its address"
        );
    };
    Ok(Pubkey::new_from_array(*key).to_string())
}

/// What is drafted is taken by the reader of `bulkhead init`, by its rules and by the program's.
fn accepted(draft: &Draft) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("domain.toml");
    let domain = draft.files.iter().find(|file| file.path == "domain.toml");
    fs::write(&file, domain.map(|domain| domain.text.as_str()).unwrap_or_default())?;
    init::accepts(&[file]).context("NotAccepted: the draft is wrong; please report the IDL")
}

/// Writes the files, all or, if one is there already, none.
fn write(draft: &Draft, out: &Path, force: bool) -> anyhow::Result<()> {
    let paths: Vec<_> = draft.files.iter().map(|file| out.join(&file.path)).collect();
    if let Some(path) = paths.iter().find(|path| !force && path.symlink_metadata().is_ok()) {
        bail!(
            "Exists: {} is there already; give another folder, or replace the draft with --force",
            path.display()
        );
    }
    for (file, path) in draft.files.iter().zip(&paths) {
        let not_written = || format!("NotWritten: {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(not_written)?;
        }
        ensure!(!path.is_symlink(), "NotWritten: {} is a link", path.display());
        fs::write(path, &file.text).with_context(not_written)?;
    }
    Ok(())
}

/// An account of the node, or why there is none.
struct Shown {
    account: String,
    key: Option<Pubkey>,
    found: Result<Sample, String>,
}

impl Shown {
    fn json(&self) -> Value {
        let key = self.key.map(|key| key.to_string());
        match &self.found {
            Ok(sample) => json!({ "address": key, "account": self.account, "sample": sample }),
            Err(why) => json!({ "address": key, "account": self.account, "error": why }),
        }
    }
}

async fn samples(
    adoption: &Adoption,
    program: Pubkey,
    given: &[Pubkey],
    chain: &dyn Chain,
) -> anyhow::Result<Vec<Shown>> {
    let mut all = Vec::new();
    if !given.is_empty() {
        for (key, account) in given.iter().zip(chain.accounts(given).await?) {
            let (account, found) = match account {
                None => (String::new(), Err("there is no such account".to_owned())),
                Some(account) if account.owner != program => (
                    String::new(),
                    Err(format!("it is owned by {}, not by the program", account.owner)),
                ),
                Some(account) => first_that_reads(adoption, &account.data),
            };
            all.push(Shown {
                account,
                key: Some(*key),
                found,
            });
        }
        return Ok(all);
    }
    for position in &adoption.positions {
        let filters = position.filters.iter().map(|(offset, bytes)| Filter::Bytes {
            offset: *offset,
            bytes: bytes.clone(),
        });
        let account = position.account.clone();
        // A public node may refuse to list; the draft is none the worse for it.
        match chain.owned(&program, &filters.collect::<Vec<_>>()).await {
            Err(error) => all.push(Shown {
                account,
                key: None,
                found: Err(format!("{error}; name accounts with --sample")),
            }),
            Ok(found) => all.extend(found.into_iter().take(SAMPLES).map(|(key, found)| Shown {
                account: account.clone(),
                key: Some(key),
                found: read_sample(position, &found.data),
            })),
        }
    }
    Ok(all)
}

/// The account as the first type that it is of.
fn first_that_reads(adoption: &Adoption, data: &[u8]) -> (String, Result<Sample, String>) {
    match adoption.positions.iter().find(|position| is_of(position, data)) {
        Some(position) => (position.account.clone(), read_sample(position, data)),
        None => (
            String::new(),
            Err("it is of no type that looks like a position".to_owned()),
        ),
    }
}

fn summary(adoption: &Adoption, draft: &Draft, samples: &[Shown]) -> String {
    let mut out = format!("{}  {}\n", adoption.host, adoption.program);
    for position in &adoption.positions {
        let at = |offset: Option<usize>| offset.map_or_else(|| "behind a list".to_owned(), |offset| offset.to_string());
        let amounts = position
            .amounts
            .iter()
            .map(|amount| format!("{} {}", amount.field, amount.offset));
        let table = position.table.as_ref().map_or_else(String::new, |table| {
            format!(" in {} {}", table.field, at(table.place.fixed()))
        });
        let _ = writeln!(
            out,
            "position  {:<24} {:<6} owner {} {}; {}{table}",
            position.account,
            position.confidence.text(),
            position.owner.field,
            at(position.owner.place.fixed()),
            amounts.collect::<Vec<_>>().join(", ")
        );
        for need in &position.needs {
            let _ = writeln!(out, "          not by bytes: {}", need.what());
        }
    }
    let live = draft.ledgers.iter().filter(|ledger| ledger.is_live).count();
    let _ = writeln!(
        out,
        "ledgers   {live} in domain.toml, {} in its comments\nactions   {} instructions\nwatches   {}\nto fill   {} addresses",
        draft.ledgers.len() - live,
        adoption.handlers.len(),
        adoption.authorities.len() + 1,
        draft.placeholders.len()
    );
    for shown in samples {
        let key = shown.key.map(|key| key.to_string()).unwrap_or_default();
        let _ = match &shown.found {
            Err(why) => writeln!(out, "sample    {} {key}: {why}", shown.account),
            Ok(sample) => {
                let amounts = sample.amounts.iter().map(|(field, amount)| format!("{field} {amount}"));
                let through = if sample.is_indirect { "owner through" } else { "owner" };
                let doubts = sample
                    .doubts
                    .iter()
                    .map(|doubt| format!("; {doubt}"))
                    .collect::<String>();
                let amounts = amounts.collect::<Vec<_>>().join(", ");
                writeln!(
                    out,
                    "sample    {} {key}: {through} {}; {amounts}{doubts}",
                    shown.account, sample.owner
                )
            }
        };
    }
    out
}
