/** A guardian runs an emergency action: all steps that are left, in order. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Address, Instruction } from '@solana/kit';

import { addressBytes, bytesEqual } from '../bytes.ts';
import { EMERGENCY_RUN_SECONDS, emergencyRunState, role } from '../constants.ts';
import type { StoredInstruction } from '../generated/bulkhead/index.ts';
import {
    decodeCouncil,
    decodeEmergencyAction,
    decodeEmergencyRun,
    getEmergencyActionSize,
    getRunEmergencyActionInstructionAsync,
    getRunEmergencyStepInstructionAsync,
    getStartEmergencyRunInstructionAsync,
    type Domain,
    type EmergencyAction,
    type EmergencyRun,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { fits } from './batch.ts';
import { NetworkError, ProgramError, RpcRefused, type ChainError } from './chain.ts';
import { whoCanPause } from './pause.ts';
import { members, NOBODY, ownedOfKind, readScene, type Scene } from './reading.ts';
import { decoded, NotFound, NotPossible, Rule, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';
import { readStored, unstored, withStored } from './stored.ts';

/** Offset of the action in a run: after the discriminator, 8 bytes of numbers and the domain. */
const ACTION_OFFSET = 8 + 8 + 32;

/** A registered action with its steps that are registered, in order. */
export type Action = Readonly<{ key: Address; header: EmergencyAction; steps: readonly StoredInstruction[] }>;

/** A run that is to be started or continued. */
export type EmergencyPlan = Readonly<{
    action: Action;
    /** The guardian who runs it. */
    guardian: Address;
    /** The guardian whose run it is, and number of the step that is next. */
    run: Readonly<{ starter: Address; next: number }> | undefined;
    /** The guardian's pause rights afterwards, if the run is to be started. */
    rightsLeft: number | undefined;
}>;

/** What would become of a step. */
export type StepTrial = Readonly<{
    /** Its number, from 0. */
    step: number;
    instruction: StoredInstruction;
    /** Why it would fail. `undefined` if it would work. */
    fails: string | undefined;
    /** It was tried after all steps before it. Otherwise alone, against the present state. */
    isAfterOthers: boolean;
}>;

export type EmergencyInput = Readonly<{
    domain: Address;
    guardian: Address;
    /** Number of the action. */
    index: number;
    /** Starts a new run although another can be continued. */
    isFresh?: boolean;
}>;

/**
 * Reads an action and decides whether a run is started or continued. The newest run that can be continued is, no matter who
 * started it, unless a fresh one is asked for. What the program would refuse is refused here, before anything is sent.
 */
export async function planEmergencyRun(session: Session, input: EmergencyInput): Promise<EmergencyPlan> {
    const { domain, guardian, index, isFresh = false } = input;
    const work = new Work(session);
    const scene = await readScene(work, domain);
    const action = await readAction(work, domain, index);
    const found = isFresh || !hasSteps(action) ? undefined : await newestRun(work, scene.domain, action, scene.at.now);
    requireGuardian(scene, guardian);
    if (action.header.registeredSteps !== action.header.steps) {
        throw new Rule('ActionIncomplete', 'execute the proposals with its other steps first');
    }
    const run = found === undefined ? undefined : { starter: found.guardian, next: found.nextStep };
    const plan = { action, guardian, run, rightsLeft: undefined };
    return found === undefined ? { ...plan, rightsLeft: await rightsLeft(work, scene, plan) } : plan;
}

/** Reads an action and its steps to the last byte. What runs is what is shown: the hash of a complete one is checked. */
async function readAction(work: Work, domain: Address, index: number): Promise<Action> {
    const key = await pdas.emergencyAction(domain, index);
    const account = await work.account(key);
    const header = decoded(account, decodeEmergencyAction)?.data;
    if (!account.exists || header === undefined) {
        throw new NotFound('emergency action', key, 'its number is that of a proposal that registered it');
    }
    const begin = getEmergencyActionSize();
    const bytes = Uint8Array.from(account.data.slice(begin, begin + header.instructionLen));
    const steps = readStored(bytes);
    const isWhole = steps !== undefined && steps.length === Math.max(header.registeredSteps, 1);
    const isComplete = header.steps === header.registeredSteps;
    const isSame = !isComplete || bytesEqual(sha256(bytes), header.instructionHash);
    if (!isWhole || !isSame || header.domain !== domain || header.index !== index) {
        throw new NotPossible(
            `${key} is not an emergency action that this version can read`,
            'update the client, or do not trust this node',
        );
    }
    return { key, header, steps };
}

/** An action of one step runs in one instruction, others step by step. */
const hasSteps = ({ header }: Action) => header.steps > 1;
const countOf = ({ header }: Action) => Math.max(header.steps, 1);

/** The newest run of the action that can be continued. */
async function newestRun(work: Work, domain: Domain, action: Action, now: bigint): Promise<EmergencyRun | undefined> {
    const own = { offset: ACTION_OFFSET, bytes: addressBytes(action.key) };
    const accounts = await ownedOfKind(work, 'EmergencyRun', own);
    const runs: EmergencyRun[] = [];
    for (const account of accounts) {
        const run = decodeEmergencyRun(account).data;
        const isIts = account.address === (await pdas.emergencyRun(action.key, run.guardian));
        if (isIts && run.emergencyAction === action.key && isContinuable(domain, action.header, run, now)) {
            runs.push(run);
        }
    }
    const newest = (a: EmergencyRun, b: EmergencyRun) =>
        Number(b.startedSlot - a.startedSlot) || b.nextStep - a.nextStep;
    return runs.sort(newest)[0];
}

