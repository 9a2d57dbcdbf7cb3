//! Downstream protocols, which lend against deposit tokens of the attacked protocol.
//!
//! When the upstream is empty, its deposit tokens are worthless, and nobody downstream knows. Holders borrow against
//! them at the old price and never repay. A link closes only the compartment that lends; the liquidity pool beside it
//! stays open.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::{action, effective_mask};
use bulkhead_testbed::{Exchange, ExchangeSetup, keypair};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    error::DrillError,
    incident::{Attack, Downstream},
    report,
    stage::{DOLLAR, Stage},
};

/// The compartment that lends.
const LENDING: u8 = 0;
/// Share of a collateral's value that can be borrowed, as in the example exchange.
const LOAN_TO_VALUE_BPS: u64 = example_exchange::constants::LOAN_TO_VALUE_BPS as u64;
/// Amount that the trader adds to the pool and removes again.
const TRADED: u64 = 1_000 * DOLLAR;

/// One downstream protocol.
pub(crate) struct Dependent {
    facts: &'static Downstream,
    exchange: Exchange,
    /// Owner of the deposits.
    depositor: Keypair,
    /// Holder of the upstream's deposit tokens.
    holder: Keypair,
    /// User who continues in the pool.
    trader: Keypair,
    deposit_token: Pubkey,
    taken: u64,
    refused: u64,
    own_limit: u64,
    trades: u64,
    traded: u64,
    linked: Option<Linked>,
}

/// The effect of a link.
#[derive(Clone, Copy)]
struct Linked {
    slot: u64,
    until: i64,
    seconds: i64,
    has_lapsed: bool,
}

impl Dependent {
    /// Opens the protocol, with deposits, a trader, and holders of the upstream's deposit tokens.
    fn set_up(stage: &mut Stage, facts: &'static Downstream) -> Result<Self, DrillError> {
        let upstream = stage.protocol().map(|protocol| protocol.domain);
        let own_limit = facts.tvl_usd * DOLLAR / 10_000 * stage.incident.policy.limit_bps;
        let exchange = Exchange::set_up(
            &mut stage.machine,
            &ExchangeSetup {
                name: facts.name,
                protected: upstream.is_some(),
                vulnerable_redemption: false,
                withdraw_limit: u64::MAX,
                limit: own_limit,
                slot_limit: own_limit,
                trip_limit: 0,
                window_seconds: stage.incident.policy.window_seconds,
                upstream,
            },
        );
        let key = |what: &str| keypair(&format!("{}/{what}", facts.name));
        let dependent = Self {
            facts,
            exchange,
            depositor: key("depositor"),
            holder: key("holder"),
            trader: key("trader"),
            deposit_token: keypair("upstream deposit token").pubkey(),
            taken: 0,
            refused: 0,
            own_limit,
            trades: 0,
            traded: 0,
            linked: None,
        };
        dependent.fill(stage)?;
        Ok(dependent)
    }

    fn fill(&self, stage: &mut Stage) -> Result<(), DrillError> {
        let (exchange, payer) = (&self.exchange, stage.machine.payer.pubkey());
        for key in [&self.depositor, &self.holder, &self.trader, &exchange.admin] {
            stage.machine.fund(&key.pubkey(), 1_000_000_000_000);
        }
        let deposits = self.facts.tvl_usd * DOLLAR;
        let (depositor, holder, trader) = (self.depositor.pubkey(), self.holder.pubkey(), self.trader.pubkey());
        let mint = exchange.mint;
        let source = stage.give(&mint, &self.depositor, deposits);
        stage.give(&mint, &self.holder, 0);
        stage.give(&mint, &self.trader, TRADED);
        stage.give(&exchange.lp_mint(), &self.trader, 0);
        if stage.machine.account(&self.deposit_token).is_none() {
            stage.machine.create_mint(&self.deposit_token, &payer, 6);
        }
        let collateral = self.facts.exposed_usd * DOLLAR * 10_000 / LOAN_TO_VALUE_BPS;
        let tokens = stage.give(&self.deposit_token, &self.holder, collateral);
        let list = exchange.list_collateral(
            exchange.admin.pubkey(),
            payer,
            self.deposit_token,
            example_exchange::constants::PRICE_SCALE,
        );
        let steps = [
            (exchange.open_margin_account(depositor, payer), &self.depositor),
            (exchange.deposit(depositor, source, deposits), &self.depositor),
            (list, &exchange.admin),
            (exchange.open_margin_account(holder, payer), &self.holder),
            (
                exchange.deposit_collateral(holder, self.deposit_token, tokens, collateral),
                &self.holder,
            ),
        ];
        for (step, signer) in steps {
            stage.land("open a downstream protocol", &[step], &[signer])?;
        }
        let (source, shares) = (self.tokens(&trader), self.shares());
        let add = exchange.add_liquidity(trader, source, shares, TRADED / 2);
        stage
            .land("add downstream liquidity", &[add], &[&self.trader])
            .map(|_| ())
    }

