use bulkhead::decision::EncodedDecision;

use super::*;

/// `propose`: signed by an approver. `index` is any number that the proposer has no proposal with. `decision` is a
/// reference to the arguments of a kind's instruction, or a `Decision`.
#[must_use]
pub fn propose(
    domain: Pubkey,
    proposer: Pubkey,
    payer: Pubkey,
    index: u64,
    decision: impl Into<EncodedDecision>,
) -> Instruction {
    build(
        &bulkhead::accounts::Propose {
            proposer,
            payer,
            domain,
            council: pda::council(&domain),
            proposal: pda::proposal(&domain, &proposer, index),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::Propose {
            index,
            decision: decision.into(),
        },
    )
}

/// `approve`: signed by an approver, who names the proposal's payload and the slot of its creation.
#[must_use]
pub fn approve(
    domain: Pubkey,
    approver: Pubkey,
    proposal: Pubkey,
    payload_hash: [u8; 32],
    created_slot: u64,
) -> Instruction {
    build(
        &bulkhead::accounts::Approve {
            approver,
            council: pda::council(&domain),
            proposal,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::Approve {
            payload_hash,
            created_slot,
        },
    )
}

/// `edit_proposal`: signed by the proposer, with another decision of the same kind.
#[must_use]
pub fn edit_proposal(
    domain: Pubkey,
    proposer: Pubkey,
    payer: Pubkey,
    proposal: Pubkey,
    decision: impl Into<EncodedDecision>,
) -> Instruction {
    build(
        &bulkhead::accounts::EditProposal {
            proposer,
            payer,
            domain,
            council: pda::council(&domain),
            proposal,
            instructions: INSTRUCTIONS_SYSVAR,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::EditProposal {
            decision: decision.into(),
        },
    )
}

/// `withdraw_approval`: signed by an approver.
#[must_use]
pub fn withdraw_approval(domain: Pubkey, approver: Pubkey, proposal: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::WithdrawApproval {
            approver,
            council: pda::council(&domain),
            proposal,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::WithdrawApproval {},
    )
}

/// `veto`: signed by a vetoer.
#[must_use]
pub fn veto(domain: Pubkey, vetoer: Pubkey, proposal: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::Veto {
            vetoer,
            council: pda::council(&domain),
            proposal,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::Veto {},
    )
}

/// `close_proposal`: anyone may crank it. The rent returns to `payer`, who paid it.
#[must_use]
pub fn close_proposal(domain: Pubkey, proposal: Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseProposal {
            council: pda::council(&domain),
            proposal,
            receiver: payer,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseProposal {},
    )
}
