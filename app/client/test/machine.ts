/** The npm litesvm package behind the few verbs the tests need, in kit's types. */
import { readFileSync } from 'node:fs';
import {
    appendTransactionMessageInstructions,
    compileTransaction,
    createTransactionMessage,
    getCompiledTransactionMessageDecoder,
    lamports,
    pipe,
    setTransactionMessageFeePayer,
    setTransactionMessageFeePayerSigner,
    signTransactionMessageWithSigners,
    type Address,
    type EncodedAccount,
    type Instruction,
    type KeyPairSigner,
    type MaybeEncodedAccount,
    type ReadonlyUint8Array,
    type Transaction,
} from '@solana/kit';
import {
    Clock,
    FailedTransactionMetadata,
    LiteSVM,
    type SimulatedTransactionInfo,
    type TransactionMetadata,
} from 'litesvm';

import { concat, littleEndian, toAddress } from '../src/bytes.ts';
import { CLOCK } from '../src/flows/chain.ts';
import { makeSigner } from './keys.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    errorName,
    innerEvents,
    loggedEvents,
    type BulkheadErrorName,
    type InnerInstruction,
    type ProgramEvent,
} from '../src/index.ts';

const PROGRAM = new URL('../../../target/deploy/bulkhead.so', import.meta.url);
const START_TS = 1_775_001_600n; // 1 April 2026: litesvm's own clock starts at 0
const START_SLOT = 1_000n;

export type Landed = Readonly<{ computeUnits: bigint; events: readonly ProgramEvent[]; logs: readonly string[] }>;

/** The transaction changed nothing. */
export class Refused extends Error {
    /** The program's own name for it; none when the runtime or another program refused. */
    readonly errorName: BulkheadErrorName | undefined;
    /** The custom code of whichever program refused. */
    readonly code: number | undefined;
    readonly logs: readonly string[];

    constructor(failed: FailedTransactionMetadata) {
        const code = customCode(failed.err());
        const name = code === undefined ? undefined : errorName(code);
        super([name ?? failed.toString(), ...failed.meta().logs()].join('\n'));
        this.errorName = name;
        this.code = code;
        this.logs = failed.meta().logs();
    }
}

/** litesvm nests an instruction's own code two objects deep, and its classes are not exported. */
function customCode(error: unknown): number | undefined {
    if (typeof error !== 'object' || error === null) return undefined;
    if ('code' in error && typeof error.code === 'number') return error.code;
    return 'err' in error && typeof error.err === 'function' ? customCode(error.err()) : undefined;
}

export class Machine {
    readonly #svm = new LiteSVM().withTransactionHistory(0n);
    readonly payer: KeyPairSigner;
    /** What is put in front of every transaction's instructions. */
    ahead: readonly Instruction[] = [];

    private constructor(payer: KeyPairSigner) {
        this.payer = payer;
    }

    static async start(): Promise<Machine> {
        const machine = new Machine(await makeSigner());
        machine.#svm.addProgram(BULKHEAD_PROGRAM_ADDRESS, readFileSync(PROGRAM));
        machine.#svm.airdrop(machine.payer.address, lamports(1_000_000_000_000n));
        machine.#setTime(START_SLOT, START_TS);
        return machine;
    }

    get now(): bigint {
        return this.#svm.getClock().unixTimestamp;
    }

    get slot(): bigint {
        return this.#svm.getClock().slot;
    }

    /** An account, or the clock sysvar as a node returns it. */
    accountOrClock(address: Address): MaybeEncodedAccount {
        const account = this.account(address);
        if (account.exists || address !== CLOCK) return account;
        const data = concat(littleEndian(this.slot, 8), new Uint8Array(24), littleEndian(this.now, 8));
        return { ...account, exists: true, data } as MaybeEncodedAccount;
    }

    /** Lets time pass, at 400 ms a slot. */
    pass(seconds: bigint): void {
        this.#setTime(this.slot + (seconds * 5n) / 2n, this.now + seconds);
    }

