//! How an action of several steps is registered.

use super::*;

/// Steps too large to be registered together.
fn large_steps(table: &Table) -> Vec<StoredInstruction> {
    let look = |byte: u8| StoredInstruction {
        program_id: TOKEN_PROGRAM,
        accounts: ix::stored(&Instruction {
            program_id: TOKEN_PROGRAM,
            accounts: vec![AccountMeta::new_readonly(table.mints[0], false)],
            data: vec![],
        })
        .accounts,
        // `GetAccountDataSize`, with extensions that the token program does not read.
        data: [vec![21], vec![byte; 299]].concat(),
    };
    (0..3).map(look).collect()
}

#[test]
fn a_large_action_is_registered_in_pieces_and_runs_when_it_is_complete() {
    let mut table = Table::new();
    let steps = large_steps(&table);
    let args = Table::args(&steps);
    assert!(args.len() > 1, "one piece would not show it");
    let (last, earlier) = args.split_last().expect("pieces");
    for piece in earlier {
        table.register_piece(piece.clone()).expect("it has matured");
        refused(table.start(0), E::ActionIncomplete);
    }
    let (domain, guardian) = (table.protocol.domain, table.guardian(0));
    let run = ix::run_emergency_action(domain, guardian, ACTION, &steps[0]);
    refused(table.send(&[run]), E::ActionIncomplete);
    table.register_piece(last.clone()).expect("it has matured");
    assert_eq!(table.action().instruction_hash, whole_hash(&steps));
    table.start(0).expect("it is complete");
    for (number, step) in (0..).zip(&steps) {
        let run = table.step(0, 0, number, step);
        table.send(&[run]).expect("every step");
    }
    assert_eq!(table.run_of(0).state, emergency_run_state::FINISHED);
    // Each piece once.
    refused(table.register_piece(last.clone()), E::StepsMismatch);
}

/// Attack: two actions are approved; execute the beginning of one and the end of the other.
#[test]
fn pieces_of_two_decisions_do_not_mix() {
    let mut table = Table::new();
    let steps = large_steps(&table);
    let mut others = steps.clone();
    others[2] = table.stop(1);
    let (first, second) = (Table::args(&steps), Table::args(&others));
    table.register_piece(first[0].clone()).expect("it has matured");
    let stray = second.last().expect("pieces").clone();
    refused(table.register_piece(stray.clone()), E::StepsMismatch);
    // The right hash on other bytes.
    let mut lie = stray;
    lie.whole_hash = first[0].whole_hash;
    lie.first = first[0].first + u8::try_from(first[0].instructions.len()).expect("few");
    lie.instructions = others[lie.first.into()..].to_vec();
    refused(table.register_piece(lie), E::StepsMismatch);
    for piece in &first[1..] {
        table.register_piece(piece.clone()).expect("its own");
    }
    table.start(0).expect("complete");
}

#[test]
fn what_could_never_run_is_not_even_proposed() {
    let mut table = Table::new();
    let domain = table.protocol.domain;
    let args = |instructions: Vec<StoredInstruction>| RegisterEmergencyStepsArgs {
        index: ACTION,
        steps: 2,
        first: 0,
        whole_hash: whole_hash(&instructions),
        instructions,
    };
    let good = table.stop(0);
    let own = ix::stored(&ix::close_lapsed_incident(domain, pda::incident(&domain, 0)));
    let mut foreign = good.clone();
    foreign.accounts[0].is_signer = true;
    for (bad, error) in [(own, E::SelfCall), (foreign, E::ForeignSigner)] {
        let args = args(vec![good.clone(), bad]);
        refused(
            table
                .protocol
                .try_mature(&mut table.machine, &args)
                .map(|_| Outcome::default()),
            error,
        );
    }
    for (steps, first) in [(1, 0), (17, 0), (2, 1)] {
        let args = RegisterEmergencyStepsArgs {
            steps,
            first,
            ..args(vec![good.clone(), table.stop(1)])
        };
        let made = table.protocol.try_mature(&mut table.machine, &args);
        refused(made.map(|_| Outcome::default()), E::ArgumentOutOfRange);
    }
    let nothing = args(vec![]);
    let made = table.protocol.try_mature(&mut table.machine, &nothing);
    refused(made.map(|_| Outcome::default()), E::ArgumentOutOfRange);
}

/// Governance vouched for the wrong thing: still no guardian moves tokens of the domain at once.
#[test]
fn a_step_moves_no_tokens_of_the_domain() {
    let mut table = Table::new();
    let treasury = keypair("treasury").pubkey();
    let (domain, mint) = (table.protocol.domain, table.protocol.mint);
    table.machine.create_token_account(&treasury, &mint, &domain, 1_000);
    let user = receiver(&mut table.machine, &table.protocol, "user");
    let take = spl::transfer(&TOKEN_PROGRAM, &treasury, &user, &domain, &[], 1).expect("it is well formed");
    let steps = [table.stop(0), ix::stored(&take)];
    table.register(&steps);
    table.start(0).expect("a guardian");
    table.run(0, 0, 0).expect("the first");
    let take = table.step(0, 0, 1, &steps[1]);
    refused(table.send(&[take]), E::TokensLocked);
    assert_eq!(table.machine.balance(&treasury), 1_000);
}

#[test]
fn set_up_registers_and_runs_nothing() {
    let (machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let mut table = Table::of(machine, protocol);
    let authority = ix::Authority {
        signer: table.protocol.setup_authority.pubkey(),
        domain: table.protocol.domain,
        proposal: None,
    };
    let setup_authority = table.protocol.setup_authority.insecure_clone();
    let payer = table.machine.payer.pubkey();
    for piece in Table::args(&table.steps()) {
        let register = ix::register_emergency_steps(authority, payer, piece);
        table.machine.send(&[register], &[&setup_authority]).expect("set-up");
    }
    refused(table.start(0), E::WrongPhase);
}
