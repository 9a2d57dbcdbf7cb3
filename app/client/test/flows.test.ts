/** A whole incident by flows only, each of them run twice, against the built program. */
import { generateKeyPairSigner, type Address } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import {
    advance,
    claim,
    claimAll,
    confirm,
    confirmEvacuation,
    evacuate,
    heartbeat,
    openBallotWith,
    pause,
    reopen,
    restore,
    resume,
    snapshot,
    vote,
    type Done,
    type Session,
} from '../src/flows/index.ts';
import { constants, decision, masks, merkle, pdas } from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DAY, DELAY, LEDGER_INDEX } from './set-up.ts';

const { action } = masks;
const { phase } = constants;
const ledgerIndex = LEDGER_INDEX;

/** Runs a flow twice: the second time sends nothing. */
async function twice<T extends Done>(flow: () => Promise<T>): Promise<T> {
    const first = await flow();
    const second = await flow();
    expect(second.receipts).toEqual([]);
    expect(second.skipped).toBeGreaterThan(0);
    return first;
}

async function freeze(at: FlowWorld, session: Session = at.session()): Promise<void> {
    const { domain } = at;
    for (const guardian of at.guardians.slice(0, 2)) await confirm(session, { domain, guardian });
}

/** From the frozen domain to the winner of the vote. */
async function choose(at: FlowWorld, session: Session = at.session()): Promise<Address> {
    const { domain } = at;
    const [member] = at.guardians as [Address];
    const sealed = await snapshot(session, { domain, ledgerIndex });
    const input = { domain, member, ledgerIndex, candidates: [sealed.snapshot] };
    const { ballot } = await twice(() => openBallotWith(session, input));
    at.pass(DAY);
    await twice(() => openBallotWith(session, input));
    const voter = at.world.voter.address;
    const voted = await twice(() => vote(session, { domain, voter, ballot, choice: 0, amount: 1_000n }));
    expect(voted.weight).toBe(1_000n);
    at.pass(DAY + 1n);
    return sealed.snapshot;
}

async function decide(at: FlowWorld, flow: (signer: Address) => Promise<Done>): Promise<void> {
    for (const signer of at.guardians.slice(0, 2)) await twice(() => flow(signer));
    at.pass(DELAY);
}

async function chooseRestoration(at: FlowWorld): Promise<void> {
    const { domain } = at;
    const chosen = decision('ChooseRestoration', [await at.world.restorationArgs()]);
    await decide(at, (signer) => advance(at.session(), { domain, signer, decision: chosen }));
}

