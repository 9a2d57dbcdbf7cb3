/** The accounts that claims are paid with, and the tree that proves them. */
import type { Address } from '@solana/kit';

import { bytesEqual, concat } from '../../bytes.ts';
import { ledgerMode, restorationFlag, snapshotSource, snapshotState } from '../../constants.ts';
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
    verifyLeaf,
    type ClaimPlace,
    type LeafProof,
    type Node,
    type Position,
} from '../../merkle.ts';
import * as pdas from '../../pdas.ts';
import { NotFound, NotPossible, NotYet, type Work } from '../session.ts';
import { readShards } from '../shards.ts';
import { listPositions } from '../snapshot/positions.ts';

/** A leaf of the chosen state, and where the record of what it was paid is. */
export type Leaf = Position & ClaimPlace;

/** Where the leaves come from: all of them, or only some with their proofs. */
export type Given = Readonly<{ leaves?: readonly Position[]; proofs?: readonly LeafProof[] }>;

/** Leaves with what proves them. */
type Book = Readonly<{
    count: number;
    proofs(): Iterable<Position & Readonly<{ index: number }>>;
    proof(key: Address): LeafProof;
    /** The canopy of a shard, where all of its leaves are known. */
    canopy(shard: number): readonly Node[] | undefined;
}>;

/** A restoration whose claims are paid. */
export class Desk {
    private constructor(
        readonly work: Work,
        readonly key: Address,
        readonly restoration: Restoration,
        readonly snapshot: Snapshot,
        private readonly book: Book,
        /** The sealed account of each shard, if there is one. */
        private readonly shards: Map<number, Promise<Address>>,
    ) {}

    /** Number of leaves. */
    get count(): number {
        return this.book.count;
    }

    /** Reads everything and builds the tree. `undefined` if every claim has been paid in full. */
    static async open(
        work: Work,
        domain: Address,
        key: Address,
        ledgerIndex: number,
        { leaves, proofs }: Given,
    ): Promise<Desk | undefined> {
        const next = 'a state has to be chosen first: run restore';
        const restoration = await work.load('restoration', key, decodeRestoration, next);
        if (restoration.paid >= restoration.total) return undefined;
        if ((restoration.flags & restorationFlag.AFTER_INTERIM) !== 0) {
            throw new NotPossible(
                'interim claims were paid from another state than the chosen one, and count against these claims',
                'prove each leaf against the interim share-out and pay it with settleClaim',
            );
        }
        if (restoration.shared === 0n) {
            throw new NotYet('nothing was shared out yet', 'run restore, which funds the pool and shares it out');
        }
        const address = restoration.snapshot;
        const snapshot = await work.load('snapshot', address, decodeSnapshot, 'is the cluster right?');
        const used = (await readShards(work, address)).filter(
            ({ data }) => data.state === snapshotState.SEALED && data.seal === snapshot.seals,
        );
        const book =
            proofs === undefined
                ? bookOfTree(snapshot, leaves ?? (await liveLeaves(work, domain, ledgerIndex)))
                : bookOfProofs(snapshot, proofs, used);
        const shards = new Map(used.map(({ address, data }) => [data.shard, Promise.resolve(address)] as const));
        return new Desk(work, key, restoration, snapshot, book, shards);
    }

    /** All leaves, by page and place. */
    *leaves(): Generator<Leaf> {
        for (const { index, ...leaf } of this.book.proofs()) {
            yield { ...leaf, ...claimPlace(this.snapshot.shards, index) };
        }
    }

    proof({ key }: Leaf): LeafProof {
        return this.book.proof(key);
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
        const { work, restoration, snapshot, book } = this;
        const nodes = book.canopy(number);
        if (nodes === undefined || snapshot.source !== snapshotSource.CHECKPOINT) {
            throw new NotFound(
                'sealed shard of snapshot',
                restoration.snapshot,
                `shard ${number} is missing on this node: is it complete?`,
            );
        }
        const shard = await pdas.shard(restoration.snapshot, number, work.chain.payer);
        const accounts = { payer: work.payer, snapshot: restoration.snapshot, shard };
        const canopy = concat(...nodes.map(nodeBytes));
        await work.ensure(shard, getOpenCheckpointShardInstruction({ ...accounts, number, canopy }));
        return shard;
    }
}

/** All leaves, which have to be exactly those of the chosen snapshot. */
function bookOfTree(snapshot: Snapshot, leaves: readonly Position[]): Book {
    const tree = new LedgerTree(snapshot.tag, leaves);
    requireChosen(tree, snapshot);
    return {
        count: tree.count,
        *proofs() {
            for (const { shard, leaves } of tree.shards) {
                for (const [place, leaf] of leaves.entries()) yield { ...leaf, index: leafIndex(shard, place) };
            }
        },
        proof: (key) => tree.proof(key),
        canopy: (shard) => tree.shards[shard]?.canopy,
    };
}

/** Some leaves with the proofs that somebody published. Each has to lead to the chosen snapshot, by the program's rule. */
function bookOfProofs(
    snapshot: Snapshot,
    proofs: readonly LeafProof[],
    shards: Awaited<ReturnType<typeof readShards>>,
): Book {
    for (const { index, proof, shard, ...leaf } of proofs) {
        const sealed = shards.find(({ data }) => data.shard === shard)?.data;
        if (sealed === undefined || !verifyLeaf(sealed, snapshot.seals, index, leaf, proof)) {
            throw new NotPossible(
                `the proof of ${leaf.key} does not lead to the chosen snapshot`,
                'ask another source; a proof of another snapshot, or of a shard that is not open yet, proves nothing here',
            );
        }
    }
    const byKey = new Map(proofs.map((each) => [each.key, each] as const));
    return {
        count: byKey.size,
        proofs: () => [...byKey.values()].map(({ key, owner, amount, index }) => ({ key, owner, amount, index })),
        proof(key) {
            const found = byKey.get(key);
            if (found === undefined) throw new RangeError(`there is no proof of ${key}`);
            return found;
        },
        canopy: () => undefined,
    };
}

/** The leaves as the ledger's positions are now. */
export async function liveLeaves(work: Work, domain: Address, ledgerIndex: number): Promise<readonly Position[]> {
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
