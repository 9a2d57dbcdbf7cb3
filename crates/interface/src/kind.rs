//! What a proposal can do, and the fixed properties of each kind.
//!
//! A kind's number is its position here and in the program's `Decision`. Kinds are only appended, never moved.

#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;
use bytemuck::Contiguous;

use crate::constants::class;

/// What a proposal does when it is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Contiguous)]
#[cfg_attr(feature = "anchor", derive(AnchorSerialize, AnchorDeserialize))]
#[repr(u8)]
pub enum ProposalKind {
    /// Unpause an incident that needs no restoration.
    Resume,
    /// Replace the council, its thresholds and its delays.
    ChangeCouncil,
    /// Set the only destination a vault can be evacuated to.
    RegisterEvacuationRoute,
    /// Restart from the state the ballot chose.
    ChooseRestoration,
    /// Reopen after a restoration, or raise the ramp of a reopening.
    Reopen,
    /// Create an outflow breaker.
    OpenBreaker,
    /// Create a custody vault.
    OpenVault,
    /// Register where the host's accounts store a ledger's positions.
    RegisterLedger,
    /// Set a breaker's limits.
    SetLimit,
    /// Create a price breaker.
    OpenPriceBreaker,
    /// Create a solvency breaker.
    OpenSolvencyBreaker,
    /// Register who may hold an authority.
    OpenAuthorityWatch,
    /// Close a breaker or an authority watch, for instance to open it again with other parameters or another authority.
    CloseDetector,
    /// Set which compartments an upstream domain's pause closes.
    SetLink,
    /// Restore pause rights and veto rights.
    GrantRights,
    /// Register an instruction that only tightens the host, for guardians to run at once.
    RegisterEmergencyAction,
    /// Run an instruction as the domain's PDA.
    RunInstruction,
    /// Seal a snapshot whose sum differs from the host's total, by the difference the proposal states.
    OverrideSeal,
    /// Open a ledger's checkpoint log, or change its rules.
    OpenCheckpointLog,
    /// Set a token account that receives the claims of an owner who cannot be paid.
    RedirectClaims,
    /// Cancel a list of queued releases.
    CancelReleases,
    /// Register steps of an emergency action of several steps.
    RegisterEmergencySteps,
    /// Register the instruction of the host that evacuates tokens which the host keeps itself.
    RegisterDirectVault,
    /// Upgrade a program of the host to the build with a hash.
    UpgradeHost,
    /// Register the build of a program that the guardians' threshold can deploy in a freeze.
    RegisterEmergencyBuild,
    /// Set the share of a ledger's claims that is paid before a vote.
    SetInterimRule,
    /// Set when the escape opens, and whether reopening requires a check of the restored ledgers.
    SetRecoveryRules,
    /// Set how long the claims of a ledger's restorations run, and who receives the rest.
    SetClaimTerms,
    /// Let the claims of one restoration run longer.
    ExtendClaims,
    /// Reopen although a restored ledger is not covered, by the difference the proposal states.
    OverrideRestartCheck,
    /// Open an insurance pool of a ledger, or announce new terms of an existing pool.
    OpenInsurance,
    /// Set how ballots are held: whose weights count, how votes cool off, and how long results can be vetoed.
    SetBallotRules,
    /// Set which domain on another chain is heard, and what its pauses close.
    RegisterPeer,
    /// Set which verifying key counts for proofs of state.
    RegisterVerifyingKey,
    /// Set which ledgers need a proof of state before the domain reopens after their restoration.
    RequireProofs,
    /// Accept a restored ledger without a proof of state.
    OverrideProof,
}

