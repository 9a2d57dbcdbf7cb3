/** Who watches the accounts sees what logs hide. */
import { address, type Address, type EncodedAccount } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { concat, toAddress } from '../src/bytes.ts';
import { decision, masks, readLogs, watch } from '../src/index.ts';
import { World } from './world.ts';

const MEMO = address('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const FORTY_MEMOS = Array.from({ length: 40 }, () => ({ programAddress: MEMO, accounts: [], data: new Uint8Array() }));

const seen = (world: World): watch.Accounts => watch.keep(world.domain, world.machine.accounts());
const names = (changes: readonly watch.Change[]) => changes.filter(({ matters }) => matters).map(({ event }) => event);

describe('watching', () => {
    test('logs can be filled, accounts cannot', async () => {
        const world = await World.active();
        const [guardian] = world.council;
        world.machine.ahead = FORTY_MEMOS;
        let before = seen(world);
        const paused = await world.pause(guardian);
        expect(readLogs(paused.logs)).toEqual({ events: [], truncated: true, failed: false });
        const changes = watch.changes(before, seen(world));
        expect(names(changes)).toEqual(expect.arrayContaining(['Paused', 'PauseRightBurnt']));
        const mask = masks.DEFAULT_EMERGENCY.toString(16).padStart(8, '0');
        expect(changes.find(({ event }) => event === 'Paused')?.details).toMatchObject([
            { field: 'domain.guardianPause', after: expect.stringContaining(`0x${mask}`) },
        ]);
        await world.freeze();
        before = seen(world);
        const incident = await world.incident();
        const { address: proposal } = await world.propose(decision('Resume', [{ incident }]));
        const proposed = watch.changes(before, seen(world));
        expect(proposed).toContainEqual(
            expect.objectContaining({ account: proposal, kind: 'Proposal', event: 'ProposalCreated', matters: true }),
        );
    });

    test('an incident is reported step by step', async () => {
        const world = await World.active(20);
        let before = seen(world);
        const step = (): string[] => {
            const now = seen(world);
            const changes = watch.changes(before, now);
            before = now;
            return names(changes);
        };
        await world.freeze();
        expect(step()).toEqual(
            expect.arrayContaining(['IncidentOpened', 'IncidentConfirmed', 'DomainFrozen', 'PhaseChanged']),
        );
        await world.snapshotAll();
        expect(step()).toEqual(expect.arrayContaining(['SnapshotOpened', 'SnapshotSealed']));
        await world.restore();
        expect(step()).toEqual(expect.arrayContaining(['ProposalCreated', 'ProposalExecuted', 'RestorationChosen']));
        expect(step()).toEqual([]);
    });

    test('the whole state is reported without an earlier one, and nothing of another domain', async () => {
        const world = await World.active();
        await world.pause(world.council[0]);
        const now = seen(world);
        expect(names(watch.changes(new Map(), now))).toEqual(
            expect.arrayContaining(['Paused', 'CouncilChanged', 'DomainOpened', 'LedgerRegistered']),
        );
        expect(watch.changes(now, now)).toEqual([]);
        const stranger = address('11111111111111111111111111111111');
        const foreign = (account: EncodedAccount): EncodedAccount => ({ ...account, programAddress: stranger });
        const newer = (account: EncodedAccount): EncodedAccount => ({
            ...account,
            data: concat(account.data.slice(0, 8), Uint8Array.of(9), account.data.slice(9)),
        });
        const all = world.machine.accounts();
        expect(watch.keep(world.domain, [...all.map(foreign), ...all.map(newer)]).size).toBe(0);
        expect(watch.keep(stranger, all).size).toBe(0);
    });

    test('every change of a byte is reported', async () => {
        const world = await World.active();
        await world.freeze();
        const now = seen(world);
        for (const [account, { kind, data }] of now) {
            for (let at = 9; at < data.length; at += 7) {
                const changed = new Map(now).set(account, {
                    kind,
                    data: data.slice().with(at, (data[at] as number) ^ 1),
                });
                const printed = watch.changes(now, changed);
                expect(
                    printed.length > 0 && printed.every((change) => change.account === account),
                    `${kind} ${at}`,
                ).toBe(true);
            }
            const without = new Map(now);
            without.delete(account);
            expect(watch.changes(now, without)).toMatchObject([{ account, kind }]);
        }
    });

    test('the questions find what belongs to a domain', async () => {
        const world = await World.active();
        await world.freeze();
        const all = world.machine.accounts();
        const ask = (owner: Address, of: watch.Kind): EncodedAccount[] =>
            watch
                .questions(owner, of)
                .flatMap(({ kind, offset, key }) =>
                    all.filter(({ data }) => watch.kindOf(data) === kind && holds(data as Uint8Array, offset, key)),
                );
        const own = ask(world.domain, 'Domain');
        const domain = all.filter(({ address }) => address === world.domain);
        expect(watch.keep(world.domain, [...domain, ...own])).toEqual(seen(world));
        expect(watch.questions(world.domain, 'Vault')).toMatchObject([
            { kind: 'CancelList' },
            { kind: 'DepositNote' },
            { kind: 'Release' },
        ]);
        expect(watch.questions(world.domain, 'Domain').length).toBeGreaterThan(15);
    });
});

const holds = (data: Uint8Array, offset: number, key: Address) => toAddress(data.slice(offset, offset + 32)) === key;
