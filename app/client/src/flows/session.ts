/**
 * What flows work with and how they end. The counterpart of `crates/client/src/flows/mod.rs`.
 *
 * Every flow is idempotent and resumable: run again after a kill, it goes on where the accounts say that it stopped.
 */
import {
    type Account,
    type Address,
    type EncodedAccount,
    type Instruction,
    type MaybeAccount,
    type MaybeEncodedAccount,
    type TransactionSigner,
} from '@solana/kit';

import { errorCode, type BulkheadErrorName } from '../errors.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from '../generated/bulkhead/programs/bulkhead.ts';
import { NetworkError, ProgramError, reasonOf, type Chain, type Receipt } from './chain.ts';
import { signer } from './signing.ts';

/** Receives the progress of a flow. */
export interface Report {
    /** `done` of `total` steps of `what` are done. `what` is a plural noun: "positions", "claims". */
    progress(what: string, done: number, total: number): void;
    /** Something worth a line. */
    note(text: string): void;
}

/** Reports nothing. */
export const quiet: Report = { progress: () => {}, note: () => {} };

/** What a flow works with. */
export type Session = Readonly<{
    chain: Chain;
    /** Receives progress. */
    report?: Report;
    /** Transactions in flight at once, 16 unless stated. */
    parallel?: number;
}>;

/** What a flow did. */
export type Done = Readonly<{
    /** The transactions that it sent. */
    receipts: readonly Receipt[];
    /** Steps that were already done and therefore skipped. */
    skipped: number;
}>;

/**
 * Why a flow stopped. What landed before stays, and the next run skips it. A flow also throws `ChainError` when the
 * cluster or a program refuses.
 */
export abstract class FlowError extends Error {}

/** A rule of the program would refuse, so nothing was sent. `rule` is the program's name for the reason. */
export class Rule extends FlowError {
    override readonly name = 'Rule';

    constructor(
        readonly rule: BulkheadErrorName,
        next: string,
        cause?: unknown,
    ) {
        super(`${rule}: ${reasonOf(errorCode(rule))}; ${next}`, { cause });
    }
}

/** An account that the flow needs does not exist or is of another kind. */
export class NotFound extends FlowError {
    override readonly name = 'NotFound';

    constructor(
        what: string,
        readonly key: Address,
        next: string,
    ) {
        super(`NotFound: ${what} ${key} does not exist on this cluster; ${next}`);
    }
}

/** The flow cannot go on yet, or not without somebody else. */
export class NotYet extends FlowError {
    override readonly name = 'NotYet';

    constructor(why: string, next: string) {
        super(`NotYet: ${why}; ${next}`);
    }
}

/** The arguments contradict each other or the accounts. */
export class NotPossible extends FlowError {
    override readonly name = 'NotPossible';

    constructor(why: string, next: string) {
        super(`NotPossible: ${why}; ${next}`);
    }
}

/** Decodes an account of one kind, and throws for every other account. */
export type Decode<T extends object> = {
    (account: EncodedAccount): Account<T>;
    (account: MaybeEncodedAccount): MaybeAccount<T>;
};

/** Counts what a flow sends and skips. */
export class Work {
    readonly #receipts: Receipt[] = [];
    #skipped = 0;
    readonly chain: Chain;
    readonly report: Report;
    readonly parallel: number;

    constructor({ chain, report = quiet, parallel = 16 }: Session) {
        this.chain = chain;
        this.report = report;
        this.parallel = Math.max(1, parallel);
    }

    /** The payer, as instruction builders take it. */
    get payer(): TransactionSigner {
        return signer(this.chain.payer);
    }

    async send(...instructions: readonly Instruction[]): Promise<Receipt> {
        const receipt = await this.chain.send(instructions);
        this.#receipts.push(receipt);
        return receipt;
    }

    /**
     * Sends one transaction of council members or of anyone. What the program refuses is a {@link Rule}: the chain
     * simulates before it sends. If it refuses by one of `done`, the step was done before and is skipped.
     */
    async act(
        instructions: readonly Instruction[],
        next: string,
        done: Readonly<Partial<Record<BulkheadErrorName, string>>> = {},
    ): Promise<void> {
        try {
            await this.send(...instructions);
        } catch (error) {
            if (!(error instanceof ProgramError) || error.rule === undefined) throw error;
            const note = done[error.rule];
            if (note === undefined) throw error.landed ? error : new Rule(error.rule, next, error);
            this.skip(note);
        }
    }

    /**
     * The `accounts` as they would be after this transaction, or `undefined` if a program would refuse it. For steps that
     * anyone may take: the program alone says whether they are due.
     */
    async tried(
        instructions: readonly Instruction[],
        accounts: readonly Address[],
    ): Promise<readonly MaybeEncodedAccount[] | undefined> {
        const { error, accounts: after } = await this.chain.simulate(instructions, accounts);
        if (error instanceof NetworkError) throw error;
        return error === undefined ? after : undefined;
    }

    /** Creates the account of Bulkhead at `key`, unless it exists. Somebody else may create it at the same time. */
    async ensure(key: Address, ...instructions: readonly Instruction[]): Promise<void> {
        if (await this.#exists(key)) {
            this.skip();
            return;
        }
        try {
            await this.send(...instructions);
        } catch (error) {
            if (!(await this.#exists(key).catch(() => false))) throw error;
            this.skip();
        }
    }

    async #exists(key: Address): Promise<boolean> {
        const account = await this.account(key);
        return account.exists && account.programAddress === BULKHEAD_PROGRAM_ADDRESS;
    }

    /** Counts a step that was done before. */
    skip(note?: string): void {
        this.#skipped += 1;
        if (note !== undefined) this.report.note(note);
    }

    /** Adds what another flow did. */
    add(done: Done): void {
        this.#receipts.push(...done.receipts);
        this.#skipped += done.skipped;
    }

    done(): Done {
        return { receipts: [...this.#receipts], skipped: this.#skipped };
    }

    async account(key: Address): Promise<MaybeEncodedAccount> {
        const [account] = await this.chain.accounts([key]);
        return account ?? { address: key, exists: false };
    }

    /** Reads and decodes an account of Bulkhead. `undefined` if it does not exist or is of another kind. */
    async find<T extends object>(key: Address, decode: Decode<T>): Promise<T | undefined> {
        return decoded(await this.account(key), decode)?.data;
    }

    /** As {@link find}, for an account that has to exist. `next` says what to do if it does not. */
    async load<T extends object>(what: string, key: Address, decode: Decode<T>, next: string): Promise<T> {
        const found = await this.find(key, decode);
        if (found === undefined) throw new NotFound(what, key, next);
        return found;
    }
}

/** The account through its decoder. `undefined` if it does not exist or is of another kind. */
export function decoded<T extends object>(
    account: EncodedAccount | MaybeEncodedAccount,
    decode: Decode<T>,
): Account<T> | undefined {
    // Lamports alone do not count: anyone can send them to an address.
    if ('exists' in account && !account.exists) return undefined;
    if (account.programAddress !== BULKHEAD_PROGRAM_ADDRESS) return undefined;
    try {
        return decode(account);
    } catch {
        return undefined;
    }
}
