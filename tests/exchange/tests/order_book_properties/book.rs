//! The market under test, and the accounts of its traders.

use super::*;

/// Accounts by key; `absent` is a bit for each trader whose account the transaction lacks.
#[derive(Clone)]
pub struct Accounts {
    pub all: BTreeMap<Pubkey, OpenOrders>,
    pub absent: u16,
    pub fills: Vec<Fill>,
}

impl Parties for Accounts {
    fn has(&self, account: &Pubkey) -> bool {
        let number = account.to_bytes()[0];
        self.all.contains_key(account) && (number == FEES || self.absent >> number & 1 == 0)
    }

    fn with(&mut self, account: &Pubkey, change: &mut dyn FnMut(&mut OpenOrders) -> Result<()>) -> Result<()> {
        assert!(self.has(account), "an account that is missing was asked for");
        change(self.all.get_mut(account).expect("has"))
    }

    fn filled(&mut self, fill: &Fill) {
        self.fills.push(*fill);
    }
}

/// The market under test.
#[derive(Clone)]
pub struct World {
    pub book: Box<Book>,
    pub terms: Terms,
    pub accounts: Accounts,
    pub sequence: u64,
    pub client_id: u64,
}

impl World {
    pub fn new(terms: Terms, [quote, base]: [u64; 2]) -> Self {
        let mut book: Box<Book> = Box::new(bytemuck::Zeroable::zeroed());
        book.initialize(key(254));
        let account = |number: u8| {
            let mut account: OpenOrders = bytemuck::Zeroable::zeroed();
            if number != FEES {
                (account.quote.held, account.base.held) = (quote, base);
            }
            (key(number), account)
        };
        Self {
            book,
            terms,
            accounts: Accounts {
                all: (0..TRADERS).chain([FEES]).map(account).collect(),
                absent: 0,
                fills: vec![],
            },
            sequence: 0,
            client_id: 0,
        }
    }

    /// Changes nothing when it fails, as a transaction.
    pub fn atomically<T>(&mut self, change: impl FnOnce(&mut Engine, &mut Accounts) -> Result<T>) -> Result<T> {
        let before = (self.book.clone(), self.accounts.clone());
        let mut engine = Engine {
            book: &mut self.book,
            terms: self.terms,
            fees: key(FEES),
        };
        let result = change(&mut engine, &mut self.accounts);
        if result.is_err() {
            (self.book, self.accounts) = before;
        }
        result
    }

    pub fn place(&mut self, ask: &Ask) -> Result<u64> {
        self.sequence += 1;
        self.client_id += 1;
        let new = self.new_order(ask);
        self.accounts.absent = ask.absent & !(1 << ask.who);
        self.atomically(|engine, accounts| engine.place(accounts, &new))
    }

    pub fn new_order(&self, ask: &Ask) -> NewOrder {
        NewOrder {
            side: ask.side,
            kind: ask.kind,
            order: Order {
                price: ask.price,
                lots: ask.lots,
                sequence: self.sequence,
                client_id: self.client_id,
                account: key(ask.who),
            },
            most: ask.most,
        }
    }

    pub fn cross(&mut self, most: u8, absent: u16) -> u8 {
        self.accounts.absent = absent;
        let done = self.atomically(|engine, accounts| engine.cross(accounts, most));
        done.expect("nothing that rests can stop the crank")
    }

    pub fn cancel(&mut self, who: u8, client_id: u64) -> Result<Order> {
        self.accounts.absent = 0;
        self.atomically(|engine, accounts| engine.cancel(accounts, &key(who), client_id))
    }

    pub fn sum(&self, of: impl Fn(&OpenOrders) -> Purse) -> u128 {
        self.accounts
            .all
            .values()
            .map(|account| u128::from(of(account).held))
            .sum()
    }

    /// All that must hold at any time.
    pub fn check(&self, quote: u128, base: u128) {
        assert_eq!(
            (self.sum(|of| of.quote), self.sum(|of| of.base)),
            (quote, base),
            "conserved"
        );
        for (key, account) in &self.accounts.all {
            let mine = |number: u8| {
                let orders = self.book.side(number).expect("a side").orders();
                orders
                    .iter()
                    .filter(|order| order.account == *key)
                    .copied()
                    .collect::<Vec<_>>()
            };
            let (bids, asks) = (mine(side::BID), mine(side::ASK));
            let wide = |a: u64, b: u64| u128::from(a) * u128::from(b);
            let locked_quote: u128 = bids.iter().map(|bid| wide(bid.price * self.terms.tick, bid.lots)).sum();
            let locked_base: u128 = asks.iter().map(|ask| wide(ask.lots, self.terms.base_lot)).sum();
            assert_eq!(u128::from(account.quote.locked), locked_quote);
            assert_eq!(u128::from(account.base.locked), locked_base);
            assert!(account.quote.locked <= account.quote.held && account.base.locked <= account.base.held);
            assert_eq!(account.resting as usize, bids.len() + asks.len());
            assert!(account.resting <= MAX_RESTING_EACH);
        }
        for number in SIDES {
            let side = self.book.side(number).expect("a side");
            let orders = side.orders();
            assert!(
                orders.is_sorted_by(|a, b| side.rank(a) < side.rank(b)),
                "sorted, and no two alike"
            );
            assert!(orders.iter().all(|order| order.lots > 0) && orders.len() <= MAX_RESTING);
            let unused = &side.orders[orders.len()..];
            assert!(unused.iter().all(|order| *order == bytemuck::Zeroable::zeroed()));
        }
    }
}