    fn tokens(&self, owner: &Pubkey) -> Pubkey {
        bulkhead_testbed::associated_token(owner, &self.exchange.mint)
    }

    fn shares(&self) -> Pubkey {
        bulkhead_testbed::associated_token(&self.trader.pubkey(), &self.exchange.lp_mint())
    }

    /// One loan of the holder. The last one takes the remainder.
    fn borrow(&mut self, stage: &mut Stage, number: u64) {
        let exposed = self.facts.exposed_usd * DOLLAR;
        let part = exposed / self.facts.loans;
        let amount = if number + 1 == self.facts.loans {
            exposed - part * number
        } else {
            part
        };
        let (holder, index) = (self.holder.pubkey(), stage.next_release());
        let destination = self.tokens(&holder);
        let borrow = self
            .exchange
            .borrow(holder, &self.deposit_token, destination, amount, index);
        let before = stage.machine.balance(&destination);
        if stage.machine.send(&[borrow], &[&self.holder]).is_err() {
            self.refused += 1;
        }
        self.taken += stage.machine.balance(&destination) - before;
    }

    /// The trader adds and removes liquidity in the compartment that does not depend on the upstream.
    fn trade(&mut self, stage: &mut Stage) {
        let (trader, amount, index) = (self.trader.pubkey(), TRADED / 10, stage.next_release());
        let (tokens, shares) = (self.tokens(&trader), self.shares());
        let steps = [
            self.exchange.add_liquidity(trader, tokens, shares, amount),
            self.exchange.remove_liquidity(trader, tokens, shares, amount, index),
        ];
        self.trades += 1;
        let before = stage.machine.balance(&tokens);
        let is_done = stage.machine.send(&steps, &[&self.trader]).is_ok() && stage.machine.balance(&tokens) == before;
        self.traded += u64::from(is_done);
    }

    /// A bystander propagates the upstream's pause.
    fn link(&mut self, stage: &mut Stage, upstream: &Pubkey) -> Result<(), DrillError> {
        let Some(domain) = self.exchange.protocol.as_ref().map(|protocol| protocol.domain) else {
            return Ok(());
        };
        let crank = ix::propagate_contagion(domain, *upstream);
        stage.land("propagate the contagion", &[crank], &[])?;
        self.linked = self.exchange.protocol.as_ref().map(|protocol| {
            let until = protocol.board(&stage.machine).rows[usize::from(LENDING)].linked_until;
            Linked {
                slot: stage.slot(),
                until,
                seconds: until - stage.machine.clock().unix_timestamp,
                has_lapsed: false,
            }
        });
        Ok(())
    }

