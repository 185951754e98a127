//! Whose logs a replay reads, where nobody has said: most exports name their tenant, inventories and code feeds don't.

use super::engine::decode_context;
use crate::config::Config;
use crate::decode::{Context, Decoded, Outcome, decode};
use crate::ingest::{IngestError, ValueReader, open};
use crate::pipeline::Prepared;
use picket_detectors::event::TenantId;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Values of one file that are looked at, files that are, and bytes of one file.
const VALUES: usize = 256;
const FILES: usize = 256;
const BYTES: usize = 16 << 20;

/// The one tenant that the beginnings of the logs name; `None` where they name none or several.
///
/// # Errors
/// When a file can't be read.
fn only_tenant(files: &[PathBuf], context: &Context) -> Result<Option<TenantId>, IngestError> {
    let mut named = BTreeSet::new();
    // What is read from a pipe is gone.
    for file in files.iter().filter(|file| file.is_file()).take(FILES) {
        name_tenants(file, context, &mut named)?;
        if named.len() > 1 {
            return Ok(None);
        }
    }
    Ok(named.pop_first())
}

/// Adds the tenants that the beginning of a file names.
fn name_tenants(path: &Path, context: &Context, named: &mut BTreeSet<TenantId>) -> Result<(), IngestError> {
    let opened = open(path, 0, &Arc::default())?;
    let mut reader = ValueReader::new(opened.bytes, 0, context.limits.value_bytes);
    for _ in 0..VALUES {
        let offset = reader.offset();
        let broken = |source| IngestError::Broken { path: path.to_owned(), offset, source };
        let Some(piece) = reader.next_piece().map_err(broken)? else { break };
        decode(&piece.bytes, context, &mut |Decoded { outcome, .. }| {
            if let Outcome::Events(events) = outcome {
                named
                    .extend(events.into_iter().map(|event| event.tenant).filter(|tenant| *tenant != TenantId::UNKNOWN));
            }
        });
        if named.len() > 1 || piece.offset as usize > BYTES {
            break;
        }
    }
    Ok(())
}

/// What is known of whose the logs are.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    /// Whether the operator has said it.
    is_said: bool,
    /// Whose records are taken to be that name no tenant.
    adopted: Option<TenantId>,
    named: BTreeSet<TenantId>,
    unnamed: u64,
}

impl Tenants {
    /// Tenants that are told apart: more than this say no more than two do.
    const TOLD_APART: usize = 16;

    /// Adopts the one tenant that the logs name, unless one is configured.
    ///
    /// # Errors
    /// When a file can't be read.
    pub(super) fn of(config: &Config, files: &[PathBuf]) -> Result<Self, IngestError> {
        if config.input.tenant != TenantId::UNKNOWN {
            return Ok(Self { is_said: true, ..Self::default() });
        }
        let adopted = only_tenant(files, &decode_context(config))?;
        if let Some(tenant) = &adopted {
            tracing::info!(%tenant, "records that name no tenant count for the one that the logs name");
        }
        Ok(Self { adopted, ..Self::default() })
    }

    /// The tenant taken from the logs.
    pub(super) fn adopted(&self) -> Option<&TenantId> {
        self.adopted.as_ref()
    }

    /// Takes note of a batch.
    pub(super) fn note(&mut self, batch: &Prepared) {
        for observation in batch.events.iter().flatten().filter_map(|event| event.observations.first()) {
            let tenant = &observation.event.tenant;
            if *tenant == TenantId::UNKNOWN {
                self.unnamed += 1;
            } else if self.named.len() < Self::TOLD_APART && !self.named.contains(tenant) {
                self.named.insert(tenant.clone());
            }
        }
    }

    /// Says what the operator should know at the end.
    pub(super) fn warn(&self) {
        if self.is_said || self.named.len() < 2 {
            return;
        }
        if let Some(tenant) = &self.adopted {
            tracing::warn!(
                %tenant,
                "the logs name several tenants, and records that name none count for the one that they begin with: say \
                 whose they are with --tenant"
            );
        } else if self.unnamed > 0 {
            tracing::warn!(
                records = self.unnamed,
                "the logs name several tenants, and some records name none, so that an inventory or a leak among them \
                 reaches nobody: say whose they are with --tenant"
            );
        }
    }
}
