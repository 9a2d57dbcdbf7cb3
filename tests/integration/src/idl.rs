//! The program's interface as its IDL tells it, and which accounts of it are the caller's own choice.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use bulkhead_interface::ProposalKind;
use serde_json::Value;

/// Accounts that are the caller's own choice: any other account of the kind does as well.
const FREE: &[(&str, &[&str])] = &[
    ("", &["payer"]),
    // Anchor's event CPI names its own program; the runtime finds it wherever it stands.
    ("", &["program"]),
    ("open_domain", &["setup_authority", "governance_mint"]),
    ("open_escrow", &["voter"]),
    ("open_shard", &["cranker"]),
    // A shard that is open is closed without its snapshot.
    ("close_shard", &["receiver", "snapshot"]),
    ("deposit_votes", &["source"]),
    ("withdraw_votes", &["destination"]),
    ("fund_restoration", &["source", "funder"]),
    ("release", &["destination"]),
    // The record is only looked at when there is something to queue.
    ("release", &["release"]),
    // The owner's own choice.
    ("redirect_release", &["destination"]),
    // The owner's own account; the token program asks whose it is.
    ("receive_deposit", &["source"]),
    // Anyone opens a ballot, holds it again, and puts the incident's own snapshot on it.
    ("open_ballot", &["member"]),
    ("renew_ballot", &["member"]),
    ("add_candidate", &["member"]),
    // Any board may be looked at.
    ("view_mask", &["board"]),
    // Whom the owner or the terms let consume a claim chooses where it is paid.
    ("consume_claim", &["destination"]),
    // The owner's own account; the token program asks whose it is.
    ("stake", &["source"]),
    ("unstake", &["destination"]),
    ("pay_premium", &["source", "funder"]),
    // Registered after set-up, when anyone may execute a matured proposal.
    ("register_emergency_action", &["authority"]),
    ("register_emergency_steps", &["authority"]),
    ("register_direct_vault", &["authority"]),
    ("register_emergency_build", &["authority"]),
    ("set_recovery_rules", &["authority"]),
    ("set_claim_terms", &["authority"]),
    ("set_ballot_rules", &["authority"]),
    // A plug-in's record is known by its contents: wherever else the plug-in writes the same, it counts as well.
    ("cast_vote", &["weight"]),
    // Any buffer of the domain with the build that was decided.
    ("upgrade_host", &["authority", "buffer"]),
    ("deploy_emergency_build", &["buffer"]),
];

/// Accounts that need not be there yet: an address with nothing in it says that there is none.
const NOT_YET_THERE: &[(&str, &str)] = &[("release", "note")];

/// One account of an instruction.
#[derive(Clone)]
pub struct Account {
    pub name: String,
    pub is_signer: bool,
    pub is_optional: bool,
}

/// The IDL.
pub struct Idl {
    /// Accounts by instruction, in order.
    pub instructions: BTreeMap<String, Vec<Account>>,
    /// Error numbers the program names.
    pub errors: BTreeSet<u32>,
}

impl Idl {
    /// Reads it.
    ///
    /// # Panics
    /// When it is not there: run `make idl`.
    #[must_use]
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl/bulkhead.json");
        let text = std::fs::read_to_string(&path).expect("run `make idl`");
        let idl: Value = serde_json::from_str(&text).expect("the IDL is JSON");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let instructions = list(&idl["instructions"]).into_iter().map(|instruction| {
            let mut accounts = Vec::new();
            flatten(&list(&instruction["accounts"]), &mut accounts);
            (text_of(&instruction["name"]), accounts)
        });
        Self {
            instructions: instructions.collect(),
            errors: list(&idl["errors"])
                .iter()
                .filter_map(|error| error["code"].as_u64().and_then(|code| u32::try_from(code).ok()))
                .collect(),
        }
    }
}

/// Does any other account of the kind do as well?
#[must_use]
pub fn is_free(instruction: &str, account: &str) -> bool {
    let is_listed = FREE
        .iter()
        .any(|(name, accounts)| (name.is_empty() || *name == instruction) && accounts.contains(&account));
    // Anyone may execute what takes a matured proposal always.
    let needs_proposal = ProposalKind::all().any(|kind| kind.name() == instruction && kind.needs_proposal());
    is_listed || needs_proposal && account == "authority"
}

/// Does an address with nothing in it say that there is none yet?
#[must_use]
pub fn may_be_missing(instruction: &str, account: &str) -> bool {
    NOT_YET_THERE.contains(&(instruction, account))
}

/// Accounts in order, those of composite structs in place.
fn flatten(list: &[Value], into: &mut Vec<Account>) {
    for item in list {
        match item["accounts"].as_array() {
            Some(inner) => flatten(inner, into),
            None => into.push(Account {
                name: text_of(&item["name"]),
                is_signer: item["signer"].as_bool().unwrap_or(false),
                is_optional: item["optional"].as_bool().unwrap_or(false),
            }),
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
