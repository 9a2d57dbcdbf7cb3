//! What a ledger that reads bytes cannot express, and what to do instead.
//!
//! **Kinds of ledger that are not there yet stand in one place, [`KINDS`].** When the program learns one, set it to
//! `true`, and give [`Need::key`] what the domain file calls it: the report then names the kind in place of the adapter.

use serde::Serialize;

use crate::{
    find::{How, Meaning, Position},
    layout::{Kind, layout},
    model::Idl,
    names::words,
};

/// Kinds of ledger beyond "owner and amounts at fixed offsets" that the program has.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// The owner is who holds the only token of a mint that the position names.
    pub owner_through_token: bool,
    /// The amount is shares times a rate that stands in a registered account.
    pub shares_times_rate: bool,
    /// Each record of an account is a position with an owner of its own.
    pub many_records: bool,
}

/// What the program of this version has.
pub const KINDS: Kinds = Kinds {
    owner_through_token: false,
    shares_times_rate: false,
    many_records: false,
};

/// What a ledger by bytes cannot express.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "need")]
pub enum Need {
    /// Whoever holds a token is the owner.
    OwnerThroughToken {
        /// The field with the mint.
        mint: String,
    },
    /// Another account of the host knows the owner.
    OwnerThroughAccount {
        /// The field with its address.
        field: String,
        /// Its type.
        account: String,
    },
    /// Something that has no fixed size lies in front.
    BehindVariable {
        /// What is wanted.
        field: String,
        /// What lies in front.
        front: String,
    },
    /// Shares, and another account says what they are worth.
    SharesTimesRate {
        /// The field with the shares.
        field: String,
        /// Fields that may be the rate.
        rates: Vec<String>,
    },
    /// Lots, and the market says how large they are.
    LotsTimesSize {
        /// The field with the lots.
        field: String,
    },
    /// A value, which a price turns into tokens.
    ValueAtPrice {
        /// The field with the value.
        field: String,
    },
    /// A field of each record says whether it is a deposit or a debt.
    SideOfRecord {
        /// The table.
        table: String,
        /// The field of a record.
        field: String,
    },
    /// Each record has an owner of its own.
    ManyRecords {
        /// The table.
        table: String,
        /// The field of a record.
        owner: String,
    },
}

impl Need {
    /// The kind of ledger that expresses it, in the words of the domain file, if the program has it.
    #[must_use]
    pub const fn key(&self) -> Option<&'static str> {
        match self {
            Self::OwnerThroughToken { .. } if KINDS.owner_through_token => Some("owner through a token"),
            Self::SharesTimesRate { .. } if KINDS.shares_times_rate => {
                Some("shares times a rate of a registered account")
            }
            Self::ManyRecords { .. } if KINDS.many_records => Some("many records in one account"),
            _ => None,
        }
    }

    /// Can the adapter answer it from the position and at most four accounts that are fixed when it is registered?
    #[must_use]
    pub const fn is_adaptable(&self) -> bool {
        !matches!(
            self,
            Self::OwnerThroughToken { .. } | Self::OwnerThroughAccount { .. } | Self::ManyRecords { .. }
        )
    }

    /// What is in the way.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::OwnerThroughToken { mint } => {
                format!("the owner is whoever holds the token of `{mint}`, which the position does not say")
            }
            Self::OwnerThroughAccount { field, account } => {
                format!("`{field}` names an account {account}, and only that knows the owner")
            }
            Self::BehindVariable { field, front } => {
                format!("`{field}` lies behind `{front}`, whose length differs, so it has no fixed offset")
            }
            Self::SharesTimesRate { field, rates } if rates.is_empty() => {
                format!("`{field}` counts shares, and the IDL does not show where their worth stands")
            }
            Self::SharesTimesRate { field, rates } => {
                format!(
                    "`{field}` counts shares; what they are worth may stand in {}",
                    rates.join(" or ")
                )
            }
            Self::LotsTimesSize { field } => format!("`{field}` counts lots, whose size the market knows"),
            Self::ValueAtPrice { field } => {
                format!("`{field}` is a value in a currency of account, which only a price turns into tokens")
            }
            Self::SideOfRecord { table, field } => {
                format!("`{field}` of each record of `{table}` says whether it is a deposit or a debt")
            }
            Self::ManyRecords { table, owner } => {
                format!("each record of `{table}` has an owner of its own, `{owner}`")
            }
        }
    }

    /// What to do.
    #[must_use]
    pub fn instead(&self) -> String {
        if let Some(kind) = self.key() {
            return format!("register a ledger of the kind \"{kind}\"");
        }
        match self {
            Self::OwnerThroughToken { .. } => {
                "write the holder into the position when it is opened and moved, and read that field; an export cannot be \
                 given the token account of each position. Never register the mint as the owner: nobody signs for it"
                    .into()
            }
            Self::OwnerThroughAccount { field, .. } => format!(
                "write the owner into the position beside `{field}`, and read that field; an export cannot be given the \
                 account of each position"
            ),
            Self::ManyRecords { .. } => {
                "keep one account for each owner, or one record for each owner beside this account; an answer has one \
                 owner and one amount"
                    .into()
            }
            Self::BehindVariable { .. } => {
                "use the adapter, which walks to it; or move the field in front in the next version of the account".into()
            }
            Self::SharesTimesRate { .. } => {
                "use the adapter with the account of the rate; or register the shares as they are, if the total counts \
                 shares too and a restoration is to pay at most one unit a share"
                    .into()
            }
            Self::LotsTimesSize { .. } => "use the adapter with the market; or keep the amount in tokens beside it".into(),
            Self::ValueAtPrice { .. } => {
                "use the adapter with the price, which then decides what everybody is owed; or keep the amount in tokens \
                 beside it"
                    .into()
            }
            Self::SideOfRecord { .. } => "use the adapter, which subtracts the debts".into(),
        }
    }
}

