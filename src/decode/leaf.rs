//! Tolerant leaves: values whose type drifts between exports, read without failing the record.

use super::json::{FromJson, NotJson, Number, Reader};
use std::borrow::Cow;
use std::marker::PhantomData;

/// One scalar as it came; what is no scalar is [`Leaf::Wrong`].
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Leaf<'a> {
    /// Missing or `null`.
    #[default]
    Absent,
    /// A string, borrowed from the record unless it had escapes.
    Text(Cow<'a, str>),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// `true` or `false`.
    Truth(bool),
    /// A list or an object where a scalar belongs.
    Wrong,
}

impl Leaf<'_> {
    /// The value as text without outer spaces; blank text is absent.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(trimmed(text)).filter(|text| !text.is_empty()).map(Cow::Borrowed),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Real(number) => Some(Cow::Owned(number.to_string())),
            Self::Truth(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// The value as a whole number, also where it comes as text.
    pub(super) fn number<T: TryFrom<i64>>(&self) -> Option<T> {
        let number = match self {
            Self::Whole(number) => *number,
            Self::Text(text) => text.trim().parse().ok()?,
            Self::Real(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => *number as i64,
            Self::Real(_) | Self::Absent | Self::Truth(_) | Self::Wrong => return None,
        };
        T::try_from(number).ok()
    }

    /// The value as a truth, also where it comes as text or as 0 and 1.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            Self::Whole(0) => Some(false),
            Self::Whole(1) => Some(true),
            Self::Text(_) | Self::Whole(_) | Self::Real(_) | Self::Absent | Self::Wrong => None,
        }
    }

    /// Whether there is a value that is not blank.
    pub(super) fn is_present(&self) -> bool {
        match self {
            Self::Text(text) => !trimmed(text).is_empty(),
            Self::Absent => false,
            Self::Whole(_) | Self::Real(_) | Self::Truth(_) | Self::Wrong => true,
        }
    }
}

impl<'a> FromJson<'a> for Leaf<'a> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        Ok(match reader.peek()? {
            b'"' => Self::Text(reader.string()?),
            b'{' => localized(reader)?,
            b'[' => reader.skip().map(|()| Self::Wrong)?,
            b'n' => reader.null().map(|()| Self::Absent)?,
            b't' | b'f' => Self::Truth(reader.truth()?),
            _ => match reader.number()? {
                Number::Whole(number) => Self::Whole(number),
                Number::Real(number) => Self::Real(number),
            },
        })
    }
}

/// A word with its translation, as Azure's command line writes it; any other object is no scalar.
#[cold]
fn localized<'a>(reader: &mut Reader<'a>) -> Result<Leaf<'a>, NotJson> {
    let (mut word, mut is_localized) = (Leaf::Wrong, false);
    reader.object(|name, reader| {
        is_localized |= name.eq_ignore_ascii_case("localizedValue");
        if name.eq_ignore_ascii_case("value") && reader.peek()? == b'"' {
            word = Leaf::Text(reader.string()?);
            return Ok(());
        }
        reader.skip()
    })?;
    Ok(if is_localized { word } else { Leaf::Wrong })
}

/// An object whose members are taken one by one, whatever their case.
pub(super) trait Members<'a>: Default {
    /// Takes the value of the member `name`, or passes over it.
    fn take(&mut self, name: &str, reader: &mut Reader<'a>) -> Result<(), NotJson>;
}

/// An object that may be missing, of a wrong type, or JSON inside a string.
#[derive(Debug, Default)]
pub(super) enum Part<'a, T> {
    /// Missing, `null`, or of no use.
    #[default]
    Absent,
    /// The object.
    Is(T),
    /// A string in its place.
    Text(Cow<'a, str>),
}

impl<T> Part<'_, T> {
    /// The object, where there is one.
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Is(object) => Some(object),
            Self::Absent | Self::Text(_) => None,
        }
    }

    /// The string in its place, unless blank.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Absent | Self::Is(_) => None,
        }
    }

    /// Whether it came as JSON inside a string.
    pub(super) fn is_folded(&self) -> bool {
        matches!(self, Self::Text(text) if looks_like_json(text))
    }
}

impl<'a, T: Members<'a>> FromJson<'a> for Part<'a, T> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        match reader.peek()? {
            b'{' => {
                let mut part = T::default();
                reader.object(|name, reader| part.take(name, reader))?;
                Ok(Self::Is(part))
            }
            b'"' => reader.string().map(Self::Text),
            _ => reader.skip().map(|()| Self::Absent),
        }
    }
}

/// A list that may be missing, of a wrong type, or JSON inside a string.
#[derive(Debug)]
pub(super) struct List<'a, T> {
    items: Vec<T>,
    folded: bool,
    given: bool,
    borrowed: PhantomData<&'a ()>,
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self { items: Vec::new(), folded: false, given: false, borrowed: PhantomData }
    }
}

impl<T> List<'_, T> {
    /// The items; empty where there is no list.
    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// Whether there was a list at all, if only an empty one.
    pub(super) fn is_given(&self) -> bool {
        self.given
    }

    /// Whether it came as JSON inside a string.
    pub(super) fn is_folded(&self) -> bool {
        self.folded
    }
}

impl<'a, T> List<'a, Part<'a, T>> {
    /// The items that are objects.
    pub(super) fn objects(&self) -> impl Iterator<Item = &T> {
        self.places().flatten()
    }

    /// All elements: the objects, and nothing for what is none.
    pub(super) fn places(&self) -> impl Iterator<Item = Option<&T>> {
        self.items.iter().map(Part::get)
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for List<'a, T> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        match reader.peek()? {
            b'[' => {
                let mut items = Vec::new();
                reader.list(|reader| {
                    items.push(T::read(reader)?);
                    Ok(())
                })?;
                Ok(Self { items, folded: false, given: true, borrowed: PhantomData })
            }
            b'"' => Ok(Self { folded: looks_like_json(&reader.string()?), ..Self::default() }),
            _ => reader.skip().map(|()| Self::default()),
        }
    }
}

/// Declares a small object of the wire with its members, named as Entra writes them.
macro_rules! object {
    ($(#[$doc:meta])* $type:ident<$a:lifetime> { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $($name:literal)|+),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(in crate::decode) struct $type<$a> {
            $($(#[$field_doc])* pub(in crate::decode) $field: $kind,)+
        }

        impl<$a> $crate::decode::leaf::Members<$a> for $type<$a> {
            fn take(
                &mut self,
                name: &str,
                reader: &mut $crate::decode::json::Reader<$a>,
            ) -> Result<(), $crate::decode::json::NotJson> {
                $(if $(name.eq_ignore_ascii_case($name))||+ {
                    self.$field = $crate::decode::json::FromJson::read(reader)?;
                    return Ok(());
                })+
                reader.skip()
            }
        }
    };
}
pub(super) use object;

/// Text without outer white space, which it hardly ever has.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Whether text is an object or a list written out.
pub(super) fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
