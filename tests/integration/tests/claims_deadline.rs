//! The end of claims on the built program: fixed before the vote, extended and never shortened, and then swept to whom
//! it was said.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError as E,
    instructions::{ExtendClaimsArgs, ReopenArgs, SetClaimTermsArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{MIN_CLAIM_DAYS, restoration_state},
    layout::{ClaimPage, ClaimTerms, Restoration},
};
use bulkhead_testbed::{Machine, associated_token, keypair};
use bulkhead_tests::{
    escaping::{heir, heir_account, set_terms, set_terms_by, terms},
    recovery::{LEDGER, Recovery, freeze, positions},
    refused, world,
};
use solana_signer::Signer;

const DAY: i64 = 86_400;
const TERM: i64 = MIN_CLAIM_DAYS as i64 * DAY;
const LEAVES: u64 = 12;

/// A restoration with an end, funded in full, of which nothing is claimed yet.
fn paying() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    set_terms(&mut machine, &protocol, MIN_CLAIM_DAYS);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    let total = recovery.tree.root().sum;
    recovery.pay_out(&mut machine, total);
    (machine, recovery)
}

fn plan(machine: &Machine, recovery: &Recovery) -> Restoration {
    machine.load(&recovery.restoration)
}

fn key(recovery: &Recovery, number: usize) -> Pubkey {
    recovery.tree.leaves().nth(number).expect("a leaf").1.key
}

fn sweep(recovery: &Recovery) -> solana_instruction::Instruction {
    ix::sweep_unclaimed(recovery.keys(), heir_account(&recovery.protocol))
}

/// Reopens the domain, so that its incident is over.
fn reopen(machine: &mut Machine, recovery: &Recovery) {
    let args = ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let authority = recovery.protocol.mature(machine, &args);
    recovery.protocol.must(machine, &[ix::reopen(authority, args)], &[]);
}

/// To the second: paid until the end, refused after it, and then everything left goes where it was said.
#[test]
fn what_is_not_claimed_in_time_goes_where_it_was_said() {
    let (mut machine, recovery) = paying();
    let end = plan(&machine, &recovery).counted_ts + TERM;
    let left = end - 1 - machine.clock().unix_timestamp;
    machine.warp_seconds(left);
    recovery.claim(&mut machine, &key(&recovery, 0)).expect("in time");
    refused(machine.send(&[sweep(&recovery)], &[]), E::ClaimsStillRun);
    let mut last = machine.fork();
    recovery.claim(&mut last, &key(&recovery, 1)).expect("the last second");
    machine.warp_seconds(1);
    refused(recovery.claim(&mut machine, &key(&recovery, 1)), E::ClaimsEnded);
    refused(recovery.share_out(&mut machine), E::ClaimsEnded);
    let rest = machine.balance(&recovery.pool());
    assert!(rest > 0);
    machine.send(&[sweep(&recovery)], &[]).expect("over");
    assert_eq!(machine.balance(&recovery.pool()), 0);
    assert_eq!(machine.balance(&heir_account(&recovery.protocol)), rest);
    assert_eq!(plan(&machine, &recovery).state, restoration_state::CLOSED);
    refused(recovery.claim(&mut machine, &key(&recovery, 1)), E::ClaimsEnded);
}

