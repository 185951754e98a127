//! The demonstration: a month of a small made-up tenant, generated, with the story that is told of it.

mod records;
mod story;

pub use records::{Audit, PushedFile, SignIn, application, push, service_principal};
pub use story::{Story, story};
