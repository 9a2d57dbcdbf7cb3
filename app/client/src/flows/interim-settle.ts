/** A final claim under a state that interim claims were not paid from. */
import type { Address } from '@solana/kit';

import { addressBytes, bytesEqual, compareBytes, concat } from '../bytes.ts';
import { proved, snapshotState } from '../constants.ts';
import {
    decodeRestoration,
    decodeSnapshot,
    getClaimInstruction,
    getOpenCheckpointShardInstruction,
    getOpenClaimPageInstruction,
    type Interim,
} from '../generated/bulkhead/public.ts';
import { claimPlace, densePlaces, LedgerTree, nodeBytes, shardOf, type Position } from '../merkle.ts';
import * as pdas from '../pdas.ts';
import { withAfterInterim } from '../remaining.ts';
import { associatedToken, createAssociatedToken } from '../token.ts';
import { openInterimPage, proveInterimLeaf } from './interim-claims.ts';
import { readInterim, type InterimInput } from './interim.ts';
import { incidentMeant } from './restore.ts';
import { NotPossible, Work, type Done, type Session } from './session.ts';
import { readShards } from './shards.ts';

export type SettleClaimInput = InterimInput &
    Readonly<{
        position: Address;
        /** The leaves of the state that was chosen. */
        chosen: readonly Position[];
        /** The leaves of the snapshot that interim claims were paid from. */
        before: readonly Position[];
    }>;

/**
 * Pays one position of a third state: proves its leaf of the interim snapshot, or the leaves around its place, and claims.
 * What the position was paid before the vote counts.
 */
export async function settleClaim(session: Session, input: SettleClaimInput): Promise<Done> {
    const { domain, ledgerIndex, position } = input;
    const work = new Work(session);
    const key = await pdas.interim(await incidentMeant(work, domain, input.incident), ledgerIndex);
    const interim = await readInterim(work, key);
    const missing = 'a state has to be chosen first: run restore';
    const { restoration: restorationKey } = interim;
    const restoration = await work.load('restoration', restorationKey, decodeRestoration, missing);
    const next = 'is the cluster right?';
    const snapshot = await work.load('snapshot', restoration.snapshot, decodeSnapshot, next);
    const { tag } = await work.load('snapshot', interim.snapshot, decodeSnapshot, next);
    const [tree, old] = [new LedgerTree(snapshot.tag, input.chosen), new LedgerTree(tag, input.before)];
    if (!bytesEqual(tree.root.hash, snapshot.root) || !bytesEqual(old.root.hash, interim.snapshotRoot)) {
        throw new NotPossible(
            'the leaves are not those of the chosen state and of the interim snapshot',
            'pass the leaves of both',
        );
    }
    if (!tree.has(position)) {
        throw new NotPossible(
            `position ${position} has no claim in this restoration`,
            "is the ledger's number right, and the position?",
        );
    }
    const before = await proveBefore(work, key, interim, old, position);
    const { owner, index, amount, proof } = tree.proof(position);
    const shard = await shardOfChosen(work, restoration.snapshot, snapshot.seals, tree, position);
    const { book, pool, mint, tokenProgram } = restoration;
    const { page } = claimPlace(densePlaces(tree), index);
    const claims = await pdas.claimPage(book, page);
    const open = { payer: work.payer, restoration: restorationKey, claims, page };
    await work.ensure(claims, getOpenClaimPageInstruction(open));
    const destination = await associatedToken(owner, mint, tokenProgram);
    const claim = getClaimInstruction({
        restoration: restorationKey,
        snapshot: restoration.snapshot,
        shard,
        claims,
        pool,
        destination: destination.address,
        owner,
        mint,
        tokenProgram,
        args: { index, key: position, amount, destinationBump: destination.bump, proof },
    });
    const shown = { interim: key, proof: await pdas.interimProof(key, work.chain.payer), claims: before };
    await work.send(createAssociatedToken(work.payer, destination.address, owner, mint, tokenProgram));
    await work.act([withAfterInterim(claim, shown)], 'run restore, which shares out what has arrived since', {
        AlreadyClaimed: 'it is paid already',
        NothingToClaim: 'nothing more is due to it yet',
    });
    return work.done();
}

/**
 * Stores the position's leaf of the interim snapshot, or those around its place, and sees that its page is open. Returns
 * the page's account.
 */
async function proveBefore(
    work: Work,
    key: Address,
    interim: Interim,
    old: LedgerTree,
    position: Address,
): Promise<Address> {
    const own = addressBytes(position);
    const leaves = old.shards[shardOf(own)]?.leaves ?? [];
    const found = leaves.findIndex((leaf) => compareBytes(addressBytes(leaf.key), own) >= 0);
    const at = found < 0 ? leaves.length : found;
    const isThere = leaves[at]?.key === position;
    const near = (isThere ? [leaves[at]] : [leaves[at - 1], leaves[at]]).filter((leaf) => leaf !== undefined);
    for (const [row, leaf] of near.entries()) {
        await work.send(await proveInterimLeaf(work, key, interim.snapshot, row, old.proofToRoot(leaf.key)));
    }
    // A position that was no leaf has no place: any page that there is shows that nothing was paid to it.
    const page = isThere ? claimPlace(densePlaces(old), old.proof(position).index).page : 0;
    return openInterimPage(work, key, proved.SNAPSHOT, key, page);
}

/** The account that claims of the position's shard are proved against. That of a checkpoint is opened if nobody has. */
async function shardOfChosen(
    work: Work,
    snapshot: Address,
    seals: number,
    tree: LedgerTree,
    position: Address,
): Promise<Address> {
    const number = shardOf(addressBytes(position));
    const found = (await readShards(work, snapshot)).find(
        ({ data }) => data.shard === number && data.state === snapshotState.SEALED && data.seal === seals,
    );
    if (found !== undefined) return found.address;
    const shard = await pdas.shard(snapshot, number, work.chain.payer);
    const canopy = concat(...(tree.shards[number]?.canopy ?? []).map(nodeBytes));
    await work.ensure(shard, getOpenCheckpointShardInstruction({ payer: work.payer, snapshot, shard, number, canopy }));
    return shard;
}
