//! The verbs as a command: one JSON value, exit codes, dry runs, and reading without a key.

use bulkhead_guard::action;
use bulkhead_interface::layout::Proposal;
use bulkhead_testbed::{Machine, Protocol, Setup};
use solana_signer::Signer;

use crate::{
    common::{Folder, assert_refused, bulkhead, bulkhead_on, json_of, stderr, stdout},
    world::machine,
};

struct Scene {
    machine: Machine,
    protocol: Protocol,
    domain: String,
    folder: Folder,
}

fn scene() -> Scene {
    let mut machine = machine();
    let protocol = Protocol::set_up(&mut machine, &Setup::default());
    for member in &protocol.members {
        machine.fund(&member.pubkey(), 1_000_000_000);
    }
    Scene {
        machine,
        domain: protocol.domain.to_string(),
        protocol,
        folder: Folder::new(),
    }
}

impl Scene {
    /// Runs a verb on the domain. Returns the number of transactions sent, too.
    fn run(&mut self, words: &[&str]) -> (std::process::Output, u32) {
        let domain = self.domain.clone();
        let arguments = [words, &["--rpc", "URL", "--domain", &domain]].concat();
        bulkhead_on(&mut self.machine, &arguments, "")
    }

    fn member(&self, index: usize) -> String {
        let name = format!("member-{index}.json");
        self.folder.keypair(&name, &self.protocol.members[index])
    }
}

#[test]
fn reading_needs_no_key_and_json_is_one_value() {
    let mut scene = scene();
    let (output, sent) = scene.run(&["status", "--output", "json-compact"]);
    assert_eq!(sent, 0);
    assert_eq!(stdout(&output).lines().count(), 1, "{}", stdout(&output));
    let status = json_of(&output);
    assert_eq!(status["phase"], "operating");
    assert_eq!(status["domain"], scene.domain.as_str());
    let (output, _) = scene.run(&["status"]);
    assert!(stdout(&output).contains(&scene.domain), "{}", stdout(&output));

    let key = scene.member(0);
    for words in [["mask"].as_slice(), &["breaker", "view"]] {
        let without = json_of(&scene.run(&[words, &["--output", "json"]].concat()).0);
        let with = json_of(&scene.run(&[words, &["--output", "json", "-k", &key]].concat()).0);
        assert_eq!(without, with, "the program and the accounts say the same");
    }
    for words in [
        ["council", "show"].as_slice(),
        &["breaker", "list"],
        &["breaker", "show"],
        &["vault", "list"],
        &["route", "show"],
        &["release", "list"],
        &["link", "list"],
        &["emergency", "list"],
        &["proposal", "list"],
    ] {
        json_of(&scene.run(&[words, &["--output", "json"]].concat()).0);
        let (output, sent) = scene.run(words);
        assert!(output.status.success() && sent == 0, "{words:?}: {}", stderr(&output));
        assert!(stdout(&output).ends_with('\n'), "{words:?} does not end its line");
    }
}

#[test]
fn a_dry_run_takes_an_address_and_sends_nothing() {
    let mut scene = scene();
    let guardian = scene.protocol.members[0].pubkey().to_string();
    let words = [
        "pause",
        "--compartment",
        "3",
        "-k",
        &guardian,
        "--dry-run",
        "--output",
        "json",
    ];
    let (output, sent) = scene.run(&words);
    let found = json_of(&output);
    assert_eq!((sent, &found["dry_run"]), (0, &true.into()));
    assert_eq!(found["transactions"][0]["works"], true);
    assert_eq!(scene.protocol.board(&scene.machine).rows[3].guardian_pause, 0);
}

#[test]
fn a_pause_lands_once_and_who_may_not_gets_the_programs_name_for_it() {
    let mut scene = scene();
    let (guardian, vetoer) = (scene.member(0), scene.member(3));
    let (output, sent) = scene.run(&["pause", "--compartment", "3", "-k", &vetoer]);
    assert_refused(&output, "RoleMissing");
    assert_eq!((sent, output.status.code()), (0, Some(3)));
    let words = [
        "pause",
        "--compartment",
        "3",
        "--actions",
        "withdraw",
        "-k",
        &guardian,
        "--output",
        "json",
    ];
    let (output, sent) = scene.run(&words);
    let found = json_of(&output);
    assert_eq!((sent, found["closes"].as_str()), (1, Some("withdraw")));
    assert_eq!(
        scene.protocol.board(&scene.machine).rows[3].guardian_pause,
        action::WITHDRAW
    );
    let (output, sent) = scene.run(&words);
    assert_eq!((sent, &json_of(&output)["skipped"]), (0, &1.into()));
}

#[test]
fn a_proposal_is_shown_before_it_is_made_and_json_does_not_ask() {
    let mut scene = scene();
    let approver = scene.member(0);
    let words = ["propose", "set-limit", "--limit", "250000", "-k", &approver];
    let (output, sent) = scene.run(&[words.as_slice(), &["--output", "json"]].concat());
    assert_refused(&output, "ConfirmationNeeded");
    assert_eq!(sent, 0);
    let (output, sent) = scene.run(&words);
    assert_refused(&output, "NotConfirmed");
    assert_eq!(sent, 0);
    assert!(stdout(&output).contains("LOOSER: "), "{}", stdout(&output));
    let (output, sent) = scene.run(&[words.as_slice(), &["--output", "json", "--yes"]].concat());
    let made = json_of(&output);
    assert_eq!((sent, made["kind"].as_str()), (1, Some("set_limit")));
    let key = made["proposal"]
        .as_str()
        .expect("an address")
        .parse()
        .expect("an address");
    assert_eq!(scene.machine.load::<Proposal>(&key).approvals, 0);
    assert!(stderr(&output).contains("limit: 250000"), "{}", stderr(&output));
}

#[test]
fn a_template_needs_nothing_and_is_what_args_take() {
    let output = bulkhead(&["propose", "grant-rights", "--example"]);
    let text = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(text.contains("// ") && text.contains("\"pause_rights\": 0"), "{text}");
    let example = json_of(&bulkhead(&["propose", "grant-rights", "--example", "--output", "json"]));
    assert_eq!(example["fields"][0]["path"], "member");

    let mut scene = scene();
    let (approver, member) = (scene.member(0), scene.protocol.members[1].pubkey().to_string());
    let filled = text
        .replace("11111111111111111111111111111111", &member)
        .replace("\"pause_rights\": 0", "\"pause_rights\": 1");
    let file = scene.folder.write("rights.json", &filled);
    let words = [
        "propose",
        "grant-rights",
        "--args",
        &file,
        "-k",
        &approver,
        "--yes",
        "--output",
        "json",
    ];
    let (output, sent) = scene.run(&words);
    assert_eq!((sent, json_of(&output)["kind"].as_str()), (1, Some("grant_rights")));
}

#[test]
fn what_is_not_ready_says_so_with_its_own_exit_code() {
    let mut scene = scene();
    let approver = scene.member(0);
    let words = [
        "propose",
        "set-limit",
        "--limit",
        "250000",
        "-k",
        &approver,
        "--yes",
        "--output",
        "json",
    ];
    let made = json_of(&scene.run(&words).0);
    let key = made["proposal"].as_str().expect("an address").to_owned();
    let (output, sent) = scene.run(&["execute", &key, "-k", &approver]);
    assert_refused(&output, "NotYet");
    assert_eq!((sent, output.status.code()), (0, Some(5)));
}
