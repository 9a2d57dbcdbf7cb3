/** The known leaves of a state: from published sources, or from the node while positions stand still. */
import { constants, type Snapshot } from '@bulkhead/client';
import { readPositions } from '@bulkhead/client/flows';
import { useEffect, useState } from 'react';

import { useDesk } from './desk.tsx';
import { ofPositions, openSource, type Leaves } from './sources/published.ts';

export type Found = Readonly<{ leaves: Leaves | undefined; isLooking: boolean; faults: readonly string[] }>;

const LOOKING: Found = { leaves: undefined, isLooking: true, faults: [] };

/** The leaves of a sealed snapshot. Only leaves that make its root are ever returned. */
export function useLeaves(snapshot: Snapshot | undefined): Found {
    const { sources, session, place } = useDesk();
    const [found, setFound] = useState<Found>(LOOKING);
    const domain = place.domain;
    const name = snapshot && [...snapshot.root, ...snapshot.tag].join(',');
    const listed = sources.join(' ');
    useEffect(() => {
        let isOver = false;
        setFound(LOOKING);
        if (snapshot === undefined || session === undefined || domain === undefined) return;
        void look(snapshot, listed.split(' ').filter(Boolean), async () =>
            readPositions(session, { domain, ledgerIndex: snapshot.ledgerIndex }),
        ).then((result) => {
            if (!isOver) setFound(result);
        });
        return () => {
            isOver = true;
        };
        // The snapshot is the one of this name; its object is new with every reading.
    }, [name, listed, session, domain]);
    return found;
}

async function look(
    snapshot: Snapshot,
    sources: readonly string[],
    live: () => ReturnType<typeof readPositions>,
): Promise<Found> {
    const faults: string[] = [];
    const said = (error: unknown) =>
        faults.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    for (const url of sources) {
        try {
            const leaves = await openSource(url, [snapshot]);
            if (leaves !== undefined) return { leaves, isLooking: false, faults };
        } catch (error) {
            said(error);
        }
    }
    // A checkpoint is of another time: what the node has now is not it.
    if (snapshot.source === constants.snapshotSource.FROZEN) {
        try {
            return { leaves: ofPositions(await live(), snapshot, 'the node'), isLooking: false, faults };
        } catch (error) {
            said(error);
        }
    }
    return { leaves: undefined, isLooking: false, faults };
}
