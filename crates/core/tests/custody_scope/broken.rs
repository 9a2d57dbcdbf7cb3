//! Deliberately broken acts, and that they are found.

use super::*;

/// A deliberately broken act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// A settlement that compares the address alone.
    SettleForgetsTheHolder,
    /// A redirection that anyone signs.
    AnyoneRedirects,
    /// An evacuation that compares the address alone.
    EvacuateForgetsTheHolder,
    /// A vault that is closed from when it was moved.
    ClosedWhenMoved,
    /// An evacuation that leaves the queue valid.
    QueueStaysValid,
    /// A settlement that pays twice.
    PaidIsForgotten,
    /// A release that is not asked who signs it.
    AnyoneReleases,
    /// A decision of peace that runs in the incident.
    OlderDecisionsRun,
    /// An evacuation that overwrites what an earlier one brought to the recovery account.
    RecoveryAccountsAreForgotten,
    /// A request that is denied adds up to a trip.
    DeniedIsCounted,
    /// A request that is denied latches if it is above the trip limit by itself.
    DeniedLatches,
    /// What an evacuation voids goes on adding up.
    VoidIsCounted,
    /// A note that covers what is paid to anybody.
    NotesPayAnybody,
    /// A deposit that is noted twice.
    DepositsCountTwice,
    /// A cancellation that leaves what the queue is owed as it was.
    CancelledIsOwed,
    /// An evacuation that keeps nothing for the queue.
    NothingIsReserved,
    /// A release that comes back to the queue of a vault that is still closed.
    RequeuedWhileClosed,
    /// Anyone takes a cancelled release back, and nobody is credited.
    AnyoneTakesBack,
    /// A restoration whose releases the vault goes on paying.
    RestoredIsQueued,
    /// A guardian's list that works a day after the evacuation.
    CancellationNeverEnds,
}

thread_local! {
    static BROKEN: Cell<Broken> = const { Cell::new(Broken::Nothing) };
}

