/**
 * Generated from ../../idl/constants.json by scripts/generate.mjs: do not edit.
 */

/** Layout version written into every account. */
export const VERSION = 1;
/** 100 % in basis points. */
export const BPS = 10000;
/** Members a council can have. */
export const MAX_MEMBERS = 16;
/** Who can propose: the members, and the fallback behind them. */
export const PROPOSERS = 17;
/** Vetoes that are kept against one proposer: two of vetoers that counted, and one of a vetoer that was silent. */
export const STANDING_VETOES = 3;
/** Bytes a proposal's payload can have. */
export const MAX_PAYLOAD = 900;
/** Sub-windows an outflow window can be cut into. */
export const MAX_SUB_WINDOWS = 24;
/** Buckets kept: the newest sub-window and the k before it. */
export const BUCKETS = 25;
/** Fewest sub-windows; below this the window forgets in steps too coarse to use. */
export const MIN_SUB_WINDOWS = 4;
/** Sub-windows a note of deposits tells apart. */
export const NOTE_ENTRIES = 4;
/** Sums a price breaker keeps for its mean. */
export const TWAP_POINTS = 16;
/** Token accounts a solvency breaker can add up. */
export const MAX_RESERVES = 4;
/** Authorities a watch can compare. */
export const MAX_AUTHORITIES = 3;
/** Shards of a snapshot: the top four bits of a position's key. */
export const SHARDS = 16;
/** Roots of complete subtrees kept per shard: the canopy. */
export const CANOPY = 16;
/** Levels below the canopy, at most. */
export const MAX_CANOPY_HEIGHT = 16;
/** A leaf's index is `shard << SHARD_SHIFT | position in the shard`. */
export const SHARD_SHIFT = 20;
/**
 * Most a sealed sum may be apart from the host's total by a ledger's own tolerance, in either direction: one in a
 * hundred.
 */
export const MAX_TOTAL_TOLERANCE_BPS = 100;
/** How long after the first seal a seal by crank that is nearer to the host's total replaces it. */
export const RESEAL_SECONDS = 86400;
/** Filters of a ledger. */
export const MAX_FILTERS = 4;
/** Fields of a position that can be added up. */
export const MAX_AMOUNTS = 8;
/** Accounts an export can ask for besides the position. */
export const MAX_EXPORT_ACCOUNTS = 4;
/** Bytes an export's instruction data can have. */
export const MAX_EXPORT_DATA = 16;
/** Deposits of an escrow that are told apart. */
export const RECENT_DEPOSITS = 4;
/** States a ballot can offer. */
export const MAX_CANDIDATES = 8;
/** `Vault.ledger` of a vault whose tokens pay no claims. */
export const NO_LEDGER = 255;
/**
 * Leaves per page of claims: with eight bytes each as many as one instruction can create, rounded down to a power of
 * two.
 */
export const CLAIMS_PER_PAGE = 1024;
/** Bytes of a member's key that a checkpoint keeps: no other key begins with the same. */
export const POSTER_BYTES = 12;
/** Checkpoints a log remembers. */
export const CHECKPOINTS = 40;
/** Fewest slots between two checkpoints of one attester: as many as the SlotHashes sysvar reaches back. */
export const MIN_CHECKPOINT_INTERVAL = 512;
/** Least time a checkpoint is kept. Longer than a trip pauses by itself. */
export const MIN_KEEP_SECONDS = 604800;
/**
 * Least that a checkpoint's total may be allowed to differ from the host's own: a ledger that is used moves between
 * the slot a checkpoint is of and the slot it is posted in.
 */
