//! Names of clusters.

/// Monikers as the field uses them, with the URLs of their public nodes.
const CLUSTERS: [(&str, &str, &str); 4] = [
    ("mainnet-beta", "m", "https://api.mainnet-beta.solana.com"),
    ("devnet", "d", "https://api.devnet.solana.com"),
    ("testnet", "t", "https://api.testnet.solana.com"),
    ("localhost", "l", "http://localhost:8899"),
];

/// The URL of a moniker, or the URL itself.
///
/// # Errors
/// `UnknownCluster`. The text that was given is not repeated, because a URL may contain an API key.
pub(super) fn url(text: &str) -> Result<String, String> {
    let of_name = CLUSTERS.iter().find(|(name, short, _)| text == *name || text == *short);
    if let Some((_, _, url)) = of_name {
        return Ok((*url).to_owned());
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(text.to_owned());
    }
    Err(
        "UnknownCluster: give mainnet-beta (m), devnet (d), testnet (t), localhost (l), or a URL that begins with \
         http:// or https://"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monikers_are_those_of_the_field() {
        for (names, part) in [
            (["mainnet-beta", "m"], "mainnet-beta"),
            (["devnet", "d"], "devnet"),
            (["testnet", "t"], "testnet"),
            (["localhost", "l"], "8899"),
        ] {
            for name in names {
                assert!(url(name).unwrap().contains(part), "{name}");
            }
        }
        assert_eq!(url("https://node.example/key").unwrap(), "https://node.example/key");
        for wrong in ["mainnet", "", "M", "ftp://x", "node.example/secret"] {
            let error = url(wrong).unwrap_err();
            assert!(
                error.starts_with("UnknownCluster") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
