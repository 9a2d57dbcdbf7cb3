//! Links between domains, in any graph and any order: every linked pause comes from an own pause of a direct upstream
//! that was in force when it was carried, ends when that rule says, and nothing is ever opened by carrying.

mod graph;
mod links;

use bulkhead_core::{
    CoreError,
    acts::At,
    contagion::{self, Carried},
    pause::board,
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN, effective_mask};
use bulkhead_interface::{
    Pubkey,
    constants::{MAX_COMPARTMENTS, VERSION},
    discriminator,
    layout::{BoardRow, Council, Link, PauseBoard},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const START: i64 = 1_775_000_000;
const HOUR: i64 = 3_600;
const TRIP: i64 = 72 * HOUR;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn open_board() -> PauseBoard {
    let mut board = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut board);
    board
}

fn council() -> Council {
    Council {
        default_mask: action::DEFAULT_EMERGENCY,
        trip_seconds: TRIP,
        ..Council::zeroed()
    }
}

fn link(scope: u8, counted: u32, compartments: u64, mask: u32) -> Link {
    Link {
        domain: key(1),
        board: key(2),
        upstream: key(3),
        upstream_board: key(4),
        upstream_scope: scope,
        upstream_mask: counted,
        compartments,
        mask,
        ..Link::zeroed()
    }
}

fn closed(board: &PauseBoard, compartment: u8, now: i64) -> u32 {
    let data = [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(board)].concat();
    effective_mask(&data, compartment, now).expect("a board")
}
