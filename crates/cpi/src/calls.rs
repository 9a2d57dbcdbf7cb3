//! The calls over a host's own types. They are a macro, because no crate can name the accounts of every framework's
//! every version without depending on one of them.

/// Writes the calls over the accounts of a framework, of whatever version the host has: `meter_outflow`, `release`,
/// `receive_deposit`, `record_inflow` and `take_back_release`, private to the host; `consume_claim` too where the host has
/// an allocator. Say it once, in a module of the host.
///
/// | host | says |
/// |---|---|
/// | Anchor 0.27 to 1.x | `bulkhead_cpi::calls!(anchor_lang::solana_program);` |
/// | native, solana-program 1.18 to 4 | `bulkhead_cpi::calls!(solana_program);` |
/// | pinocchio 0.10 to 0.12 with its feature `cpi` | `bulkhead_cpi::calls!(pinocchio::AccountView);` |
/// | pinocchio 0.8, 0.9 | `bulkhead_cpi::calls!(pinocchio::account_info::AccountInfo);` |
/// | native with the small crates | `bulkhead_cpi::calls!(crate::solana);`, a module of the host with the names below |
///
/// The first two, and the last, take any path below which there are `account_info::AccountInfo`,
/// `instruction::{AccountMeta, Instruction}`, `program::{get_return_data, invoke_signed}`,
/// `program_error::ProgramError` and `pubkey::Pubkey`. Those of pinocchio allocate nothing. A host of anything else
/// invokes a [`Call`](crate::Call) itself: three lines.
///
/// None of the accounts passed to a call may be borrowed while it runs.
#[macro_export]
macro_rules! calls {
    (pinocchio::AccountView) => {
        $crate::__pinocchio_calls! {
            ::pinocchio::AccountView,
            address,
            (::pinocchio::instruction::InstructionView),
            (::pinocchio::instruction::InstructionAccount),
            ::pinocchio::cpi::Signer<'_, '_>,
            ::pinocchio::error::ProgramError
        }
    };
    (pinocchio::account_info::AccountInfo) => {
        $crate::__pinocchio_calls! {
            ::pinocchio::account_info::AccountInfo,
            key,
            (::pinocchio::instruction::Instruction),
            (::pinocchio::instruction::AccountMeta),
            ::pinocchio::instruction::Signer<'_, '_>,
            ::pinocchio::program_error::ProgramError
        }
    };
    ($($solana:ident)::+) => {
        $crate::__functions! {
            inline,
            $($solana)::+::account_info::AccountInfo<'_>,
            &[&[u8]],
            $($solana)::+::program_error::ProgramError
        }

        use self::ask_bulkhead as ask_bulkhead_apart;

        fn ask_bulkhead<Verdict, Read, const ACCOUNTS: usize, const BYTES: usize, const SAID: usize>(
            call: $crate::Call<'_, $($solana)::+::account_info::AccountInfo<'_>, Verdict, ACCOUNTS, BYTES>,
            seeds: &[&[&[u8]]],
            read: impl FnOnce(
                $crate::Call<'_, $($solana)::+::account_info::AccountInfo<'_>, Verdict, ACCOUNTS, BYTES>,
                ::core::option::Option<[u8; SAID]>,
            ) -> Read,
        ) -> ::core::result::Result<Read, $($solana)::+::program_error::ProgramError> {
            let metas = call.accounts.map(|(account, used)| $($solana)::+::instruction::AccountMeta {
                pubkey: *account.key,
                is_signer: used.is_signer,
                is_writable: used.is_writable,
            });
            let instruction = $($solana)::+::instruction::Instruction {
                program_id: $($solana)::+::pubkey::Pubkey::new_from_array($crate::BULKHEAD_ID),
                accounts: metas.to_vec(),
                data: call.data.to_vec(),
            };
            let accounts = call.accounts.map(|(account, _)| account.clone());
            $($solana)::+::program::invoke_signed(&instruction, &accounts, seeds)?;
            let answer: ::core::option::Option<($($solana)::+::pubkey::Pubkey, ::std::vec::Vec<u8>)> =
                $($solana)::+::program::get_return_data();
            let said = answer
                .as_ref()
                .and_then(|(program, data)| $crate::of_bulkhead(program.as_ref(), data));
            ::core::result::Result::Ok(read(call, said))
        }

        /// Takes over the claim of a leaf, to make its position anew. `signers` are the seeds of the PDA that consumes
        /// it.
        ///
        /// # Errors
        /// When the call cannot be made or is refused, or returns no answer (`IncorrectProgramId`).
        #[allow(dead_code)]
        pub(crate) fn consume_claim(
            accounts: &$crate::ConsumeClaim<'_, $($solana)::+::account_info::AccountInfo<'_>>,
            leaf: $crate::Leaf<'_>,
            signers: &[&[&[u8]]],
        ) -> ::core::result::Result<$crate::Consumed, $($solana)::+::program_error::ProgramError> {
            let no_verdict = |_| $($solana)::+::program_error::ProgramError::IncorrectProgramId;
            let mut data = ::std::vec::Vec::new();
            leaf.write(|part| data.extend_from_slice(part)).map_err(no_verdict)?;
            let accounts = accounts.accounts(accounts.owner.is_signer);
            let metas = accounts.map(|(account, used)| $($solana)::+::instruction::AccountMeta {
                pubkey: *account.key,
                is_signer: used.is_signer,
                is_writable: used.is_writable,
            });
            let instruction = $($solana)::+::instruction::Instruction {
                program_id: $($solana)::+::pubkey::Pubkey::new_from_array($crate::BULKHEAD_ID),
                accounts: metas.to_vec(),
                data,
            };
            let accounts = accounts.map(|(account, _)| account.clone());
            $($solana)::+::program::invoke_signed(&instruction, &accounts, signers)?;
            let answer: ::core::option::Option<($($solana)::+::pubkey::Pubkey, ::std::vec::Vec<u8>)> =
                $($solana)::+::program::get_return_data();
            $crate::consumed(&answer).map_err(no_verdict)
        }
    };
}

