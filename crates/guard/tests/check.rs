//! Every answer of the guard, from boards built byte by byte.

use bulkhead_guard::{
    action, board::*, check, effective_mask, ramp_bps, read_board, GuardError, PauseStatus, BULKHEAD_ID,
};

const KEY: [u8; 32] = [7; 32];
const NOW: i64 = 1_700_000_000;

/// An open board, and writers for what a test changes.
struct Board(Vec<u8>);

impl Board {
    fn open() -> Self {
        let mut data = vec![0; MIN_LEN];
        data[..8].copy_from_slice(&DISCRIMINATOR);
        data[VERSION_OFFSET] = VERSION;
        let mut board = Self(data);
        for row in [DOMAIN_ROW_OFFSET].into_iter().chain((0..MAX_COMPARTMENTS).map(row)) {
            board.write(row + RAMP_BPS_OFFSET, &10_000u16.to_le_bytes());
        }
        board
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> &mut Self {
        self.0[offset..offset + bytes.len()].copy_from_slice(bytes);
        self
    }

    fn mask(&mut self, offset: usize, mask: u32) -> &mut Self {
        self.write(offset, &mask.to_le_bytes())
    }

    fn until(&mut self, offset: usize, until: i64) -> &mut Self {
        self.write(offset, &until.to_le_bytes())
    }

    fn check(&self, compartment: u8, action: u32, now: i64) -> Result<(), GuardError> {
        check(&KEY, &KEY, &BULKHEAD_ID, &self.0, compartment, action, now)
    }
}

fn row(compartment: usize) -> usize {
    ROWS_OFFSET + compartment * ROW_SIZE
}

#[test]
fn an_open_board_lets_everything_through() {
    let board = Board::open();
    for compartment in [0, 1, 62, 63] {
        assert_eq!(board.check(compartment, action::ALL, NOW), Ok(()));
        assert_eq!(effective_mask(&board.0, compartment, NOW), Ok(0));
    }
}

/// One reading tells what the two others tell, and refuses what `check` refuses.
#[test]
fn a_reading_is_mask_and_stage_together() {
    let mut board = Board::open();
    board.write(DOMAIN_ROW_OFFSET + FREEZE_OFFSET, &action::TRADE.to_le_bytes());
    board.write(row(9) + FREEZE_OFFSET, &action::WITHDRAW.to_le_bytes());
    board.write(row(9) + RAMP_BPS_OFFSET, &2_500u16.to_le_bytes());
    for compartment in [0, 9, 63] {
        assert_eq!(
            read_board(&KEY, &KEY, &BULKHEAD_ID, &board.0, compartment, NOW),
            Ok(PauseStatus {
                mask: effective_mask(&board.0, compartment, NOW).unwrap(),
                ramp_bps: ramp_bps(&board.0, compartment).unwrap(),
            })
        );
    }
    let other = [8; 32];
    let read = |key, owner, compartment| read_board(&KEY, key, owner, &board.0, compartment, NOW);
    assert_eq!(read(&other, &BULKHEAD_ID, 0), Err(GuardError::WrongBoard));
    assert_eq!(read(&KEY, &other, 0), Err(GuardError::ForeignBoard));
    assert_eq!(read(&KEY, &BULKHEAD_ID, 64), Err(GuardError::CompartmentOutOfRange));
}

#[test]
fn there_are_64_compartments() {
    let board = Board::open();
    for compartment in [64, 65, 128, 254, SCOPE_DOMAIN] {
        let error = GuardError::CompartmentOutOfRange;
        assert_eq!(board.check(compartment, action::TRADE, NOW), Err(error));
        assert_eq!(effective_mask(&board.0, compartment, NOW), Err(error));
        assert_eq!(ramp_bps(&board.0, compartment), Err(error));
    }
}

#[test]
fn another_board_is_refused() {
    let board = Board::open();
    for byte in 0..32 {
        let mut key = KEY;
        key[byte] ^= 1;
        let answer = check(&KEY, &key, &BULKHEAD_ID, &board.0, 0, action::TRADE, NOW);
        assert_eq!(answer, Err(GuardError::WrongBoard));
    }
}

#[test]
fn a_board_of_another_program_is_refused() {
    let board = Board::open();
    for byte in 0..32 {
        let mut owner = BULKHEAD_ID;
        owner[byte] ^= 0x80;
        let answer = check(&KEY, &KEY, &owner, &board.0, 0, action::TRADE, NOW);
        assert_eq!(answer, Err(GuardError::ForeignBoard));
    }
}

#[test]
fn an_account_that_is_no_board_is_refused() {
    for byte in 0..8 {
        let mut board = Board::open();
        board.0[byte] ^= 1;
        assert_eq!(board.check(0, action::TRADE, NOW), Err(GuardError::ForeignBoard));
        assert_eq!(effective_mask(&board.0, 0, NOW), Err(GuardError::ForeignBoard));
        assert_eq!(ramp_bps(&board.0, 0), Err(GuardError::ForeignBoard));
    }
}

#[test]
fn a_short_board_is_refused_at_every_length_and_a_longer_one_is_read() {
    let board = Board::open();
    for len in 0..MIN_LEN {
        let answer = check(&KEY, &KEY, &BULKHEAD_ID, &board.0[..len], 0, action::TRADE, NOW);
        assert_eq!(answer, Err(GuardError::ForeignBoard), "length {len}");
        assert_eq!(
            ramp_bps(&board.0[..len], 0),
            Err(GuardError::ForeignBoard),
            "length {len}"
        );
    }
    let mut longer = Board::open();
    longer.0.extend([0xff; 200]);
    assert_eq!(longer.check(63, action::ALL, NOW), Ok(()));
}

#[test]
fn an_unknown_version_is_refused() {
    for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
        let mut board = Board::open();
        board.write(VERSION_OFFSET, &[version]);
        let error = GuardError::UnknownBoardVersion;
        assert_eq!(board.check(0, action::TRADE, NOW), Err(error));
        assert_eq!(effective_mask(&board.0, 0, NOW), Err(error));
        assert_eq!(ramp_bps(&board.0, 0), Err(error));
    }
}

