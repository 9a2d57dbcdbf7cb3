/** What to do about a refusal: the program says what is wrong, this says what helps. */
import type { BulkheadErrorName } from '@bulkhead/client';
import { NetworkError, ProgramError, RpcRefused, Rule } from '@bulkhead/client/flows';

import { Declined, HandedOver } from '../chain/review-chain.ts';
import { AlteredTransaction } from '../chain/wallet-signer.ts';

/** Why an act stopped, and what helps. */
export type Refusal = Readonly<{ why: string; help: string; isCalm: boolean }>;

const OTHER_MEMBER = 'Change who acts to a member who may, and try again. Council shows who that is.';
const IS_COUNTED = 'Yours counts already. Somebody else has to do it as well.';
const ANEW = 'It has to be proposed again: the step of the incident does that.';
const WAIT = 'Nothing is wrong. The board shows from when it is possible.';

const HELP: Partial<Record<BulkheadErrorName, string>> = {
    NotAMember: OTHER_MEMBER,
    RoleMissing: OTHER_MEMBER,
    NoPauseRights: 'Another guardian pauses. Council shows who has pauses left.',
    GuardianPauseLimitReached: 'Another guardian pauses. Council shows who has pauses left today.',
    NoVetoRights: 'Another vetoer vetoes. Council shows who has vetoes left.',
    MemberSilent: 'Send a heartbeat under Council now, and have an active member do this.',
    AlreadyConfirmed: IS_COUNTED,
    AlreadyApproved: IS_COUNTED,
    AlreadyVetoed: IS_COUNTED,
    NotApproved: 'More approvers have to approve it. The proposal names who is missing.',
    DelayNotPassed: WAIT,
    NominationNotOver: WAIT,
    BallotStillVoting: WAIT,
    EscapeNotDue: WAIT,
    ProposalExpired: ANEW,
    StaleConfigEpoch: ANEW,
    TightenedSince: ANEW,
    DecidedSince: ANEW,
    ApprovalMismatch: 'The proposal was edited since you read it. Read it again before you approve.',
    EscrowTooSmall: 'Deposit governance tokens first. Only what is there before the vote starts counts.',
    VotesTooRecent: 'These tokens came after the vote had started. They count in the next one.',
    RestartCheckMissing: 'Somebody has to check first that every restored ledger is covered.',
};

export function refusalOf(error: unknown): Refusal {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { why, help: helpOf(error, why), isCalm: error instanceof Declined || error instanceof HandedOver };
}

function helpOf(error: unknown, why: string): string {
    if (error instanceof HandedOver) return '';
    if (error instanceof Declined) return 'Nothing has changed by it. Begin again whenever you like.';
    if (error instanceof AlteredTransaction) return 'Turn off what the wallet adds, or act with another wallet.';
    if (error instanceof NetworkError) {
        return 'Try again: what has landed is skipped. If it stays so, choose another node under Settings.';
    }
    if (error instanceof RpcRefused && /AccountNotFound|Insufficient/i.test(why)) {
        return 'The account that acts pays the fees: send it some SOL, and try again.';
    }
    const rule = error instanceof Rule || error instanceof ProgramError ? error.rule : undefined;
    return (rule && HELP[rule]) ?? 'The board shows what is next and whose it is.';
}
