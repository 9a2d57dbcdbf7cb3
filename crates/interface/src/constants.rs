//! Closed sets of numbers and the limits of the layouts.

pub use bulkhead_guard::board::{MAX_COMPARTMENTS, SCOPE_DOMAIN};

/// Layout version written into every account.
pub const VERSION: u8 = bulkhead_guard::board::VERSION;
/// 100 % in basis points.
pub const BPS: u16 = 10_000;

/// Members a council can have.
pub const MAX_MEMBERS: usize = 16;
/// Who can propose: the members, and the fallback behind them.
pub const PROPOSERS: usize = MAX_MEMBERS + 1;
/// Vetoes that are kept against one proposer: two of vetoers that counted, and one of a vetoer that was silent.
pub const STANDING_VETOES: usize = 3;
/// Bytes a proposal's payload can have.
pub const MAX_PAYLOAD: usize = 900;
/// Sub-windows an outflow window can be cut into.
pub const MAX_SUB_WINDOWS: usize = 24;
/// Buckets kept: the newest sub-window and the k before it.
pub const BUCKETS: usize = MAX_SUB_WINDOWS + 1;
/// Fewest sub-windows; below this the window forgets in steps too coarse to use.
pub const MIN_SUB_WINDOWS: u8 = 4;
/// Sub-windows a note of deposits tells apart.
pub const NOTE_ENTRIES: usize = 4;
/// Sums a price breaker keeps for its mean.
pub const TWAP_POINTS: usize = 16;
/// Token accounts a solvency breaker can add up.
pub const MAX_RESERVES: usize = 4;
/// Authorities a watch can compare.
pub const MAX_AUTHORITIES: usize = 3;
/// Shards of a snapshot: the top four bits of a position's key.
pub const SHARDS: usize = 16;
/// Roots of complete subtrees kept per shard: the canopy.
pub const CANOPY: usize = 16;
/// Levels below the canopy, at most.
pub const MAX_CANOPY_HEIGHT: usize = 16;
/// A leaf's index is `shard << SHARD_SHIFT | position in the shard`.
pub const SHARD_SHIFT: u32 = 20;
/// Most a sealed sum may be apart from the host's total by a ledger's own tolerance, in either direction: one in a
/// hundred.
pub const MAX_TOTAL_TOLERANCE_BPS: u16 = 100;
/// How long after the first seal a seal by crank that is nearer to the host's total replaces it.
pub const RESEAL_SECONDS: i64 = 86_400;
/// Filters of a ledger.
pub const MAX_FILTERS: usize = 4;
/// Fields of a position that can be added up.
pub const MAX_AMOUNTS: usize = 8;
/// Accounts an export can ask for besides the position.
pub const MAX_EXPORT_ACCOUNTS: usize = 4;
/// Bytes an export's instruction data can have.
pub const MAX_EXPORT_DATA: usize = 16;
/// Deposits of an escrow that are told apart.
pub const RECENT_DEPOSITS: usize = 4;
/// States a ballot can offer.
pub const MAX_CANDIDATES: usize = 8;
/// `Vault::ledger` of a vault whose tokens pay no claims.
pub const NO_LEDGER: u8 = 255;
/// Leaves per page of claims: with eight bytes each as many as one instruction can create, rounded down to a power of
/// two.
pub const CLAIMS_PER_PAGE: u32 = 1_024;
/// Bytes of a member's key that a checkpoint keeps: no other key begins with the same.
pub const POSTER_BYTES: usize = 12;
/// Checkpoints a log remembers.
pub const CHECKPOINTS: usize = 40;
/// Fewest slots between two checkpoints of one attester: as many as the SlotHashes sysvar reaches back.
pub const MIN_CHECKPOINT_INTERVAL: u64 = 512;
/// Least time a checkpoint is kept. Longer than a trip pauses by itself.
pub const MIN_KEEP_SECONDS: i64 = 7 * 86_400;

/// Least that a checkpoint's total may be allowed to differ from the host's own: a ledger that is used moves between
/// the slot a checkpoint is of and the slot it is posted in.
pub const MIN_TOLERANCE_BPS: u16 = 10;
/// Most that it may be allowed to differ.
pub const MAX_TOLERANCE_BPS: u16 = 2_000;

