//! Deposits, releases, their queue, and evacuations.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_core::token;
use bulkhead_interface::{
    constants::{release_state, vault_state},
    layout::{Release, Vault},
};
use bulkhead_testbed::{DELAY_SECONDS, Setup, associated_token, keypair};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::world::World;

const DEPOSITING: &[&str] = &["close_deposit_note", "receive_deposit", "release"];
const RELEASING: &[&str] = &["close_release", "redirect_release", "settle_release"];
const CANCELLING: &[&str] = &["approve", "cancel_listed_release", "cancel_release", "cancel_releases"];
const EVACUATING: &[&str] = &["confirm_evacuation", "evacuate"];

/// The instructions that each of these tests has to see.
pub const SEEN: &[&[&str]] = &[DEPOSITING, RELEASING, CANCELLING, EVACUATING];

/// A user with a token account.
fn user(name: &str) -> (Keypair, Pubkey) {
    (keypair(name), keypair(&format!("{name}'s wallet")).pubkey())
}

/// A protocol, and a user with 50,000 tokens.
fn world() -> World {
    // What waits here latches nothing.
    let setup = Setup {
        trip_limit: 1_000_000,
        ..Setup::default()
    };
    World::with(&setup, |machine, protocol| {
        let (owner, wallet) = user("user");
        machine.create_token_account(&wallet, &protocol.mint, &owner.pubkey(), 50_000);
        vec![owner]
    })
}

fn balance(world: &World, key: &Pubkey) -> u64 {
    let account = world.machine().account(key).expect("a token account");
    token::amount(&account.data).expect("an amount")
}

fn release(world: &World, number: u64) -> (Pubkey, Option<Release>) {
    let key = pda::release(&world.protocol.vault.vault, number);
    let found = world.machine().try_load(&key);
    (key, found)
}

/// Asks for an amount as the operator.
fn ask(world: &World, amount: u64, number: u64) -> Pubkey {
    let (_, wallet) = user("user");
    let (wallet, amount, number_text) = (wallet.to_string(), amount.to_string(), number.to_string());
    let words = [
        "release",
        "ask",
        "--destination",
        &wallet,
        "--amount",
        &amount,
        "--number",
        &number_text,
    ];
    world.must(world.protocol.operator.pubkey(), &words);
    release(world, number).0
}

#[test]
fn a_deposit_is_noted_and_its_note_closed_once_it_covers_nothing() {
    let world = world();
    let (owner, wallet) = user("user");
    let wallet_text = wallet.to_string();
    let words = ["vault", "deposit", "--amount", "20000", "--source", &wallet_text];
    world.must(owner.pubkey(), &words);
    assert_eq!(
        (balance(&world, &wallet), balance(&world, &world.protocol.custody())),
        (30_000, 1_020_000)
    );
    let words = ["vault", "deposit", "--amount", "30001", "--source", &wallet_text];
    world.refused(owner.pubkey(), &words, "BalanceTooSmall");
    // The associated token account does not exist.
    world.refused(
        owner.pubkey(),
        &["vault", "deposit", "--amount", "1"],
        "BalanceTooSmall",
    );
    world.refused(owner.pubkey(), &["vault", "close-note"], "NoteInForce");
    world.must(world.anyone(), &["vault", "list"]);
    // What was deposited leaves again without being counted.
    let asker = owner.pubkey().to_string();
    let words = [
        "release",
        "ask",
        "--destination",
        &wallet_text,
        "--amount",
        "15000",
        "--number",
        "1",
        "--asker",
        &asker,
    ];
    world.must(world.protocol.operator.pubkey(), &words);
    assert_eq!(balance(&world, &wallet), 45_000);
    world.machine().warp_seconds(2 * 3_600);
    world.must(world.anyone(), &["vault", "close-note", "--owner", &asker]);
    let note = pda::deposit_note(&world.protocol.vault.vault, &owner.pubkey());
    assert!(world.machine().account(&note).is_none(), "the note is still there");
    world.refused(world.anyone(), &["vault", "close-note", "--owner", &asker], "NotFound");
    world.saw(DEPOSITING);
}

