//! Honest load: owners who deposit and withdraw a little, and a publisher of prices.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use bulkhead_client::{chain::ChainError, pda};
use solana_signer::Signer;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    rpc::{self, Rpc},
    sample::{
        PRICE,
        cast::{Cast, deposit},
        detectors::PRICE_SECONDS,
    },
    text::say,
};

/// The most that one deposit or withdrawal moves: a hundredth of the owner's first deposit.
const MOST: u64 = 100;
/// All withdrawals of an hour together stay below this part of the limit.
const OF_LIMIT: u64 = 4;
/// Largest change of a price, in thousandths.
const NOISE: u64 = 2;

/// Runs until it is dropped.
pub async fn run(rpc: &Rpc, cast: &Cast, per_minute: u32, owners: u32) {
    if per_minute == 0 || owners == 0 {
        std::future::pending::<()>().await;
    }
    let mut moves = interval(Duration::from_secs(60) / per_minute.max(1));
    let mut prices = interval(Duration::from_secs(u64::from(PRICE_SECONDS)));
    // A busy node gets less load, not a burst of it afterwards.
    moves.set_missed_tick_behavior(MissedTickBehavior::Delay);
    prices.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut load = Load {
        rpc,
        cast,
        owners,
        // Half of the moves are withdrawals.
        most: cast.setup.limit / OF_LIMIT / (u64::from(per_minute) * 30).max(1),
        price: PRICE,
        answers: [Answer::Served, Answer::Served, Answer::Served],
    };
    loop {
        tokio::select! {
            _ = moves.tick() => load.step().await,
            _ = prices.tick() => load.publish().await,
        }
    }
}

/// What was answered last to one kind of request.
#[derive(Clone, PartialEq, Eq)]
enum Answer {
    Served,
    Queued,
    Refused(String),
}

struct Load<'a> {
    rpc: &'a Rpc,
    cast: &'a Cast,
    owners: u32,
    most: u64,
    price: u64,
    answers: [Answer; 3],
}

const DEPOSITS: (usize, &str) = (0, "deposits");
const WITHDRAWALS: (usize, &str) = (1, "withdrawals");
const PRICES: (usize, &str) = (2, "prices");

impl Load<'_> {
    /// An owner deposits or withdraws.
    async fn step(&mut self) {
        let chance = random();
        let number = u32::try_from(chance % u64::from(self.owners)).unwrap_or(0);
        let owner = self.cast.owner(number);
        let (key, tokens) = (owner.pubkey(), self.cast.tokens_of(&owner.pubkey()));
        let most = (deposit(number) / MOST).min(self.most).max(1);
        // Differs each time: two equal transactions in one slot are one transaction.
        let amount = most - chance % (most / 2 + 1);
        let exchange = &self.cast.exchange;
        if chance & (1 << 40) == 0 {
            // An owner who has spent what they kept outside waits for a withdrawal.
            if !matches!(self.rpc.balance(&tokens).await, Ok(kept) if kept >= amount) {
                return;
            }
            let sent = self.rpc.send(&[exchange.deposit(key, tokens, amount)], &[&owner]).await;
            self.note(DEPOSITS, sent.map(|_| Answer::Served));
            return;
        }
        let index = random();
        let sent = self
            .rpc
            .send(&[exchange.withdraw(key, tokens, amount, index)], &[&owner])
            .await;
        let answer = match sent {
            Ok(_) => self.outcome(&key, index).await,
            Err(error) => Err(error),
        };
        self.note(WITHDRAWALS, answer);
    }

    /// Was a withdrawal paid or queued?
    async fn outcome(&self, owner: &anchor_lang::prelude::Pubkey, index: u64) -> Result<Answer, ChainError> {
        let vault = self.cast.plan().vault_keys(0).vault;
        let queued = self.rpc.account(&pda::release_of(&vault, owner, index)).await?;
        Ok(queued.map_or(Answer::Served, |_| Answer::Queued))
    }

    /// The publisher moves the price a little.
    async fn publish(&mut self) {
        let moved = self.price * (1_000 - NOISE + random() % (2 * NOISE + 1)) / 1_000;
        // It stays near the first price, however long this runs.
        self.price = (moved * 99 + PRICE) / 100;
        let publisher = self.cast.publisher();
        let exchange = &self.cast.exchange;
        let publish = exchange.publish_price(&self.cast.collateral(), publisher.pubkey(), self.price);
        let sent = self.rpc.send(&[publish], &[&publisher]).await;
        self.note(PRICES, sent.map(|_| Answer::Served));
    }

    /// Prints what changed: the first refusal, not each.
    fn note(&mut self, (at, what): (usize, &str), answer: Result<Answer, ChainError>) {
        let answer = answer.unwrap_or_else(|error| Answer::Refused(rpc::name(&error)));
        let Some(last) = self.answers.get_mut(at).filter(|last| **last != answer) else {
            return;
        };
        say(&match &answer {
            Answer::Served => format!("load: {what} go through again"),
            Answer::Queued => format!("load: {what} are queued: a limit is reached, or the breaker has latched"),
            Answer::Refused(why) => format!("load: {what} are refused: {why}"),
        });
        *last = answer;
    }
}

fn random() -> u64 {
    // Each state has random keys of its own.
    RandomState::new().build_hasher().finish()
}
