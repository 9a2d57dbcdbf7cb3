//! One domain with everything the chances can touch, and its state read back from the chain.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{OpenBreakerArgs, SetLinkArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::permissiveness::{AnyDetector, Safety};
use bulkhead_interface::{
    constants::phase,
    layout::{
        CheckpointLog, Council, Domain, EmergencyAction, Ledger, Link, OutflowBreaker, PauseBoard, Release, Snapshot,
        Vault,
    },
};
use bulkhead_snapshot::Tree;
use bulkhead_testbed::{Machine, Protocol, Setup, associated_token, council_config, fallback, keypair};
use bulkhead_tests::{checkpoints::rules, peers::peer_args};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    acts::Vote,
    bookkeeping::Model,
    books::{Notes, Plan, Reasons, Votes},
    holdings::Holdings,
    posted::{Posted, Sample},
};

/// Compartments and shards that get a breaker sooner or later; vaults, ledgers and emergency actions likewise.
pub const COMPARTMENTS: u8 = 3;
pub const VAULTS: u8 = 2;
pub const LEDGERS: u8 = 3;
pub const EMERGENCY_ACTIONS: u8 = 2;
/// Places in a site's keys.
const STRANGER: usize = 6;
const USER: usize = 7;

/// A domain under test.
pub struct Site {
    pub protocol: Protocol,
    pub model: Model,
    /// Everyone who may sign something.
    pub keys: Vec<Keypair>,
    pub host: Keypair,
    /// Keys that domains can be opened under.
    pub setup_authorities: Vec<Keypair>,
    /// The first can decide every vote.
    pub voters: Vec<Keypair>,
    /// Token accounts of users, the first of which pays deposits.
    pub users: Vec<Pubkey>,
    pub recovery_accounts: Vec<Pubkey>,
    /// What the host owes, by ledger.
    pub holdings: Vec<Holdings>,
    /// Checkpoints that were posted, and positions that were sampled for them.
    pub posted: Vec<Posted>,
    pub samples: Vec<Sample>,
    /// What was read into each shard, and sealed of each snapshot.
    pub read: BTreeMap<Pubkey, Vec<Pubkey>>,
    pub sealed: BTreeMap<Pubkey, Vec<Pubkey>>,
    /// Restorations, oldest first.
    pub plans: Vec<Plan>,
    pub notes: Notes,
    pub votes: Votes,
    pub reasons: Reasons,
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
    pub emergency_actions: Vec<(Pubkey, EmergencyAction)>,
    /// Checkpoint logs.
    pub logs: Vec<(Pubkey, CheckpointLog)>,
    /// Custody of each vault.
    pub custody: Vec<(Pubkey, u64)>,
    /// Other token accounts of the domain itself.
    pub purses: Vec<(Pubkey, u64)>,
}

impl Accounts {
    pub fn board(&self) -> PauseBoard {
        bytemuck::pod_read_unaligned(&self.board[8..])
    }

