//! The game: before each step of the honest the adversary makes any one move, or none. Every state is played once.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hasher},
    rc::Rc,
};

use bulkhead_core::{
    CoreError,
    machine::{Action, Decision, State},
};

use crate::{
    adversary,
    books::{Books, Wrong, is_live},
    canon::canon,
    scene::{HONEST, HOUR, Move, Step, is_halt},
    strategy,
};

/// A state, and what the test's own books say of it.
#[derive(Clone)]
pub struct Node {
    pub state: State,
    /// `None` where nobody keeps any: then it is the play alone that shows what is wrong.
    pub books: Option<Books>,
    /// The adversary makes proposals of its own in this game.
    pub has_papers: bool,
    /// Hours that the cluster may yet stand still.
    pub halts: u8,
}

impl Node {
    pub fn new(state: State) -> Self {
        let books = Some(Books::new(&state));
        Self {
            state,
            books,
            has_papers: false,
            halts: 0,
        }
    }

    /// After a move, if it is one. Proposals that are over are cleared away, as anyone may.
    pub fn follow(&self, step: Step, what: &Move) -> Result<Result<Self, Wrong>, CoreError> {
        let state = step(&self.state, what)?;
        let books = self.books.as_ref().map(|books| books.follow(&self.state, what, &state));
        let has_papers = self.has_papers;
        let halts = self.halts.saturating_sub(is_halt(what).into());
        Ok(books.transpose().map(|books| {
            let next = Self {
                state,
                books,
                has_papers,
                halts,
            };
            next.cleared()
        }))
    }

    fn cleared(mut self) -> Self {
        let (state, books) = (&mut self.state, &mut self.books);
        let lives: Vec<_> = state
            .proposals
            .iter()
            .map(|(proposal, _)| is_live(state, proposal))
            .collect();
        if lives.iter().all(|lives| *lives) {
            return self;
        }
        let mut alive = lives.iter();
        Rc::make_mut(&mut state.proposals).retain(|_| alive.next() == Some(&true));
        if let Some(books) = books {
            let mut alive = lives.iter();
            books.consents.retain(|_| alive.next() == Some(&true));
        }
        self
    }

    /// Whoever no veto stands against may propose, whomever others stand against or stood.
    fn check_open(&self, step: Step) -> Result<(), Wrong> {
        let Some(books) = self.books.as_ref().filter(|books| !books.vetoes.is_empty()) else {
            return Ok(());
        };
        for member in HONEST
            .iter()
            .filter(|member| !books.is_barred(member, self.state.at.now))
        {
            let propose = Move::Act(*member, Action::Propose(Decision::Grant(HONEST[0], 1)));
            step(&self.state, &propose).map_err(|_| Wrong::BarredByNobody)?;
        }
        Ok(())
    }

    /// No unpause that has matured is refused but for what the members decided since.
    fn check_matured(&self, step: Step) -> Result<(), Wrong> {
        let Some(books) = &self.books else { return Ok(()) };
        let state = &self.state;
        for (number, consent) in books.consents.iter().enumerate() {
            let decision = &state.proposals[number].1;
            if !consent.has_matured(state.at) || books.has_voided(decision, consent.slot) {
                continue;
            }
            let is_due = match decision {
                Decision::Resume { .. } => !strategy::is_operating(state),
                Decision::Reopen(_) => strategy::is_operating(state),
                Decision::Close(_) => strategy::is_there(state, decision),
                _ => true,
            };
            if is_due && strategy::running(state, number, step).is_none() {
                return Err(Wrong::MaturedIsRefused);
            }
        }
        Ok(())
    }
}

/// How long a play can be made to last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    pub steps: u32,
    pub hours: u32,
}

impl Worth {
    pub fn or(self, other: Self) -> Self {
        Self {
            steps: self.steps.max(other.steps),
            hours: self.hours.max(other.hours),
        }
    }
}

/// A play that went wrong, printed from its end.
pub struct Fault {
    pub wrong: Wrong,
    pub story: Vec<String>,
}

impl Fault {
    fn new(wrong: Wrong) -> Self {
        Self { wrong, story: vec![] }
    }

    fn after(mut self, who: &str, what: &Move) -> Self {
        self.story.push(format!("{who}, {what}"));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.wrong)?;
        self.story.iter().rev().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// What was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub states: usize,
    pub edges: usize,
    pub won: usize,
    pub unpauses: usize,
    pub closed: usize,
    pub vetoed: usize,
    pub councils: usize,
}

impl Tally {
    pub fn and(self, other: Self) -> Self {
        Self {
            states: self.states + other.states,
            edges: self.edges + other.edges,
            won: self.won + other.won,
            unpauses: self.unpauses + other.unpauses,
            closed: self.closed + other.closed,
            vetoed: self.vetoed + other.vetoed,
            councils: self.councils + other.councils,
        }
    }
}

/// No play is this long.
pub const MOST_STEPS: u32 = 400;