#[test]
fn the_first_fact_that_is_wrong_is_named() {
    let mut board = Board::open();
    board
        .mask(DOMAIN_ROW_OFFSET + FREEZE_OFFSET, action::ALL)
        .write(VERSION_OFFSET, &[9]);
    let ask = |key: &[u8; 32], owner: &[u8; 32], data: &[u8]| check(&KEY, key, owner, data, 99, action::TRADE, NOW);
    assert_eq!(ask(&[0; 32], &[0; 32], &[]), Err(GuardError::WrongBoard));
    assert_eq!(ask(&KEY, &[0; 32], &[]), Err(GuardError::ForeignBoard));
    assert_eq!(ask(&KEY, &BULKHEAD_ID, &board.0), Err(GuardError::UnknownBoardVersion));
    board.write(VERSION_OFFSET, &[VERSION]);
    assert_eq!(
        ask(&KEY, &BULKHEAD_ID, &board.0),
        Err(GuardError::CompartmentOutOfRange)
    );
    assert_eq!(board.check(0, action::TRADE, NOW), Err(GuardError::ActionPaused));
}

#[test]
fn a_hold_closes_its_bits_and_no_others_for_ever() {
    for bit in 0..32 {
        let mut board = Board::open();
        board.mask(row(5) + FREEZE_OFFSET, 1 << bit);
        for now in [0, NOW, i64::MAX] {
            assert_eq!(board.check(5, 1 << bit, now), Err(GuardError::ActionPaused));
            assert_eq!(board.check(5, !(1 << bit), now), Ok(()));
        }
    }
}

/// Every mask that lapses by itself, and when.
const TIMED: [(usize, usize); 3] = [
    (GUARDIAN_PAUSE_OFFSET, GUARDIAN_PAUSE_UNTIL_OFFSET),
    (TRIP_OFFSET, TRIP_UNTIL_OFFSET),
    (LINKED_OFFSET, LINKED_UNTIL_OFFSET),
];

#[test]
fn a_timed_mask_counts_while_now_is_before_its_end() {
    for (mask, until) in TIMED {
        for at in [DOMAIN_ROW_OFFSET, row(0)] {
            let mut board = Board::open();
            board.mask(at + mask, action::TRADE).until(at + until, NOW);
            let closed = Err(GuardError::ActionPaused);
            assert_eq!(board.check(0, action::TRADE, NOW - 1), closed);
            assert_eq!(board.check(0, action::TRADE, NOW), Ok(()));
            assert_eq!(board.check(0, action::TRADE, NOW + 1), Ok(()));
            assert_eq!(board.check(0, action::CANCEL, NOW - 1), Ok(()));
        }
    }
}

