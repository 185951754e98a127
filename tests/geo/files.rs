//! Forms of files, good and broken.

use crate::database::database;
use picket::geo::{Geography, Located};
use proptest::prelude::*;
use serde_json::json;
use std::path::PathBuf;

/// Writes files into a folder and gives their paths, in the order given.
fn written(folder: &std::path::Path, files: &[(&str, Vec<u8>)]) -> Vec<PathBuf> {
    let write = |(name, bytes): &(&str, Vec<u8>)| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("writes");
        path
    };
    files.iter().map(write).collect()
}

fn shown(located: &Located) -> String {
    let country = located.country.map(|code| String::from_utf8_lossy(&code).into_owned());
    let asn = located.asn.map(|asn| format!("AS{asn}"));
    let known = [country, located.city.as_deref().map(str::to_owned), asn];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if known.is_empty() { "unknown".to_owned() } else { known.join(", ") }
}

/// What files say of addresses.
fn located(files: &[(&str, Vec<u8>)], addresses: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let geography = Geography::open(written(folder.path(), files)).expect("good files");
    let atlas = geography.current();
    addresses.iter().map(|address| shown(&atlas.locate(address.parse().expect("an address")))).collect()
}

fn complaint(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let files = written(folder.path(), &[(name, bytes.to_vec())]);
    let error = Geography::open(files).expect_err("a broken file");
    error.to_string().replace(&*folder.path().to_string_lossy(), "DIR")
}

#[test]
fn databases_are_read_nested_and_flat() {
    let nested = json!({"continent": {"code": "EU"}, "country": {"geoname_id": 1, "iso_code": "DE", "names": {"de": "Deutschland", "en": "Germany"}},
        "city": {"names": {"de": "Köln", "en": "Cologne"}}, "location": {"time_zone": "Europe/Berlin"}});
    let flat = json!({"country": "Germany", "country_code": "de", "city": "Cologne", "asn": "AS64496"});
    let system = json!({"autonomous_system_number": 64497, "autonomous_system_organization": "an organisation"});
    let addresses = ["203.0.113.9", "::ffff:203.0.113.9", "198.51.100.1", "2001:db8::1", "2001:db9::1", "10.0.0.1"];
    for (record, expected) in [(nested, "DE, Cologne"), (flat, "DE, Cologne, AS64496"), (system, "AS64497")] {
        let bytes = database("a test", &[("203.0.113.0/24", record.clone()), ("2001:db8::/32", record.clone())]);
        let found = located(&[("places.mmdb", bytes)], &addresses);
        assert_eq!(found, [expected, expected, "unknown", expected, "unknown", "unknown"], "{record}");
    }
}

#[test]
fn tables_are_read_in_every_usual_form() {
    let addresses = ["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.7", "203.0.114.0", "2001:db8::1"];
    for (text, expected) in [
        ("203.0.113.0,203.0.113.255,DE\n2001:db8::,2001:db8:ffff::,FR\n", "DE"),
        (
            "3405803776,3405804031,de\n42540766411282592856903984951653826560,42540766490510755371168322545197776895,FR\n",
            "DE",
        ),
        (
            "# a comment\n203.0.113.0,203.0.113.255,64496,\"an organisation, large\"\n2001:db8::,2001:db8::ffff,64497,x\n",
            "AS64496",
        ),
        (
            "203.0.113.0\t203.0.113.255\t64496\tDE\tAN ORGANISATION\n203.0.114.0\t203.0.114.9\t0\tNone\tNot routed\n2001:db8::\t2001:db8::ffff\t64497\tFR\tx\n",
            "DE, AS64496",
        ),
        (
            "203.0.113.0,203.0.113.255,EU,DE,\"North Rhine\",\"Cologne\",50.9,6.9\n203.0.114.0,203.0.114.0,ZZ,ZZ,,,,\n2001:db8::,2001:db8::ffff,EU,FR,,Paris,,\n",
            "DE, Cologne",
        ),
        (
            "203.0.113.0,203.0.113.255,DE,x,,Cologne,,50.9,6.9,\n2001:db8::,2001:db8::ffff,FR,x,,Paris,,,,\n",
            "DE, Cologne",
        ),
        (
            "network,autonomous_system_number,autonomous_system_organization\n203.0.113.0/24,64496,x\n2001:db8::/32,64497,x\n",
            "AS64496",
        ),
        (
            "\u{feff}asn,city,country,start,end\nAS64496,Cologne,DE,203.0.113.0,203.0.113.255\nAS64497,Paris,FR,2001:db8::,2001:db8::ffff\n",
            "DE, Cologne, AS64496",
        ),
    ] {
        let found = located(&[("ranges.csv", text.as_bytes().to_vec())], &addresses);
        assert_eq!(found[..4], [expected, expected, expected, "unknown"], "{text}");
        assert_ne!(found[4], "unknown", "{text}");
    }
}