#[test]
fn a_release_is_paid_at_once_or_waits_and_is_settled_to_who_owns_it() {
    let world = world();
    let (owner, wallet) = user("user");
    ask(&world, 10_000, 0);
    assert_eq!(balance(&world, &wallet), 60_000);
    assert!(release(&world, 0).1.is_none(), "what was paid at once has no record");
    let waiting = ask(&world, 80_000, 1);
    assert_eq!(balance(&world, &wallet), 60_000);
    let text = waiting.to_string();
    world.must(world.anyone(), &["release", "list"]);
    world.refused(world.anyone(), &["release", "settle", &text], "ReleaseNotPayable");
    world.refused(world.anyone(), &["release", "close", &text], "ReleaseStillQueued");

    let other = associated_token(&owner.pubkey(), &world.protocol.mint);
    world
        .machine()
        .create_token_account(&other, &world.protocol.mint, &owner.pubkey(), 0);
    let destination = other.to_string();
    let words = ["release", "redirect", &text, "--destination", &destination];
    world.refused(world.anyone(), &words, "NotReleaseOwner");
    world.must(owner.pubkey(), &words);
    assert_eq!(release(&world, 1).1.expect("it waits").destination, other);

    world.machine().warp_seconds(80 * 3_600);
    world.must(world.anyone(), &["release", "settle", &text]);
    let paid = balance(&world, &other);
    assert!(paid > 0, "nothing was paid");
    // The rest, as far as every slot leaves room.
    world.must(world.anyone(), &["release", "settle"]);
    assert_eq!(balance(&world, &other), 80_000);
    world.must(world.anyone(), &["release", "close", &text]);
    assert!(release(&world, 1).1.is_none(), "the record is still there");
    let words = [
        "release",
        "ask",
        "--destination",
        &destination,
        "--amount",
        "1",
        "--number",
        "9",
    ];
    world.refused(world.anyone(), &words, "NotOperator");
    world.saw(RELEASING);
}

#[test]
fn a_release_is_cancelled_by_a_guardian_in_time_and_by_a_list_at_any_time() {
    let world = world();
    let folder = std::env::temp_dir().join(format!("bulkhead-verbs-a-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let list = folder.join(format!("list-{:p}.txt", &world));
    let list = list.to_str().expect("a path").to_owned();
    let (first, second) = (ask(&world, 70_000, 1), ask(&world, 70_000, 2));
    let (first_text, second_text) = (first.to_string(), second.to_string());
    world.refused(world.member(0), &["release", "cancel", &first_text], "IncidentNotOpen");
    world.must(
        world.anyone(),
        &["release", "draw-up", &first_text, &second_text, "--list", &list],
    );
    world.refused(
        world.anyone(),
        &["release", "draw-up", &first_text, "--list", &list],
        "NotWritten",
    );
    world.refused(
        world.anyone(),
        &["release", "cancel-listed", "--list", &list],
        "ReleaseNotListed",
    );

    let vault = world.protocol.vault.vault.to_string();
    world.must(
        world.member(0),
        &["propose", "cancel-releases", "--vault", &vault, "--list", &list],
    );
    let proposal = pda::proposal(&world.protocol.domain, &world.member(0), 0).to_string();
    world.must(world.member(0), &["approve", &proposal]);
    world.must(world.member(1), &["approve", &proposal]);
    world.machine().warp_seconds(DELAY_SECONDS);
    world.must(world.anyone(), &["execute", &proposal]);
    world.must(world.anyone(), &["release", "cancel-listed", "--list", &list]);
    for number in [1, 2] {
        assert_eq!(
            release(&world, number).1.expect("a record").state,
            release_state::CANCELLED
        );
    }
    // Run again, everything is done.
    world.must(world.anyone(), &["release", "cancel-listed", "--list", &list]);

    let third = ask(&world, 70_000, 3).to_string();
    world.must(world.member(0), &["incident", "open"]);
    world.must(world.member(0), &["release", "cancel", &third]);
    assert_eq!(release(&world, 3).1.expect("a record").state, release_state::CANCELLED);
    world.refused(world.member(0), &["release", "cancel", &third], "ReleaseNotQueued");
    std::fs::remove_file(&list).expect("the list was there");
    world.saw(CANCELLING);
}

#[test]
fn custody_moves_to_its_routes_once_enough_guardians_have_confirmed() {
    let world = world();
    world.refused(world.member(0), &["evacuate", "confirm"], "WrongPhase");
    world.must(world.member(0), &["confirm"]);
    world.must(world.member(1), &["confirm"]);
    world.refused(world.anyone(), &["evacuate", "run"], "NotYet");
    world.must(world.member(0), &["evacuate", "confirm"]);
    world.must(world.member(1), &["evacuate", "confirm"]);
    world.must(world.anyone(), &["evacuate", "run"]);
    assert_eq!(balance(&world, &world.protocol.custody()), 0);
    assert_eq!(balance(&world, &world.protocol.recovery_account), 1_000_000);
    let vault: Vault = world.machine().load(&world.protocol.vault.vault);
    assert_eq!(vault.state, vault_state::EVACUATED);
    // Run again, everything is done.
    world.must(world.anyone(), &["evacuate", "run"]);
    let (_, wallet) = user("user");
    let wallet = wallet.to_string();
    let words = [
        "release",
        "ask",
        "--destination",
        &wallet,
        "--amount",
        "1",
        "--number",
        "9",
    ];
    world.refused(world.protocol.operator.pubkey(), &words, "VaultEvacuated");
    world.saw(EVACUATING);
}
