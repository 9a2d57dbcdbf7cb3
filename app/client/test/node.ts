/** The embedded machine behind JSON-RPC, as a node answers, for the chain over a node. Methods can be replaced. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
    getBase58Encoder,
    getBase64Decoder,
    getBase64Encoder,
    getSignatureFromTransaction,
    getTransactionDecoder,
    type Address,
    type EncodedAccount,
    type MaybeEncodedAccount,
    type Transaction,
} from '@solana/kit';
import { FailedTransactionMetadata } from 'litesvm';

import { meets } from '../src/flows/index.ts';
import { Refused, type Machine } from './machine.ts';

/** Answers a request; `before` counts the earlier requests of the same method. */
export type Answer = (params: never, before: number) => unknown;
/** What is written in place of an answer. */
export class Raw {
    constructor(
        readonly body: string,
        readonly status = 200,
    ) {}
}
/** A JSON-RPC error. */
export class RpcFault {
    constructor(
        readonly code: number,
        readonly message: string,
    ) {}
}

export class NodeOverMachine {
    readonly asked: { method: string; params: unknown[] }[] = [];
    readonly landed = new Map<string, unknown>();
    #server: Server | undefined;
    url = '';

    constructor(
        readonly machine: Machine,
        readonly special: Record<string, Answer> = {},
    ) {}

    async listen(): Promise<this> {
        this.#server = createServer((request, response) => {
            // A page of any host may ask, as most nodes allow.
            response.setHeader('access-control-allow-origin', '*');
            response.setHeader('access-control-allow-headers', 'content-type, solana-client');
            if (request.method === 'OPTIONS') {
                response.end();
                return;
            }
            let body = '';
            request.on('data', (chunk: Buffer) => (body += chunk.toString()));
            request.on('end', () => {
                const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
                const before = this.asked.filter((each) => each.method === method).length;
                this.asked.push({ method, params });
                const result = (this.special[method] ?? this.#usual[method])?.(params as never, before);
                response.setHeader('content-type', 'application/json');
                if (result instanceof Raw) {
                    response.statusCode = result.status;
                    response.end(result.body);
                    return;
                }
                const { code, message } = result instanceof RpcFault ? result : { code: 0, message: '' };
                const answer = code === 0 ? { result } : { error: { code, message } };
                const written = JSON.stringify({ jsonrpc: '2.0', id, ...answer }, (_, value: unknown) =>
                    typeof value === 'bigint' ? Number(value) : value,
                );
                response.end(written);
            });
        });
        await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
        this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/key-in-path?api-key=hidden`;
        return this;
    }

    close(): void {
        this.#server?.close();
    }

    count(method: string): number {
        return this.asked.filter((each) => each.method === method).length;
    }

    /** The transactions that were broadcast. */
    get wires(): Transaction[] {
        return this.asked.filter(({ method }) => method === 'sendTransaction').map(({ params }) => read(params[0]));
    }

    readonly #usual: Record<string, Answer> = {
        getLatestBlockhash: () => this.#context({ blockhash: this.machine.blockhash, lastValidBlockHeight: 100 }),
        getBlockHeight: () => 50,
        getRecentPrioritizationFees: () => [],
        getMultipleAccounts: ([keys]: Address[][]) =>
            this.#context((keys ?? []).map((key) => shown(this.machine.accountOrClock(key)))),
        getProgramAccounts: ([program, config]: readonly [Address, ProgramAccountsConfig]) => {
            const found = this.machine
                .accounts(program)
                .filter(({ data }) => (config.filters ?? []).every((filter) => meets(filterOf(filter), data)))
                .map((account) => ({
                    pubkey: account.address,
                    account: shown({ ...account, data: new Uint8Array(account.data), exists: true }),
                }));
            return config.withContext === true ? this.#context(found) : found;
        },
        simulateTransaction: ([wire, config]: [string, { accounts?: { addresses: Address[] } }]) => {
            const result = this.machine.simulateAny(read(wire));
            const isFailed = result instanceof FailedTransactionMetadata;
            const after = isFailed ? [] : result.postAccounts();
            const account = (key: Address) => after.find((each) => each.address === key);
            return this.#context({
                err: isFailed ? errorOf(result) : null,
                logs: result.meta().logs(),
                unitsConsumed: result.meta().computeUnitsConsumed(),
                accounts: (config.accounts?.addresses ?? []).map((key) => {
                    const found = account(key);
                    return shown(
                        found
                            ? { ...found, data: new Uint8Array(found.data), exists: true }
                            : this.machine.account(key),
                    );
                }),
            });
        },
        sendTransaction: ([wire]: string[]) => {
            const transaction = read(wire);
            const signature = getSignatureFromTransaction(transaction);
            if (!this.landed.has(signature)) this.landed.set(signature, this.#run(transaction));
            return signature;
        },
        getSignatureStatuses: ([signatures]: string[][]) =>
            this.#context(
                (signatures ?? []).map((signature) =>
                    this.landed.has(signature)
                        ? {
                              err: this.landed.get(signature),
                              confirmationStatus: 'confirmed',
                              slot: 1,
                              confirmations: 1,
                          }
                        : null,
                ),
            ),
    };

    #run(transaction: Transaction): unknown {
        try {
            this.machine.sendSigned(transaction);
            this.machine.nextSlot();
            return null;
        } catch (error) {
            if (!(error instanceof Refused)) throw error;
            return error.code === undefined ? error.message : { InstructionError: [0, { Custom: error.code }] };
        }
    }

    #context(value: unknown) {
        return { context: { slot: this.machine.slot }, value };
    }
}

type ProgramAccountsConfig = Readonly<{ filters?: NodeFilter[]; withContext?: boolean }>;

type NodeFilter = Readonly<{ dataSize?: number; memcmp?: { offset: number; bytes: string } }>;

function filterOf({ dataSize, memcmp }: NodeFilter) {
    if (memcmp === undefined) return { length: dataSize ?? 0 };
    return { offset: memcmp.offset, bytes: getBase58Encoder().encode(memcmp.bytes) };
}

function read(wire: unknown): Transaction {
    return getTransactionDecoder().decode(getBase64Encoder().encode(wire as string));
}

function shown(account: MaybeEncodedAccount) {
    // A simulation lists what it would have created.
    if (!account.exists || account.lamports === 0n) return null;
    const { executable, lamports, programAddress: owner, space } = account as EncodedAccount;
    return {
        data: [getBase64Decoder().decode(account.data), 'base64'],
        executable,
        lamports,
        owner,
        space,
        rentEpoch: 0,
    };
}

function errorOf(failed: FailedTransactionMetadata): unknown {
    const { code } = new Refused(failed);
    // litesvm prints the runtime's own names.
    const name = /err: (\w+)/.exec(failed.toString())?.[1];
    return code === undefined ? name : { InstructionError: [0, { Custom: code }] };
}
