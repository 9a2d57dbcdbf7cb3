//! `bulkhead proof show`: the key in force, the ledgers that need a proof, and how far each statement is.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    payload::{hex, set_of},
    pda,
    watch::Kind,
};
use bulkhead_interface::{
    constants::{SHARDS, proof_flag},
    layout::{ProofCheck, ProofRules, ProofRun, StateProof},
};
use serde_json::json;

use crate::{
    context::Context,
    verbs::{
        find::{Site, all, quiet},
        words,
    },
};

pub(super) async fn show(context: &Context) -> anyhow::Result<()> {
    let site = Site::of(context).await?;
    let rules: Option<ProofRules> = quiet(context)?.find(&pda::proof_rules(&site.key)).await?;
    let chain = context.chain()?;
    let proofs: Vec<(Pubkey, StateProof)> = all(chain, Kind::StateProof, &site.key).await?;
    let checks: Vec<(Pubkey, ProofCheck)> = all(chain, Kind::ProofCheck, &site.key).await?;
    let mut runs: Vec<(Pubkey, ProofRun)> = vec![];
    for (key, _) in &proofs {
        runs.extend(all::<ProofRun>(chain, Kind::ProofRun, key).await?);
    }
    let Some(rules) = rules else {
        return context.print(&json!(null), || {
            "no ledger needs a proof of state; `bulkhead propose register-verifying-key` begins with the key\n".into()
        });
    };
    let is_insecure = rules.flags & proof_flag::INSECURE != 0;
    let ended = |proof: &StateProof| proof.ended.map(u16::count_ones);
    let value = json!({
        "key": hex(&rules.key),
        "is_insecure": is_insecure,
        "ledgers": set_of(&rules.ledgers),
        "statements": proofs.iter().map(|(key, proof)| json!({
            "proof": key.to_string(),
            "incident": proof.incident.to_string(),
            "ledger_index": proof.ledger_index,
            "pool": proof.pools[0].to_string(),
            "owed": proof.totals[1].to_string(),
            "shards_ended": ended(proof),
        })).collect::<Vec<_>>(),
        "runs": runs.iter().map(|(key, run)| json!({
            "run": key.to_string(),
            "proof": run.proof.to_string(),
            "prover": run.prover.to_string(),
            "role": run.role,
            "shard": run.shard,
        })).collect::<Vec<_>>(),
        "checks": checks.iter().map(|(_, check)| json!({
            "incident": check.incident.to_string(),
            "ledger_index": check.ledger_index,
            "successor": check.successor.to_string(),
            "pool": check.pool.to_string(),
            "is_insecure": check.flags & proof_flag::INSECURE != 0,
            "is_overridden": check.flags & proof_flag::OVERRIDDEN != 0,
        })).collect::<Vec<_>>(),
    });
    context.print(&value, || {
        let mut text = format!(
            "key {}{}\nledgers that need a proof: {}\n",
            hex(&rules.key),
            if is_insecure {
                ", MADE BY ONE PARTY, who can prove anything"
            } else {
                ""
            },
            set_of(&rules.ledgers)
        );
        let rows: Vec<_> = proofs
            .iter()
            .map(|(key, proof)| {
                let [chosen, successor] = ended(proof);
                vec![
                    key.to_string(),
                    proof.ledger_index.to_string(),
                    format!("{chosen} of {SHARDS}"),
                    format!("{successor} of {SHARDS}"),
                ]
            })
            .collect();
        if !rows.is_empty() {
            text += &words::table(&["statement", "ledger", "chosen", "successor"], &rows);
        }
        let rows: Vec<_> = runs
            .iter()
            .map(|(key, run)| {
                vec![
                    key.to_string(),
                    run.prover.to_string(),
                    run.role.to_string(),
                    run.shard.to_string(),
                ]
            })
            .collect();
        if !rows.is_empty() {
            text += &words::table(&["run", "prover", "role", "shard"], &rows);
        }
        text
    })
}
