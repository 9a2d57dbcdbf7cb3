//! Those of custody and its queue, incidents, snapshots, votes, restorations, insurance and messages.

use super::*;

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
    /// Read on chain after a state was chosen: what the repaired host starts with. It is proved equal to the plan and
    /// never restored.
    pub const SUCCESSOR: u8 = 2;
}

/// Bits of `SnapshotShard::flags`.
pub mod shard_flag {
    /// Its positions also enter `SnapshotShard::accumulator`.
    pub const ACCUMULATES: u8 = 1;
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
