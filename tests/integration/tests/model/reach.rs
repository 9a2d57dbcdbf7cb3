//! The model reaches the whole program: every instruction of the IDL works at least once.

use std::path::Path;

use serde_json::Value;

/// Ways through an instruction that have to have worked besides the plain one.
const ALSO: &[&str] = &["release_queued", "release_returning", "propose_fallback"];

/// What never worked.
pub fn never(worked: impl Fn(&str) -> bool) -> Vec<String> {
    let also = ALSO.iter().map(|name| (*name).to_owned());
    instructions().into_iter().chain(also).filter(|name| !worked(name)).collect()
}

/// Every instruction there is.
fn instructions() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl/bulkhead.json");
    let text = std::fs::read_to_string(path).expect("run `make idl`");
    let idl: Value = serde_json::from_str(&text).expect("the IDL is JSON");
    let all = idl["instructions"].as_array().expect("a list");
    let name = |instruction: &Value| instruction["name"].as_str().expect("a name").to_owned();
    all.iter().map(name).collect()
}
