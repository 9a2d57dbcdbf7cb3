/** The frame: where one is, who acts, which page, and the act that is going on. */
import { useCallback, useEffect, useMemo, useState } from 'react';

import type { Act } from './acts.ts';
import type { Actor } from './chain/session.ts';
import { DeskContext, type Desk } from './desk.tsx';
import { recall, remember } from './memory.ts';
import { Board } from './pages/board.tsx';
import { Ballot } from './pages/ballot.tsx';
import { Owner } from './pages/owner.tsx';
import { Setup } from './pages/setup.tsx';
import { ActPanel } from './parts/act-panel.tsx';
import { Actors } from './parts/actors.tsx';
import { Key } from './parts/small.tsx';
import { CLUSTERS, hashOf, hostOf, isNodeUrl, parsePlace, type HostConfig, type Page, type Place } from './place.ts';
import { useStatus } from './use-status.ts';

const TITLES: Readonly<Record<Page, string>> = {
    board: 'Board',
    owner: 'My claim',
    ballot: 'Ballot',
    setup: 'Settings',
};

export function App({ config }: { config: HostConfig }) {
    const [place, setPlace] = useState(() => parsePlace(location.hash));
    const [rpc, keepRpc] = useState(() => firstNode(place, config));
    const [sources, keepSources] = useState(() => firstSources(config));
    const [actor, setActor] = useState<Actor>();
    const [act, setAct] = useState<Act>();
    const given = config.domain ?? recall('domain');
    const domain = place.domain ?? parsePlace(`#/board?domain=${given ?? ''}`).domain;

    useEffect(() => {
        const read = () => setPlace(parsePlace(location.hash));
        addEventListener('hashchange', read);
        return () => removeEventListener('hashchange', read);
    }, []);

    const here: Place = useMemo(() => ({ ...place, domain }), [place, domain]);
    const go = useCallback(
        (to: Partial<Place>) => {
            const next = { ...here, ...to };
            remember('domain', next.domain);
            location.hash = hashOf(next, rpc);
        },
        [here, rpc],
    );
    const reading = useStatus(rpc, domain);
    const desk: Desk = {
        ...reading,
        place: here,
        config,
        rpc,
        sources,
        actor,
        go,
        setRpc: (url) => {
            remember('rpc', url);
            keepRpc(url);
        },
        setSources: (urls) => {
            remember('sources', urls.join(' '));
            keepSources(urls);
        },
        setActor,
        begin: setAct,
    };
    const { status, error } = reading;
    const page: Page = rpc === undefined || domain === undefined ? 'setup' : here.page;
    return (
        <DeskContext value={desk}>
            <a
                className="skip"
                href="#main"
                onClick={(event) => {
                    event.preventDefault();
                    document.getElementById('main')?.focus();
                }}
            >
                To the content
            </a>
            <header className="top">
                <p className="brand">
                    <b>{config.name ?? 'Bulkhead'}</b>
                    {domain !== undefined && <Key of={domain} name="domain" />}
                </p>
                <nav aria-label="Pages">
                    {(Object.keys(TITLES) as Page[]).map((each) => (
                        <a
                            key={each}
                            href={hashOf({ ...here, page: each }, rpc)}
                            aria-current={page === each ? 'page' : undefined}
                        >
                            {TITLES[each]}
                        </a>
                    ))}
                </nav>
            </header>
            <main id="main" tabIndex={-1}>
                {page === 'setup' ? (
                    <Setup key={`${domain ?? ''}${here.askedRpc ?? ''}`} />
                ) : status === undefined ? (
                    <Waiting error={error} rpc={rpc} />
                ) : page === 'owner' ? (
                    <Owner key={here.owner ?? ''} status={status} />
                ) : page === 'ballot' ? (
                    <Ballot status={status} />
                ) : (
                    <Board status={status} />
                )}
            </main>
            <footer className="bottom">
                {freshness()}
                {page !== 'setup' &&
                    (actor === undefined ? (
                        <details>
                            <summary>Act</summary>
                            <Actors />
                        </details>
                    ) : (
                        <Actors />
                    ))}
            </footer>
            {act !== undefined && <ActPanel act={act} close={() => setAct(undefined)} key={act.title} />}
        </DeskContext>
    );

    function freshness() {
        if (rpc === undefined || status === undefined)
            return <p className="small">Static pages. Nothing is asked but your node.</p>;
        return (
            <p className={error === undefined ? 'small' : 'small due'} role={error === undefined ? undefined : 'alert'}>
                {error === undefined ? `slot ${status.at.slot.toLocaleString('en')}` : `not updated: ${error}`} ·{' '}
                {hostOf(rpc)}
            </p>
        );
    }
}

function Waiting({ error, rpc }: { error: string | undefined; rpc: string | undefined }) {
    return error === undefined ? (
        <p className="quiet" role="status">
            Reading the chain…
        </p>
    ) : (
        <div role="alert" className="stopped">
            <h1>The domain cannot be read</h1>
            <p>{error}</p>
            <p className="small">Node: {rpc === undefined ? 'none' : hostOf(rpc)}. Choose another under Settings.</p>
        </div>
    );
}

/** The node to begin with. One that only a link names has to be agreed to first, unless it is a public one. */
function firstNode(place: Place, config: HostConfig): string | undefined {
    const isPublic = Object.values(CLUSTERS).some((url) => url === place.askedRpc);
    const candidates = [isPublic ? place.askedRpc : undefined, recall('rpc'), config.rpc];
    return candidates.find((url) => url !== undefined && isNodeUrl(url));
}

function firstSources(config: HostConfig): readonly string[] {
    const own = recall('sources')?.split(' ') ?? [];
    const ofHost = (config.sources ?? []).map((each) => new URL(each, location.href).href);
    return [...new Set([...own, ...ofHost])].filter(isNodeUrl);
}
