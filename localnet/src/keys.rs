//! The keys of a localnet. All are derived from one random seed, so that a hundred thousand owners need no files.

use std::fs;

use sha2::{Digest, Sha256};
use solana_keypair::Keypair;

use crate::{
    error::LocalnetError,
    place::{self, Place},
};

/// Number of council members.
pub const MEMBERS: usize = 5;
/// Number of voters.
pub const VOTERS: usize = 3;

/// Derives the keys of one localnet.
#[derive(Clone)]
pub struct Keyring {
    seed: [u8; 32],
}

impl Keyring {
    /// The keys of the localnet in `place`: those of its seed, or of a new one.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn open_or_create(place: &Place) -> Result<Self, LocalnetError> {
        let path = place.seed();
        if path.exists() {
            return Self::open(place);
        }
        let seed = *Keypair::new().secret_bytes();
        let text: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        place::write(&path, &format!("{text}\n"), true)?;
        Ok(Self { seed })
    }

    /// The keys of the localnet in `place`.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn open(place: &Place) -> Result<Self, LocalnetError> {
        let path = place.seed();
        let text = fs::read_to_string(&path).map_err(|error| LocalnetError::file(&path, error))?;
        let text = text.trim();
        let bytes = (0..32).map(|at| {
            text.get(2 * at..2 * at + 2)
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        });
        let bytes: Option<Vec<u8>> = bytes.collect();
        let seed = bytes.and_then(|bytes| bytes.try_into().ok());
        let seed = seed.ok_or_else(|| LocalnetError::file(&path, "is not 64 hexadecimal digits"))?;
        Ok(Self { seed })
    }

    /// The key with a name.
    #[must_use]
    pub fn key(&self, name: &str) -> Keypair {
        let mut hasher = Sha256::new();
        hasher.update(self.seed);
        hasher.update(name.as_bytes());
        Keypair::new_from_array(hasher.finalize().into())
    }

    /// The council.
    #[must_use]
    pub fn members(&self) -> Vec<Keypair> {
        (0..MEMBERS).map(|number| self.key(&member(number))).collect()
    }

    /// The owner of a position.
    #[must_use]
    pub fn owner(&self, number: u32) -> Keypair {
        self.key(&owner(number))
    }

    /// Writes a key as Solana's tools read it, to the file with its name.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn save(&self, place: &Place, name: &str) -> Result<String, LocalnetError> {
        self.save_as(place, name, name)
    }

    /// Writes a key to a file with another name.
    ///
    /// # Errors
    /// [`LocalnetError::File`]
    pub fn save_as(&self, place: &Place, name: &str, file: &str) -> Result<String, LocalnetError> {
        let path = place.key(file);
        let bytes: Vec<_> = self.key(name).to_bytes().iter().map(u8::to_string).collect();
        place::write(&path, &format!("[{}]", bytes.join(",")), true)?;
        Ok(path.display().to_string())
    }
}

/// The name of a council member's key.
#[must_use]
pub fn member(number: usize) -> String {
    format!("member-{number}")
}

/// The name of a voter's key.
#[must_use]
pub fn voter(number: usize) -> String {
    format!("voter-{number}")
}

/// The name of an owner's key.
#[must_use]
pub fn owner(number: u32) -> String {
    format!("owner-{number}")
}

/// Pays for transactions and rent.
pub const PAYER: &str = "payer";
/// Issues the tokens.
pub const ISSUER: &str = "issuer";
/// Set up the domain. It has no rights since the domain was activated.
pub const SETUP: &str = "setup";
/// The exchange's admin, whose key was stolen.
pub const ADMIN: &str = "exchange-admin";
/// The file of the stolen key.
pub const ATTACKER: &str = "attacker";
/// Whom the attacker makes the exchange's admin.
pub const ACCOMPLICE: &str = "accomplice";
/// Publishes the collateral's price.
pub const PUBLISHER: &str = "publisher";
/// The council's fallback.
pub const FALLBACK: &str = "fallback";
/// May upgrade the programs.
pub const UPGRADE: &str = "upgrade-authority";
