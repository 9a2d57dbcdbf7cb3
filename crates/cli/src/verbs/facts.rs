//! Prints what a verb did: its transactions, and what they mean.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{flows::Done, status::words::utc};
use serde_json::{Value, json};
use solana_instruction::Instruction;

use crate::context::Context;

/// Something that a verb has found out, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Words.
    Text(String),
    /// An address.
    Key(Pubkey),
    /// Addresses.
    Keys(Vec<Pubkey>),
    /// A time. Unix seconds.
    Time(i64),
    /// An amount or a count. Text in JSON, because readers may round what has 64 bits.
    Number(u64),
}

impl Fact {
    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Key(key) => json!(key.to_string()),
            Self::Keys(keys) => json!(keys.iter().map(ToString::to_string).collect::<Vec<_>>()),
            Self::Time(seconds) => json!(seconds),
            Self::Number(number) => json!(number.to_string()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Key(key) => key.to_string(),
            Self::Keys(keys) if keys.is_empty() => "nobody".into(),
            Self::Keys(keys) => keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Self::Time(seconds) => utc(*seconds),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Pubkey> for Fact {
    fn from(key: Pubkey) -> Self {
        Self::Key(key)
    }
}

impl From<u64> for Fact {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// A fact and its name. The name is one word, or words with underscores.
pub(crate) type Named = (&'static str, Fact);

/// One transaction of one instruction: rehearsed, printed for others to sign, or sent. Prints the result.
pub(crate) async fn send(
    context: &Context,
    act: &str,
    facts: &[Named],
    instruction: Instruction,
) -> anyhow::Result<()> {
    let receipt = context.chain()?.send(&[instruction]).await?;
    let done = Done {
        receipts: vec![receipt],
        skipped: 0,
    };
    finish(context, act, facts, &done)
}

/// Prints the result of a flow.
pub(crate) fn finish(context: &Context, act: &str, facts: &[Named], done: &Done) -> anyhow::Result<()> {
    let outcome = context.outcome(act, done);
    let mut json = outcome.json;
    let mut text = outcome.text;
    for (name, fact) in facts {
        json[*name] = fact.json();
        let lines = fact.text();
        for (number, line) in lines.trim_end().lines().enumerate() {
            let title = if number == 0 {
                name.replace('_', " ")
            } else {
                String::new()
            };
            text.push_str(format!("{title:<9} {line}").trim_end());
            text.push('\n');
        }
    }
    context.print(&json, || text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_a_value_for_programs_and_words_for_people() {
        let key = Pubkey::new_from_array([1; 32]);
        for (fact, json, text) in [
            (Fact::from("a"), json!("a"), "a".to_owned()),
            (Fact::from(key), json!(key.to_string()), key.to_string()),
            (Fact::Keys(vec![]), json!([]), "nobody".to_owned()),
            (Fact::Time(0), json!(0), "1970-01-01 00:00:00 UTC".to_owned()),
            (Fact::from(u64::MAX), json!(u64::MAX.to_string()), u64::MAX.to_string()),
        ] {
            assert_eq!((fact.json(), fact.text()), (json, text));
        }
    }
}
