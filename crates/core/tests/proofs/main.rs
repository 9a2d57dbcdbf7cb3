//! Proofs of state as the chain checks them: the prover's vectors, every refusal by name, and every order of what provers,
//! strangers, the host and governance do until a domain reopens.

#![cfg(feature = "machine")]

mod broken;
mod encodings;
mod poseidon;
mod refusals;
mod scope;
mod vectors;
mod words;
mod world;
