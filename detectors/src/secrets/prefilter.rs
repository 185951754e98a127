//! Finds the literals of all rules in one pass.
//!
//! Every second position of the text is looked at. Every literal is represented by the rarest four bytes, case folded,
//! that begin at an even place in it, and by the rarest at an odd one: one of both is met, wherever the literal stands. A
//! bitmap of 256 KiB, which stays in a near cache, says whether some literal's four bytes may stand at a position; eight
//! positions are asked at once, without a branch between them. Only where it says yes are literals compared. No state is
//! carried from byte to byte, so the processor overlaps the work; the cost does not depend on the number of literals.

use super::gram::{Chooser, FOLD, GRAM, Gram, STRIDE, fold, keys};
use std::ops::Range;

/// How a literal is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    /// Byte by byte.
    Exact,
    /// ASCII letters in either case.
    Ignored,
}

/// A literal to find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Literal {
    /// Its bytes; at least three.
    pub(super) text: Vec<u8>,
    /// How it is compared.
    pub(super) case: Case,
}

/// How many positions one step looks at.
const LANES: usize = 8;

/// How far a step goes.
const STEP: usize = LANES * STRIDE;

/// How many bytes one step reads.
const REACH: usize = STEP + GRAM - STRIDE;

/// [`FOLD`] for eight bytes.
const FOLD_WORD: u64 = (FOLD as u64) << 32 | FOLD as u64;

/// Bits of hash that choose a byte of the bitmap; eight more choose the bit in it.
const BYTE_BITS: u32 = 18;

/// The bitmap's bytes.
const BYTES: usize = 1 << BYTE_BITS;

/// Bits of a second, independent hash, by which literals are looked up where the bitmap says yes.
const SLOT_BITS: u32 = 15;

/// One bit for each value of a byte, so that choosing it is no shift by a variable.
#[expect(clippy::indexing_slicing, reason = "counted up to the length, and evaluated by the compiler")]
const BIT: [u8; 256] = {
    let mut bits = [0; 256];
    let mut value = 0;
    while value < 256 {
        bits[value] = 1 << (value & 7);
        value += 1;
    }
    bits
};

/// All literals, ready to search for.
#[derive(Debug)]
pub(super) struct Prefilter {
    bitmap: Box<[u8; BYTES]>,
    /// One bit for each slot that has entries.
    slots: Vec<u8>,
    /// For each slot, where its entries begin in `entries`; the next slot's beginning ends them.
    heads: Vec<u16>,
    entries: Vec<Entry>,
    literals: Vec<Prepared>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    literal: u16,
    gram: Gram,
}

impl Prefilter {
    /// Prepares literals; those shorter than three bytes or beyond 32,767 are left out.
    #[expect(clippy::large_stack_arrays, reason = "once at start, and compiled to an allocation")]
    pub(super) fn new(literals: Vec<Literal>) -> Self {
        let chooser = Chooser::new();
        let mut bitmap = Box::new([0; BYTES]);
        let mut entries: Vec<Entry> = Vec::new();
        for (literal, index) in literals.iter().zip(0..u16::MAX / 2) {
            entries.extend(chooser.grams(&literal.text).into_iter().map(|gram| Entry { literal: index, gram }));
        }
        entries.sort_by_key(|entry| (slot(entry.gram.key), *entry));
        let mut slots = vec![0; 1 << (SLOT_BITS - 3)];
        let mut heads = vec![0; (1 << SLOT_BITS) + 1];
        for Entry { gram, .. } in &entries {
            for (byte, bit) in gram.texts().map(place) {
                if let Some(byte) = bitmap.get_mut(byte) {
                    *byte |= bit;
                }
            }
            let slot = slot(gram.key);
            if let Some(byte) = slots.get_mut(slot >> 3) {
                *byte |= 1 << (slot & 7);
            }
            if let Some(head) = heads.get_mut(slot + 1) {
                *head += 1;
            }
        }
        let mut sum = 0;
        for head in &mut heads {
            sum += *head;
            *head = sum;
        }
        Self { bitmap, slots, heads, entries, literals: literals.into_iter().map(Prepared::new).collect() }
    }

    /// Calls `found` with every literal's index and place. The order is that of the grams: almost that of the text.
    pub(super) fn search(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk::<REACH>) {
            let grams = grams_at(block);
            if grams.iter().fold(0, |hits, gram| hits | self.ask(*gram)) != 0 {
                let lanes = (0..LANES).zip(grams);
                let mut hits = lanes.fold(0, |hits, (lane, gram)| hits | u32::from(self.ask(gram) != 0) << lane);
                while hits != 0 {
                    let lane = hits.trailing_zeros() as usize;
                    hits &= hits - 1;
                    self.compare(text, at + lane * STRIDE, grams.get(lane).copied().unwrap_or_default(), &mut found);
                }
            }
            at += STEP;
        }
        // The last positions. What follows a literal at the very end may be any byte, so one is made up.
        while let Some([a, b, c, rest @ ..]) = text.get(at..) {
            self.compare(text, at, fold([*a, *b, *c, rest.first().copied().unwrap_or(b' ')]), &mut found);
            at += STRIDE;
        }
    }

    /// Not zero where a literal's gram may be this one.
    #[inline]
    fn ask(&self, gram: u32) -> u8 {
        let (byte, bit) = place(gram);
        self.bitmap.get(byte).map_or(0, |byte| byte & bit)
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(usize, Range<usize>)) {
        for key in keys(gram).into_iter().filter(|key| self.is_key(*key)) {
            for entry in self.known(slot(key)).iter().filter(|entry| entry.gram.key == key) {
                let Some(literal) = self.literals.get(usize::from(entry.literal)) else { continue };
                let Some(start) = at.checked_add_signed(-isize::from(entry.gram.offset)) else { continue };
                if literal.stands_at(text, start) {
                    found(usize::from(entry.literal), start..start + literal.text.len());
                }
            }
        }
    }

    /// Whether some literal is known by a key: almost certainly.
    #[inline]
    fn is_key(&self, key: u32) -> bool {
        let slot = slot(key);
        self.slots.get(slot >> 3).is_some_and(|byte| byte >> (slot & 7) & 1 != 0)
    }

    /// The entries of a slot.
    #[inline]
    fn known(&self, slot: usize) -> &[Entry] {
        let Some([first, end]) = self.heads.get(slot..).and_then(<[u16]>::first_chunk) else { return &[] };
        self.entries.get(usize::from(*first)..usize::from(*end)).unwrap_or_default()
    }
}

