//! A configuration file as the daemon works with it.

use std::{fs, str::FromStr, time::Duration};

use anchor_lang::prelude::{AccountMeta, Pubkey};
use bulkhead_interface::constants::SCOPE_DOMAIN;
use serde::Deserialize;
use solana_instruction::Instruction;

use crate::{
    clock::millis,
    config::{ConfigError, File, Response, RuleEntry, RuleKind, unhex},
    rules::{Authority, Look, Outflow, Pair, Rule, Shrank, Upgraded},
    source::{Canary, program},
};

/// A price older than this is not compared, unless the rule says otherwise.
const MAX_AGE_SECONDS: i64 = 60;
/// Time between two simulations, unless the rule says otherwise.
const EVERY: Duration = Duration::from_secs(10);
/// Simulations that have to fail in a row, unless the rule says otherwise.
const AFTER: u32 = 3;

/// What the daemon does, for which domains.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The file.
    pub file: File,
    /// The domains.
    pub domains: Vec<Pubkey>,
    /// The rules, one for each of their domains.
    pub rules: Vec<Rule>,
    /// The transactions that are simulated.
    pub canaries: Vec<Canary>,
    /// Who pays, if anything is sent at all.
    pub payer: Option<Pubkey>,
    /// The guardian, if its key is here.
    pub guardian: Option<Pubkey>,
    /// The attester, if its key is here.
    pub attester: Option<Pubkey>,
}

/// The addresses of the keys that are here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who {
    /// Pays.
    pub payer: Option<Pubkey>,
    /// Pauses.
    pub guardian: Option<Pubkey>,
    /// Attests.
    pub attester: Option<Pubkey>,
}

impl Setup {
    /// The setup of a checked file.
    ///
    /// # Errors
    /// [`ConfigError`]: a canary's file, or keys that are the same.
    pub fn new(file: File, who: Who) -> Result<Self, ConfigError> {
        let shared = [
            ("guardian", "payer", who.guardian, who.payer),
            ("guardian", "attester", who.guardian, who.attester),
        ];
        for (first, second, one, other) in shared {
            if one.is_some() && one == other {
                return Err(ConfigError::KeyShared { first, second });
            }
        }
        let domains: Vec<Pubkey> = file.domains.iter().map(|domain| domain.0).collect();
        let mut rules = Vec::new();
        let mut canaries = Vec::new();
        for entry in &file.rules {
            let look = look(entry)?;
            if entry.kind == RuleKind::Canary {
                canaries.push(canary(entry)?);
            }
            let own = entry.domains.as_ref();
            let own: Vec<Pubkey> =
                own.map_or_else(|| domains.clone(), |own| own.iter().map(|domain| domain.0).collect());
            rules.extend(own.into_iter().map(|domain| rule(entry, domain, look.clone())));
        }
        Ok(Self {
            domains,
            rules,
            canaries,
            payer: who.payer,
            guardian: who.guardian,
            attester: who.attester,
            file,
        })
    }

    /// The members whose keys are here.
    #[must_use]
    pub fn members(&self) -> Vec<Pubkey> {
        self.guardian.into_iter().chain(self.attester).collect()
    }
}

fn rule(entry: &RuleEntry, domain: Pubkey, look: Look) -> Rule {
    Rule {
        name: entry.name.clone(),
        domain,
        look,
        response: entry.act,
        scope: match entry.act {
            Response::Incident => SCOPE_DOMAIN,
            _ => entry.scope.map_or(SCOPE_DOMAIN, |scope| scope.0),
        },
        mask: entry.mask.unwrap_or(0),
        stands_seconds: entry.stands.map_or(0, crate::config::Span::seconds),
        severity: entry.severity(),
    }
}

/// What a rule looks for. The file was checked: what its kind needs is there.
fn look(entry: &RuleEntry) -> Result<Look, ConfigError> {
    let missing = |missing| ConfigError::RuleIncomplete {
        rule: entry.name.clone(),
        kind: entry.kind.name(),
        missing,
    };
    let keys = |list: &Option<Vec<crate::config::Address>>| -> Vec<Pubkey> {
        list.iter().flatten().map(|key| key.0).collect()
    };
    Ok(match entry.kind {
        RuleKind::Outflow => Look::Outflow(Outflow {
            accounts: keys(&entry.accounts),
            amount: entry.amount,
            share_bps: entry.share_bps,
            window_seconds: entry.window.ok_or_else(|| missing("window"))?.seconds(),
        }),
        RuleKind::Upgraded => Look::Upgraded(Upgraded {
            data: keys(&entry.programs)
                .into_iter()
                .map(|program| (program, program::data_of(&program)))
                .collect(),
            authority: entry.expect.map(|key| key.0),
            hash: entry.hash.as_deref().and_then(unhex),
        }),
        RuleKind::Authority => Look::Authority(Authority {
            accounts: keys(&entry.accounts),
            offset: entry.offset,
            expect: entry.expect.map(|key| key.0),
        }),
        RuleKind::Price => {
            let source = |key: &'static str, price: &Option<crate::config::PriceEntry>| {
                price
                    .as_ref()
                    .ok_or_else(|| missing(key))?
                    .source(&format!("rule {}.{key}", entry.name))
            };
            Look::Price(Box::new(Pair {
                price: source("price", &entry.price)?,
                other: source("other", &entry.other)?,
                max_bps: entry.max_bps.ok_or_else(|| missing("max_bps"))?,
                max_age_seconds: entry.max_age.map_or(MAX_AGE_SECONDS, crate::config::Span::seconds),
            }))
        }
        RuleKind::Shrank => Look::Shrank(Shrank {
            accounts: keys(&entry.accounts),
        }),
        RuleKind::Canary => Look::Canary(entry.after.unwrap_or(AFTER)),
    })
}

/// An instruction in a canary's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    program: String,
    accounts: Vec<WrittenAccount>,
    /// In hex.
    data: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAccount {
    key: String,
    #[serde(default)]
    signer: bool,
    #[serde(default)]
    writable: bool,
}

fn canary(entry: &RuleEntry) -> Result<Canary, ConfigError> {
    let path = entry.file.as_deref().unwrap_or_else(|| std::path::Path::new(""));
    let unreadable = |reason: String| ConfigError::CanaryUnreadable {
        rule: entry.name.clone(),
        path: path.display().to_string(),
        reason,
    };
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let written: Vec<Written> = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    if written.is_empty() {
        return Err(unreadable("it has no instruction".into()));
    }
    let key =
        |text: &str| Pubkey::from_str(text).map_err(|_| unreadable(format!("{text:?} is not an address in base58")));
    let instruction = |written: &Written| -> Result<Instruction, ConfigError> {
        let account = |account: &WrittenAccount| -> Result<AccountMeta, ConfigError> {
            Ok(AccountMeta {
                pubkey: key(&account.key)?,
                is_signer: account.signer,
                is_writable: account.writable,
            })
        };
        Ok(Instruction {
            program_id: key(&written.program)?,
            accounts: written.accounts.iter().map(account).collect::<Result<_, _>>()?,
            data: bytes(&written.data).ok_or_else(|| unreadable(format!("{:?} is not hex", written.data)))?,
        })
    };
    Ok(Canary {
        rule: entry.name.clone(),
        instructions: written.iter().map(instruction).collect::<Result<_, ConfigError>>()?,
        every_millis: millis(entry.every.map_or(EVERY, |every| every.0)),
        expect_error: entry.expect_error,
    })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let digits = text.as_bytes().chunks(2);
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    digits.map(byte).collect()
}
