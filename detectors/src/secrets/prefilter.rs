//! Finds the literals of all rules in one pass.
//!
//! Every literal is represented by its rarest four bytes, case folded; one of three bytes by these and each byte of ASCII
//! that may follow. A bitmap of 128 KiB, which stays in a near cache, says for every position of the text whether some
//! literal's four bytes may stand there; eight positions are asked at once, without a branch between them. Only where it
//! says yes are literals compared. No state is carried from byte to byte, so the processor overlaps the work; the cost
//! does not depend on the number of literals.

use std::collections::HashSet;
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

/// The bytes that stand for a literal.
const GRAM: usize = 4;

/// The shortest literal.
const SHORTEST: usize = 3;

/// How many positions one step looks at.
const STEP: usize = 8;

/// How many bytes one step reads.
const REACH: usize = STEP + GRAM;

/// Sets the fifth bit: upper-case letters become lower-case, other bytes something that literals are folded to as well.
const FOLD: u32 = 0x2020_2020;

/// Twenty bits of hash: 128 KiB of bitmap. A quarter of it would fit the nearest cache, but with the grams of some 2,500
/// literals it says yes for nothing so often that the larger one is faster (by a twentieth).
const HASH_BITS: u32 = 20;

/// The bitmap's words.
const WORDS: usize = 1 << (HASH_BITS - 6);

/// Sixteen bits of a second, independent hash, asked only where the first says yes: 8 KiB of bitmap.
const SLOT_BITS: u32 = 16;

/// The second bitmap's words.
const SLOT_WORDS: usize = 1 << (SLOT_BITS - 6);

/// All literals, ready to search for.
#[derive(Debug)]
pub(super) struct Prefilter {
    bitmap: Box<[u64; WORDS]>,
    slots: Box<[u64; SLOT_WORDS]>,
    /// For each slot, where its entries begin in `entries`; the next slot's beginning ends them.
    heads: Vec<u16>,
    entries: Vec<Entry>,
    literals: Vec<Literal>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    literal: u16,
    /// Where in the literal its gram stands.
    offset: u16,
}

impl Prefilter {
    /// Prepares literals; those shorter than three bytes or beyond 65,535 are left out.
    #[expect(clippy::large_stack_arrays, reason = "once at start, and compiled to an allocation")]
    pub(super) fn new(literals: Vec<Literal>) -> Self {
        let mut bitmap = Box::new([0_u64; WORDS]);
        let mut slots = Box::new([0_u64; SLOT_WORDS]);
        let common: HashSet<&[u8]> = COMMON.split(' ').map(str::as_bytes).collect();
        let mut by_slot: Vec<(u32, Entry)> = Vec::new();
        for (index, literal) in literals.iter().enumerate() {
            let Ok(index) = u16::try_from(index) else { break };
            for (gram, offset) in grams(&literal.text, &common) {
                set(bitmap.as_mut_slice(), hash(gram));
                set(slots.as_mut_slice(), slot(gram));
                by_slot.push((slot(gram), Entry { literal: index, offset: offset as u16 }));
            }
        }
        by_slot.sort_by_key(|(slot, entry)| (*slot, entry.literal, entry.offset));
        by_slot.dedup_by_key(|(slot, entry)| (*slot, entry.literal, entry.offset));
        let mut heads = vec![0_u16; (1 << SLOT_BITS) + 1];
        for (slot, _) in &by_slot {
            if let Some(head) = heads.get_mut(*slot as usize + 1) {
                *head += 1;
            }
        }
        let mut sum = 0;
        for head in &mut heads {
            sum += *head;
            *head = sum;
        }
        Self { bitmap, slots, heads, entries: by_slot.into_iter().map(|(_, entry)| entry).collect(), literals }
    }

