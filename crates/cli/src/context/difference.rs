//! What a transaction changes, in words: accounts before and after it.

use anchor_lang::prelude::Pubkey;
use anchor_spl::{token::spl_token, token_2022::spl_token_2022};
use bulkhead_client::watch::{self, Detail};
use bulkhead_interface::ID;
use serde::Serialize;
use serde_json::{Value, json};
use solana_account::Account;

/// Token accounts of both token programs: the mint, then the owner, then the amount.
const TOKEN_LEN: usize = 165;
const TOKEN_AMOUNT: usize = 64;
/// Mints of both token programs: the supply follows the optional authority.
const MINT_LEN: usize = 82;
const MINT_SUPPLY: usize = 36;
/// Token accounts and mints with extensions have this type at this offset.
const TYPE_AT: usize = 165;

/// One change of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) account: Pubkey,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An account of Bulkhead, under the names of the events.
    Bulkhead(watch::Change),
    Lamports(u64, u64),
    /// A balance in the smallest unit of the mint.
    Tokens {
        mint: Pubkey,
        before: u64,
        after: u64,
    },
    Supply(u64, u64),
    Owner(Pubkey, Pubkey),
    /// Data of another program, of which only the sizes are known.
    Data(usize, usize),
}

/// The differences of one account. Lamports come last.
pub(super) fn of(key: &Pubkey, before: Option<&Account>, after: Option<&Account>) -> Vec<Difference> {
    let mut found = Vec::new();
    let ours = |account: Option<&Account>| account.filter(|each| each.owner == ID).map(|each| each.data.clone());
    let changes = watch::account_changes(*key, ours(before).as_ref(), ours(after).as_ref());
    found.extend(changes.into_iter().map(What::Bulkhead));
    let (old, new) = (balance(before), balance(after));
    match (old, new) {
        (Some(old), Some(new)) if old.mint == new.mint => {
            found.extend(token_change(new.mint, old.amount, new.amount));
        }
        (old, new) => {
            found.extend(old.and_then(|old| token_change(old.mint, old.amount, 0)));
            found.extend(new.and_then(|new| token_change(new.mint, 0, new.amount)));
        }
    }
    if let (Some(before), Some(after)) = (supply(before), supply(after))
        && before != after
    {
        found.push(What::Supply(before, after));
    }
    if let (Some(before), Some(after)) = (before, after) {
        if before.owner != after.owner {
            found.push(What::Owner(before.owner, after.owner));
        }
        let is_known = !found.is_empty() || after.owner == ID;
        if before.data != after.data && !is_known {
            found.push(What::Data(before.data.len(), after.data.len()));
        }
    }
    let lamports = |account: Option<&Account>| account.map_or(0, |account| account.lamports);
    let (before, after) = (lamports(before), lamports(after));
    if before != after {
        found.push(What::Lamports(before, after));
    }
    let account = *key;
    found.into_iter().map(|what| Difference { account, what }).collect()
}

fn token_change(mint: Pubkey, before: u64, after: u64) -> Option<What> {
    (before != after).then_some(What::Tokens { mint, before, after })
}

/// A token account's mint and amount.
struct Balance {
    mint: Pubkey,
    amount: u64,
}

fn balance(account: Option<&Account>) -> Option<Balance> {
    let data = &account.filter(|account| is_token_programs(account))?.data;
    let is_account = data.len() == TOKEN_LEN || data.get(TYPE_AT) == Some(&2);
    let mint = data.first_chunk::<32>().filter(|_| is_account)?;
    Some(Balance {
        mint: Pubkey::new_from_array(*mint),
        amount: word(data, TOKEN_AMOUNT)?,
    })
}

fn supply(account: Option<&Account>) -> Option<u64> {
    let data = &account.filter(|account| is_token_programs(account))?.data;
    let is_mint = data.len() == MINT_LEN || data.get(TYPE_AT) == Some(&1);
    word(data, MINT_SUPPLY).filter(|_| is_mint)
}

fn is_token_programs(account: &Account) -> bool {
    account.owner == spl_token::ID || account.owner == spl_token_2022::ID
}

