/** The instruction that executes a proposal, by its kind: the accounts follow from the decision. */
import { isSome, type Address, type Instruction, type TransactionSigner } from '@solana/kit';

import { toAddress } from '../bytes.ts';
import { snapshotFlag } from '../constants.ts';
import {
    decodeLedger,
    decodeSnapshot,
    getCancelReleasesInstructionAsync,
    getChangeCouncilInstructionAsync,
    getChooseRestorationInstructionAsync,
    getExtendClaimsInstructionAsync,
    getOverrideRestartCheckInstructionAsync,
    getSetClaimTermsInstructionAsync,
    getRegisterPeerInstructionAsync,
    getSetBallotRulesInstructionAsync,
    getSetRecoveryRulesInstructionAsync,
    getCloseDetectorInstructionAsync,
    getGrantRightsInstructionAsync,
    getOpenAuthorityWatchInstructionAsync,
    getOpenBreakerInstructionAsync,
    getOpenCheckpointLogInstructionAsync,
    getOpenInsuranceInstructionAsync,
    getOpenPriceBreakerInstructionAsync,
    getOpenSolvencyBreakerInstructionAsync,
    getOpenVaultInstructionAsync,
    getRedirectClaimsInstructionAsync,
    getRegisterEmergencyActionInstructionAsync,
    getRegisterEvacuationRouteInstructionAsync,
    getRegisterLedgerInstructionAsync,
    getReopenInstructionAsync,
    getResumeInstructionAsync,
    getRunInstructionInstructionAsync,
    getSetInterimRuleInstructionAsync,
    getSetLimitInstructionAsync,
    getSetLinkInstructionAsync,
    decodeMintLedgers,
    type PriceSource,
    type RegisterLedgerArgs,
    type StoredInstruction,
    type VerifyingKeyArgs,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { withLedgers } from '../remaining.ts';
import { hostExecutionOf, type HostDecision } from './host-execution.ts';
import { associatedToken } from '../token.ts';
import type { FoundProposal } from './proposals.ts';
import { NOBODY, tokenProgramOf, type Scene } from './reading.ts';
import type { Work } from './session.ts';
import { overrideSeal } from './override-seal.ts';
import { proofExecutionOf, type ProofDecision } from './proof-execution.ts';
import { restartChecks, restartReading } from './restart.ts';
import { withStored } from './stored.ts';

/** Accounts of every instruction that executes a proposal. */
export type Authority = Readonly<{ authority: TransactionSigner; domain: Address; proposal: Address }>;
export type Paid = Authority & Readonly<{ payer: TransactionSigner }>;

/** The vault and the ledger of a queue, which the choice of its state names. */
export async function queueOf(work: Work, queueLedger: Address) {
    const { totalAccount: vault } = await work.load('ledger', queueLedger, decodeLedger, 'is the cluster right?');
    return { vault, queueLedger };
}

/** The instruction that executes the proposal. `verifyingKey` is what a registered key's id is a hash of. */
export async function executionOf(
    work: Work,
    scene: Scene,
    { key, decision }: FoundProposal,
    executor: TransactionSigner,
    verifyingKey?: VerifyingKeyArgs,
): Promise<Instruction> {
    const { key: domain } = scene;
    const payer = work.payer;
    const authority = { authority: executor, domain, proposal: key };
    const paid = { ...authority, payer };
    switch (decision.__kind) {
        case 'Resume': {
            const [args] = decision.fields;
            // A detector may have opened another incident since, which is ended in its place.
            const { openIncident } = scene.domain;
            const incident = openIncident === NOBODY ? args.incident : openIncident;
            return getResumeInstructionAsync({ ...authority, incident, args });
        }
        case 'Reopen': {
            const [args] = decision.fields;
            const named = args.incident === NOBODY ? {} : { incident: args.incident };
            const proofRules = await pdas.proofRules(domain);
            const reopen = await getReopenInstructionAsync({ ...authority, ...named, proofRules, args });
            return withLedgers(reopen, await restartChecks(work, scene, args.incident));
        }
        case 'ChangeCouncil':
            return getChangeCouncilInstructionAsync({ ...authority, args: decision.fields[0] });
        case 'GrantRights':
            return getGrantRightsInstructionAsync({ ...authority, args: decision.fields[0] });
        case 'ChooseRestoration': {
            const [args] = decision.fields;
            const { incident, snapshot, ledgerIndex } = args;
            const { mint, flags, ledger } = await work.load(
                'snapshot',
                snapshot,
                decodeSnapshot,
                'is the cluster right?',
            );
            return getChooseRestorationInstructionAsync({
                ...paid,
                incident,
                snapshot,
                ballot: await pdas.ballot(incident, ledgerIndex),
                log: await pdas.checkpointLog(domain, ledgerIndex),
                terms: await pdas.claimTerms(domain, ledgerIndex),
                restoration: await pdas.restoration(incident, ledgerIndex),
                mint,
                tokenProgram: await tokenProgramOf(work, mint),
                interim: await pdas.interim(incident, ledgerIndex),
                ...((flags & snapshotFlag.QUEUE) === 0 ? {} : await queueOf(work, ledger)),
                args,
            });
        }
        case 'RedirectClaims': {
            const [args] = decision.fields;
            const { restoration, destination, owner } = args;
            const route = await pdas.claimRedirect(restoration, owner);
            return getRedirectClaimsInstructionAsync({ ...paid, restoration, destination, route, args });
        }
        case 'SetRecoveryRules':
            return getSetRecoveryRulesInstructionAsync({ ...authority, args: decision.fields[0] });
        case 'SetBallotRules': {
            const rules = await pdas.ballotRules(domain);
            return getSetBallotRulesInstructionAsync({ ...paid, rules, args: decision.fields[0] });
        }
        case 'SetClaimTerms': {
            const [args] = decision.fields;
            const ledger = await pdas.ledger(domain, args.ledgerIndex);
            const { mint } = await work.load('ledger', ledger, decodeLedger, 'register the ledger first');
            const rest = await associatedToken(args.restOwner, mint, await tokenProgramOf(work, mint));
            const terms = await pdas.claimTerms(domain, args.ledgerIndex);
            const paidTo = args.claimDays === 0 ? {} : { destination: rest.address };
            return getSetClaimTermsInstructionAsync({ ...paid, ...paidTo, ledger, terms, args });
        }
        case 'ExtendClaims': {
            const [args] = decision.fields;
            return getExtendClaimsInstructionAsync({ ...authority, restoration: args.restoration, args });
        }
        case 'OverrideRestartCheck': {
            const [args] = decision.fields;
            const { incident, ledgerIndex } = args;
            const { ledger, totalAccount, accounts: read } = await restartReading(work, domain, ledgerIndex);
            const check = await pdas.restartCheck(incident, ledgerIndex);
            const accounts = { ...paid, incident, ledger, totalAccount, check };
            return withLedgers(await getOverrideRestartCheckInstructionAsync({ ...accounts, args }), read);
        }
        case 'OverrideSeal':
            return overrideSeal(work, authority, decision.fields[0]);
        case 'RunInstruction':
            return runInstruction(authority, decision.fields[0]);
        case 'RegisterEmergencyAction': {
            const [args] = decision.fields;
            const emergencyAction = await pdas.emergencyAction(domain, args.index);
            return getRegisterEmergencyActionInstructionAsync({ ...paid, emergencyAction, args });
        }
        case 'RegisterEmergencySteps':
        case 'RegisterDirectVault':
        case 'UpgradeHost':
        case 'RegisterEmergencyBuild':
            return hostExecutionOf(work, paid, decision);
        case 'RegisterVerifyingKey':
        case 'RequireProofs':
        case 'OverrideProof':
            return proofExecutionOf(work, paid, decision, verifyingKey);
        default:
            return configuration(work, paid, decision);
    }
}

type Configuration = Exclude<
    FoundProposal['decision'],
    | { __kind: 'Resume' | 'Reopen' | 'ChangeCouncil' | 'GrantRights' | 'ChooseRestoration' | 'RedirectClaims' }
    | {
          __kind: 'OverrideSeal' | 'RunInstruction' | 'RegisterEmergencyAction';
      }
    | { __kind: HostDecision['__kind'] | ProofDecision['__kind'] }
    | { __kind: 'SetRecoveryRules' | 'SetBallotRules' | 'SetClaimTerms' | 'ExtendClaims' | 'OverrideRestartCheck' }
>;

/** The kinds that configure custody, detectors, links and ledgers. */
async function configuration(work: Work, paid: Paid, decision: Configuration): Promise<Instruction> {
    const { domain } = paid;
    switch (decision.__kind) {
        case 'RegisterEvacuationRoute': {
            const [args] = decision.fields;
            const { vault, destination } = args;
            return getRegisterEvacuationRouteInstructionAsync({ ...paid, vault, destination, args });
        }
        case 'CancelReleases': {
            const [args] = decision.fields;
            return getCancelReleasesInstructionAsync({ ...paid, vault: args.vault, args });
        }
        case 'SetInterimRule': {
            const [args] = decision.fields;
            const ledger = await pdas.ledger(domain, args.ledgerIndex);
            return getSetInterimRuleInstructionAsync({ ...paid, ledger, args });
        }
        case 'OpenBreaker': {
            const [args] = decision.fields;
            const breaker = await pdas.outflowBreaker(domain, args.compartment, args.mint, args.shard);
            return getOpenBreakerInstructionAsync({ ...paid, breaker, args });
        }
        case 'SetLimit': {
            const [args] = decision.fields;
            return getSetLimitInstructionAsync({ ...paid, breaker: args.breaker, args });
        }
        case 'OpenVault': {
            const [args] = decision.fields;
            const { breaker, mint, index } = args;
            const vault = await pdas.vault(domain, mint, index);
            const tokenProgram = await tokenProgramOf(work, mint);
            return getOpenVaultInstructionAsync({ ...paid, breaker, mint, vault, tokenProgram, args });
        }
        case 'RegisterLedger':
            return registerLedger(work, paid, decision.fields[0]);
        case 'OpenCheckpointLog': {
            const [args] = decision.fields;
            const ledger = await pdas.ledger(domain, args.ledgerIndex);
            const log = await pdas.checkpointLog(domain, args.ledgerIndex);
            return getOpenCheckpointLogInstructionAsync({ ...paid, ledger, log, args });
        }
        case 'OpenInsurance': {
            const [args] = decision.fields;
            const { ledgerIndex, order } = args;
            const ledger = await pdas.ledger(domain, ledgerIndex);
            const { mint } = await work.load('ledger', ledger, decodeLedger, 'register the ledger first');
            const pool = await pdas.insurancePool(domain, ledgerIndex, order);
            const before = order > 0 ? { previous: await pdas.insurancePool(domain, ledgerIndex, order - 1) } : {};
            return getOpenInsuranceInstructionAsync({
                ...paid,
                ...before,
                ledger,
                mint,
                pool,
                tokens: await pdas.insuranceTokens(pool),
                tokenProgram: await tokenProgramOf(work, mint),
                args,
            });
        }
        case 'OpenPriceBreaker': {
            const [args] = decision.fields;
            const breaker = await pdas.priceBreaker(domain, args.compartment, sourceKey(args.source));
            const price = pinned(args.source);
            const priced = price === undefined ? {} : { price };
            return getOpenPriceBreakerInstructionAsync({ ...paid, ...priced, breaker, args });
        }
        case 'OpenSolvencyBreaker': {
            const [args] = decision.fields;
            const { compartment, liabilities, reserves } = args;
            const breaker = await pdas.solvencyBreaker(domain, compartment, liabilities);
            const open = await getOpenSolvencyBreakerInstructionAsync({ ...paid, breaker, liabilities, args });
            return withLedgers(open, reserves);
        }
        case 'OpenAuthorityWatch': {
            const [args] = decision.fields;
            const { account, offset } = args;
            const watch = await pdas.authorityWatch(domain, account, offset);
            return getOpenAuthorityWatchInstructionAsync({ ...paid, watch, account, args });
        }
        case 'CloseDetector': {
            const [args] = decision.fields;
            const { detector, receiver } = args;
            return getCloseDetectorInstructionAsync({ ...paid, detector, receiver, args });
        }
        case 'SetLink': {
            const [args] = decision.fields;
            const { upstream } = args;
            const [upstreamBoard, link] = [await pdas.board(upstream), await pdas.link(domain, upstream)];
            return getSetLinkInstructionAsync({ ...paid, upstream, upstreamBoard, link, args });
        }
        case 'RegisterPeer': {
            const [args] = decision.fields;
            const peer = await pdas.peer(domain, args.chain, args.emitter);
            return getRegisterPeerInstructionAsync({ ...paid, peer, args });
        }
    }
}

/** The feed id, or the host's account: the seed of the breaker's address. */
function sourceKey(source: PriceSource): Address {
    return source.__kind === 'Pyth' ? toAddress(source.feedId) : source.account;
}

/** The only account that is read, if there is one. */
function pinned(source: PriceSource): Address | undefined {
    if (source.__kind === 'Host') return source.account;
    return isSome(source.account) ? source.account.value : undefined;
}

async function runInstruction(authority: Authority, stored: StoredInstruction): Promise<Instruction> {
    return withStored(await getRunInstructionInstructionAsync({ ...authority, callee: stored.programId }), stored);
}

/** The accounts of the factors follow, and then the ledgers that pay the same token, in ascending order. */
async function registerLedger(work: Work, paid: Paid, args: RegisterLedgerArgs): Promise<Instruction> {
    const { domain } = paid;
    const mintLedgers = await pdas.mintLedgers(domain, args.mint);
    const listed = await work.find(mintLedgers, decodeMintLedgers);
    const numbers = Array.from({ length: 256 }, (_, number) => number).filter(
        (number) => ((listed?.ledgers[number >> 3] ?? 0) >> (number & 7)) & 1,
    );
    const register = await getRegisterLedgerInstructionAsync({
        ...paid,
        ledger: await pdas.ledger(domain, args.index),
        mint: args.mint,
        totalAccount: args.total.account,
        mintLedgers,
        args,
    });
    const factors = isSome(args.link) ? args.link.value.factors.map(({ account }) => account) : [];
    const others = await Promise.all(numbers.map((number) => pdas.ledger(domain, number)));
    return withLedgers(register, [...factors, ...others]);
}
