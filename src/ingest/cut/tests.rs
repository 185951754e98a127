//! Long documents: cut alike however they are read, wherever a restart goes on, and whatever is damaged.

use crate::ingest::ValueReader;
use proptest::prelude::*;
use std::io::{self, Read};

type Pieces = Vec<(u64, String)>;

/// Gives its bytes in portions of these sizes, in turn.
struct Trickle<'a> {
    bytes: &'a [u8],
    sizes: Vec<usize>,
    reads: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.reads % self.sizes.len()];
        self.reads += 1;
        let len = size.min(room.len()).min(self.bytes.len());
        room[..len].copy_from_slice(&self.bytes[..len]);
        self.bytes = &self.bytes[len..];
        Ok(len)
    }
}

fn rest(mut reader: ValueReader<impl Read>) -> Pieces {
    std::iter::from_fn(|| reader.next_piece().expect("readable"))
        .map(|piece| (piece.offset, String::from_utf8_lossy(&piece.bytes).into_owned()))
        .collect()
}

fn read(text: &[u8], sizes: Vec<usize>, limit: usize) -> Pieces {
    rest(ValueReader::new(Trickle { bytes: text, sizes, reads: 0 }, 0, limit))
}

fn cut(text: &str, limit: usize) -> Vec<String> {
    read(text.as_bytes(), vec![usize::MAX], limit).into_iter().map(|(_, piece)| piece).collect()
}

fn element(number: usize, pad: usize) -> String {
    format!(
        r#"{{"id":"{number}","category":"x","targets":[{{"id":"\"}}]{{","name":"y"}}],"note":"{}"}}"#,
        "é\\\\".repeat(pad)
    )
}

fn elements() -> Vec<String> {
    (0..9).map(|number| element(number, number)).collect()
}

/// The ways in which a list stands in a file: before, between and behind its elements.
const FRAMES: [(&str, &str, &str); 7] = [
    ("[", ",", "]"),
    ("[\n  ", ",\n  ", "\n]\n"),
    ("[\n", ",\n", "\n]"),
    ("{\"records\":[", ",", "]}\n"),
    ("{\n \"Records\": [\n  ", ",\n  ", "\n ]\n}\n"),
    ("{\"@odata.context\":\"a\\\"]{\",\"value\":[", ",", "],\"@odata.nextLink\":\"b\"}"),
    ("{\n\"x\": {\"value\": [1]},\n\"value\": [", " , ", "]\n, \"n\": [{}]}"),
];

fn framed(elements: &[String], (before, between, behind): (&str, &str, &str)) -> String {
    format!("{before}{}{behind}", elements.join(between))
}

#[test]
fn a_long_document_comes_as_the_elements_of_its_list() {
    for frame in FRAMES {
        let text = framed(&elements(), frame);
        assert_eq!(cut(&text, 300), elements(), "{text}");
        let at = |(offset, piece): (u64, String)| text.as_bytes()[offset as usize..].starts_with(piece.as_bytes());
        assert!(read(text.as_bytes(), vec![7], 300).into_iter().all(at), "offsets of {text}");
    }
    let documents = elements().join("\n").replace(",\"category\"", ",\n\"category\"");
    assert_eq!(cut(&documents.replacen('{', "{\n", 1), 300).len(), elements().len(), "documents after one another");
}

#[test]
fn a_short_document_and_the_lines_behind_a_long_one_come_as_ever() {
    let list = framed(&elements(), FRAMES[0]);
    let mut expected = elements();
    expected.extend(["{\"a\":1}".to_owned(), "[{}]".to_owned()]);
    assert_eq!(cut(&format!("{list}\n{{\"a\":1}}\r\n[{{}}]\n"), 300), expected);
    let pretty = framed(&elements(), FRAMES[1]);
    assert_eq!(cut(&pretty, 1 << 20), [pretty]);
}

