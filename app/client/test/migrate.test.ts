/** migrations/deploy.ts as the Anchor CLI runs it: by tsx, from a host script that requires it and calls what it exports. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { BULKHEAD_PROGRAM_ADDRESS } from '../src/index.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111';
let server: Server;
let isDeployed = true;
const methods: string[] = [];

/** A node with the program on it and nothing else. */
beforeAll(async () => {
    server = createServer(async (request, response) => {
        const { id, method, params } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
            id: unknown;
            method: string;
            params: unknown[];
        };
        methods.push(method);
        const program = { data: ['', 'base64'], executable: true, lamports: 1, owner: LOADER, rentEpoch: 0, space: 0 };
        const keys = [params[0]].flat();
        const value = keys.map((key) => (key === BULKHEAD_PROGRAM_ADDRESS && isDeployed ? program : null));
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { context: { slot: 1 }, value } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => server.close());

async function migrate(environment: Record<string, string>): Promise<string> {
    const keys = generateKeyPairSync('ed25519');
    const part = (key: typeof keys.privateKey | typeof keys.publicKey, type: 'pkcs8' | 'spki') => [
        ...key.export({ format: 'der', type: type as 'spki' }).subarray(-32),
    ];
    const secretKey = JSON.stringify([...part(keys.privateKey, 'pkcs8'), ...part(keys.publicKey, 'spki')]);
    const rpcEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const host = `
        const userScript = require(${JSON.stringify(path('../../../migrations/deploy.ts'))});
        userScript({
            connection: { rpcEndpoint: ${JSON.stringify(rpcEndpoint)} },
            wallet: { payer: { secretKey: Uint8Array.from(${secretKey}) } },
        });`;
    const run = promisify(execFile)(path('../node_modules/.bin/tsx'), ['--eval', host], {
        cwd: path('../../..'),
        env: { ...process.env, ...environment },
    });
    const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
    return stdout + stderr;
}

test('opens nothing by default', async () => {
    expect(await migrate({})).toContain('nothing to open');
});

test('a dry run sends nothing', async () => {
    methods.length = 0;
    const output = await migrate({
        BULKHEAD_DRY_RUN: '1',
        BULKHEAD_DOMAIN_CONFIG: path('../../../migrations/domain.example.toml'),
    });
    expect(output.match(/would do +\w+/g)?.map((line) => line.split(/ +/)[2])).toEqual([
        'open_domain',
        'open_breaker',
        'open_vault',
        'register_evacuation_route',
        'register_ledger',
    ]);
    expect(new Set(methods)).toEqual(new Set(['getMultipleAccounts']));
});

test('fails without the program', async () => {
    isDeployed = false;
    expect(await migrate({})).toContain('is not a program on this cluster');
    isDeployed = true;
});
