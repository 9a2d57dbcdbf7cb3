//! What positions refer to, among the accounts of one dump.

use std::collections::{BTreeMap, HashMap};

use bulkhead_core::{
    snapshots::layout::{
        Factors, LayoutError, Seen, accepts,
        linked::{Records, factor_fields, has_records, holder, owner_is_token, read_linked, record_key},
    },
    token,
};
use bulkhead_interface::{Pubkey, ids, layout::Ledger};

use crate::Position;

/// The accounts of a dump by address: owner program and data.
#[derive(Default)]
pub(crate) struct World {
    accounts: BTreeMap<Pubkey, (Pubkey, Vec<u8>)>,
    /// By token: an account that holds exactly one of it.
    holders: HashMap<[u8; 32], Pubkey>,
}

/// A position, and its amount before scale and factors.
pub(crate) struct Found {
    pub(crate) position: Position,
    pub(crate) host_amount: u128,
}

impl World {
    /// False if the account is there already.
    pub(crate) fn add(&mut self, key: Pubkey, program: Pubkey, data: Vec<u8>) -> bool {
        let is_token_program = program == ids::TOKEN || program == ids::TOKEN_2022;
        if is_token_program
            && token::is_initialized(&data)
            && token::amount(&data) == Some(1)
            && let Some(mint) = token::mint(&data)
        {
            self.holders.insert(mint, key);
        }
        self.accounts.insert(key, (program, data)).is_none()
    }

    pub(crate) fn seen<'a>(&'a self, key: &'a Pubkey) -> Option<Seen<'a>> {
        let (program, data) = self.accounts.get(key)?;
        Some(Seen { key, program, data })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Pubkey> {
        self.accounts.keys()
    }

    /// The factors, as the dump has them.
    pub(crate) fn factors(&self, ledger: &Ledger) -> Result<Factors, String> {
        let mut seen = Vec::new();
        for (account, _) in factor_fields(ledger) {
            let missing = || format!("{account}, the account of a factor, is not in this file: add it");
            seen.push(self.seen(account).ok_or_else(missing)?);
        }
        Factors::read(ledger, seen).map_err(|error| format!("the factors: {error:?}"))
    }

    /// The positions of an account of a linked ledger; none if it is no position.
    pub(crate) fn read(&self, ledger: &Ledger, factors: &Factors, key: Pubkey) -> Result<Vec<Found>, String> {
        let Some(account) = self.seen(&key) else {
            return Ok(vec![]);
        };
        if *account.program != ledger.program || !accepts(ledger, account.data) {
            return Ok(vec![]);
        }
        let why = |error: LayoutError| format!("{key}: {error:?}");
        let found = |key: Pubkey, owner: [u8; 32], amount, host_amount| Found {
            position: Position {
                key,
                owner: Pubkey::new_from_array(owner),
                amount,
            },
            host_amount,
        };
        if has_records(ledger) {
            let records = Records::new(ledger, factors, account.data, 0).map_err(why)?;
            return records
                .map(|record| {
                    let (number, read) = record.map_err(why)?;
                    let key = Pubkey::new_from_array(record_key(key.as_array(), number));
                    Ok(found(key, *read.owner, read.amount, read.host_amount))
                })
                .collect();
        }
        let read = read_linked(ledger, factors, account.data).map_err(why)?;
        let owner = if owner_is_token(ledger) {
            self.holder(read.owner).map_err(|reason| format!("{key}: {reason}"))?
        } else {
            *read.owner
        };
        Ok(vec![found(key, owner, read.amount, read.host_amount)])
    }

    /// Who holds a token. A file that lacks its mint says nothing of it.
    fn holder(&self, token: &[u8; 32]) -> Result<[u8; 32], String> {
        let key = Pubkey::new_from_array(*token);
        let missing = || format!("its token {key} is not in this file: add the mint and its holder's token account");
        let mint = self.seen(&key).ok_or_else(missing)?;
        let held = self.holders.get(token).and_then(|holder| self.seen(holder));
        holder(token, mint, held.unwrap_or(mint)).map_err(|error| format!("its token {key}: {error:?}"))
    }
}
