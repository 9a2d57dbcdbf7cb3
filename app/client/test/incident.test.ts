/** Pause, snapshot, restore and claim, through the client and against the built program. */
import { generateKeyPairSigner } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import {
    constants,
    decision,
    decisionHash,
    decodeSnapshotShard,
    masks,
    merkle,
    ProposalKind,
    proposalStatus,
    readProposal,
    decodeProposal,
    type BulkheadErrorName,
    type EventName,
} from '../src/index.ts';
import { Refused, type Landed } from './machine.ts';
import { GUARDIAN_PAUSE, DELAY } from './set-up.ts';
import { World } from './world.ts';

const { action } = masks;
const { phase } = constants;

async function refused(attempt: Promise<unknown>, name: BulkheadErrorName): Promise<void> {
    const error = await attempt.then(
        () => 'it was done',
        (reason: unknown) => (reason instanceof Refused ? (reason.errorName ?? reason.message) : reason),
    );
    expect(error).toBe(name);
}

const names = (landed: Landed): EventName[] => landed.events.map(({ name }) => name);

describe('pause', () => {
    test('one guardian closes everything but the exits, at once and for a time', async () => {
        const world = await World.active();
        const [guardian] = world.council;
        expect(world.readDomain().state).toBe(phase.OPERATING);
        expect(await world.isOpen(action.WITHDRAW)).toBe(true);

        const landed = await world.pause(guardian);
        const until = world.machine.now + GUARDIAN_PAUSE;
        expect(landed.events).toMatchObject([
            {
                name: 'Paused',
                data: {
                    guardian: guardian.address,
                    scope: constants.SCOPE_DOMAIN,
                    mask: masks.DEFAULT_EMERGENCY,
                    until,
                    rightsLeft: 2,
                },
            },
        ]);
        expect(await world.isOpen(action.WITHDRAW, 0)).toBe(false);
        expect(await world.isOpen(action.TRADE, 63)).toBe(false);
        for (const exit of [action.REPAY, action.CANCEL, action.DEPOSIT, action.CLAIM]) {
            expect(await world.isOpen(exit)).toBe(true);
        }
        world.machine.pass(GUARDIAN_PAUSE);
        expect(await world.isOpen(action.WITHDRAW)).toBe(true);
    });

    test('of one compartment, and of one action', async () => {
        const world = await World.active();
        await world.pause(world.council[0], 5, action.TRADE);
        expect(masks.actionNames(masks.effectiveMask(await world.readBoard(), 5, world.machine.now))).toEqual([
            'TRADE',
        ]);
        expect(masks.effectiveMask(await world.readBoard(), 4, world.machine.now)).toBe(0);
    });

    test('refuses by name', async () => {
        const world = await World.active();
        await refused(world.pause(await generateKeyPairSigner()), 'NotAMember');
        await refused(world.pause(world.council[0], 64), 'CompartmentOutOfRange');
        for (let right = 0; right < 3; right++) await world.pause(world.council[0]);
        await refused(world.pause(world.council[0]), 'NoPauseRights');
        expect((await world.readCouncil()).members.slice(0, 3).map(({ pauseRights }) => pauseRights)).toEqual([
            0, 3, 3,
        ]);
    });

    test('the guardians’ threshold holds until a proposal unpauses it', async () => {
        const world = await World.active();
        const events = (await world.freeze()).map(names);
        expect(events).toEqual([['IncidentOpened'], ['IncidentConfirmed'], ['IncidentConfirmed', 'DomainFrozen']]);
        world.machine.pass(30n * 86_400n);
        expect(await world.isOpen(action.WITHDRAW)).toBe(false);
        expect(world.readDomain()).toMatchObject({ state: phase.FROZEN, openIncident: await world.incident() });
    });
});