#[test]
fn timed_masks_end_each_at_its_own_time() {
    let mut board = Board::open();
    board
        .mask(row(3) + GUARDIAN_PAUSE_OFFSET, action::TRADE)
        .until(row(3) + GUARDIAN_PAUSE_UNTIL_OFFSET, NOW)
        .mask(row(3) + TRIP_OFFSET, action::WITHDRAW)
        .until(row(3) + TRIP_UNTIL_OFFSET, NOW + 10)
        .mask(row(3) + LINKED_OFFSET, action::BORROW)
        .until(row(3) + LINKED_UNTIL_OFFSET, NOW + 20);
    let mask = |now| effective_mask(&board.0, 3, now);
    assert_eq!(mask(NOW - 1), Ok(action::TRADE | action::WITHDRAW | action::BORROW));
    assert_eq!(mask(NOW), Ok(action::WITHDRAW | action::BORROW));
    assert_eq!(mask(NOW + 9), Ok(action::WITHDRAW | action::BORROW));
    assert_eq!(mask(NOW + 10), Ok(action::BORROW));
    assert_eq!(mask(NOW + 19), Ok(action::BORROW));
    assert_eq!(mask(NOW + 20), Ok(0));
}

/// A row has 48 bytes, and none of them but these says what is closed: a value at any other place opens and closes
/// nothing, and the masks of one row reach into no other.
#[test]
fn a_row_is_its_masks_and_times_and_nothing_else() {
    let fields = TIMED.into_iter().flat_map(|(mask, until)| [(mask, 4), (until, 8)]);
    let fields: Vec<_> = fields.chain([(FREEZE_OFFSET, 4), (RAMP_BPS_OFFSET, 2)]).collect();
    let is_field = |byte: usize| fields.iter().any(|(at, len)| (*at..at + len).contains(&byte));
    for byte in (0..ROW_SIZE).filter(|byte| !is_field(*byte)) {
        let mut board = Board::open();
        board.write(row(3) + byte, &[0xff]);
        assert_eq!(effective_mask(&board.0, 3, NOW), Ok(0), "byte {byte}");
        assert_eq!(ramp_bps(&board.0, 3), Ok(10_000), "byte {byte}");
    }
    for (mask, until) in TIMED {
        let mut board = Board::open();
        board.mask(row(3) + mask, action::ALL).until(row(3) + until, i64::MAX);
        for compartment in 0..64 {
            let closed = if compartment == 3 { action::ALL } else { 0 };
            assert_eq!(effective_mask(&board.0, compartment, NOW), Ok(closed));
        }
    }
}

#[test]
fn the_domain_closes_every_compartment_and_a_compartment_only_itself() {
    let mut board = Board::open();
    board
        .mask(DOMAIN_ROW_OFFSET + FREEZE_OFFSET, action::BORROW)
        .mask(row(63) + FREEZE_OFFSET, action::TRADE);
    for compartment in 0..64 {
        let own = if compartment == 63 { action::TRADE } else { 0 };
        assert_eq!(effective_mask(&board.0, compartment, NOW), Ok(action::BORROW | own));
    }
}

#[test]
fn every_compartment_has_a_row_of_its_own() {
    for closed in 0..64u8 {
        let mut board = Board::open();
        board.mask(row(usize::from(closed)) + FREEZE_OFFSET, action::ALL);
        for compartment in 0..64 {
            let open = compartment != closed;
            assert_eq!(
                board.check(compartment, action::SETTLE, NOW).is_ok(),
                open,
                "{compartment} {closed}"
            );
        }
    }
}

#[test]
fn every_action_asked_for_must_be_open() {
    let mut board = Board::open();
    board.mask(row(0) + FREEZE_OFFSET, action::BORROW);
    assert_eq!(
        board.check(0, action::WITHDRAW | action::BORROW, NOW),
        Err(GuardError::ActionPaused)
    );
    assert_eq!(board.check(0, action::WITHDRAW | action::REPAY, NOW), Ok(()));
}

/// A host that asks about nothing has computed its action wrongly, and must not act.
#[test]
fn no_action_is_refused() {
    let mut board = Board::open();
    assert_eq!(board.check(0, 0, NOW), Err(GuardError::UnknownAction));
    for bit in 0..32 {
        assert_eq!(board.check(0, 1 << bit, NOW), Ok(()));
    }
    board.mask(row(0) + FREEZE_OFFSET, action::ALL);
    for bit in 0..32 {
        assert_eq!(board.check(0, 1 << bit, NOW), Err(GuardError::ActionPaused));
    }
    assert_eq!(board.check(0, 0, NOW), Err(GuardError::UnknownAction));
}

