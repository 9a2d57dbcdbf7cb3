/** Direct vaults: tokens that the host keeps itself, and moves when Bulkhead calls it in an evacuation. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Address, Instruction } from '@solana/kit';

import { addressBytes, bytesEqual } from '../bytes.ts';
import {
    decodeDirectVault,
    getDirectVaultSize,
    getEvacuateDirectInstruction,
    type DirectVault,
    type Vault,
} from '../generated/bulkhead/public.ts';
import type { StoredInstruction } from '../generated/bulkhead/index.ts';
import * as pdas from '../pdas.ts';
import { parentOffset } from '../watch.ts';
import { ownedOfKind } from './reading.ts';
import type { Work } from './session.ts';
import { readStored, withStored } from './stored.ts';

/** A direct vault with the instruction that evacuates it. */
export type Direct = Readonly<{ address: Address; data: DirectVault; instruction: StoredInstruction }>;

/** As much of a vault as a restoration is about. */
export type Backing = Pick<Vault, 'domain' | 'mint' | 'ledger' | 'evacuation' | 'flags' | 'queueLedger'>;

/**
 * The direct vaults of a domain. What runs is what is shown: one whose instruction does not have its hash is left out.
 */
export async function directVaultsOf(work: Work, domain: Address): Promise<Direct[]> {
    const own = { offset: parentOffset('DirectVault'), bytes: addressBytes(domain) };
    const found = (await ownedOfKind(work, 'DirectVault', own)).flatMap((account): Direct[] => {
        const { address, data } = decodeDirectVault(account);
        const begin = getDirectVaultSize();
        const bytes = Uint8Array.from(account.data.slice(begin, begin + data.instructionLen));
        const [instruction, ...more] = readStored(bytes) ?? [];
        const isSame = bytesEqual(sha256(bytes), data.instructionHash);
        return isSame && instruction !== undefined && more.length === 0 ? [{ address, data, instruction }] : [];
    });
    return found.sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** A direct vault has no queue. */
export function backingOf({ domain, mint, ledger, evacuation }: DirectVault): Backing {
    return { domain, mint, ledger, evacuation, flags: 0, queueLedger: 0 };
}

/** `evacuate_direct`, with the accounts of the host's instruction. */
export async function evacuateDirect(
    incident: Address,
    { address: directVault, data, instruction }: Direct,
): Promise<Instruction> {
    const { domain, mint } = data;
    const accounts = { domain, migration: await pdas.migration(incident), incident, directVault, mint };
    return withStored(getEvacuateDirectInstruction({ ...accounts, callee: instruction.programId }), instruction);
}
