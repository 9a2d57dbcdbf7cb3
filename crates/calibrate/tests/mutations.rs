//! Files with damage anywhere: each is read, or refused by a name; none is read with a number that cannot be.

use bulkhead_calibrate::{Input, InputError, Outliers, Random, read_flow, read_price};

const BYTES: &[u8] = b"0123456789,.-+eE:TZ \n\r\"#naif\xff\x00";

fn damaged(text: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(3) {
            0 => bytes[at] = BYTES[random.below(BYTES.len())],
            1 => bytes.insert(at, BYTES[random.below(BYTES.len())]),
            _ => {
                bytes.remove(at);
            }
        }
    }
    bytes
}

fn file(header: &str) -> String {
    let rows = (0..220).map(|i| format!("{},{}.5\n", 1_770_000_000 + 60 * i, 100 + i % 9));
    format!("{header}\n{}", rows.collect::<String>())
}

fn assert_named(error: &InputError) {
    let printed = error.to_string();
    let (name, rest) = printed.split_once(": ").expect("a name");
    assert!(name.chars().all(char::is_alphanumeric) && !rest.is_empty(), "{printed}");
}

/// How a file with damage is read: as it comes, and by those who let more pass.
fn inputs() -> [Input; 3] {
    let read = |outliers, allow_gaps| Input {
        outliers,
        allow_gaps,
        ..Input::default()
    };
    [
        Input::default(),
        read(Outliers::Exclude, true),
        read(Outliers::Keep, true),
    ]
}

#[test]
fn damage_is_refused_by_name() {
    let mut random = Random::new(11);
    let (flow, price) = (file("timestamp,outflow"), file("timestamp,price"));
    let (mut read, mut refused) = (0, 0);
    for _ in 0..4_000 {
        let (price, flow) = (damaged(&price, &mut random), damaged(&flow, &mut random));
        for input in inputs() {
            match read_price(price.as_slice(), input) {
                Ok(price) => {
                    read += 1;
                    assert!(price.rows.iter().all(|row| row.price > 0.0 && row.price.is_finite()));
                    assert!(price.rows.windows(2).all(|pair| pair[0].ts < pair[1].ts));
                }
                Err(error) => {
                    refused += 1;
                    assert_named(&error);
                }
            }
            if let Err(error) = read_flow(flow.as_slice(), input) {
                assert_named(&error);
            }
        }
    }
    // Otherwise nothing was tried.
    assert!(read > 200 && refused > 200, "{read} read, {refused} refused");
}
