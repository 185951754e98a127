//! Every drift that exports show, one test each.

mod audits;
mod calls;
mod shapes;
mod sign_ins;
mod signals;
