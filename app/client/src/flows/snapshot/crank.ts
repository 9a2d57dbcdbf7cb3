/** Reads the positions of each shard, in ascending order, as many in a transaction as fit. */
import type { Account, Address, Instruction } from '@solana/kit';

import { addressBytes } from '../../bytes.ts';
import { SHARDS, snapshotState } from '../../constants.ts';
import {
    decodeSnapshotShard,
    getCloseShardInstruction,
    getIngestExportInstruction,
    getIngestPositionsInstruction,
    getOpenShardInstruction,
    type SnapshotShard,
} from '../../generated/bulkhead/public.ts';
import * as pdas from '../../pdas.ts';
import { withPositions } from '../../remaining.ts';
import { inParallel, mostThatFit } from '../batch.ts';
import { ChainError } from '../chain.ts';
import { NotPossible } from '../session.ts';
import { signer } from '../signing.ts';
import { readShards } from '../shards.ts';
import { isExported, type Part, type Reading } from './parts.ts';

/** Can a seal take this shard? One that is sealed, one of this cranker, and one of another if it is exactly the total. */
export function mayUse({ cranker }: Reading, shard: SnapshotShard, takesOthers: boolean): boolean {
    return takesOthers || shard.state !== snapshotState.OPEN || shard.cranker === cranker;
}

/** Reads every part that nobody has read completely. `takesOthers`: open shards of other crankers count. */
export async function crank(reading: Reading, parts: readonly Part[], takesOthers: boolean): Promise<void> {
    const crew = new Crew(reading, takesOthers, parts);
    // Two crankers begin at different shards, so each finds shards that the other has finished meanwhile.
    const begin = (addressBytes(reading.cranker)[0] as number) % SHARDS;
    const first = parts.findIndex(({ number }) => number >= begin);
    const ordered = first < 0 ? parts : [...parts.slice(first), ...parts.slice(0, first)];
    await inParallel(reading.work.parallel, ordered, (part) => crew.crank(part));
}

/** The crank of all shards. */
class Crew {
    readonly #reading: Reading;
    readonly #takesOthers: boolean;
    readonly #total: number;
    #read = 0;
    /** Most positions that one transaction can compute; only an export can make them fewer than fit in size. */
    #most = Infinity;
    /** Most positions that fit in size, with and without opening the shard. */
    readonly #fitting = new Map<boolean, number>();

    constructor(reading: Reading, takesOthers: boolean, parts: readonly Part[]) {
        this.#reading = reading;
        this.#takesOthers = takesOthers;
        this.#total = parts.reduce((sum, { positions }) => sum + positions.length, 0);
    }

    async crank(part: Part): Promise<void> {
        const { work, snapshot, cranker } = this.#reading;
        const found = (await readShards(work, snapshot)).filter(({ data }) => data.shard === part.number);
        if (found.some(({ data }) => mayUse(this.#reading, data, this.#takesOthers) && part.isComplete(data))) {
            work.skip();
            this.#count(part.positions.length);
            return;
        }
        const own = await pdas.shard(snapshot, part.number, cranker);
        let seen = await this.#begun(
            part,
            found.find(({ address }) => address === own),
        );
        this.#count(seen ?? 0);
        while ((seen ?? 0) < part.positions.length) {
            const before = seen ?? 0;
            const next = part.positions.slice(before, before + MOST_THAT_CAN_FIT);
            const keys = next.map(({ key }) => key);
            const { instructions, taken } = this.#batch(part.number, own, seen === undefined, keys);
            try {
                await work.send(...instructions);
                seen = before + taken;
            } catch (error) {
                if (isTooLarge(error) && taken > 1) {
                    this.#most = Math.floor(taken / 2);
                } else {
                    // It may have landed although no answer arrived, or this cranker runs twice.
                    seen = await this.#reload(part, own, seen, error);
                }
            }
            this.#count((seen ?? 0) - before);
        }
    }

    /** How many positions this cranker's own shard has read; `undefined` if it has to be opened. */
    async #begun(part: Part, own: Account<SnapshotShard> | undefined): Promise<number | undefined> {
        if (own === undefined) return undefined;
        if (part.isBegunBy(own.data)) {
            this.#reading.work.skip();
            return own.data.seen;
        }
        // It left a position out, or a position has changed since.
        await this.#close(own);
        return undefined;
    }

