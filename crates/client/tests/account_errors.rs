//! What Anchor refuses of an account is said in words that name the account and the next step.

use std::path::Path;

use bulkhead_client::{bulkhead, chain::ChainError};
use serde_json::Value;

fn refused(account: &str, number: u32, error: &str) -> ChainError {
    let logs = [
        format!("Program {} invoke [1]", bulkhead::ID),
        format!(
            "Program log: AnchorError caused by account: {account}. Error Code: {error}. Error Number: {number}. Error \
             Message: The given account is owned by a different program than expected."
        ),
        format!("Program {} failed: custom program error: {number:#x}", bulkhead::ID),
    ];
    ChainError::program(number, &logs)
}

/// Names of the accounts of every instruction that a caller may get wrong.
fn accounts(of: &Value, names: &mut Vec<String>) {
    for account in of.as_array().into_iter().flatten() {
        if account.get("accounts").is_some() {
            accounts(&account["accounts"], names);
        } else if account.get("signer").is_none() && account.get("address").is_none() {
            names.push(account["name"].as_str().expect("a name").to_owned());
        }
    }
}

fn first_line(error: &ChainError) -> String {
    error.to_string().lines().next().expect("a line").to_owned()
}

#[test]
fn each_account_of_each_instruction_is_named_with_what_to_do_next() {
    let idl = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl/bulkhead.json");
    let idl: Value = serde_json::from_str(&std::fs::read_to_string(idl).expect("the IDL")).expect("JSON");
    let mut names = Vec::new();
    for instruction in idl["instructions"].as_array().expect("a list") {
        accounts(&instruction["accounts"], &mut names);
    }
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 30, "{names:?}");
    for name in &names {
        for (number, error) in [(3007, "AccountOwnedByWrongProgram"), (3012, "AccountNotInitialized")] {
            let printed = first_line(&refused(name, number, error));
            let (what, next) = printed.split_once("; ").expect("what to do next");
            assert!(what.starts_with(&format!("{error} ({number}): the ")), "{printed}");
            assert!(
                what.contains("does not exist on this cluster") && next.len() > 15,
                "{printed}"
            );
            assert!(!printed.contains("The given account"), "{printed}");
        }
    }
}

#[test]
fn the_accounts_that_users_meet_have_their_own_next_step() {
    for (account, what, next) in [
        ("escrow", "the voter's escrow", "vote deposit"),
        ("votes", "the domain's token account for votes", "vote deposit"),
        ("ballot", "the ballot", "ballot open"),
        ("snapshot", "the snapshot", "snapshot crank"),
        ("log", "the checkpoint log", "propose open-checkpoint-log"),
        ("migration", "the evacuation", "evacuate confirm"),
        ("proposal", "the proposal", "proposal list"),
        ("release", "the queued release", "release list"),
        ("restoration", "the restoration", "bulkhead status"),
        ("source", "the token account that pays", "create it"),
        ("domain", "the domain", "bulkhead init"),
        // One that this version does not know.
        ("novelty", "the account `novelty`", "is the address right"),
    ] {
        let printed = first_line(&refused(account, 3012, "AccountNotInitialized"));
        assert!(printed.contains(&format!("{what} does not exist")), "{printed}");
        assert!(printed.contains(next), "{printed}");
    }
}

#[test]
fn what_is_wrong_with_an_account_follows_from_anchors_number() {
    for (number, error, wanted) in [
        (2001, "ConstraintHasOne", "is not the one that belongs here"),
        (2006, "ConstraintSeeds", "is not the one that belongs here"),
        (2012, "ConstraintAddress", "is not the one that belongs here"),
        (3002, "AccountDiscriminatorMismatch", "of another kind"),
        (3003, "AccountDidNotDeserialize", "of another kind"),
        (3012, "AccountNotInitialized", "does not exist"),
    ] {
        let printed = refused("escrow", number, error).to_string();
        assert!(
            printed.contains("the voter's escrow") && printed.contains(wanted),
            "{printed}"
        );
    }
    // What is not about an account keeps Anchor's words.
    let printed = refused("escrow", 3010, "AccountNotSigner").to_string();
    assert!(printed.contains("The given account"), "{printed}");
}

#[test]
fn without_logs_the_number_is_explained_all_the_same() {
    let printed = ChainError::program(3012, &[]).to_string();
    assert!(
        printed.contains("AccountNotInitialized") && printed.contains("does not exist"),
        "{printed}"
    );
}

/// Another Anchor program's accounts have other names and other next steps.
#[test]
fn other_programs_are_not_explained() {
    let logs = [
        "Program log: AnchorError caused by account: escrow. Error Code: AccountNotInitialized. Error Number: 3012. \
         Error Message: The program expected this account to be already initialized."
            .to_owned(),
        "Program Stake11111111111111111111111111111111111111 failed: custom program error: 0xbc4".to_owned(),
    ];
    let printed = ChainError::program(3012, &logs).to_string();
    assert!(
        printed.contains("The program expected") && !printed.contains("vote deposit"),
        "{printed}"
    );
}

#[test]
fn an_account_that_exists_already_is_named() {
    let logs = [
        "Create Account: account Address { address: 7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2, base: None } already \
         in use"
            .to_owned(),
        "Program 11111111111111111111111111111111 failed: custom program error: 0x0".to_owned(),
    ];
    let printed = ChainError::program(0, &logs).to_string();
    assert!(
        printed.starts_with("AccountInUse (0): the account 7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2 exists"),
        "{printed}"
    );
}
