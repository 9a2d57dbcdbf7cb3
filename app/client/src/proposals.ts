/**
 * Proposals: a kind and the exact arguments it will run with. The payload is the Borsh form of the arguments of the kind's
 * instruction; its hash is what approvals sign.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Decoder, Encoder, ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual, concat } from './bytes.ts';
import { kind, MAX_PAYLOAD, proposalClass } from './constants.ts';
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
    getCancelReleasesArgsDecoder,
    getCancelReleasesArgsEncoder,
    getRedirectClaimsArgsDecoder,
    getRedirectClaimsArgsEncoder,
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
    // Borsh says where it ends; what is behind that was never shown to anyone.
    const decode = (bytes: ReadonlyUint8Array): TDecoded => {
        const [args, end] = decoder.read(bytes, 0);
        if (end !== bytes.length) throw new RangeError(`${bytes.length - end} bytes are behind the arguments`);
        // A list without its length reads as an empty one, and any number but 1 as false: the program refuses both.
        if (!bytesEqual(encoder.encode(args as unknown as TArgs), bytes)) {
            throw new RangeError('the bytes are not those that the arguments are written as');
        }
        return args;
    };
    return { kind, class: policy, encode, decode };
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
    redirectClaims: define(
        kind.REDIRECT_CLAIMS,
        RESTORATION,
        getRedirectClaimsArgsEncoder(),
        getRedirectClaimsArgsDecoder(),
    ),
    cancelReleases: define(
        kind.CANCEL_RELEASES,
        CUSTODY,
        getCancelReleasesArgsEncoder(),
        getCancelReleasesArgsDecoder(),
    ),
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
    grantRights: define(kind.GRANT_RIGHTS, CONSTITUTION, getGrantRightsArgsEncoder(), getGrantRightsArgsDecoder()),
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

/** The payload of a proposal account: what is behind the header, and exactly as long as the header says. */
export function payloadOf(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): ReadonlyUint8Array {
    const header = getProposalSize();
    const payload = account.bytes.slice(header);
    if (payload.length !== account.data.payloadLen) {
        throw new RangeError(`the account has ${payload.length} bytes of payload and says ${account.data.payloadLen}`);
    }
    return payload;
}

/** What a proposal says it will do: arguments by the name of their kind. */
export type ReadProposal = {
    [Name in ProposalName]: Readonly<{ name: Name; args: ReturnType<(typeof proposals)[Name]['decode']> }>;
}[ProposalName];

/**
 * What a proposal says it will do, decoded: read it before approving. Refuses a payload that is not what its hash says, that
 * is longer than its kind's arguments, or that is of no known kind.
 */
export function readProposal(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): ReadProposal {
    const entry = Object.entries(proposals).find(([, { kind }]) => kind === account.data.kind);
    if (entry === undefined) throw new RangeError(`there is no kind ${account.data.kind}`);
    const [name, { decode }] = entry;
    const payload = payloadOf(account);
    if (!bytesEqual(payloadHash(account.data.kind, payload), account.data.payloadHash)) {
        throw new RangeError('the payload is not what its hash says');
    }
    return { name, args: decode(payload) } as ReadProposal;
}
