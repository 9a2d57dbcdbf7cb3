//! Any graph of linked domains, in any order.

use super::*;

/// A link of the graph.
#[derive(Clone)]
struct Edge {
    from: usize,
    to: usize,
    link: Link,
}

#[derive(Clone, Debug)]
enum Step {
    GuardianPause(usize, u8, u32, i64),
    Trip(usize, u8, u32, i64),
    Freeze(usize),
    Unpause(usize),
    Crank(usize),
    Wait(i64),
}

/// Domains with their links, and why each linked mask is there.
struct Graph {
    boards: Vec<PauseBoard>,
    edges: Vec<Edge>,
    /// By domain and compartment: what was carried since a linked mask was last in force.
    reasons: Vec<Vec<Vec<Carried>>>,
    now: i64,
    slot: u64,
}

impl Graph {
    fn new(domains: usize, edges: &[(usize, usize, u8, u32, u64, u32)]) -> Self {
        let edge = |&(from, to, upstream_scope, upstream_mask, compartments, mask): &_| {
            let (from, to) = (from % domains, to % domains);
            let link = link(upstream_scope, upstream_mask, compartments, mask);
            (from != to).then_some(Edge { from, to, link })
        };
        Self {
            boards: vec![open_board(); domains],
            edges: edges.iter().filter_map(edge).collect(),
            reasons: vec![vec![vec![]; MAX_COMPARTMENTS]; domains],
            now: START,
            slot: 1,
        }
    }

    fn step(&mut self, step: &Step) {
        let (now, count) = (self.now, self.boards.len());
        self.slot += 1;
        let slot = self.slot;
        match *step {
            Step::GuardianPause(at, scope, mask, seconds) => {
                board::guardian_pause(
                    &mut self.boards[at % count],
                    scope,
                    mask,
                    now + seconds,
                    At { slot, now },
                )
                .expect("a scope");
            }
            Step::Trip(at, scope, mask, seconds) => {
                board::trip(&mut self.boards[at % count], scope, mask, now + seconds, slot, now).expect("a scope");
            }
            Step::Freeze(at) => board::freeze(&mut self.boards[at % count], slot),
            Step::Unpause(at) => {
                board::unpause(&mut self.boards[at % count], slot);
                self.reasons[at % count].iter_mut().for_each(Vec::clear);
            }
            Step::Crank(at) => {
                if !self.edges.is_empty() {
                    self.crank(at % self.edges.len());
                }
            }
            Step::Wait(seconds) => self.now += seconds,
        }
        self.every_linked_mask_has_a_reason();
    }

    /// Carries along one link, as the program does. Did it change anything?
    fn crank(&mut self, at: usize) -> bool {
        let Edge { from, to, link } = self.edges[at].clone();
        let now = self.now;
        let Some(carried) = contagion::carried(&link, &self.boards[from], &council(), now) else {
            return false;
        };
        let longest = naive_pause_until(&self.boards[from], &link, now);
        assert_eq!(Some(carried.until), longest, "not by an own pause in force");

        let before = self.boards[to];
        let is_tighter = board::link(
            &mut self.boards[to],
            link.compartments,
            carried.mask,
            carried.until,
            self.slot,
            now,
        );
        let after = &self.boards[to];
        self.nothing_opened(&before, after);
        for (number, (old, new)) in before.rows.iter().zip(&after.rows).enumerate() {
            let is_linked = link.compartments & 1 << number != 0;
            let unlinked = BoardRow {
                linked: old.linked,
                linked_until: old.linked_until,
                ..*new
            };
            assert_eq!(
                bytemuck::bytes_of(&unlinked),
                bytemuck::bytes_of(old),
                "more than the linked mask"
            );
            if is_linked {
                if now >= old.linked_until {
                    self.reasons[to][number].clear();
                }
                self.reasons[to][number].push(carried);
            } else {
                assert_eq!(
                    bytemuck::bytes_of(new),
                    bytemuck::bytes_of(old),
                    "a compartment that is not linked"
                );
            }
        }
        let rest = PauseBoard {
            rows: before.rows,
            linked_slot: before.linked_slot,
            closed_until: before.closed_until,
            open_seconds: before.open_seconds,
            ..*after
        };
        assert!(after.closed_until >= before.closed_until);
        assert!(board::open_seconds(after, now) <= board::open_seconds(&before, now));
        assert_eq!(bytemuck::bytes_of(&rest), bytemuck::bytes_of(&before), "more than rows");
        if !is_tighter {
            assert_eq!(bytemuck::bytes_of(after), bytemuck::bytes_of(&before));
        }
        is_tighter
    }

    fn nothing_opened(&self, before: &PauseBoard, after: &PauseBoard) {
        for number in 0..4 {
            for instant in [0, 1, HOUR, 9 * HOUR, TRIP, 2 * TRIP].map(|later| self.now + later) {
                let opened = closed(before, number, instant) & !closed(after, number, instant);
                assert_eq!(opened, 0, "opened");
            }
        }
    }

