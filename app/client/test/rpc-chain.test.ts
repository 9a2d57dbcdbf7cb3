/** The chain over a node: what it asks, what it offers, and what it makes of failures. */
import {
    createSolanaRpc,
    decompileTransactionMessage,
    generateKeyPairSigner,
    getCompiledTransactionMessageDecoder,
    type Address,
    type RpcSubscriptions,
    type SignatureNotificationsApi,
    type Transaction,
    type TransactionSigner,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterEach, describe, expect, test } from 'vitest';

import {
    confirm,
    createRpcChain,
    MissingSigner,
    NetworkError,
    pause,
    ProgramError,
    RpcRefused,
    RpcUnreachable,
    RpcUnreadable,
    signer,
    snapshot,
    TransactionExpired,
    type Chain,
    type RpcChainConfig,
} from '../src/flows/index.ts';
import { toAddress } from '../src/bytes.ts';
import { BULKHEAD_PROGRAM_ADDRESS, constants, decodeDomain, getPauseInstruction, pdas } from '../src/index.ts';
import { NodeOverMachine, Raw, RpcFault, type Answer } from './node.ts';
import { LEDGER_INDEX } from './set-up.ts';
import { World } from './world.ts';

const pace = { poll: 2, rebroadcast: 5, report: 60_000, retry: 1, rounds: 3, attempts: 3, timeout: 5_000 };
const pending = { context: { slot: 1 }, value: [null] };
const open: NodeOverMachine[] = [];
afterEach(() => open.splice(0).forEach((node) => node.close()));

async function start(special: Record<string, Answer> = {}, config: Partial<RpcChainConfig> = {}) {
    const world = await World.active(8);
    const node = await new NodeOverMachine(world.machine, special).listen();
    open.push(node);
    const signers = [...world.council, world.voter];
    const chain = createRpcChain({ rpc: node.url, payer: world.payer, signers, pace, ...config });
    return { world, node, chain, pay: () => chain.send([transfer(world.payer, 1n)]) };
}

function transfer(source: TransactionSigner, amount: bigint) {
    return getTransferSolInstruction({ source, destination: source.address, amount });
}

/** What the transaction asks of the compute budget: limit, and price in micro-lamports. */
function budgetOf({ messageBytes }: Transaction): readonly [limit: number, price: bigint] {
    const message = decompileTransactionMessage(getCompiledTransactionMessageDecoder().decode(messageBytes));
    const asked = message.instructions.filter(({ programAddress }) => programAddress.startsWith('ComputeBudget'));
    const data = (kind: number) => {
        const bytes = asked.find((each) => each.data?.[0] === kind)?.data ?? new Uint8Array(9);
        return new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset);
    };
    return [data(2).getUint32(1, true), data(3).getBigUint64(1, true)];
}

async function failure(attempt: Promise<unknown>): Promise<Error> {
    return attempt.then(
        () => new Error('it was done'),
        (error: unknown) => error as Error,
    );
}

