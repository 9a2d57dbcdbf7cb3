//! Links to a domain's upstream domains.

use bulkhead_interface::{
    Pubkey,
    constants::{SCOPE_DOMAIN, VERSION},
    layout::{Council, Link, PauseBoard},
};

use crate::{
    CoreError,
    acts::{At, decide},
    contagion::{self, Carried},
    pause::board,
};

/// The two ends of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkEnds {
    /// Bump of the link's PDA.
    pub bump: u8,
    /// The dependent domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// The upstream's board.
    pub upstream_board: Pubkey,
}

/// The terms of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkTerms {
    /// The upstream domain.
    pub upstream: Pubkey,
    /// Upstream compartment that the link covers besides the upstream's domain row; 255 for none.
    pub upstream_scope: u8,
    /// Upstream actions that the link covers when they are closed.
    pub upstream_mask: u32,
    /// Compartments that the link closes, one bit per number; 0 disables the link.
    pub compartments: u64,
    /// Actions that the link closes here; 0 for the council's default.
    pub mask: u32,
}

impl LinkTerms {
    /// Terms of a disabled link: nothing more is propagated from `upstream`.
    #[must_use]
    pub const fn off(upstream: Pubkey) -> Self {
        Self {
            upstream,
            upstream_scope: SCOPE_DOMAIN,
            upstream_mask: u32::MAX,
            compartments: 0,
            mask: 0,
        }
    }
}

/// Sets what a link closes from now on, during set-up or by a matured proposal. What was already propagated lapses on
/// its own.
///
/// Returns the previous compartments.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_link(
    link: &mut Link,
    ends: &LinkEnds,
    terms: &LinkTerms,
    proposed_slot: Option<u64>,
) -> Result<u64, CoreError> {
    decide(&mut link.decided_slot, proposed_slot)?;
    let previous = link.compartments;
    link.version = VERSION;
    link.bump = ends.bump;
    link.domain = ends.domain;
    link.board = ends.board;
    link.upstream_board = ends.upstream_board;
    link.upstream = terms.upstream;
    link.upstream_scope = terms.upstream_scope;
    link.upstream_mask = terms.upstream_mask;
    link.compartments = terms.compartments;
    link.mask = terms.mask;
    contagion::check(link)?;
    Ok(previous)
}

/// Anyone propagates what the upstream has closed to the compartments that are linked to it. A call that would change
/// nothing is refused.
///
/// # Errors
/// A named [`CoreError`].
pub fn carry_link(
    link: &Link,
    upstream: &PauseBoard,
    council: &Council,
    board: &mut PauseBoard,
    at: At,
) -> Result<Carried, CoreError> {
    let carried = contagion::carried(link, upstream, council, at.now).ok_or(CoreError::NothingToPropagate)?;
    if board::link(board, link.compartments, carried.mask, carried.until, at.slot, at.now) {
        Ok(carried)
    } else {
        Err(CoreError::AlreadyPropagated)
    }
}
