//! A key that is typed: a seed phrase, or a secret key in base58. Nothing of it is echoed or kept.

use anyhow::{Context, anyhow, bail};
use bip39::{Language, Mnemonic};
use solana_derivation_path::DerivationPath;
use solana_keypair::{Keypair, keypair_from_seed, seed_derivable::keypair_from_seed_and_derivation_path};

use super::keys::parse_keypair;

/// Which key of a seed phrase, as in Solana's tools: `prompt://` is the phrase's own, `prompt://?key=0/0` the one that
/// wallets show first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Derivation {
    /// The seed itself.
    #[default]
    None,
    Path(DerivationPath),
}

impl Derivation {
    /// Reads what follows `prompt://`: nothing, `?key=ACCOUNT/CHANGE` or `?full-path=m/44'/501'/…`.
    pub(super) fn parse(query: &str) -> anyhow::Result<Self> {
        let path = match query.split_once('=') {
            None if query.is_empty() => return Ok(Self::None),
            Some(("?key", key)) => DerivationPath::from_key_str(key),
            Some(("?full-path", path)) => DerivationPath::from_absolute_path_str(path),
            _ => bail!("BadDerivation: after prompt:// comes nothing, ?key=ACCOUNT/CHANGE or ?full-path=m/44'/501'/…"),
        };
        let path = path.map_err(|error| {
            anyhow!(
                "BadDerivation: {error:?}; give ?key=ACCOUNT/CHANGE, such as ?key=0/0, or ?full-path=m/44'/501'/0'/0'"
            )
        })?;
        Ok(Self::Path(path))
    }
}

/// Asks on the terminal.
pub(super) fn ask(derivation: &Derivation) -> anyhow::Result<Keypair> {
    let ask = |question: &str| {
        rpassword::prompt_password(question)
            .context("NoTerminal: prompt:// needs a terminal; give a key file, or `-` to read one from standard input")
    };
    let typed = ask("Seed phrase, or secret key in base58 (not shown): ")?;
    if typed.split_whitespace().count() <= 1 {
        let key = parse_keypair(&typed);
        return key
            .context("NotAKeypair: neither a seed phrase of 12 to 24 words nor a secret key of 64 bytes in base58");
    }
    let passphrase = ask("Passphrase of the seed phrase, empty if it has none (not shown): ")?;
    of_phrase(&typed, &passphrase, derivation)
}

/// The key of a seed phrase. A word that is not in the list, or a wrong last one, is an error.
fn of_phrase(phrase: &str, passphrase: &str, derivation: &Derivation) -> anyhow::Result<Keypair> {
    let words = phrase.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    // Without the error's own text, which may say a word.
    let phrase = Mnemonic::parse_in(Language::English, &words).map_err(|_| {
        anyhow!("NotASeedPhrase: a word is wrong, missing or misplaced; type the 12 to 24 English words again")
    })?;
    let seed = phrase.to_seed(passphrase);
    let key = match derivation {
        Derivation::None => keypair_from_seed(&seed),
        Derivation::Path(path) => keypair_from_seed_and_derivation_path(&seed, Some(path.clone())),
    };
    key.map_err(|_| anyhow!("NotASeedPhrase: no key can be derived from it"))
}

#[cfg(test)]
mod tests {
    use solana_signer::Signer;

    use super::*;

    const PHRASE: &str =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

    /// The phrase that every wallet tests with.
    #[test]
    fn keys_are_those_of_solanas_tools_and_of_wallets() {
        let derived = |query: &str| {
            let derivation = Derivation::parse(query).unwrap();
            of_phrase(PHRASE, "", &derivation).unwrap().pubkey().to_string()
        };
        for query in ["?key=0/0", "?full-path=m/44'/501'/0'/0'"] {
            assert_eq!(derived(query), "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk");
        }
        let own = solana_keypair::keypair_from_seed_phrase_and_passphrase(PHRASE, "").unwrap();
        assert_eq!(derived(""), own.pubkey().to_string());
        let shouted = format!("  {}\n", PHRASE.to_uppercase());
        assert_eq!(
            of_phrase(&shouted, "", &Derivation::None).unwrap().pubkey(),
            own.pubkey()
        );
        assert_ne!(
            of_phrase(PHRASE, "x", &Derivation::None).unwrap().pubkey(),
            own.pubkey()
        );
    }

    #[test]
    fn a_wrong_phrase_is_no_other_key() {
        let swapped = PHRASE.replace("about", "abandon");
        for phrase in [
            swapped.as_str(),
            "abandon about",
            "secret words that are not in the list",
        ] {
            let error = of_phrase(phrase, "", &Derivation::None).unwrap_err().to_string();
            assert!(
                error.starts_with("NotASeedPhrase") && !error.contains("secret"),
                "{error}"
            );
        }
        for query in ["?key=a", "?full-path=x", "?word=0", "0"] {
            assert!(Derivation::parse(query).is_err(), "{query}");
        }
    }
}
