//! Where the paths begin.

use super::*;

/// Follows a story to where a check begins.
fn after(story: &[(Pubkey, Action)]) -> Node {
    let start = Node {
        state: operating(),
        since: [None; 1],
        opened: None,
        waits: 0,
    };
    story.iter().fold(start, |node, (signer, action)| {
        let state = node.state.step(&keys(), signer, action);
        let node = follow(&node, state.unwrap_or_else(|error| panic!("{action:?}: {error:?}")));
        Node { waits: 0, ..node }
    })
}

fn wait(seconds: i64) -> (Pubkey, Action) {
    let slots = u64::try_from(seconds).expect("a time") * 2;
    (STRANGER, Action::Wait { slots, seconds })
}

fn resume() -> Action {
    Action::Propose(Decision::Resume { incident: key(20) })
}

/// Where the checks begin.
pub(super) fn beginnings() -> Vec<(&'static str, Node)> {
    let freeze = || vec![(A, Action::OpenIncident), (A, Action::Confirm), (B, Action::Confirm)];
    let with = |mut story: Vec<(Pubkey, Action)>, more: Vec<(Pubkey, Action)>| {
        story.extend(more);
        after(&story)
    };
    // Approved by both, and a second short of its delay.
    let about_to_mature = |decision| {
        after(&[
            (A, Action::Propose(decision)),
            (A, Action::Approve(0)),
            (B, Action::Approve(0)),
            wait(DELAY - 1),
        ])
    };
    let successors = || Action::Propose(Decision::ChangeCouncil(Rc::new(plan(SUCCESSOR))));
    vec![
        ("peace", after(&[])),
        ("an alarm", after(&[(A, Action::OpenIncident)])),
        ("a latch", after(&[(METER, Action::Meter(0, 5_000))])),
        ("a freeze", with(freeze(), vec![])),
        (
            "a freeze, and a resume about to mature",
            with(
                freeze(),
                vec![
                    (A, resume()),
                    (A, Action::Approve(0)),
                    (B, Action::Approve(0)),
                    wait(DELAY - 1),
                ],
            ),
        ),
        (
            "a freeze since a higher limit was approved",
            with(
                vec![
                    (A, Action::Propose(Decision::SetLimit(0, limits(4_000)))),
                    (A, Action::Approve(0)),
                    wait(DELAY - 1),
                ],
                freeze(),
            ),
        ),
        (
            "a higher limit about to mature",
            after(&[
                (A, Action::Propose(Decision::SetLimit(0, limits(4_000)))),
                (A, Action::Approve(0)),
                wait(DELAY - 1),
            ]),
        ),
        (
            "a breaker about to be opened",
            about_to_mature(Decision::OpenBreaker(1, Rc::new(second_breaker()))),
        ),
        ("a link about to be set", about_to_mature(Decision::SetLink(linked()))),
        ("everybody silent", after(&[wait(HEARTBEAT + 1)])),
        (
            "everybody gone, and the fallback's council about to mature",
            after(&[
                wait(HEARTBEAT + FALLBACK + 1),
                (FALLBACK_KEY, successors()),
                (FALLBACK_KEY, Action::Approve(0)),
                wait(MIN_FALLBACK_DELAY_SECONDS - 1),
            ]),
        ),
    ]
}
