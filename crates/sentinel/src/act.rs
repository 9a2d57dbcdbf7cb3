//! Pausing by rule: with a guardian's key that can do nothing else, through every endpoint at once, at a rising fee,
//! until a quorum of the endpoints shows the pause in force.
//!
//! **Once.** A pause burns a right, and the program takes as many as it is sent. So every attempt carries a heartbeat
//! before the pause, which names the guardian's last activity: the program refuses it once any attempt has landed,
//! because that attempt has recorded a later one. Whatever is sent, through however many endpoints, before and after a
//! kill, by one daemon or by two with the same key: at most one attempt that names the same activity lands. The activity
//! is recorded before anything that names it is sent, and it is replaced only when a quorum shows that it is past, from
//! when on nothing that names it can land.

use std::{sync::Arc, time::Duration};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    chain::{Chain, ChainError, Receipt},
    decode, instructions as ix, pda,
};
use bulkhead_core::{
    CoreError,
    acts::At,
    domain::council::{guardian_pauses_left, member_index, members},
    pause::incident::is_next_due,
};
use bulkhead_guard::effective_mask;
use bulkhead_interface::{
    constants::{MAX_COMPARTMENTS, SCOPE_DOMAIN, phase, role},
    layout::{Council, Domain, Member, PauseBoard},
};
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use solana_instruction::Instruction;
use tracing::{Span, field::Empty};

use crate::{
    clock::Clock,
    config::{Fees, Pausing, Response},
    hooks::{Hook, address},
    notice::{Notice, Now},
    source::program::Heads,
    state::{Cause, Pause, PauseState, Store},
    view::{CLOCK, clock_of},
};

pub use crate::prices::{OnePrice, Priced, price_of};

/// Longest wait for an answer to a read.
const READING: Duration = Duration::from_secs(5);
/// Time until the next look while nothing can be sent yet: the second is over in less than one.
const SOON: Duration = Duration::from_millis(200);
/// How long the others are waited for once a quorum has answered.
const GRACE: Duration = Duration::from_millis(200);

/// An endpoint to read from and to send through.
#[derive(Clone)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// The chain, with the keys.
    pub chain: Arc<dyn Chain>,
    /// The chain at other prices.
    pub priced: Arc<dyn Priced>,
    /// Reads the beginnings of accounts.
    pub heads: Arc<dyn Heads>,
}

/// What pausing needs.
#[derive(Clone)]
pub struct Arm {
    /// The endpoints.
    pub endpoints: Vec<Endpoint>,
    /// How many of them have to show it in force.
    pub quorum: usize,
    /// The guardian.
    pub guardian: Pubkey,
    /// The state.
    pub store: Arc<Store>,
    /// Paces the attempts.
    pub clock: Arc<dyn Clock>,
    /// What the attempts may cost.
    pub fees: Fees,
    /// How it pauses.
    pub pausing: Pausing,
    /// The webhooks that are notified.
    pub hooks: Arc<Vec<Hook>>,
}

/// What one endpoint shows of a domain.
#[derive(Clone)]
struct Answer {
    at: At,
    in_force: bool,
    force_slot: u64,
    member: Option<Member>,
    left: u8,
    incident: Option<u64>,
}

/// What the answers amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Weighed {
    /// A quorum shows it in force, since this slot.
    InForce(u64),
    /// The key cannot pause here.
    Refused(String),
    /// The key has no right left that it may use.
    Exhausted(String),
    /// Go on with this activity, and open the incident of this number if one is wanted.
    Go(i64, Option<u64>),
    /// Not yet: nobody answers, or the guardian was active in this very second.
    Wait(String),
}

type Flight = BoxFuture<'static, Result<Receipt, ChainError>>;