export const MIN_TOLERANCE_BPS = 10;
/** Most that it may be allowed to differ. */
export const MAX_TOLERANCE_BPS = 2000;
/** How long a veto stands against what its proposer makes. */
export const VETO_SECONDS = 604800;
/** Shortest time between the earliest moment a proposal can run and its expiry: people are there to run it. */
export const MIN_RUN_SECONDS = 86400;
/** Shortest delay any class of proposal may have: loosening is never instant. */
export const MIN_DELAY_SECONDS = 3600;
/** Longest a delay, an expiry or a vote may last: nothing can be parked forever. */
export const MAX_DELAY_SECONDS = 7776000;
/** Longest a guardian's pause may last by itself. */
export const MAX_GUARDIAN_PAUSE_SECONDS = 259200;
/** Longest a trip may pause by itself, and its default. */
export const MAX_TRIP_SECONDS = 259200;
/** Shortest time without a sign of life after which a member stops counting. */
export const MIN_HEARTBEAT_SECONDS = 86400;
/** Longest time without a sign of life after which a member stops counting, and longest before the fallback may act. */
export const MAX_HEARTBEAT_SECONDS = 31536000;
/** From a silent member's heartbeat until it counts again: who finds a forgotten key cannot approve at once. */
export const REVIVAL_SECONDS = 86400;
/** Shortest time without enough approvers before the fallback may propose a new council. */
export const MIN_FALLBACK_SECONDS = 604800;
/** Shortest delay of what the fallback has proposed. */
export const MIN_FALLBACK_DELAY_SECONDS = 604800;
/**
 * Shortest time between opening a ballot, or holding it again, and its vote: everybody can nominate, and move votes
 * into escrow.
 */
export const NOMINATION_SECONDS = 86400;
/** After so long anyone may start the vote, and without the snapshot that was read in the incident. */
export const NOMINATION_PATIENCE_SECONDS = 604800;
/**
 * How long a winner that could be restored keeps its ballot from being run again, beside twice the delay of a proposal
 * that restores: time to propose and approve, and to do so once more.
 */
export const WINNER_SECONDS = 604800;
/** Longest liquidation grace after a reopening. */
export const MAX_GRACE_SECONDS = 604800;
/** The vote for no candidate. */
export const CHOICE_NONE = 255;
/** Compartments of a domain. */
export const MAX_COMPARTMENTS = 64;
/** Stands for the whole domain where a compartment is asked for. */
export const SCOPE_DOMAIN = 255;

/** What users do, one bit each. Bits 16 to 31 are the host's to define. */
export const action = {
    /** Put funds in. */
    DEPOSIT: 1,
    /** Take funds out. */
    WITHDRAW: 2,
    /** Take on debt. */
    BORROW: 4,
    /** Pay debt back. */
    REPAY: 8,
    /** Place an order, swap. */
    TRADE: 16,
    /** Take back an order. */
    CANCEL: 32,
    /** Liquidate somebody else's position. */
    LIQUIDATE: 64,
    /** Settle profit and loss. */
    SETTLE: 128,
    /** Claim what a restoration owes. */
    CLAIM: 256,
    /** Change the host's configuration. */
    ADMIN: 512,
    /** Everything. */
    ALL: 4294967295,
    /**
     * What an emergency closes unless the council says otherwise. Exits stay open: repaying,
     * cancelling, topping up margin and claiming can only make users safer. Liquidation is closed,
     * for nobody should lose a position they are not allowed to save.
     */
    DEFAULT_EMERGENCY: 4294966998,
    /**
     * What a freeze closes: everything but claims. A deposit or a repayment while the ledger is read
     * would keep the snapshot from adding up, and after it would be in no snapshot at all.
     */
    FROZEN: 4294967039,
} as const;

/** `Domain.state`: where the domain stands between peace and restoration. */
export const phase = {
    /** Being configured by its setup authority; protects nothing yet. */
    SETUP: 0,
    /** Normal operation. */
    OPERATING: 1,
    /** An incident is open; timed masks pause by themselves. */
    ALERT: 2,
    /** The council has confirmed the incident; paused until a proposal says otherwise. */
    FROZEN: 3,
    /** A restoration was chosen; claims are being paid. */
    RECOVERING: 4,
} as const;

/** Bits of `Domain.flags`. */
export const domainFlag = {
    /** The open incident was decided. What is still closed is newer, and gets an incident of its own. */
    DECIDED: 1,
} as const;

/** Bits of `Member.roles`. */
export const role = {
    /** May tighten: pause, confirm an incident, confirm an evacuation. */
    GUARDIAN: 1,
    /** May propose and approve. */
    APPROVER: 2,
    /** May veto. */
    VETOER: 4,
    /** May attest checkpoints. */
    ATTESTER: 8,
    /** Every role there is. */
    ALL: 15,
} as const;