/// What a ledger by bytes cannot express of a position.
#[must_use]
pub fn needs(idl: &Idl, position: &Position) -> Vec<Need> {
    let mut all = Vec::new();
    let front = position
        .stop
        .as_ref()
        .map(|stop| stop.field.clone())
        .unwrap_or_default();
    let owner = &position.owner;
    match &owner.how {
        How::Token => all.push(Need::OwnerThroughToken {
            mint: owner.field.clone(),
        }),
        How::Account(account) => all.push(Need::OwnerThroughAccount {
            field: owner.field.clone(),
            account: account.clone(),
        }),
        How::Field => {}
    }
    let behind = |field: &str| Need::BehindVariable {
        field: field.to_owned(),
        front: front.clone(),
    };
    if owner.place.fixed().is_none() {
        all.push(behind(&owner.field));
    }
    if let Some(table) = &position.table {
        if table.place.fixed().is_none() {
            all.push(behind(&table.field));
        }
        if let Some((side, _)) = &table.side {
            all.push(Need::SideOfRecord {
                table: table.field.clone(),
                field: side.clone(),
            });
        }
        if let Some((owner, _)) = &table.owner {
            all.push(Need::ManyRecords {
                table: table.field.clone(),
                owner: owner.clone(),
            });
        }
    }
    let rates = || {
        position
            .rates
            .iter()
            .map(|rate| format!("`{}` of {}", rate.field, rate.account))
            .collect()
    };
    for amount in &position.amounts {
        let field = || amount.field.clone();
        if position.table.is_none() && amount.at.place.fixed().is_none() {
            all.push(behind(&amount.field));
        }
        match amount.meaning {
            Meaning::Shares => all.push(Need::SharesTimesRate {
                field: field(),
                rates: rates(),
            }),
            Meaning::Tokens if is_receipt(idl, position) => {
                all.push(Need::SharesTimesRate {
                    field: field(),
                    rates: rates(),
                });
            }
            Meaning::Lots => all.push(Need::LotsTimesSize { field: field() }),
            Meaning::Value => all.push(Need::ValueAtPrice { field: field() }),
            _ => {}
        }
    }
    all
}

/// Does the account that the amounts belong to issue tokens for them? Then they count those, which grow dearer.
fn is_receipt(idl: &Idl, position: &Position) -> bool {
    let linked = idl
        .accounts
        .iter()
        .filter(|account| position.links.iter().any(|link| link.account == account.name));
    linked
        .filter(|account| words(&account.name).iter().any(|word| word == "reserve"))
        .any(|account| {
            let found = layout(idl, account, account.def.encoding);
            found.fields.iter().any(|field| {
                let all: Vec<_> = field.path.iter().flat_map(|name| words(name)).collect();
                let is = |wanted: &str| all.iter().any(|word| word == wanted);
                matches!(field.kind, Kind::Int { .. }) && is("collateral") && is("supply")
            })
        })
}
