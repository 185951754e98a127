//! Finds the literals of all rules in one pass.
//!
//! Every literal is represented by its rarest three bytes, case folded. A bitmap of 8 KiB, which stays in the nearest
//! cache, says for every position of the text whether some literal's three bytes may stand there; six positions are
//! asked at once, without a branch between them. Only where it says yes are literals compared. No state is carried from
//! byte to byte, so the processor overlaps the work; the cost does not depend on the number of literals.

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
const GRAM: usize = 3;

/// How many positions one step looks at: as many grams as lie in eight bytes.
const STEP: usize = 8 - GRAM + 1;

/// Sets the fifth bit: upper-case letters become lower-case, other bytes something that literals are folded to as well.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// Sixteen bits of hash: 8 KiB of bitmap.
const HASH_BITS: u32 = 16;

/// All literals, ready to search for.
#[derive(Debug)]
pub(super) struct Prefilter {
    bitmap: Box<[u64; 1 << (HASH_BITS - 6)]>,
    /// For each hash, where its entries begin in `entries`; the next hash's beginning ends them.
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
    pub(super) fn new(literals: Vec<Literal>) -> Self {
        let mut by_hash: Vec<(u16, Entry)> = Vec::new();
        for (index, literal) in literals.iter().enumerate() {
            let Ok(index) = u16::try_from(index) else { break };
            if let Some(offset) = rarest(&literal.text) {
                let gram = gram_at(&literal.text, offset);
                by_hash.push((hash(gram), Entry { literal: index, offset: offset as u16 }));
            }
        }
        by_hash.sort_by_key(|(hash, entry)| (*hash, entry.literal));
        let mut bitmap = Box::new([0_u64; 1 << (HASH_BITS - 6)]);
        let mut heads = vec![0_u16; (1 << HASH_BITS) + 1];
        for (hash, _) in &by_hash {
            if let Some(word) = bitmap.get_mut(usize::from(hash >> 6)) {
                *word |= 1 << (hash & 63);
            }
            if let Some(head) = heads.get_mut(usize::from(*hash) + 1) {
                *head += 1;
            }
        }
        let mut sum = 0;
        for head in &mut heads {
            sum += *head;
            *head = sum;
        }
        Self { bitmap, heads, entries: by_hash.into_iter().map(|(_, entry)| entry).collect(), literals }
    }

    /// Calls `found` with every literal's index and place. The order is that of the grams: almost that of the text.
    pub(super) fn search(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let folded = u64::from_le_bytes(*block) | FOLD;
            let mut hits = 0_u64;
            for lane in 0..STEP {
                hits |= self.bit(hash((folded >> (8 * lane)) as u32)) << lane;
            }
            while hits != 0 {
                let lane = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                self.compare(text, at + lane, hash((folded >> (8 * lane)) as u32), &mut found);
            }
            at += STEP;
        }
        while let Some([a, b, c]) = text.get(at..).and_then(<[u8]>::first_chunk::<GRAM>) {
            let gram = u32::from_le_bytes([*a, *b, *c, 0]) | FOLD as u32;
            let hash = hash(gram);
            if self.bit(hash) != 0 {
                self.compare(text, at, hash, &mut found);
            }
            at += 1;
        }
    }

    #[inline]
    fn bit(&self, hash: u16) -> u64 {
        // The index has ten bits, as many as the bitmap has words: no check is left when compiled.
        self.bitmap.get(usize::from(hash >> 6)).map_or(0, |word| (word >> (hash & 63)) & 1)
    }

    fn compare(&self, text: &[u8], at: usize, hash: u16, found: &mut impl FnMut(usize, Range<usize>)) {
        let bounds = [usize::from(hash), usize::from(hash) + 1].map(|index| self.heads.get(index).copied());
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

/// The hash of three folded bytes, which stand in the low 24 bits.
#[inline]
fn hash(gram: u32) -> u16 {
    const MULTIPLIER: u32 = 0x9e37_79b1;
    // Shifting out the fourth byte keeps the other three apart from it.
    ((gram << 8).wrapping_mul(MULTIPLIER) >> (32 - HASH_BITS)) as u16
}

fn gram_at(text: &[u8], offset: usize) -> u32 {
    let bytes = text.get(offset..).and_then(<[u8]>::first_chunk::<GRAM>).copied().unwrap_or_default();
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) | FOLD as u32
}

/// Where the rarest gram of a literal stands; the first of equals.
fn rarest(text: &[u8]) -> Option<usize> {
    (0..=text.len().checked_sub(GRAM)?).min_by_key(|offset| {
        let gram = text.get(*offset..*offset + GRAM).unwrap_or_default();
        let folded: Vec<u8> = gram.iter().map(u8::to_ascii_lowercase).collect();
        let is_common = COMMON.split(' ').any(|common| common.as_bytes() == folded);
        folded.iter().map(|byte| frequency(*byte)).sum::<u32>() + if is_common { 60 } else { 0 }
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
