//! The limits the program promises, and the best figure of other programs for the same work.

/// A promise about one row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Limit {
    pub row: &'static str,
    pub compute_units: u64,
    pub best_peer: &'static str,
}

const fn limit(row: &'static str, compute_units: u64, best_peer: &'static str) -> Limit {
    Limit {
        row,
        compute_units,
        best_peer,
    }
}

/// Rows without a limit may be in the table; a limit without a row may not be missing from it.
pub const LIMITS: &[Limit] = &[
    limit("guard_check", 100, "6,702 and a CPI"),
    limit("meter_outflow", 3_000, "9,827 for two limiters"),
    limit("meter_outflow_bps", 3_000, "none"),
    limit("pause", 3_400, "3,470 without event"),
    limit("release", 6_000, "10,212"),
    limit("release_queued", 12_000, "29,284"),
    limit("approve", 4_500, "9,447"),
    limit("propose", 15_000, "36,362"),
    limit("cast_vote", 12_000, "26,185"),
    limit("claim", 10_000, "32,354"),
    limit("evacuate", 6_000, "none"),
    limit("ingest_position", 500, "none"),
    limit("run_instruction", 12_000, "none"),
    limit("ingest_position_slots", 1_500, "none"),
    limit("prove_interim_leaf_again", 9_000, "none"),
    limit("claim_interim", 13_000, "none"),
];

/// The promise about a row.
pub fn of(row: &str) -> Option<&'static Limit> {
    LIMITS.iter().find(|limit| limit.row == row)
}
