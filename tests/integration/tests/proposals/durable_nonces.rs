//! Transactions that were signed for later.

use super::*;

/// A nonce account of `authority`, and the nonce in it.
fn open_nonce(machine: &mut Machine, authority: &Keypair) -> (Pubkey, [u8; 32]) {
    let nonce = keypair("nonce");
    let payer = machine.payer.pubkey();
    let rent = machine.svm.minimum_balance_for_rent_exemption(80);
    let steps = system_instruction::create_nonce_account(&payer, &nonce.pubkey(), &authority.pubkey(), rent);
    machine.send(&steps, &[&nonce]).expect("a nonce account opens");
    let data = machine.account(&nonce.pubkey()).expect("it was made").data;
    let value: [u8; 32] = data[40..72].try_into().expect("32 bytes");
    (nonce.pubkey(), value)
}

/// Signed by `signer`, who pays, under `blockhash`.
fn signed(signer: &Keypair, blockhash: [u8; 32], instructions: &[Instruction]) -> Transaction {
    let message = Message::new(instructions, Some(&signer.pubkey()));
    Transaction::new(&[signer], message, blockhash.into())
}

/// `SetComputeUnitLimit(200,000)`.
fn compute_budget() -> Instruction {
    Instruction {
        program_id: "ComputeBudget111111111111111111111111111111"
            .parse()
            .expect("an address"),
        accounts: vec![],
        data: [&[2][..], &200_000u32.to_le_bytes()].concat(),
    }
}

#[test]
fn an_approval_signed_for_later_is_refused() {
    let mut table = Table::new();
    let approver = table.protocol.members[0].insecure_clone();
    table.machine.fund(&approver.pubkey(), 1_000_000_000);
    let (nonce, value) = open_nonce(&mut table.machine, &approver);
    let advance = system_instruction::advance_nonce_account(&nonce, &approver.pubkey());
    let approve = table.protocol.approve(&table.machine, &table.proposal, 0);

    // Signed now and kept: it still lands days later, when any other signature has died.
    let kept = signed(&approver, value, &[advance.clone(), approve.clone()]);
    let plain = signed(
        &approver,
        table.machine.svm.latest_blockhash().to_bytes(),
        std::slice::from_ref(&approve),
    );
    table.machine.svm.expire_blockhash();
    table.machine.warp_seconds(2 * 86_400);
    let dead = table.machine.send_signed(plain).expect_err("its blockhash is gone");
    assert_eq!(dead.error, TransactionError::BlockhashNotFound);
    refused(table.machine.send_signed(kept), BulkheadError::DurableNonce);
    assert_eq!(table.state().approvals, 0);
}

#[test]
fn an_execution_signed_for_later_is_refused() {
    let mut table = Table::matured();
    let payer = table.machine.payer.insecure_clone();
    let (nonce, value) = open_nonce(&mut table.machine, &payer);
    let advance = system_instruction::advance_nonce_account(&nonce, &payer.pubkey());
    let kept = signed(&payer, value, &[advance, table.execution()]);
    refused(table.machine.send_signed(kept), BulkheadError::DurableNonce);
    assert_eq!(table.limit(), 100_000);
    table.execute().expect("signed for now, it runs");
}

#[test]
fn an_advance_is_refused_in_any_place() {
    let mut table = Table::new();
    let approver = table.protocol.members[0].insecure_clone();
    table.machine.fund(&approver.pubkey(), 1_000_000_000);
    let (nonce, value) = open_nonce(&mut table.machine, &approver);
    let advance = system_instruction::advance_nonce_account(&nonce, &approver.pubkey());
    let approve = table.protocol.approve(&table.machine, &table.proposal, 0);
    // Any program's instruction may stand in front: here a transfer of nothing.
    let other = system_instruction::transfer(&approver.pubkey(), &approver.pubkey(), 0);
    let hidden = [
        vec![compute_budget(), advance.clone(), approve.clone()],
        vec![other.clone(), advance.clone(), approve.clone()],
        vec![compute_budget(), other, approve.clone(), advance],
    ];
    for instructions in hidden {
        // The runtime looks for the advance in the first place only: under the nonce it never lands.
        let kept = signed(&approver, value, &instructions);
        let failure = table.machine.send_signed(kept).expect_err("the nonce is no blockhash");
        assert_eq!(failure.error, TransactionError::BlockhashNotFound);
        // Under a blockhash it was signed just now. Still nobody needs the advance next to an approval.
        let fresh = signed(
            &approver,
            table.machine.svm.latest_blockhash().to_bytes(),
            &instructions,
        );
        refused(table.machine.send_signed(fresh), BulkheadError::DurableNonce);
    }
    assert_eq!(table.state().approvals, 0);
    let alone = [compute_budget(), approve];
    let fresh = signed(&approver, table.machine.svm.latest_blockhash().to_bytes(), &alone);
    table.machine.send_signed(fresh).expect("no advance, no objection");
}
