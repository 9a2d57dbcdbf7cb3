//! Which account types are positions.

use serde::Serialize;

use super::{
    Confidence,
    amount::{Amount, LeftOut, Meaning, added, amounts, unread},
    hint::hint,
    link::{Link, link},
    owner::{Owner, owner},
    total::{Rate, Total, rates, totals},
    vocabulary::{NO_TABLE, OWNERS, SIDE, WHICH, has},
};
use crate::{
    instructions,
    layout::{Field, Kind, Layout, Records, Stop, layout},
    model::{AccountType, Encoding, Idl},
    names::words,
    need::{Need, needs},
};

/// The table that holds a position's amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The field.
    pub field: String,
    /// Where it begins; of a list, where its number is.
    pub place: crate::layout::Place,
    /// Bytes of a record.
    pub stride: usize,
    /// How many records.
    pub records: Records,
    /// What says which asset a record is of: name, offset within the record, bytes.
    pub which: Option<(String, usize, usize)>,
    /// What says whether a record is a deposit or a debt: name and offset.
    pub side: Option<(String, usize)>,
    /// The owner of a record, if each has its own: name and offset.
    pub owner: Option<(String, usize)>,
}

/// An account type that looks like a position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The account type.
    pub account: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Points.
    pub score: i32,
    /// Why.
    pub reasons: Vec<String>,
    /// What to look at.
    pub warnings: Vec<String>,
    /// How it is written.
    pub encoding: Encoding,
    /// Constant bytes that tell it from others: offset, bytes.
    pub filters: Vec<(usize, Vec<u8>)>,
    /// Its size, if every account has the same.
    pub size: Option<usize>,
    /// The first part without a fixed size.
    pub stop: Option<Stop>,
    /// Whose it is.
    pub owner: Owner,
    /// What it holds.
    pub amounts: Vec<Amount>,
    /// The table that the amounts are in, if they are in one.
    pub table: Option<Table>,
    /// Numbers that do not count.
    pub left_out: Vec<LeftOut>,
    /// Accounts of the host that it names.
    pub links: Vec<Link>,
    /// Mints that it names: field and offset.
    pub mints: Vec<(String, usize)>,
    /// Where the total of each amount may stand.
    pub totals: Vec<Total>,
    /// What its shares may be worth.
    pub rates: Vec<Rate>,
    /// What a ledger by bytes cannot express.
    pub needs: Vec<Need>,
}

/// An account type that is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The account type.
    pub account: String,
    /// Why not.
    pub why: String,
    /// Does it look like one all the same? Then a person should look.
    pub is_suspect: bool,
}

/// Points of a position.
const LEAST: i32 = 13;
const MEDIUM: i32 = 17;
const SURE: i32 = 22;

/// Every account type, as a position or with the reason why not.
#[must_use]
pub fn positions(idl: &Idl) -> (Vec<Position>, Vec<Rejected>) {
    let (mut found, mut rejected) = (Vec::new(), Vec::new());
    for account in &idl.accounts {
        match judge(idl, account) {
            Ok(position) => found.push(position),
            Err(why) => rejected.push(why),
        }
    }
    found.sort_by_key(|position| std::cmp::Reverse(position.score));
    (found, rejected)
}

