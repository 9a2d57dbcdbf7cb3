//! The verbs that operate a domain, each parsed from its command line and run against a prepared world. A recording
//! chain sees which instructions they send or simulate.

mod breakers;
mod command;
#[path = "../common/mod.rs"]
mod common;
mod custody;
mod detectors;
mod guardians;
mod lies;
mod proposals;
mod world;

use std::collections::BTreeSet;

use bulkhead_cli::verbs::operate::Operate;
use clap::{Command, CommandFactory, Parser};

use world::names;

/// The instructions of these topics. Those that only a proposal or the set-up reaches are reached by `execute`.
const REACHED: &[&str] = &[
    "activate_domain",
    "approve",
    "cancel_listed_release",
    "cancel_release",
    "cancel_releases",
    "change_council",
    "close_deposit_note",
    "close_detector",
    "close_lapsed_incident",
    "close_proposal",
    "close_release",
    "confirm_evacuation",
    "confirm_incident",
    "edit_proposal",
    "evacuate",
    "grant_rights",
    "heartbeat",
    "lower_limit",
    "meter_outflow",
    "observe_authority",
    "observe_evacuation_route",
    "observe_price",
    "observe_reference",
    "observe_solvency",
    "open_authority_watch",
    "open_breaker",
    "open_checkpoint_log",
    "open_incident",
    "open_price_breaker",
    "open_solvency_breaker",
    "open_vault",
    "pause",
    "propagate_contagion",
    "propagate_trip",
    "propose",
    "receive_deposit",
    "record_inflow",
    "redirect_release",
    "register_emergency_action",
    "register_evacuation_route",
    "register_ledger",
    "release",
    "reopen",
    "resume",
    "run_emergency_action",
    "run_instruction",
    "set_limit",
    "set_link",
    "settle_release",
    "veto",
    "view_mask",
    "view_outflow",
    "withdraw_approval",
];

#[test]
fn every_instruction_of_these_topics_is_seen_by_a_test() {
    let topics = [
        guardians::SEEN,
        breakers::SEEN,
        detectors::SEEN,
        custody::SEEN,
        proposals::SEEN,
    ];
    let seen: BTreeSet<_> = topics.into_iter().flatten().copied().flatten().collect();
    let missing: Vec<_> = REACHED.iter().filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "no verb sends {missing:?}");
    let known = names();
    assert!(
        REACHED.iter().all(|name| known.values().any(|known| known == name)),
        "an instruction has another name"
    );
}

/// The command line as the verbs see it.
#[derive(Parser)]
#[command(name = "bulkhead")]
pub struct Line {
    #[command(subcommand)]
    pub verb: Operate,
}

/// All commands without subcommands, with their path.
fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    let path = format!("{path} {}", command.get_name());
    let inner: Vec<_> = command.get_subcommands().collect();
    if inner.is_empty() {
        found.push((path.clone(), command.clone()));
    }
    for each in inner {
        leaves(each, &path, found);
    }
}

#[test]
fn the_command_line_is_sound_and_every_verb_says_what_it_does() {
    Line::command().debug_assert();
    let mut found = Vec::new();
    leaves(&Line::command(), "", &mut found);
    assert!(found.len() > 60, "{}", found.len());
    for (path, mut command) in found {
        let help = command.render_long_help().to_string();
        assert!(command.get_about().is_some(), "{path} does not say what it does");
        assert!(help.contains("Example"), "{path} has no example:\n{help}");
        for argument in command.get_arguments() {
            let is_explained = argument.get_help().is_some() || argument.is_global_set();
            assert!(is_explained, "{path}: {} is not explained", argument.get_id());
        }
    }
}
