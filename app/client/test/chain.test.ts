/** A deployment's transactions through a node: what the chain over a node does is tested in rpc-chain.test.ts. */
import { generateKeyPairSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { hostOf, rpcChain } from '../src/deploy/chain.ts';
import { customErrorCode, errorCode, getActivateDomainInstruction, pdas } from '../src/index.ts';
import { NodeOverMachine } from './node.ts';
import { World } from './world.ts';

const pace = { poll: 2, rebroadcast: 5, retry: 1 };
let world: World;
let node: NodeOverMachine;

beforeAll(async () => {
    world = await World.setUp(8);
    node = await new NodeOverMachine(world.machine).listen();
});
afterAll(() => node.close());

test('the setup authority signs what it is named in, and the payer pays', async () => {
    const chain = rpcChain(node.url, world.payer, () => {}, pace);
    const { setupAuthority, domain } = world;
    expect(await chain.account(domain)).toMatchObject({ exists: true });
    expect(await chain.account(await pdas.board(world.payer.address))).toMatchObject({ exists: false });
    const activate = getActivateDomainInstruction({ setupAuthority, domain });
    expect(await chain.send(activate)).toMatch(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/);
    const error = await chain.send(activate).then(
        () => undefined,
        (reason: unknown) => reason,
    );
    expect(customErrorCode({ context: error })).toBe(errorCode('WrongPhase'));
    const stranger = await generateKeyPairSigner();
    const transfer = getTransferSolInstruction({
        source: world.payer,
        destination: stranger.address,
        amount: 10_000_000n,
    });
    await chain.send(transfer);
    expect(await chain.account(stranger.address)).toMatchObject({ exists: true });
});

test('a node is named without the secrets of its address', () => {
    expect(hostOf('https://user:secret@rpc.example:8899/path?api-key=x')).toBe('rpc.example:8899');
    expect(hostOf('rpc.example/path')).toBe('rpc.example');
});
