//! A ledger read on chain counts everyone once, or is not sealed.

use bulkhead::{
    error::BulkheadError,
    instructions::{AmountConfig, ByteFilterConfig, RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{frontier::MAX_LEAVES, merkle};
use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, length_rule, snapshot_state, step},
    layout::{Incident, Node, Snapshot, SnapshotShard},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{refused, world, world_with};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Bytes a transaction may have.
const PACKET: usize = 1_232;
/// Positions a legacy transaction has the bytes for when the cranker pays for it.
const FULL: usize = 27;
/// The same when another pays.
const BATCH: usize = 24;

/// A held protocol with an open snapshot of ledger 0.
struct Frozen {
    machine: Machine,
    protocol: Protocol,
    incident: Pubkey,
    snapshot: Pubkey,
    cranker: Keypair,
}

impl Frozen {
    fn new(positions: &[Position]) -> Self {
        let (mut machine, protocol) = world();
        write(&mut machine, &protocol, positions);
        let incident = protocol.freeze(&mut machine);
        let open = ix::open_snapshot(protocol.domain, machine.payer.pubkey(), incident, 0);
        protocol.must(&mut machine, &[open], &[]);
        Self {
            snapshot: pda::snapshot(&incident, 0),
            cranker: keypair("cranker"),
            machine,
            protocol,
            incident,
        }
    }

    fn shard(&self, number: u8) -> Pubkey {
        pda::shard(&self.snapshot, number, &self.cranker.pubkey())
    }

    fn open_shard(&self, number: u8) -> Instruction {
        let payer = self.machine.payer.pubkey();
        ix::open_shard(
            self.protocol.domain,
            self.cranker.pubkey(),
            payer,
            self.snapshot,
            number,
        )
    }

    fn ingest(&self, number: u8, keys: &[Pubkey]) -> Instruction {
        ix::ingest_positions(
            self.protocol.domain,
            self.cranker.pubkey(),
            self.snapshot,
            0,
            number,
            keys,
        )
    }

    fn seal(&self, shards: &[Pubkey]) -> Instruction {
        let Protocol {
            domain, total_account, ..
        } = self.protocol;
        ix::seal_snapshot(domain, self.incident, 0, total_account, shards, &[])
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let is_cranked = instruction
            .accounts
            .iter()
            .any(|meta| meta.is_signer && meta.pubkey == self.cranker.pubkey());
        let signers: &[&Keypair] = if is_cranked { &[&self.cranker] } else { &[] };
        self.machine.send(&[instruction], signers)
    }

    fn must(&mut self, instruction: Instruction) -> Outcome {
        match self.send(instruction) {
            Ok(outcome) => outcome,
            Err(failure) => panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n")),
        }
    }

    /// Opens every shard that has positions and reads them all in; gives the shards' accounts.
    fn crank(&mut self, positions: &[Position]) -> Vec<Pubkey> {
        let mut shards = vec![];
        for (number, keys) in (0..).zip(by_shard(positions)) {
            if keys.is_empty() {
                continue;
            }
            self.must(self.open_shard(number));
            for keys in keys.chunks(BATCH) {
                self.must(self.ingest(number, keys));
            }
            shards.push(self.shard(number));
        }
        shards
    }

    fn sealed(&self) -> Snapshot {
        self.machine.load(&self.snapshot)
    }
}

fn write(machine: &mut Machine, protocol: &Protocol, positions: &[Position]) {
    for position in positions {
        protocol.write_position(machine, &position.key, &position.owner, position.amount);
    }
    protocol.write_total(machine, positions.iter().map(|position| position.amount).sum());
}

/// `count` positions spread over the shards, one in ten of them empty.
fn positions(count: u64) -> Vec<Position> {
    (0..count)
        .map(|i| Position {
            key: keypair(&format!("position {i}")).pubkey(),
            owner: keypair(&format!("owner {}", i % 11)).pubkey(),
            amount: i % 10 * 13,
        })
        .collect()
}

/// `count` positions of shard 5.
fn in_one_shard(count: u64) -> Vec<Position> {
    let mut positions: Vec<_> = positions(count);
    for position in &mut positions {
        let mut key = position.key.to_bytes();
        key[0] = 0x50 | key[0] & 0xf;
        (position.key, position.amount) = (Pubkey::new_from_array(key), position.amount + 1);
    }
    positions.sort_unstable();
    positions
}

fn by_shard(positions: &[Position]) -> [Vec<Pubkey>; 16] {
    let mut shards: [Vec<Pubkey>; 16] = Default::default();
    for position in positions {
        shards[usize::from(merkle::shard_of(position.key.as_array()))].push(position.key);
    }
    shards.iter_mut().for_each(|keys| keys.sort_unstable());
    shards
}

#[test]
fn a_sealed_ledger_is_the_tree_of_its_positions() {
    for count in [2, 3, 17, 600] {
        let all = positions(count);
        let mut frozen = Frozen::new(&all);
        let shards = frozen.crank(&all);
        let outcome = frozen.must(frozen.seal(&shards));
        assert!(outcome.compute_units < 200_000, "{}", outcome.compute_units);

        let tag = merkle::tag(&bulkhead::ID, &frozen.snapshot, 0);
        let tree = Tree::build(tag, all).expect("a ledger");
        let sealed = frozen.sealed();
        assert_eq!(sealed.state, snapshot_state::SEALED);
        assert_eq!((sealed.tag, sealed.root), (tag, tree.root().hash));
        assert_eq!((sealed.total, sealed.count), (tree.root().sum, tree.count()));
        assert_eq!(sealed.shards_sealed.count_ones() as usize, shards.len());
        for (own, expected) in sealed.shards.iter().zip(tree.roots()) {
            assert_eq!((own.root.hash, own.root.sum), (expected.root.hash, expected.root.sum));
            assert_eq!((own.count, own.first), (expected.count, expected.first));
        }
        for proof in tree.proofs() {
            let number = merkle::shard_of(proof.position.key.as_array());
            let shard: SnapshotShard = frozen.machine.load(&frozen.shard(number));
            assert_eq!(proof.verify_in(&shard), Ok(()));
        }
        let incident: Incident = frozen.machine.load(&frozen.incident);
        assert_eq!(incident.steps[step::SNAPSHOT].slot, sealed.sealed_slot);
        refused(frozen.send(frozen.seal(&shards)), BulkheadError::SnapshotSealed);
    }
}

#[test]
fn a_position_costs_at_most_500_compute_units() {
    let all = in_one_shard(10 * FULL as u64);
    let keys: Vec<_> = all.iter().map(|position| position.key).collect();
    let mut frozen = Frozen::new(&all);
    frozen.cranker = frozen.machine.payer.insecure_clone();
    frozen.must(frozen.open_shard(5));
    let mut spent = 0;
    for keys in keys.chunks(FULL) {
        let ingest = frozen.ingest(5, keys);
        let transaction = frozen.machine.sign(std::slice::from_ref(&ingest), &[]);
        let bytes = 1 + 64 * transaction.signatures.len() + transaction.message_data().len();
        assert!(bytes <= PACKET && bytes + 33 > PACKET, "{bytes}");
        spent += frozen.must(ingest).compute_units;
    }
    // All in: the transaction's own cost, the growth of the tree, the event.
    let each = spent.div_ceil(keys.len() as u64);
    println!("{each} each");
    assert!(each <= 500, "{each}");
}

#[test]
fn a_position_counts_once() {
    let all = in_one_shard(4);
    let mut frozen = Frozen::new(&all);
    let keys: Vec<_> = all.iter().map(|position| position.key).collect();
    frozen.must(frozen.open_shard(5));
    // Twice in a transaction, out of order, and again in a later transaction.
    for twice in [[keys[0], keys[0]], [keys[1], keys[0]]] {
        refused(
            frozen.send(frozen.ingest(5, &twice)),
            BulkheadError::PositionsNotAscending,
        );
    }
    frozen.must(frozen.ingest(5, &keys[..2]));
    for again in &keys[..2] {
        refused(
            frozen.send(frozen.ingest(5, &[*again])),
            BulkheadError::PositionsNotAscending,
        );
    }
    // In another shard.
    frozen.must(frozen.open_shard(6));
    refused(frozen.send(frozen.ingest(6, &keys[2..])), BulkheadError::WrongShard);
    // In another account of the same shard, sealed along with the first.
    frozen.must(frozen.ingest(5, &keys[2..]));
    let first = frozen.shard(5);
    frozen.cranker = keypair("another cranker");
    frozen.must(frozen.open_shard(5));
    frozen.must(frozen.ingest(5, &keys));
    let second = frozen.shard(5);
    refused(
        frozen.send(frozen.seal(&[first, second])),
        BulkheadError::ShardsNotAscending,
    );
    refused(
        frozen.send(frozen.seal(&[first, first])),
        BulkheadError::ShardsNotAscending,
    );
    frozen.must(frozen.seal(&[second]));
}

#[test]
fn nobody_is_left_out() {
    let all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    frozen.must(frozen.ingest(5, &[all[0].key, all[2].key]));
    let shard = frozen.shard(5);
    // Too late for the one in the middle, and the sum shows that it is missing.
    refused(
        frozen.send(frozen.ingest(5, &[all[1].key])),
        BulkheadError::PositionsNotAscending,
    );
    refused(frozen.send(frozen.seal(&[shard])), BulkheadError::TotalMismatch);
    refused(frozen.send(frozen.seal(&[])), BulkheadError::NothingRead);
    // Another cranker is not held up by it.
    frozen.cranker = keypair("honest cranker");
    let shards = frozen.crank(&all);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn a_position_that_changed_is_read_again() {
    let mut all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all);
    all[1].amount += 5;
    write(&mut frozen.machine, &frozen.protocol, &all);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    let close = ix::close_shard(
        frozen.cranker.pubkey(),
        frozen.snapshot,
        shards[0],
        frozen.cranker.pubkey(),
    );
    frozen.must(close);
    assert!(frozen.machine.account(&shards[0]).is_none());
    let shards = frozen.crank(&all);
    frozen.must(frozen.seal(&shards));
    assert_eq!(
        frozen.sealed().total,
        all.iter().map(|position| position.amount).sum::<u64>()
    );
    let close = ix::close_shard(
        frozen.cranker.pubkey(),
        frozen.snapshot,
        shards[0],
        frozen.cranker.pubkey(),
    );
    refused(frozen.send(close), BulkheadError::SnapshotSealed);
    refused(
        frozen.send(frozen.ingest(5, &[all[0].key])),
        BulkheadError::SnapshotSealed,
    );
}

#[test]
fn only_positions_of_the_ledger_pass() {
    let all = in_one_shard(2);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let genuine = frozen.machine.account(&all[0].key).expect("written");
    let key = all[0].key;
    let mut foreign = genuine.clone();
    foreign.owner = keypair("another program").pubkey();
    let mut longer = genuine.clone();
    longer.data.push(0);
    let mut shorter = genuine.clone();
    shorter.data.pop();
    let mut other_kind = genuine.clone();
    other_kind.data[7] ^= 1;
    for forged in [foreign, longer, shorter, other_kind] {
        frozen.machine.write_account(&key, forged);
        refused(frozen.send(frozen.ingest(5, &[key])), BulkheadError::NotAPosition);
    }
    let domain = frozen.protocol.domain;
    refused(frozen.send(frozen.ingest(5, &[domain])), BulkheadError::NotAPosition);
    frozen.machine.write_account(&key, genuine);
    frozen.must(frozen.ingest(5, &[key]));
}

#[test]
fn a_shard_is_its_crankers_alone() {
    let all = in_one_shard(2);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let shard = frozen.shard(5);
    let griefer = keypair("griefer");
    let mut ingest = frozen.ingest(5, &[all[1].key]);
    ingest.accounts[0].pubkey = griefer.pubkey();
    refused(
        frozen.machine.send(&[ingest], &[&griefer]),
        BulkheadError::NotShardCranker,
    );
    let close = ix::close_shard(griefer.pubkey(), frozen.snapshot, shard, griefer.pubkey());
    refused(
        frozen.machine.send(&[close], &[&griefer]),
        BulkheadError::NotShardCranker,
    );
    refused(frozen.send(frozen.open_shard(16)), BulkheadError::ArgumentOutOfRange);
}

#[test]
fn shards_of_different_crankers_are_sealed_together() {
    let all = positions(60);
    let mut frozen = Frozen::new(&all);
    let mut shards = vec![];
    for (number, keys) in (0..).zip(by_shard(&all)) {
        frozen.cranker = keypair(&format!("cranker {}", number % 3));
        frozen.must(frozen.open_shard(number));
        if !keys.is_empty() {
            frozen.must(frozen.ingest(number, &keys));
        }
        shards.push(frozen.shard(number));
    }
    let mut swapped = shards.clone();
    swapped.swap(3, 4);
    refused(frozen.send(frozen.seal(&swapped)), BulkheadError::ShardsNotAscending);
    // Anyone may seal.
    frozen.must(frozen.seal(&shards));
}

#[test]
fn nothing_is_read_unless_the_domain_is_frozen_by_the_snapshots_incident() {
    let all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all[..2]);
    let (old_incident, old_snapshot) = (frozen.incident, frozen.snapshot);

    let args = bulkhead::instructions::ResumeArgs {
        incident: frozen.incident,
    };
    let authority = frozen.protocol.mature(&mut frozen.machine, &args);
    frozen.must(ix::resume(authority, args));
    let payer = frozen.machine.payer.pubkey();
    let domain = frozen.protocol.domain;
    refused(frozen.send(frozen.ingest(5, &[all[2].key])), BulkheadError::WrongPhase);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::WrongPhase);
    refused(frozen.send(frozen.open_shard(6)), BulkheadError::WrongPhase);

    // A later incident does not revive it.
    frozen.incident = frozen.protocol.freeze(&mut frozen.machine);
    refused(
        frozen.send(frozen.ingest(5, &[all[2].key])),
        BulkheadError::IncidentNotOpen,
    );
    refused(frozen.send(frozen.open_shard(6)), BulkheadError::IncidentNotOpen);
    let mut seal = frozen.seal(&shards);
    (seal.accounts[1].pubkey, seal.accounts[3].pubkey) = (old_incident, old_snapshot);
    seal.accounts[5].pubkey = pda::restoration(&old_incident, 0);
    refused(frozen.send(seal), BulkheadError::IncidentNotOpen);

    // Nor do its shards serve the new incident's snapshot.
    frozen.must(ix::open_snapshot(domain, payer, frozen.incident, 0));
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::ForeignAccount);
    frozen.snapshot = pda::snapshot(&frozen.incident, 0);
    assert_ne!(frozen.snapshot, old_snapshot);
    let shards = frozen.crank(&all);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn substituted_accounts_fail_by_name() {
    let all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all);
    let other = Protocol::set_up(
        &mut frozen.machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    write(&mut frozen.machine, &other, &[]);
    let other_incident = other.freeze(&mut frozen.machine);
    let payer = frozen.machine.payer.pubkey();
    frozen.must(ix::open_snapshot(other.domain, payer, other_incident, 0));

    let swaps = [
        (0, other.domain),
        (1, other_incident),
        (2, pda::ledger(&other.domain, 0)),
        (3, pda::snapshot(&other_incident, 0)),
        (4, other.total_account),
    ];
    for (at, key) in swaps {
        let mut seal = frozen.seal(&shards);
        seal.accounts[at].pubkey = key;
        refused(frozen.send(seal), BulkheadError::ForeignAccount);
    }
    for (at, key) in [(1, other.domain), (2, pda::ledger(&other.domain, 0))] {
        let mut ingest = frozen.ingest(5, &[]);
        ingest.accounts[at].pubkey = key;
        refused(frozen.send(ingest), BulkheadError::ForeignAccount);
    }
    let mut open = frozen.open_shard(6);
    open.accounts[2].pubkey = other.domain;
    refused(frozen.send(open), BulkheadError::ForeignAccount);
    let mut open = ix::open_snapshot(frozen.protocol.domain, payer, frozen.incident, 0);
    open.accounts[3].pubkey = pda::ledger(&other.domain, 0);
    assert!(frozen.send(open).is_err());
    frozen.must(frozen.seal(&shards));
}

