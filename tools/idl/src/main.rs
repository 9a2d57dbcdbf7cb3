//! Builds the IDL of every Anchor program into `idl/<program>.json`, or compares: `bulkhead-idl write|check`.
//! It does what `anchor idl build` does, through the same library, for machines without the Anchor CLI.

use std::{env, fs, path::Path, process::ExitCode};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context as _, Result, bail};

/// Package folders under `programs/`; the file takes the name of the library.
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
    // SAFETY: nothing else runs yet. The library would pass a malformed toolchain argument when the first is set, and
    // its own compiler flags, which recompile every dependency, when the second is not.
    unsafe {
        env::remove_var("RUSTUP_TOOLCHAIN");
        env::set_var("CARGO_ENCODED_RUSTFLAGS", "");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut stale = Vec::new();
    for program in PROGRAMS {
        let built = build(&root.join("programs").join(program)).with_context(|| format!("the IDL of {program}"))?;
        let name = program.replace('-', "_");
        let file = root.join("idl").join(format!("{name}.json"));
        let checked_in = fs::read_to_string(&file).unwrap_or_default();
        if checked_in == built {
            continue;
        }
        if write {
            fs::write(&file, built)?;
        } else {
            stale.push(format!("idl/{name}.json: {}", first_difference(&checked_in, &built)));
        }
    }
    if !stale.is_empty() {
        bail!(
            "the checked-in IDL is not the program's; run `make idl` and look at the difference:\n{}",
            stale.join("\n")
        );
    }
    Ok(())
}

fn build(program: &Path) -> Result<String> {
    let arguments = ["--lib", "--locked"].map(String::from).to_vec();
    let idl = IdlBuilder::new()
        .program_path(program.into())
        .cargo_args(arguments)
        .build()?;
    Ok(serde_json::to_string_pretty(&idl)? + "\n")
}

/// The named part the first changed line belongs to: `instructions/pause: "writable": true`.
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
        let renamed = IDL.replace("pause", "hold");
        assert_eq!(
            first_difference(IDL, &renamed),
            "instructions/hold: now \"name\": \"hold\""
        );
        assert_eq!(first_difference("", IDL), "/: now {");
        assert_eq!(
            first_difference(&format!("{IDL}more"), IDL),
            "lines were removed at its end"
        );
    }
}
