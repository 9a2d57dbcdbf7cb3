//! What proposals decide, and the payloads the program takes.

use alloc::{rc::Rc, vec::Vec};
use core::fmt;

use bulkhead_interface::{
    ProposalKind, Pubkey,
    layout::{Council, Link},
};
use bytemuck::Zeroable;

use super::{BreakerPlan, Keys, PeerPlan, Which};
use crate::{
    CoreError,
    acts::{self, Asked, LinkEnds, LinkTerms, Reopening},
    breakers::window::{Limits, TripLimits},
    domain::council,
};

/// No trip limit of its own: twice the limit.
const DERIVED: TripLimits = TripLimits { limit: 0, bps: 0 };

/// What a proposal decides.
#[derive(Clone)]
pub enum Decision {
    /// `resume`.
    Resume {
        /// The incident it ends.
        incident: Pubkey,
    },
    /// `reopen`.
    Reopen(Reopening),
    /// `set_limit`, by the breaker's number.
    SetLimit(usize, Limits),
    /// `change_council`.
    ChangeCouncil(Rc<Council>),
    /// `open_breaker`, by the number it gets.
    OpenBreaker(usize, Rc<BreakerPlan>),
    /// `set_link`.
    SetLink(LinkTerms),
    /// `register_peer`, by the number it has or gets.
    RegisterPeer(usize, Rc<PeerPlan>),
    /// `close_detector`, or `set_link` to switch a link off.
    Close(Which),
    /// `register_evacuation_route`, by the vault's and the token account's number, and their addresses.
    RegisterEvacuationRoute(usize, usize, [Pubkey; 2]),
    /// `cancel_releases`, a list of one: the release's number, its vault's address and the list's root.
    CancelRelease(usize, Pubkey, [u8; 32]),
    /// `grant_rights`: to whom, how many pauses.
    Grant(Pubkey, u8),
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a proposal to {}", self.kind().name())
    }
}

impl Decision {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ProposalKind {
        match self {
            Self::Resume { .. } => ProposalKind::Resume,
            Self::Reopen(_) => ProposalKind::Reopen,
            Self::SetLimit(..) => ProposalKind::SetLimit,
            Self::ChangeCouncil(_) => ProposalKind::ChangeCouncil,
            Self::OpenBreaker(..) => ProposalKind::OpenBreaker,
            Self::SetLink(_) | Self::Close(Which::Link(_)) => ProposalKind::SetLink,
            Self::RegisterPeer(..) => ProposalKind::RegisterPeer,
            Self::Close(_) => ProposalKind::CloseDetector,
            Self::RegisterEvacuationRoute(..) => ProposalKind::RegisterEvacuationRoute,
            Self::CancelRelease(..) => ProposalKind::CancelReleases,
            Self::Grant(..) => ProposalKind::GrantRights,
        }
    }

    /// As the acts judge it.
    #[must_use]
    pub fn asked(&self) -> Asked<'_> {
        match self {
            Self::Resume { incident } => Asked::Resume(incident),
            Self::Reopen(how) => Asked::Reopen(how),
            Self::SetLimit(_, limits) => Asked::SetLimit(limits, &DERIVED),
            Self::ChangeCouncil(plan) => Asked::ChangeCouncil(plan),
            Self::Grant(member, pauses) => Asked::Grant(member, *pauses),
            Self::OpenBreaker(..)
            | Self::SetLink(_)
            | Self::RegisterPeer(..)
            | Self::Close(_)
            | Self::RegisterEvacuationRoute(..)
            | Self::CancelRelease(..) => Asked::Other(self.kind()),
        }
    }

    /// What the program judges of it before the acts are asked.
    ///
    /// # Errors
    /// A named [`CoreError`].
    pub fn check(&self, keys: &Keys, board: &Pubkey) -> Result<(), CoreError> {
        match self {
            Self::OpenBreaker(_, plan) => plan.check(keys, board),
            Self::SetLink(terms) => {
                let ends = LinkEnds {
                    bump: 0,
                    domain: keys.domain,
                    board: *board,
                    upstream_board: keys.domain,
                };
                acts::set_link(&mut Link::zeroed(), &ends, terms, None).map(|_| ())
            }
            Self::RegisterPeer(_, plan) => plan.terms().check().map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The payload, in the form the program takes it: Borsh, written by hand.
    #[must_use]
    pub fn payload(&self, keys: &Keys) -> Vec<u8> {
        match self {
            Self::Resume { incident } => incident.to_bytes().to_vec(),
            Self::Reopen(how) => join(&[
                how.incident.as_ref(),
                &how.ramp_bps.to_le_bytes(),
                &how.grace_seconds.to_le_bytes(),
            ]),
            Self::SetLimit(breaker, limits) => join(&[
                keys.breakers.get(*breaker).copied().unwrap_or_default().as_ref(),
                &limits.limit.to_le_bytes(),
                &limits.slot_limit.to_le_bytes(),
                &limits.limit_bps.to_le_bytes(),
                &limits.slot_bps.to_le_bytes(),
                &limits.inflow_credit.to_le_bytes(),
                // No trip limit of its own: twice the limit.
                &0_u64.to_le_bytes(),
                &0_u16.to_le_bytes(),
            ]),
            Self::ChangeCouncil(plan) => council_payload(plan),
            Self::RegisterEvacuationRoute(_, _, [vault, destination]) => join(&[vault.as_ref(), destination.as_ref()]),
            Self::CancelRelease(_, vault, root) => join(&[vault.as_ref(), root]),
            Self::OpenBreaker(_, plan) => plan.payload(),
            Self::SetLink(terms) => link_payload(terms),
            Self::RegisterPeer(_, plan) => plan.payload(),
            Self::Close(Which::Link(upstream)) => link_payload(&LinkTerms::off(*upstream)),
            Self::Close(which) => join(&[which.key(keys).as_ref(), keys.payer.as_ref()]),
            Self::Grant(member, pauses) => join(&[member.as_ref(), &[*pauses]]),
        }
    }
}

fn link_payload(terms: &LinkTerms) -> Vec<u8> {
    join(&[
        terms.upstream.as_ref(),
        &[terms.upstream_scope],
        &terms.upstream_mask.to_le_bytes(),
        &terms.compartments.to_le_bytes(),
        &terms.mask.to_le_bytes(),
    ])
}

fn council_payload(plan: &Council) -> Vec<u8> {
    let mut bytes = u32::from(plan.member_count).to_le_bytes().to_vec();
    for member in council::members(plan) {
        bytes.extend_from_slice(member.key.as_ref());
        bytes.push(member.roles);
    }
    bytes.extend([plan.freeze_threshold, plan.pause_rights, plan.veto_rights]);
    bytes.extend(plan.guardian_pause_seconds.to_le_bytes());
    bytes.extend(plan.trip_seconds.to_le_bytes());
    bytes.extend(plan.default_mask.to_le_bytes());
    for policy in &plan.policies {
        bytes.push(policy.threshold);
        bytes.extend(policy.delay_seconds.to_le_bytes());
        bytes.extend(policy.expiry_seconds.to_le_bytes());
    }
    bytes.extend(plan.heartbeat_seconds.to_le_bytes());
    bytes.extend([plan.guardian_pauses_per_day, plan.guardian_pauses_in_a_row]);
    bytes.extend_from_slice(plan.fallback.as_ref());
    bytes.extend(plan.fallback_seconds.to_le_bytes());
    bytes
}

pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
