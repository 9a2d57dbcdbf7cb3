/** Which checkpoints a ledger may be restored to: the program's rule. */
import { expect, test } from 'vitest';

import { newestUsable } from '../src/checkpoints.ts';
import { constants, type Checkpoint, type CheckpointLog } from '../src/index.ts';

const { checkpointState, logFlag } = constants;
const BREACH = 1_000n;

const sound = {
    slot: 500n,
    postedSlot: 510n,
    postedTs: 100n,
    state: checkpointState.ATTESTED,
    flags: 0,
    published: 0,
    toleranceBps: 100,
    differed: 0n,
    total: 1_001n,
    hostTotal: 0n,
};
const logOf = (...entries: Partial<Checkpoint>[]) =>
    ({ restoredSlot: 10n, entries: entries.map((entry) => ({ ...sound, ...entry })) }) as unknown as CheckpointLog;
const newest = (...entries: Partial<Checkpoint>[]) => newestUsable(logOf(...entries), BREACH, 100n);

test('the newest of those that are usable is taken', () => {
    expect(newest({ slot: 400n }, {}, { slot: 450n })).toBe(500n);
    expect(newest({ slot: 400n }, { state: checkpointState.CONTESTED })).toBe(400n);
    expect(newest()).toBeUndefined();
});

test.each<[why: string, entry: Partial<Checkpoint>, isUsable: boolean]>([
    ['nothing is there', { state: checkpointState.EMPTY }, false],
    ['it is not attested', { state: checkpointState.POSTED }, false],
    ['it is of the breach', { slot: BREACH, postedSlot: BREACH - 1n }, false],
    ['it was posted after the breach', { postedSlot: BREACH }, false],
    ['it was posted right before the breach', { postedSlot: BREACH - 1n }, true],
    ['it is not newer than what was restored', { slot: 10n }, false],
    ['it is newer than what was restored', { slot: 11n }, true],
    ['it is too young', { postedTs: 101n }, false],
    ['it had to be published', { flags: logFlag.PUBLISHED_ONLY, published: 0xfffe }, false],
    ['it was published', { flags: logFlag.PUBLISHED_ONLY, published: 0xffff }, true],
    // One per cent of 1,001, rounded up.
    ['its samples differ as far as they may', { differed: 11n }, true],
    ['its samples differ by more', { differed: 12n }, false],
    ['the greater total counts', { differed: 12n, hostTotal: 1_101n }, true],
])('where %s', (_, entry, isUsable) => {
    expect(newest(entry)).toBe(isUsable ? (entry.slot ?? sound.slot) : undefined);
});