/// The calls over pinocchio's accounts, whose types and functions have other names in each era.
#[doc(hidden)]
#[macro_export]
macro_rules! __pinocchio_calls {
    (
        $account:ty, $key:ident, ($($instruction:tt)+), ($($meta:tt)+), $signer:ty, $error:ty
    ) => {
        $crate::__functions! { inline(always), $account, $signer, $error }

        // What it answers is copied out of the return data here, or the compiler moves the whole kilobyte.
        #[inline(always)]
        fn ask_bulkhead<Verdict, Read, const ACCOUNTS: usize, const BYTES: usize, const SAID: usize>(
            call: $crate::Call<'_, $account, Verdict, ACCOUNTS, BYTES>,
            signers: &[$signer],
            read: impl FnOnce(
                $crate::Call<'_, $account, Verdict, ACCOUNTS, BYTES>,
                ::core::option::Option<[u8; SAID]>,
            ) -> Read,
        ) -> ::core::result::Result<Read, $error> {
            let metas = call
                .accounts
                .each_ref()
                .map(|(account, used)| $($meta)+::new(account.$key(), used.is_writable, used.is_signer));
            let instruction = $($instruction)+ {
                program_id: &$crate::BULKHEAD_ID.into(),
                accounts: &metas,
                data: &call.data,
            };
            ::pinocchio::cpi::invoke_signed(&instruction, &call.accounts.each_ref().map(|(account, _)| *account), signers)?;
            let answer = ::pinocchio::cpi::get_return_data();
            let said = answer
                .as_ref()
                .and_then(|answer| $crate::of_bulkhead(answer.program_id().as_ref(), answer.as_slice()));
            ::core::result::Result::Ok(read(call, said))
        }

        // A call with many accounts has a frame of its own: two would not fit the 4 KB of their caller's.
        #[allow(dead_code)]
        #[inline(never)]
        fn ask_bulkhead_apart<Verdict, Read, const ACCOUNTS: usize, const BYTES: usize, const SAID: usize>(
            call: $crate::Call<'_, $account, Verdict, ACCOUNTS, BYTES>,
            signers: &[$signer],
            read: impl FnOnce(
                $crate::Call<'_, $account, Verdict, ACCOUNTS, BYTES>,
                ::core::option::Option<[u8; SAID]>,
            ) -> Read,
        ) -> ::core::result::Result<Read, $error> {
            ask_bulkhead(call, signers, read)
        }
    };
}