#[test]
fn a_full_shard_and_a_sum_beyond_64_bits_are_refused() {
    let all = in_one_shard(1);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let shard = frozen.shard(5);
    let account = frozen.machine.account(&shard).expect("opened");
    let forge = |frozen: &mut Frozen, change: &dyn Fn(&mut SnapshotShard)| {
        let mut state: SnapshotShard = frozen.machine.load(&shard);
        change(&mut state);
        let mut forged = account.clone();
        forged.data[8..].copy_from_slice(bytemuck::bytes_of(&state));
        frozen.machine.write_account(&shard, forged);
    };
    forge(&mut frozen, &|state| state.sum = u64::MAX);
    refused(frozen.send(frozen.ingest(5, &[all[0].key])), BulkheadError::Overflow);
    forge(&mut frozen, &|state| {
        state.sum = 16;
        state.count = MAX_LEAVES;
        (state.canopy_height, state.canopy_count) = (16, 16);
        state.canopy = [Node { hash: [1; 32], sum: 1 }; 16];
    });
    refused(frozen.send(frozen.ingest(5, &[all[0].key])), BulkheadError::ShardFull);
    // The seal of a full shard is the dearest.
    frozen.protocol.write_total(&mut frozen.machine, 16);
    let outcome = frozen.must(frozen.seal(&[shard]));
    println!("sealed with {} compute units", outcome.compute_units);
}

