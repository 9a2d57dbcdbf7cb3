//! The rules once more, with nothing clever in them.

use super::*;

/// The rules once more, with nothing clever in them.
#[derive(Clone)]
pub struct Reference {
    pub terms: Terms,
    pub orders: Vec<(u8, Order)>,
    pub quote: BTreeMap<Pubkey, u128>,
    pub base: BTreeMap<Pubkey, u128>,
    pub fills: Vec<Fill>,
}

impl Reference {
    pub fn of(world: &World) -> Self {
        let side = |number: u8| {
            let orders = world.book.side(number).expect("a side").orders();
            orders.iter().map(move |order| (number, *order))
        };
        let held = |of: fn(&OpenOrders) -> Purse| {
            let accounts = world.accounts.all.iter();
            accounts
                .map(|(key, account)| (*key, u128::from(of(account).held)))
                .collect()
        };
        Self {
            terms: world.terms,
            orders: SIDES.into_iter().flat_map(side).collect(),
            quote: held(|of| of.quote),
            base: held(|of| of.base),
            fills: vec![],
        }
    }

    pub fn value(&self, price: u64, lots: u64) -> u128 {
        u128::from(price).saturating_mul((u128::from(lots)).saturating_mul(self.terms.tick.into()))
    }

    pub fn amount(&self, lots: u64) -> u128 {
        u128::from(lots) * u128::from(self.terms.base_lot)
    }

    pub fn free(&self, number: u8, account: &Pubkey) -> u128 {
        let mine = self
            .orders
            .iter()
            .filter(|(side, order)| *side == number && order.account == *account);
        if number == side::BID {
            self.quote[account] - mine.map(|(_, order)| self.value(order.price, order.lots)).sum::<u128>()
        } else {
            self.base[account] - mine.map(|(_, order)| self.amount(order.lots)).sum::<u128>()
        }
    }

    /// Best first.
    pub fn sorted(&self, number: u8) -> Vec<Order> {
        let mut orders: Vec<_> = self
            .orders
            .iter()
            .filter(|(side, _)| *side == number)
            .map(|(_, order)| *order)
            .collect();
        orders.sort_by_key(|order| {
            let price = i128::from(order.price);
            (if number == side::BID { -price } else { price }, order.sequence)
        });
        orders
    }

    pub fn remove(&mut self, sequence: u64) {
        self.orders.retain(|(_, order)| order.sequence != sequence);
    }

    pub fn cross(&mut self, most: u8, has: &dyn Fn(&Pubkey) -> bool) {
        for _ in 0..most {
            let (bids, asks) = (self.sorted(side::BID), self.sorted(side::ASK));
            let (Some(bid), Some(ask)) = (bids.first(), asks.first()) else {
                return;
            };
            if bid.price < ask.price || !has(&bid.account) || !has(&ask.account) {
                return;
            }
            let (older, taker) = if bid.sequence < ask.sequence {
                (bid, side::ASK)
            } else {
                (ask, side::BID)
            };
            if bid.account == ask.account {
                self.remove(older.sequence);
                continue;
            }
            let lots = bid.lots.min(ask.lots);
            let (value, amount) = (self.value(older.price, lots), self.amount(lots));
            let fee = |received: u128| (received * u128::from(self.terms.taker_fee_bps)).div_ceil(10_000);
            let (base_fee, quote_fee) = if taker == side::BID {
                (fee(amount), 0)
            } else {
                (0, fee(value))
            };
            *self.quote.get_mut(&bid.account).expect("a trader") -= value;
            *self.quote.get_mut(&ask.account).expect("a trader") += value - quote_fee;
            *self.base.get_mut(&ask.account).expect("a trader") -= amount;
            *self.base.get_mut(&bid.account).expect("a trader") += amount - base_fee;
            *self.quote.get_mut(&key(FEES)).expect("fees") += quote_fee;
            *self.base.get_mut(&key(FEES)).expect("fees") += base_fee;
            self.fills.push(Fill {
                buyer: bid.account,
                seller: ask.account,
                taker,
                bid_price: bid.price,
                price: older.price,
                lots,
            });
            for (_, order) in &mut self.orders {
                if order.sequence == bid.sequence || order.sequence == ask.sequence {
                    order.lots -= lots;
                }
            }
            self.orders.retain(|(_, order)| order.lots > 0);
        }
    }

    /// Whether the order is accepted; then what became of it has happened here, too.
    pub fn place(&mut self, new: &NewOrder, has: &dyn Fn(&Pubkey) -> bool) -> bool {
        let (number, order) = (new.side, new.order);
        let other = self.sorted(1 - number);
        let takes = other.first().is_some_and(|best| {
            if number == side::BID {
                best.price <= order.price
            } else {
                best.price >= order.price
            }
        });
        let (value, amount) = (self.value(order.price, order.lots), self.amount(order.lots));
        let fits = value <= u64::MAX.into() && amount <= u64::MAX.into();
        let needed = if number == side::BID { value } else { amount };
        let resting = self
            .orders
            .iter()
            .filter(|(_, other)| other.account == order.account)
            .count();
        let accepted = order.price > 0
            && order.lots >= self.terms.min_lots
            && fits
            && needed <= self.free(number, &order.account)
            && resting < MAX_RESTING_EACH as usize
            && !(new.kind == order_kind::POST_ONLY && takes);
        if !accepted {
            return false;
        }
        self.orders.push((number, order));
        if new.kind != order_kind::POST_ONLY {
            self.cross(new.most, has);
        }
        if new.kind == order_kind::IOC {
            self.remove(order.sequence);
            return true;
        }
        let side = self.sorted(number);
        let rests = side.iter().any(|resting| resting.sequence == order.sequence);
        if !rests || side.len() <= MAX_RESTING {
            return true;
        }
        let worst = side.last().expect("over full");
        self.remove(worst.sequence);
        worst.sequence != order.sequence && has(&worst.account)
    }

    pub fn agrees_with(&self, world: &World) {
        for number in SIDES {
            let mut orders = world.book.side(number).expect("a side").orders().to_vec();
            orders.reverse();
            assert_eq!(orders, self.sorted(number));
        }
        for (key, account) in &world.accounts.all {
            assert_eq!(u128::from(account.quote.held), self.quote[key]);
            assert_eq!(u128::from(account.base.held), self.base[key]);
        }
    }
}