/// A literal, and its first bytes as one number.
#[derive(Debug)]
struct Prepared {
    text: Vec<u8>,
    case: Case,
    /// The bits of its first eight bytes that differ between cases.
    either: u64,
    /// The bits that its first eight bytes have.
    mask: u64,
    /// Its first eight bytes.
    head: u64,
}

/// How many bytes are compared as one number.
const HEAD: usize = 8;

impl Prepared {
    fn new(literal: Literal) -> Self {
        let Literal { text, case } = literal;
        let word = |of: &dyn Fn(u8) -> u8| {
            let mut bytes = [0; HEAD];
            for (byte, own) in bytes.iter_mut().zip(&text) {
                *byte = of(*own);
            }
            u64::from_le_bytes(bytes)
        };
        let is_either = |byte: u8| case == Case::Ignored && byte.is_ascii_alphabetic();
        let either = word(&|byte| if is_either(byte) { 0x20 } else { 0 });
        let (mask, head) = (word(&|_| u8::MAX), word(&|byte| byte) | either);
        Self { text, case, either, mask, head }
    }

    /// Whether the literal stands at a place of a text.
    #[inline]
    fn stands_at(&self, text: &[u8], start: usize) -> bool {
        let Some(here) = text.get(start..) else { return false };
        if let Some(bytes) = here.first_chunk::<HEAD>()
            && (u64::from_le_bytes(*bytes) | self.either) & self.mask != self.head
        {
            return false;
        }
        let Some(here) = here.get(..self.text.len()) else { return false };
        if self.case == Case::Exact { here == self.text } else { here.eq_ignore_ascii_case(&self.text) }
    }
}

/// The folded grams at eight positions.
#[inline]
fn grams_at(block: &[u8; REACH]) -> [u32; LANES] {
    let word = |at: usize| block.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let [a, b, c, d] = [0, 4, 8, REACH - 8].map(|at| word(at) | FOLD_WORD);
    [a, a >> 16, b, b >> 16, c, c >> 16, d >> 16, d >> 32].map(|window| window as u32)
}

/// The bitmap's byte and its bit.
#[inline]
fn place(gram: u32) -> (usize, u8) {
    const MULTIPLIER: u32 = 0x9e37_79b1;
    let hash = gram.wrapping_mul(MULTIPLIER);
    let bit = (hash >> (32 - BYTE_BITS - 8)) as u8;
    ((hash >> (32 - BYTE_BITS)) as usize, BIT.get(usize::from(bit)).copied().unwrap_or_default())
}

#[inline]
fn slot(gram: u32) -> usize {
    const MULTIPLIER: u32 = 0x85eb_ca6b;
    (gram.wrapping_mul(MULTIPLIER) >> (32 - SLOT_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn literals(words: &[(&str, Case)]) -> Vec<Literal> {
        words.iter().map(|(text, case)| Literal { text: text.as_bytes().to_vec(), case: *case }).collect()
    }

    fn found(words: &[(&str, Case)], text: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        Prefilter::new(literals(words)).search(text, |literal, range| all.push((range.start, literal)));
        all.sort_unstable();
        all
    }

    #[test]
    fn literals_that_overlap_or_nest_are_all_found() {
        let words = [("client_secret", Case::Ignored), ("secret", Case::Ignored), ("8Q~", Case::Exact)];
        assert_eq!(found(&words, b"Client_Secret=abc8Q~8q~"), [(0, 0), (7, 1), (17, 2)]);
    }

    #[test]
    fn the_case_matters_where_it_should() {
        assert_eq!(found(&[("AKIA", Case::Exact)], b"akia AKIA Akia"), [(5, 0)]);
        assert_eq!(found(&[("akia", Case::Ignored)], b"akia AKIA Akia"), [(0, 0), (5, 0), (10, 0)]);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_naive_search_finds(
            words in prop::collection::vec("[abAB_]{3,11}", 1..6),
            pieces in prop::collection::vec((any::<prop::sample::Index>(), "[abAB_@`é]{0,4}"), 0..12),
            exact in any::<bool>(),
        ) {
            let case = if exact { Case::Exact } else { Case::Ignored };
            let words: Vec<(&str, Case)> = words.iter().map(|word| (word.as_str(), case)).collect();
            let text: String = pieces.iter().flat_map(|(word, beside)| [word.get(&words).0, beside]).collect();
            let text = text.as_bytes();
            let mut naive = Vec::new();
            for start in 0..text.len() {
                for (index, (word, _)) in words.iter().enumerate() {
                    let here = text.get(start..start + word.len());
                    let is_it = here.is_some_and(|here| if exact {
                        here == word.as_bytes()
                    } else {
                        here.eq_ignore_ascii_case(word.as_bytes())
                    });
                    if is_it {
                        naive.push((start, index));
                    }
                }
            }
            prop_assert_eq!(found(&words, text), naive);
        }
    }
}
