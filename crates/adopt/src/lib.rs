//! Drafts a Bulkhead domain from a host's IDL, for a person to correct.
//!
//! [`adopt`] reads an IDL of Anchor, of any version, or of Codama. It guesses which account types are positions, who owns
//! them and what they hold, where the host keeps the total, which action each instruction is, and whom to watch. Each
//! guess carries its reasons and how sure it is. What a ledger by bytes cannot express is named, with what to do instead.
//!
//! Nothing here asks a node or writes a file.
#![deny(missing_docs)]

mod draft;
mod error;
mod find;
mod idl;
mod instructions;
mod layout;
mod model;
mod names;
mod need;
mod places;
mod samples;

use serde::Serialize;

pub use draft::{Draft, File, Ledger, Mode, Placeholder, Slots};
pub use error::AdoptError;
pub use find::{Amount, Confidence, How, LeftOut, Link, Meaning, Owner, Position, Rate, Rejected, Table, Total};
pub use instructions::{Action, Flow, Handler};
pub use layout::{Kind, Place, Records, Step, Stop};
pub use model::{Encoding, Form};
pub use names::{is_address, is_placeholder, placeholder};
pub use need::{KINDS, Kinds, Need};
pub use places::{Authority, Market, Room};
pub use samples::{Sample, is_of, read_sample};

/// What the IDL leaves open.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Address of the program; the IDL's own if it is not given.
    pub program: Option<String>,
    /// Address of the program's data account, which holds the upgrade authority.
    pub program_data: Option<String>,
}

/// Everything that is guessed from an IDL.
#[derive(Clone, Debug, Serialize)]
pub struct Adoption {
    /// Name of the program.
    pub host: String,
    /// Its address; a placeholder where nobody said.
    pub program: String,
    /// The form of the IDL.
    pub form: Form,
    /// Account types that look like positions, the surest first.
    pub positions: Vec<Position>,
    /// The other account types.
    pub rejected: Vec<Rejected>,
    /// Instructions.
    pub handlers: Vec<Handler>,
    /// Types of markets, each of which gets compartments.
    pub markets: Vec<Market>,
    /// Authorities to watch.
    pub authorities: Vec<Authority>,
    /// Room for the board's key.
    pub rooms: Vec<Room>,
    /// The program's data account, if its address is known.
    pub program_data: Option<String>,
}

/// Reads an IDL and guesses.
///
/// # Errors
/// [`AdoptError`]: the IDL cannot be read.
pub fn adopt(text: &str, options: &Options) -> Result<Adoption, AdoptError> {
    let idl = idl::read(text)?;
    if let Some(program) = options.program.as_ref().filter(|program| !is_address(program)) {
        return Err(AdoptError::BadAddress(program.clone()));
    }
    let (positions, rejected) = find::positions(&idl);
    let markets = places::markets(&idl, &positions);
    let named: Vec<_> = markets.iter().map(|market| market.account.clone()).collect();
    let rooms = places::rooms(&idl, &positions, &markets);
    let keepers = places::keepers(&idl, &rooms, &named);
    Ok(Adoption {
        program: options
            .program
            .clone()
            .or_else(|| idl.address.clone())
            .unwrap_or_else(|| placeholder("program")),
        form: idl.form,
        handlers: instructions::handlers(&idl, &named, &keepers),
        authorities: places::authorities(&idl, &positions),
        rooms,
        markets,
        positions,
        rejected,
        program_data: options.program_data.clone(),
        host: idl.name,
    })
}
