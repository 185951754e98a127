//! Archives: what is in them, as streams, within limits.
//!
//! An archive is opened as it is read, one member after another, never unpacked to disk. What it may expand to, how deep
//! archives may lie in one another and how many members there may be has a bound, so bombs and archives that hold
//! themselves come to an end.

mod budget;
mod kind;
mod tar;

pub(super) use budget::{Budget, Metered};
pub(super) use kind::{Kind, kind};
pub(super) use tar::Tar;
