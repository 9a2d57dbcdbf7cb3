//! The tables. Numbers are 64 bits; everything else is text, so that both databases read the same.

/// Version of the tables below.
pub(super) const VERSION: i64 = 1;

/// Creates the tables that are missing.
pub(super) const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    // What a rule remembers, by the endpoint that reported it.
    "CREATE TABLE IF NOT EXISTS memories (
        eye TEXT NOT NULL, rule TEXT NOT NULL, domain TEXT NOT NULL, memory TEXT NOT NULL,
        PRIMARY KEY (eye, rule, domain))",
    // Episodes: what was found, from when to when, and whether it was answered.
    "CREATE TABLE IF NOT EXISTS causes (
        id TEXT PRIMARY KEY, domain TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL, severity TEXT NOT NULL,
        text TEXT NOT NULL, eyes BIGINT NOT NULL, opened_slot BIGINT NOT NULL, opened_ts BIGINT NOT NULL,
        seen_ts BIGINT NOT NULL, quorate_ts BIGINT NOT NULL, confirmed_ts BIGINT NOT NULL, cleared_ts BIGINT NOT NULL)",
    // Pauses: recorded before they are sent and after they are in force.
    "CREATE TABLE IF NOT EXISTS pauses (
        cause TEXT PRIMARY KEY, domain TEXT NOT NULL, kind TEXT NOT NULL, scope BIGINT NOT NULL, mask BIGINT NOT NULL,
        state TEXT NOT NULL, planned_slot BIGINT NOT NULL, planned_ts BIGINT NOT NULL, expected BIGINT NOT NULL,
        attempts BIGINT NOT NULL, signature TEXT NOT NULL, force_slot BIGINT NOT NULL, note TEXT NOT NULL)",
    // Duties: the last number of each that was begun, and how that ended.
    "CREATE TABLE IF NOT EXISTS duties (
        duty TEXT PRIMARY KEY, domain TEXT NOT NULL, number BIGINT NOT NULL, state TEXT NOT NULL,
        slot BIGINT NOT NULL, ts BIGINT NOT NULL, failures BIGINT NOT NULL, retry_ts BIGINT NOT NULL, note TEXT NOT NULL)",
    // The accounts whose changes were announced.
    "CREATE TABLE IF NOT EXISTS accounts (
        domain TEXT NOT NULL, account TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (domain, account))",
    // Notices that a webhook has not taken yet.
    "CREATE TABLE IF NOT EXISTS notices (
        id TEXT NOT NULL, hook TEXT NOT NULL, notice TEXT NOT NULL, attempts BIGINT NOT NULL, due_ts BIGINT NOT NULL,
        PRIMARY KEY (id, hook))",
    // Who acts, of those that share the state.
    "CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_ms BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS spent (day BIGINT PRIMARY KEY, lamports BIGINT NOT NULL)",
];
