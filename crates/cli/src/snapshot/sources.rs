//! Sources as named on the command line: files, folders, and `-` for standard input.

use std::{
    fs::File,
    io::{self, Seek},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use bulkhead_snapshot::Source;

/// The sources, and a copy of standard input that lives while they are read: a source is read twice, but standard input
/// can be read only once.
pub(super) struct Sources {
    pub(super) all: Vec<Source>,
    _kept: Option<tempfile::NamedTempFile>,
}

impl Sources {
    pub(super) fn at(paths: &[PathBuf], allow_empty: bool) -> anyhow::Result<Self> {
        let is_input = |path: &&PathBuf| path.as_path() == Path::new("-");
        ensure!(
            paths.iter().filter(is_input).count() <= 1,
            "RepeatedInput: `-` is given twice, but standard input can be read only once"
        );
        let kept = paths.iter().any(|path| is_input(&path)).then(keep).transpose()?;
        let source = |path: &PathBuf| {
            let source = match &kept {
                Some(kept) if is_input(&path) => Source::sniffed(kept.path(), "standard input"),
                _ => Source::at(path),
            };
            source.map(|source| if allow_empty { source.or_nothing() } else { source })
        };
        Ok(Self {
            all: paths.iter().map(source).collect::<Result<_, _>>()?,
            _kept: kept,
        })
    }
}

/// Copies standard input to a file that nobody else can read or predict.
fn keep() -> anyhow::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new().context("cannot create a temporary file for standard input")?;
    let handle: &mut File = file.as_file_mut();
    io::copy(&mut io::stdin().lock(), handle).context("standard input cannot be copied")?;
    handle.rewind()?;
    Ok(file)
}
