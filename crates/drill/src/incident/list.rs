//! The incidents, one after the other.

use super::*;

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
    Incident {
        name: "raydium-2022-12",
        title: "Raydium",
        date: "2022-12-16",
        how: "The key of the pools' owner stolen from a server, and liquidity of eight pools withdrawn with it as fees",
        // $34.7M were left after a fall by 27 %.
        tvl_usd: 47_600_000,
        loss_usd: 4_400_000,
        first_slot: 167_100_000,
        // Assumed: four hours before the stop.
        first_ts: 1_671_185_760,
        // 14:16 UTC.
        stop_seconds: 4 * 3_600,
        stop: "the stolen key's authority was revoked",
        attack: Attack::SlowDrain(SlowDrain {
            withdrawals: 88,
            every_seconds: 160,
            tolerance_bps: 100,
            min_age_seconds: 60,
        }),
        policy: Policy {
            bound: Bound::Shortfall { tolerance_bps: 100 },
            ..Policy::HOURLY
        },
        assumed: &[
            "the slot, and that the first withdrawal was four hours before the key was revoked",
            "88 equal withdrawals of $50,000, 160 seconds apart",
            "the eight pools are one, which holds the whole value: that is the worst case for every limit",
            "the key withdraws by a loan against worthless collateral, for the example exchange has no fees to inflate",
            "a bystander compares reserves and liabilities after each outflow and once more a minute later",
        ],
    },
    Incident {
        name: "multichain-2023-07",
        title: "Multichain",
        date: "2023-07-06",
        how: "The servers of all key shares ran in one person's cloud account; whoever had it moved what the bridges held",
        // Nearly everything that the bridge to Fantom held, and two smaller ones.
        tvl_usd: 130_000_000,
        loss_usd: 126_000_000,
        // The incident was on other chains, so the slot is arbitrary.
        first_slot: 203_700_000,
        // Assumed: 18:00 UTC.
        first_ts: 1_688_666_400,
        stop_seconds: 86_400,
        stop: "nothing was left; issuers of stablecoins froze about $65M over the next two days",
        attack: Attack::SharedKeys(SharedKeys {
            drain: Drain {
                begins: 0,
                seconds: 1_200,
                // 1,023 WBTC.
                largest_usd: 30_900_000,
                every_seconds: 20,
            },
        }),
        policy: Policy::HOURLY,
        assumed: &[
            "what the emptied bridges held, $130M, and the hour",
            "all withdrawals but the largest are equal, 20 seconds apart, and the largest is the last",
            "the place that had every key of the bridge also has two of five council keys, enough to approve",
            "the vetoer's key is elsewhere, and its holder answers a proposal within twenty minutes",
        ],
    },
    Incident {
        name: "nomad-2022-08",
        title: "Nomad",
        date: "2022-08-01",
        how: "An upgrade trusted the zero root, so that every message was proven; hundreds copied the first transaction",
        // Everything.
        tvl_usd: 190_700_000,
        loss_usd: 190_700_000,
        // 21:32 UTC. The incident was on another chain, so the slot is arbitrary.
        first_slot: 143_900_000,
        first_ts: 1_659_389_520,
        // Acknowledged at 23:35 UTC.
        stop_seconds: 7_380,
        stop: "the team acknowledged the incident, and next to nothing was left",
        attack: Attack::Crowd(Crowd {
            // 100 WBTC.
            first_usd: 2_300_000,
            copies: 300,
            over_seconds: 7_380,
        }),
        policy: Policy::HOURLY,
        assumed: &[
            "300 copies of equal size, each by another key, spread over the two hours until the team answered",
            "an upgrade accepts a token that anyone can have as collateral, for the example exchange verifies no messages",
            "all copies pay into one account, so that their sum can be read",
            "the vault is the bridge's on this chain; nothing here is about the other chain's side",
        ],
    },
    Incident {
        name: "notional-2025-11",
        title: "Notional on mainnet",
        // 1,129.62 ETH, of which 632.8 were lent against shares of the pools. The published haircut gives the total.
        tvl_usd: 4_179_594,
        loss_usd: 2_341_360,
        attack: Attack::BadDebt(BadDebt {
            deployment: "mainnet",
            published_haircut: 56_019,
            other: Some(&NOTIONAL_ON_ARBITRUM),
            ..NOTIONAL_LOANS
        }),
        ..NOTIONAL
    },
];

/// What both deployments have in common.
const NOTIONAL: Incident = Incident {
    name: "",
    title: "",
    date: "2025-11-03",
    how: "Another protocol's pools were emptied, and loans against their shares became bad debt: 632.8 ETH on mainnet and \
          80.2 ETH on Arbitrum",
    tvl_usd: 0,
    loss_usd: 0,
    // 07:46 UTC, the first alert about the pools. The incident was on other chains, so the slot is arbitrary.
    first_slot: 377_600_000,
    first_ts: 1_762_155_960,
    // 07:52 UTC, when its own monitors saw it.
    stop_seconds: 360,
    stop: "the team paused both deployments by hand and wound them down",
    attack: Attack::BadDebt(NOTIONAL_LOANS),
    policy: Policy {
        bound: Bound::Lent,
        ..Policy::HOURLY
    },
    assumed: &[
        "the totals: bad debt over the published haircut, 1,129.62 and 416.75 ETH; the reserves that were written down \
         are not told apart",
        "$3,700 for one ETH",
        "the loans were made the day before, within the limits of the outflow, by one account at 80 % of the value",
        "five lenders, the largest first, take out everything in the six minutes until a pause by hand",
        "one pool of $128.6M, emptied in one transaction",
    ],
};

const NOTIONAL_LOANS: BadDebt = BadDebt {
    deployment: "",
    published_haircut: 0,
    leavers: 5,
    every_seconds: 60,
    pool_usd: 128_600_000,
    theft: OneTransaction {
        redemptions: 4,
        step_bps: 40,
    },
    other: None,
};

const NOTIONAL_ON_ARBITRUM: Incident = Incident {
    name: "notional-2025-11, Arbitrum",
    title: "Notional on Arbitrum",
    // 416.75 ETH, of which 80.2 were lent.
    tvl_usd: 1_541_975,
    loss_usd: 296_740,
    attack: Attack::BadDebt(BadDebt {
        deployment: "Arbitrum",
        published_haircut: 19_244,
        ..NOTIONAL_LOANS
    }),
    ..NOTIONAL
};
