//! Where keys come from.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use anchor_lang::prelude::Pubkey;
use anyhow::Context;
use solana_keypair::Keypair;
use solana_signature::Signature;
use solana_signer::Signer;

use super::seed::{self, Derivation};
#[cfg(feature = "usb")]
use super::wallet;
use crate::{files, output};

/// A source of a key, as an argument names it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    File(PathBuf),
    Stdin,
    Prompt(Derivation),
    #[cfg(feature = "usb")]
    Wallet(wallet::Url),
    /// Not a key: the address of somebody who signs elsewhere.
    Address(Pubkey),
    /// What somebody signed elsewhere.
    Signature(Pubkey, Signature),
}

/// A key, or what stands for it.
pub(super) enum Key {
    Pair(Keypair),
    #[cfg(feature = "usb")]
    Wallet(std::sync::Arc<wallet::Wallet>),
    Address(Pubkey),
    Signature(Pubkey, Signature),
}

impl Source {
    /// Reads an argument. `~/` in front of a file's name is the home directory, as in Solana's configuration file.
    ///
    /// # Errors
    /// `NoHardwareWallet`, `BadDerivation`
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        if let Some((signer, signature)) = text.split_once('=')
            && let (Ok(signer), Ok(signature)) = (signer.parse(), signature.parse())
        {
            return Ok(Self::Signature(signer, signature));
        }
        if text == "-" || text == "stdin:" {
            return Ok(Self::Stdin);
        }
        if let Some(rest) = text.strip_prefix("prompt:") {
            return Ok(Self::Prompt(Derivation::parse(rest.trim_start_matches('/'))?));
        }
        if text.starts_with("usb:") {
            return Self::wallet(text);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let file = text.strip_prefix("file:").unwrap_or(text);
        let home = file.strip_prefix("~/").zip(std::env::home_dir());
        Ok(Self::File(
            home.map_or_else(|| file.into(), |(rest, home)| home.join(rest)),
        ))
    }

    #[cfg(feature = "usb")]
    fn wallet(text: &str) -> anyhow::Result<Self> {
        Ok(Self::Wallet(wallet::Url::parse(text)?))
    }

    #[cfg(not(feature = "usb"))]
    fn wallet(_: &str) -> anyhow::Result<Self> {
        anyhow::bail!(
            "NoHardwareWallet: usb:// is not built in: build with `--features bulkhead-cli/usb`; or print the message with \
             --sign-only --blockhash HASH -k ADDRESS, sign it with the wallet, and send it with --blockhash HASH -k ADDRESS \
             --signer ADDRESS=SIGNATURE"
        );
    }

    /// Reads the key. A prompt asks on the terminal.
    ///
    /// # Errors
    /// `NotReadable`, `NotAKeypair`, and the errors of a prompt.
    pub(super) fn read(&self) -> anyhow::Result<Key> {
        Ok(match self {
            Self::File(file) => Key::Pair(read_keypair(file)?),
            Self::Stdin => {
                let mut text = String::new();
                let input = io::stdin().lock().take(files::SHORT).read_to_string(&mut text);
                input.context("NotReadable: no key on standard input")?;
                let key = parse_keypair(&text);
                Key::Pair(key.context("NotAKeypair: standard input is not a key pair as `solana-keygen` writes it")?)
            }
            Self::Prompt(derivation) => {
                let key = seed::ask(derivation)?;
                output::note(&format!("signing as {}", key.pubkey()));
                Key::Pair(key)
            }
            #[cfg(feature = "usb")]
            Self::Wallet(url) => {
                let wallet = wallet::Wallet::connect(url)?;
                output::note(&format!("signing as {}", wallet.try_pubkey()?));
                Key::Wallet(std::sync::Arc::new(wallet))
            }
            Self::Address(address) => Key::Address(*address),
            Self::Signature(signer, signature) => Key::Signature(*signer, *signature),
        })
    }
}

impl Key {
    pub(super) fn address(&self) -> Pubkey {
        match self {
            Self::Pair(pair) => pair.pubkey(),
            #[cfg(feature = "usb")]
            Self::Wallet(wallet) => wallet.address(),
            Self::Address(address) | Self::Signature(address, _) => *address,
        }
    }
}

/// Reads a key pair as `solana-keygen` writes it.
///
/// # Errors
/// `NotReadable`, `NotAKeypair`
fn read_keypair(file: &Path) -> anyhow::Result<Keypair> {
    let name = file.display();
    let text = files::read_text(file, files::SHORT)
        .with_context(|| format!("NotReadable: {name}; give the path of a key pair file"))?;
    parse_keypair(&text).with_context(|| {
        format!("NotAKeypair: {name}; it must be a list of 64 numbers, as `solana-keygen new` writes it")
    })
}

/// A key pair as a list of 64 numbers, or as 64 bytes in base58.
pub(super) fn parse_keypair(text: &str) -> Option<Keypair> {
    let text = text.trim();
    let bytes: Vec<u8> = match serde_json::from_str(text) {
        Ok(bytes) => bytes,
        Err(_) => bs58::decode(text).into_vec().ok()?,
    };
    Keypair::try_from(bytes.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        let address = bulkhead_interface::ID;
        let signature = Signature::from([5; 64]);
        let parse = |text: &str| Source::parse(text).unwrap();
        assert_eq!(parse("id.json"), Source::File("id.json".into()));
        assert_eq!(parse("file:id.json"), Source::File("id.json".into()));
        assert_eq!(parse("a=b.json"), Source::File("a=b.json".into()));
        assert_eq!(parse("-"), Source::Stdin);
        assert_eq!(parse("stdin:"), Source::Stdin);
        assert_eq!(parse("prompt://"), Source::Prompt(Derivation::None));
        assert_eq!(parse("prompt:"), Source::Prompt(Derivation::None));
        assert_eq!(parse(&address.to_string()), Source::Address(address));
        let text = format!("{address}={signature}");
        assert_eq!(parse(&text), Source::Signature(address, signature));
        #[cfg(not(feature = "usb"))]
        for usb in ["usb://ledger", "usb://ledger?key=0"] {
            let error = Source::parse(usb).unwrap_err().to_string();
            assert!(error.starts_with("NoHardwareWallet"), "{error}");
        }
        #[cfg(feature = "usb")]
        assert!(matches!(parse("usb://ledger?key=0"), Source::Wallet(_)));
        assert!(Source::parse("prompt://?key=x").is_err());
    }

    #[test]
    fn a_key_is_a_list_or_base58() {
        let key = Keypair::new_from_array([7; 32]);
        let list = serde_json::to_string(&key.to_bytes().to_vec()).unwrap();
        for text in [list, format!("{}\n", key.to_base58_string())] {
            assert_eq!(parse_keypair(&text).unwrap().pubkey(), key.pubkey());
        }
        // The second half has to be the first half's address.
        let mut wrong = key.to_bytes().to_vec();
        wrong[40] ^= 1;
        for text in [
            serde_json::to_string(&wrong).unwrap(),
            "[1, 2]".into(),
            "I0l".into(),
            String::new(),
        ] {
            assert!(parse_keypair(&text).is_none(), "{text}");
        }
    }
}
