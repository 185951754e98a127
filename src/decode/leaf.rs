//! Tolerant leaves: values whose type drifts between exports, read without failing the record.

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
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
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
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
            Self::Text(text) => !text.trim().is_empty(),
            Self::Absent => false,
            Self::Whole(_) | Self::Real(_) | Self::Truth(_) | Self::Wrong => true,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Leaf<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LeafVisitor(PhantomData))
    }
}

struct LeafVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for LeafVisitor<'a> {
    type Value = Leaf<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Leaf::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Leaf::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Leaf::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Leaf::Real(number as f64), Leaf::Whole))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Leaf::Real(number))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Leaf::Truth(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Leaf::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        drain_list(list)?;
        Ok(Leaf::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        drain_object(object)?;
        Ok(Leaf::Wrong)
    }
}

/// A member's name, compared without regard to case by whoever takes it.
pub(super) struct Name<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for NameVisitor<'a> {
            type Value = Name<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor(PhantomData))
    }
}

/// An object whose members are taken one by one, whatever their case.
pub(super) trait Members<'de>: Default {
    /// Takes the value of the member `name`, or passes over it.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, object: &mut A) -> Result<(), A::Error>;
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

impl<'de: 'a, 'a, T: Members<'de>> Deserialize<'de> for Part<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor(PhantomData))
    }
}

struct PartVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Members<'de>> Visitor<'de> for PartVisitor<'a, T> {
    type Value = Part<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut part = T::default();
        while let Some(Name(name)) = object.next_key()? {
            part.take(&name, &mut object)?;
        }
        Ok(Part::Is(part))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Part::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Part::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Part::Absent)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Part::Absent)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Part::Absent)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Part::Absent)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Part::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        drain_list(list)?;
        Ok(Part::Absent)
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
        self.items.iter().filter_map(Part::get)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for List<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for ListVisitor<'a, T> {
    type Value = List<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(List { items, folded: false, given: true, borrowed: PhantomData })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(List { folded: looks_like_json(text), ..List::default() })
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        drain_object(object)?;
        Ok(List::default())
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

        impl<'de: $a, $a> $crate::decode::leaf::Members<'de> for $type<$a> {
            fn take<A: serde::de::MapAccess<'de>>(&mut self, name: &str, object: &mut A) -> Result<(), A::Error> {
                $(if $(name.eq_ignore_ascii_case($name))||+ {
                    self.$field = object.next_value()?;
                    return Ok(());
                })+
                object.next_value::<serde::de::IgnoredAny>().map(|_| ())
            }
        }
    };
}
pub(super) use object;

/// Whether text is an object or a list written out.
pub(super) fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn drain_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
