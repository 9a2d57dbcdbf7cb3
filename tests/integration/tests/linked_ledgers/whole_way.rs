//! From the freeze to the claims: positions in shares that NFTs own, valued at a rate that is frozen with the snapshot.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{ClaimArgs, RegisterLedgerArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{
    constants::{link_flag, snapshot_state},
    layout::{Ledger, Snapshot},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, Protocol, Setup, associated_token, keypair};
use bulkhead_tests::{
    machine,
    recovery::{LEDGER, Recovery, owner},
    refused,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    factors::bank,
    link, named,
    nft::{CLASSIC, EXTENDED, Nft},
};

const COUNT: u64 = 6;
/// Two and a half units each, with 48 fractional bits.
const RATE: u128 = 5 << 47;

fn shares(number: u64) -> u64 {
    1_001 + number * 100
}

/// Everything as it was before the disaster: a token and its holder's account for each position.
fn set_up(machine: &mut Machine) -> (Protocol, Vec<(Pubkey, Nft, Pubkey)>) {
    let setup = Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    };
    let protocol = Protocol::set_up(machine, &setup);
    let rate = [&[0; 8][..], &RATE.to_le_bytes()].concat();
    protocol.write_host_account(machine, &bank(), rate);
    let mut args = RegisterLedgerArgs {
        link: Some(link(
            link_flag::OWNER_IS_TOKEN,
            protocol.host_program,
            &[(bank(), 8, 16, 0)],
        )),
        ..protocol.ledger_args(LEDGER)
    };
    args.scale.shift = 48;
    let setup_authority = &protocol.setup_authority;
    let authority = ix::Authority {
        signer: setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let register = ix::register_ledger(authority, machine.payer.pubkey(), args, &[]);
    let activate = ix::activate_domain(setup_authority.pubkey());
    protocol.must(machine, &[register], &[setup_authority]);
    protocol.must(machine, &[activate], &[setup_authority]);
    let mut positions: Vec<_> = (0..COUNT)
        .map(|number| {
            let program = [CLASSIC, EXTENDED][(number % 2) as usize];
            let (name, key) = (format!("nft {number}"), named(&format!("position {number}")));
            let (nft, account) = Nft::sole(machine, program, &name, &owner(number).pubkey());
            protocol.write_position(machine, &key, &nft.mint, shares(number));
            (key, nft, account)
        })
        .collect();
    let total = (0..COUNT).map(shares).sum();
    protocol.write_total(machine, total);
    positions.sort_unstable_by_key(|(key, ..)| *key);
    (protocol, positions)
}

/// Opens the snapshot, reads everything, seals it. The payer cranks.
fn read(machine: &mut Machine, protocol: &Protocol, incident: Pubkey, positions: &[(Pubkey, Nft, Pubkey)]) {
    let (domain, payer) = (protocol.domain, machine.payer.pubkey());
    let snapshot = pda::snapshot(&incident, LEDGER);
    let ledger: Ledger = machine.load(&pda::ledger(&domain, LEDGER));
    protocol.must(machine, &[ix::open_snapshot_of(domain, payer, incident, &ledger)], &[]);
    // The rate is bent as soon as it is too late.
    let rate = [&[0; 8][..], &(RATE * 1_000).to_le_bytes()].concat();
    protocol.write_host_account(machine, &bank(), rate);
    let mut shards: Vec<u8> = vec![];
    for (key, nft, account) in positions {
        let number = merkle::shard_of(key.as_array());
        if shards.last() != Some(&number) {
            let open = ix::open_shard(domain, payer, payer, snapshot, number);
            protocol.must(machine, &[open], &[]);
            shards.push(number);
        }
        let accounts = [snapshot, *key, nft.mint, *account];
        let ingest = ix::ingest_positions(domain, payer, snapshot, LEDGER, number, &accounts);
        protocol.must(machine, &[ingest], &[]);
    }
    let shards: Vec<_> = shards
        .iter()
        .map(|number| pda::shard(&snapshot, *number, &payer))
        .collect();
    let seal = ix::seal_snapshot(domain, incident, LEDGER, protocol.total_account, &shards, &[]);
    protocol.must(machine, &[seal], &[]);
}