/// How long a veto stands against what its proposer makes.
pub const VETO_SECONDS: i64 = 7 * 86_400;
/// Shortest time between the earliest moment a proposal can run and its expiry: people are there to run it.
pub const MIN_RUN_SECONDS: i64 = 86_400;
/// Shortest delay any class of proposal may have: loosening is never instant.
pub const MIN_DELAY_SECONDS: i64 = 3_600;
/// Longest a delay, an expiry or a vote may last: nothing can be parked forever.
pub const MAX_DELAY_SECONDS: i64 = 90 * 86_400;
/// Longest a guardian's pause may last by itself.
pub const MAX_GUARDIAN_PAUSE_SECONDS: i64 = 72 * 3_600;
/// Longest a trip may pause by itself, and its default.
pub const MAX_TRIP_SECONDS: i64 = 72 * 3_600;
/// Shortest time without a sign of life after which a member stops counting.
pub const MIN_HEARTBEAT_SECONDS: i64 = 86_400;
/// Longest time without a sign of life after which a member stops counting, and longest before the fallback may act.
pub const MAX_HEARTBEAT_SECONDS: i64 = 365 * 86_400;
/// From a silent member's heartbeat until it counts again: who finds a forgotten key cannot approve at once.
pub const REVIVAL_SECONDS: i64 = 24 * 3_600;
/// Shortest time without enough approvers before the fallback may propose a new council.
pub const MIN_FALLBACK_SECONDS: i64 = 7 * 86_400;
/// Shortest delay of what the fallback has proposed.
pub const MIN_FALLBACK_DELAY_SECONDS: i64 = 7 * 86_400;
/// Shortest time between opening a ballot, or holding it again, and its vote: everybody can nominate, and move votes
/// into escrow.
pub const NOMINATION_SECONDS: i64 = 86_400;
/// After so long anyone may start the vote, and without the snapshot that was read in the incident.
pub const NOMINATION_PATIENCE_SECONDS: i64 = 7 * 86_400;
/// How long a winner that could be restored keeps its ballot from being run again, beside twice the delay of a proposal
/// that restores: time to propose and approve, and to do so once more.
pub const WINNER_SECONDS: i64 = 7 * 86_400;
/// Longest liquidation grace after a reopening.
pub const MAX_GRACE_SECONDS: i64 = 7 * 86_400;

/// `Domain::state`: where the domain stands between peace and restoration.
pub mod phase {
    /// Being configured by its setup authority; protects nothing yet.
    pub const SETUP: u8 = 0;
    /// Normal operation.
    pub const OPERATING: u8 = 1;
    /// An incident is open; timed masks pause by themselves.
    pub const ALERT: u8 = 2;
    /// The council has confirmed the incident; paused until a proposal says otherwise.
    pub const FROZEN: u8 = 3;
    /// A restoration was chosen; claims are being paid.
    pub const RECOVERING: u8 = 4;
}

/// Bits of `Domain::flags`.
pub mod domain_flag {
    /// The open incident was decided. What is still closed is newer, and gets an incident of its own.
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
    /// Every role there is.
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
    /// How many there are.
    pub const COUNT: usize = 4;
}

/// `Proposal::state`.
pub mod proposal_state {
    /// Collecting approvals, or waiting out its delay.
    pub const OPEN: u8 = 0;
    /// Done; can never run again.
    pub const EXECUTED: u8 = 1;
    /// Stopped by its vetoers.
    pub const VETOED: u8 = 2;
}

/// Bits of `Proposal::flags`.
pub mod proposal_flag {
    /// Made by the fallback, who alone approves it.
    pub const FALLBACK: u8 = 1;
}

