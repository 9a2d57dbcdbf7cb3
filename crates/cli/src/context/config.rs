//! Solana's own configuration file, as `solana config set` writes it.

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use anyhow::Context;
use serde::Deserialize;

use super::arguments::Commitment;
use crate::files;

/// The keys of the file that are used here. All may be missing.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Config {
    /// URL or moniker of the RPC node.
    pub json_rpc_url: Option<String>,
    /// The default key.
    pub keypair_path: Option<String>,
    /// The default commitment.
    pub commitment: Option<String>,
    /// The default domain. Solana's tools do not know this key.
    pub bulkhead_domain: Option<String>,
}

impl Config {
    /// Reads `file`, or the file in its usual place if there is one.
    ///
    /// # Errors
    /// `NotReadable`, `NotAConfig`
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match file {
            Some(file) => file.to_path_buf(),
            None => match usual_place().filter(|file| file.exists()) {
                Some(file) => file,
                None => return Ok(Self::default()),
            },
        };
        let name = file.display();
        let text = files::read_text(&file, files::SHORT).with_context(|| {
            format!(
                "NotReadable: {name}; give Solana's configuration file with -C, or create it with `solana config set`"
            )
        })?;
        Self::of(&text).with_context(|| {
            format!("NotAConfig: {name} is not what `solana config set` writes; correct it, or give another with -C")
        })
    }

    fn of(text: &str) -> anyhow::Result<Self> {
        // An empty file is an empty configuration.
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        Ok(serde_saphyr::from_str(text)?)
    }

    /// The commitment. An unknown one is an error.
    pub(super) fn commitment(&self) -> anyhow::Result<Option<Commitment>> {
        let Some(name) = self.commitment.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let all = [Commitment::Processed, Commitment::Confirmed, Commitment::Finalized];
        let found = all.into_iter().find(|each| each.name() == name);
        let found = found.context("NotAConfig: `commitment` is neither processed, confirmed nor finalized");
        found.map(Some)
    }

    pub(super) fn domain(&self) -> anyhow::Result<Option<Pubkey>> {
        let domain = self.bulkhead_domain.as_deref().map(str::parse).transpose();
        domain.context("NotAConfig: `bulkhead_domain` is not an address")
    }
}

fn usual_place() -> Option<PathBuf> {
    Some(std::env::home_dir()?.join(".config/solana/cli/config.yml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `solana config set` writes it.
    const WRITTEN: &str = "---\njson_rpc_url: \"https://api.devnet.solana.com\"\nwebsocket_url: \"\"\nkeypair_path: \
                           /home/me/id.json\naddress_labels:\n  \"11111111111111111111111111111111\": System \
                           Program\ncommitment: finalized\n";

    #[test]
    fn what_solana_writes_is_read() {
        let config = Config::of(WRITTEN).unwrap();
        assert_eq!(config.json_rpc_url.as_deref(), Some("https://api.devnet.solana.com"));
        assert_eq!(config.keypair_path.as_deref(), Some("/home/me/id.json"));
        assert_eq!(config.commitment().unwrap(), Some(Commitment::Finalized));
        assert_eq!(config.domain().unwrap(), None);
        assert_eq!(Config::of("").unwrap(), Config::default());
        let more = format!("{WRITTEN}bulkhead_domain: {}\n", bulkhead_interface::ID);
        assert_eq!(
            Config::of(&more).unwrap().domain().unwrap(),
            Some(bulkhead_interface::ID)
        );
    }

    #[test]
    fn what_it_does_not_write_is_refused() {
        assert!(Config::of("- a\n- b\n").is_err());
        assert!(Config::of("json_rpc_url: [1, 2]\n").is_err());
        assert!(Config::of("commitment: sure\n").unwrap().commitment().is_err());
        assert!(Config::of("bulkhead_domain: here\n").unwrap().domain().is_err());
        assert!(Config::read(Some(Path::new("/nowhere/config.yml"))).is_err());
    }
}
