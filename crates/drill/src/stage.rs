//! A test machine with the exchange, its users and the attacker.

use std::path::PathBuf;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::{Detector, Domain, Latch};
use bulkhead_snapshot::Progress;
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, Outcome, Protocol, associated_token, keypair};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    deposits::spread,
    error::{DrillError, refused},
    incident::{Attack, Incident},
};

/// One dollar in native units of the quote token.
pub(crate) const DOLLAR: u64 = 1_000_000;
/// Decimals of the quote token.
pub(crate) const DECIMALS: u8 = 6;

/// Duration of a slot in milliseconds.
const SLOT_MS: i64 = 400;
/// Margin accounts opened per transaction: as many as fit into 1,232 bytes.
const OPENED_AT_ONCE: usize = 3;
/// Funds that users keep outside the exchange for later deposits: a tenth of their first deposit.
const KEPT: u64 = 10;
/// The host's own limit of one outflow, which its admin can change: a hundredth of the deposits.
const OWN_LIMIT: u64 = 100;

/// Options of a drill.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of margin accounts.
    pub positions: u32,
    /// Directory of the built programs.
    pub programs: PathBuf,
}

/// The protection that a replay runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// The host's own custody.
    Without,
    /// Bulkhead, with a breaker's default trip limit.
    With,
    /// Bulkhead, with a trip limit equal to the limit: any queued amount latches.
    TripAtLimit,
    /// Bulkhead, at the pool as well whose shares are the collateral.
    PoolToo,
}

impl Run {
    /// Does Bulkhead protect the exchange?
    pub(crate) const fn is_protected(self) -> bool {
        !matches!(self, Self::Without)
    }

    /// Does the attack breach it, so that something has to latch?
    pub(crate) const fn is_breached(self) -> bool {
        matches!(self, Self::With | Self::TripAtLimit)
    }

    /// Description for the progress bar.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Without => "without Bulkhead",
            Self::With => "with Bulkhead",
            Self::TripAtLimit => "with Bulkhead, trip limit equal to the limit",
            Self::PoolToo => "with Bulkhead, at the pool as well",
        }
    }
}

/// An honest user.
pub(crate) struct User {
    pub key: Keypair,
    /// Associated token account.
    pub tokens: Pubkey,
    /// First deposit.
    pub deposit: u64,
}

/// Everything that a replay runs on.
pub(crate) struct Stage {
    pub machine: Machine,
    pub exchange: Exchange,
    pub users: Vec<User>,
    pub attacker: Keypair,
    /// The attacker's token account.
    pub attacker_tokens: Pubkey,
    pub incident: &'static Incident,
    /// The protection.
    pub run: Run,
    /// The detector that observes this attack; `None` if it is the outflow breaker of the deposits.
    pub detector: Option<Pubkey>,
    /// Slot of the first propagated latch, or 0. A detector with a new finding latches again.
    pub trip_slot: u64,
    releases: u64,
}

impl Stage {
    /// Sets up a machine, an exchange with or without Bulkhead, and users with real deposits.
    pub(crate) fn set_up(
        incident: &'static Incident,
        options: &Options,
        run: Run,
        progress: &dyn Progress,
    ) -> Result<Self, DrillError> {
        let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
        let mut machine = Machine::new(&options.programs, &programs)?;
        let (slot, ts) = opening(incident);
        machine.set_clock(slot, ts);
        let tvl = incident.tvl_usd * DOLLAR;
        // The bug of the example exchange, and capital the size of a flash loan to exploit it.
        let has_bug = matches!(incident.attack, Attack::OneTransaction(_) | Attack::Markets(_));
        let exchange = Exchange::set_up(
            &mut machine,
            &ExchangeSetup {
                name: incident.name,
                protected: run.is_protected(),
                vulnerable_redemption: has_bug,
                withdraw_limit: if incident.attack.has_own_limit() {
                    tvl / OWN_LIMIT
                } else {
                    u64::MAX
                },
                limit: limit(incident),
                slot_limit: slot_limit(incident),
                trip_limit: if run == Run::TripAtLimit { limit(incident) } else { 0 },
                window_seconds: incident.policy.window_seconds,
                upstream: None,
            },
        );
        let attacker = keypair("attacker");
        machine.fund(&attacker.pubkey(), 1_000_000_000_000);
        let capital = if has_bug { tvl } else { 0 };
        let attacker_tokens = machine.create_associated(&exchange.mint, &attacker.pubkey(), capital);
        let mut stage = Self {
            machine,
            exchange,
            users: Vec::new(),
            attacker,
            attacker_tokens,
            incident,
            run,
            detector: None,
            trip_slot: 0,
            releases: 0,
        };
        let attacker = stage.attacker.insecure_clone();
        let open = stage
            .exchange
            .open_margin_account(attacker.pubkey(), stage.machine.payer.pubkey());
        stage.land("open the attacker's account", &[open], &[&attacker])?;
        stage.open_accounts(spread(tvl, options.positions), progress)?;
        Ok(stage)
    }

