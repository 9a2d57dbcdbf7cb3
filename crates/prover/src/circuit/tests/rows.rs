//! Every single row is the only one that refuses something.

use ark_ff::{AdditiveGroup, One, Zero};

use super::{
    attacks::{all, before, leaves, remainder_in_one_part},
    *,
};
use crate::{field::power_of_two, testing::run};

/// A page whose values are wrong in one place, and what was changed there.
fn attempts() -> Vec<Attempt> {
    let mut attempts: Vec<_> = all().into_iter().map(|(_, attempt)| attempt).collect();
    let honest = Attempt::honest("honest", run(), before(), &leaves());
    let mut add = |change: &dyn Fn(&mut Attempt)| {
        let mut attempt = honest.clone();
        change(&mut attempt);
        attempts.push(attempt);
    };
    // What a row computes comes out as something else: powers of hashes, products, selections, steps.
    let computed = [
        Group::LeafHash,
        Group::Accumulate,
        Group::Share,
        Group::Factor,
        Group::FactorOrOne,
        Group::Product,
        Group::RunDigest,
        Group::BeforeDigest,
        Group::AfterDigest,
        Group::PageDigest,
        Group::PublicInput,
    ];
    let outcome = honest.outcome();
    for group in computed {
        for at in 0..outcome.variables[&group] {
            add(&|attempt| {
                attempt.tampering.added.push((group, at, Word::one()));
                // Where a share is another, so is the remainder that fits it.
                if group == Group::Share {
                    attempt.page.places[at].payout += Word::one();
                    attempt.page.places[at].inverse = ark_ff::Field::inverse(&attempt.page.places[at].payout).unwrap();
                    attempt.tampering.added[0].2 = Word::from(run().total);
                }
            });
        }
    }
    for at in 0..SIZE {
        // A number that has one digit which is none.
        for rest in 0..64 {
            add(&|attempt| {
                let place = &mut attempt.page.places[at];
                let total = Word::from(run().total);
                place.remainder += Word::one();
                place.payout -= ark_ff::Field::inverse(&total).unwrap();
                place.inverse = ark_ff::Field::inverse(&place.payout).unwrap();
                attempt.tampering.rest = Some((Group::PayoutBits, at, rest));
            });
            add(&|attempt| {
                // The amount is what pays one unit and leaves nothing: a fraction.
                let place = &mut attempt.page.places[at];
                place.amount = Word::from(run().total) * ark_ff::Field::inverse(&Word::from(run().pool)).unwrap();
                (place.payout, place.inverse, place.is_paid) = (Word::one(), Word::one(), Word::one());
                place.remainder = Word::zero();
                attempt.tampering.rest = Some((Group::AmountBits, at, rest));
            });
            add(&|attempt| {
                let place = &mut attempt.page.places[at];
                place.payout -= Word::one();
                if !place.payout.is_zero() {
                    place.inverse = ark_ff::Field::inverse(&place.payout).unwrap();
                }
                place.remainder += Word::from(run().total);
                remainder_in_one_part(attempt, at, rest as usize);
            });
        }
        for rest in 0..4 {
            add(&|attempt| {
                attempt.page.places[at].nibble = power_of_two(100);
                attempt.tampering.rest = Some((Group::NibbleBits, at, rest));
            });
        }
        for rest in 0..128 {
            add(&|attempt| {
                // The key of this place again where it was: keys fall by one and all that follow rise.
                let (high, low) = match at {
                    0 => (before().high, Word::from(before().low)),
                    _ => (attempt.page.places[at - 1].high, attempt.page.places[at - 1].low),
                };
                let place = &mut attempt.page.places[at];
                (place.high, place.low) = (high, low);
                (place.same_high, place.step) = (Word::one(), -Word::one());
                if let Some(next) = attempt.page.places.get(at + 1).cloned() {
                    attempt.page.places[at + 1].same_high = Word::zero();
                    attempt.page.places[at + 1].step = next.high - high - Word::one();
                }
                attempt.tampering.rest = Some((Group::AscendBits, at, rest));
            });
        }
        add(&|attempt| {
            let place = &mut attempt.page.places[at];
            (place.is_paid, place.inverse) = (Word::zero(), Word::zero());
        });
        add(&|attempt| {
            // An amount that pays nothing, counted.
            let place = &mut attempt.page.places[at];
            place.amount = Word::one();
            (place.payout, place.inverse, place.is_paid) = (Word::zero(), Word::zero(), Word::one());
            place.remainder = Word::from(run().pool);
        });
        add(&|attempt| attempt.page.places[at].step += Word::one());
        add(&|attempt| {
            // Half a leaf.
            let place = &mut attempt.page.places[at];
            place.active = Word::one().double();
            place.amount = Word::zero();
            (place.payout, place.inverse, place.is_paid) = (Word::zero(), Word::zero(), Word::zero());
            place.remainder = Word::zero();
            (place.same_high, place.step) = (Word::one(), Word::zero());
            let (high, low) = match at {
                0 => (before().high, Word::from(before().low)),
                _ => (attempt.page.places[at - 1].high, attempt.page.places[at - 1].low),
            };
            let place = &mut attempt.page.places[at];
            (place.high, place.low) = (high, low + Word::one().double());
            follow(attempt, at);
        });
        add(&|attempt| {
            // A leaf that is paid and does not count: the last key stays, the amount does not.
            let (high, low) = match at {
                0 => (before().high, Word::from(before().low)),
                _ => (attempt.page.places[at - 1].high, attempt.page.places[at - 1].low),
            };
            let place = &mut attempt.page.places[at];
            place.active = Word::zero();
            (place.high, place.low) = (high, low);
            (place.same_high, place.step) = (Word::one(), Word::zero());
            follow(attempt, at);
        });
        add(&|attempt| {
            // -1 turns a fall into a rise.
            let (high, low) = match at {
                0 => (before().high, Word::from(before().low)),
                _ => (attempt.page.places[at - 1].high, attempt.page.places[at - 1].low),
            };
            let place = &mut attempt.page.places[at];
            (place.high, place.low) = (high, low - Word::from(4_u64));
            (place.same_high, place.step) = (-Word::one(), Word::from(3_u64));
            follow(attempt, at);
        });
        add(&|attempt| {
            // Said to agree in the first half, which falls.
            let (high, low) = match at {
                0 => (before().high, Word::from(before().low)),
                _ => (attempt.page.places[at - 1].high, attempt.page.places[at - 1].low),
            };
            let place = &mut attempt.page.places[at];
            (place.high, place.low) = (high - Word::one(), low + Word::one());
            (place.same_high, place.step) = (Word::one(), Word::zero());
            follow(attempt, at);
        });
    }
    attempts
}

/// The next place follows the key that this one has now.
fn follow(attempt: &mut Attempt, at: usize) {
    let high = attempt.page.places[at].high;
    if let Some(next) = attempt.page.places.get_mut(at + 1) {
        next.same_high = Word::zero();
        next.step = next.high - high - Word::one();
    }
}

#[test]
fn every_row_alone_refuses_something() {
    let rows = &shape().rows.groups;
    let mut alone = BTreeSet::new();
    for attempt in attempts() {
        if let [(row, _)] = attempt.violated_rows()[..] {
            alone.insert(row);
        }
    }
    let missed: Vec<_> = (0..rows.len())
        .filter(|row| !alone.contains(row))
        .map(|row| (row, rows[row]))
        .collect();
    // The highest digit of the total: nothing is known that a digit there which is none would let through, because no
    // step it makes is a number that fits. The row stays: it is one of 64, and what is not known may be.
    let groups: Vec<_> = missed.iter().map(|(_, group)| *group).collect();
    assert_eq!(groups, [Group::TotalBits], "{missed:?}");
    let highest = rows.iter().rposition(|group| *group == Group::TotalBits);
    assert_eq!(missed.first().map(|(row, _)| *row), highest);
}
