//! Events of domains and proposals.

use anchor_lang::prelude::*;
use bulkhead_interface::ProposalKind;

#[event]
pub struct DomainOpened {
    pub domain: Pubkey,
    pub setup_authority: Pubkey,
    pub council: Pubkey,
    pub board: Pubkey,
}

#[event]
pub struct DomainActivated {
    pub domain: Pubkey,
}

#[event]
pub struct CouncilChanged {
    pub domain: Pubkey,
    pub config_epoch: u64,
}

#[event]
pub struct MemberActive {
    pub domain: Pubkey,
    pub member: Pubkey,
    /// Time from which the member is eligible; 0 when the member was never silent. Unix seconds.
    pub counts_from_ts: i64,
}

#[event]
pub struct RightsGranted {
    pub domain: Pubkey,
    pub member: Pubkey,
    pub pauses_left: u8,
}

#[event]
pub struct ProposalCreated {
    pub proposal: Pubkey,
    pub domain: Pubkey,
    pub proposer: Pubkey,
    pub index: u64,
    pub kind: ProposalKind,
    pub payload_hash: [u8; 32],
    pub expires_ts: i64,
}

#[event]
pub struct ProposalEdited {
    pub proposal: Pubkey,
    pub payload_hash: [u8; 32],
    pub created_slot: u64,
    pub expires_ts: i64,
}

#[event]
pub struct ProposalApproved {
    pub proposal: Pubkey,
    pub approver: Pubkey,
    pub approvals: u16,
    /// 0 until the threshold is reached.
    pub approved_ts: i64,
}

#[event]
pub struct ApprovalWithdrawn {
    pub proposal: Pubkey,
    pub approver: Pubkey,
    pub approvals: u16,
}

#[event]
pub struct ProposalVetoed {
    pub proposal: Pubkey,
    pub vetoer: Pubkey,
    /// False when the proposal would remove this vetoer and nobody else has vetoed it yet.
    pub is_stopped: bool,
    pub rights_left: u8,
}

#[event]
pub struct ProposalClosed {
    pub proposal: Pubkey,
}