fn judge(idl: &Idl, account: &AccountType) -> Result<Position, Rejected> {
    let found = layout(idl, account, account.def.encoding);
    let kind = hint(&words(&account.name));
    let reject = |why: String, is_suspect: bool| Rejected {
        account: account.name.clone(),
        why,
        is_suspect,
    };
    let is_lost = |wanted: &dyn Fn(&str) -> bool| found.lost.iter().any(|name| wanted(name));
    let Some(owner) = owner(idl, account, &found) else {
        let names_owner = |name: &str| {
            let last = name.rsplit('.').next().unwrap_or(name);
            OWNERS.iter().any(|(known, _)| has(&words(last), known))
        };
        let why = match (&found.stop, is_lost(&names_owner)) {
            (Some(stop), true) => format!("its owner lies behind `{}`, {}", stop.field, stop.what),
            _ => "no field of it names an owner".to_owned(),
        };
        return Err(reject(why, kind > 0));
    };
    let (amounts, left_out, table) = holdings(&found);
    if amounts.is_empty() {
        let why = match &found.stop {
            Some(stop) if !found.lost.is_empty() => {
                format!("no amount in front of `{}`, {}", stop.field, stop.what)
            }
            _ => "it has an owner and no amount".to_owned(),
        };
        return Err(reject(why, kind > 3 && !found.lost.is_empty()));
    }
    let mut reasons = owner.reasons.clone();
    let best = amounts.iter().map(|amount| amount.score).max().unwrap_or(0);
    let mut score = owner.score + best + kind;
    reasons.extend(amounts.iter().map(|amount| {
        let place = table
            .as_ref()
            .map_or_else(String::new, |table| format!(" in each record of `{}`", table.field));
        format!("`{}`{place} is called {}", amount.field, named(amount.meaning))
    }));
    if kind > 0 {
        reasons.push(format!("{} is a name of positions", account.name));
    }
    if kind < 0 {
        reasons.push(format!(
            "against it: {} is a name of accounts that are no positions",
            account.name
        ));
    }
    let moving = instructions::touching(idl, &account.name);
    if !moving.is_empty() {
        score += 4;
        reasons.push(format!("written by {}", moving.join(", ")));
    }
    let others = idl.accounts.iter().filter(|other| other.name != account.name);
    let named_by: Vec<_> = others
        .filter(|other| names(idl, other, &account.name))
        .map(|other| other.name.clone())
        .collect();
    if !named_by.is_empty() && kind <= 3 {
        score -= 6;
        reasons.push(format!("against it: {} belongs to one", named_by.join(", ")));
    }
    if score < LEAST {
        let why = format!("{score} points of {LEAST}: {}", reasons.join("; "));
        return Err(reject(why, score >= LEAST - 3));
    }
    let confidence = match score {
        SURE.. => Confidence::High,
        MEDIUM.. => Confidence::Medium,
        _ => Confidence::Low,
    };
    let links = links(idl, account, &found, table.as_ref());
    let mut position = Position {
        account: account.name.clone(),
        confidence,
        score,
        reasons,
        warnings: Vec::new(),
        encoding: account.def.encoding,
        filters: account.filters.clone(),
        size: found.size,
        stop: found.stop.clone(),
        owner,
        totals: amounts
            .iter()
            .filter(|amount| !amount.subtract)
            .flat_map(|amount| totals(idl, account, amount, &links))
            .collect(),
        rates: rates(idl, &links),
        mints: mints(&found),
        amounts,
        table,
        left_out,
        links,
        needs: Vec::new(),
    };
    position.needs = needs(idl, &position);
    doubts(idl, account, &found, &mut position);
    Ok(position)
}

const fn named(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Tokens => "an amount",
        Meaning::Shares => "shares",
        Meaning::Lots => "lots",
        Meaning::Value => "a value",
        Meaning::Debt => "a debt",
        Meaning::Reward => "a reward",
        Meaning::Gone => "what left already",
        Meaning::Past => "a sum over a life",
    }
}

/// Amounts, numbers that do not count, and the table that the amounts are in.
fn holdings(found: &Layout) -> (Vec<Amount>, Vec<LeftOut>, Option<Table>) {
    let (top, top_left) = amounts(&found.fields, &[]);
    let is_weak = top
        .iter()
        .all(|amount| matches!(amount.meaning, Meaning::Value | Meaning::Lots));
    let tables = found.tables.iter().filter_map(|table| {
        let around: Vec<_> = table.path.iter().flat_map(|name| words(name)).collect();
        if has(&around, NO_TABLE) {
            return None;
        }
        let (within, left) = amounts(&table.fields, &around);
        let counts = |amount: &&Amount| matches!(amount.meaning, Meaning::Tokens | Meaning::Shares);
        let best = within.iter().filter(counts).map(|amount| amount.score).max()?;
        // Records that do not say what they are of are not balances.
        let points = best + 3 * i32::from(which(table).is_some());
        Some((points, table, within, left))
    });
    // Numbers side by side, as shares of each bin of a range: every number is a record.
    let rows: Vec<_> = found.fields.iter().filter_map(row).collect();
    let rows = rows.iter().map(|table| {
        let (within, left) = amounts(&table.fields, &[]);
        (
            within.iter().map(|amount| amount.score).max().unwrap_or(0),
            table,
            within,
            left,
        )
    });
    let best = tables
        .chain(rows.filter(|(_, _, within, _)| !within.is_empty()))
        .max_by_key(|(points, table, ..)| (*points, std::cmp::Reverse(table.place.before.len())));
    match best {
        Some((_, table, within, mut left)) if is_weak => {
            left.extend(top_left);
            left.extend(top.into_iter().map(|amount| LeftOut {
                field: amount.field,
                why: "beside the records, which look more like what is owed".into(),
            }));
            (within, left, Some(described(table)))
        }
        Some((_, table, ..)) => {
            let mut left = top_left;
            left.push(LeftOut {
                field: table.path.join("."),
                why: "records with amounts of their own; the amount beside them looks more like what is owed".into(),
            });
            (top, left, None)
        }
        None => (top, top_left, None),
    }
}