    #setTime(slot: bigint, unixTimestamp: bigint): void {
        this.#svm.setClock(new Clock(slot, unixTimestamp, 0n, 0n, unixTimestamp));
        this.#svm.expireBlockhash();
    }

    minimumBalance(space: number): bigint {
        return this.#svm.minimumBalanceForRentExemption(BigInt(space));
    }

    account(address: Address): MaybeEncodedAccount {
        return this.#svm.getAccount(address);
    }

    /** Every account of a program, Bulkhead's unless stated. */
    accounts(program: Address = BULKHEAD_PROGRAM_ADDRESS): EncodedAccount[] {
        return this.#svm.getProgramAccounts(program);
    }

    /** What a transaction would do if every signer had signed. */
    simulate(instructions: readonly Instruction[]): SimulatedTransactionInfo | FailedTransactionMetadata {
        const message = pipe(
            createTransactionMessage({ version: 0 }),
            (draft) => setTransactionMessageFeePayer(this.payer.address, draft),
            (draft) => this.#svm.setTransactionMessageLifetimeUsingLatestBlockhash(draft),
            (draft) => appendTransactionMessageInstructions(instructions, draft),
        );
        return this.simulateAny(compileTransaction(message));
    }

    /** Runs a signed transaction; throws {@link Refused}. */
    sendSigned(transaction: Transaction): TransactionMetadata {
        const result = this.#svm.sendTransaction(transaction);
        if (result instanceof FailedTransactionMetadata) throw new Refused(result);
        return result;
    }

    /** Simulates a transaction whether or not it is signed, or of this blockhash. */
    simulateAny(transaction: Transaction): SimulatedTransactionInfo | FailedTransactionMetadata {
        this.#svm.withSigverify(false).withBlockhashCheck(false);
        try {
            return this.#svm.simulateTransaction(transaction);
        } finally {
            this.#svm.withSigverify(true).withBlockhashCheck(true);
        }
    }

    get blockhash(): string {
        return this.#svm.latestBlockhash();
    }

    /** The next slot. Blockhashes stay valid, as on a cluster. */
    nextSlot(): void {
        this.#svm.setClock(new Clock(this.slot + 1n, this.now, 0n, 0n, this.now));
    }

    /** Ends the current slot, so that its hash is known to programs. */
    endSlot(): void {
        const hash = toAddress(new Uint8Array(32).fill(Number(this.slot % 256n)));
        this.#svm.setSlotHashes([{ slot: this.slot, hash }]);
        this.#setTime(this.slot + 1n, this.now);
    }

    /** The account through its decoder; throws when it is not there. */
    read<T>(address: Address, decode: (account: EncodedAccount) => Readonly<{ data: T }>): T {
        const account = this.account(address);
        if (!account.exists) throw new Error(`there is no account ${address}`);
        return decode(account).data;
    }

    /** Writes an account of another program, as that program would have. */
    write(address: Address, owner: Address, data: ReadonlyUint8Array): void {
        this.#svm.setAccount({
            address,
            data: new Uint8Array(data),
            executable: false,
            lamports: lamports(this.minimumBalance(data.length)),
            programAddress: owner,
            space: BigInt(data.length),
        });
    }

    /** Lands a transaction, or throws {@link Refused}. Signers are the ones inside the instructions. */
    async send(...instructions: readonly Instruction[]): Promise<Landed> {
        const message = pipe(
            createTransactionMessage({ version: 0 }),
            (draft) => setTransactionMessageFeePayerSigner(this.payer, draft),
            (draft) => this.#svm.setTransactionMessageLifetimeUsingLatestBlockhash(draft),
            (draft) => appendTransactionMessageInstructions([...this.ahead, ...instructions], draft),
        );
        const transaction = await signTransactionMessageWithSigners(message);
        const result = this.#svm.sendTransaction(transaction);
        if (result instanceof FailedTransactionMetadata) throw new Refused(result);
        this.#svm.expireBlockhash();
        return {
            computeUnits: result.computeUnitsConsumed(),
            events: [...loggedEvents(result.logs()), ...innerEvents(innerInstructions(result, transaction))],
            logs: result.logs(),
        };
    }
}

function innerInstructions(result: TransactionMetadata, { messageBytes }: Transaction): InnerInstruction[] {
    const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(messageBytes);
    return result
        .innerInstructions()
        .flat()
        .map((inner) => inner.instruction())
        .map((inner) => ({
            programAddress: staticAccounts[inner.programIdIndex()] as Address,
            data: inner.data(),
        }));
}
