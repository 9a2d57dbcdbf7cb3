//! Detectors of prices, solvency and authorities: what the world does to what they look at, and who looks.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::Decision,
    instructions::{
        CloseDetectorArgs, OpenAuthorityWatchArgs, OpenPriceBreakerArgs, OpenSolvencyBreakerArgs, PriceSource,
    },
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{detectors::latch, permissiveness::AnyDetector};
use bulkhead_interface::{
    constants::{latch_state, watch_kind},
    ids::PYTH_RECEIVER,
};
use bulkhead_testbed::{Machine, keypair};
use bulkhead_tests::detectors::{FEED, Update, program_args, pyth_args, solvency_args, write};
use solana_signer::Signer;

use crate::{
    acts::Act,
    args::Args,
    moves::{Move, Table},
    site::{COMPARTMENTS, Site},
};

/// An account that the world writes just before somebody looks at it.
#[derive(Clone)]
pub struct Fact {
    key: Pubkey,
    owner: Pubkey,
    data: Vec<u8>,
}

impl Fact {
    /// A token account, frozen or not.
    pub fn frozen(machine: &Machine, key: &Pubkey, is_frozen: bool) -> Self {
        const STATE_OFFSET: usize = 108;
        let mut data = machine.account(key).expect("it is there").data;
        data[STATE_OFFSET] = 1 + u8::from(is_frozen);
        Self {
            key: *key,
            owner: anchor_spl::token::ID,
            data,
        }
    }

    pub fn happen(&self, machine: &mut Machine) {
        write(machine, &self.key, &self.owner, self.data.clone());
    }
}

/// Where a trip pauses: nothing else happens there, so that users go on in the others.
const SCOPE: u8 = 9;
const ADMIN_OFFSET: u32 = 4;

impl Site {
    fn admin_account(&self) -> Pubkey {
        keypair(&format!("{} admin", self.protocol.domain)).pubkey()
    }

    fn price_account(&self) -> Pubkey {
        keypair(&format!("{} update", self.protocol.domain)).pubkey()
    }

    pub fn price_args(&self, compartment: u8) -> OpenPriceBreakerArgs {
        let mut args = pyth_args();
        (args.compartment, args.trip_scope, args.latch_seconds) = (compartment, SCOPE, 600);
        args.rules.max_age_seconds = 3_600;
        if compartment == 1 {
            args.source = PriceSource::Pyth {
                feed_id: FEED,
                account: Some(self.price_account()),
            };
            args.rules.stale_seconds = 7_200;
        }
        args
    }

    pub fn solvency_args(&self, compartment: u8) -> OpenSolvencyBreakerArgs {
        OpenSolvencyBreakerArgs {
            compartment,
            trip_scope: SCOPE,
            latch_seconds: 600,
            ..solvency_args(&self.protocol)
        }
    }

    pub fn watch_args(&self, admin: Pubkey) -> OpenAuthorityWatchArgs {
        OpenAuthorityWatchArgs {
            trip_scope: SCOPE,
            latch_seconds: 600,
            kind: watch_kind::HOST_FIELD,
            account: self.admin_account(),
            program: self.protocol.host_program,
            offset: ADMIN_OFFSET,
            ..program_args(&admin)
        }
    }

    /// What was published as the price.
    fn price(&self, price: i64, ts: i64) -> Fact {
        Fact {
            key: self.price_account(),
            owner: PYTH_RECEIVER,
            data: Update::new(price, ts).data(),
        }
    }

    fn liabilities(&self, amount: u64) -> Fact {
        let mut data = vec![7; 8];
        data.extend(u128::from(amount).to_le_bytes());
        Fact {
            key: self.solvency_args(0).liabilities,
            owner: self.protocol.host_program,
            data,
        }
    }

    fn admin(&self, admin: &Pubkey) -> Fact {
        Fact {
            key: self.admin_account(),
            owner: self.protocol.host_program,
            data: [&[7; 4][..], admin.as_ref()].concat(),
        }
    }

    /// One of each, during set-up.
    pub fn open_detectors(&self, machine: &mut Machine) {
        let now = machine.clock().unix_timestamp;
        let admin = self.keys[0].pubkey();
        for fact in [
            self.price(1_000_000, now),
            self.liabilities(1_000_000),
            self.admin(&admin),
        ] {
            fact.happen(machine);
        }
        let (authority, payer) = (
            ix::Authority {
                signer: self.protocol.setup_authority.pubkey(),
                domain: self.protocol.domain,
                proposal: None,
            },
            machine.payer.pubkey(),
        );
        for open in [
            ix::open_price_breaker(authority, payer, self.price_args(0)),
            ix::open_solvency_breaker(authority, payer, self.solvency_args(0)),
            ix::open_authority_watch(authority, payer, self.watch_args(admin)),
        ] {
            self.protocol.must(machine, &[open], &[&self.protocol.setup_authority]);
        }
    }

    /// Every detector there is.
    pub fn detectors(&self, machine: &Machine) -> Vec<(Pubkey, AnyDetector)> {
        let mut found = vec![];
        for compartment in 0..COMPARTMENTS {
            let price = self.price_key(compartment);
            found.extend(machine.try_load(&price).map(|own| (price, AnyDetector::Price(own))));
            let solvency = self.solvency_key(compartment);
            found.extend(
                machine
                    .try_load(&solvency)
                    .map(|own| (solvency, AnyDetector::Solvency(own))),
            );
        }
        let watch = self.watch_key();
        found.extend(machine.try_load(&watch).map(|own| (watch, AnyDetector::Authority(own))));
        found
    }

