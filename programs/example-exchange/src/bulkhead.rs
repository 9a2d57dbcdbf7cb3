//! Which program Bulkhead is. A host needs its id and nothing of its code.

use anchor_lang::prelude::*;

/// Bulkhead, as an account that an instruction names.
#[derive(Clone)]
pub struct Bulkhead;

impl Id for Bulkhead {
    fn id() -> Pubkey {
        bulkhead_interface::ID
    }
}
