solana_program::entrypoint!(process);

use crate::processor::process;
