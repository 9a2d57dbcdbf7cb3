/**
 * Generated from ../../idl/constants.json by scripts/generate.mjs: do not edit.
 */

/** Layout version, written into every account. */
export const VERSION = 1;
/** 100 % in basis points. */
export const BPS = 10000;
/** Maximum number of council members. */
export const MAX_MEMBERS = 16;
/** Maximum number of proposers: the members plus the fallback. */
export const PROPOSERS = 17;
/** Vetoes kept against one proposer: two from eligible vetoers and one from a silent vetoer. */
export const STANDING_VETOES = 3;
/** Maximum size of a proposal's payload, in bytes. */
export const MAX_PAYLOAD = 900;
/** Maximum number of sub-windows in an outflow window. */
export const MAX_SUB_WINDOWS = 24;
/** Buckets kept: the newest sub-window and the k before it. */
export const BUCKETS = 25;
/** Minimum number of sub-windows. With fewer, the window expires old outflow in steps too coarse to be useful. */
export const MIN_SUB_WINDOWS = 4;
/** Number of sub-windows a deposit note tracks separately. */
export const NOTE_ENTRIES = 4;
/** Price sums a price breaker keeps to compute its TWAP. */
export const TWAP_POINTS = 16;
/** Maximum number of token accounts a solvency breaker can add up. */
export const MAX_RESERVES = 4;
/** Maximum number of authorities a watch can compare. */
export const MAX_AUTHORITIES = 3;
/** Shards of a snapshot, selected by the top four bits of a position's key. */
export const SHARDS = 16;
/** Canopy size: roots of complete subtrees kept per shard. */
export const CANOPY = 16;
/** Maximum number of levels below the canopy. */
export const MAX_CANOPY_HEIGHT = 16;
/** A leaf's index is `shard << SHARD_SHIFT | position in the shard`. */
export const SHARD_SHIFT = 20;
/** Maximum that a ledger's own tolerance lets a sealed sum differ from the host's total, in either direction: 1 %. */
export const MAX_TOTAL_TOLERANCE_BPS = 100;
/** How long after the first seal a cranked seal may replace it, if its sum is nearer to the host's total. */
export const RESEAL_SECONDS = 86400;
/** Maximum number of filters of a ledger. */
export const MAX_FILTERS = 4;
/** Maximum number of fields of a position that can be added up. */
export const MAX_AMOUNTS = 8;
/** Maximum number of accounts an export can request besides the position. */
export const MAX_EXPORT_ACCOUNTS = 4;
/** Maximum size of an export's instruction data, in bytes. */
export const MAX_EXPORT_DATA = 16;
/** Most accounts that an export may be given for each position. */
export const MAX_POSITION_ACCOUNTS = 8;
/** Most factors of a linked ledger. */
export const MAX_FACTORS = 2;
/** Most positions in one account. All of them have to be looked through in one transaction. */
export const MAX_RECORDS = 8192;
/** Positions that are read of such an account each time it is passed. */
export const RECORDS_AT_ONCE = 16;
/** Recent deposits of an escrow that are tracked separately. */
export const RECENT_DEPOSITS = 4;
/** Maximum number of states a ballot can offer. */
export const MAX_CANDIDATES = 8;
/** `Vault.ledger` of a vault whose tokens pay no claims. */
export const NO_LEDGER = 255;
/** Bytes of the largest transaction that the network carries. */
export const MAX_TRANSACTION = 1232;
/**
 * Leaves per page of claims. At eight bytes each, this is the most that one instruction can create, rounded down to a
 * power of two.
 */
export const CLAIMS_PER_PAGE = 1024;
/** Bytes of a member's key that a checkpoint keeps. No two members' keys may share this prefix. */
export const POSTER_BYTES = 12;
/** Checkpoints kept in a log. */
export const CHECKPOINTS = 40;
/** Minimum number of slots between two checkpoints of one attester: the number of slots the SlotHashes sysvar covers. */
export const MIN_CHECKPOINT_INTERVAL = 512;
/** Minimum time a checkpoint is kept. Longer than the time a trip can pause by itself. */
export const MIN_KEEP_SECONDS = 604800;
/**
 * Minimum of the tolerance between a checkpoint's total and the host's own. A ledger in use changes between the slot a
 * checkpoint describes and the slot it is posted in.
 */