impl Arm {
    /// Sends a pause until it is seen in force, or cannot be made. Returns how it ended. `pause` was recorded.
    #[tracing::instrument(name = "pause", skip_all, fields(
        cause = cause.id, domain = %pause.domain, rule = cause.rule, subject = cause.subject, slot = pause.planned_slot,
        outcome = Empty, attempts = Empty, force_slot = Empty, note = Empty,
    ))]
    pub async fn press(&self, mut pause: Pause, cause: &Cause) -> Pause {
        let mut flights: FuturesUnordered<Flight> = FuturesUnordered::new();
        loop {
            let mut most = self.pausing.escalate.0;
            match self.weigh(&self.read(&pause).await, &pause) {
                Weighed::InForce(slot) => {
                    pause.state = if pause.attempts == 0 {
                        PauseState::Covered
                    } else {
                        PauseState::InForce
                    };
                    pause.force_slot = slot;
                    return self.ended(pause, cause).await;
                }
                // What was sent may still land.
                Weighed::Refused(note) if flights.is_empty() => {
                    (pause.state, pause.note) = (PauseState::Refused, note);
                    return self.ended(pause, cause).await;
                }
                Weighed::Exhausted(note) if flights.is_empty() => {
                    (pause.state, pause.note) = (PauseState::Exhausted, note);
                    return self.ended(pause, cause).await;
                }
                Weighed::Refused(note) | Weighed::Exhausted(note) => pause.note = note,
                Weighed::Wait(note) => {
                    pause.note = note;
                    most = most.min(SOON);
                }
                Weighed::Go(expected, incident) => {
                    pause.expected = expected;
                    pause.attempts = pause.attempts.saturating_add(1);
                    // Recorded before it is sent. If that fails, it is sent nevertheless: the domain comes first, and
                    // the heartbeat keeps it single.
                    self.record(&pause, cause, false).await;
                    flights.extend(self.attempt(&pause, incident));
                }
            }
            self.listen(&mut flights, &mut pause, most).await;
        }
    }

    /// Waits until an attempt has landed, but not longer than `most`: one step of the escalation, or less.
    async fn listen(&self, flights: &mut FuturesUnordered<Flight>, pause: &mut Pause, most: Duration) {
        let mut over = self.clock.sleep(most);
        while !flights.is_empty() {
            tokio::select! {
                biased;
                landed = flights.next() => match landed {
                    Some(Ok(receipt)) => {
                        pause.signature = receipt.signature;
                        return;
                    }
                    Some(Err(error)) => {
                        pause.note = error.to_string();
                        // Some attempt has landed: the board shows it.
                        if error.code() == Some(CoreError::ActiveSince as u32) {
                            return;
                        }
                    }
                    None => break,
                },
                () = &mut over => return,
            }
        }
        over.await;
    }

    /// Records the end, and announces it.
    async fn ended(&self, pause: Pause, cause: &Cause) -> Pause {
        let span = Span::current();
        span.record("outcome", pause.state.name());
        span.record("attempts", pause.attempts);
        span.record("force_slot", pause.force_slot);
        span.record("note", pause.note.as_str());
        self.record(&pause, cause, true).await;
        pause
    }

    async fn record(&self, pause: &Pause, cause: &Cause, is_end: bool) {
        let now = Now {
            slot: pause.force_slot.max(pause.planned_slot),
            ts: self.clock.now(),
            quorum: self.quorum,
        };
        // The third attempt without effect is worth a notice, and none after it.
        let is_worth = is_end || pause.attempts == 3;
        let notices = if is_worth {
            address(&self.hooks, &Notice::of_pause(pause, cause, now))
        } else {
            vec![]
        };
        if let Err(error) = self.store.save_pause(pause, &notices).await {
            tracing::error!(cause = cause.id, %error, "a pause could not be recorded");
        }
    }

    /// What the endpoints show. Once a quorum has answered, the others are given a moment and no more.
    async fn read(&self, pause: &Pause) -> Vec<Answer> {
        let (domain, council) = (pause.domain, pda::council(&pause.domain));
        let keys = [CLOCK, pda::board(&domain), council, domain];
        let reading = self.endpoints.iter().map(|endpoint| async {
            let accounts = endpoint.chain.accounts(&keys).await.ok()?;
            self.answer(pause, &accounts)
        });
        let mut reading: FuturesUnordered<_> = reading.collect();
        let mut answers = Vec::new();
        let mut over = self.clock.sleep(READING);
        let mut is_enough = false;
        loop {
            tokio::select! {
                biased;
                answer = reading.next() => match answer {
                    Some(answer) => answers.extend(answer),
                    None => return answers,
                },
                () = &mut over => return answers,
            }
            if answers.len() >= self.quorum && !is_enough {
                is_enough = true;
                over = self.clock.sleep(GRACE);
            }
        }
    }

    fn answer(&self, pause: &Pause, accounts: &[Option<solana_account::Account>]) -> Option<Answer> {
        let [clock, board, council, domain] = accounts else {
            return None;
        };
        let at = clock_of(clock.as_ref()?)?;
        let (board, council, domain) = (board.as_ref()?, council.as_ref()?, domain.as_ref()?);
        let rows: PauseBoard = decode::owned(&board.owner, &board.data)?;
        let council: Council = decode::owned(&council.owner, &council.data)?;
        let domain: Domain = decode::owned(&domain.owner, &domain.data)?;
        let found = member_index(&council, &self.guardian, role::GUARDIAN).ok();
        let member = found.and_then(|index| members(&council).get(index).copied());
        let left = member.map_or(0, |member| guardian_pauses_left(&council, &member, at.now));
        let mask = if pause.mask == 0 {
            council.default_mask
        } else {
            pause.mask
        };
        let length = council.guardian_pause_seconds;
        // Longer than half of what a pause lasts would never be seen in force.
        let until = at.now.saturating_add(self.pausing.margin.seconds().min(length / 2));
        let is_done =
            pause.attempts != 0 && was_paused(&rows, pause.scope, mask, pause.planned_ts.saturating_add(length));
        let wants_incident = pause.kind == Response::Incident;
        let can_open = is_next_due(&domain) && matches!(domain.state, phase::OPERATING | phase::ALERT);
        Some(Answer {
            at,
            in_force: is_done || (is_closed(&board.data, pause.scope, mask, until) && !(wants_incident && can_open)),
            force_slot: rows.guardian_pause_slot,
            member,
            left,
            incident: (wants_incident && can_open).then_some(domain.incident_count),
        })
    }

    /// What a quorum shows; where none agrees, what most show.
    fn weigh(&self, answers: &[Answer], pause: &Pause) -> Weighed {
        let quorum = |is: &dyn Fn(&Answer) -> bool| answers.iter().filter(|answer| is(answer)).count() >= self.quorum;
        if quorum(&|answer| answer.in_force) {
            let slots = answers
                .iter()
                .filter(|answer| answer.in_force)
                .map(|answer| answer.force_slot);
            return Weighed::InForce(slots.min().unwrap_or(0));
        }
        if quorum(&|answer| answer.member.is_none()) {
            return Weighed::Refused(format!(
                "NotAGuardian: {} is no guardian of this domain; add it by a proposal, or remove keys.guardian",
                self.guardian
            ));
        }
        let has_others = |answer: &Answer| answer.member.is_some_and(|member| member.roles != role::GUARDIAN);
        if !self.pausing.allow_other_roles && quorum(&has_others) {
            return Weighed::Refused(format!(
                "GuardianHasOtherRoles: {} can do more than pause; give the daemon a key that is only a guardian, or set \
                 pausing.allow_other_roles",
                self.guardian
            ));
        }
        if quorum(&|answer| answer.left <= self.pausing.keep_rights) {
            return Weighed::Exhausted(format!(
                "NoRightsLeft: {} has no pause left that it may use; another guardian has to pause, and a proposal grants \
                 new rights",
                self.guardian
            ));
        }
        let Some(most) = most_common(answers.iter().filter_map(|answer| Some(answer.member?.last_active_ts))) else {
            return Weighed::Wait("no endpoint shows the council".into());
        };
        let is_shown = quorum(&|answer| answer.member.is_some_and(|member| member.last_active_ts == most));
        let expected = if pause.expected < 0 || is_shown {
            most
        } else {
            pause.expected
        };
        // A heartbeat in the second of the last one would leave the activity as it is, and the next attempt could land as
        // well. One endpoint whose clock is ahead must not bring that about.
        if !quorum(&|answer| answer.at.now > expected) {
            return Weighed::Wait("the guardian was active in this second".into());
        }
        let incident = most_common(answers.iter().map(|answer| answer.incident)).flatten();
        Weighed::Go(expected, incident)
    }

    /// The transactions of one attempt, one through each endpoint.
    fn attempt(&self, pause: &Pause, incident: Option<u64>) -> Vec<Flight> {
        let price = price_of(&self.fees, pause.attempts);
        let flight = |endpoint: &Endpoint| -> Flight {
            let chain = endpoint.priced.at(price);
            let instructions = self.instructions(pause, incident, chain.payer());
            let name = endpoint.name.clone();
            Box::pin(async move {
                let sent = chain.send(&instructions).await;
                if let Err(error) = &sent {
                    tracing::warn!(endpoint = name, %error, "an attempt to pause failed");
                }
                sent
            })
        };
        self.endpoints.iter().map(flight).collect()
    }

    fn instructions(&self, pause: &Pause, incident: Option<u64>, payer: Pubkey) -> Vec<Instruction> {
        let beat = ix::heartbeat(pause.domain, self.guardian, pause.expected);
        let close = match incident {
            Some(number) => ix::open_incident(pause.domain, self.guardian, payer, number),
            None => ix::pause(pause.domain, self.guardian, pause.scope, pause.mask),
        };
        vec![beat, close]
    }
}

