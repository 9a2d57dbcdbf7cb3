//! `bulkhead mask`: which actions of a compartment are closed, as the program answers hosts and wallets.

use anyhow::bail;
use bulkhead_client::{bulkhead::instructions::MaskView, instructions as ix, payload, status::words::closed};
use bulkhead_core::pause::board;
use bulkhead_interface::constants::MAX_COMPARTMENTS;
use clap::Args;
use serde_json::json;

use super::{find::Site, returned::ask, words};
use crate::context::Context;

/// Ask which actions of a compartment are closed, and until when.
///
/// The answer is the program's own (`view_mask`), so it is what a host's guard sees. Nothing is sent, and no key is
/// needed.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead mask --compartment 2 --domain DOMAIN")]
pub struct Mask {
    /// Compartment, 0 to 63
    #[arg(long, value_name = "N", default_value_t = 0)]
    compartment: u8,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &Mask, context: &Context) -> anyhow::Result<()> {
    let compartment = command.compartment;
    if usize::from(compartment) >= MAX_COMPARTMENTS {
        bail!(
            "CompartmentOutOfRange: {compartment}; a compartment is a number from 0 to {}",
            MAX_COMPARTMENTS - 1
        );
    }
    let site = Site::of(context).await?;
    let asked = ask(context.chain()?, ix::view_mask(site.key, compartment)).await?;
    let view = match asked {
        Some(view) => view,
        None => match board::view(&site.board_data, &site.board, compartment, site.at.now) {
            Ok(found) => MaskView {
                mask: found.mask,
                ramp_bps: found.ramp_bps,
                until: found.until,
            },
            Err(error) => bail!("Unreadable: the pause board of {} cannot be read: {error:?}", site.key),
        },
    };
    let found = json!({
        "domain": site.key.to_string(),
        "compartment": compartment,
        "mask": view.mask,
        "closed": payload::actions(view.mask),
        "ramp_bps": view.ramp_bps,
        "until": (view.until != 0).then_some(view.until),
    });
    context.print(&found, || {
        let until = match view.until {
            0 => "nothing opens by itself".to_owned(),
            until => format!("the first reopens by itself {}", words::time(until, site.at.now)),
        };
        words::lines(&[
            ("compartment", compartment.to_string()),
            (
                "closed",
                if view.mask == 0 {
                    "nothing".into()
                } else {
                    closed(view.mask)
                },
            ),
            ("until", until),
            ("limits", format!("{}% in force", f64::from(view.ramp_bps) / 100.0)),
        ])
    })
}
