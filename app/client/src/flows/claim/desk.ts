/** The accounts that claims are paid with, and the tree that proves them. */
import type { Address } from '@solana/kit';

import { bytesEqual, concat } from '../../bytes.ts';
import { ledgerMode, snapshotSource, snapshotState } from '../../constants.ts';
import {
    decodeLedger,
    decodeRestoration,
    decodeSnapshot,
    getOpenCheckpointShardInstruction,
    type Restoration,
    type Snapshot,
} from '../../generated/bulkhead/public.ts';
import {
    claimPlace,
    leafIndex,
    LedgerTree,
    nodeBytes,
    type ClaimPlace,
    type LeafProof,
    type Position,
} from '../../merkle.ts';
import * as pdas from '../../pdas.ts';
import { NotFound, NotPossible, NotYet, type Work } from '../session.ts';
import { readShards } from '../shards.ts';
import { listPositions } from '../snapshot/positions.ts';

/** A leaf of the chosen state, and where the record of what it was paid is. */
export type Leaf = Position & ClaimPlace;

/** A restoration whose claims are paid. */
export class Desk {
    private constructor(
        readonly work: Work,
        readonly key: Address,
        readonly restoration: Restoration,
        readonly snapshot: Snapshot,
        readonly tree: LedgerTree,
        /** The sealed account of each shard, if there is one. */
        private readonly shards: Map<number, Promise<Address>>,
    ) {}

    /** Reads everything and builds the tree. `undefined` if every claim has been paid in full. */
    static async open(
        work: Work,
        domain: Address,
        key: Address,
        ledgerIndex: number,
        leaves: readonly Position[] | undefined,
    ): Promise<Desk | undefined> {
        const next = 'a state has to be chosen first: run restore';
        const restoration = await work.load('restoration', key, decodeRestoration, next);
        if (restoration.paid >= restoration.total) return undefined;
        if (restoration.shared === 0n) {
            throw new NotYet('nothing was shared out yet', 'run restore, which funds the pool and shares it out');
        }
        const address = restoration.snapshot;
        const snapshot = await work.load('snapshot', address, decodeSnapshot, 'is the cluster right?');
        const tree = new LedgerTree(snapshot.tag, leaves ?? (await liveLeaves(work, domain, ledgerIndex)));
        requireChosen(tree, snapshot);
        const used = (await readShards(work, address)).filter(
            ({ data }) => data.state === snapshotState.SEALED && data.seal === snapshot.seals,
        );
        const shards = new Map(used.map(({ address, data }) => [data.shard, Promise.resolve(address)] as const));
        return new Desk(work, key, restoration, snapshot, tree, shards);
    }

    /** All leaves, by page and place. */
    *leaves(): Generator<Leaf> {
        for (const shard of this.tree.shards) {
            for (const [place, leaf] of shard.leaves.entries()) {
                yield { ...leaf, ...claimPlace(this.snapshot.shards, leafIndex(shard.shard, place)) };
            }
        }
    }

    proof({ key }: Leaf): LeafProof {
        return this.tree.proof(key);
    }

    /**
     * The account that claims of a shard are proved against. That of a checkpoint's shard is created from the tree if
     * nobody has created it yet.
     */
    shard(number: number): Promise<Address> {
        const known = this.shards.get(number) ?? this.#openShard(number);
        this.shards.set(number, known);
        return known;
    }

    async #openShard(number: number): Promise<Address> {
        const { work, restoration, snapshot, tree } = this;
        const tried = tree.shards[number];
        if (tried === undefined || snapshot.source !== snapshotSource.CHECKPOINT) {
            throw new NotFound(
                'sealed shard of snapshot',
                restoration.snapshot,
                `shard ${number} is missing on this node: is it complete?`,
            );
        }
        const shard = await pdas.shard(restoration.snapshot, number, work.chain.payer);
        const accounts = { payer: work.payer, snapshot: restoration.snapshot, shard };
        const canopy = concat(...tried.canopy.map(nodeBytes));
        await work.ensure(shard, getOpenCheckpointShardInstruction({ ...accounts, number, canopy }));
        return shard;
    }
}

/** The leaves as the ledger's positions are now. */
async function liveLeaves(work: Work, domain: Address, ledgerIndex: number): Promise<readonly Position[]> {
    const ledger = await work.load(
        'ledger',
        await pdas.ledger(domain, ledgerIndex),
        decodeLedger,
        'is its number right?',
    );
    if (ledger.mode === ledgerMode.EXPORT) {
        throw new NotPossible(
            "the ledger is read by the host's export, and its positions cannot be read off chain",
            'pass the leaves as the host stated them while the snapshot was read',
        );
    }
    return (await listPositions(work, ledger)).positions;
}

/** Are the leaves exactly those of the chosen snapshot? */
function requireChosen(tree: LedgerTree, snapshot: Snapshot): void {
    const { hash, sum } = tree.root;
    const counts = tree.shards.map(({ leaves }) => leaves.length);
    const isSame =
        bytesEqual(hash, snapshot.root) &&
        sum === snapshot.total &&
        counts.every((count, shard) => count === snapshot.shards[shard]?.count);
    if (isSame) return;
    throw new NotPossible(
        `these ${tree.count} leaves with a total of ${sum} are not the chosen state, which has ${snapshot.count} leaves ` +
            `with a total of ${snapshot.total}, or other owners`,
        'pass the leaves of the chosen snapshot, as they were when it was read; positions that have changed since are ' +
            'another state',
    );
}
