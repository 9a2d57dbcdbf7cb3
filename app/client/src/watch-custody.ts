/** Custody and detectors: the rules of `crates/client/src/watch/differ/custody.rs`. */
import { bytesEqual } from './bytes.ts';
import { migrationState, releaseState } from './constants.ts';
import type {
    AuthorityWatch,
    Latch,
    Migration,
    OutflowBreaker,
    PriceBreaker,
    Release,
    SolvencyBreaker,
    Vault,
} from './generated/bulkhead/index.ts';
import { detail, differing, latch, opened, zeros, type Entry, type Rules } from './watch-entries.ts';

/** Are all fields of two accounts the same? */
function isSame(one: Vault, other: Vault): boolean {
    const text = (vault: Vault) =>
        JSON.stringify(vault, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
    return text(one) === text(other);
}

function release(before: Release, after: Release, isNew: boolean): Entry[] {
    const asked = ({ amount, requestedTs, requestedSlot }: Release) => `${amount} ${requestedTs} ${requestedSlot}`;
    // The old account is closed and this is a new one: the address was reused between two observations.
    if (!isNew && asked(before) !== asked(after)) {
        return [['ReleaseClosed'], ...release(zeros('Release'), after, true)];
    }
    const entries: Entry[] = [];
    const queued = ['vault', 'destination', 'amount', 'payableTs'] as const;
    if (isNew) entries.push(['ReleaseQueued', differing(before, after, queued, true)]);
    if (!isNew && (before.destination !== after.destination || before.owner !== after.owner)) {
        entries.push(['ReleaseRedirected', differing(before, after, ['destination', 'owner'], false)]);
    }
    if (!isNew && before.evacuations !== after.evacuations) entries.push(['ReleaseRequeued', []]);
    if (before.state !== after.state && after.state === releaseState.CANCELLED) {
        entries.push(['ReleaseCancelled', differing(before, after, ['paid'], isNew)]);
    } else if (before.paid !== after.paid) {
        entries.push(['ReleaseSettled', differing(before, after, ['paid', 'state'], isNew)]);
    }
    return entries;
}

export const CUSTODY_RULES = {
    Migration: (before: Migration, after: Migration, isNew) => {
        const entries: Entry[] = [];
        if (isNew || before.confirmations !== after.confirmations) {
            entries.push(['EvacuationConfirmed', differing(before, after, ['confirmations'], isNew)]);
        }
        if (before.state !== after.state && after.state === migrationState.ACTIVE) entries.push(['EvacuationStarted']);
        return entries;
    },
    Vault: (before: Vault, after: Vault, isNew) => {
        const entries: Entry[] = [];
        if (isNew) entries.push(['VaultOpened', differing(before, after, ['mint', 'operator', 'breaker'], true)]);
        if (!bytesEqual(before.cancelRoot, after.cancelRoot)) entries.push(['CancelListSet', []]);
        if (before.route !== after.route)
            entries.push(['EvacuationRouteRegistered', differing(before, after, ['route'], isNew)]);
        if (before.evacuatedSlot !== after.evacuatedSlot || (!isNew && before.state !== after.state)) {
            entries.push(['VaultEvacuated', differing(before, after, ['state', 'evacuatedSlot'], isNew)]);
        }
        // A release was queued, paid in part or cancelled, which its own record shows.
        if (!isNew && before.queued !== after.queued && isSame({ ...before, queued: after.queued }, after)) {
            entries.push(['QueueMoved', differing(before, after, ['queued'], false)]);
        }
        const { latch: was } = before as { latch?: Latch };
        const { latch: is } = after as { latch?: Latch };
        return was !== undefined && is !== undefined ? latch(entries, was, is, 'DetectorLatched', 'Changed') : entries;
    },
    Release: release,
    OutflowBreaker: (old: OutflowBreaker, after: OutflowBreaker, wasNew) => {
        const rules = (breaker: OutflowBreaker) => {
            const { compartment, shards, authority, reference, subWindows, windowSeconds, openedSlot } = breaker;
            return [compartment, shards, authority, reference, subWindows, windowSeconds, openedSlot];
        };
        const [entries, before, isNew] = opened('OutflowBreaker', 'BreakerOpened', [old, after, wasNew], rules);
        const limits = ['limit', 'slotLimit', 'limitBps', 'slotBps', 'inflowCredit', 'tripLimit', 'tripBps'] as const;
        const details = differing(before, after, limits, false);
        if (!isNew && details.length > 0) {
            const isLower = limits.every((field) => after[field] <= before[field]);
            entries.push([isLower ? 'LimitLowered' : 'LimitSet', details]);
        }
        return latch(entries, before.latch, after.latch, 'BreakerLatched', 'OutflowMetered');
    },
    PriceBreaker: (old: PriceBreaker, after: PriceBreaker, wasNew) => {
        const rules = (breaker: PriceBreaker) => {
            const { compartment, kind, width, program, priceOffset, timeOffset, confidenceOffset } = breaker;
            const read = [compartment, kind, width, program, priceOffset, timeOffset, confidenceOffset];
            return [...read, breaker.exponent, breaker.rules];
        };
        const [entries, before] = opened('PriceBreaker', 'PriceBreakerOpened', [old, after, wasNew], rules);
        return latch(entries, before.latch, after.latch, 'DetectorLatched', 'PriceObserved');
    },
    SolvencyBreaker: (old: SolvencyBreaker, after: SolvencyBreaker, wasNew) => {
        const rules = (breaker: SolvencyBreaker) => {
            const { compartment, liabilities, program, offset, width } = breaker;
            const { toleranceBps, tolerance, minAgeSeconds, reserves } = breaker;
            const held = reserves.map(({ account }) => account);
            return [compartment, liabilities, program, offset, width, toleranceBps, tolerance, minAgeSeconds, held];
        };
        const all = [old, after, wasNew] as const;
        const [entries, before, isNew] = opened('SolvencyBreaker', 'SolvencyBreakerOpened', all, rules);
        if (before.suspectTs !== after.suspectTs) {
            entries.push(['ShortfallObserved', differing(before, after, ['suspectTs'], isNew)]);
        }
        return latch(entries, before.latch, after.latch, 'DetectorLatched', 'Changed');
    },
    AuthorityWatch: (old: AuthorityWatch, after: AuthorityWatch, wasNew) => {
        const rules = ({ compartment, kind, account, offset }: AuthorityWatch) => [compartment, kind, account, offset];
        const [entries, before] = opened('AuthorityWatch', 'AuthorityWatchOpened', [old, after, wasNew], rules);
        const seen = ({ latched }: AuthorityWatch) => `${latched.slot} ${latched.keys.join(' ')}`;
        if (seen(before) !== seen(after)) {
            entries.push(['AuthorityChangeObserved', [detail('keys', undefined, after.latched.keys.join(' '))]]);
        }
        return latch(entries, before.latch, after.latch, 'DetectorLatched', 'Changed');
    },
} satisfies Rules;
