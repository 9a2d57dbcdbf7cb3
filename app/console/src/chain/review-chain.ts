/**
 * A chain that shows every transaction before it is signed: decoded, and with the difference that it would make. The flows
 * of the client run over it unchanged, and see somebody who refuses as an error.
 */
import { BULKHEAD_PROGRAM_ADDRESS, watch } from '@bulkhead/client';
import type { Chain, ChainError, Receipt } from '@bulkhead/client/flows';
import {
    isWritableRole,
    isSignerRole,
    type Address,
    type EncodedAccount,
    type Instruction,
    type MaybeEncodedAccount,
} from '@solana/kit';

import { describe, type Described } from './describe.ts';
import { tokenMoves, type TokenMove } from './tokens.ts';

/** What a transaction is and does, before anybody signs it. */
export type Review = Readonly<{
    instructions: readonly Instruction[];
    described: readonly Described[];
    /** Changes of Bulkhead's accounts, in words. */
    changes: readonly watch.Change[];
    tokens: readonly TokenMove[];
    /** Lamports that the payer would lose, fees not included. */
    rent: bigint;
    units: bigint | undefined;
    signers: readonly Address[];
    /** Why it would fail. Such a transaction is never sent. */
    error: ChainError | undefined;
}>;

/** Whether the chain did what the simulation said. */
export type Outcome = Readonly<{
    review: Review;
    receipt: Receipt;
    /** The changes that landed as simulated. */
    holds: boolean;
    /** What differs from the simulation, in words. */
    differs: readonly string[];
}>;

/** Somebody looked at a transaction and did not want it. Nothing was sent. */
export class Declined extends Error {
    override readonly name = 'Declined';

    constructor() {
        super('you declined; nothing was sent');
    }
}

/** The transaction was taken as a message for a multisig to propose. It lands when its members execute it. */
export class HandedOver extends Error {
    override readonly name = 'HandedOver';

    constructor() {
        super('the message is for your multisig to propose; come back when it was executed, and go on from there');
    }
}

export type Answer = 'send' | 'decline' | 'handed over';

export class ReviewChain implements Chain {
    constructor(
        /** Reads, simulates and sends. */
        private readonly inner: Chain,
        private readonly ask: (review: Review) => Promise<Answer>,
        private readonly tell: (outcome: Outcome) => void,
    ) {}

    get payer(): Address {
        return this.inner.payer;
    }

    now: Chain['now'] = () => this.inner.now();
    accounts: Chain['accounts'] = (keys) => this.inner.accounts(keys);
    owned: Chain['owned'] = (program, filters) => this.inner.owned(program, filters);
    ownedAt: Chain['ownedAt'] = (program, filters) => this.inner.ownedAt(program, filters);
    simulate: Chain['simulate'] = (instructions, accounts) => this.inner.simulate(instructions, accounts);
    wait: Chain['wait'] = (milliseconds) => this.inner.wait(milliseconds);

    async send(instructions: readonly Instruction[]): Promise<Receipt> {
        const written = writtenBy(instructions, this.payer);
        const before = await this.inner.accounts(written);
        const simulated = await this.inner.simulate(instructions, written);
        const after = simulated.accounts;
        const review: Review = {
            instructions,
            described: instructions.map(describe),
            changes: changesOf(before, after),
            tokens: tokenMoves(before, after),
            rent: lamportsOf(before, this.payer) - lamportsOf(after, this.payer),
            units: simulated.units,
            signers: signersOf(instructions, this.payer),
            error: simulated.error,
        };
        // A flow knows what a refusal means: that a step was done before, or whom to ask.
        if (simulated.error !== undefined) throw simulated.error;
        const answer = await this.ask(review);
        if (answer === 'decline') throw new Declined();
        if (answer === 'handed over') throw new HandedOver();
        const receipt = await this.inner.send(instructions);
        const landed = await this.inner.accounts(written);
        const differs = differencesOf(review, changesOf(before, landed));
        this.tell({ review, receipt, holds: differs.length === 0, differs });
        return receipt;
    }
}

/** The accounts that a transaction may write. */
function writtenBy(instructions: readonly Instruction[], payer: Address): Address[] {
    const written = instructions.flatMap(({ accounts = [] }) =>
        accounts.filter(({ role }) => isWritableRole(role)).map(({ address }) => address),
    );
    return [...new Set([payer, ...written])];
}

export function signersOf(instructions: readonly Instruction[], payer: Address): Address[] {
    const signing = instructions.flatMap(({ accounts = [] }) =>
        accounts.filter(({ role }) => isSignerRole(role)).map(({ address }) => address),
    );
    return [...new Set([payer, ...signing])];
}

const lamportsOf = (accounts: readonly MaybeEncodedAccount[], key: Address): bigint => {
    const found = accounts.find(({ address }) => address === key);
    return found?.exists ? found.lamports : 0n;
};

/** The changes of Bulkhead's accounts, under the names of their events. Members' activity is of no interest here. */
function changesOf(before: readonly MaybeEncodedAccount[], after: readonly MaybeEncodedAccount[]): watch.Change[] {
    return watch.changes(kept(before), kept(after)).filter(({ event }) => event !== 'MemberActive');
}

function kept(accounts: readonly MaybeEncodedAccount[]): watch.Accounts {
    const own = accounts.flatMap((account) => (account.exists ? [account as EncodedAccount] : []));
    return new Map(
        own.flatMap(({ address, programAddress, data }) => {
            const kind = programAddress === BULKHEAD_PROGRAM_ADDRESS ? watch.kindOf(data) : undefined;
            return kind === undefined ? [] : [[address, { kind, data }] as const];
        }),
    );
}

/** Times and slots pass between simulation and landing, so changes are compared by what they are of and by name. */
function differencesOf({ changes }: Review, landed: readonly watch.Change[]): string[] {
    const name = ({ account, event }: watch.Change) => `${event} of ${account}`;
    const [expected, found] = [new Set(changes.map(name)), new Set(landed.map(name))];
    return [
        ...[...expected].filter((each) => !found.has(each)).map((each) => `${each} was expected, and is not there`),
        ...[...found].filter((each) => !expected.has(each)).map((each) => `${each} came in addition`),
    ];
}
