/** A protocol with everything that an incident takes: a route for its vault, tokens in it, and a checkpoint log. */
import type { Address, Instruction, KeyPairSigner } from '@solana/kit';
import { getMintToInstruction } from '@solana-program/token';

import type { Chain, Report, Session } from '../src/flows/index.ts';
import {
    getActivateDomainInstruction,
    getOpenCheckpointLogInstructionAsync,
    getRegisterEvacuationRouteInstructionAsync,
    pdas,
} from '../src/index.ts';
import { OnMachine } from './on-machine.ts';
import { LEDGER_INDEX } from './set-up.ts';
import { World } from './world.ts';

/** Notes and progress of a flow. */
export class Notes implements Report {
    readonly notes: string[] = [];
    readonly last = new Map<string, readonly [done: number, total: number]>();

    progress(what: string, done: number, total: number): void {
        this.last.set(what, [done, total]);
    }

    note(text: string): void {
        this.notes.push(text);
    }
}

export class FlowWorld {
    readonly notes = new Notes();

    private constructor(
        readonly world: World,
        readonly chain: OnMachine,
        readonly vault: Address,
        /** What the vault holds, and what the positions add up to. */
        readonly held: bigint,
    ) {}

    /**
     * `share`: the vault holds this part of what is owed. `shards`: the positions lie in so many of them. `toleranceBps`:
     * how far a sealed sum may be from the host's total. `configures`: what else is agreed during set-up.
     */
    static async start(
        count = 60,
        of: Readonly<{
            share?: bigint;
            shards?: number;
            toleranceBps?: number;
            configures?: (world: World) => Promise<readonly Instruction[]>;
        }> = {},
    ): Promise<FlowWorld> {
        const { share = 1n } = of;
        const world = await World.setUp(count, of.shards, of.toleranceBps);
        const { setupAuthority: authority, payer, domain, mint, machine } = world;
        const destination = await world.fund(domain, mint, 0n);
        const vault = await pdas.vault(domain, mint, 0);
        const ledger = await world.ledger();
        const log = await pdas.checkpointLog(domain, LEDGER_INDEX);
        const rules = { threshold: 2, minIntervalSlots: 512n, keepSeconds: 604_800n, toleranceBps: 10 };
        const total = world.positions.reduce((sum, { amount }) => sum + amount, 0n);
        const held = total / share;
        const steps: Instruction[] = [
            await getRegisterEvacuationRouteInstructionAsync({
                authority,
                domain,
                vault,
                destination,
                args: { vault, destination },
            }),
            await getOpenCheckpointLogInstructionAsync({
                authority,
                payer,
                domain,
                ledger,
                log,
                args: { ledgerIndex: LEDGER_INDEX, publishedOnly: false, ...rules },
            }),
            getMintToInstruction({ mint, token: await pdas.custody(vault), mintAuthority: payer, amount: held }),
        ];
        for (const step of steps) await machine.send(step);
        for (const step of (await of.configures?.(world)) ?? []) await machine.send(step);
        await machine.send(getActivateDomainInstruction({ setupAuthority: authority, domain }));
        const keys: KeyPairSigner[] = [...world.council, world.voter];
        return new FlowWorld(world, new OnMachine(machine, keys), vault, held);
    }

    get domain(): Address {
        return this.world.domain;
    }

    get guardians(): readonly Address[] {
        return this.world.council.map(({ address }) => address);
    }

    session(chain: Chain = this.chain): Session {
        return { chain, report: this.notes, parallel: 4 };
    }

    pass(seconds: bigint): void {
        this.world.machine.pass(seconds);
    }
}
