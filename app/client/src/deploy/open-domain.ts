/** Executes a plan step by step, with the setup authority. */
import { address, type Address, type Instruction, type MaybeEncodedAccount, type TransactionSigner } from '@solana/kit';

import {
    BULKHEAD_PROGRAM_ADDRESS,
    decodeDomain,
    decodeVault,
    getActivateDomainInstruction,
    getOpenBreakerInstructionAsync,
    getOpenDomainInstructionAsync,
    getOpenVaultInstructionAsync,
    getRegisterLedgerInstructionAsync,
    getRegisterEvacuationRouteInstructionAsync,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { withLedgers } from '../remaining.ts';
import type { Chain } from './chain.ts';
import type { DomainConfig } from './config.ts';
import { allSteps, PlanError, remainingSteps, type Found, type Step } from './plan.ts';

const SYSTEM_PROGRAM = address('11111111111111111111111111111111');

/** Receives one line per step, done or planned. */
export type Report = (line: string) => void;

export type OpenDomainInput = Readonly<{
    chain: Chain;
    config: DomainConfig;
    /** The key that opens the domain; it has no power once the domain is active. */
    setupAuthority: TransactionSigner;
    payer: TransactionSigner;
    dryRun?: boolean;
    report?: Report;
}>;

/** Throws unless the program is deployed. */
export async function requireDeployed(chain: Chain, report: Report = () => {}): Promise<void> {
    const program = await chain.account(BULKHEAD_PROGRAM_ADDRESS);
    if (!program.exists || !program.executable) {
        throw new PlanError(`${BULKHEAD_PROGRAM_ADDRESS} is not a program on this cluster: deploy it first`);
    }
    report(`program ${BULKHEAD_PROGRAM_ADDRESS} is deployed`);
}

/**
 * Executes the steps of a configuration that are not done yet, and returns the steps. Can be repeated, and resumes
 * where it stopped. Existing accounts are matched by address only: set-up creates accounts and never changes them.
 */
export async function openDomain(input: OpenDomainInput): Promise<Step[]> {
    const { chain, config, setupAuthority, dryRun = false, report = () => {} } = input;
    const steps = await allSteps(config, setupAuthority.address);
    const remaining = remainingSteps(steps, await look(chain, setupAuthority.address, steps));
    for (const step of steps.filter((each) => !remaining.includes(each))) report(`exists    ${line(step)}`);
    for (const step of remaining) {
        if (dryRun) {
            report(`would do  ${line(step)}`);
            continue;
        }
        report(`done      ${line(step)}  ${await chain.send(await instruction(step, input))}`);
    }
    return remaining;
}

function line({ name, target }: Step): string {
    return `${name.padEnd(28)}${target}`;
}

/** The current state of the steps on chain. */
async function look(chain: Chain, setupAuthority: Address, steps: readonly Step[]): Promise<Found> {
    const existing = new Set<Address>();
    const routes = new Map<Address, Address>();
    for (const { name, target } of steps) {
        const account = await chain.account(target);
        if (!isThere(account)) continue;
        existing.add(target);
        if (name === 'register_evacuation_route') routes.set(target, decodeVault(account).data.route);
    }
    const domain = await chain.account(await pdas.domain(setupAuthority));
    return { existing, routes, phase: isThere(domain) ? decodeDomain(domain).data.state : undefined };
}

/**
 * Does the account exist? Lamports alone do not count: anyone can send them to an address. Throws if another program
 * owns the account.
 */
function isThere(account: MaybeEncodedAccount): account is Extract<MaybeEncodedAccount, { exists: true }> {
    if (!account.exists || (account.programAddress === SYSTEM_PROGRAM && account.data.length === 0)) return false;
    if (account.programAddress === BULKHEAD_PROGRAM_ADDRESS) return true;
    throw new PlanError(`${account.address} belongs to ${account.programAddress}; is this the right cluster?`);
}

async function instruction(
    step: Step,
    { chain, config, setupAuthority, payer }: OpenDomainInput,
): Promise<Instruction> {
    const domain = await pdas.domain(setupAuthority.address);
    const authority = { authority: setupAuthority, domain, council: await pdas.council(domain) };
    switch (step.name) {
        case 'open_domain': {
            const { council, hostProgram, voteSeconds, quorumBps, governanceMint } = config;
            const args = { council, hostProgram, voteSeconds, quorumBps };
            return getOpenDomainInstructionAsync({ setupAuthority, payer, governanceMint, args });
        }
        case 'open_breaker':
            return getOpenBreakerInstructionAsync({ ...authority, payer, breaker: step.target, args: step.breaker });
        case 'open_vault': {
            const { mint } = step.vault;
            const tokenProgram = await ownerOf(chain, mint);
            const args = { ...step.vault, breaker: step.breaker };
            return getOpenVaultInstructionAsync({
                ...authority,
                payer,
                breaker: step.breaker,
                mint,
                vault: step.target,
                tokenProgram,
                args,
            });
        }
        case 'register_evacuation_route': {
            const { target: vault, destination } = step;
            return getRegisterEvacuationRouteInstructionAsync({
                ...authority,
                vault,
                destination,
                args: { vault, destination },
            });
        }
        case 'register_ledger': {
            const { ledger: args } = step;
            const register = await getRegisterLedgerInstructionAsync({
                ...authority,
                payer,
                ledger: step.target,
                mint: args.mint,
                totalAccount: args.total.account,
                mintLedgers: await pdas.mintLedgers(domain, args.mint),
                args,
            });
            return withLedgers(register, step.others);
        }
        case 'activate_domain':
            return getActivateDomainInstruction({ setupAuthority, domain });
    }
}

async function ownerOf(chain: Chain, address: Address): Promise<Address> {
    const account = await chain.account(address);
    if (!account.exists) throw new PlanError(`the account ${address} does not exist`);
    return account.programAddress;
}
