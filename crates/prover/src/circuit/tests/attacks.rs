//! Every attack that one missing group of rows would let through. Each violates that group and no other.

use ark_ff::{AdditiveGroup, Field, One, Zero};

use super::*;
use crate::{
    circuit::{advice::PlaceAdvice, number::digits},
    field::power_of_two,
    testing::{leaf, run},
};

pub(super) fn before() -> State {
    State::first(&[3; 32], 0).unwrap()
}

pub(super) fn leaves() -> Vec<Leaf> {
    vec![leaf(1, 5), leaf(2, 1_000), leaf(9, 77)]
}

fn word(number: u128) -> Word {
    Word::from(number)
}

/// An honest page with a name, to be changed.
fn page(name: &str) -> Attempt {
    Attempt::honest(name, run(), before(), &leaves())
}

/// Changes a payout and what follows from it, but not the remainder.
fn set_payout(place: &mut PlaceAdvice, payout: Word) {
    place.payout = payout;
    place.inverse = payout.inverse().unwrap_or_default();
    place.is_paid = if payout.is_zero() { Word::zero() } else { Word::one() };
}

/// Divides anew, after amount or pool changed.
fn divide(place: &mut PlaceAdvice, pool: u64, total: u64) {
    let share: u128 = ark_number(place.amount) * u128::from(pool);
    set_payout(place, word(share / u128::from(total)));
    place.remainder = word(share % u128::from(total));
}

fn ark_number(word: Word) -> u128 {
    let bytes = to_bytes(&word);
    assert_eq!(bytes[..16], [0; 16]);
    u128::from_be_bytes(bytes[16..].try_into().unwrap())
}

/// One attempt at least for every group.
pub(super) fn all() -> Vec<(Group, Attempt)> {
    let mut all = vec![];
    keys(&mut all);
    amounts(&mut all);
    shares(&mut all);
    accumulators(&mut all);
    products(&mut all);
    digests(&mut all);
    all
}

type Attacks = Vec<(Group, Attempt)>;

fn keys(all: &mut Attacks) {
    let from = |name: &str, keys: &[(u128, u128)]| {
        let mut attempt = Attempt::honest(name, run(), before(), &leaves());
        let leaves: Vec<_> = leaves()
            .into_iter()
            .zip(keys)
            .map(|(leaf, (high, low))| Leaf {
                high: *high,
                low: *low,
                ..leaf
            })
            .collect();
        for (place, leaf) in attempt.page.places.iter_mut().zip(&leaves) {
            (place.high, place.low) = (word(leaf.high), word(leaf.low));
        }
        attempt.leaves = Some(leaves);
        attempt
    };

    let mut attempt = from("a position twice", &[(1, 5), (1, 6), (1, 6)]);
    attempt.page.places[0].step = word(1);
    for place in &mut attempt.page.places[1..] {
        place.same_high = Word::one();
    }
    attempt.page.places[1].step = Word::zero();
    attempt.page.places[2].step = -Word::one();
    all.push((Group::AscendBits, attempt));

    let mut attempt = from("a position again after another", &[(1, 5), (1, 9), (1, 5)]);
    attempt.page.places[0].step = word(1);
    (attempt.page.places[1].same_high, attempt.page.places[1].step) = (Word::one(), word(3));
    // -1 turns the fall of 4 into a rise.
    (attempt.page.places[2].same_high, attempt.page.places[2].step) = (-Word::one(), word(3));
    all.push((Group::AscendChoice, attempt));

    let mut attempt = from("said to agree, and falls", &[(7, 5), (8, 5), (7, 6)]);
    attempt.page.places[0].step = word(7);
    attempt.page.places[1].step = Word::zero();
    (attempt.page.places[2].same_high, attempt.page.places[2].step) = (Word::one(), Word::zero());
    all.push((Group::AscendSameHigh, attempt));

    let mut attempt = from("simply falls", &[(7, 5), (8, 5), (7, 5)]);
    attempt.page.places[0].step = word(7);
    attempt.page.places[1].step = Word::zero();
    attempt.page.places[2].step = Word::zero();
    all.push((Group::AscendStep, attempt));

    // An empty place moves the last key, so that the next page can hold the same positions again.
    let last = leaves()[1];
    for (name, high, low, step) in [
        (
            "an empty place takes the last key back",
            word(last.high),
            Word::zero(),
            Word::zero(),
        ),
        (
            "an empty place takes the last key forward",
            word(last.high + 5),
            word(last.low),
            word(5),
        ),
    ] {
        let mut attempt = Attempt::honest(name, run(), before(), &leaves()[..2]);
        let place = &mut attempt.page.places[2];
        (place.high, place.low, place.same_high, place.step) = (high, low, Word::zero(), step);
        all.push((Group::Padding, attempt));
    }

    let mut attempt = Attempt::honest("a place counts twice", run(), before(), &leaves()[..2]);
    let place = &mut attempt.page.places[2];
    place.active = word(2);
    place.low += word(2);
    attempt.leaves = None;
    all.push((Group::Active, attempt));
}

