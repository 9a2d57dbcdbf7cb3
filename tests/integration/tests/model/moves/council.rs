//! Signs of life, and domains that are set up.

use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::OpenDomainArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{phase, role};
use bulkhead_testbed::{VOTE_SECONDS, council_config};
use solana_signer::Signer;

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    pub(super) fn heartbeat(&mut self) -> Option<Move> {
        // Mostly who was not active for longest.
        let quietest = self.site.model.quietest();
        let signer = if self.rng.percent(70) {
            quietest
        } else {
            self.member(role::ALL)
        };
        let last = self.now.council.members.iter().find(|member| member.key == signer);
        let last_active_ts = last.map_or(0, |member| member.last_active_ts) - i64::from(self.rng.percent(5));
        Some(Move {
            name: "heartbeat",
            instruction: ix::heartbeat(self.domain(), signer, last_active_ts),
            signer,
            act: Act::Heartbeat,
        })
    }

    pub(super) fn activate(&mut self) -> Option<Move> {
        // Set-up takes its time.
        if self.now.domain.state == phase::SETUP && self.rng.percent(75) {
            return None;
        }
        let signer = self.site.protocol.setup_authority.pubkey();
        Some(Move {
            name: "activate_domain",
            instruction: ix::activate_domain(signer),
            signer,
            act: Act::Activate,
        })
    }

    /// A domain that nobody uses: its setup authority is new, and its mint the site's.
    pub(super) fn open_domain(&mut self) -> Option<Move> {
        let mint = self.site.protocol.governance_mint;
        let setup_authorities = &self.site.setup_authorities;
        let setup_authority = setup_authorities[self.rng.index(setup_authorities.len())].pubkey();
        let domain = pda::domain(&setup_authority);
        let renter = self.renter();
        if self.machine.account(&domain).is_some() && !self.rng.percent(20) {
            return Some(Move {
                name: "open_vote_custody",
                instruction: ix::open_vote_custody(domain, renter, mint, TOKEN_PROGRAM),
                signer: self.payer(),
                act: Act::Other,
            });
        }
        let args = OpenDomainArgs {
            council: council_config(&self.site.protocol.members),
            host_program: self.site.protocol.host_program,
            vote_seconds: VOTE_SECONDS,
            quorum_bps: 1_000,
        };
        Some(Move {
            name: "open_domain",
            instruction: ix::open_domain(setup_authority, renter, mint, args),
            signer: setup_authority,
            act: Act::Other,
        })
    }
}