#[test]
fn what_is_damaged_is_a_piece_of_its_own_and_the_rest_goes_on() {
    let good = elements();
    for frame in FRAMES {
        for bad in [
            r#"{"id":"7","category":"x","targets":[{"id":"1","name":"y"},"note":""}"#,
            r#"{"id":"7","category":"x","targets":{"id":"1","name":"y"}],"note":""}"#,
            r#"{"id":"7","category":"x"#,
            r#"{"id":"7","category":"x,"targets":1}"#,
            r#"{"id":"7","category":"x","targets":1,}"#,
            r#"{"id" "7","surprise":"x"}"#,
            "{\"id\":\"7\"",
            "nonsense",
            "{",
        ] {
            let mut all = good.clone();
            all.insert(4, bad.to_owned());
            assert_eq!(cut(&framed(&all, frame), 300), all, "{bad} in {frame:?}");
        }
    }
}

#[test]
fn an_element_over_the_limit_is_cut_off_and_its_neighbours_are_whole() {
    for frame in FRAMES {
        let mut all = elements();
        all.insert(4, element(4, 1_000));
        let found = cut(&framed(&all, frame), 300);
        assert_eq!((found.len(), found[4].len()), (all.len(), found[4].len().max(301)), "{frame:?}");
        all.remove(4);
        assert_eq!([&found[..4], &found[5..]].concat(), all, "{frame:?}");
    }
}

#[test]
fn a_list_that_is_never_closed_says_so() {
    for (frame, opening) in [(FRAMES[0], "["), (FRAMES[3], "{\"records\":["), (FRAMES[1], "[")] {
        let text = framed(&elements(), (frame.0, frame.1, ""));
        let mut expected = elements();
        expected.push(opening.to_owned());
        assert_eq!(cut(&text, 300), expected);
        assert_eq!(cut(&format!("{text},\n"), 300), expected);
    }
    let mut unclosed = elements();
    unclosed.push("{\"records\":[".to_owned());
    assert_eq!(cut(&framed(&elements(), ("{\"records\":[", ",", "]")), 300), unclosed);
}

fn documents() -> impl Strategy<Value = Vec<u8>> {
    let damage = (0.0..1.0, prop_oneof![Just(None), "[]\\[{}\",:\\\\\n a1]".prop_map(Some)]);
    (0..FRAMES.len(), 0..FRAMES.len(), proptest::collection::vec(damage, 0..4)).prop_map(|(one, other, damages)| {
        let mut text = framed(&elements(), FRAMES[one]) + "\n" + &framed(&elements(), FRAMES[other]);
        for (place, insert) in damages {
            let near = (place * text.len() as f64) as usize;
            let at = (near..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            match insert {
                Some(insert) => text.insert_str(at, &insert),
                None => drop(text.remove(at)),
            }
        }
        text.into_bytes()
    })
}

proptest! {
    #[test]
    fn any_split_of_reads_gives_the_same_pieces(
        text in documents(),
        sizes in proptest::collection::vec(1..600_usize, 1..8),
        limit in 1..400_usize,
    ) {
        prop_assert_eq!(read(&text, sizes, limit), read(&text, vec![usize::MAX], limit));
    }

    #[test]
    fn a_restart_at_any_piece_neither_loses_nor_doubles_one(text in documents(), limit in 100..400_usize) {
        let whole = read(&text, vec![50], limit);
        for left in 0..=whole.len() {
            let mut reader = ValueReader::new(Trickle { bytes: &text, sizes: vec![50], reads: 0 }, 0, limit);
            for _ in 0..left {
                reader.next_piece().expect("readable");
            }
            let (offset, document) = (reader.offset(), reader.document());
            let from = document.unwrap_or(offset);
            let again = Trickle { bytes: &text[from as usize..], sizes: vec![70], reads: 0 };
            let again = match document {
                Some(document) => ValueReader::resume(again, document, offset, limit),
                None => ValueReader::new(again, from, limit),
            };
            prop_assert_eq!(&rest(again)[..], &whole[left..], "after {} pieces", left);
        }
    }

    #[test]
    fn one_byte_less_harms_one_element(frame in 0..FRAMES.len(), victim in 1..8_usize, place in 0.0..1.0) {
        let mut all = elements();
        let at = (place * all[victim].len() as f64) as usize;
        prop_assume!(all[victim].is_char_boundary(at) && all[victim].is_char_boundary(at + 1));
        all[victim].remove(at);
        let found = cut(&framed(&all, FRAMES[frame]), 300);
        for (number, element) in all.iter().enumerate().filter(|(number, _)| *number != victim) {
            prop_assert!(found.contains(element), "{} is lost of {:?}", number, found);
        }
    }
}
