/** An approver who proposes what everybody wants, so that the others approve that proposal, and then edits it. */
import type { Address } from '@solana/kit';
import { expect, test } from 'vitest';

import { advance, confirm, propose, resume } from '../src/flows/index.ts';
import { signer } from '../src/flows/signing.ts';
import {
    constants,
    decision,
    decodeOutflowBreaker,
    decodeProposal,
    getEditProposalInstructionAsync,
    pdas,
    type DecisionArgs,
} from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DELAY } from './set-up.ts';

/** The vault's breaker with another limit. */
async function limited(at: FlowWorld, limit: bigint): Promise<DecisionArgs> {
    const breaker = await pdas.outflowBreaker(at.domain, 0, at.world.mint, 0);
    const others = { slotLimit: limit / 2n, limitBps: 0, slotBps: 0, inflowCredit: 0n, tripLimit: 0n, tripBps: 0 };
    return decision('SetLimit', [{ breaker, limit, ...others }]);
}

/** What everybody wants, and the hostile approver's proposal of it. */
async function attacked(want: (at: FlowWorld) => Promise<DecisionArgs>) {
    const at = await FlowWorld.start(8);
    const { domain } = at;
    const [first, second, hostile] = at.guardians as [Address, Address, Address];
    const wanted = await want(at);
    at.pass(1n);
    const { proposal } = await propose(at.session(), { domain, proposer: hostile, decision: wanted });
    const edit = async (to: DecisionArgs) => {
        at.pass(1n);
        const accounts = { proposer: signer(hostile), payer: signer(at.chain.payer), domain, proposal };
        await at.chain.send([await getEditProposalInstructionAsync({ ...accounts, decision: to })]);
        expect(at.world.machine.read(proposal, decodeProposal).approvals).toBe(0);
    };
    return { at, domain, first, second, wanted, proposal, edit };
}

test('the others meet at the first proposal that nobody edits', async () => {
    const little = 2_000_000n;
    const { at, domain, first, second, wanted, proposal, edit } = await attacked((at) => limited(at, little));
    const step = (signer: Address) => advance(at.session(), { domain, signer, decision: wanted });
    expect(await step(first)).toMatchObject({ proposal, step: 'approved it' });
    await edit(await limited(at, 1n << 60n));
    const own = await step(first);
    expect(own.step).toBe('proposed it, approved it');
    await edit(wanted);
    expect(await step(second)).toMatchObject({ proposal: own.proposal, step: 'approved it' });
    at.pass(DELAY);
    expect(await step(second)).toMatchObject({ proposal: own.proposal, isExecuted: true });
    const breaker = await pdas.outflowBreaker(domain, 0, at.world.mint, 0);
    expect(at.world.machine.read(breaker, decodeOutflowBreaker).limit).toBe(little);
});

test('approvers who name a proposer meet at once, whatever is edited', async () => {
    const unpause = async (at: FlowWorld) => {
        for (const guardian of at.guardians.slice(0, 2)) await confirm(at.session(), { domain: at.domain, guardian });
        return decision('Resume', [{ incident: await at.world.incident() }]);
    };
    const { at, domain, first, second, wanted, proposal, edit } = await attacked(unpause);
    const step = (signer: Address) => resume(at.session(), { domain, signer });
    const stepOf = (signer: Address) => resume(at.session(), { domain, signer, proposer: first });
    for (let vain = 0; vain < 3; vain++) {
        expect(await step(first)).toMatchObject({ proposal, step: 'approved it' });
        await edit(wanted);
    }
    await expect(stepOf(second)).rejects.toMatchObject({ name: 'NotYet' });
    const own = await stepOf(first);
    expect(own.step).toBe('proposed it, approved it');
    await edit(wanted);
    expect(await stepOf(second)).toMatchObject({ proposal: own.proposal, step: 'approved it' });
    at.pass(DELAY);
    expect(await stepOf(second)).toMatchObject({ isExecuted: true });
    expect(at.world.readDomain().state).toBe(constants.phase.OPERATING);
});
