//! Pages of claims in the machine of one ledger's way back: a page that was closed can be opened again, with zeros.

use super::{Book, Recovery};
use crate::{
    CoreError,
    restoration::claims::{PageOwner, may_close_page},
};

impl Recovery {
    pub(super) fn close_page(&mut self, book: Book) -> Result<(), CoreError> {
        let (key, interim_key) = (&self.keys.restoration.0, &self.keys.interim.0);
        let restoration = self.restoration.as_ref();
        let interim = self.interim.as_deref();
        let of_interim = || interim.ok_or(CoreError::ArgumentOutOfRange);
        let (name, interim) = match book {
            Book::Restoration if restoration.is_some_and(|plan| plan.book == *key) => (*key, None),
            Book::Restoration => return Err(CoreError::ArgumentOutOfRange),
            Book::Snapshot => (*interim_key, Some((interim_key, of_interim()?))),
            Book::Checkpoint => (of_interim()?.checkpoint, Some((interim_key, of_interim()?))),
        };
        may_close_page(&name, PageOwner { key, restoration }, interim)?;
        for leaf in &mut self.leaves {
            let [of_snapshot, of_checkpoint] = &mut leaf.books;
            match book {
                Book::Restoration => leaf.paid = 0,
                Book::Snapshot => *of_snapshot = 0,
                Book::Checkpoint => *of_checkpoint = 0,
            }
        }
        Ok(())
    }
}
