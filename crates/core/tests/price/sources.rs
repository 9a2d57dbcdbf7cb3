//! Where prices are read: Pyth's accounts and a host's own.

use bulkhead_core::{
    CoreError,
    detectors::oracle::{self, NO_CONFIDENCE, PYTH_DISCRIMINATOR},
};
use bulkhead_interface::{
    Pubkey,
    constants::{price_flag, price_source},
    ids::PYTH_RECEIVER,
    layout::PriceBreaker,
};

use super::*;

fn pyth_bytes() -> Vec<u8> {
    let mut data = PYTH_DISCRIMINATOR.to_vec();
    data.extend([9; 32]);
    data.push(1);
    data.extend([7; 32]);
    data.extend(123_456_789_i64.to_le_bytes());
    data.extend(1_000_u64.to_le_bytes());
    data.extend((-5_i32).to_le_bytes());
    data.extend(START.to_le_bytes());
    data.resize(134, 0);
    data
}

#[test]
fn a_pyth_update_is_read_and_anything_else_is_not() {
    let feed = [7; 32];
    let got = oracle::pyth(&pyth_bytes(), &feed).expect("an update");
    assert_eq!(
        (got.price, got.confidence, got.exponent, got.ts),
        (123_456_789, 1_000, -5, START)
    );
    let spoilt = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut data = pyth_bytes();
        change(&mut data);
        oracle::pyth(&data, &feed)
    };
    assert_eq!(oracle::pyth(&pyth_bytes(), &[8; 32]), Err(CoreError::ForeignPrice));
    assert_eq!(spoilt(&|data| data[0] = 0), Err(CoreError::ForeignPrice));
    // Partly verified: the level is 0, and one byte more follows.
    assert_eq!(spoilt(&|data| data[40] = 0), Err(CoreError::ForeignPrice));
    assert_eq!(
        spoilt(&|data| data.splice(40..41, [0, 13]).for_each(drop)),
        Err(CoreError::ForeignPrice)
    );
    assert_eq!(
        spoilt(&|data| data[73..81].fill(0xFF)),
        Err(CoreError::PriceUnreadable),
        "negative"
    );
    for len in 0..101 {
        assert!(spoilt(&|data| data.truncate(len)).is_err(), "{len} bytes");
    }
}

#[test]
fn sources_are_checked() {
    let mut pyth: PriceBreaker = Zeroable::zeroed();
    (pyth.kind, pyth.width, pyth.program) = (price_source::PYTH, 8, PYTH_RECEIVER);
    pyth.source = Pubkey::new_from_array([7; 32]);
    assert!(oracle::check(&pyth).is_ok());
    let (key, other) = (Pubkey::new_from_array([3; 32]), Pubkey::new_from_array([4; 32]));
    assert!(oracle::read(&pyth, &key, &PYTH_RECEIVER, &pyth_bytes()).is_ok());
    assert_eq!(
        oracle::read(&pyth, &key, &other, &pyth_bytes()),
        Err(CoreError::ForeignPrice)
    );
    pyth.account = other;
    assert_eq!(
        oracle::read(&pyth, &key, &PYTH_RECEIVER, &pyth_bytes()),
        Err(CoreError::ForeignPrice)
    );

    let mut host = pyth;
    (host.kind, host.source, host.account, host.program) = (price_source::HOST, key, key, other);
    (host.price_offset, host.time_offset, host.confidence_offset) = (4, 20, NO_CONFIDENCE);
    assert!(oracle::check(&host).is_ok());
    let mut data = vec![0; 28];
    data[4..12].copy_from_slice(&u64::MAX.to_le_bytes());
    data[20..28].copy_from_slice(&START.to_le_bytes());
    let got = oracle::read(&host, &key, &other, &data).expect("a price");
    assert_eq!((got.price, got.confidence, got.ts), (u64::MAX.into(), 0, START));
    host.flags = price_flag::SIGNED;
    assert_eq!(
        oracle::read(&host, &key, &other, &data),
        Err(CoreError::PriceUnreadable),
        "minus one"
    );
    host.width = 16;
    assert!(oracle::read(&host, &key, &other, &data).is_ok(), "wide and positive");
    data[4..20].fill(0);
    assert_eq!(
        oracle::read(&host, &key, &other, &data),
        Err(CoreError::PriceUnreadable),
        "zero"
    );
    assert_eq!(
        oracle::read(&host, &key, &other, &data[..27]),
        Err(CoreError::PriceUnreadable),
        "cut"
    );
    // A rule about a confidence that is not there would never act.
    host.rules.max_confidence_bps = 1;
    assert!(oracle::check(&host).is_err());
    host.confidence_offset = 0;
    assert!(oracle::check(&host).is_ok());
    for breaks in [
        |host: &mut PriceBreaker| host.width = 4,
        |host: &mut PriceBreaker| host.flags = 2,
        |host: &mut PriceBreaker| host.exponent = 65,
        |host: &mut PriceBreaker| host.account = Pubkey::default(),
        |host: &mut PriceBreaker| host.program = Pubkey::default(),
        |host: &mut PriceBreaker| host.price_offset = u32::MAX,
        |host: &mut PriceBreaker| host.time_offset = 10 * 1024 * 1024,
        |host: &mut PriceBreaker| host.kind = 2,
    ] {
        let mut broken = host;
        breaks(&mut broken);
        assert!(oracle::check(&broken).is_err());
    }
}
