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

/** A leaf, and what is due to it. */
type Due = Readonly<{ leaf: Leaf; due: bigint }>;

/** Pays claims of one page: pushed for everybody, or asked for by somebody. */
export async function payPage(
    desk: Desk,
    till: Till,
    page: number,
    leaves: readonly Leaf[],
    destination: Address | undefined,
    isPush: boolean,
): Promise<void> {
    const { work, key: restoration } = desk;
    // The pages of interim claims go on, if the vote chose the state that they were paid from.
    const { book } = desk.restoration;
    const claims = await pdas.claimPage(book, page);
    const read = async () => paidOn(await work.account(claims), book, page);
    const paid = await read();
    const due = dueOf(desk, leaves, paid);
    for (let skipped = due.length; skipped < leaves.length; skipped++) work.skip();
    till.pass(leaves.length - due.length);
    const payments = await paymentsOf(desk, till, due, destination, isPush);
    if (payments.length === 0) return;
    if (paid === undefined) {
        await work.ensure(claims, getOpenClaimPageInstruction({ payer: work.payer, restoration, claims, page }));
    }
    await inParallel(work.parallel, packPayments(work, payments), (batch) => till.pay(batch));
    const pushed = payments.flatMap(({ leaf, steps }) => (steps.push === undefined ? [] : [leaf]));
    if (pushed.length === 0) return;
    // A batch leaves out whom it cannot pay. Alone, such a claim says why.
    const isOpen = ({ leaf }: Due) => !till.unpaid.some(({ leaf: { key } }) => key === leaf.key);
    const left = dueOf(desk, pushed, await read()).filter(isOpen);
    till.again(left);
    const alone = (await paymentsOf(desk, till, left, destination, isPush)).map((payment) => ({
        ...payment,
        steps: { ...payment.steps, push: undefined },
    }));
    await inParallel(work.parallel, packPayments(work, alone), (batch) => till.pay(batch));
}

/** The leaves among these to which something is due. */
function dueOf(desk: Desk, leaves: readonly Leaf[], paid: ((at: number) => bigint) | undefined): Due[] {
    const all = leaves.map((leaf) => ({ leaf, due: shareOf(desk.restoration, leaf) - (paid?.(leaf.at) ?? 0n) }));
    return all.filter(({ due }) => due > 0n);
}

/** How these claims are paid, in the order of their leaves. Those of whom it is known that they cannot be are noted. */
async function paymentsOf(
    desk: Desk,
    till: Till,
    due: readonly Due[],
    destination: Address | undefined,
    isPush: boolean,
): Promise<Payment[]> {
    const owners = due.map(({ leaf }) => leaf.owner);
    const routes = await routesOf(desk, owners, destination, isPush);
    const payments: Payment[] = [];
    for (const { leaf, due: amount } of due) {
        const route = routes.get(leaf.owner);
        if (route === undefined) continue;
        if (route.fault !== undefined) till.refuse(leaf, amount, route.fault);
        else payments.push({ leaf, due: amount, steps: await stepsOf(desk, leaf, route) });
    }
    return payments;
}
