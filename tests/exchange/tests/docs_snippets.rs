//! The code that the documentation shows is the code of the hosts: every Rust block names its
//! source file in a comment above it, and occurs there line by line, indentation aside.

use std::{fs, path::Path};

/// Pages whose Rust blocks must all name a source.
const PAGES: [&str; 2] = ["README.md", "docs/integrating.md"];

struct Snippet {
    page: &'static str,
    line: usize,
    source: Option<String>,
    lines: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn trimmed(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).collect()
}

fn snippets(page: &'static str) -> Vec<Snippet> {
    let Ok(text) = fs::read_to_string(root().join(page)) else {
        return vec![];
    };
    let (mut found, mut open, mut above) = (vec![], None::<Snippet>, String::new());
    for (number, line) in text.lines().enumerate() {
        match &mut open {
            Some(snippet) if line == "```" => {
                let lines = snippet.lines.len();
                assert!(lines > 0, "{page}:{}: an empty block", number + 1);
                found.extend(open.take());
            }
            Some(snippet) => snippet.lines.push(line.trim().to_owned()),
            None if line == "```rust" => {
                let source = above.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
                open = Some(Snippet {
                    page,
                    line: number + 1,
                    source: source.map(str::to_owned),
                    lines: vec![],
                });
            }
            None if !line.trim().is_empty() => above = line.to_owned(),
            None => {}
        }
    }
    assert!(open.is_none(), "{page}: a block does not end");
    found
}

#[test]
fn every_snippet_is_code_of_a_host() {
    let mut checked = 0;
    for snippet in PAGES.into_iter().flat_map(snippets) {
        let place = format!("{}:{}", snippet.page, snippet.line);
        let source = snippet
            .source
            .unwrap_or_else(|| panic!("{place}: a Rust block without `<!-- path -->` above it"));
        let text = fs::read_to_string(root().join(&source)).unwrap_or_else(|_| panic!("{place}: there is no {source}"));
        let occurs = trimmed(&text)
            .windows(snippet.lines.len())
            .any(|window| window == snippet.lines);
        assert!(
            occurs,
            "{place}: this is not in {source}:\n{}",
            snippet.lines.join("\n")
        );
        checked += 1;
    }
    assert!(checked > 0, "no page has a snippet");
}

#[test]
fn the_ledger_table_has_the_offsets_of_the_layouts() {
    use example_exchange::state::{
        MARGIN_DEPOSIT_OFFSET, MARGIN_EXCHANGE_OFFSET, MARGIN_OWNER_OFFSET, MarginAccount, TOTAL_DEPOSITS_OFFSET, space,
    };
    let text = fs::read_to_string(root().join("docs/integrating.md")).expect("docs/integrating.md");
    for row in [
        format!("| `owner_offset`, `amounts[0]`, 8 bytes | {MARGIN_OWNER_OFFSET}, {MARGIN_DEPOSIT_OFFSET} | 32, 64 |"),
        format!("| `data_len` | {} | 165 |", space::<MarginAccount>()),
        format!("| filter 1 | 32 bytes at {MARGIN_EXCHANGE_OFFSET}: the exchange | none |"),
        format!(
            "| `total_account`, `total_offset` | the exchange, {TOTAL_DEPOSITS_OFFSET} | the share mint, 36 (`supply`) |"
        ),
    ] {
        assert!(text.contains(&row), "docs/integrating.md should say: {row}");
    }
}

#[test]
fn the_market_s_ledger_table_has_the_offsets_of_the_layouts() {
    use example_exchange::state::{
        BASE_HELD_OFFSET, OPEN_ORDERS_BASE_OFFSET, OPEN_ORDERS_MARKET_OFFSET, OPEN_ORDERS_OWNER_OFFSET,
        OPEN_ORDERS_QUOTE_OFFSET, OpenOrders, QUOTE_HELD_OFFSET, space,
    };
    let text = fs::read_to_string(root().join("docs/integrating.md")).expect("docs/integrating.md");
    let (owner, market) = (OPEN_ORDERS_OWNER_OFFSET, OPEN_ORDERS_MARKET_OFFSET);
    let len = space::<OpenOrders>();
    for row in [
        format!(
            "| `owner_offset`, `amounts[0]`, 8 bytes | {owner}, {OPEN_ORDERS_QUOTE_OFFSET} | {owner}, {OPEN_ORDERS_BASE_OFFSET} |"
        ),
        format!("| `data_len` | {len} | {len} |"),
        format!("| filter 1 | 32 bytes at {market}: the market | 32 bytes at {market}: the market |"),
        format!(
            "| `total_account`, `total_offset` | the market, {QUOTE_HELD_OFFSET} | the market, {BASE_HELD_OFFSET} |"
        ),
    ] {
        assert!(text.contains(&row), "docs/integrating.md should say: {row}");
    }
}
