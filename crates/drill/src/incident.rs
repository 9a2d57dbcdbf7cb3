//! Facts of the incidents that can be replayed, as plain data. No figure here is measured by a drill. Where a figure
//! has no source, the comment states the assumption.

mod list;

pub use list::INCIDENTS;

/// Facts of one incident, and the policy it is replayed under.
#[derive(Clone, Copy, Debug)]
pub struct Incident {
    /// Name on the command line.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Day of the incident, UTC.
    pub date: &'static str,
    /// What happened, in one sentence.
    pub how: &'static str,
    /// Value in the protocol, in dollars.
    pub tvl_usd: u64,
    /// Loss, in dollars.
    pub loss_usd: u64,
    /// Slot of the first transaction of the attack.
    pub first_slot: u64,
    /// Its time, in unix seconds.
    pub first_ts: i64,
    /// Seconds from the first transaction until the attack was stopped.
    pub stop_seconds: i64,
    /// What ended the attack.
    pub stop: &'static str,
    /// The attack.
    pub attack: Attack,
    /// The protocol's breaker.
    pub policy: Policy,
    /// Assumptions without a source, in sentences.
    pub assumed: &'static [&'static str],
}

/// The kind of attack.
#[derive(Clone, Copy, Debug)]
pub enum Attack {
    /// The host's admin key is stolen, its guards are disabled, and worthless collateral is listed and borrowed against
    /// until the vault is empty.
    StolenAdmin(StolenAdmin),
    /// A bug lets one transaction redeem everything.
    OneTransaction(OneTransaction),
    /// A bug empties market after market, one transaction each. Other domains depend on the protocol.
    Markets(Markets),
    /// The price of thinly traded collateral is pushed up and borrowed against.
    ThinOracle(ThinOracle),
    /// The authorities of a stake account are changed days before it is emptied.
    Authorities(Authorities),
    /// One wallet passes a vote within hours, which gives it the host's admin role; then it votes on the restoration.
    CapturedVote(CapturedVote),
    /// The host's admin key is stolen, and funds leave so slowly that no limit of the outflow notices.
    SlowDrain(SlowDrain),
    /// The keys that were meant to be several are in one place: the host's, and enough of the council's to approve.
    SharedKeys(SharedKeys),
    /// A faulty upgrade lets anyone take funds, and many copy the first transaction.
    Crowd(Crowd),
    /// Collateral of outstanding loans becomes worthless because another protocol is emptied.
    BadDebt(BadDebt),
}

impl Attack {
    /// Are funds lost, so that a state must be chosen and claims must be paid? If not, the council resumes.
    #[must_use]
    pub const fn is_restored(&self) -> bool {
        !matches!(self, Self::ThinOracle(_) | Self::Authorities(_))
    }

    /// Is it the breaker of the outflow that latches, so that its trip limit matters?
    #[must_use]
    pub const fn latches_outflow(&self) -> bool {
        matches!(
            self,
            Self::StolenAdmin(_)
                | Self::OneTransaction(_)
                | Self::Markets(_)
                | Self::CapturedVote(_)
                | Self::SharedKeys(_)
                | Self::Crowd(_)
        )
    }

    /// Does the host have a limit of its own, which its admin can change?
    #[must_use]
    pub const fn has_own_limit(&self) -> bool {
        matches!(
            self,
            Self::StolenAdmin(_)
                | Self::Authorities(_)
                | Self::CapturedVote(_)
                | Self::SlowDrain(_)
                | Self::SharedKeys(_)
        )
    }
}

/// Facts of an attack with a stolen admin key.
#[derive(Clone, Copy, Debug)]
pub struct StolenAdmin {
    /// Slot in which the pre-signed transactions were staged.
    pub staged_slot: u64,
    /// Its time, in unix seconds.
    pub staged_ts: i64,
    /// Slots from the first transaction to the admin change.
    pub takeover_slots: u64,
    /// Duration of the drain.
    pub drain_seconds: i64,
    /// Largest single withdrawal, in dollars.
    pub largest_usd: u64,
    /// Seconds between two withdrawals.
    pub every_seconds: i64,
}

impl StolenAdmin {
    /// The withdrawals.
    #[must_use]
    pub const fn drain(&self) -> Drain {
        Drain {
            begins: 0,
            seconds: self.drain_seconds,
            largest_usd: self.largest_usd,
            every_seconds: self.every_seconds,
        }
    }
}

/// Equal withdrawals, with the largest one last.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// Seconds from the attack's first transaction.
    pub begins: i64,
    /// Duration.
    pub seconds: i64,
    /// Largest single withdrawal, in dollars.
    pub largest_usd: u64,
    /// Seconds between two withdrawals.
    pub every_seconds: i64,
}

/// Facts of a vote that one wallet decides.
#[derive(Clone, Copy, Debug)]
pub struct CapturedVote {
    /// How long the host's own vote was open.
    pub vote_seconds: i64,
    /// Share of the governance token that the wallet takes.
    pub whale_bps: u64,
    /// What the wallet does with the admin role.
    pub drain: Drain,
}

/// Facts of a drain below every limit of the outflow.
#[derive(Clone, Copy, Debug)]
pub struct SlowDrain {
    /// Number of equal withdrawals.
    pub withdrawals: u64,
    /// Seconds between two of them.
    pub every_seconds: i64,
    /// Share of the deposits that the solvency breaker lets be missing.
    pub tolerance_bps: u16,
    /// How long more must be missing before it latches.
    pub min_age_seconds: i64,
}

/// Facts of an attack with keys that were in one place.
#[derive(Clone, Copy, Debug)]
pub struct SharedKeys {
    /// What the thief does with the host's key.
    pub drain: Drain,
}

