//! 7010: ledgers whose positions refer to other accounts.

use bulkhead::{
    error::BulkheadError as E,
    instructions::{AmountConfig, ByteFilterConfig, FactorConfig, LinkConfig, RegisterLedgerArgs},
};
use bulkhead_interface::{Pubkey, constants::link_flag};
use bulkhead_testbed::keypair;
use solana_account::Account;
use solana_signer::Signer;

use crate::{
    Case,
    snapshots::{Frozen, SHARD, position, register},
};

const ORCA: Pubkey = anchor_lang::pubkey!("whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc");

pub const CASES: &[Case] = &[
    (E::OwnerIsToken, || register(|args| whirlpool(args, 112, 8, None))),
    (E::ExportNeeded, || {
        register(|args| whirlpool(args, 72, 16, Some(owner_is_token())))
    }),
    (E::FactorUnreadable, || {
        register(|args| RegisterLedgerArgs {
            link: Some(LinkConfig {
                flags: 0,
                program: args.total.program,
                factors: vec![FactorConfig {
                    account: args.total.account,
                    // Beyond its end.
                    offset: 1_000_000,
                    width: 8,
                    flags: 0,
                }],
            }),
            ..args
        })
    }),
    (E::LinkedAccountMissing, || {
        let mut frozen = frozen()?;
        frozen.send(frozen.ingest(SHARD, &[position(0)]))
    }),
    (E::NotASingleToken, || {
        // The owner that the positions name is the domain, which is no mint.
        let mut frozen = frozen()?;
        let domain = frozen.protocol.domain;
        frozen.send(frozen.ingest(SHARD, &[position(0), domain, domain]))
    }),
    (E::NotTheHolder, || {
        let mut frozen = frozen()?;
        let token = keypair("position token").pubkey();
        let mut data = vec![0; 82];
        data[36] = 1;
        data[45] = 1;
        let mint = Account {
            lamports: 1_000_000_000,
            data,
            owner: anchor_spl::token::ID,
            ..Account::default()
        };
        frozen.machine.write_account(&token, mint);
        let Frozen { machine, protocol, .. } = &mut frozen;
        protocol.write_position(machine, &position(0), &token, 50);
        frozen.send(frozen.ingest(SHARD, &[position(0), token, token]))
    }),
];

fn owner_is_token() -> LinkConfig {
    LinkConfig {
        flags: link_flag::OWNER_IS_TOKEN,
        program: Pubkey::new_from_array([0; 32]),
        factors: vec![],
    }
}

/// Frozen, with positions that a token owns and an open shard.
fn frozen() -> Result<Frozen, bulkhead_testbed::Failure> {
    let mut frozen = Frozen::reading(|args| RegisterLedgerArgs {
        link: Some(owner_is_token()),
        ..args
    });
    frozen.send(frozen.open_shard(SHARD))?;
    Ok(frozen)
}

/// A position of a host that is known to name a token as its owner.
fn whirlpool(args: RegisterLedgerArgs, offset: u32, width: u8, link: Option<LinkConfig>) -> RegisterLedgerArgs {
    RegisterLedgerArgs {
        program: ORCA,
        data_len: 216,
        filters: vec![ByteFilterConfig {
            offset: 0,
            bytes: vec![170, 188, 143, 228, 122, 64, 247, 208],
        }],
        owner_offset: 40,
        amounts: vec![AmountConfig {
            offset,
            width,
            flags: 0,
        }],
        link,
        ..args
    }
}
