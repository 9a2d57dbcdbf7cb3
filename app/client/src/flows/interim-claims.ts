/** Pays positions before the vote what the incident's snapshot and the checkpoint agree on. */
import type { Address, Instruction } from '@solana/kit';

import { addressBytes, bytesEqual } from '../bytes.ts';
import { proved } from '../constants.ts';
import {
    decodeSnapshot,
    getClaimInterimInstruction,
    getOpenInterimPageInstructionAsync,
    getProveInterimLeafInstructionAsync,
    type Interim,
} from '../generated/bulkhead/public.ts';
import {
    claimPlace,
    densePlaces,
    LedgerTree,
    payoutFloor,
    shardOf,
    type ClaimPlace,
    type LeafProof,
    type Position,
} from '../merkle.ts';
import * as pdas from '../pdas.ts';
import { associatedToken, createAssociatedToken } from '../token.ts';
import { fits } from './batch.ts';
import { ProgramError, RpcRefused } from './chain.ts';
import { paidOn } from './claim/pages.ts';
import type { Unpaid } from './claim/pay.ts';
import { readInterim, type InterimInput } from './interim.ts';
import { incidentMeant } from './restore.ts';
import { NotPossible, Work, type Done, type Session } from './session.ts';
import { readShards } from './shards.ts';

/** The leaves of the two states, in any order. */
export type InterimLeaves = Readonly<{
    /** Of the snapshot that was read in the incident. */
    snapshot: readonly Position[];
    /** Of the checkpoint. */
    checkpoint: readonly Position[];
}>;

/** What claiming did. Skipped are positions to which nothing is due. */
export type InterimClaimed = Done &
    Readonly<{
        /** Positions that this run paid. */
        paidClaims: number;
        /** Sum that this run paid. Native units. */
        paid: bigint;
        /** Positions that were not paid, and why. */
        unpaid: readonly Unpaid[];
    }>;

export type ClaimInterimInput = InterimInput &
    Readonly<{
        leaves: InterimLeaves;
        /** Whose positions: all of an owner, or one. All of them unless stated. */
        who?: Readonly<{ owner: Address } | { position: Address }>;
    }>;

/**
 * Pays positions what both states agree on. Anyone may run it; the tokens go to the owners' associated token accounts.
 */
export async function claimInterim(session: Session, input: ClaimInterimInput): Promise<InterimClaimed> {
    const { domain, ledgerIndex, leaves, who } = input;
    const work = new Work(session);
    const key = await pdas.interim(await incidentMeant(work, domain, input.incident), ledgerIndex);
    const desk = await Desk.open(work, key, leaves);
    const isWanted = ({ owner, key }: Position) =>
        who === undefined || ('owner' in who ? owner === who.owner : key === who.position);
    const { snapshot, checkpoint } = desk;
    let seen = 0;
    for (const { leaves } of snapshot.shards) {
        for (const leaf of leaves) {
            work.report.progress('interim claims', ++seen, snapshot.count);
            if (isWanted(leaf) && checkpoint.has(leaf.key)) await desk.pay(leaf.key);
        }
    }
    return { ...work.done(), ...desk.claimed() };
}

/** Both trees, checked against the accounts, and what was paid. */
class Desk {
    #paidClaims = 0;
    #paid = 0n;
    readonly #unpaid: Unpaid[] = [];
    readonly #pages = new Map<Address, ReturnType<typeof paidOn>>();

    private constructor(
        readonly work: Work,
        readonly key: Address,
        readonly state: Interim,
        readonly snapshot: LedgerTree,
        readonly checkpoint: LedgerTree,
        /** The accounts of the snapshot's sealed shards. */
        readonly shards: ReadonlyMap<number, Address>,
    ) {}

    static async open(work: Work, key: Address, leaves: InterimLeaves): Promise<Desk> {
        const state = await readInterim(work, key);
        const next = 'is the cluster right?';
        const found = await work.load('snapshot', state.snapshot, decodeSnapshot, next);
        const before = await work.load('snapshot', state.checkpoint, decodeSnapshot, next);
        const snapshot = new LedgerTree(found.tag, leaves.snapshot);
        const checkpoint = new LedgerTree(before.tag, leaves.checkpoint);
        const isSame =
            bytesEqual(snapshot.root.hash, state.snapshotRoot) && bytesEqual(checkpoint.root.hash, before.root);
        if (!isSame) {
            throw new NotPossible(
                'the leaves are not those of the two states of the interim share-out',
                "pass the leaves of this incident's snapshot and of its checkpoint",
            );
        }
        const own = (await readShards(work, state.snapshot)).filter(({ data }) => data.seal === found.seals);
        const shards = new Map(own.map(({ address, data }) => [data.shard, address] as const));
        return new Desk(work, key, state, snapshot, checkpoint, shards);
    }