export const MIN_TOLERANCE_BPS = 10;
/** Maximum of that tolerance. */
export const MAX_TOLERANCE_BPS = 2000;
/** How long a veto stands against its proposer's proposals. */
export const VETO_SECONDS = 604800;
/** Minimum time between the earliest moment a proposal can run and its expiry, so that people are available to run it. */
export const MIN_RUN_SECONDS = 86400;
/** Minimum delay of any class of proposal: loosening is never instant. */
export const MIN_DELAY_SECONDS = 3600;
/** Maximum length of a delay, an expiry or a vote: nothing can be parked forever. */
export const MAX_DELAY_SECONDS = 7776000;
/** Maximum time a guardian's pause may last by itself. */
export const MAX_GUARDIAN_PAUSE_SECONDS = 259200;
/** Maximum, and default, time a trip may pause by itself. */
export const MAX_TRIP_SECONDS = 259200;
/** Minimum of the heartbeat: the time without activity after which a member is no longer eligible. */
export const MIN_HEARTBEAT_SECONDS = 86400;
/** Maximum of the heartbeat, and of the time before the fallback may act. */
export const MAX_HEARTBEAT_SECONDS = 31536000;
/**
 * How long after a silent member's heartbeat they become eligible again. Someone who finds a forgotten key cannot
 * approve at once.
 */
export const REVIVAL_SECONDS = 86400;
/** Minimum time without enough approvers before the fallback may propose a new council. */
export const MIN_FALLBACK_SECONDS = 604800;
/** Minimum delay of a proposal made by the fallback. */
export const MIN_FALLBACK_DELAY_SECONDS = 604800;
/**
 * Minimum time between opening a ballot, or running it again, and its vote: everyone can nominate and move votes into
 * escrow.
 */
export const NOMINATION_SECONDS = 86400;
/** After this time anyone may start the vote, even without the snapshot read in the incident. */
export const NOMINATION_PATIENCE_SECONDS = 604800;
/**
 * How long a winner that can be restored prevents its ballot from being run again, in addition to twice the delay of a
 * restoration proposal. This leaves time to propose and approve, and to do both once more.
 */
export const WINNER_SECONDS = 604800;
/** Maximum liquidation grace period after a reopening. */
export const MAX_GRACE_SECONDS = 604800;
/** Minimum time a freeze must have lasted before anyone opens the escape: a vote and a proposal come first. */
export const MIN_ESCAPE_SECONDS = 1209600;
/** Maximum of that time, so that the escape is not postponed forever by its own rule. */
export const MAX_ESCAPE_SECONDS = 31536000;
/**
 * How much longer a snapshot can be sealed before the escape may pay by a checkpoint, and how long that checkpoint's
 * snapshot must have been open.
 */
export const ESCAPE_SEAL_SECONDS = 604800;
/** A freeze continues the one before it until nothing was closed for this long, in all, between the two. */
export const ESCAPE_RESET_SECONDS = 86400;
/** Minimum number of days claims run, if they have an end. */
export const MIN_CLAIM_DAYS = 90;
/** Maximum number of days claims run, if they have an end. */
export const MAX_CLAIM_DAYS = 3650;
/**
 * How long owners can claim in kind, or say that they keep their claims, before the successor named in the terms may
 * consume what is left. Counted from the choice, and anew from each notable share-out.
 */
