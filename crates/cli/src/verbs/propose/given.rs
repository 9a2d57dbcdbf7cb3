//! Arguments as JSON: a file, standard input, or the JSON itself.

use std::{
    io::{self, Read},
    path::Path,
};

use anyhow::{Context as _, ensure};
use bulkhead_client::bulkhead::decision::Decision;
use bulkhead_interface::ProposalKind;
use bulkhead_snapshot::json;
use clap::Args;

use super::super::idl_json::{decision, without_comments};
use crate::files;

/// The arguments of a kind.
#[derive(Args, Clone, Debug, Default)]
pub struct Given {
    /// The arguments as JSON: a file, `-` for standard input, or the JSON itself
    #[arg(long, value_name = "FILE|JSON")]
    pub(crate) args: Option<String>,
    /// Print a template of the arguments with every field and what it means, and do nothing
    #[arg(long, conflicts_with = "args")]
    pub(crate) example: bool,
}

impl Given {
    /// The decision that the arguments state. `None` if there are none.
    pub(crate) fn decision(&self, kind: ProposalKind) -> anyhow::Result<Option<Decision>> {
        let Some(args) = &self.args else { return Ok(None) };
        let text = text(args)?;
        let value = json::from_slice(without_comments(&text).as_bytes())
            .map_err(|error| anyhow::anyhow!("BadArguments: not JSON: {error}; --example prints a template"))?;
        Ok(Some(decision(kind, &value)?))
    }
}

/// The JSON that an argument states or names.
pub(crate) fn text(args: &str) -> anyhow::Result<String> {
    if args.trim_start().starts_with(['{', '[']) {
        return Ok(args.to_owned());
    }
    if args == "-" {
        let mut text = String::new();
        let read = io::stdin().lock().take(files::LONG).read_to_string(&mut text);
        let length = read.context("NotReadable: standard input; pipe JSON into it, or give a file")?;
        ensure!(
            (length as u64) < files::LONG,
            "TooLong: standard input has more than {} bytes",
            files::LONG
        );
        return Ok(text);
    }
    files::read_text(Path::new(args), files::LONG).with_context(|| {
        format!("NotReadable: {args}; give a file, `-` for standard input, or JSON that begins with {{")
    })
}
