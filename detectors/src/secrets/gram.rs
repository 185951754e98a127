//! Which four bytes stand for a literal in the [prefilter](super::prefilter), and where in it they stand.

use std::collections::HashMap;

/// The bytes that stand for a literal.
pub(super) const GRAM: usize = 4;

/// The shortest literal.
pub(super) const SHORTEST: usize = 3;

/// How far apart the positions are that are looked at.
pub(super) const STRIDE: usize = 2;

/// The positions between two that are looked at, from the first of them.
const PARITIES: [i16; STRIDE] = [0, 1];

/// Sets the fifth bit: upper-case letters become lower-case, other bytes something that literals are folded to as well.
pub(super) const FOLD: u32 = 0x2020_2020;

/// What stands for a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gram {
    /// Its bytes, folded; zero for one that may be any.
    pub(super) key: u32,
    /// Where in the literal they begin; one before it where the byte in front of the literal is part of them.
    pub(super) offset: i16,
}

impl Gram {
    /// What may stand in a text, folded.
    pub(super) fn texts(self) -> impl Iterator<Item = u32> {
        let open = self.key.to_le_bytes().iter().position(|byte| *byte == 0);
        // Folding makes these stand for all bytes; none that only continues a character stands behind ASCII.
        let any = (0..=u8::MAX).filter(|byte| byte & 0x20 != 0);
        let any = any.filter(move |byte| open == Some(0) || !(0x80..0xc0).contains(byte)).map(u32::from);
        let filled = any.map(move |byte| open.map_or(self.key, |open| self.key | byte << (8 * open)));
        filled.take(if open.is_some() { usize::MAX } else { 1 })
    }
}

/// The keys under which a literal may be known that has these bytes, folded, in the text.
#[inline]
pub(super) fn keys(text: u32) -> [u32; 3] {
    [text, text & 0xff_ffff, text & 0xffff_ff00]
}

/// Chooses grams.
pub(super) struct Chooser {
    /// The ranks of the commonest three bytes in a row.
    common: HashMap<&'static [u8], u32>,
}

impl Chooser {
    pub(super) fn new() -> Self {
        Self { common: COMMON.split_ascii_whitespace().map(str::as_bytes).zip(0..).collect() }
    }

    /// The grams that stand for a literal: the rarest that begins at an even place in it, for where the literal stands at
    /// an even position of the text, and the rarest at an odd one; the first of equals.
    pub(super) fn grams(&self, literal: &[u8]) -> Vec<Gram> {
        let own = |parity| candidates(literal).filter(move |(_, offset)| offset & 1 == parity);
        let rarest =
            PARITIES.into_iter().filter_map(|parity| own(parity).min_by_key(|(bytes, _)| self.commonness(*bytes)));
        rarest.map(|(bytes, offset)| Gram { key: key(bytes), offset }).collect()
    }

    /// How common some bytes are: by those three of them in a row that are known to be, and else by each.
    fn commonness(&self, bytes: [Option<u8>; GRAM]) -> u32 {
        /// More than the commonest three; and to look for all of them fills the bitmap.
        const ANY: u32 = 1_500;
        let folded: Vec<u8> = bytes.iter().flatten().map(u8::to_ascii_lowercase).collect();
        let known = folded.windows(SHORTEST).filter_map(|part| self.common.get(part));
        let common: u32 = known.map(|rank| 100 * 11_u32.saturating_sub((rank + 8).ilog2())).sum();
        let any = (GRAM - folded.len()) as u32;
        folded.iter().map(|byte| frequency(*byte)).sum::<u32>() + common + ANY * any
    }
}

/// All that could stand for a literal: four bytes of it, or three and one beside it.
fn candidates(literal: &[u8]) -> impl Iterator<Item = ([Option<u8>; GRAM], i16)> {
    let whole = literal.windows(GRAM).filter_map(<[u8]>::first_chunk::<GRAM>).map(|bytes| bytes.map(Some));
    let first = literal.first_chunk().map(|[a, b, c]| ([None, Some(*a), Some(*b), Some(*c)], -1));
    let last = literal.split_last_chunk().and_then(|(before, [a, b, c])| {
        Some(([Some(*a), Some(*b), Some(*c), None], i16::try_from(before.len()).ok()?))
    });
    whole.zip(0..).chain(first).chain(last)
}

fn key(bytes: [Option<u8>; GRAM]) -> u32 {
    u32::from_le_bytes(bytes.map(|byte| byte.map_or(0, |byte| byte | FOLD as u8)))
}

/// Folded bytes as a number.
pub(super) fn fold(bytes: [u8; GRAM]) -> u32 {
    u32::from_le_bytes(bytes) | FOLD
}

/// How common a byte is in source code, in steps of a factor of about 1.4.
fn frequency(byte: u8) -> u32 {
    const BY_RANK: &[u8] = b" etaorisnlcdupmfh_gb.y,();-=v0x:w1k/*\"'2>{}3<&4568#79[]jqz!|+\\@?%$^~`";
    let rank = BY_RANK.iter().position(|known| *known == byte).unwrap_or(BY_RANK.len());
    30 - (rank as u32).min(70) * 30 / 70
}

/// Three bytes in a row that are common in source code (counted over the sources of the crates registry), commonest first.
const COMMON: &str = include_str!("common_grams.txt");
