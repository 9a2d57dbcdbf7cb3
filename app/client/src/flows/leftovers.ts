/** Closes accounts that are no longer needed, so that whoever paid their rent gets it back. */
import type { Account, Address, EncodedAccount, Instruction } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { releaseState } from '../constants.ts';
import {
    decodeDepositNote,
    decodeProposal,
    decodeRelease,
    decodeSnapshotShard,
    getCloseDepositNoteInstruction,
    getCloseProposalInstruction,
    getCloseReleaseInstruction,
    getCloseShardInstruction,
    type Vault,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { parentOffset } from '../watch.ts';
import type { Kind } from '../watch-change.ts';
import { inParallel, pack } from './batch.ts';
import { ProgramError } from './chain.ts';
import { vaultsOf } from './evacuate.ts';
import { ownedOfKind, readScene } from './reading.ts';
import { Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** What was closed. */
export type Leftovers = Done &
    Readonly<{
        /** Proposals that can never run again. */
        proposals: number;
        /** Releases that were paid or cancelled. */
        releases: number;
        /** Deposit notes that cover nothing. */
        notes: number;
        /** Shards that no seal depends on, of the given cranker. */
        shards: number;
        /** Rent that was returned to whoever paid it. Lamports. */
        lamports: bigint;
    }>;

export type LeftoversInput = Readonly<{
    domain: Address;
    /** Whose shards are closed, and who signs for them. The chain's payer unless stated. */
    cranker?: Address;
}>;

type What = 'proposals' | 'releases' | 'notes' | 'shards';

/** An account that may be closed, if the program agrees. */
type Candidate = Readonly<{ what: What; lamports: bigint; close: Instruction }>;

/**
 * Closes proposals, releases and deposit notes whose rent may be reclaimed, whoever paid it, and the shards of `cranker`
 * in past incidents or replaced seals. A shard needs its cranker's signature.
 */
export async function closeLeftovers(session: Session, input: LeftoversInput): Promise<Leftovers> {
    const work = new Work(session);
    const { domain, cranker = work.chain.payer } = input;
    const vaults = await vaultsOf(work, domain);
    const candidates = await Promise.all([
        proposalsOf(work, domain),
        releasesOf(work, vaults),
        notesOf(work, vaults),
        shardsOf(work, domain, cranker),
    ]);
    const found: Candidate[] = [];
    await inParallel(work.parallel, candidates.flat(), async (candidate) => {
        if ((await work.tried([candidate.close], [])) !== undefined) found.push(candidate);
    });
    const transactions = pack(
        work.chain.payer,
        found.map(({ close }) => [close]),
    );
    await sendAll(work, transactions);
    if (transactions.length === 0) work.skip();
    const count = (what: What) => found.filter((each) => each.what === what).length;
    return {
        ...work.done(),
        proposals: count('proposals'),
        releases: count('releases'),
        notes: count('notes'),
        shards: count('shards'),
        lamports: found.reduce((sum, { lamports }) => sum + lamports, 0n),
    };
}

/** One that a program refuses does not stop the others. */
async function sendAll(work: Work, transactions: readonly (readonly Instruction[])[]): Promise<void> {
    const refused: unknown[] = [];
    let done = 0;
    await inParallel(work.parallel, transactions, async (transaction) => {
        await work.send(...transaction).catch((error: unknown) => {
            if (!(error instanceof ProgramError)) throw error;
            refused.push(error);
        });
        work.report.progress('closed accounts', ++done, transactions.length);
    });
    if (refused.length > 0) throw refused[0];
}

async function proposalsOf(work: Work, domain: Address): Promise<Candidate[]> {
    const council = await pdas.council(domain);
    return (await ownedBy(work, 'Proposal', domain)).map((account) => {
        const { payer: receiver } = decodeProposal(account).data;
        const close = getCloseProposalInstruction({ council, proposal: account.address, receiver });
        return { what: 'proposals', lamports: account.lamports, close };
    });
}

async function releasesOf(work: Work, vaults: readonly Account<Vault>[]): Promise<Candidate[]> {
    const found = await Promise.all(vaults.map(({ address }) => ownedBy(work, 'Release', address)));
    return found.flat().flatMap((account) => {
        const { state, payer } = decodeRelease(account).data;
        if (state === releaseState.QUEUED) return [];
        const close = getCloseReleaseInstruction({ release: account.address, payer });
        return [{ what: 'releases', lamports: account.lamports, close }];
    });
}

async function notesOf(work: Work, vaults: readonly Account<Vault>[]): Promise<Candidate[]> {
    const of = async ({ address: vault, data: { breaker } }: Account<Vault>): Promise<Candidate[]> =>
        (await ownedBy(work, 'DepositNote', vault)).map((account) => {
            const { payer } = decodeDepositNote(account).data;
            const close = getCloseDepositNoteInstruction({ vault, breaker, note: account.address, payer });
            return { what: 'notes', lamports: account.lamports, close };
        });
    return (await Promise.all(vaults.map(of))).flat();
}

async function shardsOf(work: Work, domain: Address, cranker: Address): Promise<Candidate[]> {
    const { openIncident } = (await readScene(work, domain)).domain;
    return (await ownedBy(work, 'SnapshotShard', domain)).flatMap((account) => {
        const shard = decodeSnapshotShard(account).data;
        // In the open incident an open shard is work in progress.
        const isPast = shard.incident !== openIncident || shard.seal !== 0;
        if (!isPast || shard.cranker !== cranker) return [];
        const accounts = { cranker: signer(cranker), snapshot: shard.snapshot, receiver: cranker };
        const close = getCloseShardInstruction({ ...accounts, shard: account.address });
        return [{ what: 'shards', lamports: account.lamports, close }];
    });
}

function ownedBy(work: Work, kind: Kind, owner: Address): Promise<EncodedAccount[]> {
    return ownedOfKind(work, kind, { offset: parentOffset(kind), bytes: addressBytes(owner) });
}
