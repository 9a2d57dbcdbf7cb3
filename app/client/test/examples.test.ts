/** The example script as somebody outside runs it, and the README's examples. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { constants } from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { keyFileOf } from './keys.ts';
import { NodeOverMachine } from './node.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

describe('the incident', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'));
    let at: FlowWorld;
    let node: NodeOverMachine;
    let keys: string[];

    beforeAll(async () => {
        at = await FlowWorld.start(30);
        const { machine, payer, voter, council } = at.world;
        node = await new NodeOverMachine(machine, {
            surfnet_timeTravel: ([{ absoluteTimestamp }]: readonly [{ absoluteTimestamp: number }]) => {
                machine.pass(BigInt(absoluteTimestamp / 1_000) - machine.now);
                return null;
            },
        }).listen();
        const members = council.flatMap((member) => ['--member', writeKey(member)]);
        keys = ['--payer', writeKey(payer), '--voter', writeKey(voter), ...members];
    });
    afterAll(() => {
        node.close();
        rmSync(folder, { recursive: true });
    });

    function writeKey(signer: KeyPairSigner): string {
        const file = join(folder, `${signer.address}.json`);
        writeFileSync(file, keyFileOf(signer));
        return file;
    }

    async function run(...more: string[]) {
        const script = path('../examples/incident.ts');
        const options = ['--rpc', node.url, '--domain', at.domain, ...keys, ...more];
        const { stdout, stderr, code } = await promisify(execFile)(
            path('../node_modules/.bin/tsx'),
            [script, ...options],
            {
                cwd: path('..'),
            },
        ).then(
            (done) => ({ ...done, code: 0 }),
            (error: { stdout: string; stderr: string; code: number }) => error,
        );
        return { stderr, code, result: stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, unknown>) };
    }

    test('stops where time has to pass, goes on, and ends with every claim paid', async () => {
        const waits = await run('--until', 'restore');
        expect(waits.code, waits.stderr).toBe(3);
        expect(waits.stderr).toContain('the time to nominate lasts until');
        const tree = await at.world.tree();
        const { code, result, stderr } = await run('--warp');
        expect(code, stderr).toBe(0);
        const held = String(at.held);
        expect(result).toMatchObject({
            domain: at.domain,
            phase: constants.phase.OPERATING,
            incident: await at.world.incident(),
            snapshot: { root: Buffer.from(tree.root.hash).toString('hex'), total: held, count: String(tree.count) },
            restoration: { total: held, shared: held, paid: held },
            books: { paid: held, left: '0', dust: '0' },
            unpaid: [],
        });
        expect(at.world.readDomain().state).toBe(constants.phase.OPERATING);
    });
});

test('the README’s examples are code that is type-checked: each names its file, and occurs there line by line', () => {
    const lines = readFileSync(path('../README.md'), 'utf8').split('\n');
    const trimmed = (file: string) =>
        readFileSync(path(`../${file}`), 'utf8')
            .split('\n')
            .map((line) => line.trim());
    const blocks = lines.flatMap((line, i) => (line === '```ts' ? [i] : []));
    expect(blocks.length).toBeGreaterThan(2);
    for (const begin of blocks) {
        const file = /^<!-- (examples\/\S+) -->$/.exec(lines[begin - 1] ?? '')?.[1];
        expect(file, `README.md:${begin + 1} names no file`).toBeDefined();
        const source = trimmed(file as string).filter((line) => line !== '');
        const shown = lines.slice(begin + 1, lines.indexOf('```', begin)).map((line) => line.trim());
        for (const line of shown.filter((each) => each !== '')) {
            expect(source, `README.md:${begin + 1}`).toContain(line);
        }
    }
});