#[test]
fn a_host_that_reports_no_total_is_not_sealed() {
    let all = in_one_shard(1);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all);
    let total = frozen.protocol.total_account;
    let genuine = frozen.machine.account(&total).expect("written");
    let mut short = genuine.clone();
    short.data.pop();
    let mut foreign = genuine.clone();
    foreign.owner = keypair("another program").pubkey();
    for forged in [short, foreign] {
        frozen.machine.write_account(&total, forged);
        refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalUnreadable);
    }
    frozen.machine.write_account(&total, genuine);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn wide_amounts_have_to_fit_64_bits() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    });
    let args = RegisterLedgerArgs {
        amounts: vec![AmountConfig {
            offset: 32,
            width: 16,
            flags: 0,
        }],
        owner_offset: 0,
        filters: vec![],
        ..protocol.ledger_args(1)
    };
    let register = ix::register_ledger(setup_authority(&protocol), machine.payer.pubkey(), args, &[]);
    protocol.must(&mut machine, &[register], &[&protocol.setup_authority]);
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);

    let (key, owner) = (in_one_shard(1)[0].key, keypair("owner").pubkey());
    protocol.write_position(&mut machine, &key, &owner, 7);
    let mut wide = machine.account(&key).expect("written");
    wide.data[32..].fill(0);
    wide.data[32] = 9;
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    let cranker = keypair("cranker");
    let snapshot = pda::snapshot(&incident, 1);
    protocol.must(
        &mut machine,
        &[ix::open_snapshot(protocol.domain, payer, incident, 1)],
        &[],
    );
    let open = ix::open_shard(protocol.domain, cranker.pubkey(), payer, snapshot, 5);
    protocol.must(&mut machine, &[open], &[&cranker]);
    let ingest = ix::ingest_positions(protocol.domain, cranker.pubkey(), snapshot, 1, 5, &[key]);
    let mut too_large = wide.clone();
    too_large.data[47] = 1;
    machine.write_account(&key, too_large);
    refused(
        machine.send(std::slice::from_ref(&ingest), &[&cranker]),
        BulkheadError::AmountTooLarge,
    );
    machine.write_account(&key, wide);
    protocol.must(&mut machine, &[ingest], &[&cranker]);
    let shard: SnapshotShard = machine.load(&pda::shard(&snapshot, 5, &cranker.pubkey()));
    assert_eq!((shard.count, shard.sum), (1, 9));
}

