//! Keys: how they are made, named, marked and stored.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    path::Path,
};

use ark_bn254::Bn254;
use ark_ec::AffineRepr;
use ark_groth16::{Groth16, PreparedVerifyingKey, ProvingKey as ArkProvingKey, VerifyingKey as ArkVerifyingKey};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, Compress, Validate};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Error, Shape,
    circuit::builder::INSTANCE,
    file::{hex, read_json, unhex, write_whole},
    points::{G1, G2, g1, g1_bytes, g2, g2_bytes},
};

const MAGIC: &[u8; 8] = b"bhPrvKey";
const VERSION: u32 = 1;
/// Magic, version, set-up, page size, id.
const HEADER: usize = 8 + 4 + 4 + 4 + 32;

/// Where keys come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetUp {
    /// One party made them, and can prove false statements. For drills.
    Insecure,
}

impl SetUp {
    const fn number(self) -> u8 {
        match self {
            Self::Insecure => 1,
        }
    }
}

/// The key that proofs are checked with.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    /// Leaves of a page.
    pub page_size: usize,
    /// Where it comes from.
    pub set_up: SetUp,
    pub(crate) key: ArkVerifyingKey<Bn254>,
    pub(crate) prepared: PreparedVerifyingKey<Bn254>,
}

/// The key that proofs are made with, and the one to check them.
pub struct ProvingKey {
    /// To check with.
    pub verifying: VerifyingKey,
    pub(crate) key: ArkProvingKey<Bn254>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyingKeyFile {
    schema_version: u32,
    set_up: SetUp,
    page_size: usize,
    id: String,
    alpha_g1: String,
    beta_g2: String,
    gamma_g2: String,
    delta_g2: String,
    ic_g1: Vec<String>,
}

/// Makes keys for a drill. Who makes them can prove anything, so they are marked.
///
/// # Errors
/// [`Error::Synthesis`].
pub fn set_up_insecurely(shape: &Shape) -> Result<ProvingKey, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Error::Synthesis(error.to_string()))?;
    let mut random = StdRng::from_seed(seed);
    let key = Groth16::<Bn254>::generate_random_parameters_with_reduction(shape, &mut random)
        .map_err(|error| Error::Synthesis(error.to_string()))?;
    Ok(ProvingKey {
        verifying: VerifyingKey::new(key.vk.clone(), shape.size(), SetUp::Insecure),
        key,
    })
}

impl VerifyingKey {
    fn new(key: ArkVerifyingKey<Bn254>, page_size: usize, set_up: SetUp) -> Self {
        Self {
            page_size,
            set_up,
            prepared: ark_groth16::prepare_verifying_key(&key),
            key,
        }
    }

    /// Its points, as the syscalls take them: alpha, beta, gamma, delta, and the two of the public input.
    #[must_use]
    pub fn points(&self) -> Vec<u8> {
        let mut bytes = g1_bytes(&self.key.alpha_g1).to_vec();
        for point in [&self.key.beta_g2, &self.key.gamma_g2, &self.key.delta_g2] {
            bytes.extend(g2_bytes(point));
        }
        bytes.extend(self.key.gamma_abc_g1.iter().flat_map(g1_bytes));
        bytes
    }

    /// Its name: a hash of page size, set-up and points.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(b"bulkhead-proof-key-v1")
            .chain_update((self.page_size as u64).to_le_bytes())
            .chain_update([self.set_up.number()])
            .chain_update(self.points())
            .finalize()
            .into()
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        let written = VerifyingKeyFile {
            schema_version: VERSION,
            set_up: self.set_up,
            page_size: self.page_size,
            id: hex(&self.id()),
            alpha_g1: hex(&g1_bytes(&self.key.alpha_g1)),
            beta_g2: hex(&g2_bytes(&self.key.beta_g2)),
            gamma_g2: hex(&g2_bytes(&self.key.gamma_g2)),
            delta_g2: hex(&g2_bytes(&self.key.delta_g2)),
            ic_g1: self
                .key
                .gamma_abc_g1
                .iter()
                .map(|point| hex(&g1_bytes(point)))
                .collect(),
        };
        write_whole(file, &crate::file::json(&written))
    }

    /// Reads it. Points and id are checked.
    ///
    /// # Errors
    /// A named [`Error`].
    pub fn read(file: &Path) -> Result<Self, Error> {
        let found: VerifyingKeyFile = read_json(file)?;
        let wrong = |what: &str| Error::malformed(file, what);
        if found.schema_version != VERSION {
            return Err(wrong("schema_version is not 1"));
        }
        let g1_of = |text: &str| g1(&unhex::<G1>(text).ok_or_else(|| wrong("a point of G1 is not 128 digits"))?);
        let g2_of = |text: &str| g2(&unhex::<G2>(text).ok_or_else(|| wrong("a point of G2 is not 256 digits"))?);
        let key = ArkVerifyingKey::<Bn254> {
            alpha_g1: g1_of(&found.alpha_g1)?,
            beta_g2: g2_of(&found.beta_g2)?,
            gamma_g2: g2_of(&found.gamma_g2)?,
            delta_g2: g2_of(&found.delta_g2)?,
            gamma_abc_g1: found.ic_g1.iter().map(|text| g1_of(text)).collect::<Result<_, _>>()?,
        };
        if key.gamma_abc_g1.len() != INSTANCE {
            return Err(wrong("a page has one public input"));
        }
        // Without one of its points, a key leaves a part of the equation out: the statement, for example.
        let of_g1 = [&key.alpha_g1].into_iter().chain(&key.gamma_abc_g1);
        let of_g2 = [&key.beta_g2, &key.gamma_g2, &key.delta_g2];
        if of_g1.into_iter().any(AffineRepr::is_zero) || of_g2.into_iter().any(AffineRepr::is_zero) {
            return Err(wrong("a point is the one at infinity"));
        }
        // Before the first contribution of a ceremony they are equal, and then anyone can prove anything; likewise if one
        // is the other's negative.
        if key.delta_g2.x == key.gamma_g2.x {
            return Err(wrong("delta is gamma or its negative"));
        }
        let key = Self::new(key, found.page_size, found.set_up);
        if unhex(&found.id) != Some(key.id()) {
            return Err(wrong("id is not the hash of the rest"));
        }
        Ok(key)
    }
}

