//! The report as JSON, for programs.

use super::Report;

/// One indented JSON object without a trailing newline.
///
/// # Errors
/// When a figure has no JSON form; no present figure lacks one.
pub fn json(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report)
}

#[cfg(test)]
mod tests {
    use crate::report::example;

    #[test]
    fn phases_are_flat_and_amounts_are_text() {
        let text = super::json(&example::report()).expect("plain figures");
        let value: serde_json::Value = serde_json::from_str(&text).expect("its own output");
        assert_eq!(value["phases"][2]["transactions"], 700);
        assert_eq!(value["loss_with"], "14857142857140");
        assert!(value["outflow"]["with"][1]["taken"].is_string() && value["setup"]["fee_lamports"].is_string());
        assert_eq!(value["outflow"]["with"][1]["seconds"], 80);
    }
}