fn amount(offset: u32, width: u8) -> AmountConfig {
    AmountConfig {
        offset,
        width,
        flags: 0,
    }
}

fn no_filter() -> ByteFilterConfig {
    ByteFilterConfig {
        offset: 0,
        bytes: vec![],
    }
}

fn setup_authority(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}

#[test]
fn layouts_that_cannot_be_read_are_refused() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    });
    let payer = machine.payer.pubkey();
    let mut register = |args| {
        let register = ix::register_ledger(setup_authority(&protocol), payer, args, &[]);
        machine.send(&[register], &[&protocol.setup_authority])
    };
    let args = || protocol.ledger_args(1);
    let broken = [
        RegisterLedgerArgs {
            amounts: vec![amount(40, 3)],
            ..args()
        },
        RegisterLedgerArgs {
            owner_offset: 17,
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(41, 8)],
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(39, 8)],
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![],
            ..args()
        },
        RegisterLedgerArgs {
            amounts: vec![amount(40, 1); 9],
            ..args()
        },
        RegisterLedgerArgs {
            filters: vec![no_filter(); 5],
            ..args()
        },
        RegisterLedgerArgs {
            filters: vec![no_filter()],
            ..args()
        },
        RegisterLedgerArgs {
            owner_offset: u32::MAX,
            ..args()
        },
        RegisterLedgerArgs {
            data_len: 0,
            length_rule: length_rule::AT_LEAST,
            filters: vec![],
            ..args()
        },
    ];
    for args in broken {
        refused(register(args), BulkheadError::InvalidLedger);
    }
    refused(
        register(RegisterLedgerArgs {
            total: TotalConfig {
                offset: 1,
                ..args().total
            },
            ..args()
        }),
        BulkheadError::TotalUnreadable,
    );
    assert!(register(args()).is_ok());
}

