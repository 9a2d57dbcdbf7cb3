//! What is written for a person to correct: the domain file, watches, the guide, the report, and the adapter.

mod adapter;
mod domain;
mod guide;
mod ledger;
mod report;
mod watches;

use serde::Serialize;

use crate::Adoption;

pub use ledger::{Ledger, Mode, Slots};

/// A file of the draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its path in the folder.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// An address that a person has to fill in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Placeholder {
    /// The address that stands there.
    pub address: String,
    /// What belongs there.
    pub what: String,
}

/// Everything that is written.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    /// The files.
    #[serde(skip)]
    pub files: Vec<File>,
    /// The ledgers, those of the domain file and those in its comments.
    pub ledgers: Vec<Ledger>,
    /// What has to be filled in.
    pub placeholders: Vec<Placeholder>,
}

impl Adoption {
    /// Drafts the files.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let ledgers = ledger::ledgers(self);
        let mut placeholders = Vec::new();
        let domain = domain::text(self, &ledgers, &mut placeholders);
        let mut files = vec![File {
            path: "domain.toml".into(),
            text: domain,
        }];
        files.extend(watches::files(self, &mut placeholders));
        placeholders.sort();
        placeholders.dedup();
        files.push(File {
            path: "gate.rs".into(),
            text: guide::gate(self),
        });
        files.push(File {
            path: "GUIDE.md".into(),
            text: guide::text(self, &ledgers),
        });
        files.extend(adapter::files(self, &ledgers));
        files.push(File {
            path: "REPORT.md".into(),
            text: report::text(self, &ledgers, &placeholders),
        });
        let mut draft = Draft {
            files,
            ledgers,
            placeholders,
        };
        let json = report::json(self, &draft);
        draft.files.push(File {
            path: "report.json".into(),
            text: json,
        });
        draft
    }
}
