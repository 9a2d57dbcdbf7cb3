//! Detectors besides the outflow breakers, and closing a detector.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::{cause, reading},
    layout::{Authorities, Detector, Latch},
};
use bytemuck::Zeroable;

use super::{Keys, State};
use crate::{
    CoreError,
    acts::{self, Closing, LinkTerms, Shown},
    detectors::{solvency, watch},
    permissiveness::AnyDetector,
};

/// Which detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// An outflow breaker, by number.
    Breaker(usize),
    /// Another one, by number.
    Other(usize),
    /// No detector, but closed like one: the link to this upstream. A proposal of it leaves it no compartments.
    Link(Pubkey),
}

impl Which {
    /// Its address.
    #[must_use]
    pub fn key(self, keys: &Keys) -> Pubkey {
        let key = match self {
            Self::Breaker(number) => keys.breakers.get(number),
            Self::Other(number) => keys.detectors.get(number),
            Self::Link(_) => None,
        };
        key.copied().unwrap_or_default()
    }
}

impl State {
    /// Its latch, while it is open.
    #[must_use]
    pub fn latch(&self, keys: &Keys, which: Which) -> Option<&Latch> {
        let key = which.key(keys);
        match which {
            Which::Breaker(_) => find(&self.breakers, &key).map(|breaker| &breaker.latch),
            Which::Other(_) => find(&self.detectors, &key).map(AnyDetector::latch),
            Which::Link(_) => None,
        }
    }

    /// Anyone looks at an authority, which is `found`.
    pub(super) fn observe_authority(&mut self, keys: &Keys, number: usize, found: &Pubkey) -> Result<(), CoreError> {
        let (at, unpaused_slot) = (self.at, self.board.unpaused_slot);
        let AnyDetector::Authority(detector) = detector(&mut self.detectors, &Which::Other(number).key(keys))? else {
            return Err(CoreError::ArgumentOutOfRange);
        };
        let mut seen = Authorities {
            reading: reading::READ,
            ..detector.expected
        };
        seen.keys = [*found, Pubkey::default(), Pubkey::default()];
        watch::observe(detector, &seen, unpaused_slot, at);
        Ok(())
    }

    /// Anyone looks at the books, which say so much.
    pub(super) fn observe_solvency(
        &mut self,
        keys: &Keys,
        number: usize,
        liabilities: u128,
        reserves: u128,
    ) -> Result<(), CoreError> {
        let (at, unpaused_slot) = (self.at, self.board.unpaused_slot);
        let AnyDetector::Solvency(detector) = detector(&mut self.detectors, &Which::Other(number).key(keys))? else {
            return Err(CoreError::ArgumentOutOfRange);
        };
        solvency::observe(detector, Some(liabilities), reserves, unpaused_slot, at);
        Ok(())
    }

    /// Anyone looks at a price, whose account holds `data`.
    pub(super) fn observe_price(&mut self, keys: &Keys, number: usize, data: &[u8]) -> Result<(), CoreError> {
        let (at, unpaused_slot) = (self.at, self.board.unpaused_slot);
        let AnyDetector::Price(detector) = detector(&mut self.detectors, &Which::Other(number).key(keys))? else {
            return Err(CoreError::ArgumentOutOfRange);
        };
        let (key, owner) = (detector.account, detector.program);
        let shown = Shown {
            key: &key,
            owner: &owner,
            data,
        };
        acts::observe_price(detector, shown, unpaused_slot, at).map(|_| ())
    }

    pub(super) fn propagate(&mut self, keys: &Keys, which: Which) -> Result<(), CoreError> {
        let key = which.key(keys);
        let mut latch = *self.latch(keys, which).ok_or(CoreError::ArgumentOutOfRange)?;
        match which {
            Which::Breaker(_) => {
                self.carry(keys, (&key, cause::OUTFLOW), &mut latch)?;
                let found = Rc::make_mut(&mut self.breakers).iter_mut().find(|(own, _)| *own == key);
                found.ok_or(CoreError::ArgumentOutOfRange)?.1.latch = latch;
            }
            Which::Other(_) => {
                let cause = match find(&self.detectors, &key) {
                    Some(AnyDetector::Price(_)) => cause::PRICE,
                    Some(AnyDetector::Solvency(_)) => cause::SOLVENCY,
                    _ => cause::AUTHORITY,
                };
                self.carry(keys, (&key, cause), &mut latch)?;
                match detector(&mut self.detectors, &key)? {
                    AnyDetector::Price(detector) => detector.latch = latch,
                    AnyDetector::Solvency(detector) => detector.latch = latch,
                    AnyDetector::Authority(detector) => detector.latch = latch,
                }
            }
            Which::Link(_) => return Err(CoreError::ArgumentOutOfRange),
        }
        Ok(())
    }

    pub(super) fn close_detector(&mut self, keys: &Keys, which: Which, proposed_slot: u64) -> Result<(), CoreError> {
        if let Which::Link(upstream) = which {
            return self.set_link(keys, &LinkTerms::off(upstream), proposed_slot);
        }
        let key = which.key(keys);
        let missing = CoreError::ArgumentOutOfRange;
        let (detector, lowered_slot, decided_slot) = match which {
            Which::Breaker(_) => {
                let breaker = find(&self.breakers, &key).ok_or(missing)?;
                (common(breaker), breaker.lowered_slot, breaker.decided_slot)
            }
            Which::Other(_) | Which::Link(_) => match find(&self.detectors, &key).ok_or(missing)? {
                AnyDetector::Price(detector) => (common(detector), 0, detector.decided_slot),
                AnyDetector::Solvency(detector) => (common(detector), 0, detector.decided_slot),
                AnyDetector::Authority(detector) => (common(detector), 0, detector.decided_slot),
            },
        };
        let closing = Closing {
            detector: &detector,
            lowered_slot,
            decided_slot,
        };
        acts::close_detector(
            (&keys.domain, Rc::make_mut(&mut self.domain)),
            &closing,
            &self.council,
            &self.board,
            Some(proposed_slot),
            self.at.now,
        )?;
        if matches!(find(&self.detectors, &key), Some(AnyDetector::Authority(_))) {
            acts::uncount_watch(Rc::make_mut(&mut self.domain));
        }
        match which {
            Which::Breaker(_) => Rc::make_mut(&mut self.breakers).retain(|(own, _)| *own != key),
            Which::Other(_) | Which::Link(_) => Rc::make_mut(&mut self.detectors).retain(|(own, _)| *own != key),
        }
        Ok(())
    }
}

/// How a detector's account begins.
fn common<T: bytemuck::NoUninit>(detector: &T) -> Detector {
    let bytes = bytemuck::bytes_of(detector).get(..size_of::<Detector>());
    bytes.map_or_else(Detector::zeroed, bytemuck::pod_read_unaligned)
}

fn find<'a, T>(all: &'a [(Pubkey, T)], key: &Pubkey) -> Option<&'a T> {
    all.iter().find(|(own, _)| own == key).map(|(_, one)| one)
}

fn detector<'a>(all: &'a mut Rc<Vec<(Pubkey, AnyDetector)>>, key: &Pubkey) -> Result<&'a mut AnyDetector, CoreError> {
    let found = Rc::make_mut(all).iter_mut().find(|(own, _)| own == key);
    found.map(|(_, detector)| detector).ok_or(CoreError::ArgumentOutOfRange)
}
