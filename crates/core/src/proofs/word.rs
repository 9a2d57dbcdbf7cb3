//! Words: the integers below the order of BN254's groups, and the only bytes that stand for each.

/// `p`, the order of BN254's groups, big endian.
pub const ORDER: [u8; 32] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, 0x28, 0x33, 0xe8,
    0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01,
];

/// An integer modulo `p`, in its one encoding: 32 bytes, big endian, below `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Word([u8; 32]);

/// 64 bits each, the lowest first.
type Limbs = [u64; 4];

impl Word {
    /// 0.
    pub const ZERO: Self = Self([0; 32]);

    /// 1.
    #[must_use]
    pub fn one() -> Self {
        Self::from(1_u64)
    }

    /// The word of 32 bytes, big endian. `None` for a number that is not below `p`: each word has one encoding.
    #[must_use]
    pub fn read(bytes: &[u8; 32]) -> Option<Self> {
        (*bytes < ORDER).then_some(Self(*bytes))
    }

    /// The word of a hash: the upper three bits are cleared, so it is below `p`.
    #[must_use]
    pub fn masked(mut hash: [u8; 32]) -> Self {
        if let Some(first) = hash.first_mut() {
            *first &= 0x1f;
        }
        Self(hash)
    }

    /// Its 32 bytes, big endian.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Is it below 2^128?
    #[must_use]
    pub fn is_half(&self) -> bool {
        self.0.first_chunk::<16>() == Some(&[0; 16])
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::of(add(self.limbs(), other.limbs()))
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let (difference, is_below) = subtract(self.limbs(), other.limbs());
        Self::of(if is_below {
            add_whole(difference, Self(ORDER).limbs())
        } else {
            difference
        })
    }

    /// The product, by doubling and adding.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let (mut product, by) = ([0; 4], other.limbs());
        for byte in self.0 {
            for bit in (0..8).rev() {
                product = add(product, product);
                if byte.unbounded_shr(bit) & 1 == 1 {
                    product = add(product, by);
                }
            }
        }
        Self::of(product)
    }

    fn limbs(&self) -> Limbs {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(self.0.as_chunks().0.iter().rev()) {
            *limb = u64::from_be_bytes(*bytes);
        }
        limbs
    }

    /// Of limbs below `p`.
    fn of(limbs: Limbs) -> Self {
        let mut bytes = [0; 32];
        for (bytes, limb) in bytes.as_chunks_mut().0.iter_mut().zip(limbs.iter().rev()) {
            *bytes = limb.to_be_bytes();
        }
        Self(bytes)
    }
}

impl From<u128> for Word {
    fn from(number: u128) -> Self {
        let mut bytes = [0; 32];
        if let Some(half) = bytes.last_chunk_mut() {
            *half = number.to_be_bytes();
        }
        Self(bytes)
    }
}

impl From<u64> for Word {
    fn from(number: u64) -> Self {
        Self::from(u128::from(number))
    }
}

/// Of numbers below `p`. Their sum is below 2^256.
fn add(a: Limbs, b: Limbs) -> Limbs {
    let sum = add_whole(a, b);
    match subtract(sum, Word(ORDER).limbs()) {
        (reduced, false) => reduced,
        _ => sum,
    }
}

/// Modulo 2^256.
fn add_whole(a: Limbs, b: Limbs) -> Limbs {
    let (mut sum, mut carry) = ([0; 4], false);
    for ((to, a), b) in sum.iter_mut().zip(a).zip(b) {
        let (part, over) = a.overflowing_add(b);
        let (part, over_too) = part.overflowing_add(u64::from(carry));
        (*to, carry) = (part, over || over_too);
    }
    sum
}

/// Modulo 2^256, and whether `a` is below `b`.
fn subtract(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let (mut difference, mut borrow) = ([0; 4], false);
    for ((to, a), b) in difference.iter_mut().zip(a).zip(b) {
        let (part, under) = a.overflowing_sub(b);
        let (part, under_too) = part.overflowing_sub(u64::from(borrow));
        (*to, borrow) = (part, under || under_too);
    }
    (difference, borrow)
}
