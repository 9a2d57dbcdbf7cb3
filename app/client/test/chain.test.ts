/** A deployment's transactions on a busy cluster: a scripted node, so that what it does can be chosen. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { address, generateKeyPairSigner, type Instruction } from '@solana/kit';
import { afterEach, expect, test } from 'vitest';

import { hostOf, rpcChain } from '../src/deploy/chain.ts';

type Answer = (params: never[], before: number) => unknown;

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A node; gives its URL, with a key in it, and what it was asked. */
async function node(
    special: Record<string, Answer>,
): Promise<{ url: string; asked: { method: string; params: unknown[] }[] }> {
    const asked: { method: string; params: unknown[] }[] = [];
    const usual: Record<string, Answer> = {
        getLatestBlockhash: (_, before) => ({
            context: { slot: 1 },
            value: {
                blockhash: `1111111111111111111111111111111${before % 8 === 0 ? 'A' : 'B'}`,
                lastValidBlockHeight: 100,
            },
        }),
        getRecentPrioritizationFees: () => [],
        sendTransaction: () => '1'.repeat(64),
        getBlockHeight: () => 50,
        getSignatureStatuses: () => ({ context: { slot: 1 }, value: [{ err: null, confirmationStatus: 'confirmed' }] }),
    };
    const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
            const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: never[] };
            const before = asked.filter((each) => each.method === method).length;
            asked.push({ method, params });
            const result = (special[method] ?? usual[method])?.(params, before);
            response.setHeader('content-type', 'application/json');
            response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
        });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/key-in-path?api-key=hidden`, asked };
}

const instruction: Instruction = {
    programAddress: address('11111111111111111111111111111111'),
    data: new Uint8Array(3),
};
const pace = { poll: 2, rebroadcast: 5, report: 60_000, rounds: 3 };
const pending = { context: { slot: 1 }, value: [null] };
const landed = { context: { slot: 1 }, value: [{ err: null, confirmationStatus: 'confirmed' }] };

const wires = (asked: { method: string; params: unknown[] }[]) =>
    asked.filter(({ method }) => method === 'sendTransaction').map(({ params }) => params[0] as string);

test('what is dropped is sent again, the same each time', async () => {
    let sent = 0;
    const { url, asked } = await node({
        sendTransaction: () => {
            sent += 1;
            return '1'.repeat(64);
        },
        getSignatureStatuses: () => (sent < 4 ? pending : landed),
    });
    await rpcChain(url, await generateKeyPairSigner(), () => {}, pace).send(instruction);
    expect(wires(asked).length).toBeGreaterThanOrEqual(4);
    expect(new Set(wires(asked)).size).toBe(1);
});

test('what has expired is signed anew, and given up in the end', async () => {
    const { url, asked } = await node({ getBlockHeight: () => 101, getSignatureStatuses: () => pending });
    const told: string[] = [];
    const chain = rpcChain(url, await generateKeyPairSigner(), (line) => told.push(line), pace);
    await expect(chain.send(instruction)).rejects.toThrow('has expired');
    expect(asked.filter(({ method }) => method === 'getLatestBlockhash').length).toBe(3);
    expect(told.some((line) => line.includes('signing it again'))).toBe(true);
});

test('it pays what others pay', async () => {
    const fees = Array.from({ length: 100 }, (_, i) => ({ slot: i, prioritizationFee: i * 100 }));
    const { url, asked } = await node({ getRecentPrioritizationFees: () => fees });
    await rpcChain(url, await generateKeyPairSigner(), () => {}, pace).send(instruction);
    const price = Buffer.from([3, 0xe8, 0x1c, 0, 0, 0, 0, 0, 0]); // 7,400
    expect(Buffer.from(wires(asked)[0] as string, 'base64').includes(price)).toBe(true);
});

test('an address with a key is never told', async () => {
    const payer = await generateKeyPairSigner();
    const { url } = await node({ getSignatureStatuses: () => ({ value: [{ err: { InstructionError: [0, 'x'] } }] }) });
    for (const each of [url, 'http://user:secret@127.0.0.1:1/key-in-path?api-key=hidden', 'no url?api-key=hidden']) {
        const attempt = async () => rpcChain(each, payer, () => {}, pace).send(instruction);
        const error = await attempt().then(
            () => new Error('it was sent'),
            (error: unknown) => error as Error,
        );
        for (const secret of ['secret', 'key-in-path', 'hidden']) expect(`${error}`).not.toContain(secret);
        expect(`${error}`).not.toContain('it was sent');
    }
    expect(hostOf('https://user:secret@rpc.example:8899/path?api-key=x')).toBe('rpc.example:8899');
    expect(hostOf('rpc.example/path')).toBe('rpc.example');
});
