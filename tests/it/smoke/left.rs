//! What is left of a run, as the stack and the fleet tell it.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use launchgate_tests::fleet::api;
use regex::Regex;
use serde_json::json;

use super::rehearsal::Rehearsal;

/// Lists of ministack: the service, the path, and the form of its query protocol.
const LISTS: [(&str, &str, &str); 6] = [
    ("cloudformation", "/", "Action=DescribeStacks&Version=2010-05-15"),
    ("iam", "/", "Action=ListRoles&Version=2010-05-08"),
    ("ec2", "/", "Action=DescribeLaunchTemplates&Version=2016-11-15"),
    ("elasticloadbalancing", "/", "Action=DescribeTargetGroups&Version=2015-12-01"),
    ("s3", "/", ""),
    ("lambda", "/2015-03-31/functions", ""),
];
/// Those of the JSON protocol.
const JSON_LISTS: [&str; 3] = ["AmazonSQS.ListQueues", "Logs_20140328.DescribeLogGroups", "AWSEvents.ListRules"];
const FLEET_LISTS: [(&str, &str); 3] =
    [("autoscaling", "DescribeAutoScalingGroups"), ("ssm", "ListDocuments"), ("codedeploy", "ListApplications")];

impl Rehearsal {
    /// The names of everything, of whatever service, that has to do with a run.
    pub(super) async fn left(&self) -> BTreeSet<String> {
        let mut told = String::new();
        for (service, path, form) in LISTS {
            told += &self.list(service, path, form).await;
        }
        for operation in JSON_LISTS {
            told += &self.stack.sqs(operation, &json!({})).await.unwrap().to_string();
        }
        for (service, operation) in FLEET_LISTS {
            let call = |fleet: &mut _| api::call(fleet, fleet.now(), service, operation, &json!({}));
            told += &self.fleet.with(call).outcome.unwrap().to_string();
        }
        let names = Regex::new(r"launchgate-smoke[\w-]*").unwrap();
        names.find_iter(&told).map(|name| name.as_str().to_owned()).collect()
    }

    async fn list(&self, service: &str, path: &str, form: &'static str) -> String {
        let url = format!("{}{path}", self.stack.endpoint());
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        let request = if form.is_empty() { Request::get(url) } else { Request::post(url) };
        let request = request
            .header("authorization", scope)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .unwrap();
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.unwrap();
        assert!(answer.status().is_success(), "{service}: {}", answer.status());
        String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}
