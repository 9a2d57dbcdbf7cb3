/** What all pages share: where they are, what was read, who acts, and the act that is going on. */
import type { HostConfig, Place } from './place.ts';
import { createContext, useContext } from 'react';

import type { Act } from './acts.ts';
import type { Actor } from './chain/session.ts';
import type { Reading } from './use-status.ts';

export type Desk = Reading &
    Readonly<{
        place: Place;
        config: HostConfig;
        rpc: string | undefined;
        sources: readonly string[];
        actor: Actor | undefined;
        go: (to: Partial<Place>) => void;
        setRpc: (rpc: string | undefined) => void;
        setSources: (sources: readonly string[]) => void;
        setActor: (actor: Actor | undefined) => void;
        /** Begins an act: it is shown step by step. */
        begin: (act: Act) => void;
    }>;

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
    const desk = useContext(DeskContext);
    if (desk === undefined) throw new Error('outside of the desk');
    return desk;
}