export const SUCCESSOR_NOTICE_SECONDS = 1209600;
/** Minimum of the maximum age of a restart check: whoever reopens must be able to make it first. */
export const MIN_RESTART_CHECK_SECONDS = 60;
/** Maximum of that age: an older check says nothing about the reopening. */
export const MAX_RESTART_CHECK_SECONDS = 86400;
/** Bytes of a verifying key's points: alpha, beta, gamma, delta and the two of the public input. */
export const PROOF_KEY_LEN = 576;
/** Bytes of a proof: -A, B and C. */
export const PROOF_LEN = 256;
/** Bytes of a run's state. */
export const PROOF_STATE_LEN = 132;
/** Set-up of a key that one party made, who can prove anything with it. There is no other so far. */
export const SET_UP_INSECURE = 1;
/**
 * From the confirmation of an evacuation, how long guardians may cancel queued releases of the evacuated vaults. Only
 * then is the snapshot of a queue sealed, so that whoever seals it early takes nothing from the guardians.
 */
export const CANCEL_SECONDS = 86400;
/** A vote for no candidate. */
export const CHOICE_NONE = 255;
/** No vote yet: a plug-in's weight that was noted before the vote started. */
export const CHOICE_NOTED = 254;
/** How often a council can veto a ballot's result, over all its rounds. A state that is chosen again is not vetoed again. */
export const MAX_BALLOT_VETOES = 2;
/** Maximum of a ballot's dispute window. */
export const MAX_DISPUTE_SECONDS = 259200;
/** How long after nominations began anyone may close the record of a noted weight that was never cast. */
export const NOTED_SECONDS = 7776000;
/** Steps of an emergency action, at most. */
export const MAX_EMERGENCY_STEPS = 16;
/** Bytes of all steps of an emergency action, at most. */
export const MAX_EMERGENCY_BYTES = 8192;
/** How long a run of an emergency action can be continued: a day. Later, a new run takes a pause right again. */
export const EMERGENCY_RUN_SECONDS = 86400;
/** Maximum share that is paid before the vote. At least half of what was saved remains for the state that is chosen. */
export const MAX_INTERIM_BPS = 5000;
/** Maximum age that a rule can require of a checkpoint. An older one could have been overwritten. */
export const MAX_INTERIM_AGE_SECONDS = 604800;
/** Vaults that one interim share-out can draw from. */
export const INTERIM_SOURCES = 16;
/** Positions that guardians can stop in one interim share-out. Each stop costs a right. */
export const INTERIM_STOPS = 32;
/** Vaults that an insurance pool names. */
export const INSURED_VAULTS = 4;
/** Detectors that an insurance pool names. */
export const INSURED_DETECTORS = 4;
/** Insurance pools of one ledger: their order of loss is below this number. */
export const MAX_INSURANCE_POOLS = 8;
/**
 * Shares that nobody owns, next to one unit of assets that nobody owns: whoever raises the price of the first shares
 * gives nearly all of it to them. Also the fewest shares a stake may have.
 */
export const VIRTUAL_SHARES = 1000;
/** Longest time in which a premium is earned. */
export const PREMIUM_SECONDS = 604800;
/** How long a pool may be slashed for a restoration, after the time for other funds. */
export const SLASH_SECONDS = 604800;
/** Minimum cooldown of staked shares. */
export const MIN_COOLDOWN_SECONDS = 86400;
/** Maximum cooldown of staked shares. */
export const MAX_COOLDOWN_SECONDS = 7776000;
/** Minimum time to unstake cooled shares. */
export const MIN_UNSTAKE_WINDOW_SECONDS = 86400;
/** Maximum time to unstake cooled shares. */
export const MAX_UNSTAKE_WINDOW_SECONDS = 2592000;
/** Minimum of the longest time that exits may be closed. */
export const MIN_EXIT_FREEZE_SECONDS = 604800;
/** Maximum of the longest time that exits may be closed. */
export const MAX_EXIT_FREEZE_SECONDS = 15552000;
/** Minimum time to fund a restoration otherwise before stakers are slashed. */
export const MIN_FUNDING_SECONDS = 3600;
/** Maximum time to fund a restoration otherwise before stakers are slashed. */
export const MAX_FUNDING_SECONDS = 2592000;
/** Number of this chain, as Wormhole numbers them. */
export const SOLANA_CHAIN = 1;
/** Maximum number of keys that attest a peer's messages. Signatures of seven of them fit a transaction. */
export const MAX_MESSAGE_ATTESTERS = 12;
/** Ledgers of a peer whose newest checkpoint is kept. */
export const PEER_CHECKPOINTS = 4;
/** Message numbers below the highest that are still accepted, in any order. */
export const MESSAGE_WINDOW = 64;
/** Minimum of the age at which a message is refused: a bridge waits for finality first. */
export const MIN_MESSAGE_AGE_SECONDS = 600;
/** Maximum of that age: as long as a guardian's pause may last. */
export const MAX_MESSAGE_AGE_SECONDS = 259200;
/** Minimum time that a rotation of attesters by themselves waits, so that a guardian can stop it. */
export const MIN_ROTATION_SECONDS = 86400;
/** Number of compartments of a domain. */
export const MAX_COMPARTMENTS = 64;
/** Stands for the whole domain where a compartment is expected. */
export const SCOPE_DOMAIN = 255;