    /// Checks that it is closed for the full duration and open afterwards, by the board and by a depositor who
    /// withdraws.
    fn lapse(&mut self, stage: &mut Stage) {
        let (Some(linked), Some(protocol)) = (&mut self.linked, &self.exchange.protocol) else {
            return;
        };
        let board = stage.machine.account(&pda::board(&protocol.domain)).unwrap_or_default();
        let mask = |now| effective_mask(&board.data, LENDING, now).unwrap_or(action::ALL);
        let index = stage.next_release();
        let owner = self.depositor.pubkey();
        let tokens = bulkhead_testbed::associated_token(&owner, &self.exchange.mint);
        let withdraw = self.exchange.withdraw(owner, tokens, DOLLAR, index);
        let closed_before = mask(linked.until - 1) & action::WITHDRAW != 0;
        let is_paid =
            stage.machine.send(&[withdraw], &[&self.depositor]).is_ok() && stage.machine.balance(&tokens) == DOLLAR;
        linked.has_lapsed = closed_before && mask(linked.until) == 0 && is_paid;
    }
}

/// Opens all downstream protocols of the stage's incident.
pub(crate) fn set_up_all(stage: &mut Stage) -> Result<Vec<Dependent>, DrillError> {
    let Attack::Markets(markets) = stage.incident.attack else {
        return Ok(Vec::new());
    };
    let all = markets.downstream.iter().map(|facts| Dependent::set_up(stage, facts));
    all.collect()
}

/// The downstream event at one time.
#[derive(Clone, Copy)]
enum Act {
    Borrow(u64),
    Trade,
}

/// All downstream events in order: seconds, who, what.
pub(crate) struct Agenda(Vec<(i64, usize, Act)>);

impl Agenda {
    /// Loans by the holders, and a trade every two minutes.
    pub(crate) fn of(dependents: &[Dependent]) -> Self {
        let mut acts = Vec::new();
        for (place, dependent) in dependents.iter().enumerate() {
            let Downstream {
                from_seconds,
                every_seconds,
                loans,
                ..
            } = *dependent.facts;
            let mut at = from_seconds;
            for number in 0..loans {
                acts.push((at, place, Act::Borrow(number)));
                acts.push((at + every_seconds / 2, place, Act::Trade));
                at += every_seconds;
            }
        }
        acts.sort_by_key(|(at, ..)| *at);
        Self(acts)
    }

    /// Runs the events due before `seconds`.
    pub(crate) fn until(&mut self, stage: &mut Stage, dependents: &mut [Dependent], seconds: i64) {
        let due = self.0.partition_point(|(at, ..)| *at < seconds);
        for (at, place, act) in self.0.drain(..due).collect::<Vec<_>>() {
            stage.at(at);
            match act {
                Act::Borrow(number) => dependents[place].borrow(stage, number),
                Act::Trade => dependents[place].trade(stage),
            }
        }
    }
}

/// Propagates the upstream's pause to all of them.
pub(crate) fn link_all(stage: &mut Stage, dependents: &mut [Dependent]) -> Result<(), DrillError> {
    let Some(upstream) = stage.protocol().map(|protocol| protocol.domain) else {
        return Ok(());
    };
    dependents
        .iter_mut()
        .try_for_each(|dependent| dependent.link(stage, &upstream))
}

/// Long after the end of the upstream's pause: have the linked pauses ended?
pub(crate) fn after_the_lapse(stage: &mut Stage, dependents: &mut [Dependent]) {
    for dependent in dependents {
        dependent.lapse(stage);
    }
}

/// The outcome of both runs.
pub(crate) fn rows(without: &[Dependent], with: &[Dependent]) -> Vec<report::Dependent> {
    without
        .iter()
        .zip(with)
        .map(|(without, with)| report::Dependent {
            name: with.facts.name.to_owned(),
            tvl: with.facts.tvl_usd * DOLLAR,
            exposed: with.facts.exposed_usd * DOLLAR,
            loss_without: without.taken,
            loss_with: with.taken,
            own_limit: with.own_limit,
            linked_slot: with.linked.map_or(0, |linked| linked.slot),
            linked_seconds: with.linked.map_or(0, |linked| linked.seconds),
            has_lapsed: with.linked.is_some_and(|linked| linked.has_lapsed),
            refused: with.refused,
            trades: with.trades,
            traded: with.traded,
        })
        .collect()
}
