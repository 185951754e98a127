//! Which archive it is, by its first bytes.

/// What packs other files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Kind {
    /// A zip file, whatever it is called: `.jar`, `.whl`, `.nupkg`, `.docx`.
    Zip,
    /// One file, compressed.
    Gzip,
    /// One file, compressed.
    Zstd,
    /// Files after one another; container images too.
    Tar,
}

/// What begins so; `None` for what is no archive.
pub(in crate::scan) fn kind(head: &[u8]) -> Option<Kind> {
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Kind::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        _ if head.get(257..262) == Some(b"ustar") => Some(Kind::Tar),
        _ => None,
    }
}
