//! What custody has seen an owner bring in leaves again without filling the window: on the built program. A thief who would
//! turn notes of deposits into stolen tokens.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022;
use bulkhead::error::BulkheadError;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::verdict,
    layout::{DepositNote, OutflowBreaker},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, token_2022, world, world_with};
use solana_keypair::Keypair;
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const WINDOW: i64 = 3_600;
/// As long as the window remembers.
const MEMORY: i64 = WINDOW + WINDOW / 12;

fn breaker(machine: &Machine, protocol: &Protocol) -> OutflowBreaker {
    machine.load(&protocol.vault.breaker)
}

/// What fills the window.
fn filled(machine: &Machine, protocol: &Protocol) -> u64 {
    breaker(machine, protocol).outflow
}

struct Owner {
    key: Keypair,
    wallet: Pubkey,
}

fn owner(machine: &mut Machine, protocol: &Protocol, name: &str, tokens: u64) -> Owner {
    let key = keypair(name);
    machine.fund(&key.pubkey(), 1_000_000_000);
    let wallet = machine.create_associated(&protocol.mint, &key.pubkey(), tokens);
    Owner { key, wallet }
}

fn deposit(machine: &mut Machine, protocol: &Protocol, owner: &Owner, amount: u64) {
    let key = owner.key.pubkey();
    let deposit = ix::receive_deposit(protocol.vault, key, owner.wallet, key, amount);
    protocol.must(machine, &[deposit], &[&owner.key]);
}

fn release(machine: &mut Machine, protocol: &Protocol, asker: &Owner, to: Pubkey, amount: u64, index: u64) -> u8 {
    let (operator, payer) = (protocol.operator.pubkey(), machine.payer.pubkey());
    let release = ix::release_to(protocol.vault, operator, (asker.key.pubkey(), to), payer, amount, index);
    protocol.must(machine, &[release], &[&protocol.operator]).return_data[0]
}

#[test]
fn what_came_in_leaves_to_its_owner_without_filling_the_window() {
    let (mut machine, protocol) = world();
    let alice = owner(&mut machine, &protocol, "alice", 50_000);
    deposit(&mut machine, &protocol, &alice, 50_000);
    let note: DepositNote = machine.load(&pda::deposit_note(&protocol.vault.vault, &alice.key.pubkey()));
    assert_eq!((note.owner, note.entries[0].amount), (alice.key.pubkey(), 50_000));
    assert_eq!(machine.balance(&protocol.custody()), 1_050_000);
    let wallet = alice.wallet;
    assert_eq!(
        release(&mut machine, &protocol, &alice, wallet, 30_000, 1),
        verdict::ALLOWED
    );
    assert_eq!(filled(&machine, &protocol), 0);
    // Beyond what is left of it, the window counts.
    assert_eq!(
        release(&mut machine, &protocol, &alice, wallet, 30_000, 2),
        verdict::ALLOWED
    );
    assert_eq!(filled(&machine, &protocol), 10_000);
}

#[test]
fn what_is_fresh_and_is_to_go_elsewhere_waits() {
    let (mut machine, protocol) = world();
    let alice = owner(&mut machine, &protocol, "alice", 10);
    let bob = receiver(&mut machine, &protocol, "bob");
    deposit(&mut machine, &protocol, &alice, 10);
    assert_eq!(release(&mut machine, &protocol, &alice, bob, 10, 1), verdict::QUEUED);
    assert_eq!((machine.balance(&bob), filled(&machine, &protocol)), (0, 0));
    machine.warp_seconds(MEMORY);
    assert_eq!(release(&mut machine, &protocol, &alice, bob, 10, 2), verdict::ALLOWED);
}