/// Whether a board closes all of `mask` in `scope` until then at least. The domain is closed if every compartment is.
#[must_use]
pub fn is_closed(board: &[u8], scope: u8, mask: u32, until: i64) -> bool {
    let closes = |compartment: u8| {
        let now = effective_mask(board, compartment, until);
        now.is_ok_and(|closed| mask & !closed == 0)
    };
    if scope == SCOPE_DOMAIN {
        let all = u8::try_from(MAX_COMPARTMENTS).unwrap_or(u8::MAX);
        return (0..all).all(closes);
    }
    closes(scope)
}

/// Whether a guardian's pause of all of `mask` in `scope` was made that lasts until then at least, even if it has lapsed:
/// the board keeps it until the next.
fn was_paused(board: &PauseBoard, scope: u8, mask: u32, until: i64) -> bool {
    let own = (scope != SCOPE_DOMAIN)
        .then(|| board.rows.get(usize::from(scope)))
        .flatten();
    let mut rows = std::iter::once(&board.domain_row).chain(own);
    rows.any(|row| row.guardian_pause_until >= until && mask & !row.guardian_pause == 0)
}

/// The value that occurs most often; of several, the first.
fn most_common<T: PartialEq + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let values: Vec<T> = values.collect();
    let count = |value: &T| values.iter().filter(|other| *other == value).count();
    let most = values.iter().map(count).max()?;
    values.iter().find(|value| count(value) == most).copied()
}
