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

#[test]
fn there_is_no_other_incident() {
    assert!(find("drift").is_none());
}
