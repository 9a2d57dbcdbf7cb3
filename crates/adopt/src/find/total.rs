//! Where the host may keep the sum of its positions, and what their shares are worth.

use serde::Serialize;

use super::{
    Confidence,
    amount::{Amount, Meaning},
    hint::hint,
    link::Link,
    vocabulary::{AMOUNTS, DEBT, GONE, NO_AMOUNT, PAST, REWARD, SHARES, VALUE, has},
};
use crate::{
    layout::{Field, Kind, layout},
    model::{AccountType, Idl},
    names::words,
};

/// A field that may be the sum of an amount over all positions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// The account type.
    pub account: String,
    /// The field.
    pub field: String,
    /// Its offset.
    pub offset: usize,
    /// Bytes.
    pub width: usize,
    /// The amount that it adds up.
    pub of: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Why.
    pub reasons: Vec<String>,
}

/// A field that may say what a share is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// The account type.
    pub account: String,
    /// The field.
    pub field: String,
    /// Its offset.
    pub offset: usize,
    /// Bytes.
    pub width: usize,
    /// Is it signed?
    pub signed: bool,
    /// Binary digits behind the point; 0 where the IDL does not say.
    pub fraction: u32,
}

/// Words of a sum.
const SUMS: &[&str] = &["aggregate", "sum", "supply", "total", "totals"];
/// Points of a total that is drafted.
const LEAST: i32 = 6;
/// Points of a total that is hardly anything else.
const SURE: i32 = 11;
/// Candidates that are named.
const NAMED: usize = 3;

/// The candidates for the total of an amount, the best first.
#[must_use]
pub fn totals(idl: &Idl, position: &AccountType, amount: &Amount, links: &[Link]) -> Vec<Total> {
    let linked = |account: &AccountType| links.iter().any(|link| link.account == account.name);
    let any_linked = idl.accounts.iter().any(&linked);
    let mut found: Vec<(i32, Total)> = Vec::new();
    for account in &idl.accounts {
        // Of a position that names its market, no other account keeps the total.
        let is_elsewhere = !linked(account) && (any_linked || hint(&words(&account.name)) >= 0);
        if account.name == position.name || is_elsewhere {
            continue;
        }
        for field in &layout(idl, account, account.def.encoding).fields {
            let Some((mut score, mut reasons)) = sums(field, amount) else {
                continue;
            };
            if linked(account) {
                score += 4;
                reasons.push(format!("a position names its {}", account.name));
            }
            if let (true, Some(offset)) = (score >= LEAST, field.place.fixed()) {
                let sure = if score >= SURE {
                    Confidence::High
                } else {
                    Confidence::Medium
                };
                let total = Total {
                    account: account.name.clone(),
                    field: field.name(),
                    offset,
                    width: field.size(),
                    of: amount.field.clone(),
                    confidence: if linked(account) { sure } else { sure.less() },
                    reasons,
                };
                found.push((score, total));
            }
        }
    }
    found.sort_by_key(|(score, total)| (std::cmp::Reverse(*score), total.offset));
    let best = found.first().map_or(0, |(score, _)| *score);
    // Two that look alike: a person has to choose.
    let is_tied = found.get(1).is_some_and(|(score, _)| *score == best);
    found
        .into_iter()
        .take(NAMED)
        .map(|(_, mut total)| {
            if is_tied {
                total.confidence = total.confidence.less();
                total.reasons.push("another field looks just as much like it".into());
            }
            total
        })
        .collect()
}

/// Could the field be the sum of the amount?
fn sums(field: &Field, amount: &Amount) -> Option<(i32, Vec<String>)> {
    let Kind::Int { width: 8 | 16, .. } = field.kind else {
        return None;
    };
    let own = field.words();
    let wanted = amount.at.words();
    let is_shared = |word: &&String| word.len() >= 4 && wanted.iter().any(|other| other.get(..4) == word.get(..4));
    if has(&own, NO_AMOUNT) || has(&own, REWARD) || has(&own, GONE) || has(&own, PAST) || has(&own, DEBT) {
        return None;
    }
    let mut reasons = Vec::new();
    let mut score = 0;
    if has(&own, SUMS) {
        score += 4;
        reasons.push(format!("`{}` is called a sum", field.name()));
    }
    let shared: Vec<_> = own.iter().filter(is_shared).collect();
    let is_amount = AMOUNTS.iter().any(|(known, _)| has(&own, known)) || has(&own, SHARES);
    if let Some(word) = shared.first() {
        score += 4;
        reasons.push(format!("it shares `{word}` with `{}`", amount.field));
    } else if is_amount {
        score += 2;
        reasons.push(format!("`{}` is called an amount", field.name()));
    }
    if score == 0 {
        return None;
    }
    let is_asset = |word: &&String| super::vocabulary::ASSETS.contains(&word.as_str());
    if let Some(asset) = own.iter().find(is_asset)
        && *asset != amount.asset
    {
        score -= 3;
    }
    if has(&own, SHARES) != (amount.meaning == Meaning::Shares) {
        score -= 2;
    }
    if has(&own, VALUE) {
        score -= 3;
    }
    score -= i32::try_from(field.path.len()).unwrap_or(9) - 1;
    Some((score, reasons))
}

/// What a share may be worth, in the accounts that a position names.
#[must_use]
pub fn rates(idl: &Idl, links: &[Link]) -> Vec<Rate> {
    let linked = idl
        .accounts
        .iter()
        .filter(|account| links.iter().any(|link| link.account == account.name));
    let mut found = Vec::new();
    for account in linked {
        for field in &layout(idl, account, account.def.encoding).fields {
            let (
                Kind::Int {
                    width,
                    signed,
                    fraction,
                },
                Some(offset),
            ) = (&field.kind, field.place.fixed())
            else {
                continue;
            };
            if *width >= 8 && is_rate(&field.words()) {
                found.push(Rate {
                    account: account.name.clone(),
                    field: field.name(),
                    offset,
                    width: *width,
                    signed: *signed,
                    fraction: *fraction,
                });
            }
        }
    }
    found.truncate(NAMED);
    found
}

fn is_rate(words: &[String]) -> bool {
    let both = |one: &[&str], other: &[&str]| has(words, one) && has(words, other);
    !has(words, DEBT)
        && !has(words, &["ts", "time", "last", "max", "min", "fee", "fees"])
        && (both(&["share", "shares"], &["value", "price", "rate", "per"])
            || both(&["exchange", "virtual"], &["rate", "price"])
            || both(
                &["deposit", "supply", "liquidity", "lend"],
                &["index", "interest", "exchange"],
            )
            || both(&["index", "multiplier"], &["deposit", "shares", "supply"]))
}
