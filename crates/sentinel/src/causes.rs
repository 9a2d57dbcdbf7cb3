//! Episodes: from when something is first found to when nobody finds it any more. Each is announced once, confirmed
//! once, and answered by at most one pause, however often it is found in between.

use std::collections::{BTreeMap, btree_map::Entry};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::acts::At;

use crate::{config::Severity, state::Cause};

/// Where something is found: domain, rule and subject.
pub type Place = (Pubkey, String, String);

/// Something that was found, and by how many endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Where.
    pub place: Place,
    /// How bad it is.
    pub severity: Severity,
    /// With numbers.
    pub text: String,
    /// How many endpoints report it.
    pub eyes: usize,
    /// For how long a quorum has to report it, in seconds.
    pub stands_seconds: i64,
}

/// What became of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is new, and no quorum reports it.
    Reported,
    /// A quorum reports it for long enough.
    Confirmed,
    /// It is over.
    Cleared,
    /// Nothing to announce: it is recorded, so that a restart knows how long it has stood.
    Seen,
}

/// When things are found.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The cluster's slot and time.
    pub at: At,
    /// How many endpoints have to report the same.
    pub quorum: usize,
    /// How many endpoints are open. With fewer than a quorum, nothing is over because nobody reports it.
    pub open: usize,
    /// How long nothing must be found for a cause to be over, in seconds.
    pub clear_seconds: i64,
}

impl Moment {
    /// Whether a quorum does not find what these eyes find. One endpoint that goes on reporting what is over must not
    /// keep a cause open: it has had its pause, so the next theft would get none.
    const fn is_refuted(&self, eyes: usize) -> bool {
        eyes < self.quorum && self.open.saturating_sub(eyes) >= self.quorum
    }
}

/// The causes that are not over.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    open: BTreeMap<Place, Cause>,
    /// Read from the state, and not looked at since: nobody has looked whether they are over.
    are_recorded: bool,
}

impl Causes {
    /// Those that were recorded.
    #[must_use]
    pub fn recorded(causes: Vec<Cause>) -> Self {
        let place = |cause: &Cause| (cause.domain, cause.rule.clone(), cause.subject.clone());
        Self {
            open: causes.into_iter().map(|cause| (place(&cause), cause)).collect(),
            are_recorded: true,
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Cause> {
        self.open.values()
    }

    /// One of them, by its name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Cause> {
        self.open.values().find(|cause| cause.id == id)
    }

    /// Takes everything that was found in one look, and returns what became of the causes. What was confirmed is over when
    /// a quorum has not found it for long enough, everything else when nobody has. Those that `is_held` are not over,
    /// although nobody reports them: what is to be done about them is not done yet.
    pub fn turn(&mut self, found: Vec<Tally>, moment: &Moment, is_held: impl Fn(&Cause) -> bool) -> Vec<(Turn, Cause)> {
        let mut turns = Vec::new();
        if std::mem::take(&mut self.are_recorded) {
            for cause in self.open.values_mut() {
                cause.seen_ts = cause.seen_ts.max(moment.at.now);
            }
        }
        for tally in found {
            match self.open.entry(tally.place.clone()) {
                Entry::Vacant(free) => {
                    let mut cause = begin(&tally, moment);
                    let is_confirmed = confirm(&mut cause, &tally, moment);
                    turns.push((
                        if is_confirmed { Turn::Confirmed } else { Turn::Reported },
                        cause.clone(),
                    ));
                    free.insert(cause);
                }
                Entry::Occupied(mut known) => {
                    let cause = known.get_mut();
                    let was_quorate = cause.quorate_ts;
                    if cause.confirmed_ts == 0 || !moment.is_refuted(tally.eyes) {
                        cause.seen_ts = cause.seen_ts.max(moment.at.now);
                    }
                    cause.eyes = cause.eyes.max(tally.eyes as u64);
                    if cause.confirmed_ts == 0 {
                        cause.text.clone_from(&tally.text);
                        if confirm(cause, &tally, moment) {
                            turns.push((Turn::Confirmed, cause.clone()));
                        } else if cause.quorate_ts != was_quorate {
                            turns.push((Turn::Seen, cause.clone()));
                        }
                    }
                }
            }
        }
        turns.extend(self.clear(moment, is_held));
        turns
    }

    /// Ends the causes that nobody has reported for long enough.
    fn clear(&mut self, moment: &Moment, is_held: impl Fn(&Cause) -> bool) -> Vec<(Turn, Cause)> {
        if moment.open < moment.quorum {
            return Vec::new();
        }
        let is_over = |cause: &Cause| moment.at.now.saturating_sub(cause.seen_ts) > moment.clear_seconds;
        let over: Vec<Place> = self
            .open
            .iter()
            .filter(|(_, cause)| is_over(cause) && !is_held(cause))
            .map(|(place, _)| place.clone())
            .collect();
        let end = |place| {
            let mut cause = self.open.remove(&place)?;
            cause.cleared_ts = moment.at.now.max(1);
            Some((Turn::Cleared, cause))
        };
        over.into_iter().filter_map(end).collect()
    }
}

fn begin(tally: &Tally, moment: &Moment) -> Cause {
    let (domain, rule, subject) = tally.place.clone();
    Cause {
        id: format!("{domain}/{rule}/{subject}/{}", moment.at.slot),
        domain,
        rule,
        subject,
        severity: tally.severity,
        text: tally.text.clone(),
        eyes: tally.eyes as u64,
        opened_slot: moment.at.slot,
        opened_ts: moment.at.now,
        seen_ts: moment.at.now,
        quorate_ts: 0,
        confirmed_ts: 0,
        cleared_ts: 0,
    }
}

/// Whether a quorum has now reported it for long enough, for the first time.
fn confirm(cause: &mut Cause, tally: &Tally, moment: &Moment) -> bool {
    if tally.eyes < moment.quorum {
        cause.quorate_ts = 0;
        return false;
    }
    if cause.quorate_ts == 0 {
        cause.quorate_ts = moment.at.now.max(1);
    }
    let has_stood = moment.at.now.saturating_sub(cause.quorate_ts) >= tally.stands_seconds;
    if has_stood {
        cause.confirmed_ts = moment.at.now.max(1);
    }
    has_stood
}
