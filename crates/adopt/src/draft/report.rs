//! The report: every guess with its reason, for a person and for programs.

use std::fmt::Write;

use serde_json::json;

use super::{
    Draft, Placeholder,
    ledger::{Ledger, Mode},
};
use crate::{
    Adoption,
    find::{How, Position},
    layout::{Place, Records},
    names::hex,
};

/// Version of `report.json`.
const FORMAT: u32 = 1;

/// `report.json`.
pub fn json(adoption: &Adoption, draft: &Draft) -> String {
    let value = json!({
        "format": FORMAT,
        "adoption": adoption,
        "ledgers": draft.ledgers,
        "needs": needs(adoption),
        "placeholders": draft.placeholders,
        "next": adoption.next(draft),
    });
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

/// What cannot be expressed, in words.
fn needs(adoption: &Adoption) -> serde_json::Value {
    let all = adoption.positions.iter().flat_map(|position| {
        position.needs.iter().map(|need| {
            json!({ "account": position.account, "what": need.what(), "instead": need.instead(), "ledger": need.key() })
        })
    });
    all.collect()
}

/// `REPORT.md`.
pub fn text(adoption: &Adoption, ledgers: &[Ledger], placeholders: &[Placeholder]) -> String {
    let mut out = format!("# What the IDL of {} says\n\n", adoption.host);
    out.push_str("Every line is a guess from names and types. Compare owners and amounts with real accounts before you register a ledger: `bulkhead adopt --idl FILE --rpc URL` shows some.\n\n");
    out.push_str("## Positions\n");
    if adoption.positions.is_empty() {
        out.push_str("None was found. If the host keeps balances in token accounts only, register those of its share mint (see `docs/snapshot-format.md`).\n\n");
    }
    for position in &adoption.positions {
        one(&mut out, position, ledgers);
    }
    out.push_str("## Other accounts\n\n| account | why it is no position |\n|---|---|\n");
    for rejected in &adoption.rejected {
        let mark = if rejected.is_suspect { "**look at it**: " } else { "" };
        let _ = writeln!(out, "| {} | {mark}{} |", rejected.account, rejected.why);
    }
    out.push_str("\n## Instructions\n\n| instruction | action | confidence | why |\n|---|---|---|---|\n");
    for handler in &adoption.handlers {
        let action = if handler.is_view {
            "none"
        } else {
            handler.action.constant()
        };
        let why = handler.reasons.join("; ");
        let _ = writeln!(
            out,
            "| `{}` | `{action}` | {} | {why} |",
            handler.name,
            handler.confidence.text()
        );
    }
    out.push_str(
        "\n## Watches\nThe program's upgrade authority, and:\n\n| account | field | offset |\n|---|---|---:|\n",
    );
    for authority in &adoption.authorities {
        let _ = writeln!(
            out,
            "| {} | `{}` | {} |",
            authority.account, authority.field, authority.offset
        );
    }
    out.push_str("\nFor each: `bulkhead propose open-authority-watch --args watches/NAME.json`, after set-up.\n\n## To fill in\n\n| stands there | what belongs there |\n|---|---|\n");
    for placeholder in placeholders {
        let _ = writeln!(out, "| `{}` | {} |", placeholder.address, placeholder.what);
    }
    out
}

fn one(out: &mut String, position: &Position, ledgers: &[Ledger]) {
    let _ = writeln!(
        out,
        "### {} (confidence: {})",
        position.account,
        position.confidence.text()
    );
    let known = position
        .filters
        .iter()
        .map(|(offset, bytes)| format!("`{}` at {offset}", hex(bytes)));
    let known: Vec<_> = known.collect();
    let size = match position.size {
        Some(size) => format!("{size} bytes"),
        None => "its size differs".to_owned(),
    };
    let _ = writeln!(
        out,
        "- known by {}; {size}",
        if known.is_empty() {
            "nothing".to_owned()
        } else {
            known.join(", ")
        }
    );
    let through = match &position.owner.how {
        How::Field => String::new(),
        How::Token => ", the mint of a token whose holder is the owner".to_owned(),
        How::Account(account) => format!(", an account {account} that knows the owner"),
    };
    let _ = writeln!(
        out,
        "- owner: `{}` {}{through}",
        position.owner.field,
        place(&position.owner.place)
    );
    if let Some(table) = &position.table {
        let count = match table.records {
            Records::Fixed(count) => format!("{count} records"),
            Records::Listed(_) => "as many records as the number in front says".to_owned(),
        };
        let which = table.which.as_ref().map_or_else(String::new, |(name, offset, _)| {
            format!(", `{name}` at {offset} in each says of which asset it is")
        });
        let _ = writeln!(
            out,
            "- table: `{}` {}, {count} of {} bytes{which}",
            table.field,
            place(&table.place),
            table.stride
        );
    }
    for amount in &position.amounts {
        let at = if position.table.is_some() {
            format!("at {} in each record", amount.offset)
        } else {
            place(&amount.at.place)
        };
        let sign = if amount.subtract { ", subtracted" } else { "" };
        let point = if amount.fraction == 0 {
            String::new()
        } else {
            format!(", {} binary digits behind the point", amount.fraction)
        };
        let signed = if amount.signed { "signed, " } else { "" };
        let _ = writeln!(
            out,
            "- amount: `{}` {at}, {signed}{} bytes{point}{sign}",
            amount.field, amount.width
        );
    }
    for total in &position.totals {
        let _ = writeln!(
            out,
            "- total of `{}`: perhaps `{}` of {} at {} (confidence: {}): {}",
            total.of,
            total.field,
            total.account,
            total.offset,
            total.confidence.text(),
            total.reasons.join("; ")
        );
    }
    let _ = writeln!(out, "- why: {}", position.reasons.join("; "));
    for warning in &position.warnings {
        let _ = writeln!(out, "- **warning**: {warning}");
    }
    for need in &position.needs {
        let _ = writeln!(
            out,
            "- **not expressible by bytes**: {}. Instead: {}.",
            need.what(),
            need.instead()
        );
    }
    for ledger in ledgers.iter().filter(|ledger| ledger.position == position.account) {
        let how = match (ledger.mode, ledger.is_live) {
            (Mode::Bytes, true) => "in `domain.toml`",
            (Mode::Bytes, false) => "in a comment of `domain.toml`, because something is not sure enough",
            (Mode::Adapter, _) => "in a comment of `domain.toml`, for the adapter",
            (Mode::None, _) => "not drafted",
        };
        let _ = writeln!(out, "- ledger {}: {how}", ledger.index);
    }
    out.push('\n');
}

fn place(place: &Place) -> String {
    match place.fixed() {
        Some(offset) => format!("at {offset}"),
        None => format!("{} bytes behind a part whose length differs", place.offset),
    }
}

impl Adoption {
    /// What a person does next.
    #[must_use]
    pub fn next(&self, draft: &Draft) -> Vec<String> {
        let mut next = vec!["read REPORT.md: each guess has its reason and how sure it is".to_owned()];
        if self.positions.is_empty() {
            next.push("no position was found: describe one by hand (docs/domain-file.md), or use token accounts as the ledger".into());
        } else {
            next.push(
                "compare owners and amounts with real accounts: run it again with --rpc URL, or with --sample ADDRESS"
                    .into(),
            );
        }
        if draft.ledgers.iter().any(|ledger| ledger.mode == Mode::Adapter) {
            next.push("correct the lines marked CHECK in adapter/src/layout.rs; nothing is answered before".into());
        }
        if self
            .positions
            .iter()
            .any(|position| position.needs.iter().any(|need| !need.is_adaptable()))
        {
            next.push("change the host where a position does not say whose it is: REPORT.md names the field".into());
        }
        next.push("fill in the addresses that begin with FiLLMe in domain.toml and watches/".into());
        next.push("try it: bulkhead init --config domain.toml -k KEY --dry-run".into());
        next.push("guard the handlers: GUIDE.md".into());
        next
    }
}
