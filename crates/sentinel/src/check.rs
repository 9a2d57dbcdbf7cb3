//! `--check`: what the file makes the daemon do, how often, and what that costs, before it runs.

use std::fmt::Write as _;

use bulkhead_client::{
    chain::ChainError,
    flows::{FlowError, Quiet, Session},
    pda,
    status::gather,
};
use bulkhead_core::{
    acts::At,
    domain::council::{guardian_pauses_left, member_index, members},
};
use bulkhead_interface::{constants::role, layout::Council};

use crate::{
    act::Endpoint,
    config::Response,
    duties::{Cost, Scene, costs},
    setup::Setup,
};

/// Requests to a node at once.
const PARALLEL: usize = 4;
/// A duty that may be repeated for less time than this is not certain to be done in every period.
const LEAST_SPARE: i64 = 10;

/// The duty cycle of one domain, or why it could not be read.
pub struct Cycle {
    /// The domain.
    pub domain: anchor_lang::prelude::Pubkey,
    /// Its regular duties, or why no node shows them.
    pub costs: Result<Vec<Cost>, FlowError>,
    /// What to know about it.
    pub remarks: Vec<String>,
}

/// Reads the domains, each through the first endpoint that answers.
pub async fn cycles(setup: &Setup, endpoints: &[Endpoint]) -> Vec<Cycle> {
    let mut all = Vec::new();
    for domain in &setup.domains {
        let mut cycle = Cycle {
            domain: *domain,
            costs: Err(FlowError::Chain(ChainError::Unreachable {
                node: "the cluster".into(),
                reason: "no endpoint is given".into(),
            })),
            remarks: vec![],
        };
        for endpoint in endpoints {
            let session = Session {
                chain: endpoint.chain.as_ref(),
                report: &Quiet,
                parallel: PARALLEL,
            };
            cycle.costs = cycle_of(setup, &session, *domain, &mut cycle.remarks).await;
            if !matches!(&cycle.costs, Err(FlowError::Chain(error)) if error.is_transient()) {
                break;
            }
        }
        all.push(cycle);
    }
    all
}

async fn cycle_of(
    setup: &Setup,
    session: &Session<'_>,
    domain: anchor_lang::prelude::Pubkey,
    remarks: &mut Vec<String>,
) -> Result<Vec<Cost>, FlowError> {
    let accounts = gather(session, domain).await?;
    let at: At = session.chain.now().await?;
    let members_here = setup.members();
    let scene = Scene {
        accounts: &accounts,
        at,
        is_read: &|_| true,
        payer: setup.payer.unwrap_or_default(),
        members: &members_here,
        attester: setup.attester,
        duties: &setup.file.duties,
        schedule: &setup.file.schedule,
    };
    let costs = costs(&scene, setup.file.fees.routine);
    let council: Council = session
        .load("council", &pda::council(&domain), "is the address right?")
        .await?;
    if let Some(guardian) = setup.guardian {
        let member = member_index(&council, &guardian, role::GUARDIAN).ok();
        remarks.push(match member.and_then(|index| members(&council).get(index)) {
            None => format!("the guardian's key {guardian} is no guardian here: it cannot pause this domain"),
            Some(member) if member.roles != role::GUARDIAN && !setup.file.pausing.allow_other_roles => {
                format!("the guardian's key {guardian} has other roles: it does not pause with it")
            }
            Some(member) => format!(
                "the guardian's key may pause {} times now, each for {} seconds",
                guardian_pauses_left(&council, member, at.now),
                council.guardian_pause_seconds
            ),
        });
    }
    let tight = costs.iter().filter(|cost| cost.spare < LEAST_SPARE);
    remarks.extend(tight.map(|cost| {
        format!(
            "{} of {} is due every {} seconds, which is too often to be certain of every period",
            cost.duty.name(),
            cost.account,
            cost.seconds
        )
    }));
    Ok(costs)
}

/// What the file says and what it costs, for people.
#[must_use]
pub fn text(setup: &Setup, cycles: &[Cycle]) -> String {
    let mut out = String::new();
    let endpoints = setup.file.endpoints.len();
    // Writing to a string never fails.
    let _ = writeln!(
        out,
        "{} domains, {endpoints} endpoints of which {} have to agree, {} rules, {} webhooks",
        setup.domains.len(),
        setup.file.quorum(),
        setup.file.rules.len(),
        setup.file.webhooks.len()
    );
    let pausing = setup
        .file
        .rules
        .iter()
        .filter(|rule| rule.act != Response::Alarm)
        .count();
    if pausing != 0 && (setup.guardian.is_none() || setup.payer.is_none()) {
        let _ = writeln!(
            out,
            "{pausing} rules would pause, and there is no {}: they only raise alarms",
            if setup.payer.is_none() {
                "keys.payer"
            } else {
                "keys.guardian"
            }
        );
    }
    if setup.payer.is_none() {
        let _ = writeln!(out, "there is no keys.payer: nothing is sent, so no duty is performed");
    }
    if endpoints < 3 {
        let _ = writeln!(
            out,
            "with fewer than three endpoints, one that lies or is down decides or stops everything"
        );
    }
    let mut total = (0_u64, 0_u64);
    for cycle in cycles {
        let _ = writeln!(out, "\ndomain {}", cycle.domain);
        match &cycle.costs {
            Err(error) => {
                let _ = writeln!(out, "  {error}");
            }
            Ok(costs) => {
                for cost in costs {
                    let every = humantime::format_duration(std::time::Duration::from_secs(cost.seconds.unsigned_abs()));
                    let _ = writeln!(
                        out,
                        "  {:<10} {:<44} every {:<12} {:>6} a day {:>12} lamports",
                        cost.duty.name(),
                        cost.account.to_string(),
                        every.to_string(),
                        cost.a_day,
                        cost.lamports_a_day
                    );
                    total = (
                        total.0.saturating_add(cost.a_day),
                        total.1.saturating_add(cost.lamports_a_day),
                    );
                }
                if costs.is_empty() {
                    let _ = writeln!(out, "  no regular duty");
                }
            }
        }
        for remark in &cycle.remarks {
            let _ = writeln!(out, "  {remark}");
        }
    }
    let budget = setup.file.fees.lamports_a_day;
    let _ = writeln!(
        out,
        "\n{} transactions and {} lamports a day, of {budget} that fees.lamports_a_day allows",
        total.0, total.1
    );
    if total.1 > budget {
        let _ = writeln!(
            out,
            "that is more than allowed: raise fees.lamports_a_day, or let looks be due less often"
        );
    }
    out
}
