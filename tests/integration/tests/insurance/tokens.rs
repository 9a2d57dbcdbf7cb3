//! Tokens that charge fees, and tokens that somebody else can move.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022::ID as TOKEN_2022;
use bulkhead::error::BulkheadError as E;
use bulkhead_client::{
    instructions::{self as ix, InsuranceKeys},
    pda,
};
use bulkhead_interface::layout::{InsurancePool, Ledger};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    insurance::insurance_args,
    recovery::{LEDGER, forge},
    refused, token_2022, world_with,
};
use solana_signer::Signer;

/// `TransferFeeConfig` that nobody can change: this part of every transfer, in bps.
fn fee(bps: u16) -> Vec<u8> {
    let mut contents = vec![0; 32 + 32 + 8];
    for _ in 0..2 {
        contents.extend([0; 8]);
        contents.extend(u64::MAX.to_le_bytes());
        contents.extend(bps.to_le_bytes());
    }
    contents
}

/// A protocol in set-up whose ledger pays `mint`.
fn with_ledger_of(mint: impl FnOnce(&mut Machine) -> Pubkey) -> (Machine, Protocol, Pubkey) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let (mut machine, protocol) = world_with(&setup);
    let mint = mint(&mut machine);
    let key = pda::ledger(&protocol.domain, LEDGER);
    let ledger: Ledger = machine.load(&key);
    forge(&mut machine, &key, &Ledger { mint, ..ledger });
    (machine, protocol, mint)
}

fn open(machine: &Machine, protocol: &Protocol, mint: Pubkey) -> solana_instruction::Instruction {
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let args = insurance_args(protocol, 0);
    ix::open_insurance(authority, machine.payer.pubkey(), mint, TOKEN_2022, args)
}

#[test]
fn a_mint_that_somebody_else_can_move_is_refused() {
    for (kind, error) in [(12, E::UnsafeMintExtension), (14, E::UnsafeMintExtension)] {
        let contents = [7; 64];
        let len = if kind == 12 { 32 } else { 64 };
        let (mut machine, protocol, mint) =
            with_ledger_of(|machine| token_2022::mint(machine, "hostile", &[(kind, &contents[..len])]));
        let open = open(&machine, &protocol, mint);
        refused(machine.send(&[open], &[&protocol.setup_authority]), error);
    }
}

#[test]
fn what_arrives_counts_and_not_what_was_sent() {
    let (mut machine, protocol, mint) = with_ledger_of(|machine| token_2022::mint(machine, "taxed", &[(1, &fee(100))]));
    let instruction = open(&machine, &protocol, mint);
    protocol.must(&mut machine, &[instruction], &[&protocol.setup_authority]);
    let keys = InsuranceKeys {
        domain: protocol.domain,
        pool: pda::insurance_pool(&protocol.domain, LEDGER, 0),
        mint,
        token_program: TOKEN_2022,
    };
    let staker = keypair("staker");
    let withheld: &[token_2022::Extension] = &[(2, &[0; 8])];
    let key = keypair("staker's tokens").pubkey();
    let source = token_2022::account(&mut machine, key, &mint, &staker.pubkey(), 100_000, withheld);
    let detectors = [protocol.vault.breaker];
    let payer = machine.payer.pubkey();
    let stake = ix::stake(keys, staker.pubkey(), payer, source, &detectors, 10_000);
    let premium = ix::pay_premium(keys, staker.pubkey(), source, 1_000);
    protocol.must(&mut machine, &[stake, premium], &[&staker]);
    let pool: InsurancePool = machine.load(&keys.pool);
    assert_eq!((pool.assets, pool.premium), (9_900, 990));
    assert_eq!(machine.balance(&pda::insurance_tokens(&keys.pool)), 10_890);
}
