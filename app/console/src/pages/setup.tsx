/** Which node and which domain: the two things that this page cannot know. */
import { isAddress } from '@solana/kit';
import { useState } from 'react';

import { useDesk } from '../desk.tsx';
import { CLUSTERS, hostOf, isNodeUrl } from '../place.ts';

export function Setup() {
    const { rpc, place, sources, setRpc, setSources, go } = useDesk();
    const [node, setNode] = useState(rpc ?? place.askedRpc ?? '');
    const [domain, setDomain] = useState<string>(place.domain ?? '');
    const [published, setPublished] = useState(sources.join('\n'));
    const isFit = isNodeUrl(node.trim()) && isAddress(domain.trim());
    return (
        <form
            className="setup"
            onSubmit={(event) => {
                event.preventDefault();
                const key = domain.trim();
                if (!isFit || !isAddress(key)) return;
                setRpc(node.trim());
                setSources(published.split(/\s+/).filter(isNodeUrl));
                go({ page: place.page === 'setup' ? 'board' : place.page, domain: key });
            }}
        >
            <h1>Where to look</h1>
            {place.askedRpc !== undefined && place.askedRpc !== rpc && (
                <p className="notice">
                    The link asks for the node <b>{hostOf(place.askedRpc)}</b>. A node can lie about everything that you
                    see here: use it only if you trust it, or put your own.
                </p>
            )}
            <label>
                RPC node
                <input
                    value={node}
                    onChange={(event) => setNode(event.target.value)}
                    list="clusters"
                    inputMode="url"
                    spellCheck={false}
                    autoComplete="off"
                    placeholder="https://…"
                />
                <small>
                    Nothing else is asked. The URL stays in this browser, and out of links unless it is a public one.
                </small>
            </label>
            <datalist id="clusters">
                {Object.entries(CLUSTERS).map(([name, url]) => (
                    <option key={name} value={url}>
                        {name}
                    </option>
                ))}
            </datalist>
            <label>
                Domain
                <input
                    value={domain}
                    onChange={(event) => setDomain(event.target.value)}
                    spellCheck={false}
                    autoComplete="off"
                    placeholder="Address of the domain"
                />
            </label>
            <label>
                Published positions <small>(optional, one a line)</small>
                <textarea
                    rows={3}
                    value={published}
                    onChange={(event) => setPublished(event.target.value)}
                    spellCheck={false}
                    placeholder="https://… of a proof server, or of a folder with manifest.json"
                />
                <small>Whatever they say is checked against the root on chain.</small>
            </label>
            <button type="submit" className="primary" disabled={!isFit}>
                Open the board
            </button>
        </form>
    );
}
