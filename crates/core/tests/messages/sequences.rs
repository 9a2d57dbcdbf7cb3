//! Numbers of messages: each once, in any order, not too far behind.

use std::collections::BTreeSet;

use bulkhead_core::messages::sequence;
use bulkhead_interface::constants::MESSAGE_WINDOW;
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn each_number_is_accepted_once(
        start in prop_oneof![Just(0), Just(u64::MAX - 300), any::<u64>().prop_map(|number| number / 2)],
        steps in prop::collection::vec(1..200_u64, 1..300),
    ) {
        let (mut highest, mut window) = (start, u64::MAX);
        let mut heard = BTreeSet::new();
        for step in steps {
            let number = start.saturating_add(step);
            let is_new = !heard.contains(&number) && highest.saturating_sub(number) < MESSAGE_WINDOW && number > start;
            let accepted = sequence::accept(&mut highest, &mut window, number);
            prop_assert_eq!(accepted.is_ok(), is_new, "{} after {}", number, highest);
            if is_new {
                heard.insert(number);
            }
            prop_assert_eq!(highest, heard.last().copied().unwrap_or(start));
        }
    }
}

#[test]
fn the_window_has_hard_edges() {
    let (mut highest, mut window) = (0, 0);
    let mut accept = |number| sequence::accept(&mut highest, &mut window, number);
    assert_eq!(accept(100), Ok(()));
    assert_eq!(accept(100 - MESSAGE_WINDOW), Err(CoreError::MessageSeen));
    assert_eq!(accept(101 - MESSAGE_WINDOW), Ok(()));
    assert_eq!(accept(101 - MESSAGE_WINDOW), Err(CoreError::MessageSeen));
    assert_eq!(accept(u64::MAX), Ok(()));
    assert_eq!(accept(101), Err(CoreError::MessageSeen));
    assert_eq!(accept(u64::MAX - 63), Ok(()));
    assert_eq!(accept(u64::MAX), Err(CoreError::MessageSeen));
}
