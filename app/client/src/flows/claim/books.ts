/** The whole restoration after claiming, and the law that it has to satisfy. */
import { decodeRestoration, type Restoration } from '../../generated/bulkhead/public.ts';
import * as pdas from '../../pdas.ts';
import { balanceOf } from '../evacuate.ts';
import { NotPossible, NotYet } from '../session.ts';
import type { Desk } from './desk.ts';
import { byPage, paidOn, shareOf } from './pages.ts';

/** How often the accounts are read until nobody shares out meanwhile. */
const ATTEMPTS = 5;

/**
 * Where the tokens of a restoration are: paid + left + dust = shared, and the pool holds at least left + dust. Native
 * units.
 */
export type Books = Readonly<{
    /** Sum of all claims. */
    total: bigint;
    /** Shared out so far. */
    shared: bigint;
    /** Paid so far: the sum over all pages. */
    paid: bigint;
    /** Due to claims that are not paid. */
    left: bigint;
    /** What the shares of all claims round down to less than was shared out. It is paid with later shares. */
    dust: bigint;
    /** Balance of the pool. */
    pool: bigint;
}>;

/** Of a restoration whose claims are all paid in full. */
export function settledBooks({ total, shared, paid }: Restoration, pool: bigint): Books {
    return { total, shared, paid, left: 0n, dust: 0n, pool };
}

/** Reads all pages and checks them against the restoration. */
export async function readBooks(desk: Desk): Promise<Books> {
    const { work, key } = desk;
    const current = () => work.load('restoration', key, decodeRestoration, 'run this again');
    for (let attempt = 1; ; attempt++) {
        const before = await current();
        const { paid, owed } = await sums(desk, before);
        const pool = balanceOf(await work.account(before.pool));
        const after = await current();
        const { shared, total } = after;
        if (before.shared === shared && before.paid <= paid && paid <= after.paid) {
            const left = owed > paid ? owed - paid : 0n;
            const dust = shared > owed ? shared - owed : 0n;
            const books = { total, shared, paid, left, dust, pool };
            check(books, BigInt(desk.count));
            return books;
        }
        if (attempt >= ATTEMPTS) {
            throw new NotYet(
                `the pages add up to ${paid} paid, and the restoration says ${after.paid}`,
                'others may be claiming: run this again; if it stays, ask another node',
            );
        }
    }
}

/** What all leaves were paid, and the sum of their shares. */
async function sums(desk: Desk, restoration: Restoration): Promise<Readonly<{ paid: bigint; owed: bigint }>> {
    const { work } = desk;
    const pages = [...byPage(desk.leaves())];
    const addresses = await Promise.all(pages.map(([page]) => pdas.claimPage(restoration.book, page)));
    const accounts = await work.chain.accounts(addresses);
    let [paid, owed] = [0n, 0n];
    for (const [i, [page, leaves]] of pages.entries()) {
        const account = accounts[i];
        const recorded = account === undefined ? undefined : paidOn(account, restoration.book, page);
        for (const leaf of leaves) {
            paid += recorded?.(leaf.at) ?? 0n;
            owed += shareOf(restoration, leaf);
        }
    }
    return { paid, owed };
}

/** Does nothing appear or disappear? */
function check({ total, shared, paid, left, dust, pool }: Books, claims: bigint): void {
    const kept = shared - paid;
    const why =
        paid + left + dust !== shared
            ? `paid ${paid}, left ${left} and dust ${dust} are not the ${shared} shared out`
            : shared > total
              ? `${shared} were shared out of claims of ${total}`
              : dust !== 0n && (dust >= claims || shared === total)
                ? `${claims} claims cannot round down by ${dust}`
                : pool < kept
                  ? `the pool holds ${pool}, and ${kept} of what was shared out is not paid`
                  : undefined;
    if (why === undefined) return;
    throw new NotPossible(
        `the restoration's accounts contradict each other: ${why}`,
        'ask another node; if it says the same, pay nothing more and report it',
    );
}
