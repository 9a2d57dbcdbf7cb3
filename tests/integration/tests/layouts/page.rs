//! The page `docs/layouts.md`.

use super::*;

/// The seeds of `interface::seeds`: the prefix and what its comment says follows.
pub fn seeds() -> BTreeMap<String, String> {
    let source = include_str!("../../../../crates/interface/src/seeds.rs");
    let lines: Vec<_> = source.lines().collect();
    let mut seeds = BTreeMap::new();
    for pair in lines.windows(2) {
        let Some((name, value)) = pair[1]
            .strip_prefix("pub const ")
            .and_then(|line| line.split_once(": &[u8] = b"))
        else {
            continue;
        };
        let rest = pair[0].split('`').nth(1).expect("a comment with the seeds that follow");
        seeds.insert(name.to_owned(), format!("`{}, {rest}`", value.trim_end_matches(';')));
    }
    seeds
}

pub fn page() -> String {
    let (idl, mut seeds) = (Idl::read(), seeds());
    let mut page = String::from(
        "# Account layouts\n\n\
         Written by `tests/integration/tests/layouts/main.rs` from the compiled layouts and the IDL; \
         `BULKHEAD_WRITE_DOCS=1 cargo test --workspace --test layouts` writes it again.\n\n\
         Offsets and sizes are in bytes, from the start of the account's data: the discriminator's eight bytes \
         are 0 to 7. Integers are little endian. There are no gaps. Addresses are PDAs of the Bulkhead program; \
         in seeds, text in quotes is ASCII, integers are little endian and names are 32-byte addresses.\n\n",
    );
    let accounts = accounts();
    for layout in &accounts {
        let (_, discriminator, seed) = layout.account.expect("an account");
        let mut seed = seeds.remove(seed).expect("a seed of the interface");
        for (name, other, of) in [
            ("Snapshot", "SEED_CHECKPOINT", "of a checkpoint"),
            ("Snapshot", "SEED_SUCCESSOR", "of a successor"),
            ("SnapshotShard", "SEED_PUBLICATION", "of leaves that are published"),
            ("LeafEvidence", "SEED_DISPUTE", "of a dispute"),
            ("ClaimRedirect", "SEED_CLAIM_WISH", "of an owner's wish"),
        ] {
            if layout.name == name {
                let other = seeds.remove(other).expect("a seed of the interface");
                seed = format!("{seed}, or {of} {other}");
            }
        }
        let discriminator = String::from_utf8_lossy(&discriminator).into_owned();
        let size = space_of(layout);
        let docs = idl.docs(layout.name);
        let _ = writeln!(
            page,
            "## {}\n{docs}\n\nSeeds {seed}, discriminator `{discriminator}`, {size} bytes.\n",
            layout.name
        );
        table(&mut page, &idl, layout, size - layout.size);
    }
    page.push_str("## Parts\nWhat fields above are made of. Offsets are from the start of the part.\n\n");
    for layout in parts() {
        let (name, size) = (layout.name, layout.size);
        let _ = writeln!(page, "### {name}\n{} {size} bytes.\n", idl.docs(name));
        table(&mut page, &idl, &layout, 0);
    }
    page.push_str("## Token accounts\nAt PDAs, too, and owned by the token program.\n\n| seeds | what |\n|---|---|\n");
    for (seed, what) in [
        ("SEED_CUSTODY", "the funds of a vault; its authority is the vault"),
        ("SEED_VOTES", "escrowed governance tokens; its authority is the domain"),
        (
            "SEED_POOL",
            "what claims are paid from; its authority is the restoration",
        ),
        (
            "SEED_INSURANCE_TOKENS",
            "what is staked; its authority is the insurance pool",
        ),
    ] {
        let _ = writeln!(
            page,
            "| {} | {what} |",
            seeds.remove(seed).expect("a seed of the interface")
        );
    }
    assert!(seeds.is_empty(), "seeds of no account: {seeds:?}");
    page
}

/// Bytes of an account, discriminator included.
pub fn space_of(layout: &Layout) -> usize {
    layout.size + layout.account.map_or(0, |(discriminator, ..)| discriminator.len())
}

pub fn table(page: &mut String, idl: &Idl, layout: &Layout, start: usize) {
    page.push_str("| offset | size | type | field | |\n|---:|---:|---|---|---|\n");
    for (field, (_, offset)) in idl.fields(layout.name).iter().zip(&layout.fields) {
        let Field { name, size, kind, docs } = field;
        let _ = writeln!(page, "| {} | {size} | {kind} | `{name}` | {docs} |", offset + start);
    }
    page.push('\n');
}