/** Classes of proposal: indices into `Council.policies`. */
export const proposalClass = {
    /** Resume and reopen. */
    LOOSEN: 0,
    /** Council, thresholds and delays. */
    CONSTITUTION: 1,
    /** Vaults, routes, breakers, ledgers and limits. */
    CUSTODY: 2,
    /** Which state to restart from. */
    RESTORATION: 3,
    /** How many there are. */
    COUNT: 4,
} as const;

/** `Proposal.state`. */
export const proposalState = {
    /** Collecting approvals, or waiting out its delay. */
    OPEN: 0,
    /** Done; can never run again. */
    EXECUTED: 1,
    /** Stopped by its vetoers. */
    VETOED: 2,
} as const;

/** Bits of `Proposal.flags`. */
export const proposalFlag = {
    /** Made by the fallback, who alone approves it. */
    FALLBACK: 1,
} as const;

/** `Latch.state`: where a detector's latest latch stands. Whether it is in force is `Latch.until`'s to say. */
export const latchState = {
    /** Never latched. */
    ARMED: 0,
    /** Latched, and not on the board yet. */
    LATCHED: 1,
    /** The latch was copied to the board; it can be only once. */
    PROPAGATED: 2,
} as const;

/** `PriceBreaker.kind`: where the price comes from. */
export const priceSource = {
    /** A fully verified update of a Pyth feed, as Pyth's receiver program posts it. */
    PYTH: 0,
    /** An account of a host or an oracle, read at registered offsets. */
    HOST: 1,
} as const;

/** Bits of `PriceBreaker.flags`. */
export const priceFlag = {
    /** The host's price is a signed number. */
    SIGNED: 1,
} as const;

/** Which rule a price broke; in events. */
export const priceRule = {
    /** None. */
    NONE: 0,
    /** Too far from the TWAP. Unit: basis points of the logarithm. */
    DEVIATION: 1,
    /** A return too large for the variance. Unit: thousandths of a standard deviation. */
    RETURN: 2,
    /** Returns that add up in one direction. Unit: thousandths of a standard deviation. */
    DRIFT: 3,
    /** The account is not updated. Unit: seconds. */
    STALE: 4,
    /** The confidence interval is too wide. Unit: basis points of the price. */
    CONFIDENCE: 5,
    /**
     * Ahead of the cluster's clock. Shown while a clock that lags may be why; from one account it trips beyond that.
     * Unit: seconds.
     */
    AHEAD: 6,
    /** The one account that is read is gone, of another program, or without a price. Unit: slots. */
    LOST: 7,
} as const;

/** `AuthorityWatch.kind`: what kind of account is watched. */
export const watchKind = {
    /** The program data of an upgradeable program: its upgrade authority. */
    PROGRAM: 0,
    /** A token account of either token program: owner, delegate, close authority. */
    TOKEN_ACCOUNT: 1,
    /** 32 bytes at an offset of any program's account: a host's admin, a stake account's withdrawer. */
    HOST_FIELD: 2,
} as const;

/** Bits of `AuthorityWatch.flags`. */
export const watchFlag = {
    /** An upgrade trips too, though the upgrade authority stays. So does extending the program, which moves the slot. */
    UPGRADES: 1,
} as const;

/** `Authorities.reading`. */
export const reading = {
    /** Nothing was read. */
    NONE: 0,
    /** The account holds what it should, of whatever value. */
    READ: 1,
    /** The account is gone, of another program, or of another kind. */
    LOST: 2,
} as const;

/** What a breaker says of an outflow. */
export const verdict = {
    /** Within limits: counted, go ahead. */
    ALLOWED: 0,
    /** Over a limit or latched: not counted, do not move funds now. */
    QUEUED: 1,
    /** The action is paused, or the release's number is taken: do not move funds, debit nothing. */
    DENIED: 2,
} as const;

/** `Vault.state`. */
export const vaultState = {
    /** Funds live here. */
    ACTIVE: 0,
    /** Moved to its route; releases are over until an unpause that was proposed after it was confirmed. */
    EVACUATED: 1,
} as const;

/** `Vault.routeFault`: why the route could not take an evacuation. */
export const routeFault = {
    /** It could. */
    NONE: 0,
    /** It is closed, or no token account of the vault's mint any more. */
    GONE: 1,
    /** Somebody else holds it than when it was registered. */
    OTHER_HOLDER: 2,
    /** It is frozen. */
    FROZEN: 3,
    /** A delegate may spend from it. */
    DELEGATED: 4,
    /** Somebody besides its holder may close it. */
    CLOSABLE: 5,
    /** It takes transfers with a memo only. */
    WANTS_MEMO: 6,
    /** It has an extension that may refuse a transfer. */
    EXTENSION: 7,
} as const;

