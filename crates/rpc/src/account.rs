//! Accounts as nodes write them.

use serde_json::Value;
use solana_account::Account;
use solana_account_decoder_client_types::UiAccount;

/// Parses an account as JSON-RPC and `solana account --output json` write it.
#[must_use]
pub fn parse_account(value: &Value) -> Option<Account> {
    let account: UiAccount = serde_json::from_value(value.clone()).ok()?;
    account.to_account()
}

/// An account after a simulation. One without lamports does not exist.
pub(crate) fn simulated(account: Option<&UiAccount>) -> Option<Account> {
    let account = account?.to_account()?;
    (account.lamports > 0).then_some(account)
}
