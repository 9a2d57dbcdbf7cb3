/** Seals what was read: by the program's rule, whether it will be taken, and whose signature it needs. */
import { getBase16Decoder, type Account, type Address } from '@solana/kit';

import { bytesEqual } from '../../bytes.ts';
import { RESEAL_SECONDS, SHARDS, snapshotFlag, snapshotState } from '../../constants.ts';
import type { BulkheadErrorName } from '../../errors.ts';
import {
    decodeRestoration,
    decodeSnapshot,
    getSealSnapshotInstruction,
    type Ledger,
    type Snapshot,
    type SnapshotShard,
} from '../../generated/bulkhead/public.ts';
import { overSixteen, zero, type Node } from '../../merkle.ts';
import * as pdas from '../../pdas.ts';
import { agrees, countsHostUnits, readTotal } from '../../positions.ts';
import { withCrankers, withShards } from '../../remaining.ts';
import { NotYet, Rule, type Work } from '../session.ts';
import { signer } from '../signing.ts';
import { readShards } from '../shards.ts';
import { mayUse } from './crank.ts';
import { readOf, type Part, type Read, type Reading } from './parts.ts';

/** The account for every part: this cranker's own if possible, then one that was sealed before. */
async function choose(
    reading: Reading,
    parts: readonly Part[],
    takesOthers: boolean,
): Promise<Account<SnapshotShard>[]> {
    const found = await readShards(reading.work, reading.snapshot);
    return parts.map((part) => {
        const fits = found.filter(
            ({ data }) => data.shard === part.number && mayUse(reading, data, takesOthers) && part.isComplete(data),
        );
        const rank = ({ data }: Account<SnapshotShard>) =>
            2 * Number(data.cranker !== reading.cranker) + Number(data.state === snapshotState.OPEN);
        const [best] = fits.sort((a, b) => rank(a) - rank(b));
        if (best !== undefined) return best;
        throw new NotYet(
            `shard ${part.number} does not contain what the ledger contains now`,
            'somebody is still reading, or positions still move: run this again',
        );
    });
}

/**
 * Seals the parts with the shards that there are. `takesOthers`: those of other crankers count. `undefined` if crankers
 * of open shards would have to sign.
 */
export async function seal(
    reading: Reading,
    parts: readonly Part[],
    takesOthers: boolean,
): Promise<Snapshot | undefined> {
    const { work, domain, cranker, incident, ledger, ledgerKey, snapshot: key } = reading;
    const chosen = await choose(reading, parts, takesOthers);
    const scene = await readSealing(reading);
    const sums = sumsOf(chosen.map(({ data }) => ({ ...readOf(data), number: data.shard })));
    const judged = judge(ledger, scene, sums);
    if (judged === 'SnapshotSealed') {
        work.skip('the snapshot is sealed already');
        return scene.snapshot;
    }
    if (judged !== 'exact' && judged !== 'tolerated') throw explain(reading, sums, scene, judged);
    const isOpen = ({ data }: Account<SnapshotShard>) => data.state === snapshotState.OPEN;
    const needed = judged === 'exact' ? [] : chosen.filter(isOpen);
    if (needed.some(({ data }) => data.cranker !== cranker)) return undefined;

    const totalAccount = ledger.totalAccount;
    const restoration = await pdas.restoration(incident, ledger.index);
    const accounts = { domain, incident, ledger: ledgerKey, snapshot: key, totalAccount, restoration };
    const withAll = withShards(
        getSealSnapshotInstruction(accounts),
        chosen.filter(({ data }) => data.count > 0).map(({ address }) => address),
    );
    const signed = needed.length === 0 ? withAll : withCrankers(withAll, [signer(cranker).address]);
    try {
        await work.send(signed);
    } catch (error) {
        // Somebody else may have sealed the same, or it landed although no answer arrived.
        const sealed = await work.find(key, decodeSnapshot).catch(() => undefined);
        const isSame = sealed?.state === snapshotState.SEALED && bytesEqual(sealed.root, sums.root.hash);
        if (!isSame) throw error;
        work.skip();
    }
    return work.load('snapshot', key, decodeSnapshot, 'run this again');
}

