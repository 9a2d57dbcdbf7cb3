//! Hosts that are known to name a token where a layout says owner.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{ByteFilterConfig, RegisterLedgerArgs},
};
use bulkhead_client::pda;
use bulkhead_interface::constants::link_flag;
use bulkhead_testbed::keypair;
use bulkhead_tests::{
    frozen::{Frozen, NUMBER},
    refused,
};
use solana_signer::Signer;

use crate::link;

/// A host, the name of its positions, their length, where they name their token, an amount of fees owed, and where there
/// is a number that is no amount.
struct Host {
    program: Pubkey,
    name: [u8; 8],
    len: u32,
    token: u32,
    fees: (u32, u8),
    unpriced: (u32, u8),
}

const POSITION: [u8; 8] = [170, 188, 143, 228, 122, 64, 247, 208];

/// As these hosts publish their accounts.
const HOSTS: [Host; 3] = [
    // Orca Whirlpools.
    Host {
        program: anchor_lang::pubkey!("whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc"),
        name: POSITION,
        len: 216,
        token: 40,
        fees: (112, 8),
        unpriced: (72, 16),
    },
    // Raydium CLMM.
    Host {
        program: anchor_lang::pubkey!("CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK"),
        name: [70, 111, 150, 126, 230, 15, 25, 117],
        len: 281,
        token: 9,
        fees: (129, 8),
        unpriced: (81, 16),
    },
    // Meteora DAMM v2.
    Host {
        program: anchor_lang::pubkey!("cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG"),
        name: POSITION,
        len: 408,
        token: 40,
        fees: (136, 8),
        unpriced: (152, 16),
    },
];

fn layout(frozen: &Frozen, host: &Host, (offset, width): (u32, u8)) -> RegisterLedgerArgs {
    RegisterLedgerArgs {
        program: host.program,
        data_len: host.len,
        filters: vec![ByteFilterConfig {
            offset: 0,
            bytes: host.name.to_vec(),
        }],
        owner_offset: host.token,
        amounts: vec![bulkhead::instructions::AmountConfig {
            offset,
            width,
            flags: 0,
        }],
        ..frozen.protocol.ledger_args(NUMBER)
    }
}

/// Registered so, claims would go to a mint that nobody signs for, or be of a number that is no amount.
#[test]
fn a_known_hosts_token_is_refused_as_an_owner_and_its_liquidity_as_an_amount() {
    let mut frozen = Frozen::in_set_up();
    for host in &HOSTS {
        let plain = layout(&frozen, host, host.fees);
        refused(frozen.register(plain.clone()), BulkheadError::OwnerIsToken);
        // The same bytes by other words: a filter on a part of the name, any longer account, an owner that begins in it.
        let spellings = [
            RegisterLedgerArgs {
                filters: vec![ByteFilterConfig {
                    offset: 2,
                    bytes: host.name[2..5].to_vec(),
                }],
                ..plain.clone()
            },
            RegisterLedgerArgs {
                length_rule: bulkhead_interface::constants::length_rule::AT_LEAST,
                ..plain.clone()
            },
            RegisterLedgerArgs {
                filters: vec![],
                ..plain.clone()
            },
            RegisterLedgerArgs {
                owner_offset: host.token + 31,
                ..plain.clone()
            },
            RegisterLedgerArgs {
                owner_offset: host.token - 1,
                ..plain.clone()
            },
            // Linked, but not by the token.
            RegisterLedgerArgs {
                link: Some(link(
                    0,
                    frozen.protocol.host_program,
                    &[(frozen.protocol.total_account, 0, 8, 0)],
                )),
                ..plain.clone()
            },
        ];
        for spelling in spellings {
            refused(frozen.register(spelling), BulkheadError::OwnerIsToken);
        }
        let linked = Some(link(link_flag::OWNER_IS_TOKEN, Pubkey::default(), &[]));
        let liquidity = RegisterLedgerArgs {
            link: linked.clone(),
            ..layout(&frozen, host, host.unpriced)
        };
        refused(frozen.register(liquidity), BulkheadError::ExportNeeded);
        let ledger = pda::ledger(&frozen.protocol.domain, NUMBER);
        assert!(frozen.machine.account(&ledger).is_none());
        // What is owed to the token's holder can be read.
        let mut other = frozen.machine.fork();
        std::mem::swap(&mut frozen.machine, &mut other);
        let owed = RegisterLedgerArgs { link: linked, ..plain };
        frozen.register(owed).expect("its holder's fees");
        frozen.machine = other;
    }
}

/// Meteora DLMM names an owner, and its shares of bins are no amount of anything.
#[test]
fn shares_of_bins_need_an_export() {
    let mut frozen = Frozen::in_set_up();
    let host = Host {
        program: anchor_lang::pubkey!("LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo"),
        name: [117, 176, 212, 199, 245, 180, 133, 182],
        len: 8_120,
        token: 40,
        fees: (0, 0),
        unpriced: (72, 16),
    };
    for offset in [72, 88, 72 + 16 * 69] {
        let args = layout(&frozen, &host, (offset, 16));
        refused(frozen.register(args), BulkheadError::ExportNeeded);
    }
    let elsewhere = RegisterLedgerArgs {
        program: keypair("another program").pubkey(),
        ..layout(&frozen, &host, (72, 16))
    };
    frozen.register(elsewhere).expect("another host's");
}
