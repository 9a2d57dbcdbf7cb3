//! `attack`: what a thief with the exchange's admin key does.

use std::{path::Path, time::Duration};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{chain::ChainError, pda};
use bulkhead_interface::{constants::latch_state, layout::OutflowBreaker};
use bulkhead_testbed::associated_token;
use clap::{Args, ValueEnum};
use example_exchange::{constants::PRICE_SCALE, state::Exchange as Layout};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    error::LocalnetError,
    keys::{ACCOMPLICE, ADMIN},
    place::Place,
    rpc::{self, Connected, Rpc},
    sample::{PRICE, cast::Cast, tokens},
    text::{dollars, grouped, say, utc},
};

/// Parts of the vault that are asked for one after another. Each is below the limit of a slot.
const PARTS: u64 = 72;
/// Worthless tokens that the attacker deposits.
const COLLATERAL: u64 = 1_000_000_000;
/// How long the attacker waits for the next slot between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// Prices that a stolen publisher reports, and the pause between them.
const FALSE_PRICES: u64 = 5;
const PRICE_PAUSE: Duration = Duration::from_secs(6);

/// How to rob it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Borrow against a worthless token, part after part, each below the limits
    Drain,
    /// The same in one loan of everything
    Grab,
    /// Make another key the exchange's admin, and take nothing yet
    Takeover,
    /// Publish three times the collateral's price
    Price,
}

/// Options of `attack`.
#[derive(Args, Debug)]
pub struct Attack {
    /// How
    #[arg(long, value_enum, default_value_t = Kind::Drain)]
    kind: Kind,
}

/// Robs the localnet in `dir`.
///
/// # Errors
/// [`LocalnetError`]
pub async fn run(dir: &Path, command: &Attack) -> Result<(), LocalnetError> {
    let place = Place::new(dir);
    let Connected {
        manifest, keys, rpc, ..
    } = rpc::connect(&place).await?;
    let cast = Cast::new(keys.clone(), manifest.positions.count);
    let thief = admin(&rpc, &cast).await?;
    let attack = Running {
        rpc: &rpc,
        cast: &cast,
        mint: keys.key("worthless-mint"),
        thief,
    };
    match command.kind {
        Kind::Drain => attack.steal(PARTS).await?,
        Kind::Grab => attack.steal(1).await?,
        Kind::Takeover => attack.take_over().await?,
        Kind::Price => attack.publish().await?,
    }
    let config = place.config();
    say(&format!(
        "what the domain says now: bulkhead -C {} status",
        config.display()
    ));
    Ok(())
}

/// The key that is the exchange's admin now, of those that the attacker has.
async fn admin(rpc: &Rpc, cast: &Cast) -> Result<Keypair, LocalnetError> {
    let exchange = rpc.load::<Layout>(&cast.exchange.key).await?;
    let admin = exchange.map(|exchange| exchange.admin).unwrap_or_default();
    let stolen = [ADMIN, ACCOMPLICE].map(|name| cast.keys.key(name));
    let thief = stolen.into_iter().find(|key| key.pubkey() == admin);
    thief.ok_or_else(|| {
        LocalnetError::NotPossible(format!(
            "the exchange's admin is {admin}, whose key the attacker does not have: the stolen key is useless now"
        ))
    })
}

struct Running<'a> {
    rpc: &'a Rpc,
    cast: &'a Cast,
    thief: Keypair,
    /// The worthless token.
    mint: Keypair,
}

