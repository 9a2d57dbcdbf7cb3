//! The groups of rows: each demands one thing, and a test takes each out.

/// What a row is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Group {
    /// No rows: values that other groups tie down.
    #[default]
    Inputs,
    /// total - 1 has 64 bits, so the total is not 0.
    TotalBits,
    /// The 64 steps whose subsets add up to every number below the total, and to no other.
    TotalSteps,
    /// A place holds a leaf or does not.
    Active,
    /// An empty place has the last key again, and no amount.
    Padding,
    /// The two keys agree in their first half or do not.
    AscendChoice,
    /// Where they are said to agree, they do.
    AscendSameHigh,
    /// The half that decides grows by 1 and a number.
    AscendStep,
    /// That number has 128 bits.
    AscendBits,
    /// The amount has 64 bits.
    AmountBits,
    /// The owner's first four bits are four.
    NibbleBits,
    /// Poseidon of accumulator and leaf.
    LeafHash,
    /// The accumulator takes the leaf's hash, or stays.
    Accumulate,
    /// amount · pool.
    Share,
    /// payout · total + remainder is that.
    Quotient,
    /// The payout has 64 bits.
    PayoutBits,
    /// The remainder is below the total.
    Remainder,
    /// A payout of 0 is not counted.
    UnpaidIsSkipped,
    /// Every other payout is.
    PaidIsCounted,
    /// β · (payout and nibble).
    Factor,
    /// The factor of the leaf, or 1.
    FactorOrOne,
    /// The running product.
    Product,
    /// Poseidon of what is the same on every page.
    RunDigest,
    /// Poseidon of the state before.
    BeforeDigest,
    /// Poseidon of the state after.
    AfterDigest,
    /// Poseidon of the three digests.
    PageDigest,
    /// The public input is that.
    PublicInput,
}

#[cfg(test)]
impl Group {
    /// Every group that has rows.
    pub const ALL: [Self; 26] = [
        Self::TotalBits,
        Self::TotalSteps,
        Self::Active,
        Self::Padding,
        Self::AscendChoice,
        Self::AscendSameHigh,
        Self::AscendStep,
        Self::AscendBits,
        Self::AmountBits,
        Self::NibbleBits,
        Self::LeafHash,
        Self::Accumulate,
        Self::Share,
        Self::Quotient,
        Self::PayoutBits,
        Self::Remainder,
        Self::UnpaidIsSkipped,
        Self::PaidIsCounted,
        Self::Factor,
        Self::FactorOrOne,
        Self::Product,
        Self::RunDigest,
        Self::BeforeDigest,
        Self::AfterDigest,
        Self::PageDigest,
        Self::PublicInput,
    ];
}
