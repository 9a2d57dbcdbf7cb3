//! `GUIDE.md`: the lines that a guard needs in each handler; and `gate.rs`, which they call.

use std::fmt::Write;

use super::ledger::{Ledger, Mode};
use crate::{
    Adoption,
    instructions::{Action, Flow, Handler},
    names::{pascal, snake},
};

/// The only place of the host that asks Bulkhead. It passes bytes, so no type of Anchor is shared with the guard.
const GATE: &str = r#"
use anchor_lang::prelude::*;
use bulkhead_guard::check;

/// The compartment of everything that belongs to no market.
pub const WHOLE_HOST: u8 = 0;

/// Stops the instruction unless the action is open in the compartment. `stored` is the board's key that the host stored
/// at set-up, never one from the transaction.
pub fn require_open(stored: &Pubkey, board: &AccountInfo, compartment: u8, action: u32) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let data = board.try_borrow_data()?;
    let (key, owner) = (board.key.to_bytes(), board.owner.to_bytes());
    check(&stored.to_bytes(), &key, &owner, &data, compartment, action, now)
        .map_err(|error| ProgramError::Custom(error as u32).into())
}
"#;

/// The gate of this host.
pub fn gate(adoption: &Adoption) -> String {
    format!("//! Asks Bulkhead's board before {} acts.\n{GATE}", adoption.host)
}

/// Writes the guide.
pub fn text(adoption: &Adoption, ledgers: &[Ledger]) -> String {
    let mut out = format!("# Guarding {}\n\n", adoption.host);
    out.push_str(
        "Drafted from the IDL; the code is yours, so names may differ from it. Each handler gets one account and one call. \
         `docs/integrating.md` of Bulkhead explains every step.\n\n",
    );
    out.push_str("## 1. Once for the program\n");
    out.push_str(
        "Copy `gate.rs` beside your instructions. It uses `bulkhead-guard` without features, over bytes, so no type of \
         your Anchor has to be that of the guard. It compiles with Rust 1.63 and later.\n\n```diff\n # Cargo.toml\n [dependencies]\n+bulkhead-guard = { git = \
         \"https://github.com/bulkhead-labs/bulkhead\" }\n```\n```diff\n // lib.rs\n+mod gate;\n```\n\n",
    );
    keeper(&mut out, adoption);
    compartments(&mut out, adoption);
    out.push_str("## 4. In each handler\n");
    out.push_str("The call comes first, before anything is written. Admins are asked too: a stolen admin key is the case to plan for.\n\n");
    let (guarded, open): (Vec<_>, Vec<_>) = adoption.handlers.iter().partition(|handler| !handler.is_view);
    for handler in guarded {
        one(&mut out, handler);
    }
    if !open.is_empty() {
        let names: Vec<_> = open.iter().map(|handler| format!("`{}`", handler.name)).collect();
        let _ = writeln!(out, "Not guarded, because they only read: {}.\n", names.join(", "));
    }
    payments(&mut out, adoption);
    if ledgers.iter().any(|ledger| ledger.mode == Mode::Adapter) {
        out.push_str(
            "## 6. The adapter\n`adapter/` answers for positions that bytes do not show. Correct the lines marked CHECK in \
             `adapter/src/layout.rs`, add the folder to the members of your workspace, build it (`cargo build-sbf`), and compare \
             its answers with your own client's before you register a ledger with it. An upgradeable adapter decides what \
             everybody is owed: make it final, or put its upgrade authority under a watch.\n",
        );
    }
    out
}

fn keeper(out: &mut String, adoption: &Adoption) {
    out.push_str("## 2. Where the board's key is kept\n");
    out.push_str(
        "The host stores the key of its board (32 bytes) once, at set-up, and nobody can replace it: an admin who could would \
         switch the guard off.\n\n",
    );
    let rooms: Vec<_> = adoption.rooms.iter().filter(|room| room.fits_board).collect();
    if rooms.is_empty() {
        out.push_str(
            "No account of the IDL shows 33 spare bytes. Make a PDA of its own for it (`[b\"bulkhead\"]`), which a one-time \
             instruction fills, and pass it to each handler; or extend an account.\n\n",
        );
        return;
    }
    out.push_str("These accounts show room:\n\n| account | field | offset | bytes |\n|---|---|---:|---:|\n");
    for room in rooms.iter().take(6) {
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {} |",
            room.account, room.field, room.offset, room.size
        );
    }
    out.push_str(
        "\nCheck that older accounts hold zeroes there, and treat a key of zeroes as a refusal: `check` does.\n\n",
    );
}

