//! Every command that the pages show is one: clap parses those of `bulkhead` as they stand, and targets, scripts, verbs
//! and options that are named exist. What commands do, `scripts/localnet-hour.sh` and `init/pages.rs` show.

use std::{fs, path::PathBuf};

use bulkhead_cli::command_line::Cli;
use clap::{Arg, Command, CommandFactory};

/// What the pages may show besides the project's own commands.
const OF_A_SHELL: [&str; 5] = ["alias", "anchor", "cargo", "cd", "curl"];

/// Programs that are not part of this package. `crates/sentinel/tests/pages.rs` parses the sentinel's lines.
const ELSEWHERE: [&str; 2] = ["bulkhead-prover", "bulkhead-sentinel"];

/// Verbs that a page says do not exist yet.
const NOT_YET: [&str; 1] = ["prove"];

fn checkout(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(checkout(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> Command {
    let mut root = Cli::command();
    root.build();
    root
}

/// Names and texts of the pages.
fn pages() -> Vec<(String, String)> {
    let docs = fs::read_dir(checkout("docs")).expect("a folder").map(|file| {
        let name = file.expect("a file").file_name();
        format!("docs/{}", name.to_string_lossy())
    });
    let others = ["README.md", "CONTRIBUTING.md", "app/client/README.md"].map(str::to_owned);
    let names = docs.chain(others).filter(|name| name.ends_with(".md"));
    names.map(|name| (name.clone(), read(&name))).collect()
}

/// The lines of the blocks that name no language, which are commands; and those outside of blocks.
fn split(text: &str) -> (Vec<String>, Vec<&str>) {
    let (mut commands, mut prose, mut block) = (vec![], vec![], None);
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), block) {
            (Some(language), None) => block = Some(language.is_empty() || language == "sh"),
            (Some(_), Some(_)) => block = None,
            (None, Some(true)) => commands.push(line),
            (None, Some(false)) => {}
            (None, None) => prose.push(line),
        }
    }
    let whole = commands.join("\n").replace("\\\n", " ");
    let whole = whole.lines().map(str::trim).filter(|line| !line.is_empty());
    (whole.map(str::to_owned).collect(), prose)
}

/// A placeholder's value. Addresses are most of them.
fn filled(word: &str) -> String {
    let is_name = word.len() > 1 && word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    match word {
        "SLOT" | "NUMBER" => "7".to_owned(),
        "SHELL" => "bash".to_owned(),
        "HEX" => "0".repeat(64),
        "URL" => "https://rpc.example".to_owned(),
        _ if is_name || word == "N" => "1".repeat(32),
        _ => word.to_owned(),
    }
}

/// What is wrong with a line of a block.
fn fault(root: &Command, line: &str) -> Option<String> {
    let line = line.split(" #").next()?;
    let words: Vec<_> = line
        .split_whitespace()
        .take_while(|word| ![">", "|"].contains(word))
        .collect();
    match words.split_first()? {
        // The alias of the pages: with a configuration file.
        (&("bulkhead" | "b"), rest) => {
            let typed = ["bulkhead".to_owned()]
                .into_iter()
                .chain(rest.iter().map(|word| filled(word)));
            root.clone()
                .try_get_matches_from(typed)
                .err()
                .map(|error| error.to_string())
        }
        (&"make", rest) => fault_of_make(rest),
        (&"npm", rest) => fault_of_npm(rest),
        (program, _) => {
            let is_known = OF_A_SHELL.contains(program) || ELSEWHERE.contains(program);
            (!is_known).then(|| "no command; a block that shows none names its language, such as `text`".to_owned())
        }
    }
}

/// A target, and the variables that it is given.
fn fault_of_make(words: &[&str]) -> Option<String> {
    let makefile = read("Makefile");
    let mut words = words.iter().peekable();
    if words.next_if(|word| **word == "-C").is_some() {
        words.next();
    }
    let target = words.next()?;
    if !makefile.lines().any(|line| line.starts_with(&format!("{target}:"))) {
        return Some(format!("no target {target}"));
    }
    let given = words.filter_map(|word| word.split_once('=')).map(|(name, _)| name);
    let unknown = given
        .filter(|name| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_'))
        .find(|name| !makefile.contains(&format!("$({name})")) && !makefile.contains(&format!(" {name}=")))?;
    Some(format!("the Makefile has no variable {unknown}"))
}

/// A script of one of the packages.
fn fault_of_npm(words: &[&str]) -> Option<String> {
    let script = match words {
        ["run", script, ..] => script,
        ["ci" | "install", ..] => return None,
        [script, ..] => script,
        [] => return Some("npm does what?".to_owned()),
    };
    let packages = ["app/client", "app/console", "app/site", "contracts"];
    let has = |package: &str| read(&format!("{package}/package.json")).contains(&format!("\"{script}\":"));
    (!packages.into_iter().any(has)).then(|| format!("no package has the script {script}"))
}

/// The option of that name, of the command or of all commands.
fn option<'a>(command: &'a Command, root: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.split('=').next().unwrap_or_default();
    let is_it = |arg: &&Arg| match name.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long) || arg.get_all_aliases().is_some_and(|all| all.contains(&long)),
        None => arg.get_short().is_some_and(|short| name == format!("-{short}")),
    };
    let own = command.get_arguments().find(is_it);
    own.or_else(|| root.get_arguments().find(is_it))
}

