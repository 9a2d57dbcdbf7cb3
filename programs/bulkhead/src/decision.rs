//! What proposals decide: the arguments of the instruction that executes each kind, and how each kind is validated.
//!
//! A decision is validated when it is proposed, when it is edited and when it runs, each time by the same rules: those
//! of `core::acts::judge`, and those of the arguments themselves.

use anchor_lang::prelude::*;
use bulkhead_core::{
    CoreError,
    acts::{self, Asked, At, LinkEnds, NewDetector, Reopening},
    breakers::window::{Limits, TripLimits, check_trip},
    hash::sha256,
};
use bulkhead_interface::{
    ProposalKind,
    layout::{CheckpointLog, Council, Ledger, Link, OutflowBreaker, PriceBreaker},
};

use crate::{authority::core_error, call::StoredInstruction, error::BulkheadError, instructions::*};

/// Generates everything that depends on the list of kinds, from one list.
macro_rules! decisions {
    ($($kind:ident($args:ident),)*) => {
        /// A proposal's decision: its kind, and the arguments of the instruction that executes it.
        #[allow(clippy::large_enum_variant)] // The program never holds one: see `EncodedDecision::judge`.
        #[derive(AnchorSerialize, AnchorDeserialize, Clone)]
        pub enum Decision {
            $(#[allow(missing_docs)] $kind($args),)*
        }

        impl Decision {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> ProposalKind {
                match self {
                    $(Self::$kind(_) => ProposalKind::$kind,)*
                }
            }
        }

        impl EncodedDecision {
            /// Decodes the decision to the last byte, refuses with a named error what could never run, and passes on
            /// what it asks for. The arguments of only one kind at a time are on the stack.
            pub fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
                match self.kind()? {
                    $(ProposalKind::$kind => read_and_judge::<$args>(self.payload(), scene, then),)*
                }
            }
        }

        $(
            impl Arguments for $args {
                const KIND: ProposalKind = ProposalKind::$kind;
            }

            impl From<$args> for Decision {
                fn from(args: $args) -> Self {
                    Self::$kind(args)
                }
            }
        )*

        // Borsh numbers variants by their order: the same order as in `ProposalKind`.
        const _: () = {
            let numbers = [$(ProposalKind::$kind.number(),)*];
            let mut place = 0;
            while place < numbers.len() {
                #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
                // SECURITY: runs in the compiler, never on chain.
                {
                    assert!(numbers[place] as usize == place);
                    place += 1;
                }
            }
        };
    };
}

decisions! {
    Resume(ResumeArgs),
    ChangeCouncil(CouncilConfig),
    RegisterEvacuationRoute(RegisterEvacuationRouteArgs),
    ChooseRestoration(ChooseRestorationArgs),
    Reopen(ReopenArgs),
    OpenBreaker(OpenBreakerArgs),
    OpenVault(OpenVaultArgs),
    RegisterLedger(RegisterLedgerArgs),
    SetLimit(SetLimitArgs),
    OpenPriceBreaker(OpenPriceBreakerArgs),
    OpenSolvencyBreaker(OpenSolvencyBreakerArgs),
    OpenAuthorityWatch(OpenAuthorityWatchArgs),
    CloseDetector(CloseDetectorArgs),
    SetLink(SetLinkArgs),
    GrantRights(GrantRightsArgs),
    RegisterEmergencyAction(RegisterEmergencyActionArgs),
    RunInstruction(StoredInstruction),
    OverrideSeal(OverrideSealArgs),
    OpenCheckpointLog(OpenCheckpointLogArgs),
    RedirectClaims(RedirectClaimsArgs),
    CancelReleases(CancelReleasesArgs),
    RegisterEmergencySteps(RegisterEmergencyStepsArgs),
    RegisterDirectVault(RegisterDirectVaultArgs),
    UpgradeHost(UpgradeHostArgs),
    RegisterEmergencyBuild(RegisterEmergencyBuildArgs),
    SetInterimRule(SetInterimRuleArgs),
    SetRecoveryRules(SetRecoveryRulesArgs),
    SetClaimTerms(SetClaimTermsArgs),
    ExtendClaims(ExtendClaimsArgs),
    OverrideRestartCheck(OverrideRestartCheckArgs),
    OpenInsurance(OpenInsuranceArgs),
    SetBallotRules(SetBallotRulesArgs),
    RegisterPeer(RegisterPeerArgs),
    RegisterVerifyingKey(RegisterVerifyingKeyArgs),
    RequireProofs(RequireProofsArgs),
    OverrideProof(OverrideProofArgs),
}

