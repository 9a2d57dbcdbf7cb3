//! `bulkhead snapshot serve`

use std::{net::TcpListener, path::PathBuf, sync::Arc};

use anyhow::Context;
use bulkhead_snapshot::{
    Snapshot,
    serve::{Limits, serve},
};
use bulkhead_terminal::Bar;
use clap::Parser;

use crate::output;

#[derive(Parser)]
pub(super) struct Serve {
    /// Folder of the snapshot
    folder: PathBuf,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8480")]
    listen: String,
}

impl Serve {
    pub(super) fn run(&self, progress: &Bar) -> anyhow::Result<()> {
        let snapshot = Snapshot::open(&self.folder, progress)?;
        progress.clear();
        let listener = TcpListener::bind(&self.listen).with_context(|| format!("cannot listen on {}", self.listen))?;
        let (count, address) = (snapshot.manifest.roots.count, listener.local_addr()?);
        output::note(&format!("serving {count} leaves at http://{address}"));
        serve(&listener, &Arc::new(snapshot), Limits::default())?;
        Ok(())
    }
}
