//! What an emergency closes, and boards and accounts that are not the exchange's.

use super::*;

#[test]
fn an_emergency_closes_what_it_should_and_leaves_exits_open() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = depositor(&mut world, "alice", 500_000);
        let (mint, source) = with_collateral(&mut world, &alice);
        let borrow = world.borrow(&alice, &mint, 1_000, 1);
        world.must(&[borrow], &[&alice.key]);
        let lp_mint = pda::lp_mint(&world.exchange);
        let shares = world.machine.create_associated(&lp_mint, &alice.key.pubkey(), 0);
        let add = world.add_liquidity(&alice, &shares, 1_000);
        world.must(&[add], &[&alice.key]);
        world.pause(DEFAULT_EMERGENCY);
        let admin = world.admin.pubkey();
        let closed = [
            world.withdraw(&alice, 1, 2),
            world.redeem(&alice, 1, 3),
            world.borrow(&alice, &mint, 1, 4),
            world.withdraw_collateral(&alice, &mint, &source, 1),
            world.remove_liquidity(&alice, &shares, 1, 5),
            world.list_collateral(&admin, &world.mint, 1),
            world.open_oracle(&admin, &mint, &admin, 1),
            world.administer(&admin, &instruction::UpdateAdmin { new_admin: admin }),
            world.administer(&admin, &instruction::SetWithdrawLimit { limit: 1 }),
        ];
        for instruction in closed {
            world.refused(instruction, &[&alice.key], ExchangeError::ActionPaused);
        }
        for open in [
            world.repay(&alice, 1_000),
            world.deposit(&alice, 1),
            world.add_liquidity(&alice, &shares, 1),
        ] {
            world.must(&[open], &[&alice.key]);
        }
        world.pause(action::ALL);
        for closed in [
            world.repay(&alice, 1),
            world.deposit(&alice, 1),
            world.add_liquidity(&alice, &shares, 1),
        ] {
            world.refused(closed, &[&alice.key], ExchangeError::ActionPaused);
        }
    }
}

#[test]
fn a_board_other_than_the_stored_one_is_refused() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = depositor(&mut world, "alice", 500_000);
        let mut wrong = world.withdraw_accounts(&alice, 1);
        wrong.payout.board = keypair("another board").pubkey();
        let data = instruction::Withdraw {
            amount: 1,
            release_index: 1,
        };
        world.refused(build(&wrong, &data), &[&alice.key], ExchangeError::WrongBoard);
        // The stored board, but broken: whoever could do that to it.
        let board = world.board();
        let whole = world.machine.account(&board).expect("board");
        for (offset, byte, error) in [
            (0, whole.data[0] ^ 1, ExchangeError::ForeignBoard),
            (8, 9, ExchangeError::UnknownBoardVersion),
        ] {
            let mut broken = whole.clone();
            broken.data[offset] = byte;
            world.machine.write_account(&board, broken);
            let withdraw = world.withdraw(&alice, 1, 1);
            world.refused(withdraw, &[&alice.key], error);
        }
    }
}

#[test]
fn a_compartment_that_does_not_exist_is_refused() {
    let mut world = World::new(custody_mode::METERED);
    let alice = depositor(&mut world, "alice", 1_000);
    let mut exchange = world.machine.account(&world.exchange).expect("exchange");
    let compartment = offset_of!(Exchange, margin_pool.compartment);
    exchange.data[8 + compartment] = 64;
    let key = world.exchange;
    world.machine.write_account(&key, exchange);
    let withdraw = world.withdraw(&alice, 1, 1);
    world.refused(withdraw, &[&alice.key], ExchangeError::CompartmentOutOfRange);
}

#[test]
fn a_layout_of_another_version_is_refused() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let alice = depositor(&mut world, "alice", 1_000);
    let mut exchange = world.machine.account(&world.exchange).expect("exchange");
    exchange.data[8] = 2;
    let key = world.exchange;
    world.machine.write_account(&key, exchange);
    let withdraw = world.withdraw(&alice, 1, 1);
    world.refused(withdraw, &[&alice.key], ExchangeError::UnknownVersion);
}

#[test]
fn substituted_accounts_are_refused_by_name() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 10_000);
    let data = instruction::Withdraw {
        amount: 500,
        release_index: 1,
    };
    let other = world
        .machine
        .create_associated(&world.mint, &keypair("other").pubkey(), 0);
    let foreign: [fn(&mut accounts::Withdraw, Pubkey); 6] = [
        |accounts, other| accounts.payout.tokens = other,
        |accounts, other| accounts.payout.mint = other,
        |accounts, other| accounts.payout.token_program = other,
        |accounts, other| accounts.payout.breaker = Some(other),
        |accounts, other| accounts.payout.vault = Some(other),
        |accounts, other| accounts.margin = other,
    ];
    for (place, substitute) in foreign.into_iter().enumerate() {
        let mut accounts = world.withdraw_accounts(&alice, 1);
        substitute(&mut accounts, other);
        let withdraw = build(&accounts, &data);
        if place == 5 {
            world.refused_code(withdraw, &[&alice.key], ErrorCode::AccountOwnedByWrongProgram.into());
        } else {
            world.refused(withdraw, &[&alice.key], ExchangeError::ForeignAccount);
        }
    }
    let missing: [fn(&mut accounts::Withdraw); 3] = [
        |accounts| accounts.payout.breaker = None,
        |accounts| accounts.payout.vault = None,
        |accounts| accounts.payout.release = None,
    ];
    for remove in missing {
        let mut accounts = world.withdraw_accounts(&alice, 1);
        remove(&mut accounts);
        world.refused(
            build(&accounts, &data),
            &[&alice.key],
            ExchangeError::CustodyAccountMissing,
        );
    }
    let mut accounts = world.deposit_accounts(&alice);
    accounts.payin.tokens = other;
    let deposit = build(&accounts, &instruction::Deposit { amount: 1 });
    world.refused(deposit, &[&alice.key], ExchangeError::ForeignAccount);
}

