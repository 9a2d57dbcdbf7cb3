/** What guardians do to the host: emergency actions step by step, vaults that the host empties itself, emergency builds. */
import { sha256 } from '@noble/hashes/sha2.js';
import { generateKeyPairSigner, type Address, type KeyPairSigner } from '@solana/kit';
import { getApproveInstruction, getMintToInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { beforeAll, describe, expect, test } from 'vitest';

import { concat, littleEndian } from '../src/bytes.ts';
import {
    confirm,
    confirmEmergencyBuild,
    confirmEvacuation,
    deployEmergencyBuild,
    evacuate,
    planEmergencyRun,
    runEmergencyAction,
    tryEmergencySteps,
} from '../src/flows/index.ts';
import { getStoredInstructionEncoder, type StoredInstructionArgs } from '../src/generated/bulkhead/index.ts';
import {
    constants,
    decodeDirectVault,
    decodeHostProgram,
    getRegisterDirectVaultInstructionAsync,
    getRegisterEmergencyActionInstructionAsync,
    getRegisterEmergencyBuildInstructionAsync,
    getRegisterEmergencyStepsInstructionAsync,
    pdas,
} from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { writeUpgradeable } from './upgradeable.ts';
import type { World } from './world.ts';

const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr' as Address;
const SINGLE = 3;
const STEPPED = 4;
const TRANSFER = 3;
const HELD = 500n;

describe('the host', () => {
    let at: FlowWorld;
    let domain: Address;
    let first: Address;
    let second: Address;
    /** The host's own tokens, which the domain may move; and where they go. */
    let source: Address;
    let route: Address;
    /** Somebody's tokens, which a step moves if the domain is their delegate; and who that is. */
    let purse: Address;
    let somebody: KeyPairSigner;
    let program: Address;
    let build: Uint8Array;

    const say = (word: string): StoredInstructionArgs => ({
        programId: MEMO_PROGRAM,
        accounts: [{ pubkey: domain, isSigner: true, isWritable: false }],
        data: new TextEncoder().encode(word),
    });
    const move = (from: Address, to: Address, amount: bigint): StoredInstructionArgs => ({
        programId: TOKEN_PROGRAM_ADDRESS,
        accounts: [
            { pubkey: from, isSigner: false, isWritable: true },
            { pubkey: to, isSigner: false, isWritable: true },
            { pubkey: domain, isSigner: true, isWritable: false },
        ],
        data: concat(Uint8Array.of(TRANSFER), littleEndian(amount, 8)),
    });

    async function configure(world: World) {
        domain = world.domain;
        const { setupAuthority: authority, payer, mint, machine } = world;
        const host = await generateKeyPairSigner();
        source = await world.fund(host.address, mint, HELD);
        route = await world.fund(domain, mint, 0n);
        somebody = await generateKeyPairSigner();
        purse = await world.fund(somebody.address, mint, 2n);
        const shop = await world.fund((await generateKeyPairSigner()).address, mint, 0n);
        await world.send(getApproveInstruction({ source, delegate: domain, owner: host, amount: HELD }));
        const own = { authority, payer, domain };
        const actionOf = (index: number) => pdas.emergencyAction(domain, index);
        const steps = [say('one'), say('two'), move(purse, shop, 1n), say('four')];
        const encoder = getStoredInstructionEncoder();
        const wholeHash = sha256(concat(...steps.map((each) => encoder.encode(each))));
        const upgrade = await writeUpgradeable(machine, domain);
        ({ program, hash: build } = upgrade);
        return [
            await getRegisterEmergencyActionInstructionAsync({
                ...own,
                emergencyAction: await actionOf(SINGLE),
                args: { index: SINGLE, instruction: say('alone') },
            }),
            await getRegisterEmergencyStepsInstructionAsync({
                ...own,
                emergencyAction: await actionOf(STEPPED),
                args: { index: STEPPED, steps: 4, first: 0, wholeHash, instructions: steps.slice(0, 2) },
            }),
            await getRegisterEmergencyStepsInstructionAsync({
                ...own,
                emergencyAction: await actionOf(STEPPED),
                args: { index: STEPPED, steps: 4, first: 2, wholeHash, instructions: steps.slice(2) },
            }),
            await getRegisterDirectVaultInstructionAsync({
                ...own,
                directVault: await pdas.directVault(domain, source),
                source,
                route,
                mint,
                args: {
                    source,
                    route,
                    ledger: constants.NO_LEDGER,
                    leastBps: 10_000,
                    instruction: move(source, route, HELD),
                },
            }),
            await getRegisterEmergencyBuildInstructionAsync({
                ...own,
                record: await pdas.hostProgram(domain, program),
                args: { program, buildHash: build, spill: upgrade.spill },
            }),
        ];
    }

    beforeAll(async () => {
        at = await FlowWorld.start(8, { configures: configure });
        [first, second] = at.guardians as [Address, Address];
    });

    test('an action of one step is run by a guardian, and takes a right', async () => {
        const session = at.session();
        const before = at.chain.sent;
        const of = { domain, index: SINGLE };
        const stranger = planEmergencyRun(session, { ...of, guardian: at.world.voter.address });
        await expect(stranger).rejects.toMatchObject({ name: 'Rule', rule: 'NotAMember' });
        const missing = planEmergencyRun(session, { domain, index: 9, guardian: first });
        await expect(missing).rejects.toMatchObject({ name: 'NotFound' });
        const plan = await planEmergencyRun(session, { ...of, guardian: first });
        expect(plan).toMatchObject({ run: undefined, rightsLeft: 2 });
        const tried = await tryEmergencySteps(session, plan);
        expect(tried).toMatchObject([{ step: 0, fails: undefined, isAfterOthers: true }]);
        expect(at.chain.sent).toBe(before);
        await runEmergencyAction(session, plan);
        expect(await rightsOf(first)).toBe(2);
        for (let left = 1; left >= 0; left--) {
            const next = await planEmergencyRun(session, { ...of, guardian: first });
            expect(next.rightsLeft).toBe(left);
            await runEmergencyAction(session, next);
        }
        const spent = planEmergencyRun(session, { ...of, guardian: first });
        await expect(spent).rejects.toMatchObject({ name: 'Rule', rule: 'NoPauseRights' });
    });

    async function rightsOf(guardian: Address) {
        return (await at.world.readCouncil()).members.find(({ key }) => key === guardian)?.pauseRights;
    }

    test('steps run in order, stop at one that fails, and are taken up by another guardian', async () => {
        const session = at.session();
        const third = at.guardians[2] as Address;
        const plan = await planEmergencyRun(session, { domain, index: STEPPED, guardian: second });
        expect(plan.rightsLeft).toBe(2);
        // The third step moves tokens that nobody has let the domain move: the token program refuses.
        const trials = await tryEmergencySteps(session, plan);
        expect(trials.map(({ step, fails }) => [step, fails === undefined])).toEqual([
            [0, true],
            [1, true],
            [2, false],
            [3, true],
        ]);
        expect(trials.map(({ isAfterOthers }) => isAfterOthers)).toEqual([true, true, true, false]);
        const stopped = await runEmergencyAction(session, plan).catch((error: unknown) => error);
        expect(stopped).toMatchObject({ name: 'NotPossible' });
        expect(String(stopped)).toContain('step 3 of 4 failed, and the 2 before it are done');
        expect(await rightsOf(second)).toBe(2);
        await at.world.send(getApproveInstruction({ source: purse, delegate: domain, owner: somebody, amount: 1n }));
        const next = await planEmergencyRun(session, { domain, index: STEPPED, guardian: third });
        expect(next).toMatchObject({ run: { starter: second, next: 2 }, rightsLeft: undefined });
        const done = await runEmergencyAction(session, next);
        expect(done.receipts.length).toBe(1);
        expect(await rightsOf(third)).toBe(3);
        // A finished run is not continued.
        const again = await planEmergencyRun(session, { domain, index: STEPPED, guardian: third });
        expect(again).toMatchObject({ run: undefined, rightsLeft: 2 });
    });

    test('a fresh run is started although another can be continued', async () => {
        const session = at.session();
        const third = at.guardians[2] as Address;
        const plan = await planEmergencyRun(session, { domain, index: STEPPED, guardian: third });
        // What somebody had approved is spent.
        await expect(runEmergencyAction(session, plan)).rejects.toMatchObject({ name: 'NotPossible' });
        const going = await planEmergencyRun(session, { domain, index: STEPPED, guardian: second });
        expect(going.run?.starter).toBe(third);
        const fresh = await planEmergencyRun(session, { domain, index: STEPPED, guardian: second, isFresh: true });
        expect(fresh).toMatchObject({ run: undefined, rightsLeft: 1 });
    });

    test('empties a vault of its own, once the guardians have confirmed', async () => {
        const session = at.session();
        // Who opens the incident needs a right, and the first guardian's are spent.
        for (const guardian of [second, first]) await confirm(session, { domain, guardian });
        await expect(evacuate(session, { domain })).rejects.toMatchObject({ name: 'NotYet' });
        for (const guardian of [first, second]) await confirmEvacuation(session, { domain, guardian });
        const vault = await pdas.directVault(domain, source);
        // The host has more than its instruction moves, and all of it has to arrive.
        const { mint, payer } = at.world;
        await at.world.send(getMintToInstruction({ mint, token: source, mintAuthority: payer, amount: 1n }));
        await expect(evacuate(session, { domain })).rejects.toMatchObject({ name: 'Rule', rule: 'TooLittleArrived' });
        // The other vault is moved all the same.
        expect(at.world.tokens(await pdas.custody(at.vault))).toBe(0n);
        expect(at.world.tokens(source)).toBe(HELD + 1n);
        await burnOne();
        const moved = await evacuate(session, { domain });
        expect(moved.receipts.length).toBe(1);
        const row = moved.vaults.find((each) => each.vault === vault);
        expect(row).toMatchObject({ before: HELD, moved: HELD, fee: 0n, after: 0n, fault: undefined });
        expect(at.world.tokens(source)).toBe(0n);
        expect(at.world.machine.read(vault, decodeDirectVault).evacuation.moved).toBe(HELD);
        expect(moved.sums.every(({ before, moved, fee, after }) => before === moved + fee + after)).toBe(true);
        expect(await evacuate(session, { domain })).toMatchObject({ receipts: [] });
    });

    /** What the host has too much is gone again. */
    async function burnOne(): Promise<void> {
        const { machine } = at.world;
        const account = machine.account(source);
        if (!account.exists) throw new Error('the source is gone');
        const data = Uint8Array.from(account.data);
        data.set(littleEndian(HELD, 8), 64);
        machine.write(source, TOKEN_PROGRAM_ADDRESS, data);
    }

    test('gets its emergency build, once the guardians have confirmed', async () => {
        const session = at.session();
        const other = (await generateKeyPairSigner()).address;
        const unknown = confirmEmergencyBuild(session, { domain, program: other, guardian: first });
        await expect(unknown).rejects.toMatchObject({ name: 'NotFound' });
        const early = deployEmergencyBuild(session, { domain, program });
        await expect(early).rejects.toMatchObject({ name: 'Rule', rule: 'BuildNotConfirmed' });
        const one = await confirmEmergencyBuild(session, { domain, program, guardian: first });
        expect(one).toMatchObject({ isReached: false, receipts: [{}] });
        expect(one.missing).toContain(second);
        expect(one.missing).not.toContain(first);
        const again = await confirmEmergencyBuild(session, { domain, program, guardian: first });
        expect(again).toMatchObject({ receipts: [], skipped: 1 });
        const two = await confirmEmergencyBuild(session, { domain, program, guardian: second });
        expect(two).toMatchObject({ isReached: true, missing: [] });
        expect((await deployEmergencyBuild(session, { domain, program })).receipts.length).toBe(1);
        const record = at.world.machine.read(await pdas.hostProgram(domain, program), decodeHostProgram);
        expect(record.state).toBe(constants.buildState.DEPLOYED);
        expect([...record.deployedHash]).toEqual([...build]);
        expect(await deployEmergencyBuild(session, { domain, program })).toMatchObject({ receipts: [], skipped: 1 });
    });
});
