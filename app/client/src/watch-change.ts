/** What watching tells: an account as it was kept, and one thing that happened to it. */
import type { ReadonlyUint8Array, Address } from '@solana/kit';

import type { LAYOUTS } from './generated/bulkhead/readers.ts';

/** What an account is. */
export type Kind = keyof typeof LAYOUTS;

/** An account as it was kept. */
export type Kept = Readonly<{ kind: Kind; data: ReadonlyUint8Array }>;

/** A field, as it was and as it is; empty where the account was not there, or is gone. */
export type Detail = Readonly<{ field: string; before: string; after: string }>;

/** One thing that happened to one account. */
export type Change = Readonly<{
    account: Address;
    kind: Kind;
    /** The name of the event that the program logs of it, or `ProposalExecuted`, `Unpaused`, `PhaseChanged`,
     * `PauseRightBurnt`, `VetoStands`, `IncidentClosed`, `CheckpointRulesChanged`, `SealReplaced`, `Changed`, `Closed` where
     * it logs none or the account shows less. */
    event: string;
    details: readonly Detail[];
    /** Does it loosen, tighten, move funds or decide something? What does not is the daily course. */
    matters: boolean;
}>;
