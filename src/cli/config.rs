//! `picket config`

use super::args::{Common, ConfigCommand};
use super::{engine, print};
use crate::config::kafka::printable;
use crate::config::{Config, RawConfig};
use std::fmt::Write;
use std::process::ExitCode;

pub(super) fn config(common: &Common, command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    let text = match command {
        ConfigCommand::Schema => format!("{:#}\n", serde_json::to_value(schemars::schema_for!(RawConfig))?),
        ConfigCommand::Check => {
            warn_of_missing_files(&Config::check(&engine::layers(common)?)?);
            "the configuration is valid\n".to_owned()
        }
        ConfigCommand::Show { origin } => show(common, *origin)?,
    };
    print::out(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Files that are read while running may come later, so that one is not there is no error.
fn warn_of_missing_files(config: &Config) {
    let named = [
        ("rules.folders", &config.rules.folders[..]),
        ("rules.overrides", config.rules.overrides.as_slice()),
        ("intelligence.files", &config.indicator_files),
        ("geo.files", &config.geo_files),
    ];
    for (key, paths) in named {
        for path in paths.iter().filter(|path| !path.exists()) {
            print::warning(&format!("{key}: there is no {}", path.display()));
        }
    }
}

fn show(common: &Common, with_origin: bool) -> anyhow::Result<String> {
    let layers = engine::layers(common)?;
    Config::check(&layers)?;
    let mut text = String::new();
    let mut section = String::new();
    for (name, value, origin) in layers.values() {
        let (of, key) = name.split_once('.').unwrap_or(("", &name));
        if of != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            writeln!(text, "{gap}[{of}]")?;
            of.clone_into(&mut section);
        }
        write!(text, "{key} = {}", printable(&name, value))?;
        if with_origin {
            write!(text, "  # {origin}")?;
        }
        text.push('\n');
    }
    Ok(text)
}