#[test]
fn the_holders_at_the_freeze_are_paid_at_its_rate() {
    let mut machine = machine();
    let (protocol, positions) = set_up(&mut machine);
    let number_of = |nft: &Nft| (0..COUNT).find(|number| nft.mint == named(&format!("nft {number}")));
    // One was sold in time, and one was burnt.
    let (seller, burner, buyer) = (owner(1), owner(2), keypair("buyer"));
    let of = |number: u64| {
        let found = positions.iter().find(|(_, nft, _)| number_of(nft) == Some(number));
        *found.expect("it is there")
    };
    let (sold_key, sold, from) = of(1);
    let to = sold.account(&mut machine, &buyer.pubkey(), 0);
    sold.transfer(&mut machine, &from, &to, &seller);
    let (burnt_key, burnt, account) = of(2);
    burnt.burn(&mut machine, &account, &burner);

    let incident = protocol.freeze(&mut machine);
    let mut given = positions.clone();
    for (key, _, account) in &mut given {
        if *key == sold_key {
            *account = to;
        }
    }
    read(&mut machine, &protocol, incident, &given);
    // It is sold on. The claim stays the buyer's.
    sold.transfer(&mut machine, &to, &from, &buyer);

    let leaf = |(key, nft, _): &(Pubkey, Nft, Pubkey)| {
        let number = number_of(nft).expect("one of them");
        Position {
            key: *key,
            owner: match number {
                1 => buyer.pubkey(),
                2 => nft.mint,
                _ => owner(number).pubkey(),
            },
            amount: shares(number) * 5 / 2,
        }
    };
    let leaves: Vec<_> = positions.iter().map(leaf).collect();
    let recovery = Recovery::of(protocol, incident, leaves.clone());
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    assert_eq!(sealed.state, snapshot_state::SEALED);
    assert_eq!(
        (sealed.root, sealed.total),
        (recovery.tree.root().hash, recovery.tree.root().sum)
    );
    recovery.restore(&mut machine);
    let total = recovery.tree.root().sum;
    recovery.pay_out(&mut machine, total);

    let mint = recovery.protocol.mint;
    machine.create_associated(&mint, &buyer.pubkey(), 0);
    is_nobodys(&mut machine, &recovery, &burnt_key, &[&burner, &keypair("thief")]);
    for leaf in &leaves {
        if leaf.key == burnt_key {
            continue;
        }
        let before = machine.balance(&associated_token(&leaf.owner, &mint));
        recovery.claim(&mut machine, &leaf.key).expect("the holder's");
        let after = machine.balance(&associated_token(&leaf.owner, &mint));
        assert_eq!(after - before, leaf.amount);
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    }
    assert_eq!(machine.balance(&associated_token(&seller.pubkey(), &mint)), 0);
    let rest = shares(2) * 5 / 2;
    assert_eq!(machine.balance(&recovery.pool()), rest, "what is nobody's stays");
    // Unless somebody has kept the key that the token's mint was made with: then they sign as its address.
    let (keys, args) = recovery.prepare(&machine, &burnt_key);
    let maker = keypair("nft 2");
    assert_eq!(maker.pubkey(), burnt.mint);
    let keys = ix::ClaimKeys {
        owner_signs: true,
        destination: machine.create_associated(&mint, &maker.pubkey(), 0),
        ..keys
    };
    let claim = ix::claim(recovery.keys(), keys, args);
    recovery.protocol.must(&mut machine, &[claim], &[&maker]);
    assert_eq!(machine.balance(&keys.destination), rest);
}

/// Neither who burnt it nor who steps in is paid for it: the owner is the token.
fn is_nobodys(machine: &mut Machine, recovery: &Recovery, key: &Pubkey, hopefuls: &[&Keypair]) {
    let mint = recovery.protocol.mint;
    for hopeful in hopefuls {
        let own = associated_token(&hopeful.pubkey(), &mint);
        if machine.account(&own).is_none() {
            machine.create_associated(&mint, &hopeful.pubkey(), 0);
        }
        let (keys, args) = recovery.prepare(machine, key);
        // To an account of one's own; as if one were the owner; with one's own signature for it.
        let elsewhere = ix::ClaimKeys {
            destination: own,
            ..keys
        };
        let as_owner = ix::ClaimKeys {
            owner: hopeful.pubkey(),
            owner_signs: true,
            ..elsewhere
        };
        let mut claim = |keys: ix::ClaimKeys, args: ClaimArgs, error| {
            let claim = ix::claim(recovery.keys(), keys, args);
            refused(machine.send(&[claim], &[hopeful]), error);
        };
        claim(elsewhere, args.clone(), BulkheadError::OwnerMustSign);
        claim(as_owner, args, BulkheadError::InvalidProof);
        assert_eq!(machine.balance(&own), 0);
    }
}
