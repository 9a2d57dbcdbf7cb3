/** Who signs: flows name addresses, and a chain puts the signers in their place. */
import {
    createNoopSigner,
    isSignerRole,
    type AccountMeta,
    type Address,
    type Instruction,
    type TransactionSigner,
} from '@solana/kit';

import { MissingSigner } from './chain.ts';

const placeholders = new WeakSet<object>();

/** An address in the place of a signer. The chain signs for it. */
export function signer(address: Address): TransactionSigner {
    const placeholder = createNoopSigner(address);
    placeholders.add(placeholder);
    return placeholder;
}

/**
 * Puts the signers that a chain holds into instructions. A signer that an instruction carries already signs if the chain
 * holds none for its address. Throws {@link MissingSigner}.
 */
export function withKeys(
    instructions: readonly Instruction[],
    keys: ReadonlyMap<Address, TransactionSigner>,
): Instruction[] {
    return mapAccounts(instructions, (meta) => {
        const { address, role } = meta;
        if (!isSignerRole(role)) return { address, role };
        const signer = keys.get(address) ?? carried(meta);
        if (signer === undefined) throw new MissingSigner(address);
        return { address, role, signer } as AccountMeta;
    });
}

/** The instructions without signers, for a simulation as if all had signed. */
export function withoutKeys(instructions: readonly Instruction[]): Instruction[] {
    return mapAccounts(instructions, ({ address, role }) => ({ address, role }));
}

function carried(meta: AccountMeta): TransactionSigner | undefined {
    const { signer } = meta as AccountMeta & { signer?: TransactionSigner };
    return signer === undefined || placeholders.has(signer) ? undefined : signer;
}

function mapAccounts(instructions: readonly Instruction[], map: (meta: AccountMeta) => AccountMeta): Instruction[] {
    return instructions.map((instruction) => ({
        ...instruction,
        // An account that is looked up in a table never signs.
        accounts: (instruction.accounts ?? []).map((meta) => ('lookupTableAddress' in meta ? meta : map(meta))),
    }));
}
