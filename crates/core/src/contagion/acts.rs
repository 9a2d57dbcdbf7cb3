//! Links to the domains that a domain depends on.

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

/// Between whom a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkEnds {
    /// Bump of the link's PDA.
    pub bump: u8,
    /// The domain that depends.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// The upstream's board.
    pub upstream_board: Pubkey,
}

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkTerms {
    /// Domain it depends on.
    pub upstream: Pubkey,
    /// What counts upstream beside the domain's own row: a compartment, or 255 for nothing else.
    pub upstream_scope: u8,
    /// Actions that count when they are closed upstream.
    pub upstream_mask: u32,
    /// Compartments it closes, bit by number; 0 switches it off.
    pub compartments: u64,
    /// Actions it closes here; 0 for the council's default.
    pub mask: u32,
}

impl LinkTerms {
    /// Nothing more is carried from `upstream`.
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

/// Says what a link closes from now on: during set-up, or by a matured proposal. What was carried lapses by itself.
///
/// Returns the compartments before.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Anyone carries what the upstream has closed to the compartments that are linked to it. What would change nothing is
/// refused.
///
/// # Errors
/// [`CoreError`] by name.
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
