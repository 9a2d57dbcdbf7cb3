//! The result of a flow: what it did, and what stands afterwards.

use bulkhead_client::flows::Done;
use serde::Serialize;
use serde_json::Value;

use crate::context::Context;

#[derive(Serialize)]
struct Reported<'a, T> {
    #[serde(flatten)]
    found: &'a T,
    sent: &'a Value,
}

/// Prints what stands after a flow, and what it sent. Where nothing is sent nothing stands, so then only what would be
/// sent is printed.
///
/// # Errors
/// The error of the output.
pub(crate) fn report<T: Serialize>(
    context: &Context,
    act: &str,
    done: &Done,
    found: &T,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if context.sends_nothing() {
        return context.finish(act, done);
    }
    let outcome = context.outcome(act, done);
    let sent = &outcome.json;
    context.print(&Reported { found, sent }, || text() + &outcome.text)
}