impl Running<'_> {
    /// Removes the exchange's own limit, lists a worthless token, and borrows the vault against it.
    async fn steal(&self, parts: u64) -> Result<(), LocalnetError> {
        let (rpc, cast, key) = (self.rpc, self.cast, self.thief.pubkey());
        let custody = rpc.balance(&cast.exchange.tokens).await?;
        let attacker_tokens = cast.tokens_of(&key);
        say(&format!(
            "the vault holds {}; {key} has the exchange's admin key",
            dollars(custody)
        ));
        let before = rpc.balance(&attacker_tokens).await?;
        self.prepare(custody).await?;
        let stopped = self.borrow(custody, parts, &attacker_tokens).await?;
        let taken = rpc.balance(&attacker_tokens).await?.saturating_sub(before);
        let left = rpc.balance(&cast.exchange.tokens).await?;
        say(&format!(
            "taken: {} of {}, {}; the vault holds {}",
            dollars(taken),
            dollars(custody),
            percent(taken, custody),
            dollars(left)
        ));
        say(&stopped);
        Ok(())
    }

    /// What the attacker needs before the first loan. What is there from an earlier attack is skipped.
    async fn prepare(&self, custody: u64) -> Result<(), LocalnetError> {
        let (rpc, exchange, thief) = (self.rpc, &self.cast.exchange, &self.thief);
        let (key, payer, mint) = (thief.pubkey(), rpc.payer.pubkey(), self.mint.pubkey());
        let attacker_tokens = tokens::create_associated(&payer, &key, &exchange.mint);
        rpc.send(&[attacker_tokens], &[]).await?;
        if rpc.account(&mint).await?.is_none() {
            tokens::create_mint(rpc, &self.mint, &key).await?;
        }
        self.attempt(
            "remove the exchange's own limit",
            &[exchange.set_withdraw_limit(key, u64::MAX)],
        )
        .await?;
        // So that 80 % of its value exceeds what the vault holds.
        let price = (custody / COLLATERAL + 1) * 2 * PRICE_SCALE;
        let listing = example_exchange::pda::collateral(&exchange.key, &mint);
        if rpc.account(&listing).await?.is_none() {
            let list = exchange.list_collateral(key, payer, mint, price);
            self.attempt("list a token of no value as collateral", &[list]).await?;
        }
        if rpc.account(&exchange.margin(&key)).await?.is_none() {
            let source = associated_token(&key, &mint);
            let steps = [
                exchange.open_margin_account(key, payer),
                tokens::create_associated(&payer, &key, &mint),
                tokens::mint_to(&mint, &source, &key, COLLATERAL)?,
                exchange.deposit_collateral(key, mint, source, COLLATERAL),
            ];
            self.attempt("deposit a billion of it", &steps).await?;
        }
        Ok(())
    }

    /// Borrows until the breaker latched or a program refuses. Returns why it ended.
    async fn borrow(&self, custody: u64, parts: u64, attacker_tokens: &Pubkey) -> Result<String, LocalnetError> {
        let (rpc, exchange, key) = (self.rpc, &self.cast.exchange, self.thief.pubkey());
        let vault = self.cast.plan().vault_keys(0);
        let part = custody / parts;
        let begun = rpc.clock().await?;
        let mut slot = 0;
        for number in 1..=parts {
            slot = self.next_slot(slot).await?;
            let before = rpc.balance(attacker_tokens).await?;
            // Numbers of this attack: no release of an earlier one has them.
            let index = begun.slot * 1_000 + number;
            let mint = self.mint.pubkey();
            let borrow = exchange.borrow(key, &mint, *attacker_tokens, part, index);
            let what = format!("slot {slot}: borrow {}", dollars(part));
            if let Err(error) = rpc.send(&[borrow], &[&self.thief]).await {
                say(&format!("{what}: refused: {}", rpc::name(&error)));
                return Ok(format!("what stopped it: {}", rpc::name(&error)));
            }
            let got = rpc.balance(attacker_tokens).await?.saturating_sub(before);
            let is_queued = rpc
                .account(&pda::release_of(&vault.vault, &key, index))
                .await?
                .is_some();
            let outcome = if is_queued { "queued, nothing moved" } else { "paid" };
            say(&format!("{what}: {outcome}, {} arrived", dollars(got)));
            if let Some(latched) = self.latched(&vault.breaker, begun.unix_timestamp).await? {
                return Ok(latched);
            }
        }
        Ok("what stopped it: nothing, every part was asked for".into())
    }

    /// What the breaker says, if it is latched at `now`.
    async fn latched(&self, breaker: &Pubkey, now: i64) -> Result<Option<String>, ChainError> {
        let breaker = self.rpc.load::<OutflowBreaker>(breaker).await?;
        let latch = breaker.map(|breaker| breaker.latch).filter(|latch| latch.until > now);
        Ok(latch.map(|latch| {
            let next = match latch.state {
                latch_state::LATCHED => {
                    "\nit is not on the board yet: anyone may bring it there (bulkhead trip), and a guardian may pause (bulkhead pause)"
                }
                _ => "",
            };
            format!(
                "what stopped it: the outflow breaker, latched since slot {}: {} seen, {} allowed; nothing leaves the \
                 vault before {}{next}",
                grouped(latch.slot),
                dollars(latch.seen),
                dollars(latch.allowed),
                utc(latch.until)
            )
        }))
    }

    /// Makes the accomplice the exchange's admin, or the admin again.
    async fn take_over(&self) -> Result<(), LocalnetError> {
        let key = self.thief.pubkey();
        let both = [ACCOMPLICE, ADMIN].map(|name| self.cast.keys.key(name).pubkey());
        let Some(next) = both.into_iter().find(|next| *next != key) else {
            return Ok(());
        };
        let update = self.cast.exchange.update_admin(key, next);
        self.attempt(&format!("make {next} the exchange's admin"), &[update])
            .await?;
        say("the authority watch finds it as soon as anyone looks: bulkhead watch authority");
        Ok(())
    }

    /// Publishes a false price, with the publisher's key.
    async fn publish(&self) -> Result<(), LocalnetError> {
        let publisher = self.cast.publisher();
        let exchange = &self.cast.exchange;
        for number in 0..FALSE_PRICES {
            if number > 0 {
                tokio::time::sleep(PRICE_PAUSE).await;
            }
            let publish = exchange.publish_price(&self.cast.collateral(), publisher.pubkey(), PRICE * 3);
            let what = format!("publish {} instead of {}", dollars(PRICE * 3), dollars(PRICE));
            self.sign(&what, &[publish], &publisher).await?;
        }
        say("the price breaker finds it as soon as anyone looks: bulkhead watch price");
        Ok(())
    }

    /// Sends, and prints what the program answered. A refusal is an answer.
    async fn attempt(&self, what: &str, steps: &[Instruction]) -> Result<(), LocalnetError> {
        self.sign(what, steps, &self.thief).await
    }

    async fn sign(&self, what: &str, steps: &[Instruction], key: &Keypair) -> Result<(), LocalnetError> {
        let slot = self.rpc.clock().await?.slot;
        let answer = match self.rpc.send(steps, &[key]).await {
            Ok(_) => "done".into(),
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(error) => format!("refused: {}", rpc::name(&error)),
        };
        say(&format!("slot {slot}: {what}: {answer}"));
        Ok(())
    }

    /// Waits for a slot after `slot`.
    async fn next_slot(&self, slot: u64) -> Result<u64, ChainError> {
        loop {
            let now = self.rpc.clock().await?.slot;
            if now > slot {
                return Ok(now);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}
