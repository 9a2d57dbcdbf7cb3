//! The files that command lines name: snapshot folders, proofs, shards and nodes, as the prepared world has them.

use std::{fs, path::PathBuf};

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use bulkhead_client::bulkhead::{self, instruction, instructions::ShardSummary};
use bulkhead_interface::{ID, layout::Node};
use bulkhead_snapshot::{BuildOptions, Position, Silent, Source, TagInputs, build};
use bulkhead_tests::recovery::{of_a_program, positions};
use serde_json::{Value, json};
use solana_instruction::Instruction;

use super::{common::Folder, idl::hex, line::Values};

/// Writes what `{file:NAME}` stands for, and gives its path.
pub fn write(name: &str, folder: &Folder, instruction: &Instruction, values: &Values) -> String {
    match name {
        "checkpoint-of-1000" => {
            let leaf = Position {
                key: Pubkey::new_from_array([7; 32]),
                owner: Pubkey::new_from_array([8; 32]),
                amount: 1_000,
            };
            checkpoint(folder, values, vec![leaf])
        }
        "checkpoint-of-one" => checkpoint(folder, values, positions(1)),
        "snapshot-of-64" => {
            let tag = TagInputs::new(ID, values.key("snapshot"), 0);
            snapshot(folder, tag, of_a_program(positions(64), 63))
        }
        "interim-snapshot" => {
            let tag = TagInputs::new(ID, values.key("snapshot"), 0);
            snapshot_at(folder, "after", tag, positions(8))
        }
        "interim-checkpoint" => {
            let slot = values.get("slot").parse().expect("a slot");
            let tag = TagInputs::checkpoint(ID, values.key("log"), 0, slot);
            snapshot_at(folder, "before", tag, positions(8))
        }
        "verifying-key" => verifying_key(folder, instruction),
        "proved-page" => proved_page(folder, instruction),
        "shards" => shards(folder, instruction),
        "leaf" => leaf(folder, instruction),
        "node" => node(folder, instruction),
        "rights" => rights(folder, values),
        "releases" => folder.write(
            "list.txt",
            &format!("{} {}\n", values.get("release"), values.get("slot")),
        ),
        "domain" => domain(folder, values),
        other => panic!("no file is called {other}"),
    }
}

fn checkpoint(folder: &Folder, values: &Values, leaves: Vec<Position>) -> String {
    let slot = values.get("slot").parse().expect("a slot");
    snapshot(folder, TagInputs::checkpoint(ID, values.key("log"), 0, slot), leaves)
}

/// Builds a snapshot folder.
pub fn snapshot(folder: &Folder, tag: TagInputs, leaves: Vec<Position>) -> String {
    snapshot_at(folder, "built", tag, leaves)
}

fn snapshot_at(folder: &Folder, name: &str, tag: TagInputs, leaves: Vec<Position>) -> String {
    let row = |leaf: &Position| format!("{},{},{}\n", leaf.key, leaf.owner, leaf.amount);
    let rows: String = leaves.iter().map(row).collect();
    let rows = folder.write("positions.csv", &format!("key,owner,amount\n{rows}"));
    let out = PathBuf::from(folder.path(name));
    if out.exists() {
        fs::remove_dir_all(&out).expect("it is this test's own");
    }
    let options = BuildOptions {
        tag,
        slot: tag.checkpoint_slot,
        ledger: None,
        threads: 1,
        progress: &Silent,
    };
    let source = Source::at(&PathBuf::from(rows)).expect("a table");
    build(&[source], &out, &options).expect("the positions of a ledger");
    out.to_str().expect("a path in UTF-8").to_owned()
}

/// The shards that the instruction states.
fn shards(folder: &Folder, instruction: &Instruction) -> String {
    let mut data = instruction.data.get(8..).expect("a discriminator");
    let shards: Vec<ShardSummary> = match instruction::OpenCheckpointSnapshot::deserialize(&mut data) {
        Ok(open) if data.is_empty() => open.shards,
        _ => {
            let mut data = instruction.data.get(8..).expect("a discriminator");
            let contest = instruction::ContestCheckpoint::deserialize(&mut data).expect("a contest");
            contest.shards.expect("a contest with shards")
        }
    };
    let shard =
        |shard: &ShardSummary| json!({"root": hex(&shard.root), "sum": shard.sum.to_string(), "count": shard.count});
    let list: Vec<_> = shards.iter().map(shard).collect();
    folder.write("shards.json", &json!({ "shards": list }).to_string())
}

