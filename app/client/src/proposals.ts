/**
 * Proposals: a kind and the exact arguments it will run with. The payload is the Borsh form of the arguments of the kind's
 * instruction; its hash is what approvals sign.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Decoder, Encoder, ReadonlyUint8Array } from '@solana/kit';

import { concat } from './bytes.ts';
import {
    kind,
    MAX_PAYLOAD,
    MIN_FALLBACK_DELAY_SECONDS,
    proposalClass,
    proposalFlag,
    proposalState,
} from './constants.ts';
import {
    getChooseRestorationArgsDecoder,
    getChooseRestorationArgsEncoder,
    getCouncilConfigDecoder,
    getCouncilConfigEncoder,
    getOpenPriceBreakerArgsDecoder,
    getOpenPriceBreakerArgsEncoder,
    getOpenSolvencyBreakerArgsDecoder,
    getOpenSolvencyBreakerArgsEncoder,
    getOpenAuthorityWatchArgsDecoder,
    getOpenAuthorityWatchArgsEncoder,
    getCloseDetectorArgsDecoder,
    getCloseDetectorArgsEncoder,
    getGrantRightsArgsDecoder,
    getGrantRightsArgsEncoder,
    getRegisterPlaybookArgsDecoder,
    getRegisterPlaybookArgsEncoder,
    getStoredInstructionDecoder,
    getStoredInstructionEncoder,
    getOpenBreakerArgsDecoder,
    getOpenBreakerArgsEncoder,
    getOpenVaultArgsDecoder,
    getOpenVaultArgsEncoder,
    getOpenCheckpointLogArgsDecoder,
    getOpenCheckpointLogArgsEncoder,
    getOverrideSealArgsDecoder,
    getOverrideSealArgsEncoder,
    getProposalSize,
    getRegisterLedgerArgsDecoder,
    getRegisterLedgerArgsEncoder,
    getRegisterRouteArgsDecoder,
    getRegisterRouteArgsEncoder,
    getReopenArgsDecoder,
    getReopenArgsEncoder,
    getResumeArgsDecoder,
    getResumeArgsEncoder,
    getSetLimitArgsDecoder,
    getSetLimitArgsEncoder,
    getSetLinkArgsDecoder,
    getSetLinkArgsEncoder,
    type Council,
    type Proposal,
} from './generated/bulkhead/index.ts';

type Kind = Readonly<{ kind: number; class: number }>;

function define<TArgs, TDecoded>(
    kind: number,
    policy: number,
    encoder: Encoder<TArgs>,
    decoder: Decoder<TDecoded>,
): Kind & Readonly<{ encode: (args: TArgs) => Payload; decode: (bytes: ReadonlyUint8Array) => TDecoded }> {
    const encode = (args: TArgs): Payload => {
        const bytes = encoder.encode(args);
        if (bytes.length > MAX_PAYLOAD) throw new RangeError(`${bytes.length} bytes are more than a proposal holds`);
        return { kind, bytes, hash: payloadHash(kind, bytes) };
    };
    return { kind, class: policy, encode, decode: (bytes) => decoder.decode(bytes) };
}

/** What `propose` takes and what `approve` names. */
export type Payload = Readonly<{ kind: number; bytes: ReadonlyUint8Array; hash: Uint8Array }>;

const { LOOSEN, CONSTITUTION, CUSTODY, RESTORATION } = proposalClass;

