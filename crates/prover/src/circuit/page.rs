//! The rows of a page. `docs/proof-statement.md` says what each group demands and why that is enough.

use ark_ff::One;

use super::{
    advice::{AMOUNT_BITS, HALF_BITS, NIBBLE_BITS, PageAdvice, PlaceAdvice},
    builder::Builder,
    group::Group,
    number::{below_total, of_bits, steps},
    poseidon::hash,
    wire::Wire,
};
use crate::{Error, Word, field::power_of_two};

/// The wires that every place uses.
struct Plan {
    pool: Wire,
    total: Wire,
    steps: Vec<Wire>,
    gamma: Wire,
    beta: Wire,
}

/// The wires of a state.
struct Running {
    accumulator: Wire,
    high: Wire,
    low: Wire,
    count: Wire,
    sum: Wire,
    paid: Wire,
    product: Wire,
}

impl Running {
    fn words(&self) -> [&Wire; 7] {
        [
            &self.accumulator,
            &self.high,
            &self.low,
            &self.count,
            &self.sum,
            &self.paid,
            &self.product,
        ]
    }

    fn digest(&self, builder: &mut Builder, group: Group) -> Result<Wire, Error> {
        builder.enter(group);
        hash(builder, &self.words().map(Wire::clone))
    }
}

/// Puts a page together. Returns the words of the state after it.
pub(crate) fn synthesize(builder: &mut Builder, page: &PageAdvice) -> Result<[Word; 7], Error> {
    builder.enter(Group::Inputs);
    let context = builder.variable(page.context);
    let pool = builder.variable(page.pool);
    let (gamma, beta) = (builder.variable(page.gamma), builder.variable(page.beta));
    let mut running = Running {
        accumulator: builder.variable(page.accumulator),
        high: builder.variable(page.high),
        low: builder.variable(page.low),
        count: builder.variable(page.count),
        sum: builder.variable(page.sum),
        paid: builder.variable(page.paid),
        product: builder.variable(page.product),
    };
    let before = running.digest(builder, Group::BeforeDigest)?;

    builder.enter(Group::TotalBits);
    let bits: Vec<_> = page.total.iter().map(|digit| builder.bit(*digit)).collect();
    let total = bits
        .iter()
        .rev()
        .fold(Wire::default(), |sum, bit| sum.times(Word::from(2_u64)).add(bit))
        .add(&builder.constant(Word::one()));
    let plan = Plan {
        steps: steps(builder, &bits),
        pool,
        total,
        gamma,
        beta,
    };
    for place in &page.places {
        running = advance(builder, &plan, running, place)?;
    }

    let after = running.digest(builder, Group::AfterDigest)?;
    builder.enter(Group::RunDigest);
    let same = hash(builder, &[context, plan.pool, plan.total, plan.gamma, plan.beta])?;
    builder.enter(Group::PageDigest);
    let digest = hash(builder, &[same, before, after])?;
    builder.enter(Group::PublicInput);
    let public = builder.public(digest.value);
    builder.demand_equal(&digest, &public);
    Ok(running.words().map(|wire| wire.value))
}

/// One place: the state after it.
fn advance(builder: &mut Builder, plan: &Plan, before: Running, place: &PlaceAdvice) -> Result<Running, Error> {
    let one = builder.constant(Word::one());
    builder.enter(Group::Inputs);
    let (high, low) = (builder.variable(place.high), builder.variable(place.low));
    let owner = builder.variable(place.owner);
    builder.enter(Group::Active);
    let active = builder.bit(place.active);

    let (amount, _) = of_bits(builder, Group::AmountBits, place.amount, AMOUNT_BITS);
    let (nibble, _) = of_bits(builder, Group::NibbleBits, place.nibble, NIBBLE_BITS);

    // Keys ascend: either the first halves agree and the second grows, or the first grows.
    builder.enter(Group::AscendChoice);
    let same_high = builder.bit(place.same_high);
    let (step, _) = of_bits(builder, Group::AscendBits, place.step, HALF_BITS);
    let (by_high, by_low) = (high.sub(&before.high), low.sub(&before.low));
    builder.enter(Group::AscendSameHigh);
    builder.demand(&same_high, &by_high, &Wire::default());
    builder.enter(Group::AscendStep);
    builder.demand(&same_high, &by_low.sub(&by_high), &step.add(&active).sub(&by_high));
    // An empty place: three numbers that are not negative and add up to 0.
    builder.enter(Group::Padding);
    let nothing = step.add(&one.sub(&same_high)).add(&amount);
    builder.demand(&one.sub(&active), &nothing, &Wire::default());

    builder.enter(Group::LeafHash);
    let packed = amount.clone().plus(power_of_two(64), &nibble);
    let folded = hash(
        builder,
        &[
            before.accumulator.clone(),
            high.clone(),
            low.clone(),
            owner.clone(),
            packed,
        ],
    )?;
    builder.enter(Group::Accumulate);
    let taken = active.value * (folded.value - before.accumulator.value);
    let accumulator = builder.variable(before.accumulator.value + taken);
    builder.demand(
        &active,
        &folded.sub(&before.accumulator),
        &accumulator.sub(&before.accumulator),
    );

    // payout = ⌊amount · pool / total⌋: amount · pool = payout · total + remainder, with the remainder below the total.
    builder.enter(Group::Share);
    let share = builder.product(&amount, &plan.pool);
    let (payout, _) = of_bits(builder, Group::PayoutBits, place.payout, AMOUNT_BITS);
    let remainder = below_total(builder, place.remainder, &plan.steps);
    builder.enter(Group::Quotient);
    builder.demand(&payout, &plan.total, &share.sub(&remainder));

    // The product takes γ - owner - β · (payout and nibble), if the payout is not 0.
    builder.enter(Group::Inputs);
    let (inverse, is_paid) = (builder.variable(place.inverse), builder.variable(place.is_paid));
    builder.enter(Group::UnpaidIsSkipped);
    builder.demand(&payout, &inverse, &is_paid);
    builder.enter(Group::PaidIsCounted);
    builder.demand(&payout, &one.sub(&is_paid), &Wire::default());
    builder.enter(Group::Factor);
    let mixed = builder.product(&plan.beta, &payout.clone().plus(power_of_two(64), &nibble));
    builder.enter(Group::FactorOrOne);
    let factor = plan.gamma.sub(&owner).sub(&mixed);
    let beyond_one = builder.product(&is_paid, &factor.sub(&one));
    builder.enter(Group::Product);
    let product = builder.product(&before.product, &beyond_one.add(&one));

    Ok(Running {
        accumulator,
        high,
        low,
        count: before.count.add(&active),
        sum: before.sum.add(&amount),
        paid: before.paid.add(&payout),
        product,
    })
}

/// Rows of one place and of the page around it, by group.
pub(crate) fn is_of_a_place(group: Group) -> bool {
    !matches!(
        group,
        Group::TotalBits
            | Group::TotalSteps
            | Group::RunDigest
            | Group::BeforeDigest
            | Group::AfterDigest
            | Group::PageDigest
            | Group::PublicInput
    ) && group != Group::Inputs
}
