//! The help of every verb: what it does, and an example that parses.

use clap::{Command, CommandFactory};

use super::bench::Cli;

/// Every command without subcommands, and those that are verbs beside theirs.
fn verbs(command: &Command, path: &str, into: &mut Vec<(String, Command)>) {
    for own in command.get_subcommands() {
        let path = format!("{path} {}", own.get_name());
        if !own.is_subcommand_required_set() {
            into.push((path.clone(), own.clone()));
        }
        verbs(own, &path, into);
    }
}

#[test]
fn every_verb_has_an_example_that_parses() {
    let root = Cli::command();
    root.clone().debug_assert();
    let mut all = Vec::new();
    verbs(&root, "bulkhead", &mut all);
    let of_files =
        ["collect", "build", "verify", "prove", "diff", "serve"].map(|name| format!("bulkhead snapshot {name}"));
    let mut examples = 0;
    for (path, command) in all.iter().filter(|(path, _)| !of_files.contains(path)) {
        assert!(command.get_about().is_some(), "{path} does not say what it does");
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().map(str::trim).filter(|line| line.starts_with("bulkhead "));
        let lines: Vec<_> = lines.collect();
        assert!(!lines.is_empty(), "{path} has no example");
        for line in lines {
            assert!(line.starts_with(path), "{path} shows `{line}`");
            // An address in place of each name of one.
            let words = line.split_whitespace().map(|word| match word {
                "DIR" => word.to_owned(),
                word if word.len() > 3 && word.chars().all(|letter| letter.is_ascii_uppercase()) => "1".repeat(32),
                word => word.to_owned(),
            });
            let parsed = root.clone().try_get_matches_from(words);
            assert!(parsed.is_ok(), "`{line}`: {}", parsed.expect_err("it is not ok"));
            examples += 1;
        }
    }
    assert!(examples > 30, "only {examples} examples");
}
