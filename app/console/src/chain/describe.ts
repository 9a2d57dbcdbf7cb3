/** An instruction in words: what it is, with which accounts and arguments. */
import { BULKHEAD_PROGRAM_ADDRESS, BulkheadInstruction, parseBulkheadInstruction } from '@bulkhead/client';
import type { Instruction } from '@solana/kit';

import { fact, sentence, type Fact } from '../words/facts.ts';

/** A decoded instruction. */
export type Described = Readonly<{
    program: string;
    /** The instruction's name in words. */
    title: string;
    accounts: readonly Fact[];
    args: readonly Fact[];
    /** Was it decoded? What was not is nothing that this console builds. */
    isKnown: boolean;
}>;

const OTHERS: Readonly<Record<string, string>> = {
    '11111111111111111111111111111111': 'System program',
    ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL: 'Create the associated token account',
    TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: 'Token program',
    TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb: 'Token-2022 program',
};

/** Accounts that say nothing: programs and Anchor's event authority. */
const UNTOLD: ReadonlySet<string> = new Set(['systemProgram', 'eventAuthority', 'program', 'tokenProgram']);

export function describe(instruction: Instruction): Described {
    const { programAddress, accounts = [], data } = instruction;
    const raw = (title: string, isKnown: boolean): Described => ({
        program: programAddress,
        title,
        accounts: accounts.map(({ address }, i) => ({ label: `account ${i}`, value: address, isKey: true })),
        args: [],
        isKnown,
    });
    if (programAddress !== BULKHEAD_PROGRAM_ADDRESS || data === undefined) {
        const known = OTHERS[programAddress];
        return raw(known ?? `An instruction of ${programAddress}`, known !== undefined);
    }
    try {
        const parsed = parseBulkheadInstruction({ ...instruction, data, accounts } as never) as unknown as Readonly<{
            instructionType: BulkheadInstruction;
            accounts: Readonly<Record<string, { address: string } | undefined>>;
            data: Readonly<Record<string, unknown>>;
        }>;
        return {
            program: programAddress,
            title: sentence(BulkheadInstruction[parsed.instructionType] ?? 'unknown'),
            accounts: Object.entries(parsed.accounts).flatMap(([name, meta]) =>
                meta === undefined || UNTOLD.has(name)
                    ? []
                    : [{ label: sentence(name).toLowerCase(), value: meta.address, isKey: true }],
            ),
            args: Object.entries(parsed.data)
                .filter(([name]) => !/discriminator$/i.test(name))
                .flatMap(([name, value]) => fact(name, value)),
            isKnown: true,
        };
    } catch {
        return raw('An instruction of Bulkhead that this console does not know', false);
    }
}