    /// Is it the same to the byte?
    pub fn is(&self, other: &Self) -> bool {
        fn same<T: bytemuck::NoUninit>(old: &[(Pubkey, T)], new: &[(Pubkey, T)]) -> bool {
            let is = |((key, old), (other, new)): (&(Pubkey, T), &(Pubkey, T))| {
                key == other && bytemuck::bytes_of(old) == bytemuck::bytes_of(new)
            };
            old.len() == new.len() && old.iter().zip(new).all(is)
        }
        bytemuck::bytes_of(&self.domain) == bytemuck::bytes_of(&other.domain)
            && bytemuck::bytes_of(&self.council) == bytemuck::bytes_of(&other.council)
            && self.board == other.board
            && same(&self.breakers, &other.breakers)
            && same(&self.vaults, &other.vaults)
            && same(&self.releases, &other.releases)
            && same(&self.ledgers, &other.ledgers)
            && same(&self.links, &other.links)
            && same(&self.logs, &other.logs)
            && (&self.custody, &self.purses) == (&other.custody, &other.purses)
    }

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
            emergency_actions: &self.emergency_actions,
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
        let (host, user, heir) = (key("host"), key("user"), key("user 1"));
        let voters = vec![key("voter"), key("another voter")];
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
            signer: protocol.setup_authority.pubkey(),
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
            protocol.must(machine, &[open], &[&protocol.setup_authority]);
        }
        let users = vec![
            machine.create_associated(&protocol.mint, &user.pubkey(), 2_000_000),
            machine.create_associated(&protocol.mint, &heir.pubkey(), 50_000),
        ];
        let recovery_accounts = vec![protocol.recovery_account, key("recovery account 1").pubkey()];
        machine.create_token_account(&recovery_accounts[1], &protocol.mint, &protocol.domain, 0);
        // The last owner is a program's address: nobody signs for it.
        let contract = Pubkey::find_program_address(&[b"contract", name.as_bytes()], &TOKEN_PROGRAM).0;
        let owners = [user.pubkey(), voters[0].pubkey(), contract];
        for owner in [voters[0].pubkey(), contract, protocol.domain] {
            machine.create_associated(&protocol.mint, &owner, 0);
        }
        let holdings = Holdings::of(&protocol, name, &owners, u64::from(name == "second"));
        for held in &holdings {
            held.write(machine, &protocol);
        }
        let register = ix::register_ledger(authority, machine.payer.pubkey(), holdings[1].args(&protocol), &[0]);
        protocol.must(machine, &[register], &[&protocol.setup_authority]);
        let mut votes = Votes::default();
        for (voter, amount) in voters.iter().zip([1_000, 600]) {
            machine.create_associated(&protocol.governance_mint, &voter.pubkey(), amount);
        }
        let (voter, mint) = (&voters[0], protocol.governance_mint);
        let source = associated_token(&voter.pubkey(), &mint);
        let open = ix::open_escrow(protocol.domain, voter.pubkey(), machine.payer.pubkey());
        let deposit = ix::deposit_votes(protocol.domain, voter.pubkey(), source, mint, TOKEN_PROGRAM, 1_000);
        protocol.must(machine, &[open, deposit], &[voter]);
        votes.follow(
            &Vote::Deposit(1_000),
            voter.pubkey(),
            &protocol.domain,
            machine,
            "set-up",
        );
        let sponsor = key("sponsor");
        machine.fund(&sponsor.pubkey(), 1_000_000_000_000);

        let setup_authorities: Vec<_> = (0..4).map(|number| key(&format!("setup authority {number}"))).collect();
        let mut keys: Vec<_> = protocol.members.iter().map(Keypair::insecure_clone).collect();
        keys.extend([key("alternate"), key("stranger"), user]);
        keys.extend([&protocol.setup_authority, &protocol.operator, &host].map(Keypair::insecure_clone));
        keys.extend(voters.iter().map(Keypair::insecure_clone));
        keys.extend(setup_authorities.iter().map(Keypair::insecure_clone));
        keys.extend([fallback(), heir, sponsor]);
        let site = Self {
            model: Model::new(
                council_config(&protocol.members),
                phase::SETUP,
                machine.clock().unix_timestamp,
            ),
            upstream: pda::domain(&keypair(&format!("{other}/setup")).pubkey()),
            supply: machine.mint(&protocol.mint).supply,
            keys,
            host,
            setup_authorities,
            voters,
            users,
            recovery_accounts,
            holdings,
            posted: vec![],
            samples: vec![],
            read: BTreeMap::new(),
            sealed: BTreeMap::new(),
            plans: vec![],
            notes: Notes::default(),
            votes,
            reasons: Reasons::default(),
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
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let payer = machine.payer.pubkey();
        let log = ix::open_checkpoint_log(authority, payer, rules());
        let peer = ix::register_peer(authority, payer, peer_args());
        let mut steps = vec![ix::set_link(authority, payer, args), peer, log];
        if is_active {
            steps.push(ix::activate_domain(authority.signer));
            self.model.phase = phase::OPERATING;
        }
        self.protocol.must(machine, &steps, &[&self.protocol.setup_authority]);
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

    /// The tag of a log's leaves at a slot.
    pub fn tag(&self, ledger: u8, slot: u64) -> [u8; 32] {
        let log = pda::checkpoint_log(&self.protocol.domain, ledger);
        bulkhead_core::checkpoints::checkpoint::tag(&bulkhead::ID, &log, ledger, slot)
    }

    /// The leaves of a snapshot that was read, as far as they were.
    pub fn tree_of(&self, key: &Pubkey, snapshot: &Snapshot) -> Tree {
        let tag = bulkhead_core::snapshots::merkle::tag(&bulkhead::ID, key, snapshot.ledger_index);
        let read = self.sealed.get(key).map_or(&[][..], Vec::as_slice);
        self.holdings[usize::from(snapshot.ledger_index)].tree_of(tag, read)
    }

    /// The owner of a user's account.
    pub fn user(&self, number: usize) -> &Keypair {
        let heir = self.keys.len() - 2;
        &self.keys[if number == 0 { USER } else { heir }]
    }

    /// Pays rent as well as the payer does.
    pub fn sponsor(&self) -> Pubkey {
        self.keys.last().expect("there are keys").pubkey()
    }

    pub fn stranger(&self) -> Pubkey {
        self.keys[STRANGER].pubkey()
    }

    /// Who reads ledgers.
    pub fn crankers(&self) -> Vec<Pubkey> {
        vec![self.host.pubkey(), self.stranger()]
    }

    /// Breaker of a compartment and shard.
    pub fn breaker(&self, compartment: u8, shard: u8) -> Pubkey {
        pda::outflow_breaker(&self.protocol.domain, compartment, &self.protocol.mint, shard)
    }

    /// Does anybody hold `key`?
    pub fn holds(&self, key: &Pubkey) -> bool {
        self.keys.iter().any(|own| own.pubkey() == *key)
    }

    /// Who holds `key`.
    pub fn signer(&self, key: &Pubkey) -> &Keypair {
        let found = self.keys.iter().find(|own| own.pubkey() == *key);
        found.unwrap_or_else(|| panic!("nobody holds {key}"))
    }

    /// Who signs an instruction, besides the machine's payer.
    pub fn signers(&self, machine: &Machine, instruction: &Instruction) -> Vec<&Keypair> {
        let payer = machine.payer.pubkey();
        let metas = instruction
            .accounts
            .iter()
            .filter(|meta| meta.is_signer && meta.pubkey != payer);
        let keys: BTreeSet<_> = metas.map(|meta| meta.pubkey).collect();
        keys.iter().map(|key| self.signer(key)).collect()
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
            emergency_actions: existing(
                machine,
                (0..EMERGENCY_ACTIONS).map(|index| pda::emergency_action(&domain, index)),
            ),
            logs: existing(machine, (0..LEDGERS).map(|index| pda::checkpoint_log(&domain, index))),
            purses: self
                .recovery_accounts
                .iter()
                .copied()
                .chain([associated_token(&domain, &self.protocol.mint)])
                .map(|key| (key, machine.balance(&key)))
                .collect(),
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