#[test]
fn the_first_file_that_knows_counts_and_a_city_stays_with_its_country() {
    let country = ("country.csv", b"203.0.113.0,203.0.113.255,DE\n".to_vec());
    let city = ("city.csv", b"start,end,country,city\n203.0.113.0,203.0.114.255,FR,Paris\n".to_vec());
    let system = ("system.csv", b"203.0.113.0,203.0.115.255,64496,x\n".to_vec());
    let found = located(&[country, city, system], &["203.0.113.1", "203.0.114.1", "203.0.115.1", "203.0.116.1"]);
    assert_eq!(found, ["DE, AS64496", "FR, Paris, AS64496", "AS64496", "unknown"]);
}

#[test]
fn a_file_that_can_t_be_used_says_what_to_do() {
    let good = database("a test", &[("203.0.113.0/24", json!({"country_code": "DE"}))]);
    let other = database("Connection-Type", &[("203.0.113.0/24", json!({"connection_type": "Cable"}))]);
    let said = [
        complaint("cut-off.mmdb", &good[..good.len() / 2]),
        complaint("other.mmdb", &other),
        complaint("places.mmdb.gz", b"\x1f\x8b\x08\x00"),
        complaint("empty.csv", b""),
        complaint("columns.csv", b"network,geoname_id\n203.0.113.0/24,1\n"),
        complaint("prose.txt", b"where is what?\n"),
        complaint("row.csv", b"203.0.113.0,203.0.113.255,DE\nnowhere,203.0.114.255,DE\n"),
        complaint("mixed.csv", b"203.0.113.0,2001:db8::,DE\n"),
        complaint("backwards.csv", b"203.0.113.9,203.0.113.8,DE\n"),
        complaint(
            "overlap.csv",
            b"203.0.113.0,203.0.113.255,DE\n10.0.0.0,10.0.0.1,FR\n203.0.113.255,203.0.114.255,FR\n",
        ),
        Geography::open(vec!["not-there.mmdb".into()]).expect_err("no file").to_string(),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_broken_file_leaves_what_was_read_before_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = written(folder.path(), &[("ranges.csv", b"203.0.113.0,203.0.113.255,DE\n".to_vec())]);
    let geography = Geography::open(files.clone()).expect("a good file");
    let told = || shown(&geography.current().locate("203.0.113.9".parse().expect("an address")));
    std::fs::write(&files[0], "203.0.113.0,203.0.1").expect("writes");
    assert!(geography.reload().is_err());
    assert_eq!(told(), "DE");
    std::fs::write(&files[0], "203.0.113.0,203.0.113.255,FR\n").expect("writes");
    geography.reload().expect("a good file again");
    assert_eq!(told(), "FR");
}

proptest! {
    #[test]
    fn a_table_answers_as_one_that_is_read_from_end_to_end_does(
        starts in proptest::collection::btree_set(0..2_000_u32, 1..60), lengths in proptest::collection::vec(1..40_u32, 60), asked in 0..2_100_u32,
    ) {
        let starts: Vec<u32> = starts.into_iter().collect();
        // Ranges that follow one another, with gaps where the next begins later.
        let ends = starts.iter().skip(1).copied().chain([u32::MAX]);
        let ranges: Vec<(u32, u32, u32)> =
            starts.iter().zip(ends).zip(&lengths).map(|((start, next), length)| (*start, (start + length).min(next) - 1, start + 1)).collect();
        let rows: Vec<String> = ranges.iter().rev().map(|(first, last, asn)| format!("{first},{last},{asn},x\n")).collect();
        let expected = ranges.iter().find(|(first, last, _)| (*first..=*last).contains(&asked));
        let expected = expected.map_or("unknown".to_owned(), |(_, _, asn)| format!("AS{asn}"));
        let address = std::net::Ipv4Addr::from_bits(asked).to_string();
        prop_assert_eq!(&located(&[("ranges.csv", rows.concat().into_bytes())], &[&address])[0], &expected);
    }

    #[test]
    fn a_database_with_anything_done_to_it_never_panics(places in proptest::collection::vec((0.0..1.0, any::<u8>()), 1..8)) {
        let record = json!({"country": {"iso_code": "DE"}, "city": {"names": {"en": "Cologne"}}, "autonomous_system_number": 64496});
        let mut bytes = database("a test", &[("203.0.113.0/24", record.clone()), ("2001:db8::/32", record)]);
        for (place, byte) in places {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        let folder = tempfile::tempdir().expect("a folder");
        if let Ok(geography) = Geography::open(written(folder.path(), &[("places.mmdb", bytes)])) {
            let atlas = geography.current();
            for address in ["203.0.113.9", "2001:db8::1", "::", "255.255.255.255"] {
                drop(atlas.locate(address.parse().expect("an address")));
            }
        }
    }

    #[test]
    fn a_table_of_anything_never_panics(text in "[0-9a-zA-Z.:,\t\n\"/ é-]{0,200}") {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Geography::open(written(folder.path(), &[("ranges.csv", text.into_bytes())])));
    }
}
