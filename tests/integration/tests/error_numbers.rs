//! Core and guard refuse under the program's names and numbers.

use anchor_lang::error::ERROR_CODE_OFFSET;
use bulkhead::error::BulkheadError;
use bulkhead_core::CoreError;
use bulkhead_guard::GuardError;

/// Numbers that the program's errors can have. From 7060 on are refusals of proofs, which no instruction makes.
const NUMBERS: std::ops::Range<u32> = ERROR_CODE_OFFSET..ERROR_CODE_OFFSET + 1_100;

#[test]
fn an_error_of_core_is_the_programs_of_the_same_name_and_number() {
    let errors = NUMBERS.filter_map(|number| bytemuck::checked::try_cast::<u32, CoreError>(number).ok());
    let mut count = 0;
    for error in errors {
        let programs = BulkheadError::from(error);
        assert_eq!(programs.name(), format!("{error:?}"));
        assert_eq!(u32::from(programs), error.number());
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn an_error_of_the_guard_has_the_programs_number() {
    use GuardError as G;
    for error in [
        G::ActionPaused,
        G::WrongBoard,
        G::ForeignBoard,
        G::UnknownBoardVersion,
        G::CompartmentOutOfRange,
        G::UnknownAction,
    ] {
        assert_eq!(u32::from(BulkheadError::from(error)), error as u32);
    }
}
