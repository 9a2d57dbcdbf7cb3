/** Opening a domain from a file: what is read, what is planned, and what it does to a chain. */
import { readFileSync } from 'node:fs';
import { generateKeyPairSigner, type Address } from '@solana/kit';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';

import {
    allSteps,
    ConfigError,
    openDomain,
    parseConfig,
    PlanError,
    remainingSteps,
    requireDeployed,
    type Chain,
    type DomainConfig,
    type Found,
} from '../src/deploy/index.ts';
import {
    constants,
    decodeCouncil,
    decodeDomain,
    decodeLedger,
    decodeOutflowBreaker,
    decodeVault,
    masks,
    pdas,
} from '../src/index.ts';
import { concat, littleEndian } from '../src/bytes.ts';
import { Machine } from './machine.ts';
import { createMint, HOST, TOTAL_ACCOUNT } from './set-up.ts';
import { World } from './world.ts';

const EXAMPLE = readFileSync(new URL('../../../migrations/domain.example.toml', import.meta.url), 'utf8');
const example = (change: (text: string) => string = (text) => text) => parseConfig(change(EXAMPLE), 'domain.toml');
const replaced = (from: string | RegExp, to: string) => () =>
    example((text) => {
        expect(text).toMatch(from);
        return text.replace(from, to);
    });

