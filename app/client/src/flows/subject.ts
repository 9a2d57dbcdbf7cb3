/** What a proposal decides about, as its execution will encounter it. */
import type { Address } from '@solana/kit';

import {
    decodeBallotRules,
    decodeCheckpointLog,
    decodeDirectVault,
    decodeClaimTerms,
    decodeEmergencyAction,
    decodeHostProgram,
    decodeIncident,
    decodeLedger,
    decodeInsurancePool,
    decodeLink,
    decodePeer,
    decodeProofCheck,
    decodeProofRules,
    decodeRestoration,
    decodeVault,
    type Decision,
} from '../generated/bulkhead/public.ts';
import { LAYOUTS } from '../generated/bulkhead/readers.ts';
import * as pdas from '../pdas.ts';
import type { Scene as Judged } from '../proposal-progress.ts';
import { kindOf } from '../watch.ts';
import { NOBODY, type Scene } from './reading.ts';
import type { Work } from './session.ts';

type Subject = Pick<Judged, 'incident' | 'loweredSlot' | 'decidedSlot'>;

/** The accounts that decide whether the program would refuse a proposal. Addresses in a payload may belong to anyone. */
export async function readSubject(work: Work, { key, domain }: Scene, decision: Decision): Promise<Subject> {
    switch (decision.__kind) {
        case 'Resume':
            // It may end another incident than the one it names.
            return { incident: await incidentOf(work, key, domain.openIncident) };
        case 'Reopen':
            return { incident: await incidentOf(work, key, decision.fields[0].incident) };
        case 'SetLimit':
            return detector(work, key, decision.fields[0].breaker);
        case 'CloseDetector':
            return detector(work, key, decision.fields[0].detector);
        case 'RegisterEvacuationRoute':
            return { decidedSlot: (await work.find(decision.fields[0].vault, decodeVault))?.routeDecidedSlot };
        case 'CancelReleases':
            return { decidedSlot: (await work.find(decision.fields[0].vault, decodeVault))?.cancelDecidedSlot };
        case 'SetLink': {
            const link = await pdas.link(key, decision.fields[0].upstream);
            return { decidedSlot: (await work.find(link, decodeLink))?.decidedSlot };
        }
        case 'RegisterPeer': {
            const { chain, emitter } = decision.fields[0];
            const peer = await pdas.peer(key, chain, emitter);
            return { decidedSlot: (await work.find(peer, decodePeer))?.decidedSlot };
        }
        case 'RegisterVerifyingKey':
            return { decidedSlot: (await work.find(await pdas.proofRules(key), decodeProofRules))?.keySlot };
        case 'RequireProofs':
            return { decidedSlot: (await work.find(await pdas.proofRules(key), decodeProofRules))?.decidedSlot };
        case 'OverrideProof': {
            const plan = await work.find(decision.fields[0].restoration, decodeRestoration);
            if (plan === undefined) return {};
            const check = await pdas.proofCheck(plan.incident, plan.ledgerIndex);
            return { decidedSlot: (await work.find(check, decodeProofCheck))?.decidedSlot };
        }
        case 'SetInterimRule': {
            const ledger = await pdas.ledger(key, decision.fields[0].ledgerIndex);
            return { decidedSlot: (await work.find(ledger, decodeLedger))?.interimDecidedSlot };
        }
        case 'OpenCheckpointLog': {
            const log = await pdas.checkpointLog(key, decision.fields[0].ledgerIndex);
            return { decidedSlot: (await work.find(log, decodeCheckpointLog))?.decidedSlot };
        }
        case 'SetClaimTerms': {
            const terms = await pdas.claimTerms(key, decision.fields[0].ledgerIndex);
            return { decidedSlot: (await work.find(terms, decodeClaimTerms))?.decidedSlot };
        }
        case 'SetBallotRules': {
            const rules = await pdas.ballotRules(key);
            return { decidedSlot: (await work.find(rules, decodeBallotRules))?.decidedSlot };
        }
        case 'SetRecoveryRules':
            return { decidedSlot: domain.rulesDecidedSlot };
        case 'OpenInsurance': {
            const { ledgerIndex, order } = decision.fields[0];
            const pool = await pdas.insurancePool(key, ledgerIndex, order);
            return { decidedSlot: (await work.find(pool, decodeInsurancePool))?.decidedSlot };
        }
        case 'RegisterEmergencyAction': {
            const action = await pdas.emergencyAction(key, decision.fields[0].index);
            return { decidedSlot: (await work.find(action, decodeEmergencyAction))?.decidedSlot };
        }
        case 'RegisterEmergencySteps': {
            // A piece that continues an action is bound by the action's hash instead.
            const [{ index, first }] = decision.fields;
            if (first !== 0) return {};
            const action = await pdas.emergencyAction(key, index);
            return { decidedSlot: (await work.find(action, decodeEmergencyAction))?.decidedSlot };
        }
        case 'RegisterDirectVault': {
            const vault = await pdas.directVault(key, decision.fields[0].source);
            return { decidedSlot: (await work.find(vault, decodeDirectVault))?.decidedSlot };
        }
        case 'UpgradeHost': {
            const record = await pdas.hostProgram(key, decision.fields[0].program);
            return { decidedSlot: (await work.find(record, decodeHostProgram))?.decidedSlot };
        }
        case 'RegisterEmergencyBuild': {
            const record = await pdas.hostProgram(key, decision.fields[0].program);
            return { decidedSlot: (await work.find(record, decodeHostProgram))?.buildDecidedSlot };
        }
        default:
            return {};
    }
}

async function incidentOf(work: Work, domain: Address, key: Address) {
    const incident = key === NOBODY ? undefined : await work.find(key, decodeIncident);
    return incident?.domain === domain ? incident : undefined;
}

/** A detector of any kind: the slots in which its limits were lowered and decided. */
async function detector(work: Work, domain: Address, key: Address): Promise<Subject> {
    const account = await work.account(key);
    const kind = account.exists ? kindOf(account.data) : undefined;
    if (!account.exists || kind === undefined) return {};
    const found: Readonly<Record<string, unknown>> = { ...LAYOUTS[kind].decoder.decode(account.data) };
    if (found['domain'] !== domain) return {};
    const slot = (name: string) => (typeof found[name] === 'bigint' ? found[name] : undefined);
    return { loweredSlot: slot('loweredSlot'), decidedSlot: slot('decidedSlot') };
}
