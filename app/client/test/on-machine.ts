/** The embedded machine as a chain, for flows. */
import type { Address, EncodedAccount, Instruction, KeyPairSigner, MaybeEncodedAccount } from '@solana/kit';
import { FailedTransactionMetadata } from 'litesvm';

import { fits } from '../src/flows/batch.ts';
import { meets, ProgramError, RpcRefused, type Chain, type ChainError, type Filter } from '../src/flows/chain.ts';
import type { OwnedAt, Receipt, Simulated } from '../src/flows/chain.ts';
import { withKeys, withoutKeys } from '../src/flows/signing.ts';
import type { At } from '../src/index.ts';
import { Refused, type Machine } from './machine.ts';

/** The machine's payer pays; `keys` sign where an instruction names them. Each wait is a second. */
export class OnMachine implements Chain {
    readonly #keys: ReadonlyMap<Address, KeyPairSigner>;
    /** Transactions that landed. */
    sent = 0;
    /** The machine does one thing after the other. */
    #last: Promise<unknown> = Promise.resolve();

    constructor(
        readonly machine: Machine,
        keys: readonly KeyPairSigner[] = [],
    ) {
        this.#keys = new Map([...keys, machine.payer].map((key) => [key.address, key] as const));
    }

    get payer(): Address {
        return this.machine.payer.address;
    }

    async now(): Promise<At> {
        return { slot: this.machine.slot, now: this.machine.now };
    }

    async accounts(keys: readonly Address[]): Promise<MaybeEncodedAccount[]> {
        return keys.map((key) => this.machine.accountOrClock(key));
    }

    async owned(program: Address, filters: readonly Filter[]): Promise<EncodedAccount[]> {
        const all = this.machine.accounts(program);
        return all.filter(({ data }) => filters.every((filter) => meets(filter, data)));
    }

    async ownedAt(program: Address, filters: readonly Filter[]): Promise<OwnedAt> {
        return { slot: this.machine.slot, accounts: await this.owned(program, filters) };
    }

    send(instructions: readonly Instruction[]): Promise<Receipt> {
        const receipt = this.#last.then(() => this.#send(instructions));
        this.#last = receipt.catch(() => undefined);
        return receipt;
    }

    async #send(instructions: readonly Instruction[]): Promise<Receipt> {
        const own = withKeys(instructions, this.#keys);
        if (!fits(this.payer, instructions)) throw new RpcRefused('transaction too large');
        const { error } = await this.simulate(instructions, []);
        if (error !== undefined) throw error;
        try {
            const { computeUnits: units } = await this.machine.send(...own);
            this.sent += 1;
            return { signature: `${this.sent}`, units, fee: undefined };
        } catch (reason) {
            throw reason instanceof Refused ? failure(reason, instructions) : reason;
        }
    }

    async simulate(instructions: readonly Instruction[], accounts: readonly Address[]): Promise<Simulated> {
        const result = this.machine.simulate(withoutKeys(instructions));
        if (result instanceof FailedTransactionMetadata) {
            const error = failure(new Refused(result), instructions);
            return { error, logs: result.meta().logs(), units: result.meta().computeUnitsConsumed(), accounts: [] };
        }
        const after = new Map(result.postAccounts().map((account) => [account.address, account] as const));
        return {
            error: undefined,
            logs: result.meta().logs(),
            units: result.meta().computeUnitsConsumed(),
            accounts: accounts.map((address): MaybeEncodedAccount => {
                const account = after.get(address);
                if (account === undefined) return this.machine.account(address);
                return account.lamports === 0n
                    ? { address, exists: false }
                    : { ...account, data: new Uint8Array(account.data), exists: true };
            }),
        };
    }

    async wait(): Promise<void> {
        this.machine.pass(1n);
    }
}

function failure(refused: Refused, instructions: readonly Instruction[]): ChainError {
    const { code, logs } = refused;
    return code === undefined
        ? new RpcRefused(refused.message)
        : new ProgramError(code, logs, instructions[0]?.programAddress);
}

/** The process was killed. */
export class Killed extends Error {}

/** A chain that dies with its n-th transaction: before it lands, or after it has landed and no answer arrived. */
export function dying(chain: Chain, after: number, landsLast: boolean): Chain {
    let left = after;
    return {
        payer: chain.payer,
        now: () => chain.now(),
        accounts: (keys) => chain.accounts(keys),
        owned: (program, filters) => chain.owned(program, filters),
        ownedAt: (program, filters) => chain.ownedAt(program, filters),
        simulate: (instructions, accounts) => chain.simulate(instructions, accounts),
        wait: (milliseconds) => chain.wait(milliseconds),
        async send(instructions) {
            if (left < 0) throw new Killed();
            left -= 1;
            if (left < 0 && !landsLast) throw new Killed();
            const receipt = await chain.send(instructions);
            if (left < 0) throw new Killed();
            return receipt;
        },
    };
}