/// Everything comes back: what was sent by mistake, the pages' rent, the restoration's and the pool's.
#[test]
fn nothing_stays_locked_in_the_end() {
    let (mut machine, recovery) = paying();
    reopen(&mut machine, &recovery);
    let payer = machine.payer.pubkey();
    let page = pda::claim_page(&recovery.restoration, 0);
    let close_page = ix::close_claim_page(recovery.restoration, payer, 0);
    let protocol = &recovery.protocol;
    let close = ix::close_restoration(recovery.keys(), protocol.domain, recovery.incident, heir());
    refused(machine.send(&[close_page.clone()], &[]), E::ClaimsOpen);
    refused(machine.send(&[close.clone()], &[]), E::ClaimsStillRun);
    machine.warp_seconds(TERM);
    refused(machine.send(&[close_page.clone()], &[]), E::ClaimsOpen);
    machine.send(&[sweep(&recovery)], &[]).expect("over");
    let swept = machine.balance(&heir_account(protocol));
    machine.mint_to(&protocol.mint, &recovery.pool(), 77);
    refused(machine.send(&[close.clone()], &[]), E::ClaimsOpen);
    machine.next_slot();
    machine.send(&[sweep(&recovery)], &[]).expect("sent by mistake");
    assert_eq!(machine.balance(&heir_account(protocol)), swept + 77);
    refused(machine.send(&[sweep(&recovery)], &[]), E::NothingToMove);
    // The restoration first: its pages are closable all the same.
    let rents: u64 = [recovery.restoration, recovery.pool()]
        .iter()
        .map(|key| machine.account(key).expect("there").lamports)
        .sum();
    machine.next_slot();
    machine.send(&[close.clone()], &[]).expect("empty");
    assert!(
        machine
            .account(&recovery.restoration)
            .is_none_or(|account| account.data.is_empty())
    );
    assert_eq!(machine.account(&heir()).expect("paid").lamports, rents);
    assert!(machine.send(&[close], &[]).is_err(), "once");
    let rent = machine.account(&page).expect("there").lamports;
    let before = machine.account(&payer).expect("there").lamports;
    let outcome = machine.send(&[close_page], &[]).expect("nothing can be paid any more");
    let _ = outcome;
    assert!(machine.account(&page).is_none_or(|account| account.data.is_empty()));
    let after = machine.account(&payer).expect("there").lamports;
    assert!(after > before && after <= before + rent);
}

/// While its incident is open the same ledger could be restored again at the same address.
#[test]
fn a_restoration_outlives_its_incident() {
    let (mut machine, recovery) = paying();
    machine.warp_seconds(TERM);
    machine.send(&[sweep(&recovery)], &[]).expect("over");
    let domain = recovery.protocol.domain;
    let close = ix::close_restoration(recovery.keys(), domain, recovery.incident, heir());
    refused(machine.send(&[close], &[]), E::WrongPhase);
}

/// Each notable share-out gives everyone the whole time again; single units do not.
#[test]
fn new_money_gives_new_time_and_single_units_do_not() {
    let (mut machine, protocol) = world();
    set_terms(&mut machine, &protocol, MIN_CLAIM_DAYS);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    let total = recovery.tree.root().sum;
    recovery.pay_out(&mut machine, total / 2);
    let first = plan(&machine, &recovery).counted_ts;
    machine.warp_seconds(TERM - DAY);
    machine.mint_to(&recovery.protocol.mint, &recovery.pool(), 1);
    recovery.share_out(&mut machine).expect("one unit");
    assert_eq!(plan(&machine, &recovery).counted_ts, first, "a unit buys no time");
    machine.mint_to(&recovery.protocol.mint, &recovery.pool(), total / 100 + 1);
    machine.next_slot();
    recovery.share_out(&mut machine).expect("a hundredth");
    assert_eq!(plan(&machine, &recovery).counted_ts, machine.clock().unix_timestamp);
    machine.warp_seconds(2 * DAY);
    recovery
        .claim(&mut machine, &key(&recovery, 0))
        .expect("there is time again");
}

#[test]
fn the_end_is_postponed_by_a_proposal_and_never_brought_forward() {
    let (mut machine, recovery) = paying();
    let extend = |machine: &mut Machine, days: u16| {
        let args = ExtendClaimsArgs {
            restoration: recovery.restoration,
            claim_days: days,
        };
        let authority = recovery.protocol.mature(machine, &args);
        machine.send(&[ix::extend_claims(authority, args)], &[])
    };
    refused(extend(&mut machine, MIN_CLAIM_DAYS), E::DeadlineNotLater);
    extend(&mut machine, 120).expect("later");
    refused(extend(&mut machine, 119), E::DeadlineNotLater);
    machine.warp_seconds(TERM);
    recovery.claim(&mut machine, &key(&recovery, 0)).expect("there is time");
    assert_eq!(plan(&machine, &recovery).claim_days, 120);
}

