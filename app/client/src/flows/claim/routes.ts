/** Where a claim goes, and how it gets there. */
import { AccountRole, type Address, type Instruction, type MaybeEncodedAccount } from '@solana/kit';

import {
    decodeClaimRedirect,
    getClaimElsewhereInstruction,
    getClaimInstruction,
    type ClaimArgsArgs,
} from '../../generated/bulkhead/public.ts';
import * as pdas from '../../pdas.ts';
import { associatedToken, createAssociatedToken, isFrozen, MEMO_PROGRAM, readToken, wantsMemo } from '../../token.ts';
import { NotPossible } from '../session.ts';
import type { Desk, Leaf } from './desk.ts';

/** How an owner is paid. */
export type Route = Readonly<{
    /** The owner's associated token account, and its bump. */
    associated: Readonly<{ address: Address; bump: number }>;
    destination: Address;
    /** Does the associated token account have to be created? */
    creates: boolean;
    /** Does the destination require a memo? */
    hasMemo: boolean;
    /** `redirected` by a proposal, or `chosen` by the owner, who signs. */
    way: 'associated' | 'redirected' | 'chosen';
    /** Why the owner cannot be paid. */
    fault: string | undefined;
}>;

/** The instructions that pay one claim. */
export type Steps = Readonly<{ create: Instruction | undefined; claim: Instruction }>;

/** How each of these owners is paid. Reads their accounts. */
export async function routesOf(
    desk: Desk,
    owners: readonly Address[],
    chosen: Address | undefined,
): Promise<Map<Address, Route>> {
    const { mint, tokenProgram } = desk.restoration;
    const unique = [...new Set(owners)];
    const associated = await Promise.all(unique.map((owner) => associatedToken(owner, mint, tokenProgram)));
    const accounts =
        chosen === undefined ? await desk.work.chain.accounts(associated.map(({ address }) => address)) : [];
    const routes = new Map<Address, Route>();
    for (const [i, owner] of unique.entries()) {
        const own = associated[i] as Route['associated'];
        const route =
            chosen === undefined
                ? await toAssociated(desk, owner, own, accounts[i])
                : { ...(await toChosen(desk, chosen)), associated: own };
        routes.set(owner, route);
    }
    return routes;
}

async function toAssociated(
    desk: Desk,
    owner: Address,
    associated: Route['associated'],
    account: MaybeEncodedAccount | undefined,
): Promise<Route> {
    const { address: destination } = associated;
    const plain = {
        associated,
        destination,
        creates: false,
        hasMemo: false,
        way: 'associated',
        fault: undefined,
    } as const;
    if (!account?.exists || account.programAddress !== desk.restoration.tokenProgram)
        return { ...plain, creates: true };
    const why =
        readToken(account.data)?.holder !== owner
            ? 'has another holder now'
            : isFrozen(account.data)
              ? 'is frozen'
              : undefined;
    if (why === undefined) return { ...plain, hasMemo: wantsMemo(account.data) };
    const redirected = await toRedirected(desk, owner);
    if (redirected !== undefined) return { ...plain, ...redirected };
    const next =
        'the owner claims into another account, or a proposal redirects the claims of an owner that cannot sign';
    return { ...plain, fault: `${destination}, the owner's associated token account, ${why}; ${next}` };
}

/** The account to which a proposal redirected the owner's claims. */
async function toRedirected(
    { work, key }: Desk,
    owner: Address,
): Promise<Pick<Route, 'destination' | 'hasMemo' | 'way'> | undefined> {
    const redirect = await work.find(await pdas.claimRedirect(key, owner), decodeClaimRedirect);
    if (redirect === undefined) return undefined;
    const { destination } = redirect;
    const account = await work.account(destination);
    return { destination, hasMemo: account.exists && wantsMemo(account.data), way: 'redirected' };
}

/** The account that the owner chose. */
async function toChosen({ work, restoration }: Desk, destination: Address): Promise<Omit<Route, 'associated'>> {
    const account = await work.account(destination);
    const isFit =
        account.exists &&
        account.programAddress === restoration.tokenProgram &&
        readToken(account.data)?.mint === restoration.mint;
    if (!isFit) {
        throw new NotPossible(
            `${destination} is not a token account of mint ${restoration.mint}`,
            'create one for this mint and name it',
        );
    }
    return { destination, creates: false, hasMemo: wantsMemo(account.data), way: 'chosen', fault: undefined };
}

/** The instructions that pay a leaf. */
export async function stepsOf(desk: Desk, leaf: Leaf, route: Route): Promise<Steps> {
    const { key: restoration, work } = desk;
    const { snapshot, pool, mint, tokenProgram } = desk.restoration;
    const { index, key, amount, owner, proof, shard } = desk.proof(leaf);
    const { associated, destination, way } = route;
    const args: ClaimArgsArgs = { index, key, amount, destinationBump: associated.bump, proof };
    const accounts = {
        restoration,
        snapshot,
        shard: await desk.shard(shard),
        claims: await pdas.claimPage(desk.restoration.book, leaf.page),
        pool,
        destination,
        owner,
        mint,
        tokenProgram,
        args,
    };
    const redirect = way === 'redirected' ? { route: await pdas.claimRedirect(restoration, owner) } : {};
    const memo = route.hasMemo ? { memoProgram: MEMO_PROGRAM } : {};
    const claim: Instruction =
        route.hasMemo || way === 'redirected'
            ? getClaimElsewhereInstruction({ ...accounts, ...redirect, ...memo, associated: associated.address })
            : getClaimInstruction(accounts);
    return {
        create: route.creates
            ? createAssociatedToken(work.payer, associated.address, owner, mint, tokenProgram)
            : undefined,
        claim: way === 'chosen' ? signedBy(claim, owner) : claim,
    };
}

/** The instruction with the owner as a signer. */
function signedBy(instruction: Instruction, owner: Address): Instruction {
    const accounts = (instruction.accounts ?? []).map((meta) =>
        meta.address === owner && meta.role === AccountRole.READONLY
            ? { address: owner, role: AccountRole.READONLY_SIGNER }
            : meta,
    );
    return { ...instruction, accounts };
}
