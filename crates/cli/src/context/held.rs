//! The keys that the arguments and the configuration file name.

use anchor_lang::prelude::Pubkey;
use bulkhead_rpc::Keyring;
use solana_keypair::Keypair;

use super::{
    ContextError,
    arguments::Globals,
    config::Config,
    keys::{Key, Source},
};

/// The usual place of a key, as `solana-keygen new` writes it.
const USUAL_KEY: &str = "~/.config/solana/id.json";

/// The signer, the payer and further keys.
pub(super) struct Held {
    /// `-k`, or the configured key. A configured key that cannot be read matters only to commands that sign.
    signer: Result<Key, String>,
    payer: Option<Key>,
    more: Vec<Key>,
}

impl Held {
    pub(super) fn read(globals: &Globals, config: &Config) -> anyhow::Result<Self> {
        let signer = match &globals.keypair {
            Some(text) => Ok(one(text)?),
            None => {
                let text = config.keypair_path.as_deref().unwrap_or(USUAL_KEY);
                one(text).map_err(|error| format!("{error:#}"))
            }
        };
        let more = globals.signers.iter().map(|text| Source::parse(text)?.read());
        Ok(Self {
            signer,
            payer: globals.fee_payer.as_deref().map(one).transpose()?,
            more: more.collect::<anyhow::Result<_>>()?,
        })
    }

    /// The address of `-k`.
    pub(super) fn signer(&self) -> Result<Pubkey, ContextError> {
        match &self.signer {
            Ok(key) => Ok(key.address()),
            Err(reason) => Err(ContextError::NoKeypair(reason.clone())),
        }
    }

    /// All keys, with `extra`.
    pub(super) fn keyring(&self, extra: &[Key]) -> Keyring {
        let signer = self.signer.as_ref().ok();
        let payer = self.payer.as_ref().or(signer).map(Key::address);
        let mut keyring = payer.map_or_else(Keyring::empty, Keyring::watching);
        for key in signer.into_iter().chain(&self.payer).chain(&self.more).chain(extra) {
            match key {
                Key::Pair(pair) => keyring.add(Keypair::insecure_clone(pair)),
                // It has said its address already.
                #[cfg(feature = "usb")]
                Key::Wallet(wallet) => drop(keyring.add_wallet(wallet.clone())),
                Key::Signature(signer, signature) => keyring.add_signature(*signer, *signature),
                Key::Address(_) => {}
            }
        }
        keyring
    }
}

/// A key or an address, but no signature.
pub(super) fn one(text: &str) -> anyhow::Result<Key> {
    match Source::parse(text)?.read()? {
        Key::Signature(..) => Err(ContextError::Usage(
            "NotAKeypair: ADDRESS=SIGNATURE is for --signer; give the address alone".into(),
        )
        .into()),
        key => Ok(key),
    }
}

#[cfg(test)]
mod tests {
    use solana_signer::Signer;

    use super::*;

    fn key(byte: u8) -> Keypair {
        Keypair::new_from_array([byte; 32])
    }

    fn held(keypair: &str, fee_payer: Option<&str>, signers: &[&str]) -> anyhow::Result<Held> {
        let globals = Globals {
            keypair: Some(keypair.into()),
            fee_payer: fee_payer.map(Into::into),
            signers: signers.iter().map(ToString::to_string).collect(),
            ..Globals::default()
        };
        Held::read(&globals, &Config::default())
    }

    #[test]
    fn the_signer_pays_unless_somebody_else_does() {
        let (signer, payer) = (key(1).pubkey(), key(2).pubkey());
        let alone = held(&signer.to_string(), None, &[]).unwrap();
        assert_eq!(
            (alone.signer().unwrap(), alone.keyring(&[]).payer()),
            (signer, Some(signer))
        );
        let paid = held(&signer.to_string(), Some(&payer.to_string()), &[]).unwrap();
        assert_eq!(
            (paid.signer().unwrap(), paid.keyring(&[]).payer()),
            (signer, Some(payer))
        );
        assert_eq!(
            paid.keyring(&[Key::Pair(key(3))]).addresses().collect::<Vec<_>>(),
            [key(3).pubkey()]
        );
        let signature = format!("{signer}={}", key(1).sign_message(b"x"));
        assert!(held(&signature, None, &[]).is_err());
        assert!(held(&signer.to_string(), None, &[&signature]).is_ok());
    }

    /// A key that is given has to be there; a configured one only when it is needed.
    #[test]
    fn the_configured_key_may_be_missing() {
        assert!(held("/nowhere/id.json", None, &[]).is_err());
        for path in ["/nowhere/id.json", "usb://ledger"] {
            let config = Config {
                keypair_path: Some(path.into()),
                ..Config::default()
            };
            let held = Held::read(&Globals::default(), &config).unwrap();
            let error = held.signer().unwrap_err();
            assert!(matches!(error, ContextError::NoKeypair(_)), "{error}");
            assert_eq!(held.keyring(&[]).payer(), None);
        }
    }
}
