/**
 * What a ledger was at the end of a slot, posted and attested in peace.
 *
 * An attester states what it has read itself. So an attestation is sent only after the tree was built from the attester's
 * own positions, and only if it is the checkpoint's.
 */
import { getBase16Decoder, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { addressBytes, bytesEqual } from '../bytes.ts';
import { checkpointsOf, checkpointTag, latestCheckpoint, newestSlot, shardsHash, slotHash } from '../checkpoints.ts';
import { checkpointState, ledgerMode, POSTER_BYTES, role } from '../constants.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    decodeCheckpointLog,
    decodeCouncil,
    decodeLedger,
    getAttestCheckpointInstruction,
    getPostCheckpointInstructionAsync,
    type Checkpoint,
    type CheckpointLog,
    type Council,
    type Ledger,
    type PostCheckpointArgs,
} from '../generated/bulkhead/public.ts';
import { LedgerTree, type Position } from '../merkle.ts';
import * as pdas from '../pdas.ts';
import { agrees, readTotal } from '../positions.ts';
import { CLOCK, clockOf } from './chain.ts';
import { bits, memberBit, members, membersWith } from './reading.ts';
import { NotPossible, NotYet, Rule, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';
import { listPositions, sumOf } from './snapshot/positions.ts';

/** How often the positions of one slot are tried to be read. */
const ATTEMPTS = 8;
/** How often the slot's hash is looked for, and the wait between two looks in milliseconds: a minute in all. */
const LOOKS = 150;
const LOOK = 400;
const SLOT_HASHES = 'SysvarS1otHashes111111111111111111111111111' as Address;

/** Positions as they were at the end of a slot, in any order. */
export type PositionsOfSlot = Readonly<{ slot: bigint; leaves: readonly Position[] }>;

export type CheckpointInput = Readonly<{
    domain: Address;
    attester: Address;
    ledgerIndex: number;
    /**
     * Positions that the caller has read. Unless stated, the positions as the chain has them now, with the slot that the
     * node states for its answer. They may move meanwhile.
     */
    positions?: PositionsOfSlot;
}>;

/** A checkpoint of the log. */
export type Checkpointed = Done &
    Readonly<{
        slot: bigint;
        hash: ReadonlyUint8Array;
        root: ReadonlyUint8Array;
        /** Sum of its leaves. Native units. */
        total: bigint;
        /** Number of its leaves. */
        count: number;
        /** Number of its attesters, and of those it needs. */
        attesters: number;
        threshold: number;
        /** Is the threshold reached? */
        isAttested: boolean;
    }>;

/**
 * Attests the newest checkpoint if it still waits for this attester, and otherwise builds one and posts it. Run by each
 * attester on schedule.
 */
export async function checkpoint(session: Session, input: CheckpointInput): Promise<Checkpointed> {
    const work = new Work(session);
    const desk = await openDesk(work, input);
    const latest = latestCheckpoint(desk.log);
    if (latest !== undefined && isWaiting(desk, latest)) {
        return attestCheckpoint(session, { ...input, slot: latest.slot });
    }
    // Known before anything is read.
    await requireDue(work, desk);
    const built = await buildCheckpoint(session, input);
    return postCheckpoint(session, { ...input, built });
}

/** A checkpoint that was built and not posted yet. */
export type Built = Readonly<{ claim: PostCheckpointArgs; tree: LedgerTree }>;

/** Reads a ledger's positions and builds the checkpoint of their slot, with the slot's hash. Sends nothing. */
export async function buildCheckpoint(
    session: Session,
    { domain, ledgerIndex, positions }: Omit<CheckpointInput, 'attester'>,
): Promise<Built> {
    const work = new Work(session);
    const ledger = await work.load(
        'ledger',
        await pdas.ledger(domain, ledgerIndex),
        decodeLedger,
        'is its number right?',
    );
    const { slot, leaves } = positions ?? (await readSlot(work, ledger));
    const tree = new LedgerTree(await tagOf(domain, ledgerIndex, slot), leaves);
    const claim = {
        slot,
        slotHash: await awaitSlotHash(work, slot),
        root: tree.root.hash,
        total: tree.root.sum,
        count: BigInt(tree.count),
        shardsHash: shardsHash(tree),
    };
    return { claim, tree };
}

/** Posts a checkpoint, unless the log has it already. The attester thereby attests it. */
export async function postCheckpoint(
    session: Session,
    input: Omit<CheckpointInput, 'positions'> & Readonly<{ built: Pick<Built, 'claim'> }>,
): Promise<Checkpointed> {
    const { domain, attester, ledgerIndex, built } = input;
    const work = new Work(session);
    const desk = await openDesk(work, input);
    const known = entryOf(desk.log, built.claim);
    if (known !== undefined) {
        work.skip('posted already');
        return report(work, known);
    }
    await requireDue(work, desk);
    const { key: log, ledger } = desk;
    const accounts = { attester: signer(attester), domain, log, ledger: await pdas.ledger(domain, ledgerIndex) };
    const post = await getPostCheckpointInstructionAsync({
        ...accounts,
        totalAccount: ledger.totalAccount,
        args: built.claim,
    });
    const next =
        'if the slot is too old, build it again from a newer one; if the totals differ, the positions were read ' +
        "incompletely or the host's total is wrong; checkpoints are posted until the domain is frozen";
    const posted = async () => {
        const found = await work.load('checkpoint log', log, decodeCheckpointLog, 'run this again');
        return entryOf(found, built.claim);
    };
    try {
        await work.act([post], next);
    } catch (error) {
        // It may have landed although no answer arrived.
        const entry = await posted().catch(() => undefined);
        if (entry === undefined) throw error;
        work.skip();
        return report(work, entry);
    }
    const entry = await posted();
    if (entry === undefined) throw new NotYet('the checkpoint is not visible on this node', 'run this again');
    return report(work, entry);
}

/**
 * Builds the tree of the checkpoint at `slot` from this attester's own positions, and attests the checkpoint if it is
 * exactly that.
 */
export async function attestCheckpoint(
    session: Session,
    input: CheckpointInput & Readonly<{ slot: bigint }>,
): Promise<Checkpointed> {
    const { domain, attester, ledgerIndex, slot, positions } = input;
    const work = new Work(session);
    const desk = await openDesk(work, input);
    const find = (log: CheckpointLog) => checkpointsOf(log).find((entry) => entry.slot === slot);
    const entry = find(desk.log);
    if (entry === undefined) {
        throw new Rule('NoSuchCheckpoint', 'the log keeps forty checkpoints; read which ones it has');
    }
    if (hasAttested(desk, entry)) {
        work.skip('attested already');
        return report(work, entry);
    }
    if (positions !== undefined && positions.slot !== slot) {
        throw new NotPossible(
            `the positions are of slot ${positions.slot}, and the checkpoint is of slot ${slot}`,
            "pass the positions of the checkpoint's own slot",
        );
    }
    const leaves = positions?.leaves ?? (await positionsNow(work, desk.ledger));
    requireSame(entry, new LedgerTree(await tagOf(domain, ledgerIndex, slot), leaves));
    const accounts = { attester: signer(attester), council: await pdas.council(domain), log: desk.key };
    const attest = getAttestCheckpointInstruction({ ...accounts, slot, hash: entry.hash });
    await work.act([attest], 'only attesters of the council under which it was posted attest it', {
        AlreadyAttested: 'attested already',
    });
    const after = await work.load('checkpoint log', desk.key, decodeCheckpointLog, 'run this again');
    return report(work, find(after) ?? entry);
}

/** Is the checkpoint exactly the tree that was built? */
function requireSame(entry: Checkpoint, tree: LedgerTree): void {
    const { hash, sum } = tree.root;
    const isSame =
        bytesEqual(hash, entry.root) &&
        sum === entry.total &&
        tree.count === entry.count &&
        bytesEqual(shardsHash(tree), entry.shardsHash);
    if (isSame) return;
    const hex = getBase16Decoder();
    throw new NotPossible(
        `the checkpoint of slot ${entry.slot} has root ${hex.decode(entry.root)}, total ${entry.total} and ` +
            `${entry.count} leaves, and the positions read here have root ${hex.decode(hash)}, total ${sum} and ` +
            `${tree.count} leaves: it is not attested`,
        `if positions have changed since, read those of slot ${entry.slot} from an archive and attest with them; if they ` +
            'have not, the checkpoint is wrong: attest nothing, and post your own',
    );
}

/** What the flows about one log work with. */
type Desk = Readonly<{ council: Council; ledger: Ledger; key: Address; log: CheckpointLog; attester: Address }>;

async function openDesk(
    work: Work,
    { domain, attester, ledgerIndex }: Pick<CheckpointInput, 'domain' | 'attester' | 'ledgerIndex'>,
): Promise<Desk> {
    const council = await work.load('council', await pdas.council(domain), decodeCouncil, 'is the domain right?');
    const member = members(council).find(({ key }) => key === attester);
    if (member === undefined || (member.roles & role.ATTESTER) === 0) {
        const rule = member === undefined ? 'NotAMember' : 'RoleMissing';
        throw new Rule(rule, `sign with the key of an attester: ${membersWith(council, role.ATTESTER)}`);
    }
    const ledger = await work.load(
        'ledger',
        await pdas.ledger(domain, ledgerIndex),
        decodeLedger,
        'is its number right?',
    );
    const key = await pdas.checkpointLog(domain, ledgerIndex);
    const log = await work.load('checkpoint log', key, decodeCheckpointLog, 'propose to open a checkpoint log first');
    return { council, ledger, key, log, attester };
}

/** The checkpoint of this content. */
function entryOf(log: CheckpointLog, claim: PostCheckpointArgs): Checkpoint | undefined {
    return checkpointsOf(log).find(
        (entry) =>
            entry.slot === claim.slot &&
            entry.total === claim.total &&
            bytesEqual(entry.root, claim.root) &&
            bytesEqual(entry.slotHash, claim.slotHash) &&
            bytesEqual(entry.shardsHash, claim.shardsHash),
    );
}

const isOfCouncil = ({ council }: Desk, { configEpoch }: Checkpoint) => BigInt(configEpoch) === council.configEpoch;

function hasAttested(desk: Desk, entry: Checkpoint): boolean {
    return isOfCouncil(desk, entry) && (entry.attesters & memberBit(desk.council, desk.attester)) !== 0;
}

/** Could this attester's attestation still help it over the threshold? */
function isWaiting(desk: Desk, entry: Checkpoint): boolean {
    return isOfCouncil(desk, entry) && entry.state === checkpointState.POSTED && !hasAttested(desk, entry);
}

/** May this attester post again, by the time since its last checkpoint? The other conditions depend on the content. */
async function requireDue(work: Work, { log, attester }: Desk): Promise<void> {
    const { slot } = await work.chain.now();
    const poster = addressBytes(attester).slice(0, POSTER_BYTES);
    const own = checkpointsOf(log).filter((entry) => bytesEqual(entry.poster, poster));
    const next = own.reduce((latest, { postedSlot }) => {
        const due = postedSlot + log.minIntervalSlots;
        return due > latest ? due : latest;
    }, 0n);
    if (slot >= next) return;
    throw new NotYet(
        `this attester may post its next checkpoint in slot ${next}, ${next - slot} slots from now`,
        `run this again in about ${((next - slot) * 2n) / 5n + 1n} seconds`,
    );
}

function report(work: Work, entry: Checkpoint): Checkpointed {
    const { slot, hash, root, total, count, threshold } = entry;
    const attesters = bits(entry.attesters);
    const isAttested = entry.state === checkpointState.ATTESTED;
    return { ...work.done(), slot, hash, root, total, count, attesters, threshold, isAttested };
}

async function tagOf(domain: Address, ledgerIndex: number, slot: bigint): Promise<Uint8Array> {
    return checkpointTag(BULKHEAD_PROGRAM_ADDRESS, await pdas.checkpointLog(domain, ledgerIndex), ledgerIndex, slot);
}

async function positionsNow(work: Work, ledger: Ledger): Promise<readonly Position[]> {
    requireReadable(ledger);
    return (await listPositions(work, ledger)).positions;
}

function requireReadable(ledger: Ledger): void {
    if (ledger.mode !== ledgerMode.EXPORT) return;
    throw new NotPossible(
        "the ledger is read by the host's export, and its positions cannot be read off chain",
        'pass the positions, as the host states them at the end of the slot',
    );
}

/**
 * Positions and the slot at whose end they were so, as the node states it. They are taken only if they add up to the host's
 * total of that same slot: a listing that is incomplete, or of another slot than it says, is read again.
 */
async function readSlot(work: Work, ledger: Ledger): Promise<PositionsOfSlot> {
    requireReadable(ledger);
    let why = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0) await work.chain.wait(LOOK);
        // One directly after the other, so that a node mostly answers both of one slot.
        const earlier = await totalAt(work, ledger);
        const { slot, positions } = await listPositions(work, ledger);
        const later = earlier.slot === slot ? earlier : await totalAt(work, ledger);
        const total = totalOfSlot(slot, earlier, later);
        const sum = sumOf(ledger, positions);
        if (total !== undefined && agrees(ledger, sum, total)) return { slot, leaves: positions };
        why =
            total === undefined
                ? `the node lists the positions of slot ${slot}, and the host's total of slots ${earlier.slot} and ${later.slot}`
                : `the positions of slot ${slot} add up to ${sum}, and the host's total is ${total}`;
    }
    throw new NotPossible(
        `${why}, after ${ATTEMPTS} readings`,
        "ask another node; if every node says the same, the host's total is wrong: read the positions of one slot with " +
            '`bulkhead snapshot collect`, compare them, and pass them',
    );
}

