//! Loans on collateral that is itself borrowed for a transaction: nobody closes the exchange with them or makes others wait,
//! whatever becomes of the loan.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    interface::{
        constants::latch_state,
        layout::{OutflowBreaker, Release},
    },
};
use bulkhead_client::{instructions as ix, pda as bulkhead_pda};
use bulkhead_testbed::keypair;
use example_exchange::{
    constants::{LOAN_TO_VALUE_BPS, PRICE_SCALE, custody_mode},
    error::ExchangeError,
};
use example_exchange_tests::world::{LIMIT, SLOT_LIMIT, TRIP_LIMIT, User, WALLET, World};
use solana_keypair::Keypair;
use solana_signer::Signer;

const MODES: [u8; 3] = [custody_mode::UNPROTECTED, custody_mode::METERED, custody_mode::BULKHEAD];
/// What a lender lends for a transaction.
const LENT: u64 = 10 * LIMIT;

/// An exchange with an honest depositor, a griefer with nothing but fees, and somebody who lends collateral.
struct Scene {
    world: World,
    alice: User,
    griefer: User,
    lender: Keypair,
    mint: Pubkey,
    /// The griefer's and the lender's collateral.
    purse: Pubkey,
    pool: Pubkey,
}

impl Scene {
    fn new(mode: u8) -> Self {
        let mut world = World::new(mode);
        let alice = world.user("alice");
        let deposit = world.deposit(&alice, 9 * LIMIT);
        world.must(&[deposit], &[&alice.key]);
        // Older than a window: what she takes out counts.
        world.machine.warp_seconds(2 * 3_600);
        let (griefer, lender) = (world.user("griefer"), keypair("flash lender"));
        let mint = keypair("collateral mint").pubkey();
        world.machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
        let list = world.list_collateral(&world.admin.pubkey(), &mint, PRICE_SCALE);
        world.must(&[list], &[]);
        Self {
            purse: world.machine.create_associated(&mint, &griefer.key.pubkey(), 0),
            pool: world.machine.create_associated(&mint, &lender.pubkey(), LENT),
            world,
            alice,
            griefer,
            lender,
            mint,
        }
    }

    /// What was paid back is noted for who did, and covers the next loan.
    fn goes_by_another_name(&mut self) {
        self.griefer = self.world.user("griefer's other name");
        let key = self.griefer.key.pubkey();
        self.purse = self.world.machine.create_associated(&self.mint, &key, 0);
    }

    fn lend(&self, amount: u64) -> Instruction {
        let lender = self.lender.pubkey();
        spl_token::instruction::transfer(&spl_token::ID, &self.pool, &self.purse, &lender, &[], amount).expect("sound")
    }

    fn give_back(&self, amount: u64) -> Instruction {
        let griefer = self.griefer.key.pubkey();
        spl_token::instruction::transfer(&spl_token::ID, &self.purse, &self.pool, &griefer, &[], amount).expect("sound")
    }

    fn put(&self, amount: u64) -> Instruction {
        self.world
            .deposit_collateral(&self.griefer, &self.mint, &self.purse, amount)
    }

    fn take(&self, amount: u64) -> Instruction {
        self.world
            .withdraw_collateral(&self.griefer, &self.mint, &self.purse, amount)
    }

    fn borrow(&self, amount: u64, index: u64) -> Instruction {
        self.world.borrow(&self.griefer, &self.mint, amount, index)
    }

    /// With another account in the place of its record, so that there can be none.
    fn borrow_in_vain(&self, amount: u64, index: u64) -> Instruction {
        self.in_vain(self.borrow(amount, index), index)
    }

    fn in_vain(&self, mut asked: Instruction, index: u64) -> Instruction {
        let record = bulkhead_pda::release_of(&self.world.vault(0), &self.griefer.key.pubkey(), index);
        let place = asked.accounts.iter().position(|meta| meta.pubkey == record);
        asked.accounts[place.expect("it is named")].pubkey = self.purse;
        asked
    }

    fn repay(&self, amount: u64) -> Instruction {
        self.world.repay(&self.griefer, amount)
    }

    fn griefs(&mut self, instructions: &[Instruction]) {
        self.world.must(instructions, &[&self.griefer.key, &self.lender]);
    }

    fn breaker(&self) -> OutflowBreaker {
        self.world.machine.load(&self.world.breaker(0))
    }

    fn assert_nothing_counted(&self) {
        let breaker = self.breaker();
        assert_eq!(
            (breaker.latch.state, breaker.outflow, breaker.queued),
            (latch_state::ARMED, 0, 0)
        );
    }

    /// Alice takes T out as if nothing had been: what a slot lets through, and the rest in the next one.
    fn alice_takes_a_window(&mut self) {
        for (amount, index) in [(SLOT_LIMIT, 1), (LIMIT - SLOT_LIMIT, 2)] {
            let withdraw = self.world.withdraw(&self.alice, amount, index);
            self.world.must(&[withdraw], &[&self.alice.key]);
            self.world.machine.next_slot();
        }
        assert_eq!(self.world.machine.balance(&self.alice.wallet), WALLET - 8 * LIMIT);
    }
}

