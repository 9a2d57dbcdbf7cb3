//! Closed sets of numbers, and the limits of the layouts.

mod proofs;
mod recovery;

pub use bulkhead_guard::board::{MAX_COMPARTMENTS, SCOPE_DOMAIN};
pub use proofs::*;
pub use recovery::*;

/// Layout version, written into every account.
pub const VERSION: u8 = bulkhead_guard::board::VERSION;
/// 100 % in basis points.
pub const BPS: u16 = 10_000;

/// Maximum number of council members.
pub const MAX_MEMBERS: usize = 16;
/// Maximum number of proposers: the members plus the fallback.
pub const PROPOSERS: usize = MAX_MEMBERS + 1;
/// Vetoes kept against one proposer: two from eligible vetoers and one from a silent vetoer.
pub const STANDING_VETOES: usize = 3;
/// Maximum size of a proposal's payload, in bytes.
pub const MAX_PAYLOAD: usize = 900;
/// Maximum number of sub-windows in an outflow window.
pub const MAX_SUB_WINDOWS: usize = 24;
/// Buckets kept: the newest sub-window and the k before it.
pub const BUCKETS: usize = MAX_SUB_WINDOWS + 1;
/// Minimum number of sub-windows. With fewer, the window expires old outflow in steps too coarse to be useful.
pub const MIN_SUB_WINDOWS: u8 = 4;
/// Number of sub-windows a deposit note tracks separately.
pub const NOTE_ENTRIES: usize = 4;
/// Price sums a price breaker keeps to compute its TWAP.
pub const TWAP_POINTS: usize = 16;
/// Maximum number of token accounts a solvency breaker can add up.
pub const MAX_RESERVES: usize = 4;
/// Maximum number of authorities a watch can compare.
pub const MAX_AUTHORITIES: usize = 3;
/// Shards of a snapshot, selected by the top four bits of a position's key.
pub const SHARDS: usize = 16;
/// Canopy size: roots of complete subtrees kept per shard.
pub const CANOPY: usize = 16;
/// Maximum number of levels below the canopy.
pub const MAX_CANOPY_HEIGHT: usize = 16;
/// A leaf's index is `shard << SHARD_SHIFT | position in the shard`.
pub const SHARD_SHIFT: u32 = 20;
/// Maximum that a ledger's own tolerance lets a sealed sum differ from the host's total, in either direction: 1 %.
pub const MAX_TOTAL_TOLERANCE_BPS: u16 = 100;
/// How long after the first seal a cranked seal may replace it, if its sum is nearer to the host's total.
pub const RESEAL_SECONDS: i64 = 86_400;
/// Maximum number of filters of a ledger.
pub const MAX_FILTERS: usize = 4;
/// Maximum number of fields of a position that can be added up.
pub const MAX_AMOUNTS: usize = 8;
/// Maximum number of accounts an export can request besides the position.
pub const MAX_EXPORT_ACCOUNTS: usize = 4;
/// Maximum size of an export's instruction data, in bytes.
pub const MAX_EXPORT_DATA: usize = 16;
/// Most accounts that an export may be given for each position.
pub const MAX_POSITION_ACCOUNTS: u8 = 8;
/// Most factors of a linked ledger.
pub const MAX_FACTORS: usize = 2;
/// Most positions in one account. All of them have to be looked through in one transaction.
pub const MAX_RECORDS: u16 = 8_192;
/// Positions that are read of such an account each time it is passed.
pub const RECORDS_AT_ONCE: u32 = 16;
/// Recent deposits of an escrow that are tracked separately.
pub const RECENT_DEPOSITS: usize = 4;
/// Maximum number of states a ballot can offer.
pub const MAX_CANDIDATES: usize = 8;
/// `Vault::ledger` of a vault whose tokens pay no claims.
pub const NO_LEDGER: u8 = 255;
/// Bytes of the largest transaction that the network carries.
pub const MAX_TRANSACTION: usize = 1_232;
/// Leaves per page of claims. At eight bytes each, this is the most that one instruction can create, rounded down to a
/// power of two.
pub const CLAIMS_PER_PAGE: u32 = 1_024;
/// Bytes of a member's key that a checkpoint keeps. No two members' keys may share this prefix.
pub const POSTER_BYTES: usize = 12;
/// Checkpoints kept in a log.
pub const CHECKPOINTS: usize = 40;
/// Minimum number of slots between two checkpoints of one attester: the number of slots the SlotHashes sysvar covers.
pub const MIN_CHECKPOINT_INTERVAL: u64 = 512;
/// Minimum time a checkpoint is kept. Longer than the time a trip can pause by itself.
pub const MIN_KEEP_SECONDS: i64 = 7 * 86_400;

/// Minimum of the tolerance between a checkpoint's total and the host's own. A ledger in use changes between the slot a
/// checkpoint describes and the slot it is posted in.
pub const MIN_TOLERANCE_BPS: u16 = 10;
/// Maximum of that tolerance.
pub const MAX_TOLERANCE_BPS: u16 = 2_000;

