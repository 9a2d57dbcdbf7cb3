/**
 * Published positions: a folder with `manifest.json` and `leaves.parquet`, or the proof server of `bulkhead snapshot
 * serve`. Neither is trusted: a table is hashed again to the root on chain, a proof is followed to the same root.
 */
import { addressBytes, constants, merkle } from '@bulkhead/client';
import { getBase16Encoder, getBase16Decoder, isAddress, type Address, type ReadonlyUint8Array } from '@solana/kit';

/** What a source says cannot be. */
export class SourceError extends Error {
    override readonly name = 'SourceError';
}

/** A proof with all siblings up to the root. */
export type FullProof = merkle.LeafProof & Readonly<{ siblings: readonly merkle.Node[] }>;

/** A state of a ledger that is known leaf by leaf, and proved. */
export type Leaves = Readonly<{
    /** Where it comes from, to read. */
    from: string;
    root: ReadonlyUint8Array;
    tag: ReadonlyUint8Array;
    total: bigint;
    count: number;
    /** The positions of an owner. */
    ofOwner(owner: Address): Promise<readonly merkle.Position[]>;
    proof(key: Address): Promise<FullProof>;
    /** All of them, if the source has them. */
    all: (() => readonly merkle.Position[]) | undefined;
}>;

/** What a state is called on chain: the root and tag of a snapshot. */
export type Wanted = Readonly<{ root: ReadonlyUint8Array; tag: ReadonlyUint8Array; total: bigint; count: bigint }>;

type Manifest = Readonly<{
    schema_version: number;
    tag: Readonly<{ hash: string }>;
    root: string;
    total: string;
    count: number;
    files: readonly Readonly<{ name: string; bytes: number; sha256: string }>[];
}>;

const MAX_MANIFEST = 1 << 20;

export const isSame = (a: ReadonlyUint8Array, b: ReadonlyUint8Array) =>
    a.length === b.length && a.every((byte, i) => byte === b[i]);

const hexBytes = (text: string): Uint8Array => {
    if (!/^([0-9a-f]{2})*$/.test(text)) throw new SourceError('a hash is not hexadecimal');
    return new Uint8Array(getBase16Encoder().encode(text));
};
export const hex = (bytes: ReadonlyUint8Array) => getBase16Decoder().decode(bytes);

const sum = (text: unknown): bigint => {
    if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) throw new SourceError('a sum is not a number');
    return BigInt(text);
};

const key = (text: unknown): Address => {
    if (typeof text !== 'string' || !isAddress(text)) throw new SourceError('a key is not an address');
    return text;
};

/** Opens a source, if it is of a wanted state. `undefined`: it is of another state. */
export async function openSource(url: string, wanted: readonly Wanted[], get = fetch): Promise<Leaves | undefined> {
    const base = url.replace(/\/+$/, '');
    const server = await json(`${base}/manifest`, get).catch(() => undefined);
    const manifest = readManifest(server ?? (await json(`${base}/manifest.json`, get)));
    const root = hexBytes(manifest.root);
    const tag = hexBytes(manifest.tag.hash);
    const found = wanted.find((each) => isSame(each.root, root) && isSame(each.tag, tag));
    if (found === undefined) return undefined;
    return server === undefined ? ofTable(base, manifest, found, get) : ofServer(base, found, get);
}