#[test]
fn a_note_is_of_one_vault_and_no_other_account_passes_for_it() {
    let (mut machine, protocol) = world();
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let alice = owner(&mut machine, &other, "alice", 10);
    deposit(&mut machine, &other, &alice, 10);
    let user = receiver(&mut machine, &protocol, "user");
    let (operator, payer) = (protocol.operator.pubkey(), machine.payer.pubkey());
    let sound = ix::release_to(protocol.vault, operator, (alice.key.pubkey(), user), payer, 5, 1);
    for wrong in [
        pda::deposit_note(&other.vault.vault, &alice.key.pubkey()),
        protocol.vault.vault,
        protocol.custody(),
    ] {
        let mut spoilt = sound.clone();
        spoilt.accounts[11].pubkey = wrong;
        refused(
            machine.send(&[spoilt], &[&protocol.operator]),
            BulkheadError::ForeignAccount,
        );
    }
    // Where nothing was brought in there is no note, and the window counts.
    protocol.must(&mut machine, &[sound], &[&protocol.operator]);
    assert_eq!(filled(&machine, &protocol), 5);
}

#[test]
fn a_note_ends_with_the_window_and_gives_its_rent_back() {
    let (mut machine, protocol) = world();
    let alice = owner(&mut machine, &protocol, "alice", 10);
    deposit(&mut machine, &protocol, &alice, 10);
    let key = alice.key.pubkey();
    let close = ix::close_deposit_note(protocol.vault, &key, key);
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::NoteInForce,
    );
    machine.warp_seconds(MEMORY);
    let mut elsewhere = close.clone();
    elsewhere.accounts[3].pubkey = machine.payer.pubkey();
    refused(machine.send(&[elsewhere], &[]), BulkheadError::ForeignAccount);
    protocol.must(&mut machine, &[close], &[]);
    assert!(
        machine
            .account(&pda::deposit_note(&protocol.vault.vault, &key))
            .is_none()
    );
}

#[test]
fn deposits_after_an_evacuation_are_refused_and_only_the_owners_tokens_move() {
    let (mut machine, protocol) = world();
    let alice = owner(&mut machine, &protocol, "alice", 10);
    let key = alice.key.pubkey();
    let mut unsigned = ix::receive_deposit(protocol.vault, key, alice.wallet, machine.payer.pubkey(), 10);
    unsigned.accounts[0].is_signer = false;
    assert!(machine.send(&[unsigned], &[]).is_err());
    let nothing = ix::receive_deposit(protocol.vault, key, alice.wallet, key, 0);
    refused(machine.send(&[nothing], &[&alice.key]), BulkheadError::ZeroAmount);
    let mut own = ix::receive_deposit(protocol.vault, key, alice.wallet, key, 1);
    own.accounts[4].pubkey = protocol.custody();
    refused(machine.send(&[own], &[&alice.key]), BulkheadError::WrongDestination);
}

