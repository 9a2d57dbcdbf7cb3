//! Vaults, their mints and their evacuation routes.

use super::*;

/// A vault for `mint` with a breaker of its own, during set-up.
fn open_vault(
    machine: &mut Machine,
    protocol: &Protocol,
    mint: Pubkey,
    token_program: Pubkey,
    queue_seconds: i64,
) -> Result<Outcome, Failure> {
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let breaker = OpenBreakerArgs {
        compartment: 1,
        shard: 0,
        mint,
        authority: pda::vault(&protocol.domain, &mint, 0),
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let vault = OpenVaultArgs {
        index: 0,
        compartment: 1,
        operator: protocol.operator.pubkey(),
        breaker: pda::outflow_breaker(&protocol.domain, 1, &mint, 0),
        mint,
        queue_seconds,
        ledger: 0,
    };
    let instructions = [
        ix::open_breaker(authority, payer, breaker),
        ix::open_vault(authority, payer, token_program, vault),
    ];
    machine.send(&instructions, &[&protocol.setup_authority])
}

fn setting_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

/// A Token-2022 mint with one extension, as its bytes lie.
fn create_mint_2022(machine: &mut Machine, name: &str, extension: u16, contents: &[u8]) -> Pubkey {
    let mint = keypair(name).pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let mut data = machine.account(&mint).expect("it was made").data;
    data.resize(165, 0);
    data.push(1);
    data.extend_from_slice(&extension.to_le_bytes());
    data.extend_from_slice(&u16::try_from(contents.len()).expect("it is short").to_le_bytes());
    data.extend_from_slice(contents);
    write_2022(machine, &mint, data);
    mint
}

fn write_2022(machine: &mut Machine, key: &Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: spl_token_2022::ID,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

#[test]
fn mints_that_others_can_move_lock_or_hide_are_refused() {
    use spl_token_2022::extension::ExtensionType as E;
    for (extension, len) in [
        (E::MintCloseAuthority, 32),
        (E::ConfidentialTransferMint, 65),
        (E::DefaultAccountState, 1),
        (E::NonTransferable, 0),
        (E::PermanentDelegate, 32),
        (E::TransferHook, 64),
        (E::Pausable, 33),
    ] {
        let (mut machine, protocol) = setting_up();
        let mut contents = vec![0; len];
        if extension == E::DefaultAccountState {
            contents[0] = 1;
        }
        let mint = create_mint_2022(&mut machine, "unsafe mint", u16::from(extension), &contents);
        refused(
            open_vault(&mut machine, &protocol, mint, spl_token_2022::ID, DAY),
            BulkheadError::UnsafeMintExtension,
        );
    }
}

#[test]
fn a_fee_that_somebody_can_raise_is_refused_though_it_is_nothing_today() {
    let issuer = keypair("issuer").pubkey();
    for (authority, bps) in [(issuer, 0), (issuer, 100), (Pubkey::default(), 10_000)] {
        let (mut machine, protocol) = setting_up();
        let mint = create_mint_2022(&mut machine, "mint with a fee", 1, &transfer_fee(&authority, bps));
        refused(
            open_vault(&mut machine, &protocol, mint, spl_token_2022::ID, DAY),
            BulkheadError::UnsafeTransferFee,
        );
    }
}

/// Since epoch 0, without a maximum.
fn transfer_fee(authority: &Pubkey, bps: u16) -> Vec<u8> {
    let mut config = [authority.as_ref(), keypair("issuer").pubkey().as_ref(), &[0; 8]].concat();
    for _ in 0..2 {
        config.extend_from_slice(&[&[0; 8][..], &u64::MAX.to_le_bytes(), &bps.to_le_bytes()].concat());
    }
    config
}

#[test]
fn a_fixed_transfer_fee_is_accounted_for() {
    let (mut machine, protocol) = setting_up();
    let fee = transfer_fee(&Pubkey::default(), 100);
    let mint = create_mint_2022(&mut machine, "mint with a fee", 1, &fee);
    open_vault(&mut machine, &protocol, mint, spl_token_2022::ID, DAY).expect("a fixed fee is allowed");
    let vault = ix::VaultKeys {
        vault: pda::vault(&protocol.domain, &mint, 0),
        domain: protocol.domain,
        breaker: pda::outflow_breaker(&protocol.domain, 1, &mint, 0),
        mint,
        token_program: spl_token_2022::ID,
    };
    let custody = pda::custody(&vault.vault);
    let user = keypair("user's tokens").pubkey();
    let mut data = machine.account(&custody).expect("it was made").data;
    data[32..64].copy_from_slice(keypair("user").pubkey().as_ref());
    write_2022(&mut machine, &user, data.clone());
    data[32..64].copy_from_slice(vault.vault.as_ref());
    data[64..72].copy_from_slice(&5_000u64.to_le_bytes());
    write_2022(&mut machine, &custody, data);

    let payer = machine.payer.pubkey();
    let release = ix::release(vault, protocol.operator.pubkey(), payer, user, 1_000, 0);
    protocol.must(&mut machine, &[release], &[&protocol.operator]);
    assert_eq!((machine.balance(&custody), machine.balance(&user)), (4_000, 990));

    // Nobody can do this to a mint without the authority. If it were done all the same, nothing leaves for less.
    create_mint_2022(
        &mut machine,
        "mint with a fee",
        1,
        &transfer_fee(&keypair("issuer").pubkey(), 10_000),
    );
    let release = ix::release(vault, protocol.operator.pubkey(), payer, user, 1_000, 1);
    refused(
        machine.send(&[release], &[&protocol.operator]),
        BulkheadError::UnsafeTransferFee,
    );
}

#[test]
fn a_vault_is_opened_over_its_own_breaker_only() {
    let (mut machine, protocol) = setting_up();
    let mint = keypair("second mint").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 9);
    for queue_seconds in [0, 3_599, i64::MAX] {
        refused(
            open_vault(&mut machine, &protocol, mint, spl_token::ID, queue_seconds),
            BulkheadError::ArgumentOutOfRange,
        );
    }
    open_vault(&mut machine, &protocol, mint, spl_token::ID, DAY).expect("a sound vault opens");
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let taken = OpenVaultArgs {
        index: 1,
        compartment: 0,
        operator: protocol.operator.pubkey(),
        breaker: protocol.vault.breaker,
        mint: protocol.mint,
        queue_seconds: DAY,
        ledger: 0,
    };
    let of_another_mint = OpenVaultArgs { mint, ..taken.clone() };
    let of_another_compartment = OpenVaultArgs {
        compartment: 5,
        ..taken.clone()
    };
    for (args, error) in [
        (taken, BulkheadError::NotMeterAuthority),
        (of_another_mint, BulkheadError::ForeignAccount),
        (of_another_compartment, BulkheadError::NotMeterAuthority),
    ] {
        let open = ix::open_vault(authority, payer, spl_token::ID, args);
        refused(machine.send(&[open], &[&protocol.setup_authority]), error);
    }
}

#[test]
fn a_route_is_registered_by_proposal_and_is_a_place_to_receive() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let new = receiver(&mut machine, &protocol, "new recovery account");
    let other_mint = keypair("other mint").pubkey();
    machine.create_mint(&other_mint, &vault, 6);
    let other_token = machine.create_associated(&other_mint, &vault, 0);
    let frozen = receiver(&mut machine, &protocol, "frozen recovery account");
    let mut account = machine.account(&frozen).expect("it exists");
    account.data[108] = 2;
    machine.write_account(&frozen, account);

    for (destination, error) in [
        (protocol.custody(), BulkheadError::WrongDestination),
        (other_token, BulkheadError::WrongDestination),
        (frozen, BulkheadError::UnfitEvacuationRoute),
    ] {
        let args = RegisterEvacuationRouteArgs { vault, destination };
        let authority = protocol.mature(&mut machine, &args);
        refused(
            machine.send(&[ix::register_evacuation_route(authority, args)], &[]),
            error,
        );
    }
    let args = RegisterEvacuationRouteArgs {
        vault,
        destination: new,
    };
    let setup = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    refused(
        machine.send(
            &[ix::register_evacuation_route(setup, args.clone())],
            &[&protocol.setup_authority],
        ),
        BulkheadError::ProposalRequired,
    );
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    assert_eq!(machine.load::<Vault>(&vault).route, new);
}
