/** Proposals: made, approved, withdrawn, vetoed. */
import type { Address, EncodedAccount, Instruction, ReadonlyUint8Array } from '@solana/kit';

import { addressBytes, bytesEqual } from '../bytes.ts';
import { proposalState, role } from '../constants.ts';
import {
    decodeCouncil,
    decodeIncident,
    decodeProposal,
    getApproveInstruction,
    getProposalSize,
    getProposeInstructionAsync,
    getVetoInstruction,
    getWithdrawApprovalInstruction,
    type Council,
    type Decision,
    type DecisionArgs,
    type Proposal,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { proposalProgress, proposalProgressIn, type ProposalProgress } from '../proposal-progress.ts';
import { decisionHash, readProposal } from '../proposals.ts';
import { parentOffset } from '../watch.ts';
import { memberBit, membersWith, NOBODY, ownedOfKind, readScene, type Scene } from './reading.ts';
import { readSubject } from './subject.ts';
import { decoded, NotFound, NotPossible, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** A proposal as it was read. Its decision has the hash that approvals sign. */
export type FoundProposal = Readonly<{ key: Address; data: Proposal; decision: Decision }>;

/** A proposal that was made. */
export type Proposed = Done & Readonly<{ proposal: Address }>;

/** How long a newer slot is waited for, and the time of a slot in milliseconds. */
const MAX_WAITS = 8;
const SLOT_MS = 400;
/** The proposer's key follows the domain's. */
const PROPOSER_AFTER_DOMAIN = 32;

/** Reads a proposal from its account. Throws {@link NotPossible}. */
export async function parseProposal(account: EncodedAccount): Promise<FoundProposal> {
    const { address: key, data: bytes } = account;
    const invalid = (why: string) =>
        new NotPossible(`account ${key} ${why}`, 'do not approve it, and do not trust its source');
    const header = decoded(account, decodeProposal);
    if (header === undefined) throw invalid('is not a proposal');
    const { data } = header;
    let decision: Decision;
    try {
        decision = readProposal({ data, bytes: bytes.slice(0, getProposalSize() + data.payloadLen) });
    } catch (error) {
        throw invalid(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    if ((await pdas.proposal(data.domain, data.proposer, data.index)) !== key) {
        throw invalid('has the contents of another proposal');
    }
    return { key, data, decision };
}

/** Reads a proposal. What it returns is what an approval of its hash approves, whatever the node says. */
export async function findProposal(work: Work, key: Address): Promise<FoundProposal> {
    const account = await work.account(key);
    if (!account.exists || decoded(account, decodeProposal) === undefined) {
        throw new NotFound('proposal', key, 'it may be closed, or on another cluster');
    }
    return parseProposal(account);
}

export type ProposeInput = Readonly<{ domain: Address; proposer: Address; decision: DecisionArgs }>;

/** An approver proposes a decision. Does nothing if an identical proposal of this proposer can still be executed. */
export async function propose(session: Session, { domain, proposer, decision }: ProposeInput): Promise<Proposed> {
    const work = new Work(session);
    const scene = await readScene(work, domain);
    const same = await liveProposals(work, scene, decisionHash(decision));
    const own = same.find(({ found }) => found.data.proposer === proposer);
    if (own !== undefined) {
        work.skip('an identical proposal is open already');
        return { ...work.done(), proposal: own.found.key };
    }
    await awaitNewerSlot(work, scene);
    const index = await freeNumber(work, domain, proposer);
    const proposal = await pdas.proposal(domain, proposer, index);
    const accounts = { proposer: signer(proposer), payer: work.payer, domain, proposal };
    await work.act([await getProposeInstructionAsync({ ...accounts, index, decision })], nextOf(scene.council));
    return { ...work.done(), proposal };
}

/** Waits until a proposal can know of everything that is closed: it does not know of what happened in its own slot. */
async function awaitNewerSlot(work: Work, { domain, board }: Scene): Promise<void> {
    const incident = domain.openIncident === NOBODY ? undefined : await work.find(domain.openIncident, decodeIncident);
    const ofIncident =
        incident === undefined
            ? []
            : [incident.alarmSlot, incident.interimSlot, ...incident.steps.map(({ slot }) => slot)];
    const trips = [board.domainRow, ...board.rows].map(({ tripSlot }) => number(tripSlot));
    const { confirmedSlot } = domain;
    const { frozenSlot, guardianPauseSlot, linkedSlot } = board;
    const closed = [confirmedSlot, frozenSlot, guardianPauseSlot, linkedSlot, ...trips, ...ofIncident];
    const newest = closed.reduce((most, slot) => (slot > most ? slot : most));
    for (let wait = 0; wait < MAX_WAITS && (await work.chain.now()).slot <= newest; wait++) {
        await work.chain.wait(SLOT_MS);
    }
}

/** Little endian. */
function number(bytes: ReadonlyUint8Array): bigint {
    return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The lowest number that the proposer has no proposal with. */
async function freeNumber(work: Work, domain: Address, proposer: Address): Promise<bigint> {
    const own = [...ofDomain(domain), { offset: offset() + PROPOSER_AFTER_DOMAIN, bytes: addressBytes(proposer) }];
    const found = await ownedOfKind(work, 'Proposal', ...own);
    const taken = new Set(found.map((account) => decodeProposal(account).data.index));
    let index = 0n;
    while (taken.has(index)) index += 1n;
    return index;
}

const offset = () => parentOffset('Proposal');
const ofDomain = (domain: Address) => [{ offset: offset(), bytes: addressBytes(domain) }];

/** The proposals of this decision that can still be executed: those that are ready first, then the oldest. */
export async function liveProposals(
    work: Work,
    scene: Scene,
    hash: ReadonlyUint8Array,
): Promise<Readonly<{ found: FoundProposal; progress: ProposalProgress }>[]> {
    const accounts = await ownedOfKind(work, 'Proposal', ...ofDomain(scene.key));
    const same = accounts.filter((account) => bytesEqual(decodeProposal(account).data.payloadHash, hash));
    const parsed = await Promise.all(same.map((account) => parseProposal(account).catch(() => undefined)));
    const live: { found: FoundProposal; progress: ProposalProgress }[] = [];
    for (const found of parsed.filter((each) => each !== undefined)) {
        const progress = await progressOf(work, scene, found);
        if (LIVE.includes(progress.status)) live.push({ found, progress });
    }
    // The oldest first: whoever edits a proposal makes it the newest.
    const rank = ({ progress: { status } }: (typeof live)[number]) => LIVE.indexOf(status);
    return live.sort((a, b) => rank(a) - rank(b) || Number(a.found.data.createdSlot - b.found.data.createdSlot));
}

/** The states from which a proposal can still be executed, in the order in which proposals are taken. */
export const LIVE: readonly ProposalProgress['status'][] = ['ready', 'waiting', 'collecting', 'fallbackNotDue'];

/** The state of a proposal, by the program's rule. */
export async function progressOf(
    work: Work,
    scene: Scene,
    { data, decision }: FoundProposal,
): Promise<ProposalProgress> {
    const { council, domain, board, at } = scene;
    const settled = proposalProgress(data, council, at);
    if (!LIVE.includes(settled.status)) return settled;
    const subject = await readSubject(work, scene, decision);
    return proposalProgressIn(data, council, { asked: decision, domain, board, ...subject }, at);
}

export type ApproveInput = Readonly<{
    proposal: Address;
    approver: Address;
    /** The hash of the decision that the approver has read: `decisionHash`. */
    expectedHash: ReadonlyUint8Array;
}>;

/** An approver approves exactly the decision that they have read. Does nothing if they have approved it. */
export async function approve(session: Session, input: ApproveInput): Promise<Done> {
    const { proposal, approver, expectedHash: payloadHash } = input;
    const work = new Work(session);
    const { data, council } = await load(work, proposal);
    if (!bytesEqual(data.payloadHash, payloadHash)) {
        throw new NotPossible(
            `the proposal ${proposal} is not the one that was read: its decision is another`,
            'read it again, then approve what you read',
        );
    }
    if (data.state === proposalState.EXECUTED && (data.approvals & memberBit(council, approver)) !== 0) {
        work.skip('approved and executed already');
        return work.done();
    }
    const accounts = { approver: signer(approver), council: await pdas.council(data.domain), proposal };
    const instruction = getApproveInstruction({ ...accounts, payloadHash, createdSlot: data.createdSlot });
    return act(work, instruction, council, { AlreadyApproved: 'approved already' });
}

/** An approver withdraws an approval. Does nothing if there is none. */
export async function withdraw(
    session: Session,
    { proposal, approver }: Readonly<{ proposal: Address; approver: Address }>,
): Promise<Done> {
    const work = new Work(session);
    const { data, council } = await load(work, proposal);
    const accounts = { approver: signer(approver), council: await pdas.council(data.domain), proposal };
    const instruction = getWithdrawApprovalInstruction(accounts);
    return act(work, instruction, council, { ApprovalMissing: 'this member does not approve it' });
}

/** A vetoer stops a proposal. Does nothing if they have vetoed it, or if it is stopped. */
export async function veto(
    session: Session,
    { proposal, vetoer }: Readonly<{ proposal: Address; vetoer: Address }>,
): Promise<Done> {
    const work = new Work(session);
    const { data, council } = await load(work, proposal);
    if (data.state === proposalState.VETOED) {
        work.skip('stopped by a veto already');
        return work.done();
    }
    if ((data.removes & memberBit(council, vetoer)) !== 0) {
        work.report.note('the proposal would remove this vetoer, so a second vetoer has to veto it too');
    }
    const accounts = { vetoer: signer(vetoer), council: await pdas.council(data.domain), proposal };
    return act(work, getVetoInstruction(accounts), council, { AlreadyVetoed: 'vetoed already' });
}

async function load(work: Work, key: Address): Promise<Readonly<{ data: Proposal; council: Council }>> {
    const { data } = await findProposal(work, key);
    const council = await pdas.council(data.domain);
    return { data, council: await work.load('council', council, decodeCouncil, 'is the cluster right?') };
}

async function act(
    work: Work,
    instruction: Instruction,
    council: Council,
    done: Parameters<Work['act']>[2],
): Promise<Done> {
    await work.act([instruction], nextOf(council), done);
    return work.done();
}

/** Who may act on proposals. */
function nextOf(council: Council): string {
    const [approvers, vetoers] = [membersWith(council, role.APPROVER), membersWith(council, role.VETOER)];
    return `read the proposal and the domain's status; approvers: ${approvers}; vetoers: ${vetoers}`;
}
