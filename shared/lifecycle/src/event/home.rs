//! Where the function runs. An instance of another Region or account cannot be looked at from here.

use serde_json::Value;

/// The Region and the account of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Such as `eu-central-1`.
    pub region: String,
    /// Its 12 digits.
    pub account: String,
}

impl Home {
    /// Reads both from the ARN of a function.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:")?.split(':').skip(2).map(str::to_owned);
        let (region, account) = (parts.next()?, parts.next()?);
        (!region.is_empty() && !account.is_empty()).then_some(Self { region, account })
    }

    /// What is wrong with the origin of a message that is not from here. EventBridge writes `region` and `account`, a flat
    /// lifecycle message only `AccountId` (aws-facts 1.0, 2.4).
    pub(super) fn find_foreign(&self, message: &Value) -> Option<String> {
        let differs = |key: &str, own: &str| {
            let named = message.get(key).and_then(Value::as_str).filter(|named| !named.is_empty() && *named != own)?;
            Some(format!("an event of {key} {named}; this function runs in {own}"))
        };
        let account = || differs("account", &self.account).or_else(|| differs("AccountId", &self.account));
        differs("region", &self.region).or_else(account)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Home;

    fn home() -> Home {
        Home { region: "eu-central-1".into(), account: "210987654321".into() }
    }

    #[test]
    fn an_arn_names_region_and_account() {
        let arn = "arn:aws:lambda:eu-central-1:210987654321:function:launch-gate:live";
        assert_eq!(Home::of_arn(arn), Some(home()));
        assert_eq!(Home::of_arn("arn:aws-cn:lambda:cn-north-1:1:function:x").unwrap().region, "cn-north-1");
        for text in ["", "arn:aws:lambda", "arn:aws:s3:::bucket", "launch-gate"] {
            assert_eq!(Home::of_arn(text), None, "{text}");
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_foreign() {
        for message in [
            json!({"region": "us-east-2", "account": "210987654321"}),
            json!({"region": "eu-central-1", "account": "111122223333"}),
            json!({"AccountId": "111122223333"}),
        ] {
            assert!(home().find_foreign(&message).is_some(), "{message}");
        }
        for message in [
            json!({"region": "eu-central-1", "account": "210987654321"}),
            json!({"AccountId": "210987654321"}),
            json!({"region": "", "account": 7}),
            json!({}),
        ] {
            assert_eq!(home().find_foreign(&message), None, "{message}");
        }
    }
}