describe('a transaction', () => {
    test('is simulated, asks for the units it needs, and is not simulated again by the node', async () => {
        const { node, pay } = await start();
        const receipt = await pay();
        const order = node.asked.map(({ method }) => method);
        expect(order.indexOf('simulateTransaction')).toBeLessThan(order.indexOf('sendTransaction'));
        const [limit] = budgetOf(node.wires[0] as Transaction);
        expect(limit).toBeGreaterThan(Number(receipt.units));
        expect(limit).toBeLessThan(3_000);
        expect(node.asked.find(({ method }) => method === 'sendTransaction')?.params[1]).toMatchObject({
            skipPreflight: true,
        });
        expect(receipt.fee).toBe(5_000n);
    });

    test('offers the percentile of recent fees, up to the cap', async () => {
        const fees = Array.from({ length: 101 }, (_, i) => ({ slot: i, prioritizationFee: i * 100 }));
        const special = { getRecentPrioritizationFees: () => fees };
        for (const [offer, expected] of [
            [{}, 7_500n],
            [{ percentile: 100 }, 10_000n],
            [{ maxMicroLamports: 600n }, 600n],
            [{ microLamports: 42n }, 42n],
        ] as const) {
            const { node, pay } = await start(special, { fees: offer });
            await pay();
            expect(budgetOf(node.wires[0] as Transaction)[1]).toBe(expected);
        }
    });

    test('that is dropped is sent again, the same each time', async () => {
        let sent = 0;
        const { node, pay } = await start({
            sendTransaction: () => {
                sent += 1;
                return '1'.repeat(64);
            },
            getSignatureStatuses: () =>
                sent < 4 ? pending : { context: { slot: 1 }, value: [{ err: null, confirmationStatus: 'finalized' }] },
        });
        await pay();
        const bytes = node.wires.map(({ messageBytes }) => messageBytes.join());
        expect(bytes.length).toBeGreaterThanOrEqual(4);
        expect(new Set(bytes).size).toBe(1);
    });

    test('that expires is simulated and signed anew at twice the price, and given up in the end', async () => {
        const notes: string[] = [];
        const report = { progress: () => {}, note: (text: string) => notes.push(text) };
        const { node, pay } = await start(
            { getBlockHeight: () => 101, getSignatureStatuses: () => pending },
            { report },
        );
        const error = await failure(pay());
        expect(error).toBeInstanceOf(TransactionExpired);
        expect(error).toBeInstanceOf(NetworkError);
        expect(node.count('simulateTransaction')).toBe(3);
        expect(node.count('getLatestBlockhash')).toBe(3);
        const prices = node.wires.map((wire) => budgetOf(wire)[1]);
        expect([...new Set(prices)]).toEqual([0n, 20_000n, 40_000n]);
        expect(notes.some((note) => note.includes('signing it again'))).toBe(true);
    });

    test('that the program refuses is not sent, and the error has the program’s name', async () => {
        const { world, node, chain } = await start();
        const accounts = { council: await pdas.council(world.domain), board: await pdas.board(world.domain) };
        const voter = getPauseInstruction({ guardian: world.voter, ...accounts, scope: 255, mask: 0 });
        const error = await failure(chain.send([voter]));
        expect(error).toBeInstanceOf(ProgramError);
        expect(error).toMatchObject({ name: 'NotAMember', rule: 'NotAMember', code: 6_002 });
        expect(error.message).toContain(`Program ${BULKHEAD_PROGRAM_ADDRESS} failed`);
        expect(node.count('sendTransaction')).toBe(0);
        // Another program's numbers mean nothing here.
        const poor = await failure(chain.send([transfer(world.payer, 10n ** 15n)]));
        expect(poor).toMatchObject({ name: 'ProgramError', rule: undefined, code: 1 });
    });

    test('that fails although it was simulated is named too', async () => {
        const status = { err: { InstructionError: [0, { Custom: 6_105 }] }, confirmationStatus: 'confirmed' };
        const { world, chain } = await start({
            getSignatureStatuses: () => ({ context: { slot: 1 }, value: [status] }),
        });
        const accounts = { council: await pdas.council(world.domain), board: await pdas.board(world.domain) };
        const [guardian] = world.council;
        const act = getPauseInstruction({ guardian, ...accounts, scope: 255, mask: 0 });
        expect(await failure(chain.send([act]))).toMatchObject({ name: 'NoPauseRights', landed: true });
    });

    test('that needs a key that is not there asks the node for nothing', async () => {
        const { world, node, chain } = await start();
        const stranger = await generateKeyPairSigner();
        const error = await failure(chain.send([transfer(signer(stranger.address), 1n)]));
        expect(error).toBeInstanceOf(MissingSigner);
        expect(error).toMatchObject({ signer: stranger.address });
        expect(node.asked).toEqual([]);
        // A simulation needs no key, and a key that the instruction carries serves too.
        const { error: refused, accounts } = await chain.simulate(
            [transfer(signer(stranger.address), 0n)],
            [world.payer.address, stranger.address],
        );
        expect(refused).toBe(undefined);
        expect(accounts.map(({ exists }) => exists)).toEqual([true, false]);
        await chain.send([transfer(stranger, 0n)]);
    });

    test('of a payer without lamports says so', async () => {
        const { node } = await start();
        const payer = await generateKeyPairSigner();
        const chain = createRpcChain({ rpc: node.url, payer, pace });
        const error = await failure(chain.send([transfer(payer, 0n)]));
        expect(error).toBeInstanceOf(RpcRefused);
        expect(error.message).toContain(payer.address);
    });
});

