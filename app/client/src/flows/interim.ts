/** Interim claims: opens the share-out of a ledger before the vote, and funds it. */
import type { Account, Address } from '@solana/kit';

import { newestUsable } from '../checkpoints.ts';
import { step } from '../constants.ts';
import {
    decodeCheckpointLog,
    decodeIncident,
    decodeInterim,
    decodeLedger,
    decodeSnapshot,
    getFundInterimInstruction,
    getOpenInterimInstructionAsync,
    type Interim,
    type Vault,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { readToken } from '../token.ts';
import { vaultsOf } from './evacuate.ts';
import { tokenProgramOf } from './reading.ts';
import { incidentMeant } from './restore.ts';
import { NotPossible, NotYet, Rule, Work, type Done, type Session } from './session.ts';

export type InterimInput = Readonly<{
    domain: Address;
    ledgerIndex: number;
    /** The open incident, or else the last one, unless stated. */
    incident?: Address;
}>;

/** What stands after {@link interim}. Native units. */
export type SharedOut = Done &
    Readonly<{
        interim: Address;
        /** The checkpoint that it is computed from. */
        checkpointSlot: bigint;
        /** Shared out so far. */
        shared: bigint;
        /** Paid so far. */
        paid: bigint;
    }>;

/**
 * Opens the interim share-out of a ledger, moves the agreed share of every vault that backs it into the pool, and shares
 * it out. The snapshot has to be sealed, and the newest usable checkpoint to have its snapshot account.
 */
export async function interim(session: Session, input: InterimInput): Promise<SharedOut> {
    const { domain, ledgerIndex } = input;
    const work = new Work(session);
    const incident = await incidentMeant(work, domain, input.incident);
    const key = await pdas.interim(incident, ledgerIndex);
    if ((await work.find(key, decodeInterim)) === undefined) await open(work, domain, incident, ledgerIndex);
    else work.skip();
    await fund(work, key, await readInterim(work, key));
    const { shared, paid, checkpoint } = await readInterim(work, key);
    const { checkpointSlot } = await work.load('snapshot', checkpoint, decodeSnapshot, 'is the cluster right?');
    return { ...work.done(), interim: key, checkpointSlot, shared, paid };
}

/** Reads an interim share-out. */
export function readInterim(work: Work, key: Address): Promise<Interim> {
    return work.load('interim share-out', key, decodeInterim, 'open it first: run interim');
}

/** Finds the two states, and opens the share-out of them. */
async function open(work: Work, domain: Address, incident: Address, ledgerIndex: number): Promise<void> {
    const next = 'is its number right?';
    const ledgerKey = await pdas.ledger(domain, ledgerIndex);
    const ledger = await work.load('ledger', ledgerKey, decodeLedger, next);
    if (ledger.interimBps === 0) throw new Rule('InterimNotAgreed', 'its rule is agreed in peace, by a proposal');
    const logKey = await pdas.checkpointLog(domain, ledgerIndex);
    const log = await work.load('checkpoint log', logKey, decodeCheckpointLog, next);
    const { steps } = await work.load('incident', incident, decodeIncident, 'is the address right?');
    const breach = steps[step.BREACH] ?? { slot: 0n, ts: 0n };
    const slot = newestUsable(log, breach.slot, breach.ts - ledger.interimAgeSeconds);
    if (slot === undefined) {
        throw new NotPossible('the ledger has no usable checkpoint from before the breach', 'the vote decides');
    }
    const checkpoint = await pdas.checkpointSnapshot(incident, ledgerIndex, slot);
    if ((await work.find(checkpoint, decodeSnapshot)) === undefined) {
        throw new NotYet(
            `the checkpoint of slot ${slot} has no snapshot account in this incident`,
            'open it with open_checkpoint_snapshot',
        );
    }
    const restoration = await pdas.restoration(incident, ledgerIndex);
    const key = await pdas.interim(incident, ledgerIndex);
    const accounts = {
        payer: work.payer,
        domain,
        incident,
        ledger: ledgerKey,
        log: logKey,
        snapshot: await pdas.snapshot(incident, ledgerIndex),
        checkpoint,
        interim: key,
        restoration,
        mint: ledger.mint,
        pool: await pdas.pool(restoration),
        tokenProgram: await tokenProgramOf(work, ledger.mint),
    };
    await work.ensure(key, await getOpenInterimInstructionAsync(accounts));
}

/**
 * Draws from every vault that backs the ledger, from its custody and from its recovery account, and shares out the rest of
 * what the pool holds.
 */
async function fund(work: Work, key: Address, { domain, pool, mint, tokenProgram, ...of }: Interim): Promise<void> {
    const accounts = { domain, interim: key, pool, mint, tokenProgram };
    for (const vault of await vaultsOf(work, domain)) {
        if (vault.data.ledger !== of.ledgerIndex || vault.data.mint !== mint) continue;
        const queueLedger = await pdas.queueLedger(vault.data);
        const queue = queueLedger === undefined ? {} : { queueLedger };
        for (const source of await sourcesOf(work, domain, vault)) {
            const draw = getFundInterimInstruction({ ...accounts, vault: vault.address, source, ...queue });
            // The program alone says what is due, and whether anything is.
            if ((await work.tried([draw], [])) === undefined) work.skip();
            else await work.act([draw], 'run this again', { NothingToMove: 'somebody else did it just before' });
        }
    }
    await work.act([getFundInterimInstruction(accounts)], "read the domain's status", {
        NothingToShare: 'nothing is to be shared out',
        InterimEnded: 'a state was chosen: claims continue in its restoration',
    });
}

/** The token accounts of a vault that the domain or the vault holds. */
async function sourcesOf(work: Work, domain: Address, { address, data }: Account<Vault>): Promise<Address[]> {
    const keys = [...new Set([data.custody, data.evacuation.destination])];
    const accounts = await work.chain.accounts(keys);
    return accounts.flatMap((account) => {
        const holder = account.exists ? readToken(account.data)?.holder : undefined;
        return holder === domain || holder === address ? [account.address] : [];
    });
}
