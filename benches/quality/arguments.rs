//! The bench's command line.

use picket::simulate::CampaignKind;
use std::error::Error;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
cargo bench --bench quality --features kafka-tls,failpoints -- [OPTIONS]
  --seeds LIST        seeds, separated by commas; odd ones are for tuning, even ones are held out (default 1,3; 2,4 with --held-out)
  --principals N      (default 2000)
  --days N            (default 45)
  --campaigns LIST    kinds of campaigns (default: those for tuning; all with --held-out)
  --held-out          measure on what is kept aside; look, but do not tune on it
  --misses N          misses and causes of false rises to print (default 60)
  --threads N         (default 2)
  --docs DIR          write quality.md's table and the picture to a folder
Add `--profile dev` to cargo bench for a quick look without a release build.";

/// What to measure.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) seeds: Vec<u64>,
    pub(crate) principals: usize,
    pub(crate) days: u32,
    pub(crate) campaigns: Vec<CampaignKind>,
    pub(crate) held_out: bool,
    pub(crate) misses: usize,
    pub(crate) threads: usize,
    pub(crate) docs: Option<PathBuf>,
}

impl Arguments {
    /// Reads flags; `None` where help is asked for.
    pub(crate) fn parse(given: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut arguments = Self {
            seeds: Vec::new(),
            principals: 2_000,
            days: 45,
            campaigns: Vec::new(),
            held_out: false,
            misses: 60,
            threads: 2,
            docs: None,
        };
        let mut given = given;
        while let Some(flag) = given.next() {
            let mut value = || given.next().ok_or_else(|| format!("{flag} needs a value"));
            match flag.as_str() {
                "--bench" | "--test" => {}
                "--help" | "-h" => return Ok(None),
                "--held-out" => arguments.held_out = true,
                "--seeds" => arguments.seeds = list(&value()?, |seed| seed.parse().ok())?,
                "--campaigns" => arguments.campaigns = list(&value()?, kind)?,
                "--principals" => arguments.principals = value()?.parse()?,
                "--days" => arguments.days = value()?.parse()?,
                "--misses" => arguments.misses = value()?.parse()?,
                "--threads" => arguments.threads = value()?.parse()?,
                "--docs" => arguments.docs = Some(value()?.into()),
                _ => return Err(format!("unknown flag {flag}\n{USAGE}").into()),
            }
        }
        if arguments.seeds.is_empty() {
            arguments.seeds = if arguments.held_out { vec![2, 4] } else { vec![1, 3] };
        }
        if arguments.campaigns.is_empty() {
            let tuned = CampaignKind::THEFTS.into_iter().filter(|kind| arguments.held_out || !kind.is_held_out());
            arguments.campaigns = tuned.collect();
        }
        Ok(Some(arguments))
    }
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    text.split(',').map(|part| parse(part).ok_or_else(|| format!("{part} is not known"))).collect()
}

fn kind(name: &str) -> Option<CampaignKind> {
    CampaignKind::THEFTS.into_iter().find(|kind| kind.name() == name)
}
