//! Closed sets of numbers, and the limits of the layouts.

pub use bulkhead_guard::board::{MAX_COMPARTMENTS, SCOPE_DOMAIN};

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
/// A freeze that begins sooner than this after another one ended continues it: nobody can leave in the meantime.
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

/// `Vault::state`.
pub mod vault_state {
    /// Holds its funds.
    pub const ACTIVE: u8 = 0;
    /// Moved to its evacuation route. Releases stop until an unpause that was proposed after the evacuation was
    /// confirmed.
    pub const EVACUATED: u8 = 1;
}

/// `Vault::route_fault`: why the evacuation route could not receive an evacuation.
pub mod route_fault {
    /// No fault.
    pub const NONE: u8 = 0;
    /// The account is closed, or is no longer a token account of the vault's mint.
    pub const GONE: u8 = 1;
    /// Its holder is not the one registered.
    pub const OTHER_HOLDER: u8 = 2;
    /// It is frozen.
    pub const FROZEN: u8 = 3;
    /// A delegate may spend from it.
    pub const DELEGATED: u8 = 4;
    /// Someone other than its holder may close it.
    pub const CLOSABLE: u8 = 5;
    /// It accepts only transfers with a memo.
    pub const WANTS_MEMO: u8 = 6;
    /// It has an extension that may refuse a transfer.
    pub const EXTENSION: u8 = 7;
}

/// `Release::state`.
pub mod release_state {
    /// Waiting for its payable time and for room under the limit.
    pub const QUEUED: u8 = 0;
    /// Paid in full.
    pub const PAID: u8 = 1;
    /// Cancelled. The unpaid part stays in the vault, and the host owes it again once its operator has taken it back.
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
    /// A vault's evacuation route could not be paid, or belonged to someone else.
    pub const ROUTE: u8 = 5;
}

/// `Incident::state`.
pub mod incident_state {
    /// In progress.
    pub const OPEN: u8 = 0;
    /// Over.
    pub const CLOSED: u8 = 1;
}

/// Indices into `Incident::steps`: the timeline of an emergency.
pub mod step {
    /// The transaction that broke a limit, or the guardian's alarm.
    pub const BREACH: usize = 0;
    /// The pause took effect on the board.
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
    /// Tokens were first shared out to claims.
    pub const CLAIMS: usize = 8;
    /// The protocol reopened or resumed.
    pub const REOPEN: usize = 9;
    /// Number of steps.
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
    /// Reading positions.
    pub const OPEN: u8 = 0;
    /// Root and total are final.
    pub const SEALED: u8 = 1;
    /// Opened from a checkpoint that was contested afterwards. It cannot be restored.
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
    /// No checkpoint has been written here yet.
    pub const EMPTY: u8 = 0;
    /// Posted, below the threshold of attesters.
    pub const POSTED: u8 = 1;
    /// Attested by the threshold.
    pub const ATTESTED: u8 = 2;
    /// Contradicted by its own tree. Final.
    pub const CONTESTED: u8 = 3;
}

/// Bits of `CheckpointLog::flags`.
pub mod log_flag {
    /// Only a checkpoint whose leaves were published can be put to the vote.
    pub const PUBLISHED_ONLY: u8 = 1;
}

/// `PositionSample::state`.
pub mod sample_state {
    /// Read, and not compared yet.
    pub const TAKEN: u8 = 0;
    /// Compared with the checkpoint of its slot, which can happen only once.
    pub const COMPARED: u8 = 1;
}

/// `LeafEvidence::state`.
pub mod evidence_state {
    /// A leaf of the checkpoint.
    pub const PROVED: u8 = 0;
    /// Recorded as disputed against the host's live account, which can happen only once.
    pub const DISPUTED: u8 = 1;
}

/// Bits of `Snapshot::flags`.
pub mod snapshot_flag {
    /// Sealed by a proposal although its sum differs from the host's total.
    pub const OVERRIDDEN: u8 = 1;
    /// Of the queue of a vault: its ledger reads the vault's queued releases.
    pub const QUEUE: u8 = 2;
}

