/** The same path over a real node that `make console-e2e` starts, twice in a row: the thief is the localnet's own. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { merkle, tokens } from '@bulkhead/client';
import { readPositions } from '@bulkhead/client/flows';
import { readStatus } from '@bulkhead/client/status';
import { createKeyPairSignerFromBytes, createSolanaRpc, lamports, type Address, type KeyPairSigner } from '@solana/kit';
import { expect, test } from 'vitest';

import { readingChain } from '../src/chain/session.ts';
import { launch, openPage, serve } from './browser.ts';
import { Operator } from './operator.ts';
import { fromAttackToClaim } from './path.ts';
import type { Stage } from './stage.ts';

const run = promisify(execFile);
const dir = process.env['LOCALNET_DIR'] ?? '';
const localnet = process.env['LOCALNET'] ?? '';
const bulkhead = process.env['BULKHEAD'] ?? '';
const HOUR = 3_600n;

type Description = Readonly<{ url: string; domain: Address; mints: Readonly<{ quote: Address }> }>;

async function key(name: string): Promise<KeyPairSigner> {
    const bytes = JSON.parse(readFileSync(join(dir, 'keys', `${name}.json`), 'utf8')) as number[];
    return createKeyPairSignerFromBytes(Uint8Array.from(bytes));
}

async function localStage(): Promise<Stage> {
    const { url, domain, mints } = JSON.parse(readFileSync(join(dir, 'localnet.json'), 'utf8')) as Description;
    const chain = readingChain(url);
    const members = (await Promise.all(['member-0', 'member-1', 'member-3'].map(key))) as [
        KeyPairSigner,
        KeyPairSigner,
        KeyPairSigner,
    ];
    const voter = await key('voter-0');
    const node = createSolanaRpc(url);
    for (const { address } of [...members, voter]) {
        await (
            node as unknown as { requestAirdrop: (key: Address, amount: bigint) => { send: () => Promise<unknown> } }
        )
            .requestAirdrop(address, lamports(5_000_000_000n))
            .send();
    }
    const positions = await readPositions({ chain }, { domain, ledgerIndex: 0 });
    const { owner } = positions.find(({ amount }: merkle.Position) => amount > 0n)!;
    const tool = (...args: readonly string[]) => run(localnet, ['--dir', dir, ...args]);
    return {
        rpc: url,
        domain,
        members,
        voter,
        owner,
        stake: 600_000_000_000n,
        delay: HOUR,
        pass: async (seconds) => void (await tool('warp', '--seconds', String(seconds))),
        attack: async () => void (await tool('attack')),
        async balance() {
            const { address } = await tokens.associatedToken(owner, mints.quote, tokens.TOKEN_PROGRAM);
            const [account] = await chain.accounts([address]);
            return account?.exists ? (tokens.readToken(account.data)?.amount ?? 0n) : 0n;
        },
        close: async () => {},
    };
}

/** The parts of the status that the command line and this client both compute. */
async function requireSameStatus(stage: Stage): Promise<void> {
    const { stdout } = await run(bulkhead, ['-C', join(dir, 'config.yml'), 'status', '--output', 'json'], {
        maxBuffer: 1 << 26,
    });
    const theirs = JSON.parse(stdout) as {
        phase: string;
        next_steps: readonly { by: string; ledger: number | null }[];
        breakers: readonly { key: string; limit: string; in_window: string; remaining: string }[];
        members: readonly { key: string; is_eligible: boolean; pauses_left: number; vetoes_left: number }[];
    };
    const ours = await readStatus({ chain: readingChain(stage.rpc) }, stage.domain);
    expect(ours.phase).toBe(theirs.phase);
    expect(
        ours.members.map(({ key, isEligible, pausesLeft, vetoesLeft }) => ({
            key,
            isEligible,
            pausesLeft,
            vetoesLeft,
        })),
    ).toEqual(
        theirs.members.map(({ key, is_eligible, pauses_left, vetoes_left }) => ({
            key,
            isEligible: is_eligible,
            pausesLeft: pauses_left,
            vetoesLeft: vetoes_left,
        })),
    );
    expect(ours.breakers.map(({ key, limit }) => ({ key, limit: String(limit) }))).toEqual(
        theirs.breakers.map(({ key, limit }) => ({ key, limit: String(limit) })),
    );
}

test('from the attack to the claim', async () => {
    const [browser, site, stage] = await Promise.all([launch(), serve(), localStage()]);
    try {
        const page = await openPage(browser, {
            'Member 0': stage.members[0],
            'Member 1': stage.members[1],
            Voter: stage.voter,
        });
        const at = new Operator(page, site.url);
        await at.open('board');
        await at.setUp(stage.rpc, stage.domain);
        await requireSameStatus(stage);
        await fromAttackToClaim(at, stage, () => requireSameStatus(stage));
    } finally {
        await browser.close();
        site.close();
    }
});
