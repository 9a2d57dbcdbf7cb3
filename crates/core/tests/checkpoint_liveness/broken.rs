//! Acts that are broken on purpose, each as it once was or as it might be written.

use super::*;

/// A path is read only as far as there are siblings, and its place as far as it goes.
pub fn long_paths_count(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    if let Deed::ContestNode(slot, node) = deed
        && node.path >> 31 == 1
    {
        let folded = ShownNode {
            path: node.path & !(1 << 31),
            ..node.clone()
        };
        let answer = state.step(&key(signer), &Deed::ContestNode(*slot, folded));
        if answer.err() == Some(CoreError::NoContradiction) {
            return changed(state, |log| {
                if let Some(entry) = log.entries.iter_mut().find(|entry| entry.slot == *slot) {
                    entry.state = checkpoint_state::CONTESTED;
                }
            });
        }
    }
    step(state, signer, deed)
}

/// The counts that somebody shows are believed.
pub fn shown_counts_are_believed(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    if let Deed::Contest(first, _, Some(shards)) = deed
        && let Some(leaf) = state.evidence.get(first)
        && checkpoint::is_miscounted(leaf, &shards.0)
    {
        return changed(state, |log| {
            if let Some(entry) = log.entries.iter_mut().find(|entry| entry.slot == leaf.slot) {
                entry.state = checkpoint_state::CONTESTED;
            }
        });
    }
    step(state, signer, deed)
}

/// The record of a dispute is the prover's, who closes it and opens it again.
pub fn disputes_repeat(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    let mut state = state.clone();
    if let Deed::Dispute(leaf, _) = deed {
        state.disputes.remove(leaf);
    }
    step(&state, signer, deed)
}

/// The host's total is not asked.
pub fn totals_are_believed(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    let Deed::Post(claim) = deed else {
        return step(state, signer, deed);
    };
    let agreed = step(state, STRANGER, &Deed::Say(claim.total))?;
    let mut after = step(&agreed, signer, deed)?;
    after.total.clone_from(&state.total);
    Some(after)
}

/// A sample is taken of any slot.
pub fn samples_are_of_any_slot(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    if let Deed::Sample(slot, key, _) = deed {
        let mut state = state.clone();
        let earlier = checkpoint::latest(&state.log).map_or(*slot, |latest| latest.slot);
        state.at.slot = earlier;
        let mut after = step(&state, signer, &Deed::Sample(earlier, *key, bytes(77)))?;
        after.at.slot = *slot;
        return Some(with_hashes(after));
    }
    step(state, signer, deed)
}

/// Whoever signs attests.
pub fn strangers_post(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    let signer = if matches!(deed, Deed::Post(_)) {
        HONEST[0]
    } else {
        signer
    };
    step(state, signer, deed)
}

/// An attester has no share: what is young is overwritten.
pub fn the_young_make_room(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    if !matches!(deed, Deed::Post(_)) || state.log.posted == 0 {
        return step(state, signer, deed);
    }
    let emptied = changed(state, |log| log.entries[0] = bytemuck::Zeroable::zeroed())?;
    step(&emptied, signer, deed).or_else(|| step(state, signer, deed))
}

/// Who posted is remembered by a number in a council that is gone.
pub fn a_new_council_begins_anew(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    let after = step(state, signer, deed)?;
    if matches!(deed, Deed::Elect(..)) {
        return changed(&after, |log| {
            log.entries.iter_mut().for_each(|entry| entry.poster = [0; 12])
        });
    }
    Some(after)
}

fn changed(state: &Peace, change: impl FnOnce(&mut CheckpointLog)) -> Option<Peace> {
    let mut state = state.clone();
    change(Rc::make_mut(&mut state.log));
    Some(state)
}