fn amounts(all: &mut Attacks) {
    // The amount reaches into the owner's bits: 2^64 less, and the nibble one more. The sum wraps around.
    for rest in 0..64 {
        let run = Run {
            pool: 0,
            total: u64::MAX,
            ..run()
        };
        let before = State {
            sum: 1 << 63,
            count: 1,
            ..before()
        };
        let held = leaf(2, 10);
        let mut attempt = Attempt::honest(format!("a negative amount, digit {rest}"), run, before, &[held]);
        let amount = (1 << 63) + 10;
        attempt.leaves = Some(vec![Leaf { amount, ..held }]);
        let place = &mut attempt.page.places[0];
        place.amount = Word::from(amount) - power_of_two(64);
        place.nibble += Word::one();
        attempt.tampering.rest = Some((Group::AmountBits, 0, rest));
        all.push((Group::AmountBits, attempt));
    }
    for rest in 0..4 {
        let mut attempt = page(&format!("an amount of 5 more in the same word, digit {rest}"));
        let place = &mut attempt.page.places[0];
        place.amount += word(5);
        place.nibble -= word(5) * power_of_two(64).inverse().unwrap();
        divide(place, run().pool, run().total);
        attempt.tampering.rest = Some((Group::NibbleBits, 0, rest));
        all.push((Group::NibbleBits, attempt));
    }
    // An amount without a leaf.
    let mut attempt = Attempt::honest("an empty place is paid", run(), before(), &leaves()[..2]);
    let place = &mut attempt.page.places[2];
    place.amount = word(500);
    place.owner = word(4_242);
    divide(place, run().pool, run().total);
    all.push((Group::Padding, attempt));
}

/// Moves the payout of one place, and says how the equation is to hold.
fn shares(all: &mut Attacks) {
    let total = Word::from(run().total);
    for (name, by) in [("payout + 1", Word::one()), ("payout - 1", -Word::one())] {
        for at in 0..SIZE {
            let mut attempt = page(&format!("{name}, and the product says so, place {at}"));
            let place = &mut attempt.page.places[at];
            set_payout(place, place.payout + by);
            attempt.tampering.added.push((Group::Share, at, by * total));
            all.push((Group::Share, attempt));

            let mut attempt = page(&format!("{name}, and nothing fits, place {at}"));
            let place = &mut attempt.page.places[at];
            set_payout(place, place.payout + by);
            all.push((Group::Quotient, attempt));

            let mut attempt = page(&format!("{name}, by the remainder, place {at}"));
            let place = &mut attempt.page.places[at];
            set_payout(place, place.payout + by);
            place.remainder -= by * total;
            remainder_in_one_part(&mut attempt, at, 63);
            all.push((Group::Remainder, attempt));
        }
    }
    for part in 0..64 {
        let mut attempt = page(&format!("payout - 1, by part {part} of the remainder"));
        let place = &mut attempt.page.places[1];
        set_payout(place, place.payout - Word::one());
        place.remainder += total;
        remainder_in_one_part(&mut attempt, 1, part);
        all.push((Group::Remainder, attempt));
    }

    // Two payouts that are no numbers, and add up to one more than they should.
    let mut attempt = page("payouts that are fractions");
    let inverse = total.inverse().unwrap();
    for (at, by) in [(0, word(200_000)), (1, total - word(200_000))] {
        let place = &mut attempt.page.places[at];
        set_payout(place, place.payout + by * inverse);
        place.remainder -= by;
    }
    all.push((Group::PayoutBits, attempt));

    // A step that is the total more, or the total: a remainder of the total more.
    for step in 0..64 {
        let name = format!("step {step} of the total");
        let mut attempt = Attempt::honest(name, run(), before(), &leaves()[1..2]);
        let place = &mut attempt.page.places[0];
        set_payout(place, place.payout - Word::one());
        let steps = honest_steps(run().total);
        let mut parts = super::super::number::subset(place.remainder, &steps);
        place.remainder += total;
        let added = if parts[step].is_zero() {
            total - steps[step]
        } else {
            total
        };
        parts[step] = steps[step] + added;
        attempt.tampering.parts.push((0, parts));
        attempt
            .tampering
            .parts
            .extend([1, 2].map(|at| (at, vec![Word::ZERO; 64])));
        attempt.tampering.added.push((Group::TotalSteps, 63 - step, added));
        all.push((Group::TotalSteps, attempt));
    }

    all.extend((0..63).map(|digit| (Group::TotalBits, total_in_other_digits(digit).unwrap())));
}