/** The host's total, and the slot in which it was that. The clock is read in the same request, so it names the slot. */
type TotalAt = Readonly<{ slot: bigint; total: bigint }>;

async function totalAt(work: Work, ledger: Ledger): Promise<TotalAt> {
    const [clock, account] = await work.chain.accounts([CLOCK, ledger.totalAccount]);
    const total = account?.exists ? readTotal(ledger, account.programAddress, account.data) : undefined;
    if (!clock?.exists || total === undefined) {
        throw new NotPossible(
            `the host's total in ${ledger.totalAccount} cannot be read`,
            'is the node on the right cluster? The program cannot read it either, so nobody can post',
        );
    }
    return { slot: clockOf(clock.data).slot, total };
}

/** The total of a slot, out of one read in this slot, or out of two with nothing between them. */
function totalOfSlot(slot: bigint, earlier: TotalAt, later: TotalAt): bigint | undefined {
    const read = [earlier, later].find((each) => each.slot === slot);
    const isBetween = earlier.slot <= slot && slot <= later.slot && earlier.total === later.total;
    return read?.total ?? (isBetween ? later.total : undefined);
}

/** The hash of a slot, as soon as the slot has ended. */
async function awaitSlotHash(work: Work, slot: bigint): Promise<ReadonlyUint8Array> {
    for (let look = 0; look < LOOKS; look++) {
        const account = await work.account(SLOT_HASHES);
        const data = account.exists ? account.data : new Uint8Array();
        const hash = slotHash(data, slot);
        if (hash !== undefined) return hash;
        if ((newestSlot(data) ?? 0n) > slot) {
            throw new NotPossible(
                `slot ${slot} is not among the cluster's last 512 slots, or was skipped on its fork`,
                'build the checkpoint of a newer slot',
            );
        }
        await work.chain.wait(LOOK);
    }
    throw new NotYet(`slot ${slot} has not ended`, 'is the cluster producing blocks? Run this again');
}
