//! The adapter: a program that answers for positions which bytes do not show.

use std::fmt::Write;

use super::{
    File,
    ledger::{Ledger, Mode, mode},
};
use crate::{
    Adoption,
    find::{Amount, Meaning, Position, Rate},
    layout::{Place, Records, Step},
    names::address,
    need::Need,
};

/// Its manifest and its code, which are the same for every host.
const MANIFEST: &str = include_str!("../../template/Cargo.toml.txt");
const LIB: &str = include_str!("../../template/lib.rs");
const READING: &str = include_str!("../../template/reading.rs");

/// Its files, if there is anything to answer for.
pub fn files(adoption: &Adoption, ledgers: &[Ledger]) -> Vec<File> {
    if !ledgers.iter().any(|ledger| ledger.mode == Mode::Adapter) {
        return Vec::new();
    }
    let file = |path: &str, text: String| File {
        path: format!("adapter/{path}"),
        text,
    };
    vec![
        file("Cargo.toml", MANIFEST.replace("NAME", &adoption.host.replace('_', "-"))),
        file("src/lib.rs", LIB.to_owned()),
        file("src/reading.rs", READING.to_owned()),
        file("src/layout.rs", layout(adoption)),
    ]
}

/// The description of the host's positions.
fn layout(adoption: &Adoption) -> String {
    let mut out = format!(
        "//! The positions of {}, drafted from its IDL. Lines marked CHECK hold a guess that the IDL does not settle: correct\n\
         //! them, and compare the answers with what the host's own client shows before you register a ledger.\n\
         // One host does not use all of it.\n\
         #![allow(unused_imports)]\n\n\
         use crate::reading::{{Asset, Number, Part, Place, Position, Rate, Records, Side, Step, Which}};\n\n\
         /// The host. No other program's account is read.\n",
        adoption.host
    );
    let host = address(&adoption.program).unwrap_or_default();
    let _ = writeln!(out, "pub const HOST: [u8; 32] = {};\n", list(&host));
    out.push_str(
        "/// Its positions, in the order of the first byte of an instruction.\npub const POSITIONS: &[Position] = &[\n",
    );
    for position in adoption
        .positions
        .iter()
        .filter(|position| mode(position) == Mode::Adapter)
    {
        describe(&mut out, position);
    }
    out.push_str("];\n");
    out
}

fn describe(out: &mut String, position: &Position) {
    let known = position
        .filters
        .iter()
        .map(|(offset, bytes)| format!("({offset}, &{})", list(bytes)));
    let _ = write!(
        out,
        "    Position {{\n        name: \"{}\",\n        known_by: &[{}],\n        // {}\n        owner: {},\n        assets: &[\n",
        position.account,
        known.collect::<Vec<_>>().join(", "),
        position.owner.field,
        place(&position.owner.place),
    );
    let mut assets: Vec<&str> = Vec::new();
    for amount in &position.amounts {
        if !assets.contains(&amount.asset.as_str()) {
            assets.push(&amount.asset);
        }
    }
    for asset in assets {
        let _ = write!(out, "            Asset {{\n                name: \"{asset}\",\n");
        records(out, position);
        out.push_str("                parts: &[\n");
        for amount in position.amounts.iter().filter(|amount| amount.asset == asset) {
            part(out, position, amount);
        }
        out.push_str("                ],\n            },\n");
    }
    out.push_str("        ],\n    },\n");
}

