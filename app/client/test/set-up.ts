/** What there is before an incident: an open domain with a breaker, a vault, a ledger and escrowed votes. */
import { createHash } from 'node:crypto';
import { generateKeyPairSigner, type Address } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import { getInitializeMint2Instruction, getMintSize, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';

import { addressBytes, concat, littleEndian, toAddress } from '../src/bytes.ts';
import { NOBODY } from '../src/deploy/config.ts';
import {
    constants,
    getDepositVotesInstructionAsync,
    getOpenBreakerInstructionAsync,
    getOpenDomainInstructionAsync,
    getOpenEscrowInstructionAsync,
    getOpenVaultInstructionAsync,
    getOpenVoteCustodyInstructionAsync,
    getRegisterLedgerInstructionAsync,
    masks,
    pdas,
    type merkle,
} from '../src/index.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const { role } = constants;
const HOUR = 3_600n;
const TAG = new TextEncoder().encode('position');
export const DAY = 24n * HOUR;
export const LEDGER_INDEX = 0;
export const DELAY = 2n * DAY;
export const GUARDIAN_PAUSE = 6n * HOUR;
export const DECIMALS = 6;
/** The protected program: never run here, it only owns accounts. */
export const HOST = toAddress(new Uint8Array(32).fill(7));
export const TOTAL_ACCOUNT = toAddress(new Uint8Array(32).fill(8));

export async function openDomain(world: World): Promise<void> {
    const policies = Array.from({ length: constants.proposalClass.COUNT }, () => ({
        threshold: 2,
        delaySeconds: DELAY,
        expirySeconds: 14n * DAY,
    }));
    const council = {
        members: world.council.map((member) => ({ key: member.address, roles: role.ALL })),
        freezeThreshold: 2,
        pauseRights: 3,
        vetoRights: 3,
        guardianPauseSeconds: GUARDIAN_PAUSE,
        tripSeconds: 72n * HOUR,
        defaultMask: masks.DEFAULT_EMERGENCY,
        policies,
        heartbeatSeconds: 365n * DAY,
        guardianPausesPerDay: 3,
        guardianPausesInARow: 3,
        fallback: world.governanceMint,
        fallbackSeconds: 30n * DAY,
    };
    const { setupAuthority, payer, governanceMint } = world;
    const args = { council, hostProgram: HOST, voteSeconds: DAY, quorumBps: 1_000 };
    await world.send(await getOpenDomainInstructionAsync({ setupAuthority, payer, governanceMint, args }));
}

export async function openVault(world: World): Promise<void> {
    const { setupAuthority: authority, payer, domain, mint } = world;
    const vault = await pdas.vault(domain, mint, 0);
    const breaker = await pdas.outflowBreaker(domain, 0, mint, 0);
    const limits = {
        compartment: 0,
        shard: 0,
        mint,
        authority: vault,
        subWindows: 12,
        tripScope: constants.SCOPE_DOMAIN,
        windowSeconds: DAY,
        limit: 1_000_000n,
        slotLimit: 500_000n,
        latchSeconds: 72n * HOUR,
        shards: 1,
        limitBps: 0,
        slotBps: 0,
        reference: NOBODY,
        inflowCredit: 0n,
        tripLimit: 0n,
        tripBps: 0,
    };
    const args = { index: 0, compartment: 0, operator: HOST, breaker, mint, queueSeconds: DAY, ledger: 0 };
    await world.send(
        await getOpenBreakerInstructionAsync({ authority, payer, domain, breaker, args: limits }),
        await getOpenVaultInstructionAsync({ authority, payer, domain, breaker, mint, vault, args }),
    );
}

export async function registerLedger(world: World, toleranceBps = 0): Promise<void> {
    const { setupAuthority: authority, payer, domain, mint } = world;
    const args = {
        index: LEDGER_INDEX,
        program: HOST,
        mint,
        total: {
            account: TOTAL_ACCOUNT,
            program: HOST,
            offset: TAG.length,
            width: 8,
            unit: 0,
            shortfallBps: toleranceBps,
            excessBps: toleranceBps,
        },
        lengthRule: 0,
        dataLen: TAG.length + 40,
        filters: [{ offset: 0, bytes: TAG }],
        ownerOffset: TAG.length,
        amounts: [{ offset: TAG.length + 32, width: 8, flags: 0 }],
        scale: { multiplier: 1, divisor: 1, shift: 0 },
        slots: null,
        export: null,
        link: null,
    };
    const ledger = await world.ledger();
    const totalAccount = TOTAL_ACCOUNT;
    const mintLedgers = await pdas.mintLedgers(domain, mint);
    const accounts = { authority, payer, domain, ledger, mint, totalAccount, mintLedgers };
    await world.send(await getRegisterLedgerInstructionAsync({ ...accounts, args }));
}

export async function escrowVotes(world: World): Promise<void> {
    const { payer, domain, voter, governanceMint } = world;
    const amount = 1_000n;
    const source = await world.fund(voter.address, governanceMint, amount);
    const escrow = await pdas.escrow(domain, voter.address);
    await world.send(
        await getOpenVoteCustodyInstructionAsync({ payer, domain, governanceMint }),
        await getOpenEscrowInstructionAsync({ voter, payer, domain }),
        await getDepositVotesInstructionAsync({ voter, domain, escrow, source, governanceMint, amount }),
    );
}

export async function createMint(machine: Machine): Promise<Address> {
    const mint = await generateKeyPairSigner();
    const space = getMintSize();
    const { payer } = machine;
    await machine.send(
        getCreateAccountInstruction({
            payer,
            newAccount: mint,
            space,
            lamports: machine.minimumBalance(space),
            programAddress: TOKEN_PROGRAM_ADDRESS,
        }),
        getInitializeMint2Instruction({ mint: mint.address, decimals: DECIMALS, mintAuthority: payer.address }),
    );
    return mint.address;
}

/** Position accounts as the host would have them, in so many shards, and its own total. Every seventh is empty. */
export function forgePositions(machine: Machine, count: number, shards: number = constants.SHARDS): merkle.Position[] {
    const digest = (word: string, i: number) =>
        new Uint8Array(createHash('sha256').update(word).update(littleEndian(i, 4)).digest());
    const inShard = (key: Uint8Array) => key.map((byte, i) => (i === 0 ? byte % (16 * shards) : byte));
    const positions = Array.from({ length: count }, (_, i) => ({
        key: toAddress(inShard(digest('key', i))),
        owner: toAddress(digest('owner', i)),
        amount: i % 7 === 0 ? 0n : BigInt(1_000 + 37 * i),
    }));
    for (const position of positions) writePosition(machine, position);
    writeTotal(
        machine,
        positions.reduce((sum, { amount }) => sum + amount, 0n),
    );
    return positions;
}

/** A position as the host would have it. */
export function writePosition(machine: Machine, { key, owner, amount }: merkle.Position): void {
    machine.write(key, HOST, concat(TAG, addressBytes(owner), littleEndian(amount, 8)));
}

/** The host's own total. */
export function writeTotal(machine: Machine, total: bigint): void {
    machine.write(TOTAL_ACCOUNT, HOST, concat(new Uint8Array(TAG.length), littleEndian(total, 8)));
}
