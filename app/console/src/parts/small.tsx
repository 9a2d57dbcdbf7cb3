/** Small parts: keys, clocks, buttons that copy. */
import { words } from '@bulkhead/client/status';
import { isAddress } from '@solana/kit';
import { useEffect, useId, useState, type ReactNode } from 'react';

import { short, type Fact } from '../words/facts.ts';

/** An address: short to read, whole for whoever asks, copied by a click. */
export function Key({ of, name }: { of: string; name?: string | undefined }) {
    const [isCopied, setCopied] = useState(false);
    useEffect(() => {
        if (!isCopied) return;
        const timer = setTimeout(() => setCopied(false), 1_500);
        return () => clearTimeout(timer);
    }, [isCopied]);
    const copy = () => void navigator.clipboard?.writeText(of).then(() => setCopied(true));
    return (
        <button
            type="button"
            className="key"
            title={of}
            aria-label={`${name ?? 'address'} ${isCopied ? 'copied' : `${short(of)}, copy`}`}
            onClick={copy}
        >
            {isCopied ? 'copied' : short(of)}
        </button>
    );
}

/** A text in which addresses are keys. */
export function Text({ of }: { of: string }) {
    return of
        .split(/\b([1-9A-HJ-NP-Za-km-z]{32,44})\b/)
        .map((part, i) => (isAddress(part) ? <Key key={i} of={part} name="address" /> : part));
}

/** The chain's time, running on from when it was read. */
export function useNow(now: bigint, readAt: number): bigint {
    const [tick, setTick] = useState(() => Date.now());
    useEffect(() => {
        const timer = setInterval(() => setTick(Date.now()), 1_000);
        return () => clearInterval(timer);
    }, []);
    return now + BigInt(Math.max(0, Math.floor((Math.max(tick, readAt) - readAt) / 1_000)));
}

/** A moment, and how far away it is. */
export function Moment({ ts, now, prefix = '' }: { ts: bigint; now: bigint; prefix?: string }) {
    return (
        <time dateTime={new Date(Number(ts) * 1_000).toISOString()} title={words.utc(ts)}>
            {prefix}
            {words.fromNow(ts, now)}
        </time>
    );
}

export function Facts({ of }: { of: readonly Fact[] }) {
    if (of.length === 0) return null;
    return (
        <dl className="facts">
            {of.map(({ label, value, isKey }, i) => (
                <div key={i}>
                    <dt>{label}</dt>
                    <dd>{isKey ? <Key of={value} name={label} /> : value}</dd>
                </div>
            ))}
        </dl>
    );
}

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
    const id = useId();
    return (
        <section aria-labelledby={id} className="section">
            <header>
                <h2 id={id}>{title}</h2>
                {aside}
            </header>
            {children}
        </section>
    );
}

/** A text that is taken away: a link, a message. */
export function CopyButton({ text, children }: { text: string; children: ReactNode }) {
    const [isCopied, setCopied] = useState(false);
    return (
        <button
            type="button"
            className="plain"
            onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
        >
            {isCopied ? 'Copied' : children}
        </button>
    );
}