    /// Calls `found` with every literal's index and place. The order is that of the grams: almost that of the text.
    pub(super) fn search(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk::<REACH>) {
            let grams = grams_at(block);
            let mut hits = 0_u64;
            for (lane, gram) in grams.iter().enumerate() {
                hits |= bit(self.bitmap.as_slice(), hash(*gram)) << lane;
            }
            while hits != 0 {
                let lane = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                self.look(text, at + lane, grams.get(lane).copied().unwrap_or_default(), &mut found);
            }
            at += STEP;
        }
        // The last positions. What follows a literal of three bytes at the very end may be any byte, so one is made up.
        while let Some([a, b, c, rest @ ..]) = text.get(at..) {
            let gram = u32::from_le_bytes([*a, *b, *c, rest.first().copied().unwrap_or(b' ')]) | FOLD;
            self.look(text, at, gram, &mut found);
            at += 1;
        }
    }

    #[inline]
    fn look(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(usize, Range<usize>)) {
        let slot = slot(gram);
        if bit(self.slots.as_slice(), slot) != 0 {
            self.compare(text, at, slot, found);
        }
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, slot: u32, found: &mut impl FnMut(usize, Range<usize>)) {
        let bounds = [slot as usize, slot as usize + 1].map(|index| self.heads.get(index).copied());
        let [Some(first), Some(end)] = bounds else { return };
        for entry in self.entries.get(usize::from(first)..usize::from(end)).unwrap_or_default() {
            let Some(literal) = self.literals.get(usize::from(entry.literal)) else { continue };
            let Some(start) = at.checked_sub(usize::from(entry.offset)) else { continue };
            let end = start + literal.text.len();
            let is_it = text.get(start..end).is_some_and(|here| match literal.case {
                Case::Exact => here == literal.text,
                Case::Ignored => here.eq_ignore_ascii_case(&literal.text),
            });
            if is_it {
                found(usize::from(entry.literal), start..end);
            }
        }
    }
}

/// The folded grams at eight positions.
#[inline]
fn grams_at(block: &[u8; REACH]) -> [u32; STEP] {
    let word = |at: usize| block.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let (first, second) = (word(0), word(GRAM));
    [first, first >> 8, first >> 16, first >> 24, second, second >> 8, second >> 16, second >> 24]
        .map(|window| window as u32 | FOLD)
}

#[inline]
fn hash(gram: u32) -> u32 {
    const MULTIPLIER: u32 = 0x9e37_79b1;
    gram.wrapping_mul(MULTIPLIER) >> (32 - HASH_BITS)
}

#[inline]
fn slot(gram: u32) -> u32 {
    const MULTIPLIER: u32 = 0x85eb_ca6b;
    gram.wrapping_mul(MULTIPLIER) >> (32 - SLOT_BITS)
}

/// A bit of a map whose length is a power of two.
#[inline]
fn bit(map: &[u64], index: u32) -> u64 {
    map.get((index >> 6) as usize).map_or(0, |word| (word >> (index & 63)) & 1)
}

fn set(map: &mut [u64], index: u32) {
    if let Some(word) = map.get_mut((index >> 6) as usize) {
        *word |= 1 << (index & 63);
    }
}

/// The grams that stand for a literal, and where in it they stand.
fn grams(text: &[u8], common: &HashSet<&[u8]>) -> Vec<(u32, usize)> {
    let fold = |bytes: [u8; GRAM]| u32::from_le_bytes(bytes) | FOLD;
    match (rarest(text, common), text) {
        (Some(offset), _) => {
            let bytes = text.get(offset..).and_then(<[u8]>::first_chunk::<GRAM>);
            bytes.map(|bytes| (fold(*bytes), offset)).into_iter().collect()
        }
        // Folding makes these stand for all of ASCII.
        (None, &[a, b, c]) => {
            (0x20..0x80).filter(|next| next & 0x20 != 0).map(|next| (fold([a, b, c, next]), 0)).collect()
        }
        (None, _) => Vec::new(),
    }
}

