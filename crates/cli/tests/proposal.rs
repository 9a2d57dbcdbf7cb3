//! `bulkhead proposal` on the built program: what is shown is what is approved, and nothing else can be.

mod common;

use bulkhead_client::bulkhead::instructions::{RegisterEvacuationRouteArgs, SetLimitArgs};
use bulkhead_client::pda;
use bulkhead_interface::{
    ID,
    layout::{OutflowBreaker, Proposal},
};
use bulkhead_testbed::{DELAY_SECONDS, Machine, Protocol, Setup, deploy_dir, keypair};
use serde_json::json;
use solana_account::Account;
use solana_signer::Signer;

use common::{Folder, account_json, assert_refused, bulkhead, bulkhead_on, json_of, stderr, stdout};

struct Scene {
    machine: Machine,
    protocol: Protocol,
    proposal: anchor_lang::prelude::Pubkey,
    address: String,
    folder: Folder,
}

/// A protocol with a proposal for a higher limit.
fn scene() -> Scene {
    let mut machine = Machine::new(&deploy_dir(), &[(ID, "bulkhead")]).expect("the programs are built");
    let protocol = Protocol::set_up(&mut machine, &Setup::default());
    let breaker = protocol.vault.breaker;
    let before: OutflowBreaker = machine.load(&breaker);
    let args = SetLimitArgs {
        breaker,
        limit: 123_456_789,
        slot_limit: 7_654_321,
        limit_bps: before.limit_bps,
        slot_bps: before.slot_bps,
        inflow_credit: before.inflow_credit,
        trip_limit: 0,
        trip_bps: 0,
    };
    let proposal = protocol.propose(&mut machine, &args);
    for member in &protocol.members {
        machine.fund(&member.pubkey(), 1_000_000_000);
    }
    Scene {
        machine,
        protocol,
        proposal,
        address: proposal.to_string(),
        folder: Folder::new(),
    }
}

impl Scene {
    fn member(&self, index: usize) -> String {
        self.folder
            .keypair(&format!("member-{index}.json"), &self.protocol.members[index])
    }

    fn show(&mut self, more: &[&str]) -> std::process::Output {
        let arguments = [["proposal", "show", &self.address, "--rpc", "URL"].as_slice(), more].concat();
        let (output, sent) = bulkhead_on(&mut self.machine, &arguments, "");
        assert_eq!(sent, 0);
        output
    }

    fn approve(&mut self, index: usize, more: &[&str], typed: &str) -> (std::process::Output, u32) {
        let keypair = self.member(index);
        let arguments = [
            "proposal",
            "approve",
            &self.address,
            "--rpc",
            "URL",
            "--keypair",
            &keypair,
        ];
        bulkhead_on(&mut self.machine, &[&arguments, more].concat(), typed)
    }

    fn state(&self) -> Proposal {
        self.machine.load(&self.proposal)
    }
}