/// What does not exist of a verb that is named with some of its arguments, such as `adopt --idl FILE [--force]`.
fn missing(root: &Command, named: &str) -> Option<String> {
    let mut command = root;
    let mut words = named
        .split_whitespace()
        .map(|word| word.trim_matches(['[', ']', '.', '…', ',']));
    while let Some(word) = words.next() {
        // The rest are arguments of another program.
        if command.get_arguments().any(Arg::is_trailing_var_arg_set) {
            return None;
        }
        if word.starts_with('-') && word.len() > 1 {
            let Some(option) = option(command, root, word) else {
                return Some(format!("`{}` has no {word}", command.get_name()));
            };
            if option.get_action().takes_values() && !word.contains('=') {
                words.next();
            }
        } else if command.has_subcommands() {
            let is_verb = |word: &str| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
            let mut alternatives = word.split('|').filter(|word| is_verb(word));
            if let Some(unknown) = alternatives.find(|verb| command.find_subcommand(verb).is_none()) {
                // Beside its verbs a command may take an argument of its own, such as `claim OWNER`.
                let is_not_yet = command.get_name() == root.get_name() && NOT_YET.contains(&unknown);
                return (!is_not_yet).then(|| format!("`{}` has no verb {unknown}", command.get_name()));
            }
            command = command.find_subcommand(word).unwrap_or(command);
        }
    }
    None
}

#[test]
fn every_line_of_a_block_is_a_command() {
    let root = root();
    let (mut faults, mut parsed) = (vec![], 0);
    for (page, text) in pages() {
        for line in split(&text).0 {
            parsed += usize::from(line.starts_with("bulkhead ") || line.starts_with("b "));
            faults.extend(fault(&root, &line).map(|fault| format!("{page}: `{line}`: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(parsed > 80, "only {parsed} command lines");
}

#[test]
fn every_verb_that_is_named_exists_with_its_options() {
    let root = root();
    let (mut faults, mut named) = (vec![], 0);
    for (page, text) in pages() {
        let mut is_table_of_verbs = false;
        for line in split(&text).1 {
            is_table_of_verbs = line.starts_with("| verb |") || is_table_of_verbs && line.starts_with('|');
            // A `|` inside of a table's code is escaped.
            let line = line.replace("\\|", "\u{1}");
            let first = line.split('|').nth(1).unwrap_or_default();
            let spans = |text: &str| -> Vec<String> {
                let spans = text.split('`').skip(1).step_by(2);
                spans.map(|span| span.replace('\u{1}', "|")).collect()
            };
            let verbs = if is_table_of_verbs { spans(first) } else { vec![] };
            let verbs = verbs.into_iter().filter(|span| !span.starts_with('-'));
            let lines = spans(&line).into_iter();
            let lines = lines.filter_map(|span| {
                let rest = span.strip_prefix("bulkhead ").or_else(|| span.strip_prefix("b "));
                rest.map(str::to_owned)
            });
            for verb in verbs.chain(lines) {
                named += 1;
                faults.extend(missing(&root, &verb).map(|fault| format!("{page}: `{verb}`: {fault}")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(named > 150, "only {named} verbs are named");
    let exist = NOT_YET.into_iter().find(|verb| root.find_subcommand(verb).is_some());
    assert_eq!(exist, None, "it exists: the pages should say so");
}

/// Every file of the checkout that a page names, in code and without a placeholder.
#[test]
fn every_path_that_is_named_exists() {
    let folders = [
        "app",
        "contracts",
        "crates",
        "docs",
        "localnet",
        "migrations",
        "programs",
        "scripts",
        "tests",
        "tools",
    ];
    let (mut gone, mut named) = (vec![], 0);
    for (page, text) in pages() {
        let prose = split(&text).1.join("\n");
        for span in prose.split('`').skip(1).step_by(2) {
            let parts: Vec<_> = span.split('/').collect();
            let is_plain = span
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "/-_.".contains(letter));
            let stands_for_another = parts.iter().any(|part| {
                let stem = part.split('.').next().unwrap_or_default();
                stem.len() > 1 && *part != "README.md" && stem.chars().all(|letter| letter.is_ascii_uppercase())
            });
            if !is_plain || parts.len() < 2 || !folders.contains(&parts[0]) || stands_for_another {
                continue;
            }
            named += 1;
            // A test by its path: `tests/abi/file` or `tests/abi/file/test_in_it`.
            let is_there = checkout(span).exists() || checkout(&format!("{span}.rs")).exists();
            if !is_there {
                gone.push(format!("{page}: {span}"));
            }
        }
    }
    assert!(gone.is_empty(), "not in the checkout:\n{}", gone.join("\n"));
    assert!(named > 50, "only {named} paths are named");
}

#[test]
fn what_is_wrong_is_found() {
    let root = root();
    for line in [
        "bulkhead pauze -k guardian.json",
        "bulkhead pause --compartments 2",
        "b claim OWNER --position ADDRESS",
        "bulkhead proposal show",
        "make drilll",
        "make drill INCIDENTS=nirvana-2022-07",
        "npm run generated",
        "keccak256(domain)",
    ] {
        assert!(fault(&root, line).is_some(), "`{line}` passes");
    }
    for line in [
        "bulkhead pause -k guardian.json   # one guardian",
        "make drill INCIDENT=nirvana-2022-07",
        "npm test",
    ] {
        assert_eq!(fault(&root, line), None, "`{line}`");
    }
    for named in [
        "prove-it",
        "claim wishes",
        "adopt --idl FILE [--forced]",
        "snapshot build|provee",
    ] {
        assert!(missing(&root, named).is_some(), "`{named}` passes");
    }
    for named in [
        "snapshot collect|build|prove",
        "adopt --idl FILE [--force]",
        "claim OWNER",
        "COMMAND --help",
    ] {
        assert_eq!(missing(&root, named), None, "`{named}`");
    }
    let (commands, prose) = split("a\n```\nmake \\\n  drill\n```\n```text\nb\n```\n");
    assert_eq!((commands, prose), (vec!["make    drill".to_owned()], vec!["a"]));
}
