/** Builds in buffers of the upgradeable loader. */
import { sha256 } from '@noble/hashes/sha2.js';
import { address, getProgramDerivedAddress, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { addressBytes, bytesEqual, concat } from '../bytes.ts';
import { NotYet, type Work } from './session.ts';

/** The loader of upgradeable programs. */
export const UPGRADEABLE_LOADER = address('BPFLoaderUpgradeab1e11111111111111111111111');
/** The first bytes of a buffer that has an authority. */
const HELD_BUFFER = Uint8Array.of(1, 0, 0, 0, 1);
/** Bytes of a buffer before its code. */
const BUFFER_HEADER = 37;

/** The program data of an upgradeable program. */
export async function programDataOf(program: Address): Promise<Address> {
    const seeds = [addressBytes(program)];
    const [found] = await getProgramDerivedAddress({ programAddress: UPGRADEABLE_LOADER, seeds });
    return found;
}

/** A buffer whose authority is the domain and whose code has this hash. */
export async function findBuffer(work: Work, domain: Address, hash: ReadonlyUint8Array): Promise<Address> {
    const held = { offset: 0, bytes: concat(HELD_BUFFER, addressBytes(domain)) };
    const found = await work.chain.owned(UPGRADEABLE_LOADER, [held]);
    const keys = found
        .filter(({ data }) => bytesEqual(sha256(Uint8Array.from(data.slice(BUFFER_HEADER))), hash))
        .map(({ address }) => address)
        .sort();
    const [buffer] = keys;
    if (buffer === undefined) {
        throw new NotYet(
            'no buffer of the domain holds the build with this hash',
            `write the build into a buffer and make ${domain} the buffer's authority`,
        );
    }
    return buffer;
}
