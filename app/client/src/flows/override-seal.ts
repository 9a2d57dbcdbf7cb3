/** Finds the shards that an override of a seal states. */
import type { Address, Instruction } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import { SHARDS } from '../constants.ts';
import {
    decodeLedger,
    decodeSnapshot,
    getOverrideSealInstructionAsync,
    type OverrideSealArgs,
} from '../generated/bulkhead/public.ts';
import { overSixteen, shardRoot, zero, type Node } from '../merkle.ts';
import * as pdas from '../pdas.ts';
import { withShards } from '../remaining.ts';
import type { Authority } from './execution.ts';
import { NotYet, type Work } from './session.ts';
import { readShards } from './shards.ts';

/** Sets of shards that are tried. Each cranker has their own account of a shard, so there can be many sets. */
const MAX_TRIED = 100_000;

/** One account of a shard, and the root that it would be sealed with. */
type Candidate = Readonly<{ address: Address; cranker: Address; shard: number; root: Node; count: bigint }>;

/** `override_seal` with the shards that have the root that it states. */
export async function overrideSeal(work: Work, authority: Authority, args: OverrideSealArgs): Promise<Instruction> {
    const next = 'open the snapshot and crank its shards first';
    const snapshot = await work.load('snapshot', args.snapshot, decodeSnapshot, next);
    const { incident, ledger, ledgerIndex } = snapshot;
    const { totalAccount } = await work.load('ledger', ledger, decodeLedger, 'is the cluster right?');
    const shards = (await readShards(work, args.snapshot)).map(({ address, data }) => {
        const { cranker, shard, count } = data;
        return { address, cranker, shard, root: shardRoot(data), count: BigInt(count) };
    });
    const found = findShards(shards, args);
    if (found === undefined) {
        throw new NotYet(
            "no set of this snapshot's shards has the root, sum and count that the proposal states",
            'crank the shards that it states, or propose an override that states the shards there are',
        );
    }
    const restoration = await pdas.restoration(incident, ledgerIndex);
    const accounts = { ...authority, incident, ledger, snapshot: args.snapshot, totalAccount, restoration };
    return withShards(await getOverrideSealInstructionAsync({ ...accounts, args }), found);
}

/**
 * The accounts, by shard, that seal to what `args` state. A cranker's shards are tried together before they are mixed
 * with others': depth-first, without the sets whose sum or count is already too large.
 */
function findShards(all: readonly Candidate[], args: OverrideSealArgs): Address[] | undefined {
    const used = all.filter(({ count }) => count > 0n);
    const leaves = ({ cranker }: Candidate) =>
        used.filter((each) => each.cranker === cranker).reduce((sum, { count }) => sum + count, 0n);
    const byNumber = Array.from({ length: SHARDS }, (_, number) =>
        used.filter(({ shard }) => shard === number).sort((a, b) => Number(leaves(b) - leaves(a))),
    );
    const roots = Array.from({ length: SHARDS }, () => zero(4));
    const keys: Address[] = [];
    let tried = 0;
    const search = (number: number, sum: bigint, count: bigint): boolean => {
        if (sum > args.total || count > args.count || tried >= MAX_TRIED) return false;
        const candidates = byNumber[number];
        if (candidates === undefined) {
            tried += 1;
            return sum === args.total && count === args.count && bytesEqual(overSixteen(roots).hash, args.root);
        }
        for (const candidate of candidates) {
            roots[number] = candidate.root;
            keys.push(candidate.address);
            if (search(number + 1, sum + candidate.root.sum, count + candidate.count)) return true;
            keys.pop();
        }
        // What a cranker read into a shard may be wrong altogether.
        roots[number] = zero(4);
        return search(number + 1, sum, count);
    };
    return search(0, 0n, 0n) ? keys : undefined;
}
