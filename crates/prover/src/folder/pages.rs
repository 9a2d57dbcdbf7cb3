//! The file of a page: where it leads, and the proof.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use crate::{
    Error, PageProof, SetUp, State,
    file::{hex, json, read_json, unhex, write_whole},
};

/// A page's place among its shard's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub shard: u8,
    pub page: usize,
}

/// What a page's file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub after: State,
    pub proof: PageProof,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema_version: u32,
    set_up: SetUp,
    shard: u8,
    page: usize,
    after: String,
    proof: String,
}

impl Place {
    pub fn file(self, folder: &Path) -> PathBuf {
        folder.join(format!("shard-{:02}/page-{:06}.json", self.shard, self.page))
    }
}

impl Page {
    pub fn write(&self, folder: &Path, place: Place, set_up: SetUp) -> Result<(), Error> {
        let file = place.file(folder);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(Error::io(parent))?;
        }
        let written = Written {
            schema_version: SCHEMA_VERSION,
            set_up,
            shard: place.shard,
            page: place.page,
            after: hex(&self.after.to_bytes()),
            proof: hex(&self.proof.0),
        };
        write_whole(&file, &json(&written))
    }

    pub fn read(folder: &Path, place: Place) -> Result<Self, Error> {
        let file = place.file(folder);
        let found: Written = read_json(&file)?;
        if found.schema_version != SCHEMA_VERSION {
            return Err(Error::malformed(&file, "schema_version is not 1"));
        }
        if (found.shard, found.page) != (place.shard, place.page) {
            return Err(Error::mismatch(&file, "it is the file of another page"));
        }
        let read = || {
            Some(Self {
                after: State::from_bytes(&unhex(&found.after)?)?,
                proof: PageProof(unhex(&found.proof)?),
            })
        };
        read().ok_or_else(|| Error::malformed(&file, "its state or proof is none"))
    }
}
