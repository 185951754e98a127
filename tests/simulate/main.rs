//! The simulated tenant: the same every time, in real shapes, and without give-aways.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that meets the unexpected shall stop")]

mod give_aways;
mod program;
mod shapes;
mod world;
