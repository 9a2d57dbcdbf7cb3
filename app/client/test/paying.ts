/** A domain with a second vault, whose operator the test has. */
import type { Address, KeyPairSigner } from '@solana/kit';
import { getMintToInstruction } from '@solana-program/token';

import type { Session } from '../src/flows/index.ts';
import {
    constants,
    getActivateDomainInstruction,
    getOpenBreakerInstructionAsync,
    getOpenVaultInstructionAsync,
    getReleaseInstruction,
    pdas,
} from '../src/index.ts';
import { makeSigner } from './keys.ts';
import { OnMachine } from './on-machine.ts';
import { DAY } from './set-up.ts';
import { World } from './world.ts';

export const COMPARTMENT = 1;
const HOUR = 3_600n;

/** A domain with a second vault, whose operator the test has: 1,000 a day and 500 a slot may leave, 2,000 trip. */
export class Paying {
    private constructor(
        readonly world: World,
        readonly operator: KeyPairSigner,
        readonly vault: Address,
        readonly session: Session,
        readonly user: Address,
    ) {}

    static async start(before?: (world: World) => Promise<void>): Promise<Paying> {
        const world = await World.setUp(8);
        const { setupAuthority: authority, payer, domain, mint, machine } = world;
        const operator = await makeSigner();
        const vault = await pdas.vault(domain, mint, 1);
        const breaker = await pdas.outflowBreaker(domain, COMPARTMENT, mint, 0);
        const limits = {
            compartment: COMPARTMENT,
            shard: 0,
            mint,
            authority: vault,
            subWindows: 12,
            tripScope: constants.SCOPE_DOMAIN,
            windowSeconds: DAY,
            limit: 1_000n,
            slotLimit: 500n,
            latchSeconds: 72n * HOUR,
            shards: 1,
            limitBps: 0,
            slotBps: 0,
            reference: '11111111111111111111111111111111' as Address,
            inflowCredit: 0n,
            tripLimit: 0n,
            tripBps: 0,
        };
        const opened = { index: 1, compartment: COMPARTMENT, operator: operator.address, breaker, mint };
        const args = { ...opened, queueSeconds: DAY, ledger: constants.NO_LEDGER };
        await machine.send(
            await getOpenBreakerInstructionAsync({ authority, payer, domain, breaker, args: limits }),
            await getOpenVaultInstructionAsync({ authority, payer, domain, breaker, mint, vault, args }),
            getMintToInstruction({ mint, token: await pdas.custody(vault), mintAuthority: payer, amount: 10_000n }),
        );
        await before?.(world);
        await machine.send(getActivateDomainInstruction({ setupAuthority: authority, domain }));
        const user = await world.fund((await makeSigner()).address, mint, 0n);
        const chain = new OnMachine(machine, [...world.council, operator]);
        return new Paying(world, operator, vault, { chain, parallel: 4 }, user);
    }

    /** The host asks the vault to pay. */
    async ask(amount: bigint, index: bigint): Promise<Address> {
        const { domain, mint, payer, machine } = this.world;
        const { vault, operator } = this;
        const release = await pdas.release(vault, index);
        const accounts = {
            operator,
            vault,
            breaker: await pdas.outflowBreaker(domain, COMPARTMENT, mint, 0),
            board: await pdas.board(domain),
            custody: await pdas.custody(vault),
            destination: this.user,
            mint,
            release,
            payer,
        };
        await machine.send(getReleaseInstruction({ ...accounts, amount, index }));
        return release;
    }
}
