/**
 * Pays leaves of the chosen state their shares.
 *
 * What a leaf was paid so far stands in its page, so a claim that was paid is skipped, whoever paid it. Claims go to the
 * owners' associated token accounts, which are created if they do not exist; nobody but the owner chooses another account.
 */
import type { Address } from '@solana/kit';

import { decodeRestoration } from '../../generated/bulkhead/public.ts';
import type { LeafProof, Position } from '../../merkle.ts';
import * as pdas from '../../pdas.ts';
import { balanceOf } from '../evacuate.ts';
import { incidentMeant } from '../restore.ts';
import { NotPossible, Work, type Done, type Session } from '../session.ts';
import { readBooks, settledBooks, type Books } from './books.ts';
import { Desk, liveLeaves, type Given, type Leaf } from './desk.ts';
import { byPage, payPage } from './pages.ts';
import { Till, type Unpaid } from './pay.ts';

/** What claiming did. Skipped are claims to which nothing is due: they are paid, or their share rounds down to nothing. */
export type Claimed = Done &
    Readonly<{
        /** Number of claims looked at. */
        claims: number;
        /** Number of claims that this run paid. */
        paidClaims: number;
        /** Sum that this run paid. Native units. */
        paid: bigint;
        /** Claims to which something is due and that could not be paid. */
        unpaid: readonly Unpaid[];
    }>;

type Which = Readonly<{
    domain: Address;
    ledgerIndex: number;
    /** The open incident, or else the last one, unless stated. */
    incident?: Address;
    /**
     * The leaves of the chosen state, in any order. Unless stated, the positions as the chain has them now: they are the
     * chosen state as long as the domain is frozen and the state was read in this incident.
     */
    leaves?: readonly Position[];
}>;

export type ClaimInput = Which &
    Readonly<{
        /** Whose claims: all of an owner, or that of one position. */
        who: Readonly<{ owner: Address } | { position: Address }>;
        /** A token account that the owner chose. The owner signs then; otherwise nobody does but the payer. */
        destination?: Address;
        /** Proofs of these claims, as a proof server has them: then no other leaf is needed. */
        proofs?: readonly LeafProof[];
    }>;

/** Pays the claims of one owner, or of one position. */
export async function claim(session: Session, input: ClaimInput): Promise<Claimed> {
    const { who, destination } = input;
    const { work, desk, key } = await open(session, input);
    if (desk === undefined) {
        work.skip('every claim is paid in full');
        return { ...work.done(), claims: 0, paidClaims: 0, paid: 0n, unpaid: [] };
    }
    const isWanted = (leaf: Leaf) => ('owner' in who ? leaf.owner === who.owner : leaf.key === who.position);
    const leaves = [...desk.leaves()].filter(isWanted);
    if (leaves.length === 0) {
        const whom = 'owner' in who ? who.owner : `position ${who.position}`;
        throw new NotPossible(
            `${whom} has no claim in restoration ${key}`,
            "is the ledger's number right, and the owner or position?",
        );
    }
    return pay(desk, leaves, destination, false);
}

/**
 * Pays every claim to which something is due, page by page, and checks the whole restoration afterwards: what was paid,
 * what is left and what rounding keeps back is exactly what was shared out.
 */
export async function claimAll(session: Session, input: Which): Promise<Claimed & Readonly<{ books: Books }>> {
    const { work, desk, key } = await open(session, input);
    if (desk === undefined) {
        // The pages may be closed already, and nothing is left to read.
        const restoration = await work.load('restoration', key, decodeRestoration, 'run this again');
        const claims = Number(restoration.count);
        const books = settledBooks(restoration, balanceOf(await work.account(restoration.pool)));
        return { ...work.done(), skipped: claims, claims, paidClaims: 0, paid: 0n, unpaid: [], books };
    }
    const claimed = await pay(desk, [...desk.leaves()], undefined, true);
    return { ...claimed, books: await readBooks(desk) };
}

/** The positions of a ledger as the chain has them now, in ascending order of their keys. */
export async function readPositions(
    session: Session,
    { domain, ledgerIndex }: Readonly<{ domain: Address; ledgerIndex: number }>,
): Promise<readonly Position[]> {
    return liveLeaves(new Work(session), domain, ledgerIndex);
}

async function open(session: Session, { domain, ledgerIndex, incident, ...given }: Which & Given) {
    const work = new Work(session);
    const key = await pdas.restoration(await incidentMeant(work, domain, incident), ledgerIndex);
    return { work, key, desk: await Desk.open(work, domain, key, ledgerIndex, given) };
}

async function pay(
    desk: Desk,
    leaves: readonly Leaf[],
    destination: Address | undefined,
    isPush: boolean,
): Promise<Claimed> {
    const till = new Till(desk.work, leaves.length);
    for (const [page, own] of byPage(leaves)) await payPage(desk, till, page, own, destination, isPush);
    const { paidClaims, paid, unpaid } = till;
    return { ...desk.work.done(), claims: leaves.length, paidClaims, paid, unpaid };
}
