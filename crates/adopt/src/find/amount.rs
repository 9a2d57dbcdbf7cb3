//! What a number in an account means.

use serde::Serialize;

use super::vocabulary::{
    AMOUNTS, ASSETS, DEBT, GONE, LOTS, NO_AMOUNT, PAST, REWARD, SHARES, STATES, VALUE, has, is_any,
};
use crate::{
    layout::{Field, Kind},
    names::words,
};

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// Tokens, in their smallest unit.
    Tokens,
    /// Shares, which are worth what another account says.
    Shares,
    /// Lots of an order book.
    Lots,
    /// A value in a currency of account.
    Value,
    /// What the owner owes.
    Debt,
    /// What is owed on top: fees, rewards.
    Reward,
    /// What left already.
    Gone,
    /// A sum over a life.
    Past,
}

/// A number that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// The field.
    pub field: String,
    /// Where it is: in the account, or in a record.
    #[serde(skip)]
    pub at: Field,
    /// Its offset in the account, or in a record of the table.
    pub offset: usize,
    /// Bytes.
    pub width: usize,
    /// Is it signed?
    pub signed: bool,
    /// Binary digits behind the point.
    pub fraction: u32,
    /// Is it subtracted?
    pub subtract: bool,
    /// What it means.
    pub meaning: Meaning,
    /// Which of several assets; empty if there is one.
    pub asset: String,
    /// How much speaks for it.
    pub score: i32,
}

/// A number that was seen and does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The field.
    pub field: String,
    /// Why it does not count.
    pub why: String,
}

/// What a number means by its name and the names around it, and how sure that is.
fn meaning(own: &[String], around: &[String]) -> Option<(Meaning, i32)> {
    // `liquidity.amount` and `amount` say the same; `rewards.amount` does not.
    if has(own, NO_AMOUNT) {
        return None;
    }
    let says = |wanted: &[&str]| has(own, wanted) || has(around, wanted);
    let points = AMOUNTS
        .iter()
        .find(|(known, _)| has(own, known))
        .map(|(_, points)| *points);
    if says(REWARD) {
        return Some((Meaning::Reward, 2));
    }
    if has(own, PAST)
        || own.first().is_some_and(|word| word == "total")
            && own.len() > 1
            && !has(own, SHARES)
            && !own.contains(&"amount".to_owned())
    {
        return Some((Meaning::Past, 1));
    }
    if has(own, GONE) {
        return Some((Meaning::Gone, 2));
    }
    if says(DEBT) {
        return Some((Meaning::Debt, 2));
    }
    if has(own, VALUE) {
        let backs = has(own, &["collateral", "deposit", "deposited", "balance"]);
        return Some((Meaning::Value, if backs { 6 } else { 1 }));
    }
    if has(own, LOTS) {
        return Some((Meaning::Lots, 3));
    }
    if has(own, SHARES) {
        return Some((Meaning::Shares, 6));
    }
    // `collateral_amount` says more than `locked_amount`, and `amount` alone leaves nothing open.
    let is_told_twice = AMOUNTS
        .iter()
        .filter(|(known, _)| own.iter().any(|word| is_any(word, known) && !is_any(word, STATES)))
        .count()
        > 1;
    let bonus = i32::from(own.len() == 1 || is_told_twice);
    points.map(|points| (Meaning::Tokens, points + bonus))
}

/// The amounts among fields, and what else they state. `around` are the words of the table they are in.
#[must_use]
pub fn amounts(fields: &[Field], around: &[String]) -> (Vec<Amount>, Vec<LeftOut>) {
    let mut found = Vec::new();
    for field in fields {
        let Kind::Int {
            width,
            signed,
            fraction,
        } = field.kind
        else {
            continue;
        };
        if !matches!(width, 8 | 16) {
            continue;
        }
        let own = field.words();
        let mut near: Vec<String> = around.to_vec();
        near.extend(field.path.iter().rev().skip(1).flat_map(|name| words(name)));
        let Some((meaning, score)) = meaning(&own, &near) else {
            continue;
        };
        let asset = own.iter().chain(&near).find(|word| is_any(word, ASSETS));
        found.push(Amount {
            field: field.name(),
            at: field.clone(),
            offset: field.place.offset,
            width,
            signed,
            fraction,
            subtract: false,
            meaning,
            asset: asset.cloned().unwrap_or_default(),
            score,
        });
    }
    choose(found)
}

