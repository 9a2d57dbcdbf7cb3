/** Paying: as many claims in a transaction as fit, many transactions at once. */
import type { Instruction } from '@solana/kit';

import type { Position } from '../../merkle.ts';
import { fits } from '../batch.ts';
import { ProgramError, RpcRefused } from '../chain.ts';
import { NotPossible, type Work } from '../session.ts';
import { claimsOf } from './batch.ts';
import type { Leaf } from './desk.ts';
import type { Steps } from './routes.ts';

/** Claims that fail one after the other until it is taken for more than a matter of each claim. */
const FAILURES = 32;

/** One claim to be paid. */
export type Payment = Readonly<{ leaf: Leaf; due: bigint; steps: Steps }>;

/** A claim that could not be paid. */
export type Unpaid = Readonly<{ leaf: Position; due: bigint; why: string }>;

/** Sends payments and counts them. */
export class Till {
    #passed = 0;
    #failures = 0;
    paidClaims = 0;
    paid = 0n;
    readonly unpaid: Unpaid[] = [];

    constructor(
        readonly work: Work,
        readonly total: number,
    ) {}

    /** So many claims are done with. */
    pass(claims: number): void {
        this.#passed += claims;
        this.work.report.progress('claims', this.#passed, this.total);
    }

    /** These were taken for paid, and are not: a batch has left them out. */
    again(left: readonly Readonly<{ due: bigint }>[]): void {
        this.#passed -= left.length;
        this.paidClaims -= left.length;
        this.paid -= left.reduce((sum, { due }) => sum + due, 0n);
    }

    refuse({ key, owner, amount }: Leaf, due: bigint, why: string): void {
        this.pass(1);
        this.unpaid.push({ leaf: { key, owner, amount }, due, why });
    }

    /** Pays a batch. If the program refuses it, its halves, so that one claim does not keep the others from being paid. */
    async pay(batch: readonly Payment[]): Promise<void> {
        try {
            await this.work.send(...instructionsOf(batch));
            this.#failures = 0;
            this.pass(batch.length);
            this.paidClaims += batch.length;
            this.paid += batch.reduce((sum, { due }) => sum + due, 0n);
        } catch (error) {
            if (!(error instanceof ProgramError) && !(error instanceof RpcRefused)) throw error;
            const [first] = batch;
            if (first === undefined) return;
            if (batch.length === 1) {
                this.#judge(first, error);
                return;
            }
            const half = Math.floor(batch.length / 2);
            await this.pay(batch.slice(0, half));
            await this.pay(batch.slice(half));
        }
    }

    /** One claim was refused. */
    #judge({ leaf, due }: Payment, error: ProgramError | RpcRefused): void {
        const rule = error instanceof ProgramError ? error.rule : undefined;
        if (rule === 'AlreadyClaimed' || rule === 'NothingToClaim') {
            // Somebody else paid it just before.
            this.pass(1);
            this.work.skip();
            return;
        }
        // Without a program's reason it is no matter of this claim: the payer is out of money, for example.
        if (error.code === undefined || ++this.#failures > FAILURES) throw error;
        this.refuse(leaf, due, error.message);
    }
}

/** Splits payments into transactions, in their order. */
export function packPayments(work: Work, payments: readonly Payment[]): Payment[][] {
    const batches: Payment[][] = [];
    const isRoomy = (batch: readonly Payment[]) => fits(work.chain.payer, instructionsOf(batch));
    for (const payment of payments) {
        const last = batches.at(-1);
        if (last !== undefined && isRoomy([...last, payment])) {
            last.push(payment);
        } else if (isRoomy([payment])) {
            batches.push([payment]);
        } else {
            throw new NotPossible(
                'a claim does not fit a transaction',
                "create the owner's associated token account first, or let the payer be the owner",
            );
        }
    }
    return batches;
}

/** The instructions of a transaction: accounts that are missing, each once, then the claims, neighbours together. */
function instructionsOf(batch: readonly Payment[]): Instruction[] {
    const creates = new Map(
        batch.flatMap(({ leaf, steps }) => (steps.create === undefined ? [] : [[leaf.owner, steps.create] as const])),
    );
    return [...creates.values(), ...claimsOf(batch)];
}
