//! The test's own books of a ballot: who voted when, who won and what has matured.

use super::*;

/// What the test itself knows of a state, from what happened and not from the accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Books {
    nominating_since: i64,
    started: Option<i64>,
    /// Escrowed, by voter.
    escrowed: [u64; 2],
    /// Of that, in this very second.
    fresh: [u64; 2],
    /// What was there before the vote began, and ever since.
    eligible: [u64; 2],
    voted: [Option<(u8, u64)>; 2],
    /// The snapshot that won before the vote was run again.
    elected: Option<usize>,
}

/// How a vote stands.
enum Outcome {
    /// It is not over, or nobody has won.
    Open,
    /// More than half are for no state.
    Declined,
    /// More than half are for this snapshot.
    Won(usize),
}

impl Books {
    pub(super) fn of(world: &Recovery) -> Self {
        Self {
            escrowed: [0, 1].map(|number| world.voters[number].escrow.amount),
            ..Self::default()
        }
    }

    /// Notes a move that went through, and says what law it broke, if any.
    pub(super) fn note(&mut self, before: &Recovery, after: &Recovery, action: Move) -> Result<(), String> {
        let now = before.at.now;
        match action {
            Move::Wait(_) => self.fresh = [0; 2],
            Move::OpenBallot | Move::Renew(_) => {
                self.elected = match self.outcome(before) {
                    Outcome::Open => self.elected,
                    Outcome::Declined => None,
                    Outcome::Won(_) if self.started.is_none_or(|started| now < started + VOTE_SECONDS + LAPSE) => {
                        return Err("who has won had no time to be restored".into());
                    }
                    Outcome::Won(number) => Some(number),
                };
                let key = self.elected.map(|number| before.snapshots[number].0);
                let chosen = after.ballot.and_then(|ballot| ballot::chosen(&ballot, now).ok());
                if chosen.map(|chosen| chosen.snapshot) != key {
                    return Err("holding the vote again took what was chosen".into());
                }
                self.nominating_since = now;
                (self.started, self.voted) = (None, [None; 2]);
            }
            Move::Start => {
                if now - self.nominating_since < DAY {
                    return Err("others had no day to nominate".into());
                }
                self.started = Some(now);
                self.eligible = [0, 1].map(|number: usize| self.escrowed[number] - self.fresh[number]);
            }
            Move::Deposit(number, amount) => {
                self.escrowed[number] += amount;
                self.fresh[number] += amount;
            }
            Move::Withdraw(number, amount) => {
                let is_voting = self.started.is_some_and(|started| now < started + VOTE_SECONDS);
                if is_voting && self.voted[number].is_some() {
                    return Err("votes left before the vote had ended".into());
                }
                self.escrowed[number] -= amount;
                self.fresh[number] = self.fresh[number].saturating_sub(amount);
                self.eligible[number] = self.eligible[number].min(self.escrowed[number]);
            }
            Move::Vote(number, choice) => {
                let counted = after.voters[number].record.map_or(0, |record| record.weight);
                // A vote may be taken back, whole: what was for a state is then for none.
                let is_lawful = match self.voted[number] {
                    None => counted <= self.eligible[number],
                    Some((earlier, weight)) => {
                        earlier != CHOICE_NONE && choice == CHOICE_NONE && counted == weight
                    }
                };
                if !is_lawful {
                    return Err(format!("{counted} votes of {} count", self.eligible[number]));
                }
                self.voted[number] = Some((choice, counted));
            }
            Move::Choose(number) => return self.judge(before, number),
            _ => {}
        }
        let rows = after.ballot.as_ref().map(ballot::candidates).unwrap_or_default();
        for (place, row) in rows.iter().enumerate() {
            if rows[..place].iter().any(|other| other.nominator == row.nominator) {
                return Err("one key has two places".into());
            }
        }
        Ok(())
    }

    /// How the vote stands, by what was voted.
    fn outcome(&self, before: &Recovery) -> Outcome {
        let rows = before.ballot.as_ref().map(ballot::candidates).unwrap_or_default();
        let votes = |wanted: Option<usize>| -> u64 {
            let cast = self.voted.iter().flatten();
            cast.filter(|(choice, _)| wanted.is_none_or(|wanted| usize::from(*choice) == wanted))
                .map(|(_, weight)| weight)
                .sum()
        };
        let has_ended = self
            .started
            .is_some_and(|started| before.at.now >= started + VOTE_SECONDS);
        if !has_ended || votes(None) < before.supply.div_ceil(10) {
            return Outcome::Open;
        }
        if 2 * votes(Some(usize::from(CHOICE_NONE))) > votes(None) {
            return Outcome::Declined;
        }
        let won = (0..rows.len()).find(|place| 2 * votes(Some(*place)) > votes(None));
        let number = |place: usize| {
            before
                .snapshots
                .iter()
                .position(|(key, _)| *key == rows[place].snapshot)
        };
        won.and_then(number).map_or(Outcome::Open, Outcome::Won)
    }

    fn judge(&self, before: &Recovery, number: usize) -> Result<(), String> {
        let (key, snapshot) = &before.snapshots[number];
        let is_matured = before
            .matured
            .iter()
            .any(|plan| plan.snapshot == *key && plan.root == snapshot.root);
        let has_won = match self.outcome(before) {
            Outcome::Won(winner) => winner == number,
            Outcome::Open => self.elected == Some(number),
            Outcome::Declined => false,
        };
        if is_matured && has_won {
            Ok(())
        } else {
            Err(format!("{number} was chosen: {is_matured} {has_won}"))
        }
    }
}