/// Bits of `Ledger::flags`.
pub mod ledger_flag {
    /// Its positions are the queued releases of the vault that its total is in.
    /// Not a bit of [`link_flag`](super::link_flag), which stand in the same byte.
    pub const QUEUE: u8 = 128;
}

/// Bits of `Vault::flags`.
pub mod vault_flag {
    /// `Vault::queue_ledger` is the number of the ledger that reads its queue.
    pub const QUEUE_LEDGER: u8 = 1;
}

/// From the confirmation of an evacuation, how long guardians may cancel queued releases of the evacuated vaults. Only
/// then is the snapshot of a queue sealed, so that whoever seals it early takes nothing from the guardians.
pub const CANCEL_SECONDS: i64 = 86_400;

/// `Ledger::mode`: who reads a position.
pub mod ledger_mode {
    /// Bulkhead, at the registered offsets.
    pub const BYTES: u8 = 0;
    /// An instruction of the host, or of an adapter to the host, that Bulkhead calls.
    pub const EXPORT: u8 = 1;
    /// Bulkhead, at the registered offsets and in other accounts: the holder of a token that owns the position, numbers
    /// that its amount is multiplied or divided by. Or many positions in one account.
    pub const LINKED: u8 = 2;
}

/// Bits of `Ledger::flags`, in `ledger_mode::LINKED`.
pub mod link_flag {
    /// The owner's 32 bytes name a token of which there is one: whoever holds it is the owner.
    pub const OWNER_IS_TOKEN: u8 = 1;
    /// Every slot of the table is a position of its own. The owner's offset is within the slot.
    pub const RECORDS: u8 = 2;
    /// Every flag.
    pub const ALL: u8 = OWNER_IS_TOKEN | RECORDS;
}

/// Bits of the flags of a factor.
pub mod factor_flag {
    /// Divides instead of multiplying. At most 8 bytes wide.
    pub const DIVIDE: u8 = 1;
    /// Every flag.
    pub const ALL: u8 = DIVIDE;
}

/// `Ledger::length_rule`: how long a position may be.
pub mod length_rule {
    /// Exactly `data_len` bytes.
    pub const EXACT: u8 = 0;
    /// `data_len` bytes or more.
    pub const AT_LEAST: u8 = 1;
    /// The length of a token account of either token program: 165 bytes, or more with extensions after an account type
    /// of 2.
    pub const TOKEN_ACCOUNT: u8 = 2;
}

/// Bits of `AmountField::flags`.
pub mod amount_flag {
    /// Two's complement.
    pub const SIGNED: u8 = 1;
    /// Subtracted: a debt.
    pub const SUBTRACT: u8 = 2;
    /// Located in every slot of the table instead of once in the account.
    pub const IN_SLOT: u8 = 4;
    /// Every flag.
    pub const ALL: u8 = SIGNED | SUBTRACT | IN_SLOT;
}

/// `Ledger::total_unit`: what the host's total adds up.
pub mod total_unit {
    /// The positions as the host stores them, before the scale.
    pub const HOST: u8 = 0;
    /// The amounts in native units, each rounded down.
    pub const NATIVE: u8 = 1;
}

/// `Ballot::state`.
pub mod ballot_state {
    /// Candidates may be added. Voting has not begun.
    pub const NOMINATING: u8 = 0;
    /// Voting, until `ends_ts`.
    pub const VOTING: u8 = 1;
}

/// A vote for no candidate.
pub const CHOICE_NONE: u8 = 255;
/// No vote yet: a plug-in's weight that was noted before the vote started.
pub const CHOICE_NOTED: u8 = 254;
/// How often a council can veto a ballot's result, over all its rounds. A state that is chosen again is not vetoed again.
pub const MAX_BALLOT_VETOES: u8 = 2;
/// Maximum of a ballot's dispute window.
pub const MAX_DISPUTE_SECONDS: i64 = 3 * 86_400;
/// How long after nominations began anyone may close the record of a noted weight that was never cast.
pub const NOTED_SECONDS: i64 = MAX_DELAY_SECONDS;

