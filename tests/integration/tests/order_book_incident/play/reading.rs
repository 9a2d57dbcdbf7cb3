//! The ledgers are read, on chain and off, and the vaults evacuated.

use super::*;

impl Play {
    /// The positions of each ledger.
    fn accounts(&self, ledger: u8) -> Vec<Pubkey> {
        let owners = self.traders.iter();
        match ledger {
            MARGIN_LEDGER => owners.map(|trader| self.exchange.margin(&trader.owner())).collect(),
            LP_LEDGER => owners.map(|trader| trader.shares).collect(),
            _ => owners
                .map(|trader| self.market.open_orders(&trader.owner()))
                .chain([self.market.fees])
                .collect(),
        }
    }

    /// Three crankers take turns with four ledgers, and halfway through traders try everything again.
    pub(super) fn snapshot(&mut self, incident: Pubkey) -> Vec<Reading> {
        let (domain, payer) = (self.protocol().domain, self.machine.payer.pubkey());
        let mut crankers = crankers(&mut self.machine);
        let mut readings = vec![];
        for index in [MARGIN_LEDGER, LP_LEDGER, QUOTE_LEDGER, BASE_LEDGER] {
            self.must(&[ix::open_snapshot(domain, payer, incident, index)], &[]);
            let keys = self.accounts(index);
            readings.push(assign(&self.machine, &mut crankers, (domain, incident), index, &keys));
        }
        let all = crankers.iter().map(|cranker| cranker.work.len()).sum::<usize>();
        for turn in 0.. {
            let number = turn % crankers.len();
            let cranker = &mut crankers[number];
            if let Some(next) = cranker.work.pop_front() {
                let key = cranker.key.insecure_clone();
                self.must(&[next], &[&key]);
                self.machine.next_slot();
            }
            if turn == all / 2 {
                self.try_everything();
            }
            if crankers.iter().all(|cranker| cranker.work.is_empty()) {
                break;
            }
        }
        for reading in &readings {
            let total_account = match reading.index {
                MARGIN_LEDGER => self.exchange.key,
                LP_LEDGER => self.exchange.lp_mint(),
                _ => self.market.key,
            };
            let seal = ix::seal_snapshot(domain, incident, reading.index, total_account, &reading.shards, &[]);
            self.must(&[seal], &[]);
        }
        readings
    }

    /// The same accounts, read and summed off chain.
    pub(super) fn tree(&self, incident: Pubkey, reading: &Reading) -> Tree {
        let tag = merkle::tag(&bulkhead::ID, &pda::snapshot(&incident, reading.index), reading.index);
        Tree::build(tag, reading.positions.clone()).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(super) fn balances(&self) -> [u64; 4] {
        let market = &self.market;
        [
            self.exchange.tokens,
            self.exchange.lp_tokens,
            market.quote_tokens,
            market.base_tokens,
        ]
        .map(|tokens| self.machine.balance(&tokens))
    }

    pub(super) fn host_totals(&self) -> [u64; 4] {
        let exchange: state::Exchange = self.machine.load(&self.exchange.key);
        let market: state::Market = self.machine.load(&self.market.key);
        let shares = self.machine.mint(&self.exchange.lp_mint()).supply;
        [exchange.total_deposits, shares, market.quote_held, market.base_held]
    }

    /// What each open-orders account says it has locked, and what its orders do lock.
    pub(super) fn locks(&self, book: &Book) -> Vec<Lock> {
        let sides = [(QUOTE_LEDGER, side::BID), (BASE_LEDGER, side::ASK)];
        let lock = |key: Pubkey, ledger: u8, number: u8| {
            let account: OpenOrders = self.machine.load(&key);
            let purse = account.purse(number).expect("a side");
            let orders = book.side(number).expect("a side").orders();
            let mine = orders.iter().filter(|order| order.account == key);
            Lock {
                ledger,
                held: purse.held,
                locked: purse.locked,
                by_orders: mine
                    .map(|order| locked_by(&play_terms(), number, order).expect("fits"))
                    .sum(),
            }
        };
        let accounts = self.accounts(QUOTE_LEDGER);
        let of = |key: &Pubkey| sides.map(|(ledger, number)| lock(*key, ledger, number));
        accounts.iter().flat_map(of).collect()
    }

    /// The thief's release is cancelled, and all four vaults move to where they were to go.
    pub(super) fn evacuate(&mut self, incident: Pubkey) {
        let (domain, payer) = (self.protocol().domain, self.machine.payer.pubkey());
        let base_vault = self.market.base_vault.expect("protected");
        let guardian = self.protocol().members[2].insecure_clone();
        let release = pda::release_of(&base_vault.vault, &self.traders[0].key.pubkey(), QUEUED);
        let cancel = ix::cancel_release(domain, guardian.pubkey(), incident, base_vault.vault, release);
        self.must(&[cancel], &[&guardian]);
        for number in 0..2 {
            let member = self.protocol().members[number].insecure_clone();
            let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
            self.must(&[confirm], &[&member]);
        }
        for (vault, recovery_account) in self.vaults() {
            self.must(&[ix::evacuate(vault, incident, recovery_account)], &[]);
        }
        self.machine.next_slot();
    }
}
