/** Upgrades of the host's programs: emergency builds confirmed and deployed. */
import type { Address } from '@solana/kit';

import { buildState } from '../constants.ts';
import {
    decodeHostProgram,
    getConfirmEmergencyBuildInstructionAsync,
    getDeployEmergencyBuildInstruction,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { findBuffer, programDataOf } from './buffers.ts';
import type { Confirmed } from './confirm.ts';
import { guardiansMissing, NOBODY, readScene } from './reading.ts';
import { Rule, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

export type BuildInput = Readonly<{
    domain: Address;
    /** The program whose emergency build goes out. */
    program: Address;
}>;

/**
 * A guardian confirms that the emergency build of a program goes out. Does nothing if this guardian has, or if enough others
 * have.
 */
export async function confirmEmergencyBuild(
    session: Session,
    input: BuildInput & Readonly<{ guardian: Address }>,
): Promise<Confirmed> {
    const { domain, program, guardian } = input;
    const work = new Work(session);
    const { council, domain: state } = await readScene(work, domain);
    const key = await pdas.hostProgram(domain, program);
    const { buildHash } = await readRecord(work, key);
    const accounts = { guardian: signer(guardian), domain, record: key, buildHash };
    const next =
        state.openIncident === NOBODY
            ? 'guardians confirm the incident first, which freezes the domain'
            : "sign with a guardian's key; a proposal registers an emergency build";
    await work.act([await getConfirmEmergencyBuildInstructionAsync(accounts)], next, {
        AlreadyConfirmed: 'this guardian has confirmed already, or enough others have',
    });
    const { incident, confirmations, configEpoch, state: reached } = await readRecord(work, key);
    const isReached = reached !== buildState.PENDING;
    const missing = isReached ? [] : guardiansMissing(council, confirmations, configEpoch);
    return { ...work.done(), incident, isReached, missing };
}

/** Anyone deploys the emergency build of a program that the guardians have confirmed. Does nothing if it is deployed. */
export async function deployEmergencyBuild(session: Session, { domain, program }: BuildInput): Promise<Done> {
    const work = new Work(session);
    const { domain: state } = await readScene(work, domain);
    const key = await pdas.hostProgram(domain, program);
    const record = await readRecord(work, key);
    const isOfNow = record.incident !== NOBODY && record.incident === state.openIncident;
    if (record.state === buildState.DEPLOYED && isOfNow) {
        work.skip('it is deployed already');
        return work.done();
    }
    const next = 'guardians confirm it first';
    if (record.state !== buildState.CONFIRMED || !isOfNow) throw new Rule('BuildNotConfirmed', next);
    const programData = await programDataOf(program);
    const deploy = getDeployEmergencyBuildInstruction({
        domain,
        record: key,
        program,
        programData,
        buffer: await findBuffer(work, domain, record.buildHash),
        spill: record.buildSpill,
        watch: await pdas.authorityWatch(domain, programData, 0),
    });
    await work.act([deploy], next);
    return work.done();
}

function readRecord(work: Work, key: Address) {
    const next = 'a proposal registers an emergency build of the program first';
    return work.load('record of a program', key, decodeHostProgram, next);
}
