//! Facts of the incidents that can be replayed, as plain data. No figure here is measured by a drill. Where a figure
//! has no source, the comment states the assumption.

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
}

impl Attack {
    /// Are funds lost, so that a state must be chosen and claims must be paid? If not, the council resumes.
    #[must_use]
    pub const fn is_restored(&self) -> bool {
        matches!(
            self,
            Self::StolenAdmin(_) | Self::OneTransaction(_) | Self::Markets(_) | Self::CapturedVote(_)
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

/// Every incident there is.
pub const INCIDENTS: &[Incident] = &[
    Incident {
        name: "drift-2026-04",
        title: "Drift",
        date: "2026-04-01",
        how: "Admin taken through durable-nonce approvals signed days before, guards switched off, \
              worthless collateral listed and borrowed against",
        // $285M of $309M.
        tvl_usd: 309_000_000,
        loss_usd: 285_000_000,
        // The approval landed in slot 410344005 at 16:05:18 UTC.
        first_slot: 410_344_005,
        first_ts: 1_775_059_518,
        // The upgrade that disabled all instructions was merged at 17:36:27 UTC.
        stop_seconds: 5_469,
        stop: "a program upgrade disabled all instructions",
        attack: Attack::StolenAdmin(StolenAdmin {
            // 24 March 01:22:06 UTC.
            staged_slot: 408_444_056,
            staged_ts: 1_774_315_326,
            // UpdateAdmin landed in slot 410344009.
            takeover_slots: 4,
            // "Drained in about 12 minutes, largest transfer 41.7M JLP, about $155M."
            drain_seconds: 720,
            largest_usd: 155_000_000,
            // Assumed: the rest left in equal parts, this far apart.
            every_seconds: 20,
        }),
        policy: Policy::HOURLY,
        assumed: &["all withdrawals but the largest are equal, 20 seconds apart, and the largest is the last"],
    },
    Incident {
        name: "mango-2022-10",
        title: "Mango",
        date: "2022-10-11",
        how: "The price of thinly traded collateral pushed up twenty-four times within two minutes, and the unrealised \
              profit borrowed against",
        // The whole value.
        tvl_usd: 116_700_000,
        loss_usd: 116_700_000,
        // 22:19 UTC, when the accounts were funded.
        first_slot: 154_800_000,
        first_ts: 1_665_526_740,
        stop_seconds: 1_800,
        stop: "nothing was left",
        attack: Attack::ThinOracle(ThinOracle {
            // 483M MNGO-PERP at 22:24; from about $0.038 to $0.91 at 22:26.
            position: 483_000_000,
            price_before: 38_000,
            price_after: 910_000,
            push_at: 300,
            push_seconds: 120,
            push_steps: 12,
            drain_seconds: 1_200,
            every_seconds: 60,
        }),
        policy: Policy::HOURLY,
        assumed: &[
            "the slot, and that everything was gone half an hour after the accounts had been funded",
            "the push in twelve equal ratios, ten seconds apart, and twenty equal loans, a minute apart",
            "a position is collateral of the example exchange, valued by its oracle account",
        ],
    },
    Incident {
        name: "nirvana-2022-07",
        title: "Nirvana",
        date: "2022-07-28",
        how: "One flash-loan transaction moved the price and redeemed everything at it",
        // The whole value.
        tvl_usd: 3_500_000,
        loss_usd: 3_500_000,
        // Slot and time of day (noon) have no source; nothing depends on them.
        first_slot: 143_300_000,
        first_ts: 1_659_009_600,
        // Nothing was left to stop.
        stop_seconds: 0,
        stop: "nothing was left",
        attack: Attack::OneTransaction(OneTransaction {
            // Assumed: the transaction is split so that it gets as much as possible below the limit.
            redemptions: 4,
            step_bps: 40,
        }),
        policy: Policy {
            bound: Bound::Slot,
            ..Policy::HOURLY
        },
        assumed: &["slot and time of day"],
    },
    Incident {
        name: "swissborg-2025-09",
        title: "SwissBorg",
        date: "2025-09-08",
        how: "The authorities over a stake account changed on 31 August and 6 September, 192,600 SOL withdrawn on \
              8 September",
        tvl_usd: 41_300_000,
        loss_usd: 41_300_000,
        first_slot: 363_600_000,
        // 31 August, noon.
        first_ts: 1_756_641_600,
        // To the last withdrawal.
        stop_seconds: 692_523 + 180,
        stop: "nothing was left",
        attack: Attack::Authorities(Authorities {
            lamports: 192_600_000_000_000,
            // 6 September, noon.
            second_seconds: 6 * 86_400,
            // 8 September 12:22:03 UTC: eight withdrawals in three minutes.
            drain_at: 692_523,
            drain_seconds: 180,
            withdrawals: 8,
        }),
        policy: Policy {
            bound: Bound::Nothing,
            ..Policy::HOURLY
        },
        assumed: &[
            "slots, and noon as the time of both changes",
            "one stake account; the first change took the authority to stake, the second the one to withdraw",
            "its owner answers an alarm within twenty minutes and still holds the authority to withdraw then",
        ],
    },
    Incident {
        name: "euler-2023-03",
        title: "Euler",
        date: "2023-03-13",
        how: "Bad debt made with a donation and liquidated at a discount, market after market; its deposit tokens were \
              collateral elsewhere",
        tvl_usd: 264_000_000,
        loss_usd: 197_000_000,
        // 08:50 UTC. The incident was on another chain, so the slot is arbitrary.
        first_slot: 182_400_000,
        first_ts: 1_678_697_400,
        stop_seconds: 1_080,
        stop: "six markets were empty; the module was disabled later that day",
        attack: Attack::Markets(Markets {
            count: 6,
            over_seconds: 1_080,
            redemptions: 4,
            step_bps: 40,
            downstream: &[
                Downstream {
                    name: "a lender",
                    tvl_usd: 60_000_000,
                    exposed_usd: 12_000_000,
                    from_seconds: 300,
                    every_seconds: 60,
                    loans: 10,
                },
                Downstream {
                    name: "a stablecoin",
                    tvl_usd: 40_000_000,
                    exposed_usd: 17_000_000,
                    from_seconds: 330,
                    every_seconds: 90,
                    loans: 8,
                },
            ],
        }),
        policy: Policy {
            bound: Bound::Slot,
            ..Policy::HOURLY
        },
        assumed: &[
            "the six markets are equal parts of one pool, and three and a half minutes apart",
            "both downstream protocols: their size, what can be borrowed there against deposit tokens, and when",
        ],
    },
    Incident {
        name: "solend-2022-06",
        title: "Solend",
        date: "2022-06-19",
        how: "A governance vote of six hours, decided by one wallet, took control of the protocol's largest account",
        // The account's 5.7M SOL, worth $215.7M, were 95 % of the deposits.
        tvl_usd: 227_000_000,
        loss_usd: 215_700_000,
        first_slot: 138_000_000,
        // 19 June, noon.
        first_ts: 1_655_640_000,
        stop_seconds: 86_400,
        stop: "a second vote reversed the first one the next day; nothing was stolen",
        attack: Attack::CapturedVote(CapturedVote {
            vote_seconds: 6 * 3_600,
            whale_bps: 3_000,
            drain: Drain {
                begins: 6 * 3_600,
                seconds: 2_400,
                largest_usd: 2_700_000,
                every_seconds: 30,
            },
        }),
        policy: Policy::HOURLY,
        assumed: &[
            "nothing was stolen: the loss is what the vote took control of, as if its winner had been a thief",
            "slot, and noon as the time of the proposal",
            "the wallet takes 30 % of the governance token; in 2022 it had cast about 90 % of the votes",
            "who wins the host's own vote is given the host's admin key, and withdraws in 80 parts, 30 seconds apart",
            "two attesters and one approver are the thief's: they state a checkpoint in which the largest account is the \
             thief's, and put it on the ballot",
            "in the first vote on the state to restore nobody votes but the thief",
        ],
    },
];

/// The incident with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Incident> {
    INCIDENTS.iter().find(|incident| incident.name == name)
}

#[cfg(test)]
mod tests;
