//! The rules of a domain's ballots, against those that are there.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::SetBallotRulesArgs;
use bulkhead_interface::{constants::ballot_flag, layout::BallotRules};

use super::{Changes, Direction, alike};
use crate::{payload::words::duration, pda};

impl Changes<'_> {
    pub(super) fn ballot_rules(&mut self, args: &SetBallotRulesArgs, domain: &Pubkey) {
        let now = self.load::<BallotRules>(&pda::ballot_rules(domain));
        let now = now.unwrap_or_else(bytemuck::Zeroable::zeroed);
        // Somebody else's program decides who votes: approvers compare it, whichever it was before.
        let keys = [
            (
                "who computes votes",
                now.weight_program,
                args.weight_program,
                "escrowed tokens",
            ),
            ("realm of these votes", now.weight_realm, args.weight_realm, "none"),
            (
                "what a quorum is a share of",
                now.max_weight_record,
                args.max_weight_record,
                "the token's supply",
            ),
        ];
        for (what, from, to, none) in keys {
            if from != to {
                let show = |key: &Pubkey| match *key == Pubkey::default() {
                    true => none.to_owned(),
                    false => key.to_string(),
                };
                let to_text = format!("{}{}", show(&to), alike(&to, [from]));
                self.push(what, show(&from), to_text, Direction::Looser);
            }
        }
        let was_targeted = now.flags & ballot_flag::TARGETED != 0;
        if was_targeted != args.is_targeted {
            let show = |is_targeted: bool| if is_targeted { "this vote only" } else { "any vote" };
            let direction = if was_targeted {
                Direction::Looser
            } else {
                Direction::Tighter
            };
            self.push(
                "votes are computed for",
                show(was_targeted).to_owned(),
                show(args.is_targeted).to_owned(),
                direction,
            );
        }
        let times = [
            (
                "only votes for none in the last",
                now.cool_off_seconds,
                args.cool_off_seconds,
            ),
            (
                "candidates stand, and results can be vetoed, for",
                now.dispute_seconds,
                args.dispute_seconds,
            ),
        ];
        for (what, from, to) in times {
            if from != to {
                // Less time to answer a vote is looser.
                let direction = if to < from {
                    Direction::Looser
                } else {
                    Direction::Tighter
                };
                self.push(what, duration(from), duration(to), direction);
            }
        }
    }
}
