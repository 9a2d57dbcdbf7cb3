//! `domain.toml`: what `bulkhead init` reads.

use std::fmt::Write;

use super::{
    Placeholder,
    ledger::{Ledger, Mode},
};
use crate::{
    Adoption,
    names::{hex, is_placeholder, placeholder},
};

/// Characters in a line of a comment.
const LINE: usize = 110;

/// The start of the file: a council of three, with the periods of the example.
const COUNCIL: &str = r#"vote_seconds = 259200
quorum_bps = 1000
# While this is false, the setup authority can still change everything. Set it to true as the very last step.
activate = false

[council]
freeze_threshold = 2
pause_rights = 3
veto_rights = 3
guardian_pause_seconds = 21600
trip_seconds = 259200
heartbeat_seconds = 2592000
guardian_pauses_per_day = 3
guardian_pauses_in_a_row = 2
"#;

/// The rest of the council.
const POLICIES: &str = r#"fallback_seconds = 2592000

[council.policies]
loosen = { threshold = 2, delay_seconds = 86400, expiry_seconds = 1209600 }
constitution = { threshold = 2, delay_seconds = 259200, expiry_seconds = 1209600 }
custody = { threshold = 2, delay_seconds = 172800, expiry_seconds = 1209600 }
restoration = { threshold = 2, delay_seconds = 172800, expiry_seconds = 1209600 }
"#;

