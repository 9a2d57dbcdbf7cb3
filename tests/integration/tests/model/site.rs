//! One domain with everything the chances can touch, and its state read back from the chain.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{OpenBreakerArgs, SetLinkArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::permissiveness::{AnyDetector, Safety};
use bulkhead_interface::{
    constants::phase,
    layout::{CheckpointLog, Council, Domain, Ledger, Link, OutflowBreaker, Playbook, Release, Vault},
};
use bulkhead_sim::{Machine, Protocol, Setup, council_config, fallback, keypair};
use bulkhead_snapshot::{Position, Tree};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::bookkeeping::Model;

/// Compartments and shards that get a breaker sooner or later; vaults and ledgers likewise.
pub const COMPARTMENTS: u8 = 3;
pub const VAULTS: u8 = 2;
pub const LEDGERS: u8 = 3;
pub const PLAYBOOKS: u8 = 2;
/// The shard all positions are in.
pub const SHARD: u8 = 5;

/// A domain under test.
pub struct Site {
    pub protocol: Protocol,
    pub model: Model,
    /// Everyone who may sign something.
    pub keys: Vec<Keypair>,
    pub host: Keypair,
    pub voter: Keypair,
    /// Token accounts of users, the first of which pays deposits.
    pub users: Vec<Pubkey>,
    pub refuges: Vec<Pubkey>,
    pub positions: Vec<Pubkey>,
    /// What the host says they are together.
    pub host_total: u64,
    /// Where the sum of other positions stands, of which there are none.
    pub other_total: Pubkey,
    pub releases: Vec<Pubkey>,
    pub supply: u64,
    /// The other domain, which this one may come to depend on.
    pub upstream: Pubkey,
}

/// Accounts as they stood after a step.
#[derive(Clone)]
pub struct Accounts {
    pub domain: Domain,
    pub council: Council,
    pub board: Vec<u8>,
    pub breakers: Vec<(Pubkey, OutflowBreaker)>,
    pub vaults: Vec<(Pubkey, Vault)>,
    pub releases: Vec<(Pubkey, Release)>,
    pub ledgers: Vec<(Pubkey, Ledger)>,
    pub links: Vec<(Pubkey, Link)>,
    pub detectors: Vec<(Pubkey, AnyDetector)>,
    pub playbooks: Vec<(Pubkey, Playbook)>,
    /// Checkpoint logs.
    pub logs: Vec<(Pubkey, CheckpointLog)>,
    /// Custody of each vault.
    pub custody: Vec<(Pubkey, u64)>,
}

impl Accounts {
    pub fn safety(&self) -> Safety<'_> {
        Safety {
            domain: &self.domain,
            council: &self.council,
            board: &self.board,
            breakers: &self.breakers,
            vaults: &self.vaults,
            releases: &self.releases,
            ledgers: &self.ledgers,
            links: &self.links,
            detectors: &self.detectors,
            playbooks: &self.playbooks,
        }
    }
}

impl Site {
    /// One that is still being set up; `other` is the name of its upstream.
    pub fn new(machine: &mut Machine, name: &'static str, other: &str) -> Self {
        let setup = Setup {
            name,
            activate: false,
            ..Setup::default()
        };
        let protocol = Protocol::set_up(machine, &setup);
        let key = |what: &str| keypair(&format!("{name}/{what}"));
        let (host, voter, user) = (key("host"), key("voter"), key("user"));
        let metered = OpenBreakerArgs {
            compartment: 2,
            shard: 0,
            mint: protocol.mint,
            authority: host.pubkey(),
            sub_windows: 6,
            trip_scope: 2,
            window_seconds: 3_600,
            limit: 80_000,
            slot_limit: 40_000,
            latch_seconds: 60,
            shards: 1,
            limit_bps: 600,
            slot_bps: 350,
            reference: protocol.custody(),
            inflow_credit: 13_000,
            trip_limit: 0,
            trip_bps: 0,
        };
        let authority = ix::Authority {
            signer: protocol.namespace.pubkey(),
            domain: protocol.domain,
            proposal: None,
        };
        // The second vault's, which is opened later.
        let vaults = OpenBreakerArgs {
            compartment: 1,
            shard: 1,
            shards: 2,
            authority: pda::vault(&protocol.domain, &protocol.mint, 1),
            ..metered.clone()
        };
        for args in [metered, vaults] {
            let open = ix::open_breaker(authority, machine.payer.pubkey(), args);
            protocol.must(machine, &[open], &[&protocol.namespace]);
        }
        let users = vec![
            machine.create_associated(&protocol.mint, &user.pubkey(), 2_000_000),
            machine.create_associated(&protocol.mint, &key("user 1").pubkey(), 0),
        ];
        let refuges = vec![protocol.refuge, key("refuge 1").pubkey()];
        machine.create_token_account(&refuges[1], &protocol.mint, &protocol.domain, 0);
        let positions: Vec<_> = (0..4).map(|number| position(name, number)).collect();
        for position in &positions {
            protocol.write_position(machine, position, &user.pubkey(), 250);
        }
        // The second host has lost count, and is sealed by override only.
        let host_total = 250 * positions.len() as u64 + u64::from(name == "second");
        protocol.write_total(machine, host_total);
        let other_total = key("other total").pubkey();
        protocol.write_host_account(machine, &other_total, vec![0; 8]);
        let source = machine.create_associated(&protocol.governance_mint, &voter.pubkey(), 1_000);
        let open = ix::open_escrow(protocol.domain, voter.pubkey(), machine.payer.pubkey());
        let mint = protocol.governance_mint;
        let deposit = ix::deposit_votes(protocol.domain, voter.pubkey(), source, mint, TOKEN_PROGRAM, 1_000);
        protocol.must(machine, &[open, deposit], &[&voter]);

        let mut keys: Vec<_> = protocol.members.iter().map(Keypair::insecure_clone).collect();
        keys.extend([key("alternate"), key("stranger"), user]);
        keys.extend([&protocol.namespace, &protocol.operator, &host, &voter].map(Keypair::insecure_clone));
        keys.push(fallback());
        let site = Self {
            model: Model::new(
                council_config(&protocol.members),
                phase::SETUP,
                machine.clock().unix_timestamp,
            ),
            upstream: pda::domain(&keypair(&format!("{other}/namespace")).pubkey()),
            supply: machine.mint(&protocol.mint).supply,
            keys,
            host,
            voter,
            users,
            refuges,
            positions,
            host_total,
            other_total,
            releases: vec![],
            protocol,
        };
        site.open_detectors(machine);
        site
    }

