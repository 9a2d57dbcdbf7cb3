//! Which account type the address in a field is of, by its name.

use crate::{
    model::{AccountType, Idl},
    names::words,
};

/// Words that a field adds to the name of the account it points to.
const ADDED: &[&str] = &["account", "address", "id", "key", "pk", "pubkey", "state"];

/// An address that names another account of the host.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// The field.
    pub field: String,
    /// Its offset, or that within a record.
    pub offset: usize,
    /// The account type it names.
    pub account: String,
}

/// The account type that a field of this name points to. Not the type itself: that would be a list.
#[must_use]
pub fn link<'a>(idl: &'a Idl, name: &str, but: &str) -> Option<&'a AccountType> {
    let bare = |words: Vec<String>| {
        let short: Vec<_> = words
            .iter()
            .filter(|word| !ADDED.contains(&word.as_str()))
            .cloned()
            .collect();
        if short.is_empty() { words } else { short }
    };
    let field = bare(words(name));
    let fits = |account: &&AccountType| {
        let ty = bare(words(&account.name));
        // `deposit_reserve` is a reserve, `bank` is a bank, `pool` is a `PoolState`.
        account.name != but && (field == ty || field.ends_with(&ty) || field.len() == 1 && ty.ends_with(&field))
    };
    idl.accounts.iter().filter(fits).min_by_key(|account| {
        let ty = bare(words(&account.name));
        ty.len().abs_diff(field.len())
    })
}