describe('snapshot', () => {
    test('the sealed root and every shard are those of the tree built here', async () => {
        const world = await World.active(120);
        await world.freeze();
        const sealed = await world.snapshotAll();
        const tree = await world.tree();
        const snapshot = await world.readSnapshot();
        expect(sealed.events).toMatchObject([
            { name: 'SnapshotSealed', data: { root: tree.root.hash, total: tree.root.sum, count: BigInt(tree.count) } },
        ]);
        expect(snapshot).toMatchObject({ root: tree.root.hash, total: tree.root.sum, tag: tree.tag });
        expect(snapshot.shards.map(({ root, count }) => ({ root, count }))).toEqual(
            tree.shards.map(({ root, leaves }) => ({ root, count: leaves.length })),
        );
        for (const number of world.shardNumbers()) {
            const shard = world.machine.read(await world.shard(number), decodeSnapshotShard);
            expect(shard.canopy).toEqual(tree.shards[number]?.canopy);
            tree.shards[number]?.leaves.forEach(({ key }) => {
                const { index, proof, ...position } = tree.proof(key);
                expect(merkle.verifyLeaf(shard, snapshot.seals, index, position, proof)).toBe(true);
            });
        }
    });

    test('a shard of several levels', async () => {
        const world = await World.active(600);
        await world.freeze();
        await world.snapshotAll();
        const tree = await world.tree();
        expect(Math.max(...tree.shards.map(({ canopyHeight }) => canopyHeight))).toBeGreaterThan(1);
        expect((await world.readSnapshot()).root).toEqual(tree.root.hash);
    });

    test('refuses by name', async () => {
        const world = await World.active(80);
        await world.alarm();
        await refused(world.openSnapshot(), 'WrongPhase');
        await world.confirm();
        await world.openSnapshot();
        const number = world.shardNumbers().find((each) => world.keysOf(each).length > 1) as number;
        const keys = world.keysOf(number);
        await world.openShard(number);
        await refused(world.ingest(number, [...keys].reverse()), 'PositionsNotAscending');
        await refused(world.ingest(number, [keys[0]!, keys[0]!]), 'PositionsNotAscending');
        await refused(
            world.ingest(number, world.keysOf(world.shardNumbers().find((each) => each !== number)!)),
            'WrongShard',
        );
        await refused(world.ingest(number, [world.mint]), 'NotAPosition');
        await world.ingest(number, keys);
        await refused(world.seal([number]), 'TotalMismatch');
    });
});

