//! Real proofs: of circuits that forgot a group, and of the whole one.

use ark_bn254::Bn254;
use ark_groth16::Groth16;

use super::{attacks::all, *};
use crate::{
    Error, PageProof, ProvingKey, VerifyingKey, circuit::builder::INSTANCE, keys::set_up_insecurely, proof::verify,
};

fn forged(key: &ProvingKey, shape: &Shape, values: &[Word]) -> PageProof {
    let one = Word::from(1_u64);
    let rows = shape.matrices()[0].len();
    let proof = Groth16::<Bn254>::create_proof_with_reduction_and_matrices(
        &key.key,
        one,
        one,
        shape.matrices(),
        INSTANCE,
        rows,
        values,
    );
    PageProof::new(&proof.unwrap())
}

fn holds(key: &VerifyingKey, attempt: &Attempt, proof: &PageProof) -> Result<(), Error> {
    let (run, before, after) = attempt.statement();
    verify(key, &run, &before, &after, proof)
}

/// Without the rows of one group a false statement has a proof that verifies; under the whole circuit's key, what the
/// same values make does not.
#[test]
fn a_circuit_that_forgot_a_group_proves_what_is_false_and_the_whole_one_does_not() {
    let whole = set_up_insecurely(shape()).unwrap();
    for group in [Group::Quotient, Group::AscendBits, Group::PublicInput] {
        let (_, attempt) = all().into_iter().find(|(of, _)| *of == group).unwrap();
        let values = attempt.outcome().values;
        assert!(!attempt.is_true());
        let refused = holds(&whole.verifying, &attempt, &forged(&whole, shape(), &values));
        assert!(matches!(refused, Err(Error::ProofRefused(_))), "{}", attempt.name);

        let lacking = Shape {
            size: SIZE,
            rows: shape().rows.without(group),
            variables: shape().variables,
        };
        let key = set_up_insecurely(&lacking).unwrap();
        holds(&key.verifying, &attempt, &forged(&key, &lacking, &values)).unwrap();
    }
}

/// A prover whose rows and values do not fit says which row, and proves nothing.
#[test]
fn values_that_violate_a_row_are_named_and_not_proved() {
    let mut rows = shape().rows.clone();
    let place = rows.groups.iter().position(|group| *group == Group::Quotient).unwrap();
    rows.matrices[2][place].clear();
    let broken = Shape {
        size: SIZE,
        rows,
        variables: shape().variables,
    };
    let key = set_up_insecurely(&broken).unwrap();
    let refused = crate::prove(
        &key,
        &broken,
        &crate::testing::run(),
        &super::attacks::before(),
        &super::attacks::leaves(),
    );
    assert!(matches!(refused, Err(Error::Unsatisfied(what)) if what == format!("row {place}, Quotient")));
}
