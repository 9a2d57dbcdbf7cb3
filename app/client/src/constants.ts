/**
 * The closed sets of numbers and the limits of `crates/interface/src/constants.rs`, under the same names; a test compares
 * the two files.
 */

/** Layout version written into every account. */
export const VERSION = 1;
/** 100 % in basis points. */
export const BPS = 10_000;
export const MAX_MEMBERS = 16;
/** Bytes a proposal's payload can have. */
export const MAX_PAYLOAD = 900;
export const MAX_SUB_WINDOWS = 24;
export const MIN_SUB_WINDOWS = 4;
export const MAX_TOTAL_TOLERANCE_BPS = 100;
export const RESEAL_SECONDS = 86_400;
export const RECENT_DEPOSITS = 4;
/** Sub-windows a note of deposits remembers. */
export const NOTE_ENTRIES = 4;
/** Points of a price breaker's time-weighted mean. */
export const TWAP_POINTS = 16;
/** Token accounts a solvency breaker adds up. */
export const MAX_RESERVES = 4;
/** Authorities one watched account can have. */
export const MAX_AUTHORITIES = 3;
/** Shards of a snapshot: the top four bits of a position's key. */
export const SHARDS = 16;
/** Roots of complete subtrees kept per shard. */
export const CAPS = 16;
/** Levels below the caps, at most. */
export const MAX_CAP_HEIGHT = 16;
/** A leaf's index is `shard << SHARD_SHIFT | place in the shard`. */
export const SHARD_SHIFT = 20;
/** Filters of a ledger. */
export const MAX_FILTERS = 4;
/** Fields of a position that can be added up. */
export const MAX_AMOUNTS = 8;
/** Accounts an export can ask for besides the position. */
export const MAX_EXPORT_ACCOUNTS = 4;
/** Bytes an export's instruction data can have. */
export const MAX_EXPORT_DATA = 16;
export const MAX_CANDIDATES = 8;
/** `Vault.ledger` of a vault whose tokens pay no claims. */
export const NO_LEDGER = 255;
/** Leaves per page of claims. */
export const CLAIMS_PER_PAGE = 1_024;
/** Shortest time between opening a ballot, or holding it again, and its vote. */
export const NOMINATION_SECONDS = 86_400;
/** After so long anyone may start the vote. */
export const NOMINATION_PATIENCE_SECONDS = 604_800;
/** How long a winner keeps its ballot from being held again, beside twice the delay of a proposal that restores. */
export const WINNER_SECONDS = 604_800;
/** How long a veto stands against what its proposer makes. */
export const VETO_SECONDS = 604_800;
/** Who may propose: the members and the fallback. */
export const PROPOSERS = 17;
/** Vetoes kept against one proposer; the last one of a vetoer that was silent. */
export const STANDING_VETOES = 3;
/** Shortest time between the earliest moment a proposal can run and its expiry. */
export const MIN_RUN_SECONDS = 86_400;
export const MIN_DELAY_SECONDS = 3_600;
export const MAX_DELAY_SECONDS = 7_776_000;
export const MAX_CONTAIN_SECONDS = 259_200;
export const MAX_TRIP_SECONDS = 259_200;
export const MIN_HEARTBEAT_SECONDS = 86_400;
export const MAX_HEARTBEAT_SECONDS = 31_536_000;
/** From the heartbeat of a silent member until it counts again. */
export const REVIVAL_SECONDS = 86_400;
export const MIN_FALLBACK_SECONDS = 604_800;
export const MIN_FALLBACK_DELAY_SECONDS = 604_800;
export const MAX_GRACE_SECONDS = 604_800;
/** Bytes of a member's key that a checkpoint keeps. */
export const POSTER_BYTES = 12;
/** Checkpoints a log keeps. */
export const CHECKPOINTS = 40;
/** Slots between two checkpoints of one attester, at least. */
export const MIN_CHECKPOINT_INTERVAL = 512;
export const MIN_KEEP_SECONDS = 604_800;
/** What a checkpoint's total may be allowed to differ from the host's own, in basis points: at least, and at most. */
export const MIN_TOLERANCE_BPS = 10;
export const MAX_TOLERANCE_BPS = 2_000;
/** The vote for no candidate. */
export const CHOICE_NONE = 255;

/** Compartments of a domain. */
export const MAX_COMPARTMENTS = 64;
/** Stands for the whole domain where a compartment is asked for. */
export const SCOPE_DOMAIN = 255;