/// How long a veto stands against its proposer's proposals.
pub const VETO_SECONDS: i64 = 7 * 86_400;
/// Minimum time between the earliest moment a proposal can run and its expiry, so that people are available to run it.
pub const MIN_RUN_SECONDS: i64 = 86_400;
/// Minimum delay of any class of proposal: loosening is never instant.
pub const MIN_DELAY_SECONDS: i64 = 3_600;
/// Maximum length of a delay, an expiry or a vote: nothing can be parked forever.
pub const MAX_DELAY_SECONDS: i64 = 90 * 86_400;
/// Maximum time a guardian's pause may last by itself.
pub const MAX_GUARDIAN_PAUSE_SECONDS: i64 = 72 * 3_600;
/// Maximum, and default, time a trip may pause by itself.
pub const MAX_TRIP_SECONDS: i64 = 72 * 3_600;
/// Minimum of the heartbeat: the time without activity after which a member is no longer eligible.
pub const MIN_HEARTBEAT_SECONDS: i64 = 86_400;
/// Maximum of the heartbeat, and of the time before the fallback may act.
pub const MAX_HEARTBEAT_SECONDS: i64 = 365 * 86_400;
/// How long after a silent member's heartbeat they become eligible again. Someone who finds a forgotten key cannot
/// approve at once.
pub const REVIVAL_SECONDS: i64 = 24 * 3_600;
/// Minimum time without enough approvers before the fallback may propose a new council.
pub const MIN_FALLBACK_SECONDS: i64 = 7 * 86_400;
/// Minimum delay of a proposal made by the fallback.
pub const MIN_FALLBACK_DELAY_SECONDS: i64 = 7 * 86_400;
/// Minimum time between opening a ballot, or running it again, and its vote: everyone can nominate and move votes into
/// escrow.
pub const NOMINATION_SECONDS: i64 = 86_400;
/// After this time anyone may start the vote, even without the snapshot read in the incident.
pub const NOMINATION_PATIENCE_SECONDS: i64 = 7 * 86_400;
/// How long a winner that can be restored prevents its ballot from being run again, in addition to twice the delay of a
/// restoration proposal. This leaves time to propose and approve, and to do both once more.
pub const WINNER_SECONDS: i64 = 7 * 86_400;
/// Maximum liquidation grace period after a reopening.
pub const MAX_GRACE_SECONDS: i64 = 7 * 86_400;

/// Minimum time a freeze must have lasted before anyone opens the escape: a vote and a proposal come first.
pub const MIN_ESCAPE_SECONDS: i64 = 14 * 86_400;
/// Maximum of that time, so that the escape is not postponed forever by its own rule.
pub const MAX_ESCAPE_SECONDS: i64 = 365 * 86_400;
/// How much longer a snapshot can be sealed before the escape may pay by a checkpoint, and how long that checkpoint's
/// snapshot must have been open.
pub const ESCAPE_SEAL_SECONDS: i64 = 7 * 86_400;
/// A freeze continues the one before it until nothing was closed for this long, in all, between the two.
pub const ESCAPE_RESET_SECONDS: i64 = 86_400;
/// Minimum number of days claims run, if they have an end.
pub const MIN_CLAIM_DAYS: u16 = 90;
/// Maximum number of days claims run, if they have an end.
pub const MAX_CLAIM_DAYS: u16 = 3_650;
/// How long owners can claim in kind, or say that they keep their claims, before the successor named in the terms may
/// consume what is left. Counted from the choice, and anew from each notable share-out.
pub const SUCCESSOR_NOTICE_SECONDS: i64 = 14 * 86_400;
/// Minimum of the maximum age of a restart check: whoever reopens must be able to make it first.
pub const MIN_RESTART_CHECK_SECONDS: i64 = 60;
/// Maximum of that age: an older check says nothing about the reopening.
pub const MAX_RESTART_CHECK_SECONDS: i64 = 86_400;

/// `Domain::state`: the phase of the domain, from set-up to restoration.
pub mod phase {
    /// Being configured by its setup authority. Protects nothing yet.
    pub const SETUP: u8 = 0;
    /// Normal operation.
    pub const OPERATING: u8 = 1;
    /// An incident is open. Timed masks pause actions by themselves.
    pub const ALERT: u8 = 2;
    /// The council has confirmed the incident. Frozen until a proposal unpauses it.
    pub const FROZEN: u8 = 3;
    /// A restoration was chosen. Claims are being paid.
    pub const RECOVERING: u8 = 4;
}

/// Bits of `Domain::flags`.
pub mod domain_flag {
    /// The open incident was decided. Anything still closed is newer and gets its own incident.
    pub const DECIDED: u8 = 1;
}

