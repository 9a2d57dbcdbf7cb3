//! Builds the IDL of every Anchor program into `idl/<program>.json` and the constants of the interface into
//! `idl/constants.json`, or compares them: `bulkhead-idl write|check`. For an IDL it does the same as `anchor idl
//! build`, through the same library, for machines without the Anchor CLI.

mod constants;

use std::{env, fs, path::Path, process::ExitCode};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context as _, Result, bail};

/// Package folders under `programs/`. The file is named after the library.
const PROGRAMS: [&str; 2] = ["bulkhead", "example-exchange"];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let write = match env::args().nth(1).as_deref() {
        Some("write") => true,
        Some("check") => false,
        _ => bail!("usage: bulkhead-idl write|check"),
    };
    // SAFETY: nothing else runs yet. If the first variable is set, the library would pass a malformed toolchain
    // argument. If the second is not set, it would pass its own compiler flags, which recompile every dependency.
    unsafe {
        env::remove_var("RUSTUP_TOOLCHAIN");
        env::set_var("CARGO_ENCODED_RUSTFLAGS", "");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut stale = Vec::new();
    let mut compare = |name: &str, built: String| -> Result<()> {
        let file = root.join("idl").join(format!("{name}.json"));
        let checked_in = fs::read_to_string(&file).unwrap_or_default();
        if checked_in != built {
            if write {
                fs::write(&file, built)?;
            } else {
                stale.push(format!("idl/{name}.json: {}", first_difference(&checked_in, &built)));
            }
        }
        Ok(())
    };
    compare("constants", constants::json()?)?;
    for program in PROGRAMS {
        let built = build(&root, program).with_context(|| format!("the IDL of {program}"))?;
        compare(&program.replace('-', "_"), built)?;
    }
    if !stale.is_empty() {
        bail!(
            "the checked-in files do not match the sources; run `make idl` and review the difference:\n{}",
            stale.join("\n")
        );
    }
    Ok(())
}

/// The library runs `cargo test … --features idl-build`. It builds the whole workspace, so that it reuses what was
/// compiled for the tests, with exactly the same features: `-p` would unify the features of one package and compile 160
/// dependencies again. The other programs' tests print an IDL too, so they are excluded; they remain dependencies with
/// their features.
fn build(root: &Path, program: &str) -> Result<String> {
    let mut arguments = ["--locked", "--workspace", "--lib"].map(String::from).to_vec();
    for other in PROGRAMS.iter().filter(|&&other| other != program) {
        arguments.extend(["--exclude", other, "--features", &format!("{other}/default")].map(String::from));
    }
    let idl = IdlBuilder::new()
        .program_path(root.join("programs").join(program))
        .cargo_args(arguments)
        .build()?;
    Ok(serde_json::to_string_pretty(&idl)? + "\n")
}

/// The named part that contains the first changed line: `instructions/pause: "writable": true`.
fn first_difference(checked_in: &str, built: &str) -> String {
    let (mut section, mut item) = ("", "");
    let mut before = checked_in.lines();
    for line in built.lines() {
        let (indent, text) = (line.len() - line.trim_start().len(), line.trim().trim_end_matches(','));
        match (indent, text.split_once(": ")) {
            (2, Some((key, _))) => (section, item) = (key, ""),
            (6, Some(("\"name\"", name))) => item = name,
            _ => {}
        }
        match before.next() {
            Some(same) if same == line => {}
            _ => return format!("{}/{}: now {text}", section.trim_matches('"'), item.trim_matches('"')),
        }
    }
    "lines were removed at its end".into()
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    const IDL: &str =
        "{\n  \"instructions\": [\n    {\n      \"name\": \"pause\",\n      \"args\": []\n    }\n  ]\n}\n";

    #[test]
    fn a_difference_is_named_by_its_section_and_item() {
        let changed = IDL.replace("\"args\": []", "\"args\": [1]");
        assert_eq!(first_difference(IDL, &changed), "instructions/pause: now \"args\": [1]");
        let renamed = IDL.replace("pause", "freeze");
        assert_eq!(
            first_difference(IDL, &renamed),
            "instructions/freeze: now \"name\": \"freeze\""
        );
        assert_eq!(first_difference("", IDL), "/: now {");
        assert_eq!(
            first_difference(&format!("{IDL}more"), IDL),
            "lines were removed at its end"
        );
    }
}
