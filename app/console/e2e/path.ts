/** The whole path from the attack to the claim, through the pages alone. */
import { expect } from 'vitest';

import type { Operator } from './operator.ts';
import type { Stage } from './stage.ts';

const DAY = 86_400n;

/** Somebody takes a picture. */
export type Shot = (name: string) => Promise<void>;

export async function fromAttackToClaim(at: Operator, stage: Stage, shot: Shot): Promise<void> {
    const { page } = at;
    await at.phase('operating');
    await shot('operating');

    await stage.attack();
    await page.locator('.warnings li', { hasText: 'latched and not on the board yet' }).waitFor();
    await shot('robbed');
    await at.actAs('Member 0');
    // A guardian does not wait for a detector.
    await at.take(
        at.step('Pause everything'),
        ({ changes, instructions }) => {
            expect(instructions).toMatch(/Pause/);
            expect(changes).toMatch(/Paused/);
            expect(changes).toMatch(/Pause right burnt/);
        },
        () => shot('act'),
    );
    await page.locator('.closed', { hasText: 'paused by a guardian' }).waitFor();
    await at.take(at.step('Bring the trips to the board'), ({ changes }) => expect(changes).toMatch(/Incident opened/));
    await at.phase('alert');
    await at.next(/2 more guardians to confirm the incident/);
    await shot('alert');
    await at.take(at.step('Confirm the incident'));
    await at.actAs('Member 1');
    await at.next(/1 more guardian to confirm the incident/);
    await at.take(at.step('Confirm the incident'), ({ changes }) => expect(changes).toMatch(/Domain frozen/));
    await at.phase('frozen');

    await at.take(at.step('Confirm the evacuation'));
    await at.actAs('Member 0');
    await at.next(/1 more guardian to confirm the evacuation/);
    await at.take(at.step('Confirm the evacuation'));
    await at.next(/evacuates/i);
    await at.take(at.step('Evacuate the vaults'), ({ changes }) => expect(changes).toMatch(/tokens/));
    await shot('frozen');

    await at.next(/snapshot/i);
    await at.take(at.step('Read and seal the snapshot'));
    await at.next(/ballot/i);
    await at.take(at.step('Take the ballot one step on'));
    await at.next(/starts the vote/);

    await at.actAs('Voter');
    await at.goTo('Ballot');
    await page.getByLabel(/Governance tokens to put in escrow/).fill(String(stage.stake));
    await at.take(at.step('Deposit to vote'));
    await stage.pass(DAY);
    await at.goTo('Board');
    await at.actAs('Member 0');
    await at.next(/starts the vote/);
    await at.take(at.step('Take the ballot one step on'), ({ changes }) => expect(changes).toMatch(/Voting started/));
    await at.next(/token holders vote/i);
    await at.actAs('Voter');
    await at.goTo('Ballot');
    await page.getByLabel('What each pays this owner').fill(stage.owner);
    await page.getByText('would pay').waitFor();
    await shot('ballot');
    await at.take(at.step('Vote for it'));
    await stage.pass(DAY + 1n);
    await at.goTo('Board');

    await at.next(/propose to restore/);
    await at.actAs('Member 0');
    await at.take(at.step('Restore what the vote chose'), ({ changes }) => expect(changes).toMatch(/Proposal created/));
    await at.next(/1 more approver to approve/);
    await at.actAs('Member 1');
    await at.take(page.getByRole('button', { name: 'Approve', exact: true }));
    await at.next(/anyone executes/i);
    await shot('proposal');
    await stage.pass(stage.delay);
    await at.take(page.getByRole('button', { name: 'Execute', exact: true }));
    await at.phase('recovering');
    await at.next(/pool/);
    await at.take(at.step('Fund the pool and share it out'));
    await at.next(/claim/);
    await shot('recovering');

    const before = await stage.balance();
    await at.goTo('My claim');
    await page.getByLabel('Address of the owner').fill(stage.owner);
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.getByText('proved').first().waitFor();
    await shot('owner');
    await at.take(page.getByRole('button', { name: /^Claim / }), ({ changes }) =>
        expect(changes).toMatch(/\+[\d,.]+ tokens/),
    );
    await page.getByText('Everything that was shared out so far is paid').waitFor();
    expect(await stage.balance()).toBeGreaterThan(before);

    await at.goTo('Board');
    await at.take(at.step('Reopen at a quarter of the limits'));
    await at.actAs('Member 0');
    await at.take(page.getByRole('button', { name: 'Approve', exact: true }));
    await page.getByText('approved, waiting').waitFor();
    await stage.pass(stage.delay);
    await at.take(page.getByRole('button', { name: 'Execute', exact: true }));
    await at.phase('operating');
}
