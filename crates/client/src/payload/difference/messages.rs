//! The terms of a peer, against those that are there.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_core::{acts::KEEP_RECEIVED, messages::attesters};
use bulkhead_interface::layout::{Council, Peer};

use super::{Changes, Direction, More, alike};
use crate::{
    payload::words::{duration, hex, mask, numbers, scope, transports},
    pda,
};

impl Changes<'_> {
    pub(super) fn peer(&mut self, args: &RegisterPeerArgs, domain: &Pubkey) {
        let key = pda::peer(domain, args.chain, &args.emitter);
        let Some(now) = self.load::<Peer>(&key) else {
            let what = format!("peer {} of chain {}", hex(&args.emitter), args.chain);
            let closes = format!(
                "closes {} up to {} times",
                numbers(args.compartments),
                args.pause_rights
            );
            self.added(what, closes, Direction::Other);
            return;
        };
        self.heard(&now, args);
        self.closed(&now, args, domain);
        self.attested(&now, args);
    }

    /// Whose messages are heard, and how they arrive.
    fn heard(&mut self, now: &Peer, args: &RegisterPeerArgs) {
        // What is not heard any more closes nothing; what is heard anew may close what it should not.
        if now.sender != args.sender {
            self.push("sender", hex(&now.sender), hex(&args.sender), Direction::Looser);
        }
        if now.transports != args.transports {
            let loses = now.transports & !args.transports != 0;
            let direction = if loses { Direction::Looser } else { Direction::Other };
            self.push(
                "transports",
                transports(now.transports),
                transports(args.transports),
                direction,
            );
        }
        if now.bridge != args.bridge {
            let to = format!("{}{}", args.bridge, alike(&args.bridge, [now.bridge]));
            self.push("bridge", now.bridge.to_string(), to, Direction::Looser);
        }
        for (what, from, to) in [
            ("finality", now.finality, args.finality),
            ("finality of a pause", now.pause_finality, args.pause_finality),
        ] {
            if from != to {
                self.push(what, from.to_string(), to.to_string(), Direction::Looser);
            }
        }
        let age = (now.max_age_seconds, args.max_age_seconds);
        self.number("messages are heard for", age, More::Tighter, |age| duration(*age));
        if args.after_sequence != KEEP_RECEIVED {
            let from = format!("up to number {}, epoch {}", now.sequence, now.epoch);
            let to = format!("forgotten; numbers above {} are heard", args.after_sequence);
            self.push("what the peer said", from, to, Direction::Other);
        }
    }

    /// What its pauses close.
    fn closed(&mut self, now: &Peer, args: &RegisterPeerArgs, domain: &Pubkey) {
        if now.remote_scope != args.remote_scope {
            let (from, to) = (scope(now.remote_scope), scope(args.remote_scope));
            self.push("remote scope", from, to, Direction::Looser);
        }
        let loses = |is_lost| if is_lost { Direction::Looser } else { Direction::Tighter };
        if now.remote_mask != args.remote_mask {
            let direction = loses(now.remote_mask & !args.remote_mask != 0);
            self.push(
                "relevant remote actions",
                mask(now.remote_mask),
                mask(args.remote_mask),
                direction,
            );
        }
        if now.compartments != args.compartments {
            let direction = loses(now.compartments & !args.compartments != 0);
            let (from, to) = (numbers(now.compartments), numbers(args.compartments));
            self.push("compartments that the peer closes", from, to, direction);
        }
        if now.mask != args.mask {
            let council = self.load::<Council>(&pda::council(domain));
            let usual = council.map(|council| council.default_mask);
            let meant = |closed: u32| if closed == 0 { usual } else { Some(closed) };
            let direction = match (meant(now.mask), meant(args.mask)) {
                (Some(from), Some(to)) => loses(from & !to != 0),
                _ => Direction::Looser,
            };
            let show = |closed: u32| match closed {
                0 => "the council's default".to_owned(),
                closed => mask(closed),
            };
            self.push(
                "actions that the peer closes",
                show(now.mask),
                show(args.mask),
                direction,
            );
        }
        let rights = (now.rights.pause_rights, args.pause_rights);
        self.number("pause rights of the peer", rights, More::Tighter, ToString::to_string);
    }

    /// Who attests its messages.
    fn attested(&mut self, now: &Peer, args: &RegisterPeerArgs) {
        let threshold = (now.attesters.threshold, args.threshold);
        self.number("attesters needed", threshold, More::Tighter, ToString::to_string);
        let old = attesters::keys(&now.attesters);
        for gone in old.iter().filter(|key| !args.attesters.contains(key)) {
            self.push("attester", hex(gone), "removed", Direction::Looser);
        }
        for come in args.attesters.iter().filter(|key| !old.contains(key)) {
            self.added("attester", hex(come), Direction::Looser);
        }
        let wait = (now.rotation_seconds, args.rotation_seconds);
        self.number("a rotation waits", wait, More::Tighter, |wait| duration(*wait));
        if now.next_attesters.count != 0 {
            let from = format!("from {} on", now.next_from_ts);
            self.push("rotation that waits", from, "dropped", Direction::Other);
        }
    }
}