    fn every_linked_mask_has_a_reason(&self) {
        for (board, reasons) in self.boards.iter().zip(&self.reasons) {
            for (row, reasons) in board.rows.iter().zip(reasons) {
                if self.now >= row.linked_until {
                    continue;
                }
                let carried = reasons.iter().fold(0, |mask, carried| mask | carried.mask);
                assert_eq!(row.linked & !carried, 0, "closed without a reason");
                let last = reasons.iter().map(|carried| carried.until).max();
                assert!(Some(row.linked_until) <= last, "outlives its reasons");
            }
        }
    }

    /// Cranks everything until nothing changes any more.
    fn settle(&mut self) {
        for _ in 0..=self.edges.len() {
            let changed = (0..self.edges.len()).filter(|at| self.crank(*at)).count();
            if changed == 0 {
                return;
            }
        }
        panic!("cranking goes on forever");
    }
}

/// The rule, in the simplest words: when does the last own pause that counts end?
fn naive_pause_until(board: &PauseBoard, link: &Link, now: i64) -> Option<i64> {
    let mut rows = vec![board.domain_row];
    if link.upstream_scope != SCOPE_DOMAIN {
        rows.push(board.rows[usize::from(link.upstream_scope)]);
    }
    let mut ends = vec![];
    for row in rows {
        if row.guardian_pause & link.upstream_mask != 0 && row.guardian_pause_until > now {
            ends.push(row.guardian_pause_until);
        }
        if row.trip & link.upstream_mask != 0 && row.trip_until > now {
            ends.push(row.trip_until);
        }
        if row.freeze & link.upstream_mask != 0 {
            ends.push(now + TRIP);
        }
    }
    ends.into_iter().max()
}

fn masks() -> impl Strategy<Value = u32> {
    prop_oneof![
        Just(action::ALL),
        Just(action::TRADE),
        Just(action::WITHDRAW | action::BORROW),
        Just(action::SETTLE)
    ]
}

fn scopes() -> impl Strategy<Value = u8> {
    prop_oneof![Just(SCOPE_DOMAIN), 0_u8..4]
}

fn edges() -> impl Strategy<Value = Vec<(usize, usize, u8, u32, u64, u32)>> {
    let mask = prop_oneof![Just(0), masks()];
    prop::collection::vec((0_usize..6, 0_usize..6, scopes(), masks(), 0_u64..16, mask), 0..12)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let seconds = || 1..TRIP;
    let step = prop_oneof![
        2 => (0_usize..6, scopes(), masks(), seconds()).prop_map(|(at, scope, mask, s)| Step::GuardianPause(at, scope, mask, s)),
        2 => (0_usize..6, scopes(), masks(), seconds()).prop_map(|(at, scope, mask, s)| Step::Trip(at, scope, mask, s)),
        1 => (0_usize..6).prop_map(Step::Freeze),
        2 => (0_usize..6).prop_map(Step::Unpause),
        8 => (0_usize..12).prop_map(Step::Crank),
        3 => prop_oneof![0_i64..2, 1..HOUR, 1..2 * TRIP].prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_linked_pause_is_explained_in_any_graph(domains in 1_usize..7, edges in edges(), steps in steps()) {
        let mut graph = Graph::new(domains, &edges);
        for step in &steps {
            graph.step(step);
        }
        // In every order it comes to rest at once, and when the origins are over, so is everything.
        graph.settle();
        for at in 0..domains {
            graph.boards[at].domain_row.freeze = 0;
        }
        graph.now += 2 * TRIP;
        prop_assert!((0..graph.edges.len()).all(|at| !graph.crank(at)));
        for (board, number) in graph.boards.iter().flat_map(|board| (0..64).map(move |number| (board, number))) {
            prop_assert_eq!(closed(board, number, graph.now) & board.rows[usize::from(number)].linked, 0);
        }
    }

    /// A ring of any length, cranked in any order for any time: what one domain began ends when it ends there.
    #[test]
    fn a_ring_ends_with_its_origin(domains in 2_usize..7, order in prop::collection::vec(0_usize..6, 1..200), seconds in 1..TRIP) {
        let ring: Vec<_> = (0..domains).map(|at| (at, at + 1, SCOPE_DOMAIN, action::ALL, u64::MAX, action::ALL)).collect();
        let mut graph = Graph::new(domains, &ring);
        board::trip(&mut graph.boards[0], SCOPE_DOMAIN, action::ALL, START + seconds, 1, START).expect("a scope");
        for at in order {
            graph.crank(at % domains);
            graph.now += seconds / 150;
        }
        for (at, board) in graph.boards.iter().enumerate() {
            prop_assert!(board.rows.iter().all(|row| row.linked_until <= START + seconds));
            if at > 1 {
                prop_assert!(board.rows.iter().all(|row| row.linked == 0), "it travelled more than one link");
            }
        }
        graph.now = START + seconds;
        prop_assert!((0..domains).all(|at| !graph.crank(at)));
    }
}
