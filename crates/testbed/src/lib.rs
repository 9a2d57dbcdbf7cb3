//! An embedded machine that runs the built programs, and a protocol set up on it. Drills, tests
//! and measurements share it, so that all of them exercise the same bytes.
#![deny(missing_docs)]

mod exchange;
mod journal;
mod keys;
mod machine;
mod market;
mod protocol;
mod stake;
mod tokens;

pub use {
    exchange::{Exchange, ExchangeSetup},
    journal::{Entry, sign},
    keys::keypair,
    machine::{Failure, Machine, MachineError, Outcome, Spent, deploy_dir},
    market::{BASE_LEDGER, LP_LEDGER, MARGIN_LEDGER, Market, QUOTE_LEDGER},
    protocol::{
        DELAY_SECONDS, FALLBACK_SECONDS, HEARTBEAT_SECONDS, POSITION_DISCRIMINATOR, POSITION_LEN, Protocol, Setup,
        VOTE_SECONDS, council_config, fallback,
    },
    stake::{STAKE_PROGRAM, STAKER_OFFSET, StakeAuthority, WITHDRAWER_OFFSET, authorize, withdraw_stake},
    tokens::associated_token,
};
