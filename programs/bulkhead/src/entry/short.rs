//! The short path of `meter_outflow` and `approve`, which hosts and council members pay for every time, and the way to
//! that of `release`.
//!
//! It recognizes a call that is clearly good: exactly the instruction's accounts, none of them twice, of the right types,
//! signed and writable as required, and arguments of the exact length. Then it does what the handler does, by the same
//! function. Everything else takes Anchor's path, which finds the same and names what is wrong. Nothing is written
//! before a call is recognized.

use anchor_lang::{Discriminator, prelude::*, solana_program::program::set_return_data};
use bulkhead_core::words::{same_key, word};
use bulkhead_interface::layout::{Council, OutflowBreaker, Proposal};

use super::{
    account::{Header, arguments},
    release::{self, release},
};
use crate::{authority::INSTRUCTIONS_SYSVAR, instruction, instructions};

/// Runs the call if it is one of these.
///
/// # Safety
/// `input` is the runtime's serialized input, and nothing else borrows it.
#[inline(always)]
pub unsafe fn run(input: *mut u8) -> Option<Result<()>> {
    // SAFETY: as above.
    unsafe {
        match *input.cast::<usize>() {
            3 => meter_outflow(input.add(8)),
            4 => approve(input.add(8)),
            release::ACCOUNTS => release(input.add(8)),
            _ => None,
        }
    }
}

/// # Safety
/// Three accounts begin at `at`, then the instruction's data with its length.
#[inline(always)]
unsafe fn meter_outflow(at: *mut u8) -> Option<Result<()>> {
    // SAFETY: no account is read beyond their number or borrowed twice.
    unsafe {
        let breaker = Header::read(at)?;
        let board = Header::read(breaker.next())?;
        let authority = Header::read(board.next())?;
        let arguments: &[u8; 8] = arguments(authority.next(), instruction::MeterOutflow::DISCRIMINATOR)?;
        if breaker.is_writable == 0 || authority.is_signer == 0 {
            return None;
        }
        let state = breaker.load(|breaker: &OutflowBreaker| breaker.version)?;
        let verdict = instructions::meter((&breaker.key, state), &board.shown(), &authority.key, word(arguments));
        Some(verdict.map(|verdict| set_return_data(&[verdict])))
    }
}

/// # Safety
/// Four accounts begin at `at`, then the instruction's data with its length.
#[inline(always)]
unsafe fn approve(at: *mut u8) -> Option<Result<()>> {
    // SAFETY: as above.
    unsafe {
        let approver = Header::read(at)?;
        let council = Header::read(approver.next())?;
        let proposal = Header::read(council.next())?;
        let sysvar = Header::read(proposal.next())?;
        let arguments: &[u8; 40] = arguments(sysvar.next(), instruction::Approve::DISCRIMINATOR)?;
        let (payload_hash, created_slot) = arguments.split_first_chunk()?;
        if approver.is_signer == 0 || council.is_writable == 0 || proposal.is_writable == 0 {
            return None;
        }
        if !same_key(sysvar.key.as_array(), INSTRUCTIONS_SYSVAR.as_array()) {
            return None;
        }
        let members = council.load(|council: &Council| council.version)?;
        let state = proposal.load(|proposal: &Proposal| proposal.version)?;
        let asked = instructions::Approval {
            approver: &approver.key,
            council: members,
            proposal: (&proposal.key, state),
            instructions: sysvar.data(),
        };
        Some(asked.approve(payload_hash, word(created_slot.first_chunk()?)))
    }
}
