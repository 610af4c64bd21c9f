//! What the records of all types of groups have in common: a key that names the group and perhaps a member, and whose version
//! says what the value is; a value of version 0, or none when the thing is gone.
//!
//! Owns: the keys, and `records_of!`, which makes the enum of a type's records with its encoding and decoding. Bad bytes are an
//! error, never a panic.

use bytes::Bytes;
use rdkafka_wire::Message;
use rdkafka_wire::types::StrBytes;

use super::records::{RecordError, known, read, split_version, versioned};

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-23", flexible = "none")]
struct GroupKey {
    #[field(versions = "0+")]
    group: StrBytes,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-23", flexible = "none")]
struct MemberKey {
    #[field(versions = "0+")]
    group: StrBytes,
    /// The member, or what else a group has several of.
    #[field(versions = "0+")]
    member: StrBytes,
}

/// Key and value of a record as they are stored.
pub(crate) fn encode<M: Message>(
    version: i16,
    group: &StrBytes,
    member: Option<&StrBytes>,
    value: Option<&M>,
) -> (Bytes, Option<Bytes>) {
    let group = group.clone();
    let key = match member.cloned() {
        Some(member) => versioned(&MemberKey { group, member }, version),
        None => versioned(&GroupKey { group }, version),
    };
    (key, value.map(|it| versioned(it, 0)))
}

/// The key of a record of a whole group.
pub(crate) fn group_of(key: Bytes, version: i16) -> Result<StrBytes, RecordError> {
    Ok(read::<GroupKey>(key, version)?.group)
}

/// The key of a record of a member.
pub(crate) fn member_of(key: Bytes, version: i16) -> Result<(StrBytes, StrBytes), RecordError> {
    let MemberKey { group, member } = read(key, version)?;
    Ok((group, member))
}

/// A value of version 0.
pub(crate) fn decoded<M: Message>(value: Option<Bytes>) -> Result<Option<M>, RecordError> {
    let value = value.map(|value| {
        let (version, value) = split_version(value)?;
        known(version, 0)?;
        read::<M>(value, version)
    });
    value.transpose()
}

/// The records of a type of group: variants of a whole group hold the value, those of a member its name and the value; each has
/// its key's version.
macro_rules! records_of {
    (
        $(#[$about:meta])*
        $Record:ident
        of a group { $($Group:ident = $group_version:literal: $GroupValue:ty;)* }
        of a member { $($Member:ident = $member_version:literal: $MemberValue:ty;)* }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum $Record {
            $($Group(Option<$GroupValue>),)*
            $($Member(rdkafka_wire::types::StrBytes, Option<$MemberValue>),)*
        }

        impl $Record {
            /// Whether it says that something is gone.
            pub(crate) const fn is_tombstone(&self) -> bool {
                match self {
                    $(Self::$Group(value) => value.is_none(),)*
                    $(Self::$Member(_, value) => value.is_none(),)*
                }
            }

            /// Key and value as they are stored.
            pub(crate) fn encode(
                &self,
                group: &rdkafka_wire::types::StrBytes,
            ) -> (bytes::Bytes, Option<bytes::Bytes>) {
                use crate::group::typed_records::encode;
                match self {
                    $(Self::$Group(value) => encode($group_version, group, None, value.as_ref()),)*
                    $(Self::$Member(member, value) => {
                        encode($member_version, group, Some(member), value.as_ref())
                    })*
                }
            }

            /// Reads a record whose key has this version.
            pub(crate) fn decode(
                version: i16,
                key: bytes::Bytes,
                value: Option<bytes::Bytes>,
            ) -> Result<(rdkafka_wire::types::StrBytes, Self), crate::group::records::RecordError> {
                use crate::group::typed_records::{decoded, group_of, member_of};
                match version {
                    $($group_version => Ok((group_of(key, version)?, Self::$Group(decoded(value)?))),)*
                    $($member_version => {
                        let (group, member) = member_of(key, version)?;
                        Ok((group, Self::$Member(member, decoded(value)?)))
                    })*
                    unknown => Err(crate::group::records::RecordError::UnknownVersion(unknown)),
                }
            }
        }
    };
}

pub(crate) use records_of;
