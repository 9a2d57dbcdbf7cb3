/** Guardians confirm: that an incident is one, and that the vaults are to be evacuated. */
import type { Address, Instruction } from '@solana/kit';

import { domainFlag, migrationState, phase } from '../constants.ts';
import {
    decodeIncident,
    decodeMigration,
    getConfirmEvacuationInstructionAsync,
    getConfirmIncidentInstructionAsync,
    getOpenIncidentInstructionAsync,
    type Council,
    type Domain,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { whoCanPause } from './pause.ts';
import { guardiansMissing, NOBODY, readScene, type Scene } from './reading.ts';
import { Rule, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** How far the guardians' confirmations have come. */
export type Confirmed = Done &
    Readonly<{
        incident: Address;
        /** Is the threshold reached: is the domain frozen, or may the vaults be evacuated? */
        isReached: boolean;
        /** The guardians that have not confirmed, while the threshold is not reached. */
        missing: readonly Address[];
    }>;

export type ConfirmInput = Readonly<{ domain: Address; guardian: Address }>;

const ALREADY = { AlreadyConfirmed: 'this guardian has confirmed already' } as const;

/** Will the next alarm open its own incident? */
function isNextDue({ openIncident, flags }: Domain): boolean {
    return openIncident === NOBODY || (flags & domainFlag.DECIDED) !== 0;
}

/** The incident that an alarm belongs to: the open one, or the next. */
export async function incidentForAlarm({ key, domain }: Scene): Promise<Address> {
    return isNextDue(domain) ? pdas.incident(key, domain.incidentCount) : domain.openIncident;
}

function isHeld({ state }: Domain): boolean {
    return state === phase.FROZEN || state === phase.RECOVERING;
}

/**
 * A guardian confirms the open incident. If none is open, the guardian opens one, which pauses the domain, and confirms
 * it in the same transaction. Does nothing if this guardian has confirmed it, or if the domain is frozen already.
 */
export async function confirm(session: Session, { domain: key, guardian }: ConfirmInput): Promise<Confirmed> {
    const work = new Work(session);
    const scene = await readScene(work, key);
    const { domain, council } = scene;
    if (isHeld(domain)) {
        work.skip('the guardians have frozen the domain already');
        return { ...work.done(), incident: domain.openIncident, isReached: true, missing: [] };
    }
    const isNew = isNextDue(domain);
    const incident = await incidentForAlarm(scene);
    const accounts = { guardian: signer(guardian), domain: key, incident };
    const instructions: Instruction[] = [await getConfirmIncidentInstructionAsync(accounts)];
    if (isNew) instructions.unshift(await getOpenIncidentInstructionAsync({ ...accounts, payer: work.payer }));
    await work.act(instructions, isNew ? whoCanPause(council) : "only the council's guardians confirm", ALREADY);

    const after = await readScene(work, key);
    const found = await work.load('incident', incident, decodeIncident, 'run this again');
    const isReached = isHeld(after.domain);
    const { confirmations, configEpoch } = found;
    return { ...work.done(), incident, isReached, missing: missing(isReached, council, confirmations, configEpoch) };
}

/**
 * A guardian confirms that the vaults are to be evacuated in the open incident. Does nothing if this guardian has, or if
 * enough others have.
 */
export async function confirmEvacuation(session: Session, input: ConfirmInput): Promise<Confirmed> {
    const { domain: key, guardian } = input;
    const work = new Work(session);
    const { domain, council } = await readScene(work, key);
    const incident = domain.openIncident;
    const next = 'guardians confirm the incident first, which freezes the domain';
    if (incident === NOBODY) throw new Rule('WrongPhase', next);
    const address = await pdas.migration(incident);
    const before = await work.find(address, decodeMigration);
    if (before?.state === migrationState.ACTIVE) {
        work.skip('the guardians have confirmed the evacuation already');
    } else {
        const accounts = { guardian: signer(guardian), payer: work.payer, domain: key, incident };
        await work.act([await getConfirmEvacuationInstructionAsync(accounts)], next, ALREADY);
    }
    const migration = await work.load('evacuation', address, decodeMigration, 'run this again');
    const isReached = migration.state === migrationState.ACTIVE;
    const { confirmations, configEpoch } = migration;
    return { ...work.done(), incident, isReached, missing: missing(isReached, council, confirmations, configEpoch) };
}

function missing(isReached: boolean, council: Council, confirmations: number, epoch: bigint): Address[] {
    return isReached ? [] : guardiansMissing(council, confirmations, epoch);
}
