/** A snapshot that several crankers read, and one that does not add up exactly. */
import { generateKeyPairSigner, type Address, type KeyPairSigner } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { confirm, snapshot, type Session } from '../src/flows/index.ts';
import { constants, merkle, pdas } from '../src/index.ts';
import { FlowWorld, Notes } from './flow-world.ts';
import { dying, Killed, OnMachine } from './on-machine.ts';
import { DAY, HOST, LEDGER_INDEX, writePosition, writeTotal } from './set-up.ts';

const ledgerIndex = LEDGER_INDEX;

/** A key in the first shard that no forged position has. */
const LATE = '11111111111111111111111111111112' as Address;

async function frozen(count: number, of: Parameters<typeof FlowWorld.start>[1] = {}): Promise<FlowWorld> {
    const at = await FlowWorld.start(count, of);
    for (const guardian of at.guardians.slice(0, 2)) await confirm(at.session(), { domain: at.domain, guardian });
    return at;
}

/** Another cranker, whose transactions the machine's payer pays for. */
async function another(at: FlowWorld): Promise<Readonly<{ key: KeyPairSigner; chain: OnMachine; session: Session }>> {
    const key = await generateKeyPairSigner();
    const chain = new OnMachine(at.world.machine, [...at.world.council, key]);
    return { key, chain, session: { chain, report: new Notes(), parallel: 1 } };
}

async function killedAfter(
    sends: number,
    session: Session,
    run: (session: Session) => Promise<unknown>,
): Promise<void> {
    const chain = dying(session.chain, sends, false);
    await expect(run({ ...session, chain, parallel: 1 })).rejects.toBeInstanceOf(Killed);
}

const sealed = (at: FlowWorld) => at.world.readSnapshot();

describe('two crankers', () => {
    test('use what the other has read completely, and read again what the other has begun', async () => {
        const at = await frozen(70, { shards: 2 });
        const { domain } = at;
        const { key, session } = await another(at);
        const other = (of: Session) => snapshot(of, { domain, ledgerIndex, cranker: key.address });
        // Opened, one shard read in two transactions, half of the other.
        await killedAfter(4, session, other);
        const done = await snapshot(at.session(), { domain, ledgerIndex });
        // The other shard in two transactions, and the seal.
        expect(done.receipts.length).toBe(3);
        expect((await sealed(at)).root).toEqual((await at.world.tree()).root.hash);
        await expect(other(session)).resolves.toMatchObject({ receipts: [] });
    });

    test('sign for their own shards where the sum is not exactly the total', async () => {
        const at = await frozen(70, { shards: 2, toleranceBps: 100 });
        const { domain } = at;
        writeTotal(at.world.machine, at.held + 10n);
        const { key, session } = await another(at);
        const other = (of: Session) => snapshot(of, { domain, ledgerIndex, cranker: key.address });
        await killedAfter(5, session, other);
        // All is read, and its cranker has not sealed it. This cranker reads everything again.
        const done = await snapshot(at.session(), { domain, ledgerIndex });
        expect(done).toMatchObject({ excess: 0n, shortfall: 10n });
        expect(done.receipts.length).toBe(5);
        expect(at.notes.notes.some((note) => note.includes("reading others' shards again"))).toBe(true);
    });
});

describe('a shard', () => {
    test('of this cranker that left a position out is closed and read again', async () => {
        const at = await frozen(40, { shards: 1 });
        const { domain, world } = at;
        await world.openSnapshot();
        await world.openShard(0);
        const keys = world.keysOf(0);
        await world.ingest(0, keys.slice(1, 9));
        const done = await snapshot(at.session(), { domain, ledgerIndex });
        expect(done.total).toBe(at.held);
        expect(at.notes.notes.some((note) => note.includes('is read again'))).toBe(true);
    });

    test('that was read before a position changed is read again', async () => {
        const at = await frozen(40, { shards: 1 });
        const { domain, world } = at;
        await killedAfter(2, at.session(), (session) => snapshot(session, { domain, ledgerIndex }));
        const first = world.positions.find(({ key }) => key === world.keysOf(0)[1]) as merkle.Position;
        writePosition(world.machine, { ...first, amount: first.amount + 5n });
        writeTotal(world.machine, at.held + 5n);
        const done = await snapshot(at.session(), { domain, ledgerIndex });
        expect(done.total).toBe(at.held + 5n);
    });
});

test('an account of the host without a position’s bytes is none', async () => {
    const at = await frozen(8);
    const { domain, world } = at;
    const stray = (await generateKeyPairSigner()).address;
    world.machine.write(stray, HOST, new Uint8Array(48));
    const done = await snapshot(at.session(), { domain, ledgerIndex });
    expect(done.count).toBe(BigInt((await world.tree()).count));
});

describe('a seal that is not exactly the total', () => {
    test('is replaced by one that is nearer, for a day', async () => {
        const at = await frozen(40, { toleranceBps: 100 });
        const { domain, world } = at;
        writeTotal(world.machine, at.held + 10n);
        const first = await snapshot(at.session(), { domain, ledgerIndex });
        expect(first).toMatchObject({ shortfall: 10n });
        await expect(snapshot(at.session(), { domain, ledgerIndex })).resolves.toMatchObject({ receipts: [] });
        // A position that the node did not list before.
        const late = { key: LATE, owner: world.voter.address, amount: 10n };
        writePosition(world.machine, late);
        const { key, session } = await another(at);
        const second = await snapshot(session, { domain, ledgerIndex, cranker: key.address });
        expect(second).toMatchObject({ shortfall: 0n, total: at.held + 10n });
        expect((await sealed(at)).seals).toBe(2);
    });

    test('stays once the day is over', async () => {
        const at = await frozen(40, { toleranceBps: 100 });
        const { domain, world } = at;
        writeTotal(world.machine, at.held + 10n);
        await snapshot(at.session(), { domain, ledgerIndex });
        writePosition(world.machine, { key: LATE, owner: world.voter.address, amount: 10n });
        at.pass(DAY);
        const again = await snapshot(at.session(), { domain, ledgerIndex });
        expect(again).toMatchObject({ receipts: [], shortfall: 10n });
    });
});

test('the payer pays for a cranker that holds nothing', async () => {
    const at = await frozen(8);
    const { key, session } = await another(at);
    const { domain } = at;
    await snapshot(session, { domain, ledgerIndex, cranker: key.address });
    expect(at.world.machine.account(key.address)).toMatchObject({ exists: false });
    const shard = await pdas.shard(await at.world.snapshot(), at.world.shardNumbers()[0] as number, key.address);
    expect(at.world.machine.account(shard)).toMatchObject({ exists: true });
    expect((await sealed(at)).state).toBe(constants.snapshotState.SEALED);
});