/// Numbers of one kind side by side, as a table of them.
fn row(field: &Field) -> Option<crate::layout::Table> {
    let Kind::Bytes {
        size,
        item: item @ (8 | 16),
    } = field.kind
    else {
        return None;
    };
    let number = Field {
        path: field.path.last().cloned().into_iter().collect(),
        place: crate::layout::Place::default(),
        kind: Kind::Int {
            width: item,
            signed: false,
            fraction: 0,
        },
    };
    Some(crate::layout::Table {
        path: field.path.clone(),
        place: field.place.clone(),
        stride: item,
        records: Records::Fixed(size.checked_div(item)?),
        fields: vec![number],
    })
}

fn described(table: &crate::layout::Table) -> Table {
    let owned = |field: &&Field| {
        let words = field.words();
        field.kind == Kind::Key
            && words
                .last()
                .is_some_and(|last| OWNERS.iter().take(3).any(|(known, _)| known.contains(&last.as_str())))
    };
    let sided = |field: &&Field| matches!(field.kind, Kind::Other(1)) && has(&field.words(), SIDE);
    let at = |field: &Field| (field.name(), field.place.offset);
    Table {
        field: table.path.join("."),
        place: table.place.clone(),
        stride: table.stride,
        records: table.records,
        which: which(table).map(|field| (field.name(), field.place.offset, field.size())),
        side: table.fields.iter().find(sided).map(at),
        owner: table.fields.iter().find(owned).map(at),
    }
}

/// What says which asset a record is of.
fn which(table: &crate::layout::Table) -> Option<&Field> {
    let fits = |field: &&Field| has(&field.words(), WHICH);
    let key = table.fields.iter().filter(|field| field.kind == Kind::Key).find(fits);
    key.or_else(|| {
        let small = |field: &&Field| matches!(field.kind, Kind::Int { width: 1..=4, .. });
        let is_index = |field: &&Field| has(&field.words(), &["index", "id", "market"]);
        table.fields.iter().filter(small).filter(fits).find(is_index)
    })
}

/// Does an account of this type name one of that type?
fn names(idl: &Idl, account: &AccountType, wanted: &str) -> bool {
    layout(idl, account, account.def.encoding).fields.iter().any(|field| {
        let target = field.path.last().and_then(|name| link(idl, name, &account.name));
        field.kind == Kind::Key && target.is_some_and(|target| target.name == wanted)
    })
}

fn links(idl: &Idl, account: &AccountType, found: &Layout, table: Option<&Table>) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let fields = found.fields.iter().filter(|field| field.kind == Kind::Key);
    for field in fields {
        let target = field.path.last().and_then(|name| link(idl, name, &account.name));
        if let (Some(target), Some(offset)) = (target, field.place.fixed()) {
            links.push(Link {
                field: field.name(),
                offset,
                account: target.name.clone(),
            });
        }
    }
    if let Some((name, offset, _)) = table.and_then(|table| table.which.clone()) {
        // `market_index` is the number of a market.
        let bare = name
            .trim_end_matches("index")
            .trim_end_matches("Index")
            .trim_end_matches('_')
            .to_owned();
        let table_name = table.map(|table| table.field.clone()).unwrap_or_default();
        let spot = words(&table_name).iter().any(|word| word == "spot");
        let spotted = format!("spot_{bare}");
        let target = if spot { link(idl, &spotted, &account.name) } else { None };
        let token = || {
            if words(&bare) == ["token"] {
                link(idl, "bank", &account.name)
            } else {
                None
            }
        };
        if let Some(target) = target.or_else(|| link(idl, &bare, &account.name)).or_else(token) {
            links.push(Link {
                field: format!("{table_name}[].{name}"),
                offset,
                account: target.name.clone(),
            });
        }
    }
    links
}