/// What is known again is mixed already.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, word: u128) {
        self.0 = word as u64 ^ (word >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Whose turn it is, and how much the adversary has left.
fn turn(left: Rules) -> u64 {
    u64::from(left.in_a_row) | left.in_all.map_or(0, |left| u64::from(left) + 1) << 8
}

/// What a state is known again by, at whose turn.
type Knows = fn(&Node, u64) -> u128;

pub struct Game {
    step: Step,
    knows: Knows,
    /// `None` while it is being played.
    known: HashMap<u128, Option<Worth>, BuildHasherDefault<Mixed>>,
    pub tally: Tally,
    rules: Rules,
    /// Steps of the honest so far.
    steps: u32,
}

/// How much the adversary may do.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Moves between two steps of the honest.
    pub in_a_row: u8,
    /// Moves in all, if they are counted.
    pub in_all: Option<u8>,
}

/// Any one move, before each step, as long as the play lasts.
pub const ANY_ONE: Rules = Rules {
    in_a_row: 1,
    in_all: None,
};

impl Game {
    pub fn new(step: Step, rules: Rules) -> Self {
        Self {
            step,
            knows: canon,
            known: HashMap::default(),
            tally: Tally::default(),
            rules,
            steps: 0,
        }
    }

    /// The same, but states are known again by something else.
    pub fn by(self, knows: Knows) -> Self {
        Self { knows, ..self }
    }

    /// Every play from here.
    pub fn play(&mut self, start: &Node) -> Result<Worth, Fault> {
        self.move_next(start, self.rules)
    }

    /// The adversary's turn.
    fn move_next(&mut self, node: &Node, left: Rules) -> Result<Worth, Fault> {
        let key = (self.knows)(node, turn(left));
        if let Some(known) = self.known.get(&key) {
            return known.ok_or_else(|| Fault::new(Wrong::Endless));
        }
        self.known.insert(key, None);
        self.tally.states += 1;
        let mut worst = self.answer(node, left)?;
        let moves = if left.in_all == Some(0) {
            vec![]
        } else {
            adversary::moves(node)
        };
        for what in moves {
            let Ok(next) = node.follow(self.step, &what) else {
                continue;
            };
            self.tally.edges += 1;
            self.count(node, &what);
            let next = next.map_err(Fault::new).and_then(|next| {
                let left = Rules {
                    in_a_row: left.in_a_row - 1,
                    in_all: left.in_all.map(|left| left - 1),
                };
                if left.in_a_row == 0 {
                    self.answer(&next, left)
                } else {
                    self.move_next(&next, left)
                }
            });
            worst = worst.or(next.map_err(|fault| fault.after("adversary", &what))?);
        }
        self.known.insert(key, Some(worst));
        Ok(worst)
    }

    /// The honest's turn.
    fn answer(&mut self, node: &Node, left: Rules) -> Result<Worth, Fault> {
        let key = (self.knows)(node, turn(Rules { in_a_row: 0, ..left }));
        if let Some(known) = self.known.get(&key) {
            return known.ok_or_else(|| Fault::new(Wrong::Endless));
        }
        node.check_matured(self.step).map_err(Fault::new)?;
        node.check_open(self.step).map_err(Fault::new)?;
        if strategy::has_won(&node.state) {
            self.tally.won += 1;
            self.known.insert(key, Some(Worth::default()));
            return Ok(Worth::default());
        }
        self.known.insert(key, None);
        self.tally.states += 1;
        let moves = strategy::next(&node.state, self.step);
        let mut next = node.clone();
        for what in &moves {
            self.count(&next, what);
            let done = next.follow(self.step, what);
            let done = done.unwrap_or(Err(Wrong::Stuck));
            next = done.map_err(|wrong| Fault::new(wrong).after("honest", what))?;
        }
        self.tally.edges += 1;
        let in_a_row = self.rules.in_a_row;
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Fault::new(Wrong::TooLong));
        }
        let rest = self.move_next(&next, Rules { in_a_row, ..left });
        self.steps -= 1;
        let rest = rest.map_err(|fault| {
            moves
                .iter()
                .rev()
                .fold(fault, |fault, what| fault.after("honest", what))
        })?;
        let hours = u32::try_from((next.state.at.now - node.state.at.now) / HOUR).expect("time goes on");
        let worth = Worth {
            steps: rest.steps + 1,
            hours: rest.hours + hours,
        };
        self.known.insert(key, Some(worth));
        Ok(worth)
    }

    fn count(&mut self, node: &Node, what: &Move) {
        let Move::Act(_, what) = what else { return };
        match what {
            Action::Veto(_) => self.tally.vetoed += 1,
            Action::Execute(number) => match node.state.proposals[*number].1 {
                Decision::Resume { .. } | Decision::Reopen(_) => self.tally.unpauses += 1,
                Decision::Close(_) => self.tally.closed += 1,
                Decision::ChangeCouncil(_) => self.tally.councils += 1,
                _ => {}
            },
            _ => {}
        }
    }
}
