/**
 * Restores a ledger without a vote, once a freeze has lasted for as long as was fixed in peace. Anyone may run it: it
 * opens the escape, moves what custody and recovery accounts hold into the pool, and shares it out.
 */
import type { Address } from '@solana/kit';

import { snapshotFlag, snapshotState } from '../constants.ts';
import {
    decodeDomain,
    decodeRestoration,
    decodeSnapshot,
    getFundFromCustodyInstruction,
    getOpenEscapeInstructionAsync,
    type Restoration,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { balanceOf, vaultsOf } from './evacuate.ts';
import { when } from './execute.ts';
import { queueOf } from './execution.ts';
import { escapeDue, readScene, tokenProgramOf } from './reading.ts';
import { crank, incidentMeant, isOfQueue, lackingOf, restore, type Restored } from './restore.ts';
import { NotPossible, NotYet, Work, type Session } from './session.ts';

export type EscapeInput = Readonly<{
    domain: Address;
    ledgerIndex: number;
    /** The open incident, or else the last one, unless stated. */
    incident?: Address;
    /** The snapshot of the newest published checkpoint, where the incident's own was not sealed, or by an override. */
    snapshot?: Address;
}>;

/** Opens the escape of a ledger, if it is not restored yet, and brings everything that can be moved to its claims. */
export async function escape(session: Session, input: EscapeInput): Promise<Restored> {
    const { domain, ledgerIndex } = input;
    const work = new Work(session);
    const incident = await incidentMeant(work, domain, input.incident);
    const key = await pdas.restoration(incident, ledgerIndex);
    const scene = await readScene(work, domain);
    const due = escapeDue(scene.domain);
    if ((await work.find(key, decodeRestoration)) === undefined) {
        if (due === undefined) {
            throw new NotPossible(
                'the domain has no escape now',
                'its rules are set in peace, and it is due only while the domain is frozen',
            );
        }
        if (scene.at.now < due) {
            throw new NotYet('the freeze has not lasted long enough for the escape', `run this again ${when(due)}`);
        }
        await open(work, domain, incident, input);
    } else {
        work.skip();
    }
    const next = 'it was opened, but this node does not have it yet: run this again';
    await draw(work, domain, key, await work.load('restoration', key, decodeRestoration, next));
    const restored = await restore(session, { domain, ledgerIndex, incident });
    work.add(restored);
    return { ...restored, ...work.done() };
}

async function open(work: Work, domain: Address, incident: Address, input: EscapeInput): Promise<void> {
    const { ledgerIndex } = input;
    const own = await pdas.snapshot(incident, ledgerIndex);
    const snapshot = input.snapshot ?? own;
    const state = await work.load('snapshot', snapshot, decodeSnapshot, 'crank and seal the snapshot first');
    if (state.state !== snapshotState.SEALED) {
        throw new NotYet(
            `the snapshot of ledger ${ledgerIndex} is not sealed`,
            'anyone cranks and seals it; a week after the escape was due the newest published checkpoint serves',
        );
    }
    const accounts = {
        payer: work.payer,
        domain,
        incident,
        snapshot,
        ownSnapshot: own,
        log: await pdas.checkpointLog(domain, ledgerIndex),
        terms: await pdas.claimTerms(domain, ledgerIndex),
        restoration: await pdas.restoration(incident, ledgerIndex),
        mint: state.mint,
        tokenProgram: await tokenProgramOf(work, state.mint),
        interim: await pdas.interim(incident, ledgerIndex),
        ...((state.flags & snapshotFlag.QUEUE) === 0 ? {} : await queueOf(work, state.ledger)),
    };
    await work.act([await getOpenEscapeInstructionAsync(accounts)], 'run this again');
}

/** Moves what custody holds for the ledger into the pool. */
async function draw(work: Work, domain: Address, key: Address, restoration: Restoration): Promise<void> {
    const { openIncident } = await work.load('domain', domain, decodeDomain, 'is the cluster right?');
    for (const { address: vault, data } of await vaultsOf(work, domain)) {
        const { custody, mint, tokenProgram } = data;
        const [held, pool] = await work.chain.accounts([custody, restoration.pool]);
        const isIts = data.ledger === restoration.ledgerIndex || isOfQueue(data, restoration);
        const isBacking = isIts && openIncident === restoration.incident;
        if (!isBacking || balanceOf(held) === 0n || lackingOf(restoration, balanceOf(pool)) === 0n) {
            work.skip();
            continue;
        }
        const { pool: to } = restoration;
        const queueLedger = await pdas.queueLedger(data);
        const queue = queueLedger === undefined ? {} : { queueLedger };
        const accounts = { domain, restoration: key, vault, custody, pool: to, mint, tokenProgram, ...queue };
        await crank(work, getFundFromCustodyInstruction(accounts), 'NothingToMove');
    }
}