/** `Release.state`. */
export const releaseState = {
    /** Waiting for its time and for room in the limit. */
    QUEUED: 0,
    /** Paid in full. */
    PAID: 1,
    /** Cancelled during an incident; what was not paid stays in the vault. */
    CANCELLED: 2,
} as const;

/** `Incident.cause`. */
export const cause = {
    /** A guardian opened it. */
    GUARDIAN: 0,
    /** An outflow breaker latched. */
    OUTFLOW: 1,
    /** A price breaker latched. */
    PRICE: 2,
    /** A solvency breaker latched. */
    SOLVENCY: 3,
    /** An authority watch latched. */
    AUTHORITY: 4,
    /** A vault's route could not be paid, or was somebody else's. */
    ROUTE: 5,
} as const;

/** `Incident.state`. */
export const incidentState = {
    /** Under way. */
    OPEN: 0,
    /** Over. */
    CLOSED: 1,
} as const;

/** Indices into `Incident.steps`: the timeline of an emergency. */
export const step = {
    /** The transaction that broke a limit, or the guardian's alarm. */
    BREACH: 0,
    /** The pause took force on the board. */
    PAUSE: 1,
    /** The council's threshold confirmed the incident. */
    FREEZE: 2,
    /** The last snapshot was sealed. */
    SNAPSHOT: 3,
    /** The evacuation was confirmed. */
    EVACUATION: 4,
    /** The last vault was moved. */
    EVACUATED: 5,
    /** The vote began. */
    BALLOT: 6,
    /** The restoration was chosen. */
    RESTORATION: 7,
    /** Something was shared out to claims for the first time. */
    CLAIMS: 8,
    /** The protocol reopened or resumed. */
    REOPEN: 9,
    /** How many there are. */
    COUNT: 10,
} as const;

/** `Migration.state`. */
export const migrationState = {
    /** Collecting the guardians' confirmations. */
    PENDING: 0,
    /** Anyone may crank `evacuate`. */
    ACTIVE: 1,
} as const;

/** `Snapshot.state` and `SnapshotShard.state`. */
export const snapshotState = {
    /** Taking positions. */
    OPEN: 0,
    /** Root and total are final. */
    SEALED: 1,
    /** Opened from a checkpoint that was contested afterwards: cannot be restored. */
    VOID: 2,
} as const;

/** `Snapshot.source`: where its root comes from. */
export const snapshotSource = {
    /** Read on chain while the domain was frozen. */
    FROZEN: 0,
    /** An attested checkpoint from before the incident. */
    CHECKPOINT: 1,
} as const;

/** `Checkpoint.state`. */
export const checkpointState = {
    /** No checkpoint was written here yet. */
    EMPTY: 0,
    /** Posted; the threshold of attesters is not reached. */
    POSTED: 1,
    /** Attested by the threshold. */
    ATTESTED: 2,
    /** Contradicted by its own tree; final. */
    CONTESTED: 3,
} as const;

/** Bits of `CheckpointLog.flags`. */
export const logFlag = {
    /** Only a checkpoint whose leaves were published can be put to the vote. */
    PUBLISHED_ONLY: 1,
} as const;

/** `PositionSample.state`. */
export const sampleState = {
    /** Read, and held against nothing. */
    TAKEN: 0,
    /** Held against the checkpoint of its slot, which it may be once. */
    COMPARED: 1,
} as const;

/** `LeafEvidence.state`. */
export const evidenceState = {
    /** A leaf of the checkpoint. */
    PROVED: 0,
    /** Put on record against the host's live account, which it may be once. */
    DISPUTED: 1,
} as const;

/** Bits of `Snapshot.flags`. */
export const snapshotFlag = {
    /** Sealed by a proposal although its sum is not the host's total. */
    OVERRIDDEN: 1,
} as const;

/** `Ledger.mode`: who reads a position. */
export const ledgerMode = {
    /** Bulkhead, at the registered offsets. */
    BYTES: 0,
    /** An instruction of the host or of an adapter to it, which Bulkhead calls. */
    EXPORT: 1,
} as const;

