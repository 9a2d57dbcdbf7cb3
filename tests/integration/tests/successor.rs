//! A second exchange, with the keys of a second team, takes over what the restoration pays: margin accounts, shares of the
//! pool and open-orders accounts, by CPI and for owners who sign nothing.
//!
//! The ledger's terms named it in peace. Owners have their notice first: whoever claims in kind or says no stays out.

use anchor_lang::{InstructionData, ToAccountMetas, prelude::Pubkey, solana_program::system_program};
use anchor_spl::{associated_token, token::spl_token::ID as TOKEN_PROGRAM};
use bulkhead::{error::BulkheadError, instructions::SetClaimTermsArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{SUCCESSOR_NOTICE_SECONDS, claim_wish};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{
    Machine, Market, Outcome, Protocol, Setup, associated_token as associated, deploy_dir, keypair, must, refused,
};
use bulkhead_tests::recovery::{LEDGER, Recovery, owner, positions};
use example_exchange::{
    accounts,
    constants::{custody_mode, side},
    instruction,
    instructions::{CreateMarketArgs, InitializeArgs},
    pda as host_pda,
    state::{Exchange, MarginAccount, OpenOrders},
    takeover::LeafArgs,
};
use solana_instruction::Instruction;
use solana_signer::Signer;

/// The exchange that comes after, and its market.
struct Successor {
    key: Pubkey,
    mint: Pubkey,
    tokens: [Pubkey; 2],
    market: Market,
}

/// What a position becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Margin,
    Shares,
    Orders,
}

