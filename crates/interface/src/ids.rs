//! Program ids. Each is the SHA-256 of the program's name, so nobody holds their keys:
//! a deployment sets its own with `anchor keys sync`.

use crate::Pubkey;

/// The Bulkhead program. The bytes live in the guard, which every host links.
pub const ID: Pubkey = Pubkey::new_from_array(bulkhead_guard::BULKHEAD_ID);