/// The functions of all, over `ask_bulkhead` of the era.
#[doc(hidden)]
#[macro_export]
macro_rules! __functions {
    ($inline:meta, $account:ty, $signer:ty, $error:ty) => {
        /// Asks Bulkhead whether `amount` may leave. `signers` are the PDAs that sign.
        ///
        /// # Errors
        /// When the call cannot be made, and never because of the breaker's verdict.
        #[allow(dead_code)]
        #[$inline]
        pub(crate) fn meter_outflow(
            accounts: &$crate::MeterOutflow<'_, $account>,
            amount: u64,
            signers: &[$signer],
        ) -> ::core::result::Result<$crate::Metered, $error> {
            ask_bulkhead(accounts.call(amount), signers, |call, said| call.answered(said))
        }

        /// Makes Bulkhead pay `amount` out of custody, or queue it under the number `index`. `signers` are the PDAs
        /// that sign.
        ///
        /// # Errors
        /// When the call cannot be made or returns no verdict (`IncorrectProgramId`), and never because of the
        /// breaker's verdict.
        #[allow(dead_code)]
        #[$inline]
        pub(crate) fn release(
            accounts: &$crate::Release<'_, $account>,
            amount: u64,
            index: u64,
            signers: &[$signer],
        ) -> ::core::result::Result<$crate::Released, $error> {
            let verdict = match accounts.note {
                ::core::option::Option::None => {
                    let call = accounts.call_without_note(amount, index);
                    ask_bulkhead_apart(call, signers, |call, said| call.answered(said))?
                }
                ::core::option::Option::Some(note) => {
                    let call = accounts.call_with_note(note, amount, index);
                    ask_bulkhead_apart(call, signers, |call, said| call.answered(said))?
                }
            };
            verdict.map_err(|_| <$error>::IncorrectProgramId)
        }

        /// Takes a cancelled release back and closes its record. Credit the amount to whomever the host debited when it
        /// was queued. `signers` are the PDAs that sign.
        ///
        /// # Errors
        /// When the call cannot be made, the release is not cancelled, or no amount is returned (`IncorrectProgramId`).
        #[allow(dead_code)]
        #[$inline]
        pub(crate) fn take_back_release(
            accounts: &$crate::TakeBackRelease<'_, $account>,
            signers: &[$signer],
        ) -> ::core::result::Result<$crate::Credit, $error> {
            ask_bulkhead(accounts.call(), signers, |call, said| call.answered(said))?
                .map_err(|_| <$error>::IncorrectProgramId)
        }

        /// Makes Bulkhead take `amount` of the owner's tokens into custody. To know what arrived, read custody's
        /// balance before and after the call. `signers` are the PDAs that sign.
        ///
        /// # Errors
        /// When the call cannot be made.
        #[allow(dead_code)]
        #[$inline]
        pub(crate) fn receive_deposit(
            accounts: &$crate::ReceiveDeposit<'_, $account>,
            amount: u64,
            signers: &[$signer],
        ) -> ::core::result::Result<(), $error> {
            ask_bulkhead_apart(accounts.call(amount), signers, |_, _: ::core::option::Option<[u8; 0]>| ())
        }

        /// Reports to Bulkhead that `amount` came in. `signers` are the PDAs that sign.
        ///
        /// # Errors
        /// When the call cannot be made.
        #[allow(dead_code)]
        #[$inline]
        pub(crate) fn record_inflow(
            accounts: &$crate::RecordInflow<'_, $account>,
            amount: u64,
            signers: &[$signer],
        ) -> ::core::result::Result<(), $error> {
            ask_bulkhead(accounts.call(amount), signers, |_, _: ::core::option::Option<[u8; 0]>| ())
        }
    };
}