impl ProvingKey {
    /// Writes it in one piece.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        let part = file.with_extension("part");
        let write = |part: &Path| -> std::io::Result<()> {
            let mut out = BufWriter::with_capacity(1 << 20, File::create(part)?);
            out.write_all(&self.header())?;
            self.key
                .serialize_uncompressed(&mut out)
                .map_err(std::io::Error::other)?;
            out.into_inner()?.sync_all()?;
            std::fs::rename(part, file)
        };
        write(&part).map_err(Error::io(file))
    }

    fn header(&self) -> Vec<u8> {
        let mut header = MAGIC.to_vec();
        header.extend(VERSION.to_le_bytes());
        header.extend([self.verifying.set_up.number(), 0, 0, 0]);
        header.extend(
            u32::try_from(self.verifying.page_size)
                .unwrap_or(u32::MAX)
                .to_le_bytes(),
        );
        header.extend(self.verifying.id());
        header
    }

    /// Leaves of a page, from the first bytes of the file.
    ///
    /// # Errors
    /// A named [`Error`].
    pub fn page_size_of(file: &Path) -> Result<usize, Error> {
        let mut header = [0; HEADER];
        let mut input = File::open(file).map_err(Error::io(file))?;
        input.read_exact(&mut header).map_err(Error::io(file))?;
        if header[..8] != MAGIC[..] || header[8..12] != VERSION.to_le_bytes() || header[12..16] != [1, 0, 0, 0] {
            return Err(Error::malformed(file, "it is not a proving key of version 1"));
        }
        let size = u32::from_le_bytes([header[16], header[17], header[18], header[19]]);
        Ok(size as usize)
    }

    /// Reads the key of this circuit. Its points are not checked one by one: what a wrong key makes does not verify,
    /// and every proof is verified before it is written.
    ///
    /// # Errors
    /// A named [`Error`].
    pub fn read(file: &Path, shape: &Shape) -> Result<Self, Error> {
        if Self::page_size_of(file)? != shape.size() {
            return Err(Error::malformed(file, "it is a key for pages of another size"));
        }
        let input = File::open(file).map_err(Error::io(file))?;
        let len = input.metadata().map_err(Error::io(file))?.len();
        if len != Self::file_len(shape) {
            return Err(Error::malformed(
                file,
                "its length is not that of a key for this circuit",
            ));
        }
        let mut input = BufReader::with_capacity(1 << 20, input);
        let mut header = [0; HEADER];
        input.read_exact(&mut header).map_err(Error::io(file))?;
        let key = ArkProvingKey::deserialize_with_mode(&mut input, Compress::No, Validate::No)
            .map_err(|error| Error::malformed(file, error.to_string()))?;
        let key = Self {
            verifying: VerifyingKey::new(key.vk.clone(), shape.size(), SetUp::Insecure),
            key,
        };
        if key.header() != header {
            return Err(Error::malformed(file, "its id is not that of its points"));
        }
        Ok(key)
    }

    /// Bytes of the file of a key for this circuit.
    #[must_use]
    pub fn file_len(shape: &Shape) -> u64 {
        let counted = shape.count();
        let (variables, domain) = (counted.variables as u64, counted.domain as u64);
        let (g1, g2, length) = (G1 as u64, G2 as u64, 8);
        let verifying = g1 + 3 * g2 + length + INSTANCE as u64 * g1;
        let queries = 5 * length + (3 * variables - INSTANCE as u64 + domain - 1) * g1 + variables * g2;
        HEADER as u64 + verifying + 2 * g1 + queries
    }
}