#[test]
fn grace_closes_liquidation_alone_and_ends_on_time() {
    let mut board = Board::open();
    board.until(GRACE_UNTIL_OFFSET, NOW);
    for compartment in [0, 63] {
        assert_eq!(effective_mask(&board.0, compartment, NOW - 1), Ok(action::LIQUIDATE));
        assert_eq!(effective_mask(&board.0, compartment, NOW), Ok(0));
    }
}

#[test]
fn the_smaller_stage_counts() {
    for (domain, own, stage) in [
        (10_000, 10_000, 10_000),
        (2_500, 10_000, 2_500),
        (10_000, 5_000, 5_000),
        (5_000, 0, 0),
    ] {
        let mut board = Board::open();
        board
            .write(DOMAIN_ROW_OFFSET + RAMP_BPS_OFFSET, &u16::to_le_bytes(domain))
            .write(row(63) + RAMP_BPS_OFFSET, &u16::to_le_bytes(own));
        assert_eq!(ramp_bps(&board.0, 63), Ok(stage));
        assert_eq!(ramp_bps(&board.0, 62), Ok(domain));
    }
}

#[test]
fn the_emergency_default_leaves_exits_open() {
    let mut board = Board::open();
    board.mask(DOMAIN_ROW_OFFSET + FREEZE_OFFSET, action::DEFAULT_EMERGENCY);
    for open in [action::REPAY, action::CANCEL, action::DEPOSIT, action::CLAIM] {
        assert_eq!(board.check(0, open, NOW), Ok(()));
    }
    for closed in [
        action::WITHDRAW,
        action::BORROW,
        action::TRADE,
        action::LIQUIDATE,
        action::SETTLE,
        action::ADMIN,
        1 << 16,
        1 << 31,
    ] {
        assert_eq!(board.check(0, closed, NOW), Err(GuardError::ActionPaused));
    }
}

#[test]
fn what_does_not_lie_aligned_is_read_the_same() {
    let mut board = Board::open();
    board
        .until(GRACE_UNTIL_OFFSET, NOW)
        .mask(row(63) + GUARDIAN_PAUSE_OFFSET, action::TRADE)
        .until(row(63) + GUARDIAN_PAUSE_UNTIL_OFFSET, NOW)
        .mask(row(63) + TRIP_OFFSET, action::BORROW)
        .until(row(63) + TRIP_UNTIL_OFFSET, NOW)
        .mask(row(63) + LINKED_OFFSET, action::ADMIN)
        .until(row(63) + LINKED_UNTIL_OFFSET, NOW);
    for shift in 0..8 {
        let moved = |bytes: &[u8]| [&vec![0xee; shift], bytes].concat();
        let (key, owner, data) = (moved(&KEY), moved(&BULKHEAD_ID), moved(&board.0));
        let key_of = |bytes: &Vec<u8>| *bytes[shift..].first_chunk::<32>().expect("32 bytes");
        let place = |bytes: &mut Vec<u8>| bytes[shift..].as_ptr() as usize % 8;
        assert_eq!(place(&mut data.clone()), shift, "the allocator aligns to eight");
        let key: &[u8; 32] = key[shift..].first_chunk().expect("32 bytes");
        let owner: &[u8; 32] = owner[shift..].first_chunk().expect("32 bytes");
        let ask = |action, now| check(&KEY, key, owner, &data[shift..], 63, action, now);
        assert_eq!(ask(action::CANCEL, NOW - 1), Ok(()));
        assert_eq!(ask(action::ALL, NOW), Ok(()));
        for closed in [action::TRADE, action::BORROW, action::ADMIN, action::LIQUIDATE] {
            assert_eq!(ask(closed, NOW - 1), Err(GuardError::ActionPaused));
        }
        let mut other = key_of(&moved(&BULKHEAD_ID));
        other[31] ^= 1;
        assert_eq!(
            check(&KEY, key, &other, &data[shift..], 63, action::CANCEL, NOW),
            Err(GuardError::ForeignBoard)
        );
        assert_eq!(
            check(key, &other, owner, &data[shift..], 63, action::CANCEL, NOW),
            Err(GuardError::WrongBoard)
        );
    }
}
