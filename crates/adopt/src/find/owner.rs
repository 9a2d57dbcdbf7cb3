//! Whose a position is.

use serde::Serialize;

use super::{
    link::link,
    vocabulary::{NO_OWNER, OWNERS, TOKEN_ACCOUNT, has, is_any},
};
use crate::{
    layout::{Field, Kind, Layout, Place},
    model::{AccountType, Idl},
    names::words,
};

/// How the owner is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The field is the owner.
    Field,
    /// The field names a mint of one token; whoever holds the token is the owner.
    Token,
    /// The field names another account of the host, which names the owner.
    Account(String),
}

/// A guess at the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// The field.
    pub field: String,
    /// Where it is.
    pub place: Place,
    /// How it leads to the owner.
    pub how: How,
    /// How much speaks for it.
    pub score: i32,
    /// Why.
    pub reasons: Vec<String>,
    /// Other fields that might be the owner as well.
    pub rivals: Vec<String>,
}

/// Points for a signer that is compared with the field.
const SIGNS: i32 = 4;
/// Fewest points of an owner.
const LEAST: i32 = 2;

/// The owner of accounts of this type.
#[must_use]
pub fn owner(idl: &Idl, account: &AccountType, layout: &Layout) -> Option<Owner> {
    let keys = || layout.fields.iter().filter(|field| field.kind == Kind::Key);
    let mut found: Vec<_> = keys().filter_map(|field| candidate(idl, account, field)).collect();
    // The surest; of equals the first in the account.
    found.sort_by_key(|owner| std::cmp::Reverse(owner.score));
    let mut found = found.into_iter();
    if let Some(mut first) = found.next() {
        let close = found.filter(|owner| owner.score + 2 >= first.score);
        first.rivals = close.map(|owner| owner.field).collect();
        return Some(first);
    }
    keys()
        .find_map(|field| by_token(account, field))
        .or_else(|| keys().find_map(|field| by_account(idl, account, field)))
}

fn candidate(idl: &Idl, account: &AccountType, field: &Field) -> Option<Owner> {
    let words = field.words();
    let (last, before) = words.split_last()?;
    let (last, before) = match before.split_last() {
        // `owner_key`, `user_wallet`.
        Some((real, before)) if is_any(last, &["key", "pubkey", "address", "id", "pk"]) => (real, before),
        _ => (last, before),
    };
    let points = OWNERS
        .iter()
        .find(|(known, _)| is_any(last, known))
        .map(|(_, points)| *points)?;
    let mut score = points;
    let mut reasons = vec![format!("`{}` is an address, and its name is an owner's", field.name())];
    if has(before, NO_OWNER) {
        score -= 9;
    }
    if has(before, TOKEN_ACCOUNT) {
        score -= 4;
    }
    // An account of the host that is called so has an owner of its own.
    if let Some(other) = link(idl, last, &account.name).filter(|_| before.is_empty()) {
        let other_words = crate::names::words(&other.name);
        if points < 10 && other_words.len() <= 2 && !signs(idl, account, field) {
            return by_account(idl, account, field).map(|owner| Owner { score: 3, ..owner });
        }
    }
    if field.path.len() > 1 {
        score -= 2;
    }
    if signs(idl, account, field) {
        score += SIGNS;
        reasons.push("instructions compare it with a signer".into());
    }
    (score >= LEAST).then(|| Owner {
        field: field.name(),
        place: field.place.clone(),
        how: How::Field,
        score,
        reasons,
        rivals: Vec::new(),
    })
}

/// Is the field compared with a signer of an instruction, by `has_one`?
fn signs(idl: &Idl, account: &AccountType, field: &Field) -> bool {
    let name = field
        .path
        .last()
        .map(|name| crate::names::snake(name))
        .unwrap_or_default();
    let ty = words(&account.name);
    let is_it = |meta: &str| {
        let meta = words(meta);
        meta == ty || ty.ends_with(&meta) || meta.ends_with(&ty) || ty.starts_with(&meta)
    };
    idl.instructions.iter().any(|instruction| {
        let signer = instruction
            .accounts
            .iter()
            .find(|meta| meta.is_signer && last_name(&meta.name) == name);
        let Some(signer) = signer else { return false };
        let forth = signer.relations.iter().any(|relation| is_it(relation));
        let back = instruction.accounts.iter().any(|meta| {
            is_it(&meta.name)
                && meta
                    .relations
                    .iter()
                    .any(|relation| crate::names::snake(relation) == name)
        });
        forth || back
    })
}

fn last_name(name: &str) -> String {
    crate::names::snake(name)
}

/// A mint of one token, which says whose the position is.
fn by_token(account: &AccountType, field: &Field) -> Option<Owner> {
    let words = field.words();
    let is_mint = words.iter().any(|word| word == "mint");
    let ty = crate::names::words(&account.name);
    let is_sure = is_mint && has(&words, &["nft", "position"]);
    let is_bare = words.len() == 1 && is_mint && has(&ty, &["position", "nft"]);
    (is_sure || is_bare).then(|| Owner {
        field: field.name(),
        place: field.place.clone(),
        how: How::Token,
        score: if is_sure { 9 } else { 5 },
        reasons: vec![format!(
            "`{}` names the mint of a token for each position: who holds the token owns the position",
            field.name()
        )],
        rivals: Vec::new(),
    })
}

/// Another account of the host that knows the owner.
fn by_account(idl: &Idl, account: &AccountType, field: &Field) -> Option<Owner> {
    let other = link(idl, field.path.last()?, &account.name)?;
    let other_layout = crate::layout::layout(idl, other, other.def.encoding);
    // One step, so that two types that name each other end.
    let is_named = |field: &Field| {
        let words = field.words();
        field.kind == Kind::Key
            && words
                .last()
                .is_some_and(|last| is_any(last, &["owner", "user", "authority", "wallet"]))
            && !has(&words, NO_OWNER)
    };
    let is_person = super::hint(&words(&other.name)) > 0;
    let named = other_layout
        .fields
        .iter()
        .find(|field| is_named(field))
        .filter(|_| is_person)?;
    Some(Owner {
        field: field.name(),
        place: field.place.clone(),
        how: How::Account(other.name.clone()),
        score: 6,
        reasons: vec![format!(
            "`{}` names an account {}, and its `{}` is the owner",
            field.name(),
            other.name,
            named.name()
        )],
        rivals: Vec::new(),
    })
}