/// Bits of `Member::roles`.
pub mod role {
    /// May tighten: pause, confirm an incident, confirm an evacuation.
    pub const GUARDIAN: u8 = 1;
    /// May propose and approve.
    pub const APPROVER: u8 = 2;
    /// May veto.
    pub const VETOER: u8 = 4;
    /// May attest checkpoints.
    pub const ATTESTER: u8 = 8;
    /// Every role.
    pub const ALL: u8 = GUARDIAN | APPROVER | VETOER | ATTESTER;
}

/// Classes of proposal: indices into `Council::policies`.
pub mod class {
    /// Resume and reopen.
    pub const LOOSEN: u8 = 0;
    /// Council, thresholds and delays.
    pub const CONSTITUTION: u8 = 1;
    /// Vaults, routes, breakers, ledgers and limits.
    pub const CUSTODY: u8 = 2;
    /// Which state to restart from.
    pub const RESTORATION: u8 = 3;
    /// Number of classes.
    pub const COUNT: usize = 4;
}

/// `Proposal::state`.
pub mod proposal_state {
    /// Collecting approvals, or waiting out its delay.
    pub const OPEN: u8 = 0;
    /// Executed. It can never run again.
    pub const EXECUTED: u8 = 1;
    /// Stopped by its vetoers.
    pub const VETOED: u8 = 2;
}

/// Bits of `Proposal::flags`.
pub mod proposal_flag {
    /// Made by the fallback, which alone approves it.
    pub const FALLBACK: u8 = 1;
}

/// `Latch::state`: the state of a detector's latest latch. `Latch::until` says whether the latch is in force.
pub mod latch_state {
    /// Never latched.
    pub const ARMED: u8 = 0;
    /// Latched, and not on the board yet.
    pub const LATCHED: u8 = 1;
    /// Copied to the board, which can happen only once per latch.
    pub const PROPAGATED: u8 = 2;
}

/// `PriceBreaker::kind`: where the price comes from.
pub mod price_source {
    /// A fully verified update of a Pyth feed, as Pyth's receiver program posts it.
    pub const PYTH: u8 = 0;
    /// An account of a host or an oracle, read at registered offsets.
    pub const HOST: u8 = 1;
}

/// Bits of `PriceBreaker::flags`.
pub mod price_flag {
    /// The host's price is a signed number.
    pub const SIGNED: u8 = 1;
}

/// Which rule a price broke. Used in events.
pub mod price_rule {
    /// None.
    pub const NONE: u8 = 0;
    /// Too far from the TWAP. Unit: basis points of the logarithm.
    pub const DEVIATION: u8 = 1;
    /// A return too large for the variance. Unit: thousandths of a standard deviation.
    pub const RETURN: u8 = 2;
    /// Returns that accumulate in one direction. Unit: thousandths of a standard deviation.
    pub const DRIFT: u8 = 3;
    /// The account is stale. Unit: seconds.
    pub const STALE: u8 = 4;
    /// The confidence interval is too wide. Unit: basis points of the price.
    pub const CONFIDENCE: u8 = 5;
    /// The price's timestamp is ahead of the cluster's clock. A small lead may come from a lagging clock and is only
    /// reported. A larger lead trips when the price is read from one account. Unit: seconds.
    pub const AHEAD: u8 = 6;
    /// The only account that is read is missing, is owned by another program, or contains no price. Unit: slots.
    pub const LOST: u8 = 7;
}

/// `AuthorityWatch::kind`: what kind of account is watched.
pub mod watch_kind {
    /// The program data of an upgradeable program: its upgrade authority.
    pub const PROGRAM: u8 = 0;
    /// A token account of either token program: owner, delegate and close authority.
    pub const TOKEN_ACCOUNT: u8 = 1;
    /// 32 bytes at an offset of any program's account, such as a host's admin or a stake account's withdrawer.
    pub const HOST_FIELD: u8 = 2;
}

/// Bits of `AuthorityWatch::flags`.
pub mod watch_flag {
    /// An upgrade also trips, even if the upgrade authority is unchanged. So does extending the program, which changes
    /// the slot.
    pub const UPGRADES: u8 = 1;
}

/// `Authorities::reading`.
pub mod reading {
    /// Not read.
    pub const NONE: u8 = 0;
    /// The account has the expected kind, whatever its values.
    pub const READ: u8 = 1;
    /// The account is missing, is owned by another program, or is of another kind.
    pub const LOST: u8 = 2;
}

/// A breaker's verdict on an outflow.
pub mod verdict {
    /// Within limits. The outflow was counted; go ahead.
    pub const ALLOWED: u8 = 0;
    /// Over a limit, or the breaker is latched. The outflow was not counted; do not move funds now.
    pub const QUEUED: u8 = 1;
    /// The action is paused, or the release's number is taken. Do not move funds; debit nothing.
    pub const DENIED: u8 = 2;
}
