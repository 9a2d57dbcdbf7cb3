//! Where the fields of an account type are.

mod measure;
mod walk;

use serde::Serialize;

pub use measure::MAX_DEPTH;
pub use walk::layout;

/// Longest account that the runtime allows.
pub const MAX_SIZE: usize = bulkhead_core::snapshots::layout::MAX_DATA_LEN as usize;

/// What lies in front of a field and has no fixed size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// So many bytes.
    Skip(usize),
    /// A number of elements, in so many bytes, and the elements, each of so many bytes.
    List {
        /// Bytes of the number.
        prefix: usize,
        /// Bytes of an element.
        item: usize,
    },
    /// A mark in so many bytes, and if it is not zero so many more.
    Option {
        /// Bytes of the mark.
        mark: usize,
        /// Bytes of what it marks.
        item: usize,
    },
}

/// Where something begins: an offset, behind whatever has no fixed size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What lies in front; empty at a fixed offset.
    pub before: Vec<Step>,
    /// Offset behind that.
    pub offset: usize,
}

impl Place {
    /// The offset, if it is the same in every account.
    #[must_use]
    pub const fn fixed(&self) -> Option<usize> {
        if self.before.is_empty() {
            Some(self.offset)
        } else {
            None
        }
    }
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A whole number, or one with binary digits behind the point.
    Int {
        /// Bytes.
        width: usize,
        /// Is it signed?
        signed: bool,
        /// Binary digits behind the point.
        fraction: u32,
    },
    /// An address.
    Key,
    /// Bytes, or numbers side by side: so many bytes in all, of so many each.
    Bytes {
        /// Bytes in all.
        size: usize,
        /// Bytes of an element.
        item: usize,
    },
    /// Anything else of a fixed size.
    Other(usize),
}

/// A field with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

impl Field {
    /// Its path as it is written.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// The last name of the path, as words.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.path
            .last()
            .map(|name| crate::names::words(name))
            .unwrap_or_default()
    }

    /// Bytes it takes.
    #[must_use]
    pub const fn size(&self) -> usize {
        match self.kind {
            Kind::Int { width, .. } => width,
            Kind::Key => 32,
            Kind::Bytes { size, .. } | Kind::Other(size) => size,
        }
    }
}

/// How many records a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Records {
    /// So many.
    Fixed(usize),
    /// As many as the number in front of them says, which takes so many bytes.
    Listed(usize),
}

/// Records side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// Where it begins; of a list, where its number is.
    pub place: Place,
    /// Bytes of a record.
    pub stride: usize,
    /// How many records.
    pub records: Records,
    /// Fields of a record, at offsets within it.
    pub fields: Vec<Field>,
}

/// What ends the part at fixed offsets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Its path.
    pub field: String,
    /// Where it begins.
    pub offset: usize,
    /// What it is.
    pub what: String,
}

/// An account type with the places of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Fields whose place is known, also behind parts without a fixed size.
    pub fields: Vec<Field>,
    /// Tables whose place is known.
    pub tables: Vec<Table>,
    /// Names of the fields that nothing says the place of.
    pub lost: Vec<String>,
    /// The first part without a fixed size.
    pub stop: Option<Stop>,
    /// Size of the account with its discriminator, if it is the same in every account.
    pub size: Option<usize>,
}

impl Layout {
    /// A field by its path.
    #[must_use]
    pub fn field(&self, path: &[String]) -> Option<&Field> {
        self.fields.iter().find(|field| field.path == path)
    }
}
