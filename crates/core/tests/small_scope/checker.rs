//! Every path from a beginning, and what holds of each step.

use super::*;

/// What is wrong with a step.
#[derive(Debug)]
#[allow(dead_code)] // Read when it is printed.
pub(super) enum Wrong {
    /// Looser, without a proposal.
    Loosened(Loosening, Box<Action>),
    /// Executed before it had matured.
    Unripe(Box<Action>),
    /// Looser in what the proposal is not about.
    Beyond(Loosening, Box<Action>),
    /// It left through a breaker in its first window.
    Early(Box<Action>),
}

#[derive(Default)]
pub(super) struct Tally {
    pub(super) states: usize,
    pub(super) edges: usize,
    pub(super) refused: usize,
    pub(super) executed: usize,
}

pub(super) struct Checker {
    step: Step,
    keys: Keys,
    seen: HashSet<u128>,
    pub(super) tally: Tally,
}

impl Checker {
    pub(super) fn new(step: Step) -> Self {
        Self {
            step,
            keys: keys(),
            seen: HashSet::new(),
            tally: Tally::default(),
        }
    }

    /// Every state within `depth` steps of `start`.
    pub(super) fn explore(&mut self, start: Node, depth: usize) -> Result<(), Wrong> {
        self.seen.clear();
        self.seen.insert(fingerprint(&start));
        self.tally.states += 1;
        let mut layer = vec![start];
        for left in (0..depth).rev() {
            let mut next = Vec::new();
            for node in layer {
                self.expand(&node, &mut next, left > 0)?;
            }
            layer = next;
        }
        Ok(())
    }

    /// Every step from one state.
    fn expand(&mut self, node: &Node, next: &mut Vec<Node>, is_kept: bool) -> Result<(), Wrong> {
        for action in waits().into_iter().filter(|_| node.waits < WAITS) {
            if let Ok(state) = (self.step)(&node.state, &self.keys, &STRANGER, &action) {
                // Time is no one's act, so two moments are not compared.
                self.arrive(node, state, next, is_kept);
            }
        }
        let old_board = node.state.board_bytes();
        for action in actions(&node.state) {
            let signers = if is_crank(&action) { &SIGNERS[4..] } else { &SIGNERS[..] };
            for signer in signers {
                let Ok(state) = (self.step)(&node.state, &self.keys, signer, &action) else {
                    self.tally.refused += 1;
                    continue;
                };
                let board = state.board_bytes();
                let (before, after) = (node.state.safety(&old_board), state.safety(&board));
                let looser = loosening(&before, &after, state.at.slot, state.at.now);
                self.judge(node, &action, looser)?;
                if is_early(node, &state) {
                    return Err(Wrong::Early(Box::new(action)));
                }
                self.arrive(node, state, next, is_kept);
            }
        }
        Ok(())
    }

    fn judge(&mut self, node: &Node, action: &Action, looser: Option<Loosening>) -> Result<(), Wrong> {
        let Action::Execute(number) = action else {
            return looser.map_or(Ok(()), |looser| Err(Wrong::Loosened(looser, Box::new(action.clone()))));
        };
        self.tally.executed += 1;
        if !has_matured(node, *number) {
            return Err(Wrong::Unripe(Box::new(action.clone())));
        }
        let (_, decision) = &node.state.proposals[*number];
        match looser {
            Some(looser) if !is_about(decision, looser) => Err(Wrong::Beyond(looser, Box::new(action.clone()))),
            _ => Ok(()),
        }
    }

    fn arrive(&mut self, from: &Node, state: State, next: &mut Vec<Node>, is_kept: bool) {
        self.tally.edges += 1;
        if !is_kept {
            return;
        }
        let node = follow(from, state);
        if self.seen.insert(fingerprint(&node)) {
            self.tally.states += 1;
            next.push(node);
        }
    }
}

/// Has anything left through the second breaker in its first window? By when it was seen to be opened.
fn is_early(from: &Node, state: &State) -> bool {
    let left = |state: &State| {
        let breaker = state.breakers.get(1).map(|(_, breaker)| *breaker);
        breaker.map_or(0, |breaker| {
            if breaker.last_slot == state.at.slot {
                breaker.slot_outflow
            } else {
                0
            }
        })
    };
    let is_first = from.opened.is_some_and(|opened| state.at.now <= opened + WINDOW);
    is_first && left(state) > left(&from.state)
}
