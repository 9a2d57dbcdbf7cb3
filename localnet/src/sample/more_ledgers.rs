//! Further ledgers beside the margin accounts', to measure what many positions in several ledgers take: each is an
//! exchange of its own by its layout, whose accounts are written and not deposited. What is claimed of them is paid by a
//! treasury.

use anchor_lang::{Discriminator, prelude::Pubkey};
use bulkhead::instructions::{ByteFilterConfig, RegisterLedgerArgs};
use bulkhead_client::{chain::ChainError, instructions as ix};
use bulkhead_testbed::associated_token;
use example_exchange::{
    seeds::SEED_MARGIN,
    state::{MARGIN_EXCHANGE_OFFSET, MarginAccount},
};
use solana_account::Account;
use solana_signer::Signer;

use super::{
    LEDGER,
    cast::{Cast, deposit, total},
    positions, tokens,
};
use crate::{error::LocalnetError, node::Node, rpc::Rpc};

/// Owners of each ledger have numbers of their own, from a multiple of this on.
const OWNERS: u32 = 1_000_000;
/// Accounts that are written at once.
const AT_ONCE: usize = 1_000;

/// The account that stands for the exchange of a further ledger.
fn twin(cast: &Cast, index: u8) -> Pubkey {
    cast.keys.key(&format!("ledger-{index}")).pubkey()
}

/// Writes the exchange of a further ledger, with the sum of the positions it will have, and registers the ledger.
pub(super) async fn register(
    node: &Node,
    rpc: &Rpc,
    cast: &Cast,
    index: u8,
    positions: u32,
) -> Result<(), LocalnetError> {
    let key = twin(cast, index);
    let set_up = |source: ChainError| LocalnetError::SetUp {
        step: format!("register ledger {index}"),
        source,
    };
    // The exchange was initialized before; without it the registration is refused.
    let own = rpc
        .account(&cast.exchange.key)
        .await
        .map_err(set_up)?
        .unwrap_or_default();
    node.create_accounts(vec![(key, own)])?;
    node.change_accounts(vec![(key, positions::set_total(total(positions)))])?;
    let own = cast.exchange.ledger_args();
    let is_of = |filter: &ByteFilterConfig| usize::try_from(filter.offset) == Ok(MARGIN_EXCHANGE_OFFSET);
    let filters = own.filters.into_iter().map(|filter| match is_of(&filter) {
        true => ByteFilterConfig {
            bytes: key.to_bytes().to_vec(),
            ..filter
        },
        false => filter,
    });
    let args = RegisterLedgerArgs {
        index,
        filters: filters.collect(),
        total: bulkhead::instructions::TotalConfig {
            account: key,
            ..own.total
        },
        ..own
    };
    let plan = cast.plan();
    let others: Vec<u8> = (LEDGER..index).collect();
    let register = ix::register_ledger(plan.authority(), rpc.payer.pubkey(), args, &others);
    rpc.send(&[register], &[&cast.plan_authority()]).await.map_err(set_up)?;
    Ok(())
}

/// Gives the payer the tokens that claims of the further ledgers are paid with.
pub(super) async fn fund_treasury(rpc: &Rpc, cast: &Cast, ledgers: u8, positions: u32) -> Result<(), ChainError> {
    let (payer, mint, issuer) = (rpc.payer.pubkey(), cast.exchange.mint, cast.issuer());
    let amount = total(positions).saturating_mul(ledgers.into());
    let steps = [
        tokens::create_associated(&payer, &payer, &mint),
        tokens::mint_to(&mint, &associated_token(&payer, &mint), &issuer.pubkey(), amount)?,
    ];
    rpc.send(&steps, &[&issuer]).await.map(|_| ())
}

/// Writes the positions of a further ledger.
pub(super) async fn write(
    node: &Node,
    rpc: &Rpc,
    cast: &Cast,
    index: u8,
    positions: u32,
    progress: &impl Fn(u64, u64),
) -> Result<(), LocalnetError> {
    let exchange = twin(cast, index);
    let rent = rpc
        .rent(MarginAccount::DISCRIMINATOR.len() + size_of::<MarginAccount>())
        .await?;
    let numbers: Vec<u32> = (0..positions).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let accounts = numbers.iter().map(|number| {
            let owner = cast.owner(u32::from(index) * OWNERS + number).pubkey();
            let seeds: [&[u8]; 3] = [SEED_MARGIN, exchange.as_ref(), owner.as_ref()];
            let (key, bump) = Pubkey::find_program_address(&seeds, &example_exchange::ID);
            let account: Account = positions::margin_account(exchange, owner, bump, deposit(*number), rent);
            (key, account)
        });
        node.create_accounts(accounts.collect())?;
        let done = u64::from(numbers.last().map_or(0, |last| last + 1));
        progress(done - numbers.len() as u64, done);
    }
    Ok(())
}
