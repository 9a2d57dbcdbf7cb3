//! The description of a change.

use std::fmt;

use anchor_lang::prelude::Pubkey;

use super::Kind;

/// One change of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Address of the account.
    pub account: Pubkey,
    /// Kind of the account.
    pub kind: Kind,
    /// What happened.
    pub event: Event,
    /// The fields that describe the change.
    pub details: Vec<Detail>,
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Name of the field. For a row of a board, the name includes the compartment, or `domain`.
    pub field: String,
    /// Value before. Empty if the account did not exist.
    pub before: String,
    /// Value after. Empty if the account is closed.
    pub after: String,
}

impl Change {
    /// Does the change loosen, tighten, move funds or decide something? Everything else is routine: metering, price
    /// observations, heartbeats, votes, claims, cranks.
    #[must_use]
    pub const fn matters(&self) -> bool {
        self.event.matters()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {:?} {}", self.event, self.kind, self.account)?;
        for Detail { field, before, after } in &self.details {
            match (before.as_str(), after.as_str()) {
                ("", after) => write!(out, ", {field} {after}")?,
                (before, "") => write!(out, ", {field} was {before}")?,
                (before, after) => write!(out, ", {field} {before} -> {after}")?,
            }
        }
        Ok(())
    }
}

macro_rules! events {
    (matter: $($event:ident)* ; routine: $($routine:ident)*) => {
        /// What happened, named after the event that the program logs. The following names are our own, because the
        /// program logs no event or the account shows less than the event: `ProposalExecuted`, `Unpaused`, `InsuranceTermsAnnounced`, `InsuranceMoved`, `StakeChanged`,
        /// `CoverChanged`,
        /// `PhaseChanged`, `PauseRightBurnt`, `VetoStands`, `IncidentClosed`, `CheckpointRulesChanged`, `SealReplaced`,
        /// `QueueMoved`, `PageProved`, `Changed`, `Closed`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the names are those of the events")]
        pub enum Event {
            $($event,)*
            $($routine,)*
        }

        impl Event {
            const fn matters(self) -> bool {
                match self {
                    $(Self::$event => true,)*
                    $(Self::$routine => false,)*
                }
            }
        }
    };
}

events! {
    matter:
        ProposalCreated ProposalEdited ProposalApproved ApprovalWithdrawn ProposalVetoed ProposalExecuted ProposalClosed
        Paused DomainFrozen TripPropagated ContagionPropagated Unpaused DomainResumed DomainReopened
        CouncilChanged RightsGranted PauseRightBurnt VetoStands
        DomainOpened DomainActivated PhaseChanged
        BreakerOpened PriceBreakerOpened SolvencyBreakerOpened AuthorityWatchOpened DetectorClosed
        BreakerLatched DetectorLatched LimitLowered LimitSet ShortfallObserved AuthorityChangeObserved
        LinkSet PeerRegistered MessageAccepted RotationAnnounced RotationStopped
        EmergencyActionRegistered LedgerRegistered CheckpointLogOpened CheckpointRulesChanged
        VaultOpened EvacuationRouteRegistered VaultEvacuated
        ReleaseQueued ReleaseRedirected ReleaseCancelled CancelListSet
        IncidentOpened IncidentConfirmed IncidentClosed EvacuationConfirmed EvacuationStarted
        SnapshotOpened SnapshotSealed SealOverridden SealReplaced CheckpointSnapshotOpened CheckpointSnapshotVoided
        CheckpointPosted CheckpointAttested CheckpointContested CheckpointDisputed
        BallotOpened BallotRenewed CandidateAdded VotingStarted
        RestorationChosen ClaimsRedirected InterimRuleSet InterimOpened InterimFunded InterimClaimStopped Changed Closed
        EmergencyRunStarted EmergencyStepRun DirectVaultRegistered DirectVaultEvacuated
        HostUpgraded EmergencyBuildRegistered EmergencyBuildConfirmed
        BallotRulesSet BallotVetoed
        RecoveryRulesSet EscapeOpened ClaimTermsSet ClaimsExtended UnclaimedSwept RestartChecked
        VerifyingKeyRegistered ProofsRequired ProofOpened LedgerProved ProofOverridden
        InsuranceOpened InsuranceTermsAnnounced ShortfallStated InsuranceSlashed GuardianCancelListSet ReleaseRequeued;
    routine:
        MemberActive OutflowMetered PriceObserved
        ReleaseSettled ReleaseClosed
        ShardOpened PositionsIngested ShardClosed
        EscrowOpened VotesMoved VoteCast VoteRecordClosed
        ClaimPageOpened ClaimPaid RestorationPaid ClaimsWished
        LeafProved EvidenceClosed PositionSampled SampleClosed
        QueueMoved
        InterimLeafProved InterimClaimPaid InterimProofClosed
        LedgerFixed RunOpened PageProved ShardProved ProofAccountClosed
        Staked StakeChanged Unstaked IncidentNoted InsuranceMoved CoverChanged
}

impl fmt::Display for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}
