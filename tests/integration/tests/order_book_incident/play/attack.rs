//! The attack, the freeze, and what traders try before and after it.

use super::*;

/// What the thief asks for beyond the limit: more than may wait.
const BEYOND: u64 = LIMIT + 10;

impl Play {
    /// Who has the first trader's key takes its base out of the market, as much as the limit allows, and in the very
    /// transaction that takes the last of that goes over it. Anyone carries the latch to the board. Gives the slot.
    pub(super) fn rob(&mut self) -> u64 {
        self.machine.warp_seconds(4_000);
        let thief = self.traders[0].key.insecure_clone();
        let attacker_tokens = keypair("attacker_tokens").pubkey();
        self.machine
            .create_token_account(&attacker_tokens, &self.market.base_mint, &thief.pubkey(), 0);
        let market = self.market;
        let take = |amount: u64, index: u64| market.settle(thief.pubkey(), side::ASK, attacker_tokens, amount, index);
        self.must(&[take(SLOT_LIMIT, 1)], &[&thief]);
        self.machine.next_slot();
        self.must(&[take(LIMIT - SLOT_LIMIT, 2), take(BEYOND, QUEUED)], &[&thief]);
        let breaker = market.base_vault.expect("protected").breaker;
        let (domain, payer) = (self.protocol().domain, self.machine.payer.pubkey());
        self.must(&[ix::propagate_trip(domain, payer, breaker, 0)], &[]);
        let slot = self.machine.clock().slot;
        self.machine.next_slot();
        assert_eq!(self.machine.balance(&attacker_tokens), LIMIT);
        slot
    }

    pub(super) fn freeze(&mut self) {
        let domain = self.protocol().domain;
        for number in 0..2 {
            let member = self.protocol().members[number].insecure_clone();
            let confirm = ix::confirm_incident(domain, member.pubkey(), pda::incident(&domain, 0));
            self.must(&[confirm], &[&member]);
            self.machine.next_slot();
        }
    }

    /// Whatever moves a ledger, by a trader who can do it in peace; matching by anyone.
    fn acts(&self) -> [(&'static str, Instruction); 9] {
        let trader = &self.traders[8];
        let (owner, quote, shares) = (trader.owner(), trader.quote, trader.shares);
        let (market, exchange) = (&self.market, &self.exchange);
        let order = PlaceOrderArgs {
            side: side::BID,
            kind: order_kind::LIMIT,
            price: 1,
            lots: 2,
            client_id: self.client_id + 1,
            most: 0,
        };
        let everyone: Vec<_> = self.traders.iter().take(20).map(Trader::owner).collect();
        [
            ("place", market.place(owner, order, &[])),
            ("cancel", market.cancel(owner, self.client_id)),
            ("match", market.match_orders(9, &everyone)),
            ("fund", market.fund_orders(owner, side::BID, quote, 1)),
            ("settle", market.settle(owner, side::BID, quote, 1, 9)),
            ("deposit", exchange.deposit(owner, quote, 1)),
            ("withdraw", exchange.withdraw(owner, quote, 1, 9)),
            ("add liquidity", exchange.add_liquidity(owner, quote, shares, 9)),
            (
                "remove liquidity",
                exchange.remove_liquidity(owner, quote, shares, 9, 9),
            ),
        ]
    }

    fn signers(&self, act: &str) -> Vec<Keypair> {
        if act == "match" {
            vec![]
        } else {
            vec![self.traders[8].key.insecure_clone()]
        }
    }

    /// In peace all of it works.
    pub(super) fn all_works(&self) {
        for (name, act) in self.acts() {
            let signers = self.signers(name);
            let signers: Vec<_> = signers.iter().collect();
            assert!(self.machine.would_work(&[act], &signers), "{name}");
        }
    }

    pub(super) fn try_everything(&mut self) {
        for (name, act) in self.acts() {
            let signers = self.signers(name);
            let signers: Vec<_> = signers.iter().collect();
            let failure = self.machine.send(&[act], &signers).err();
            let code = failure.and_then(|failure| failure.code());
            self.refusals.push((name, code));
        }
    }
}
