/** What the rules of watching are written with: entries, and the parts that several kinds of accounts share. */
import { getBase16Decoder, type ReadonlyUint8Array } from '@solana/kit';

import { latchState } from './constants.ts';
import type { Latch } from './generated/bulkhead/index.ts';
import { LAYOUTS } from './generated/bulkhead/readers.ts';
import type { Detail, Kind } from './watch-change.ts';

export type Entry = readonly [event: string, details?: readonly Detail[]];
/** The previous state (zeros if the account did not exist), the current state, and whether the account is new. */
export type Rule = (before: never, after: never, isNew: boolean) => Entry[];
export type Rules = Partial<Record<Kind, Rule>>;

/** The state of an account of zeros, which stands for one that did not exist. */
export function zeros<T>(kind: Kind): T {
    return LAYOUTS[kind].decoder.decode(new Uint8Array(LAYOUTS[kind].size)) as unknown as T;
}

/**
 * Reports a new detector, also if it replaced another at the same address with rules that no act changes in place. A
 * replaced detector's previous state is ignored.
 */
export function opened<T extends { latch: Latch }>(
    kind: Kind,
    event: string,
    [before, after, isNew]: readonly [T, T, boolean],
    rules: (detector: T) => unknown[],
): [entries: Entry[], before: T, isNew: boolean] {
    const fixed = (detector: T) => flat([...rules(detector), detector.latch.scope, detector.latch.seconds]);
    if (!isNew && fixed(before) === fixed(after)) return [[], before, false];
    const closed: Entry[] = isNew ? [] : [['DetectorClosed']];
    return [[...closed, [event]], zeros(kind), true];
}

/** Numbers, keys, and lists and records of them, as one string. */
export function flat(value: unknown): string {
    if (typeof value !== 'object' || value === null) return String(value);
    return `(${Object.values(value).map(flat).join(' ')})`;
}

export const oneOf =
    (opened: string, changed: string): Rule =>
    (_before, _after, isNew) => [[isNew ? opened : changed]];

/** Reports a detector's latch. Reports `otherwise` if the latch is unchanged and nothing else was reported. */
export function latch(entries: Entry[], was: Latch, is: Latch, latched: string, otherwise: string): Entry[] {
    const isAnother = was.ts !== is.ts || was.slot !== is.slot || was.state === latchState.ARMED;
    if (is.state !== latchState.ARMED && isAnother) {
        entries.push([latched, differing(was, is, ['seen', 'allowed', 'slot', 'until'], true)]);
    }
    if (is.state === latchState.PROPAGATED && (isAnother || was.state !== latchState.PROPAGATED)) {
        entries.push(['TripPropagated', differing(was, is, ['scope', 'slot', 'until'], true)]);
    }
    return entries.length > 0 ? entries : [[otherwise]];
}

/** The fields that differ, or all fields of a new account. */
export function differing<T>(before: T, after: T, fields: readonly (keyof T & string)[], isNew: boolean): Detail[] {
    return fields
        .filter((field) => isNew || before[field] !== after[field])
        .map((field) => detail(field, isNew ? undefined : before[field], after[field]));
}

export function detail(field: string, before: unknown, after: unknown): Detail {
    return { field, before: String(before ?? ''), after: String(after ?? '') };
}

export function hex(bytes: ReadonlyUint8Array): string {
    return getBase16Decoder().decode(bytes);
}
