//! The model reaches the whole program: every instruction of the IDL works at least once.

use bulkhead_tests::idl::Idl;

/// Ways through an instruction that have to have worked besides the plain one.
const ALSO: &[&str] = &["release_queued", "release_returning", "propose_fallback"];

/// What never worked.
pub fn never(worked: impl Fn(&str) -> bool) -> Vec<String> {
    let also = ALSO.iter().map(|name| (*name).to_owned());
    let all = Idl::read().instructions.into_keys().chain(also);
    all.filter(|name| !worked(name)).collect()
}
