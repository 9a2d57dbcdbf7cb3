/** Keeps the status of a domain fresh: known accounts often, everything from time to time and after an act. */
import { gather, statusOf, type DomainStatus, type StatusAccounts } from '@bulkhead/client/status';
import type { Session } from '@bulkhead/client/flows';
import type { Address } from '@solana/kit';
import { useCallback, useEffect, useRef, useState } from 'react';

import { readingChain } from './chain/session.ts';

const REFRESH_MS = 4_000;
/** Every so many refreshes, everything is gathered again: accounts that nobody knew of are found then. */
const GATHER_EVERY = 8;

export type Reading = Readonly<{
    status: DomainStatus | undefined;
    /** When it was read, by this machine's clock. */
    readAt: number;
    /** Why the last attempt to read failed. */
    error: string | undefined;
    session: Session | undefined;
    /** Reads everything again, now. */
    refresh: () => Promise<void>;
}>;

export function useStatus(rpc: string | undefined, domain: Address | undefined): Reading {
    const [found, setFound] = useState<Pick<Reading, 'status' | 'readAt' | 'error'>>(NOTHING);
    const known = useRef<{ session: Session; accounts: StatusAccounts | undefined; round: number } | undefined>(
        undefined,
    );
    const isReading = useRef<Promise<void> | undefined>(undefined);

    const read = useCallback(
        async (isWhole: boolean) => {
            const state = known.current;
            if (state === undefined || domain === undefined) return;
            try {
                const { session } = state;
                const isDue = isWhole || state.accounts === undefined || state.round % GATHER_EVERY === 0;
                const before = state.accounts;
                let accounts = isDue
                    ? await gather(session, domain)
                    : before!.with(await session.chain.accounts(before!.addresses));
                // Something was decided: what belongs to it may be new.
                if (!isDue && isMoved(before!, accounts, domain)) accounts = await gather(session, domain);
                const status = await statusOf(session, accounts, await session.chain.now());
                if (known.current !== state) return;
                state.accounts = accounts;
                state.round += 1;
                setFound({ status, readAt: Date.now(), error: undefined });
            } catch (error) {
                if (known.current !== state) return;
                const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
                setFound((last) => ({ ...last, error: message }));
            }
        },
        [domain],
    );

    const refresh = useCallback(async () => {
        await isReading.current;
        await read(true);
    }, [read]);

    useEffect(() => {
        setFound(NOTHING);
        known.current = undefined;
        if (rpc === undefined || domain === undefined) return;
        known.current = { session: { chain: readingChain(rpc), parallel: 4 }, accounts: undefined, round: 0 };
        let timer: ReturnType<typeof setTimeout>;
        const tick = async () => {
            if (document.visibilityState === 'visible') {
                isReading.current = read(false);
                await isReading.current;
            }
            timer = setTimeout(() => void tick(), REFRESH_MS);
        };
        void tick();
        return () => {
            known.current = undefined;
            clearTimeout(timer);
        };
    }, [rpc, domain, read]);

    return { ...found, session: known.current?.session, refresh };
}

const NOTHING = { status: undefined, readAt: 0, error: undefined };

/** Did the domain itself change, and not only what is counted in it? */
function isMoved(before: StatusAccounts, after: StatusAccounts, domain: Address): boolean {
    const [was, is] = [before.raw(domain)?.data, after.raw(domain)?.data];
    return was === undefined || is === undefined || was.some((byte, i) => byte !== is[i]);
}
