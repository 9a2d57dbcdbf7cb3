//! Vaults that have nothing, little, or many brothers are evacuated, and closed or opened again.

use super::*;

#[test]
fn a_vault_with_nothing_in_it_is_evacuated_and_its_queue_stands_still() {
    let (mut machine, protocol) = world_with(&Setup {
        funds: 0,
        ..Setup::default()
    });
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol
        .release(&mut machine, thief, 60_001, 1)
        .expect("a breach does not fail");
    let incident = confirmed(&mut machine, &protocol);
    machine.next_slot();
    let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    let state: Vault = machine.load(&protocol.vault.vault);
    assert_eq!((state.state, state.evacuations), (vault_state::EVACUATED, 1));
    assert_eq!((state.evacuation.incident, state.evacuation.moved), (incident, 0));
    refused(machine.send(&[crank], &[]), BulkheadError::NothingToMove);
    machine.next_slot();
    let resume = mature_resume(&mut machine, &protocol, incident);
    protocol.must(&mut machine, &[resume], &[]);
    // Deposits that come afterwards are not the thief's.
    machine.mint_to(&protocol.mint, &protocol.custody(), 500_000);
    machine.warp_seconds(100 * HOUR);
    let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, 1));
    refused(machine.send(&[settle], &[]), BulkheadError::VaultEvacuated);
    protocol
        .release(&mut machine, thief, 5, 2)
        .expect("the vault is in use again");
}

/// A stranger sends a unit and has it evacuated right before the unpause: before, with what was there, or for the first time.
#[test]
fn a_unit_of_dust_keeps_no_vault_closed_over_the_unpause() {
    for funds in [1_000_000, 0] {
        let (mut machine, protocol) = world_with(&Setup {
            funds,
            ..Setup::default()
        });
        let user = receiver(&mut machine, &protocol, "user");
        let incident = confirmed(&mut machine, &protocol);
        let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
        if funds > 0 {
            protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
        }
        machine.next_slot();
        let resume = mature_resume(&mut machine, &protocol, incident);
        machine.mint_to(&protocol.mint, &protocol.custody(), 1);
        protocol.must(&mut machine, &[crank, resume], &[]);
        assert_eq!(
            machine.load::<Vault>(&protocol.vault.vault).state,
            vault_state::EVACUATED
        );
        machine.mint_to(&protocol.mint, &protocol.custody(), 1_000);
        let outcome = protocol
            .release(&mut machine, user, 5, 2)
            .expect("the vault is open again");
        assert_eq!((outcome.return_data, machine.balance(&user)), (vec![0], 5));
        // Not even what was asked for in the very slot of the unpause stands still.
        protocol
            .release(&mut machine, user, 60_001, 3)
            .expect("a breach does not fail");
        machine.warp_seconds(100 * HOUR);
        let settle = ix::settle_release(protocol.vault, user, pda::release(&protocol.vault.vault, 3));
        protocol.must(&mut machine, &[settle], &[]);
    }
}

#[test]
fn the_seventeenth_vault_is_evacuated_like_the_first() {
    const VAULTS: u8 = 20;
    let (mut machine, protocol) = setting_up();
    let payer = machine.payer.pubkey();
    let vaults: Vec<_> = (1..=VAULTS)
        .map(|number| {
            let vault = pda::vault(&protocol.domain, &protocol.mint, number);
            let breaker = OpenBreakerArgs {
                compartment: number,
                mint: protocol.mint,
                authority: vault,
                sub_windows: 12,
                trip_scope: number,
                window_seconds: HOUR,
                limit: 100_000,
                slot_limit: 60_000,
                latch_seconds: HOUR,
                shards: 1,
                ..OpenBreakerArgs::default()
            };
            let keys = ix::VaultKeys {
                vault,
                breaker: pda::outflow_breaker(&protocol.domain, number, &protocol.mint, 0),
                ..protocol.vault
            };
            let args = OpenVaultArgs {
                index: number,
                compartment: number,
                operator: protocol.operator.pubkey(),
                breaker: keys.breaker,
                mint: protocol.mint,
                queue_seconds: HOUR,
                ledger: 0,
            };
            let recovery_account = keypair(&format!("recovery account {number}")).pubkey();
            machine.create_token_account(&recovery_account, &protocol.mint, &protocol.domain, 0);
            for step in [
                ix::open_breaker(setup_authority(&protocol), payer, breaker),
                ix::open_vault(setup_authority(&protocol), payer, spl_token::ID, args),
            ] {
                protocol.must(&mut machine, &[step], &[&protocol.setup_authority]);
            }
            register(&mut machine, &protocol, vault, recovery_account).expect("a sound route");
            machine.mint_to(&protocol.mint, &pda::custody(&vault), 1_000);
            (keys, recovery_account)
        })
        .collect();
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    let incident = confirmed(&mut machine, &protocol);
    for (keys, recovery_account) in vaults {
        protocol.must(&mut machine, &[ix::evacuate(keys, incident, recovery_account)], &[]);
        assert_eq!(machine.balance(&recovery_account), 1_000);
    }
    let timeline: Incident = machine.load(&incident);
    assert_eq!(timeline.evacuated, u64::from(VAULTS) * 1_000);
}

#[test]
fn a_resume_from_before_the_evacuation_was_confirmed_does_not_stop_it() {
    let (mut machine, protocol) = world();
    let incident = protocol.freeze(&mut machine);
    let early = mature_resume(&mut machine, &protocol, incident);
    confirm(&mut machine, &protocol, incident);
    machine.next_slot();
    refused(machine.send(&[early], &[]), BulkheadError::TightenedSince);
    protocol.must(
        &mut machine,
        &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
        &[],
    );
    let late = mature_resume(&mut machine, &protocol, incident);
    protocol.must(&mut machine, &[late], &[]);
}
