//! An owner takes an order back.

use anchor_lang::prelude::*;

use super::{Engine, Parties};
use crate::{constants::side, error::ExchangeError, state::Order};

impl Engine<'_> {
    /// Takes out the account's order of this name. Names are not used twice, so there is one at most.
    pub fn cancel(&mut self, parties: &mut impl Parties, account: &Pubkey, client_id: u64) -> Result<Order> {
        for number in [side::BID, side::ASK] {
            if let Some(at) = self.book.side(number)?.place_of_client(account, client_id) {
                return self.take_out(number, at, parties);
            }
        }
        err!(ExchangeError::NoSuchOrder)
    }
}
