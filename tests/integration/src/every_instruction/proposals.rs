//! Guardians pause, approvers propose.

use super::*;

/// Guardians pause, approvers propose.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let (first, second, vetoer) = (bench.member(0), bench.member(1), bench.member(3));
    bench.row(
        "pause",
        ix::pause(domain, first.pubkey(), 3, action::WITHDRAW),
        &[&first],
    );

    let config = council_config(&bench.protocol.members);
    let propose = ix::propose(domain, first.pubkey(), payer, 0, &config);
    bench.row("propose", propose, &[&first]);
    let proposal = pda::proposal(&domain, &first.pubkey(), 0);
    let approve = |bench: &Bench, member| bench.protocol.approve(&bench.machine, &proposal, member);
    bench.row("approve", approve(&bench, 0), &[&first]);
    bench.row(
        "withdraw_approval",
        ix::withdraw_approval(domain, first.pubkey(), proposal),
        &[&first],
    );
    bench.row("veto", ix::veto(domain, vetoer.pubkey(), proposal), &[&vetoer]);
    bench.row("close_proposal", ix::close_proposal(domain, proposal, payer), &[]);
    // The same member proposes again once the veto stands no more.
    bench.machine.warp_seconds(VETO_SECONDS);
    let authority = bench.protocol.mature(&mut bench.machine, &config);
    bench.row("change_council", ix::change_council(authority, config), &[]);

    let incident = pda::incident(&domain, 0);
    bench.row(
        "open_incident",
        ix::open_incident(domain, second.pubkey(), payer, 0),
        &[&second],
    );
    bench.machine.warp_seconds(72 * 3_600);
    bench.row(
        "close_lapsed_incident",
        ix::close_lapsed_incident(domain, incident),
        &[],
    );
    let incident = bench.protocol.freeze(&mut bench.machine);
    let args = ResumeArgs { incident };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    bench.row("resume", ix::resume(authority, args), &[]);
}