/// The leaf that the instruction proves.
fn leaf(folder: &Folder, instruction: &Instruction) -> String {
    let args = arguments::<instruction::ProveLeaf>(instruction).args;
    let text = json!({
        "index": args.index,
        "key": args.key.to_string(),
        "owner": args.owner.to_string(),
        "amount": args.amount.to_string(),
        "siblings": siblings(&args.proof),
    });
    folder.write("leaf.json", &text.to_string())
}

/// The node that the instruction contests.
fn node(folder: &Folder, instruction: &Instruction) -> String {
    let args = arguments::<instruction::ContestNode>(instruction).args;
    let text = json!({
        "path": args.path,
        "sum": args.sum.to_string(),
        "preimage": hex(&args.preimage),
        "siblings": siblings(&args.proof),
    });
    folder.write("node.json", &text.to_string())
}

fn siblings(proof: &[u8]) -> Vec<Value> {
    let nodes = proof.chunks_exact(40).map(bytemuck::pod_read_unaligned::<Node>);
    nodes
        .map(|node| json!({"hash": hex(&node.hash), "sum": node.sum.to_string()}))
        .collect()
}

/// Pause rights for whoever proposes them.
fn rights(folder: &Folder, values: &Values) -> String {
    let text = json!({"member": values.get("proposer"), "pause_rights": 1});
    folder.write("rights.json", &text.to_string())
}

/// A domain of three members, without vaults.
fn domain(folder: &Folder, values: &Values) -> String {
    let policies = ["loosen", "constitution", "custody", "restoration"];
    let policy =
        |name: &&str| format!("{name} = {{ threshold = 2, delay_seconds = 86400, expiry_seconds = 1209600 }}\n");
    let policies: String = policies.iter().map(policy).collect();
    let member = |number: u8| {
        let key = Pubkey::new_from_array([number; 32]);
        format!("[[council.members]]\nkey = \"{key}\"\nroles = [\"guardian\", \"approver\", \"vetoer\"]\n")
    };
    let members: String = (1..4).map(member).collect();
    let text = format!(
        r#"host_program = "{host}"
governance_mint = "{mint}"
vote_seconds = 259200
quorum_bps = 1000
activate = false
[council]
freeze_threshold = 2
pause_rights = 3
veto_rights = 3
guardian_pause_seconds = 21600
trip_seconds = 259200
heartbeat_seconds = 2592000
guardian_pauses_per_day = 3
guardian_pauses_in_a_row = 2
fallback = "{fallback}"
fallback_seconds = 2592000
[council.policies]
{policies}{members}"#,
        host = values.get("operator"),
        mint = values.get("governance_mint"),
        fallback = Pubkey::new_from_array([9; 32]),
    );
    folder.write("domain.toml", &text)
}

/// The arguments of an instruction.
pub fn arguments<T: AnchorDeserialize>(instruction: &Instruction) -> T {
    assert_eq!(instruction.program_id, bulkhead::ID);
    let mut data = instruction.data.get(8..).expect("a discriminator");
    T::deserialize(&mut data).expect("its arguments")
}

/// The key that the instruction registers, as `bulkhead-prover` writes it.
fn verifying_key(folder: &Folder, instruction: &Instruction) -> String {
    let mut arguments = instruction.data.get(8..).expect("arguments");
    let register = instruction::RegisterVerifyingKey::deserialize(&mut arguments).expect("a key");
    let points = &register.key.points;
    let part = |from: usize, length: usize| hex(&points[from..from + length]);
    let key = json!({
        "schema_version": 1, "set_up": "insecure", "page_size": register.key.page_size, "id": hex(&register.args.id),
        "alpha_g1": part(0, 64), "beta_g2": part(64, 128), "gamma_g2": part(192, 128), "delta_g2": part(320, 128),
        "ic_g1": [part(448, 64), part(512, 64)],
    });
    folder.write("key.json", &key.to_string())
}

/// The page that the instruction brings, as `bulkhead-prover` writes it.
fn proved_page(folder: &Folder, instruction: &Instruction) -> String {
    let mut arguments = instruction.data.get(8..).expect("arguments");
    let page = instruction::ProvePage::deserialize(&mut arguments)
        .expect("a page")
        .args;
    let page = json!({ "schema_version": 1, "after": hex(&page.after), "proof": hex(&page.proof) });
    folder.write("page.json", &page.to_string())
}
