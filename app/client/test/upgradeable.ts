/** A program of the upgradeable loader whose upgrade authority is the domain, with a buffer of its next build. */
import { readFile } from 'node:fs/promises';

import { sha256 } from '@noble/hashes/sha2.js';
import { generateKeyPairSigner, type Address } from '@solana/kit';

import { addressBytes, concat, littleEndian } from '../src/bytes.ts';
import { programDataOf, UPGRADEABLE_LOADER } from '../src/flows/buffers.ts';
import type { Machine } from './machine.ts';

/** Any build: a program of the workspace. */
const BUILD = new URL('../../../target/deploy/bulkhead_guard_probe.so', import.meta.url);

export async function anAddress(): Promise<Address> {
    return (await generateKeyPairSigner()).address;
}

export async function writeUpgradeable(machine: Machine, domain: Address) {
    const build = new Uint8Array(await readFile(BUILD));
    const [program, buffer, spill] = [await anAddress(), await anAddress(), await anAddress()];
    const programData = await programDataOf(program);
    const [held, owner] = [addressBytes(domain), addressBytes(programData)];
    machine.write(
        programData,
        UPGRADEABLE_LOADER,
        concat(Uint8Array.of(3, 0, 0, 0), littleEndian(1, 8), Uint8Array.of(1), held, build),
    );
    machine.write(program, UPGRADEABLE_LOADER, concat(Uint8Array.of(2, 0, 0, 0), owner));
    machine.write(buffer, UPGRADEABLE_LOADER, concat(Uint8Array.of(1, 0, 0, 0, 1), held, build));
    return { program, buffer, spill, hash: sha256(build) };
}