fn build(accounts: &impl ToAccountMetas, data: &impl InstructionData) -> Instruction {
    Instruction {
        program_id: example_exchange::ID,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}

impl Successor {
    fn set_up(machine: &mut Machine, name: &str, mint: Pubkey) -> Self {
        let admin = keypair(name);
        machine.fund(&admin.pubkey(), 1_000_000_000_000);
        let key = host_pda::exchange(&admin.pubkey());
        let mut account = |what: &str, mint: &Pubkey| {
            let account = keypair(&format!("{name}: {what}")).pubkey();
            machine.create_token_account(&account, mint, &key, 0);
            account
        };
        let tokens = ["margin", "shares"].map(|what| account(what, &mint));
        let quote_tokens = account("quote", &mint);
        let base_mint = keypair(&format!("{name}: base")).pubkey();
        let base_tokens = keypair(&format!("{name}: base tokens")).pubkey();
        machine.create_mint(&base_mint, &keypair("issuer").pubkey(), 6);
        machine.create_token_account(&base_tokens, &base_mint, &key, 0);
        let market = host_pda::market(&key, &base_mint);
        let market = Market {
            key: market,
            exchange: key,
            book: keypair(&format!("{name}: book")).pubkey(),
            fees: host_pda::fees(&market),
            base_mint,
            quote_mint: mint,
            base_tokens,
            quote_tokens,
            base_vault: None,
            quote_vault: None,
            board: system_program::ID,
        };
        market.write_empty_book(machine, &market.book);
        let initialize = build(
            &accounts::Initialize {
                creator: admin.pubkey(),
                exchange: key,
                quote_mint: mint,
                lp_mint: host_pda::lp_mint(&key),
                margin_tokens: tokens[0],
                lp_tokens: tokens[1],
                margin_vault: None,
                lp_vault: None,
                margin_breaker: None,
                lp_breaker: None,
                token_program: TOKEN_PROGRAM,
                system_program: system_program::ID,
            },
            &instruction::Initialize {
                args: InitializeArgs {
                    custody_mode: custody_mode::UNPROTECTED,
                    withdraw_limit: u64::MAX,
                    vulnerable_redemption: false,
                },
            },
        );
        let terms = CreateMarketArgs {
            base_lot: 10,
            tick: 2,
            min_lots: 1,
            taker_fee_bps: 30,
        };
        let create = market.create(admin.pubkey(), machine.payer.pubkey(), &terms);
        must(machine.send(&[initialize, create], &[&admin]));
        Self {
            key,
            mint,
            tokens,
            market,
        }
    }

    /// The instruction by which anyone makes it take a leaf's claim over.
    fn migrate(&self, machine: &Machine, recovery: &Recovery, leaf: &Position, kind: Kind) -> Instruction {
        let (keys, args) = recovery.prepare(machine, &leaf.key);
        let (payer, owner, exchange) = (machine.payer.pubkey(), leaf.owner, self.key);
        let domain = recovery.protocol.domain;
        let leaf = LeafArgs {
            index: args.index,
            key: args.key,
            amount: args.amount,
            proof: args.proof,
        };
        let tokens = match kind {
            Kind::Margin => self.tokens[0],
            Kind::Shares => self.tokens[1],
            Kind::Orders => self.market.quote_tokens,
        };
        let takeover = accounts::Takeover {
            restoration: recovery.restoration,
            snapshot: keys.snapshot,
            shard: keys.shard,
            claims: pda::claim_page(&recovery.restoration, keys.page),
            claim_pool: recovery.pool(),
            tokens,
            mint: self.mint,
            wish: pda::claim_wish(&domain, &owner),
            terms: pda::claim_terms(&domain, LEDGER),
            bulkhead: bulkhead::ID,
        };
        let (board, token_program, system_program) = (system_program::ID, TOKEN_PROGRAM, system_program::ID);
        match kind {
            Kind::Margin => build(
                &accounts::MigrateMarginAccount {
                    payer,
                    owner,
                    exchange,
                    margin: host_pda::margin(&exchange, &owner),
                    board,
                    takeover,
                    token_program,
                    system_program,
                },
                &instruction::MigrateMarginAccount { leaf },
            ),
            Kind::Shares => build(
                &accounts::MigrateShares {
                    payer,
                    owner,
                    exchange,
                    lp_mint: host_pda::lp_mint(&exchange),
                    shares: associated(&owner, &host_pda::lp_mint(&exchange)),
                    board,
                    takeover,
                    token_program,
                    associated_token_program: associated_token::ID,
                    system_program,
                },
                &instruction::MigrateShares { leaf },
            ),
            Kind::Orders => build(
                &accounts::MigrateOrders {
                    payer,
                    owner,
                    exchange,
                    market: self.market.key,
                    orders: self.market.open_orders(&owner),
                    board,
                    takeover,
                    token_program,
                    system_program,
                },
                &instruction::MigrateOrders { side: side::BID, leaf },
            ),
        }
    }

    /// What its books owe: deposits, assets of the pool, quote of the market.
    fn owed(&self, machine: &Machine) -> [u64; 3] {
        let exchange: Exchange = machine.load(&self.key);
        let market: example_exchange::state::Market = machine.load(&self.market.key);
        [exchange.total_deposits, exchange.pool_assets, market.quote_held]
    }

    /// What it holds for them.
    fn held(&self, machine: &Machine) -> [u64; 3] {
        [self.tokens[0], self.tokens[1], self.market.quote_tokens].map(|tokens| machine.balance(&tokens))
    }
}

/// A restoration of 60 positions, all shared out, whose terms name the successor; and one that they do not name.
fn world() -> (Machine, Recovery, Successor, Successor) {
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let protocol = Protocol::set_up(&mut machine, &Setup::default());
    let [successor, hostile] =
        ["the second team", "a hostile team"].map(|name| Successor::set_up(&mut machine, name, protocol.mint));
    let terms = SetClaimTermsArgs {
        ledger_index: LEDGER,
        claim_days: 0,
        rest_owner: Pubkey::default(),
        successor: successor.key,
    };
    let authority = protocol.mature(&mut machine, &terms);
    let (payer, token) = (machine.payer.pubkey(), (protocol.mint, TOKEN_PROGRAM));
    let set = ix::set_claim_terms(authority, payer, token, terms);
    protocol.must(&mut machine, &[set], &[]);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(60));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum);
    (machine, recovery, successor, hostile)
}

