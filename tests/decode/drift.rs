//! Every drift that exports show, one test each.

mod audits;
mod calls;
mod office;
mod repositories;
mod shapes;
mod sign_ins;
mod signals;