/// The arguments of an instruction that a proposal can execute. Each type belongs to one kind.
pub trait Arguments: AnchorSerialize + AnchorDeserialize {
    /// The kind.
    const KIND: ProposalKind;
}

/// The Borsh form of a [`Decision`]: the kind's number, and the arguments. Approvals sign its hash, so it is kept as
/// received and decoded once. It must be an instruction's last argument, because it takes all remaining bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedDecision(pub Vec<u8>);

impl EncodedDecision {
    /// The kind it states.
    pub fn kind(&self) -> Result<ProposalKind> {
        let kind = self.0.first().and_then(|number| ProposalKind::of(*number));
        Ok(kind.ok_or(BulkheadError::WrongProposalKind)?)
    }

    /// The arguments, which the proposal's account stores behind its header.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.0.get(1..).unwrap_or_default()
    }

    /// The hash that approvals sign.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[&self.0])
    }
}

impl<A: Arguments> From<&A> for EncodedDecision {
    fn from(args: &A) -> Self {
        let mut bytes = vec![A::KIND.number()];
        // Writing into memory cannot fail.
        let _ = args.serialize(&mut bytes);
        Self(bytes)
    }
}

impl From<&Decision> for EncodedDecision {
    fn from(decision: &Decision) -> Self {
        let mut bytes = vec![];
        // Writing into memory cannot fail.
        let _ = decision.serialize(&mut bytes);
        Self(bytes)
    }
}

impl AnchorSerialize for EncodedDecision {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(&self.0)
    }
}

impl AnchorDeserialize for EncodedDecision {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut bytes = vec![];
        reader.read_to_end(&mut bytes)?;
        Ok(Self(bytes))
    }
}

/// The IDL shows it as the type that it encodes.
#[cfg(feature = "idl-build")]
impl IdlBuild for EncodedDecision {
    fn create_type() -> Option<anchor_lang::idl::types::IdlTypeDef> {
        Decision::create_type()
    }

    fn insert_types(types: &mut std::collections::BTreeMap<String, anchor_lang::idl::types::IdlTypeDef>) {
        Decision::insert_types(types);
    }

    fn get_full_path() -> String {
        Decision::get_full_path()
    }
}

/// The context in which a decision is validated.
pub struct Scene<'a> {
    /// The domain it is about.
    pub domain: Pubkey,
    /// Its council.
    pub council: &'a Council,
}

impl Scene<'_> {
    /// A detector that could be opened here.
    fn detector(&self, compartment: u8, trip_scope: u8, latch_seconds: i64) -> NewDetector {
        NewDetector {
            bump: 0,
            domain: self.domain,
            board: self.council.board,
            compartment,
            trip_scope,
            latch_seconds,
            proposed_slot: None,
        }
    }
}

/// Called with a decision once it is known what the decision asks for.
pub type Then<'a> = &'a mut dyn FnMut(&Asked) -> Result<()>;

/// How a kind is validated. By default all remaining checks depend on the accounts it runs with.
pub trait Judge: Arguments {
    /// Refuses with a named error what could never run, then passes on what it asks for.
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Other(Self::KIND))
    }
}

#[inline(never)]
fn read_and_judge<A: Judge>(payload: &[u8], scene: &Scene, then: Then) -> Result<()> {
    let args = A::try_from_slice(payload).map_err(|_| BulkheadError::PayloadMismatch)?;
    args.judge(scene, then)
}

/// An empty account on the heap to write arguments into, because most are too large for a stack frame.
fn empty<T: bytemuck::Zeroable>() -> Box<T> {
    Box::new(T::zeroed())
}

impl Judge for ResumeArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Resume(&self.incident))
    }
}

impl Judge for ReopenArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Reopen(&Reopening {
            incident: self.incident,
            ramp_bps: self.ramp_bps,
            grace_seconds: self.grace_seconds,
        }))
    }
}