/** User actions, one bit each. Bits 16 to 31 are for the host to define. */
export const action = {
    /** Deposit funds. */
    DEPOSIT: 1,
    /** Withdraw funds. */
    WITHDRAW: 2,
    /** Borrow. */
    BORROW: 4,
    /** Repay debt. */
    REPAY: 8,
    /** Place an order or swap. */
    TRADE: 16,
    /** Cancel an order. */
    CANCEL: 32,
    /** Liquidate someone else's position. */
    LIQUIDATE: 64,
    /** Settle profit and loss. */
    SETTLE: 128,
    /** Claim what a restoration owes. */
    CLAIM: 256,
    /** Change the host's configuration. */
    ADMIN: 512,
    /** All actions. */
    ALL: 4294967295,
    /**
     * What an emergency closes unless the council sets another mask. Exits stay open: repaying, cancelling, topping up
     * margin and claiming can only make users safer. Liquidation is closed, because nobody should lose a position they are
     * not allowed to save.
     */
    DEFAULT_EMERGENCY: 4294966998,
    /**
     * What a freeze closes: everything except claims. A deposit or a repayment made while the ledger is being read would
     * keep the snapshot from adding up. One made afterwards would be missing from the snapshot.
     */
    FROZEN: 4294967039,
} as const;

/** `Domain.state`: the phase of the domain, from set-up to restoration. */
export const phase = {
    /** Being configured by its setup authority. Protects nothing yet. */
    SETUP: 0,
    /** Normal operation. */
    OPERATING: 1,
    /** An incident is open. Timed masks pause actions by themselves. */
    ALERT: 2,
    /** The council has confirmed the incident. Frozen until a proposal unpauses it. */
    FROZEN: 3,
    /** A restoration was chosen. Claims are being paid. */
    RECOVERING: 4,
} as const;

/** Bits of `Domain.flags`. */
export const domainFlag = {
    /** The open incident was decided. Anything still closed is newer and gets its own incident. */
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
    /** Every role. */
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
    /** Number of classes. */
    COUNT: 4,
} as const;

/** `Proposal.state`. */
export const proposalState = {
    /** Collecting approvals, or waiting out its delay. */
    OPEN: 0,
    /** Executed. It can never run again. */
    EXECUTED: 1,
    /** Stopped by its vetoers. */
    VETOED: 2,
} as const;

/** Bits of `Proposal.flags`. */
export const proposalFlag = {
    /** Made by the fallback, which alone approves it. */
    FALLBACK: 1,
} as const;