/// Of all numbers, those that are what the owner is owed now.
fn choose(found: Vec<Amount>) -> (Vec<Amount>, Vec<LeftOut>) {
    let mut left_out: Vec<LeftOut> = Vec::new();
    let mut leave = |amount: &Amount, why: &str| {
        left_out.push(LeftOut {
            field: amount.field.clone(),
            why: why.to_owned(),
        });
    };
    // A value that backs the position says that what is locked is the pool's matter.
    let is_valued = found
        .iter()
        .any(|amount| amount.meaning == Meaning::Value && amount.score >= 6)
        && found
            .iter()
            .all(|amount| amount.meaning != Meaning::Tokens || has(&amount.at.words(), &["locked"]));
    let kind = [Meaning::Tokens, Meaning::Shares, Meaning::Value, Meaning::Lots]
        .into_iter()
        .filter(|kind| !is_valued || *kind == Meaning::Value)
        .find(|kind| found.iter().any(|amount| amount.meaning == *kind && amount.score >= 3));
    let mut chosen: Vec<Amount> = Vec::new();
    let of_kind = found.iter().filter(|amount| Some(amount.meaning) == kind);
    for asset in assets(of_kind.clone()) {
        let same: Vec<_> = of_kind.clone().filter(|amount| amount.asset == asset).collect();
        let Some(best) = same
            .iter()
            .max_by_key(|amount| (amount.score, std::cmp::Reverse(amount.offset)))
        else {
            continue;
        };
        let bare = |amount: &Amount| {
            let mut words = amount.at.words();
            words.retain(|word| !is_any(word, STATES));
            words
        };
        let is_part = |amount: &Amount| {
            amount.field == best.field
                || bare(amount) == bare(best) && (has(&amount.at.words(), STATES) && has(&best.at.words(), STATES))
        };
        for amount in same {
            if is_part(amount) {
                chosen.push(amount.clone());
            } else {
                leave(
                    amount,
                    "another amount of the same asset looks more like what is owed; compare both",
                );
            }
        }
    }
    for amount in &found {
        let why = match amount.meaning {
            Meaning::Gone => {
                let granted = |other: &&Amount| {
                    other.meaning == Meaning::Tokens
                        && other.asset == amount.asset
                        && has(
                            &other.at.words(),
                            &["amount", "total", "granted", "deposited", "tokens", "balance"],
                        )
                };
                if chosen.iter().filter(granted).count() == 1 {
                    chosen.push(Amount {
                        subtract: true,
                        ..amount.clone()
                    });
                    continue;
                }
                "what left already; subtract it if the amount does not go down when it does"
            }
            Meaning::Debt => "a debt; subtract it if it is owed in the same token, or make it a ledger of its own",
            Meaning::Reward => "fees or rewards, owed on top of the position",
            Meaning::Past => "a sum over a life, not what is owed now",
            Meaning::Value if kind != Some(Meaning::Value) => "a value, not an amount of tokens",
            Meaning::Lots if kind != Some(Meaning::Lots) => "lots of orders, which may lock tokens besides",
            Meaning::Shares if kind != Some(Meaning::Shares) => {
                "shares next to an amount; if the amount grows by a rate, the shares are what is owed"
            }
            Meaning::Tokens if kind != Some(Meaning::Tokens) => {
                "locked for the position, while its value is stated elsewhere"
            }
            _ => continue,
        };
        leave(amount, why);
    }
    (chosen, left_out)
}

/// Numbers in the same part of the account as an amount, of whose names nothing is known: they may be parts of it.
#[must_use]
pub fn unread(fields: &[Field], chosen: &[Amount], left_out: &[LeftOut]) -> Vec<String> {
    let parent = |field: &Field| field.path.split_last().map(|(_, parent)| parent.to_vec());
    let is_beside =
        |field: &Field| field.path.len() > 1 && chosen.iter().any(|amount| parent(&amount.at) == parent(field));
    let is_read =
        |name: &str| chosen.iter().any(|amount| amount.field == name) || left_out.iter().any(|left| left.field == name);
    let numbers = fields
        .iter()
        .filter(|field| matches!(field.kind, Kind::Int { width: 8 | 16, .. }) && is_beside(field));
    numbers
        .filter(|field| !has(&field.words(), NO_AMOUNT) && !is_read(&field.name()))
        .map(Field::name)
        .collect()
}

/// Amounts beside each other, each of which is taken to be owed.
#[must_use]
pub fn added(chosen: &[Amount]) -> Vec<String> {
    let several: Vec<_> = chosen.iter().filter(|amount| !amount.subtract).collect();
    if several.len() < 2 {
        return Vec::new();
    }
    several.iter().map(|amount| amount.field.clone()).collect()
}

/// Assets in the order they come.
fn assets<'a>(amounts: impl Iterator<Item = &'a Amount>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for amount in amounts {
        if !all.contains(&amount.asset) {
            all.push(amount.asset.clone());
        }
    }
    all
}
