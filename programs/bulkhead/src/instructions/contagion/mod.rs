//! Links between domains: an upstream's pause closes the compartments that depend on it; the rest keeps running.

mod propagate_contagion;
mod set_link;

pub use {propagate_contagion::*, set_link::*};