#[test]
fn a_margin_account_of_another_exchange_is_refused() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let alice = depositor(&mut world, "alice", 10_000);
    let mut forged = world.machine.account(&alice.margin).expect("margin account");
    forged.data[MARGIN_EXCHANGE_OFFSET] ^= 1;
    world.machine.write_account(&alice.margin, forged);
    let withdraw = world.withdraw(&alice, 1, 1);
    world.refused(withdraw, &[&alice.key], ExchangeError::ForeignAccount);
}

#[test]
fn an_exchange_starts_only_on_custody_that_answers_to_it() {
    let args = |custody_mode| InitializeArgs {
        custody_mode,
        withdraw_limit: u64::MAX,
        vulnerable_redemption: false,
    };
    for mode in MODES {
        let mut world = World::bare(mode);
        let data = instruction::Initialize { args: args(mode) };
        let mut twice = world.initialize_accounts();
        twice.lp_tokens = twice.margin_tokens;
        world.refused(build(&twice, &data), &[], ExchangeError::DuplicateAccount);
        let unknown = world.initialize(args(3));
        world.refused(unknown, &[], ExchangeError::UnknownCustodyMode);
        if mode != custody_mode::BULKHEAD {
            let (mint, stranger) = (world.mint, keypair("stranger").pubkey());
            let mut foreign = world.initialize_accounts();
            foreign.margin_tokens = world.machine.create_associated(&mint, &stranger, 0);
            world.refused(build(&foreign, &data), &[], ExchangeError::TokensNotOurs);
        }
        if mode != custody_mode::UNPROTECTED {
            let mut missing = world.initialize_accounts();
            (missing.margin_vault, missing.margin_breaker) = (None, None);
            world.refused(build(&missing, &data), &[], ExchangeError::CustodyAccountMissing);
        }
        if mode == custody_mode::BULKHEAD {
            let mut crossed = world.initialize_accounts();
            (crossed.margin_vault, crossed.lp_vault) = (crossed.lp_vault, crossed.margin_vault);
            world.refused(build(&crossed, &data), &[], ExchangeError::NotOurCustody);
        }
    }
}

#[test]
fn a_program_other_than_bulkhead_is_refused() {
    let mut world = World::new(custody_mode::METERED);
    let alice = depositor(&mut world, "alice", 10_000);
    let mut accounts = world.withdraw_accounts(&alice, 1);
    accounts.payout.bulkhead = Some(TOKEN_PROGRAM);
    let withdraw = build(
        &accounts,
        &instruction::Withdraw {
            amount: 1,
            release_index: 1,
        },
    );
    world.refused_code(withdraw, &[&alice.key], ErrorCode::InvalidProgramId.into());
}

/// A program at Bulkhead's address that says what is no verdict: nothing is paid and nothing debited.
#[test]
fn an_answer_that_is_no_verdict_moves_nothing() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = depositor(&mut world, "alice", 500_000);
        let impostor = deploy_dir().join("bulkhead_impostor.so");
        let loaded = world.machine.svm.add_program_from_file(bulkhead::ID, impostor);
        loaded.expect("the impostor loads");
        for answer in [&[3][..], &[255], &[0, 0], &[0, 0, 0]] {
            let amount = bulkhead_impostor::amount(answer, false);
            let withdraw = world.withdraw(&alice, amount, 1);
            if mode == custody_mode::BULKHEAD {
                world.refused(withdraw, &[&alice.key], ExchangeError::NoVerdict);
            } else {
                world.must(&[withdraw], &[&alice.key]);
            }
            assert_eq!(world.margin(&alice).deposit, 500_000, "{mode} {answer:?}");
            assert_eq!(world.machine.balance(&alice.wallet), WALLET - 500_000);
        }
        // It is the answer that was missing, and nothing else.
        let allowed = world.withdraw(&alice, bulkhead_impostor::amount(&[0], false), 1);
        world.must(&[allowed], &[&alice.key]);
        assert!(world.margin(&alice).deposit < 500_000);
    }
}

#[test]
fn a_squatted_margin_account_address_still_opens() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let address = pda::margin(&world.exchange, &keypair("alice").pubkey());
    world.machine.fund(&address, 1);
    let alice = depositor(&mut world, "alice", 10);
    assert_eq!(world.margin(&alice).deposit, 10);
    // And it opens once.
    let again = build(
        &accounts::OpenMarginAccount {
            owner: alice.key.pubkey(),
            payer: world.machine.payer.pubkey(),
            exchange: world.exchange,
            margin: alice.margin,
            system_program: system_program::ID,
        },
        &instruction::OpenMarginAccount {},
    );
    assert!(world.send(&[again], &[&alice.key]).is_err());
}

#[test]
fn the_board_is_never_written() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 10_000);
    let board = world.board();
    for instruction in [world.deposit(&alice, 1), world.withdraw(&alice, 1, 1)] {
        let metas: Vec<&AccountMeta> = instruction
            .accounts
            .iter()
            .filter(|meta| meta.pubkey == board)
            .collect();
        assert!(
            metas.iter().all(|meta| !meta.is_writable),
            "read-only: no write lock is shared"
        );
    }
}
