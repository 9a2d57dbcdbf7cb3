//! What somebody might do, at random.

use super::*;

const HOUR: i64 = 3_600;

impl Twins {
    /// What somebody might do now.
    pub(super) fn action(&self, rng: &mut Rng) -> Action {
        let state = &self.state;
        let (proposals, releases) = (state.proposals.len(), state.custody.releases.len());
        let proposal = proposals.saturating_sub(1 + rng.index(3));
        // Most are executed once they are approved; in peace the one that raises the stage.
        let is_peace = state.domain.open_incident == Pubkey::default();
        let is_ripe = |(record, decision): &(Proposal, Decision)| {
            let is_open = record.state == proposal_state::OPEN && state.at.now < record.expires_ts;
            is_open && record.approved_ts != 0 && matches!(decision, Decision::Reopen(_)) == is_peace
        };
        let ripe = state.proposals.iter().rposition(is_ripe);
        let ripe = ripe.filter(|_| rng.percent(60)).unwrap_or(proposal);
        let release = releases.saturating_sub(1 + rng.index(6));
        let token = rng.index(ALL);
        let record = state.custody.releases.get(release);
        // Mostly where it has to go.
        let named = record.and_then(|(_, record)| {
            let is_named = |token: &Token| token.key == record.destination;
            state.custody.tokens.iter().position(is_named)
        });
        let named = named.filter(|_| rng.percent(80)).unwrap_or(token);
        let route = state.custody.vaults[0].1.route;
        let route = state.custody.tokens.iter().position(|token| token.key == route);
        let route = route.filter(|_| rng.percent(90)).unwrap_or(token);
        let holders = ["first user", "second user"].map(|name| keypair(name).pubkey());
        let whole = state.custody.tokens[rng.pick(&ROUTES)];
        let custody = match rng.below(if releases == 0 { 40 } else { 84 }) {
            0..9 => {
                let seconds = rng.pick(&[0, 1, HOUR / 3, HOUR, HOUR, 25 * HOUR, 80 * HOUR]);
                return Action::Wait {
                    slots: 1 + u64::try_from(seconds).expect("a time") * 2,
                    seconds,
                };
            }
            9..11 => Do::ReleaseAgain(0, token, rng.pick(&[1, 60_001, 90_000, u64::MAX])),
            11..16 => Do::Release(0, token, rng.pick(&[0, 1, 20_000, 30_000, 60_001, 400_000])),
            16 => return Action::OpenIncident,
            17 => Do::ObserveEvacuationRoute(0),
            18..20 => return Action::Confirm,
            20 => return Action::Propagate(Which::Breaker(0)),
            21 => Do::PropagateEvacuationRoute(0),
            22..24 => Do::ConfirmEvacuation,
            24..27 => Do::Evacuate(0, route),
            // What was evacuated comes back by whoever holds it.
            27 if is_peace && whole.amount > 0 => {
                let number = state.custody.tokens.iter().position(|token| token.key == whole.key);
                Do::Deposit(0, number.unwrap_or(token), whole.amount)
            }
            27 => Do::Deposit(0, 1 + rng.index(4), rng.pick(&[1, 500])),
            28 => Do::Reown(1 + rng.index(4), rng.pick(&holders)),
            29 => {
                let number = if rng.percent(30) {
                    rng.pick(&ROUTES)
                } else {
                    1 + rng.index(4)
                };
                Do::Freeze(number, !state.custody.tokens[number].is_frozen)
            }
            30 => return Action::Lapse,
            31..34 => return Action::Propose(self.decision(rng)),
            34..40 if proposals > 0 => {
                return if rng.percent(60) {
                    Action::Approve(proposal)
                } else {
                    Action::Execute(ripe)
                };
            }
            34..40 => Do::ObserveEvacuationRoute(0),
            40..52 => Do::Settle(release, named),
            52..57 => Do::Redirect(release, token),
            57..66 => Do::CancelListed(release),
            66..69 => Do::SetCancelList(release),
            69..72 => Do::CancelListedBy(release, self.protocol.members[rng.index(3)].pubkey()),
            72..75 => Do::TakeBack(release),
            75..79 => Do::Requeue(release),
            79..81 => Do::Close(release),
            _ => Do::Cancel(release),
        };
        Action::Custody(custody)
    }

    fn decision(&self, rng: &mut Rng) -> Decision {
        let state = &self.state;
        let incident = self.latest();
        if rng.percent(30) {
            let token = if rng.percent(80) {
                rng.pick(&ROUTES)
            } else {
                rng.index(ALL)
            };
            return Decision::RegisterEvacuationRoute(0, token, [self.protocol.vault.vault, self.token(token)]);
        }
        let releases = state.custody.releases.len();
        if releases > 0 && rng.percent(30) {
            let number = rng.index(releases);
            let (key, record) = state.custody.releases[number];
            let root = release_list::leaf(&key, record.requested_slot);
            return Decision::CancelRelease(number, self.protocol.vault.vault, root);
        }
        if state.domain.open_incident != Pubkey::default() {
            return Decision::Resume { incident };
        }
        Decision::Reopen(Reopening {
            incident,
            ramp_bps: rng.pick(&[2_500, 10_000]),
            grace_seconds: 0,
        })
    }
}
