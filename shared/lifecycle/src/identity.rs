//! The two identifiers with a form that AWS fixes. A value of these types has been checked, so a malformed message cannot
//! make a batched call fail for its neighbours.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An EC2 instance id: `i-` and 8 or 17 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceId(String);

impl InstanceId {
    /// The id as AWS writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instance that an ARN names: `arn:aws:ec2:…:instance/i-…`.
    #[must_use]
    pub fn from_arn(arn: &str) -> Option<Self> {
        let (_, id) = arn.rsplit_once("instance/")?;
        Self::try_from(id.to_owned()).ok()
    }
}

impl TryFrom<String> for InstanceId {
    type Error = NotAnInstanceId;

    fn try_from(text: String) -> Result<Self, NotAnInstanceId> {
        let digits = text.strip_prefix("i-").unwrap_or_default();
        let well_formed = matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if well_formed { Ok(Self(text)) } else { Err(NotAnInstanceId(text)) }
    }
}

impl From<InstanceId> for String {
    fn from(id: InstanceId) -> Self {
        id.0
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not an EC2 instance id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an EC2 instance id (i- and 8 or 17 hexadecimal digits)")]
pub struct NotAnInstanceId(String);

/// The token of one lifecycle action: exactly 36 characters (aws-facts 2.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Token(String);

impl Token {
    /// The token, or nothing if the text cannot be one; the action is then named by its instance instead.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() == 36 && text.is_ascii()).then(|| Self(text.to_owned()))
    }

    /// The token as AWS wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_that_ec2_uses_is_an_instance_id() {
        for good in ["i-0a1b2c3d", "i-0a1b2c3d4e5f60718"] {
            assert!(InstanceId::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "i-", "i-0a1b2c3", "i-0a1b2c3d4e5f6071g", "mi-0a1b2c3d4e5f60718", "0a1b2c3d"] {
            assert!(InstanceId::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_arn_names_its_instance() {
        let id = InstanceId::from_arn("arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718");
        assert_eq!(id.unwrap().as_str(), "i-0a1b2c3d4e5f60718");
        assert_eq!(InstanceId::from_arn("arn:aws:codedeploy:eu-west-1:1:application:shop"), None);
    }

    #[test]
    fn a_token_has_36_characters() {
        assert!(Token::new("c3d1f0aa-17a4-4e6b-9c0e-6a4f8d2b7e90").is_some());
        assert!(Token::new("c3d1f0aa").is_none());
    }
}