fn word(data: &[u8], at: usize) -> Option<u64> {
    data.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

impl Difference {
    /// One line.
    pub(super) fn text(&self) -> String {
        let account = self.account;
        match &self.what {
            What::Bulkhead(change) => change.to_string(),
            What::Lamports(before, after) => {
                format!(
                    "{account}: {} SOL -> {} SOL ({} SOL)",
                    sol(*before),
                    sol(*after),
                    gain(*before, *after)
                )
            }
            What::Tokens { mint, before, after } => {
                format!("{account}: {before} -> {after} of the smallest unit of {mint}")
            }
            What::Supply(before, after) => format!("{account}: supply {before} -> {after}"),
            What::Owner(before, after) => format!("{account}: owner {before} -> {after}"),
            What::Data(before, after) if before == after => format!("{account}: {after} bytes of data change"),
            What::Data(before, after) => format!("{account}: data changes, {before} -> {after} bytes"),
        }
    }

    pub(super) fn json(&self) -> Value {
        let pair = |before: &dyn ToString, after: &dyn ToString| json!({ "before": before.to_string(), "after": after.to_string() });
        let mut value = match &self.what {
            What::Bulkhead(change) => json!({
                "kind": format!("{:?}", change.kind),
                "event": change.event.to_string(),
                "matters": change.matters(),
                "details": change.details.iter().map(Named::from).collect::<Vec<_>>(),
            }),
            What::Lamports(before, after) => json!({ "lamports": pair(before, after) }),
            What::Tokens { mint, before, after } => {
                json!({ "mint": mint.to_string(), "tokens": pair(before, after) })
            }
            What::Supply(before, after) => json!({ "supply": pair(before, after) }),
            What::Owner(before, after) => json!({ "owner": pair(before, after) }),
            What::Data(before, after) => json!({ "data_bytes": pair(before, after) }),
        };
        value["account"] = self.account.to_string().into();
        value
    }
}

#[derive(Serialize)]
struct Named<'a> {
    field: &'a str,
    before: &'a str,
    after: &'a str,
}

impl<'a> From<&'a Detail> for Named<'a> {
    fn from(detail: &'a Detail) -> Self {
        Self {
            field: &detail.field,
            before: &detail.before,
            after: &detail.after,
        }
    }
}

/// Lamports as SOL, exactly.
pub(super) fn sol(lamports: u64) -> String {
    let text = format!("{}.{:09}", lamports / 1_000_000_000, lamports % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn gain(before: u64, after: u64) -> String {
    let sign = if after < before { "-" } else { "+" };
    format!("{sign}{}", sol(after.abs_diff(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn account(owner: Pubkey, lamports: u64, data: Vec<u8>) -> Account {
        Account {
            lamports,
            data,
            owner,
            executable: false,
            rent_epoch: 0,
        }
    }

    fn tokens(mint: u8, amount: u64) -> Account {
        let mut data = vec![0; TOKEN_LEN];
        data[..32].fill(mint);
        data[TOKEN_AMOUNT..TOKEN_AMOUNT + 8].copy_from_slice(&amount.to_le_bytes());
        account(spl_token::ID, 5, data)
    }

    fn lines(before: Option<&Account>, after: Option<&Account>) -> Vec<String> {
        of(&key(1), before, after).iter().map(Difference::text).collect()
    }

    #[test]
    fn an_account_that_stays_is_not_mentioned() {
        let same = tokens(2, 7);
        assert!(lines(Some(&same), Some(&same)).is_empty() && lines(None, None).is_empty());
    }

    #[test]
    fn lamports_are_exact() {
        let (before, after) = (
            account(key(3), 2_000_000_001, vec![]),
            account(key(3), 1_500_000_000, vec![]),
        );
        let line = format!("{}: 2.000000001 SOL -> 1.5 SOL (-0.500000001 SOL)", key(1));
        assert_eq!(lines(Some(&before), Some(&after)), [line]);
        let line = format!("{}: 0 SOL -> 1.5 SOL (+1.5 SOL)", key(1));
        assert_eq!(lines(None, Some(&after)), [line]);
    }

    #[test]
    fn tokens_move_by_mint() {
        let unit = |mint| format!("of the smallest unit of {}", key(mint));
        let line = format!("{}: 7 -> 3 {}", key(1), unit(2));
        assert_eq!(lines(Some(&tokens(2, 7)), Some(&tokens(2, 3))), [line]);
        // Another mint at the address: all of one is gone, and of the other there.
        let both = [
            format!("{}: 7 -> 0 {}", key(1), unit(2)),
            format!("{}: 0 -> 3 {}", key(1), unit(4)),
        ];
        assert_eq!(lines(Some(&tokens(2, 7)), Some(&tokens(4, 3))), both);
        // What looks like a token account but belongs to somebody else is none.
        let mut other = (tokens(2, 7), tokens(2, 3));
        (other.0.owner, other.1.owner) = (key(9), key(9));
        let line = format!("{}: 165 bytes of data change", key(1));
        assert_eq!(lines(Some(&other.0), Some(&other.1)), [line]);
    }

    #[test]
    fn a_new_owner_is_said() {
        let (before, after) = (account(key(3), 1, vec![]), account(key(4), 1, vec![1]));
        let line = format!("{}: owner {} -> {}", key(1), key(3), key(4));
        assert_eq!(lines(Some(&before), Some(&after)), [line]);
    }
}