/// Bits of `BallotRules::flags` and `Ballot::flags`.
pub mod ballot_flag {
    /// A plug-in's weight counts only if the plug-in computed it for the very round of the very ballot.
    pub const TARGETED: u8 = 1;
}

/// Steps of an emergency action, at most.
pub const MAX_EMERGENCY_STEPS: u8 = 16;
/// Bytes of all steps of an emergency action, at most.
pub const MAX_EMERGENCY_BYTES: usize = 8_192;
/// How long a run of an emergency action can be continued: a day. Later, a new run takes a pause right again.
pub const EMERGENCY_RUN_SECONDS: i64 = 86_400;

/// `EmergencyRun::state`.
pub mod emergency_run_state {
    /// Steps are left.
    pub const RUNNING: u8 = 0;
    /// Every step has run.
    pub const FINISHED: u8 = 1;
}

/// `HostProgram::state`: the emergency build in the incident of its confirmations.
pub mod build_state {
    /// Not confirmed by enough guardians.
    pub const PENDING: u8 = 0;
    /// Confirmed: anyone may deploy it.
    pub const CONFIRMED: u8 = 1;
    /// Deployed. It is confirmed once an incident.
    pub const DEPLOYED: u8 = 2;
}

/// `Interim::state`.
pub mod interim_state {
    /// Claims are paid.
    pub const OPEN: u8 = 0;
    /// A state was chosen. Claims continue in its restoration.
    pub const ENDED: u8 = 1;
}

/// `ProvedLeaf::of`: the state that a leaf was proved to be part of.
pub mod proved {
    /// No leaf.
    pub const NOTHING: u8 = 0;
    /// A leaf of the interim's snapshot.
    pub const SNAPSHOT: u8 = 1;
    /// A leaf of the interim's checkpoint.
    pub const CHECKPOINT: u8 = 2;
}

/// Bits of `Restoration::flags`.
pub mod restoration_flag {
    /// Interim claims were paid, and a third state was chosen: each claim shows what its position was paid.
    pub const AFTER_INTERIM: u8 = 1;
    /// Opened by the escape, without a vote.
    pub const ESCAPE: u8 = 2;
}

/// `ClaimRedirect::state`: what an owner wishes for its claims.
pub mod claim_wish {
    /// None: the account is closed, or a proposal made it.
    pub const NONE: u8 = 0;
    /// Pay the associated token account of another address.
    pub const PAY_TO: u8 = 1;
    /// Let a program's address consume them.
    pub const CONSUMED_BY: u8 = 2;
    /// Let no successor consume them, also not after the notice.
    pub const KEEP: u8 = 3;
}

/// Maximum share that is paid before the vote. At least half of what was saved remains for the state that is chosen.
pub const MAX_INTERIM_BPS: u16 = 5_000;
/// Maximum age that a rule can require of a checkpoint. An older one could have been overwritten.
pub const MAX_INTERIM_AGE_SECONDS: i64 = 7 * 86_400;
/// Vaults that one interim share-out can draw from.
pub const INTERIM_SOURCES: usize = 16;
/// Positions that guardians can stop in one interim share-out. Each stop costs a right.
pub const INTERIM_STOPS: usize = 32;

/// `Restoration::state`.
pub mod restoration_state {
    /// Claims are paid, until their deadline if they have one.
    pub const OPEN: u8 = 0;
    /// The deadline has passed and the rest was swept. Final.
    pub const CLOSED: u8 = 1;
}

/// Bits of `RestartCheck::flags`.
pub mod restart_flag {
    /// A proposal accepted that the ledger is not covered, or that its total cannot be read.
    pub const OVERRIDDEN: u8 = 1;
}

