/** Instructions of the host that accounts of Bulkhead store behind their headers. */
import { AccountRole, type AccountMeta, type Instruction, type ReadonlyUint8Array } from '@solana/kit';

import { getStoredInstructionDecoder, type StoredInstruction } from '../generated/bulkhead/index.ts';

/** The instructions in these bytes, one after the other. `undefined` if they are not instructions to the last byte. */
export function readStored(bytes: ReadonlyUint8Array): StoredInstruction[] | undefined {
    const decoder = getStoredInstructionDecoder();
    const found: StoredInstruction[] = [];
    try {
        for (let at = 0; at < bytes.length;) {
            const [instruction, next] = decoder.read(bytes, at);
            found.push(instruction);
            at = next;
        }
    } catch {
        return undefined;
    }
    return found;
}

/** Adds the stored accounts, in order. The domain signs by CPI, so none of them signs the transaction. */
export function withStored<T extends Instruction>(instruction: T, { accounts }: StoredInstruction): T {
    const stored = accounts.map(({ pubkey, isWritable }): AccountMeta => ({
        address: pubkey,
        role: isWritable ? AccountRole.WRITABLE : AccountRole.READONLY,
    }));
    return { ...instruction, accounts: [...(instruction.accounts ?? []), ...stored] };
}

/** A stored instruction as the domain would sign it: to simulate it. */
export function unstored({ programId, accounts, data }: StoredInstruction): Instruction {
    return {
        programAddress: programId,
        accounts: accounts.map(({ pubkey, isSigner, isWritable }): AccountMeta => ({
            address: pubkey,
            role: ROLES[Number(isSigner) * 2 + Number(isWritable)] as AccountRole,
        })),
        data: new Uint8Array(data),
    };
}

const ROLES = [
    AccountRole.READONLY,
    AccountRole.WRITABLE,
    AccountRole.READONLY_SIGNER,
    AccountRole.WRITABLE_SIGNER,
] as const;