#[test]
fn after_set_up_a_ledger_needs_a_matured_proposal() {
    let (mut machine, protocol) = world_with(&Setup {
        ledger: false,
        ..Setup::default()
    });
    let args = protocol.ledger_args(1);
    let payer = machine.payer.pubkey();
    let register = ix::register_ledger(setup_authority(&protocol), payer, args.clone(), &[]);
    refused(
        machine.send(&[register], &[&protocol.setup_authority]),
        BulkheadError::ProposalRequired,
    );
    let authority = protocol.mature(&mut machine, &args);
    let other = RegisterLedgerArgs {
        owner_offset: 9,
        amounts: vec![amount(0, 8)],
        ..args.clone()
    };
    refused(
        machine.send(&[ix::register_ledger(authority, payer, other, &[])], &[]),
        BulkheadError::PayloadMismatch,
    );
    protocol.must(&mut machine, &[ix::register_ledger(authority, payer, args, &[])], &[]);
}

/// Ingestions have an entry of their own, which only takes what it is sure of.
#[test]
fn what_only_looks_like_an_ingestion_changes_nothing() {
    const FALLBACK_NOT_FOUND: u32 = 101;
    const CONSTRAINT_MUT: u32 = 2_000;
    const NOT_SIGNER: u32 = 3_010;
    let all = in_one_shard(3);
    let keys: Vec<_> = all.iter().map(|position| position.key).collect();
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let shard = frozen.shard(5);
    let name = frozen.ingest(5, &[]).data;
    let other_name = frozen.seal(&[]).data;
    for data in [vec![], name[..7].to_vec(), other_name] {
        let mut ingest = frozen.ingest(5, &keys);
        ingest.data = data;
        let failure = frozen.send(ingest).expect_err("it has another name");
        assert_eq!(failure.code(), Some(FALLBACK_NOT_FOUND), "{failure:?}");
    }
    let mut unsigned = frozen.ingest(5, &keys);
    unsigned.accounts[0].is_signer = false;
    let failure = frozen.send(unsigned).expect_err("nobody signed");
    assert_eq!(failure.code(), Some(NOT_SIGNER), "{failure:?}");
    let mut read_only = frozen.ingest(5, &keys);
    read_only.accounts[3].is_writable = false;
    let failure = frozen.send(read_only).expect_err("the shard cannot be written");
    assert_eq!(failure.code(), Some(CONSTRAINT_MUT), "{failure:?}");
    for repeated in [shard, frozen.snapshot, frozen.protocol.domain] {
        refused(
            frozen.send(frozen.ingest(5, &[keys[0], repeated])),
            BulkheadError::NotAPosition,
        );
    }
    let state: SnapshotShard = frozen.machine.load(&shard);
    assert_eq!((state.seen, state.count, state.sum), (0, 0, 0));
    frozen.must(frozen.ingest(5, &keys));
}

