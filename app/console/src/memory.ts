/** What this browser remembers between visits: the node, the domain, sources. Nothing secret, and never a key. */
const PREFIX = 'bulkhead.';

/** Storage may be switched off: then nothing is remembered. */
export function recall(name: string): string | undefined {
    try {
        return localStorage.getItem(PREFIX + name) ?? undefined;
    } catch {
        return undefined;
    }
}

export function remember(name: string, value: string | undefined): void {
    try {
        if (value === undefined || value === '') localStorage.removeItem(PREFIX + name);
        else localStorage.setItem(PREFIX + name, value);
    } catch {
        // It works without.
    }
}
