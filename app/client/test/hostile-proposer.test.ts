/** An approver who proposes what everybody wants, so that the others approve that proposal, and then edits it. */
import type { Address } from '@solana/kit';
import { expect, test } from 'vitest';

import { confirm, propose, resume } from '../src/flows/index.ts';
import { signer } from '../src/flows/signing.ts';
import {
    constants,
    decision,
    decodeProposal,
    getEditProposalInstructionAsync,
    type DecisionArgs,
} from '../src/index.ts';
import { FlowWorld } from './flow-world.ts';
import { DELAY } from './set-up.ts';

/** A frozen domain, the decision that everybody wants, and the hostile approver's proposal of it. */
async function attacked() {
    const at = await FlowWorld.start(8);
    const { domain } = at;
    const [first, second, hostile] = at.guardians as [Address, Address, Address];
    for (const guardian of [first, second]) await confirm(at.session(), { domain, guardian });
    at.pass(1n);
    const wanted = decision('Resume', [{ incident: await at.world.incident() }]);
    const { proposal } = await propose(at.session(), { domain, proposer: hostile, decision: wanted });
    const edit = async (to: DecisionArgs) => {
        at.pass(1n);
        const accounts = { proposer: signer(hostile), payer: signer(at.chain.payer), domain, proposal };
        await at.chain.send([await getEditProposalInstructionAsync({ ...accounts, decision: to })]);
        expect(at.world.machine.read(proposal, decodeProposal).approvals).toBe(0);
    };
    const step = (key: Address, proposer?: Address) =>
        resume(at.session(), { domain, signer: key, ...(proposer === undefined ? {} : { proposer }) });
    return { at, first, second, wanted, proposal, edit, step };
}

test('the others meet at the first proposal that nobody edits', async () => {
    const { at, first, second, wanted, proposal, edit, step } = await attacked();
    expect(await step(first)).toMatchObject({ proposal, step: 'approved it' });
    await edit(decision('Resume', [{ incident: at.vault }]));
    const own = await step(first);
    expect(own.step).toBe('proposed it, approved it');
    await edit(wanted);
    expect(await step(second)).toMatchObject({ proposal: own.proposal, step: 'approved it' });
    at.pass(DELAY);
    expect(await step(second)).toMatchObject({ proposal: own.proposal, isExecuted: true });
    expect(at.world.readDomain().state).toBe(constants.phase.OPERATING);
});

test('approvers who name a proposer meet at once, whatever is edited', async () => {
    const { at, first, second, wanted, proposal, edit, step } = await attacked();
    for (let vain = 0; vain < 3; vain++) {
        expect(await step(first)).toMatchObject({ proposal, step: 'approved it' });
        await edit(wanted);
    }
    await expect(step(second, first)).rejects.toMatchObject({ name: 'NotYet' });
    const own = await step(first, first);
    expect(own.step).toBe('proposed it, approved it');
    await edit(wanted);
    expect(await step(second, first)).toMatchObject({ proposal: own.proposal, step: 'approved it' });
    at.pass(DELAY);
    expect(await step(second, first)).toMatchObject({ isExecuted: true });
});