pub(super) fn honest_steps(total: u64) -> Vec<Word> {
    (0..64).map(|j| Word::from(((total - 1) >> j).div_ceil(2))).collect()
}

/// The remainder of a place is what it should not be, and one part takes what the others leave.
pub(super) fn remainder_in_one_part(attempt: &mut Attempt, at: usize, part: usize) {
    let remainder = attempt.page.places[at].remainder;
    let mut parts = super::super::number::subset(remainder, &honest_steps(attempt.run.total));
    parts[part] = Word::zero();
    parts[part] = remainder - parts.iter().sum::<Word>();
    attempt.tampering.parts.push((at, parts));
}

/// The total in digits of which one is neither 0 nor 1: some steps are below 0 then, and the others add up to the
/// total or more. A remainder of that much takes the payout down.
pub(super) fn total_in_other_digits(digit: usize) -> Option<Attempt> {
    // A prime, so large that products reach above every remainder.
    let total = (1_u64 << 61) - 1;
    let mut found: Option<(u64, Vec<Word>, Vec<Word>)> = None;
    for other in (0..64).filter(|other| *other != digit) {
        let mut bits = digits(Word::from(total - 1), 64, 63);
        let flipped = Word::one() - bits[other];
        let moved = (flipped - bits[other]) * power_of_two(u32::try_from(other).unwrap());
        bits[other] = flipped;
        bits[digit] -= moved * power_of_two(u32::try_from(digit).unwrap()).inverse().unwrap();
        let steps = steps_of(&bits);
        let is_small = |step: &&Word| to_bytes(step)[..17].iter().all(|byte| *byte == 0);
        let most: Word = steps.iter().filter(is_small).sum();
        let parts: Vec<_> = steps
            .iter()
            .map(|step| if is_small(&step) { *step } else { Word::zero() })
            .collect();
        let Ok(most) = u64::try_from(ark_number(most)) else {
            continue;
        };
        if most >= total && found.as_ref().is_none_or(|(least, ..)| most < *least) {
            found = Some((most, bits, parts));
        }
    }
    let (remainder, bits, parts) = found?;
    // amount · pool leaves that remainder: the amount is remainder / pool modulo the total, which is prime.
    let pool = (1..1_000)
        .map(|by| total / 2 - by)
        .find(|pool| amount_for(remainder, *pool, total) * u128::from(*pool) >= u128::from(remainder))?;
    let amount = amount_for(remainder, pool, total);
    let run = Run { pool, total, ..run() };
    let amount = u64::try_from(amount).unwrap();
    let mut attempt = Attempt::honest(
        format!("the total in digits of which digit {digit} is none"),
        run,
        before(),
        &[leaf(1, amount)],
    );
    let place = &mut attempt.page.places[0];
    let payout = (u128::from(amount) * u128::from(pool) - u128::from(remainder)) / u128::from(total);
    set_payout(place, word(payout));
    place.remainder = Word::from(remainder);
    attempt.page.total = bits;
    attempt.tampering.parts.push((0, parts));
    attempt
        .tampering
        .parts
        .extend([1, 2].map(|at| (at, vec![Word::ZERO; 64])));
    Some(attempt)
}

fn amount_for(remainder: u64, pool: u64, total: u64) -> u128 {
    let modulo = u128::from(total);
    let mut inverse = 1_u128;
    let (mut base, mut exponent) = (u128::from(pool) % modulo, modulo - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            inverse = inverse * base % modulo;
        }
        base = base * base % modulo;
        exponent >>= 1;
    }
    assert_eq!(inverse * u128::from(pool) % modulo, 1);
    match u128::from(remainder) % modulo * inverse % modulo {
        0 => modulo,
        amount => amount,
    }
}