    /// Depends on the other domain, and is active if it `is_active`.
    pub fn ready(mut self, machine: &mut Machine, is_active: bool) -> Self {
        let args = SetLinkArgs {
            upstream: self.upstream,
            upstream_scope: 2,
            upstream_mask: u32::MAX,
            compartments: 0b110,
            mask: 0,
        };
        let authority = ix::Authority {
            signer: self.protocol.namespace.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let mut steps = vec![ix::set_link(authority, machine.payer.pubkey(), args)];
        if is_active {
            steps.push(ix::activate_domain(authority.signer));
            self.model.phase = phase::OPERATING;
        }
        self.protocol.must(machine, &steps, &[&self.protocol.namespace]);
        self
    }

    /// The keys of vault `index`.
    pub fn vault(&self, index: u8) -> ix::VaultKeys {
        let Protocol { domain, mint, .. } = self.protocol;
        ix::VaultKeys {
            vault: pda::vault(&domain, &mint, index),
            breaker: pda::outflow_breaker(&domain, index, &mint, index),
            ..self.protocol.vault
        }
    }

    /// The tree of ledger 0 at a slot.
    pub fn checkpoint(&self, slot: u64) -> Tree {
        let log = pda::checkpoint_log(&self.protocol.domain, 0);
        let tag = bulkhead_core::checkpoint::tag(&bulkhead::ID, &log, 0, slot);
        let positions = self.positions.iter().map(|key| Position {
            key: *key,
            owner: self.voter.pubkey(),
            amount: 250,
        });
        Tree::build(tag, positions.collect()).expect("four positions")
    }

    /// Breaker of a compartment and shard.
    pub fn breaker(&self, compartment: u8, shard: u8) -> Pubkey {
        pda::outflow_breaker(&self.protocol.domain, compartment, &self.protocol.mint, shard)
    }

    /// Who holds `key`.
    pub fn signer(&self, key: &Pubkey) -> &Keypair {
        let found = self.keys.iter().find(|own| own.pubkey() == *key);
        found.unwrap_or_else(|| panic!("nobody holds {key}"))
    }

    /// Reads everything back.
    pub fn read(&self, machine: &Machine) -> Accounts {
        let domain = self.protocol.domain;
        let breakers = (0..COMPARTMENTS).flat_map(|compartment| (0..2).map(move |shard| (compartment, shard)));
        let vaults: Vec<_> = (0..VAULTS).map(|index| self.vault(index).vault).collect();
        Accounts {
            domain: machine.load(&domain),
            council: machine.load(&pda::council(&domain)),
            board: machine.account(&pda::board(&domain)).expect("it exists").data,
            breakers: existing(
                machine,
                breakers.map(|(compartment, shard)| self.breaker(compartment, shard)),
            ),
            releases: existing(machine, self.releases.iter().copied()),
            links: existing(machine, std::iter::once(pda::link(&domain, &self.upstream))),
            detectors: self.detectors(machine),
            ledgers: existing(machine, (0..LEDGERS).map(|index| pda::ledger(&domain, index))),
            playbooks: existing(machine, (0..PLAYBOOKS).map(|index| pda::playbook(&domain, index))),
            logs: existing(machine, (0..LEDGERS).map(|index| pda::checkpoint_log(&domain, index))),
            custody: vaults
                .iter()
                .map(|key| (*key, machine.balance(&pda::custody(key))))
                .collect(),
            vaults: existing(machine, vaults.into_iter()),
        }
    }
}

fn existing<T: anchor_lang::ZeroCopy>(machine: &Machine, keys: impl Iterator<Item = Pubkey>) -> Vec<(Pubkey, T)> {
    keys.filter_map(|key| Some((key, machine.try_load(&key)?))).collect()
}

fn position(name: &str, number: u8) -> Pubkey {
    let mut bytes = keypair(name).pubkey().to_bytes();
    (bytes[0], bytes[1]) = (SHARD << 4, number);
    bytes.into()
}
