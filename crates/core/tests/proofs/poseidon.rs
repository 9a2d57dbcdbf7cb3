//! Poseidon with circom's parameters from its paper alone: constants and matrix come out of the Grain register.

use std::{collections::VecDeque, sync::OnceLock};

use bulkhead_core::proofs::{
    Curve,
    points::{KeyPoints, PageProof},
    word::{ORDER, Word},
};

const FULL: usize = 8;
const PARTIAL: [usize; 7] = [56, 57, 56, 60, 60, 63, 64];

struct Parameters {
    constants: Vec<Word>,
    matrix: Vec<Vec<Word>>,
}

/// The bits of the register, for a prime field, x^5 and 254 bits.
struct Grain(VecDeque<bool>);

impl Grain {
    fn new(width: usize, partial: usize) -> Self {
        let fields = [
            (1, 2),
            (0, 4),
            (254, 12),
            (width, 12),
            (FULL, 10),
            (partial, 10),
            ((1 << 30) - 1, 30),
        ];
        let bits = fields.into_iter().flat_map(|(value, length): (usize, u32)| {
            let bits = (0..length).rev();
            bits.map(move |at| value >> at & 1 == 1)
        });
        let mut grain = Self(bits.collect());
        for _ in 0..160 {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let bit = [62, 51, 38, 23, 13, 0].iter().fold(false, |bit, at| bit ^ self.0[*at]);
        self.0.pop_front();
        self.0.push_back(bit);
        bit
    }

    fn bit(&mut self) -> bool {
        loop {
            let (is_kept, bit) = (self.step(), self.step());
            if is_kept {
                return bit;
            }
        }
    }

    /// 254 bits, the highest first.
    fn number(&mut self) -> [u8; 32] {
        let mut number = [0; 32];
        for at in 2..256 {
            number[at / 8] |= u8::from(self.bit()) << (7 - at % 8);
        }
        number
    }
}

/// A number below 2^254, reduced.
fn reduced(number: [u8; 32]) -> Word {
    let half = |at: usize| Word::from(u128::from_be_bytes(number[at..at + 16].try_into().expect("half")));
    let shift = Word::from(1_u128 << 127).times(&Word::from(2_u64));
    half(0).times(&shift).plus(&half(16))
}

pub fn inverse(word: &Word) -> Word {
    // x^(p - 2)
    let mut exponent = ORDER;
    assert_eq!(exponent[28..], [0xf0, 0, 0, 1]);
    exponent[28..].copy_from_slice(&[0xef, 0xff, 0xff, 0xff]);
    let mut power = Word::one();
    for bit in exponent
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1))
    {
        power = power.times(&power);
        if bit == 1 {
            power = power.times(word);
        }
    }
    power
}

fn parameters(inputs: usize) -> &'static Parameters {
    static MADE: [OnceLock<Parameters>; 7] = [const { OnceLock::new() }; 7];
    MADE[inputs - 1].get_or_init(|| {
        let (width, partial) = (inputs + 1, PARTIAL[inputs - 1]);
        let mut grain = Grain::new(width, partial);
        let mut constants = vec![];
        while constants.len() < width * (FULL + partial) {
            constants.extend(Word::read(&grain.number()));
        }
        let values: Vec<_> = (0..2 * width).map(|_| reduced(grain.number())).collect();
        let (rows, columns) = values.split_at(width);
        let row = |x: &Word| columns.iter().map(|y| inverse(&x.plus(y))).collect();
        Parameters {
            constants,
            matrix: rows.iter().map(row).collect(),
        }
    })
}

/// The hash of one to seven words.
pub fn poseidon(words: &[Word]) -> Word {
    let Parameters { constants, matrix } = parameters(words.len());
    let partial = PARTIAL[words.len() - 1];
    let mut state = [&[Word::ZERO], words].concat();
    for (number, constants) in constants.chunks(state.len()).enumerate() {
        for (word, constant) in state.iter_mut().zip(constants) {
            *word = word.plus(constant);
        }
        let is_full = number < FULL / 2 || number >= FULL / 2 + partial;
        let count = if is_full { state.len() } else { 1 };
        for word in &mut state[..count] {
            let square = word.times(word);
            *word = square.times(&square).times(word);
        }
        let mix = |row: &Vec<Word>| {
            let products = row.iter().zip(&state).map(|(by, word)| by.times(word));
            products.fold(Word::ZERO, |sum, product| sum.plus(&product))
        };
        state = matrix.iter().map(mix).collect();
    }
    state[0]
}

/// The real hash, and a pairing that accepts these public inputs.
#[derive(Clone, Debug, Default)]
pub struct Real(pub Vec<Word>);

impl Curve for Real {
    fn poseidon(&self, words: &[Word]) -> Option<Word> {
        (1..=7).contains(&words.len()).then(|| poseidon(words))
    }

    fn are_points(&self, _: &KeyPoints) -> bool {
        true
    }

    fn accepts(&self, _: &KeyPoints, public: &Word, _: &PageProof) -> bool {
        self.0.contains(public)
    }
}