    /** The next transaction of a shard, and how many positions it reads. Opening the shard goes with its first. */
    #batch(
        number: number,
        shard: Address,
        opens: boolean,
        rest: readonly Address[],
    ): Readonly<{ instructions: Instruction[]; taken: number }> {
        const { work, cranker, domain, snapshot, rules } = this.#reading;
        const accounts = { cranker: signer(cranker), payer: work.payer, domain, snapshot, rules, shard };
        const open = opens ? [getOpenShardInstruction({ ...accounts, number })] : [];
        const build = (count: number) => [...open, this.#ingest(shard, rest.slice(0, count))];
        const wanted = Math.min(rest.length, this.#most);
        // Only the number of positions decides about the size.
        let fitting = this.#fitting.get(opens);
        if (fitting === undefined && wanted === MOST_THAT_CAN_FIT) {
            fitting = mostThatFit(work.chain.payer, wanted, build);
            this.#fitting.set(opens, fitting);
        }
        const taken = Math.min(wanted, fitting ?? mostThatFit(work.chain.payer, wanted, build));
        if (taken === 0) {
            throw new NotPossible(
                'no position fits a transaction',
                'let the cranker pay the fees itself, which takes less room',
            );
        }
        return { instructions: build(taken), taken };
    }

    #ingest(shard: Address, positions: readonly Address[]): Instruction {
        const { cranker, domain, ledger, ledgerKey } = this.#reading;
        const accounts = { cranker: signer(cranker), domain, ledger: ledgerKey, shard };
        if (!isExported(this.#reading)) return withPositions(getIngestPositionsInstruction(accounts), positions);
        const { program: exportProgram, accounts: named, accountCount } = ledger.export;
        const fixed = named.slice(0, accountCount);
        return withPositions(getIngestExportInstruction({ ...accounts, exportProgram }), [...fixed, ...positions]);
    }

    /** Where the shard is after a transaction of which nothing is known, if it is further than it was. */
    async #reload(part: Part, own: Address, before: number | undefined, error: unknown): Promise<number> {
        const { work } = this.#reading;
        const shard = await work.find(own, decodeSnapshotShard).catch(() => undefined);
        const isFurther = shard !== undefined && (before === undefined || shard.seen > before);
        if (isFurther && part.isBegunBy(shard)) return shard.seen;
        throw error;
    }

    async #close({ address: shard, data }: Account<SnapshotShard>): Promise<void> {
        const { work, cranker, snapshot } = this.#reading;
        work.report.note(`shard ${data.shard} does not contain what the ledger contains now, and is read again`);
        const sealed = data.state === snapshotState.OPEN ? {} : { snapshot };
        const accounts = { cranker: signer(cranker), ...sealed, shard, receiver: work.chain.payer };
        await work.act(
            [getCloseShardInstruction(accounts)],
            "this cranker's shard belongs to the last seal, and positions have changed since: run this with another " +
                "cranker's key",
        );
    }

    #count(positions: number): void {
        if (positions === 0) return;
        this.#read += positions;
        this.#reading.work.report.progress('positions', this.#read, this.#total);
    }
}

/** More positions than this fit no transaction: each takes 33 bytes. */
export const MOST_THAT_CAN_FIT = 40;

/** Did the transaction ask for more computing or memory than one may use? */
function isTooLarge(error: unknown): boolean {
    const marks = ['ComputationalBudgetExceeded', 'exceeded CUs meter', 'ProgramFailedToComplete', 'allocation failed'];
    return error instanceof ChainError && marks.some((mark) => error.message.includes(mark));
}
