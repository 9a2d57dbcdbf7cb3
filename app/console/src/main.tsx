/** Starts the console. A host may put `console.json` beside it, which names its domain, node and published positions. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import type { HostConfig } from './place.ts';
import './style.css';

async function hostConfig(): Promise<HostConfig> {
    try {
        const response = await fetch('./console.json', { credentials: 'omit' });
        const isJson = response.headers.get('content-type')?.includes('json') ?? false;
        return response.ok && isJson ? ((await response.json()) as HostConfig) : {};
    } catch {
        return {};
    }
}

const root = document.getElementById('root');
if (root !== null) {
    void hostConfig().then((config) =>
        createRoot(root).render(
            <StrictMode>
                <App config={config} />
            </StrictMode>,
        ),
    );
}
