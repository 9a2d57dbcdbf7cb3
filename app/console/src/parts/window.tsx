/** An outflow window, drawn: how full it is, when what left will be forgotten, and where it would latch. */
import type { BreakerStatus, VaultStatus } from '@bulkhead/client/status';
import { words } from '@bulkhead/client/status';

import { Key, Moment } from './small.tsx';

const WIDTH = 600;
const HEIGHT = 92;

export function OutflowWindow({
    breaker,
    vault,
    now,
}: {
    breaker: BreakerStatus;
    vault: VaultStatus | undefined;
    now: bigint;
}) {
    const { limit, outflows, decimals, tripLimit, queued, remaining, inWindow, latchedUntil, isPaused } = breaker;
    const shown = (value: bigint) => words.amount(value, decimals);
    const used = outflows.reduce((sum, each) => sum + each, 0n);
    const part = (value: bigint, of: bigint) => (of === 0n ? 0 : Math.min(1, Number((value * 10_000n) / of) / 10_000));
    const fullness = part(used, limit);
    const isLatched = latchedUntil > 0n;
    const [state, tone] = isLatched
        ? (['Latched: nothing leaves', 'due'] as const)
        : isPaused
          ? (['Paused: nothing leaves', 'shut'] as const)
          : vault !== undefined && !vault.isActive
            ? (['Evacuated', 'shut'] as const)
            : (['Open', 'calm'] as const);
    return (
        <article className={`window ${tone}`}>
            <header>
                <h3>
                    Compartment {breaker.compartment} <Key of={breaker.mint} name="token" />
                </h3>
                <span className="tag">{state}</span>
            </header>
            <p className="figure">
                {shown(remaining)} <small>may leave now</small>
            </p>
            <Bars
                outflows={outflows}
                limit={limit}
                label={`${Math.round(fullness * 100)} % of the window is used: ${shown(used)} of ${shown(limit)} in ${words.span(breaker.windowSeconds)}`}
            />
            <div className="meter" aria-hidden="true">
                <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none">
                    <rect className="track" width={WIDTH} height="10" rx="5" />
                    <rect
                        className="fill"
                        width={Math.max(fullness * WIDTH, fullness > 0 ? 6 : 0)}
                        height="10"
                        rx="5"
                    />
                </svg>
            </div>
            <dl className="pairs">
                <div>
                    <dt>went out in {words.span(breaker.windowSeconds)}</dt>
                    <dd>
                        {shown(used)} of {shown(limit)} <small>{Math.round(fullness * 100)} % of the limit</small>
                    </dd>
                </div>
                <div>
                    <dt>room in this window</dt>
                    <dd>{shown(inWindow)}</dd>
                </div>
                <div>
                    <dt>asked for, and waiting</dt>
                    <dd>
                        {shown(queued)}
                        {tripLimit > 0n && <small> latches above {shown(tripLimit)}</small>}
                    </dd>
                </div>
                {vault && (
                    <div>
                        <dt>in custody</dt>
                        <dd>{shown(vault.balance)}</dd>
                    </div>
                )}
                {vault && vault.queue.count > 0 && (
                    <div>
                        <dt>queue</dt>
                        <dd>
                            {words.count(vault.queue.count, 'release')}, {shown(vault.queue.owed)}
                        </dd>
                    </div>
                )}
                {isLatched && (
                    <div>
                        <dt>the latch ends</dt>
                        <dd>
                            <Moment ts={latchedUntil} now={now} />
                        </dd>
                    </div>
                )}
                {breaker.loweredUntil !== undefined && (
                    <div>
                        <dt>lowered limits end</dt>
                        <dd>
                            <Moment ts={breaker.loweredUntil} now={now} />
                        </dd>
                    </div>
                )}
            </dl>
        </article>
    );
}

/** One bar a sub-window, oldest on the left: what leaves the picture on the left is forgotten. */
function Bars({ outflows, limit, label }: { outflows: readonly bigint[]; limit: bigint; label: string }) {
    const most = outflows.reduce((most, each) => (each > most ? each : most), limit === 0n ? 1n : limit / 4n + 1n);
    const gap = 4;
    const width = WIDTH / outflows.length;
    return (
        <svg
            className="bars"
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            role="img"
            aria-label={label}
            preserveAspectRatio="none"
        >
            <line className="ground" x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
            {outflows.map((each, i) => {
                const height = each === 0n ? 0 : Math.max(4, (Number((each * 1_000n) / most) / 1_000) * (HEIGHT - 8));
                return (
                    <rect
                        key={i}
                        x={i * width + gap / 2}
                        y={HEIGHT - 1 - height}
                        width={width - gap}
                        height={height}
                        rx="2"
                    />
                );
            })}
        </svg>
    );
}
