//! Being the only instruction of a transaction, on what the runtime writes.

use super::*;

#[test]
fn the_sysvar_as_the_runtime_writes_it_is_understood() {
    let (compute_budget, host) = (compute_budget(), keypair("host").pubkey());
    let key = keypair("account").pubkey();
    let written = |programs: &[Pubkey]| {
        let instructions: Vec<_> = programs
            .iter()
            .zip(0..)
            .map(|(program, number)| BorrowedInstruction {
                program_id: program,
                accounts: (0..number)
                    .map(|_| BorrowedAccountMeta {
                        pubkey: &key,
                        is_signer: true,
                        is_writable: false,
                    })
                    .collect(),
                data: &[1, 2, 3],
            })
            .collect();
        construct_instructions_data(&instructions)
    };
    let ask = |programs: &[Pubkey]| is_standalone(&written(programs), bulkhead::ID.as_array(), &[]);
    assert_eq!(ask(&[bulkhead::ID]), Some(true));
    assert_eq!(
        ask(&[compute_budget, compute_budget, bulkhead::ID, bulkhead::ID]),
        Some(true)
    );
    assert_eq!(ask(&[bulkhead::ID, host]), Some(false));
    assert_eq!(ask(&[host, compute_budget, bulkhead::ID]), Some(false));
    assert_eq!(ask(&[]), None);
}
