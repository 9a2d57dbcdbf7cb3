//! From confirmed causes to pauses: at most one for each, recorded before anything is sent, and gone on with after a
//! restart.

use std::collections::BTreeSet;

use bulkhead_client::pda;
use bulkhead_core::acts::At;
use bulkhead_interface::layout::{Council, PauseBoard};

use super::{Sentinel, working::Outcome};
use crate::{
    act::is_closed,
    config::Response,
    hooks::address,
    metrics as names,
    notice::{Notice, NoticeKind},
    rules::Rule,
    state::{Cause, Pause, PauseState},
};

impl Sentinel {
    /// Begins and goes on with the pauses that causes ask for.
    pub(super) async fn answer(&mut self, open: &[usize], at: At) {
        if !self.leads || self.arm().is_none() {
            return;
        }
        let confirmed: Vec<Cause> = self
            .causes
            .iter()
            .filter(|cause| cause.confirmed_ts != 0)
            .cloned()
            .collect();
        for cause in confirmed {
            let Some(rule) = self.rule_of(&cause).cloned() else {
                continue;
            };
            if rule.response == Response::Alarm || self.busy.contains(&cause.id) {
                continue;
            }
            match self.pauses.get(&cause.id).cloned() {
                None => self.plan(&rule, &cause, at).await,
                Some(pause) => match pause.state {
                    // Recorded, and the daemon was killed before it was seen in force.
                    PauseState::Planned => self.press(pause, &cause),
                    // What covered it may be over: a trip that lapsed, a proposal that knew only of the trip.
                    PauseState::Covered if !self.is_in_force(&pause, open, at) => {
                        let pause = Pause {
                            state: PauseState::Planned,
                            planned_slot: at.slot,
                            planned_ts: at.now,
                            expected: -1,
                            ..pause
                        };
                        self.save_and_press(pause, &cause, at).await;
                    }
                    PauseState::InForce if !self.is_in_force(&pause, open, at) => self.lapsed(&pause, &cause, at).await,
                    _ => {}
                },
            }
        }
    }

    /// The causes whose pause is due and not seen in force: they are not over before it is.
    pub(super) fn unanswered(&self) -> BTreeSet<String> {
        if self.arm().is_none() {
            return BTreeSet::new();
        }
        let is_due = |cause: &&Cause| {
            let pauses = self.rule_of(cause).is_some_and(|rule| rule.response != Response::Alarm);
            let pause = self.pauses.get(&cause.id);
            pauses && cause.confirmed_ts != 0 && pause.is_none_or(|pause| pause.state == PauseState::Planned)
        };
        self.causes
            .iter()
            .filter(is_due)
            .map(|cause| cause.id.clone())
            .collect()
    }

    fn rule_of(&self, cause: &Cause) -> Option<&Rule> {
        self.setup
            .rules
            .iter()
            .find(|rule| rule.name == cause.rule && rule.domain == cause.domain)
    }

    async fn plan(&mut self, rule: &Rule, cause: &Cause, at: At) {
        let pause = Pause {
            cause: cause.id.clone(),
            domain: cause.domain,
            kind: rule.response,
            scope: rule.scope,
            mask: rule.mask,
            state: PauseState::Planned,
            planned_slot: at.slot,
            planned_ts: at.now,
            expected: -1,
            attempts: 0,
            signature: String::new(),
            force_slot: 0,
            note: String::new(),
        };
        self.save_and_press(pause, cause, at).await;
    }

    async fn save_and_press(&mut self, pause: Pause, cause: &Cause, at: At) {
        let notices = address(&self.tools.hooks, &Notice::of_pause(&pause, cause, self.now(at)));
        if let Err(error) = self.tools.store.save_pause(&pause, &notices).await {
            // It is made nevertheless: the domain comes first, and the heartbeat in each attempt keeps it single.
            self.failed(&error);
        }
        self.press(pause, cause);
    }

    fn press(&mut self, pause: Pause, cause: &Cause) {
        let Some(arm) = self.arm() else { return };
        self.busy.insert(cause.id.clone());
        self.pauses.insert(cause.id.clone(), pause.clone());
        let cause = cause.clone();
        self.work
            .spawn(async move { Outcome::Pause(arm.press(pause, &cause).await) });
    }

    /// A press has ended.
    pub(super) fn pressed(&mut self, pause: Pause) {
        self.busy.remove(&pause.cause);
        let (state, slots) = (pause.state, pause.force_slot.saturating_sub(pause.planned_slot));
        metrics::counter!(names::PAUSES, "state" => state.name()).increment(1);
        metrics::counter!(names::PAUSE_ATTEMPTS).increment(pause.attempts);
        if state == PauseState::InForce {
            #[expect(clippy::cast_precision_loss, reason = "a number of slots")]
            metrics::histogram!(names::PAUSE_SLOTS).record(slots as f64);
        }
        tracing::warn!(
            cause = pause.cause,
            state = state.name(),
            attempts = pause.attempts,
            slot = pause.force_slot,
            note = pause.note,
            "pause"
        );
        if self.causes.find(&pause.cause).is_some() {
            self.pauses.insert(pause.cause.clone(), pause);
        }
    }

    /// Whether what a pause is to close is closed, as a quorum shows the board. Without a quorum, nothing is known to
    /// have changed.
    fn is_in_force(&self, pause: &Pause, open: &[usize], at: At) -> bool {
        let (board, council) = (pda::board(&pause.domain), pda::council(&pause.domain));
        let counted = |key| self.eyes.counted(key, open).and_then(Option::as_ref);
        let (Some(board), Some(council)) = (counted(&board), counted(&council)) else {
            return true;
        };
        let Some(council) = bulkhead_client::decode::owned::<Council>(&council.owner, &council.data) else {
            return true;
        };
        // The board was read anew while the pause was made, and the eyes may still show the one from before it.
        let shown = bulkhead_client::decode::owned::<PauseBoard>(&board.owner, &board.data);
        if shown.is_none_or(|shown| shown.guardian_pause_slot < pause.force_slot) {
            return true;
        }
        let mask = if pause.mask == 0 {
            council.default_mask
        } else {
            pause.mask
        };
        is_closed(&board.data, pause.scope, mask, at.now)
    }

    /// The pause has lapsed, or was ended by a proposal, and its cause stands: people have to decide, so they are
    /// notified once. The daemon does not pause twice for one cause.
    async fn lapsed(&mut self, pause: &Pause, cause: &Cause, at: At) {
        const NOTED: &str = "lapsed";
        if pause.note == NOTED {
            return;
        }
        let notice = Notice {
            text: format!("the pause is over and its cause is not: {}", cause.text),
            ..Notice::of_cause(NoticeKind::PauseLapsed, cause, self.now(at))
        };
        tracing::error!(cause = cause.id, "the pause is over and its cause is not");
        let pause = Pause {
            note: NOTED.into(),
            ..pause.clone()
        };
        if let Err(error) = self
            .tools
            .store
            .save_pause(&pause, &address(&self.tools.hooks, &notice))
            .await
        {
            self.failed(&error);
        }
        self.pauses.insert(cause.id.clone(), pause);
    }
}