describe('restore and claim', () => {
    test('every claim is paid once, in proportion, and never more than the pool', async () => {
        const world = await World.active(40);
        await world.freeze();
        await world.snapshotAll();
        const chosen = await world.restore();
        expect(names(chosen)).toEqual(['RestorationChosen']);
        expect(world.readDomain().state).toBe(phase.RECOVERING);

        const tree = await world.tree();
        const pool = (tree.root.sum * 2n) / 3n;
        const opened = await world.shareOut(pool);
        expect(names(opened)).toEqual(['RestorationFunded', 'SharedOut', 'ClaimPageOpened']);

        let paid = 0n;
        for (const { key, owner, amount } of world.positions.filter((position) => position.amount > 0n)) {
            const destination = await world.fund(owner, world.mint, 0n);
            const due = merkle.payoutFloor(amount, pool, tree.root.sum)!;
            const { events } = await world.claim(tree.proof(key));
            expect(events).toMatchObject([{ name: 'ClaimPaid', data: { owner, destination, amount: due } }]);
            expect(world.tokens(destination)).toBe(due);
            paid += due;
        }
        expect(paid).toBeLessThanOrEqual(pool);
        expect(await world.readRestoration()).toMatchObject({ paid, shared: pool, total: tree.root.sum });
    });

    test('the protocol reopens by a proposal, at a share of its limits and with a grace period', async () => {
        const world = await World.active(20);
        await world.freeze();
        await world.snapshotAll();
        await world.restore();
        expect(await world.isOpen(action.WITHDRAW)).toBe(false);
        expect(names(await world.reopen(2_500, 3_600n))).toEqual(['DomainReopened']);
        expect(world.readDomain().state).toBe(phase.OPERATING);
        expect(await world.isOpen(action.WITHDRAW)).toBe(true);
        expect(await world.isOpen(action.LIQUIDATE)).toBe(false);
        expect(masks.rampBps(await world.readBoard(), 0)).toBe(2_500);
        world.machine.pass(3_600n);
        expect(await world.isOpen(action.LIQUIDATE)).toBe(true);
    });

    test('what arrives later is shared out on top', async () => {
        const world = await World.active(20);
        await world.freeze();
        await world.snapshotAll();
        await world.restore();
        const tree = await world.tree();
        const { key, owner, amount } = world.positions[1]!;
        const destination = await world.fund(owner, world.mint, 0n);
        const first = tree.root.sum / 2n;
        await world.shareOut(first);
        await world.claim(tree.proof(key));
        expect(world.tokens(destination)).toBe(merkle.payoutFloor(amount, first, tree.root.sum));
        await refused(world.claim(tree.proof(key)), 'AlreadyClaimed');
        await world.shareOut(tree.root.sum - first, false);
        await world.claim(tree.proof(key));
        expect(world.tokens(destination)).toBe(amount);
    });

    test('refuses by name', async () => {
        const world = await World.active(40);
        await world.freeze();
        await world.snapshotAll();
        await world.restore();
        const tree = await world.tree();
        await world.shareOut(tree.root.sum);
        await refused(world.shareOut(1n, false), 'NothingToMove');
        const position = world.positions[1]!;
        const leaf = tree.proof(position.key);
        await world.fund(position.owner, world.mint, 0n);
        const thief = await generateKeyPairSigner();
        const stolen = await world.fund(thief.address, world.mint, 0n);

        await refused(world.claim({ ...leaf, amount: leaf.amount + 1n }), 'InvalidProof');
        await refused(world.claim({ ...leaf, index: leaf.index + 1 }), 'InvalidProof');
        await refused(world.claim({ ...leaf, proof: new Uint8Array(leaf.proof.length + 40) }), 'InvalidProof');
        await refused(world.claim({ ...leaf, owner: thief.address }), 'InvalidProof');
        await refused(world.claim(leaf, stolen), 'OwnerMustSign');
        await world.claim(leaf);
        await refused(world.claim(leaf), 'AlreadyClaimed');
    });
});

describe('proposals', () => {
    test('nothing is executed before its time, nor with another payload', async () => {
        const world = await World.active(20);
        await world.freeze();
        await world.snapshotAll();
        await world.vote();
        const chosen = decision('ChooseRestoration', [await world.restorationArgs()]);
        const hash = decisionHash(chosen);
        const { address: proposal, data } = await world.propose(chosen);
        expect(data).toMatchObject({
            kind: ProposalKind.ChooseRestoration,
            payloadHash: hash,
            class: constants.proposalClass.RESTORATION,
        });
        const account = world.machine.account(proposal);
        if (!account.exists) throw new Error('the proposal is gone');
        expect(readProposal({ data, bytes: account.data })).toEqual(chosen);

        const status = async () =>
            proposalStatus(world.machine.read(proposal, decodeProposal), await world.readCouncil(), {
                now: world.machine.now,
                slot: world.machine.slot,
            });
        const [first, second] = world.council;
        await refused(world.chooseRestoration(proposal), 'NotApproved');
        await refused(world.approve(first, proposal, new Uint8Array(32)), 'ApprovalMismatch');
        await world.approve(first, proposal, hash);
        await refused(world.approve(first, proposal, hash), 'AlreadyApproved');
        expect(await status()).toBe('collecting');
        await world.approve(second, proposal, hash);
        expect(await status()).toBe('waiting');
        world.machine.pass(DELAY - 1n);
        await refused(world.chooseRestoration(proposal), 'DelayNotPassed');
        world.machine.pass(1n);
        expect(await status()).toBe('ready');
        await world.chooseRestoration(proposal);
        expect(await status()).toBe('executed');
    });
});
