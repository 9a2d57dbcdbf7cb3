//! How long a freeze has lasted, and when the escape is due.
//!
//! The clock starts when the guardians' threshold freezes the domain and stops when an unpause ends that. Nothing else
//! moves it. A freeze continues the one before it until nothing at all was closed for a day, in all, between the two:
//! otherwise whoever has both thresholds could resolve and freeze again, or pause meanwhile, and start the clock anew
//! each time without anybody having been able to leave. The day need not be in one piece, so a stranger who closes
//! something for a while does not make the clock go on. A continued freeze leaves the minimum time once more, counted
//! from its second beginning, so that a domain that was robbed again on the day it reopened still has time for a vote.
//! That date is fixed as well.

use bulkhead_interface::{
    constants::{ESCAPE_RESET_SECONDS, ESCAPE_SEAL_SECONDS, MIN_ESCAPE_SECONDS, phase, step},
    layout::{Domain, Incident, PauseBoard},
};

use crate::{CoreError, pause::board};

/// The guardians have frozen the domain.
pub const fn begin(domain: &mut Domain, board: &PauseBoard, now: i64) {
    let is_anew = domain.frozen_ts == 0 || board::open_seconds(board, now) >= ESCAPE_RESET_SECONDS;
    if is_anew {
        domain.frozen_ts = now;
        domain.refrozen_ts = 0;
    } else if domain.refrozen_ts == 0 {
        domain.refrozen_ts = now;
    }
}

/// An unpause has ended the freeze, if there was one.
pub fn end(domain: &Domain, board: &mut PauseBoard, now: i64) {
    if is_running(domain) {
        board::count_open(board, now);
    }
}

const fn is_running(domain: &Domain) -> bool {
    matches!(domain.state, phase::FROZEN | phase::RECOVERING)
}

/// When the escape is due. `None` while the domain is not frozen, and if its rules have no escape.
#[must_use]
pub fn due(domain: &Domain) -> Option<i64> {
    if domain.escape_seconds == 0 || domain.frozen_ts == 0 || !is_running(domain) {
        return None;
    }
    let first = domain.frozen_ts.saturating_add(domain.escape_seconds);
    let again = match domain.refrozen_ts {
        0 => first,
        refrozen => refrozen.saturating_add(MIN_ESCAPE_SECONDS),
    };
    Some(first.max(again))
}

/// When the escape may also pay by a checkpoint. Whatever the clock says, every incident leaves this time for its own
/// snapshot.
#[must_use]
pub fn checkpoint_due(domain: &Domain, incident: &Incident) -> Option<i64> {
    let frozen = incident.steps.get(step::FREEZE).map_or(0, |step| step.ts);
    due(domain).map(|due| due.max(frozen).saturating_add(ESCAPE_SEAL_SECONDS))
}

/// Has the freeze lasted long enough?
#[must_use]
pub fn is_due(domain: &Domain, now: i64) -> bool {
    due(domain).is_some_and(|due| now >= due)
}

/// Requires that the freeze has lasted long enough.
///
/// # Errors
/// [`CoreError::EscapeNotSet`], [`CoreError::EscapeNotDue`]
pub fn require_due(domain: &Domain, now: i64) -> Result<(), CoreError> {
    match due(domain) {
        None => Err(CoreError::EscapeNotSet),
        Some(due) if now < due => Err(CoreError::EscapeNotDue),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const DAY: i64 = 86_400;

    fn domain() -> Domain {
        Domain {
            state: phase::FROZEN,
            escape_seconds: 30 * DAY,
            ..Domain::zeroed()
        }
    }

    #[test]
    fn a_freeze_is_due_after_its_time_and_only_while_it_lasts() {
        let mut domain = domain();
        assert_eq!(due(&domain), None, "it never began");
        begin(&mut domain, &PauseBoard::zeroed(), 100);
        assert_eq!(due(&domain), Some(100 + 30 * DAY));
        assert_eq!(require_due(&domain, 99 + 30 * DAY), Err(CoreError::EscapeNotDue));
        assert!(is_due(&domain, 100 + 30 * DAY));
        domain.state = phase::RECOVERING;
        assert!(is_due(&domain, 100 + 30 * DAY));
        domain.state = phase::ALERT;
        assert_eq!(require_due(&domain, i64::MAX), Err(CoreError::EscapeNotSet));
        let never = Domain {
            escape_seconds: 0,
            state: phase::FROZEN,
            ..domain
        };
        assert_eq!(require_due(&never, i64::MAX), Err(CoreError::EscapeNotSet));
    }

    #[test]
    fn who_resolves_and_freezes_again_gains_no_new_clock() {
        let (mut domain, mut board) = (domain(), PauseBoard::zeroed());
        begin(&mut domain, &board, DAY);
        let first = due(&domain).expect("set");
        // Again and again, in one transaction each time.
        for day in [14, 27, 35, 44, 60] {
            end(&domain, &mut board, day * DAY);
            begin(&mut domain, &board, day * DAY);
            assert_eq!(due(&domain), Some(first.max((14 + 14) * DAY)));
        }
    }

    #[test]
    fn a_second_breach_leaves_the_time_of_a_vote_once() {
        let (mut domain, mut board) = (domain(), PauseBoard::zeroed());
        begin(&mut domain, &board, DAY);
        end(&domain, &mut board, 30 * DAY);
        begin(&mut domain, &board, 30 * DAY + 1);
        assert_eq!(due(&domain), Some(44 * DAY + 1));
        end(&domain, &mut board, 43 * DAY);
        begin(&mut domain, &board, 43 * DAY + 5);
        assert_eq!(due(&domain), Some(44 * DAY + 1));
    }

    #[test]
    fn an_open_day_starts_the_clock_anew() {
        let (mut domain, mut board) = (domain(), PauseBoard::zeroed());
        begin(&mut domain, &board, DAY);
        end(&domain, &mut board, 2 * DAY);
        begin(&mut domain, &board, 3 * DAY);
        assert_eq!(due(&domain), Some(33 * DAY));
        domain.state = phase::OPERATING;
        end(&domain, &mut board, 4 * DAY);
        assert_eq!(board.closed_until, 2 * DAY, "nothing was frozen");
    }

    #[test]
    fn every_incident_leaves_time_for_its_own_snapshot() {
        let mut domain = domain();
        begin(&mut domain, &PauseBoard::zeroed(), DAY);
        let mut incident = Incident::zeroed();
        incident.steps[step::FREEZE].ts = DAY;
        assert_eq!(checkpoint_due(&domain, &incident), Some(38 * DAY));
        incident.steps[step::FREEZE].ts = 60 * DAY;
        assert_eq!(checkpoint_due(&domain, &incident), Some(67 * DAY));
    }
}