async function json(url: string, get: typeof fetch): Promise<unknown> {
    const response = await get(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
    if (!response.ok) throw new SourceError(`${url}: HTTP ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_MANIFEST) throw new SourceError(`${url} is too long`);
    return JSON.parse(text) as unknown;
}

function readManifest(value: unknown): Manifest {
    const manifest = value as Manifest;
    if (manifest?.schema_version !== 1) throw new SourceError('the manifest is of another schema');
    const isRead = typeof manifest.root === 'string' && typeof manifest.tag?.hash === 'string';
    if (!isRead) throw new SourceError('the manifest has no root');
    return manifest;
}

/** A table: every leaf is read, and the tree is built again. */
async function ofTable(base: string, manifest: Manifest, wanted: Wanted, get: typeof fetch): Promise<Leaves> {
    const name = manifest.files?.[0]?.name ?? 'leaves.parquet';
    if (!/^[\w.-]+$/.test(name)) throw new SourceError('the file of the manifest has no plain name');
    const response = await get(`${base}/${name}`, { credentials: 'omit', referrerPolicy: 'no-referrer' });
    if (!response.ok) throw new SourceError(`${base}/${name}: HTTP ${response.status}`);
    const { readTable } = await import('./table.ts');
    return ofPositions(await readTable(await response.arrayBuffer()), wanted, base);
}

/** A state of which every position is known. They have to make the wanted root. */
export function ofPositions(positions: readonly merkle.Position[], wanted: Wanted, from: string): Leaves {
    const tree = new merkle.LedgerTree(wanted.tag, positions);
    if (!isSame(tree.root.hash, wanted.root) || tree.root.sum !== wanted.total) {
        throw new SourceError(`the positions of ${from} do not make the root that is on chain`);
    }
    const leaves = tree.shards.flatMap(({ leaves }) => leaves);
    const byOwner = new Map<Address, merkle.Position[]>();
    for (const leaf of leaves) byOwner.set(leaf.owner, [...(byOwner.get(leaf.owner) ?? []), leaf]);
    return {
        from,
        ...wanted,
        count: tree.count,
        ofOwner: async (owner) => byOwner.get(owner) ?? [],
        proof: async (key) => fullProof(tree, key),
        all: () => leaves,
    };
}

/** The siblings of a leaf up to the root: those of the claim, then four of the canopy and four of the shards. */
export function fullProof(tree: merkle.LedgerTree, key: Address): FullProof {
    const found = tree.proof(key);
    const shard = tree.shards[found.shard] as merkle.ShardTree;
    const place = found.index % 2 ** constants.SHARD_SHIFT;
    const upper = (nodes: readonly merkle.Node[], at: number) => {
        const siblings: merkle.Node[] = [];
        let row = nodes;
        for (let level = 0; level < 4; level++) {
            siblings.push(row[(at >> level) ^ 1] as merkle.Node);
            row = Array.from({ length: row.length / 2 }, (_, i) =>
                merkle.inner(row[2 * i] as merkle.Node, row[2 * i + 1] as merkle.Node),
            );
        }
        return siblings;
    };
    const canopy = upper(shard.canopy, place >> shard.canopyHeight);
    const shards = upper(
        tree.shards.map(({ root }) => root),
        found.shard,
    );
    return { ...found, siblings: [...nodesOf(found.proof), ...canopy, ...shards] };
}

function nodesOf(proof: Uint8Array): merkle.Node[] {
    const view = new DataView(proof.buffer, proof.byteOffset, proof.byteLength);
    return Array.from({ length: proof.length / merkle.NODE_BYTES }, (_, i) => ({
        hash: proof.slice(i * merkle.NODE_BYTES, i * merkle.NODE_BYTES + 32),
        sum: view.getBigUint64(i * merkle.NODE_BYTES + 32, true),
    }));
}

/** Follows a proof from its leaf to the root. Returns the nodes on the way, or `undefined` if it leads elsewhere. */
export function climb(proof: FullProof, wanted: Pick<Wanted, 'root' | 'tag' | 'total'>): merkle.Node[] | undefined {
    const { index, key, owner, amount, siblings, shard } = proof;
    const height = siblings.length - 8;
    if (height < 0 || height > constants.MAX_CANOPY_HEIGHT) return undefined;
    const place = index % 2 ** constants.SHARD_SHIFT;
    if (Math.floor(index / 2 ** constants.SHARD_SHIFT) !== shard || place >= 2 ** (height + 4)) return undefined;
    let node = merkle.leaf(wanted.tag, index, addressBytes(key), addressBytes(owner), amount);
    const way = [node];
    for (const [level, sibling] of siblings.entries()) {
        const isRight = level < height + 4 ? (place >> level) & 1 : (shard >> (level - height - 4)) & 1;
        try {
            node = isRight ? merkle.inner(sibling, node) : merkle.inner(node, sibling);
        } catch {
            return undefined;
        }
        way.push(node);
    }
    return isSame(node.hash, wanted.root) && node.sum === wanted.total ? way : undefined;
}

const MAX_PAGES = 100;

/** A proof server: asked for one owner, and each of its proofs is followed to the root. */
function ofServer(base: string, wanted: Wanted, get: typeof fetch): Leaves {
    const proof = async (asked: Address): Promise<FullProof> => {
        const entry = (await json(`${base}/proof/${asked}`, get)) as Record<string, unknown>;
        const siblings = (entry['siblings'] as readonly { hash: string; sum: string }[]).map((each) => ({
            hash: hexBytes(each.hash),
            sum: sum(each.sum),
        }));
        const index = Number(entry['index']);
        const found: FullProof = {
            key: key(entry['key']),
            owner: key(entry['owner']),
            amount: sum(entry['amount']),
            index,
            shard: Math.floor(index / 2 ** constants.SHARD_SHIFT),
            proof: hexBytes(String(entry['claim_bytes'])),
            siblings,
        };
        if (found.key !== asked || climb(found, wanted) === undefined) {
            throw new SourceError(`the proof of ${asked} does not lead to the root that is on chain`);
        }
        return found;
    };
    return {
        from: base,
        ...wanted,
        count: Number(wanted.count),
        async ofOwner(owner) {
            const found: merkle.Position[] = [];
            let after: string | null = null;
            for (let page = 0; page < MAX_PAGES; page++) {
                const more = after === null ? '' : `?after=${after}`;
                const answer = (await json(`${base}/owner/${owner}${more}`, get)) as {
                    positions: readonly { key: string; amount: string }[];
                    next: string | null;
                };
                // Owner and amount are those of the proof: what the list says is not proved.
                for (const each of answer.positions) {
                    const { key: position, owner: of, amount } = await proof(key(each.key));
                    if (of === owner) found.push({ key: position, owner, amount });
                }
                if (answer.next === null) return found;
                after = key(answer.next);
            }
            throw new SourceError(`${base} lists positions without an end`);
        },
        proof,
        all: undefined,
    };
}