/// Later terms change no restoration, and none are set while an incident is open.
#[test]
fn terms_are_fixed_before_the_vote() {
    let (mut machine, protocol) = world();
    set_terms(&mut machine, &protocol, MIN_CLAIM_DAYS);
    let thief = keypair("thief").pubkey();
    machine.create_associated(&protocol.mint, &thief, 0);
    let mine = SetClaimTermsArgs {
        rest_owner: thief,
        ..terms(MIN_CLAIM_DAYS)
    };
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    let protocol = &recovery.protocol;
    let authority = protocol.mature(&mut machine, &mine);
    let set = set_terms_by(&machine, protocol, authority, mine.clone());
    refused(machine.send(&[set], &[]), E::WrongPhase);
    recovery.restore(&mut machine);
    reopen(&mut machine, &recovery);
    let authority = protocol.mature(&mut machine, &mine);
    let set = set_terms_by(&machine, protocol, authority, mine);
    machine.send(&[set], &[]).expect("in peace");
    let kept: ClaimTerms = machine.load(&pda::claim_terms(&protocol.domain, LEDGER));
    assert_eq!(kept.rest_owner, thief);
    assert_eq!(
        plan(&machine, &recovery).rest_owner,
        heir(),
        "copied when it was chosen"
    );
    machine.warp_seconds(TERM);
    let steal = ix::sweep_unclaimed(recovery.keys(), associated_token(&thief, &protocol.mint));
    refused(machine.send(&[steal], &[]), E::WrongDestination);
}

/// Checked when registered and when used: the associated account of the owner, which the owner still holds.
#[test]
fn the_rest_goes_to_no_other_account() {
    let (mut machine, protocol) = world();
    let args = terms(MIN_CLAIM_DAYS);
    let authority = protocol.mature(&mut machine, &args);
    let set = set_terms_by(&machine, &protocol, authority, args.clone());
    assert!(machine.send(&[set.clone()], &[]).is_err(), "it does not exist");
    // One that the owner holds, at another address.
    let aside = keypair("aside").pubkey();
    machine.create_token_account(&aside, &protocol.mint, &heir(), 0);
    let mut bad = set.clone();
    for meta in &mut bad.accounts {
        if meta.pubkey == heir_account(&protocol) {
            meta.pubkey = aside;
        }
    }
    refused(machine.send(&[bad], &[]), E::WrongDestination);
    machine.create_associated(&protocol.mint, &heir(), 0);
    freeze(&mut machine, &heir_account(&protocol), true);
    refused(machine.send(&[set.clone()], &[]), E::WrongDestination);
    freeze(&mut machine, &heir_account(&protocol), false);
    machine.next_slot();
    machine.send(&[set], &[]).expect("sound");

    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 5_000);
    machine.warp_seconds(TERM);
    let elsewhere = ix::sweep_unclaimed(recovery.keys(), aside);
    refused(machine.send(&[elsewhere], &[]), E::WrongDestination);
    // The owner of a classic associated account can give it away.
    let account = heir_account(&recovery.protocol);
    let mut sold = machine.account(&account).expect("there");
    let whole = sold.clone();
    sold.data[32..64].copy_from_slice(keypair("thief").pubkey().as_ref());
    machine.write_account(&account, sold);
    refused(machine.send(&[sweep(&recovery)], &[]), E::WrongDestination);
    machine.write_account(&account, whole);
    machine.next_slot();
    machine.send(&[sweep(&recovery)], &[]).expect("its owner's again");
}

/// Without terms everything is as before: claims have no end, and nobody sweeps.
#[test]
fn without_terms_claims_have_no_end() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 5_000);
    machine.create_associated(&recovery.protocol.mint, &heir(), 0);
    machine.warp_seconds(40 * 365 * DAY);
    refused(machine.send(&[sweep(&recovery)], &[]), E::ClaimsStillRun);
    recovery.claim(&mut machine, &key(&recovery, 0)).expect("for ever");
    let page: ClaimPage = machine.load(&pda::claim_page(&recovery.restoration, 0));
    assert_eq!(page.restoration, recovery.restoration);
}

/// A funder is told that it is too late, before the tokens leave.
#[test]
fn nothing_is_paid_in_after_the_end() {
    let (mut machine, protocol) = world();
    set_terms(&mut machine, &protocol, MIN_CLAIM_DAYS);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    machine.warp_seconds(TERM);
    let funder = keypair("funder");
    let source = machine.create_associated(&recovery.protocol.mint, &funder.pubkey(), 100);
    let fund = ix::fund_restoration(recovery.keys(), funder.pubkey(), source, 100);
    refused(machine.send(&[fund], &[&funder]), E::ClaimsEnded);
    assert_eq!(machine.balance(&source), 100);
    assert_eq!(machine.account(&recovery.pool()).expect("there").owner, TOKEN_PROGRAM);
}