/** Every kind of proposal, by the name of the instruction that executes it. */
export const proposals = {
    resume: define(kind.RESUME, LOOSEN, getResumeArgsEncoder(), getResumeArgsDecoder()),
    changeCouncil: define(kind.CHANGE_COUNCIL, CONSTITUTION, getCouncilConfigEncoder(), getCouncilConfigDecoder()),
    registerRoute: define(kind.REGISTER_ROUTE, CUSTODY, getRegisterRouteArgsEncoder(), getRegisterRouteArgsDecoder()),
    chooseRestoration: define(
        kind.CHOOSE_RESTORATION,
        RESTORATION,
        getChooseRestorationArgsEncoder(),
        getChooseRestorationArgsDecoder(),
    ),
    reopen: define(kind.REOPEN, LOOSEN, getReopenArgsEncoder(), getReopenArgsDecoder()),
    openBreaker: define(kind.OPEN_BREAKER, CUSTODY, getOpenBreakerArgsEncoder(), getOpenBreakerArgsDecoder()),
    openVault: define(kind.OPEN_VAULT, CUSTODY, getOpenVaultArgsEncoder(), getOpenVaultArgsDecoder()),
    registerLedger: define(
        kind.REGISTER_LEDGER,
        CUSTODY,
        getRegisterLedgerArgsEncoder(),
        getRegisterLedgerArgsDecoder(),
    ),
    openCheckpointLog: define(
        kind.OPEN_CHECKPOINT_LOG,
        CUSTODY,
        getOpenCheckpointLogArgsEncoder(),
        getOpenCheckpointLogArgsDecoder(),
    ),
    overrideSeal: define(kind.OVERRIDE_SEAL, RESTORATION, getOverrideSealArgsEncoder(), getOverrideSealArgsDecoder()),
    setLimit: define(kind.SET_LIMIT, CUSTODY, getSetLimitArgsEncoder(), getSetLimitArgsDecoder()),
    openPriceBreaker: define(
        kind.OPEN_PRICE_BREAKER,
        CUSTODY,
        getOpenPriceBreakerArgsEncoder(),
        getOpenPriceBreakerArgsDecoder(),
    ),
    openSolvencyBreaker: define(
        kind.OPEN_SOLVENCY_BREAKER,
        CUSTODY,
        getOpenSolvencyBreakerArgsEncoder(),
        getOpenSolvencyBreakerArgsDecoder(),
    ),
    openAuthorityWatch: define(
        kind.OPEN_AUTHORITY_WATCH,
        CUSTODY,
        getOpenAuthorityWatchArgsEncoder(),
        getOpenAuthorityWatchArgsDecoder(),
    ),
    closeDetector: define(kind.CLOSE_DETECTOR, CUSTODY, getCloseDetectorArgsEncoder(), getCloseDetectorArgsDecoder()),
    setLink: define(kind.SET_LINK, CUSTODY, getSetLinkArgsEncoder(), getSetLinkArgsDecoder()),
    grantRights: define(
        kind.GRANT_RIGHTS,
        CONSTITUTION,
        getGrantRightsArgsEncoder(),
        getGrantRightsArgsDecoder(),
    ),
    registerPlaybook: define(
        kind.REGISTER_PLAYBOOK,
        CONSTITUTION,
        getRegisterPlaybookArgsEncoder(),
        getRegisterPlaybookArgsDecoder(),
    ),
    runInstruction: define(
        kind.RUN_INSTRUCTION,
        CONSTITUTION,
        getStoredInstructionEncoder(),
        getStoredInstructionDecoder(),
    ),
} as const;

export type ProposalName = keyof typeof proposals;

/** What approvals sign: SHA-256 of the kind byte and the payload. */
export function payloadHash(kind: number, payload: ReadonlyUint8Array): Uint8Array {
    return sha256(concat(Uint8Array.of(kind), payload));
}

/** The payload of a proposal account. */
export function payloadOf(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): ReadonlyUint8Array {
    const header = getProposalSize();
    return account.bytes.slice(header, header + account.data.payloadLen);
}

/** What a proposal says it will do, decoded: read it before approving. */
export function readProposal(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>) {
    const entry = Object.entries(proposals).find(([, { kind }]) => kind === account.data.kind);
    if (entry === undefined) throw new RangeError(`there is no kind ${account.data.kind}`);
    const [name, { decode }] = entry;
    return { name: name as ProposalName, args: decode(payloadOf(account)) };
}

export type ProposalStatus = 'executed' | 'vetoed' | 'stale' | 'expired' | 'collecting' | 'delayed' | 'executable';

/** Where a proposal stands at `now`, by the rules of `crates/core/src/proposal.rs`. */
export function proposalStatus(proposal: Proposal, council: Council, now: bigint): ProposalStatus {
    if (proposal.state === proposalState.EXECUTED) return 'executed';
    if (proposal.state === proposalState.VETOED) return 'vetoed';
    if (proposal.configEpoch !== council.configEpoch) return 'stale';
    if (now > proposal.expiresTs) return 'expired';
    const eta = executableFrom(proposal, council);
    if (eta === undefined) return 'collecting';
    return now < eta ? 'delayed' : 'executable';
}

/** First moment an approved proposal may run, or `undefined` while it lacks approvals. Unix seconds. */
export function executableFrom(proposal: Proposal, council: Council): bigint | undefined {
    const policy = council.policies[proposal.class];
    if (policy === undefined || proposal.approvedTs === 0n) return undefined;
    const least = (proposal.flags & proposalFlag.FALLBACK) === 0 ? 0n : BigInt(MIN_FALLBACK_DELAY_SECONDS);
    return proposal.approvedTs + (policy.delaySeconds > least ? policy.delaySeconds : least);
}
