/** Computes the steps that are left. Pure: the chain is read before and written afterwards. */
import type { Address } from '@solana/kit';

import { phase } from '../constants.ts';
import * as pdas from '../pdas.ts';
import type { BreakerConfig, DomainConfig, LedgerConfig, VaultConfig } from './config.ts';

/** One account to create or change, and the instruction that does it. */
export type Step =
    | Readonly<{ name: 'open_domain'; target: Address }>
    | Readonly<{ name: 'open_breaker'; target: Address; breaker: BreakerConfig }>
    | Readonly<{ name: 'open_vault'; target: Address; vault: VaultConfig; breaker: Address }>
    | Readonly<{ name: 'register_evacuation_route'; target: Address; destination: Address }>
    | Readonly<{ name: 'register_ledger'; target: Address; ledger: LedgerConfig; others: Address[] }>
    | Readonly<{ name: 'activate_domain'; target: Address }>;

/** The state of the chain. */
export type Found = Readonly<{
    /** Accounts of the plan that exist. */
    existing: ReadonlySet<Address>;
    /** Phase of the domain, if it exists. */
    phase: number | undefined;
    /** Route of each vault that has one. */
    routes: ReadonlyMap<Address, Address>;
}>;

/** The setup authority cannot execute the plan. */
export class PlanError extends Error {}

/** All steps of a configuration, in an order in which they can be executed. */
export async function allSteps(config: DomainConfig, setupAuthority: Address): Promise<Step[]> {
    const domain = await pdas.domain(setupAuthority);
    const steps: Step[] = [{ name: 'open_domain', target: domain }];
    const openBreaker = async (breaker: BreakerConfig) => {
        const target = await pdas.outflowBreaker(domain, breaker.compartment, breaker.mint, breaker.shard);
        steps.push({ name: 'open_breaker', target, breaker });
        return target;
    };
    for (const breaker of config.breakers) await openBreaker(breaker);
    for (const vault of config.vaults) {
        const target = await pdas.vault(domain, vault.mint, vault.index);
        const { mint, compartment } = vault;
        const breaker = await openBreaker({ ...vault.breaker, mint, compartment, authority: target });
        steps.push({ name: 'open_vault', target, vault, breaker });
        if (vault.route !== undefined)
            steps.push({ name: 'register_evacuation_route', target, destination: vault.route });
    }
    for (const [at, ledger] of config.ledgers.entries()) {
        // Ledgers that exist by then and pay the same token: a new ledger is compared with them.
        const before = config.ledgers.slice(0, at).filter((other) => other.mint === ledger.mint);
        const indices = before.map((other) => other.index).sort((a, b) => a - b);
        const others = await Promise.all(indices.map((index) => pdas.ledger(domain, index)));
        steps.push({ name: 'register_ledger', target: await pdas.ledger(domain, ledger.index), ledger, others });
    }
    if (config.activate) steps.push({ name: 'activate_domain', target: domain });
    return steps;
}

/** The steps that are not done yet. After set-up there must be none: a missing step then needs a proposal. */
export function remainingSteps(steps: readonly Step[], found: Found): Step[] {
    const remaining = steps.filter((step) => !isDone(step, found));
    if (remaining.length > 0 && found.phase !== undefined && found.phase !== phase.SETUP) {
        const missing = remaining.map(({ name, target }) => `${name} ${target}`).join(', ');
        throw new PlanError(`set-up has ended, so this needs a proposal: ${missing}`);
    }
    return remaining;
}

function isDone(step: Step, { existing, phase: current, routes }: Found): boolean {
    switch (step.name) {
        case 'register_evacuation_route':
            return routes.get(step.target) === step.destination;
        case 'activate_domain':
            return current !== undefined && current !== phase.SETUP;
        default:
            return existing.has(step.target);
    }
}
