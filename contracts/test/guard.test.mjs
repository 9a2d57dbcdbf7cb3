// The guard, and what one guardian may do at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, HOUR, refuses } from './chain.mjs';
import { DEFAULT_MASK, FROZEN, PAUSE, VAULT, WHOLE, World, action, people } from './world.mjs';

const [guardian, other] = people.guardians;

test('a guardian closes in one transaction, and it lapses by itself', async () => {
    const world = await World.create();
    const { vault } = world;
    await vault.send(people.anyone, 'deposit', [5]);
    await vault.send(people.anyone, 'withdraw', [1]);
    await vault.send(guardian, 'pause', [WHOLE, 0]);
    await refuses(vault.send(people.anyone, 'withdraw', [1]), 'ActionPaused');
    await vault.send(people.anyone, 'deposit', [5]);
    assert.equal(await world.closed(0), DEFAULT_MASK);
    world.pass(PAUSE - 1n);
    await refuses(vault.send(people.anyone, 'withdraw', [1]), 'ActionPaused');
    world.pass(1n);
    await vault.send(people.anyone, 'withdraw', [1]);
});

test('a pause of one compartment leaves the others open, and one in force is only extended', async () => {
    const world = await World.create();
    await world.vault.send(guardian, 'pause', [VAULT, action.WITHDRAW]);
    world.pass(HOUR);
    await world.vault.send(other, 'pause', [VAULT, action.TRADE]);
    assert.equal(await world.closed(), action.WITHDRAW | action.TRADE);
    assert.equal(await world.closed(4), 0);
    assert.equal(await world.closed(WHOLE), 0);
    world.pass(PAUSE - 1n);
    assert.equal(await world.closed(), action.WITHDRAW | action.TRADE);
    world.pass(1n);
    assert.equal(await world.closed(), 0);
});

test('a stolen guardian runs out of pauses', async () => {
    const world = await World.create();
    const pause = () => world.vault.send(guardian, 'pause', [WHOLE, 0]);
    await pause();
    await pause();
    await refuses(pause(), 'GuardianPauseLimitReached');
    world.pass(DAY);
    await pause();
    world.pass(DAY);
    await refuses(pause(), 'GuardianPauseLimitReached');
    // It has to lapse, and as much time has to pass again.
    world.pass(DAY - 1n);
    await refuses(pause(), 'GuardianPauseLimitReached');
    world.pass(1n);
    assert.equal(await world.closed(), 0);
    for (let i = 0; i < 3; i++) {
        await pause();
        world.pass(4n * DAY);
    }
    await refuses(pause(), 'NoPauseRights');
});

test('the guardians together freeze everything but claims, and it ends even if nobody decides', async () => {
    const world = await World.create();
    await world.vault.send(guardian, 'confirmFreeze');
    await refuses(world.vault.send(guardian, 'confirmFreeze'), 'AlreadyConfirmed');
    assert.equal(await world.closed(), 0);
    // A confirmation counts no longer than a pause.
    world.pass(PAUSE);
    await world.vault.send(other, 'confirmFreeze');
    assert.equal(await world.closed(), 0);
    await world.vault.send(guardian, 'confirmFreeze');
    assert.equal(await world.closed(), FROZEN);
    assert.equal((await world.closed()) & action.CLAIM, 0);
    world.pass(30n * DAY - 1n);
    assert.equal(await world.closed(), FROZEN);
    world.pass(1n);
    assert.equal(await world.closed(), 0);
});

test('only guardians tighten, and nonsense is refused', async () => {
    const { vault } = await World.create();
    for (const stranger of [people.anyone, people.approvers[0], people.vetoers[0]]) {
        await refuses(vault.send(stranger, 'pause', [WHOLE, 0]), 'RoleMissing');
        await refuses(vault.send(stranger, 'confirmFreeze'), 'RoleMissing');
    }
    for (const scope of [64, 254]) await refuses(vault.send(guardian, 'pause', [scope, 0]), 'CompartmentOutOfRange');
    await refuses(vault.read('requireOpen', 0, VAULT), 'NoSuchAction');
    for (const compartment of [64, 255]) await refuses(vault.read('requireOpen', 1, compartment), 'NoSuchAction');
    await refuses(vault.read('closed', 64), 'NoSuchAction');
});

test('a host beside its board is guarded too, and a board that is none stops it', async () => {
    const world = await World.create();
    const host = await world.chain.deploy(people.anyone, 'GuardedVault', [world.vault.address]);
    await host.send(people.anyone, 'deposit', [5]);
    await host.send(people.anyone, 'withdraw', [1]);
    await world.vault.send(guardian, 'pause', [VAULT, action.WITHDRAW]);
    await assert.rejects(host.send(people.anyone, 'withdraw', [1]));
    const nowhere = await world.chain.deploy(people.anyone, 'GuardedVault', [people.anyone.address]);
    await nowhere.send(people.anyone, 'deposit', [5]);
    await assert.rejects(nowhere.send(people.anyone, 'withdraw', [1]));
});
