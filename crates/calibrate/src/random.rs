//! Seeded random draws. ChaCha produces the same stream on every machine and in every version.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    stream: ChaCha8Rng,
    spare: Option<f64>,
}

impl Random {
    /// The stream for a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            stream: ChaCha8Rng::seed_from_u64(seed),
            spare: None,
        }
    }

    /// Uniform in (0, 1): never 0, so its logarithm is finite.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        ((self.stream.next_u64() >> 11) as f64 + 0.5) * STEP
    }

    /// A whole number below `bound`, or 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() * bound as f64) as usize).min(bound.saturating_sub(1))
    }

    /// Standard normal, by Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Student's t with an even number of degrees of freedom, scaled to variance 1. `half` is half of them, at least 2.
    pub fn student(&mut self, half: u32) -> f64 {
        let freedom = f64::from(2 * half);
        // A chi-square of 2n degrees of freedom is twice a sum of n exponentials.
        let chi: f64 = (0..half).map(|_| 2.0 * self.exponential()).sum();
        self.normal() / (chi / freedom).sqrt() * ((freedom - 2.0) / freedom).sqrt()
    }

    /// Poisson, by counting exponential gaps; meant for small means.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (mut events, mut at) = (0, self.exponential());
        while at < mean {
            events += 1;
            at += self.exponential();
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{mean, variance};

    #[test]
    fn draws_have_their_moments() {
        let mut random = Random::new(7);
        let normal: Vec<_> = (0..200_000).map(|_| random.normal()).collect();
        let student: Vec<_> = (0..200_000).map(|_| random.student(4)).collect();
        let poisson: Vec<_> = (0..50_000).map(|_| f64::from(random.poisson(3.5))).collect();
        assert!(mean(&normal).abs() < 0.01 && (variance(&normal) - 1.0).abs() < 0.02);
        assert!(mean(&student).abs() < 0.01 && (variance(&student) - 1.0).abs() < 0.04);
        assert!((mean(&poisson) - 3.5).abs() < 0.05 && (variance(&poisson) - 3.5).abs() < 0.1);
    }

    #[test]
    fn a_seed_is_a_stream() {
        let draw = |seed| Random::new(seed).uniform();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!((0..1_000).all(|seed| Random::new(seed).below(3) < 3));
        assert_eq!(Random::new(1).below(0), 0);
    }
}
