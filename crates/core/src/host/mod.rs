//! What the domain has its host do: emergency actions of several steps.

pub(crate) mod acts;
