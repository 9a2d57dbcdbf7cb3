//! Links to the domains that a domain depends on.

use alloc::rc::Rc;

use bulkhead_interface::{
    Pubkey,
    layout::{BoardRow, Link, PauseBoard},
};
use bytemuck::Zeroable;

use super::{Keys, State};
use crate::{
    CoreError,
    acts::{self, LinkEnds, LinkTerms},
};

/// A domain that a link can be set to, and where the link is then.
#[derive(Clone, Copy, Debug)]
pub struct Upstream {
    /// The domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// The link to it.
    pub link: Pubkey,
    /// Bump of the link's PDA.
    pub bump: u8,
}

impl State {
    /// `set_link`: of a link that is there, or of one that [`Keys::upstreams`] has a place for.
    pub(super) fn set_link(&mut self, keys: &Keys, terms: &LinkTerms, proposed_slot: u64) -> Result<(), CoreError> {
        let links = Rc::make_mut(&mut self.links);
        if !links.iter().any(|(_, link)| link.upstream == terms.upstream) {
            let known = keys.upstreams.iter().find(|known| known.domain == terms.upstream);
            let upstream = known.ok_or(CoreError::ArgumentOutOfRange)?;
            let link = Link {
                bump: upstream.bump,
                domain: keys.domain,
                board: self.domain.board,
                upstream: upstream.domain,
                upstream_board: upstream.board,
                ..Link::zeroed()
            };
            links.push((upstream.link, link));
        }
        let found = links.iter_mut().find(|(_, link)| link.upstream == terms.upstream);
        let (_, link) = found.ok_or(CoreError::ArgumentOutOfRange)?;
        let ends = LinkEnds {
            bump: link.bump,
            domain: link.domain,
            board: link.board,
            upstream_board: link.upstream_board,
        };
        acts::set_link(link, &ends, terms, Some(proposed_slot)).map(|_| ())
    }

    /// Anyone carries an upstream's pause here, which closes `mask` of the whole upstream for so many seconds.
    pub(super) fn carry_link(&mut self, number: usize, mask: u32, seconds: i64) -> Result<(), CoreError> {
        let at = self.at;
        let upstream = PauseBoard {
            domain_row: BoardRow {
                trip: mask,
                trip_until: at.now.checked_add(seconds).ok_or(CoreError::Overflow)?,
                ..BoardRow::zeroed()
            },
            ..PauseBoard::zeroed()
        };
        let link: &Link = self
            .links
            .get(number)
            .map(|(_, link)| link)
            .ok_or(CoreError::ArgumentOutOfRange)?;
        let board = Rc::make_mut(&mut self.board);
        acts::carry_link(link, &upstream, &self.council, board, at).map(|_| ())
    }
}
