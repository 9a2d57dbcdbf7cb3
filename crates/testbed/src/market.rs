//! A market of the example exchange: its vaults, its book, its ledgers, and the transactions traders send.

use anchor_lang::{
    prelude::{AccountMeta, Pubkey},
    solana_program::{instruction::Instruction, system_program},
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{
    AmountConfig, ByteFilterConfig, OpenBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs, RegisterLedgerArgs,
    TotalConfig,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::SCOPE_DOMAIN;
use example_exchange::{
    accounts as host_accounts,
    constants::side,
    instruction as host_instruction,
    instructions::{CreateMarketArgs, PlaceOrderArgs},
    pda as host_pda,
    state::{
        BASE_HELD_OFFSET, Book, OPEN_ORDERS_BASE_OFFSET, OPEN_ORDERS_DISCRIMINATOR, OPEN_ORDERS_MARKET_OFFSET,
        OPEN_ORDERS_OWNER_OFFSET, OPEN_ORDERS_QUOTE_OFFSET, OpenOrders, QUOTE_HELD_OFFSET, space,
    },
};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    Exchange, ExchangeSetup, Machine,
    exchange::{build, payin},
    expect::must,
    keypair,
};

/// Number of the ledger of margin accounts.
pub const MARGIN_LEDGER: u8 = 0;
/// Number of the ledger of pool shares. Its amounts are shares, and its claims are paid in quote.
pub const LP_LEDGER: u8 = 1;
/// Number of the market's ledger of quote: amounts locked by bids, and unsettled amounts.
pub const QUOTE_LEDGER: u8 = 2;
/// Number of the market's ledger of base: amounts locked by asks, and amounts not withdrawn.
pub const BASE_LEDGER: u8 = 3;

/// Compartment of the board, and number of the vault: the first after the exchange's own two.
const COMPARTMENT: u8 = 2;

/// A market that was set up.
#[derive(Clone, Copy)]
pub struct Market {
    /// Its account.
    pub key: Pubkey,
    /// Its exchange's account.
    pub exchange: Pubkey,
    /// Its book.
    pub book: Pubkey,
    /// The open-orders account that receives fees.
    pub fees: Pubkey,
    /// The base token.
    pub base_mint: Pubkey,
    /// The exchange's quote token.
    pub quote_mint: Pubkey,
    /// Token account with the base tokens of open-orders accounts.
    pub base_tokens: Pubkey,
    /// Token account with their quote tokens.
    pub quote_tokens: Pubkey,
    /// The vault of the base tokens, when the exchange is protected.
    pub base_vault: Option<ix::VaultKeys>,
    /// The vault of the quote tokens, when the exchange is protected.
    pub quote_vault: Option<ix::VaultKeys>,
    /// Bulkhead's board, or any account if there is none.
    pub board: Pubkey,
}

/// Locations of a ledger's positions and of their total.
struct Positions {
    index: u8,
    program: Pubkey,
    mint: Pubkey,
    total: (Pubkey, usize),
    owner_offset: usize,
    amount_offset: usize,
    len: usize,
    filters: Vec<(usize, Vec<u8>)>,
}

/// The arguments that register a ledger with one amount.
fn ledger_args(exchange: &Exchange, positions: Positions) -> RegisterLedgerArgs {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let filters = positions.filters.into_iter().map(|(at, bytes)| ByteFilterConfig {
        offset: offset(at),
        bytes,
    });
    RegisterLedgerArgs {
        index: positions.index,
        program: positions.program,
        mint: positions.mint,
        total: TotalConfig {
            account: positions.total.0,
            program: positions.program,
            offset: offset(positions.total.1),
            // Holders can burn some of the shares.
            excess_bps: u16::from(positions.program == TOKEN_PROGRAM),
            ..exchange.ledger_args().total
        },
        owner_offset: offset(positions.owner_offset),
        amounts: vec![AmountConfig {
            offset: offset(positions.amount_offset),
            width: 8,
            flags: 0,
        }],
        data_len: offset(positions.len),
        filters: filters.collect(),
        ..exchange.ledger_args()
    }
}

impl Market {
    /// Opens the market. With `setup_authority`, which signs for a domain in set-up, also its vaults, evacuation routes
    /// and ledgers.
    pub(crate) fn open(
        machine: &mut Machine,
        exchange: &Exchange,
        setup: &ExchangeSetup,
        setup_authority: Option<&Keypair>,
        terms: &CreateMarketArgs,
    ) -> Self {
        let key_of = |what: &str| keypair(&format!("{}/{what}", setup.name)).pubkey();
        let base_mint = key_of("base mint");
        machine.create_mint(&base_mint, &key_of("issuer"), 6);
        let key = host_pda::market(&exchange.key, &base_mint);
        let mut market = Self {
            key,
            exchange: exchange.key,
            book: key_of("book"),
            fees: host_pda::fees(&key),
            base_mint,
            quote_mint: exchange.mint,
            base_tokens: key_of("base tokens"),
            quote_tokens: key_of("quote tokens"),
            base_vault: None,
            quote_vault: None,
            board: system_program::ID,
        };
        if let Some(setup_authority) = setup_authority {
            let base = market.open_vault(machine, setup, setup_authority, base_mint, BASE_LEDGER);
            let quote = market.open_vault(machine, setup, setup_authority, exchange.mint, QUOTE_LEDGER);
            market.base_tokens = pda::custody(&base.vault);
            market.quote_tokens = pda::custody(&quote.vault);
            market.board = pda::board(&base.domain);
            (market.base_vault, market.quote_vault) = (Some(base), Some(quote));
        } else {
            machine.create_token_account(&market.base_tokens, &base_mint, &exchange.key, 0);
            machine.create_token_account(&market.quote_tokens, &exchange.mint, &exchange.key, 0);
        }
        market.write_empty_book(machine, &market.book);
        let create = market.create(exchange.admin.pubkey(), machine.payer.pubkey(), terms);
        must(machine.send(&[create], &[&exchange.admin]));
        if let Some(setup_authority) = setup_authority {
            market.register(machine, exchange, setup_authority);
        }
        market
    }

    /// A client's step before `create_market`: creates an all-zero account owned by the exchange.
    pub fn write_empty_book(&self, machine: &mut Machine, key: &Pubkey) {
        let data = vec![0; space::<Book>()];
        let lamports = machine.svm.minimum_balance_for_rent_exemption(data.len());
        let account = Account {
            lamports,
            data,
            owner: example_exchange::ID,
            executable: false,
            rent_epoch: u64::MAX,
        };
        machine.write_account(key, account);
    }

    /// A vault of the exchange for `mint`, behind its own breaker. It backs one ledger.
    fn open_vault(
        &self,
        machine: &mut Machine,
        setup: &ExchangeSetup,
        setup_authority: &Keypair,
        mint: Pubkey,
        ledger: u8,
    ) -> ix::VaultKeys {
        let (domain, payer) = (pda::domain(&setup_authority.pubkey()), machine.payer.pubkey());
        let authority = in_set_up(setup_authority);
        let (vault, breaker) = (
            pda::vault(&domain, &mint, COMPARTMENT),
            pda::outflow_breaker(&domain, COMPARTMENT, &mint, 0),
        );
        let open_breaker = OpenBreakerArgs {
            compartment: COMPARTMENT,
            shard: 0,
            mint,
            authority: vault,
            sub_windows: 12,
            trip_scope: SCOPE_DOMAIN,
            window_seconds: setup.window_seconds,
            limit: setup.limit,
            slot_limit: setup.slot_limit,
            trip_limit: setup.trip_limit,
            latch_seconds: 72 * 3_600,
            shards: 1,
            ..OpenBreakerArgs::default()
        };
        must(machine.send(&[ix::open_breaker(authority, payer, open_breaker)], &[setup_authority]));
        let open_vault = OpenVaultArgs {
            index: COMPARTMENT,
            compartment: COMPARTMENT,
            operator: self.exchange,
            breaker,
            mint,
            queue_seconds: 24 * 3_600,
            ledger,
        };
        must(machine.send(
            &[ix::open_vault(authority, payer, TOKEN_PROGRAM, open_vault)],
            &[setup_authority],
        ));
        ix::VaultKeys {
            vault,
            domain,
            breaker,
            mint,
            token_program: TOKEN_PROGRAM,
        }
    }

    /// Recovery account of a vault of the market.
    #[must_use]
    pub fn recovery_account(vault: &Pubkey) -> Pubkey {
        keypair(&format!("recovery account of {vault}")).pubkey()
    }

    /// The evacuation routes of the market's vaults, and the ledgers besides that of the margin accounts.
    fn register(&self, machine: &mut Machine, exchange: &Exchange, setup_authority: &Keypair) {
        let (authority, payer) = (in_set_up(setup_authority), machine.payer.pubkey());
        for vault in [self.base_vault, self.quote_vault].into_iter().flatten() {
            let destination = Self::recovery_account(&vault.vault);
            machine.create_token_account(&destination, &vault.mint, &vault.domain, 0);
            let route = RegisterEvacuationRouteArgs {
                vault: vault.vault,
                destination,
            };
            must(machine.send(&[ix::register_evacuation_route(authority, route)], &[setup_authority]));
        }
        let shares = Positions {
            index: LP_LEDGER,
            program: TOKEN_PROGRAM,
            mint: exchange.mint,
            total: (exchange.lp_mint(), 36),
            owner_offset: 32,
            amount_offset: 64,
            len: 165,
            filters: vec![(0, exchange.lp_mint().to_bytes().to_vec())],
        };
        let quote = self.positions(QUOTE_LEDGER, exchange.mint, QUOTE_HELD_OFFSET, OPEN_ORDERS_QUOTE_OFFSET);
        let base = self.positions(BASE_LEDGER, self.base_mint, BASE_HELD_OFFSET, OPEN_ORDERS_BASE_OFFSET);
        // The margin accounts' ledger pays the same token as the first two.
        let mut paid = vec![(exchange.mint, MARGIN_LEDGER)];
        for positions in [shares, quote, base] {
            let mut others: Vec<_> = paid.iter().filter(|(mint, _)| *mint == positions.mint).collect();
            others.sort_unstable();
            let others: Vec<_> = others.into_iter().map(|(_, index)| *index).collect();
            paid.push((positions.mint, positions.index));
            let register = ix::register_ledger(authority, payer, ledger_args(exchange, positions), &others);
            must(machine.send(&[register], &[setup_authority]));
        }
    }

    /// Holdings of open-orders accounts in one token.
    fn positions(&self, index: u8, mint: Pubkey, total_offset: usize, amount_offset: usize) -> Positions {
        Positions {
            index,
            program: example_exchange::ID,
            mint,
            total: (self.key, total_offset),
            owner_offset: OPEN_ORDERS_OWNER_OFFSET,
            amount_offset,
            len: space::<OpenOrders>(),
            filters: vec![
                (0, OPEN_ORDERS_DISCRIMINATOR.to_vec()),
                (OPEN_ORDERS_MARKET_OFFSET, self.key.to_bytes().to_vec()),
            ],
        }
    }

    /// The accounts of `create_market`.
    #[must_use]
    pub fn create_accounts(&self, admin: Pubkey, payer: Pubkey) -> host_accounts::CreateMarket {
        host_accounts::CreateMarket {
            admin,
            payer,
            exchange: self.exchange,
            base_mint: self.base_mint,
            market: self.key,
            book: self.book,
            fees: self.fees,
            base_tokens: self.base_tokens,
            quote_tokens: self.quote_tokens,
            base_vault: self.base_vault.map(|vault| vault.vault),
            quote_vault: self.quote_vault.map(|vault| vault.vault),
            base_breaker: None,
            quote_breaker: None,
            board: self.board,
            token_program: TOKEN_PROGRAM,
            system_program: system_program::ID,
        }
    }

    /// `create_market`, signed by the admin and `payer`.
    #[must_use]
    pub fn create(&self, admin: Pubkey, payer: Pubkey, terms: &CreateMarketArgs) -> Instruction {
        build(
            &self.create_accounts(admin, payer),
            &host_instruction::CreateMarket { args: terms.clone() },
        )
    }

    /// The open-orders account of `owner`.
    #[must_use]
    pub fn open_orders(&self, owner: &Pubkey) -> Pubkey {
        host_pda::open_orders(&self.key, owner)
    }

    /// `open_orders_account`, signed by `owner` and `payer`.
    #[must_use]
    pub fn open_orders_account(&self, owner: Pubkey, payer: Pubkey) -> Instruction {
        build(
            &host_accounts::OpenOrdersAccount {
                owner,
                payer,
                market: self.key,
                orders: self.open_orders(&owner),
                system_program: system_program::ID,
            },
            &host_instruction::OpenOrdersAccount {},
        )
    }

    /// The token that orders of a side spend: its mint, its token account, its vault.
    fn asset(&self, number: u8) -> (Pubkey, Pubkey, Option<ix::VaultKeys>) {
        if number == side::BID {
            (self.quote_mint, self.quote_tokens, self.quote_vault)
        } else {
            (self.base_mint, self.base_tokens, self.base_vault)
        }
    }

    /// `fund_orders` for a side, signed by `owner`.
    #[must_use]
    pub fn fund_orders(&self, owner: Pubkey, side: u8, source: Pubkey, amount: u64) -> Instruction {
        let (mint, tokens, vault) = self.asset(side);
        build(
            &host_accounts::FundOrders {
                owner,
                exchange: self.exchange,
                market: self.key,
                orders: self.open_orders(&owner),
                board: self.board,
                payin: payin(vault, (mint, tokens), owner, source),
            },
            &host_instruction::FundOrders { side, amount },
        )
    }

    /// `settle` for a side, signed by `owner`.
    #[must_use]
    pub fn settle(&self, owner: Pubkey, side: u8, destination: Pubkey, amount: u64, release_index: u64) -> Instruction {
        let (mint, tokens, vault) = self.asset(side);
        build(
            &host_accounts::Settle {
                owner,
                exchange: self.exchange,
                market: self.key,
                orders: self.open_orders(&owner),
                payout: host_accounts::Payout {
                    tokens,
                    destination,
                    mint,
                    token_program: TOKEN_PROGRAM,
                    board: self.board,
                    breaker: vault.map(|vault| vault.breaker),
                    vault: vault.map(|vault| vault.vault),
                    release: vault.map(|vault| pda::release_of(&vault.vault, &owner, release_index)),
                    note: vault.map(|vault| pda::deposit_note(&vault.vault, &owner)),
                    bulkhead: vault.map(|_| bulkhead::ID),
                    system_program: system_program::ID,
                },
            },
            &host_instruction::Settle {
                side,
                amount,
                release_index,
            },
        )
    }

    /// The accounts of `place_order`, without other traders' accounts.
    #[must_use]
    pub fn place_accounts(&self, owner: Pubkey) -> host_accounts::PlaceOrder {
        host_accounts::PlaceOrder {
            owner,
            exchange: self.exchange,
            market: self.key,
            book: self.book,
            orders: self.open_orders(&owner),
            fees: self.fees,
            board: self.board,
        }
    }

    /// `place_order`, signed by `owner`, with the open-orders accounts of `others`.
    #[must_use]
    pub fn place(&self, owner: Pubkey, args: PlaceOrderArgs, others: &[Pubkey]) -> Instruction {
        let place = build(&self.place_accounts(owner), &host_instruction::PlaceOrder { args });
        with_orders_of(self, place, others)
    }

    /// The accounts of `cancel_order`.
    #[must_use]
    pub fn cancel_accounts(&self, owner: Pubkey) -> host_accounts::CancelOrder {
        host_accounts::CancelOrder {
            owner,
            exchange: self.exchange,
            market: self.key,
            book: self.book,
            orders: self.open_orders(&owner),
            board: self.board,
        }
    }

    /// `cancel_order`, signed by `owner`.
    #[must_use]
    pub fn cancel(&self, owner: Pubkey, client_id: u64) -> Instruction {
        build(
            &self.cancel_accounts(owner),
            &host_instruction::CancelOrder { client_id },
        )
    }

    /// The accounts of `match_orders`, without the traders' accounts.
    #[must_use]
    pub fn match_accounts(&self) -> host_accounts::MatchOrders {
        host_accounts::MatchOrders {
            exchange: self.exchange,
            market: self.key,
            book: self.book,
            fees: self.fees,
            board: self.board,
        }
    }

    /// `match_orders`, which anyone may call, with the open-orders accounts of `traders`.
    #[must_use]
    pub fn match_orders(&self, most: u8, traders: &[Pubkey]) -> Instruction {
        let crank = build(&self.match_accounts(), &host_instruction::MatchOrders { most });
        with_orders_of(self, crank, traders)
    }
}

fn with_orders_of(market: &Market, mut instruction: Instruction, owners: &[Pubkey]) -> Instruction {
    let metas = owners
        .iter()
        .map(|owner| AccountMeta::new(market.open_orders(owner), false));
    instruction.accounts.extend(metas);
    instruction
}

fn in_set_up(setup_authority: &Keypair) -> ix::Authority {
    ix::Authority {
        signer: setup_authority.pubkey(),
        domain: pda::domain(&setup_authority.pubkey()),
        proposal: None,
    }
}