/// Writes the file, and notes what has to be filled in.
pub fn text(adoption: &Adoption, ledgers: &[Ledger], placeholders: &mut Vec<Placeholder>) -> String {
    let mut out = String::new();
    let mut fill = |address: &str, what: &str| {
        if is_placeholder(address) {
            placeholders.push(Placeholder {
                address: address.to_owned(),
                what: what.to_owned(),
            });
        }
        address.to_owned()
    };
    comment(
        &mut out,
        &format!(
            "A draft for {}, from its IDL. Addresses that begin with FiLLMe stand for ones that you fill in; `bulkhead init` \
             sends nothing while one is left. REPORT.md says why each guess was made and how sure it is.",
            adoption.host
        ),
        "",
    );
    out.push('\n');
    let _ = writeln!(
        out,
        "host_program = \"{}\"",
        fill(&adoption.program, "address of the host's program")
    );
    let mint = placeholder("governance_mint");
    let _ = writeln!(
        out,
        "governance_mint = \"{}\"",
        fill(&mint, "mint of the token whose holders vote")
    );
    out.push_str(COUNCIL);
    let fallback = placeholder("fallback");
    let who = "who may propose a new council when too few approvers are left: a DAO or another multisig, no member";
    let _ = writeln!(out, "fallback = \"{}\"", fill(&fallback, who));
    out.push_str(POLICIES);
    for (member, roles) in [
        ("member_1", r#"["guardian", "approver", "vetoer", "attester"]"#),
        ("member_2", r#"["guardian", "approver", "vetoer", "attester"]"#),
        ("member_3", r#"["guardian", "approver"]"#),
    ] {
        let key = fill(&placeholder(member), "key of a member of the council");
        let _ = writeln!(out, "\n[[council.members]]\nkey = \"{key}\"\nroles = {roles}");
    }
    out.push('\n');
    comment(
        &mut out,
        "Breakers are not drafted: an IDL says nothing of how much leaves on an ordinary day. For each token, `bulkhead \
         calibrate flow --csv flow.csv --false-trip-every 180d --mint MINT --authority HOST_SIGNER --toml flow.toml` \
         writes one from your history, and `bulkhead init --config domain.toml --config flow.toml` takes both.",
        "",
    );
    for ledger in ledgers {
        let of = if ledger.asset.is_empty() {
            String::new()
        } else {
            format!(", {}", ledger.asset)
        };
        out.push('\n');
        comment(&mut out, &title(ledger, &of), "");
        for note in &ledger.notes {
            comment(&mut out, note, "");
        }
        for filled in &ledger.filled {
            comment(
                &mut out,
                &format!("The filter with an address stands for {filled}; replace both together."),
                "",
            );
        }
        if ledger.mode == Mode::None {
            continue;
        }
        let prefix = if ledger.is_live { "" } else { "# " };
        if ledger.is_live {
            fill(
                &ledger.mint,
                &format!("mint of the token that {}{of} counts", ledger.position),
            );
            let total = ledger
                .total
                .as_ref()
                .map_or("the host's total", |total| total.account.as_str());
            let what = format!(
                "the {total} that keeps the total of {}{of}; make one such ledger for each",
                ledger.position
            );
            fill(&ledger.total_account, &what);
        }
        for line in table(adoption, ledger).lines() {
            let _ = writeln!(out, "{}", format!("{prefix}{line}").trim_end());
        }
    }
    out
}

fn title(ledger: &Ledger, of: &str) -> String {
    let what = match ledger.mode {
        Mode::Bytes if ledger.is_live => "read by its bytes",
        Mode::Bytes => "read by its bytes; not sure enough to stand here: look at it, then remove the marks",
        Mode::Adapter => {
            "read by the adapter: fill in adapter/src/layout.rs, deploy it, and replace the address of the program, then \
             remove the marks"
        }
        Mode::None => "not readable as it is; REPORT.md says what to do instead",
    };
    format!(
        "{}{of}: {what} (confidence: {})",
        ledger.position,
        ledger.confidence.text()
    )
}

/// The tables of a ledger.
fn table(adoption: &Adoption, ledger: &Ledger) -> String {
    let mut out = String::from("[[ledgers]]\n");
    let program = &adoption.program;
    let _ = writeln!(
        out,
        "index = {}\nprogram = \"{program}\"\nmint = \"{}\"",
        ledger.index, ledger.mint
    );
    let _ = writeln!(out, "total_account = \"{}\"", ledger.total_account);
    match &ledger.total {
        Some(total) => {
            let _ = writeln!(
                out,
                "total_offset = {}  # {}.{}",
                total.offset, total.account, total.field
            );
            if total.width != 8 {
                let _ = writeln!(out, "total_width = {}", total.width);
            }
        }
        None => out.push_str("total_offset = 8  # not found\n"),
    }
    if ledger.data_len != 0 {
        let _ = writeln!(out, "data_len = {}", ledger.data_len);
    }
    if ledger.mode == Mode::Bytes {
        let _ = writeln!(out, "owner_offset = {}", ledger.owner_offset);
        let amounts = ledger.amounts.iter().map(|(offset, width, flags)| {
            let mut one = format!("{{ offset = {offset}");
            if *width != 8 {
                let _ = write!(one, ", width = {width}");
            }
            if *flags != 0 {
                let _ = write!(one, ", flags = {flags}");
            }
            one + " }"
        });
        let _ = writeln!(out, "amounts = [{}]", amounts.collect::<Vec<_>>().join(", "));
        if ledger.shift != 0 {
            let _ = writeln!(out, "scale = {{ shift = {} }}", ledger.shift);
        }
    } else if let Some(answer) = ledger.answer {
        let adapter = placeholder("adapter");
        let asset = ledger.asset_number;
        let accounts = format!(", accounts = [{{ address = \"{}\" }}]", ledger.total_account);
        let accounts = if ledger.asks_account { accounts.as_str() } else { "" };
        let _ = writeln!(
            out,
            "export = {{ program = \"{adapter}\", hex = \"{answer:02x}{asset:02x}\"{accounts} }}"
        );
    }
    for (offset, bytes) in &ledger.filters {
        let _ = writeln!(
            out,
            "\n[[ledgers.filters]]\noffset = {offset}\nhex = \"{}\"",
            hex(bytes)
        );
    }
    if let (Some(slots), Mode::Bytes) = (&ledger.slots, ledger.mode) {
        let _ = write!(
            out,
            "\n[ledgers.slots]\noffset = {}\nstride = {}\ncount = {}\n",
            slots.offset, slots.stride, slots.count
        );
        if slots.used_width != 0 {
            let _ = write!(
                out,
                "used_offset = {}\nused_width = {}\n",
                slots.used_offset, slots.used_width
            );
        }
        if let Some((offset, bytes)) = &slots.filter {
            let _ = writeln!(out, "filter = {{ offset = {offset}, hex = \"{}\" }}", hex(bytes));
        }
    }
    out
}

/// A comment, in lines that fit.
fn comment(out: &mut String, text: &str, indent: &str) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() + word.len() > LINE {
            let _ = writeln!(out, "#{indent}{line}");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "#{indent}{line}");
}
