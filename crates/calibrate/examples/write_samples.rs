//! Writes the synthetic histories of `samples/` anew: `cargo run -p bulkhead-calibrate --example write_samples`.

use std::{fs, io, path::Path};

use bulkhead_calibrate::samples;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("flow.csv"), samples::flow_csv())?;
    fs::write(folder.join("price.csv"), samples::price_csv())
}