describe('an incident by flows', () => {
    test('from the pause to the reopening, with every flow run twice', async () => {
        const at = await FlowWorld.start(60);
        const { domain, world, held } = at;
        const session = at.session();
        const [first, second] = at.guardians as [Address, Address, Address];
        const state = () => world.readDomain().state;

        await twice(() => pause(session, { domain, guardian: first }));
        expect(await world.isOpen(action.WITHDRAW)).toBe(false);
        expect(state()).toBe(phase.OPERATING);

        const one = await twice(() => confirm(session, { domain, guardian: first }));
        expect(one).toMatchObject({ isReached: false, missing: at.guardians.slice(1) });
        expect(state()).toBe(phase.ALERT);
        const two = await twice(() => confirm(session, { domain, guardian: second }));
        expect(two).toMatchObject({ isReached: true, missing: [], incident: await world.incident() });
        expect(state()).toBe(phase.FROZEN);

        await twice(() => confirmEvacuation(session, { domain, guardian: first }));
        await twice(() => confirmEvacuation(session, { domain, guardian: second }));
        const evacuated = await twice(() => evacuate(session, { domain }));
        expect(evacuated.vaults).toMatchObject([{ vault: at.vault, before: held, moved: held, fee: 0n, after: 0n }]);
        expect(evacuated.sums).toMatchObject([{ mint: world.mint, moved: held }]);

        const sealed = await twice(() => snapshot(session, { domain, ledgerIndex }));
        const tree = await world.tree();
        expect(sealed).toMatchObject({ root: tree.root.hash, total: tree.root.sum, count: BigInt(tree.count) });
        expect(sealed).toMatchObject({ excess: 0n, shortfall: 0n });
        expect(at.notes.last.get('positions')).toEqual([60, 60]);

        await choose(at);
        await chooseRestoration(at);
        const restored = await twice(() => restore(session, { domain, ledgerIndex }));
        expect(restored).toMatchObject({ total: held, shared: held, funded: held, lacking: 0n });
        expect(state()).toBe(phase.RECOVERING);

        const paid = await twice(() => claimAll(session, { domain, ledgerIndex }));
        expect(paid).toMatchObject({ claims: tree.count, paidClaims: tree.count, paid: held, unpaid: [] });
        expect(paid.books).toMatchObject({ shared: held, paid: held, left: 0n, dust: 0n });
        for (const { owner, amount } of world.positions.filter((position) => position.amount > 0n)) {
            expect(world.tokens(await world.fund(owner, world.mint, 0n))).toBe(amount);
        }

        const how = { domain, rampBps: 2_500, graceSeconds: 3_600n };
        await decide(at, (signer) => reopen(session, { ...how, signer }));
        const reopened = await twice(() => reopen(session, { ...how, signer: first }));
        expect(reopened.isExecuted).toBe(true);
        expect(state()).toBe(phase.OPERATING);
        expect(masks.rampBps(await world.readBoard(), 0)).toBe(2_500);
        // Claims of a closed incident are found without naming it.
        expect(await claimAll(session, { domain, ledgerIndex })).toMatchObject({ receipts: [], claims: tree.count });
    });

    test('a false alarm is resumed', async () => {
        const at = await FlowWorld.start(8);
        const { domain } = at;
        await freeze(at);
        await decide(at, (signer) => resume(at.session(), { domain, signer }));
        const done = await twice(() => resume(at.session(), { domain, signer: at.guardians[2] as Address }));
        expect(done.isExecuted).toBe(true);
        expect(at.world.readDomain().state).toBe(phase.OPERATING);
    });

    test('a share of the claims is paid first, and the rest when it arrives', async () => {
        const at = await FlowWorld.start(40, { share: 3n });
        const { domain, world, held } = at;
        const session = at.session();
        await freeze(at);
        for (const guardian of at.guardians.slice(0, 2)) await confirmEvacuation(session, { domain, guardian });
        await evacuate(session, { domain });
        await choose(at);
        await chooseRestoration(at);
        const restored = await twice(() => restore(session, { domain, ledgerIndex }));
        expect(restored).toMatchObject({ shared: held, lacking: restored.total - held });

        const [position] = world.positions.filter(({ amount }) => amount > 0n);
        const { owner, amount, key } = position as merkle.Position;
        const own = await twice(() => claim(session, { domain, ledgerIndex, who: { owner } }));
        expect(own).toMatchObject({ claims: 1, paidClaims: 1, paid: merkle.payoutFloor(amount, held, restored.total) });
        const paid = await twice(() => claimAll(session, { domain, ledgerIndex }));
        expect(paid.books.paid + paid.books.dust).toBe(held);
        expect(paid.paid + own.paid).toBe(paid.books.paid);

        await world.shareOut(restored.lacking, false);
        const rest = await twice(() => claimAll(session, { domain, ledgerIndex }));
        expect(rest.books).toMatchObject({ paid: restored.total, left: 0n, dust: 0n });
        await expect(claim(session, { domain, ledgerIndex, who: { position: key } })).resolves.toMatchObject({
            receipts: [],
        });
    });

    test('an owner claims into an account of their own choice, and signs', async () => {
        const at = await FlowWorld.start(20);
        const { domain, world } = at;
        await freeze(at);
        for (const guardian of at.guardians.slice(0, 2)) await confirmEvacuation(at.session(), { domain, guardian });
        await evacuate(at.session(), { domain });
        await choose(at);
        await chooseRestoration(at);
        await restore(at.session(), { domain, ledgerIndex });
        const position = world.positions[1] as merkle.Position;
        const friend = await generateKeyPairSigner();
        const destination = await world.fund(friend.address, world.mint, 0n);
        const who = { owner: position.owner };
        await expect(claim(at.session(), { domain, ledgerIndex, who, destination })).rejects.toMatchObject({
            name: 'MissingSigner',
        });
        const wrong = { domain, ledgerIndex, who, destination: world.mint };
        await expect(claim(at.session(), wrong)).rejects.toMatchObject({ name: 'NotPossible' });
    });
});

describe('heartbeat', () => {
    test('records activity once an hour', async () => {
        const at = await FlowWorld.start(8);
        const { domain } = at;
        const [member] = at.guardians as [Address];
        at.pass(2n * 3_600n);
        await twice(() => heartbeat(at.session(), { domain, member }));
        at.pass(3_600n);
        await twice(() => heartbeat(at.session(), { domain, member }));
        const stranger = at.world.voter.address;
        await expect(heartbeat(at.session(), { domain, member: stranger })).rejects.toMatchObject({
            name: 'Rule',
            rule: 'NotAMember',
        });
    });
});

test('the accounts of a domain are found by the addresses that flows use', async () => {
    const at = await FlowWorld.start(8);
    await expect(pause(at.session(), { domain: at.vault, guardian: at.guardians[0] as Address })).rejects.toMatchObject(
        {
            name: 'NotFound',
            key: at.vault,
        },
    );
    expect(await pdas.domain(at.world.setupAuthority.address)).toBe(at.domain);
});