    claimed(): Omit<InterimClaimed, keyof Done> {
        return { paidClaims: this.#paidClaims, paid: this.#paid, unpaid: this.#unpaid };
    }

    /** Pays a position that is in both states. */
    async pay(position: Address): Promise<void> {
        const { work, key, state } = this;
        const [first, second] = [this.snapshot.proof(position), this.checkpoint.proofToRoot(position)];
        const shard = this.shards.get(shardOf(addressBytes(position)));
        if (shard === undefined) return;
        const places = [
            { of: proved.SNAPSHOT, book: key, place: claimPlace(densePlaces(this.snapshot), first.index) },
            {
                of: proved.CHECKPOINT,
                book: state.checkpoint,
                place: claimPlace(densePlaces(this.checkpoint), second.index),
            },
        ] as const;
        const paid = [await this.#paidAt(places[0]), await this.#paidAt(places[1])];
        const due = entitledFloor(state, first.amount, second.amount) - max(paid[0] as bigint, paid[1] as bigint);
        if (due <= 0n || first.owner !== second.owner) {
            work.skip();
            return;
        }
        const claims: Address[] = [];
        for (const { of, book, place } of places) claims.push(await openInterimPage(work, key, of, book, place.page));
        const leaf = { key: first.key, owner: first.owner, amount: first.amount };
        try {
            for (const steps of await this.#steps(shard, first, second, claims)) await work.send(...steps);
        } catch (error) {
            if (!(error instanceof ProgramError) && !(error instanceof RpcRefused)) throw error;
            const rule = error instanceof ProgramError ? error.rule : undefined;
            if (rule === 'AlreadyClaimed') work.skip();
            else this.#unpaid.push({ leaf, due, why: error.message });
            return;
        }
        this.#paidClaims += 1;
        this.#paid += due;
    }

    /** What the leaf at a place of a book was paid so far. Each page is read once: no run pays a position twice. */
    async #paidAt({ book, place: { page, at } }: Readonly<{ book: Address; place: ClaimPlace }>): Promise<bigint> {
        const key = await pdas.claimPage(book, page);
        if (!this.#pages.has(key)) this.#pages.set(key, paidOn(await this.work.account(key), book, page));
        return this.#pages.get(key)?.(at) ?? 0n;
    }

    /** One transaction if everything fits, otherwise one for the proof and one for the claim. */
    async #steps(
        shard: Address,
        first: LeafProof,
        second: LeafProof,
        [snapshotClaims, checkpointClaims]: readonly Address[],
    ): Promise<Instruction[][]> {
        const { work, key: interim, state } = this;
        const { domain, snapshot, checkpoint, pool, mint, tokenProgram, restoration } = state;
        const { owner } = first;
        const destination = await associatedToken(owner, mint, tokenProgram);
        const prove = await proveInterimLeaf(work, interim, checkpoint, 0, second);
        const create = createAssociatedToken(work.payer, destination.address, owner, mint, tokenProgram);
        const claim = getClaimInterimInstruction({
            interim,
            domain,
            snapshot,
            shard,
            checkpoint,
            proof: await pdas.interimProof(interim, work.chain.payer),
            snapshotClaims: snapshotClaims as Address,
            checkpointClaims: checkpointClaims as Address,
            pool,
            destination: destination.address,
            owner,
            mint,
            tokenProgram,
            restoration,
            args: {
                index: first.index,
                key: first.key,
                amount: first.amount,
                destinationBump: destination.bump,
                proof: first.proof,
            },
        });
        const all = [prove, create, claim];
        return fits(work.chain.payer, all) ? [all] : [[prove], [create, claim]];
    }
}

/** Sees that a page of one of the two books is open. */
export async function openInterimPage(
    work: Work,
    interim: Address,
    of: number,
    book: Address,
    page: number,
): Promise<Address> {
    const claims = await pdas.claimPage(book, page);
    const accounts = { payer: work.payer, interim, book, claims };
    await work.ensure(claims, await getOpenInterimPageInstructionAsync({ ...accounts, of, page }));
    return claims;
}

/** Stores a leaf of one of the two states in a row of the payer's account. `leaf` with all siblings up to the root. */
export async function proveInterimLeaf(
    work: Work,
    interim: Address,
    state: Address,
    row: number,
    { index, key, owner, amount, proof }: LeafProof,
): Promise<Instruction> {
    const args = { row, index, key, owner, amount, proof };
    return getProveInterimLeafInstructionAsync({ prover: work.payer, interim, state, args });
}

/** What a position with these amounts in the two states gets in all, of what was shared out so far. */
export function entitledFloor(
    { shared, snapshotTotal, checkpointTotal, cap }: Interim,
    inSnapshot: bigint,
    inCheckpoint: bigint,
): bigint {
    const agreed = inSnapshot < inCheckpoint ? inSnapshot : inCheckpoint;
    const part = payoutFloor(agreed, shared, max(snapshotTotal, checkpointTotal)) ?? 0n;
    return part < cap ? part : cap;
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