impl ProposalKind {
    /// `Proposal::kind`, and the first byte of what approvals hash.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this number, if there is one.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        Self::from_integer(number)
    }

    /// Every kind, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::MIN_VALUE..=Self::MAX_VALUE).filter_map(Self::of)
    }

    /// The instruction that executes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::ChangeCouncil => "change_council",
            Self::RegisterEvacuationRoute => "register_evacuation_route",
            Self::ChooseRestoration => "choose_restoration",
            Self::Reopen => "reopen",
            Self::OpenBreaker => "open_breaker",
            Self::OpenVault => "open_vault",
            Self::RegisterLedger => "register_ledger",
            Self::SetLimit => "set_limit",
            Self::OpenPriceBreaker => "open_price_breaker",
            Self::OpenSolvencyBreaker => "open_solvency_breaker",
            Self::OpenAuthorityWatch => "open_authority_watch",
            Self::CloseDetector => "close_detector",
            Self::SetLink => "set_link",
            Self::GrantRights => "grant_rights",
            Self::RegisterEmergencyAction => "register_emergency_action",
            Self::RunInstruction => "run_instruction",
            Self::OverrideSeal => "override_seal",
            Self::OpenCheckpointLog => "open_checkpoint_log",
            Self::RedirectClaims => "redirect_claims",
            Self::CancelReleases => "cancel_releases",
            Self::RegisterEmergencySteps => "register_emergency_steps",
            Self::RegisterDirectVault => "register_direct_vault",
            Self::UpgradeHost => "upgrade_host",
            Self::RegisterEmergencyBuild => "register_emergency_build",
            Self::SetInterimRule => "set_interim_rule",
            Self::SetRecoveryRules => "set_recovery_rules",
            Self::SetClaimTerms => "set_claim_terms",
            Self::ExtendClaims => "extend_claims",
            Self::OverrideRestartCheck => "override_restart_check",
            Self::OpenInsurance => "open_insurance",
            Self::SetBallotRules => "set_ballot_rules",
            Self::RegisterPeer => "register_peer",
            Self::RegisterVerifyingKey => "register_verifying_key",
            Self::RequireProofs => "require_proofs",
            Self::OverrideProof => "override_proof",
        }
    }

    /// The class whose policy applies: one of `constants::class`.
    #[must_use]
    pub const fn class(self) -> u8 {
        match self {
            Self::Resume | Self::Reopen => class::LOOSEN,
            Self::ChangeCouncil
            | Self::GrantRights
            | Self::RegisterEmergencyAction
            | Self::RunInstruction
            | Self::RegisterEmergencySteps
            | Self::UpgradeHost
            | Self::RegisterEmergencyBuild
            | Self::SetRecoveryRules
            | Self::SetBallotRules
            | Self::RegisterVerifyingKey
            | Self::RequireProofs => class::CONSTITUTION,
            Self::RegisterEvacuationRoute
            | Self::OpenBreaker
            | Self::OpenVault
            | Self::RegisterLedger
            | Self::SetLimit
            | Self::SetLink
            | Self::OpenPriceBreaker
            | Self::OpenSolvencyBreaker
            | Self::OpenAuthorityWatch
            | Self::CloseDetector
            | Self::CancelReleases
            | Self::SetInterimRule
            | Self::OpenCheckpointLog
            | Self::OpenInsurance
            | Self::RegisterDirectVault
            | Self::SetClaimTerms
            | Self::RegisterPeer => class::CUSTODY,
            Self::ChooseRestoration
            | Self::OverrideSeal
            | Self::RedirectClaims
            | Self::ExtendClaims
            | Self::OverrideRestartCheck
            | Self::OverrideProof => class::RESTORATION,
        }
    }

    /// Whether this kind needs a proposal even during set-up, when nothing is protected yet. Such a kind makes no sense
    /// during set-up, or only a proposal may bring it about.
    #[must_use]
    pub const fn needs_proposal(self) -> bool {
        match self {
            Self::Resume
            | Self::Reopen
            | Self::ChangeCouncil
            | Self::ChooseRestoration
            | Self::OverrideSeal
            | Self::RedirectClaims
            | Self::CancelReleases
            | Self::GrantRights
            | Self::RunInstruction
            | Self::UpgradeHost
            | Self::ExtendClaims
            | Self::OverrideRestartCheck
            | Self::OverrideProof => true,
            Self::RegisterEvacuationRoute
            | Self::OpenBreaker
            | Self::OpenVault
            | Self::RegisterLedger
            | Self::SetLimit
            | Self::SetLink
            | Self::OpenPriceBreaker
            | Self::OpenSolvencyBreaker
            | Self::OpenAuthorityWatch
            | Self::CloseDetector
            | Self::RegisterEmergencyAction
            | Self::RegisterEmergencySteps
            | Self::RegisterDirectVault
            | Self::RegisterEmergencyBuild
            | Self::SetInterimRule
            | Self::OpenCheckpointLog
            | Self::OpenInsurance
            | Self::SetRecoveryRules
            | Self::SetBallotRules
            | Self::SetClaimTerms
            | Self::RegisterPeer
            | Self::RegisterVerifyingKey
            | Self::RequireProofs => false,
        }
    }

    /// Whether a proposal of this kind becomes void once the guardians confirm an incident or an evacuation after it
    /// was made. This applies to everything that moves or directs money, changes exposure, or affects what is read in
    /// an incident. Only changes to council membership and rights are exempt, because a frozen domain may depend on
    /// them.
    #[must_use]
    pub const fn is_voided(self) -> bool {
        !matches!(self, Self::ChangeCouncil | Self::GrantRights)
    }
}