describe('a configuration', () => {
    test('the example is read in full', () => {
        const config = example();
        expect(config).toMatchObject({ quorumBps: 1_000, voteSeconds: 259_200n, activate: false });
        expect(config.council).toMatchObject({ freezeThreshold: 2, defaultMask: masks.DEFAULT_EMERGENCY });
        expect(config.council.members.map(({ roles }) => roles)).toEqual([7, 7, 3]);
        expect(config.council.policies.map(({ delaySeconds }) => delaySeconds)).toEqual([
            86_400n,
            259_200n,
            172_800n,
            172_800n,
        ]);
        expect(config.vaults[0]?.breaker).toMatchObject({
            limit: 1_000_000_000_000n,
            tripScope: constants.SCOPE_DOMAIN,
            shard: 0,
        });
        const [ledger] = config.ledgers;
        expect(ledger?.filters.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([[0, 8]]);
        expect(ledger).toMatchObject({ lengthRule: 0, slots: null, export: null });
        expect(ledger?.amounts.map(({ width }) => width)).toEqual([8]);
    });

    test('a layout can have every part there is', () => {
        const several = replaced(
            /amount_offset = .*\namount_width = .*\n/,
            [
                'total_width = 16',
                'amounts = [{ offset = 40, width = 16, flags = 5 }, { offset = 0 }]',
                'scale = { divisor = "1000000000000000000", shift = 48 }',
                'slots = { offset = 48, stride = 104, count = 16, filter = { offset = 1, hex = "0a0b" } }\n',
            ].join('\n'),
        );
        expect(several().ledgers[0]).toMatchObject({
            total: { width: 16, unit: 0 },
            amounts: [
                { offset: 40, width: 16, flags: 5 },
                { offset: 0, width: 8, flags: 0 },
            ],
            scale: { multiplier: 1n, divisor: 10n ** 18n, shift: 48 },
            slots: { count: 16, usedWidth: 0, filter: { offset: 1, bytes: Uint8Array.of(10, 11) } },
            export: null,
        });
        const exported = replaced(
            /owner_offset = .*\namount_offset = .*\namount_width = .*\n/,
            `export = { program = "${HOST}", hex = "01", accounts = [{ address = "${HOST}" }] }\n`,
        );
        expect(exported().ledgers[0]).toMatchObject({
            ownerOffset: 0,
            amounts: [],
            export: { program: HOST, data: Uint8Array.of(1), accounts: [HOST] },
        });
    });

    test('JSON says the same', () => {
        expect(parseConfig(JSON.stringify(parseToml(EXAMPLE)), 'domain.json')).toEqual(example());
        expect(() => parseConfig('{', 'domain.json')).toThrow('domain.json');
    });

    test.each([
        ['an unknown key', replaced('quorum_bps', 'quorum_bp'), 'quorum_bps: is missing'],
        ['a key nobody knows', replaced('activate =', 'colour = "blue"\nactivate ='), 'unknown: colour'],
        ['a nested one', replaced('freeze_threshold', 'colour = 1\nfreeze_threshold'), 'unknown: council.colour'],
        ['no address', replaced(/host_program = ".*"/, 'host_program = "host"'), 'host_program: must be an address'],
        ['a number out of range', replaced(/quorum_bps = \d+/, 'quorum_bps = 10001'), 'from 1 to 10000'],
        ['a fraction', replaced(/quorum_bps = \d+/, 'quorum_bps = 0.5'), 'a whole number'],
        ['an unknown role', replaced('"vetoer"', '"king"'), 'king is none'],
        [
            'negative time',
            replaced(/vote_seconds = \d+/, 'vote_seconds = -1'),
            'vote_seconds: must be a number of seconds',
        ],
        ['odd hex', replaced(/hex = ".*"/, 'hex = "abc"'), 'ledgers[0].filters[0].hex'],
        [
            'a fifth filter',
            replaced(
                '[[ledgers.filters]]',
                `${'[[ledgers.filters]]\noffset = 0\nhex = "00"\n'.repeat(4)}[[ledgers.filters]]`,
            ),
            'ledgers[0].filters: at most 4',
        ],
        ['no TOML at all', () => example(() => '= ='), 'domain.toml'],
    ])('%s is refused', (_, read, message) => {
        expect(read).toThrow(ConfigError);
        expect(read).toThrow(message);
    });
});

describe('a plan', () => {
    const nothing: Found = { existing: new Set(), phase: undefined, routes: new Map() };
    const names = (steps: readonly { name: string }[]) => steps.map(({ name }) => name);
    const setupAuthority = HOST;

    test('is in the order it can be done in', async () => {
        const steps = await allSteps({ ...example(), activate: true }, setupAuthority);
        const expected = [
            'open_domain',
            'open_breaker',
            'open_vault',
            'register_evacuation_route',
            'register_ledger',
            'activate_domain',
        ];
        expect(names(steps)).toEqual(expected);
        expect(remainingSteps(steps, nothing)).toEqual(steps);
    });

    test('leaves out what is there', async () => {
        const steps = await allSteps(example(), setupAuthority);
        const existing = new Set(steps.slice(0, 3).map(({ target }) => target));
        const found = { ...nothing, existing, phase: constants.phase.SETUP };
        expect(names(remainingSteps(steps, found))).toEqual(['register_evacuation_route', 'register_ledger']);
        const route = steps.find((step) => step.name === 'register_evacuation_route');
        if (route?.name !== 'register_evacuation_route') throw new Error('the example has a route');
        const other = new Map<Address, Address>([[route.target, HOST]]);
        expect(names(remainingSteps(steps, { ...found, routes: other }))).toContain('register_evacuation_route');
        const same = new Map([[route.target, route.destination]]);
        expect(names(remainingSteps(steps, { ...found, routes: same }))).toEqual(['register_ledger']);
    });

    test('needs a proposal after set-up', async () => {
        const steps = await allSteps({ ...example(), activate: true }, setupAuthority);
        const found = { ...nothing, existing: new Set([steps[0]!.target]), phase: constants.phase.OPERATING };
        expect(() => remainingSteps(steps, found)).toThrow(PlanError);
        const all = { ...found, existing: new Set(steps.map(({ target }) => target)) };
        const routes = new Map(
            steps.flatMap((step) =>
                step.name === 'register_evacuation_route' ? [[step.target, step.destination]] : [],
            ),
        );
        expect(remainingSteps(steps, { ...all, routes })).toEqual([]);
    });
});

describe('a deployment', () => {
    const chainOf = (machine: Machine): Chain => ({
        account: async (address) => machine.account(address),
        send: async (instruction) => `${(await machine.send(instruction)).computeUnits} CU`,
    });

    /** The example, with accounts that are there. */
    async function prepared() {
        const machine = await Machine.start();
        const mint = await createMint(machine);
        machine.write(TOTAL_ACCOUNT, HOST, concat(new Uint8Array(8), littleEndian(0, 8)));
        const base = example();
        const vault = base.vaults[0]!;
        const config: DomainConfig = {
            ...base,
            hostProgram: HOST,
            governanceMint: mint,
            vaults: [{ ...vault, mint, route: undefined }],
            ledgers: base.ledgers.map((ledger) => ({
                ...ledger,
                program: HOST,
                mint,
                total: { ...ledger.total, account: TOTAL_ACCOUNT, program: HOST },
            })),
            activate: true,
        };
        const lines: string[] = [];
        const chain = chainOf(machine);
        const setupAuthority = await generateKeyPairSigner();
        const input = {
            chain,
            config,
            setupAuthority,
            payer: machine.payer,
            report: (line: string) => void lines.push(line),
        };
        return { machine, mint, config, lines, chain, setupAuthority, input };
    }

    test('does everything once, and nothing the second time', async () => {
        const { machine, mint, config, setupAuthority, input, lines } = await prepared();
        expect(await openDomain({ ...input, dryRun: true })).toHaveLength(5);
        const domain = await pdas.domain(setupAuthority.address);
        expect(machine.account(domain).exists).toBe(false);
        expect(lines.every((line) => line.startsWith('would do'))).toBe(true);

        await openDomain(input);
        expect(machine.read(domain, decodeDomain)).toMatchObject({
            state: constants.phase.OPERATING,
            governanceMint: mint,
        });
        const council = machine.read(await pdas.council(domain), decodeCouncil);
        expect(council.members.slice(0, 3).map(({ key }) => key)).toEqual(config.council.members.map(({ key }) => key));
        const vault = await pdas.vault(domain, mint, 0);
        const breaker = await pdas.outflowBreaker(domain, 0, mint, 0);
        expect(machine.read(vault, decodeVault)).toMatchObject({ breaker, operator: config.vaults[0]?.operator });
        expect(machine.read(breaker, decodeOutflowBreaker)).toMatchObject({ authority: vault, subWindows: 12 });
        expect(machine.read(await pdas.ledger(domain, 0), decodeLedger)).toMatchObject({
            program: HOST,
            totalProgram: HOST,
            amountCount: 1,
        });

        lines.length = 0;
        expect(await openDomain(input)).toEqual([]);
        expect(lines.every((line) => line.startsWith('exists'))).toBe(true);
    });

    test('resumes where it stopped', async () => {
        const { chain, input } = await prepared();
        let left = 2;
        const breaking: Chain = {
            ...chain,
            send: async (instruction) => {
                if (left-- === 0) throw new Error('the line is cut');
                return chain.send(instruction);
            },
        };
        await expect(openDomain({ ...input, chain: breaking })).rejects.toThrow('cut');
        expect((await openDomain(input)).map(({ name }) => name)).toEqual([
            'open_vault',
            'register_ledger',
            'activate_domain',
        ]);
    });

    test('registers a route', async () => {
        const world = await World.setUp(1);
        const destination = await world.fund(world.voter.address, world.mint, 0n);
        const base = example();
        const config: DomainConfig = {
            ...base,
            vaults: [{ ...base.vaults[0]!, mint: world.mint, route: destination }],
            ledgers: [],
        };
        const { setupAuthority, payer, machine } = world;
        const steps = await openDomain({ chain: chainOf(machine), config, setupAuthority, payer });
        expect(steps.map(({ name }) => name)).toEqual(['register_evacuation_route']);
        const vault = machine.read(await pdas.vault(world.domain, world.mint, 0), decodeVault);
        expect(vault.route).toBe(destination);
    });

    test('needs the program', async () => {
        const { chain } = await prepared();
        await requireDeployed(chain);
        const empty: Chain = { ...chain, account: async (address) => ({ address, exists: false }) };
        await expect(requireDeployed(empty)).rejects.toThrow(PlanError);
    });
});