/// Mints of tokens that the position names.
fn mints(found: &Layout) -> Vec<(String, usize)> {
    let is_mint = |field: &&Field| {
        let words = field.words();
        field.kind == Kind::Key
            && words.iter().any(|word| word == "mint")
            && !has(&words, &["nft", "position", "reward"])
    };
    let fields = found.fields.iter().filter(is_mint);
    fields
        .filter_map(|field| Some((field.name(), field.place.fixed()?)))
        .collect()
}

/// What a person should look at, and how much less sure it makes.
fn doubts(idl: &Idl, account: &AccountType, found: &Layout, position: &mut Position) {
    let mut warnings = Vec::new();
    if !position.owner.rivals.is_empty() {
        warnings.push(format!(
            "`{}` may be the owner as well as `{}`",
            position.owner.rivals.join("`, `"),
            position.owner.field
        ));
        position.confidence = position.confidence.less();
    }
    if account.def.encoding == Encoding::Unsaid {
        let aligned = layout(idl, account, Encoding::C);
        let moved = |field: &Field| {
            let other = aligned.field(&field.path);
            other
                .is_some_and(|other| other.place != field.place)
                .then(|| other.map_or(0, |other| other.place.offset))
        };
        let used = found.fields.iter().filter(|field| {
            let name = field.name();
            name == position.owner.field
                || position.table.is_none() && position.amounts.iter().any(|amount| amount.field == name)
        });
        let apart: Vec<_> = used.filter_map(|field| Some((field.name(), moved(field)?))).collect();
        let table = position.table.as_ref().and_then(|table| {
            let other = aligned
                .tables
                .iter()
                .find(|other| other.path.join(".") == table.field)?;
            (other.place != table.place || other.stride != table.stride).then(|| {
                format!(
                    "the table `{}` at {} with {} bytes a record",
                    table.field, other.place.offset, other.stride
                )
            })
        });
        let apart: Vec<_> = apart
            .into_iter()
            .map(|(name, offset)| format!("`{name}` at {offset}"))
            .chain(table)
            .collect();
        if !apart.is_empty() {
            warnings.push(format!(
                "the IDL does not say whether {} is zero-copy; if it is, then {} (as repr(C) aligns it)",
                account.name,
                apart.join(", ")
            ));
            position.confidence = position.confidence.less();
        }
    }
    let wide = found.fields.iter().any(|field| {
        matches!(field.kind, Kind::Int { width: 16, .. })
            && !field.place.offset.saturating_sub(account.start).is_multiple_of(16)
    });
    if account.def.encoding == Encoding::C && wide {
        warnings.push(
            "numbers of 128 bits are taken to be aligned to 8 bytes, as they are on chain; a size that differs by 8 says otherwise".into(),
        );
    }
    if let Some(stop) = position.stop.as_ref().filter(|_| !found.lost.is_empty()) {
        warnings.push(format!(
            "nothing behind `{}` could be placed ({}): {}",
            stop.field,
            stop.what,
            found.lost.join(", ")
        ));
    }
    if position.table.as_ref().is_some_and(|table| table.which.is_none()) {
        warnings.push("no field of a record says which asset it is of; all records are added up".into());
    }
    let added = added(&position.amounts);
    if !added.is_empty() {
        warnings.push(format!(
            "each is taken to be there and owed; one may be paid already, or only asked for: `{}`",
            added.join("`, `")
        ));
    }
    let unread = unread(&found.fields, &position.amounts, &position.left_out);
    if !unread.is_empty() {
        warnings.push(format!(
            "may be parts of the amount beside them: `{}`",
            unread.join("`, `")
        ));
        position.confidence = position.confidence.less();
    }
    if words(&account.name).last().is_some_and(|word| word == "request") {
        warnings.push("a request may state what another account holds, and hold nothing itself".into());
        position.confidence = Confidence::Low;
    }
    for left in &position.left_out {
        warnings.push(format!("left out: `{}`: {}", left.field, left.why));
    }
    position.warnings = warnings;
}
