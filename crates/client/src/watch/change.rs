//! What is told of a change.

use std::fmt;

use anchor_lang::prelude::Pubkey;

use super::Kind;

/// One thing that happened to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which account.
    pub account: Pubkey,
    /// What it is.
    pub kind: Kind,
    /// What happened.
    pub event: Event,
    /// The fields that tell it.
    pub details: Vec<Detail>,
}

/// A field, as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Its name; of a board's row, with the compartment, or `domain`.
    pub field: String,
    /// Before. Empty where the account was not there.
    pub before: String,
    /// After. Empty where the account is gone.
    pub after: String,
}

impl Change {
    /// Does it loosen, tighten, move funds or decide something? What does not is the daily course: metering, looking at
    /// prices, signs of life, votes, claims, the work of cranks.
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
        /// What happened, by the name of the event that the program logs of it. Words of our own where it has none, or
        /// where the account shows less than the event: `ProposalExecuted`, `Unpaused`, `PhaseChanged`,
        /// `PauseRightBurnt`, `VetoStands`, `IncidentClosed`, `CheckpointRulesChanged`, `SealReplaced`, `Changed`, `Closed`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the names are the events'")]
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
        LinkSet EmergencyActionRegistered LedgerRegistered CheckpointLogOpened CheckpointRulesChanged
        VaultOpened EvacuationRouteRegistered VaultEvacuated
        ReleaseQueued ReleaseRedirected ReleaseCancelled CancelListSet
        IncidentOpened IncidentConfirmed IncidentClosed EvacuationConfirmed EvacuationStarted
        SnapshotOpened SnapshotSealed SealOverridden SealReplaced CheckpointSnapshotOpened CheckpointSnapshotVoided
        CheckpointPosted CheckpointAttested CheckpointContested CheckpointDisputed
        BallotOpened BallotRenewed CandidateAdded VotingStarted
        RestorationChosen ClaimsRedirected Changed Closed;
    routine:
        MemberActive OutflowMetered PriceObserved
        ReleaseSettled ReleaseClosed
        ShardOpened PositionsIngested ShardClosed
        EscrowOpened VotesMoved VoteCast VoteRecordClosed
        ClaimPageOpened ClaimPaid RestorationPaid
        LeafProved EvidenceClosed PositionSampled SampleClosed
}

impl fmt::Display for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}
