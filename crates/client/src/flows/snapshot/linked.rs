//! What the positions of a linked ledger refer to, as a node has it now.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::snapshots::layout::{
    Factors, LayoutError, Seen, accepts,
    linked::{Records, factor_fields, has_records, holder, read_linked, record_key},
};
use bulkhead_interface::layout::Ledger;
use solana_account::Account;

use super::{Leaf, Listed, Position};
use crate::{
    chain::Filter,
    flows::{FlowError, Session, refusal::refused},
};

/// Offset of a token account's amount.
const AMOUNT: usize = 64;

/// The factors of a ledger, as they are now.
///
/// # Errors
/// [`FlowError`]
pub(in crate::flows) async fn live_factors(session: &Session<'_>, ledger: &Ledger) -> Result<Factors, FlowError> {
    let keys: Vec<_> = factor_fields(ledger).map(|(account, _)| *account).collect();
    if keys.is_empty() {
        return Ok(Factors::default());
    }
    let accounts = session.chain.accounts(&keys).await?;
    let accounts: Vec<_> = accounts.into_iter().map(Option::unwrap_or_default).collect();
    let seen = keys.iter().zip(&accounts).map(|(key, account)| seen(key, account));
    Factors::read(ledger, seen).map_err(|error| {
        refused(
            error.into(),
            "The host's account has changed since the ledger was registered: its council has to register another one.",
        )
    })
}

/// The factors that a snapshot was opened with.
///
/// # Errors
/// [`FlowError`]
pub(super) async fn frozen_factors(
    session: &Session<'_>,
    ledger: &Ledger,
    snapshot: &Pubkey,
) -> Result<Factors, FlowError> {
    if factor_fields(ledger).next().is_none() {
        return Ok(Factors::default());
    }
    let account = session.chain.account(snapshot).await?.unwrap_or_default();
    Factors::frozen(ledger, &account.data).map_err(|error| refused(error.into(), "Run this again."))
}

const fn seen<'a>(key: &'a Pubkey, account: &'a Account) -> Seen<'a> {
    Seen {
        key,
        program: &account.owner,
        data: account.data.as_slice(),
    }
}

/// The positions among accounts. Where a token owns a position, `owner` is that token until [`find_holders`].
pub(super) fn list_linked(ledger: &Ledger, factors: &Factors, accounts: Vec<(Pubkey, Account)>) -> Listed {
    let mut listed = Listed::default();
    for (account, found) in accounts {
        if found.owner != ledger.program || !accepts(ledger, &found.data) {
            continue;
        }
        let (positions, error) = of_account(ledger, factors, account, &found.data);
        // An account of which one position cannot be read is left out: the program would stop there.
        match error {
            None => listed.positions.extend(positions),
            Some(error) => listed.unreadable.push((account, error)),
        }
    }
    listed
}

fn of_account(
    ledger: &Ledger,
    factors: &Factors,
    account: Pubkey,
    data: &[u8],
) -> (Vec<Position>, Option<LayoutError>) {
    let position = |key, read: bulkhead_core::snapshots::layout::Position<'_>| Position {
        leaf: Leaf {
            key,
            owner: Pubkey::new_from_array(*read.owner),
            amount: read.amount,
        },
        host_amount: read.host_amount,
        account,
        token: None,
    };
    if !has_records(ledger) {
        return match read_linked(ledger, factors, data) {
            Ok(read) => (vec![position(account, read)], None),
            Err(error) => (vec![], Some(error)),
        };
    }
    let mut positions = Vec::new();
    let records = match Records::new(ledger, factors, data, 0) {
        Ok(records) => records,
        Err(error) => return (positions, Some(error)),
    };
    for record in records {
        match record {
            Ok((number, read)) => {
                let key = Pubkey::new_from_array(record_key(account.as_array(), number));
                positions.push(position(key, read));
            }
            Err(error) => return (positions, Some(error)),
        }
    }
    (positions, None)
}

/// Finds who holds the token of each position, and puts positions of which that is not known among the unreadable.
pub(super) async fn find_holders(session: &Session<'_>, listed: &mut Listed) -> Result<(), FlowError> {
    let mut found = Vec::with_capacity(listed.positions.len());
    for mut position in std::mem::take(&mut listed.positions) {
        let token = position.leaf.owner;
        let mint = session.chain.account(&token).await?.unwrap_or_default();
        let filters = [
            Filter::Bytes {
                offset: 0,
                bytes: token.to_bytes().to_vec(),
            },
            Filter::Bytes {
                offset: AMOUNT,
                bytes: 1u64.to_le_bytes().to_vec(),
            },
        ];
        // What nobody holds has no account, and the program looks at none.
        let is_token = mint.owner != Pubkey::default();
        let holders = if is_token {
            session.chain.owned(&mint.owner, &filters).await?
        } else {
            vec![]
        };
        let (key, account) = holders.into_iter().next().unwrap_or((token, mint.clone()));
        match holder(token.as_array(), seen(&token, &mint), seen(&key, &account)) {
            Ok(owner) => {
                position.leaf.owner = Pubkey::new_from_array(owner);
                position.token = Some([token, key]);
                found.push(position);
            }
            Err(error) => listed.unreadable.push((position.account, error)),
        }
    }
    listed.positions = found;
    Ok(())
}