/// Where the rarest gram of a literal stands; the first of equals. `None` if the literal is shorter than a gram.
fn rarest(text: &[u8], common: &HashSet<&[u8]>) -> Option<usize> {
    (0..=text.len().checked_sub(GRAM)?).min_by_key(|offset| {
        let gram = text.get(*offset..*offset + GRAM).unwrap_or_default();
        let folded: Vec<u8> = gram.iter().map(u8::to_ascii_lowercase).collect();
        let common = folded.windows(SHORTEST).filter(|part| common.contains(*part));
        folded.iter().map(|byte| frequency(*byte)).sum::<u32>() + 30 * common.count() as u32
    })
}

/// How common a byte is in source code, in steps of a factor of about 1.4.
fn frequency(byte: u8) -> u32 {
    const BY_RANK: &[u8] = b" etaorisnlcdupmfh_gb.y,();-=v0x:w1k/*\"'2>{}3<&4568#79[]jqz!|+\\@?%$^~`";
    let rank = BY_RANK.iter().position(|known| *known == byte).unwrap_or(BY_RANK.len());
    30 - (rank as u32).min(70) * 30 / 70
}

/// Three bytes in a row that are common in source code (counted over the sources of the crates registry), commonest first.
const COMMON: &str = "/// ion con ing the ent tio 000 ate ons sel ter str pub elf int ser nst for let e:: res arg err tra ize par sta \
    tes rat --- mut ite tur ati est all ert val ame ype typ one ass rea ith rac use siz deb and get rro ect nam tru \
    sse ror der wit pti ead mpl tat ebu bug mat dat ted opt ::c ver tar ure ult ore tri cra ali com out eri nte ind \
    den pro ext _in lin fie lf. ine set _st end loc rin ide ::n che 0x0 ng: are alu ers rge te: rt_ ::o ret lue eve \
    eat ode g:: att on: fff non atu ive ess n:: aci )); exp ren pat rom thi eld her fro iel imp ime t_e tim cor et_ \
    cin len key ble new nde std not r:: enc cal def st_ ()) ere his (); ::f ont etu mod ile tte ple _re ars urn ock \
    tor (), d:: t:: orm ,-, put era lon pre men ord cfg cti ::m lse ack rit lic esu per sul y:: art lit ::s _co :op \
    fea _eq tch rse oun ule ign abl ::e ria eq! sio wor llo q!( === ath inf uct ust map ace ern ial rma ice ata er_ \
    yte iti ::i byt ref fil atc cha re: nce ruc tok pen dis er: rd_ u32 ner ist ens omp msg :co var rap nt: e() s:: \
    ug: als met &mu age rue ven oke ome ned ran buf ase tho nfo uin ort tic (). ull to_ fin low num clo usi *** ::t \
    doc rec wra #[c rsi me: :ne sub din sig odu htt me( pac ttp riv [cf han ap( ain _se add ant cod tem tre fg( ins \
    vec red und ope ndi cke on_ tha ed_ et: &se ken cat _va ew( nal som hou lf, ini inp wri _pa is_ :in te_ try nit \
    t() er. spa ttr .un t!( ste sed cop tin sin nts npu ::r _de hat liz fal que des _to unw zer equ foo dul (se ne, \
    rti pec nse nwr rep whe ed. ten ng_ ssi .fi :// has ces fer rou opy es. kaf afk fka unt har nt, ove nto nti ica \
    sec isp eco nne ies ero req les e_t por gen efi 00, _ma nt_ ))) ast p() r() d_k x00 uns can :tr ram uni ue, hea";

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
            words in prop::collection::vec("[abAB_]{3,6}", 1..6),
            text in "[abAB_@`]{0,60}",
            exact in any::<bool>(),
        ) {
            let case = if exact { Case::Exact } else { Case::Ignored };
            let words: Vec<(&str, Case)> = words.iter().map(|word| (word.as_str(), case)).collect();
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
