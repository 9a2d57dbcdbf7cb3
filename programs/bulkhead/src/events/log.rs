use std::io::{self, Write};

use anchor_lang::{Event, prelude::*, solana_program::log::sol_log_data};

/// Logs an event like `emit!` (discriminator and Borsh) but without heap allocation. Used on the hot paths, whose
/// events are short.
#[inline(always)]
pub fn log<E: Event>(event: &E) -> Result<()> {
    let mut line = Line {
        bytes: Words([0; MAX]),
        len: 0,
    };
    line.write_all(E::DISCRIMINATOR)?;
    event.serialize(&mut line)?;
    sol_log_data(&[line.bytes.0.get(..line.len).unwrap_or_default()]);
    Ok(())
}

/// Longest event that this logger accepts.
const MAX: usize = 96;

struct Line {
    bytes: Words,
    len: usize,
}

/// Aligned, so that the buffer can be written in whole words.
#[repr(C, align(8))]
struct Words([u8; MAX]);

impl Write for Line {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.len.wrapping_add(bytes.len());
        match self.bytes.0.get_mut(self.len..end) {
            Some(room) => room.copy_from_slice(bytes),
            None => return Err(io::ErrorKind::WriteZero.into()),
        }
        self.len = end;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