describe('a node that', () => {
    const html = new Raw('<html>not found</html>');

    test('answers HTML is distinguished from one that is down, and both from a refusal', async () => {
        const { pay } = await start({ simulateTransaction: () => html });
        const error = await failure(pay());
        expect(error).toBeInstanceOf(RpcUnreadable);
        expect(error.message).toContain('is 127.0.0.1');
        const busy = await start({ simulateTransaction: () => new Raw('', 503) });
        expect(await failure(busy.pay())).toBeInstanceOf(RpcUnreachable);
        const refusing = await start({ getLatestBlockhash: () => new RpcFault(-32_602, 'invalid params') });
        expect(await failure(refusing.pay())).toBeInstanceOf(RpcRefused);
        const empty = await start({ getMultipleAccounts: () => ({ context: { slot: 1 } }) });
        expect(await failure(empty.chain.now())).toBeInstanceOf(RpcUnreadable);
    });

    test('fails for a moment is asked again', async () => {
        const { world, node, chain } = await start();
        const usual = node.special;
        usual['getMultipleAccounts'] = (_, before) => {
            if (before >= 1) delete usual['getMultipleAccounts'];
            return new Raw('', 429);
        };
        expect(await chain.now()).toEqual({ slot: world.machine.slot, now: world.machine.now });
        expect(node.count('getMultipleAccounts')).toBe(3);
    });

    test('does not know recent fees is offered none', async () => {
        const { node, pay } = await start({ getRecentPrioritizationFees: () => new RpcFault(-32_601, 'no') });
        await pay();
        expect(budgetOf(node.wires[0] as Transaction)[1]).toBe(0n);
    });

    test('has a key in its address: no error tells it', async () => {
        const payer = await generateKeyPairSigner();
        const { node } = await start({ getMultipleAccounts: () => html });
        for (const rpc of [
            node.url,
            'http://user:secret@127.0.0.1:1/key-in-path?api-key=hidden',
            'no url?api-key=hidden',
        ]) {
            const attempt = async () => createRpcChain({ rpc, payer, pace }).now();
            const error = await failure(attempt());
            expect(error).toBeInstanceOf(NetworkError);
            for (const secret of ['secret', 'key-in-path', 'hidden']) expect(`${error}`).not.toContain(secret);
        }
    });
});

test('a websocket wakes it up before it would ask, and kit’s own clients serve as well as a URL', async () => {
    const { world, node } = await start();
    let woken = 0;
    let landed: () => void = () => {};
    const whenLanded = new Promise<void>((resolve) => (landed = resolve));
    const usual = node.special;
    usual['getSignatureStatuses'] = (_, before) => {
        // The first answer is pending; the second is asked for by the notification.
        if (before === 0) landed();
        if (before === 0) return pending;
        return { context: { slot: 1 }, value: [{ err: null, confirmationStatus: 'confirmed' }] };
    };
    async function* reports() {
        await whenLanded;
        woken += 1;
        yield { context: { slot: 1n }, value: { err: null } };
    }
    const rpcSubscriptions = {
        signatureNotifications: () => ({ subscribe: async () => reports() }),
    } as unknown as RpcSubscriptions<SignatureNotificationsApi>;
    const chain = createRpcChain({
        rpc: createSolanaRpc(node.url),
        rpcSubscriptions,
        payer: world.payer,
        pace: { ...pace, poll: 600_000, rebroadcast: 600_000 },
    });
    await chain.send([transfer(world.payer, 1n)]);
    expect(woken).toBe(1);
    expect(node.count('getSignatureStatuses')).toBe(2);
});

test('accounts are read in any number, and owned ones by filters', async () => {
    const { world, node, chain } = await start();
    const others = Array.from({ length: 249 }, (_, i) => toAddress(new Uint8Array(32).fill(i + 1)));
    const found = await chain.accounts([...others, world.domain]);
    expect(found.length).toBe(250);
    expect(node.count('getMultipleAccounts')).toBe(3);
    const last = found.at(-1);
    if (!last?.exists) throw new Error('the domain was not found');
    expect(decodeDomain(last).data.state).toBe(constants.phase.OPERATING);
    const owned = await chain.owned(BULKHEAD_PROGRAM_ADDRESS, [
        { length: last.data.length },
        { offset: 0, bytes: last.data.slice(0, 8) },
    ]);
    expect(owned.map(({ address }) => address)).toEqual([world.domain]);
});

test('flows run over a node as they do over the machine', async () => {
    const { world, chain } = await start();
    const session = (of: Chain) => ({ chain: of, parallel: 1 });
    const { domain } = world;
    const [first, second] = world.council.map(({ address }) => address) as [Address, Address];
    await pause(session(chain), { domain, guardian: first });
    for (const guardian of [first, second]) await confirm(session(chain), { domain, guardian });
    const sealed = await snapshot(session(chain), { domain, ledgerIndex: LEDGER_INDEX });
    expect(sealed.root).toEqual((await world.tree()).root.hash);
});