/// Attack: register the number by which a vault says that it backs none; the restoration of that ledger is paid by every
/// such vault.
#[test]
fn the_number_of_no_ledger_is_no_ledgers() {
    let (mut machine, protocol) = world_with(&Setup {
        ledger: false,
        activate: false,
        ..Setup::default()
    });
    let args = RegisterLedgerArgs {
        index: NO_LEDGER,
        ..protocol.ledger_args(1)
    };
    let register = ix::register_ledger(setup_authority(&protocol), machine.payer.pubkey(), args, &[]);
    refused(
        machine.send(&[register], &[&protocol.setup_authority]),
        BulkheadError::InvalidLedger,
    );
}

/// Attack: register a ledger with the theft in view, and read it in the incident. One of peace is void as well.
#[test]
fn no_ledger_is_registered_in_an_incident() {
    let (mut machine, protocol) = world_with(&Setup {
        ledger: false,
        ..Setup::default()
    });
    protocol.write_total(&mut machine, 600);
    let (args, payer) = (protocol.ledger_args(1), machine.payer.pubkey());
    let register = |by| ix::register_ledger(by, payer, args.clone(), &[]);
    let kept = protocol.mature(&mut machine, &args);
    protocol.freeze(&mut machine);
    refused(machine.send(&[register(kept)], &[]), BulkheadError::TightenedSince);
    let by = protocol.mature(&mut machine, &args);
    refused(machine.send(&[register(by)], &[]), BulkheadError::WrongPhase);
}
