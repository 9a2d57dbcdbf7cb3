//! Errors as a person reads them.

/// An error and its causes on one line. A cause that the previous message already ends with is not repeated.
#[must_use]
pub fn chain(error: &anyhow::Error) -> String {
    let mut chain = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if chain.is_empty() {
            chain = cause;
        } else if !chain.ends_with(&cause) {
            chain.push_str(": ");
            chain.push_str(&cause);
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn a_cause_is_printed_once() {
        let error = Err::<(), _>(anyhow!("file not found"))
            .context("a.toml: file not found")
            .context("the configuration cannot be read")
            .unwrap_err();
        assert_eq!(
            chain(&error),
            "the configuration cannot be read: a.toml: file not found"
        );
    }
}