impl Judge for ChooseRestorationArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::ChooseRestoration(&self.incident))
    }
}

impl Judge for CouncilConfig {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::ChangeCouncil(&*self.plan()?))
    }
}

impl Judge for GrantRightsArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Grant(&self.member, self.pause_rights))
    }
}

impl Judge for SetLimitArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        let limits = Limits {
            limit: self.limit,
            slot_limit: self.slot_limit,
            limit_bps: self.limit_bps,
            slot_bps: self.slot_bps,
            inflow_credit: self.inflow_credit,
        };
        let trip = TripLimits {
            limit: self.trip_limit,
            bps: self.trip_bps,
        };
        check_trip(&limits, &trip.or_twice(&limits)).map_err(core_error)?;
        then(&Asked::SetLimit(&limits, &trip))
    }
}

impl Judge for OpenBreakerArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        let new = scene.detector(self.compartment, self.trip_scope, self.latch_seconds);
        // The time is not part of the proposal.
        let at = At { slot: 0, now: 0 };
        acts::open_breaker(&mut empty::<OutflowBreaker>(), &new, &self.plan(), at).map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for OpenPriceBreakerArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        let new = scene.detector(self.compartment, self.trip_scope, self.latch_seconds);
        let (source, rules) = self.plan();
        match acts::open_price_breaker(&mut empty::<PriceBreaker>(), &new, &source, &rules, None) {
            // Only the account that is read is missing; it is passed when the breaker is opened.
            Err(CoreError::ForeignPrice) if self.pinned().is_some() => {}
            judged => judged.map_err(core_error)?,
        }
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for SetLinkArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        let ends = LinkEnds {
            bump: 0,
            domain: scene.domain,
            board: scene.council.board,
            // This value is the upstream's own and is passed when the link is set.
            upstream_board: Pubkey::default(),
        };
        acts::set_link(&mut empty::<Link>(), &ends, &self.terms(), None).map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RegisterLedgerArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        let mut ledger = empty::<Ledger>();
        ledger.domain = scene.domain;
        self.write(&mut ledger).ok_or(BulkheadError::InvalidLedger)?;
        acts::check_ledger(&ledger).map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for OpenCheckpointLogArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        self.write(&mut empty::<CheckpointLog>(), scene.council, None)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RedirectClaimsArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        acts::check_redirected(self.owner.is_on_curve()).map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for SetRecoveryRulesArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::SetRecoveryRules(&self.rules()))
    }
}

impl Judge for SetBallotRulesArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::SetBallotRules(&self.rules()))
    }
}

impl Judge for SetClaimTermsArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        acts::check_claim_terms(&self.terms()).map_err(core_error)?;
        self.check_successor()?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for ExtendClaimsArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        acts::check_extension(self.claim_days).map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for OverrideRestartCheckArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::OverrideRestartCheck(&self.incident))
    }
}

impl Judge for OpenVaultArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        self.check()?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RegisterEmergencyActionArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        self.instruction.check(&scene.domain)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RegisterEmergencyStepsArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        self.check(&scene.domain)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RegisterDirectVaultArgs {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        self.check(&scene.domain)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for StoredInstruction {
    fn judge(&self, scene: &Scene, then: Then) -> Result<()> {
        self.check(&scene.domain)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for SetInterimRuleArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        acts::check_interim_rule(&self.rule()).map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for OpenInsuranceArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        self.terms()?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RegisterPeerArgs {
    fn judge(&self, _: &Scene, then: Then) -> Result<()> {
        self.terms().check().map_err(core_error)?;
        then(&Asked::Other(Self::KIND))
    }
}

impl Judge for RegisterEvacuationRouteArgs {}
impl Judge for OpenSolvencyBreakerArgs {}
impl Judge for OpenAuthorityWatchArgs {}
impl Judge for CloseDetectorArgs {}
impl Judge for OverrideSealArgs {}
impl Judge for RegisterVerifyingKeyArgs {}
impl Judge for RequireProofsArgs {}
impl Judge for OverrideProofArgs {}
impl Judge for CancelReleasesArgs {}
impl Judge for UpgradeHostArgs {}
impl Judge for RegisterEmergencyBuildArgs {}
