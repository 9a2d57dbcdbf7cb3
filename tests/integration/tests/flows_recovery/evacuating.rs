//! Two hundred vaults of four tokens: the process dies between any two transactions, and the host is hostile, replaced
//! and gone meanwhile. Each vault has one row, in which nothing is lost, and each token one sum.

use anchor_spl::token::spl_token;
use bulkhead::instructions::{OpenBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs};
use bulkhead_client::flows::{Quiet, Session, evacuate};
use bulkhead_interface::layout::Vault;
use solana_account::Account;

use super::*;

const TOKENS: u8 = 4;
const COMPARTMENTS: u8 = 50;
const HOUR: i64 = 3_600;

/// What a vault holds: each another amount.
fn held(token: u8, compartment: u8) -> u64 {
    1_000 * u64::from(token + 1) + u64::from(compartment)
}

/// A protocol in operation with a vault for each token and compartment, and one recovery account for each token.
fn many() -> (Machine, Protocol, Vec<(Pubkey, u64)>) {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let by = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let mut vaults = vec![(protocol.vault.vault, machine.balance(&protocol.custody()))];
    for token in 0..TOKENS {
        let mint = keypair(&format!("token {token}")).pubkey();
        machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
        let destination = keypair(&format!("recovery account {token}")).pubkey();
        machine.create_token_account(&destination, &mint, &protocol.domain, 0);
        for compartment in 0..COMPARTMENTS {
            let vault = pda::vault(&protocol.domain, &mint, compartment);
            let breaker = OpenBreakerArgs {
                compartment,
                mint,
                authority: vault,
                sub_windows: 12,
                trip_scope: compartment,
                window_seconds: HOUR,
                limit: 100_000,
                slot_limit: 60_000,
                latch_seconds: HOUR,
                shards: 1,
                ..OpenBreakerArgs::default()
            };
            let args = OpenVaultArgs {
                index: compartment,
                compartment,
                operator: protocol.operator.pubkey(),
                breaker: pda::outflow_breaker(&protocol.domain, compartment, &mint, 0),
                mint,
                queue_seconds: HOUR,
                ledger: 0,
            };
            let route = RegisterEvacuationRouteArgs { vault, destination };
            let steps = [
                ix::open_breaker(by, payer, breaker),
                ix::open_vault(by, payer, spl_token::ID, args),
                ix::register_evacuation_route(by, route),
            ];
            for step in steps {
                protocol.must(&mut machine, &[step], &[&protocol.setup_authority]);
            }
            machine.mint_to(&mint, &pda::custody(&vault), held(token, compartment));
            vaults.push((vault, held(token, compartment)));
        }
    }
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    (machine, protocol, vaults)
}

/// The host's program is another one, and then none. An evacuation asks neither.
fn spoil(machine: &mut Machine, protocol: &Protocol, run: usize) {
    let account = match run {
        50 => Account {
            lamports: 1_000_000_000,
            data: b"not the program that was registered".to_vec(),
            owner: keypair("thief").pubkey(),
            executable: false,
            rent_epoch: u64::MAX,
        },
        100 => Account::default(),
        _ => return,
    };
    machine.write_account(&protocol.host_program, account);
}

#[tokio::test]
async fn two_hundred_vaults_are_moved_by_a_process_that_is_killed_between_any_two() {
    let (mut machine, protocol, vaults) = many();
    let (domain, count) = (protocol.domain, vaults.len());
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let (mut landed, mut runs) = (0, 0);
    let whole = loop {
        spoil(&mut machine, &protocol, runs);
        // Dies after a transaction that it never hears of, or before the second one.
        let fault = [Fault::DiesAfter(0), Fault::DiesBefore(1)][runs % 2];
        let cluster = on(machine, fault);
        let session = Session {
            chain: &cluster,
            report: &Quiet,
            parallel: 1,
        };
        let result = evacuate(&session, domain).await;
        assert!(cluster.landed() <= 1, "{fault:?}");
        (landed, runs) = (landed + cluster.landed(), runs + 1);
        match result {
            Ok(evacuated) => break (evacuated, cluster),
            Err(error) => assert_eq!(error, FlowError::Chain(dead()), "{fault:?}"),
        }
        machine = cluster.fork();
    };
    assert_eq!(landed, count, "each vault once, in {runs} runs");
    assert!(runs >= count);
    let (evacuated, cluster) = whole;
    let machine = cluster.machine();

    assert!(evacuated.is_conserved());
    assert_eq!(evacuated.vaults.len(), count);
    for (vault, held) in &vaults {
        let row = evacuated.vaults.iter().find(|row| row.vault == *vault);
        let row = row.unwrap_or_else(|| panic!("{vault} has no row"));
        assert_eq!((row.before, row.moved, row.fee, row.after), (*held, *held, 0, 0));
        let state: Vault = machine.load(vault);
        assert_eq!((state.evacuation.moved, state.evacuations), (*held, 1), "moved once");
        assert_eq!(machine.balance(&state.custody), 0);
    }
    assert_eq!(evacuated.sums.len(), usize::from(TOKENS) + 1);
    let sum: u128 = evacuated.sums.iter().map(|sum| sum.moved).sum();
    assert_eq!(sum, vaults.iter().map(|(_, held)| u128::from(*held)).sum());
    let recovered: u128 = evacuated.sums.iter().map(|sum| sum.recovered).sum();
    assert_eq!(recovered, sum, "it is where it was brought");
}