/// Steps as the rows make them from any digits.
fn steps_of(bits: &[Word]) -> Vec<Word> {
    let mut above = Word::zero();
    let mut steps: Vec<_> = bits
        .iter()
        .rev()
        .map(|bit| {
            let step = above + bit;
            above = above.double() + bit;
            step
        })
        .collect();
    steps.reverse();
    steps
}

fn accumulators(all: &mut Attacks) {
    // The same sums over other leaves: one owner is another.
    let honest = run().advance_all(&before(), &leaves()[..2]).unwrap().accumulator;
    let target = Leaf {
        owner: word(4_242),
        ..leaves()[2]
    }
    .fold(honest)
    .unwrap();
    let mut attempt = page("the hash of another owner's leaf");
    let hash = leaves()[2].fold(honest).unwrap();
    forge_hash(&mut attempt, Group::LeafHash, 6, 2, target, hash);
    attempt.leaves = Some(
        [
            &leaves()[..2],
            &[Leaf {
                owner: word(4_242),
                ..leaves()[2]
            }],
        ]
        .concat(),
    );
    all.push((Group::LeafHash, attempt));

    let mut attempt = page("a leaf that the accumulator does not take");
    attempt.tampering.added.push((Group::Accumulate, 2, honest - hash));
    attempt.leaves = Some(leaves()[..2].to_vec());
    all.push((Group::Accumulate, attempt));
}

fn products(all: &mut Attacks) {
    let mut attempt = Attempt::honest("a payout of 0 is counted", run(), before(), &[leaf(1, 1)]);
    attempt.page.places[0].is_paid = Word::one();
    all.push((Group::UnpaidIsSkipped, attempt));

    let mut attempt = page("a payout is not counted");
    (attempt.page.places[1].is_paid, attempt.page.places[1].inverse) = (Word::zero(), Word::zero());
    all.push((Group::PaidIsCounted, attempt));

    for at in 0..SIZE {
        for group in [Group::Factor, Group::FactorOrOne, Group::Product] {
            let mut attempt = page(&format!("{group:?} of place {at} is another"));
            attempt.tampering.added.push((group, at, word(3)));
            all.push((group, attempt));
        }
    }
}

fn digests(all: &mut Attacks) {
    let (run, before) = (run(), before());
    let after = run.advance_all(&before, &leaves()).unwrap();
    let more = State {
        sum: after.sum + 1,
        ..after
    };

    let mut attempt = page("the digest of a state with a larger sum");
    forge_hash(
        &mut attempt,
        Group::AfterDigest,
        8,
        0,
        more.digest().unwrap(),
        after.digest().unwrap(),
    );
    attempt.claim = Some((run, before, more));
    all.push((Group::AfterDigest, attempt));

    let mut attempt = page("the digest of a state before that never was");
    let earlier = State { paid: 9, ..before };
    forge_hash(
        &mut attempt,
        Group::BeforeDigest,
        8,
        0,
        earlier.digest().unwrap(),
        before.digest().unwrap(),
    );
    attempt.claim = Some((run, earlier, after));
    all.push((Group::BeforeDigest, attempt));

    let mut attempt = page("the digest of a larger pool");
    let other = Run {
        pool: run.pool + 100_000,
        ..run
    };
    forge_hash(
        &mut attempt,
        Group::RunDigest,
        6,
        0,
        other.digest().unwrap(),
        run.digest().unwrap(),
    );
    attempt.claim = Some((other, before, after));
    all.push((Group::RunDigest, attempt));

    let honest = run.public_input(&before, &after).unwrap();
    let target = run.public_input(&before, &more).unwrap();
    let mut attempt = page("a page's digest over other digests");
    forge_hash(&mut attempt, Group::PageDigest, 4, 0, target, honest);
    attempt.claim = Some((run, before, more));
    all.push((Group::PageDigest, attempt));

    let mut attempt = page("a public input that is not the page's");
    attempt.tampering.added.push((Group::PublicInput, 0, target - honest));
    attempt.claim = Some((run, before, more));
    all.push((Group::PublicInput, attempt));
    assert_eq!(
        honest,
        digest(&[run.digest().unwrap(), before.digest().unwrap(), after.digest().unwrap()])
    );
}
