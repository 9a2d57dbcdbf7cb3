//! Links between domains: an upstream's pause closes what depends on it, and the rest keeps running.

mod propagate_contagion;
mod set_link;

pub use {propagate_contagion::*, set_link::*};