/** `Latch.state`: the state of a detector's latest latch. `Latch.until` says whether the latch is in force. */
export const latchState = {
    /** Never latched. */
    ARMED: 0,
    /** Latched, and not on the board yet. */
    LATCHED: 1,
    /** Copied to the board, which can happen only once per latch. */
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

/** Which rule a price broke. Used in events. */
export const priceRule = {
    /** None. */
    NONE: 0,
    /** Too far from the TWAP. Unit: basis points of the logarithm. */
    DEVIATION: 1,
    /** A return too large for the variance. Unit: thousandths of a standard deviation. */
    RETURN: 2,
    /** Returns that accumulate in one direction. Unit: thousandths of a standard deviation. */
    DRIFT: 3,
    /** The account is stale. Unit: seconds. */
    STALE: 4,
    /** The confidence interval is too wide. Unit: basis points of the price. */
    CONFIDENCE: 5,
    /**
     * The price's timestamp is ahead of the cluster's clock. A small lead may come from a lagging clock and is only
     * reported. A larger lead trips when the price is read from one account. Unit: seconds.
     */
    AHEAD: 6,
    /** The only account that is read is missing, is owned by another program, or contains no price. Unit: slots. */
    LOST: 7,
} as const;

/** `AuthorityWatch.kind`: what kind of account is watched. */
export const watchKind = {
    /** The program data of an upgradeable program: its upgrade authority. */
    PROGRAM: 0,
    /** A token account of either token program: owner, delegate and close authority. */
    TOKEN_ACCOUNT: 1,
    /** 32 bytes at an offset of any program's account, such as a host's admin or a stake account's withdrawer. */
    HOST_FIELD: 2,
} as const;

/** Bits of `AuthorityWatch.flags`. */
export const watchFlag = {
    /**
     * An upgrade also trips, even if the upgrade authority is unchanged. So does extending the program, which changes
     * the slot.
     */
    UPGRADES: 1,
} as const;

/** `Authorities.reading`. */
export const reading = {
    /** Not read. */
    NONE: 0,
    /** The account has the expected kind, whatever its values. */
    READ: 1,
    /** The account is missing, is owned by another program, or is of another kind. */
    LOST: 2,
} as const;

/** A breaker's verdict on an outflow. */
export const verdict = {
    /** Within limits. The outflow was counted; go ahead. */
    ALLOWED: 0,
    /** Over a limit, or the breaker is latched. The outflow was not counted; do not move funds now. */
    QUEUED: 1,
    /** The action is paused, or the release's number is taken. Do not move funds; debit nothing. */
    DENIED: 2,
} as const;

/** Which of the two ledgers of a statement: places in the pairs of `StateProof`. */
export const proofRole = {
    /** The state that was chosen; it is paid under the plan. */
    CHOSEN: 0,
    /** The ledger that the repaired host starts with; pool and total are its own sum. */
    SUCCESSOR: 1,
} as const;

/** Bits of `ProofRules.flags` and `ProofCheck.flags`. */
export const proofFlag = {
    /** One party made the key, and can prove anything with it. */
    INSECURE: 1,
    /** A proposal accepted the ledger without a proof. */
    OVERRIDDEN: 2,
} as const;

/** `Vault.state`. */
export const vaultState = {
    /** Holds its funds. */
    ACTIVE: 0,
    /**
     * Moved to its evacuation route. Releases stop until an unpause that was proposed after the evacuation was
     * confirmed.
     */
    EVACUATED: 1,
} as const;

/** `Vault.routeFault`: why the evacuation route could not receive an evacuation. */
export const routeFault = {
    /** No fault. */
    NONE: 0,
    /** The account is closed, or is no longer a token account of the vault's mint. */
    GONE: 1,
    /** Its holder is not the one registered. */
    OTHER_HOLDER: 2,
    /** It is frozen. */
    FROZEN: 3,
    /** A delegate may spend from it. */
    DELEGATED: 4,
    /** Someone other than its holder may close it. */
    CLOSABLE: 5,
    /** It accepts only transfers with a memo. */
    WANTS_MEMO: 6,
    /** It has an extension that may refuse a transfer. */
    EXTENSION: 7,
} as const;

/** `Release.state`. */
export const releaseState = {
    /** Waiting for its payable time and for room under the limit. */
    QUEUED: 0,
    /** Paid in full. */
    PAID: 1,
    /** Cancelled. The unpaid part stays in the vault, and the host owes it again once its operator has taken it back. */
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
    /** A vault's evacuation route could not be paid, or belonged to someone else. */
    ROUTE: 5,
} as const;

/** `Incident.state`. */
export const incidentState = {
    /** In progress. */
    OPEN: 0,
    /** Over. */
    CLOSED: 1,
} as const;

/** Indices into `Incident.steps`: the timeline of an emergency. */
export const step = {
    /** The transaction that broke a limit, or the guardian's alarm. */
    BREACH: 0,
    /** The pause took effect on the board. */
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
    /** Tokens were first shared out to claims. */
    CLAIMS: 8,
    /** The protocol reopened or resumed. */
    REOPEN: 9,
    /** Number of steps. */
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
    /** Reading positions. */
    OPEN: 0,
    /** Root and total are final. */
    SEALED: 1,
    /** Opened from a checkpoint that was contested afterwards. It cannot be restored. */
    VOID: 2,
} as const;

/** `Snapshot.source`: where its root comes from. */
export const snapshotSource = {
    /** Read on chain while the domain was frozen. */
    FROZEN: 0,
    /** An attested checkpoint from before the incident. */
    CHECKPOINT: 1,
    /**
     * Read on chain after a state was chosen: what the repaired host starts with. It is proved equal to the plan and
     * never restored.
     */
    SUCCESSOR: 2,
} as const;

/** Bits of `SnapshotShard.flags`. */
export const shardFlag = {
    /** Its positions also enter `SnapshotShard.accumulator`. */
    ACCUMULATES: 1,
} as const;

/** `Checkpoint.state`. */
export const checkpointState = {
    /** No checkpoint has been written here yet. */
    EMPTY: 0,
    /** Posted, below the threshold of attesters. */
    POSTED: 1,
    /** Attested by the threshold. */
    ATTESTED: 2,
    /** Contradicted by its own tree. Final. */
    CONTESTED: 3,
} as const;

/** Bits of `CheckpointLog.flags`. */
export const logFlag = {
    /** Only a checkpoint whose leaves were published can be put to the vote. */
    PUBLISHED_ONLY: 1,
} as const;

/** `PositionSample.state`. */
export const sampleState = {
    /** Read, and not compared yet. */
    TAKEN: 0,
    /** Compared with the checkpoint of its slot, which can happen only once. */
    COMPARED: 1,
} as const;

/** `LeafEvidence.state`. */
export const evidenceState = {
    /** A leaf of the checkpoint. */
    PROVED: 0,
    /** Recorded as disputed against the host's live account, which can happen only once. */
    DISPUTED: 1,
} as const;

/** Bits of `Snapshot.flags`. */
export const snapshotFlag = {
    /** Sealed by a proposal although its sum differs from the host's total. */
    OVERRIDDEN: 1,
    /** Of the queue of a vault: its ledger reads the vault's queued releases. */
    QUEUE: 2,
} as const;

/** Bits of `Ledger.flags`. */
export const ledgerFlag = {
    /**
     * Its positions are the queued releases of the vault that its total is in.
     * Not a bit of [`link_flag`](super.linkFlag), which stand in the same byte.
     */
    QUEUE: 128,
} as const;

/** Bits of `Vault.flags`. */
export const vaultFlag = {
    /** `Vault.queueLedger` is the number of the ledger that reads its queue. */
    QUEUE_LEDGER: 1,
} as const;

/** `Ledger.mode`: who reads a position. */
export const ledgerMode = {
    /** Bulkhead, at the registered offsets. */
    BYTES: 0,
    /** An instruction of the host, or of an adapter to the host, that Bulkhead calls. */
    EXPORT: 1,
    /**
     * Bulkhead, at the registered offsets and in other accounts: the holder of a token that owns the position, numbers
     * that its amount is multiplied or divided by. Or many positions in one account.
     */
    LINKED: 2,
} as const;

/** Bits of `Ledger.flags`, in `ledger_mode.LINKED`. */
export const linkFlag = {
    /** The owner's 32 bytes name a token of which there is one: whoever holds it is the owner. */
    OWNER_IS_TOKEN: 1,
    /** Every slot of the table is a position of its own. The owner's offset is within the slot. */
    RECORDS: 2,
    /** Every flag. */
    ALL: 3,
} as const;

/** Bits of the flags of a factor. */
export const factorFlag = {
    /** Divides instead of multiplying. At most 8 bytes wide. */
    DIVIDE: 1,
    /** Every flag. */
    ALL: 1,
} as const;

/** `Ledger.lengthRule`: how long a position may be. */
export const lengthRule = {
    /** Exactly `data_len` bytes. */
    EXACT: 0,
    /** `data_len` bytes or more. */
    AT_LEAST: 1,
    /**
     * The length of a token account of either token program: 165 bytes, or more with extensions after an account type
     * of 2.
     */
    TOKEN_ACCOUNT: 2,
} as const;

/** Bits of `AmountField.flags`. */
export const amountFlag = {
    /** Two's complement. */
    SIGNED: 1,
    /** Subtracted: a debt. */
    SUBTRACT: 2,
    /** Located in every slot of the table instead of once in the account. */
    IN_SLOT: 4,
    /** Every flag. */
    ALL: 7,
} as const;

/** `Ledger.totalUnit`: what the host's total adds up. */
export const totalUnit = {
    /** The positions as the host stores them, before the scale. */
    HOST: 0,
    /** The amounts in native units, each rounded down. */
    NATIVE: 1,
} as const;

/** `Ballot.state`. */
export const ballotState = {
    /** Candidates may be added. Voting has not begun. */
    NOMINATING: 0,
    /** Voting, until `ends_ts`. */
    VOTING: 1,
} as const;

/** Bits of `BallotRules.flags` and `Ballot.flags`. */
export const ballotFlag = {
    /** A plug-in's weight counts only if the plug-in computed it for the very round of the very ballot. */
    TARGETED: 1,
} as const;

/** `EmergencyRun.state`. */
export const emergencyRunState = {
    /** Steps are left. */
    RUNNING: 0,
    /** Every step has run. */
    FINISHED: 1,
} as const;

/** `HostProgram.state`: the emergency build in the incident of its confirmations. */
export const buildState = {
    /** Not confirmed by enough guardians. */
    PENDING: 0,
    /** Confirmed: anyone may deploy it. */
    CONFIRMED: 1,
    /** Deployed. It is confirmed once an incident. */
    DEPLOYED: 2,
} as const;

/** `Interim.state`. */
export const interimState = {
    /** Claims are paid. */
    OPEN: 0,
    /** A state was chosen. Claims continue in its restoration. */
    ENDED: 1,
} as const;

/** `ProvedLeaf.of`: the state that a leaf was proved to be part of. */
export const proved = {
    /** No leaf. */
    NOTHING: 0,
    /** A leaf of the interim's snapshot. */
    SNAPSHOT: 1,
    /** A leaf of the interim's checkpoint. */
    CHECKPOINT: 2,
} as const;

/** Bits of `Restoration.flags`. */
export const restorationFlag = {
    /** Interim claims were paid, and a third state was chosen: each claim shows what its position was paid. */
    AFTER_INTERIM: 1,
    /** Opened by the escape, without a vote. */
    ESCAPE: 2,
} as const;

/** `ClaimRedirect.state`: what an owner wishes for its claims. */
export const claimWish = {
    /** None: the account is closed, or a proposal made it. */
    NONE: 0,
    /** Pay the associated token account of another address. */
    PAY_TO: 1,
    /** Let a program's address consume them. */
    CONSUMED_BY: 2,
    /** Let no successor consume them, also not after the notice. */
    KEEP: 3,
} as const;

/** `Restoration.state`. */
export const restorationState = {
    /** Claims are paid, until their deadline if they have one. */
    OPEN: 0,
    /** The deadline has passed and the rest was swept. Final. */
    CLOSED: 1,
} as const;

/** Bits of `RestartCheck.flags`. */
export const restartFlag = {
    /** A proposal accepted that the ledger is not covered, or that its total cannot be read. */
    OVERRIDDEN: 1,
} as const;

/** Bits of `InsurancePool.flags`. */
export const insuranceFlag = {
    /** The shortfall of the noted incident is stated: its part is held back, and exits are open. */
    COVERED: 1,
    /** `next_terms` wait to take effect. */
    TERMS_ANNOUNCED: 2,
} as const;

/** Kinds of messages between domains: the byte after the version. */
export const messageKind = {
    /** The sender has closed actions. */
    PAUSE: 1,
    /** The sender has opened what it had closed, and asks to resume. */
    RESUME_REQUEST: 2,
    /** Root of a ledger of the sender. */
    CHECKPOINT: 3,
    /** The sender has another council. */
    COUNCIL_EPOCH: 4,
} as const;

/** Bits of `Peer.transports`. */
export const transport = {
    /** Accounts that Wormhole's core bridge posted. */
    WORMHOLE: 1,
    /** Signatures of the peer's attesters. */
    ATTESTERS: 2,
    /** Every transport. */
    ALL: 3,
} as const;

/** Bits of `Peer.flags`. */
export const peerFlag = {
    /** A guardian has stopped a rotation: attesters do not rotate by themselves until a proposal sets the peer again. */
    ROTATION_STOPPED: 1,
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
    /** `domain, chain: u16, emitter` */
    PEER: 'peer',
    /** `domain, index: u8` */
    EMERGENCY_ACTION: 'emergency_action',
    /** `domain, mint, index: u8` */
    VAULT: 'vault',
    /** `vault`: the token account that holds a vault's funds */
    CUSTODY: 'custody',
    /** `vault, whose, index: u64`; whose is the requester's deposit note, else the vault; the caller chooses the index */
    RELEASE: 'release',
    /** `vault, owner`: an owner's recent deposits into a vault */
    DEPOSIT: 'deposit',
    /** `domain, index: u8` */
    LEDGER: 'ledger',
    /** `domain, mint`: the ledgers that pay this mint */
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
    /** `incident, vault, guardian`: the releases that this guardian cancels */
    CANCEL_LIST: 'cancel_list',
    /** `emergency action, guardian`: the guardian's run of it */
    EMERGENCY_RUN: 'emergency_run',
    /** `domain, source`: a token account that the host keeps itself */
    DIRECT_VAULT: 'direct_vault',
    /** `domain, program`: a program whose upgrade authority the domain holds */
    HOST_PROGRAM: 'host_program',
    /** `incident, ledger index: u8` */
    INTERIM: 'interim',
    /** `interim, prover`: leaves that the prover proved */
    INTERIM_PROOF: 'interim_proof',
    /** `domain, ledger index: u8`: the terms of a ledger's claims */
    CLAIM_TERMS: 'claim_terms',
    /** `domain`: the rules of a domain's ballots */
    BALLOT_RULES: 'ballot_rules',
    /** `domain, owner`: what an owner wishes for its claims */
    CLAIM_WISH: 'claim_wish',
    /** `incident, ledger index: u8`: the check of a restored ledger before the domain reopens */
    RESTART_CHECK: 'restart_check',
    /** `domain, ledger index: u8, order: u8` */
    INSURANCE: 'insurance',
    /** `insurance pool`: the token account that holds stakes and premiums */
    INSURANCE_TOKENS: 'insurance_tokens',
    /** `insurance pool, owner` */
    STAKE: 'stake',
    /** `insurance pool, restoration` */
    COVER: 'cover',
    /** `domain`: which verifying key counts, and which restored ledgers need a proof */
    PROOF_RULES: 'proof_rules',
    /** `domain, id: [u8; 32]`: a verifying key */
    PROOF_KEY: 'proof_key',
    /** `incident, ledger index: u8, number: u16`: the ledger that the repaired host starts with */
    SUCCESSOR: 'successor',
    /** `snapshot`: the ends of its shards */
    SEALED_LEDGER: 'sealed_ledger',
    /** `statement id: [u8; 32]` */
    STATE_PROOF: 'state_proof',
    /** `state proof, prover, role: u8, shard: u8` */
    PROOF_RUN: 'proof_run',
    /** `incident, ledger index: u8`: a restored ledger was proved, or accepted without a proof */
    PROOF_CHECK: 'proof_check',
} as const;