    fn open_accounts(&mut self, deposits: Vec<u64>, progress: &dyn Progress) -> Result<(), DrillError> {
        let payer = self.machine.payer.pubkey();
        let mint = self.exchange.mint;
        for (number, deposit) in deposits.into_iter().enumerate() {
            let key = keypair(&format!("user {number}"));
            let tokens = self
                .machine
                .create_associated(&mint, &key.pubkey(), deposit + deposit / KEPT);
            // For the rent of Bulkhead's deposit note.
            self.machine.fund(&key.pubkey(), 10_000_000);
            self.users.push(User { key, tokens, deposit });
        }
        for users in self.users.chunks(OPENED_AT_ONCE) {
            let exchange = &self.exchange;
            let steps: Vec<_> = users
                .iter()
                .flat_map(|user| {
                    let owner = user.key.pubkey();
                    [
                        exchange.open_margin_account(owner, payer),
                        exchange.deposit(owner, user.tokens, user.deposit),
                    ]
                })
                .collect();
            let signers: Vec<_> = users.iter().map(|user| &user.key).collect();
            self.machine
                .send(&steps, &signers)
                .map_err(|failure| refused("open margin accounts", &failure))?;
            progress.advance(users.len() as u64);
        }
        Ok(())
    }

    /// The slot of a time, given in seconds since the attack's first transaction.
    pub(crate) fn slot_at(&self, seconds: i64) -> u64 {
        self.incident
            .first_slot
            .saturating_add_signed(seconds * 1_000 / SLOT_MS)
    }

    /// Moves the clock to a time, given in seconds since the attack's first transaction.
    pub(crate) fn at(&mut self, seconds: i64) {
        let slot = self.slot_at(seconds);
        self.machine.set_clock(slot, self.incident.first_ts + seconds);
    }

    /// Seconds since the attack's first transaction.
    pub(crate) fn now(&self) -> i64 {
        self.machine.clock().unix_timestamp - self.incident.first_ts
    }

    /// Current slot.
    pub(crate) fn slot(&self) -> u64 {
        self.machine.clock().slot
    }

    /// An unused release number.
    pub(crate) fn next_release(&mut self) -> u64 {
        self.releases += 1;
        self.releases
    }

    /// Address of the record of a release that `asker` requests, if the release is queued.
    pub(crate) fn record(&self, asker: Pubkey, index: u64) -> Option<Pubkey> {
        let record = |protocol: &Protocol| pda::release_of(&protocol.vault.vault, &asker, index);
        self.protocol().map(record)
    }

    /// Sends a transaction that must succeed.
    pub(crate) fn land(
        &mut self,
        step: &str,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Outcome, DrillError> {
        self.machine
            .send(instructions, signers)
            .map_err(|failure| refused(step, &failure))
    }

    /// Balance of the attacker's token account.
    pub(crate) fn attacker_tokens(&self) -> u64 {
        self.machine.balance(&self.attacker_tokens)
    }

    /// Token accounts that hold the exchange's deposits.
    pub(crate) fn custody(&self) -> u64 {
        self.machine.balance(&self.exchange.tokens)
    }

    /// Bulkhead's accounts, if the exchange is protected.
    pub(crate) fn protocol(&self) -> Option<&Protocol> {
        self.exchange.protocol.as_ref()
    }

    /// The detector that observes this attack, if any.
    fn detector(&self) -> Option<Pubkey> {
        let protocol = self.protocol()?;
        Some(self.detector.unwrap_or(protocol.vault.breaker))
    }

    /// The latch of the detector, if any.
    pub(crate) fn latch(&self) -> Option<Latch> {
        let account = self.machine.account(&self.detector()?)?;
        let common = account.data.get(8..8 + size_of::<Detector>())?;
        let detector: Detector = bytemuck::pod_read_unaligned(common);
        Some(detector.latch)
    }

    /// Propagates the latch to the board, as any bystander may.
    pub(crate) fn propagate_trip(&mut self) -> Result<(), DrillError> {
        let (Some(protocol), Some(detector)) = (self.protocol(), self.detector()) else {
            return Ok(());
        };
        let domain = protocol.domain;
        let state = self.machine.load::<Domain>(&domain);
        let is_open = state.open_incident != Pubkey::default();
        let index = state.incident_count - u64::from(is_open);
        let trip = ix::propagate_trip(domain, self.machine.payer.pubkey(), detector, index);
        if self.trip_slot == 0 {
            self.trip_slot = self.latch().map_or(0, |latch| latch.slot);
        }
        self.land("propagate the trip", &[trip], &[]).map(|_| ())
    }

    /// The associated token account of a new holder of `mint`, with `amount`.
    pub(crate) fn give(&mut self, mint: &Pubkey, holder: &Keypair, amount: u64) -> Pubkey {
        self.machine.create_associated(mint, &holder.pubkey(), amount);
        associated_token(&holder.pubkey(), mint)
    }
}

/// Slot and time of the start: a day before the attacker's first preparation.
fn opening(incident: &Incident) -> (u64, i64) {
    const DAY: i64 = 86_400;
    let (slot, ts) = match incident.attack {
        Attack::StolenAdmin(attack) => (attack.staged_slot, attack.staged_ts),
        _ => (incident.first_slot, incident.first_ts),
    };
    (slot.saturating_sub_signed(DAY * 1_000 / SLOT_MS), ts - DAY)
}

/// The breaker's limit for one window, in native units.
pub(crate) const fn limit(incident: &Incident) -> u64 {
    incident.tvl_usd * DOLLAR / 10_000 * incident.policy.limit_bps
}

/// The breaker's limit for one slot, in native units.
pub(crate) const fn slot_limit(incident: &Incident) -> u64 {
    incident.tvl_usd * DOLLAR / 10_000 * incident.policy.slot_limit_bps
}