/// Facts of an attack that many copy.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// What the first transaction takes, in dollars.
    pub first_usd: u64,
    /// Number of copies, each by another key. They take the rest in equal parts.
    pub copies: u64,
    /// Seconds from the first transaction to the last.
    pub over_seconds: i64,
}

/// Facts of loans whose collateral becomes worthless.
#[derive(Clone, Copy, Debug)]
pub struct BadDebt {
    /// The deployment of the protocol.
    pub deployment: &'static str,
    /// What its lenders lost of their balances, as published, in thousandths of a percent.
    pub published_haircut: u64,
    /// Lenders who take out everything before somebody pauses by hand, the largest first.
    pub leavers: u64,
    /// Seconds between two of them.
    pub every_seconds: i64,
    /// Value in the pool whose shares are the collateral, in dollars. All of it is taken.
    pub pool_usd: u64,
    /// How that is taken.
    pub theft: OneTransaction,
    /// The other deployment, which has its own pause and its own claims.
    pub other: Option<&'static Incident>,
}

/// Facts of an attack in one transaction.
#[derive(Clone, Copy, Debug)]
pub struct OneTransaction {
    /// Redemptions in the transaction. The last one takes the remainder.
    pub redemptions: u64,
    /// Size of every redemption but the last, as a share of the value in the protocol.
    pub step_bps: u64,
}

/// Facts of an attack on one market after another.
#[derive(Clone, Copy, Debug)]
pub struct Markets {
    /// Number of markets.
    pub count: u64,
    /// Seconds from the first market to the last.
    pub over_seconds: i64,
    /// Redemptions in the first transaction, which takes as much as possible below the limit before it takes the rest.
    pub redemptions: u64,
    /// Size of every redemption but the last, as a share of the value in the protocol.
    pub step_bps: u64,
    /// The protocols that accept the deposit tokens as collateral.
    pub downstream: &'static [Downstream],
}

/// Facts of an attack on a price.
#[derive(Clone, Copy, Debug)]
pub struct ThinOracle {
    /// The attacker's position, in whole units of the collateral.
    pub position: u64,
    /// Price before the push, in millionths of a dollar.
    pub price_before: u64,
    /// Price after the push, in millionths of a dollar.
    pub price_after: u64,
    /// Seconds from the first transaction to the start of the push.
    pub push_at: i64,
    /// Duration of the push.
    pub push_seconds: i64,
    /// Number of equal ratios of the push.
    pub push_steps: u32,
    /// Duration of the drain after the push.
    pub drain_seconds: i64,
    /// Seconds between two loans.
    pub every_seconds: i64,
}

/// Facts of an attack by changed authorities.
#[derive(Clone, Copy, Debug)]
pub struct Authorities {
    /// Balance of the stake account.
    pub lamports: u64,
    /// Seconds from the first change to the second.
    pub second_seconds: i64,
    /// Seconds from the first change to the first withdrawal.
    pub drain_at: i64,
    /// Seconds from the first withdrawal to the last.
    pub drain_seconds: i64,
    /// Number of withdrawals.
    pub withdrawals: u64,
}

/// A domain that depends on the attacked one.
#[derive(Clone, Copy, Debug)]
pub struct Downstream {
    /// Name of the domain.
    pub name: &'static str,
    /// Value in the domain, in dollars.
    pub tvl_usd: u64,
    /// Amount that can be borrowed there against the upstream's deposit tokens, in dollars.
    pub exposed_usd: u64,
    /// Seconds from the first transaction until holders of the worthless tokens begin to borrow.
    pub from_seconds: i64,
    /// Seconds between two of their loans.
    pub every_seconds: i64,
    /// Number of loans until nothing is left.
    pub loans: u64,
}

/// The breaker of the replay.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Length of the window.
    pub window_seconds: i64,
    /// Maximum outflow in any window, as a share of the value in the protocol.
    pub limit_bps: u64,
    /// Maximum outflow in one slot, and so in one transaction, as a share of the value in the protocol.
    pub slot_limit_bps: u64,
    /// The bound that applies to this attack.
    pub bound: Bound,
}

/// The rule that limits what an attack can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An attack over many slots: the limit of one window.
    Window,
    /// An attack in one transaction: the limit of one slot.
    Slot,
    /// An attack that is detected long before anything leaves.
    Nothing,
    /// A slow drain: what the solvency breaker lets be missing, as a share of the deposits, and the limit of one window
    /// for who hurries after that.
    Shortfall {
        /// The share.
        tolerance_bps: u64,
    },
    /// Loans that are outstanding when their collateral becomes worthless.
    Lent,
}

impl Bound {
    /// The rule in words.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Window => "the breaker's limit for one window: the latch ends the attack before a second one begins",
            Self::Slot => "the breaker's limit for one slot: a transaction runs within one slot",
            Self::Nothing => {
                "no loss: the authority watch latches at the first change, days before the first withdrawal"
            }
            Self::Shortfall { .. } => {
                "what the solvency breaker lets be missing, and the limit for one window for who hurries after that"
            }
            Self::Lent => "what was lent against the collateral before it fell: no pause takes a loan back",
        }
    }
}

impl Policy {
    /// 5 % of the deposits an hour: the counterfactual policy the incident table uses.
    const HOURLY: Self = Self {
        window_seconds: 3_600,
        limit_bps: 500,
        slot_limit_bps: 125,
        bound: Bound::Window,
    };
}

/// The incident with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Incident> {
    INCIDENTS.iter().find(|incident| incident.name == name)
}

#[cfg(test)]
mod tests;