/** By the program's rule: steps left, of the last day, the same action, and its incident not over. */
function isContinuable(domain: Domain, action: EmergencyAction, run: EmergencyRun, now: bigint): boolean {
    const isOfNow = run.incident === NOBODY || run.incident === domain.openIncident;
    const isSame = bytesEqual(run.instructionHash, action.instructionHash);
    const isOpen = now < run.startedTs + BigInt(EMERGENCY_RUN_SECONDS);
    return run.state === emergencyRunState.RUNNING && isSame && isOfNow && isOpen;
}

function requireGuardian({ council }: Scene, guardian: Address): void {
    const member = members(council).find(({ key }) => key === guardian);
    const next = "sign with a guardian's key";
    if (member === undefined) throw new Rule('NotAMember', next);
    if ((member.roles & role.GUARDIAN) === 0) throw new Rule('RoleMissing', next);
}

/** The guardian's rights after the start, which the program tries. Of a step that fails it says nothing. */
async function rightsLeft(work: Work, { key, council }: Scene, plan: EmergencyPlan): Promise<number> {
    const address = await pdas.council(key);
    // An action of one step is started with it, and by the same rule.
    const [first] = await instructionsOf(work, plan, 0, 1);
    const { error, accounts } = await work.chain.simulate(first === undefined ? [] : [first], [address]);
    if (error instanceof NetworkError) throw error;
    if (error instanceof ProgramError && error.rule !== undefined) throw new Rule(error.rule, whoCanPause(council));
    const after = error === undefined ? accounts[0] : undefined;
    const seen = after && decoded(after, decodeCouncil)?.data;
    const rightsOf = (state: typeof council) =>
        members(state).find((member) => member.key === plan.guardian)?.pauseRights;
    return (seen && rightsOf(seen)) ?? (rightsOf(council) ?? 1) - 1;
}

/** The instructions that start the run, if it has to be started, and run the steps from `first` to before `end`. */
async function instructionsOf(work: Work, plan: EmergencyPlan, first: number, end: number): Promise<Instruction[]> {
    const { action, run } = plan;
    const { domain, instructionHash } = action.header;
    const accounts = { guardian: signer(plan.guardian), domain, emergencyAction: action.key };
    const steps = action.steps.slice(first, end);
    if (!hasSteps(action)) {
        return Promise.all(
            steps.map(async (step) =>
                withStored(await getRunEmergencyActionInstructionAsync({ ...accounts, callee: step.programId }), step),
            ),
        );
    }
    const own = { ...accounts, run: await pdas.emergencyRun(action.key, run?.starter ?? plan.guardian) };
    const start =
        run === undefined && first === 0
            ? [await getStartEmergencyRunInstructionAsync({ ...own, payer: work.payer, instructionHash })]
            : [];
    const stepped = steps.map(async (stored, place) => {
        const made = await getRunEmergencyStepInstructionAsync({
            ...own,
            callee: stored.programId,
            step: first + place,
        });
        return withStored(made, stored);
    });
    return [...start, ...(await Promise.all(stepped))];
}

/**
 * Simulates every step that is left, against the present state. As many as fit one transaction are tried one after the
 * other, each after all steps before it. From the first that fails, or does not fit, every step is tried alone, as if the
 * domain had signed it. Nothing is sent.
 */
export async function tryEmergencySteps(session: Session, plan: EmergencyPlan): Promise<StepTrial[]> {
    const work = new Work(session);
    const next = plan.run?.next ?? 0;
    const trials: StepTrial[] = [];
    let isInRow = true;
    for (const [step, instruction] of [...plan.action.steps.entries()].slice(next)) {
        const together = await instructionsOf(work, plan, next, step + 1);
        isInRow &&= fits(work.chain.payer, together);
        const { error } = await work.chain.simulate(isInRow ? together : [unstored(instruction)], []);
        if (error instanceof NetworkError) throw error;
        trials.push({ step, instruction, fails: error && firstLine(error), isAfterOthers: isInRow });
        isInRow &&= error === undefined;
    }
    return trials;
}

/**
 * Runs the steps that are left, as many in a transaction as fit. Stops at the first that fails: what ran before it is kept,
 * and running this again goes on there. A transaction of several steps that fails is sent again step by step, so that
 * everything before the failing step is done.
 */
export async function runEmergencyAction(session: Session, plan: EmergencyPlan): Promise<Done> {
    const work = new Work(session);
    const total = countOf(plan.action);
    let next = plan.run?.next ?? 0;
    let most = total;
    while (next < total) {
        let end = Math.max(Math.min(total, next + most), next + 1);
        let instructions = await instructionsOf(work, plan, next, end);
        while (end > next + 1 && !fits(work.chain.payer, instructions)) {
            instructions = await instructionsOf(work, plan, next, --end);
        }
        try {
            await work.send(...instructions);
        } catch (error) {
            if (!(error instanceof ProgramError) && !(error instanceof RpcRefused)) throw error;
            if (end === next + 1) throw stopped(next, total, error);
            most = 1;
            continue;
        }
        next = end;
        work.report.progress('steps', next, total);
    }
    return work.done();
}

function stopped(step: number, total: number, error: ChainError): NotPossible {
    return new NotPossible(
        `step ${step + 1} of ${total} failed, and the ${step} before it are done: ${error.message}`,
        'remove the cause and run this again: it goes on with this step',
    );
}

function firstLine(error: ChainError): string {
    return error.message.split('\n', 1)[0] as string;
}
