//! Which command line reaches which instruction, and in which world.
//!
//! `{name}` is an account or an argument of the instruction as it works in that world, by its name in the IDL; `{rest}` are
//! the accounts that the IDL does not name, `{file:NAME}` a file that `files` writes.

/// An instruction, a world, and the command line that reaches the one in the other.
pub struct Line(pub &'static str, pub &'static str, pub &'static str);

/// Runs a matured proposal.
const EXECUTE: &str = "execute {proposal}";

/// One line for every instruction, in the order of an incident.
pub const TABLE: &[Line] = &[
    // Set-up.
    Line("open_domain", "a domain file", "init --config {file:domain}"),
    Line("activate_domain", "activate_domain", "domain activate"),
    Line("open_breaker", "proposed open_breaker", EXECUTE),
    Line("open_vault", "proposed open_vault", EXECUTE),
    Line(
        "register_evacuation_route",
        "proposed register_evacuation_route",
        EXECUTE,
    ),
    Line("register_ledger", "proposed register_ledger", EXECUTE),
    Line("open_checkpoint_log", "proposed open_checkpoint_log", EXECUTE),
    Line("set_limit", "proposed set_limit", EXECUTE),
    Line("open_price_breaker", "proposed open_price_breaker", EXECUTE),
    Line("open_solvency_breaker", "proposed open_solvency_breaker", EXECUTE),
    Line("open_authority_watch", "proposed open_authority_watch", EXECUTE),
    Line("close_detector", "proposed close_detector", EXECUTE),
    Line("set_link", "proposed set_link", EXECUTE),
    // The host's own calls, as an operator can repeat them.
    Line(
        "meter_outflow",
        "meter_outflow",
        "breaker meter {breaker} --amount {amount}",
    ),
    Line(
        "record_inflow",
        "record_inflow",
        "breaker inflow {breaker} --amount {amount}",
    ),
    Line(
        "record_inflow",
        "record_inflow_vault",
        "breaker inflow {breaker} --amount {amount}",
    ),
    Line(
        "receive_deposit",
        "receive_deposit",
        "vault deposit --vault {vault} --amount {amount} --source {source}",
    ),
    Line(
        "release",
        "release",
        "release ask --vault {vault} --destination {destination} --amount {amount} --number {index}",
    ),
    // What anyone looks at.
    Line("observe_reference", "observe_reference", "breaker reference {breaker}"),
    Line("view_outflow", "view_outflow", "breaker view {breaker}"),
    Line("view_mask", "view_mask", "mask --compartment {compartment}"),
    Line(
        "observe_price",
        "observe_price",
        "watch price {breaker} --account {price}",
    ),
    Line("observe_solvency", "observe_solvency", "watch solvency {breaker}"),
    Line("observe_authority", "observe_authority", "watch authority {watch}"),
    Line(
        "observe_evacuation_route",
        "observe_evacuation_route",
        "watch route --vault {vault}",
    ),
    // The emergency.
    Line("pause", "pause", "pause --compartment 3 --actions withdraw"),
    Line("open_incident", "open_incident", "incident open"),
    Line("confirm_incident", "confirm_incident", "confirm"),
    Line("close_lapsed_incident", "close_lapsed_incident", "incident close"),
    Line("propagate_trip", "propagate_trip", "trip {detector}"),
    Line(
        "propagate_contagion",
        "propagate_contagion",
        "link propagate {upstream}",
    ),
    Line("lower_limit", "lower_limit", "breaker lower {breaker} --half"),
    Line("run_emergency_action", "run_emergency_action", "emergency run 0"),
    Line("start_emergency_run", "start_emergency_run", "emergency run 1"),
    Line("run_emergency_step", "run_emergency_step", "emergency run 1"),
    Line(
        "redirect_release",
        "redirect_release",
        "release redirect {release} --destination {destination}",
    ),
    Line("cancel_release", "cancel_release", "release cancel {release}"),
    Line("settle_release", "settle_release", "release settle {release}"),
    Line("close_release", "close_release", "release close {release}"),
    Line(
        "cancel_listed_release",
        "a list of releases",
        "release cancel-listed --list {file:releases}",
    ),
    Line(
        "set_cancel_list",
        "a list of a guardian",
        "release cancel-set --list {file:releases}",
    ),
    Line("take_back_release", "take_back_release", "release take-back {release}"),
    Line("requeue_release", "requeue_release", "release requeue {release}"),
    Line(
        "close_deposit_note",
        "close_deposit_note",
        "vault close-note --vault {vault} --owner {payer}",
    ),
    Line("confirm_evacuation", "confirm_evacuation", "evacuate confirm"),
    Line("evacuate", "evacuate", "evacuate run"),
    Line("evacuate_direct", "evacuate_direct", "evacuate run"),
    Line(
        "confirm_emergency_build",
        "confirm_emergency_build",
        "upgrade confirm {host_program}",
    ),
    Line(
        "deploy_emergency_build",
        "deploy_emergency_build",
        "upgrade deploy {host_program}",
    ),
    // Decisions.
    Line("propose", "propose", "propose grant-rights --args {file:rights}"),
    Line("approve", "approve", "approve {proposal}"),
    Line("withdraw_approval", "withdraw_approval", "withdraw-approval {proposal}"),
    Line(
        "edit_proposal",
        "an open proposal",
        "proposal edit {proposal} --args {file:rights}",
    ),
    Line("veto", "veto", "veto {proposal}"),
    Line("close_proposal", "close_proposal", "proposal close {proposal}"),
    Line("change_council", "change_council", EXECUTE),
    Line("grant_rights", "grant_rights", EXECUTE),
    Line("register_emergency_action", "register_emergency_action", EXECUTE),
    Line("register_emergency_steps", "register_emergency_steps", EXECUTE),
    Line("register_direct_vault", "register_direct_vault", EXECUTE),
    Line("upgrade_host", "upgrade_host", EXECUTE),
    Line("register_emergency_build", "register_emergency_build", EXECUTE),
    Line("run_instruction", "run_instruction", EXECUTE),
    Line("cancel_releases", "cancel_releases", EXECUTE),
    Line("override_seal", "override_seal", EXECUTE),
    Line("choose_restoration", "choose_restoration", EXECUTE),
    Line("redirect_claims", "redirect_claims", EXECUTE),
    Line("resume", "resume", EXECUTE),
    Line("reopen", "reopen", EXECUTE),
    Line("heartbeat", "a quiet member", "heartbeat"),
    // Checkpoints.
    Line(
        "post_checkpoint",
        "post_checkpoint",
        "checkpoint post --folder {file:checkpoint-of-1000}",
    ),
    Line(
        "attest_checkpoint",
        "attest_checkpoint",
        "checkpoint attest {slot} --hash {hash}",
    ),
    Line(
        "prove_leaf",
        "prove_leaf",
        "checkpoint prove-leaf {slot} --proof {file:leaf}",
    ),
    Line(
        "contest_checkpoint",
        "contest_checkpoint",
        "checkpoint contest {first} {second} --shards {file:shards}",
    ),
    Line(
        "contest_node",
        "contest_node",
        "checkpoint contest-node {slot} {file:node}",
    ),
    Line(
        "dispute_checkpoint",
        "dispute_checkpoint",
        "checkpoint dispute {evidence}",
    ),
    Line(
        "close_evidence",
        "close_evidence",
        "checkpoint close-evidence {evidence}",
    ),
    Line(
        "publish_leaves",
        "publish_leaves",
        "checkpoint publish {slot} --folder {file:checkpoint-of-one}",
    ),
    Line(
        "finish_publication",
        "finish_publication",
        "checkpoint finish-publication {slot} {number} --folder {file:checkpoint-of-one}",
    ),
    Line("sample_position", "sample_position", "checkpoint sample {position}"),
    Line(
        "compare_sample",
        "compare_sample",
        "checkpoint compare {sample} --first {first} --folder {file:checkpoint-of-one}",
    ),
    Line(
        "compare_sample",
        "a sampled checkpoint",
        "checkpoint compare {sample} --folder {file:checkpoint-of-one}",
    ),
    Line("close_sample", "close_sample", "checkpoint close-sample {sample}"),
    Line(
        "open_checkpoint_snapshot",
        "open_checkpoint_snapshot",
        "checkpoint open-snapshot {slot} --shards {file:shards}",
    ),
    Line(
        "open_checkpoint_shard",
        "an honest checkpoint",
        "checkpoint open-shard {slot} --folder {file:checkpoint-of-one}",
    ),
    Line(
        "void_checkpoint_snapshot",
        "void_checkpoint_snapshot",
        "checkpoint void {snapshot}",
    ),
    // Snapshots.
    Line("open_snapshot", "open_snapshot", "snapshot open"),
    Line("open_snapshot", "open_snapshot", "snapshot crank"),
    Line("open_shard", "open_shard", "snapshot open-shard {number}"),
    Line("open_shard", "open_shard", "snapshot crank"),
    Line("ingest_positions", "ingest_positions", "snapshot ingest {rest}"),
    Line("ingest_positions", "ingest_positions", "snapshot crank"),
    Line(
        "ingest_export",
        "ingest_export",
        "snapshot ingest {rest} --ledger-index 1",
    ),
    Line("seal_snapshot", "seal_snapshot", "snapshot seal"),
    Line("seal_snapshot", "seal_snapshot", "snapshot crank"),
    Line("close_shard", "close_shard", "snapshot close-shard {shard}"),
    // The vote.
    Line("open_vote_custody", "open_vote_custody", "vote custody"),
    Line("open_escrow", "open_escrow", "vote escrow"),
    Line(
        "deposit_votes",
        "deposit_votes",
        "vote deposit {amount} --source {source}",
    ),
    Line("open_ballot", "open_ballot", "ballot open"),
    Line("open_ballot", "open_ballot", "ballot run"),
    Line("add_candidate", "add_candidate", "ballot add {snapshot}"),
    Line("start_voting", "start_voting", "ballot start"),
    Line("start_voting", "start_voting", "ballot run"),
    Line("start_voting", "start_voting_weighed", "ballot start"),
    Line("renew_ballot", "renew_ballot", "ballot renew"),
    Line("renew_ballot", "renew_ballot_veto", "ballot veto"),
    Line("cast_vote", "cast_vote", "vote cast {choice}"),
    Line("cast_vote", "cast_vote", "vote {choice}"),
    Line("cast_vote", "cast_vote_noting", "vote note {weight}"),
    Line("cast_vote", "cast_vote_weight", "vote cast {choice} --weight {weight}"),
    Line("close_vote_record", "close_vote_record", "vote close {voter}"),
    Line(
        "withdraw_votes",
        "withdraw_votes",
        "vote withdraw {amount} --destination {destination}",
    ),
    // The restoration.
    Line("choose_restoration", "choose_restoration", "execute {proposal}"),
    Line(
        "fund_restoration",
        "fund_restoration",
        "fund {amount} --source {source}",
    ),
    Line(
        "fund_from_recovery_account",
        "fund_from_recovery_account",
        "fund --from-recovery",
    ),
    Line("share_out", "share_out", "share"),
    Line("open_claim_page", "open_claim_page", "claim open-page {page}"),
    Line(
        "claim",
        "claim_64",
        "claim --position {key} --folder {file:snapshot-of-64}",
    ),
    Line(
        "claim_elsewhere",
        "claim_elsewhere",
        "claim {owner} --folder {file:snapshot-of-64}",
    ),
    Line("return_surplus", "return_surplus", "surplus"),
    Line(
        "claim_batch",
        "claim_batch",
        "claim --all --folder {file:snapshot-of-64}",
    ),
    Line("wish_claims", "wish_claims", "claim wish --let {to}"),
    Line(
        "consume_claim",
        "consume_claim",
        "claim consume {key} --to {destination} --folder {file:snapshot-of-64}",
    ),
    Line("close_claim_page", "close_claim_page", "claim close-page"),
    // Interim claims.
    Line("set_interim_rule", "proposed set_interim_rule", EXECUTE),
    Line("open_interim", "open_interim", "interim open"),
    Line("fund_interim", "fund_interim", "interim open"),
    Line(
        "open_interim_page",
        "open_interim_page",
        "interim open-page {of} {page}",
    ),
    Line(
        "prove_interim_leaf",
        "an interim share-out",
        "interim claim --position {key} --folder {file:interim-snapshot} --checkpoint-folder {file:interim-checkpoint}",
    ),
    Line(
        "claim_interim",
        "an interim share-out",
        "interim claim --position {key} --folder {file:interim-snapshot} --checkpoint-folder {file:interim-checkpoint}",
    ),
    Line("stop_interim_claim", "stop_interim_claim", "interim stop {position}"),
    Line("return_interim", "return_interim", "interim return"),
    Line(
        "close_interim_proof",
        "close_interim_proof",
        "interim close-proof {proof}",
    ),
    // The escape, the end of claims and the restart gate.
    Line("set_recovery_rules", "set_recovery_rules", EXECUTE),
    Line("set_ballot_rules", "set_ballot_rules", EXECUTE),
    Line("open_escape", "open_escape", "escape"),
    Line("fund_from_custody", "fund_from_custody", "fund --from-custody"),
    Line("set_claim_terms", "set_claim_terms", EXECUTE),
    Line("extend_claims", "extend_claims", EXECUTE),
    Line("sweep_unclaimed", "sweep_unclaimed", "sweep"),
    Line("close_restoration", "close_restoration", "sweep --close"),
    Line("record_restart_check", "record_restart_check", "restart-check"),
    Line("override_restart_check", "override_restart_check", EXECUTE),
    // Insurance.
    Line("open_insurance", "proposed open_insurance", EXECUTE),
    Line("stake", "stake", "insurance stake {amount} --source {source}"),
    Line(
        "pay_premium",
        "pay_premium",
        "insurance premium {amount} --source {source}",
    ),
    Line("start_cooldown", "start_cooldown", "insurance cooldown {shares}"),
    Line(
        "unstake",
        "unstake",
        "insurance unstake {shares} --destination {destination}",
    ),
    Line("note_incident", "note_incident", "insurance crank"),
    Line("state_shortfall", "state_shortfall", "insurance crank"),
    Line("slash", "slash", "insurance crank"),
    Line("return_recovered", "return_recovered", "insurance crank"),
];
