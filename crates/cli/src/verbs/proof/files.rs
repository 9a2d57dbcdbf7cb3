//! Files of `bulkhead-prover`.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use crate::{files, verbs::words::unhex};

/// A verifying key as `bulkhead-prover` writes it.
#[derive(Deserialize)]
pub(super) struct KeyFile {
    pub(super) set_up: String,
    pub(super) page_size: u64,
    pub(super) alpha_g1: String,
    pub(super) beta_g2: String,
    pub(super) gamma_g2: String,
    pub(super) delta_g2: String,
    pub(super) ic_g1: Vec<String>,
}

/// A page as `bulkhead-prover` writes it.
#[derive(Deserialize)]
pub(super) struct PageFile {
    pub(super) after: String,
    pub(super) proof: String,
}

pub(super) fn read<T: serde::de::DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let name = file.display();
    let text = files::read_text(file, files::SHORT).with_context(|| format!("{name} cannot be read"))?;
    serde_json::from_str(&text).with_context(|| format!("BadFile: {name} is not what `bulkhead-prover` writes"))
}

pub(super) fn bytes(text: &str, what: &str) -> anyhow::Result<Vec<u8>> {
    unhex(text)
        .with_context(|| format!("BadFile: {what} is not hexadecimal; write the file again with `bulkhead-prover`"))
}