/** `Domain.state` */
export const phase = { SETUP: 0, OPERATING: 1, ALERT: 2, HELD: 3, RECOVERING: 4 } as const;
/** Bits of `Member.roles` */
export const role = { GUARDIAN: 1, APPROVER: 2, VETOER: 4, ATTESTER: 8, ALL: 15 } as const;
/** Indices into `Council.policies` */
export const proposalClass = { LOOSEN: 0, CONSTITUTION: 1, CUSTODY: 2, RESTORATION: 3, COUNT: 4 } as const;
/** `Proposal.state` */
export const proposalState = { OPEN: 0, EXECUTED: 1, VETOED: 2 } as const;
/** Bits of `Proposal.flags` */
export const proposalFlag = { FALLBACK: 1 } as const;
/** `Latch.state` of any detector */
export const latchState = { ARMED: 0, LATCHED: 1, PROPAGATED: 2 } as const;
/** `PriceBreaker.sourceKind` */
export const priceSource = { PYTH: 0, HOST: 1 } as const;
/** Bits of `PriceBreaker.flags` */
export const priceFlag = { SIGNED: 1 } as const;
/** Which rule of a price breaker latched. */
export const priceRule = {
    NONE: 0,
    DEVIATION: 1,
    RETURN: 2,
    DRIFT: 3,
    STALE: 4,
    CONFIDENCE: 5,
    AHEAD: 6,
    LOST: 7,
} as const;
/** `AuthorityWatch.kind` */
export const watchKind = { PROGRAM: 0, TOKEN_ACCOUNT: 1, HOST_FIELD: 2 } as const;
/** Bits of `AuthorityWatch.flags` */
export const watchFlag = { UPGRADES: 1 } as const;
/** What an authority watch has last seen of its account. */
export const reading = { NONE: 0, READ: 1, LOST: 2 } as const;
/** What a breaker says of an outflow. */
export const verdict = { ALLOWED: 0, QUEUED: 1, DENIED: 2 } as const;
/** `Vault.state` */
export const vaultState = { ACTIVE: 0, EVACUATED: 1 } as const;
/** `Vault.routeFault` */
export const routeFault = {
    NONE: 0,
    GONE: 1,
    OTHER_HOLDER: 2,
    FROZEN: 3,
    DELEGATED: 4,
    CLOSABLE: 5,
    WANTS_MEMO: 6,
    EXTENSION: 7,
} as const;
/** `Release.state` */
export const releaseState = { QUEUED: 0, PAID: 1, CANCELLED: 2 } as const;
/** `Incident.cause` */
export const cause = { GUARDIAN: 0, OUTFLOW: 1, PRICE: 2, SOLVENCY: 3, AUTHORITY: 4, ROUTE: 5 } as const;
/** `Incident.state` */
export const incidentState = { OPEN: 0, CLOSED: 1 } as const;
/** Indices into `Incident.steps` */
export const step = {
    BREACH: 0,
    PAUSE: 1,
    HOLD: 2,
    SNAPSHOT: 3,
    EVACUATION: 4,
    EVACUATED: 5,
    BALLOT: 6,
    RESTORATION: 7,
    CLAIMS: 8,
    REOPEN: 9,
    COUNT: 10,
} as const;
/** `Migration.state` */
export const migrationState = { PENDING: 0, ACTIVE: 1 } as const;
/** `Snapshot.state` and `SnapshotShard.state` */
export const snapshotState = { OPEN: 0, SEALED: 1, VOID: 2 } as const;
/** `Snapshot.source` */
export const snapshotSource = { HELD: 0, CHECKPOINT: 1 } as const;
/** `Checkpoint.state` */
export const checkpointState = { EMPTY: 0, POSTED: 1, ATTESTED: 2, CONTESTED: 3 } as const;
/** Bits of `CheckpointLog.flags` */
export const logFlag = { PUBLISHED_ONLY: 1 } as const;
/** `PositionSample.state` */
export const sampleState = { TAKEN: 0, COMPARED: 1 } as const;
/** `LeafEvidence.state` */
export const evidenceState = { PROVED: 0, DISPUTED: 1 } as const;
/** Bits of `Snapshot.flags` */
export const snapshotFlag = { OVERRIDDEN: 1 } as const;
/** `Ledger.mode` */
export const ledgerMode = { BYTES: 0, EXPORT: 1 } as const;
/** `Ledger.lengthRule` */
export const lengthRule = { EXACT: 0, AT_LEAST: 1, TOKEN_ACCOUNT: 2 } as const;
/** Bits of `AmountField.flags` */
export const amountFlag = { SIGNED: 1, SUBTRACT: 2, IN_SLOT: 4, ALL: 7 } as const;
/** `Ledger.totalUnit` */
export const totalUnit = { HOST: 0, NATIVE: 1 } as const;
/** `Ballot.state` */
export const ballotState = { NOMINATING: 0, VOTING: 1 } as const;
export const domainFlag = { DECIDED: 1 } as const;
