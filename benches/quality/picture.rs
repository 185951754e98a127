//! The curve as a picture.

use crate::measure::Measured;
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const BOTTOM: f64 = 360.0;
/// False rises per 1,000 principals and day, from a hundredth to a thousand.
const DECADES: (f64, f64) = (-2.0, 3.0);

/// Recall against false rises, as an SVG.
pub(crate) fn draw(all: &Measured) -> String {
    let mut text = String::new();
    // Writing into a string never fails.
    write_picture(&mut text, all).unwrap_or_default();
    text
}

fn across(rate: f64) -> f64 {
    let (low, high) = DECADES;
    LEFT + (rate.max(0.01).log10() - low) / (high - low) * (WIDTH - LEFT - 20.0)
}

fn up(recall: f64) -> f64 {
    BOTTOM - recall * (BOTTOM - 30.0)
}

fn write_picture(text: &mut String, all: &Measured) -> std::fmt::Result {
    writeln!(
        text,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" role="img" aria-label="Recall against false rises">"#
    )?;
    writeln!(text, r##"<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>"##)?;
    for decade in -2..=3 {
        let x = across(10_f64.powi(decade));
        writeln!(
            text,
            r##"<line x1="{x:.1}" y1="30" x2="{x:.1}" y2="{BOTTOM}" stroke="#dddddd"/><text x="{x:.1}" y="380" text-anchor="middle">{}</text>"##,
            10_f64.powi(decade)
        )?;
    }
    for tenth in (0..=10).step_by(2) {
        let y = up(f64::from(tenth) / 10.0);
        writeln!(
            text,
            r##"<line x1="{LEFT}" y1="{y:.1}" x2="700" y2="{y:.1}" stroke="#dddddd"/><text x="60" y="{:.1}" text-anchor="end">{} %</text>"##,
            y + 4.0,
            tenth * 10
        )?;
    }
    writeln!(
        text,
        r#"<text x="385" y="408" text-anchor="middle">false rises to medium per 1,000 principals and day</text>"#
    )?;
    writeln!(text, r#"<text x="70" y="18">campaigns found within 24 hours</text>"#)?;
    let days = all.picket.days.max(1.0);
    let picket: Vec<_> =
        all.curve.iter().map(|(found, rises)| (1_000.0 * f64::from(*rises) / days, found.value())).collect();
    line(text, "#1f4e9c", "Picket, score 20 to 90", 70.0, &picket)?;
    let sets: Vec<_> = all.membership.iter().map(|score| (score.rate(), score.found.value())).collect();
    line(text, "#b35900", "set membership, 1 to 5 new at once", 90.0, &sets)?;
    line(text, "#4d4d4d", "peers' rules", 110.0, &[(all.peers.rate(), all.peers.found.value())])?;
    writeln!(text, "</svg>")
}

fn line(text: &mut String, colour: &str, name: &str, y: f64, points: &[(f64, f64)]) -> std::fmt::Result {
    let list: Vec<String> =
        points.iter().map(|(rate, recall)| format!("{:.1},{:.1}", across(*rate), up(*recall))).collect();
    writeln!(text, r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#, list.join(" "))?;
    for (rate, recall) in points {
        writeln!(text, r#"<circle cx="{:.1}" cy="{:.1}" r="3.5" fill="{colour}"/>"#, across(*rate), up(*recall))?;
    }
    writeln!(text, r#"<text x="440" y="{:.1}" fill="{colour}">{name}</text>"#, y + 190.0)
}
