/** A matured proposal of every kind is executed: the accounts follow from its decision. */
import { readFileSync } from 'node:fs';

import { sha256 } from '@noble/hashes/sha2.js';
import { generateKeyPairSigner, type Address } from '@solana/kit';
import { getApproveInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { beforeAll, expect, test } from 'vitest';

import { addressBytes, concat, littleEndian } from '../src/bytes.ts';
import { NOBODY } from '../src/deploy/config.ts';
import {
    advance,
    confirm,
    confirmEvacuation,
    evacuate,
    execute,
    openBallotWith,
    pause,
    restore,
    snapshot,
    vote,
} from '../src/flows/index.ts';
import {
    constants,
    decision,
    decodeProposal,
    getObserveAuthorityInstruction,
    getOpenDomainInstructionAsync,
    pdas,
    ProposalKind,
    type DecisionArgs,
    type VerifyingKeyArgs,
} from '../src/index.ts';
import { getStoredInstructionEncoder, type StoredInstructionArgs } from '../src/generated/bulkhead/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DAY, DELAY, HOST, LEDGER_INDEX, TOTAL_ACCOUNT, writeTotal } from './set-up.ts';
import { writeUpgradeable } from './upgradeable.ts';

const ledgerIndex = LEDGER_INDEX;
const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr' as Address;
const executed = new Set<string>();
let at: FlowWorld;

beforeAll(async () => {
    at = await FlowWorld.start(20);
});

/** Proposes and approves all of them, lets their delay pass, and executes them. */
async function decideAll(decisions: readonly DecisionArgs[], verifyingKey?: VerifyingKeyArgs): Promise<void> {
    at.pass(1n);
    const { domain } = at;
    const proposals: Address[] = [];
    for (const each of decisions) {
        for (const signer of at.guardians.slice(0, 2)) {
            const { proposal } = await advance(at.session(), { domain, signer, decision: each });
            if (proposal !== undefined && !proposals.includes(proposal)) proposals.push(proposal);
        }
    }
    expect(proposals.length).toBe(decisions.length);
    at.pass(DELAY);
    for (const [i, proposal] of proposals.entries()) {
        const done = await execute(at.session(), { proposal, ...(verifyingKey && { verifyingKey }) }).catch(
            (error: unknown) => {
                throw new Error(`${decisions[i]?.__kind}: ${String(error)}`, { cause: error });
            },
        );
        expect(done.receipts.length).toBe(1);
        const { state, kind } = at.world.machine.read(proposal, decodeProposal);
        expect(state).toBe(constants.proposalState.EXECUTED);
        executed.add(ProposalKind[kind] as string);
        expect(await execute(at.session(), { proposal })).toMatchObject({ receipts: [], skipped: 1 });
    }
}

const limits = { limit: 2_000_000n, slotLimit: 1_000_000n, limitBps: 0, slotBps: 0, inflowCredit: 0n };
const trips = { tripLimit: 0n, tripBps: 0 };

test('in peace', async () => {
    const { domain, world, vault } = at;
    const { mint, machine } = world;
    const [first, , third] = at.guardians as [Address, Address, Address];
    await pause(at.session(), { domain, guardian: third });
    const breaker = await pdas.outflowBreaker(domain, 0, mint, 0);
    const second = await pdas.vault(domain, mint, 1);
    const price = (await generateKeyPairSigner()).address;
    machine.write(price, HOST, concat(littleEndian(100, 8), littleEndian(machine.now, 8)));
    const loans = (await generateKeyPairSigner()).address;
    machine.write(loans, HOST, littleEndian(0, 8));
    const upstream = await anotherDomain();
    const recovery = await world.fund(domain, mint, 0n);
    // Receives what nobody claims in time.
    await world.fund(first, mint, 0n);
    const stored = {
        programId: MEMO_PROGRAM,
        accounts: [{ pubkey: domain, isSigner: true, isWritable: false }],
        data: new TextEncoder().encode('run'),
    };
    await decideAll([
        decision('GrantRights', [{ member: third, pauseRights: 1 }]),
        decision('SetLimit', [{ breaker, ...limits, ...trips }]),
        decision('OpenBreaker', [
            {
                ...limits,
                ...trips,
                compartment: 1,
                shard: 0,
                mint,
                authority: second,
                subWindows: 12,
                tripScope: constants.SCOPE_DOMAIN,
                windowSeconds: DAY,
                latchSeconds: DAY,
                shards: 1,
                reference: NOBODY,
            },
        ]),
        decision('OpenVault', [
            {
                index: 1,
                compartment: 1,
                operator: HOST,
                breaker: await pdas.outflowBreaker(domain, 1, mint, 0),
                mint,
                queueSeconds: DAY,
                ledger: constants.NO_LEDGER,
            },
        ]),
        decision('RegisterEvacuationRoute', [{ vault: second, destination: recovery }]),
        decision('CancelReleases', [{ vault, root: new Uint8Array(32).fill(1) }]),
        decision('RegisterLedger', [
            {
                index: 1,
                program: HOST,
                mint,
                total: {
                    account: loans,
                    program: HOST,
                    offset: 0,
                    width: 8,
                    unit: 0,
                    shortfallBps: 0,
                    excessBps: 0,
                },
                lengthRule: constants.lengthRule.EXACT,
                dataLen: 96,
                filters: [{ offset: 0, bytes: new TextEncoder().encode('loan') }],
                ownerOffset: 8,
                amounts: [{ offset: 40, width: 8, flags: 0 }],
                scale: { multiplier: 1, divisor: 1, shift: 0 },
                slots: null,
                export: null,
                link: null,
            },
        ]),
        decision('OpenCheckpointLog', [
            {
                ledgerIndex,
                threshold: 1,
                minIntervalSlots: 600n,
                keepSeconds: 604_800n,
                toleranceBps: 20,
                publishedOnly: false,
            },
        ]),
        decision('SetRecoveryRules', [{ escapeSeconds: 30n * DAY, restartCheckSeconds: 0n }]),
        decision('SetBallotRules', [
            {
                weightProgram: NOBODY,
                weightRealm: NOBODY,
                maxWeightRecord: NOBODY,
                isTargeted: false,
                coolOffSeconds: 0n,
                disputeSeconds: 0n,
            },
        ]),
        decision('SetClaimTerms', [{ ledgerIndex, claimDays: 90, restOwner: first, successor: NOBODY }]),
        decision('SetInterimRule', [{ ledgerIndex, bps: 2_000, cap: 1_000n, ageSeconds: 3_600n }]),
        decision('OpenInsurance', [
            {
                ledgerIndex,
                order: 0,
                capBps: 3_000,
                cooldownSeconds: 604_800n,
                windowSeconds: 172_800n,
                freezeSeconds: 1_209_600n,
                fundingSeconds: 86_400n,
                minimumAssets: 1_000_000n,
                vaults: [vault],
                detectors: [],
            },
        ]),
        decision('OpenPriceBreaker', [
            {
                compartment: 1,
                tripScope: 1,
                latchSeconds: DAY,
                source: {
                    __kind: 'Host',
                    account: price,
                    program: HOST,
                    priceOffset: 0,
                    width: 8,
                    isSigned: false,
                    exponent: 0,
                    timeOffset: 8,
                    confidenceOffset: null,
                },
                rules: {
                    maxAgeSeconds: 60,
                    maxAheadSeconds: 5,
                    minIntervalSeconds: 5,
                    staleSeconds: 0,
                    maxConfidenceBps: 0,
                    warmup: 5,
                    deviationBps: 1_000,
                    twapSeconds: 600,
                    tauSeconds: 3_600,
                    floorPpm: 1_000,
                    capPpm: 20_000,
                    zMilli: 9_000,
                    cusumHMilli: 12_000,
                    cusumKMilli: 500,
                    cusumClipMilli: 4_000,
                },
            },
        ]),
        decision('OpenSolvencyBreaker', [
            {
                compartment: 1,
                tripScope: 1,
                latchSeconds: DAY,
                liabilities: TOTAL_ACCOUNT,
                program: HOST,
                offset: 8,
                width: 8,
                toleranceBps: 100,
                tolerance: 50n,
                minAgeSeconds: 30n,
                reserves: [await pdas.custody(vault), recovery],
            },
        ]),
        decision('OpenAuthorityWatch', [
            {
                compartment: 1,
                tripScope: 1,
                latchSeconds: DAY,
                kind: constants.watchKind.TOKEN_ACCOUNT,
                account: recovery,
                program: TOKEN_PROGRAM_ADDRESS,
                offset: 0,
                watchesUpgrades: false,
                expected: [domain, NOBODY, NOBODY],
            },
        ]),
        decision('SetLink', [{ upstream, upstreamScope: 255, upstreamMask: 2, compartments: 2n, mask: 0 }]),
        decision('RegisterPeer', [
            {
                chain: 2,
                emitter: new Uint8Array(32).fill(0xee),
                sender: new Uint8Array(32).fill(0x55),
                transports: constants.transport.ATTESTERS,
                bridge: NOBODY,
                finality: 1,
                pauseFinality: 1,
                remoteScope: constants.SCOPE_DOMAIN,
                remoteMask: 2,
                compartments: 2n,
                mask: 0,
                pauseRights: 3,
                maxAgeSeconds: 7_200n,
                rotationSeconds: DAY,
                afterSequence: 0n,
                threshold: 1,
                attesters: [new Uint8Array(20).fill(1)],
            },
        ]),
        decision('RegisterEmergencyAction', [{ index: 3, instruction: stored }]),
        decision('RunInstruction', [stored]),
        ...(await aboutTheHost(stored, recovery)),
    ]);
    const { id, ...key } = verifyingKey();
    await decideAll([decision('RegisterVerifyingKey', [{ id, acceptsInsecure: true }])], key);
    await decideAll([decision('RequireProofs', [{ ledgers: new Uint8Array(32).with(0, 1 << ledgerIndex) }])]);
    const watch = await pdas.authorityWatch(domain, recovery, 0);
    await decideAll([decision('CloseDetector', [{ detector: watch, receiver: first }])]);
    expect(machine.account(watch)).toMatchObject({ exists: false });
});

/** The key of the vectors, and its id. */
function verifyingKey() {
    const file = new URL('../../../tests/vectors/state_proof/answer.json', import.meta.url);
    const { key } = JSON.parse(readFileSync(file, 'utf8'));
    const [pageSize, setUp, points] = [BigInt(key.page_size), Number(key.set_up), Buffer.from(key.points, 'hex')];
    const named = new TextEncoder().encode('bulkhead-proof-key-v1');
    return {
        id: sha256(concat(named, littleEndian(pageSize, 8), littleEndian(setUp, 1), points)),
        pageSize,
        setUp,
        points,
    };
}

/** Steps of an action, a direct vault, an upgrade and an emergency build. */
async function aboutTheHost(stored: StoredInstructionArgs, route: Address): Promise<DecisionArgs[]> {
    const { domain, world } = at;
    const { machine, mint } = world;
    const step = getStoredInstructionEncoder().encode(stored);
    const steps = { index: 4, steps: 2, first: 0, wholeHash: sha256(concat(step, step)) };
    // The host's tokens, of which the domain is the delegate: an evacuation has the token program move them.
    const owner = await generateKeyPairSigner();
    const source = await world.fund(owner.address, mint, 5n);
    await world.send(getApproveInstruction({ source, delegate: domain, owner, amount: 5n }));
    const accounts = [source, route, domain].map((pubkey) => ({
        pubkey,
        isSigner: pubkey === domain,
        isWritable: pubkey !== domain,
    }));
    const data = concat(Uint8Array.of(3), littleEndian(5, 8));
    const instruction = { programId: TOKEN_PROGRAM_ADDRESS, accounts, data };
    const { program, spill, hash } = await writeUpgradeable(machine, domain);
    return [
        decision('RegisterEmergencySteps', [{ ...steps, instructions: [stored, stored] }]),
        decision('RegisterDirectVault', [{ source, route, ledger: 255, leastBps: 10_000, instruction }]),
        decision('UpgradeHost', [{ program, bufferHash: hash, spill }]),
        decision('RegisterEmergencyBuild', [{ program, buildHash: hash, spill }]),
    ];
}

/** A domain of its own, to be linked to. */
async function anotherDomain(): Promise<Address> {
    const setupAuthority = await generateKeyPairSigner();
    const { payer, governanceMint } = at.world;
    const council = { ...(await at.world.readCouncil()) };
    const policies = council.policies.map(({ threshold, delaySeconds, expirySeconds }) => ({
        threshold,
        delaySeconds,
        expirySeconds,
    }));
    const members = council.members.slice(0, council.memberCount).map(({ key, roles }) => ({ key, roles }));
    const args = { council: { ...council, policies, members }, hostProgram: HOST, voteSeconds: DAY, quorumBps: 1_000 };
    await at.world.send(await getOpenDomainInstructionAsync({ setupAuthority, payer, governanceMint, args }));
    return pdas.domain(setupAuthority.address);
}

test('in an incident', async () => {
    const { domain, world } = at;
    const [first, second] = at.guardians as [Address, Address];
    for (const guardian of [first, second]) await confirm(at.session(), { domain, guardian });
    for (const guardian of [first, second]) await confirmEvacuation(at.session(), { domain, guardian });
    const { vaults } = await evacuate(at.session(), { domain });
    expect(vaults.some(({ before, moved }) => before === 5n && moved === 5n)).toBe(true);
    // The host lost its total: the council states the difference that it accepts.
    writeTotal(world.machine, at.held - 7n);
    const read = snapshot(at.session(), { domain, ledgerIndex });
    await expect(read).rejects.toMatchObject({ rule: 'TotalMismatch' });
    const tree = await world.tree();
    const sealed = await world.snapshot();
    const stated = { snapshot: sealed, root: tree.root.hash, total: tree.root.sum, count: BigInt(tree.count) };
    await decideAll([decision('OverrideSeal', [{ ...stated, maxExcess: 7n, maxShortfall: 0n }])]);
    await expect(snapshot(at.session(), { domain, ledgerIndex })).resolves.toMatchObject({ receipts: [], excess: 7n });

    const ballot = { domain, member: first, ledgerIndex, candidates: [sealed] };
    const { ballot: address } = await openBallotWith(at.session(), ballot);
    at.pass(DAY);
    await openBallotWith(at.session(), ballot);
    await vote(at.session(), { domain, voter: world.voter.address, ballot: address, choice: 0, amount: 1_000n });
    at.pass(DAY + 1n);
    await decideAll([decision('ChooseRestoration', [await world.restorationArgs()])]);
    await restore(at.session(), { domain, ledgerIndex });
    // An owner that no key signs for.
    const owner = at.vault;
    const holder = world.voter.address;
    const destination = await world.fund(holder, world.mint, 0n);
    const restoration = await world.restoration();
    await decideAll([decision('RedirectClaims', [{ restoration, owner, destination, holder }])]);
    await decideAll([decision('ExtendClaims', [{ restoration, claimDays: 120 }])]);
    const accepted = { incident: await world.incident(), ledgerIndex, maxShortfall: 2n ** 64n - 1n };
    await decideAll([decision('OverrideRestartCheck', [accepted])]);
    await decideAll([decision('OverrideProof', [{ restoration }])]);
    await decideAll([decision('Reopen', [{ incident: await world.incident(), rampBps: 5_000, graceSeconds: 0n }])]);
    for (const guardian of [first, second]) await confirm(at.session(), { domain, guardian });
    await decideAll([decision('Resume', [{ incident: world.readDomain().openIncident }])]);
    const council = await world.readCouncil();
    const members = council.members.slice(0, council.memberCount).map(({ key, roles }) => ({ key, roles }));
    await decideAll([decision('ChangeCouncil', [{ ...council, members, vetoRights: 2 }])]);
    expect((await world.readCouncil()).vetoRights).toBe(2);
});

test('a latch that is not on the board yet is propagated by closing its detector', async () => {
    const own = await FlowWorld.start(8);
    const { domain, world } = own;
    const [first, second] = own.guardians as [Address, Address];
    const account = (await generateKeyPairSigner()).address;
    const write = (admin: Address) => world.machine.write(account, HOST, new Uint8Array(addressBytes(admin)));
    write(first);
    const decide = async (each: DecisionArgs) => {
        own.pass(1n);
        await advance(own.session(), { domain, signer: first, decision: each });
        const { proposal } = await advance(own.session(), { domain, signer: second, decision: each });
        own.pass(DELAY);
        return execute(own.session(), { proposal: proposal as Address });
    };
    await decide(
        decision('OpenAuthorityWatch', [
            {
                compartment: 1,
                tripScope: 1,
                latchSeconds: DAY,
                kind: constants.watchKind.HOST_FIELD,
                account,
                program: HOST,
                offset: 0,
                watchesUpgrades: false,
                expected: [first, NOBODY, NOBODY],
            },
        ]),
    );
    const watch = await pdas.authorityWatch(domain, account, 0);
    write(second);
    own.pass(1n);
    const close = decision('CloseDetector', [{ detector: watch, receiver: first }]);
    await advance(own.session(), { domain, signer: first, decision: close });
    const { proposal } = await advance(own.session(), { domain, signer: second, decision: close });
    own.pass(DELAY - 60n);
    const board = await pdas.board(domain);
    await world.send(getObserveAuthorityInstruction({ watch, board, account }));
    own.pass(60n);
    await execute(own.session(), { proposal: proposal as Address });
    expect(world.machine.account(watch)).toMatchObject({ exists: false });
    expect(world.readDomain().state).toBe(constants.phase.ALERT);
});

test('of every kind', () => {
    const kinds = Object.values(ProposalKind).filter((kind) => typeof kind === 'string');
    expect([...executed].sort()).toEqual(kinds.sort());
});
