/** Where a claim goes, and how it gets there. */
import { AccountRole, type Address, type Instruction, type MaybeEncodedAccount } from '@solana/kit';

import { claimWish } from '../../constants.ts';
import {
    decodeClaimRedirect,
    getClaimElsewhereInstruction,
    getClaimInstruction,
    type ClaimArgsArgs,
    type ClaimRedirect,
} from '../../generated/bulkhead/public.ts';
import * as pdas from '../../pdas.ts';
import { associatedToken, createAssociatedToken, isFrozen, MEMO_PROGRAM, readToken, wantsMemo } from '../../token.ts';
import { decoded, NotPossible } from '../session.ts';
import type { Push } from './batch.ts';
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
    /** `redirected` by a proposal, `wished` for by the owner in advance, or `chosen` by the owner, who signs. */
    way: 'associated' | 'redirected' | 'wished' | 'chosen';
    /** The address whose associated token account the owner wished for, and its bump. */
    payee?: Readonly<{ holder: Address; address: Address; bump: number }>;
    /** Why the owner cannot be paid. */
    fault: string | undefined;
}>;

/** The instructions that pay one claim, and how a batch pays it, if one can. */
export type Steps = Readonly<{ create: Instruction | undefined; claim: Instruction; push: Push | undefined }>;

/**
 * How each of these owners is paid. Reads their accounts, and what they wish for. Claims that the owner lets a program
 * consume are left to it when everybody's are pushed.
 */
export async function routesOf(
    desk: Desk,
    owners: readonly Address[],
    chosen: Address | undefined,
    isPush: boolean,
): Promise<Map<Address, Route>> {
    const { mint, tokenProgram } = desk.restoration;
    const unique = [...new Set(owners)];
    const associated = await Promise.all(unique.map((owner) => associatedToken(owner, mint, tokenProgram)));
    const accounts =
        chosen === undefined ? await desk.work.chain.accounts(associated.map(({ address }) => address)) : [];
    const wishes = await Promise.all(unique.map((owner) => pdas.claimWish(desk.restoration.domain, owner)));
    const wished = chosen === undefined ? await desk.work.chain.accounts(wishes) : [];
    const routes = new Map<Address, Route>();
    for (const [i, owner] of unique.entries()) {
        const own = associated[i] as Route['associated'];
        const wish = wished[i] === undefined ? undefined : decoded(wished[i], decodeClaimRedirect)?.data;
        const route =
            chosen === undefined
                ? ((await asWished(desk, owner, own, wish, isPush)) ??
                  // A proposal does not redirect the claims of an owner that has spoken for itself.
                  (await toAssociated(desk, owner, own, accounts[i], wish === undefined)))
                : { ...(await toChosen(desk, chosen)), associated: own };
        routes.set(owner, route);
    }
    return routes;
}

/** How an owner's wish wants its claims paid, if it matters. */
async function asWished(
    desk: Desk,
    owner: Address,
    associated: Route['associated'],
    wish: ClaimRedirect | undefined,
    isPush: boolean,
): Promise<Route | undefined> {
    const plain = { associated, creates: false, hasMemo: false, way: 'wished' } as const;
    if (wish?.state === claimWish.PAY_TO) {
        const { mint, tokenProgram } = desk.restoration;
        const account = await associatedToken(wish.holder, mint, tokenProgram);
        const found = await desk.work.account(account.address);
        const route = await toAssociated(desk, wish.holder, account, found, false);
        return { ...route, associated, way: 'wished', payee: { holder: wish.holder, ...account } };
    }
    if (!isPush || wish?.state !== claimWish.CONSUMED_BY) return undefined;
    const fault =
        `the owner lets ${wish.holder} consume it: leave it to that program, or pay it to the owner by claiming for ` +
        `${owner} alone`;
    return { ...plain, destination: associated.address, fault };
}

async function toAssociated(
    desk: Desk,
    owner: Address,
    associated: Route['associated'],
    account: MaybeEncodedAccount | undefined,
    isOwners = true,
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
    const redirected = isOwners ? await toRedirected(desk, owner) : undefined;
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
    const { bump } = route.payee ?? associated;
    const args: ClaimArgsArgs = { index, key, amount, destinationBump: bump, proof };
    const plain = {
        restoration,
        snapshot,
        shard: await desk.shard(shard),
        claims: await pdas.claimPage(desk.restoration.book, leaf.page),
        pool,
        destination,
        owner,
        mint,
        tokenProgram,
    };
    const accounts = { ...plain, args };
    const redirect =
        way === 'redirected'
            ? { route: await pdas.claimRedirect(restoration, owner) }
            : way === 'wished'
              ? { route: await pdas.claimWish(desk.restoration.domain, owner) }
              : {};
    const memo = route.hasMemo ? { memoProgram: MEMO_PROGRAM } : {};
    const claim: Instruction =
        route.hasMemo || way === 'redirected' || way === 'wished'
            ? getClaimElsewhereInstruction({
                  ...accounts,
                  ...redirect,
                  ...memo,
                  associated: associated.address,
                  wish: await pdas.claimWish(desk.restoration.domain, owner),
              })
            : getClaimInstruction(accounts);
    return {
        create: route.creates
            ? createAssociatedToken(work.payer, destination, route.payee?.holder ?? owner, mint, tokenProgram)
            : undefined,
        claim: way === 'chosen' ? signedBy(claim, owner) : claim,
        push:
            way === 'associated' && !route.hasMemo
                ? { proved: desk.proof(leaf), destination: associated, accounts: plain }
                : undefined,
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
