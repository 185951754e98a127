//! The secret scanner.
