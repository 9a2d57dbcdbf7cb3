// Gas of whole transactions, against the table that is checked in. `UPDATE_VECTORS=1` writes it anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
    VAULT,
    WHOLE,
    World,
    action,
    checkpointMessage,
    councilMessage,
    kind,
    pauseMessage,
    people,
    requestMessage,
    terms,
    vaa,
} from './world.mjs';

const { anyone, guardians, approvers, vetoers, checkpointer } = people;

async function measure() {
    const rows = [];
    const row = (what, { gas }) => rows.push([what, gas]);
    const world = await World.create();
    const { vault } = world;
    const send = (wallet, method, args = [], value) => vault.send(wallet, method, args, value);

    await send(anyone, 'deposit', [1_000]);
    await send(anyone, 'withdraw', [1]);
    const bare = (await send(anyone, 'withdrawUnguarded', [1])).gas;
    const guarded = (await send(anyone, 'withdraw', [1])).gas;
    rows.push(['the guard, inherited, while nothing is closed', guarded - bare]);
    const beside = await world.chain.deploy(anyone, 'GuardedVault', [vault.address]);
    await beside.send(anyone, 'deposit', [1_000]);
    await beside.send(anyone, 'withdraw', [1]);
    rows.push([
        'the guard of a host beside its board, while nothing is closed',
        (await beside.send(anyone, 'withdraw', [1])).gas - bare,
    ]);

    row('a guardian pauses one compartment', await send(guardians[0], 'pause', [VAULT, action.TRADE]));
    rows.push(['the guard, inherited, while something is closed', (await send(anyone, 'withdraw', [1])).gas - bare]);
    row('a guardian pauses the whole domain', await send(guardians[1], 'pause', [WHOLE, 0]));
    await send(guardians[0], 'confirmFreeze');
    row('the last guardian of a freeze', await send(guardians[1], 'confirmFreeze'));
    const { events, gas } = await send(approvers[0], 'propose', [kind.Unpause, '0x']);
    rows.push(['propose to unpause', gas]);
    const { id, hash, mark } = events[0].args;
    await send(approvers[0], 'approve', [id, hash, mark]);
    row('approve', await send(approvers[1], 'approve', [id, hash, mark]));
    world.pass(86_400n);
    row('execute an unpause, and send the request to resume', await send(anyone, 'execute', [id, kind.Unpause, '0x']));
    row('veto', await send(vetoers[0], 'veto', [approvers[0].address]));
    row('post a checkpoint', await send(checkpointer, 'postCheckpoint', [0, world.domain, 1, 1]));

    const hear = async (what, payload) => {
        const fresh = await World.create();
        row(what, await fresh.receiveAttested(payload));
        return fresh;
    };
    await hear('a pause by 3 of 5 attesters, one compartment', pauseMessage());
    await hear('a request to resume by 3 of 5 attesters', requestMessage());
    await hear('a checkpoint by 3 of 5 attesters', checkpointMessage());
    await hear('a council by 3 of 5 attesters', councilMessage());
    const bridged = await World.create();
    row(
        'a pause by the core bridge of the tests, 3 of 4 guardians',
        await bridged.vault.send(anyone, 'receiveWormhole', [vaa(pauseMessage())]),
    );
    const wide = await World.create({ peers: [terms({ compartments: (1n << 16n) - 1n })] });
    row('a pause that closes 16 compartments', await wide.receiveAttested(pauseMessage()));
    const all = await World.create({ peers: [terms({ compartments: (1n << 64n) - 1n })] });
    row('a pause that closes all of them', await all.receiveAttested(pauseMessage()));
    rows.push(['deploy the example vault, council and one peer included', vault.gas]);
    return rows;
}

test('gas is what the table says', async () => {
    const rows = await measure();
    const thousands = (gas) => gas.toString().replace(/\B(?=(\d{3})+$)/g, ',');
    const lines = rows.map(([what, gas]) => `| ${what} | ${thousands(gas)} |`);
    const text = [
        '# Gas',
        'Whole transactions, or what the guard adds to one; solc 0.8.37 by IR, optimised for 200 runs, Cancun. `npm test` compares, `UPDATE_VECTORS=1 npm test` writes.',
        '',
        '| what | gas |',
        '|---|---:|',
        ...lines,
        '',
    ].join('\n');
    const file = new URL('../gas.md', import.meta.url);
    if (process.env.UPDATE_VECTORS) writeFileSync(file, text);
    assert.equal(readFileSync(file, 'utf8'), text);
});

test('the contract fits the chain', async () => {
    const { contracts } = await import('./chain.mjs');
    for (const [name, { deployed }] of Object.entries(contracts)) {
        assert.ok(deployed.length / 2 <= 24_576, `${name} has ${deployed.length / 2} bytes`);
    }
    // What docs/cross-chain.md promises to a protocol that inherits it; the vault is one.
    assert.ok(contracts.Vault.deployed.length / 2 <= 21_576, 'less than 3,000 bytes are left for a protocol');
});
