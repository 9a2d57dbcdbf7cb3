//! The check's own books: since when enough have consented, and what a proposal is about.

use super::*;

/// Does the member count, by the check's own reading of the rule?
fn counts(state: &State, index: usize) -> bool {
    let member = &state.council.members[index];
    state.at.now - member.last_active_ts <= HEARTBEAT && state.at.now >= member.active_from_ts
}

fn threshold(state: &State, class: u8) -> usize {
    usize::from(state.council.policies[usize::from(class)].threshold)
}

fn consents(state: &State, number: usize) -> bool {
    let (proposal, _) = &state.proposals[number];
    if proposal.flags & proposal_flag::FALLBACK != 0 {
        return proposal.approved_ts != 0;
    }
    let approving = (0..2).filter(|index| proposal.approvals >> index & 1 == 1 && counts(state, *index));
    approving.count() >= threshold(state, proposal.class)
}

/// The node a step leads to. Consent lasts while the payload stays and nobody takes it back; that somebody falls
/// silent and comes back does not interrupt it, for nobody has changed their mind.
pub(super) fn follow(from: &Node, state: State) -> Node {
    let mut since = [None; 1];
    for (number, (proposal, _)) in state.proposals.iter().enumerate() {
        let before = from.state.proposals.get(number).map(|(proposal, _)| proposal);
        let is_same = before.is_some_and(|before| {
            before.payload_hash == proposal.payload_hash
                && before.created_slot == proposal.created_slot
                && (before.approvals & !proposal.approvals == 0 || consents(&state, number))
        });
        let earlier = from.since[number].filter(|_| is_same);
        since[number] = earlier.or_else(|| consents(&state, number).then_some(state.at.now));
    }
    let waits = from.waits + u8::from(state.at != from.state.at);
    let is_there = state.breakers.len() > 1;
    let opened = from.opened.or_else(|| is_there.then_some(state.at.now));
    Node {
        state,
        since,
        opened,
        waits,
    }
}

/// Open, of this council, in time, consented to now and for the whole delay.
pub(super) fn has_matured(node: &Node, number: usize) -> bool {
    let (state, now) = (&node.state, node.state.at.now);
    let (proposal, _) = &state.proposals[number];
    let is_fallbacks = proposal.flags & proposal_flag::FALLBACK != 0;
    let delay = if is_fallbacks {
        MIN_FALLBACK_DELAY_SECONDS
    } else {
        DELAY
    };
    // Who was active since: the fallback's word holds only while they are too few.
    let deadline = |member: usize| state.council.members[member].last_active_ts + HEARTBEAT + FALLBACK;
    let since = node.since[number];
    let is_void = is_fallbacks
        && (0..2)
            .filter(|member| since.is_none_or(|since| deadline(*member) >= since))
            .count()
            >= threshold(state, class::CONSTITUTION);
    proposal.state == proposal_state::OPEN
        && proposal.config_epoch == state.council.config_epoch
        && now <= proposal.expires_ts
        && consents(state, number)
        && since.is_some_and(|since| now >= since + delay)
        && !is_void
        && !is_outdated(state, number)
}

/// Has the domain been held since it was made, or in the same slot, and is it not about the council? By the incidents' own
/// timelines.
pub(super) fn is_outdated(state: &State, number: usize) -> bool {
    let (proposal, decision) = &state.proposals[number];
    let is_councils = matches!(decision, Decision::ChangeCouncil(_) | Decision::Grant(..));
    let mut holds = state.incidents.iter().map(|incident| incident.steps[step::FREEZE]);
    !is_councils && holds.any(|freeze| freeze.ts != 0 && proposal.created_slot <= freeze.slot)
}

pub(super) fn is_about(decision: &Decision, looser: Loosening) -> bool {
    use Loosening as L;
    match decision {
        Decision::Resume { .. } => matches!(looser, L::Domain | L::Mask(_) | L::Latch(_)),
        Decision::Reopen(_) => matches!(looser, L::Domain | L::Mask(_) | L::Stage(_) | L::Latch(_) | L::Room(_)),
        Decision::SetLimit(..) => matches!(looser, L::Limit(_) | L::Room(_)),
        Decision::ChangeCouncil(_) | Decision::Grant(..) => matches!(looser, L::Council),
        Decision::RegisterEvacuationRoute(..) => matches!(looser, L::Vault(_)),
        Decision::CancelRelease(..) | Decision::RegisterPeer(..) => false,
        Decision::OpenBreaker(..) => matches!(looser, L::Breaker(_)),
        Decision::SetLink(_) => matches!(looser, L::Link(_)),
        Decision::Close(_) => matches!(looser, L::Breaker(_) | L::Detector(_)),
    }
}
