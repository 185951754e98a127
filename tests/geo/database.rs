//! Writes databases (`.mmdb`), as small as they come.

use ipnet::IpNet;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Where a branch of the tree ends.
#[derive(Clone, Copy)]
enum Slot {
    Empty,
    Node(usize),
    Data(usize),
}

/// A database with a record a network; IPv4 lies at `::/96`.
pub(crate) fn database(kind: &str, records: &[(&str, Value)]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[Slot::Empty; 2]], Vec::new());
    for (network, record) in records {
        let at = data.len();
        data.extend(encoded(record));
        insert(&mut nodes, network.parse().expect("a network"), at);
    }
    let mut bytes = Vec::new();
    for slot in nodes.iter().flatten() {
        let value = match slot {
            Slot::Empty => nodes.len(),
            Slot::Node(node) => *node,
            Slot::Data(at) => nodes.len() + 16 + at,
        };
        bytes.extend(&u32::try_from(value).expect("small").to_be_bytes()[1..]);
    }
    bytes.extend([0; 16]);
    bytes.extend(data);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    bytes.extend(encoded(&json!({
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1, "database_type": kind,
        "description": {}, "ip_version": 6, "languages": [], "node_count": nodes.len(), "record_size": 24,
    })));
    bytes
}

fn insert(nodes: &mut Vec<[Slot; 2]>, network: IpNet, at: usize) {
    let (bits, length) = match network.network() {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 96 + network.prefix_len()),
        IpAddr::V6(v6) => (v6.to_bits(), network.prefix_len()),
    };
    let mut node = 0;
    for depth in 1..=length {
        let side = (bits >> (128 - depth) & 1) as usize;
        if depth == length {
            nodes[node][side] = Slot::Data(at);
        } else if let Slot::Node(next) = nodes[node][side] {
            node = next;
        } else {
            nodes.push([Slot::Empty; 2]);
            nodes[node][side] = Slot::Node(nodes.len() - 1);
            node = nodes.len() - 1;
        }
    }
}

/// A control byte with the type (those past 7 in a byte of their own) and the size, then the value.
fn encoded(value: &Value) -> Vec<u8> {
    let head = |kind: u8, size: usize| {
        let (small, more) = if size < 29 { (size, None) } else { (29, Some(size - 29)) };
        let small = u8::try_from(small).expect("small");
        let kind = if kind > 7 { vec![small, kind - 7] } else { vec![kind << 5 | small] };
        kind.into_iter().chain(more.map(|more| u8::try_from(more).expect("short"))).collect::<Vec<u8>>()
    };
    match value {
        Value::String(text) => [head(2, text.len()), text.clone().into_bytes()].concat(),
        Value::Number(number) => {
            let number = u32::try_from(number.as_u64().expect("whole")).expect("small");
            [head(6, 4), number.to_be_bytes().to_vec()].concat()
        }
        Value::Array(list) => [head(11, list.len()), list.iter().flat_map(encoded).collect()].concat(),
        Value::Object(map) => {
            // Metadata has numbers of fixed widths.
            let as_u16 = |value: &Value| {
                [head(5, 2), vec![0, u8::try_from(value.as_u64().expect("whole")).expect("small")]].concat()
            };
            let member = |key: &str, value: &Value| match key {
                "build_epoch" => [head(9, 1), vec![1]].concat(),
                "ip_version" | "record_size" => as_u16(value),
                key if key.starts_with("binary_format") => as_u16(value),
                _ => encoded(value),
            };
            let pairs = map.iter().flat_map(|(key, value)| [encoded(&json!(key)), member(key, value)].concat());
            [head(7, map.len()), pairs.collect()].concat()
        }
        Value::Null | Value::Bool(_) => panic!("not needed"),
    }
}
