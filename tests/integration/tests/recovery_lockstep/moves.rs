//! Which move comes next, and who makes it.

use super::*;

/// Who makes a move: vetoers veto, owners wish, programs consume, anyone does the rest.
pub fn maker(rng: &mut Rng, action: Move, (anyone, vetoer): (&Keypair, &Keypair)) -> Keypair {
    match action {
        Move::Veto if rng.percent(75) => vetoer.insecure_clone(),
        Move::Wish(..) => owner(rng.below(LEAVES)),
        Move::Consume(..) if rng.percent(75) => successor(),
        Move::Consume(..) => keypair("another program"),
        _ => anyone.insecure_clone(),
    }
}

pub fn pick(rng: &mut Rng, is_restored: bool) -> Move {
    let voter = usize::try_from(rng.below(3)).unwrap_or(0);
    let amount = rng.pick(&[1, 7, 100, 400]);
    if is_restored && rng.percent(60) {
        let book = rng.pick(&[Book::Restoration, Book::Snapshot, Book::Checkpoint]);
        let leaf = usize::try_from(rng.below(LEAVES)).unwrap_or(0);
        return match rng.below(28) {
            15 => Move::ClosePage(book),
            16 | 17 => Move::ClaimBatch(leaf, (leaf + 2).min(4)),
            18 => Move::Wish(rng.pick(&[0, 1, 2, 2, 3, 4]), successor().pubkey()),
            19 => Move::Wish(rng.pick(&[0, 2, 3]), Pubkey::default()),
            20 => Move::Wait(SUCCESSOR_NOTICE_SECONDS),
            21..28 => Move::Consume(leaf, rng.percent(20)),
            0 => Move::Fund(rng.pick(&[1, 3, 500, 100_000])),
            1 => Move::Send(rng.pick(&[1, 30])),
            2 => Move::Draw,
            3 | 4 => Move::ShareOut,
            5 => Move::ReturnSurplus,
            6 => Move::DrawCustody,
            7 => Move::Sweep,
            _ => Move::Claim(usize::try_from(rng.below(LEAVES)).unwrap_or(0)),
        };
    }
    if !is_restored && rng.percent(30) {
        let leaf = usize::try_from(rng.below(LEAVES)).unwrap_or(0);
        let book = rng.pick(&[Book::Snapshot, Book::Checkpoint]);
        return match rng.below(13) {
            12 => Move::ClosePage(book),
            0 => Move::OpenInterim,
            1 => Move::FundInterim(Purse::Custody),
            2 => Move::FundInterim(Purse::RecoveryAccount),
            3 => Move::FundInterim(Purse::Pool),
            4 => Move::StopInterim(leaf),
            5 => Move::ReturnInterim,
            _ => Move::ClaimInterim(leaf),
        };
    }
    match rng.below(36) {
        30 | 34 | 35 => Move::Veto,
        31 => Move::Note(voter),
        32 => Move::MoveWeight(voter, usize::try_from(rng.below(3)).unwrap_or(0), amount),
        33 => Move::Wait(weights::DISPUTE),
        29 => Move::ClaimInterim(voter),
        0 => Move::OpenBallot,
        1..4 => Move::Nominate(voter),
        4..7 => Move::Start,
        7..10 => Move::Deposit(voter, amount),
        10 => Move::Withdraw(voter, amount),
        11..15 => Move::Vote(voter, rng.pick(&[0, 0, 0, 1, 2, CHOICE_NONE])),
        15 => Move::CloseRecord(voter),
        16 => Move::Renew(Some(voter)),
        17 => Move::Renew(None),
        18 | 19 => Move::Choose(voter),
        20 => Move::Wait(1),
        21 | 22 => Move::Wait(NOMINATION_SECONDS / 2),
        23 => Move::Wait(VOTE_SECONDS),
        24 => Move::Wait(NOMINATION_PATIENCE_SECONDS),
        25 | 26 => Move::Escape(voter),
        27 if is_restored => Move::Wait(i64::from(MIN_CLAIM_DAYS) * 86_400),
        _ => Move::Wait(3_600),
    }
}