/** Would a seal of all these positions replace the seal that there is? */
export async function isNearer(reading: Reading, parts: readonly Part[]): Promise<boolean> {
    const reads = parts.map(({ expected, number }) => expected && { ...expected, number });
    if (reads.some((read) => read === undefined)) {
        reading.work.report.note(
            'the snapshot is sealed, and its positions cannot be read without the program: it stays as it is',
        );
        return false;
    }
    const sums = sumsOf(reads.filter((read) => read !== undefined));
    const judged = judge(reading.ledger, await readSealing(reading), sums);
    return judged === 'exact' || judged === 'tolerated';
}

type Sealing = Readonly<{ snapshot: Snapshot; hostTotal: bigint | undefined; isRestored: boolean; now: bigint }>;

async function readSealing({ work, snapshot: key, ledger, incident }: Reading): Promise<Sealing> {
    const [snapshot, total, { now }] = await Promise.all([
        work.load('snapshot', key, decodeSnapshot, 'run this again'),
        work.account(ledger.totalAccount),
        work.chain.now(),
    ]);
    const hostTotal = total.exists ? readTotal(ledger, total.programAddress, total.data) : undefined;
    return { snapshot, hostTotal, isRestored: await isRestored(work, incident, ledger.index), now };
}

export async function isRestored(work: Work, incident: Address, ledgerIndex: number): Promise<boolean> {
    return (await work.find(await pdas.restoration(incident, ledgerIndex), decodeRestoration)) !== undefined;
}

type Sums = Readonly<{ root: Node; count: number; hostSum: bigint }>;

function sumsOf(reads: readonly (Read & Readonly<{ number: number }>)[]): Sums {
    const roots = Array.from({ length: SHARDS }, () => zero(4));
    for (const { number, root } of reads) roots[number] = root;
    return {
        root: overSixteen(roots),
        count: reads.reduce((sum, { count }) => sum + count, 0),
        hostSum: reads.reduce((sum, { hostSum }) => sum + hostSum, 0n),
    };
}

/** The program's verdict on a seal of these sums: `seal_snapshot` of `crates/core/src/snapshots/acts.rs`. */
function judge(ledger: Ledger, scene: Sealing, sums: Sums): 'exact' | 'tolerated' | BulkheadErrorName {
    const { snapshot, hostTotal: total, isRestored, now } = scene;
    if (isRestored) return 'LedgerRestored';
    if (total === undefined) return 'TotalUnreadable';
    const isFirst = snapshot.state === snapshotState.OPEN;
    const isOverridden = (snapshot.flags & snapshotFlag.OVERRIDDEN) !== 0;
    const isLate = now >= snapshot.firstSealedTs + BigInt(RESEAL_SECONDS);
    if (!isFirst && (isOverridden || isLate)) return 'SnapshotSealed';
    if (sums.count === 0) return 'NothingRead';
    const sum = countsHostUnits(ledger) ? sums.hostSum : sums.root.sum;
    if (!isFirst && apart(sum, total) >= distance(ledger, snapshot, total)) return 'SnapshotSealed';
    if (!agrees(ledger, sum, total)) return 'TotalMismatch';
    return sum === total ? 'exact' : 'tolerated';
}

function apart(a: bigint, b: bigint): bigint {
    return a > b ? a - b : b - a;
}

/** Distance of the last seal from the host's total. A seal that had no excess when it was made never has one later. */
function distance(ledger: Ledger, snapshot: Snapshot, total: bigint): bigint {
    const [low = 0n, high = 0n] = snapshot.hostSum;
    const sum = countsHostUnits(ledger) ? (high << 64n) | low : snapshot.total;
    return sum > total && snapshot.excess === 0n ? 0n : apart(sum, total);
}

/** Why it is not sealed, and what to do next. */
function explain(reading: Reading, sums: Sums, scene: Sealing, rule: BulkheadErrorName): Rule {
    const { root, count, hostSum } = sums;
    const stated =
        `an approver can propose to override the seal of snapshot ${reading.snapshot} with root ` +
        `${getBase16Decoder().decode(root.hash)}, total ${root.sum} and count ${count}`;
    switch (rule) {
        case 'TotalMismatch': {
            const sum = countsHostUnits(reading.ledger) ? hostSum : root.sum;
            return new Rule(
                rule,
                `every position that this node has is read: they add up to ${sum}, and the host's total is ` +
                    `${scene.hostTotal}; if the node is complete, the host's total is wrong, and ${stated}`,
            );
        }
        case 'TotalUnreadable':
            return new Rule(rule, `every position is read, and ${stated}`);
        case 'NothingRead':
            return new Rule(rule, 'the node lists no position: is it complete?');
        default:
            return new Rule(rule, 'run this again');
    }
}