fn compartments(out: &mut String, adoption: &Adoption) {
    out.push_str(
        "## 3. Compartments\nCompartment 0 is the whole host: configuration, and whatever belongs to no market.\n\n",
    );
    match adoption.markets.as_slice() {
        [] => out.push_str("The IDL shows no markets. One compartment is enough.\n\n"),
        [market, others @ ..] => {
            let _ = write!(
                out,
                "Give each {0} a number from 1 to 63, kept in the {0} and never changed, so that one can be closed alone.",
                market.account
            );
            if !others.is_empty() {
                let names: Vec<_> = others.iter().map(|market| market.account.as_str()).collect();
                let _ = write!(
                    out,
                    " Instructions about a {} use the number of what they belong to, or one of their own.",
                    names.join(", a ")
                );
            }
            out.push_str("\n\n");
        }
    }
}

fn one(out: &mut String, handler: &Handler) {
    let name = snake(&handler.name);
    let _ = writeln!(
        out,
        "### {name}: {}\n{} (confidence: {}).\n\n```diff",
        handler.action.constant(),
        handler.reasons.join("; "),
        handler.confidence.text()
    );
    let ty = pascal(&handler.name);
    let keeper = handler.keeper.as_ref().map(|(meta, _)| snake(meta));
    let stored = match &keeper {
        Some(meta) => format!("ctx.accounts.{meta}.board"),
        None => "ctx.accounts.bulkhead.board".to_owned(),
    };
    let compartment = match &handler.market {
        Some((meta, _)) if handler.action != Action::Admin => format!("ctx.accounts.{}.compartment", snake(meta)),
        _ => "gate::WHOLE_HOST".to_owned(),
    };
    let _ = write!(
        out,
        " pub struct {ty}<'info> {{\n+    /// CHECK: the gate compares it with the stored key.\n+    pub board: UncheckedAccount<'info>,\n"
    );
    if keeper.is_none() {
        out.push_str("+    pub bulkhead: Account<'info, Bulkhead>, // what keeps the board's key\n");
    }
    let _ = write!(
        out,
        " pub fn {name}(ctx: Context<{ty}>, …) -> Result<()> {{\n+    let board = &ctx.accounts.board.to_account_info();\n+    \
         gate::require_open(&{stored}, board, {compartment}, {})?;\n```\n\n",
        match handler.action {
            Action::Other => "1 << 16".to_owned(),
            action => format!("bulkhead_guard::{}", action.constant()),
        }
    );
}

fn payments(out: &mut String, adoption: &Adoption) {
    let pays = |handler: &&Handler| {
        !handler.is_view
            && (matches!(handler.flow, Flow::Out | Flow::Both | Flow::Unknown)
                || matches!(handler.action, Action::Withdraw | Action::Borrow))
            && handler.action != Action::Deposit
            && handler.action != Action::Repay
    };
    let names: Vec<_> = adoption
        .handlers
        .iter()
        .filter(pays)
        .map(|handler| format!("`{}`", snake(&handler.name)))
        .collect();
    out.push_str("## 5. Meter what leaves\n");
    if names.is_empty() {
        out.push_str("No instruction of the IDL shows that it pays tokens out.\n\n");
        return;
    }
    let _ = writeln!(
        out,
        "These may pay tokens out: {}. Let each pay through one function that calls `meter_outflow` of `bulkhead-cpi` first and \
         pays only what its permit says; a refusal is `Ok` and pays nothing. Every path that is left out is a way around the \
         limit.\n",
        names.join(", ")
    );
}