/// The thief has the host: it signs for the vault. It brings tokens in by one name, takes them out by another, keeps the
/// notes and takes all there is when the window has forgotten: never more than T at a time.
#[test]
fn a_thief_makes_nothing_of_notes() {
    let (mut machine, protocol) = world_with(&Setup {
        slot_limit: LIMIT,
        trip_limit: u64::MAX,
        ..Setup::default()
    });
    let thief = owner(&mut machine, &protocol, "thief", 10 * LIMIT);
    let attacker_tokens = receiver(&mut machine, &protocol, "attacker_tokens");
    let (operator, payer) = (protocol.operator.pubkey(), machine.payer.pubkey());
    let mut index = 0;
    // When, what it took, what it brought in.
    let mut moves = vec![];
    for round in 0..40_u64 {
        machine.warp_seconds(WINDOW / 12 * i64::try_from(1 + round % 3).unwrap());
        let has = |machine: &Machine| machine.balance(&thief.wallet) + machine.balance(&attacker_tokens);
        let mut brought = 0;
        if round % 4 == 0 {
            brought = LIMIT / 2;
            deposit(&mut machine, &protocol, &thief, brought);
        }
        let before = has(&machine);
        // By another name, as a host that lies about who asks may.
        for amount in [LIMIT, LIMIT / 3, LIMIT / 10] {
            let release = ix::release(protocol.vault, operator, payer, attacker_tokens, amount, index);
            protocol.must(&mut machine, &[release], &[&protocol.operator]);
            index += 1;
        }
        // And what the note still covers.
        release(&mut machine, &protocol, &thief, thief.wallet, LIMIT / 4, index);
        index += 1;
        moves.push((machine.clock().unix_timestamp, has(&machine) - before, brought));
    }
    assert!(
        moves.iter().any(|(_, took, _)| *took > LIMIT / 2),
        "it takes what it can"
    );
    // What it takes within any window, beyond what it brought in then and within a window before.
    for (from, ..) in &moves {
        let inside = moves.iter().filter(|(ts, ..)| (*from..=from + WINDOW).contains(ts));
        let took: u64 = inside.map(|(_, took, _)| took).sum();
        let near = moves
            .iter()
            .filter(|(ts, ..)| (from - MEMORY..=from + WINDOW).contains(ts));
        let brought: u64 = near.map(|(.., brought)| brought).sum();
        assert!(took <= LIMIT + brought, "{took} of {LIMIT} and {brought} from {from}");
    }
}

/// A fee of one percent since epoch 0, without a maximum, that nobody can change.
fn fixed_fee() -> Vec<u8> {
    let mut config = [&[0; 32][..], &[7; 32], &[0; 8]].concat();
    for _ in 0..2 {
        config.extend_from_slice(&[&[0; 8][..], &u64::MAX.to_le_bytes(), &100_u16.to_le_bytes()].concat());
    }
    config
}

/// Whatever the token withholds on the way is in no note, so what leaves by one never is more than what came.
#[test]
fn a_note_of_a_token_with_a_fee_covers_what_arrived() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let mint = token_2022::mint(&mut machine, "a mint with a fee", &[(1, &fixed_fee())]);
    let vault = token_2022::vault(&mut machine, &protocol, mint, spl_token_2022::ID);
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    let alice = keypair("alice");
    let owner = alice.pubkey();
    machine.fund(&owner, 1_000_000_000);
    // With the extension that keeps what was withheld.
    let at = keypair("alice's tokens").pubkey();
    let wallet = token_2022::account(&mut machine, at, &mint, &owner, 10_000, &[(2, &[0; 8])]);
    let (custody, payer) = (pda::custody(&vault.vault), machine.payer.pubkey());
    let deposit = |amount| ix::receive_deposit(vault, owner, wallet, owner, amount);
    let ask = |amount, index| ix::release_to(vault, protocol.operator.pubkey(), (owner, wallet), payer, amount, index);
    let filled = |machine: &Machine| machine.load::<OutflowBreaker>(&vault.breaker).outflow;

    protocol.must(&mut machine, &[deposit(10_000)], &[&alice]);
    let note: DepositNote = machine.load(&pda::deposit_note(&vault.vault, &owner));
    assert_eq!(note.entries[0].amount, 9_900);
    assert_eq!(machine.balance(&custody), 1_009_900);
    let outcome = protocol.must(&mut machine, &[ask(9_900, 1)], &[&protocol.operator]);
    assert_eq!((outcome.return_data[0], filled(&machine)), (verdict::ALLOWED, 0));
    assert_eq!(
        (machine.balance(&custody), machine.balance(&wallet)),
        (1_000_000, 9_801)
    );

    // Who asks for all that was sent is paid the fee out of what is others', and that is counted.
    protocol.must(&mut machine, &[deposit(5_000)], &[&alice]);
    let outcome = protocol.must(&mut machine, &[ask(5_000, 2)], &[&protocol.operator]);
    assert_eq!((outcome.return_data[0], filled(&machine)), (verdict::ALLOWED, 50));
    assert_eq!(machine.balance(&custody), 1_000_000 - 50);
}
