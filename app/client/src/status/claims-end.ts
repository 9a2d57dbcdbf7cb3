/** When the claims of a restoration end, and what then happens with the rest: `crates/client/src/status/claims_end.rs`. */
import type { Address } from '@solana/kit';

import { restorationState } from '../constants.ts';
import type { Restoration } from '../generated/bulkhead/public.ts';
import { fromNow, utc } from './words.ts';

const DAY = 86_400n;

/** The end of a restoration's claims. */
export type ClaimsEnd = Readonly<{
    /** From when on nothing is paid. A notable sum that is shared out, or a proposal, moves it to a later time. */
    ts: bigint;
    /** Whose token account the rest then goes to. */
    restOwner: Address;
    /** Was the rest swept, which makes the end final? */
    isSwept: boolean;
}>;

/** `undefined` if claims do not end. */
export function claimsEnd(
    restoration: Pick<Restoration, 'claimDays' | 'countedTs' | 'restOwner' | 'state'>,
): ClaimsEnd | undefined {
    const { claimDays, countedTs, restOwner, state } = restoration;
    if (claimDays === 0) return undefined;
    return { ts: countedTs + BigInt(claimDays) * DAY, restOwner, isSwept: state === restorationState.CLOSED };
}

/** The end in words, at a time. */
export function claimsEndWords({ ts, restOwner, isSwept }: ClaimsEnd, now: bigint): string {
    const when = `${utc(ts)}, ${fromNow(ts, now)}`;
    if (isSwept) return `claims have ended; the rest was swept to ${restOwner}`;
    if (now < ts) return `claims end ${when}; then anyone sweeps the rest to ${restOwner}`;
    return `claims ended ${when}; anyone sweeps the rest to ${restOwner}`;
}
