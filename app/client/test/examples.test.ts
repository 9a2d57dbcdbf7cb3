/** The example script as somebody outside runs it, and the pages' examples. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

const checkout = (file: string) => path(`../../../${file}`);
const pages = ['app/client/README.md', ...readdirSync(checkout('docs')).map((name) => `docs/${name}`)];

test('what pages show of TypeScript is type-checked: each block names its file, and occurs there line by line', () => {
    const trimmed = (file: string) =>
        readFileSync(file, 'utf8')
            .split('\n')
            .map((line) => line.trim());
    let blocks = 0;
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
        const lines = readFileSync(checkout(page), 'utf8').split('\n');
        // The client's own page is packed without the rest of the checkout, so its examples are named from there.
        const root = page.startsWith('docs/') ? checkout('') : path('../');
        for (const begin of lines.flatMap((line, i) => (line === '```ts' ? [i] : []))) {
            const place = `${page}:${begin + 1}`;
            const file = /^<!-- ((?:app\/client\/)?examples\/\S+) -->$/.exec(lines[begin - 1] ?? '')?.[1];
            expect(file, `${place} names no file`).toBeDefined();
            const source = trimmed(join(root, file as string));
            const shown = lines.slice(begin + 1, lines.indexOf('```', begin)).map((line) => line.trim());
            for (const line of shown.filter((each) => each !== '')) expect(source, place).toContain(line);
            blocks += 1;
        }
    }
    expect(blocks).toBeGreaterThan(4);
});
