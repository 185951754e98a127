//! How far a file was read, so that a restart goes on there.

use serde::{Deserialize, Serialize};

/// How far one file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilePosition {
    /// Bytes read, after decompression.
    pub offset: u64,
    /// How many bytes of the file's beginning are in `head_hash`.
    pub head_len: u32,
    /// Hash of the beginning: a file that was replaced begins otherwise, and is read anew.
    pub head_hash: [u8; 16],
    /// Where the document begins in which the offset is, if it is so long that it is cut into its elements. Last, so that
    /// what was stored without it reads as none.
    pub document: Option<u64>,
}

impl FilePosition {
    /// How many bytes of the beginning are hashed.
    pub const HEAD: usize = 1024;

    /// Whether `head`, the file's beginning as it is now, begins as the file did when this was written.
    pub fn is_of(&self, head: &[u8]) -> bool {
        head.get(..self.head_len as usize).is_some_and(|same| hash(same) == self.head_hash)
    }

    /// The position at the beginning of a file.
    pub fn at_start(head: &[u8]) -> Self {
        let head = head.get(..Self::HEAD).unwrap_or(head);
        Self { head_len: u32::try_from(head.len()).unwrap_or(0), head_hash: hash(head), ..Self::default() }
    }
}

fn hash(head: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    blake3::Hasher::new().update(head).finalize_xof().fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grew_is_the_same_and_one_that_was_replaced_is_not() {
        let position = FilePosition::at_start(b"first line\n");
        assert!(position.is_of(b"first line\nsecond line\n"));
        assert!(!position.is_of(b"other line\nsecond line\n"));
        assert!(!position.is_of(b"first"));
    }
}
