//! What is said of a position that was found, and of instructions: offsets, totals, actions.

use bulkhead_adopt::{Adoption, Confidence, Position};
use serde_json::Value;

use super::{plain, texts};

/// How often one kind of guess was right.
#[derive(Default)]
pub struct Tally {
    pub stated: usize,
    pub right: usize,
    /// Wrong, and told as doubtful.
    pub warned: usize,
    /// Wrong, and not told.
    pub silent: usize,
}

impl Tally {
    fn count(&mut self, is_right: bool, is_warned: bool, fault: impl FnOnce() -> String) {
        self.stated += 1;
        if is_right {
            self.right += 1;
            return;
        }
        let fault = fault();
        println!("  {fault}{}", if is_warned { "" } else { ", NOT WARNED" });
        if is_warned {
            self.warned += 1;
        } else {
            self.silent += 1;
        }
    }

    fn add(&mut self, other: Self) {
        self.stated += other.stated;
        self.right += other.right;
        self.warned += other.warned;
        self.silent += other.silent;
    }

    fn cells(&self) -> String {
        format!("{} of {} | {} | {}", self.right, self.stated, self.warned, self.silent)
    }
}

/// The guesses of one IDL, or of several.
#[derive(Default)]
pub struct Details {
    pub offsets: Tally,
    pub totals: Tally,
    pub actions: Tally,
}

impl Details {
    pub const HEAD: [&str; 2] = [
        "| IDL | half | offsets | warned | not | totals | warned | not | actions | warned | not |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ];

    pub fn of(idl: &Value, adoption: &Adoption) -> Self {
        let mut details = Self::default();
        for stated in idl["positions"].as_array().expect("positions") {
            let name = plain(stated["account"].as_str().expect("a name"));
            if let Some(found) = adoption.positions.iter().find(|found| plain(&found.account) == name) {
                details.offsets(stated, found);
                details.totals(stated, found);
            }
        }
        details.actions(&idl["actions"], adoption);
        details
    }

    /// Only of fields that were found: the others are missing amounts.
    fn offsets(&mut self, stated: &Value, found: &Position) {
        let warnings = found.warnings.join("\n");
        let mut check = |what: &str, stated: &Value, offset: Option<usize>| {
            let Some(right) = stated.as_u64() else { return };
            let is_right = offset.and_then(|offset| u64::try_from(offset).ok()) == Some(right);
            let is_told = warnings.contains(&format!("at {right}")) || found.confidence == Confidence::Low;
            self.offsets.count(is_right, is_told, || {
                format!("{}: `{what}` at {offset:?} instead of {right}", found.account)
            });
        };
        if plain(&found.owner.field) == plain(stated["owner"].as_str().expect("an owner")) {
            check(&found.owner.field, &stated["ownerAt"], found.owner.place.fixed());
        }
        if let Some(table) = &found.table {
            check(&table.field, &stated["tableAt"][0], table.place.fixed());
            check("a record", &stated["tableAt"][1], Some(table.stride));
        }
        for (name, right) in texts(&stated["amounts"]).iter().zip(list(&stated["amountsAt"])) {
            let amount = found.amounts.iter().find(|amount| plain(&amount.field) == plain(name));
            if let Some(amount) = amount {
                check(name, right, Some(amount.offset));
            }
        }
    }

    /// The first guess is the one that is drafted. A guess of low confidence, and none, leave the ledger in a comment.
    fn totals(&mut self, stated: &Value, found: &Position) {
        for (name, right) in texts(&stated["amounts"]).iter().zip(list(&stated["totals"])) {
            let amount = found.amounts.iter().find(|amount| plain(&amount.field) == plain(name));
            let (Some(amount), true) = (amount, right.is_array()) else {
                continue;
            };
            let right: Vec<_> = texts(right).iter().map(|total| plain(total)).collect();
            let guess = found.totals.iter().find(|total| total.of == amount.field);
            let said = guess.map(|total| format!("{}.{}", total.account, total.field));
            let is_drafted = guess.is_some_and(|total| total.confidence > Confidence::Low);
            let is_right = match &said {
                Some(said) if !right.is_empty() => right.contains(&plain(said)),
                _ => right.is_empty() && !is_drafted,
            };
            self.totals.count(is_right, !is_drafted, || {
                format!(
                    "{}: the total of `{name}` is {said:?} instead of {right:?}",
                    found.account
                )
            });
        }
    }

    fn actions(&mut self, stated: &Value, adoption: &Adoption) {
        for (actions, names) in stated.as_object().into_iter().flatten() {
            for name in names.as_str().expect("names").split(' ') {
                let handler = adoption
                    .handlers
                    .iter()
                    .find(|handler| plain(&handler.name) == plain(name))
                    .expect("every instruction is told");
                let said = format!("{:?}", handler.action).to_lowercase();
                let is_right = actions.split('/').any(|right| right == said) && !handler.is_view;
                let is_told = handler.confidence == Confidence::Low;
                self.actions.count(is_right, is_told, || {
                    format!(
                        "{}: `{name}` is {said} ({:?}) instead of {actions}",
                        adoption.host, handler.confidence
                    )
                });
            }
        }
    }

    pub fn add(&mut self, other: Self) {
        self.offsets.add(other.offsets);
        self.totals.add(other.totals);
        self.actions.add(other.actions);
    }

    pub fn row(&self, name: &str, half: &str) -> String {
        let cells = [&self.offsets, &self.totals, &self.actions].map(Tally::cells);
        format!("| {name} | {half} | {} |", cells.join(" | "))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("one for each amount")
}
