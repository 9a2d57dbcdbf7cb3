/** The types of watching: a stored account, and one change of an account. */
import type { ReadonlyUint8Array, Address } from '@solana/kit';

import type { LAYOUTS } from './generated/bulkhead/readers.ts';

/** Kind of an account. */
export type Kind = keyof typeof LAYOUTS;

/** A stored account. */
export type Kept = Readonly<{ kind: Kind; data: ReadonlyUint8Array }>;

/** A field before and after. Empty if the account did not exist, or is closed. */
export type Detail = Readonly<{ field: string; before: string; after: string }>;

/** One change of one account. */
export type Change = Readonly<{
    account: Address;
    kind: Kind;
    /**
     * The name of the event that the program logs. The following names are our own, because the program logs no event
     * or the account shows less: `ProposalExecuted`, `Unpaused`, `PhaseChanged`, `PauseRightBurnt`, `VetoStands`,
     * `IncidentClosed`, `CheckpointRulesChanged`, `SealReplaced`, `QueueMoved`, `PageProved`, `Changed`,
     * `Closed`.
     */
    event: string;
    details: readonly Detail[];
    /** Does the change loosen, tighten, move funds or decide something? Everything else is routine. */
    matters: boolean;
}>;
