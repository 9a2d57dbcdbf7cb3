//! The clock of a proposal never stands still for good: whatever the other approvers did before and do meanwhile, as soon as
//! as many as are needed approve, count, and go on trying, it runs within two delays of its class.

use bulkhead_core::{
    acts::{Asked, At, NewProposal, approve, change_council, heartbeat, propose, withdraw_approval},
    domain::council::is_counted,
    proposals::proposal::{Status, progress},
};
use bulkhead_interface::{
    ProposalKind, Pubkey,
    constants::{phase, role},
    layout::{Council, Domain, Policy, Proposal},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const NOW: i64 = 20_000 * DAY;
const DELAY: i64 = 6 * HOUR;
const HEARTBEAT: i64 = 2 * DAY;
const APPROVERS: usize = 4;

fn key(number: usize) -> Pubkey {
    Pubkey::new_from_array([u8::try_from(number + 1).expect("few"); 32])
}

fn at(now: i64) -> At {
    At {
        slot: u64::try_from((now - NOW) * 5 / 2 + 1_000).expect("later"),
        now,
    }
}

/// What an approver does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Approve,
    Withdraw,
    Heartbeat,
    Nothing,
}

/// Four approvers and a proposal of the first.
struct Table {
    council: Council,
    proposal: Proposal,
    now: i64,
}

impl Table {
    fn new(threshold: u8) -> Self {
        let policy = Policy {
            threshold,
            delay_seconds: DELAY,
            expiry_seconds: 180 * DAY,
            ..Policy::zeroed()
        };
        let mut plan = Council {
            member_count: u8::try_from(APPROVERS).expect("few"),
            freeze_threshold: 1,
            pause_rights: 1,
            guardian_pause_seconds: HOUR,
            trip_seconds: HOUR,
            default_mask: 1,
            guardian_pauses_per_day: 1,
            guardian_pauses_in_a_row: 1,
            heartbeat_seconds: HEARTBEAT,
            fallback_seconds: 300 * DAY,
            fallback: key(100),
            policies: [policy; 4],
            domain: key(101),
            ..Council::zeroed()
        };
        for (number, member) in plan.members.iter_mut().enumerate().take(APPROVERS) {
            (member.key, member.roles) = (key(number), role::APPROVER | role::GUARDIAN);
        }
        let mut council = Council {
            domain: key(101),
            ..Council::zeroed()
        };
        change_council(&mut council, &plan, NOW).expect("a sound council");
        let domain = Domain {
            state: phase::OPERATING,
            ..Domain::zeroed()
        };
        let mut proposal = Proposal::zeroed();
        let new = NewProposal {
            domain: key(101),
            index: 0,
            bump: 255,
            payer: key(102),
        };
        let asked = Asked::Other(ProposalKind::OpenVault);
        propose(&domain, &council, &mut proposal, &new, &key(0), &asked, &[], at(NOW)).expect("it may");
        Self {
            council,
            proposal,
            now: NOW,
        }
    }

    /// What is refused changes nothing.
    fn act(&mut self, member: usize, deed: Deed) {
        let (council, proposal) = (self.council, self.proposal);
        let (who, hash, slot) = (key(member), proposal.payload_hash, proposal.created_slot);
        let last = council.members[member].last_active_ts;
        let is_done = match deed {
            Deed::Approve => approve(&mut self.council, &mut self.proposal, &who, &hash, slot, at(self.now)).is_ok(),
            Deed::Withdraw => withdraw_approval(&self.council, &mut self.proposal, &who, self.now).is_ok(),
            Deed::Heartbeat => heartbeat(&mut self.council, &who, last, self.now).is_ok(),
            Deed::Nothing => true,
        };
        if !is_done {
            (self.council, self.proposal) = (council, proposal);
        }
    }

    /// All of these approve and count.
    fn stand(&self, members: usize) -> bool {
        (0..members).all(|member| {
            let counts = is_counted(&self.council, &self.council.members[member], self.now);
            counts && self.proposal.approvals >> member & 1 == 1
        })
    }

    fn status(&self) -> Status {
        progress(&self.proposal, &self.council, at(self.now)).status
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        Just(Deed::Approve),
        Just(Deed::Withdraw),
        Just(Deed::Heartbeat),
        Just(Deed::Nothing),
    ]
}

/// Hours that pass, and who does what then.
fn history() -> impl Strategy<Value = Vec<(i64, usize, Deed)>> {
    prop::collection::vec((0..30_i64, 0..APPROVERS, deed()), 0..60)
}

/// What the others do: before and after the honest, every hour.
fn hostile() -> impl Strategy<Value = Vec<[(usize, Deed); 2]>> {
    let one = || (0..APPROVERS, deed());
    prop::collection::vec([one(), one()], 100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn enough_that_stand_and_try_are_executed(
        threshold in 1..=3_u8,
        before in history(),
        meanwhile in hostile(),
    ) {
        let honest = usize::from(threshold);
        let mut table = Table::new(threshold);
        for (hours, member, deed) in before {
            table.now += hours * HOUR;
            table.act(member, deed);
        }
        // From now on the honest are there, and approve as often as it is of use. The others do as they like.
        let mut since = None;
        for [first, second] in meanwhile {
            table.now += HOUR;
            let others = |table: &mut Table, (member, deed): (usize, Deed)| {
                if member >= honest {
                    table.act(member, deed);
                }
            };
            others(&mut table, first);
            for member in 0..honest {
                table.act(member, Deed::Heartbeat);
                table.act(member, Deed::Approve);
            }
            if table.status() == Status::Ready {
                return Ok(());
            }
            if table.stand(honest) {
                let since = *since.get_or_insert(table.now);
                prop_assert_ne!(table.status(), Status::Collecting, "no clock runs, and nobody can start it");
                prop_assert!(table.now - since < 2 * DELAY, "{:?} since {since}", table.status());
            } else {
                prop_assert!(since.is_none(), "somebody else took their approval");
            }
            others(&mut table, second);
        }
        prop_assert!(false, "never");
    }
}

/// The two ways into it that were found, as they were found.
#[test]
fn who_approved_starts_the_clock_by_approving_again() {
    let mut table = Table::new(2);
    table.act(0, Deed::Approve);
    table.now += HEARTBEAT;
    table.act(1, Deed::Heartbeat);
    table.now += 1;
    // The first is silent now, so this is one of two.
    table.act(1, Deed::Approve);
    assert_eq!((table.proposal.approvals, table.proposal.approved_ts), (0b11, 0));
    table.act(0, Deed::Heartbeat);
    table.now += DAY;
    let shown = progress(&table.proposal, &table.council, at(table.now));
    assert_eq!(
        (shown.status, shown.eligible, shown.needed),
        (Status::Collecting, 0b11, 2)
    );
    let mut other = Table { ..table };
    for (table, member) in [(&mut table, 0), (&mut other, 1)] {
        table.act(member, Deed::Approve);
        assert_eq!(table.proposal.approved_ts, table.now);
        // Once it runs nobody starts it anew.
        table.now += DELAY - 1;
        table.act(0, Deed::Approve);
        table.act(1, Deed::Approve);
        assert_eq!(table.status(), Status::Waiting);
        table.now += 1;
        assert_eq!(table.status(), Status::Ready);
    }
}