fn leaves(recovery: &Recovery) -> Vec<Position> {
    recovery.tree.leaves().map(|(_, leaf)| *leaf).collect()
}

const KINDS: [Kind; 3] = [Kind::Margin, Kind::Shares, Kind::Orders];

#[test]
fn positions_are_made_anew_for_owners_who_sign_nothing() {
    let (mut machine, recovery, successor, hostile) = world();
    let all = leaves(&recovery);
    // One owner claims in kind, one says no.
    let (in_kind, keeper) = (owner(0).pubkey(), owner(1));
    for leaf in all.iter().filter(|leaf| leaf.owner == in_kind) {
        must(recovery.claim(&mut machine, &leaf.key));
    }
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let keep = ix::wish_claims(domain, keeper.pubkey(), payer, claim_wish::KEEP, Pubkey::default());
    recovery.protocol.must(&mut machine, &[keep], &[&keeper]);
    let stays = [in_kind, keeper.pubkey()];
    let silent = all
        .iter()
        .find(|leaf| !stays.contains(&leaf.owner))
        .expect("ten owners");
    let early = successor.migrate(&machine, &recovery, silent, Kind::Margin);
    refused(machine.send(&[early], &[]), BulkheadError::SuccessorNoticeRuns);
    machine.warp_seconds(SUCCESSOR_NOTICE_SECONDS);

    for (leaf, kind) in all.iter().zip(KINDS.into_iter().cycle()) {
        let theft = hostile.migrate(&machine, &recovery, leaf, kind);
        let migrate = successor.migrate(&machine, &recovery, leaf, kind);
        let result = machine.send(std::slice::from_ref(&migrate), &[]);
        if leaf.owner == in_kind {
            refused(result, BulkheadError::AlreadyClaimed);
        } else if leaf.owner == keeper.pubkey() {
            refused(result, BulkheadError::ClaimKept);
            must(recovery.claim(&mut machine, &leaf.key));
        } else {
            refused(machine.send(&[theft], &[]), BulkheadError::NotTheSuccessor);
            must(result);
            refused(machine.send(&[migrate], &[]), BulkheadError::AlreadyClaimed);
        }
    }
    // It owes what it got, and each owner has there what its leaves were worth.
    assert_eq!(successor.owed(&machine), successor.held(&machine));
    assert_eq!(hostile.held(&machine), [0; 3]);
    assert_eq!(machine.balance(&recovery.pool()), 0);
    for number in 0..10 {
        let who = owner(number).pubkey();
        let of = |kind: Kind| -> u64 {
            let own = all.iter().zip(KINDS.into_iter().cycle());
            let own = own.filter(|(leaf, made)| leaf.owner == who && *made == kind);
            own.map(|(leaf, _)| leaf.amount).sum()
        };
        let [margin, shares, orders] = KINDS.map(of);
        let wallet = machine.balance(&associated(&who, &recovery.protocol.mint));
        if who == in_kind || who == keeper.pubkey() {
            assert_eq!(wallet, margin + shares + orders);
            continue;
        }
        assert_eq!(wallet, 0);
        if margin > 0 {
            let account: MarginAccount = machine.load(&host_pda::margin(&successor.key, &who));
            assert_eq!((account.owner, account.deposit, account.debt), (who, margin, 0));
        }
        if shares > 0 {
            let account = associated(&who, &host_pda::lp_mint(&successor.key));
            assert_eq!(machine.balance(&account), shares);
        }
        if orders > 0 {
            let account: OpenOrders = machine.load(&successor.market.open_orders(&who));
            assert_eq!(
                (account.owner, account.quote.held, account.quote.free()),
                (who, orders, orders)
            );
        }
    }
}

