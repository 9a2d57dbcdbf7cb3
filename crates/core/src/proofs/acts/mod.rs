//! Which key counts, how two ledgers are proved equal, and the reopening that requires it.
//!
//! Whoever proves moves runs of their own, and may begin where somebody else's run is. So nobody is stopped by a run that
//! leads nowhere, and nobody begins anew because somebody stopped. Only what is proved is recorded, and it is a fact whoever
//! proved it. A key that nobody can prove with, or a ledger that differs, does not keep a domain closed for ever: a matured
//! proposal accepts the ledger without a proof.

mod checks;
mod keys;
mod ledgers;
mod runs;
mod statements;

pub use self::{checks::*, keys::*, ledgers::*, runs::*, statements::*};
