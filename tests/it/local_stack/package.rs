//! The template can be packaged for the Serverless Application Repository.

use std::fs;

use launchgate_tests::stack::{LocalStack, built, repository};
use serde_json::Value;

use super::fleet;

#[tokio::test]
async fn sam_package_uploads_the_functions_the_documents_the_licence_and_the_readme() {
    let fleet = fleet().await;
    let stack = LocalStack::start(&fleet.url).await.unwrap();
    let mut aws = stack.tool("aws");
    aws.args(["s3api", "create-bucket", "--bucket", "releases", "--endpoint-url", stack.endpoint()]);
    let bucket = aws.output().await.unwrap();
    assert!(bucket.status.success(), "{bucket:?}");
    let packaged = stack.folder().join("packaged.yaml");
    let mut sam = stack.tool("sam");
    sam.args(["package", "--no-progressbar", "--s3-bucket", "releases", "--template-file"]);
    sam.arg(built().join("template.yaml")).arg("--output-template-file").arg(&packaged);
    let said = sam.arg("--config-file").arg(repository().join("samconfig.toml")).output().await.unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let template: Value = serde_yaml_ng::from_str(&fs::read_to_string(packaged).unwrap()).unwrap();
    let application = &template["Metadata"]["AWS::ServerlessRepo::Application"];
    assert_eq!(application["SemanticVersion"], env!("CARGO_PKG_VERSION"));
    let resources = &template["Resources"];
    let mut uploads = vec![&application["LicenseUrl"], &application["ReadmeUrl"]];
    uploads
        .extend(["LaunchGate", "ValidateService", "TrafficHook"].map(|name| &resources[name]["Properties"]["CodeUri"]));
    let document = |name: &str| {
        let content = &resources[name]["Properties"]["Content"];
        content.pointer("/Fn::Transform/Parameters/Location").unwrap_or_else(|| panic!("{content}"))
    };
    uploads.extend(["ReadinessDocument", "InstallDocument"].map(document));
    for upload in uploads {
        assert!(upload.as_str().is_some_and(|upload| upload.contains("releases")), "{upload}");
    }
}
