/** Claims that take another way than to the owner's associated token account, and votes from a fresh escrow. */
import { createNoopSigner, generateKeyPairSigner, isOffCurveAddress, type Address } from '@solana/kit';
import { TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { expect, test } from 'vitest';

import { addressBytes } from '../src/bytes.ts';
import { claimWish } from '../src/constants.ts';
import {
    advance,
    claim,
    claimAll,
    confirm,
    confirmEvacuation,
    evacuate,
    openBallotWith,
    restore,
    snapshot,
    vote,
} from '../src/flows/index.ts';
import { getWishClaimsInstructionAsync } from '../src/generated/bulkhead/public.ts';
import { decision, merkle, pdas, type DecisionArgs } from '../src/index.ts';
import { associatedToken } from '../src/token.ts';
import { FlowWorld } from './flow-world.ts';
import { makeSigner } from './keys.ts';
import { OnMachine } from './on-machine.ts';
import { DAY, DELAY, LEDGER_INDEX, writePosition } from './set-up.ts';

const ledgerIndex = LEDGER_INDEX;

async function decide(at: FlowWorld, each: DecisionArgs): Promise<void> {
    const { domain } = at;
    const [first, second] = at.guardians as [Address, Address];
    for (const signer of [first, second]) await advance(at.session(), { domain, signer, decision: each });
    at.pass(DELAY);
    const done = await advance(at.session(), { domain, signer: first, decision: each });
    expect(done.isExecuted).toBe(true);
}

/** From peace to the first shares. */
async function restored(at: FlowWorld): Promise<void> {
    const { domain } = at;
    const guardians = at.guardians.slice(0, 2) as [Address, Address];
    for (const guardian of guardians) await confirm(at.session(), { domain, guardian });
    for (const guardian of guardians) await confirmEvacuation(at.session(), { domain, guardian });
    await evacuate(at.session(), { domain });
    const sealed = await snapshot(at.session(), { domain, ledgerIndex });
    const input = { domain, member: guardians[0], ledgerIndex, candidates: [sealed.snapshot] };
    const { ballot } = await openBallotWith(at.session(), input);

    // A holder with nothing in escrow yet.
    const voter = await makeSigner();
    const { world } = at;
    await world.fund(voter.address, world.governanceMint, 500n);
    const session = { ...at.session(), chain: new OnMachine(world.machine, [voter]) };
    const cast = { domain, voter: voter.address, ballot, choice: 0 };
    await expect(vote(session, { ...cast, amount: 501n })).rejects.toMatchObject({ name: 'NotPossible' });
    const deposited = await vote(session, { ...cast, amount: 500n });
    expect(deposited).toMatchObject({ escrowed: 500n, weight: 0n, receipts: [{}] });
    at.pass(DAY);
    await openBallotWith(at.session(), input);
    expect(await vote(session, { ...cast, amount: 500n })).toMatchObject({ weight: 500n, receipts: [{}] });
    at.pass(DAY + 1n);
    await decide(at, decision('ChooseRestoration', [await world.restorationArgs()]));
    await restore(at.session(), { domain, ledgerIndex });
}

test('an owner that cannot be paid is named, and paid where a proposal says', async () => {
    const at = await FlowWorld.start(30);
    const { domain, world } = at;
    await restored(at);
    const stuck = world.positions.find(
        ({ owner, amount }) => amount > 0n && isOffCurveAddress(owner),
    ) as merkle.Position;
    // Its associated token account has another holder now.
    const associated = await world.fund(stuck.owner, world.mint, 0n);
    const account = world.machine.account(associated);
    if (!account.exists) throw new Error('there is no account');
    const data = new Uint8Array(account.data);
    data.set(addressBytes(domain), 32);
    world.machine.write(associated, TOKEN_PROGRAM_ADDRESS, data);

    const claimed = await claimAll(at.session(), { domain, ledgerIndex });
    expect(claimed.unpaid).toMatchObject([{ leaf: { key: stuck.key, owner: stuck.owner }, due: stuck.amount }]);
    expect(claimed.unpaid[0]?.why).toContain('has another holder now');
    expect(claimed.books.left).toBe(stuck.amount);
    expect(claimed.paid + stuck.amount).toBe(at.held);

    const holder = (await generateKeyPairSigner()).address;
    const destination = await world.fund(holder, world.mint, 0n);
    const restoration = await world.restoration();
    await decide(at, decision('RedirectClaims', [{ restoration, owner: stuck.owner, destination, holder }]));
    const rest = await claimAll(at.session(), { domain, ledgerIndex });
    expect(rest).toMatchObject({ paidClaims: 1, paid: stuck.amount, unpaid: [], books: { left: 0n } });
    expect(world.tokens(destination)).toBe(stuck.amount);
});

test('an owner who signs is paid where they choose', async () => {
    const at = await FlowWorld.start(30);
    const { domain, world } = at;
    const [, own, other] = world.positions as [merkle.Position, merkle.Position, merkle.Position];
    const owner = await makeSigner();
    for (const position of [own, other]) writePosition(world.machine, { ...position, owner: owner.address });
    await restored(at);
    const friend = (await generateKeyPairSigner()).address;
    const destination = await world.fund(friend, world.mint, 0n);
    const session = { ...at.session(), chain: new OnMachine(world.machine, [owner]) };
    const input = { domain, ledgerIndex, who: { owner: owner.address }, destination };
    const claimed = await claim(session, input);
    // The page of claims, and both claims in one transaction.
    expect(claimed).toMatchObject({ claims: 2, paidClaims: 2, paid: own.amount + other.amount, receipts: [{}, {}] });
    expect(world.tokens(destination)).toBe(own.amount + other.amount);
    expect(await claim(session, input)).toMatchObject({ receipts: [], skipped: 2 });
    const nobody = { domain, ledgerIndex, who: { owner: friend } };
    await expect(claim(session, nobody)).rejects.toMatchObject({ name: 'NotPossible' });
});

test('wishes are followed, and neighbours are paid together', async () => {
    const at = await FlowWorld.start(30);
    const { domain, world } = at;
    const [, own, other] = world.positions as [merkle.Position, merkle.Position, merkle.Position];
    const [elsewhere, consumed] = [await makeSigner(), await makeSigner()];
    writePosition(world.machine, { ...own, owner: elsewhere.address });
    writePosition(world.machine, { ...other, owner: consumed.address });
    await restored(at);
    const friend = (await generateKeyPairSigner()).address;
    const program = (await generateKeyPairSigner()).address;
    const chain = new OnMachine(world.machine, [elsewhere, consumed]);
    for (const [owner, kind, to] of [
        [elsewhere, claimWish.PAY_TO, friend],
        [consumed, claimWish.CONSUMED_BY, program],
    ] as const) {
        const payer = createNoopSigner(chain.payer);
        const wish = await pdas.claimWish(domain, owner.address);
        await chain.send([
            await getWishClaimsInstructionAsync({
                owner: createNoopSigner(owner.address),
                payer,
                domain,
                wish,
                kind,
                to,
            }),
        ]);
    }
    const claimed = await claimAll(at.session(), { domain, ledgerIndex });
    expect(claimed.unpaid).toMatchObject([{ leaf: { key: other.key }, due: other.amount }]);
    expect(claimed.unpaid[0]?.why).toContain('consume');
    expect(claimed.receipts.length).toBeLessThan(claimed.claims / 2 + 2);
    const { address } = await associatedToken(friend, world.mint, TOKEN_PROGRAM_ADDRESS);
    expect(world.tokens(address)).toBe(own.amount);
    const asked = await claim(at.session(), { domain, ledgerIndex, who: { owner: consumed.address } });
    expect(asked).toMatchObject({ paidClaims: 1, paid: other.amount });
});
