// Loosening is never instant for anyone, and nobody stops it for good.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, HOUR, refuses } from './chain.mjs';
import {
    APPROVER,
    FROZEN,
    GUARDIAN,
    VETOER,
    WHOLE,
    World,
    action,
    kind,
    people,
    peerArgs,
    plan,
    planArgs,
    terms,
} from './world.mjs';

const { anyone, guardians, approvers, vetoers } = people;
const execute = (world, id, what = kind.Unpause, args = '0x') => world.vault.send(anyone, 'execute', [id, what, args]);

async function proposed(world, what = kind.Unpause, args = '0x', by = approvers[0]) {
    const { events } = await world.vault.send(by, 'propose', [what, args]);
    return events[0].args;
}

test('a freeze opens by a proposal, after its delay and not before', async () => {
    const world = await World.create();
    for (const guardian of guardians) await world.vault.send(guardian, 'confirmFreeze');
    const { id, hash, mark } = await proposed(world);
    world.pass(DAY);
    await refuses(execute(world, id), 'NotApproved');
    const approve = (by) => world.vault.send(by, 'approve', [id, hash, mark]);
    await approve(approvers[0]);
    await refuses(approve(approvers[0]), 'AlreadyApproved');
    await refuses(execute(world, id), 'NotApproved');
    await approve(approvers[1]);
    world.pass(DAY - 1n);
    await refuses(execute(world, id), 'DelayNotPassed');
    assert.equal(await world.closed(), FROZEN);
    world.pass(1n);
    await execute(world, id);
    assert.equal(await world.closed(), 0);
    await refuses(execute(world, id), 'ProposalNotOpen');
});

test('nobody else loosens, and approvals name what they approve', async () => {
    const world = await World.create();
    for (const stranger of [anyone, guardians[0], vetoers[0]]) {
        await refuses(world.vault.send(stranger, 'propose', [kind.Unpause, '0x']), 'RoleMissing');
    }
    const { id, hash, mark } = await proposed(world);
    await refuses(world.vault.send(vetoers[0], 'approve', [id, hash, mark]), 'RoleMissing');
    await refuses(world.vault.send(approvers[0], 'approve', [id, '0x' + '00'.repeat(32), mark]), 'ApprovalMismatch');
    await refuses(world.vault.send(approvers[0], 'approve', [id, hash, hash]), 'ApprovalMismatch');
    await refuses(world.vault.send(approvers[0], 'approve', [id + 1n, hash, mark]), 'ProposalNotOpen');
    const matured = await world.mature(kind.Unpause);
    await refuses(execute(world, matured, kind.ChangeCouncil, planArgs(plan())), 'ApprovalMismatch');
    world.pass(10n * DAY);
    await refuses(execute(world, matured), 'ProposalNotOpen');
});

test('an unpause opens what its proposers knew of and nothing newer, in the same block too', async () => {
    const world = await World.create();
    await world.vault.send(guardians[0], 'pause', [1, action.WITHDRAW]);
    const id = await world.mature(kind.Unpause);
    // The first pause has lapsed in the meantime; put another before and one behind a new proposal.
    await world.vault.send(guardians[0], 'pause', [1, action.WITHDRAW]);
    await execute(world, id);
    assert.equal(await world.closed(1), action.WITHDRAW, 'newer than the proposal');
    const { id: later, hash, mark } = await proposed(world);
    await world.vault.send(guardians[1], 'pause', [2, action.WITHDRAW]);
    for (const approver of approvers.slice(0, 2)) await world.vault.send(approver, 'approve', [later, hash, mark]);
    world.pass(DAY - 1n);
    await refuses(execute(world, later), 'DelayNotPassed');
    assert.equal(await world.closed(1), action.WITHDRAW);
    assert.equal(await world.closed(2), action.WITHDRAW);
    const freeze = async () => {
        for (const guardian of guardians) await world.vault.send(guardian, 'confirmFreeze');
    };
    await freeze();
    world.pass(1n);
    await execute(world, later);
    assert.equal(await world.closed(2), FROZEN, 'a freeze that the proposal did not know of');
});

test('a veto stops a proposal and all that its proposer makes for a week', async () => {
    const world = await World.create();
    const id = await world.mature(kind.Unpause);
    await refuses(world.vault.send(approvers[0], 'veto', [approvers[0].address]), 'RoleMissing');
    await world.vault.send(vetoers[0], 'veto', [approvers[0].address]);
    await refuses(world.vault.send(vetoers[0], 'veto', [approvers[0].address]), 'AlreadyVetoed');
    await refuses(execute(world, id), 'VetoStands');
    const again = await world.mature(kind.Unpause);
    await refuses(execute(world, again), 'VetoStands');
    world.pass(7n * DAY);
    await refuses(execute(world, again), 'VetoStands');
    await execute(world, await world.mature(kind.Unpause));
});

test('one stolen vetoer does not stop every proposer', async () => {
    const world = await World.create();
    await world.vault.send(vetoers[0], 'veto', [approvers[0].address]);
    await world.vault.send(vetoers[0], 'veto', [approvers[1].address]);
    await refuses(world.vault.send(vetoers[0], 'veto', [approvers[2].address]), 'NoVetoRights');
    const id = await world.mature(kind.Unpause, '0x', approvers[2]);
    await execute(world, id);
    world.pass(7n * DAY);
    await world.vault.send(vetoers[0], 'veto', [approvers[2].address]);
});

