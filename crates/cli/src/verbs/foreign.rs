//! Instructions of another program that a voter-weight plug-in wants in front of Bulkhead's, from a file.
//!
//! A plug-in's weight counts only in the slot it was computed in, so the plug-in's own instruction that computes it runs
//! in the same transaction. The file holds a JSON array in the form in which `--dry-run --output json` prints
//! instructions: `program`, `accounts` of `key`, `signer` and `writable`, and `data` in base58.

use std::{path::PathBuf, str::FromStr};

use anchor_lang::prelude::Pubkey;
use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use solana_instruction::{AccountMeta, Instruction};

use crate::files;

/// The plug-in's own instructions.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Before {
    /// File with the plug-in's instructions that update its record, to run in front, in the same transaction
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    program: String,
    accounts: Vec<StatedAccount>,
    data: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatedAccount {
    key: String,
    signer: bool,
    writable: bool,
}

impl Before {
    /// The plug-in's instructions, followed by `instruction`.
    pub(crate) fn and(&self, instruction: Instruction) -> anyhow::Result<Vec<Instruction>> {
        let mut all = match &self.before {
            None => vec![],
            Some(file) => {
                let text = files::read_text(file, files::SHORT).with_context(|| file.display().to_string())?;
                parse(&text).with_context(|| file.display().to_string())?
            }
        };
        all.push(instruction);
        Ok(all)
    }
}

fn parse(text: &str) -> anyhow::Result<Vec<Instruction>> {
    let stated: Vec<Stated> = serde_json::from_str(text)?;
    stated.into_iter().map(Stated::instruction).collect()
}

impl Stated {
    fn instruction(self) -> anyhow::Result<Instruction> {
        let key = |text: &str| Pubkey::from_str(text).with_context(|| format!("{text} is no address"));
        let accounts = self.accounts.iter().map(|account| {
            Ok(AccountMeta {
                pubkey: key(&account.key)?,
                is_signer: account.signer,
                is_writable: account.writable,
            })
        });
        Ok(Instruction {
            program_id: key(&self.program)?,
            accounts: accounts.collect::<anyhow::Result<_>>()?,
            data: bs58::decode(&self.data)
                .into_vec()
                .with_context(|| format!("{} is not base58", self.data))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_read_as_they_are_printed() {
        let key = Pubkey::new_from_array([7; 32]);
        let text = format!(
            r#"[{{"program":"{key}","accounts":[{{"key":"{key}","signer":true,"writable":false}}],"data":"{}"}}]"#,
            bs58::encode([1, 2, 3]).into_string()
        );
        let found = parse(&text).expect("well formed");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].program_id, &found[0].data[..]), (key, &[1u8, 2, 3][..]));
        assert!(found[0].accounts[0].is_signer && !found[0].accounts[0].is_writable);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let key = Pubkey::new_from_array([7; 32]);
        for text in [
            "{}".to_owned(),
            r#"[{"program":"x","accounts":[],"data":""}]"#.to_owned(),
            format!(r#"[{{"program":"{key}","accounts":[],"data":"0OIl"}}]"#),
            format!(r#"[{{"program":"{key}","accounts":[],"data":"","more":1}}]"#),
            format!(r#"[{{"program":"{key}","accounts":[{{"key":"{key}"}}],"data":""}}]"#),
        ] {
            assert!(parse(&text).is_err(), "{text}");
        }
    }
}
