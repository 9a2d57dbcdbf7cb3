//! What each rule finds, and what it leaves alone.

mod common;

use std::path::Path;

use anchor_lang::prelude::Pubkey;
use bulkhead_sentinel::{config::RuleKind, source::program};
use bulkhead_testbed::keypair;
use bulkhead_tests::detectors::{write, write_host_price, write_program_data};
use solana_signer::Signer;

use common::{Manner, Scene, guardian, treasury, world};

async fn scene(
    folder: &Path,
    more: &str,
    prepare: impl FnOnce(&mut bulkhead_testbed::Machine, &bulkhead_testbed::Protocol),
) -> Scene {
    let (mut machine, protocol, _) = world();
    prepare(&mut machine, &protocol);
    Scene::new(machine, protocol, &guardian(), vec![Manner::Honest; 2], folder, more).await
}

/// Whether a quorum has confirmed something under this rule.
fn found(scene: &Scene, rule: &str) -> Option<String> {
    let cause = scene
        .sentinel
        .causes()
        .iter()
        .find(|cause| cause.rule == rule && cause.confirmed_ts != 0);
    cause.map(|cause| cause.text.clone())
}

fn host() -> Pubkey {
    keypair("some program").pubkey()
}

#[tokio::test]
async fn an_upgrade_is_found_by_slot_code_or_authority() {
    let upgrader = keypair("upgrader").pubkey();
    let data = program::data_of(&host());
    let rule = format!(
        "[[rule]]\nname = \"upgrade\"\nkind = \"upgraded\"\nprograms = [\"{}\"]\n",
        host()
    );
    for (slot, authority) in [(8, Some(upgrader)), (7, Some(keypair("thief").pubkey())), (7, None)] {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = scene(folder.path(), &rule, |machine, _| {
            write_program_data(machine, &data, 7, Some(&upgrader));
        })
        .await;
        scene.warm_up().await;
        assert_eq!(found(&scene, "upgrade"), None);
        write_program_data(&mut scene.chain.machine(), &data, slot, authority.as_ref());
        scene.turns(3).await;
        let text = found(&scene, "upgrade").expect("it is found");
        assert!(text.contains("the program changed"), "{text}");
    }
}

#[tokio::test]
async fn the_code_that_the_file_names_may_be_deployed_again() {
    let upgrader = keypair("upgrader").pubkey();
    let data = program::data_of(&host());
    let folder = tempfile::tempdir().unwrap();
    let digest = |machine: &bulkhead_testbed::Machine| {
        let digest = program::digest(machine.account(&data).unwrap());
        program::Program::of(&digest).unwrap()
    };
    let (mut machine, protocol, _) = world();
    write_program_data(&mut machine, &data, 7, Some(&upgrader));
    let hash: String = digest(&machine).hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let rule = format!(
        "[[rule]]\nname = \"upgrade\"\nkind = \"upgraded\"\nprograms = [\"{}\"]\nhash = \"{hash}\"\nexpect = \"{upgrader}\"\n",
        host()
    );
    let manners = vec![Manner::Honest; 2];
    let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), &rule).await;
    scene.warm_up().await;
    write_program_data(&mut scene.chain.machine(), &data, 9, Some(&upgrader));
    scene.turns(3).await;
    assert_eq!(found(&scene, "upgrade"), None);
    write_program_data(&mut scene.chain.machine(), &data, 10, Some(&keypair("thief").pubkey()));
    scene.turns(3).await;
    assert!(found(&scene, "upgrade").unwrap().contains("should be"));
}

#[tokio::test]
async fn an_authority_that_changes_is_found_in_token_accounts_and_in_fields() {
    let field = keypair("multisig").pubkey();
    let rules = format!(
        "[[rule]]\nname = \"holder\"\nkind = \"authority\"\naccounts = [\"{}\"]\n[[rule]]\nname = \"field\"\nkind = \
         \"authority\"\naccounts = [\"{field}\"]\noffset = 8\n",
        treasury()
    );
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), &rules, |machine, _| {
        write(machine, &field, &host(), [&[1; 8][..], &[2; 32]].concat());
    })
    .await;
    scene.warm_up().await;
    assert_eq!((found(&scene, "holder"), found(&scene, "field")), (None, None));
    // What is beside the field does not matter.
    write(
        &mut scene.chain.machine(),
        &field,
        &host(),
        [&[9; 8][..], &[2; 32]].concat(),
    );
    scene.turns(3).await;
    assert_eq!(found(&scene, "field"), None);
    write(
        &mut scene.chain.machine(),
        &field,
        &host(),
        [&[9; 8][..], &[3; 32]].concat(),
    );
    let thief = keypair("thief").pubkey();
    let mint = scene.protocol.mint;
    scene.machine().create_token_account(&treasury(), &mint, &thief, 1);
    scene.turns(3).await;
    assert!(found(&scene, "holder").unwrap().contains(&thief.to_string()));
    assert!(found(&scene, "field").is_some());
}

