//! Which accounts are no routes.

use super::*;

#[test]
fn an_account_that_somebody_besides_its_holder_has_a_say_over_is_no_route() {
    let (mut machine, protocol) = setting_up();
    let (vault, thief) = (protocol.vault.vault, keypair("thief").pubkey());
    for (at, bytes) in [
        (CLOSE_AUTHORITY, some(&thief)),
        (DELEGATE, some(&thief)),
        (STATE, vec![2]),
    ] {
        let key = keypair("recovery account").pubkey();
        machine.create_token_account(&key, &protocol.mint, &protocol.domain, 0);
        poke(&mut machine, &key, at, &bytes);
        refused(
            register(&mut machine, &protocol, vault, key),
            BulkheadError::UnfitEvacuationRoute,
        );
    }
    assert_eq!(machine.load::<Vault>(&vault).route, protocol.recovery_account);
}

#[test]
fn an_account_that_wants_a_memo_or_has_unknown_extensions_is_no_route() {
    let (mut machine, protocol) = setting_up();
    let mint = token_2022::mint(&mut machine, "a mint of Token-2022", &[]);
    let vault = token_2022::vault(&mut machine, &protocol, mint, anchor_spl::token_2022::ID).vault;
    let key = keypair("recovery account").pubkey();
    for extension in [WANTS_MEMO, (11, &[1]), (15, &[0]), (200, &[0])] {
        token_2022::account(&mut machine, key, &mint, &protocol.domain, 0, &[extension]);
        refused(
            register(&mut machine, &protocol, vault, key),
            BulkheadError::UnfitEvacuationRoute,
        );
    }
    token_2022::account(
        &mut machine,
        key,
        &mint,
        &protocol.domain,
        0,
        &[IMMUTABLE_OWNER, (8, &[0])],
    );
    register(&mut machine, &protocol, vault, key).expect("a sound one");
    assert_eq!(machine.load::<Vault>(&vault).route_holder, protocol.domain);
}

#[test]
fn bulkheads_own_accounts_are_no_routes() {
    let (mut machine, protocol) = setting_up();
    // A vault of the votes' mint, and another domain with a vault of the same mint.
    let votes_vault = token_2022::vault(&mut machine, &protocol, protocol.governance_mint, spl_token::ID).vault;
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    poke(&mut machine, &other.custody(), 0, protocol.mint.as_ref());
    let restoration = keypair("a restoration").pubkey();
    let pool = pda::pool(&restoration);
    machine.create_token_account(&pool, &protocol.mint, &restoration, 0);
    let stray = keypair("a stray account of the vault's").pubkey();
    machine.create_token_account(&stray, &protocol.mint, &protocol.vault.vault, 0);
    for (vault, own) in [
        (votes_vault, pda::votes(&protocol.domain)),
        (protocol.vault.vault, protocol.custody()),
        (protocol.vault.vault, other.custody()),
        (protocol.vault.vault, pool),
        (protocol.vault.vault, stray),
    ] {
        refused(
            register(&mut machine, &protocol, vault, own),
            BulkheadError::WrongDestination,
        );
    }
}

/// Attack: have a route approved in peace and keep it, until the guardians have confirmed an evacuation to the one they see;
/// then register it and evacuate, in one transaction.
#[test]
fn a_route_of_peace_does_not_take_what_was_confirmed_for_another() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    let args = RegisterEvacuationRouteArgs {
        vault: protocol.vault.vault,
        destination: thief,
    };
    let kept = protocol.mature(&mut machine, &args);
    let incident = protocol.freeze(&mut machine);
    let register = |by| ix::register_evacuation_route(by, args.clone());
    refused(machine.send(&[register(kept)], &[]), BulkheadError::TightenedSince);
    // One from the incident knows of the freeze, and not of the evacuation.
    let between = protocol.mature(&mut machine, &args);
    confirm(&mut machine, &protocol, incident);
    let evacuate = |route| ix::evacuate(protocol.vault, incident, route);
    for by in [kept, between] {
        refused(
            machine.send(&[register(by), evacuate(thief)], &[]),
            BulkheadError::TightenedSince,
        );
    }
    // With the evacuation in view the members may still name another: the old one may be spoilt.
    let safe = receiver(&mut machine, &protocol, "safe");
    let other = RegisterEvacuationRouteArgs {
        destination: safe,
        ..args.clone()
    };
    let by = protocol.mature(&mut machine, &other);
    protocol.must(
        &mut machine,
        &[ix::register_evacuation_route(by, other), evacuate(safe)],
        &[],
    );
    assert_eq!(machine.balance(&safe), 1_000_000);
    assert_eq!(machine.balance(&thief), 0);
}
