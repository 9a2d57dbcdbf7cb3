use super::*;

#[test]
fn facts_are_consistent() {
    for incident in INCIDENTS {
        assert_eq!(find(incident.name).map(|found| found.title), Some(incident.title));
        assert!(incident.loss_usd <= incident.tvl_usd);
        assert!(incident.policy.slot_limit_bps <= incident.policy.limit_bps);
        match incident.attack {
            Attack::StolenAdmin(attack) => {
                assert!(attack.staged_slot < incident.first_slot && attack.staged_ts < incident.first_ts);
                assert!(attack.drain_seconds <= incident.stop_seconds);
                assert!(attack.largest_usd < incident.loss_usd);
            }
            Attack::CapturedVote(attack) => {
                assert!(attack.whale_bps < 5_000 && attack.drain.begins >= attack.vote_seconds);
                assert!(attack.drain.begins + attack.drain.seconds <= incident.stop_seconds);
                assert!(attack.drain.largest_usd < incident.loss_usd);
            }
            Attack::OneTransaction(attack) => {
                // All redemptions but the last stay below the limit together.
                assert!((attack.redemptions - 1) * attack.step_bps <= incident.policy.slot_limit_bps);
            }
            Attack::ThinOracle(attack) => {
                assert!(attack.price_before < attack.price_after && attack.push_steps > 1);
                assert!(attack.push_at + attack.push_seconds + attack.drain_seconds <= incident.stop_seconds);
                let worth = attack.position * attack.price_after / 1_000_000;
                assert!(
                    worth / 10_000 * 8_000 > incident.loss_usd,
                    "enough to borrow everything against"
                );
            }
            Attack::Authorities(attack) => {
                assert!(0 < attack.second_seconds && attack.second_seconds < attack.drain_at);
                assert_eq!(attack.drain_at + attack.drain_seconds, incident.stop_seconds);
            }
            Attack::SlowDrain(attack) => {
                let seconds = i64::try_from(attack.withdrawals - 1).expect("few") * attack.every_seconds;
                assert!(seconds <= incident.stop_seconds && attack.min_age_seconds < attack.every_seconds);
                let hourly = incident.loss_usd / attack.withdrawals * (3_600 / attack.every_seconds.unsigned_abs() + 1);
                let limit = incident.tvl_usd / 10_000 * incident.policy.limit_bps;
                assert!(hourly < limit, "or a limit of the outflow would notice");
                let tolerance_bps = u64::from(attack.tolerance_bps);
                assert_eq!(incident.policy.bound, Bound::Shortfall { tolerance_bps });
            }
            Attack::SharedKeys(attack) => {
                assert!(attack.drain.begins + attack.drain.seconds <= incident.stop_seconds);
                assert!(attack.drain.largest_usd < incident.loss_usd);
            }
            Attack::Crowd(attack) => {
                let slot_limit = incident.tvl_usd / 10_000 * incident.policy.slot_limit_bps;
                assert!(attack.first_usd <= slot_limit, "the first transaction is paid");
                assert!(attack.copies > 1 && attack.over_seconds <= incident.stop_seconds);
            }
            Attack::BadDebt(attack) => {
                for (incident, facts) in deployments(incident, attack) {
                    // The totals are stated so that they give the haircuts that were published, to the last digit.
                    let rounded = (incident.loss_usd * 100_000 + incident.tvl_usd / 2) / incident.tvl_usd;
                    assert_eq!(rounded, facts.published_haircut);
                    let leaving = i64::try_from(facts.leavers).expect("few") * facts.every_seconds;
                    assert!(leaving < incident.stop_seconds && incident.loss_usd < facts.pool_usd);
                    let slot_limit_bps = incident.policy.slot_limit_bps;
                    assert!((facts.theft.redemptions - 1) * facts.theft.step_bps <= slot_limit_bps);
                }
            }
            Attack::Markets(attack) => {
                assert!((attack.redemptions - 1) * attack.step_bps <= incident.policy.slot_limit_bps);
                assert!(attack.count > 1 && attack.over_seconds <= incident.stop_seconds);
                for other in attack.downstream {
                    assert!(other.exposed_usd < other.tvl_usd && other.from_seconds > 0 && other.loans > 1);
                }
            }
        }
    }
}

/// A deployment and the other one, with the facts of each.
fn deployments(incident: &Incident, facts: BadDebt) -> Vec<(Incident, BadDebt)> {
    let mut all = vec![(*incident, facts)];
    if let Some((other, Attack::BadDebt(facts))) = facts.other.map(|other| (other, other.attack)) {
        all.push((*other, facts));
    }
    assert_eq!(all.len(), 2);
    all
}

#[test]
fn there_is_no_other_incident() {
    assert!(find("drift").is_none());
}