/// Without a record nobody is debited: that closes nothing, whoever asks for how much with capital of its own.
#[test]
fn what_debits_nobody_latches_nothing() {
    let mut scene = Scene::new(custody_mode::BULKHEAD);
    let deposit = scene.world.deposit(&scene.griefer, 2 * TRIP_LIMIT);
    scene.griefs(&[scene.lend(LENT), scene.put(LENT), deposit]);
    // Older than a note.
    scene.world.machine.warp_seconds(2 * 3_600);
    let withdrawal = scene.world.withdraw(&scene.griefer, TRIP_LIMIT + 1, 1);
    let in_vain = [scene.borrow_in_vain(TRIP_LIMIT + 1, 1), scene.in_vain(withdrawal, 1)];
    for asked in in_vain {
        for _ in 0..3 {
            scene.griefs(std::slice::from_ref(&asked));
            scene.world.machine.next_slot();
        }
    }
    let position = scene.world.margin(&scene.griefer);
    assert_eq!((position.debt, position.deposit), (0, 2 * TRIP_LIMIT));
    scene.assert_nothing_counted();
    let payer = scene.world.machine.payer.pubkey();
    let trip = ix::propagate_trip(scene.world.domain, payer, scene.world.breaker(0), 0);
    scene.world.refused_code(trip, &[], BulkheadError::NotLatched.into());
    scene.alice_takes_a_window();
    // What is debited latches as ever.
    scene.griefs(&[scene.borrow(TRIP_LIMIT + 1, 2)]);
    assert!(scene.world.is_latched(0));
    assert_eq!(scene.world.margin(&scene.griefer).debt, TRIP_LIMIT + 1);
}

/// Paid, paid back, waiting or denied: the collateral of a position that asked for a loan stays over the slot, so there is
/// nothing to give back to who lent it for a transaction.
#[test]
fn what_is_lent_for_a_transaction_carries_no_loan() {
    for mode in MODES {
        let mut scene = Scene::new(mode);
        let mut loans = vec![vec![scene.borrow(SLOT_LIMIT, 1), scene.repay(SLOT_LIMIT)]];
        if mode != custody_mode::UNPROTECTED {
            // What waits or is refused; under the limits, and above what latches.
            loans.extend([LIMIT, TRIP_LIMIT + 1].map(|amount| vec![scene.borrow(amount, 2)]));
        }
        if mode == custody_mode::BULKHEAD {
            loans.push(vec![scene.borrow_in_vain(TRIP_LIMIT + 1, 3)]);
        }
        for loan in loans {
            let mut flash = vec![scene.lend(LENT), scene.put(LENT)];
            flash.extend(loan);
            flash.extend([scene.take(LENT), scene.give_back(LENT)]);
            let signers = [&scene.griefer.key, &scene.lender];
            let failure = scene.world.send(&flash, &signers).expect_err("it stays");
            assert_eq!(failure.code(), Some(ExchangeError::LoanInThisSlot.into()));
        }
        if mode != custody_mode::UNPROTECTED {
            scene.assert_nothing_counted();
        }
        assert_eq!(scene.world.machine.balance(&scene.pool), LENT);
        scene.alice_takes_a_window();
        // Without a loan it comes and goes as it likes.
        scene.griefs(&[
            scene.lend(LENT),
            scene.put(LENT),
            scene.take(LENT),
            scene.give_back(LENT),
        ]);
        assert_eq!(scene.world.margin(&scene.griefer).loan_slot, 0);
    }
}

/// What remains: whose capital stays over a slot makes others wait for the rest of a window, and no longer.
#[test]
fn capital_over_a_slot_fills_a_window_and_latches_nothing() {
    let mut scene = Scene::new(custody_mode::BULKHEAD);
    // By what a slot lets through; all of T where that is T.
    let capital = SLOT_LIMIT * 10_000 / u64::from(LOAN_TO_VALUE_BPS);
    assert_eq!(capital, 75_000);
    for amount in [SLOT_LIMIT, LIMIT - SLOT_LIMIT] {
        if amount != SLOT_LIMIT {
            scene.goes_by_another_name();
        }
        scene.griefs(&[scene.lend(capital), scene.put(capital)]);
        scene.griefs(&[scene.borrow(amount, 1), scene.repay(amount)]);
        let early = scene.take(capital);
        scene
            .world
            .refused(early, &[&scene.griefer.key], ExchangeError::LoanInThisSlot);
        scene.world.machine.next_slot();
        scene.griefs(&[scene.take(capital), scene.give_back(capital)]);
        assert_eq!(scene.world.machine.balance(&scene.griefer.wallet), WALLET);
    }
    assert_eq!(scene.breaker().outflow, LIMIT);

    // What is asked for now waits, and nothing latches.
    let withdraw = scene.world.withdraw(&scene.alice, 10, 7);
    scene.world.must(&[withdraw], &[&scene.alice.key]);
    assert_eq!(scene.world.machine.balance(&scene.alice.wallet), WALLET - 9 * LIMIT);
    assert!(!scene.world.is_latched(0));
    let record = bulkhead_pda::release_of(&scene.world.vault(0), &scene.alice.key.pubkey(), 7);
    assert_eq!(scene.world.machine.load::<Release>(&record).amount, 10);
    scene.world.machine.warp_seconds(3_600 + 301);
    let withdraw = scene.world.withdraw(&scene.alice, SLOT_LIMIT, 8);
    scene.world.must(&[withdraw], &[&scene.alice.key]);
    assert_eq!(
        scene.world.machine.balance(&scene.alice.wallet),
        WALLET - 9 * LIMIT + SLOT_LIMIT
    );
}

/// A host that keeps its tokens debits nobody for what it refuses, and what it refuses is all that tells of a theft: capital
/// above the trip limit, over a slot, latches.
#[test]
fn a_metered_host_latches_by_what_it_refuses() {
    let mut scene = Scene::new(custody_mode::METERED);
    scene.griefs(&[scene.lend(LENT), scene.put(LENT), scene.borrow(TRIP_LIMIT + 1, 1)]);
    assert!(scene.world.is_latched(0));
    scene.world.machine.next_slot();
    scene.griefs(&[scene.take(LENT), scene.give_back(LENT)]);
    assert_eq!(scene.world.machine.balance(&scene.pool), LENT);
}