#[test]
fn a_proposal_is_told_in_words() {
    let mut scene = scene();
    let text = stdout(&scene.show(&[]));
    let member = scene.protocol.members[0].pubkey().to_string();
    for part in [
        "set_limit",
        "limit: 123456789",
        "slot_limit: 7654321",
        "collecting approvals",
        "custody",
        "by 0 eligible of 2 required",
        "changes   LOOSER: limit per window: 100000 (0.1 of ",
        ") -> 123456789 (123.456789 of ",
        "veto      until execution",
        "(in 7 days)",
        &member,
        &scene.protocol.vault.breaker.to_string(),
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let printed = json_of(&scene.show(&["--output", "json"]));
    assert_eq!(printed["payload"]["kind"], "set_limit");
    assert_eq!(printed["payload"]["limit"], "123456789");
    assert_eq!(printed["changes"][0]["direction"], "looser");
    assert_eq!(printed["threshold"], 2);
    assert_eq!(printed["expires_ts"], scene.state().expires_ts);
}

#[test]
fn approvals_veto_and_time_are_followed() {
    let mut scene = scene();
    let (output, sent) = scene.approve(0, &["--yes", "--output", "json"], "");
    let printed = json_of(&output);
    assert_eq!((sent, &printed["approvals"]), (1, &json!(1)));
    assert!(printed["signature"].is_string() && printed["eta"].is_null());
    let (output, sent) = scene.approve(1, &[], "yes\n");
    assert!(output.status.success() && sent == 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("limit: 123456789") && stdout(&output).contains("approved  "));
    assert_eq!(scene.state().approvals, 0b11);

    let printed = json_of(&scene.show(&["--output", "json"]));
    assert_eq!(printed["state"], "approved, waiting out its delay");
    assert_eq!(printed["eta"], scene.state().approved_ts + DELAY_SECONDS);
    scene.machine.warp_seconds(DELAY_SECONDS);
    assert!(stdout(&scene.show(&[])).contains("state     ready to run"));
    scene.machine.warp_seconds(8 * 86_400);
    assert!(stdout(&scene.show(&[])).contains("state     expired"));
    assert_refused(&scene.approve(2, &["--yes"], "").0, "Expired");
}

#[test]
fn a_vetoed_proposal_is_dead() {
    let mut scene = scene();
    let (domain, vetoer) = (scene.protocol.domain, scene.protocol.members[3].pubkey());
    let veto = bulkhead_client::instructions::veto(domain, vetoer, scene.proposal);
    scene
        .protocol
        .must(&mut scene.machine, &[veto], &[&scene.protocol.members[3]]);
    assert!(stdout(&scene.show(&[])).contains("state     vetoed"));
    let (output, sent) = scene.approve(0, &["--yes"], "");
    assert_eq!(sent, 0);
    assert_refused(&output, "NotOpen");
}

#[test]
fn nothing_is_sent_without_a_yes() {
    let mut scene = scene();
    for typed in ["", "no\n", "y\n", "YES\n"] {
        let (output, sent) = scene.approve(0, &[], typed);
        assert_eq!(sent, 0, "{typed}");
        assert_refused(&output, "NotConfirmed");
        assert!(
            stdout(&output).contains("limit: 123456789"),
            "the payload is shown first"
        );
    }
    let (output, sent) = scene.approve(0, &["--output", "json"], "yes\n");
    assert_eq!(sent, 0);
    assert_refused(&output, "ConfirmationNeeded");
    let (output, sent) = scene.approve(0, &["--dry-run"], "");
    assert!(output.status.success() && sent == 0, "{}", stderr(&output));
    let (output, sent) = scene.approve(0, &["--dry-run", "--output", "json"], "");
    assert_eq!(json_of(&output)["would_send"]["program"], ID.to_string());
    assert_eq!((sent, scene.state().approvals), (0, 0));
}

#[test]
fn only_approvers_approve_and_only_once() {
    let mut scene = scene();
    assert_refused(&scene.approve(3, &["--yes"], "").0, "NotAnApprover");
    assert!(scene.approve(0, &["--yes"], "").0.status.success());
    let (output, sent) = scene.approve(0, &["--yes"], "");
    assert_eq!(sent, 0);
    assert_refused(&output, "AlreadyApproved");
    let stranger = scene.folder.keypair("stranger.json", &keypair("stranger"));
    let arguments = [
        "proposal",
        "approve",
        &scene.address,
        "--rpc",
        "URL",
        "--keypair",
        &stranger,
        "--yes",
    ];
    let (output, _) = bulkhead_on(&mut scene.machine, &arguments, "");
    assert_refused(&output, "NotAnApprover");
}

/// A node that lies about the payload: what is shown would not be what is approved.
#[test]
fn a_forged_payload_is_never_shown_nor_approved() {
    let mut scene = scene();
    let mut account = scene.machine.account(&scene.proposal).expect("the proposal");
    let last = account.data.len() - 1;
    account.data[last] ^= 1;
    scene.machine.write_account(&scene.proposal, account);
    assert_refused(&scene.show(&[]), "PayloadMismatch");
    let (output, sent) = scene.approve(0, &["--yes"], "");
    assert_eq!(sent, 0);
    assert_refused(&output, "PayloadMismatch");
}

#[test]
fn an_account_in_a_file_is_enough() {
    let mut scene = scene();
    let route = RegisterEvacuationRouteArgs {
        vault: scene.protocol.vault.vault,
        destination: scene.protocol.recovery_account,
    };
    let proposal = scene.protocol.propose(&mut scene.machine, &route);
    let account = |key| account_json(&scene.machine.account(key).expect("an account"));
    let text = json!({ "pubkey": proposal.to_string(), "account": account(&proposal) }).to_string();
    let file = scene.folder.write("proposal.json", &text);
    let council = account(&pda::council(&scene.protocol.domain));
    let council = scene
        .folder
        .write("council.json", &json!({ "account": council }).to_string());
    let printed = json_of(&bulkhead(&["proposal", "show", "--file", &file, "--output", "json"]));
    assert_eq!(
        printed["payload"]["destination"],
        scene.protocol.recovery_account.to_string()
    );
    assert_eq!(
        (&printed["threshold"], &printed["address"]),
        (&json!(null), &json!(proposal.to_string()))
    );
    let arguments = ["proposal", "show", "--file", &file, "--council-file", &council];
    let text = stdout(&bulkhead(&arguments));
    assert!(
        text.contains("by 0 of 2 required") && text.contains("register_evacuation_route"),
        "{text}"
    );

    let other = scene
        .folder
        .write("council-as-proposal.json", &scene.folder.read("council.json"));
    assert_refused(&bulkhead(&["proposal", "show", "--file", &other]), "NotAProposal");
    let broken = scene.folder.write("broken.json", "{}");
    assert_refused(&bulkhead(&["proposal", "show", "--file", &broken]), "NotAnAccount");
    assert_refused(
        &bulkhead(&["proposal", "show", "--file", "/nowhere.json"]),
        "NotReadable",
    );
}

#[test]
fn what_is_not_there_is_named() {
    let mut scene = scene();
    assert_refused(&bulkhead(&["proposal", "show", &scene.address]), "NoCluster");
    scene.address = keypair("nothing").pubkey().to_string();
    assert_refused(&scene.show(&[]), "NoSuchProposal");
    scene.address = scene.protocol.mint.to_string();
    assert_refused(&scene.show(&[]), "NotAProposal");
    let arguments = ["proposal", "show", &scene.address, "--rpc", "http://127.0.0.1:1"];
    assert_refused(&bulkhead(&arguments), "RpcUnreachable");
}

/// What `spl-token authorize` would do, asked of the domain: shown by name, compared, and tried.
#[test]
fn an_instruction_is_told_by_what_it_does_and_tried() {
    use anchor_spl::token::spl_token::{ID as TOKEN, instruction as spl};
    let mut scene = scene();
    let (domain, thief) = (scene.protocol.domain, scene.protocol.members[1].pubkey());
    let treasury = bulkhead_testbed::keypair("treasury").pubkey();
    scene
        .machine
        .create_token_account(&treasury, &scene.protocol.mint, &domain, 1_000);
    let owner = spl::AuthorityType::AccountOwner;
    let steal = spl::set_authority(&TOKEN, &treasury, Some(&thief), owner, &domain, &[]).expect("well formed");
    let stored = bulkhead_client::instructions::stored(&steal);
    let proposal = scene.protocol.propose(&mut scene.machine, &stored);
    scene.address = proposal.to_string();
    let text = stdout(&scene.show(&[]));
    let says = format!("token program: SETS the account ownership of {treasury} TO {thief}");
    assert!(
        text.contains(&format!("changes   LOOSER: the domain: signs -> {says}")),
        "{text}"
    );
    assert!(text.contains(&format!("does: {says}")), "{text}");
    assert!(text.contains("trial     works now"), "{text}");
    // Nothing of it happened.
    let printed = json_of(&scene.show(&["--output", "json"]));
    assert_eq!(printed["trial"]["works"], true);
    // Emptied and closed by somebody else meanwhile: the trial says that it fails.
    scene.machine.write_account(&treasury, Account::default());
    let text = stdout(&scene.show(&[]));
    assert!(text.contains("trial     FAILS now"), "{text}");
}
