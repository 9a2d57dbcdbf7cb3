//! A report that uses every field, for tests.

use super::*;

/// The report.
pub(crate) fn report() -> Report {
    let cost = |transactions| Cost {
        transactions,
        compute_units: transactions * 9_876,
        fee_lamports: transactions * 10_000,
    };
    let phase = |name: &str, slot, seconds, transactions| Phase {
        name: name.into(),
        slot,
        seconds,
        cost: cost(transactions),
    };
    let point = |seconds, taken| Point { seconds, taken };
    let haircut = |haircut, bad_debt| Haircut {
        deployment: "a <deployment>".into(),
        deposits: 4_179_594_000_000,
        bad_debt,
        haircut,
        published: 56_019,
    };
    let threshold = |name: &str, trip_limit, latched_after| Threshold {
        name: name.into(),
        trip_limit,
        latched_after,
        loss: 14_857_142_857_140,
        waiting: 4,
        honest: Honest::default(),
    };
    Report {
        incident: "drift-2026-04".into(),
        title: "Drift".into(),
        date: "2026-04-01".into(),
        how: "Admin taken & <guards> off".into(),
        positions: 2_000,
        seed: 7,
        decimals: 6,
        real_tvl_usd: 309_000_000,
        real_loss_usd: 285_000_000,
        real_stop_seconds: 5_469,
        real_stop: "a program upgrade".into(),
        first_slot: 100,
        breach_slot: 300,
        trip_slot: 300,
        pause_slot: 300,
        custody_before: 309_000_000_000_000,
        loss_without: 285_000_000_000_000,
        loss_with: 14_857_142_857_140,
        loss_ratio: 0.0521,
        bound: 15_450_000_000_000,
        bound_rule: "one window".into(),
        limit: 15_450_000_000_000,
        slot_limit: 3_862_500_000_000,
        thresholds: vec![
            threshold("twice the limit", 30_900_000_000_000, 180),
            threshold("the limit", 15_450_000_000_000, 100),
        ],
        window_seconds: 3_600,
        warning_seconds: 0,
        stopped: 270_000_000_000_000,
        left_behind: 5_000_000,
        setup: cost(2_100),
        phases: vec![
            phase("breach", 300, 0, 1),
            phase("pause", 300, 0, 1),
            phase("claims", 600_300, 240_000, 700),
        ],
        refused_attempts: vec![Refusal {
            attempt: "approve a higher limit".into(),
            error: "DurableNonce".into(),
            slot: 301,
        }],
        honest: Honest {
            deposits: 40,
            withdrawals: 30,
            refused: 3,
            held_back: 2,
            held_back_amount: 12_000_000,
            before: 25,
            held_back_before: 0,
        },
        restored: true,
        leaves: 1_999,
        claims_total: 309_000_000_000_000,
        claims: 1_999,
        claims_paid: 294_142_857_141_900,
        pool: 294_142_857_142_860,
        dust: 960,
        tokens_before: 1_000_000_000_000_000,
        tokens_after: 1_000_000_000_000_000,
        outflow: Outflow {
            without: vec![
                point(0, 0),
                point(300, 155_000_000_000_000),
                point(720, 285_000_000_000_000),
            ],
            with: vec![
                point(0, 0),
                point(80, 14_857_142_857_140),
                point(5_469, 14_857_142_857_140),
            ],
        },
        downstream: vec![Dependent {
            name: "a <lender>".into(),
            tvl: 60_000_000_000_000,
            exposed: 12_000_000_000_000,
            loss_without: 12_000_000_000_000,
            loss_with: 0,
            own_limit: 3_000_000_000_000,
            linked_slot: 300,
            linked_seconds: 259_200,
            has_lapsed: true,
            refused: 10,
            trades: 9,
            traded: 9,
        }],
        haircuts: Some(Haircuts {
            by_hand: haircut(60_918, 2_341_360_000_000),
            paused: vec![haircut(56_019, 2_341_360_000_000)],
            pool_too: haircut(0, 0),
        }),
        assumed: vec!["when the <others> began".into()],
        checks: vec![Check {
            name: "LossWithinBound".into(),
            holds: true,
            detail: "ok".into(),
        }],
    }
}
