//! The pages' command lines of the sentinel are such, in blocks and in the text.

use std::{fs, path::Path};

/// The command lines of a text: of its blocks, and what stands in code within a line.
fn lines(text: &str) -> Vec<&str> {
    let parts = text.lines().flat_map(|line| line.split('`'));
    let parts = parts.map(|part| part.split(" #").next().unwrap_or_default().trim());
    parts.filter(|part| part.starts_with("bulkhead-sentinel --")).collect()
}

#[test]
fn every_line_is_one_that_the_sentinel_takes() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let pages = fs::read_dir(docs)
        .expect("the pages")
        .map(|page| page.expect("a page").path());
    let pages = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md"));
    let mut seen = 0;
    for page in pages {
        for line in lines(&fs::read_to_string(&page).expect("a page")) {
            // In the text an option may stand for itself, without the file that every line needs.
            let file = if line.contains("--config") {
                vec![]
            } else {
                vec!["--config", "sentinel.toml"]
            };
            let words = line.split_whitespace().chain(file);
            let parsed = bulkhead_sentinel::cli::command().try_get_matches_from(words);
            assert!(
                parsed.is_ok(),
                "{}: `{line}`: {}",
                page.display(),
                parsed.expect_err("it is not ok")
            );
            seen += 1;
        }
    }
    assert!(seen >= 5, "only {seen} lines");
}

#[test]
fn a_line_that_it_does_not_take_is_found() {
    let text = "`bulkhead-sentinel --chek`\n```\nbulkhead-sentinel --config sentinel.toml # in front\n```\n";
    assert_eq!(
        lines(text),
        ["bulkhead-sentinel --chek", "bulkhead-sentinel --config sentinel.toml"]
    );
    let command = bulkhead_sentinel::cli::command();
    let wrong = lines(text)[0].split_whitespace().chain(["--config", "sentinel.toml"]);
    assert!(command.try_get_matches_from(wrong).is_err());
}
