//! An owner cancels an order.

use anchor_lang::prelude::*;

use super::{Engine, Parties};
use crate::{constants::side, error::ExchangeError, state::Order};

impl Engine<'_> {
    /// Removes the account's order with this client id. Ids are never reused, so there is at most one.
    pub fn cancel(&mut self, parties: &mut impl Parties, account: &Pubkey, client_id: u64) -> Result<Order> {
        for number in [side::BID, side::ASK] {
            if let Some(at) = self.book.side(number)?.place_of_client(account, client_id) {
                return self.take_out(number, at, parties);
            }
        }
        err!(ExchangeError::NoSuchOrder)
    }
}