/// A step of the machine, with whichever act is broken.
pub(super) fn step_of(state: &State, signer: &Pubkey, action: &Action) -> Result<State, CoreError> {
    let broken = BROKEN.get();
    let mut before = state.clone();
    let own = Rc::make_mut(&mut before.custody);
    let mut signer = *signer;
    match (broken, action) {
        (Broken::SettleForgetsTheHolder, Action::Custody(Do::Settle(number, token))) => {
            own.releases[*number].1.owner = own.tokens[*token].holder;
        }
        (Broken::AnyoneRedirects, Action::Custody(Do::Redirect(number, _))) => own.releases[*number].1.owner = signer,
        (Broken::EvacuateForgetsTheHolder, Action::Custody(Do::Evacuate(vault, token))) => {
            own.vaults[*vault].1.route_holder = own.tokens[*token].holder;
        }
        (Broken::AnyoneReleases, Action::Custody(Do::Release(..))) => signer = OPERATOR,
        (Broken::NotesPayAnybody, Action::Custody(Do::ReleaseOf(_, token, _, owner))) => {
            own.tokens[*token].holder = *owner;
        }
        (Broken::RequeuedWhileClosed, Action::Custody(Do::Requeue(_))) => {
            own.vaults[0].1.evacuated_slot = 0;
            Rc::make_mut(&mut before.board).unpaused_slot = 1;
        }
        (Broken::AnyoneTakesBack, Action::Custody(Do::TakeBack(_))) => signer = OPERATOR,
        (Broken::CancellationNeverEnds, Action::Custody(Do::Cancel(_) | Do::CancelListedBy(..))) => {
            let incidents = Rc::make_mut(&mut before.incidents);
            incidents
                .iter_mut()
                .for_each(|incident| incident.steps[step::EVACUATION].ts = before.at.now);
        }
        (Broken::OlderDecisionsRun, _) => Rc::make_mut(&mut before.domain).confirmed_slot = 0,
        (Broken::RecoveryAccountsAreForgotten, _) => Rc::make_mut(&mut before.domain).spent_slot = u64::MAX,
        _ => {}
    }
    let mut after = before.step(&keys(), &signer, action)?;
    let slot = after.at.slot;
    let own = Rc::make_mut(&mut after.custody);
    match (broken, action) {
        (Broken::ClosedWhenMoved, Action::Custody(Do::Evacuate(vault, _))) => {
            own.vaults[*vault].1.evacuated_slot = slot
        }
        (Broken::QueueStaysValid, Action::Custody(Do::Evacuate(vault, _))) => {
            own.vaults[*vault].1.evacuations = state.custody.vaults[*vault].1.evacuations;
        }
        (Broken::RequeuedWhileClosed, Action::Custody(Do::Requeue(_))) => {
            own.vaults[0].1.evacuated_slot = state.custody.vaults[0].1.evacuated_slot;
            after.board = state.board.clone();
        }
        (Broken::CancellationNeverEnds, Action::Custody(_)) if after.incidents.len() == state.incidents.len() => {
            let confirmed = state.incidents.iter().map(|incident| incident.steps[step::EVACUATION]);
            let confirmed: Vec<_> = confirmed.collect();
            let incidents = Rc::make_mut(&mut after.incidents).iter_mut();
            for (incident, was) in incidents.zip(confirmed) {
                if was.ts != 0 {
                    incident.steps[step::EVACUATION] = was;
                }
            }
        }
        (Broken::CancelledIsOwed, Action::Custody(Do::Cancel(_) | Do::CancelListed(_) | Do::CancelListedBy(..))) => {
            own.vaults[0].1.queued = state.custody.vaults[0].1.queued;
        }
        (Broken::NothingIsReserved, Action::Custody(Do::Evacuate(..))) => own.queue_ledgers[0].1.queue_reserve = 0,
        (Broken::RestoredIsQueued, Action::Custody(Do::RestoreQueue(..))) => {
            own.queue_ledgers[0].1.queue_from = state.custody.queue_ledgers[0].1.queue_from;
        }
        (Broken::PaidIsForgotten, Action::Custody(Do::Settle(number, _))) => own.releases[*number].1.paid = 0,
        (Broken::NotesPayAnybody, Action::Custody(Do::ReleaseOf(_, token, _, _))) => {
            own.tokens[*token].holder = state.custody.tokens[*token].holder;
        }
        (Broken::DepositsCountTwice, Action::Custody(Do::Receive(_, _, amount))) => {
            own.notes
                .iter_mut()
                .for_each(|(_, note)| note.entries[0].amount += amount);
        }
        (Broken::DeniedIsCounted, Action::Custody(Do::ReleaseAgain(_, _, amount))) => {
            let at = after.at;
            let at = Moment {
                slot: at.slot,
                now: at.now,
                ramp_bps: 10_000,
                unpaused_slot: 0,
            };
            window::wait(&mut Rc::make_mut(&mut after.breakers)[0].1, None, *amount, &at);
        }
        (Broken::DeniedLatches, Action::Custody(Do::ReleaseAgain(_, _, amount))) => {
            let at = after.at;
            let breaker = &mut Rc::make_mut(&mut after.breakers)[0].1;
            let evidence = Evidence {
                seen: *amount,
                allowed: breaker.trip_limit,
            };
            if *amount > breaker.trip_limit && !latch::is_in_force(&breaker.latch, 0, at.now) {
                latch::set(&mut breaker.latch, evidence, at);
            }
        }
        (Broken::VoidIsCounted, _) => {
            let evacuations = own.vaults[0].1.evacuations;
            Rc::make_mut(&mut after.breakers)[0].1.evacuations = evacuations;
        }
        _ => {}
    }
    Ok(after)
}

/// The laws find each of these within three steps.
#[test]
fn broken_acts_are_found() {
    // None of them is found because a path does not even begin.
    assert!(!beginnings().is_empty());
    for broken in [
        Broken::SettleForgetsTheHolder,
        Broken::AnyoneRedirects,
        Broken::EvacuateForgetsTheHolder,
        Broken::ClosedWhenMoved,
        Broken::QueueStaysValid,
        Broken::PaidIsForgotten,
        Broken::AnyoneReleases,
        Broken::OlderDecisionsRun,
        Broken::RecoveryAccountsAreForgotten,
        Broken::DeniedIsCounted,
        Broken::DeniedLatches,
        Broken::VoidIsCounted,
        Broken::NotesPayAnybody,
        Broken::DepositsCountTwice,
        Broken::CancelledIsOwed,
        Broken::NothingIsReserved,
        Broken::RequeuedWhileClosed,
        Broken::AnyoneTakesBack,
        Broken::RestoredIsQueued,
        Broken::CancellationNeverEnds,
    ] {
        BROKEN.set(broken);
        assert!(catch_unwind(|| walk(3)).is_err(), "{broken:?} is not found");
    }
    BROKEN.set(Broken::Nothing);
}
