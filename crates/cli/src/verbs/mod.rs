//! The verbs of the command line, one file a topic.

pub mod breaker;
pub mod emergency;
pub mod evacuate;
mod facts;
mod find;
pub mod idl_json;
pub mod incident;
pub mod link;
pub mod mask;
pub mod members;
pub mod observe;
pub mod operate;
pub mod pause;
pub mod proposals;
pub mod propose;
pub mod release;
mod returned;
pub mod route;
pub mod status;
pub mod trip;
pub mod vault;
mod words;