/** `Ledger.lengthRule`: how long a position may be. */
export const lengthRule = {
    /** `data_len` bytes. */
    EXACT: 0,
    /** `data_len` bytes or more. */
    AT_LEAST: 1,
    /** As a token account of either token program: 165 bytes, or more with extensions behind an account type of 2. */
    TOKEN_ACCOUNT: 2,
} as const;

/** Bits of `AmountField.flags`. */
export const amountFlag = {
    /** Two's complement. */
    SIGNED: 1,
    /** Subtracted: a debt. */
    SUBTRACT: 2,
    /** Lies in every slot of the table, not in the account once. */
    IN_SLOT: 4,
    /** Every bit there is. */
    ALL: 7,
} as const;

/** `Ledger.totalUnit`: what the host's total is the sum of. */
export const totalUnit = {
    /** Of the positions as the host keeps them, before the scale. */
    HOST: 0,
    /** Of the amounts in native units, each rounded down. */
    NATIVE: 1,
} as const;

/** `Ballot.state`. */
export const ballotState = {
    /** Candidates may be added; voting has not begun. */
    NOMINATING: 0,
    /** Voting, until `ends_ts`. */
    VOTING: 1,
} as const;

/** PDA seeds. The comment on each lists the seeds that follow the prefix. */
export const seed = {
    /** `setup_authority` */
    DOMAIN: 'domain',
    /** `domain` */
    BOARD: 'board',
    /** `domain` */
    COUNCIL: 'council',
    /** `domain, proposer, index: u64` (the proposer chooses the index) */
    PROPOSAL: 'proposal',
    /** `domain, compartment: u8, mint, shard: u8` */
    OUTFLOW: 'outflow',
    /** `domain, compartment: u8, source` */
    PRICE: 'price',
    /** `domain, compartment: u8, liabilities account` */
    SOLVENCY: 'solvency',
    /** `domain, watched account, offset: u32` */
    WATCH: 'watch',
    /** `domain, upstream domain` */
    LINK: 'link',
    /** `domain, index: u8` */
    EMERGENCY_ACTION: 'emergency_action',
    /** `domain, mint, index: u8` */
    VAULT: 'vault',
    /** `vault`: the token account that holds a vault's funds */
    CUSTODY: 'custody',
    /** `vault, index: u64`; with the note of who asks `note, index: u64` (the caller chooses the index) */
    RELEASE: 'release',
    /** `vault, owner`: what an owner has brought into a vault lately */
    DEPOSIT: 'deposit',
    /** `domain, index: u8` */
    LEDGER: 'ledger',
    /** `domain, mint`: which ledgers pay it */
    MINT_LEDGERS: 'ledgers',
    /** `domain, index: u64` */
    INCIDENT: 'incident',
    /** `incident` */
    MIGRATION: 'migration',
    /** `incident, ledger index: u8` */
    SNAPSHOT: 'snapshot',
    /** `snapshot, shard: u8, cranker` */
    SHARD: 'shard',
    /** `incident, ledger index: u8` */
    BALLOT: 'ballot',
    /** `domain`: the token account that holds escrowed governance tokens */
    VOTES: 'votes',
    /** `domain, voter` */
    ESCROW: 'escrow',
    /** `ballot, voter` */
    VOTE: 'vote',
    /** `incident, ledger index: u8` */
    RESTORATION: 'restoration',
    /** `restoration`: the token account that claims are paid from */
    POOL: 'pool',
    /** `restoration, page: u16` */
    CLAIMS: 'claims',
    /** `restoration, owner` */
    CLAIM_REDIRECT: 'claim_redirect',
    /** `domain, ledger index: u8` */
    CHECKPOINTS: 'checkpoints',
    /** `incident, ledger index: u8, slot: u64`: the snapshot of a checkpoint */
    CHECKPOINT: 'checkpoint',
    /** `log, slot: u64, leaf index: u32, payer` */
    EVIDENCE: 'evidence',
    /** `log, slot: u64, leaf index: u32`: the record of a dispute */
    DISPUTE: 'dispute',
    /** `log, slot: u64, shard: u8, payer`: a checkpoint's shard that is being published */
    PUBLICATION: 'publication',
    /** `log, slot: u64, position` */
    SAMPLE: 'sample',
} as const;