/// What was taken over is the owner's as any deposit: it is withdrawn from the new exchange.
#[test]
fn what_was_taken_over_is_the_owners() {
    let (mut machine, recovery, successor, _) = world();
    machine.warp_seconds(SUCCESSOR_NOTICE_SECONDS);
    let leaf = leaves(&recovery)[7];
    let migrate = successor.migrate(&machine, &recovery, &leaf, Kind::Margin);
    must(machine.send(&[migrate], &[]));
    let key = (0..10)
        .map(owner)
        .find(|key| key.pubkey() == leaf.owner)
        .expect("one of the ten");
    machine.fund(&key.pubkey(), 1_000_000_000);
    let wallet = associated(&leaf.owner, &recovery.protocol.mint);
    let withdraw = build(
        &accounts::Withdraw {
            owner: leaf.owner,
            exchange: successor.key,
            margin: host_pda::margin(&successor.key, &leaf.owner),
            payout: accounts::Payout {
                tokens: successor.tokens[0],
                destination: wallet,
                mint: successor.mint,
                token_program: TOKEN_PROGRAM,
                board: system_program::ID,
                breaker: None,
                vault: None,
                release: None,
                note: None,
                bulkhead: None,
                system_program: system_program::ID,
            },
        },
        &instruction::Withdraw {
            amount: leaf.amount,
            release_index: 0,
        },
    );
    must(machine.send(&[withdraw], &[&key]));
    assert_eq!(machine.balance(&wallet), leaf.amount);
    assert_eq!(successor.owed(&machine), [0; 3]);
}

/// Attacks on the successor: make it credit somebody else, credit what did not come, or take tokens of another kind.
#[test]
fn the_successor_books_what_arrived_for_whom_bulkhead_names() {
    let (mut machine, recovery, successor, hostile) = world();
    machine.warp_seconds(SUCCESSOR_NOTICE_SECONDS);
    let leaf = leaves(&recovery)[3];
    let migrate = successor.migrate(&machine, &recovery, &leaf, Kind::Margin);
    let with = |index: usize, key: Pubkey| {
        let mut spoilt = migrate.clone();
        spoilt.accounts[index].pubkey = key;
        spoilt
    };
    // Another owner, with a margin account of its own.
    let thief = keypair("thief").pubkey();
    let mut stolen = with(1, thief);
    stolen.accounts[3].pubkey = host_pda::margin(&successor.key, &thief);
    stolen.accounts[12].pubkey = pda::claim_wish(&recovery.protocol.domain, &thief);
    refused(machine.send(&[stolen], &[]), BulkheadError::InvalidProof);
    // Into tokens of another exchange, or of another pool of this one.
    for tokens in [hostile.tokens[0], successor.tokens[1]] {
        let spoilt = with(10, tokens);
        refused(
            machine.send(&[spoilt], &[]),
            example_exchange::error::ExchangeError::ForeignAccount,
        );
    }
    // Another amount than the leaf's.
    let mut more = successor.migrate(&machine, &recovery, &leaf, Kind::Margin);
    more.data[8 + 4 + 32] ^= 1;
    refused(machine.send(&[more], &[]), BulkheadError::InvalidProof);
    assert_eq!(successor.owed(&machine), [0; 3]);
    must(machine.send(&[migrate], &[]));
    assert_eq!(successor.owed(&machine), successor.held(&machine));
}

/// Only a program's address is named: a key that takes claims over is nobody's successor.
#[test]
fn no_key_is_named_as_a_successor() {
    let (mut machine, protocol) = bulkhead_tests::world();
    let terms = SetClaimTermsArgs {
        ledger_index: LEDGER,
        claim_days: 0,
        rest_owner: Pubkey::default(),
        successor: keypair("somebody").pubkey(),
    };
    let refusal = protocol
        .try_mature(&mut machine, &terms)
        .map(|_| -> Outcome { unreachable!() });
    bulkhead_tests::refused(refusal, BulkheadError::InvalidClaimTerms);
}
