//! An embedded machine that runs the built programs, and a protocol set up on it. Drills, tests and measurements share
//! it, so all of them exercise the same bytes.
#![deny(missing_docs)]

mod chain;
mod council;
mod exchange;
mod expect;
mod journal;
mod keys;
mod machine;
mod market;
mod protocol;
mod stake;
mod tokens;

pub use {
    chain::OnMachine,
    council::{DELAY_SECONDS, FALLBACK_SECONDS, HEARTBEAT_SECONDS, VOTE_SECONDS, council_config, fallback},
    exchange::{Exchange, ExchangeSetup, Plan},
    expect::{must, refused},
    journal::{Entry, sign},
    keys::keypair,
    machine::{Failure, Machine, MachineError, Outcome, Refusal, Spent, deploy_dir},
    market::{BASE_LEDGER, LP_LEDGER, MARGIN_LEDGER, Market, QUOTE_LEDGER},
    protocol::{POSITION_DISCRIMINATOR, POSITION_LEN, Protocol, Setup},
    stake::{STAKE_PROGRAM, STAKER_OFFSET, StakeAuthority, WITHDRAWER_OFFSET, authorize, withdraw_stake},
    tokens::associated_token,
};