/// `Latch::state`: where a detector's latest latch stands. Whether it is in force is `Latch::until`'s to say.
pub mod latch_state {
    /// Never latched.
    pub const ARMED: u8 = 0;
    /// Latched, and not on the board yet.
    pub const LATCHED: u8 = 1;
    /// The latch was copied to the board; it can be only once.
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

/// Which rule a price broke; in events.
pub mod price_rule {
    /// None.
    pub const NONE: u8 = 0;
    /// Too far from the TWAP. Unit: basis points of the logarithm.
    pub const DEVIATION: u8 = 1;
    /// A return too large for the variance. Unit: thousandths of a standard deviation.
    pub const RETURN: u8 = 2;
    /// Returns that add up in one direction. Unit: thousandths of a standard deviation.
    pub const DRIFT: u8 = 3;
    /// The account is not updated. Unit: seconds.
    pub const STALE: u8 = 4;
    /// The confidence interval is too wide. Unit: basis points of the price.
    pub const CONFIDENCE: u8 = 5;
    /// Ahead of the cluster's clock. Shown while a clock that lags may be why; from one account it trips beyond that.
    /// Unit: seconds.
    pub const AHEAD: u8 = 6;
    /// The one account that is read is gone, of another program, or without a price. Unit: slots.
    pub const LOST: u8 = 7;
}

/// `AuthorityWatch::kind`: what kind of account is watched.
pub mod watch_kind {
    /// The program data of an upgradeable program: its upgrade authority.
    pub const PROGRAM: u8 = 0;
    /// A token account of either token program: owner, delegate, close authority.
    pub const TOKEN_ACCOUNT: u8 = 1;
    /// 32 bytes at an offset of any program's account: a host's admin, a stake account's withdrawer.
    pub const HOST_FIELD: u8 = 2;
}

/// Bits of `AuthorityWatch::flags`.
pub mod watch_flag {
    /// An upgrade trips too, though the upgrade authority stays. So does extending the program, which moves the slot.
    pub const UPGRADES: u8 = 1;
}

/// `Authorities::reading`.
pub mod reading {
    /// Nothing was read.
    pub const NONE: u8 = 0;
    /// The account holds what it should, of whatever value.
    pub const READ: u8 = 1;
    /// The account is gone, of another program, or of another kind.
    pub const LOST: u8 = 2;
}

/// What a breaker says of an outflow.
pub mod verdict {
    /// Within limits: counted, go ahead.
    pub const ALLOWED: u8 = 0;
    /// Over a limit or latched: not counted, do not move funds now.
    pub const QUEUED: u8 = 1;
    /// The action is paused, or the release's number is taken: do not move funds, debit nothing.
    pub const DENIED: u8 = 2;
}

/// `Vault::state`.
pub mod vault_state {
    /// Funds live here.
    pub const ACTIVE: u8 = 0;
    /// Moved to its route; releases are over until an unpause that was proposed after it was confirmed.
    pub const EVACUATED: u8 = 1;
}

/// `Vault::route_fault`: why the route could not take an evacuation.
pub mod route_fault {
    /// It could.
    pub const NONE: u8 = 0;
    /// It is closed, or no token account of the vault's mint any more.
    pub const GONE: u8 = 1;
    /// Somebody else holds it than when it was registered.
    pub const OTHER_HOLDER: u8 = 2;
    /// It is frozen.
    pub const FROZEN: u8 = 3;
    /// A delegate may spend from it.
    pub const DELEGATED: u8 = 4;
    /// Somebody besides its holder may close it.
    pub const CLOSABLE: u8 = 5;
    /// It takes transfers with a memo only.
    pub const WANTS_MEMO: u8 = 6;
    /// It has an extension that may refuse a transfer.
    pub const EXTENSION: u8 = 7;
}

/// `Release::state`.
pub mod release_state {
    /// Waiting for its time and for room in the limit.
    pub const QUEUED: u8 = 0;
    /// Paid in full.
    pub const PAID: u8 = 1;
    /// Cancelled during an incident; what was not paid stays in the vault.
    pub const CANCELLED: u8 = 2;
}

/// `Incident::cause`.
pub mod cause {
    /// A guardian opened it.
    pub const GUARDIAN: u8 = 0;
    /// An outflow breaker latched.
    pub const OUTFLOW: u8 = 1;
    /// A price breaker latched.
    pub const PRICE: u8 = 2;
    /// A solvency breaker latched.
    pub const SOLVENCY: u8 = 3;
    /// An authority watch latched.
    pub const AUTHORITY: u8 = 4;
    /// A vault's route could not be paid, or was somebody else's.
    pub const ROUTE: u8 = 5;
}

/// `Incident::state`.
pub mod incident_state {
    /// Under way.
    pub const OPEN: u8 = 0;
    /// Over.
    pub const CLOSED: u8 = 1;
}

/// Indices into `Incident::steps`: the timeline of an emergency.
pub mod step {
    /// The transaction that broke a limit, or the guardian's alarm.
    pub const BREACH: usize = 0;
    /// The pause took force on the board.
    pub const PAUSE: usize = 1;
    /// The council's threshold confirmed the incident.
    pub const FREEZE: usize = 2;
    /// The last snapshot was sealed.
    pub const SNAPSHOT: usize = 3;
    /// The evacuation was confirmed.
    pub const EVACUATION: usize = 4;
    /// The last vault was moved.
    pub const EVACUATED: usize = 5;
    /// The vote began.
    pub const BALLOT: usize = 6;
    /// The restoration was chosen.
    pub const RESTORATION: usize = 7;
    /// Something was shared out to claims for the first time.
    pub const CLAIMS: usize = 8;
    /// The protocol reopened or resumed.
    pub const REOPEN: usize = 9;
    /// How many there are.
    pub const COUNT: usize = 10;
}

/// `Migration::state`.
pub mod migration_state {
    /// Collecting the guardians' confirmations.
    pub const PENDING: u8 = 0;
    /// Anyone may crank `evacuate`.
    pub const ACTIVE: u8 = 1;
}

/// `Snapshot::state` and `SnapshotShard::state`.
pub mod snapshot_state {
    /// Taking positions.
    pub const OPEN: u8 = 0;
    /// Root and total are final.
    pub const SEALED: u8 = 1;
    /// Opened from a checkpoint that was contested afterwards: cannot be restored.
    pub const VOID: u8 = 2;
}

/// `Snapshot::source`: where its root comes from.
pub mod snapshot_source {
    /// Read on chain while the domain was frozen.
    pub const FROZEN: u8 = 0;
    /// An attested checkpoint from before the incident.
    pub const CHECKPOINT: u8 = 1;
}

/// `Checkpoint::state`.
pub mod checkpoint_state {
    /// No checkpoint was written here yet.
    pub const EMPTY: u8 = 0;
    /// Posted; the threshold of attesters is not reached.
    pub const POSTED: u8 = 1;
    /// Attested by the threshold.
    pub const ATTESTED: u8 = 2;
    /// Contradicted by its own tree; final.
    pub const CONTESTED: u8 = 3;
}

/// Bits of `CheckpointLog::flags`.
pub mod log_flag {
    /// Only a checkpoint whose leaves were published can be put to the vote.
    pub const PUBLISHED_ONLY: u8 = 1;
}

/// `PositionSample::state`.
pub mod sample_state {
    /// Read, and held against nothing.
    pub const TAKEN: u8 = 0;
    /// Held against the checkpoint of its slot, which it may be once.
    pub const COMPARED: u8 = 1;
}

/// `LeafEvidence::state`.
pub mod evidence_state {
    /// A leaf of the checkpoint.
    pub const PROVED: u8 = 0;
    /// Put on record against the host's live account, which it may be once.
    pub const DISPUTED: u8 = 1;
}

/// Bits of `Snapshot::flags`.
pub mod snapshot_flag {
    /// Sealed by a proposal although its sum is not the host's total.
    pub const OVERRIDDEN: u8 = 1;
}

/// `Ledger::mode`: who reads a position.
pub mod ledger_mode {
    /// Bulkhead, at the registered offsets.
    pub const BYTES: u8 = 0;
    /// An instruction of the host or of an adapter to it, which Bulkhead calls.
    pub const EXPORT: u8 = 1;
}

/// `Ledger::length_rule`: how long a position may be.
pub mod length_rule {
    /// `data_len` bytes.
    pub const EXACT: u8 = 0;
    /// `data_len` bytes or more.
    pub const AT_LEAST: u8 = 1;
    /// As a token account of either token program: 165 bytes, or more with extensions behind an account type of 2.
    pub const TOKEN_ACCOUNT: u8 = 2;
}

/// Bits of `AmountField::flags`.
pub mod amount_flag {
    /// Two's complement.
    pub const SIGNED: u8 = 1;
    /// Subtracted: a debt.
    pub const SUBTRACT: u8 = 2;
    /// Lies in every slot of the table, not in the account once.
    pub const IN_SLOT: u8 = 4;
    /// Every bit there is.
    pub const ALL: u8 = SIGNED | SUBTRACT | IN_SLOT;
}

/// `Ledger::total_unit`: what the host's total is the sum of.
pub mod total_unit {
    /// Of the positions as the host keeps them, before the scale.
    pub const HOST: u8 = 0;
    /// Of the amounts in native units, each rounded down.
    pub const NATIVE: u8 = 1;
}

/// `Ballot::state`.
pub mod ballot_state {
    /// Candidates may be added; voting has not begun.
    pub const NOMINATING: u8 = 0;
    /// Voting, until `ends_ts`.
    pub const VOTING: u8 = 1;
}

/// The vote for no candidate.
pub const CHOICE_NONE: u8 = 255;
