//! Directory entities.
use crate::engine::Verdict;
use crate::observation::Observation;
use crate::state::{Section, SectionChange, StateError};
/// What is known of an application, an application object or a secret's hint.
#[derive(Debug, Default)]
pub struct DirectoryEntity {
    applied: Option<(i32, i64)>,
}
impl DirectoryEntity {
    pub(crate) fn load<E: From<StateError>>(
        _read: impl FnMut(Section) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        Ok(Self::default())
    }
    pub(crate) fn take_changes(&mut self) -> Vec<SectionChange> {
        Vec::new()
    }
    pub(crate) fn applied(&self) -> Option<(i32, i64)> {
        self.applied
    }
    pub(crate) fn set_applied(&mut self, partition: i32, offset: i64) {
        self.applied = Some((partition, offset));
    }
    pub(crate) fn memory(&self) -> usize {
        100
    }
    pub(crate) fn fold(&mut self, _observation: &Observation) -> Verdict {
        Verdict::default()
    }
}
