use super::*;
use bulkhead::{accounts::BallotAuthority, instructions::SetBallotRulesArgs};

fn ballot_authority(domain: Pubkey, member: Pubkey) -> BallotAuthority {
    BallotAuthority {
        member,
        domain,
        council: pda::council(&domain),
    }
}

/// `open_vote_custody`: anyone may crank it, once per domain.
#[must_use]
pub fn open_vote_custody(domain: Pubkey, payer: Pubkey, governance_mint: Pubkey, token_program: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::OpenVoteCustody {
            payer,
            domain,
            governance_mint,
            votes: pda::votes(&domain),
            token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenVoteCustody {},
    )
}

/// `open_escrow`: signed by the voter.
#[must_use]
pub fn open_escrow(domain: Pubkey, voter: Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::OpenEscrow {
            voter,
            payer,
            domain,
            escrow: pda::escrow(&domain, &voter),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenEscrow {},
    )
}

/// `deposit_votes`: signed by the voter, who owns `source`.
#[must_use]
pub fn deposit_votes(
    domain: Pubkey,
    voter: Pubkey,
    source: Pubkey,
    governance_mint: Pubkey,
    token_program: Pubkey,
    amount: u64,
) -> Instruction {
    build(
        &bulkhead::accounts::DepositVotes {
            voter,
            domain,
            escrow: pda::escrow(&domain, &voter),
            source,
            votes: pda::votes(&domain),
            governance_mint,
            token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::DepositVotes { amount },
    )
}

/// `withdraw_votes`: signed by the voter, after the ballots that lock the escrow.
#[must_use]
pub fn withdraw_votes(
    domain: Pubkey,
    voter: Pubkey,
    destination: Pubkey,
    governance_mint: Pubkey,
    token_program: Pubkey,
    amount: u64,
) -> Instruction {
    build(
        &bulkhead::accounts::WithdrawVotes {
            voter,
            domain,
            escrow: pda::escrow(&domain, &voter),
            votes: pda::votes(&domain),
            destination,
            governance_mint,
            token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::WithdrawVotes { amount },
    )
}

/// `open_ballot`: anyone may crank it.
#[must_use]
pub fn open_ballot(domain: Pubkey, member: Pubkey, payer: Pubkey, incident: Pubkey, ledger_index: u8) -> Instruction {
    build(
        &bulkhead::accounts::OpenBallot {
            council: ballot_authority(domain, member),
            payer,
            incident,
            ledger: pda::ledger(&domain, ledger_index),
            rules: pda::ballot_rules(&domain),
            ballot: pda::ballot(&incident, ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenBallot { ledger_index },
    )
}

/// `add_candidate`: the incident's own snapshot may be added by anyone, any other by a guardian or an approver.
#[must_use]
pub fn add_candidate(domain: Pubkey, member: Pubkey, ballot: Pubkey, snapshot: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::AddCandidate {
            council: ballot_authority(domain, member),
            ballot,
            snapshot,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::AddCandidate {},
    )
}

/// `set_ballot_rules`: the setup authority, or a matured proposal.
#[must_use]
pub fn set_ballot_rules(authority: Authority, payer: Pubkey, args: SetBallotRulesArgs) -> Instruction {
    build(
        &bulkhead::accounts::SetBallotRules {
            config: authority.accounts(),
            payer,
            rules: pda::ballot_rules(&authority.domain),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetBallotRules { args },
    )
}

/// `start_voting`: signed by a guardian or an approver one day after nominations began, or by anyone after a week.
#[must_use]
pub fn start_voting(
    domain: Pubkey,
    member: Pubkey,
    incident: Pubkey,
    ballot: Pubkey,
    governance_mint: Pubkey,
) -> Instruction {
    start_weighed(domain, member, incident, ballot, governance_mint, None)
}

/// `start_voting` in a ballot whose rules name a plug-in's record of all weight. Its plug-in updates it in the same
/// transaction if it expires.
#[must_use]
pub fn start_weighed(
    domain: Pubkey,
    member: Pubkey,
    incident: Pubkey,
    ballot: Pubkey,
    governance_mint: Pubkey,
    max_weight: Option<Pubkey>,
) -> Instruction {
    build(
        &bulkhead::accounts::StartVoting {
            council: ballot_authority(domain, member),
            incident,
            ballot,
            governance_mint,
            max_weight,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::StartVoting {},
    )
}

/// `renew_ballot`: anyone may crank it, after a vote without a winner or with a `stale` winner.
#[must_use]
pub fn renew_ballot(domain: Pubkey, member: Pubkey, ballot: Pubkey, stale: Option<Pubkey>) -> Instruction {
    renew(domain, member, ballot, stale, false)
}

/// `renew_ballot` as a veto: signed by a vetoer, while the ballot's result does not stand.
#[must_use]
pub fn veto_ballot(domain: Pubkey, vetoer: Pubkey, ballot: Pubkey) -> Instruction {
    renew(domain, vetoer, ballot, None, true)
}

fn renew(domain: Pubkey, member: Pubkey, ballot: Pubkey, stale: Option<Pubkey>, veto: bool) -> Instruction {
    build(
        &bulkhead::accounts::RenewBallot {
            council: ballot_authority(domain, member),
            ballot,
            stale,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RenewBallot { veto },
    )
}

/// `cast_vote` of the voter's escrow: signed by the voter. `choice` is the index of a candidate, or 255 for none of them.
#[must_use]
pub fn cast_vote(domain: Pubkey, voter: Pubkey, payer: Pubkey, ballot: Pubkey, choice: u8) -> Instruction {
    build(
        &bulkhead::accounts::CastVote {
            voter,
            payer,
            ballot,
            escrow: Some(pda::escrow(&domain, &voter)),
            weight: None,
            record: pda::vote_record(&ballot, &voter),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::CastVote { choice },
    )
}

/// `cast_vote` of a plug-in's weight: signed by the voter, behind the plug-in's own instruction that updates `weight` in
/// the same transaction. `choice` is 254 before the vote, which notes the weight.
#[must_use]
pub fn cast_weight(voter: Pubkey, payer: Pubkey, ballot: Pubkey, weight: Pubkey, choice: u8) -> Instruction {
    build(
        &bulkhead::accounts::CastVote {
            voter,
            payer,
            ballot,
            escrow: None,
            weight: Some(weight),
            record: pda::vote_record(&ballot, &voter),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::CastVote { choice },
    )
}

/// `close_vote_record`: anyone may crank it after the ballot. The rent goes to the voter.
#[must_use]
pub fn close_vote_record(ballot: Pubkey, voter: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseVoteRecord {
            ballot,
            record: pda::vote_record(&ballot, &voter),
            voter,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseVoteRecord {},
    )
}
