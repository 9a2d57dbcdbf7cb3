/** A stage in an embedded machine with the built program, behind JSON-RPC: seconds from the attack to the claim. */
import { getTransferSolInstruction } from '@solana-program/system';
import { getMintToInstruction } from '@solana-program/token';
import {
    constants,
    getActivateDomainInstruction,
    getOpenBreakerInstructionAsync,
    getOpenVaultInstructionAsync,
    getRegisterEvacuationRouteInstructionAsync,
    getReleaseInstruction,
    pdas,
    tokens,
} from '@bulkhead/client';
import { type Address, type KeyPairSigner } from '@solana/kit';

import { makeSigner } from '../../client/test/keys.ts';
import { NodeOverMachine } from '../../client/test/node.ts';
import { DAY, DELAY } from '../../client/test/set-up.ts';
import { World } from '../../client/test/world.ts';
import type { Stage } from './stage.ts';

const HOUR = 3_600n;
const NOBODY = '11111111111111111111111111111111' as Address;
const COMPARTMENT = 1;
const UNIT = 1_000_000n;

/** Blocks and history, which the flows do not ask for and the pages do. */
const HISTORY = { getSignaturesForAddress: () => [], getTransaction: () => null };

export async function machineStage(positions = 90): Promise<Stage & Readonly<{ world: World; node: NodeOverMachine }>> {
    const world = await World.setUp(positions);
    const { machine, setupAuthority: authority, payer, domain, mint, council, voter } = world;
    const operator = await makeSigner();
    const vault = await pdas.vault(domain, mint, 1);
    const breaker = await pdas.outflowBreaker(domain, COMPARTMENT, mint, 0);
    const total = world.positions.reduce((sum, { amount }) => sum + amount, 0n);
    const limits = {
        compartment: COMPARTMENT,
        shard: 0,
        mint,
        authority: vault,
        subWindows: 24,
        tripScope: constants.SCOPE_DOMAIN,
        windowSeconds: DAY,
        limit: 250_000n * UNIT,
        slotLimit: 60_000n * UNIT,
        latchSeconds: 72n * HOUR,
        shards: 1,
        limitBps: 0,
        slotBps: 0,
        reference: NOBODY,
        inflowCredit: 0n,
        tripLimit: 500_000n * UNIT,
        tripBps: 0,
    };
    const opened = { index: 1, compartment: COMPARTMENT, operator: operator.address, breaker, mint };
    const args = { ...opened, queueSeconds: DAY, ledger: constants.NO_LEDGER };
    const first = await pdas.vault(domain, mint, 0);
    const route = await world.fund(domain, mint, 0n);
    const steps = [
        await getOpenBreakerInstructionAsync({ authority, payer, domain, breaker, args: limits }),
        await getOpenVaultInstructionAsync({ authority, payer, domain, breaker, mint, vault, args }),
        getMintToInstruction({
            mint,
            token: await pdas.custody(vault),
            mintAuthority: payer,
            amount: 4_800_000n * UNIT,
        }),
        getMintToInstruction({
            mint,
            token: await pdas.custody(first),
            mintAuthority: payer,
            amount: (total * 4n) / 5n,
        }),
    ];
    for (const step of steps) await machine.send(step);
    for (const each of [first, vault]) {
        const accounts = { authority, payer, domain, vault: each, destination: route };
        await machine.send(
            await getRegisterEvacuationRouteInstructionAsync({
                ...accounts,
                args: { vault: each, destination: route },
            }),
        );
    }
    await machine.send(getActivateDomainInstruction({ setupAuthority: authority, domain }));
    for (const { address } of [...council, voter]) {
        await machine.send(getTransferSolInstruction({ source: payer, destination: address, amount: 10_000_000_000n }));
    }
    const user = await world.fund((await makeSigner()).address, mint, 0n);
    let index = 0n;
    const release = async (amount: bigint) => {
        const accounts = {
            operator,
            vault,
            breaker,
            board: await pdas.board(domain),
            custody: await pdas.custody(vault),
            destination: user,
            mint,
            release: await pdas.release(vault, index),
            payer,
        };
        await machine.send(getReleaseInstruction({ ...accounts, amount, index }));
        index += 1n;
        machine.nextSlot();
    };
    // An ordinary day before it happens.
    for (const share of [
        6n,
        4n,
        3n,
        2n,
        2n,
        3n,
        5n,
        8n,
        11n,
        14n,
        12n,
        13n,
        9n,
        10n,
        12n,
        8n,
        9n,
        11n,
        7n,
        6n,
        5n,
        4n,
    ]) {
        await release(share * 600n * UNIT);
        machine.pass(HOUR);
    }
    const refill = async () => {
        for (const [key, amount] of [
            [vault, 4_400_000n * UNIT],
            [first, (total * 4n) / 5n],
        ] as const) {
            const token = await pdas.custody(key);
            const lacking = amount - world.tokens(token);
            if (lacking > 0n)
                await machine.send(getMintToInstruction({ mint, token, mintAuthority: payer, amount: lacking }));
        }
    };
    const owner = world.positions.find(({ amount }) => amount > 0n)!.owner;
    const node = await new NodeOverMachine(machine, HISTORY).listen();
    return {
        world,
        node,
        rpc: node.url,
        domain,
        members: council as readonly [KeyPairSigner, KeyPairSigner, KeyPairSigner],
        voter,
        owner,
        stake: 1_000n,
        delay: DELAY,
        pass: async (seconds) => machine.pass(seconds),
        async attack() {
            // What the last incident paid out is refunded: the host still owes it.
            await refill();
            for (const part of [55_000n, 58_000n, 290_000n, 260_000n]) await release(part * UNIT);
        },
        async balance() {
            const { address } = await tokens.associatedToken(owner, mint, tokens.TOKEN_PROGRAM);
            const account = machine.account(address);
            return account.exists ? (tokens.readToken(account.data)?.amount ?? 0n) : 0n;
        },
        close: async () => node.close(),
    };
}