test('nobody stops their own removal alone, and two who are removed do', async () => {
    const without = (...gone) => {
        const full = plan();
        const roles = full.roles.map((role, i) =>
            gone.some((wallet) => wallet.address === full.members[i]) ? GUARDIAN : role,
        );
        return planArgs({ ...full, roles });
    };
    const world = await World.create();
    const args = without(vetoers[0]);
    const id = await world.mature(kind.ChangeCouncil, args);
    await world.vault.send(vetoers[0], 'veto', [approvers[0].address]);
    await execute(world, id, kind.ChangeCouncil, args);
    assert.equal(await world.vault.read('rolesOf', vetoers[0].address), BigInt(GUARDIAN));

    const both = await World.create();
    const all = without(...vetoers);
    const take = await both.mature(kind.ChangeCouncil, all);
    for (const vetoer of vetoers) await both.vault.send(vetoer, 'veto', [approvers[0].address]);
    await refuses(execute(both, take, kind.ChangeCouncil, all), 'VetoStands');

    const other = await World.create();
    const kept = await other.mature(kind.ChangeCouncil, args);
    await other.vault.send(vetoers[1], 'veto', [approvers[0].address]);
    await refuses(execute(other, kept, kind.ChangeCouncil, args), 'VetoStands');
});

test('another council voids what was open, refills rights and ends confirmations', async () => {
    const world = await World.create();
    const stale = await world.mature(kind.Unpause);
    await world.vault.send(guardians[0], 'pause', [WHOLE, 0]);
    await world.vault.send(guardians[0], 'confirmFreeze');
    const args = planArgs(plan({ rules: { pauseRights: 9 } }));
    await world.decide(kind.ChangeCouncil, args);
    assert.equal(await world.vault.read('councilEpoch'), 2n);
    await refuses(execute(world, stale), 'ProposalNotOpen');
    assert.equal((await world.vault.read('budget', guardians[0].address)).left, 9n);
    await world.vault.send(guardians[1], 'confirmFreeze');
    assert.equal(await world.closed(), 0);
});

test('a council that cannot work is not proposed', async () => {
    const world = await World.create();
    const { members, roles } = plan();
    const approver = roles.indexOf(APPROVER);
    const swapped = [members[1], members[0], ...members.slice(2)];
    const wrong = [
        { members: [], roles: [] },
        { members: members.slice(1) },
        { members: swapped },
        { members: ['0x' + '00'.repeat(20), ...members.slice(1)] },
        { roles: roles.map((role, i) => (i === approver ? 0 : role)) },
        { roles: roles.map((role, i) => (i === approver ? 16 : role)) },
        // Two approvers are left, so one vetoer could stop them all.
        { roles: roles.map((role, i) => (i === approver ? VETOER : role)) },
    ];
    const rules = [
        { approvals: 0 },
        { approvals: 4 },
        { freezeThreshold: 0 },
        { freezeThreshold: 3 },
        { vetoRights: 0 },
    ];
    rules.push(
        { vetoRights: 3 },
        { delaySeconds: HOUR - 1n },
        { delaySeconds: 90n * DAY + 1n },
        { expirySeconds: 2n * DAY - 1n },
    );
    rules.push(
        { pauseSeconds: 0 },
        { pauseSeconds: 72n * HOUR + 1n },
        { freezeSeconds: DAY - 1n },
        { freezeSeconds: 91n * DAY },
    );
    rules.push(
        { pausesPerDay: 0 },
        { pausesInARow: 0 },
        { pauseRights: 0 },
        { defaultMask: 0 },
        { expirySeconds: 181n * DAY },
    );
    for (const change of [...wrong, ...rules.map((rule) => ({ rules: rule }))]) {
        const args = planArgs(plan(change));
        await refuses(world.vault.send(approvers[0], 'propose', [kind.ChangeCouncil, args]), 'InvalidCouncil');
    }
});

test('peers are set by proposals alone, and the later of two decisions holds', async () => {
    const world = await World.create();
    const [early, late] = [peerArgs(terms({ pauseRights: 1 })), peerArgs(terms({ pauseRights: 2 }))];
    const first = await world.mature(kind.RegisterPeer, early);
    const second = await world.mature(kind.RegisterPeer, late);
    await execute(world, second, kind.RegisterPeer, late);
    await refuses(execute(world, first, kind.RegisterPeer, early), 'DecidedSince');
    assert.equal((await world.vault.read('peerTerms', 1, terms().emitter)).pauseRights, 2n);
});

test('terms of a peer that cannot work are not proposed', async () => {
    const world = await World.create();
    const none = '0x' + '00'.repeat(32);
    const wrong = [
        { chain: 0 },
        { chain: 2 },
        { emitter: none },
        { sender: none },
        { transports: 4 },
        { remoteScope: 64 },
    ];
    wrong.push(
        { remoteMask: 0 },
        { maxAgeSeconds: 599 },
        { maxAgeSeconds: 72n * HOUR + 1n },
        { rotationSeconds: DAY - 1n },
    );
    wrong.push({ transports: 1 }, { rotationSeconds: 91n * DAY });
    for (const change of wrong) {
        const args = peerArgs(terms(change));
        await refuses(world.vault.send(approvers[0], 'propose', [kind.RegisterPeer, args]), 'InvalidPeer');
    }
    const keys = terms().attesters;
    const sets = [{ threshold: 2 }, { threshold: 6 }, { attesters: [] }, { attesters: [...keys].reverse() }];
    sets.push({ attesters: [keys[0], keys[0]], threshold: 2 }, { attesters: ['0x' + '00'.repeat(20)], threshold: 1 });
    for (const change of sets) {
        const args = peerArgs(terms(change));
        await refuses(world.vault.send(approvers[0], 'propose', [kind.RegisterPeer, args]), 'InvalidAttesterSet');
    }
});
