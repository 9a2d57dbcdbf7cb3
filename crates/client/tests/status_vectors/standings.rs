//! Where proposals stand by their council.

use super::*;

fn cases() -> Vec<(Proposal, Council, At)> {
    let mut all = vec![];
    let councils = [
        council([0, DAY, DAY, 0], 0),
        council([0, 31 * DAY, DAY, 0], 0),
        council([0, DAY, DAY, 0], NOW - 3 * DAY),
        council([0, DAY, DAY, 0], NOW + DAY),
        // Too few for too long.
        council([100 * DAY, 90 * DAY, 0, 0], 0),
    ];
    for council in councils {
        for (state, epoch, flags) in [
            (proposal_state::OPEN, 3, 0),
            (proposal_state::OPEN, 3, proposal_flag::FALLBACK),
            (proposal_state::OPEN, 2, 0),
            (proposal_state::EXECUTED, 3, 0),
            (proposal_state::VETOED, 2, 0),
        ] {
            for approvals in [0, 0b11, 0b101, 0b1001] {
                for approved_ts in [0, NOW - DAY, NOW - 4 * DAY, NOW - 20 * DAY] {
                    for class in [0, 1, 7] {
                        let proposal = Proposal {
                            state,
                            flags,
                            class,
                            approvals,
                            config_epoch: epoch,
                            approved_ts,
                            approved_slot: if approved_ts == 0 { 0 } else { slot_of(approved_ts) },
                            created_ts: NOW - 20 * DAY,
                            expires_ts: NOW + DAY,
                            ..Proposal::zeroed()
                        };
                        // Now, and at the end of their time.
                        let later: &[i64] = if class == 1 { &[DAY, DAY + 1] } else { &[0] };
                        all.extend(later.iter().map(|later| (proposal, council, at(NOW + later))));
                        // The same where the cluster stood still since it was approved.
                        let still = At {
                            slot: proposal.approved_slot + 5,
                            now: NOW,
                        };
                        if approvals == 0b11 && state == proposal_state::OPEN {
                            all.push((proposal, council, still));
                        }
                    }
                }
            }
        }
    }
    all.extend(vetoed());
    all
}

/// Proposals of member 0 under vetoes of members 2 and 3 that stand against it.
fn vetoed() -> Vec<(Proposal, Council, At)> {
    let mut all = vec![];
    for vetoes in [[0; 3], [0, 0, 4], [4, 0, 0], [4, 3, 0], [3, 0, 4]] {
        let mut council = council([0, DAY, DAY, 0], 0);
        council.members[2].roles |= role::VETOER;
        council.vetoes[0].by = vetoes;
        council.vetoes[0].ts = [NOW - 10 * DAY; 3];
        for kind in [ProposalKind::Resume, ProposalKind::ChangeCouncil] {
            for (removes, own) in [(0, 0), (0b1000, 0), (0b1000, 0b1000), (0b1100, 0b100)] {
                for (place, age) in [(0, 1), (0, 2), (0, 3), (0, 11), (1, 11)] {
                    let proposal = Proposal {
                        kind: kind.number(),
                        class: class::CONSTITUTION,
                        config_epoch: 3,
                        approvals: 0b11,
                        approved_ts: NOW - DAY,
                        approved_slot: slot_of(NOW - DAY),
                        created_ts: NOW - age * DAY - 1,
                        expires_ts: NOW + DAY,
                        place,
                        removes,
                        vetoes: own,
                        ..Proposal::zeroed()
                    };
                    all.push((proposal, council, at(NOW)));
                }
            }
        }
    }
    all
}

#[test]
fn the_file_is_what_the_rule_says() {
    let vectors: Vec<_> = cases().iter().map(vector).collect();
    keep("proposals.json", &vectors);
    for status in [
        "executed",
        "vetoed",
        "stale",
        "expired",
        "collecting",
        "fallbackNotDue",
        "waiting",
        "ready",
    ] {
        let is_reached = vectors.iter().any(|vector| vector["status"] == status);
        assert!(is_reached, "{status} is never reached");
    }
    let lacks_a_clock = |vector: &Value| vector["lacks_a_clock"] == true;
    assert!(vectors.iter().any(lacks_a_clock), "enough without a clock");
}

/// What is called ready is what the program runs, and nothing else is.
#[test]
fn ready_is_what_the_program_executes() {
    for (proposal, council, at) in cases() {
        let is_ready = progress(&proposal, &council, at).status == Status::Ready;
        assert_eq!(check_executable(&proposal, &council, at).is_ok(), is_ready);
    }
}
