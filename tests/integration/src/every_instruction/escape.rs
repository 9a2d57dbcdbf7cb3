//! The escape, the end of claims and the restart gate.

use bulkhead_interface::constants::{ESCAPE_RESET_SECONDS, MIN_CLAIM_DAYS};

use super::*;
use crate::escaping::{self, CHECK, ESCAPE};

const DAY: i64 = 86_400;

pub(super) fn visit(visitor: &mut dyn Visitor) {
    let (mut machine, protocol) = world();
    machine.create_associated(&protocol.mint, &escaping::heir(), 0);
    let rules = SetRecoveryRulesArgs {
        escape_seconds: ESCAPE,
        restart_check_seconds: CHECK,
    };
    let authority = protocol.mature(&mut machine, &rules);
    let set = ix::set_recovery_rules(authority, rules);
    show(visitor, &mut machine, &protocol, "set_recovery_rules", set);
    let terms = escaping::terms(MIN_CLAIM_DAYS);
    let authority = protocol.mature(&mut machine, &terms);
    let set = escaping::set_terms_by(&machine, &protocol, authority, terms);
    show(visitor, &mut machine, &protocol, "set_claim_terms", set);

    let recovery = Recovery::sealed(&mut machine, protocol, positions(64));
    let protocol = &recovery.protocol;
    let payer = machine.payer.pubkey();
    machine.warp_seconds(ESCAPE);
    let open = escaping::open(&machine, &recovery);
    show(visitor, &mut machine, protocol, "open_escape", open);
    let draw = escaping::draw(&recovery);
    show(visitor, &mut machine, protocol, "fund_from_custody", draw);
    let share = ix::share_out(recovery.restoration, recovery.incident);
    protocol.must(&mut machine, &[share], &[]);
    let page = ix::open_claim_page(recovery.restoration, payer, 0);
    protocol.must(&mut machine, &[page], &[]);

    let extend = ExtendClaimsArgs {
        restoration: recovery.restoration,
        claim_days: MIN_CLAIM_DAYS + 1,
    };
    let authority = protocol.mature(&mut machine, &extend);
    let later = ix::extend_claims(authority, extend);
    show(visitor, &mut machine, protocol, "extend_claims", later);

    // The claims left something in custody, and the host owes that much.
    let vaults = [protocol.vault.vault];
    protocol.write_total(&mut machine, 1);
    let reopen = ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let reopening = protocol.mature(&mut machine, &reopen);
    let accept = OverrideRestartCheckArgs {
        incident: recovery.incident,
        ledger_index: LEDGER,
        max_shortfall: 1,
    };
    let authority = protocol.mature(&mut machine, &accept);
    let accepted = ix::override_restart_check(authority, payer, escaping::reading(protocol, &vaults), accept);
    show(visitor, &mut machine, protocol, "override_restart_check", accepted);
    let check = escaping::check(&machine, &recovery, &vaults);
    show(visitor, &mut machine, protocol, "record_restart_check", check);
    let opened = ix::reopen_checked(reopening, &ix::RestartChecks::covered(&[LEDGER]), reopen);
    show(visitor, &mut machine, protocol, "reopen_checked", opened);

    machine.warp_seconds(ESCAPE_RESET_SECONDS + DAY * i64::from(MIN_CLAIM_DAYS));
    let sweep = ix::sweep_unclaimed(recovery.keys(), escaping::heir_account(protocol));
    show(visitor, &mut machine, protocol, "sweep_unclaimed", sweep);
    // The pages first: who watches knows them by their restoration.
    let pages = ix::close_claim_page(recovery.restoration, payer, 0);
    protocol.must(&mut machine, &[pages], &[]);
    let close = ix::close_restoration(recovery.keys(), protocol.domain, recovery.incident, escaping::heir());
    show(visitor, &mut machine, protocol, "close_restoration", close);
}

fn show(visitor: &mut dyn Visitor, machine: &mut Machine, protocol: &Protocol, row: &str, instruction: Instruction) {
    visitor.ready(machine, row, &instruction, &[]);
    let outcome = protocol.must(machine, &[instruction], &[]);
    visitor.done(row, outcome.compute_units);
    visitor.worked(machine, row);
}
