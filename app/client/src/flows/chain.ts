/**
 * The cluster as flows see it: they read accounts, and send instructions that the other side signs. The counterpart of
 * `crates/client/src/chain.rs`.
 *
 * Flows never hold a key. An implementation holds whatever signs: `createRpcChain` over a node, the tests over an
 * embedded machine.
 */
import type { Address, EncodedAccount, Instruction, MaybeEncodedAccount, ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import { errorName, type BulkheadErrorName } from '../errors.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from '../generated/bulkhead/programs/bulkhead.ts';
import { getBulkheadErrorMessage, type BulkheadError } from '../generated/bulkhead/errors/bulkhead.ts';
import type { At } from '../proposal-progress.ts';

/** The sysvar with the cluster's slot and time. */
export const CLOCK = 'SysvarC1ock11111111111111111111111111111111' as Address;
/** Offset of the time in the clock: after slot, epoch start, epoch and leader schedule epoch. */
const UNIX_TIMESTAMP = 32;

/** Slot and time of the clock sysvar. */
export function clockOf(data: ReadonlyUint8Array): At {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return { slot: view.getBigUint64(0, true), now: view.getBigInt64(UNIX_TIMESTAMP, true) };
}

/** A condition on an account's data, as `getProgramAccounts` takes it. */
export type Filter = Readonly<{ length: number } | { offset: number; bytes: ReadonlyUint8Array }>;

/** Whether `data` meets the condition. */
export function meets(filter: Filter, data: ReadonlyUint8Array): boolean {
    if ('length' in filter) return data.length === filter.length;
    const { offset, bytes } = filter;
    return bytesEqual(data.slice(offset, offset + bytes.length), bytes);
}

/** Accounts of a program, as they were at the end of one slot. */
export type OwnedAt = Readonly<{ slot: bigint; accounts: readonly EncodedAccount[] }>;

/** A transaction that landed. */
export type Receipt = Readonly<{
    /** The signature in base58. */
    signature: string;
    /** Compute units used, if the cluster reports them. */
    units: bigint | undefined;
    /** Fee in lamports, base and priority, if it is known. */
    fee: bigint | undefined;
}>;

/** What a transaction would do. */
export type Simulated = Readonly<{
    /** Why it would fail. */
    error: ChainError | undefined;
    logs: readonly string[];
    /** Compute units used. */
    units: bigint | undefined;
    /** The requested accounts as they would be afterwards, in the order of the request. Empty if it would fail. */
    accounts: readonly MaybeEncodedAccount[];
}>;

/** A cluster, and the keys with which it is used. */
export interface Chain {
    /** Pays fees and rent. */
    readonly payer: Address;
    /** The cluster's clock: the sysvar, so what programs see. */
    now(): Promise<At>;
    /** Reads accounts, in order. Any number; an implementation splits the request. */
    accounts(keys: readonly Address[]): Promise<MaybeEncodedAccount[]>;
    /** All accounts of a program that meet all of the filters. */
    owned(program: Address, filters: readonly Filter[]): Promise<EncodedAccount[]>;
    /** The same, with the slot at whose end they were so. */
    ownedAt(program: Address, filters: readonly Filter[]): Promise<OwnedAt>;
    /**
     * Sends one transaction and waits until it has landed. Simulates it first, sets the compute budget and the priority
     * fee, and signs with the payer and with the keys that the instructions name as signers.
     */
    send(instructions: readonly Instruction[]): Promise<Receipt>;
    /** Simulates one transaction as if every signer had signed, and reads `accounts` as they would be afterwards. */
    simulate(instructions: readonly Instruction[], accounts: readonly Address[]): Promise<Simulated>;
    /** Waits, at least until the cluster may have moved on. */
    wait(milliseconds: number): Promise<void>;
}

/** Why the cluster did not do what was asked. */
export abstract class ChainError extends Error {
    /** The program's error number, if a program refused. */
    readonly code: number | undefined = undefined;
}

/** The same request may succeed when it is repeated: the network failed, not the act. */
export abstract class NetworkError extends ChainError {}

/** A program refused. The transaction changed nothing. `name` is the program's name for the reason. */
export class ProgramError extends ChainError {
    override readonly code: number;
    /** The reason by Bulkhead's table, if it was Bulkhead that refused. */
    readonly rule: BulkheadErrorName | undefined;

    /**
     * The innermost program that failed is the first that `logs` report. Without logs, `program` says whose error it is.
     * `landed`: it failed although its simulation did not.
     */
    constructor(
        code: number,
        logs: readonly string[],
        program: Address = BULKHEAD_PROGRAM_ADDRESS,
        readonly landed = false,
    ) {
        const { rule, name, message } = named(code, logs, program);
        super(`${name} (${code}): ${message}${lastLines(logs)}`);
        this.name = name;
        this.code = code;
        this.rule = rule;
    }
}

/** The runtime or the node refused, without a program's error. */
export class RpcRefused extends ChainError {
    override readonly name = 'RpcRefused';

    constructor(reason: string, logs: readonly string[] = []) {
        super(`RpcRefused: ${reason}${lastLines(logs)}`);
    }
}

/** The node did not answer. */
export class RpcUnreachable extends NetworkError {
    override readonly name = 'RpcUnreachable';

    constructor(node: string, reason: string) {
        super(`RpcUnreachable: ${node}: ${reason}; is the URL right, and the node up?`);
    }
}

/** The response is not valid. */
export class RpcUnreadable extends NetworkError {
    override readonly name = 'RpcUnreadable';

    constructor(node: string, method: string, reason: string) {
        super(`RpcUnreadable: ${method}: ${reason}; is ${node} a Solana RPC node?`);
    }
}

/** The transaction did not land under any of several blockhashes. */
export class TransactionExpired extends NetworkError {
    override readonly name = 'TransactionExpired';

    constructor(signature: string, rounds: number) {
        super(
            `TransactionExpired: ${signature} did not land, and neither did ${rounds} before it; the cluster is busy: ` +
                'run this again, what is done already is skipped',
        );
    }
}

/** A required signing key is missing. */
export class MissingSigner extends ChainError {
    override readonly name = 'MissingSigner';

    constructor(readonly signer: Address) {
        super(
            `MissingSigner: ${signer} must sign, and its key is not among the signers; pass it, or act as a key that is`,
        );
    }
}

type Named = Readonly<{ rule?: BulkheadErrorName; name: string; message: string }>;

function named(code: number, logs: readonly string[], program: Address): Named {
    const failed = logs.find((line) => line.includes(' failed: '));
    const isOurs =
        failed === undefined ? program === BULKHEAD_PROGRAM_ADDRESS : failed.includes(BULKHEAD_PROGRAM_ADDRESS);
    const rule = isOurs ? errorName(code) : undefined;
    if (rule !== undefined) return { rule, name: rule, message: reasonOf(code) };
    return anchorError(logs) ?? { name: 'ProgramError', message: 'a program refused' };
}

/** The message of one of Bulkhead's errors. Bundles for browsers may lack the table. */
export function reasonOf(code: number): string {
    try {
        return getBulkheadErrorMessage(code as BulkheadError);
    } catch {
        return 'the program refused';
    }
}

/** Name and message of an error as Anchor logs it. */
function anchorError(logs: readonly string[]): { name: string; message: string } | undefined {
    const pattern = /Error Code: (.+?)\. Error Number: \d+\. Error Message: (.+?)\.?$/;
    const found = logs.map((line) => pattern.exec(line)).find((match) => match !== null);
    return found ? { name: found[1] as string, message: found[2] as string } : undefined;
}

function lastLines(logs: readonly string[]): string {
    return logs
        .slice(-8)
        .map((line) => `\n${line}`)
        .join('');
}