/// Vaults that an insurance pool names.
pub const INSURED_VAULTS: usize = 4;
/// Detectors that an insurance pool names.
pub const INSURED_DETECTORS: usize = 4;
/// Insurance pools of one ledger: their order of loss is below this number.
pub const MAX_INSURANCE_POOLS: u8 = 8;
/// Shares that nobody owns, next to one unit of assets that nobody owns: whoever raises the price of the first shares
/// gives nearly all of it to them. Also the fewest shares a stake may have.
pub const VIRTUAL_SHARES: u64 = 1_000;
/// Longest time in which a premium is earned.
pub const PREMIUM_SECONDS: i64 = 7 * 86_400;
/// How long a pool may be slashed for a restoration, after the time for other funds.
pub const SLASH_SECONDS: i64 = 7 * 86_400;
/// Minimum cooldown of staked shares.
pub const MIN_COOLDOWN_SECONDS: i64 = 86_400;
/// Maximum cooldown of staked shares.
pub const MAX_COOLDOWN_SECONDS: i64 = 90 * 86_400;
/// Minimum time to unstake cooled shares.
pub const MIN_UNSTAKE_WINDOW_SECONDS: i64 = 86_400;
/// Maximum time to unstake cooled shares.
pub const MAX_UNSTAKE_WINDOW_SECONDS: i64 = 30 * 86_400;
/// Minimum of the longest time that exits may be closed.
pub const MIN_EXIT_FREEZE_SECONDS: i64 = 7 * 86_400;
/// Maximum of the longest time that exits may be closed.
pub const MAX_EXIT_FREEZE_SECONDS: i64 = 180 * 86_400;
/// Minimum time to fund a restoration otherwise before stakers are slashed.
pub const MIN_FUNDING_SECONDS: i64 = 3_600;
/// Maximum time to fund a restoration otherwise before stakers are slashed.
pub const MAX_FUNDING_SECONDS: i64 = 30 * 86_400;

/// Bits of `InsurancePool::flags`.
pub mod insurance_flag {
    /// The shortfall of the noted incident is stated: its part is held back, and exits are open.
    pub const COVERED: u8 = 1;
    /// `next_terms` wait to take effect.
    pub const TERMS_ANNOUNCED: u8 = 2;
}

/// Number of this chain, as Wormhole numbers them.
pub const SOLANA_CHAIN: u16 = 1;
/// Maximum number of keys that attest a peer's messages. Signatures of seven of them fit a transaction.
pub const MAX_MESSAGE_ATTESTERS: usize = 12;
/// Ledgers of a peer whose newest checkpoint is kept.
pub const PEER_CHECKPOINTS: usize = 4;
/// Message numbers below the highest that are still accepted, in any order.
pub const MESSAGE_WINDOW: u64 = 64;
/// Minimum of the age at which a message is refused: a bridge waits for finality first.
pub const MIN_MESSAGE_AGE_SECONDS: i64 = 600;
/// Maximum of that age: as long as a guardian's pause may last.
pub const MAX_MESSAGE_AGE_SECONDS: i64 = MAX_GUARDIAN_PAUSE_SECONDS;
/// Minimum time that a rotation of attesters by themselves waits, so that a guardian can stop it.
pub const MIN_ROTATION_SECONDS: i64 = 86_400;

/// Kinds of messages between domains: the byte after the version.
pub mod message_kind {
    /// The sender has closed actions.
    pub const PAUSE: u8 = 1;
    /// The sender has opened what it had closed, and asks to resume.
    pub const RESUME_REQUEST: u8 = 2;
    /// Root of a ledger of the sender.
    pub const CHECKPOINT: u8 = 3;
    /// The sender has another council.
    pub const COUNCIL_EPOCH: u8 = 4;
}

/// Bits of `Peer::transports`.
pub mod transport {
    /// Accounts that Wormhole's core bridge posted.
    pub const WORMHOLE: u8 = 1;
    /// Signatures of the peer's attesters.
    pub const ATTESTERS: u8 = 2;
    /// Every transport.
    pub const ALL: u8 = WORMHOLE | ATTESTERS;
}

/// Bits of `Peer::flags`.
pub mod peer_flag {
    /// A guardian has stopped a rotation: attesters do not rotate by themselves until a proposal sets the peer again.
    pub const ROTATION_STOPPED: u8 = 1;
}