#[tokio::test]
async fn an_account_that_shrinks_or_goes_is_found() {
    let books = keypair("books").pubkey();
    let rule = format!("[[rule]]\nname = \"books\"\nkind = \"shrank\"\naccounts = [\"{books}\"]\n");
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), &rule, |machine, _| {
        write(machine, &books, &host(), vec![1; 100])
    })
    .await;
    scene.warm_up().await;
    write(&mut scene.chain.machine(), &books, &host(), vec![1; 200]);
    scene.turns(3).await;
    assert_eq!(found(&scene, "books"), None, "it may grow");
    write(&mut scene.chain.machine(), &books, &host(), vec![1; 199]);
    scene.turns(3).await;
    assert!(found(&scene, "books").unwrap().contains("had 200 bytes and has 199"));
}

#[tokio::test]
async fn a_price_away_from_the_other_source_is_found_while_both_are_fresh() {
    let other = keypair("other price").pubkey();
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, protocol, _) = world();
    let now = machine.clock().unix_timestamp;
    let price = bulkhead_tests::detectors::host_price(&protocol);
    let program = protocol.host_program;
    let write_other = move |machine: &mut bulkhead_testbed::Machine, price: u64, ts: i64| {
        write(
            machine,
            &other,
            &host(),
            [&price.to_le_bytes()[..], &ts.to_le_bytes()].concat(),
        );
    };
    write_host_price(&mut machine, &protocol, 1_000_000, now);
    write_other(&mut machine, 10_000, now);
    let rule = format!(
        "[[rule]]\nname = \"apart\"\nkind = \"price\"\nmax_bps = 100\nmax_age = \"1h\"\n[rule.price]\naccount = \
         \"{price}\"\nprogram = \"{program}\"\nprice_offset = 8\nwidth = 16\nexponent = -6\ntime_offset = \
         24\n[rule.other]\naccount = \"{other}\"\nprogram = \"{}\"\nprice_offset = 0\nexponent = -4\ntime_offset = 8\n",
        host()
    );
    let manners = vec![Manner::Honest; 2];
    let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), &rule).await;
    scene.warm_up().await;
    assert_eq!(found(&scene, "apart"), None);
    write_other(&mut scene.chain.machine(), 10_050, now);
    scene.turns(3).await;
    assert_eq!(found(&scene, "apart"), None, "fifty basis points are in order");
    // Stale: nothing is compared.
    write_other(&mut scene.chain.machine(), 20_000, now - 7_200);
    scene.turns(3).await;
    assert_eq!(found(&scene, "apart"), None);
    write_other(&mut scene.chain.machine(), 9_800, now);
    scene.turns(3).await;
    assert!(found(&scene, "apart").unwrap().contains("100 basis points"));
}

#[tokio::test]
async fn a_canary_that_fails_so_often_in_a_row_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("canary.json");
    let (mut machine, protocol, _) = world();
    let source = machine.create_associated(&protocol.mint, &protocol.operator.pubkey(), 10);
    // A transfer of three tokens from the operator to the treasury, as SPL Token encodes it.
    let canary = serde_json::json!([{
        "program": bulkhead_interface::ids::TOKEN.to_string(),
        "accounts": [
            { "key": source.to_string(), "writable": true },
            { "key": treasury().to_string(), "writable": true },
            { "key": protocol.operator.pubkey().to_string(), "signer": true },
        ],
        "data": "030300000000000000",
    }]);
    std::fs::write(&path, canary.to_string()).unwrap();
    let rule = format!(
        "[[rule]]\nname = \"canary\"\nkind = \"canary\"\nfile = \"{}\"\nevery = \"1s\"\nafter = 3\n",
        path.display()
    );
    let manners = vec![Manner::Honest; 2];
    let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), &rule).await;
    scene.warm_up().await;
    assert_eq!(found(&scene, "canary"), None);
    let mint = scene.protocol.mint;
    let operator = scene.protocol.operator.pubkey();
    scene.machine().create_token_account(&source, &mint, &operator, 2);
    // Every second is every third slot.
    scene.turns(5).await;
    assert_eq!(found(&scene, "canary"), None, "twice may be chance");
    scene.turns(6).await;
    assert!(found(&scene, "canary").is_some());
}

#[test]
fn every_kind_has_a_name() {
    let kinds = [
        RuleKind::Outflow,
        RuleKind::Upgraded,
        RuleKind::Authority,
        RuleKind::Price,
        RuleKind::Shrank,
        RuleKind::Canary,
    ];
    let mut names: Vec<_> = kinds.map(RuleKind::name).into();
    names.dedup();
    assert_eq!(names.len(), kinds.len());
}
