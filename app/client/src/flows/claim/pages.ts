/** Claims page by page: which leaves something is due to, and paying them. */
import type { Address, MaybeEncodedAccount } from '@solana/kit';

import {
    decodeClaimPage,
    getClaimPageSize,
    getOpenClaimPageInstruction,
    type Restoration,
} from '../../generated/bulkhead/public.ts';
import { payoutFloor } from '../../merkle.ts';
import * as pdas from '../../pdas.ts';
import { inParallel } from '../batch.ts';
import { decoded } from '../session.ts';
import type { Desk, Leaf } from './desk.ts';
import { packPayments, type Payment, type Till } from './pay.ts';
import { routesOf, stepsOf } from './routes.ts';

const CLAIM_BYTES = 8;

/** What the leaves of a page were paid so far; `undefined` if the page does not exist yet. */
export function paidOn(
    account: MaybeEncodedAccount,
    book: Address,
    page: number,
): ((at: number) => bigint) | undefined {
    const found = decoded(account, decodeClaimPage);
    if (!account.exists || found?.data.restoration !== book || found.data.page !== page) return undefined;
    const entries = account.data.slice(getClaimPageSize());
    const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
    return (at) => ((at + 1) * CLAIM_BYTES <= entries.length ? view.getBigUint64(at * CLAIM_BYTES, true) : 0n);
}

/** The share of a leaf in what was shared out so far. */
export function shareOf({ shared, total }: Restoration, { amount }: Leaf): bigint {
    return payoutFloor(amount, shared, total) ?? 0n;
}

/** Leaves by the number of their page. */
export function byPage(leaves: Iterable<Leaf>): Map<number, Leaf[]> {
    const pages = new Map<number, Leaf[]>();
    for (const leaf of leaves) {
        const page = pages.get(leaf.page);
        if (page === undefined) pages.set(leaf.page, [leaf]);
        else page.push(leaf);
    }
    return pages;
}

/** Pays claims of one page. */
export async function payPage(
    desk: Desk,
    till: Till,
    page: number,
    leaves: readonly Leaf[],
    destination: Address | undefined,
): Promise<void> {
    const { work, key: restoration } = desk;
    // The pages of interim claims go on, if the vote chose the state that they were paid from.
    const { book } = desk.restoration;
    const claims = await pdas.claimPage(book, page);
    const paid = paidOn(await work.account(claims), book, page);
    const due = leaves.flatMap((leaf) => {
        const amount = shareOf(desk.restoration, leaf) - (paid?.(leaf.at) ?? 0n);
        if (amount > 0n) return [{ leaf, due: amount }];
        work.skip();
        return [];
    });
    till.pass(leaves.length - due.length);
    const owners = due.map(({ leaf }) => leaf.owner);
    const routes = await routesOf(desk, owners, destination);
    const payments: Payment[] = [];
    for (const { leaf, due: amount } of due) {
        const route = routes.get(leaf.owner);
        if (route === undefined) continue;
        if (route.fault !== undefined) till.refuse(leaf, amount, route.fault);
        else payments.push({ leaf, due: amount, steps: await stepsOf(desk, leaf, route) });
    }
    if (payments.length === 0) return;
    if (paid === undefined) {
        await work.ensure(claims, getOpenClaimPageInstruction({ payer: work.payer, restoration, claims, page }));
    }
    // Claims of one owner share two accounts, so more of them fit one transaction.
    payments.sort((a, b) => (a.leaf.owner < b.leaf.owner ? -1 : Number(a.leaf.owner > b.leaf.owner)));
    await inParallel(work.parallel, packPayments(work, payments), (batch) => till.pay(batch));
}