    fn price_key(&self, compartment: u8) -> Pubkey {
        pda::price_breaker(&self.protocol.domain, compartment, &FEED.into())
    }

    fn solvency_key(&self, compartment: u8) -> Pubkey {
        let liabilities = self.solvency_args(compartment).liabilities;
        pda::solvency_breaker(&self.protocol.domain, compartment, &liabilities)
    }

    fn watch_key(&self) -> Pubkey {
        pda::authority_watch(&self.protocol.domain, &self.admin_account(), ADMIN_OFFSET)
    }
}

impl Table<'_> {
    fn watched(
        &mut self,
        name: &'static str,
        instruction: solana_instruction::Instruction,
        fact: Fact,
    ) -> Option<Move> {
        Some(Move {
            name,
            instruction,
            signer: self.machine.payer.pubkey(),
            act: Act::Observe(fact),
        })
    }

    /// Mostly quiet; now and then a jump, or a price from another time.
    pub fn observe_price(&mut self) -> Option<Move> {
        let compartment = self.rng.byte(u64::from(COMPARTMENTS));
        let price = match self.rng.below(12) {
            0 => 3_000_000,
            1 => 300_000,
            2 => 0,
            _ => 1_000_000 + i64::try_from(self.rng.below(2_000)).ok()?,
        };
        let now = self.machine.clock().unix_timestamp;
        let ts = match self.rng.below(12) {
            0 => now - 8_000,
            1 => now + 60,
            _ => now - self.rng.within(0, 20),
        };
        let domain = self.site.protocol.domain;
        let observe = ix::observe_price(domain, self.site.price_key(compartment), self.site.price_account());
        let fact = self.site.price(price, ts);
        self.watched("observe_price", observe, fact)
    }

    /// About as much as there is, or far more.
    pub fn observe_solvency(&mut self) -> Option<Move> {
        let compartment = self.rng.byte(u64::from(COMPARTMENTS));
        let args = self.site.solvency_args(compartment);
        let held: u64 = args.reserves.iter().map(|key| self.machine.balance(key)).sum();
        let liabilities = self.rng.pick(&[held, held, held + held / 200, held * 2 + 1_000]);
        let (domain, key) = (self.site.protocol.domain, self.site.solvency_key(compartment));
        let observe = ix::observe_solvency(domain, key, args.liabilities, &args.reserves);
        let fact = self.site.liabilities(liabilities);
        self.watched("observe_solvency", observe, fact)
    }

    pub fn observe_authority(&mut self) -> Option<Move> {
        let holder = if self.rng.percent(85) { 0 } else { self.rng.index(3) };
        let admin = self.site.keys[holder].pubkey();
        let (domain, account) = (self.site.protocol.domain, self.site.admin_account());
        let observe = ix::observe_authority(domain, self.site.watch_key(), account);
        let fact = self.site.admin(&admin);
        self.watched("observe_authority", observe, fact)
    }

    /// A detector with a latch that is not on the board yet.
    pub fn latched_detector(&mut self) -> Option<Pubkey> {
        let (unpaused, now) = (
            self.site.protocol.board(self.machine).unpaused_slot,
            self.machine.clock().unix_timestamp,
        );
        let is_latched = |own: &&(Pubkey, AnyDetector)| {
            let latch = own.1.latch();
            latch.state == latch_state::LATCHED && latch::is_in_force(latch, unpaused, now)
        };
        let latched: Vec<_> = self.now.detectors.iter().filter(is_latched).map(|own| own.0).collect();
        (!latched.is_empty()).then(|| self.rng.pick(&latched))
    }

    /// Opens what is not there, or closes what is.
    pub fn detector_args(&mut self) -> Option<Args> {
        let compartment = self.rng.byte(u64::from(COMPARTMENTS));
        let (price, solvency, watch) = (
            self.site.price_key(compartment),
            self.site.solvency_key(compartment),
            self.site.watch_key(),
        );
        let is_there = |key: Pubkey| self.now.detectors.iter().any(|(own, _)| *own == key);
        // Of the others there is one a compartment; this one is missed at once.
        let is_missed = !is_there(watch) && self.rng.percent(70);
        let kind = if is_missed { 2 } else { self.rng.below(3) };
        let (key, open) = match kind {
            0 => (
                price,
                Decision::OpenPriceBreaker(self.site.price_args(compartment)).into(),
            ),
            1 => (
                solvency,
                Decision::OpenSolvencyBreaker(self.site.solvency_args(compartment)).into(),
            ),
            _ => {
                let admin = self.site.keys[0].pubkey();
                (watch, Decision::OpenAuthorityWatch(self.site.watch_args(admin)).into())
            }
        };
        if !is_there(key) {
            return Some(open);
        }
        let receiver = self.site.users[0];
        Some(
            Decision::CloseDetector(CloseDetectorArgs {
                detector: key,
                receiver,
            })
            .into(),
        )
    }
}