fn records(out: &mut String, position: &Position) {
    let Some(table) = &position.table else {
        out.push_str("                records: Records::One,\n                which: Which::All,\n");
        return;
    };
    let stride = table.stride;
    let at = place(&table.place);
    let _ = match table.records {
        Records::Fixed(count) => writeln!(
            out,
            "                // {}\n                records: Records::Fixed {{ at: {at}, stride: {stride}, count: {count} }},",
            table.field
        ),
        Records::Listed(prefix) => writeln!(
            out,
            "                // {}\n                records: Records::Listed {{ at: {at}, prefix: {prefix}, stride: {stride} }},",
            table.field
        ),
    };
    let _ = match &table.which {
        None => writeln!(
            out,
            "                // CHECK: no field says which asset a record is of.\n                which: Which::All,"
        ),
        Some((name, offset, 32)) => writeln!(
            out,
            "                // {name}: the address of the first account that is registered with the ledger.\n                \
             which: Which::Key {{ offset: {offset}, account: 0 }},"
        ),
        Some((name, offset, width)) => writeln!(
            out,
            "                // CHECK: {name}, the number of the asset; copy this asset for each other one.\n                \
             which: Which::Value {{ offset: {offset}, width: {width}, value: 0 }},"
        ),
    };
}

fn part(out: &mut String, position: &Position, amount: &Amount) {
    let pad = "                    ";
    let fraction = amount.fraction;
    let _ = write!(
        out,
        "{pad}// {}\n{pad}Part {{\n{pad}    at: {},\n{pad}    number: {},\n{pad}    subtract: {},\n",
        amount.field,
        place(&amount.at.place),
        number(amount.width, amount.signed, fraction),
        amount.subtract
    );
    let side = position.table.as_ref().and_then(|table| table.side.as_ref());
    let _ = match side {
        Some((name, offset)) => writeln!(
            out,
            "{pad}    // CHECK: the value of {name} in debts.\n{pad}    side: Some(Side {{ offset: {offset}, debt: 1 }}),"
        ),
        None => writeln!(out, "{pad}    side: None,"),
    };
    let is_worth = position.needs.iter().any(|need| match need {
        Need::SharesTimesRate { field, .. } | Need::LotsTimesSize { field } | Need::ValueAtPrice { field } => {
            *field == amount.field
        }
        _ => false,
    });
    if is_worth {
        rate(out, pad, position.rates.first(), amount.meaning);
    } else {
        let _ = writeln!(out, "{pad}    rate: None,");
    }
    let _ = writeln!(out, "{pad}}},");
}

/// What a unit is worth. Where the IDL does not settle it, nothing is answered until somebody does.
fn rate(out: &mut String, pad: &str, found: Option<&Rate>, meaning: Meaning) {
    let what = match meaning {
        Meaning::Lots => "tokens of a lot",
        Meaning::Value => "tokens for a unit of value",
        _ => "tokens of a share",
    };
    let (line, rate) = match found {
        Some(rate) => (
            format!(
                "CHECK: {what}: {} of the {}, which is the first account of the ledger's export.",
                rate.field, rate.account
            ),
            (
                rate.offset,
                number(rate.width, rate.signed, rate.fraction),
                u8::from(rate.fraction != 0),
            ),
        ),
        None => (
            format!("CHECK: {what}: no field for it was found; say where it stands in which registered account."),
            (0, number(8, false, 0), 0),
        ),
    };
    let (offset, number, divisor) = rate;
    let _ = write!(
        out,
        "{pad}    // {line}\n{pad}    // While the divisor is 0 there is no answer: what the number is divided by, as 10^12 or 1.\n{pad}    \
         rate: Some(Rate {{ account: 0, offset: {offset}, number: {number}, divisor: {divisor} }}),\n"
    );
}

fn number(width: usize, signed: bool, fraction: u32) -> String {
    format!("Number {{ width: {width}, signed: {signed}, fraction: {fraction} }}")
}

fn place(place: &Place) -> String {
    let steps = place.before.iter().map(|step| match step {
        Step::Skip(bytes) => format!("Step::Skip({bytes})"),
        Step::List { prefix, item } => format!("Step::List {{ prefix: {prefix}, item: {item} }}"),
        Step::Option { mark, item } => format!("Step::Option {{ mark: {mark}, item: {item} }}"),
    });
    format!(
        "Place {{ before: &[{}], offset: {} }}",
        steps.collect::<Vec<_>>().join(", "),
        place.offset
    )
}

fn list(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(u8::to_string).collect();
    format!("[{}]", bytes.join(", "))
}
