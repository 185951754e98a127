//! What has been learned of one principal.
use crate::event::EventTime;
use crate::state::{Section, SectionChange, StateError};
/// What has been learned of one principal.
#[derive(Debug, Default)]
pub struct Profile {
    applied: Option<(i32, i64)>,
    pub(crate) last: Option<EventTime>,
    changed: bool,
}
impl Profile {
    pub(crate) fn load<E: From<StateError>>(
        mut read: impl FnMut(Section) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        read(Section::Head)?;
        Ok(Self::default())
    }
    pub(crate) fn take_changes(&mut self) -> Vec<SectionChange> {
        if std::mem::take(&mut self.changed) { vec![(Section::Head, Some(vec![1; 64]))] } else { Vec::new() }
    }
    pub(crate) fn due(&self) -> Option<EventTime> {
        None
    }
    pub(crate) fn applied(&self) -> Option<(i32, i64)> {
        self.applied
    }
    pub(crate) fn set_applied(&mut self, partition: i32, offset: i64) {
        self.applied = Some((partition, offset));
        self.changed = true;
    }
    pub(crate) fn memory(&self) -> usize {
        500
    }
    pub(crate) fn touch(&mut self, time: EventTime) {
        self.last = Some(time);
        self.changed = true;
    }
}
