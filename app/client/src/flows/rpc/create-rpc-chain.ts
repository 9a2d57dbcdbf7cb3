/** A {@link Chain} over a JSON-RPC node and kit's signers. */
import {
    createSolanaRpc,
    createSolanaRpcSubscriptions,
    getBase58Decoder,
    type Address,
    type Base58EncodedBytes,
    type Commitment,
    type MaybeEncodedAccount,
    type RpcSubscriptions,
    type SignatureNotificationsApi,
    type TransactionSigner,
} from '@solana/kit';

import type { At } from '../../proposal-progress.ts';
import { chunks, inParallel } from '../batch.ts';
import { clockOf, CLOCK, RpcUnreadable, type Chain, type Filter, type OwnedAt } from '../chain.ts';
import { quiet, type Report } from '../session.ts';
import { FEES, type Fees } from './fees.ts';
import { Node, PACE, pause, type Pace } from './node.ts';
import { encoded, maybeEncoded, type NodeRpc } from './accounts.ts';
import { Sender } from './sender.ts';

/** What a chain over a node needs. */
export type RpcChainConfig = Readonly<{
    /** A node: its URL, or kit's client of it. */
    rpc: string | NodeRpc;
    /** Its websocket. With it a transaction is known to have landed at once; without it the node is polled. */
    rpcSubscriptions?: string | RpcSubscriptions<SignatureNotificationsApi>;
    /** Pays fees and rent. */
    payer: TransactionSigner;
    /** Sign where an instruction names them. The payer is one of them. */
    signers?: readonly TransactionSigner[];
    /** For reading, simulating and landing: `confirmed` unless stated. */
    commitment?: Commitment;
    fees?: Partial<Fees>;
    pace?: Partial<Pace>;
    /** Receives notes about transactions that take long. */
    report?: Report;
}>;

/** Accounts that a node returns at once. */
const AT_ONCE = 100;
const REQUESTS_AT_ONCE = 4;
/** Filters that a node takes. */
const MAX_FILTERS = 4;

/**
 * A chain behind an RPC node. Every transaction is simulated first, asks for the compute units it needs, offers a fee at
 * a percentile of recent fees, is rebroadcast until its blockhash expires, and is then simulated and signed again.
 */
export function createRpcChain(config: RpcChainConfig): Chain {
    const { payer, signers = [], commitment = 'confirmed', report = quiet } = config;
    const url = typeof config.rpc === 'string' ? config.rpc : undefined;
    const node = new Node(url, { ...PACE, ...config.pace });
    const rpc = connect(node, config.rpc);
    const subscriptions =
        typeof config.rpcSubscriptions === 'string'
            ? createSolanaRpcSubscriptions(config.rpcSubscriptions)
            : config.rpcSubscriptions;
    const keys = new Map([...signers, payer].map((signer) => [signer.address, signer] as const));
    const fees = { ...FEES, ...config.fees };
    const sender = new Sender({ node, rpc, subscriptions, payer, keys, commitment, fees, report });

    const many = (keys: readonly Address[]): Promise<MaybeEncodedAccount[]> =>
        node.ask(
            'getMultipleAccounts',
            () => rpc.getMultipleAccounts(keys, { commitment, encoding: 'base64' }),
            ({ value }) => keys.map((key, i) => maybeEncoded(key, value[i] ?? null)),
        );

    const ownedAt = (program: Address, filters: readonly Filter[]): Promise<OwnedAt> =>
        node.ask(
            'getProgramAccounts',
            () =>
                rpc.getProgramAccounts(program, {
                    // A slot that is being processed has no end yet.
                    commitment: commitment === 'processed' ? 'confirmed' : commitment,
                    encoding: 'base64',
                    filters: filters.slice(0, MAX_FILTERS).map(asked),
                    withContext: true,
                }),
            ({ context, value }) => ({
                slot: context.slot,
                accounts: value.map(({ pubkey, account }) => encoded(pubkey, account)),
            }),
        );

    return {
        payer: payer.address,
        async now(): Promise<At> {
            const [clock] = await many([CLOCK]);
            if (!clock?.exists) throw new RpcUnreadable(node.host, 'getMultipleAccounts', 'there is no clock');
            return clockOf(clock.data);
        },
        async accounts(keys): Promise<MaybeEncodedAccount[]> {
            const parts = chunks(keys, AT_ONCE);
            const found: MaybeEncodedAccount[][] = [];
            await inParallel(REQUESTS_AT_ONCE, parts, async (part, place) => {
                found[place] = await many(part);
            });
            return found.flat();
        },
        owned: async (program, filters) => [...(await ownedAt(program, filters)).accounts],
        ownedAt,
        send: (instructions) => sender.send(instructions),
        simulate: (instructions, accounts) => sender.simulate(instructions, accounts),
        wait: pause,
    };
}

function connect(node: Node, rpc: string | NodeRpc): NodeRpc {
    try {
        return typeof rpc === 'string' ? createSolanaRpc(rpc) : rpc;
    } catch (error) {
        throw node.failure('connect', error);
    }
}

function asked(filter: Filter) {
    if ('length' in filter) return { dataSize: BigInt(filter.length) };
    const bytes = getBase58Decoder().decode(filter.bytes) as Base58EncodedBytes;
    return { memcmp: { offset: BigInt(filter.offset), bytes, encoding: 'base58' as const } };
}
