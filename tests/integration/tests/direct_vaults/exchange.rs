//! The example exchange, which keeps its deposits itself, metered. Its `emergency_withdraw` obeys nobody but the domain.

use anchor_lang::{InstructionData, ToAccountMetas, solana_program::system_program};
use bulkhead::instructions::OpenBreakerArgs;
use bulkhead_interface::constants::SCOPE_DOMAIN;
use bulkhead_testbed::Setup;
use bulkhead_tests::world_with;
use example_exchange::{
    accounts, constants::custody_mode, error::ExchangeError, instruction, instructions::InitializeArgs,
    pda as exchange_pda,
};

use super::*;

/// What margin accounts have deposited.
const DEPOSITS: u64 = 300_000;

/// A metered exchange of a domain in set-up: the exchange, and its two token accounts.
fn exchange(machine: &mut Machine, protocol: &Protocol) -> (Pubkey, [Pubkey; 2]) {
    let path = deploy_dir().join("example_exchange.so");
    let added = machine.svm.add_program_from_file(example_exchange::ID, path);
    added.expect("run `make build` first");
    let creator = keypair("creator");
    machine.fund(&creator.pubkey(), 1_000_000_000_000);
    let key = exchange_pda::exchange(&creator.pubkey());
    let payer = machine.payer.pubkey();
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let mut tokens = [Pubkey::default(); 2];
    let mut breakers = tokens;
    for (compartment, name) in [(3, "margin tokens"), (4, "pool tokens")] {
        let place = usize::from(compartment) - 3;
        let args = OpenBreakerArgs {
            compartment,
            mint: protocol.mint,
            authority: key,
            sub_windows: 12,
            trip_scope: SCOPE_DOMAIN,
            window_seconds: 3_600,
            limit: 100_000,
            slot_limit: 60_000,
            latch_seconds: 3_600,
            shards: 1,
            ..OpenBreakerArgs::default()
        };
        protocol.must(
            machine,
            &[ix::open_breaker(authority, payer, args)],
            &[&protocol.setup_authority],
        );
        breakers[place] = pda::outflow_breaker(&protocol.domain, compartment, &protocol.mint, 0);
        tokens[place] = keypair(name).pubkey();
        machine.create_token_account(&tokens[place], &protocol.mint, &key, DEPOSITS);
    }
    let initialize = Instruction {
        program_id: example_exchange::ID,
        accounts: accounts::Initialize {
            creator: creator.pubkey(),
            exchange: key,
            quote_mint: protocol.mint,
            lp_mint: exchange_pda::lp_mint(&key),
            margin_tokens: tokens[0],
            lp_tokens: tokens[1],
            margin_vault: None,
            lp_vault: None,
            margin_breaker: Some(breakers[0]),
            lp_breaker: Some(breakers[1]),
            token_program: TOKEN_PROGRAM,
            system_program: system_program::ID,
        }
        .to_account_metas(None),
        data: instruction::Initialize {
            args: InitializeArgs {
                custody_mode: custody_mode::METERED,
                withdraw_limit: u64::MAX,
                vulnerable_redemption: false,
            },
        }
        .data(),
    };
    protocol.must(machine, &[initialize], &[&creator]);
    (key, tokens)
}

fn emergency_withdraw(domain: Pubkey, exchange: Pubkey, tokens: Pubkey, to: Pubkey, mint: Pubkey) -> Instruction {
    Instruction {
        program_id: example_exchange::ID,
        accounts: accounts::EmergencyWithdraw {
            domain,
            exchange,
            tokens,
            destination: to,
            mint,
            token_program: TOKEN_PROGRAM,
        }
        .to_account_metas(None),
        data: instruction::EmergencyWithdraw {}.data(),
    }
}

#[test]
fn the_exchange_hands_its_deposits_to_nobody_but_a_confirmed_evacuation() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let (key, tokens) = exchange(&mut machine, &protocol);
    let (domain, mint, route) = (protocol.domain, protocol.mint, protocol.recovery_account);
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let stored = tokens.map(|tokens| ix::stored(&emergency_withdraw(domain, key, tokens, route, mint)));
    for (source, stored) in tokens.into_iter().zip(&stored) {
        let args = RegisterDirectVaultArgs {
            source,
            route,
            ledger: 0,
            least_bps: 10_000,
            instruction: stored.clone(),
        };
        let register = ix::register_direct_vault(authority, payer, mint, args);
        protocol.must(&mut machine, &[register], &[&protocol.setup_authority]);
    }
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);

    // A thief signs, also with the admin's key.
    let creator = keypair("creator");
    let thief = machine.create_associated(&mint, &keypair("thief").pubkey(), 0);
    let steal = emergency_withdraw(creator.pubkey(), key, tokens[0], thief, mint);
    let stolen = machine.send(&[steal], &[&creator]);
    bulkhead_testbed::refused(stolen, ExchangeError::NotTheDomain);

    let incident = protocol.freeze(&mut machine);
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let before = machine.balance(&route);
    for (source, stored) in tokens.into_iter().zip(&stored) {
        let evacuate = ix::evacuate_direct(domain, incident, (source, mint), stored);
        let outcome = protocol.must(&mut machine, &[evacuate], &[]);
        println!("evacuate_direct of the example exchange: {} CU", outcome.compute_units);
        assert_eq!(machine.balance(&source), 0);
    }
    assert_eq!(machine.balance(&route), before + 2 * DEPOSITS);
}

/// Nobody signs for an exchange without Bulkhead.
#[test]
fn tokens_in_custody_are_not_the_exchanges_to_hand_out() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let (key, tokens) = exchange(&mut machine, &protocol);
    let (domain, mint) = (protocol.domain, protocol.mint);
    let other = keypair("not a pool").pubkey();
    machine.create_token_account(&other, &mint, &key, 1_000);
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    let stored = ix::stored(&emergency_withdraw(domain, key, other, protocol.recovery_account, mint));
    let authority = protocol.mature(&mut machine, &stored);
    let taken = machine.send(&[ix::run_instruction(authority, &stored)], &[]);
    bulkhead_testbed::refused(taken, ExchangeError::TokensNotOurs);
    assert_eq!(machine.balance(&tokens[0]), DEPOSITS);
}
