//! Points as Solana's `alt_bn128` syscalls take them: coordinates big endian, the imaginary part of a G2 coordinate
//! first, zeros for the point at infinity.

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, PrimeField};

use crate::Error;

/// Bytes of a point of G1.
pub const G1: usize = 64;
/// Bytes of a point of G2.
pub const G2: usize = 128;

/// A point of G1 in 64 bytes.
pub(crate) fn g1_bytes(point: &G1Affine) -> [u8; G1] {
    let (x, y) = point.xy().unwrap_or((Fq::ZERO, Fq::ZERO));
    join(&[x, y])
}

/// A point of G2 in 128 bytes.
pub(crate) fn g2_bytes(point: &G2Affine) -> [u8; G2] {
    let (x, y) = point.xy().unwrap_or((Fq2::ZERO, Fq2::ZERO));
    join(&[x.c1, x.c0, y.c1, y.c0])
}

/// The point of 64 bytes, if they are the encoding of one.
pub(crate) fn g1(bytes: &[u8; G1]) -> Result<G1Affine, Error> {
    let [x, y] = split(bytes)?;
    if (x, y) == (Fq::ZERO, Fq::ZERO) {
        return Ok(G1Affine::zero());
    }
    // Every point of the curve is in the group.
    let point = G1Affine::new_unchecked(x, y);
    if point.is_on_curve() {
        Ok(point)
    } else {
        Err(Error::NotCanonical("a point is not on G1's curve"))
    }
}

/// The point of 128 bytes, if they are the encoding of one.
pub(crate) fn g2(bytes: &[u8; G2]) -> Result<G2Affine, Error> {
    let [x1, x0, y1, y0] = split(bytes)?;
    let (x, y) = (Fq2::new(x0, x1), Fq2::new(y0, y1));
    if (x, y) == (Fq2::ZERO, Fq2::ZERO) {
        return Ok(G2Affine::zero());
    }
    let point = G2Affine::new_unchecked(x, y);
    if !point.is_on_curve() {
        Err(Error::NotCanonical("a point is not on G2's curve"))
    } else if !point.is_in_correct_subgroup_assuming_on_curve() {
        Err(Error::NotCanonical("a point of G2's curve is not in its group"))
    } else {
        Ok(point)
    }
}

fn join<const LEN: usize>(coordinates: &[Fq]) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    let all = coordinates
        .iter()
        .flat_map(|coordinate| coordinate.into_bigint().to_bytes_be());
    for (to, from) in bytes.iter_mut().zip(all) {
        *to = from;
    }
    bytes
}

fn split<const COUNT: usize>(bytes: &[u8]) -> Result<[Fq; COUNT], Error> {
    let mut coordinates = [Fq::ZERO; COUNT];
    for (coordinate, bytes) in coordinates.iter_mut().zip(bytes.chunks(32)) {
        *coordinate = Fq::from_be_bytes_mod_order(bytes);
        if coordinate.into_bigint().to_bytes_be() != bytes {
            return Err(Error::NotCanonical("a coordinate is not below the field's modulus"));
        }
    }
    Ok(coordinates)
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;
    use ark_std::test_rng;

    use super::*;

    #[test]
    fn points_come_back_from_their_bytes() {
        let mut random = test_rng();
        let (one, two) = (G1Affine::rand(&mut random), G2Affine::rand(&mut random));
        assert_eq!(g1(&g1_bytes(&one)).unwrap(), one);
        assert_eq!(g2(&g2_bytes(&two)).unwrap(), two);
        assert_eq!(g1(&[0; G1]).unwrap(), G1Affine::zero());
        assert_eq!(g2(&[0; G2]).unwrap(), G2Affine::zero());
    }

    #[test]
    fn a_point_of_the_curve_outside_the_group_is_refused() {
        let outside = (1_u64..)
            .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(x.into(), Fq::ZERO), false))
            .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        assert!(outside.is_on_curve());
        let refused = g2(&g2_bytes(&outside));
        assert!(matches!(refused, Err(Error::NotCanonical(what)) if what.contains("not in its group")));
    }

    #[test]
    fn what_is_no_point_is_refused() {
        let mut bytes = [0; G1];
        bytes[63] = 1;
        assert!(matches!(g1(&bytes), Err(Error::NotCanonical(_))));
        assert!(matches!(g1(&[0xff; G1]), Err(Error::NotCanonical(_))));
        let mut bytes = [0; G2];
        bytes[127] = 1;
        assert!(matches!(g2(&bytes), Err(Error::NotCanonical(_))));
        assert!(matches!(g2(&[0xff; G2]), Err(Error::NotCanonical(_))));
    }
}
